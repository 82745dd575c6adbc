"""What the filters of a question can be set to: the values that there are for a viewer, and how many have each."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.index.access import View
from expertfinder.model import Viewer

MOST_VALUES = 60
"""Values of one filter that are offered, those that most have first: more are not read through."""
KEPT = 16
"""Viewers whose values are kept between questions, the last used longest. Not measured."""

Values = tuple[tuple[str, int], ...]
"""Values with how many have each, by value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The values of each filter. Kinds count posts, all others people."""

    places: Values
    units: Values
    languages: Values
    availabilities: Values
    zones: Values
    kinds: Values


class Choosing:
    """The choices of the viewers of one finder. Safe to share between threads."""

    def __init__(self, finder: ExpertFinder) -> None:
        self._finder = finder
        self._known: OrderedDict[str, tuple[View, Choices]] = OrderedDict()
        self._lock = Lock()

    def of(self, viewer: Viewer) -> Choices:
        """What this viewer can choose from."""
        seen = self._finder.whole.view(viewer)
        with self._lock:
            known = self._known.get(viewer.key)
            if known is not None and known[0] is seen:
                self._known.move_to_end(viewer.key)
                return known[1]
        made = _choices(seen)
        with self._lock:
            self._known[viewer.key] = (seen, made)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return made


def _choices(seen: View) -> Choices:
    people = [seen.snapshot.people[row] for row in np.flatnonzero(seen.here).tolist()]
    kinds: Counter[str] = Counter()
    for segment, rows in seen.readable:
        kinds.update(segment.kinds[row] for row in rows.tolist())
    return Choices(
        places=_inside(Counter(person.location for person in people)),
        units=_inside(Counter(person.org_unit for person in people)),
        languages=_most(Counter(language for person in people for language in person.languages)),
        availabilities=_inside(Counter(person.availability for person in people)),
        zones=_most(Counter(person.time_zone for person in people)),
        kinds=_most(kinds),
    )


def _inside(counts: Counter[str]) -> Values:
    """A filter by place, unit or availability takes whoever's has the value in it, so those are counted."""
    folded = {value: value.lower() for value in counts if value.strip()}
    most = sorted(folded, key=lambda value: (-counts[value], value))[:MOST_VALUES]
    return tuple(sorted((value, sum(counts[one] for one in folded if folded[value] in folded[one])) for value in most))


def _most(counts: Counter[str]) -> Values:
    most = sorted((value for value in counts if value.strip()), key=lambda value: (-counts[value], value))
    return tuple(sorted((value, counts[value]) for value in most[:MOST_VALUES]))
