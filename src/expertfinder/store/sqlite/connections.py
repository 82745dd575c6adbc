"""Connections to a SQLite file: every operation borrows one of its own, and what SQLite raises leaves as ours."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import apsw

from expertfinder.errors import StoreError, StoreOutOfSpace, StoreUnavailable

OLDEST_SQLITE: Final = (3, 51, 3)
"""The first version without the WAL-reset bug, which can corrupt a file with several connections (3.7.0 to 3.51.2)."""

BUSY_SECONDS: Final = 5.0
"""How long a writer waits for another one before it says `StoreUnavailable` (promise C7)."""

_WAL_BYTES_KEPT: Final = 64 * 2**20
"""Bytes to which the log is cut back after a bulk load made it larger: sixteen times what SQLite checkpoints at."""
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


class Connections:
    """Connections to one file, by any number of threads; no connection is ever in two hands.

    After a fork the child opens its own.
    """

    def __init__(self, path: Path, *, read_only: bool = False, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self.read_only = read_only
        self.busy_seconds = busy_seconds
        self._idle: list[apsw.Connection] = []
        self._inherited: list[list[apsw.Connection]] = []
        self._process = os.getpid()
        self._closed = False

    @contextmanager
    def borrow(self) -> Iterator[apsw.Connection]:
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
            raise _as_ours(error, number, self.path) from error
        except BaseException:
            self._give_back(connection)
            raise
        else:
            self._give_back(connection)

    @contextmanager
    def write(self) -> Iterator[apsw.Connection]:
        """One transaction: everything of it is on the disk when the block ends, or nothing of it is there."""
        with self.borrow() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close all connections. One that is still borrowed is closed when it is given back."""
        self._closed = True
        while self._idle:
            _drop(self._idle.pop())

    def _give_back(self, connection: apsw.Connection, *, good: bool = True) -> None:
        if self._closed or not good or connection.in_transaction:
            _drop(connection)
        else:
            self._idle.append(connection)

    def _open(self) -> apsw.Connection:
        access = apsw.SQLITE_OPEN_READONLY if self.read_only else apsw.SQLITE_OPEN_READWRITE
        try:
            connection = apsw.Connection(str(self.path), flags=access)
        except apsw.Error as error:
            raise _as_ours(error, 0, self.path) from error
        try:
            connection.set_busy_timeout(round(self.busy_seconds * 1000))
            connection.pragma("synchronous", "full")
            connection.pragma("secure_delete", True)  # what is taken back goes at once, not at the next scrub
            connection.pragma("journal_size_limit", _WAL_BYTES_KEPT)
        except apsw.Error as error:
            number = connection.system_errno
            _drop(connection)
            raise _as_ours(error, number, self.path) from error
        return connection


def refuse_old_library(version: str) -> None:
    """Raise `StoreError` for a SQLite library before 3.51.3."""
    if tuple(int(part) for part in version.split(".")[:3]) < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(
            f"SQLite {version} can corrupt a file with several connections: install apsw {oldest} or later"
        )


def make_private_file(path: Path) -> None:
    """An empty file that only its owner may read (SQLite gives its log the same rights), where there is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except OSError as error:
        kind = StoreOutOfSpace if error.errno in _OUT_OF_SPACE else StoreUnavailable
        raise kind(
            f"the record {path} cannot be made or written: {error.strerror}", retry_after=BUSY_SECONDS
        ) from error


def insist(action: Callable[[], object], seconds: float) -> None:
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
    """Close a connection. The last one to close tidies up SQLite's log; if the disk fails, the next to open does."""
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
