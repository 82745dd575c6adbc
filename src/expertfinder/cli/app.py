"""What every command shares: the home, the output, the progress bar."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from expertfinder.configuration.settings import settings
from expertfinder.errors import NotReady

if TYPE_CHECKING:
    from datetime import date

    from expertfinder.ask.finder import ExpertFinder
    from expertfinder.ask.home import Home
    from expertfinder.ask.network import Networking
    from expertfinder.index.network.ties import Ties
    from expertfinder.store import Store

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
WIDE = 200
"""Width in columns where the output is no terminal: a line that is piped to a program must not be broken at 80."""
out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else WIDE)


def home_of(folder: Path | None) -> Home:
    """The home that a command works on: `folder`, or that of the settings where it is `None`. It need not exist."""
    from expertfinder.ask.home import Home

    chosen = settings()
    return Home((folder or chosen.home).expanduser(), chosen.record, chosen.engine)


def existing(folder: Path | None) -> Home:
    """The home that a command reads. Raises `NotReady` where there is none, so that a misspelt folder is not made."""
    home = home_of(folder)
    if not home.has_record:
        raise NotReady(
            f"nothing was imported into {home.folder}; run `expertfinder demo` or `expertfinder ingest`, "
            "or name another folder with --home"
        )
    return home


def again(command: str, home: Path | None) -> str:
    """A command to type next, for the same home."""
    return f"expertfinder {command}" + (f" --home {shlex.quote(str(home))}" if home is not None else "")


@contextmanager
def opened(folder: Path | None, *, make: bool = False) -> Iterator[ExpertFinder]:
    """The finder of a home, closed at the end. `make`: make the home where there is none; otherwise `NotReady`."""
    from expertfinder.ask.finder import ExpertFinder

    home = home_of(folder) if make else existing(folder)
    finder = ExpertFinder.open(home, encoder_name=settings().encoder)
    try:
        yield finder
    finally:
        finder.close()


def day_given(home: Path | None) -> date | None:
    """The day that the index of a home is made for, if one was given."""
    from expertfinder.index.snapshot import day_of

    with opened(home) as finder:
        pinned = finder.ready and finder.snapshot.manifest.pinned
        return day_of(finder.snapshot.manifest.as_of).date() if pinned else None


def networking(finder: ExpertFinder) -> Networking:
    """The questions about the network."""
    from expertfinder.ask.network import Networking

    return Networking(finder)


def emit(answer: Any) -> None:
    """Write an answer to stdout as one JSON document. Sets become sorted lists."""
    import orjson

    sys.stdout.buffer.write(
        orjson.dumps(answer, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    )


def _plain(value: Any) -> Any:
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "model_dump"):  # a pydantic model; pydantic itself is loaded by the command that makes one
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value)} has no JSON form")


@contextmanager
def bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar on stderr, with the time left.

    Yields a function of the name of a step, how much of it is done, and how much there is (`None`: not known).
    """
    from rich import progress as parts

    words, left = parts.TextColumn("{task.description}"), parts.TimeRemainingColumn(elapsed_when_finished=True)
    columns = (words, parts.BarColumn(bar_width=30), parts.MofNCompleteColumn(), parts.TimeElapsedColumn(), left)
    with parts.Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        tasks: dict[str, Any] = {}

        def advance(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield advance


def build_index(home: Home, store: Store, *, as_of: Any = None, fold: bool = False) -> Ties:
    """Index the record of a home and publish the index, with a progress bar. Returns the ties of the new index.

    `as_of`: the day that ages are counted to (`None`: today). `fold`: only what is new is taken in.
    """
    from expertfinder.index.encoders.encoder import encoder

    with bar() as advance:
        return (home.fold_index if fold else home.build_index)(
            store, encode=encoder(settings().encoder), as_of=as_of, keep=settings().keep_snapshots, progress=advance
        )
