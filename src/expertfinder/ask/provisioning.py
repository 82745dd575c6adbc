"""A directory that is kept up to date by the organisation's identity provider (SCIM): people, groups, who is in them.

What the provider says of a person is kept beside the facts as a statement, and the person's record follows from it.
An account that is closed or deleted leaves a hidden record, so that nobody is found under another record of the same
human, and nobody signs in with it; what it said is forgotten with a deletion.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from unicodedata import normalize

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.subjects import ClosedAccount
from expertfinder.errors import Conflict, NotFound
from expertfinder.model import ORGANISATION, Person, Source
from expertfinder.store.protocol import Store
from expertfinder.store.statements import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionedAccount(Statement):
    """What the identity provider says of a person, as it said it."""

    KIND: ClassVar[str] = "provisioned-account"
    KEY: ClassVar[tuple[str, ...]] = ("person",)
    ABOUT: ClassVar[tuple[str, ...]] = ("person",)
    LOOKED_UP: ClassVar[tuple[str, ...]] = ("person", "known_as", "external_id")
    person: str
    """Id of the record that follows from it."""
    user_name: str
    known_as: str = ""
    """The user name as it is compared: see `compared`. Empty where an older version kept one that is not of ASCII."""
    external_id: str = ""
    body: str = ""
    """The resource as JSON; empty once it was deleted."""
    created: str = ""
    """ISO 8601; `at` is when it was last changed."""
    deleted: bool = False

    @property
    def number(self) -> str:
        """The id that the provider knows it by."""
        return self.person.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionedGroup(Statement):
    """A group of the identity provider. Who is in it stands in the records of people."""

    KIND: ClassVar[str] = "provisioned-group"
    KEY: ClassVar[tuple[str, ...]] = ("group",)
    ABOUT: ClassVar[tuple[str, ...]] = ()
    group: str
    """`source:id`, as an audience names it."""
    name: str
    external_id: str = ""
    created: str = ""

    @property
    def number(self) -> str:
        """The id that the provider knows it by."""
        return self.group.partition(":")[2]


def compared(user_name: str) -> str:
    """A user name as two are compared (RFC 7643, 4.1.1): whatever the case, and however a letter is put together."""
    return normalize("NFC", user_name).lower()


class Provisioning:
    """The directory `source` of a store."""

    def __init__(self, finder: ExpertFinder, store: Store, source: str) -> None:
        self.source = source
        self._finder = finder
        self._store = store

    # --- people ------------------------------------------------------------------------------------------------------

    def accounts(self) -> list[ProvisionedAccount]:
        """All that were not deleted, ordered by id."""
        return [one for one in self._all() if not one.deleted]

    def account(self, number: str) -> ProvisionedAccount:
        """The one with this id. Raises `NotFound`."""
        for one in self._having("person", f"{self.source}:{number}"):
            if not one.deleted:
                return one
        raise NotFound("there is no such account")

    def named(self, user_name: str) -> list[ProvisionedAccount]:
        """Those with a user name, deleted ones among them, without reading the others; ordered by id."""
        name = compared(user_name)
        return [one for one in self._having("known_as", name, "") if compared(one.user_name) == name]

    def known_outside_as(self, external_id: str) -> list[ProvisionedAccount]:
        """Those to whom the provider gave a number of its own, without reading the others; ordered by id."""
        return self._having("external_id", external_id)

    def number_for(self, user_name: str, external_id: str) -> str:
        """An id for a new account: that of a deleted one of the same human, else a fresh one.

        Raises `Conflict` where there is one with this name that was not deleted.
        """
        same = self.named(user_name)
        if not all(one.deleted for one in same):
            raise Conflict(f"there is an account with the user name {user_name} already")
        others = self.known_outside_as(external_id) if external_id else []
        return max((one.number for one in (*same, *others) if one.deleted), default="") or uuid.uuid4().hex

    def put(self, account: ProvisionedAccount, record: Person, *, is_open: bool, now: datetime) -> None:
        """Keep an account and its record; who is in which group stays as it is. Raises `Conflict` as `number_for`."""
        if any(not one.deleted and one.person != account.person for one in self.named(account.user_name)):
            raise Conflict(f"there is an account with the user name {account.user_name} already")
        self._register()
        before = self._store.get("person", [account.person])
        groups = before[0].groups if before else ()
        closed = ClosedAccount(person=account.person, source=self.source, at=now)
        if not is_open:
            self._store.state(closed)
        account = replace(account, known_as=compared(account.user_name))
        self._store.state(account)
        receipt = self._store.apply([replace(record, groups=groups, hidden=not is_open, audience=ORGANISATION)])
        if receipt.count("refused"):
            self._store.retract(account)
            raise Conflict("this person was erased, and what was erased does not come back")
        if is_open:
            self._store.retract(closed)
        self._finder.refresh()

    def delete(self, number: str, *, now: datetime) -> None:
        """Close an account for good and forget what was said of it. Raises `NotFound`."""
        account = self.account(number)
        self._store.state(ClosedAccount(person=account.person, source=self.source, at=now))
        before = self._store.get("person", [account.person])
        accounts = before[0].accounts if before else ()
        gone = Person(id=account.person, source=self.source, accounts=accounts, hidden=True, audience=ORGANISATION)
        self._store.apply([gone])
        self._store.state(replace(account, body="", deleted=True, at=now))
        self._finder.refresh()

    # --- groups ------------------------------------------------------------------------------------------------------

    def groups(self) -> list[ProvisionedGroup]:
        """All of them, ordered by id."""
        mine = f"{self.source}:"
        return [one for one in self._store.statements(ProvisionedGroup) if one.group.startswith(mine)]

    def group(self, number: str) -> ProvisionedGroup:
        """The one with this id. Raises `NotFound`."""
        for one in self.groups():
            if one.number == number:
                return one
        raise NotFound("there is no such group")

    def groups_of(self, account: ProvisionedAccount) -> list[ProvisionedGroup]:
        """The groups of an account, ordered by id."""
        record = self._store.get("person", [account.person])
        mine = set(record[0].groups) if record else set()
        return [one for one in self.groups() if one.group in mine] if mine else []

    def members(self) -> dict[str, list[Person]]:
        """Id of a group -> the records of its members, ordered by id."""
        found: dict[str, list[Person]] = {}
        there = {one.person for one in self.accounts()}
        for person in self._store.get("person", sorted(there)):
            for group in person.groups:
                found.setdefault(group, []).append(person)
        return found

    def put_group(self, group: ProvisionedGroup, members: Iterable[str]) -> None:
        """Keep a group and who is in it, by the ids of accounts; ids of nobody are left out."""
        self._register()
        self._store.state(group)
        self._set(group.group, {f"{self.source}:{one}" for one in members})

    def delete_group(self, number: str) -> None:
        """Take a group back, and everybody out of it. Raises `NotFound`."""
        group = self.group(number)
        self._set(group.group, set())
        self._store.retract(group)

    def _set(self, group: str, members: set[str]) -> None:
        """Make these the members of a group, in one batch."""
        changed = []
        for person in self._store.get("person", [one.person for one in self.accounts()]):
            kept = tuple(one for one in person.groups if one != group)
            groups = tuple(sorted({*kept, group})) if person.id in members else kept
            if groups != person.groups:
                # `get` adds what `hide` hid: a wish of the person, which the record does not say itself.
                changed.append(replace(person, groups=groups, hidden=self._is_closed(person.id)))
        if changed:
            self._store.apply(changed)
        self._finder.refresh()

    def _is_closed(self, person: str) -> bool:
        return bool(self._store.statements(ClosedAccount, having=("person", [person])))

    def _all(self) -> list[ProvisionedAccount]:
        mine = f"{self.source}:"
        return [one for one in self._store.statements(ProvisionedAccount) if one.person.startswith(mine)]

    def _having(self, field: str, *values: str) -> list[ProvisionedAccount]:
        mine, found = f"{self.source}:", self._store.statements(ProvisionedAccount, having=(field, values))
        return [one for one in found if one.person.startswith(mine)]

    def _register(self) -> None:
        """Make the source a directory, once: its records say who is who, who is hidden, and who is in which group."""
        if not self._store.get("source", [self.source]):
            said = "People and groups of the identity provider (SCIM)."
            self._store.apply([Source(id=self.source, audience=ORGANISATION, description=said, directory=True)])
