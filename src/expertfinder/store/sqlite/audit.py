"""The audit log in a SQLite file: lines added with their seals, read, and people struck out of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, cast

import apsw
import orjson

from expertfinder.store.chain import Line, fresh_salts, names_in, sealed, struck
from expertfinder.store.forgetting import redacted
from expertfinder.store.protocol import AuditEntry

_COLUMNS: Final = "at, actor, event, subject, detail, seal"


def add_lines(connection: apsw.Connection, lines: list[Line]) -> None:
    """Seal lines and add them. Lines from before there was a chain are sealed first."""
    newest = list(_lines(connection, "ORDER BY number DESC LIMIT 1"))
    number, before = newest[0] if newest else (0, None)
    if before is not None and not before.seal:
        lines = [*(line for _, line in read_lines(connection)), *lines]
        number, before = 0, None
    salts = read_salts(connection, names_in(lines))
    fresh = fresh_salts(names_in(lines) - salts.keys())
    put_lines(connection, enumerate(sealed(lines, salts | fresh, after=before, number=number + 1), number + 1), fresh)


def put_lines(connection: apsw.Connection, lines: Iterable[tuple[int, Line]], salts: dict[str, bytes]) -> None:
    """Write sealed lines by their numbers, and salts."""
    connection.executemany(
        f"INSERT INTO audit (number, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (number) DO UPDATE SET seal = excluded.seal",
        ((number, *line) for number, line in lines),
    )
    connection.executemany("INSERT INTO audit_salt (name, salt) VALUES (?, ?)", salts.items())


def read_lines(connection: apsw.Connection) -> Iterator[tuple[int, Line]]:
    """Every line with its number, the oldest first."""
    return _lines(connection, "ORDER BY number")


def read_salts(connection: apsw.Connection, names: Iterable[str] | None = None) -> dict[str, bytes]:
    """Name -> salt, for those of the names that have one; for all names where `names` is `None`."""
    some = "" if names is None else "WHERE name IN (SELECT value FROM json_each(?))"
    bindings = () if names is None else (orjson.dumps(sorted(names)).decode(),)
    rows = connection.execute(f"SELECT name, salt FROM audit_salt {some}", bindings)
    return dict(cast(Iterable[tuple[str, bytes]], rows))


def entries_of(connection: apsw.Connection, subject: str | None, events: Iterable[str], limit: int) -> list[AuditEntry]:
    """The newest lines first, of one subject or of all, of some events or of all."""
    wanted = orjson.dumps(sorted(events)).decode()
    found = _lines(
        connection,
        "WHERE (:about IS NULL OR subject = :about)"
        " AND (:events = '[]' OR event IN (SELECT value FROM json_each(:events))) ORDER BY number DESC LIMIT :limit",
        {"about": subject, "events": wanted, "limit": limit},
    )
    return [line.entry for _, line in found]


def strike_out(connection: apsw.Connection, person: str, stand_in: str) -> None:
    """Put a token in the place of a person, and drop the salt that their name is sealed with."""
    connection.execute("DELETE FROM audit_salt WHERE name = ?", (person,))
    for number, line in list(_lines(connection, "WHERE instr(actor || subject || detail, ?)", (person,))):
        left = struck(
            line,
            line._replace(
                actor=stand_in if line.actor == person else line.actor,
                subject=stand_in if line.subject == person else line.subject,
                detail=redacted(line.detail, person, stand_in),
            ),
        )
        connection.execute(
            "UPDATE audit SET actor = ?, subject = ?, detail = ?, seal = ? WHERE number = ?",
            (left.actor, left.subject, left.detail, left.seal, number),
        )


def _lines(connection: apsw.Connection, rest: str, bindings: Any = ()) -> Iterator[tuple[int, Line]]:
    rows = connection.execute(f"SELECT number, {_COLUMNS} FROM audit {rest}", bindings)
    for number, *columns in cast(Iterable[tuple[Any, ...]], rows):
        yield number, Line(*columns)
