"""Locks that a writer of facts holds, and a reader who must see one moment. Their holder knows every tombstone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

from expertfinder.errors import StoreUnavailable
from expertfinder.store.forgetting import Graves
from expertfinder.store.neo4j import shape
from expertfinder.store.neo4j.large_imports import LARGE, go_on
from expertfinder.store.neo4j.server import RETRY_AFTER, Server, Transaction, Work

T = TypeVar("T")

SALT: Final = "MATCH (n:Property {name: 'salt'}) RETURN n.value"


class Lock(NamedTuple):
    """What the lock of a counter gives: its value, the newest tombstone's number, whether an import is half written."""

    value: int
    graves: int
    unfinished: bool = False


class Unfinished(Exception):
    """Somebody's large import is decided and not all written: it has to be finished first."""


class Locks:
    """One database: transactions with its counters locked, and the tombstones as this process knows them."""

    def __init__(self, server: Server, salt: str, *, read_only: bool) -> None:
        self.server = server
        self.graves = Graves(bytes.fromhex(salt))
        self.settled = 0
        """Every change up to this number is written whole."""
        self._read_only = read_only
        self._meeting = threading.Lock()

    def write(self, work: Work[T], *, rows: int = 1) -> T:
        """Write facts, after finishing a half-written import. Raises `StoreUnavailable` if opened only to read."""
        self.may_write()
        return self._finished(lambda: self.server.write(work, rows=rows))

    def look(self, work: Work[T], *, rows: int = 1) -> T:
        """Read with the lock; first finish an import that is half written."""
        return self._finished(lambda: self.server.look(work, rows=rows))

    def _finished(self, action: Callable[[], T]) -> T:
        while True:
            try:
                return action()
            except Unfinished:
                self.may_write()
                self.finish()

    def finish(self) -> None:
        """Write what is left of the decided import. Several processes may do so at once: each takes the next parts."""

        async def work(transaction: Transaction) -> bool:
            await self.lock(transaction, "change", finished=False)
            return await go_on(transaction)

        while self.server.write(work, rows=LARGE):
            pass

    def may_write(self) -> None:
        """Raise `StoreUnavailable` where the database was opened only to read it."""
        if self._read_only:
            raise StoreUnavailable(
                f"the record at {self.server.where.url} was opened readonly", retry_after=RETRY_AFTER
            )

    async def lock(self, transaction: Transaction, name: str, *, finished: bool = True) -> Lock:
        """Lock a counter until the transaction ends, and read the tombstones that are new.

        `finished`: raise `Unfinished` where the counter is that of changes and an import is half written.
        """
        held = Lock(*await transaction.lock(shape.LOCK, name=name))
        if finished and held.unfinished and name == "change":
            raise Unfinished
        if held.graves > self.graves.newest:
            await self.refresh(transaction)
        return held

    async def refresh(self, transaction: Transaction) -> None:
        """Read the tombstones that are new."""
        if not self.graves.newest:  # an empty record may have inherited another salt since it was opened
            self.graves.salt = bytes.fromhex((await transaction.ask(SALT))[0])
        numbers, hashes = await transaction.ask(
            "MATCH (n:Tombstone) WHERE n.number > $newest RETURN collect(n.number), collect(n.hash)",
            newest=self.graves.newest,
        )
        for number, grave in sorted(zip(numbers, hashes, strict=True)):
            self.graves.add(number, bytes.fromhex(grave))

    def settle(self, sequence: int) -> None:
        """Note that every change up to this number is written whole."""
        with self._meeting:
            self.settled = max(self.settled, sequence)
