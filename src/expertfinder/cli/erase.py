"""`erase`: forget a person for good, in the record, its files and the index. `scrub`: what a crash left of that."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from expertfinder.cli.app import HomeOption, JsonOption, app, bar, emit, existing, opened, out
from expertfinder.configuration.settings import settings
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.store import AuditEntry, Store

if TYPE_CHECKING:
    from expertfinder.ask.home import Home


@app.command("erase")
def erase(
    person: Annotated[str, typer.Argument(help="Id of the person, or of one of the person's records.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. There is no way back.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget a person for good: record, posts, acts, name and vectors, in the files of the record and of the index.

    Posts with other authors stay without the person. What a later import brings of the person is refused.
    """
    place = existing(home)
    records, day = _records(home, person)
    if not yes:
        typer.confirm(f"Forget {person} ({', '.join(records)}) for good?", abort=True)
    began = time.monotonic()
    store = place.open_store()
    try:
        for record in records:
            store.erase(record)
        store.write_audit(AuditEntry(at=datetime.now(UTC), actor="prompt", event="erase", subject=records[0]))
        _leave_nothing(place, store, day)
    finally:
        store.close()
    seconds = round(time.monotonic() - began, 1)
    if as_json:
        emit({"erased": records, "seconds": seconds})
        return
    out.print(f"forgotten: {', '.join(records)}; the files of the record and the index are made anew ({seconds} s)")
    out.print("backups and exports made before still hold the person: see PRIVACY.md")


@app.command("scrub")
def scrub(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Finish an erasure that was cut short: leave no byte of who was erased in the files of the record."""
    store = existing(home).open_store()
    try:
        done = store.scrub()
    finally:
        store.close()
    if as_json:
        emit({"scrubbed": done})
        return
    out.print("the files are rewritten without what was erased" if done else "nothing was left to scrub")


def _records(home: HomeOption, person: str) -> tuple[list[str], date | None]:
    """All records of the human, and the day that the index is made for, if one was given."""
    from expertfinder.index.snapshot import day_of

    with opened(home) as finder:
        if not finder.ready:
            raise InvalidQuestion("there is no index yet: run `expertfinder index`, so that all records are known")
        snapshot = finder.snapshot
        row = snapshot.person_rows.get(person)
        if row is None:
            raise NotFound(f"there is no person {person}")
        manifest = snapshot.manifest
        records = sorted(record for record, of in snapshot.person_rows.items() if of == row)
        return records, day_of(manifest.as_of).date() if manifest.pinned else None


def _leave_nothing(place: Home, store: Store, day: date | None) -> None:
    """Rewrite the record's files, and put an index without the person in the place of all there are."""
    from expertfinder.index.encoders.encoder import encoder

    with bar() as advance:
        place.forget(store, encode=encoder(settings().encoder), as_of=day, progress=advance)
