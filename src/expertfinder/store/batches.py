"""Prepares a batch of facts before a home writes it, and makes the receipt afterwards.

A prepared batch has each fact once, without forgotten people, encoded, and ordered by id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple, cast

from expertfinder.model import Fact, Person
from expertfinder.store.codec import TYPES, encode, kind_of
from expertfinder.store.forgetting import Graves, without
from expertfinder.store.protocol import Kept, Kind, Outcome, Receipt

Batch = dict[Kind, dict[str, Fact]]
"""The facts by kind and id."""


Rows = dict[Kind, list[tuple[Kept, Fact]]]
"""What is to be written, ordered by id within each kind."""


def distinct(facts: Iterable[Fact]) -> Batch:
    """Every kind (in the order in which they are written) with its facts. Of two with one id the last one counts."""
    batch: Batch = {kind: {} for kind in TYPES}
    for fact in facts:
        batch[kind_of(fact)][fact.id] = fact
    return batch


class Ready(NamedTuple):
    """A batch that is ready to be written."""

    rows: Rows
    """Without the facts of people who were erased."""
    buried: tuple[str, ...]
    """Ids of new records of erased people. Each gets a tombstone: what the record does later is refused, too."""


def suspects(batch: Batch, graves: Graves) -> list[str]:
    """Ids of the records that have an account key of an erased person. `to_write` asks which of them the home has."""
    people = cast(Iterable[Person], batch["person"].values())
    return [person.id for person in people if graves.keys_of(person) and not graves.holds("person", person.id)]


def to_write(batch: Batch, graves: Graves, *, there: Collection[str] = ()) -> Ready:
    """What is to be written, ordered by id within each kind.

    `there`: those of the `suspects` that the home already has. They merely claimed the key, and are written without it.
    Any other suspect is taken for the erased human and left out. Raises `StoreError` naming the first fact that cannot
    be kept.
    """
    rows: Rows = {}
    gone = graves.person_test()
    again = frozenset(suspects(batch, graves)) - frozenset(there) if gone is not None else frozenset()

    def away(person: str) -> bool:
        return person in again or (gone is not None and gone(person))

    for kind, facts in batch.items():
        left: Collection[Fact] = facts.values()
        if gone is not None:
            known = (fact for fact in facts.values() if not graves.holds(kind, fact.id))
            left = [graves.bare(rest) for fact in known if (rest := without(fact, away)) is not None]
        if left:
            rows[kind] = sorted(((encode(fact), fact) for fact in left), key=lambda pair: pair[0].id)
    return Ready(rows, tuple(sorted(again)))


def receipt(batch: Batch, rows: Rows, written: Mapping[Kind, Mapping[str, Outcome]], *, sequence: int) -> Receipt:
    """What became of each fact of a batch, of which `rows` were to be written.

    `written`: the rows that said something new, by kind and id. `sequence`: the number of the last change after the
    batch.
    """
    outcomes: dict[Kind, dict[str, Outcome]] = {}
    for kind, facts in batch.items():
        kept = {row.id for row, _ in rows.get(kind, ())}
        new = written.get(kind, {})
        outcomes[kind] = {id: new.get(id, "unchanged" if id in kept else "refused") for id in facts}
    return Receipt(sequence, outcomes)
