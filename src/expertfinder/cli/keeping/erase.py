"""`erase`: forget a person for good, in the record, its files and the index. `scrub`: finish what a crash cut short."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from expertfinder.cli.app import again, app, bar, day_given, emit, existing, out
from expertfinder.cli.options import HomeOption, JsonOption
from expertfinder.configuration.settings import settings
from expertfinder.store import AuditEntry, Store

if TYPE_CHECKING:
    from expertfinder.ask.home import Home
    from expertfinder.identity import Belongings


@app.command("erase")
def erase(
    person: Annotated[str, typer.Argument(help="Id of the person, or of one of the person's records.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. There is no way back.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget a person for good: record, posts, acts, name and vectors, in the files of the record and of the index.

    Posts with other authors stay without the person. What a later import brings of the person is refused, from any
    source that gives one of their account keys. Records that only say that they are the person's are named and stay.
    """
    place = existing(home)
    theirs, day = _belongings(place, person), day_given(home)
    records = list(theirs.records)
    if not yes:
        for record in theirs.doubtful:
            out.print(f"stays, unless you erase it too: {record}", markup=False)
        typer.confirm(f"Forget {person} ({', '.join(records)}) for good?", abort=True)
    from expertfinder.ask.oneself.badges import revoke_of

    began = time.monotonic()
    store = place.open_store()
    try:
        revoke_of(store, records, datetime.now(UTC))
        for record in records:
            store.erase(record, keys=theirs.keys)
        store.write_audit(AuditEntry(at=datetime.now(UTC), actor="prompt", event="erase", subject=records[0]))
        _leave_nothing(place, store, day)
    finally:
        store.close()
    seconds = round(time.monotonic() - began, 1)
    if as_json:
        emit({"erased": records, "look_at": theirs.doubtful, "seconds": seconds})
        return
    out.print(f"forgotten: {', '.join(records)}; the files of the record and the index are made anew ({seconds} s)")
    for record in theirs.doubtful:
        out.print(f"look at {record}: it may be theirs, and was left; {again(f'erase {record}', home)}", markup=False)
    out.print("backups and exports made before still hold the person: see PRIVACY.md")


@app.command("scrub")
def scrub(
    index: Annotated[bool, typer.Option("--index", help="Make the index anew, too, and remove all others.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Finish an erasure that was cut short: leave no byte of who was erased in the files of the record."""
    place, day = existing(home), day_given(home) if index else None
    store = place.open_store()
    try:
        if index:
            _leave_nothing(place, store, day)
        done = store.scrub() or index
    finally:
        store.close()
    if as_json:
        emit({"scrubbed": done})
        return
    out.print("the files are rewritten without what was erased" if done else "nothing was left to scrub")


def _belongings(place: Home, person: str) -> Belongings:
    from expertfinder.ask.oneself.erasing import belongings_of

    store = place.open_store()
    try:
        return belongings_of(store, person)
    finally:
        store.close()


def _leave_nothing(place: Home, store: Store, day: date | None) -> None:
    """Rewrite the record's files, and replace all indexes by one without the person."""
    from expertfinder.index.encoders.encoder import encoder

    with bar() as advance:
        place.forget(store, encode=encoder(settings().encoder), as_of=day, progress=advance)
