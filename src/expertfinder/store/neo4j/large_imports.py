"""An import that is too large for one transaction of a Neo4j server, which would have to hold all of it in its memory.

First the import is laid down in parts that nobody reads (nodes `Pending`). Then one transaction decides that it counts.
Then it is written part by part; the transaction that writes a part also deletes the part that was laid down.

Once it is decided the import will be written whole, even if its sender dies: every writer, and every reader of a whole
kind, finishes it before anything else. Until all of it is written, the log of changes ends before its first change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from expertfinder.errors import StoreUnavailable
from expertfinder.model import Fact
from expertfinder.store.batches import Rows
from expertfinder.store.codec import decode, kept
from expertfinder.store.neo4j.server import RETRY_AFTER, Transaction
from expertfinder.store.neo4j.transactions import count_up, in_chunks, put_rows
from expertfinder.store.protocol import Kept, Kind

LARGE: Final = 20_000
"""An import of more facts than this is laid down first. 53,000 in one transaction were too many for 512 MB of
heap."""
LARGE_BYTES: Final = 40_000_000
"""An import with more bytes of bodies than this is laid down first, too."""
PARTS_AT_ONCE: Final = 5
"""Parts (of at most 1,000 facts) in one transaction of the writing."""

LAY_DOWN: Final = (
    "CREATE (:Pending {batch: $batch, number: $number, kind: $kind, ids: $ids, bodies: $bodies, at: datetime()})"
)
DECIDE: Final = """
MATCH (part:Pending {batch: $batch})
WITH count(part) AS parts WHERE parts = $parts
CREATE (n:Property {name: 'pending', value: $batch, after: $after})
RETURN parts"""
GIVE_UP: Final = "MATCH (part:Pending {batch: $batch}) DELETE part"
FORGET_ABANDONED: Final = """
MATCH (old:Pending|Property) WHERE old.at < datetime() - duration('PT1H')
    AND NOT EXISTS { MATCH (:Property {name: 'pending', value: old.batch}) }
DELETE old"""
"""Deletes what is left of imports whose senders died, an hour ago or more."""
FORGET_ALL: Final = "MATCH (part:Pending) DELETE part"
"""For an erasure: a part that is laid down may name the erased person. Its sender finds the part gone when it wants to
decide, and gets `StoreUnavailable`."""

_DECIDED: Final = "MATCH (n:Property {name: 'pending'}) RETURN n.value, n.after"
_PARTS: Final = """
MATCH (part:Pending {batch: $batch})
WITH part ORDER BY part.number LIMIT $limit
RETURN collect([part.number, part.kind, part.ids, part.bodies])"""
_PART_DONE: Final = """
MATCH (n:Property {name: 'pending'}) SET n.after = $after
WITH n MATCH (part:Pending {batch: n.value}) WHERE part.number IN $numbers DELETE part"""
_ALL_DONE: Final = """
MATCH (n:Property {name: 'pending'})
SET n.name = 'imported ' + n.value, n.at = datetime()"""
IMPORTED: Final = """
MATCH (n:Property {name: 'imported ' + $batch})
WITH n, n.after AS after
DELETE n
RETURN after"""
"""Gives the number of the last change of a written import and deletes the note of it: only its sender asks, once."""


class Part(NamedTuple):
    """Some facts of one kind, ordered by id, as they are laid down."""

    kind: Kind
    ids: list[str]
    bodies: list[str]


def is_large(rows: Rows) -> bool:
    """Whether this is too much for one transaction."""
    size = sum(len(row.body) for of_kind in rows.values() for row, _ in of_kind)
    return sum(map(len, rows.values())) > LARGE or size > LARGE_BYTES


def parts_of(rows: Rows) -> Iterable[Part]:
    """The rows in parts, in the order in which they are written."""
    for kind, of_kind in rows.items():
        for chunk in in_chunks(of_kind):
            yield Part(kind, [row.id for row, _ in chunk], [row.body for row, _ in chunk])


async def lay_down(transaction: Transaction, batch: str, number: int, part: Part) -> None:
    """Keep one part where nobody reads it."""
    await transaction.do(LAY_DOWN, batch=batch, number=number, **part._asdict())


async def decide(transaction: Transaction, batch: str, parts: int, after: int) -> None:
    """From the end of this transaction on the import counts. Its changes come after the number `after`."""
    if not await transaction.ask(DECIDE, batch=batch, parts=parts, after=after):
        words = "the import was interrupted by an erasure; nothing was written, try again"
        raise StoreUnavailable(words, retry_after=RETRY_AFTER)


async def go_on(transaction: Transaction) -> bool:
    """Write the next parts of the decided import; the caller holds the lock. Returns `False` when nothing was left."""
    found = await transaction.ask(_DECIDED)
    if not found:
        return False
    batch, after = found
    [parts] = await transaction.ask(_PARTS, batch=batch, limit=PARTS_AT_ONCE)
    if not parts:
        await count_up(transaction, "change", after)
        await transaction.do(_ALL_DONE)
        return False
    for _, kind, ids, bodies in parts:
        after += len(await put_rows(transaction, kind, list(_facts(kind, ids, bodies)), after))
    numbers = [part[0] for part in parts]
    await transaction.do(_PART_DONE, after=after, numbers=numbers)
    return True


def _facts(kind: Kind, ids: list[Any], bodies: list[Any]) -> Iterable[tuple[Kept, Fact]]:
    for fact_id, body in zip(ids, bodies, strict=True):
        yield kept(fact_id, body.encode()), decode(kind, fact_id, body)
