"""Transactions with a Neo4j server that end in time, whatever the server does.

The driver does not end a call to a frozen server by itself. So each call here runs in an event loop with a thread of
its own, and is cancelled when its time is up; the connection is then thrown away. Errors of the driver leave as errors
of ours. After a transient error the work is tried again for a short while. A login that failed is remembered and not
repeated at once, because the server blocks a user after several.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, TypeVar, cast
from urllib.parse import unquote, urlsplit, urlunsplit

from neo4j import READ_ACCESS, WRITE_ACCESS, AsyncDriver, AsyncGraphDatabase, AsyncSession, AsyncTransaction
from neo4j.exceptions import (
    AuthConfigurationError,
    AuthError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
)

from expertfinder.errors import StoreError, StoreUnavailable

T = TypeVar("T")

SILENCE: Final = 1.0
"""Seconds without an answer after which the server is asked for a sign of life: a slow answer is no reason to give
up."""
SIGN_OF_LIFE: Final = 1.7
"""Seconds that the server has for its sign of life: together with `SILENCE` less than the three of promise C6."""
LOCK_SECONDS: Final = 5.0
"""Seconds that a writer waits for another one, on a server that lives, before it is told to come again (promise C7)."""
LONGEST: Final = 30.0
"""Seconds that one transaction may take on a server that lives; a large one may take more (`longest`)."""
ROWS_A_SECOND: Final = 200
"""The slowest that a large transaction may be: a fortieth of the measured rate, for a machine that is busy."""
RETRY_SECONDS: Final = 2.0
"""Seconds for which work is tried again after transient errors."""
QUIET_SECONDS: Final = 1.0
"""Seconds after a missing sign of life in which every call fails at once, so that nobody else waits in vain."""
LOGIN_QUIET_SECONDS: Final = 30.0
"""Seconds after a failed login in which every call fails at once. From the fourth failed login on the server blocks the
right password, too, for five seconds."""
CLEAN_SECONDS: Final = 0.2
"""Seconds that cancelled work has to end."""
RETRY_AFTER: Final = 5.0
"""What callers are told: seconds until it is worth coming again."""
ORPHAN_SECONDS: Final = 600.0
"""Seconds after which the server ends a transaction itself, so that a frozen client does not hold locks for ever."""

_OUT_OF_MEMORY = frozenset(
    {
        "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
        "Neo.TransientError.General.TransactionMemoryLimit",
        "Neo.TransientError.General.OutOfMemoryError",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server is and who asks. The password is in no text that this makes."""

    url: str
    """Without user, password and database: it may be shown."""
    user: str
    password: str
    database: str | None

    def __repr__(self) -> str:
        return f"Address({self.url})"


def address(url: str, *, user: str = "", password: str = "") -> Address:
    """`neo4j://user:password@host:port/database`; what the URL does not say comes from `user` and `password`.

    Raises `StoreError` where no password is given.
    """
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2]
    shown = urlunsplit((parts.scheme, where, "", parts.query, ""))
    secret = unquote(parts.password) if parts.password is not None else password
    if not where or not secret:
        missing = "a password: put it in EXPERTFINDER_NEO4J_PASSWORD" if where else "the name of a host"
        raise StoreError(f"the address {shown} lacks {missing}")
    return Address(
        url=shown,
        user=unquote(parts.username or "") or user or "neo4j",
        password=secret,
        database=parts.path.strip("/") or None,
    )


class Transaction:
    """One transaction, open while its work runs."""

    def __init__(self, inner: AsyncTransaction | AsyncSession) -> None:
        self._inner = inner

    async def ask(self, statement: str, **parameters: Any) -> list[Any]:
        """The values of the one row that the statement gives (lists, as a rule); none where it gives no row.

        One row of lists travels several times faster than as many rows.
        """
        result = await self._inner.run(statement, parameters)
        row = await result.single()
        return [] if row is None else list(row)

    async def do(self, statement: str, **parameters: Any) -> None:
        """Run a statement that gives nothing."""
        result = await self._inner.run(statement, parameters)
        await result.consume()

    async def lock(self, statement: str, **parameters: Any) -> list[Any]:
        """`ask` a statement that may wait for another writer; after `LOCK_SECONDS` the server counts as busy."""
        try:
            async with asyncio.timeout(LOCK_SECONDS):
                return await self.ask(statement, **parameters)
        except TimeoutError as error:
            raise _Busy from error


Work = Callable[[Transaction], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Question:
    """Work that is a single reading statement."""

    statement: str
    parameters: dict[str, Any]

    async def __call__(self, transaction: Transaction) -> list[Any]:
        """Run the statement: see `Transaction.ask`."""
        return await transaction.ask(self.statement, **self.parameters)


class Server:
    """One server (or cluster), for any number of threads. `read` and `write` run a piece of work as one transaction.

    `rows`: how many rows the work touches, from which follows how long it may take (`longest`).
    """

    def __init__(self, where: Address) -> None:
        self.where = where
        self._lock = threading.Lock()
        self._line: _Line | None = None
        self._process = os.getpid()
        self._closed = False
        self._not_before = 0.0
        self._last_words: StoreError | None = None

    def ask(self, statement: str, **parameters: Any) -> list[Any]:
        """One reading statement as a transaction of its own, in a single round trip: see `Transaction.ask`."""
        return self._run(lambda line: line.attempt(Question(statement, parameters), READ_ACCESS, LONGEST))

    def read(self, work: Work[T], *, rows: int = 1) -> T:
        """Run work that only reads. Raises `StoreUnavailable` when the server gives no sign of life."""
        return self._run(lambda line: line.attempt(work, READ_ACCESS, longest(rows)))

    def look(self, work: Work[T], *, rows: int = 1) -> T:
        """Run work on the server that takes writes, and roll it back: for readers who lock."""
        return self._run(lambda line: line.attempt(work, WRITE_ACCESS, longest(rows), keep=False))

    def within(self, seconds: float, work: Work[T]) -> T:
        """As `look`, for work that may take up to so many seconds, whatever its number of rows."""
        return self._run(lambda line: line.attempt(work, WRITE_ACCESS, seconds, keep=False))

    def write(self, work: Work[T], *, rows: int = 1) -> T:
        """Run work and commit it. When this returns, the writes are durable; when it raises, nothing was written.

        One exception: if the connection broke during the commit, all of the work may be written although this raises.
        """
        return self._run(lambda line: line.attempt(work, WRITE_ACCESS, longest(rows)))

    def schema(self, statement: str) -> None:
        """A statement that changes the schema, in a transaction of its own. What is there already stays as it is."""
        try:
            self.write(lambda transaction: transaction.do(statement))
        except StoreError as error:
            # IF NOT EXISTS looks before it locks: if two make the same rule at once, one gets this error.
            cause = error.__cause__
            if not (isinstance(cause, Neo4jError) and (cause.code or "").endswith("SchemaRuleAlreadyExists")):
                raise

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            line, self._line, self._closed = self._line, None, True
        if line is not None and self._process == os.getpid():
            line.close()

    def _run(self, attempt: Callable[[_Line], Coroutine[None, None, T]]) -> T:
        line = self._open()
        if self._last_words is not None and time.monotonic() < self._not_before:
            raise type(self._last_words)(self._last_words.detail, **self._last_words.extras)
        began = time.monotonic()
        try:
            answer = line.wait(attempt(line))
        except (Neo4jError, DriverError, OSError, TimeoutError) as error:
            ours = self._as_ours(error)
            if isinstance(error, AuthError | AuthConfigurationError):
                self._remember(ours, LOGIN_QUIET_SECONDS)
            elif not isinstance(error, Neo4jError | _Busy) and time.monotonic() - began > SILENCE:
                self._remember(ours, QUIET_SECONDS)
            raise ours from error
        self._last_words = None
        return answer

    def _remember(self, words: StoreError, seconds: float) -> None:
        self._last_words, self._not_before = words, time.monotonic() + seconds

    def _open(self) -> _Line:
        with self._lock:
            if self._closed:
                raise StoreError("this store was closed: open it again")
            if self._line is None or self._process != os.getpid():
                # Neither threads nor sockets survive a fork: the child has a line of its own.
                self._line, self._process = _Line(self.where), os.getpid()
            return self._line

    def _as_ours(self, error: Exception) -> StoreError:
        """The error of ours that says the same, without any secret in it."""
        where = self.where.url

        def away(words: str) -> StoreUnavailable:
            return StoreUnavailable(f"{where} {words}", retry_after=RETRY_AFTER)

        code = (error.code or "") if isinstance(error, Neo4jError) else ""
        match error:
            case _Busy():
                return away("is busy with another writer; nothing was written, try again")
            case Unsure():
                return away("went away while it kept what was sent: it is not acknowledged, send it again")
            case AuthError():
                words = f"{where} refuses the login as {self.where.user!r}: check EXPERTFINDER_NEO4J_PASSWORD"
                return StoreError(words)
            case AuthConfigurationError() | ConfigurationError():
                return StoreError(f"{where} cannot be used as it is addressed: {error}")
            case Neo4jError() if code in _OUT_OF_MEMORY:
                cure = "give the server more heap, or import in parts"
                return StoreError(f"{where} has too little memory for one transaction of this size: {cure}")
            case Neo4jError() if error.is_retryable() or code.startswith("Neo.TransientError."):
                return away(f"cannot just now ({code}); nothing was written, try again")
            case Neo4jError():
                return StoreError(f"{where}: {error.message} ({code})")
            case TimeoutError():
                return away("gave no answer in time; nothing was written, try again")
            case _:
                return away("cannot be reached; nothing was written, try again")


class Unsure(DriverError):
    """The connection broke in the moment of the commit."""


class _Busy(DriverError):
    """Somebody else holds the lock."""


def longest(rows: int) -> float:
    """Seconds for a transaction of so many rows on a server that lives."""
    return LONGEST + rows / ROWS_A_SECOND


class _Line:
    """The driver, the event loop it lives in, and the thread of that loop."""

    def __init__(self, where: Address) -> None:
        self._where = where
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="expertfinder-neo4j", daemon=True)
        self._thread.start()
        self._driver: AsyncDriver | None = None
        self._bookmarks = AsyncGraphDatabase.bookmark_manager()

    def wait(self, work: Coroutine[None, None, T]) -> T:
        """Run a coroutine in the loop and wait for its result."""
        running = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return running.result()
        except CancelledError:
            raise StoreError("this store was closed: open it again") from None

    async def attempt(self, work: Work[T], access: str, seconds: float, *, keep: bool = True) -> T:
        """Run work as one transaction. Raises `TimeoutError` when the server is silent, or after `seconds`."""
        end = time.monotonic() + seconds
        running = asyncio.ensure_future(self._insist(work, access, seconds, keep=keep))
        try:
            while not (await asyncio.wait({running}, timeout=SILENCE))[0]:
                sign = asyncio.ensure_future(self._sign_of_life(access))
                sign.add_done_callback(_heard)
                await asyncio.wait({running, sign}, return_when=asyncio.FIRST_COMPLETED)
                if not running.done():
                    sign.result()
                # The sign of life ends soon by itself: a driver that is cancelled while it connects loses the socket.
                if time.monotonic() > end:
                    raise TimeoutError
            return running.result()
        finally:
            if not running.done():
                running.add_done_callback(_heard)
                running.cancel()
                await asyncio.wait({running}, timeout=CLEAN_SECONDS)
            if running.done() and not running.cancelled() and isinstance(running.exception(), Unsure):
                running.result()

    async def _sign_of_life(self, access: str) -> None:
        async with asyncio.timeout(SIGN_OF_LIFE):
            await self._once(Question("RETURN 1", {}), access, SIGN_OF_LIFE, keep=False)

    async def _insist(self, work: Work[T], access: str, seconds: float, *, keep: bool) -> T:
        """Run work; for `RETRY_SECONDS` run it again where the server says that this may help."""
        end = time.monotonic() + RETRY_SECONDS
        for attempt in count(1):
            try:
                return await self._once(work, access, seconds, keep=keep)
            except (Neo4jError, DriverError) as error:
                away = isinstance(error, ServiceUnavailable) and attempt > 1  # once: its connection may be an old one
                again = error.is_retryable() and not isinstance(error, AuthError) and not away
                if not again or getattr(error, "code", None) in _OUT_OF_MEMORY or time.monotonic() > end:
                    raise
            await asyncio.sleep(random.uniform(0.02, 0.2))
        raise AssertionError("unreachable")

    async def _once(self, work: Work[T], access: str, seconds: float, *, keep: bool) -> T:
        driver = self._driver or self._connect()
        async with driver.session(
            database=self._where.database,
            default_access_mode=access,
            bookmark_manager=self._bookmarks,
            fetch_size=-1,
        ) as session:
            if isinstance(work, Question):
                return cast(T, await work(Transaction(session)))  # a question's answer is what its asker wants
            transaction = await session.begin_transaction(timeout=max(seconds, ORPHAN_SECONDS))
            async with transaction:
                answer = await work(Transaction(transaction))
                if not keep:
                    await transaction.rollback()
                    return answer
                try:
                    await transaction.commit()
                except (DriverError, TimeoutError, asyncio.CancelledError) as error:
                    if access == READ_ACCESS:
                        raise
                    raise Unsure from error
                return answer

    def _connect(self) -> AsyncDriver:
        self._driver = AsyncGraphDatabase.driver(
            self._where.url,
            auth=(self._where.user, self._where.password),
            connection_timeout=2.0,
            connection_acquisition_timeout=2.0,
            max_transaction_retry_time=0.0,
            liveness_check_timeout=30.0,
            notifications_min_severity="OFF",
            telemetry_disabled=True,
            user_agent="expertfinder",
        )
        return self._driver

    def close(self) -> None:
        """End the driver and the thread. A frozen server does not hold it up."""

        async def end() -> None:
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            if tasks:
                # A task that connects must not lose its socket.
                _, tasks = await asyncio.wait(tasks, timeout=CLEAN_SECONDS)
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks, timeout=CLEAN_SECONDS)
            if self._driver is not None:
                with suppress(DriverError, Neo4jError, OSError, TimeoutError):
                    async with asyncio.timeout(1.0):
                        await self._driver.close()
            await asyncio.sleep(0)  # sockets that were closed say so in the next round of the loop

        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(end(), self._loop).result(timeout=3.0)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=3.0)
        if not self._thread.is_alive():
            self._loop.close()


def _heard(task: asyncio.Task[Any]) -> None:
    """Take the error of a task that nobody waits for any more, so that asyncio does not report it."""
    if not task.cancelled():
        task.exception()
