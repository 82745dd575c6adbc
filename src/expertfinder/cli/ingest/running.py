"""An import from its source to its report: register, read, write, index, tell."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from expertfinder.cli.app import again, bar, build_index, emit, home_of, out
from expertfinder.cli.index import communities_in_words, reading_in_words, told_of
from expertfinder.cli.ingest.report import summary, tell
from expertfinder.errors import Conflict, SourceError
from expertfinder.identity import kind_named
from expertfinder.model import Source

if TYPE_CHECKING:
    from expertfinder.ingest import How, Report
    from expertfinder.sources import Reader
    from expertfinder.store import Store


@dataclass(frozen=True, slots=True)
class Said:
    """What the command line says: the home, the audience of the source, and the kinds of keys that it proves."""

    home: Path | None
    audience: str | None
    proves: str | None


def _audience(value: str | None) -> str | list[str] | None:
    return value if value in (None, "organisation", "private") else [part.strip() for part in str(value).split(",")]


def source_of(name: str, said: Said, *, otherwise: str | None = None) -> Source:
    """The source to register. Its audience is the one that was said, else the registered one, else `otherwise`."""
    from expertfinder.sources import declared

    kinds = [part.strip() for part in (said.proves or "").split(",")]
    source = declared(name, audience=_audience(said.audience or otherwise))
    if said.audience is None and (known := _registered(said.home, name)) is not None:
        source = replace(source, audience=known.audience)
    return replace(source, proves=tuple(sorted({kind_named(k) for k in kinds if k})))


def _registered(home: Path | None, name: str) -> Source | None:
    """The source as the record has it, `None` where there is none yet."""
    place = home_of(home)
    if not place.has_record:
        return None
    store = place.open_store()
    try:
        return next(iter(store.get("source", [name])), None)
    finally:
        store.close()


def name_of(path: Path) -> str:
    """A name for the source of a path: the last part of the path in small letters, with `-` for other signs."""
    plain = "".join(c if c.isalnum() or c in "._-" else "-" for c in path.resolve().name.lower()).strip("._-")
    return plain or "source"


def run(reader: Reader, home: Path | None, how: How, *, index: bool, as_json: bool) -> None:
    """Import what a reader gives into a home, index it where `index` is set, and print the report."""
    from expertfinder.index.published import reading_of

    began = time.monotonic()
    place = home_of(home)
    # A dry run makes no home where there is none.
    aside = TemporaryDirectory() if how.dry_run and not place.has_record else None
    store = (replace(place, folder=Path(aside.name)) if aside is not None else place).open_store()
    try:
        report = _import(store, reader, how)
        found = told_of(build_index(place, store)) if index and not how.dry_run else None
    finally:
        store.close()
        if aside is not None:
            aside.cleanup()
    seconds = time.monotonic() - began
    read = reading_of(place.index) if found is not None else {}
    if as_json:
        made = {"indexed": found is not None, "communities": found, "reading": read}
        emit({**summary(report), **made, "seconds": round(seconds, 2), "home": str(place.folder)})
        return
    tell(report, seconds=seconds)
    if how.dry_run:
        out.print("this was a dry run: nothing was changed")
        return
    for line in reading_in_words(read):
        out.print(line, markup=False, soft_wrap=True)
    if found is not None:
        out.print(communities_in_words(found))
    out.print("next: " + again('find "what you need somebody for"' if index else "index", home), markup=False)


@contextmanager
def _told_how_to_go_on(reader: Reader) -> Iterator[None]:
    """Where a record cannot be read that may be left out, the error also says that --skip-unreadable does that."""
    try:
        yield
    except SourceError as error:
        if reader.counts.refused:
            detail = f"{error.detail}; nothing was written (--skip-unreadable N leaves out up to N such records)"
            raise SourceError(detail, **error.extras) from None
        raise


def _import(store: Store, reader: Reader, how: How) -> Report:
    """Import; where a complete import would withdraw much, whoever sits at a terminal is asked."""
    from expertfinder.ingest import ingest

    def once(wished: How) -> Report:
        with bar() as advance, _told_how_to_go_on(reader):
            return ingest(store, reader, progress=lambda done, total: advance("reading", done, total), how=wished)

    try:
        return once(how)
    except Conflict as conflict:
        if "withdrawn" not in conflict.extras or not sys.stdin.isatty():
            raise
        much = f"{conflict.extras['withdrawn']:,} of its {conflict.extras['of']:,} facts are no longer in the source"
        typer.confirm(f"{much}. Withdraw them?", abort=True)
        return once(replace(how, many=True))
