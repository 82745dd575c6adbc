"""What is read from a SQLite file and written into it, row by row, within a transaction of the caller."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import starmap
from typing import Any, Final, cast

import apsw
import orjson

from expertfinder.errors import StoreError
from expertfinder.model import Fact
from expertfinder.store.codec import TYPES, askable, decode
from expertfinder.store.protocol import Beside, Kept, Key, Kind, Operation, Outcome, Question
from expertfinder.store.sqlite.audit import read_lines, read_salts
from expertfinder.store.statements import Having, KeptStatement, without_author


def table_of(kind: Kind) -> str:
    """The table of a kind. Raises `StoreError` for any other word, so that none gets into the text of a statement."""
    if kind not in TYPES:
        raise StoreError(f"there is no kind of fact called {kind!r}")
    return kind


def select(kind: Kind) -> str:
    """The start of a query of a kind; its columns are id, body, and whether `hide` hides the person."""
    hidden = "id IN (SELECT person FROM hidden)" if kind == "person" else "0"
    return f"SELECT id, body, {hidden} FROM {table_of(kind)}"


def fact_of(kind: Kind, row: tuple[Any, ...]) -> Fact:
    return decode(kind, row[0], row[1], hidden=bool(row[2]))


def texts(ids: Iterable[str]) -> tuple[Any]:
    """The binding of `carray(?)`: those of the ids that a fact can have. It needs one at least: for none it gets ''."""
    return (apsw.carray(tuple(askable(ids)) or ("",)),)


def sequence_of(connection: apsw.Connection) -> int:
    """The number of the last change; 0 for none."""
    return cast(int, connection.execute("SELECT coalesce(max(sequence), 0) FROM change").get)


def hashes_of(connection: apsw.Connection, kind: Kind, ids: Iterable[str]) -> dict[str, bytes]:
    """The content hashes of those facts that are there."""
    rows = connection.execute(
        f"SELECT id, hash FROM {table_of(kind)} WHERE id IN (SELECT value FROM carray(?))", texts(ids)
    )
    return dict(cast(Iterable[tuple[str, bytes]], rows))


def acted_on(connection: apsw.Connection, acts: Iterable[str]) -> list[str]:
    """Ids of the posts that are there and that these acts were done to, in order."""
    rows = connection.execute(
        "SELECT DISTINCT post.id FROM interaction AS act JOIN post ON post.id = act.body ->> 'object'"
        " WHERE act.id IN (SELECT value FROM carray(?)) AND coalesce(act.body ->> 'object_type', 'post') = 'post'"
        " ORDER BY post.id",
        texts(acts),
    )
    return [row[0] for row in rows]


def put_rows(connection: apsw.Connection, kind: Kind, rows: list[Kept]) -> dict[str, Outcome]:
    """Write those of the rows that say something new. Returns their outcomes, by id."""
    known = hashes_of(connection, kind, [row.id for row in rows])
    fresh = [row for row in rows if known.get(row.id) != row.hash]
    connection.executemany(
        f"INSERT INTO {table_of(kind)} (id, hash, body) VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, body = excluded.body",
        fresh,
    )
    log_changes(connection, "put", kind, [row.id for row in fresh])
    return {row.id: "changed" if row.id in known else "added" for row in fresh}


def log_changes(connection: apsw.Connection, operation: Operation, kind: Kind, ids: Sequence[str]) -> None:
    """Write changes into the log. The numbers have no gaps, because only one transaction writes at a time."""
    after = sequence_of(connection) + 1
    connection.executemany(
        "INSERT INTO change (sequence, operation, kind, id) VALUES (?, ?, ?, ?)",
        ((number, operation, kind, fact_id) for number, fact_id in enumerate(ids, after)),
    )


PUT_KEY: Final = "INSERT OR REPLACE INTO key VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
PUT_STATEMENT: Final = (
    "INSERT INTO statement (kind, key, about, body) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (kind, key) DO UPDATE SET about = excluded.about, body = excluded.body"
)


def columns_of(key: Key) -> tuple[Any, ...]:
    times = (_text_of(key.created_at), _text_of(key.expires_at))
    return (key.id, key.digest, orjson.dumps(key.scopes).decode(), key.person, *times, key.revoked, key.note)


def columns_said(row: KeptStatement) -> tuple[str, str, str, str]:
    return row.kind, orjson.dumps(row.key).decode(), orjson.dumps(row.about).decode(), row.body


def read_statements(
    connection: apsw.Connection,
    kind: str | None = None,
    since: date | None = None,
    having: Having | None = None,
    *,
    looked_up: Collection[str] = (),
) -> list[KeptStatement]:
    """Statements of a kind, or of all; `since` and `having`: as `Store.statements` has it.

    `looked_up`: fields that have an index. The statement names the index: without statistics SQLite would choose the
    key of the table.
    """
    asked: dict[str, str | None] = {"kind = ?": kind, "body ->> 'day' >= ?": since.isoformat() if since else None}
    where = " AND ".join(name for name, value in asked.items() if value is not None)
    values = tuple(value for value in asked.values() if value is not None)
    if having is not None:
        assert having[0].isidentifier()  # the name of a field, never a text from outside; the index is on this text
        where += f" AND body ->> '{having[0]}' IN ({', '.join('?' * len(having[1]))})"
        values += tuple(having[1])
    table = f"statement INDEXED BY statement_by_{having[0]}" if having and having[0] in looked_up else "statement"
    rows = connection.execute(f"SELECT kind, key, about, body FROM {table} WHERE {where or 'true'}", values)
    return [
        KeptStatement(of, tuple(orjson.loads(key)), tuple(orjson.loads(about)), body) for of, key, about, body in rows
    ]


def erase_statements(connection: apsw.Connection, gone: Iterable[str], person: str, stand_in: str) -> None:
    """Delete statements about a person or the posts `gone`. In others by the person, `stand_in` becomes the author."""
    erased = {person, *gone}
    for row in read_statements(connection):
        if not erased.isdisjoint(row.about):
            connection.execute("DELETE FROM statement WHERE kind = ? AND key = ?", columns_said(row)[:2])
        elif (left := without_author(row, person, stand_in)) is not row:
            connection.execute(PUT_STATEMENT, columns_said(left))


def read_keys(connection: apsw.Connection) -> list[Key]:
    return [key_of(row) for row in connection.execute("SELECT * FROM key ORDER BY id")]


def read_beside(connection: apsw.Connection) -> Beside:
    return Beside(
        salt=connection.execute("SELECT value FROM property WHERE name = 'salt'").get,
        tombstones=tuple(row[0] for row in connection.execute("SELECT hash FROM tombstone ORDER BY hash")),
        hidden=tuple(row[0] for row in connection.execute("SELECT person FROM hidden ORDER BY person")),
        keys=tuple(read_keys(connection)),
        statements=tuple(sorted(read_statements(connection))),
        questions=tuple(
            starmap(Question, connection.execute("SELECT week, topic, asker FROM demand ORDER BY 1, 2, 3"))
        ),
        audit=tuple(line for _, line in read_lines(connection)),
        salts=tuple(sorted(read_salts(connection).items())),
    )


def key_of(row: tuple[Any, ...]) -> Key:
    key_id, digest, scopes, person, created, expires, revoked, note = row
    return Key(
        id=key_id,
        digest=digest,
        scopes=tuple(orjson.loads(scopes)),
        person=person,
        created_at=datetime.fromisoformat(created),
        expires_at=datetime.fromisoformat(expires),
        revoked=bool(revoked),
        note=note,
    )


def _text_of(at: datetime) -> str:
    if at.tzinfo is None:
        raise StoreError("a time without a zone cannot be stored")
    return at.astimezone(UTC).isoformat()
