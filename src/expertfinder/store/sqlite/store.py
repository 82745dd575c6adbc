"""The facts in one SQLite file: write-ahead log, full sync, one writer at a time, readers that never wait.

Processes share the file as SQLite lets them. Inside a process the store may be used by any number of threads: every
operation borrows a connection of its own from a pool, so no connection is ever in two hands. After a fork the child
opens its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import starmap
from pathlib import Path
from typing import Any, Literal, cast

import apsw

from expertfinder.errors import Conflict, StoreError, StoreUnavailable
from expertfinder.model import Fact, Interaction, Post
from expertfinder.store.batches import Batch, Ready, distinct, receipt, suspects, to_write
from expertfinder.store.chain import Line, checked, line_of
from expertfinder.store.codec import askable
from expertfinder.store.forgetting import asker
from expertfinder.store.migrations import check, half_copied, migrate
from expertfinder.store.protocol import DEMAND_KEPT, AuditEntry, Beside, Chain, Change, Demand, Kept, Key, Kind, Receipt
from expertfinder.store.sqlite.audit import add_lines, entries_of, put_lines, read_lines, read_salts
from expertfinder.store.sqlite.connections import (
    BUSY_SECONDS,
    Connections,
    insist,
    make_private_file,
    refuse_old_library,
)
from expertfinder.store.sqlite.erasing import FileGraves, erase
from expertfinder.store.sqlite.rows import (
    PUT_KEY,
    PUT_STATEMENT,
    acted_on,
    columns_of,
    columns_said,
    fact_of,
    hashes_of,
    key_of,
    log_changes,
    put_rows,
    read_beside,
    read_keys,
    read_statements,
    select,
    sequence_of,
    table_of,
    texts,
)
from expertfinder.store.statements import Having, S, Statement, about_of, kept_of, people_of, statements_of


class SQLiteStore:
    """A `Store` in one SQLite file. `protocol.py` says what the methods promise."""

    def __init__(
        self, path: Path, *, read_only: bool = False, copying: bool = False, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        """Open the file at `path`; unless `read_only`, make it where it is missing and bring it to today's format.

        Raises `FormatNotSupported` for a file of newer code, and `StoreUnavailable` when it cannot be reached just now.
        Raises `StoreError` for a file that is no record of ours, for half a copy (unless `copying`), and for a SQLite
        library that is too old.
        """
        refuse_old_library(apsw.sqlite_lib_version())
        self._connections = Connections(path, read_only=read_only, busy_seconds=busy_seconds)
        if not read_only:
            make_private_file(path)
        elif not path.exists():
            raise StoreError(f"there is no record at {path}: import something first")
        with self._connections.borrow() as connection:
            self._prepare(connection)
            salt: bytes = connection.execute("SELECT value FROM property WHERE name = 'salt'").get
        if not copying and (origin := self.half_copied()):
            self.close()
            raise half_copied(path, origin)
        self._graves = FileGraves(salt)

    def _prepare(self, connection: apsw.Connection) -> None:
        if self._connections.read_only:
            if check(connection) == 0:
                raise StoreError(f"the record at {self._connections.path} is empty: import something first")
            return
        check(connection)  # before the first byte is written into a file that may be somebody else's
        insist(lambda: connection.pragma("journal_mode", "wal"), self._connections.busy_seconds)
        migrate(connection)

    # --- writing facts ---------------------------------------------------------------------------------------------

    def apply(self, facts: Iterable[Fact]) -> Receipt:
        """Write a batch, all or nothing. Facts with the same kind and id: the last one counts, and is counted once."""
        batch = distinct(facts)
        seen = self._graves.newest
        ready = self._ready(batch)  # the work that needs no lock is done before the lock
        with self._connections.write() as connection:
            if self._graves.refresh(connection) != seen:
                ready = self._ready(batch)
            self._graves.bury(connection, "person", ready.buried)
            written = {kind: put_rows(connection, kind, [row for row, _ in rows]) for kind, rows in ready.rows.items()}
            sequence = sequence_of(connection)
        return receipt(batch, ready.rows, written, sequence=sequence)

    def apply_parts(self, parts: Iterable[Sequence[Fact]], *, told: Callable[[Receipt], None]) -> None:
        """Write several batches as one transaction. Until its end others read what was before, and cannot write."""
        with self._connections.write() as connection:
            for part in parts:
                batch = distinct(part)
                self._graves.refresh(connection)
                ready = self._ready(batch)
                self._graves.bury(connection, "person", ready.buried)
                rows = ready.rows.items()
                written = {kind: put_rows(connection, kind, [row for row, _ in each]) for kind, each in rows}
                told(receipt(batch, ready.rows, written, sequence=sequence_of(connection)))

    def _ready(self, batch: Batch) -> Ready:
        again = suspects(batch, self._graves)
        return to_write(batch, self._graves, there=[one.id for one in self.get("person", again)] if again else ())

    def delete(self, kind: Kind, ids: Iterable[str]) -> int:
        """Delete facts (they may come again). Returns how many were there."""
        with self._connections.write() as connection:
            there = sorted(hashes_of(connection, kind, ids))
            posts = acted_on(connection, there) if kind == "interaction" else []
            connection.executemany(f"DELETE FROM {table_of(kind)} WHERE id = ?", ((fact_id,) for fact_id in there))
            log_changes(connection, "delete", kind, there)
            log_changes(connection, "put", "post", posts)
        return len(there)

    def hide(self, person: str, *, hidden: bool = True) -> int:
        """Hide or show a person, whatever later imports of the record say. Returns the last change's number."""
        with self._connections.write() as connection:
            self._graves.refresh(connection)
            if askable([person]) and not self._graves.holds("person", person):
                if hidden:
                    connection.execute("INSERT OR IGNORE INTO hidden (person) VALUES (?)", (person,))
                else:
                    connection.execute("DELETE FROM hidden WHERE person = ?", (person,))
                if connection.changes():
                    log_changes(connection, "hide" if hidden else "show", "person", [person])
            return sequence_of(connection)

    def hides(self) -> frozenset[str]:
        """The ids that `hide` hid."""
        with self._connections.borrow() as connection:
            return frozenset(row[0] for row in connection.execute("SELECT person FROM hidden"))

    def erase(self, person: str, *, keys: Iterable[str] = ()) -> int:
        """Forget a person; call `scrub` afterwards. Returns the number of the last change."""
        with self._connections.write() as connection:
            return erase(connection, self._graves, person, keys)

    def scrub(self) -> bool:
        """Leave no byte of what was erased: rewrite the file and empty its log. `False` when there was nothing to do.

        `secure_delete` alone does not suffice. When SQLite moves rows between pages, copies of them stay behind in the
        free space of a page, and are not deleted with the row (seen in 7 of 400 erasures of a random life).
        """
        with self._connections.borrow() as connection:
            due = connection.execute("SELECT value FROM property WHERE name = 'scrub'").get
            if due is None:
                return False
            connection.execute("VACUUM")
            busy, _, _ = cast(tuple[int, int, int], connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())
            if busy:
                raise StoreUnavailable("somebody still reads what was erased: scrub again", retry_after=BUSY_SECONDS)
            # Another process may have erased meanwhile: then its number stands here, and another scrub is due.
            connection.execute("DELETE FROM property WHERE name = 'scrub' AND value = ?", (due,))
        return True

    # --- reading facts ---------------------------------------------------------------------------------------------

    def sequence(self) -> int:
        """The number of the last change; 0 for an empty store."""
        with self._connections.borrow() as connection:
            return sequence_of(connection)

    def changes(self, since: int, *, limit: int = 10_000) -> Sequence[Change]:
        """The changes with a number above `since`, in order, at most `limit`."""
        with self._connections.borrow() as connection:
            rows = connection.execute(
                "SELECT sequence, operation, kind, id FROM change WHERE sequence > ? ORDER BY sequence LIMIT ?",
                (since, max(limit, 0)),
            )
            return [Change(*row) for row in rows]

    def get(self, kind: Kind, ids: Iterable[str]) -> list[Any]:
        """The facts with these ids that are there, in the order of the ids."""
        asked = list(ids)
        with self._connections.borrow() as connection:
            rows = connection.execute(f"{select(kind)} WHERE id IN (SELECT value FROM carray(?))", texts(asked))
            found = {row[0]: fact_of(kind, row) for row in rows}
        return [found[fact_id] for fact_id in asked if fact_id in found]

    def all(self, kind: Kind) -> Iterator[Any]:
        """Every fact of a kind, ordered by id (byte order), as the store is when the first one is asked for."""
        with self._connections.borrow() as connection:
            rows = connection.execute(f"{select(kind)} ORDER BY id")  # one statement reads one snapshot
            try:
                for row in rows:
                    yield fact_of(kind, row)
            finally:
                rows.close(True)

    def acts_on(self, objects: Iterable[str], *, kind: Literal["post", "person"] = "post") -> list[Interaction]:
        """The interactions whose object is one of these posts, or of these people, ordered by id."""
        found: list[Interaction] = self._naming("interaction", "body ->> 'object'", objects)
        return [act for act in found if act.object_type == kind]

    def acts_by(self, actors: Iterable[str]) -> list[Interaction]:
        """The interactions of these actors, ordered by id."""
        return self._naming("interaction", "body ->> 'actor'", actors)

    def posts_by(self, authors: Iterable[str]) -> list[Post]:
        """The posts of these authors, ordered by id. There is no index of authors: SQLite looks at all bodies."""
        return self._naming("post", "id IN (SELECT post FROM wrote WHERE person", authors, end=")")

    def _naming(self, kind: Kind, where: str, names: Iterable[str], *, end: str = "") -> list[Any]:
        """The facts of a kind of which `where` is one of these names, ordered by id."""
        statement = f"{select(kind)} WHERE {where} IN (SELECT value FROM carray(?)){end} ORDER BY id"
        with self._connections.borrow() as connection:
            return [fact_of(kind, row) for row in connection.execute(statement, texts(names))]

    def count(self, kind: Kind) -> int:
        """How many facts of a kind there are."""
        with self._connections.borrow() as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table_of(kind)}").get)

    def forgotten(self, kind: Kind, ids: Iterable[str]) -> set[str]:
        """Those of the ids that were erased. A holder of ids asks this when an `erase` is among the changes."""
        with self._connections.borrow() as connection:
            self._graves.refresh(connection)
        return {fact_id for fact_id in ids if self._graves.holds(kind, fact_id)}

    # --- keys and audit --------------------------------------------------------------------------------------------

    def put_key(self, key: Key) -> None:
        """Keep or replace an API key. Raises `Conflict` for a key of a person who was erased."""
        with self._connections.write() as connection:
            self._graves.refresh(connection)
            if key.person is not None and self._graves.holds("person", key.person):
                raise Conflict("the person whose key this would be was erased")
            connection.execute(PUT_KEY, columns_of(key))

    def key(self, key_id: str) -> Key | None:
        """The key with this id."""
        with self._connections.borrow() as connection:
            rows = connection.execute("SELECT * FROM key WHERE id IN (SELECT value FROM carray(?))", texts([key_id]))
            return next(map(key_of, rows), None)

    def keys(self) -> list[Key]:
        """All keys, ordered by id."""
        with self._connections.borrow() as connection:
            return read_keys(connection)

    def state(self, statement: Statement, *, touching: Iterable[str] = ()) -> int:
        """Keep a statement. Raises `Conflict` where somebody whom it is about was erased."""
        row = kept_of(statement)
        with self._connections.write() as connection:
            self._graves.refresh(connection)
            if any(self._graves.holds(kind, named) for kind, named in about_of(statement)):
                raise Conflict("who or what this would be about was erased")
            connection.execute(f"{PUT_STATEMENT} WHERE body <> excluded.body", columns_said(row))
            if statement.MOVES and connection.changes():
                log_changes(connection, "put", "person", people_of(statement))
                log_changes(connection, "put", "post", sorted(set(touching)))
            return sequence_of(connection)

    def retract(self, statement: Statement, *, touching: Iterable[str] = ()) -> int:
        """Take back the statement with this kind and key."""
        row = kept_of(statement)
        with self._connections.write() as connection:
            connection.execute("DELETE FROM statement WHERE kind = ? AND key = ?", columns_said(row)[:2])
            if statement.MOVES and connection.changes():
                log_changes(connection, "put", "person", people_of(statement))
                log_changes(connection, "put", "post", sorted(set(touching)))
            return sequence_of(connection)

    def statements(self, kind: type[S], *, since: date | None = None, having: Having | None = None) -> list[S]:
        """All statements of a kind, ordered by their keys; `since`: of that `day` and later; `having`: by a field."""
        with self._connections.borrow() as connection:
            rows = read_statements(connection, kind.KIND, since, having, looked_up=kind.LOOKED_UP)
            return statements_of(kind, rows)

    def note_question(self, topics: Iterable[str], person: str, *, week: date) -> None:
        """Count that somebody asked about topics in a week, once for each topic and person."""
        with self._connections.write() as connection:
            self._graves.refresh(connection)
            if self._graves.holds("person", person):
                return
            who, oldest = asker(self._graves.salt, person), (week - DEMAND_KEPT).isoformat()
            rows = ((week.isoformat(), topic, who) for topic in topics)
            connection.executemany("INSERT OR IGNORE INTO demand (week, topic, asker) VALUES (?, ?, ?)", rows)
            connection.execute("DELETE FROM demand WHERE week < ?", (oldest,))

    def demand(self, *, fewest: int) -> list[Demand]:
        """Topics that at least `fewest` different people asked about in a week, ordered by week and topic."""
        with self._connections.borrow() as connection:
            rows = connection.execute(
                "SELECT week, topic, count(*) FROM demand GROUP BY 1, 2 HAVING count(*) >= ? ORDER BY 1, 2", (fewest,)
            )
            return [Demand(date.fromisoformat(week), topic, askers) for week, topic, askers in rows]

    def write_audit(self, *entries: AuditEntry) -> None:
        """Add lines to the audit log; durable when it returns. An erased person stands in them as the token."""
        lines = list(map(line_of, entries))
        with self._connections.write() as connection:
            self._graves.refresh(connection)
            name = self._graves.name
            add_lines(connection, [line._replace(actor=name(line.actor), subject=name(line.subject)) for line in lines])

    def audit(self, *, subject: str | None = None, events: Iterable[str] = (), limit: int = 1000) -> list[AuditEntry]:
        """The newest lines first, of one subject (an erased one too, for who knows the id) or of all."""
        with self._connections.borrow() as connection:
            self._graves.refresh(connection)
            about = None if subject is None else self._graves.name(subject)
            return entries_of(connection, about, events, max(limit, 0))

    def check_audit(self) -> Chain:
        """Whether every line of the audit log is as it was written, apart from people erased since."""
        with self._connections.borrow() as connection:
            connection.execute("BEGIN")
            try:
                self._graves.refresh(connection)
                return checked(read_lines(connection), read_salts(connection), self._graves.is_token)
            finally:
                connection.execute("ROLLBACK")

    # --- a move to another home ------------------------------------------------------------------------------------

    def kept(self, kind: Kind) -> Iterator[Kept]:
        """Every fact of a kind as it is kept, without what `hide` adds to people."""
        with self._connections.borrow() as connection:
            rows = connection.execute(f"SELECT id, hash, body FROM {table_of(kind)} ORDER BY id")
            try:
                for row in rows:
                    yield Kept(*row)
            finally:
                rows.close(True)

    def beside(self) -> Beside:
        """What is kept beside the facts, all of one moment."""
        with self._connections.borrow() as connection:
            connection.execute("BEGIN")
            try:
                return read_beside(connection)
            finally:
                connection.execute("ROLLBACK")

    def inherit(self, beside: Beside, *, origin: str) -> None:
        """Take over what another home keeps beside its facts. Raises `Conflict` unless this one is empty."""
        with self._connections.write() as connection:
            tables = ("change", "hidden", "tombstone", "key", "statement", "demand", "audit", "audit_salt")
            if any(connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").get for table in tables):
                raise Conflict(f"the record at {self._connections.path} is not empty")
            connection.execute("UPDATE property SET value = ? WHERE name = 'salt'", (beside.salt,))
            connection.executemany("INSERT INTO tombstone (hash) VALUES (?)", ((one,) for one in beside.tombstones))
            connection.executemany("INSERT INTO hidden (person) VALUES (?)", ((one,) for one in beside.hidden))
            connection.executemany(PUT_KEY, map(columns_of, beside.keys))
            connection.executemany(PUT_STATEMENT, map(columns_said, beside.statements))
            connection.executemany("INSERT INTO demand (week, topic, asker) VALUES (?, ?, ?)", beside.questions)
            put_lines(connection, enumerate(starmap(Line, beside.audit), 1), dict(beside.salts))
            connection.execute("INSERT INTO property (name, value) VALUES ('copying', ?)", (origin,))

    def half_copied(self) -> str | None:
        """The name of the home that this is half a copy of; `None` for a whole home."""
        with self._connections.borrow() as connection:
            origin: str | None = connection.execute("SELECT value FROM property WHERE name = 'copying'").get
        return origin

    def complete(self) -> None:
        """Mark the copy as whole: the home may be used from now on."""
        with self._connections.write() as connection:
            connection.execute("DELETE FROM property WHERE name = 'copying'")

    def close(self) -> None:
        """Close the connections. Those of iterators that are still open are closed when the iterators end."""
        self._connections.close()
