"""Forgetting people in a SQLite file: what goes, what is struck out, and the tombstones that keep them away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast

import apsw

from expertfinder.store.codec import TYPES, askable, decode, encode, quoted
from expertfinder.store.forgetting import Graves, asker, token, tombstone, without
from expertfinder.store.protocol import Kept, Kind
from expertfinder.store.sqlite.audit import strike_out
from expertfinder.store.sqlite.rows import erase_statements, log_changes, put_rows, sequence_of, table_of, texts


class FileGraves(Graves):
    """The tombstones of a file."""

    def refresh(self, connection: apsw.Connection) -> int:
        """Read the tombstones that are new. Returns the number of the newest."""
        if not self.newest:  # an empty record may have inherited another salt since it was opened
            self.salt = connection.execute("SELECT value FROM property WHERE name = 'salt'").get
        rows = connection.execute("SELECT number, hash FROM tombstone WHERE number > ? ORDER BY number", (self.newest,))
        for number, grave in cast(Iterable[tuple[int, bytes]], rows):
            self.add(number, grave)
        return self.newest

    def bury(self, connection: apsw.Connection, kind: Kind | Literal["account"], names: Iterable[str]) -> None:
        """Make tombstones for ids or account keys that may not come back."""
        graves = [(tombstone(self.salt, kind, name),) for name in names]
        connection.executemany("INSERT OR IGNORE INTO tombstone (hash) VALUES (?)", graves)
        self.refresh(connection)


def erase(connection: apsw.Connection, graves: FileGraves, person: str, keys: Iterable[str]) -> int:
    """Forget a person and account keys; see `Store.erase`. Returns the number of the last change."""
    graves.refresh(connection)
    graves.bury(connection, "account", keys)
    if not askable([person]) or graves.holds("person", person):
        return sequence_of(connection)
    gone = {kind: _erase_from(connection, graves.salt, kind, person) for kind in TYPES}
    connection.execute("DELETE FROM hidden WHERE person = ?", (person,))
    connection.execute("DELETE FROM key WHERE person = ?", (person,))
    stand_in = token(tombstone(graves.salt, "person", person))
    erase_statements(connection, gone["post"], person, stand_in)
    connection.execute("DELETE FROM demand WHERE asker = ?", (asker(graves.salt, person),))
    strike_out(connection, person, stand_in)
    graves.refresh(connection)
    sequence = sequence_of(connection)
    connection.execute("INSERT OR REPLACE INTO property (name, value) VALUES ('scrub', ?)", (sequence,))
    return sequence


def _erase_from(connection: apsw.Connection, salt: bytes, kind: Kind, person: str) -> list[str]:
    """Strike one person out of the facts of one kind, and put tokens for the deleted facts into the log of changes.

    Returns the ids of the deleted facts, sorted."""
    removed = {person} if kind == "person" else set[str]()
    rest: list[Kept] = []
    naming = connection.execute(
        f"SELECT id, body FROM {table_of(kind)} WHERE instr(body, ?) OR id = ? ORDER BY id", (quoted(person), person)
    )
    for fact_id, body in naming:
        fact = decode(kind, fact_id, body)
        left = without(fact, lambda named: named == person)
        if left is None:
            removed.add(fact_id)
        elif left is not fact:
            rest.append(encode(left))
    put_rows(connection, kind, rest)
    ids = sorted(removed)
    connection.executemany(f"DELETE FROM {table_of(kind)} WHERE id = ?", ((fact_id,) for fact_id in ids))
    graves = {fact_id: tombstone(salt, kind, fact_id) for fact_id in ids}
    rows = connection.execute(
        "SELECT sequence, id FROM change WHERE kind = ? AND id IN (SELECT value FROM carray(?))",
        (kind, *texts(ids)),
    )
    named = cast(list[tuple[int, str]], rows.fetchall())
    connection.executemany(
        "UPDATE change SET id = ? WHERE sequence = ?",
        [(token(graves[fact_id]), number) for number, fact_id in named],
    )
    log_changes(connection, "erase", kind, [token(graves[fact_id]) for fact_id in ids])
    connection.executemany("INSERT OR IGNORE INTO tombstone (hash) VALUES (?)", ((graves[fact_id],) for fact_id in ids))
    return ids
