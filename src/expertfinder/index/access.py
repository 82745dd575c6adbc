"""What one viewer may read of one snapshot: masks of posts, acts and people, made from `policy` alone."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from expertfinder.index.posts.segment import Segment, days, shared_audiences
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Viewer
from expertfinder.policy import may_find, may_read


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
    """int64, rows of the restricted segment that may be read."""
    fresh: np.ndarray
    """int64, rows of the fresh segment that may be read."""
    shared: np.ndarray
    """bool, a row an audience: of the shared tier."""
    here: np.ndarray
    """bool, a row a person: may be found and has not left."""
    by_id: np.ndarray
    """int64, a row a person: the place of its id among all ids; what ties are broken by."""


def view(snapshot: Snapshot, viewer: Viewer) -> View:
    """Ask `policy` once for every audience and person."""
    audiences = np.array([may_read(audience, viewer) for audience in snapshot.audiences], bool)
    people = np.array([may_find(person, viewer) for person in snapshot.people], bool)
    own = snapshot.person_rows.get(viewer.person or "")
    if own is not None and not snapshot.people[own].hidden:
        people[own] = True
    restricted = np.flatnonzero(audiences[snapshot.restricted.audience] & ~snapshot.gone[1])
    fresh = np.flatnonzero(audiences[snapshot.fresh.audience])
    shared = shared_audiences(snapshot.audiences)
    as_of = snapshot.manifest.as_of
    left = np.array([person.left_at is not None and days(person.left_at) <= as_of for person in snapshot.people], bool)
    by_id = np.empty(len(snapshot.people), np.int64)
    by_id[sorted(range(len(snapshot.people)), key=lambda row: snapshot.people[row].id)] = np.arange(
        len(snapshot.people)
    )
    return View(snapshot, viewer, audiences, people, restricted, fresh, shared, people & ~left, by_id)


def segment_of(snapshot: Snapshot, post: int) -> tuple[Segment, int]:
    """The segment and the row in it of a post's number."""
    first, second = len(snapshot.shared), len(snapshot.shared) + len(snapshot.restricted)
    if post < first:
        return snapshot.shared, post
    if post < second:
        return snapshot.restricted, post - first
    return snapshot.fresh, post - second


def built_rows(snapshot: Snapshot, posts: np.ndarray) -> np.ndarray:
    """The row of the shared segment that each post has, or had when the snapshot was built; -1 for one that had none.

    What is precomputed knows a post by that row, also when an act that not everybody may see has made it fresh since.
    """
    ids, first = snapshot.shared.ids, len(snapshot.shared) + len(snapshot.restricted)
    rows = np.where(posts < len(ids), posts, -1)
    for place in np.flatnonzero(posts >= first).tolist():
        post = snapshot.fresh.ids[int(posts[place]) - first]
        row = bisect_left(ids, post)
        if row < len(ids) and ids[row] == post:
            rows[place] = row
    return rows
