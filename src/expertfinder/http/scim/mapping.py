"""Turns resources that the identity provider sends into what is kept (accounts, groups, people's records), and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from scim2_models import Context, GroupMembership, Meta, ScimPolicy

from expertfinder.ask.provisioning import ProvisionedAccount, ProvisionedGroup
from expertfinder.http.scim.models import AnyUser, Enterprise, Group, Member, User
from expertfinder.model import Person

BASE = "/scim/v2"
"""Where the endpoints are, below the service's address."""
POLICY = ScimPolicy(unknown=ScimPolicy.Unknown.ignore)
"""Providers send more than we keep; what no schema of ours declares is dropped."""


def account_of(user: User, *, person: str, created: str, now: datetime) -> ProvisionedAccount:
    """A user as it is kept. The id, `meta` and the groups are not in its body: `user_of` adds them.

    `person`: id of the record, `source:number`; `created`: when the account was made, in ISO 8601.
    """
    kept = user.model_copy(update={"id": None, "meta": None, "groups": None})
    return ProvisionedAccount(
        person=person,
        user_name=user.user_name or "",
        external_id=user.external_id or "",
        body=kept.model_dump_json(scim_ctx=Context.DEFAULT),
        created=created,
        at=now,
    )


def user_of(account: ProvisionedAccount, groups: Sequence[ProvisionedGroup], base: str) -> User:
    """A kept account as a resource. `groups`: those that the person is in; `base`: the address of the service."""
    user: User = AnyUser.model_validate_json(account.body, scim_ctx=Context.DEFAULT)
    user.id = account.number
    user.meta = _meta("User", f"{base}{BASE}/Users/{account.number}", account.created, account.at)
    user.groups = [
        GroupMembership(value=one.number, display=one.name, type="direct", ref=None) for one in groups
    ] or None
    return user


def person_of(user: User, account: ProvisionedAccount) -> Person:
    """The record of a person: what they are called, their unit, their manager, and the keys by which they are known.

    `externalId` is the provider's own number of the person, and so the key `idp:` by which they sign in.
    """
    source = account.person.partition(":")[0]
    more = user[Enterprise] or Enterprise()
    name = user.name
    parts = f"{(name and name.given_name) or ''} {(name and name.family_name) or ''}".strip()
    keys = [
        *([f"idp:{user.external_id}"] if user.external_id else []),
        *([f"employee:{more.employee_number}"] if more.employee_number else []),
        *(f"email:{one.value}" for one in user.emails or () if one.value and "@" in one.value),
    ]
    manager = more.manager.value if more.manager else None
    return Person(
        id=account.person,
        source=source,
        name=_line(user.display_name or (name and name.formatted) or parts or user.user_name or ""),
        title=_line(user.title or ""),
        org_unit=_line(more.department or ""),
        manager=f"{source}:{manager}" if manager else "",
        accounts=tuple(dict.fromkeys(key.strip().lower() for key in keys)),
    )


def resource_of(group: ProvisionedGroup, members: Sequence[Person], base: str) -> Group:
    """A kept group as a resource. `base`: the address of the service."""
    there = Group(
        id=group.number,
        external_id=group.external_id or None,
        display_name=group.name,
        members=[_member(one.id.partition(":")[2], base) for one in members] or None,
    )
    there.meta = _meta("Group", f"{base}{BASE}/Groups/{group.number}", group.created, group.at)
    return there


def groups_by_person(
    groups: Sequence[ProvisionedGroup], members: Mapping[str, Sequence[Person]]
) -> dict[str, list[ProvisionedGroup]]:
    """Id of a person's record -> the groups it is in. `members`: id of a group -> its people."""
    found: dict[str, list[ProvisionedGroup]] = {}
    for group in groups:
        for person in members.get(group.group, ()):
            found.setdefault(person.id, []).append(group)
    return found


def _member(number: str, base: str) -> Member:
    return Member.model_validate({"value": number, "type": "User", "$ref": f"{base}{BASE}/Users/{number}"})


def _meta(kind: str, location: str, created: str, changed: datetime) -> Meta:
    began = datetime.fromisoformat(created) if created else changed
    return Meta(resource_type=kind, location=location, created=began, last_modified=changed)


def _line(text: str) -> str:
    return " ".join(text.split())[:500]
