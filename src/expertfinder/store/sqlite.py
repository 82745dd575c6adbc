"""The facts in one SQLite file: write-ahead log, full sync, one writer at a time, readers that never wait.

Processes share the file as SQLite lets them. Inside a process the store may be used by any number of threads: every
operation borrows a connection of its own from a pool, so no connection is ever in two hands. After a fork the child
opens its own.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import starmap
from pathlib import Path
from typing import Any, Final, Literal, cast

import apsw
import orjson

from expertfinder.errors import Conflict, StoreError, StoreOutOfSpace, StoreUnavailable
from expertfinder.model import Fact, Interaction
from expertfinder.store.batches import Batch, Ready, distinct, suspects, to_write
from expertfinder.store.codec import TYPES, askable, decode, encode, quoted
from expertfinder.store.forgetting import Graves, asker, redacted, token, tombstone, without
from expertfinder.store.migrations import check, half_copied, migrate
from expertfinder.store.protocol import (
    DEMAND_KEPT,
    AuditEntry,
    Beside,
    Change,
    Demand,
    Kept,
    Key,
    Kind,
    Operation,
    Question,
    Receipt,
)
from expertfinder.store.statements import KeptStatement, S, Statement, kept_of, statements_of, without_author

OLDEST_SQLITE: Final = (3, 51, 3)
"""The first version without the WAL-reset bug, which can corrupt a file with several connections (3.7.0 to 3.51.2)."""

BUSY_SECONDS: Final = 5.0
"""How long a writer waits for another one before it says `StoreUnavailable` (promise C7)."""

_WAL_BYTES_KEPT: Final = 64 * 2**20  # a bulk load may make the log larger; afterwards it is cut back to this
_OUT_OF_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PASSING: Final = (apsw.BusyError, apsw.LockedError, apsw.ReadOnlyError, apsw.IOError, apsw.FullError)
"""Errors after which a connection is as good as before."""
_AWAY: Final = (
    apsw.BusyError,
    apsw.LockedError,
    apsw.ReadOnlyError,
    apsw.CantOpenError,
    apsw.ProtocolError,
    apsw.PermissionsError,
)


class SQLiteStore:
    """A `Store` in one SQLite file. `protocol.py` says what the methods promise."""

    def __init__(
        self, path: Path, *, read_only: bool = False, copying: bool = False, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        """Open the file at `path`; unless `read_only`, make it where it is missing and bring it to today's format.

        Raises `FormatNotSupported` for a file of newer code, `StoreUnavailable` when it cannot be reached just now, and
        `StoreError` for a file that is no record of ours, for half a copy (unless `copying`), and for a SQLite library
        that is too old.
        """
        refuse_old_library(apsw.sqlite_lib_version())
        self._path = path
        self._read_only = read_only
        self._busy_seconds = busy_seconds
        self._idle: list[apsw.Connection] = []
        self._inherited: list[list[apsw.Connection]] = []
        self._process = os.getpid()
        self._closed = False
        if not read_only:
            _make_private_file(path)
        elif not path.exists():
            raise StoreError(f"there is no record at {path}: import something first")
        with self._borrow() as connection:
            self._prepare(connection)
            salt: bytes = connection.execute("SELECT value FROM property WHERE name = 'salt'").get
        if not copying and (origin := self.half_copied()):
            self.close()
            raise half_copied(path, origin)
        self._graves = _Graves(salt)

    def _prepare(self, connection: apsw.Connection) -> None:
        if self._read_only:
            if check(connection) == 0:
                raise StoreError(f"the record at {self._path} is empty: import something first")
            return
        check(connection)  # before the first byte is written into a file that may be somebody else's
        _insist(lambda: connection.pragma("journal_mode", "wal"), self._busy_seconds)
        migrate(connection)

    # --- writing facts ---------------------------------------------------------------------------------------------

    def apply(self, facts: Iterable[Fact]) -> Receipt:
        """Write a batch, all or nothing. Facts with the same kind and id: the last one counts, and is counted once."""
        batch = distinct(facts)
        seen = self._graves.newest
        ready = self._ready(batch)  # the work that needs no lock is done before the lock
        added = changed = 0
        with self._write() as connection:
            if self._graves.refresh(connection) != seen:
                ready = self._ready(batch)
            self._bury(connection, "person", ready.buried)
            for kind, of_kind in ready.rows.items():
                new, other = _put(connection, kind, [row for row, _ in of_kind])
                added += new
                changed += other
            sequence = _sequence(connection)
        unchanged = sum(map(len, batch.values())) - ready.refused - added - changed
        return Receipt(sequence, added=added, changed=changed, unchanged=unchanged, refused=ready.refused)

    def _ready(self, batch: Batch) -> Ready:
        again = suspects(batch, self._graves)
        return to_write(batch, self._graves, there=[one.id for one in self.get("person", again)] if again else ())

    def _bury(self, connection: apsw.Connection, kind: Kind | Literal["account"], names: Iterable[str]) -> None:
        """Tombstones for ids or account keys that may not come back."""
        graves = [(tombstone(self._graves.salt, kind, name),) for name in names]
        connection.executemany("INSERT OR IGNORE INTO tombstone (hash) VALUES (?)", graves)
        self._graves.refresh(connection)

    def delete(self, kind: Kind, ids: Iterable[str]) -> int:
        """Take facts back (they may come again). How many were there."""
        with self._write() as connection:
            there = sorted(_hashes(connection, kind, ids))
            connection.executemany(f"DELETE FROM {_table(kind)} WHERE id = ?", ((fact_id,) for fact_id in there))
            _log(connection, "delete", kind, there)
        return len(there)

    def hide(self, person: str, *, hidden: bool = True) -> int:
        """Hide or show a person; outlasts every later import of the record. The sequence number after it."""
        with self._write() as connection:
            self._graves.refresh(connection)
            if askable([person]) and not self._graves.holds("person", person):
                if hidden:
                    connection.execute("INSERT OR IGNORE INTO hidden (person) VALUES (?)", (person,))
                else:
                    connection.execute("DELETE FROM hidden WHERE person = ?", (person,))
                if connection.changes():
                    _log(connection, "hide" if hidden else "show", "person", [person])
            return _sequence(connection)

    def hides(self) -> frozenset[str]:
        """The ids that `hide` hid."""
        with self._borrow() as connection:
            return frozenset(row[0] for row in connection.execute("SELECT person FROM hidden"))

    def erase(self, person: str, *, keys: Iterable[str] = ()) -> int:
        """Forget a person; call `scrub` afterwards. The sequence number after it."""
        with self._write() as connection:
            self._graves.refresh(connection)
            self._bury(connection, "account", keys)
            if not askable([person]) or self._graves.holds("person", person):
                return _sequence(connection)
            for kind in TYPES:
                self._erase_from(connection, kind, person)
            connection.execute("DELETE FROM hidden WHERE person = ?", (person,))
            connection.execute("DELETE FROM key WHERE person = ?", (person,))
            _erase_statements(connection, person, token(tombstone(self._graves.salt, "person", person)))
            connection.execute("DELETE FROM demand WHERE asker = ?", (asker(self._graves.salt, person),))
            self._redact_audit(connection, person)
            self._graves.refresh(connection)
            sequence = _sequence(connection)
            connection.execute("INSERT OR REPLACE INTO property (name, value) VALUES ('scrub', ?)", (sequence,))
        return sequence

    def scrub(self) -> bool:
        """Leave no byte of what was erased: rewrite the file and empty its log. `False` when there was nothing to do.

        `secure_delete` alone does not suffice: when SQLite moves rows between pages, copies of them stay behind in the
        free space of a page and are not deleted with the row (seen in 7 of 400 erasures of a random life).
        """
        with self._borrow() as connection:
            due = connection.execute("SELECT value FROM property WHERE name = 'scrub'").get
            if due is None:
                return False
            connection.execute("VACUUM")
            busy, _, _ = cast(tuple[int, int, int], connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())
            if busy:
                raise StoreUnavailable("somebody still reads what was erased: scrub again", retry_after=BUSY_SECONDS)
            # Another process may have erased meanwhile: then its number stands here, and its turn comes.
            connection.execute("DELETE FROM property WHERE name = 'scrub' AND value = ?", (due,))
        return True

    def _erase_from(self, connection: apsw.Connection, kind: Kind, person: str) -> None:
        """Strike one person out of the facts of one kind, and out of what the log says of those that go."""
        removed = {person} if kind == "person" else set[str]()
        rest: list[Kept] = []
        naming = connection.execute(
            f"SELECT id, body FROM {_table(kind)} WHERE instr(body, ?) OR id = ? ORDER BY id", (quoted(person), person)
        )
        for fact_id, body in naming:
            fact = decode(kind, fact_id, body)
            left = without(fact, lambda named: named == person)
            if left is None:
                removed.add(fact_id)
            elif left is not fact:
                rest.append(encode(left))
        _put(connection, kind, rest)
        ids = sorted(removed)
        connection.executemany(f"DELETE FROM {_table(kind)} WHERE id = ?", ((fact_id,) for fact_id in ids))
        graves = {fact_id: tombstone(self._graves.salt, kind, fact_id) for fact_id in ids}
        rows = connection.execute(
            "SELECT sequence, id FROM change WHERE kind = ? AND id IN (SELECT value FROM carray(?))",
            (kind, *_texts(ids)),
        )
        named = cast(list[tuple[int, str]], rows.fetchall())
        connection.executemany(
            "UPDATE change SET id = ? WHERE sequence = ?",
            [(token(graves[fact_id]), number) for number, fact_id in named],
        )
        _log(connection, "erase", kind, [token(graves[fact_id]) for fact_id in ids])
        connection.executemany(
            "INSERT OR IGNORE INTO tombstone (hash) VALUES (?)", ((graves[fact_id],) for fact_id in ids)
        )

    def _redact_audit(self, connection: apsw.Connection, person: str) -> None:
        stand_in = token(tombstone(self._graves.salt, "person", person))
        lines = connection.execute(
            "SELECT number, actor, subject, detail FROM audit WHERE instr(actor || subject || detail, ?)", (person,)
        )
        for number, actor, subject, detail in cast(list[tuple[int, str, str, str]], lines.fetchall()):
            line = (
                stand_in if actor == person else actor,
                stand_in if subject == person else subject,
                redacted(detail, person, stand_in),
                number,
            )
            connection.execute("UPDATE audit SET actor = ?, subject = ?, detail = ? WHERE number = ?", line)

    # --- reading facts ---------------------------------------------------------------------------------------------

    def sequence(self) -> int:
        """The number of the last change; 0 for an empty store."""
        with self._borrow() as connection:
            return _sequence(connection)

    def changes(self, since: int, *, limit: int = 10_000) -> Sequence[Change]:
        """The changes with a number above `since`, in order, at most `limit`."""
        with self._borrow() as connection:
            rows = connection.execute(
                "SELECT sequence, operation, kind, id FROM change WHERE sequence > ? ORDER BY sequence LIMIT ?",
                (since, max(limit, 0)),
            )
            return [Change(*row) for row in rows]

    def get(self, kind: Kind, ids: Iterable[str]) -> list[Any]:
        """The facts with these ids that are there, in the order of the ids."""
        asked = list(ids)
        with self._borrow() as connection:
            rows = connection.execute(f"{_select(kind)} WHERE id IN (SELECT value FROM carray(?))", _texts(asked))
            found = {row[0]: _fact(kind, row) for row in rows}
        return [found[fact_id] for fact_id in asked if fact_id in found]

    def all(self, kind: Kind) -> Iterator[Any]:
        """Every fact of a kind, ordered by id (byte order), as the store is when the first one is asked for."""
        with self._borrow() as connection:
            rows = connection.execute(f"{_select(kind)} ORDER BY id")  # one statement reads one snapshot
            try:
                for row in rows:
                    yield _fact(kind, row)
            finally:
                rows.close(True)

    def acts_on(self, posts: Iterable[str]) -> list[Interaction]:
        """The interactions whose object is one of these posts, ordered by id."""
        asked = list(posts)
        with self._borrow() as connection:
            rows = connection.execute(
                f"{_select('interaction')} WHERE body ->> 'object' IN (SELECT value FROM carray(?)) ORDER BY id",
                _texts(asked),
            )
            found = [cast(Interaction, _fact("interaction", row)) for row in rows]
        return [act for act in found if act.object_type == "post"]

    def count(self, kind: Kind) -> int:
        """How many facts of a kind there are."""
        with self._borrow() as connection:
            return int(connection.execute(f"SELECT count(*) FROM {_table(kind)}").get)

    def forgotten(self, kind: Kind, ids: Iterable[str]) -> set[str]:
        """Those of the ids that were erased. Asked by who holds ids when an `erase` is among the changes."""
        with self._borrow() as connection:
            self._graves.refresh(connection)
        return {fact_id for fact_id in ids if self._graves.holds(kind, fact_id)}

    # --- keys and audit --------------------------------------------------------------------------------------------

    def put_key(self, key: Key) -> None:
        """Keep or replace an API key. Raises `Conflict` for a key of a person who was erased."""
        with self._write() as connection:
            self._graves.refresh(connection)
            if key.person is not None and self._graves.holds("person", key.person):
                raise Conflict("the person whose key this would be was erased")
            connection.execute(_PUT_KEY, _columns_of(key))

    def key(self, key_id: str) -> Key | None:
        """The key with this id."""
        with self._borrow() as connection:
            rows = connection.execute("SELECT * FROM key WHERE id IN (SELECT value FROM carray(?))", _texts([key_id]))
            return next(map(_key, rows), None)

    def keys(self) -> list[Key]:
        """All keys, ordered by id."""
        with self._borrow() as connection:
            return _keys(connection)

    def state(self, statement: Statement) -> int:
        """Keep a statement. Raises `Conflict` where somebody whom it is about was erased."""
        row = kept_of(statement)
        with self._write() as connection:
            self._graves.refresh(connection)
            if any(self._graves.holds("person", named) for named in row.about):
                raise Conflict("somebody whom this would be about was erased")
            connection.execute(f"{_PUT_STATEMENT} WHERE body <> excluded.body", _columns_said(row))
            if statement.MOVES and connection.changes():
                _log(connection, "put", "person", row.about)
            return _sequence(connection)

    def retract(self, statement: Statement) -> int:
        """Take back the statement with this kind and key."""
        row = kept_of(statement)
        with self._write() as connection:
            connection.execute("DELETE FROM statement WHERE kind = ? AND key = ?", _columns_said(row)[:2])
            if statement.MOVES and connection.changes():
                _log(connection, "put", "person", row.about)
            return _sequence(connection)

    def statements(self, kind: type[S]) -> list[S]:
        """All statements of a kind, ordered by their keys."""
        with self._borrow() as connection:
            return statements_of(kind, _statements(connection, kind.KIND))

    def note_question(self, topics: Iterable[str], person: str, *, week: date) -> None:
        """Count that somebody asked about topics in a week, once for each topic and person."""
        with self._write() as connection:
            self._graves.refresh(connection)
            if self._graves.holds("person", person):
                return
            who, oldest = asker(self._graves.salt, person), (week - DEMAND_KEPT).isoformat()
            rows = ((week.isoformat(), topic, who) for topic in topics)
            connection.executemany("INSERT OR IGNORE INTO demand (week, topic, asker) VALUES (?, ?, ?)", rows)
            connection.execute("DELETE FROM demand WHERE week < ?", (oldest,))

    def demand(self, *, fewest: int) -> list[Demand]:
        """Topics that at least `fewest` different people asked about in a week, ordered by week and topic."""
        with self._borrow() as connection:
            rows = connection.execute(
                "SELECT week, topic, count(*) FROM demand GROUP BY 1, 2 HAVING count(*) >= ? ORDER BY 1, 2", (fewest,)
            )
            return [Demand(date.fromisoformat(week), topic, askers) for week, topic, askers in rows]

    def write_audit(self, entry: AuditEntry) -> None:
        """Add a line to the audit log; durable when it returns. An erased person stands in it as the token."""
        with self._write() as connection:
            self._graves.refresh(connection)
            actor, subject = self._graves.name(entry.actor), self._graves.name(entry.subject)
            connection.execute(_WRITE_AUDIT, _line(replace(entry, actor=actor, subject=subject)))

    def audit(self, *, subject: str | None = None, limit: int = 1000) -> list[AuditEntry]:
        """The newest lines first, of one subject (an erased one too, for who knows the id) or of all."""
        with self._borrow() as connection:
            self._graves.refresh(connection)
            about = None if subject is None else self._graves.name(subject)
            where = "" if about is None else "WHERE subject = :about"
            rows = connection.execute(
                f"SELECT at, actor, event, subject, detail FROM audit {where} ORDER BY number DESC LIMIT :limit",
                {"about": about, "limit": max(limit, 0)},
            )
            return list(map(_entry, rows))

    # --- a move to another home ------------------------------------------------------------------------------------

    def kept(self, kind: Kind) -> Iterator[Kept]:
        """Every fact of a kind as it is kept, without what `hide` adds to people."""
        with self._borrow() as connection:
            rows = connection.execute(f"SELECT id, hash, body FROM {_table(kind)} ORDER BY id")
            try:
                for row in rows:
                    yield Kept(*row)
            finally:
                rows.close(True)

    def beside(self) -> Beside:
        """What is kept beside the facts, all of one moment."""
        with self._borrow() as connection:
            connection.execute("BEGIN")
            try:
                return _beside(connection)
            finally:
                connection.execute("ROLLBACK")

    def inherit(self, beside: Beside, *, origin: str) -> None:
        """Take over what another home keeps beside its facts. Raises `Conflict` unless this one is empty."""
        with self._write() as connection:
            tables = ("change", "hidden", "tombstone", "key", "statement", "demand", "audit")
            if any(connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").get for table in tables):
                raise Conflict(f"the record at {self._path} is not empty")
            connection.execute("UPDATE property SET value = ? WHERE name = 'salt'", (beside.salt,))
            connection.executemany("INSERT INTO tombstone (hash) VALUES (?)", ((one,) for one in beside.tombstones))
            connection.executemany("INSERT INTO hidden (person) VALUES (?)", ((one,) for one in beside.hidden))
            connection.executemany(_PUT_KEY, map(_columns_of, beside.keys))
            connection.executemany(_PUT_STATEMENT, map(_columns_said, beside.statements))
            connection.executemany("INSERT INTO demand (week, topic, asker) VALUES (?, ?, ?)", beside.questions)
            connection.executemany(_WRITE_AUDIT, map(_line, beside.audit))
            connection.execute("INSERT INTO property (name, value) VALUES ('copying', ?)", (origin,))

    def half_copied(self) -> str | None:
        """Of what this is half a copy; `None` for a whole home."""
        with self._borrow() as connection:
            origin: str | None = connection.execute("SELECT value FROM property WHERE name = 'copying'").get
        return origin

    def complete(self) -> None:
        """The copy is whole: the home may be used."""
        with self._write() as connection:
            connection.execute("DELETE FROM property WHERE name = 'copying'")

    def close(self) -> None:
        """Give everything back. Iterators that are still open give theirs back when they end."""
        self._closed = True
        while self._idle:
            _drop(self._idle.pop())

    # --- connections -----------------------------------------------------------------------------------------------

    @contextmanager
    def _borrow(self) -> Iterator[apsw.Connection]:
        """A connection for this operation alone. Whatever SQLite raises leaves as an error of ours."""
        if self._closed:
            raise StoreError("this store was closed: open it again")
        if self._process != os.getpid():
            # SQLite's connections do not survive a fork; closing them here would take away the parent's locks.
            self._inherited.append(self._idle)
            self._idle, self._process = [], os.getpid()
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._open()
        try:
            yield connection
        except apsw.Error as error:
            # After a commit whose sync failed the pages are in the log, and only the memory that the connections share
            # knows that they do not count. Were the last connection closed now, the next one would take them for good.
            number = connection.system_errno
            self._give_back(connection, good=isinstance(error, _PASSING))
            raise _as_ours(error, number, self._path) from error
        except BaseException:
            self._give_back(connection)
            raise
        else:
            self._give_back(connection)

    def _give_back(self, connection: apsw.Connection, *, good: bool = True) -> None:
        if self._closed or not good or connection.in_transaction:
            _drop(connection)
        else:
            self._idle.append(connection)

    def _open(self) -> apsw.Connection:
        access = apsw.SQLITE_OPEN_READONLY if self._read_only else apsw.SQLITE_OPEN_READWRITE
        try:
            connection = apsw.Connection(str(self._path), flags=access)
        except apsw.Error as error:
            raise _as_ours(error, 0, self._path) from error
        try:
            connection.set_busy_timeout(round(self._busy_seconds * 1000))
            connection.pragma("synchronous", "full")
            connection.pragma("secure_delete", True)  # what is taken back goes at once, not at the next scrub
            connection.pragma("journal_size_limit", _WAL_BYTES_KEPT)
        except apsw.Error as error:
            number = connection.system_errno
            _drop(connection)
            raise _as_ours(error, number, self._path) from error
        return connection

    @contextmanager
    def _write(self) -> Iterator[apsw.Connection]:
        """One transaction: everything of it is on the disk when the block ends, or nothing of it is there."""
        with self._borrow() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")


class _Graves(Graves):
    """The tombstones of a file."""

    def refresh(self, connection: apsw.Connection) -> int:
        """Read those that are new. The number of the newest."""
        if not self.newest:  # an empty record may have inherited another salt since it was opened
            self.salt = connection.execute("SELECT value FROM property WHERE name = 'salt'").get
        rows = connection.execute("SELECT number, hash FROM tombstone WHERE number > ? ORDER BY number", (self.newest,))
        for number, grave in cast(Iterable[tuple[int, bytes]], rows):
            self.add(number, grave)
        return self.newest


def refuse_old_library(version: str) -> None:
    """Raise `StoreError` for a SQLite library before 3.51.3."""
    if tuple(int(part) for part in version.split(".")[:3]) < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(
            f"SQLite {version} can corrupt a file with several connections: install apsw {oldest} or later"
        )


def _make_private_file(path: Path) -> None:
    """An empty file that only its owner may read (SQLite gives its log the same rights), where there is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except OSError as error:
        kind = StoreOutOfSpace if error.errno in _OUT_OF_SPACE else StoreUnavailable
        raise kind(
            f"the record {path} cannot be made or written: {error.strerror}", retry_after=BUSY_SECONDS
        ) from error


def _insist(action: Callable[[], object], seconds: float) -> None:
    """Try again while the file is busy: SQLite does not wait by itself when the kind of journal is changed."""
    end = time.monotonic() + seconds
    while True:
        try:
            action()
            return
        except apsw.BusyError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)


def _drop(connection: apsw.Connection) -> None:
    """Close it. The last one to close tidies the log up; where the disk does not let it, the next to open will."""
    with suppress(apsw.Error):
        connection.close()


def _as_ours(error: apsw.Error, number: int, path: Path) -> StoreError:
    """The error of ours that says the same. `number`: the operating system's errno behind it, or 0."""
    if isinstance(error, apsw.FullError) or (isinstance(error, apsw.IOError) and number in _OUT_OF_SPACE):
        return StoreOutOfSpace(f"there is no space left for {path}: nothing was written; make room and try again")
    if isinstance(error, apsw.IOError):
        words = f"the disk failed under {path} ({error}): what was sent is not acknowledged, send it again"
        return StoreUnavailable(words, retry_after=BUSY_SECONDS)
    if isinstance(error, _AWAY):
        return StoreUnavailable(f"{path}: {error}; nothing was written, try again", retry_after=BUSY_SECONDS)
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return StoreError(f"{path} is damaged or no SQLite file ({error}): keep it aside and restore a backup")
    return StoreError(f"{path}: {error}")


def _table(kind: Kind) -> str:
    """The table of a kind. Only words of ours reach the text of a statement."""
    if kind not in TYPES:
        raise StoreError(f"there is no kind of fact called {kind!r}")
    return kind


def _select(kind: Kind) -> str:
    hidden = "id IN (SELECT person FROM hidden)" if kind == "person" else "0"
    return f"SELECT id, body, {hidden} FROM {_table(kind)}"


def _fact(kind: Kind, row: tuple[Any, ...]) -> Fact:
    return decode(kind, row[0], row[1], hidden=bool(row[2]))


def _texts(ids: Iterable[str]) -> tuple[Any]:
    """The bindings of a statement with `carray(?)`: the ids that can be there. It wants at least one: nothing is ''."""
    return (apsw.carray(tuple(askable(ids)) or ("",)),)


def _sequence(connection: apsw.Connection) -> int:
    return cast(int, connection.execute("SELECT coalesce(max(sequence), 0) FROM change").get)


def _hashes(connection: apsw.Connection, kind: Kind, ids: Iterable[str]) -> dict[str, bytes]:
    """The content hashes of those facts that are there."""
    rows = connection.execute(
        f"SELECT id, hash FROM {_table(kind)} WHERE id IN (SELECT value FROM carray(?))", _texts(ids)
    )
    return dict(cast(Iterable[tuple[str, bytes]], rows))


def _put(connection: apsw.Connection, kind: Kind, rows: list[Kept]) -> tuple[int, int]:
    """Write those of the rows that say something new. How many are added, how many changed."""
    known = _hashes(connection, kind, [row.id for row in rows])
    fresh = [row for row in rows if known.get(row.id) != row.hash]
    connection.executemany(
        f"INSERT INTO {_table(kind)} (id, hash, body) VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, body = excluded.body",
        fresh,
    )
    _log(connection, "put", kind, [row.id for row in fresh])
    changed = sum(row.id in known for row in fresh)
    return len(fresh) - changed, changed


def _log(connection: apsw.Connection, operation: Operation, kind: Kind, ids: Sequence[str]) -> None:
    """Number the changes: one above the last each, without gaps, because only one transaction writes at a time."""
    after = _sequence(connection) + 1
    connection.executemany(
        "INSERT INTO change (sequence, operation, kind, id) VALUES (?, ?, ?, ?)",
        ((number, operation, kind, fact_id) for number, fact_id in enumerate(ids, after)),
    )


_PUT_KEY: Final = "INSERT OR REPLACE INTO key VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_PUT_STATEMENT: Final = (
    "INSERT INTO statement (kind, key, about, body) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (kind, key) DO UPDATE SET about = excluded.about, body = excluded.body"
)
_WRITE_AUDIT: Final = "INSERT INTO audit (at, actor, event, subject, detail) VALUES (?, ?, ?, ?, ?)"


def _columns_of(key: Key) -> tuple[Any, ...]:
    times = (_text_of(key.created_at), _text_of(key.expires_at))
    return (key.id, key.digest, orjson.dumps(key.scopes).decode(), key.person, *times, key.revoked, key.note)


def _columns_said(row: KeptStatement) -> tuple[str, str, str, str]:
    return row.kind, orjson.dumps(row.key).decode(), orjson.dumps(row.about).decode(), row.body


def _statements(connection: apsw.Connection, kind: str | None = None) -> list[KeptStatement]:
    rows = connection.execute("SELECT kind, key, about, body FROM statement WHERE ?1 IS NULL OR kind = ?1", (kind,))
    return [
        KeptStatement(of, tuple(orjson.loads(key)), tuple(orjson.loads(about)), body) for of, key, about, body in rows
    ]


def _erase_statements(connection: apsw.Connection, person: str, stand_in: str) -> None:
    """Take away what is about a person, and strike out who made the rest."""
    for row in _statements(connection):
        if person in row.about:
            connection.execute("DELETE FROM statement WHERE kind = ? AND key = ?", _columns_said(row)[:2])
        elif (left := without_author(row, person, stand_in)) is not row:
            connection.execute(_PUT_STATEMENT, _columns_said(left))


def _line(entry: AuditEntry) -> tuple[Any, ...]:
    return (_text_of(entry.at), entry.actor, entry.event, entry.subject, entry.detail)


def _entry(row: tuple[Any, ...]) -> AuditEntry:
    at, actor, event, subject, detail = row
    return AuditEntry(at=datetime.fromisoformat(at), actor=actor, event=event, subject=subject, detail=detail)


def _keys(connection: apsw.Connection) -> list[Key]:
    return [_key(row) for row in connection.execute("SELECT * FROM key ORDER BY id")]


def _beside(connection: apsw.Connection) -> Beside:
    lines = connection.execute("SELECT at, actor, event, subject, detail FROM audit ORDER BY number")
    return Beside(
        salt=connection.execute("SELECT value FROM property WHERE name = 'salt'").get,
        tombstones=tuple(row[0] for row in connection.execute("SELECT hash FROM tombstone ORDER BY hash")),
        hidden=tuple(row[0] for row in connection.execute("SELECT person FROM hidden ORDER BY person")),
        keys=tuple(_keys(connection)),
        statements=tuple(sorted(_statements(connection))),
        questions=tuple(
            starmap(Question, connection.execute("SELECT week, topic, asker FROM demand ORDER BY 1, 2, 3"))
        ),
        audit=tuple(map(_entry, lines)),
    )


def _key(row: tuple[Any, ...]) -> Key:
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
