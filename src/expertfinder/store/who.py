"""Who is who in a record: its people, its sources and what people decided, read together."""

from __future__ import annotations

from expertfinder.identity import Humans, humans
from expertfinder.model import Person
from expertfinder.store.protocol import Store
from expertfinder.store.statements import Verdict
from expertfinder.store.statements.wishes import WISHES


def who_is_who(store: Store) -> tuple[list[Person], Humans]:
    """All records of people, ordered by id, and who is who among them."""
    records = list(store.all("person"))
    sources = list(store.all("source"))
    decisions = [verdict.decision for verdict in store.statements(Verdict)]
    wishing = {said.person for kind in WISHES for said in store.statements(kind)}
    who = humans(records, sources, decisions=decisions, hides=store.hides())
    # Who typed somebody's address into a record wishes nothing for them: such a record is joined with nobody.
    alone = {
        record
        for record in wishing & who.rights.keys()
        if who.rights[record].own != who.rights[who.identity[record]].own
    }
    if alone:
        who = humans(records, sources, decisions=decisions, hides=store.hides(), alone=alone)
    return records, who
