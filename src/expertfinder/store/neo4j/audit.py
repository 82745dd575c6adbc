"""The audit log in a Neo4j database: lines added with their seals, read, and people struck out of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from expertfinder.store.chain import Line, fresh_salts, names_in, sealed, struck
from expertfinder.store.forgetting import redacted
from expertfinder.store.neo4j.server import Transaction
from expertfinder.store.neo4j.transactions import CHUNK_ROWS, count_up

_LINES: Final = (
    "RETURN collect([n.number, toString(n.at), n.actor, n.event, n.subject, n.detail, coalesce(n.seal, '')])"
)
_SALTS: Final = "MATCH (n:AuditSalt) WHERE $names IS NULL OR n.name IN $names RETURN collect([n.name, n.salt])"

Numbered = tuple[int, Line]


async def add_lines(transaction: Transaction, lines: list[Line], number: int) -> None:
    """Seal lines and add them after the line with this number. Lines from before there was a chain are sealed first.

    The caller has the lock of the log.
    """
    newest = await read_lines(transaction, "WHERE n.number = $number", number=number)
    before = newest[0][1] if newest else None
    if before is not None and not before.seal:
        lines = [*(line for _, line in await read_lines(transaction)), *lines]
        number, before = 0, None
    salts = await read_salts(transaction, names_in(lines))
    fresh = fresh_salts(names_in(lines) - salts.keys())
    added = sealed(lines, salts | fresh, after=before, number=number + 1)
    await put_lines(transaction, list(enumerate(added, number + 1)), fresh)
    await count_up(transaction, "audit", number + len(added))


async def put_lines(transaction: Transaction, lines: list[Numbered], salts: dict[str, bytes]) -> None:
    """Write sealed lines by their numbers, and salts."""
    rows = [{**line._asdict(), "at": datetime.fromisoformat(line.at), "number": number} for number, line in lines]
    for start in range(0, len(rows), CHUNK_ROWS):
        await transaction.do(
            "UNWIND $rows AS row MERGE (n:Audit {number: row.number}) SET n = row",
            rows=rows[start : start + CHUNK_ROWS],
        )
    named = [{"name": name, "salt": salt.hex()} for name, salt in salts.items()]
    await transaction.do("UNWIND $rows AS row CREATE (n:AuditSalt) SET n = row", rows=named)


async def read_lines(transaction: Transaction, where: str = "", **parameters: Any) -> list[Numbered]:
    """Lines with their numbers, the oldest first."""
    [rows] = await transaction.ask(f"MATCH (n:Audit) {where} WITH n ORDER BY n.number {_LINES}", **parameters)
    return [(number, Line(_utc(at), *columns)) for number, at, *columns in rows]


async def read_salts(transaction: Transaction, names: Iterable[str] | None = None) -> dict[str, bytes]:
    """Name -> salt, for those of the names that have one; for all names where `names` is `None`."""
    [rows] = await transaction.ask(_SALTS, names=None if names is None else sorted(names))
    return {name: bytes.fromhex(salt) for name, salt in rows}


async def strike_out(transaction: Transaction, person: str, stand_in: str) -> None:
    """Put a token in the place of a person, and drop the salt that their name is sealed with."""
    await transaction.do("MATCH (n:AuditSalt {name: $person}) DELETE n", person=person)
    naming = "WHERE n.actor = $person OR n.subject = $person OR n.detail CONTAINS $person"
    rows = []
    for number, line in await read_lines(transaction, naming, person=person):
        left = line._replace(
            actor=stand_in if line.actor == person else line.actor,
            subject=stand_in if line.subject == person else line.subject,
            detail=redacted(line.detail, person, stand_in),
        )
        rows.append({**struck(line, left)._asdict(), "number": number})
    await transaction.do(
        "UNWIND $rows AS row MATCH (n:Audit {number: row.number})"
        " SET n.actor = row.actor, n.subject = row.subject, n.detail = row.detail, n.seal = row.seal",
        rows=rows,
    )


def _utc(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(UTC).isoformat()
