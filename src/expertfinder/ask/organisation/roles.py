"""What roles ask for, beside what evidence shows: to the person alone, and by unit from five people on.

Whose title a role is has it. A role says nothing about anybody: what it asks for and no evidence shows may well be
known, and nobody is ranked by it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from expertfinder.ask.finder import MOST_PEOPLE, ExpertFinder
from expertfinder.ask.oneself.me import records_of
from expertfinder.errors import SourceError
from expertfinder.index.posts.concepts import words_of
from expertfinder.model import Viewer
from expertfinder.store import RoleProfile, Store
from expertfinder.store.statements.organisation import folded

COLUMNS = ("role", "topic")
"""The columns of a file of roles, a line for each topic of a role."""
MOST_TOPICS = 50
"""Topics of one role: more are a catalogue that nobody reads."""
EVERY = 10 * MOST_PEOPLE
"""Topics of one person that are looked through; nobody has been seen with as many."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A topic that a role asks for, and what there is of it."""

    topic: str
    posts: int
    """Posts that show it; 0 for none."""
    last_seen: datetime | None
    declared: bool
    """Whether the person's profile names it."""


@dataclass(frozen=True, slots=True)
class OwnRole:
    """What the role of a person asks for, in the order of the organisation."""

    role: str
    expected: tuple[Expected, ...]


def read_roles(path: Path, at: datetime) -> list[RoleProfile]:
    """Roles from a CSV file with the columns `role` and `topic`. Raises `SourceError` with the line and the field."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise SourceError(f"{path}, line 1: the column {missing[0]!r} is missing; it needs role and topic")
            return _profiles(path, rows, at)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path} cannot be read as CSV: {error}") from error


def _profiles(path: Path, rows: Iterable[Mapping[str, str | None]], at: datetime) -> list[RoleProfile]:
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for number, row in enumerate(rows, 2):
        role, topic = ((row.get(name) or "").strip() for name in COLUMNS)
        for name, text in zip(COLUMNS, (role, topic), strict=True):
            if not words_of(text):
                raise SourceError(f"{path}, line {number}: the field {name!r} has no word; fill it or drop the line")
        _, topics = found.setdefault(folded(role), (role, {}))
        topics.setdefault(words_of(topic), topic)
        if len(topics) > MOST_TOPICS:
            raise SourceError(f"{path}, line {number}: the role {role!r} has over {MOST_TOPICS} topics; name fewer")
    return [
        RoleProfile(role=role, label=label, topics=tuple(topics.values()), at=at)
        for role, (label, topics) in found.items()
    ]


def keep_roles(store: Store, roles: Iterable[RoleProfile]) -> None:
    """Keep these roles and no others."""
    kept = {one.role: one for one in roles}
    for old in store.statements(RoleProfile):
        if old.role not in kept:
            store.retract(old)
    for one in kept.values():
        store.state(one)


def own_role(finder: ExpertFinder, viewer: Viewer) -> OwnRole | None:
    """What the viewer's role asks for beside what their evidence shows; `None` without a role. `Forbidden`."""
    records_of(finder, viewer)
    person = finder.person(viewer.person or "", viewer)
    roles = {one.role: one for one in finder.store.statements(RoleProfile)}
    role = roles.get(folded(person.title))
    if role is None:
        return None
    shown = {words_of(one.topic.label): one for one in finder.expertise(person.id, viewer, limit=EVERY)}
    expected = []
    for topic in role.topics:
        one = shown.get(words_of(topic))
        posts, last, declared = (one.posts, one.last_seen, one.declared) if one else (0, None, False)
        expected.append(Expected(topic, posts, last, declared))
    return OwnRole(role.label, tuple(expected))
