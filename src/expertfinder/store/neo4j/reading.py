"""Reads facts as they are at one moment, although Neo4j shows a long read what others commit meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from expertfinder.store.neo4j import shape
from expertfinder.store.neo4j.locks import Locks
from expertfinder.store.neo4j.server import Transaction
from expertfinder.store.neo4j.transactions import (
    PAGE_ROWS,
    SEQUENCE,
    Found,
    changes_between,
    found_rows,
    get_rows,
    last_sequence,
    page_rows,
)
from expertfinder.store.protocol import Change, Kind

MANY: Final = 10_000
"""If more changes than this come while a whole kind is read, they are first read without the lock."""


def changes(locks: Locks, since: int, limit: int) -> Sequence[Change]:
    """The changes with a number above `since`, in order, at most `limit`."""
    until = since + max(limit, 0)

    async def work(transaction: Transaction) -> list[Change]:
        locks.settle((await locks.lock(transaction, "change", finished=False)).value)
        return await changes_between(transaction, since, min(until, locks.settled))

    if until <= locks.settled:
        return locks.server.read(lambda t: changes_between(t, since, until), rows=limit)
    return locks.server.look(work, rows=min(limit, PAGE_ROWS))


def some(locks: Locks, kind: Kind, wanted: list[str]) -> list[Found]:
    """Those of the facts with these ids that are there, never from half a batch."""

    async def undisturbed(transaction: Transaction) -> list[Found] | None:
        before = await last_sequence(transaction)
        found = await get_rows(transaction, kind, wanted)
        return found if await last_sequence(transaction) == before else None

    async def alone(transaction: Transaction) -> list[Found]:
        await locks.lock(transaction, "change", finished=False)
        return await get_rows(transaction, kind, wanted)

    if len(wanted) <= 1:
        return found_rows(locks.server.ask(shape.GET[kind], ids=wanted)) if wanted else []
    # Where somebody wrote during the read, read once more with the lock.
    free = locks.server.read(undisturbed, rows=len(wanted))
    return locks.server.look(alone, rows=len(wanted)) if free is None else free


def everything(locks: Locks, kind: Kind) -> dict[str, Found]:
    """Every fact of a kind as it was at one moment of this call."""

    async def begin(transaction: Transaction) -> tuple[int, list[Found]]:
        held = await locks.lock(transaction, "change")
        return held.value, await page_rows(transaction, kind, "")

    since, page = locks.look(begin)
    found = {row.id: row for row in page}
    while len(page) == PAGE_ROWS:
        page = found_rows(locks.server.ask(shape.PAGE[kind], after=page[-1].id, limit=PAGE_ROWS))
        found.update((row.id, row) for row in page)
    if len(found) >= PAGE_ROWS:
        _catch_up(locks, kind, found, since)
    return found


def _catch_up(locks: Locks, kind: Kind, found: dict[str, Found], since: int) -> None:
    """Put into `found` what changed after the number `since`. The last changes are read with the lock: none follows."""

    async def mend(transaction: Transaction, until: int) -> None:
        log = [change for change in await changes_between(transaction, since, until) if change.kind == kind]
        if any(change.operation == "erase" for change in log):
            await locks.refresh(transaction)
            for fact_id in [fact_id for fact_id in found if locks.graves.holds(kind, fact_id)]:
                del found[fact_id]
        ids = list(dict.fromkeys(change.id for change in log))
        for fact_id in ids:
            found.pop(fact_id, None)
        found.update({row.id: row for row in await get_rows(transaction, kind, ids)})

    async def end(transaction: Transaction) -> None:
        await mend(transaction, (await locks.lock(transaction, "change")).value)

    while (now := int(locks.server.ask(SEQUENCE)[0])) - since > MANY:
        locks.server.read(lambda t: mend(t, now), rows=now)
        since = now
    locks.look(end)
