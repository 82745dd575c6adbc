"""Forgetting people in a Neo4j database: what goes, what is struck out, and the tombstones that keep them away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from expertfinder.model import Fact
from expertfinder.store.codec import TYPES, can_be_id, decode, encode, quoted
from expertfinder.store.forgetting import asker, token, tombstone, without
from expertfinder.store.neo4j import shape
from expertfinder.store.neo4j.audit import strike_out
from expertfinder.store.neo4j.large_imports import FORGET_ALL
from expertfinder.store.neo4j.locks import Lock, Locks
from expertfinder.store.neo4j.server import Transaction
from expertfinder.store.neo4j.transactions import count_up, drop_rows, hashes_of, log_changes, put_rows
from expertfinder.store.protocol import Kept, Kind

ERASE_ROWS: Final = 20_000
"""Rows from which the time limit of an erasure follows: it reads every body, so it gets the time of a large write."""
_UNSAY: Final = "MATCH (n:Statement) WHERE any(about IN n.about WHERE about IN $ids) DELETE n"
_BURY: Final = (
    "UNWIND range(0, size($hashes) - 1) AS place CREATE (:Tombstone {number: $after + place + 1, hash: $hashes[place]})"
)


def erase(locks: Locks, person: str, accounts: Iterable[str]) -> int:
    """Forget a person and account keys; see `Store.erase`. Returns the number of the last change."""
    graves = locks.graves

    async def work(transaction: Transaction) -> int:
        held = await locks.lock(transaction, "change")
        await locks.lock(transaction, "audit")
        buried = await bury(locks, transaction, "account", accounts)
        if not can_be_id(person) or graves.holds("person", person):
            return held.value
        after, newest = held.value, buried
        for kind in TYPES:
            after, newest = await _erase_from(locks, transaction, (kind, person), Lock(after, newest))
        stand_in = token(tombstone(graves.salt, "person", person))
        await transaction.do("MATCH (n:Person {id: $person}) DETACH DELETE n", person=person)
        await transaction.do(FORGET_ALL)
        for statement in (
            "MATCH (n:Hidden {person: $person}) DELETE n",
            "MATCH (n:Key) WHERE n.person = $person DELETE n",
            "MATCH (n:Statement) WHERE $person IN n.about DELETE n",
            "MATCH (n:Demand) WHERE n.asker = $asker DELETE n",
            "MATCH (n:Statement) WHERE n.by = $person SET n.by = $token",
        ):
            named = {"asker": asker(graves.salt, person).hex(), "token": stand_in}
            await transaction.do(statement, person=person, **named)
        await strike_out(transaction, person, stand_in)
        await count_up(transaction, "change", after)
        await count_up(transaction, "tombstone", newest)
        await transaction.do("MERGE (n:Property {name: 'scrub'}) SET n.value = $after", after=after)
        return after

    return locks.write(work, rows=ERASE_ROWS)


async def bury(locks: Locks, transaction: Transaction, kind: Kind | Literal["account"], names: Iterable[str]) -> int:
    """Make tombstones for ids or account keys that may not come back. Returns the number of the newest one."""
    after = (await locks.lock(transaction, "change")).graves
    fresh = [tombstone(locks.graves.salt, kind, name) for name in names if not locks.graves.holds(kind, name)]
    hashes = [grave.hex() for grave in dict.fromkeys(fresh)]
    await transaction.do(_BURY, after=after, hashes=hashes)
    await count_up(transaction, "tombstone", after + len(hashes))
    return after + len(hashes)


async def _erase_from(locks: Locks, transaction: Transaction, which: tuple[Kind, str], held: Lock) -> tuple[int, int]:
    """Strike one person out of the facts of one kind, and put tokens for the deleted facts into the log of changes.

    `which`: the kind, and the id of the person. Returns the numbers of the last change and of the newest tombstone.
    """
    kind, person = which
    removed = {person} if kind == "person" else set[str]()
    rest: list[tuple[Kept, Fact]] = []
    naming = await transaction.ask(shape.NAMING[kind], quoted=quoted(person))
    for fact_id, body in sorted(zip(naming[0], naming[1], strict=True)):
        fact = decode(kind, fact_id, body)
        left = without(fact, lambda named: named == person)
        if left is None:
            removed.add(fact_id)
        elif left is not fact:
            rest.append((encode(left), left))
    written = await put_rows(transaction, kind, rest, held.value)
    ids = sorted(removed)
    there = sorted(await hashes_of(transaction, kind, ids))
    await drop_rows(transaction, kind, there)
    if kind == "post" and ids:
        await transaction.do(_UNSAY, ids=ids)
    graves = {fact_id: tombstone(locks.graves.salt, kind, fact_id) for fact_id in ids}
    await transaction.do(
        "MATCH (n:Change) WHERE n.kind = $kind AND n.id IN $ids SET n.id = $tokens[n.id]",
        kind=kind,
        ids=ids,
        tokens={fact_id: token(grave) for fact_id, grave in graves.items()},
    )
    tokens = [token(graves[fact_id]) for fact_id in ids]
    after = await log_changes(transaction, ("erase", kind), tokens, held.value + len(written))
    fresh = [grave for fact_id, grave in graves.items() if not locks.graves.holds(kind, fact_id)]
    await transaction.do(_BURY, after=held.graves, hashes=[grave.hex() for grave in fresh])
    return after, held.graves + len(fresh)
