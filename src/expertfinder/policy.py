"""Audience x Viewer -> may see. The only place that decides; everything uses it and nothing can wrap it.

Unknown permission means nobody; deny beats allow; seeing everything is an audited exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from expertfinder.model import NOBODY, ORGANISATION, Audience, Person, Viewer

UNIT = "@unit:"
"""How the id of the group begins that a unit is: other groups begin with the id of a source, which has no @."""


def may_read(audience: Audience, viewer: Viewer) -> bool:
    """Whether `viewer` may read what has this audience. Deny beats allow; an unknown scope means nobody."""
    if viewer.everything:
        return True
    if viewer.person is not None and viewer.person in audience.deny:
        return False
    if not (viewer.groups.isdisjoint(audience.deny) and viewer.denied_as.isdisjoint(audience.deny)):
        return False
    if viewer.person is None and audience.deny:
        return False  # the shared tier is what all may read; who is denied could look through it
    if audience.scope == "organisation":
        return True
    if audience.scope == "groups":
        return not viewer.groups.isdisjoint(audience.groups)
    if audience.scope == "private":
        return viewer.person is not None and viewer.person in audience.people
    return False


def is_shared(audience: Audience) -> bool:
    """Whether the whole organisation may read it: the tier that everything precomputed is made of.

    With anybody denied it is not shared: a statistic made of it could be seen by the one who is denied.
    """
    return audience.scope == "organisation" and not audience.deny


def is_open(person: Person) -> bool:
    """Whether everybody may find this person: those who count in what is precomputed, and nobody else does."""
    return is_shared(person.audience) and not person.hidden


def is_open_machine(person: Person) -> bool:
    """Whether everybody may know that this account is a machine or a shared one: what it wrote is nobody's word then.

    Whether a hidden or restricted account is one shows in nothing that others see.
    """
    return not person.is_human and is_open(person)


def may_find(person: Person, viewer: Viewer) -> bool:
    """Whether `viewer` may be shown this person at all. A hidden person is found by nobody, `everything` included."""
    if person.hidden:
        return False
    return (viewer.person is not None and viewer.person == person.id) or may_read(person.audience, viewer)


def narrower(first: Audience, second: Audience) -> Audience:
    """An audience that nobody is in who is not in both: used where a fact is made of two others.

    Where the exact intersection cannot be said in one audience, nobody.
    """
    if first is second and is_shared(first):  # as most are
        return first
    return _narrower(first, second)


@lru_cache(maxsize=65_536)  # an organisation has few audiences beside its facts
def _narrower(first: Audience, second: Audience) -> Audience:
    deny = tuple(sorted(set(first.deny) | set(second.deny)))
    if first.scope == "organisation":
        return Audience(second.scope, second.groups, second.people, deny)
    if second.scope == "organisation":
        return Audience(first.scope, first.groups, first.people, deny)
    if first.scope == second.scope == "private":
        return Audience("private", people=tuple(sorted(set(first.people) & set(second.people))), deny=deny)
    if first.scope == second.scope == "groups":
        # "a or b" and "a or c" is at least "a": members of a common group are in both.
        common = tuple(sorted(set(first.groups) & set(second.groups)))
        return Audience("groups", groups=common, deny=deny) if common else NOBODY
    return NOBODY


def unit_group(unit: str) -> str:
    """The group of the people of a unit, in any letter case; empty for no unit. No source has such a group."""
    name = " ".join(unit.casefold().split())
    return f"{UNIT}{name}" if name else ""


def told_groups(viewer: Viewer) -> frozenset[str]:
    """The groups that sources put a viewer into, without the one that a unit is."""
    return frozenset(group for group in viewer.groups if not group.startswith(UNIT))


def shown(person: Person) -> Person:
    """A person as a viewer is given one: without who may read the record, which may name people one may not find."""
    return replace(person, audience=NOBODY)


def audience_of(value: object, *, source: str, authors: tuple[str, ...], default: Audience) -> Audience:
    """The audience that a record's `audience` field means.

    `None` (the field is absent) takes the source's default, where `private` means the authors. A text is
    `organisation` or `private`; an object has `groups`, `people` and `deny` (lists of ids of the same source).
    Anything else is unknown, and unknown means nobody.
    """
    if value is None:
        if default.scope != "private":
            return default
        return replace(default, people=tuple(dict.fromkeys((*authors, *default.people))))
    if value == "organisation":
        return ORGANISATION
    if value == "private":
        return Audience("private", people=authors)
    if not isinstance(value, Mapping) or set(value) - {"scope", "groups", "people", "deny"}:
        return NOBODY
    lists: dict[str, tuple[str, ...]] = {}
    for name in ("groups", "people", "deny"):
        members = value.get(name, [])
        if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
            return NOBODY
        lists[name] = tuple(f"{source}:{member}" for member in members)
    named = {scope for scope, name in (("groups", "groups"), ("private", "people")) if lists[name]}
    scope = value.get("scope")
    if scope is None and len(named) == 1:
        (scope,) = named
    if any(other != scope for other in named):
        return NOBODY  # it says two things: to follow the wider one could be a leak
    if scope == "organisation":
        return Audience("organisation", deny=lists["deny"])
    if scope == "groups":
        return Audience("groups", groups=lists["groups"], deny=lists["deny"])
    if scope == "private":
        return Audience("private", people=tuple(dict.fromkeys((*authors, *lists["people"]))), deny=lists["deny"])
    return NOBODY
