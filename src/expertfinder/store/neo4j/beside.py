"""What is kept beside the facts in a Neo4j database: as properties of nodes and back, and moved to another home."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import blake2b
from itertools import starmap
from typing import Any, Final

from expertfinder.errors import Conflict, StoreError
from expertfinder.store.chain import Line
from expertfinder.store.neo4j.audit import put_lines, read_lines, read_salts
from expertfinder.store.neo4j.locks import SALT, Locks
from expertfinder.store.neo4j.server import Transaction
from expertfinder.store.neo4j.transactions import CHUNK_ROWS, PAGE_ROWS, count_up
from expertfinder.store.protocol import Beside, Key, Question
from expertfinder.store.statements import Having, KeptStatement, node_of, row_of

KEYS: Final = "MATCH (n:Key) RETURN collect(properties(n))"
DEMAND: Final = (
    "MATCH (n:Demand) WITH n.week AS week, n.topic AS topic, count(*) AS askers WHERE askers >= $fewest"
    " RETURN collect([week, topic, askers])"
)
_QUESTIONS: Final = "MATCH (n:Demand) RETURN collect([n.week, n.topic, n.asker])"


def statements_asked(
    kind: str | None = None, since: date | None = None, having: Having | None = None
) -> tuple[str, dict[str, Any]]:
    """The Cypher that reads statements of a kind, or of all, and its parameters. The rest: see `Store.statements`."""
    asked = {"n.kind = $kind": kind, "n.day >= $since": since.isoformat() if since else None}
    values: dict[str, Any] = {"kind": kind, "since": asked["n.day >= $since"]}
    wanted = [name for name, value in asked.items() if value is not None]
    if having is not None:
        assert having[0].isidentifier()  # the name of a field, never a text from outside
        wanted.append(f"n.{having[0]} IN $values")
        values["values"] = list(having[1])
    where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
    return f"MATCH (n:Statement){where} RETURN collect(properties(n))", values


def key_row(key: Key) -> dict[str, Any]:
    """The properties of a key."""
    times = {"created_at": _utc(key.created_at), "expires_at": _utc(key.expires_at)}
    row = {"id": key.id, "digest": key.digest, "scopes": list(key.scopes), "person": key.person, **times}
    return row | {"revoked": key.revoked, "note": key.note}


def key_of(row: dict[str, Any]) -> Key:
    """The key that has these properties."""
    return Key(
        id=row["id"],
        digest=row["digest"],
        scopes=tuple(row["scopes"]),
        person=row.get("person"),
        created_at=_native(row["created_at"]),
        expires_at=_native(row["expires_at"]),
        revoked=row["revoked"],
        note=row["note"],
    )


def keys_of(rows: list[dict[str, Any]]) -> list[Key]:
    """Keys, ordered by id."""
    return sorted(map(key_of, rows), key=lambda key: key.id)


def statements_in(rows: list[dict[str, Any]]) -> list[KeptStatement]:
    """Statements in order of kind and key; a row is the properties of a node."""
    return sorted(row_of({**row, "at": _native(row["at"])}) for row in rows)


def question_row(question: Question) -> dict[str, Any]:
    """The properties of a question that was counted."""
    row = {"week": question.week, "topic": question.topic, "asker": question.asker.hex()}
    return row | {"id": blake2b("\0".join(row.values()).encode(), digest_size=16).hexdigest()}


def questions_of(rows: list[Any]) -> list[Question]:
    """Questions in order; a row has week, topic and asker."""
    return sorted(Question(week, topic, bytes.fromhex(who)) for week, topic, who in rows)


def _native(at: Any) -> datetime:
    """A time of the driver as a `datetime` in UTC."""
    native: datetime = at.to_native()
    return native.astimezone(UTC)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise StoreError("a time without a zone cannot be stored")
    return at.astimezone(UTC)


def read_beside(locks: Locks) -> Beside:
    """What is kept beside the facts, all of one moment."""

    async def work(transaction: Transaction) -> Beside:
        await locks.lock(transaction, "change")
        await locks.lock(transaction, "audit")
        [salt] = await transaction.ask(SALT)
        [graves] = await transaction.ask("MATCH (n:Tombstone) RETURN collect(n.hash)")
        [hidden] = await transaction.ask("MATCH (n:Hidden) RETURN collect(n.person)")
        return Beside(
            salt=bytes.fromhex(salt),
            tombstones=tuple(sorted(map(bytes.fromhex, graves))),
            hidden=tuple(sorted(hidden)),
            keys=tuple(keys_of(*await transaction.ask(KEYS))),
            statements=tuple(statements_in(*await transaction.ask(statements_asked()[0]))),
            questions=tuple(questions_of(*await transaction.ask(_QUESTIONS))),
            audit=tuple(line for _, line in await read_lines(transaction)),
            salts=tuple(sorted((await read_salts(transaction)).items())),
        )

    return locks.look(work, rows=PAGE_ROWS)


def inherit(locks: Locks, beside: Beside, origin: str) -> None:
    """Take over what another home keeps beside its facts. Raises `Conflict` unless this one is empty."""
    graves = [{"number": n, "hash": grave.hex()} for n, grave in enumerate(beside.tombstones, 1)]
    lines = list(enumerate(starmap(Line, beside.audit), 1))
    nodes: dict[str, list[dict[str, Any]]] = {
        "Tombstone": graves,
        "Hidden": [{"person": person} for person in beside.hidden],
        "Key": list(map(key_row, beside.keys)),
        "Statement": list(map(node_of, beside.statements)),
        "Demand": list(map(question_row, beside.questions)),
    }

    async def work(transaction: Transaction) -> None:
        await locks.lock(transaction, "change")
        await locks.lock(transaction, "audit")
        [there] = await transaction.ask("RETURN EXISTS { MATCH (n) WHERE NOT n:Counter AND NOT n:Property }")
        if there:
            raise Conflict(f"the record at {locks.server.where.url} is not empty")
        await transaction.do("MATCH (n:Property {name: 'salt'}) SET n.value = $salt", salt=beside.salt.hex())
        for label, rows in nodes.items():
            for start in range(0, len(rows), CHUNK_ROWS):
                part = rows[start : start + CHUNK_ROWS]
                await transaction.do(f"UNWIND $rows AS row CREATE (n:{label}) SET n = row", rows=part)
        await put_lines(transaction, lines, dict(beside.salts))
        await count_up(transaction, "tombstone", len(graves))
        await count_up(transaction, "audit", len(lines))
        await transaction.do("CREATE (:Property {name: 'copying', value: $origin})", origin=origin)

    rows_beside = sum(len(rows) for rows in nodes.values()) + len(lines) + len(beside.salts)
    locks.write(work, rows=rows_beside)
