"""What one viewer may read of one snapshot: masks of posts, acts and people, made from `policy` alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from expertfinder.index.posts.segment import days, shared_audiences
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Person, Query, Viewer
from expertfinder.policy import may_find, may_read


class Lowered(NamedTuple):
    """That somebody counts less for a question, because they did not help with its topic."""

    keeps: float
    """The share of their score that is left, 0 to 1."""
    since: float
    """Day (as `posts.segment.days` counts them) of the oldest statement that still counts."""


@dataclass(frozen=True, slots=True)
class View:
    """The masks of one viewer over one snapshot."""

    snapshot: Snapshot
    viewer: Viewer
    audiences: np.ndarray
    """bool, a row an audience: may be read."""
    people: np.ndarray
    """bool, a row a person: may be found."""
    restricted: np.ndarray
    """int64, rows of the restricted tier that may be read and count."""
    fresh: np.ndarray
    """int64, rows of the fresh tier that may be read."""
    shared: np.ndarray
    """bool, a row an audience: of the shared tier."""
    here: np.ndarray
    """bool, a row a person: may be found and named: has not left, and is no machine and no shared account."""
    by_id: np.ndarray
    """int64, a row a person: the place of its id among all ids; what ties are broken by."""
    lowered: Mapping[int, Lowered] = field(default_factory=dict)
    """Row of a person -> how much less they count for the question that is asked."""

    def narrowed(self, query: Query) -> View:
        """The view of a question with filters on people: nobody else may be found in it, so nobody else counts."""
        if not query.of_some:
            return self
        passing = np.zeros(len(self.people), bool)
        rows = [row for row in np.flatnonzero(self.people).tolist() if _passes(self.snapshot.people[row], query)]
        passing[rows] = True
        return replace(self, people=passing, here=self.here & passing)

    def eligible(self, query: Query) -> np.ndarray:
        """bool [people]: may be named for a question: is here, is not the asker, and passes its filters on people."""
        mask = self.narrowed(query).here.copy()
        asker = self.snapshot.person_rows.get(query.asker or "")
        if asker is not None:
            mask[asker] = False
        return mask

    def ranked(self, totals: np.ndarray) -> np.ndarray:
        """Rows of the people with a score, best first, ties by id. `totals`: float64 [people]."""
        rows = np.flatnonzero(totals > 0)
        return rows[np.lexsort((self.by_id[rows], -totals[rows]))]


def view(snapshot: Snapshot, viewer: Viewer) -> View:
    """Ask `policy` once for every audience and person."""
    audiences = np.array([may_read(audience, viewer) for audience in snapshot.audiences], bool)
    people = np.array([may_find(person, viewer) for person in snapshot.people], bool)
    own = snapshot.person_rows.get(viewer.person or "")
    if own is not None:
        people[own] = True  # also one who is hidden: from all others
    restricted = np.flatnonzero(audiences[snapshot.restricted.segment.audience] & snapshot.restricted.alive)
    fresh = np.flatnonzero(audiences[snapshot.fresh.segment.audience])
    shared = shared_audiences(snapshot.audiences)
    as_of = snapshot.manifest.as_of
    named = np.array(
        [person.is_human and not (person.left_at and days(person.left_at) <= as_of) for person in snapshot.people], bool
    )
    by_id = np.empty(len(snapshot.people), np.int64)
    by_id[sorted(range(len(snapshot.people)), key=lambda row: snapshot.people[row].id)] = np.arange(
        len(snapshot.people)
    )
    return View(snapshot, viewer, audiences, people, restricted, fresh, shared, people & named, by_id)


def _passes(person: Person, query: Query) -> bool:
    return (
        (not query.place or query.place.lower() in person.location.lower())
        and (not query.unit or query.unit.lower() in person.org_unit.lower())
        and (not query.language or query.language.lower() in (language.lower() for language in person.languages))
    )
