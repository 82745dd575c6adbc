"""Who is who in a record: its people, its sources and what people decided, read together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from expertfinder.identity import Decision, Humans, humans
from expertfinder.model import Person, Source
from expertfinder.store.protocol import Store
from expertfinder.store.statements import Verdict
from expertfinder.store.statements.wishes import WISHES


@dataclass(frozen=True, slots=True)
class Deciding:
    """What decides, beside the records of people, who is who."""

    sources: list[Source]
    decisions: list[Decision]
    wishing: frozenset[str]
    """Records by which somebody wishes something."""
    hides: frozenset[str]

    @classmethod
    def of(cls, store: Store) -> Deciding:
        """What is in a store now."""
        return cls(
            list(store.all("source")),
            [verdict.decision for verdict in store.statements(Verdict)],
            frozenset(said.person for kind in WISHES for said in store.statements(kind)),
            store.hides(),
        )

    def humans(self, records: Collection[Person]) -> Humans:
        """Who is who among `records`: all of them, or some that no key and no decision ties to a record outside."""
        who = humans(records, self.sources, decisions=self.decisions, hides=self.hides)
        # A record into which a stranger typed somebody's address must not wish for them: it is joined with nobody.
        alone = {
            record
            for record in self.wishing & who.rights.keys()
            if who.rights[record].own != who.rights[who.identity[record]].own
        }
        if alone:
            who = humans(records, self.sources, decisions=self.decisions, hides=self.hides, alone=alone)
        return who


def who_is_who(store: Store) -> tuple[list[Person], Humans]:
    """All records of people, ordered by id, and who is who among them."""
    records = list(store.all("person"))
    return records, Deciding.of(store).humans(records)
