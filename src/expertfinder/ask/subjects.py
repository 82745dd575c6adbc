"""Which person a sign-in is: records that a directory, or a source that proves keys of kind `idp`, gives that key.

A provider's subject is the key `idp:<subject>`; no name and no bare e-mail address ever stands for somebody. What the
record of facts says counts at each request: a record that is gone, or an account that is closed, is nobody.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from threading import Lock
from typing import ClassVar, Final

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import NotFound, StoreUnavailable
from expertfinder.identity import Authority, authority_of, key_of, kind_of
from expertfinder.model import Person, Viewer
from expertfinder.store.protocol import Store
from expertfinder.store.statements import Statement

KINDS: Final = ("idp", "email")
"""Kinds of key by which a sign-in is somebody: the provider's subject, and an address that the provider verified."""
_CHANGES_AT_ONCE: Final = 10_000
"""Changes that are read from the store at once, as in `index/fresh/touched.py`: it bounds the memory of one look."""
_AWAY_SECONDS: Final = 3600.0
"""Seconds for which what was read last counts while the record is away: as long as a key does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedAccount(Statement):
    """That a directory closed somebody's account: nobody signs in as them until the directory opens it again."""

    KIND: ClassVar[str] = "closed-account"
    KEY: ClassVar[tuple[str, ...]] = ("person",)
    ABOUT: ClassVar[tuple[str, ...]] = ("person",)
    MOVES: ClassVar[bool] = True
    LOOKED_UP: ClassVar[tuple[str, ...]] = ("person",)
    person: str
    source: str
    """The directory that says so."""


class Subjects:
    """Account keys of people, kept up to date by the changes of the record. Safe to share between threads."""

    def __init__(self, finder: ExpertFinder, store: Store) -> None:
        self._finder = finder
        self._store = store
        self._lock = Lock()
        self._sequence = -1
        self._asked = 0.0  # when the record answered last
        self._authority: Authority | None = None
        self._closed: frozenset[str] = frozenset()
        self._records: defaultdict[str, set[str]] = defaultdict(set)
        """Account key -> ids of the records that have it."""
        self._keys: dict[str, tuple[str, ...]] = {}
        """Id of a record -> its account keys."""

    def viewer(self, keys: tuple[str, ...]) -> Viewer:
        """The eyes of whom one of these keys names; the first key that names somebody counts.

        Raises `NotFound` where nobody is named, where the records that have the key are not proven to be one human's,
        and for a closed account.
        """
        for key in keys:
            records = self._named(key)
            if records:
                return self.known(records)
        raise NotFound("no directory has a record with this key")

    def known(self, records: list[str]) -> Viewer:
        """The eyes of these records of one human, the first one's. Raises `NotFound` as `viewer` does."""
        rights = self._finder.snapshot.rights
        there = [record for record in records if record in rights]
        if not there or len({rights[record].own for record in there}) > 1:
            raise NotFound("there is no such person")
        self.check_open(there[0])
        return self._finder.viewer(there[0])

    def check_open(self, person: str) -> None:
        """Raise `NotFound` where a directory closed the account of this human."""
        with self._lock:
            self._catch_up()
            closed = self._closed
        rights = self._finder.snapshot.rights
        if not closed or person not in rights:
            return
        if rights[person].own in {rights[one].own for one in closed if one in rights}:
            raise NotFound("there is no such person")

    def _named(self, key: str) -> list[str]:
        """Ids of the records that are proven to have this key, those of directories first."""
        with self._lock:
            self._catch_up()
            authority = self._authority
            found = list(self._records.get(key_of(key), ()))
        if authority is None:
            return []
        kind, directories = kind_of(key_of(key)), authority.directories
        proven = [one for one in found if _answers(authority, one.partition(":")[0], kind)]
        return sorted(proven, key=lambda one: (one.partition(":")[0] not in directories, one))

    def _catch_up(self) -> None:
        """Take over what changed since the last look. While the record is away: as it was then, for at most an hour."""
        asked = time.monotonic()
        try:
            self._take_over()
        except StoreUnavailable:
            if self._sequence < 0 or asked - self._asked > _AWAY_SECONDS:
                raise
        else:
            self._asked = asked

    def _take_over(self) -> None:
        now = self._store.sequence()
        if now == self._sequence:
            return
        touched: set[str] = set()
        since, anew = self._sequence, self._sequence < 0
        while not anew and since < now:
            changes = self._store.changes(since, limit=_CHANGES_AT_ONCE)
            if not changes:
                break
            touched |= {one.id for one in changes if one.kind == "person"}
            anew = any(one.operation == "erase" for one in changes)
            since = changes[-1].sequence
        people = list(self._store.all("person")) if anew else self._store.get("person", sorted(touched))
        authority = authority_of(self._store.all("source"))
        closed = frozenset(one.person for one in self._store.statements(ClosedAccount))
        # All of it is read: nothing is taken over by halves.
        if anew:
            self._records.clear()
            self._keys.clear()
        else:
            for record in touched:
                for key in self._keys.pop(record, ()):
                    self._records[key].discard(record)
        for person in people:
            self._add(person)
        self._authority, self._closed = authority, closed
        self._sequence = now

    def _add(self, person: Person) -> None:
        if not person.is_human:
            return
        keys = tuple(key for key in map(key_of, person.accounts) if kind_of(key) in KINDS)
        if keys:
            self._keys[person.id] = keys
            for key in keys:
                self._records[key].add(person.id)


def _answers(authority: Authority, source: str, kind: str) -> bool:
    """Whether a source was registered as one that answers for keys of this kind; silence is no answer."""
    return (source in authority.directories or source in authority.kinds) and authority.proves(source, kind)
