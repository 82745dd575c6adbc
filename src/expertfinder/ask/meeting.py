"""The first circle of somebody: who they report to, who sits with them, and who has the same role elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.model import Person, Viewer

MOST_SHOWN = 6
"""People of each kind at most: as many as somebody can meet in a first week (not measured)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """The people around somebody by what the directory says, as far as the viewer may find them."""

    manager: Person | None
    unit: tuple[Person, ...]
    """Of the same unit at the same site, by name."""
    role: tuple[Person, ...]
    """With the same title in another unit or at another site, by name."""


def first_circle(finder: ExpertFinder, person: Person, viewer: Viewer) -> Circle:
    """The first circle of a person."""
    seen = finder.view(viewer)
    others = [seen.snapshot.people[row] for row in np.flatnonzero(seen.here).tolist()]
    others = [other for other in others if other.id != person.id]
    manager = finder.people(viewer, ids=[person.manager]) if person.manager else []

    def near(other: Person) -> bool:
        return other.org_unit == person.org_unit and other.location == person.location

    unit = [other for other in others if person.org_unit and near(other)]
    role = [other for other in others if person.title and other.title == person.title and not near(other)]
    return Circle(
        manager=next((one for one in manager if one.id != person.id), None),
        unit=_shown(finder, unit, viewer),
        role=_shown(finder, role, viewer),
    )


def _shown(finder: ExpertFinder, people: list[Person], viewer: Viewer) -> tuple[Person, ...]:
    chosen = sorted(people, key=lambda one: (one.name.lower(), one.id))[:MOST_SHOWN]
    return tuple(finder.people(viewer, ids=[one.id for one in chosen]))
