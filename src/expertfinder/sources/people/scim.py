"""SCIM 2.0 (RFC 7643, 7644): users and groups as a directory lists them, a `ListResponse` or a resource a line.

| in the list | becomes |
|---|---|
| a User | a person: display name, title, department, place, zone, language, manager, `employee` number, addresses |
| `groups` of a User, `members` of a Group (and of groups in it) | groups of the person, by their ids |
| `active: false` | somebody who left, on the day of the last change |
| `userType` of a known word (`Service`, `Bot`, `Shared` ...) | a machine or a shared account |

Names of attributes are taken in any letter case, and `active` as a text, too, as some directories write them. Private
addresses, photos, telephones, roles, certificates and passwords are never read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Tree, many, one, said
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.objects import json_objects
from expertfinder.sources.formats import Format
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said
from expertfinder.sources.times import LEFT_SOMETIME

ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user"
"""The schema of the attributes that firms have, in small letters (RFC 7643, section 4.3)."""
LEFT_OUT: Final = "resources that are neither users nor groups"
_KINDS: Final = {
    **dict.fromkeys(
        ("service", "serviceaccount", "service account", "bot", "robot", "application", "system"), "machine"
    ),
    **dict.fromkeys(("shared", "mailbox", "shared mailbox", "sharedmailbox", "functional", "room"), "shared"),
}
"""Words of `userType` by which directories say that an account is nobody's own, in small letters."""


class ScimReader(ExportReader):
    """Reads SCIM users and groups (`Reader`). All of them are in memory at once: a directory has some 1 kB a person."""

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Every person, in the order of the files."""
        above: defaultdict[str, dict[str, None]] = defaultdict(dict)
        names = tree.names if tree.is_file else tree.under(ending=".json")
        for name in names:
            for _, raw in json_objects(tree, name, ["Resources.item"]):
                if isinstance(raw, dict) and any(name.lower() == "members" for name in raw):
                    with suppress(SourceError):  # the second look reports it
                        _learn_group(_small(raw), above)
        for name in names:
            for spot, raw in json_objects(tree, name, ["Resources.item"]):
                yield from self.facts_of(spot, lambda found: self._person(_small(found), above), raw)

    def _person(self, user: Raw, above: Mapping[str, Mapping[str, None]]) -> Made:
        sort = _sort(user)
        if sort == "":
            self.left_out(LEFT_OUT)
        if sort != "user":
            return
        id = said(user, "id") or said(user, "username")
        work = one(user, ENTERPRISE)
        named = one(user, "name")
        full = " ".join(filter(None, (said(named, "givenname"), said(named, "familyname"))))
        number = said(work, "employeenumber")
        own = [mail for mail in many(user, "emails") if said(mail, "type").lower() != "home"]
        mails = [text for mail in own if "@" in (text := said(mail, "value"))]
        mails += [
            text for text in [said(user, "username")] if "@" in text and text.lower() not in map(str.lower, mails)
        ]
        meta = one(user, "meta")
        gone = str(user.get("active", True)).lower() == "false"
        if gone:
            self.left_out("accounts that are disabled, whose people are kept as having left")
        groups = [said(group, "value") for group in many(user, "groups")]
        kind = said(user, "usertype").strip().lower()
        yield (
            "person",
            {
                "id": id,
                "name": said(user, "displayname") or said(named, "formatted") or full or said(user, "nickname"),
                "title": said(user, "title"),
                "org_unit": said(work, "department") or said(work, "division") or said(work, "organization"),
                "location": _place(user),
                "time_zone": said(user, "timezone"),
                "languages": [text for text in [said(user, "preferredlanguage")] if text],
                "manager": said(_manager(work), "value"),
                "groups": [group for group in dict.fromkeys((*groups, *_all_above(id, above))) if group],
                "accounts": [f"email:{mail}" for mail in dict.fromkeys(mails)]
                + ([f"employee:{number}"] if number else []),
                "left_at": (said(meta, "lastmodified") or LEFT_SOMETIME) if gone else "",
                "kind": _KINDS.get(kind, ""),
            },
        )


def _small(raw: object) -> Raw:
    """An object with the names of its attributes in small letters, also those of what is in it."""
    if not isinstance(raw, dict):
        raise SourceError("a resource is an object")
    return {name.lower(): _smaller(value) for name, value in raw.items()}


def _smaller(value: object) -> object:
    if isinstance(value, list):
        return [_smaller(item) if isinstance(item, dict) else item for item in value]
    return {name.lower(): _smaller(inside) for name, inside in value.items()} if isinstance(value, dict) else value


def _sort(resource: Raw) -> str:
    """`user`, `group`, or empty for what is neither. Without schemas a user is what has a user's name."""
    schemas = resource.get("schemas")
    names = [str(each).lower() for each in schemas] if isinstance(schemas, list) else []
    last = {each.rpartition(":")[2] for each in names if ":core:" in each}
    word = said(one(resource, "meta"), "resourcetype").lower()
    if "user" in last or word == "user" or (not names and "username" in resource):
        return "user"
    return "group" if "group" in last or word == "group" or (not names and "members" in resource) else ""


def _learn_group(resource: Raw, above: defaultdict[str, dict[str, None]]) -> None:
    """Keep which group a user or another group is in."""
    if _sort(resource) == "group" and (id := said(resource, "id")):
        for member in many(resource, "members"):
            above[said(member, "value")][id] = None


def _all_above(id: str, above: Mapping[str, Mapping[str, None]]) -> list[str]:
    """The groups that somebody is in, directly or by another group; groups may hold each other."""
    found: dict[str, None] = {}
    waiting = [id]
    while waiting:
        for group in above.get(waiting.pop(), ()):
            if group not in found:
                found[group] = None
                waiting.append(group)
    return list(found)


def _manager(work: Raw) -> Raw:
    """The manager; some directories write the id alone."""
    manager = work.get("manager")
    return {"value": manager} if isinstance(manager, str) else one(work, "manager")


def _place(user: Raw) -> str:
    """Town and country of the address of work, else of the first one that is not a home."""
    found = [each for each in many(user, "addresses") if said(each, "type").lower() != "home"]
    found.sort(key=lambda each: said(each, "type").lower() != "work")
    return ", ".join(filter(None, (said(found[0], "locality"), said(found[0], "country")))) if found else ""


FORMAT = Format(
    name="scim",
    summary="Users and groups of a directory as SCIM 2.0 lists them (RFC 7643), in JSON",
    open=ScimReader,
    keys=("email", "employee"),
    proves=("email", "employee"),
    machines=True,
)
