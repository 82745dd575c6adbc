"""Steps inside one transaction with a Neo4j server: read facts, write them, and the log of what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from expertfinder.errors import StoreError
from expertfinder.model import Fact, Interaction
from expertfinder.store.codec import decode
from expertfinder.store.neo4j import shape
from expertfinder.store.neo4j.server import Transaction
from expertfinder.store.protocol import Change, Kept, Kind, Operation, Outcome

CHUNK_ROWS: Final = 1_000
"""Facts in one statement: the server's best size lies between 1,000 and 10,000, and memory grows with it."""
CHUNK_BYTES: Final = 4_000_000
"""Bytes of bodies in one statement, where posts are long."""
PAGE_ROWS: Final = 10_000
"""Facts in one page of a long read."""
SEQUENCE: Final = "MATCH (n:Counter {name: 'change'}) RETURN n.value"


class Found(NamedTuple):
    """A fact as it was read."""

    id: str
    body: str
    hidden: bool = False

    def fact(self, kind: Kind) -> Fact:
        """The decoded fact."""
        return decode(kind, self.id, self.body, hidden=self.hidden)


async def last_sequence(transaction: Transaction) -> int:
    """The number of the last change; 0 for none."""
    return int((await transaction.ask(SEQUENCE))[0])


async def changes_between(transaction: Transaction, since: int, until: int) -> list[Change]:
    """The changes above `since` up to `until`, in order. Raises `StoreError` where the log has a gap."""
    if until <= since:
        return []
    columns = await transaction.ask(shape.CHANGES, since=since, until=until)
    log = [Change(*line) for line in zip(*columns, strict=True)]
    if [change.sequence for change in log] != list(range(since + 1, until + 1)):
        raise StoreError(f"the log of changes has a gap after {since}: restore a backup")
    return log


def found_rows(columns: list[Any]) -> list[Found]:
    """Facts out of lists of ids, bodies and, of people, whether they are hidden."""
    return list(map(Found, *columns))


async def get_rows(transaction: Transaction, kind: Kind, ids: Sequence[str]) -> list[Found]:
    found: list[Found] = []
    for start in range(0, len(ids), PAGE_ROWS):
        part = ids[start : start + PAGE_ROWS]
        found += found_rows(await transaction.ask(shape.GET[kind], ids=part))
    return found


async def page_rows(transaction: Transaction, kind: Kind, after: str) -> list[Found]:
    return found_rows(await transaction.ask(shape.PAGE[kind], after=after, limit=PAGE_ROWS))


async def hashes_of(transaction: Transaction, kind: Kind, ids: Sequence[str]) -> dict[str, str]:
    """The content hashes of those facts that are there."""
    known: dict[str, str] = {}
    for start in range(0, len(ids), PAGE_ROWS):
        part = ids[start : start + PAGE_ROWS]
        found, hashes = await transaction.ask(shape.HASHES[kind], ids=part)
        known.update(zip(found, hashes, strict=True))
    return known


async def put_rows(
    transaction: Transaction, kind: Kind, rows: Sequence[tuple[Kept, Fact]], after: int
) -> dict[str, Outcome]:
    """Write those of the rows that say something new, as the changes above `after`. Returns their outcomes, by id."""
    written: dict[str, Outcome] = {}
    tied: list[str] = []
    for chunk in in_chunks(rows):
        known = await hashes_of(transaction, kind, [row.id for row, _ in chunk])
        fresh = [(row, fact) for row, fact in chunk if known.get(row.id) != row.hash.hex()]
        others = [row.id for row, _ in fresh if row.id in known]
        ends = await untie(transaction, kind, others)
        await write_rows(transaction, kind, fresh, after + len(written))
        await sweep(transaction, ends)
        written |= {row.id: "changed" if row.id in known else "added" for row, _ in fresh}
        if kind == "person":
            tied += [row.id for row, fact in fresh if fact.accounts]  # type: ignore[union-attr]
    if tied:
        await transaction.do(shape.SAME_AS, ids=tied)
    return written


async def write_rows(transaction: Transaction, kind: Kind, rows: Sequence[tuple[Kept, Fact]], after: int) -> None:
    statements: dict[str, list[dict[str, Any]]] = {}
    for number, (row, fact) in enumerate(rows, after + 1):
        name = f"interaction on {fact.object_type}" if isinstance(fact, Interaction) else kind
        statements.setdefault(name, []).append(shape.parameters(kind, row, fact, number))
    for name, part in statements.items():
        await transaction.do(shape.PUT[name], rows=part)


def in_chunks(rows: Sequence[tuple[Kept, Fact]]) -> Iterator[list[tuple[Kept, Fact]]]:
    chunk: list[tuple[Kept, Fact]] = []
    size = 0
    for row, fact in rows:
        if len(chunk) == CHUNK_ROWS or (chunk and size + len(row.body) > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append((row, fact))
        size += len(row.body)
    if chunk:
        yield chunk


async def untie(transaction: Transaction, kind: Kind, ids: Sequence[str]) -> list[str]:
    """Take away the ties of these facts. Returns the unrecorded nodes at their other ends, for `sweep`."""
    if not ids or kind not in shape.UNTIE:
        return []
    ends: list[str] = (await transaction.ask(shape.UNTIE[kind], ids=ids))[0]
    return ends


async def sweep(transaction: Transaction, ends: Sequence[str]) -> None:
    if ends:
        await transaction.do(shape.SWEEP, ends=ends)


async def drop_rows(transaction: Transaction, kind: Kind, ids: Sequence[str]) -> None:
    """Take these facts away."""
    if not ids:
        return
    ends = await untie(transaction, kind, ids)
    if kind in shape.DROP:
        await transaction.do(shape.DROP[kind], ids=ids)
    await sweep(transaction, ends)


async def log_changes(transaction: Transaction, what: tuple[Operation, Kind], ids: Sequence[str], after: int) -> int:
    """Write changes into the log, numbered from `after` + 1. Returns the number of the last one."""
    if ids:
        await transaction.do(shape.LOG, ids=ids, after=after, operation=what[0], kind=what[1])
    return after + len(ids)


async def count_up(transaction: Transaction, name: str, value: int) -> None:
    await transaction.do(shape.COUNT_UP, name=name, value=value)
