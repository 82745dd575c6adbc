"""What a batch comes to before a home is asked: each fact once, without the forgotten, encoded, ordered by id."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from expertfinder.model import Fact
from expertfinder.store.codec import TYPES, encode, kind_of
from expertfinder.store.forgetting import Graves, without
from expertfinder.store.protocol import Kept, Kind

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


def to_write(batch: Batch, graves: Graves) -> tuple[Rows, int]:
    """What is to be written, ordered by id within each kind, and how many facts are refused because they were erased.

    Raises `StoreError` naming the first fact that cannot be kept.
    """
    rows: Rows = {}
    refused = 0
    gone = graves.person_test()
    for kind, facts in batch.items():
        left: Collection[Fact] = facts.values()
        if gone is not None:
            known = (fact for fact in facts.values() if not graves.holds(kind, fact.id))
            left = [rest for fact in known if (rest := without(fact, gone)) is not None]
            refused += len(facts) - len(left)
        if left:
            rows[kind] = sorted(((encode(fact), fact) for fact in left), key=lambda pair: pair[0].id)
    return rows, refused
