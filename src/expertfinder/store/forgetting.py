"""What is left of a fact when people are forgotten, and the token that stands where their id stood.

A forgotten person's record, acts and posts written alone go; where others are named too, only the id goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from typing import Final, Literal

from expertfinder.identity import earlier, is_personal, key_of, named_keys
from expertfinder.model import Audience, Community, Fact, Interaction, Person, Post
from expertfinder.store.protocol import Kind

ERASED: Final = "erased:"
"""How the token begins that replaces an erased id in the log of changes and in the audit log."""

Gone = Callable[[str], bool]
"""Whether the person with this id is forgotten."""


def tombstone(salt: bytes, kind: Kind | Literal["account"], fact_id: str) -> bytes:
    """16 bytes that only who holds the id (and this store) can compute: BLAKE2b keyed with the store's salt."""
    return blake2b(f"{kind}\0{fact_id}".encode("utf-8", "surrogatepass"), key=salt, digest_size=16).digest()


def asker(salt: bytes, person: str) -> bytes:
    """16 bytes that tell one asker from another in this store: keyed like a tombstone, and never equal to one."""
    return blake2b(f"asker\0{person}".encode("utf-8", "surrogatepass"), key=salt, digest_size=16).digest()


def token(grave: bytes) -> str:
    """What stands in the logs instead of the id."""
    return ERASED + grave.hex()


def people_named(fact: Fact) -> tuple[str, ...]:
    """The ids of the people (and, among those denied, groups) that a fact names beside its own id."""
    named = (*fact.audience.people, *fact.audience.deny)
    match fact:
        case Post():
            return (*named, *fact.authors)
        case Interaction():
            return (*named, fact.actor, fact.object) if fact.object_type == "person" else (*named, fact.actor)
        case Community():
            return (*named, *fact.members, *fact.leads)
        case Person():
            return (*named, fact.manager)
        case _:
            return named


def without(fact: Fact, gone: Gone) -> Fact | None:
    """The fact without the ids of forgotten people, or `None` when the whole fact goes with them."""
    if not any(map(gone, people_named(fact))) and not (isinstance(fact, Person) and gone(fact.id)):
        return fact
    audience = _audience_without(fact.audience, gone)
    match fact:
        case Person():
            manager = "" if gone(fact.manager) else fact.manager
            return None if gone(fact.id) else replace(fact, manager=manager, audience=audience)
        case Post():
            authors = _kept(fact.authors, gone)
            return replace(fact, authors=authors, audience=audience) if authors or not fact.authors else None
        case Interaction():
            by_or_to = gone(fact.actor) or (fact.object_type == "person" and gone(fact.object))
            return None if by_or_to else replace(fact, audience=audience)
        case Community():
            return replace(fact, members=_kept(fact.members, gone), leads=_kept(fact.leads, gone), audience=audience)
        case _:
            return replace(fact, audience=audience)


def _kept(people: tuple[str, ...], gone: Gone) -> tuple[str, ...]:
    return tuple(person for person in people if not gone(person))


def _audience_without(audience: Audience, gone: Gone) -> Audience:
    return replace(audience, people=_kept(audience.people, gone), deny=_kept(audience.deny, gone))


class Graves:
    """The tombstones that this process knows. None is ever taken back: the set may be incomplete, never wrong."""

    def __init__(self, salt: bytes) -> None:
        self.salt = salt
        self.newest = 0
        self._hashes: set[bytes] = set()

    def add(self, number: int, grave: bytes) -> None:
        """Take in a tombstone that the home has, with its number."""
        self._hashes.add(grave)
        self.newest = max(self.newest, number)

    def holds(self, kind: Kind | Literal["account"], fact_id: str) -> bool:
        """Whether this fact was erased, or this account key is an erased human's."""
        return bool(self._hashes) and tombstone(self.salt, kind, fact_id) in self._hashes

    def is_token(self, text: str) -> bool:
        """Whether a text is the token of somebody who was erased."""
        try:
            grave = bytes.fromhex(text.removeprefix(ERASED))
        except ValueError:
            return False
        return grave in self._hashes and token(grave) == text

    def person_test(self) -> Gone | None:
        """A test whether a person is forgotten, by the id or by an account key in the id; `None` where nobody is."""
        if not self._hashes:
            return None
        known: dict[str, bool] = {}

        def gone(person: str) -> bool:
            if person not in known:
                keys = (*named_keys(person), earlier(person.partition(":")[2]))
                known[person] = self.holds("person", person) or any(self.holds("account", key) for key in keys)
            return known[person]

        return gone

    def keys_of(self, person: Person) -> set[str]:
        """The accounts of a record that are keys of somebody who was erased."""
        if not self._hashes:
            return set()
        return {one for one in person.accounts if is_personal(one) and self._holds_key(one)}

    def _holds_key(self, account: str) -> bool:
        return any(self.holds("account", key) for key in {key_of(account), earlier(account)})

    def bare(self, fact: Fact) -> Fact:
        """A record without the keys of somebody else who was erased; any other fact as it is."""
        if isinstance(fact, Person) and (gone := self.keys_of(fact)):
            return replace(fact, accounts=tuple(one for one in fact.accounts if one not in gone))
        return fact

    def name(self, person: str) -> str:
        """What stands in the audit log for a person: the id, or the token once erased."""
        return token(tombstone(self.salt, "person", person)) if self.holds("person", person) else person


def redacted(text: str, person: str, stand_in: str) -> str:
    """The text with the id of a person replaced where it stands as a whole word."""
    return re.sub(rf"(?<![\w.:@-]){re.escape(person)}(?![\w@-])", lambda _: stand_in, text)
