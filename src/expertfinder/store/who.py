"""Who is who in a record: its people, its sources and what people decided, read together."""

from __future__ import annotations

from expertfinder.identity import Humans, humans
from expertfinder.model import Person
from expertfinder.store.protocol import Store
from expertfinder.store.statements import Verdict


def who_is_who(store: Store) -> tuple[list[Person], Humans]:
    """All records of people, ordered by id, and who is who among them."""
    records = list(store.all("person"))
    decisions = [verdict.decision for verdict in store.statements(Verdict)]
    return records, humans(records, store.all("source"), decisions=decisions, hides=store.hides())
