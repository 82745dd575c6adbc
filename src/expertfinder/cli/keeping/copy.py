"""`copy`: an organisation from one home of its facts to another."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from expertfinder.cli.app import app, bar, emit, out
from expertfinder.cli.options import JsonOption
from expertfinder.errors import NotReady, StoreUnavailable
from expertfinder.store import Store, open_store

_PLACE = "Folder of a home, file of a record, or address of a Neo4j server."


@app.command("copy")
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help=_PLACE)],
    target: Annotated[str, typer.Argument(metavar="TO", help=f"{_PLACE} It has to be empty.")],
    as_json: JsonOption = False,
) -> None:
    """Copy everything from one home of the facts to another (a file, a Neo4j server), and compare both.

    Where it breaks off, the target is refused by every other command until the same copy has gone on to its end.
    """
    from expertfinder.store.copying import copy_store

    began = time.monotonic()
    here = _open(source, make=False)
    try:
        there = _open(target, make=True)
        try:
            with bar() as advance:
                copied = copy_store(here, there, origin=_shown(source), progress=advance)
        finally:
            there.close()
    finally:
        here.close()
    seconds = round(time.monotonic() - began, 2)
    if as_json:
        emit({"facts": copied.facts, "beside": copied.beside, "digest": copied.digest, "seconds": seconds})
        return
    for name, number in (*copied.facts.items(), *copied.beside.items()):
        out.print(f"{name:<12} {number:>9,}", markup=False)
    out.print(f"both hold the same ({copied.digest[:16]}), done in {seconds:.1f} s")
    out.print("next: name the new place in EXPERTFINDER_RECORD or --home, and run `expertfinder index` there")


def _open(place: str, *, make: bool) -> Store:
    from expertfinder.ask.home import Home

    if "://" in place:
        return open_store(place, read_only=not make, copying=make)
    path = Path(place).expanduser()
    is_file = path.is_file() or (not path.exists() and path.suffix in (".sqlite", ".db"))
    home = Home(path.parent, str(path)) if is_file else Home(path)
    if make and home.record is not None:
        path = home.record.parent
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"the folder {path} cannot be made: {error.strerror}") from error
        return open_store(home.record, copying=True)
    if home.record is None or not home.record.exists():
        raise NotReady(f"there is no record at {path}: name the folder of a home, a file or an address")
    return open_store(home.record, read_only=True)


def _shown(place: str) -> str:
    """The place without a password."""
    scheme, mark, rest = place.rpartition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}" if mark else str(Path(place).expanduser().absolute())
