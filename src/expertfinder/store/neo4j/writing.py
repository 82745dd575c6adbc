"""A batch of facts written into a Neo4j database: in one transaction, or in parts where it is too large for one."""

from __future__ import annotations

from collections.abc import Iterable
from secrets import token_hex

from expertfinder.errors import StoreUnavailable
from expertfinder.model import Fact
from expertfinder.store.batches import Batch, Ready, distinct, receipt, suspects, to_write
from expertfinder.store.neo4j.erasing import bury
from expertfinder.store.neo4j.large_imports import (
    FORGET_ABANDONED,
    GIVE_UP,
    IMPORTED,
    decide,
    is_large,
    lay_down,
    parts_of,
)
from expertfinder.store.neo4j.locks import Locks
from expertfinder.store.neo4j.reading import some
from expertfinder.store.neo4j.server import RETRY_AFTER, Transaction
from expertfinder.store.neo4j.transactions import SEQUENCE, changes_between, count_up, hashes_of, put_rows
from expertfinder.store.protocol import Kind, Outcome, Receipt


def apply(locks: Locks, facts: Iterable[Fact]) -> Receipt:
    """Write a batch, all or nothing; see `Store.apply`."""
    batch = distinct(facts)
    locks.may_write()
    newest, ready = locks.graves.newest, _ready(locks, batch)  # what needs no lock is done before the lock

    async def work(transaction: Transaction) -> Receipt:
        held = await locks.lock(transaction, "change")
        now = ready
        if locks.graves.newest != newest:
            there = await hashes_of(transaction, "person", suspects(batch, locks.graves))
            now = to_write(batch, locks.graves, there=there)
        if now.buried:
            await bury(locks, transaction, "person", now.buried)
        after = held.value
        written: dict[Kind, dict[str, Outcome]] = {}
        for kind, of_kind in now.rows.items():
            written[kind] = await put_rows(transaction, kind, of_kind, after)
            after += len(written[kind])
        if after != held.value:
            await count_up(transaction, "change", after)
        return receipt(batch, now.rows, written, sequence=after)

    total = sum(map(len, batch.values()))
    done = _in_parts(locks, batch, newest, ready) if is_large(ready.rows) else locks.write(work, rows=total)
    locks.settle(done.sequence)
    return done


def _ready(locks: Locks, batch: Batch) -> Ready:
    again = suspects(batch, locks.graves)
    return to_write(batch, locks.graves, there=[row.id for row in some(locks, "person", again)])


def _in_parts(locks: Locks, batch: Batch, newest: int, ready: Ready) -> Receipt:
    """Write a batch that is too large for one transaction: all of it or nothing (see `large_imports.py`).

    `newest`: the number of the last tombstone that was known when the batch was made ready.
    """
    server, rows = locks.server, ready.rows
    if ready.buried:
        locks.write(lambda t: bury(locks, t, "person", ready.buried))
        server.read(locks.refresh)
        return apply(locks, (fact for of_kind in batch.values() for fact in of_kind.values()))
    name = token_hex(16)
    server.write(lambda t: t.do(FORGET_ABANDONED))
    number = 0
    for number, part in enumerate(parts_of(rows), 1):
        server.write(lambda t: lay_down(t, name, number, part), rows=len(part.ids))  # noqa: B023 (runs now)

    since = int(server.ask(SEQUENCE)[0])
    there: dict[Kind, set[str]] = {}
    for kind, of_kind in rows.items():
        ids = [row.id for row, _ in of_kind]
        there[kind] = set(server.read(lambda t: hashes_of(t, kind, ids), rows=len(ids)))  # noqa: B023 (runs now)

    async def work(transaction: Transaction) -> int | None:
        held = await locks.lock(transaction, "change")
        if locks.graves.newest != newest:  # somebody was erased meanwhile: what was laid down may name them
            await transaction.do(GIVE_UP, batch=name)
            return None
        await decide(transaction, name, number, held.value)
        return held.value

    before = locks.write(work)
    if before is None:
        return apply(locks, (fact for of_kind in batch.values() for fact in of_kind.values()))
    try:
        locks.finish()
        [after] = server.write(lambda t: t.ask(IMPORTED, batch=name))
        log = server.read(lambda t: changes_between(t, since, after), rows=after - since)
    except StoreUnavailable as error:
        words = f"{server.where.url} went away in a large import: it is not acknowledged, send it again"
        raise StoreUnavailable(words, retry_after=RETRY_AFTER) from error
    written: dict[Kind, dict[str, Outcome]] = {kind: {} for kind in rows}
    for change in log:
        if change.kind in rows and change.sequence > before:
            written[change.kind][change.id] = "changed" if change.id in there[change.kind] else "added"
        elif change.kind in rows and change.operation == "put":  # of another writer, after `there` was read
            there[change.kind].add(change.id)
        elif change.kind in rows and change.operation == "delete":
            there[change.kind].discard(change.id)
    return receipt(batch, rows, written, sequence=after)
