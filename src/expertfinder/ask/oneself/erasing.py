"""Forgetting a person in a running service: gone from the next answer on; the files follow (`Home.forget`)."""

from __future__ import annotations

from datetime import datetime

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.oneself.badges import revoke_of
from expertfinder.errors import NotFound
from expertfinder.identity import Belongings
from expertfinder.store import AuditEntry, Store, who_is_who


def belongings_of(store: Store, person: str) -> Belongings:
    """All records that are proven to be the human's, and the account keys that are nobody else's. `NotFound`."""
    records, who = who_is_who(store)
    if person not in who.identity:
        raise NotFound(f"there is no person {person}")
    return who.belongings(records, person)


def erase_person(finder: ExpertFinder, person: str, at: datetime) -> Belongings:
    """Erase what is a person's, and take it out of what answers. No byte is left after `Home.forget`. `NotFound`."""
    theirs = belongings_of(finder.store, person)
    revoke_of(finder.store, theirs.records, at)
    for record in theirs.records:
        finder.store.erase(record, keys=theirs.keys)
    finder.store.write_audit(AuditEntry(at=at, actor=theirs.records[0], event="erase", subject=theirs.records[0]))
    finder.refresh()
    return theirs
