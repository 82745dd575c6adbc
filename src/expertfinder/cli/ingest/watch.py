"""`watch FOLDER`: files that appear are imported once they are whole, and are moved away; what cannot be read stays."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from expertfinder.cli.app import app, build_index, emit, home_of, out
from expertfinder.cli.ingest.options import Importing, SkipOption
from expertfinder.cli.ingest.report import summary, tell
from expertfinder.cli.ingest.running import Said, name_of, source_of
from expertfinder.cli.options import grouped
from expertfinder.errors import Conflict, ExpertFinderError, InvalidQuestion

if TYPE_CHECKING:
    from expertfinder.ask.home import Home
    from expertfinder.sources import Reader
    from expertfinder.store import Store

IMPORTED: Final = "imported"
"""Name of the folder, inside the watched one, to which imported files are moved."""
WHY: Final = ".error.txt"
"""Ending of the file that says why another could not be imported: for `a.zip` the file is `a.zip.error.txt`."""
UNFINISHED: Final = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".swp", "~")
"""Endings of files that a program is still writing."""
SECONDS: Final = 5.0
"""Seconds between two looks unless `--every` says otherwise. A file that did not change in between counts as whole."""

Mark = tuple[int, int, int]
"""What tells that an export changed: how many files, bytes in all, and the newest time of change in nanoseconds."""


@dataclass(slots=True)
class Inbox:
    """A folder into which exports are put: each entry, a file or a folder, is an export of its own."""

    folder: Path
    _before: dict[str, Mark] = field(default_factory=dict)
    _failed: dict[str, Mark] = field(default_factory=dict)

    def whole(self) -> list[Path]:
        """Exports that did not change since the last look and were not yet tried in this state, the oldest first."""
        now = {path.name: mark for path in self._entries() if (mark := mark_of(path)) is not None}
        ready = [name for name, mark in now.items() if self._before.get(name) == mark and not self._tried(name, mark)]
        self._before = now
        return [self.folder / name for name in sorted(ready, key=lambda name: (now[name][2], name))]

    def done(self, path: Path) -> Path:
        """Move an export into the folder `imported`. Returns its new path."""
        into = self.folder / IMPORTED
        into.mkdir(exist_ok=True)
        target, number = into / path.name, 1
        while target.exists():
            number += 1
            target = into / f"{path.stem}-{number}{path.suffix}"
        path.rename(target)
        self._told(path).unlink(missing_ok=True)
        return target

    def failed(self, path: Path, why: str) -> None:
        """Leave an export where it is, and say why beside it. It is tried again when it changes."""
        mark = mark_of(path)
        if mark is not None:
            self._failed[path.name] = mark
            self._told(path).write_text(f"{why}\n\nIt is tried again when it changes. {_written(mark)}\n", "utf-8")

    def _tried(self, name: str, mark: Mark) -> bool:
        if self._failed.get(name) == mark:
            return True
        told = self._told(self.folder / name)
        return told.is_file() and told.read_text("utf-8", "replace").rstrip().endswith(_written(mark))

    def _told(self, path: Path) -> Path:
        return path.with_name(f"{path.name}{WHY}")

    def _entries(self) -> Iterator[Path]:
        for path in sorted(self.folder.iterdir()):
            ours = path.name == IMPORTED or path.name.endswith(WHY) or path.name.startswith(".")
            if not (ours or path.name.lower().endswith(UNFINISHED) or path.is_symlink()):
                yield path


def mark_of(path: Path) -> Mark | None:
    """The mark of a file or a folder; `None` for what is empty, is neither, or has gone."""
    try:
        files = [path] if path.is_file() else [each for each in path.rglob("*") if not each.is_dir()]
        told = [each.lstat() for each in files]
        if any(not stat.S_ISREG(each.st_mode) for each in told) and path.is_file():
            return None
    except OSError:
        return None
    size = sum(each.st_size for each in told)
    return (len(told), size, max(each.st_mtime_ns for each in told)) if size else None


def _written(mark: Mark) -> str:
    return "({} files, {} bytes, changed {})".format(*mark)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder for this process. Raises `Conflict` where another one watches it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict(f"another process watches {folder}: each folder has one") from None
        yield
    finally:
        os.close(handle)


@contextmanager
def _until_told() -> Iterator[threading.Event]:
    """An event that is set by SIGTERM and SIGINT. An import that runs at that moment is finished."""
    over = threading.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    before = {each: signal.signal(each, lambda *_: over.set()) for each in signals}
    try:
        yield over
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _reader(name: str, path: Path, options: dict[str, str], *, importing: Importing, skip: int) -> Reader:
    """The reader of an export by the name of its format: native, csv, or one that is found by name."""
    from expertfinder.sources import CsvReader, NativeReader
    from expertfinder.sources.formats import format_named, opened
    from expertfinder.sources.mapping import read_mapping

    source = importing.source or ""
    said = Said(importing.home, importing.audience, importing.proves)
    if name == "native":
        return NativeReader(path, source=source_of(source, said), skip=skip)
    if name == "csv":
        if set(options) != {"mapping"}:
            raise InvalidQuestion("a table needs --option mapping=FILE, or the name of a ready mapping")
        mapping = read_mapping(Path(options["mapping"]))
        return CsvReader(path, source=source_of(source, said), mapping=mapping, skip=skip)
    found = format_named(name)
    said = Said(importing.home, importing.audience, importing.proves or ",".join(found.proves) or None)
    return opened(found, path, source_of(source, said), options, skip=skip)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """An inbox, and how each export in it is imported."""

    inbox: Inbox
    name: str
    options: dict[str, str]
    skip: int
    importing: Importing

    def look(self, over: threading.Event) -> tuple[int, int]:
        """Import what is whole now, and index once. Returns how many exports were imported and how many failed."""
        ready = self.inbox.whole()
        if not ready:
            return 0, 0
        place = home_of(self.importing.home)
        store = place.open_store()
        imported = failed = 0
        try:
            for path in ready:
                if over.is_set():
                    break
                good = self._take(store, path)
                imported, failed = imported + good, failed + (not good)
            if imported and not (self.importing.no_index or self.importing.dry_run):
                self._index(place, store)
        finally:
            store.close()
        return imported, failed

    def _take(self, store: Store, path: Path) -> bool:
        from expertfinder.ingest import ingest

        try:
            reader = _reader(self.name, path, self.options, importing=self.importing, skip=self.skip)
            report = ingest(store, reader, how=self.importing.how)
            lies = path if self.importing.dry_run else self.inbox.done(path)
        except ExpertFinderError as error:
            why = f"{error.title.lower()}: {error}"
        except OSError as error:
            why = f"the file cannot be moved or read: {error.strerror or error}"
        else:
            if self.importing.as_json:
                emit({"file": path.name, "moved_to": str(lies), **summary(report)})
            else:
                out.print(f"{path.name}: imported into {report.source.id!r}, now {lies}", markup=False, soft_wrap=True)
                tell(report, seconds=report.seconds)
            return True
        self.inbox.failed(path, why)
        if self.importing.as_json:
            emit({"file": path.name, "error": why})
        else:
            out.print(f"{path.name}: left where it is, because of {why}", markup=False, soft_wrap=True)
        return False

    def _index(self, place: Home, store: Store) -> None:
        build_index(place, store)
        if not self.importing.as_json:
            out.print("the index was built anew")


@app.command("watch")
@grouped
def watch(
    *,
    folder: Annotated[Path, typer.Argument(help="Folder into which exports are put, each a file or a folder.")],
    name: Annotated[str, typer.Option("--format", help="What they are: native, csv, or a name of `ingest formats`.")],
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="NAME=VALUE", help="An option of the format; again for more."),
    ] = None,
    every: Annotated[
        float, typer.Option("--every", min=0.05, metavar="SECONDS", help="Between two looks at the folder.")
    ] = SECONDS,
    once: Annotated[bool, typer.Option("--once", help="Import what is there and whole, and stop.")] = False,
    skip: SkipOption = 0,
    importing: Importing,
) -> None:
    """Import files that appear in a folder, once they are whole. Imported ones are moved into its folder `imported`.

    What cannot be read stays, with a file beside it that says why, and is tried again when it changes.
    """
    from dataclasses import replace

    if not folder.is_dir():
        raise InvalidQuestion(f"there is no folder {folder}")
    options = dict(word.partition("=")[::2] for word in option or ())
    known = replace(importing, source=importing.source or name_of(folder))
    _reader(name, folder, options, importing=known, skip=0)  # a wrong name or option is told at once
    work = _Watch(inbox=Inbox(folder), name=name, options=options, skip=skip, importing=known)
    with _alone(folder), _until_told() as over:
        if not importing.as_json:
            out.print(f"watching {folder} for {name}; Ctrl-C ends it", markup=False, soft_wrap=True)
        imported = failed = 0
        looks = 0
        while not over.is_set():
            good, bad = work.look(over)
            imported, failed, looks = imported + good, failed + bad, looks + 1
            if once and looks > 1:
                break
            over.wait(every)
        if not importing.as_json:
            out.print(f"stopped: {imported:,} imported, {failed:,} left where they are")
    if once and failed:
        raise typer.Exit(1)
