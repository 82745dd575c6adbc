"""What one viewer may read of one snapshot, and the candidates for a question among it: fetched, TRIMMED, then scored.

Nothing is added up before it is trimmed (decision 1): masks of posts, acts and people are made here, from `policy`
alone, and every later step sees only what passed them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from expertfinder.index.columns import gather
from expertfinder.index.segment import Segment, days
from expertfinder.index.snapshot import Snapshot
from expertfinder.index.text import Words, score
from expertfinder.model import ORGANISATION, Query, Viewer
from expertfinder.policy import may_find, may_read

CANDIDATES = 500
"""Posts that a question looks at (`ranking.md`: reciprocal ranks over the top 500, sums over the top 200)."""
OVERFETCH = 2
"""The engine rounds lengths, so its order is not quite ours: twice as many are fetched as are kept."""
FETCH_MOST = 50_000


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


def view(snapshot: Snapshot, viewer: Viewer) -> View:
    """Ask `policy` once for every audience and person."""
    audiences = np.array([may_read(audience, viewer) for audience in snapshot.audiences], bool)
    people = np.array([may_find(person, viewer) for person in snapshot.people], bool)
    restricted = np.flatnonzero(audiences[snapshot.restricted.audience] & ~snapshot.gone[1])
    fresh = np.flatnonzero(audiences[snapshot.fresh.audience])
    return View(snapshot, viewer, audiences, people, restricted, fresh)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Posts for one question that this viewer may read, best first, and the acts on them that count.

    Posts are numbered over the three segments: shared, then restricted, then fresh.
    """

    posts: np.ndarray
    """int64 [n], by falling `bm25`, then id."""
    bm25: np.ndarray
    """float64 [n]."""
    cosine: np.ndarray
    """float64 [n], never below 0."""
    act_post: np.ndarray
    """int64 [m], position among `posts`."""
    act_person: np.ndarray
    act_family: np.ndarray
    act_strength: np.ndarray
    act_age: np.ndarray
    """float64 [m], days before the moment that ages are counted to, never below 0; 0 for the undated."""
    act_shared: np.ndarray
    """bool [m]: of the shared tier."""


def segment_of(snapshot: Snapshot, post: int) -> tuple[Segment, int]:
    """The segment and the row in it of a post's number."""
    first, second = len(snapshot.shared), len(snapshot.shared) + len(snapshot.restricted)
    if post < first:
        return snapshot.shared, post
    if post < second:
        return snapshot.restricted, post - first
    return snapshot.fresh, post - second


def _kept(segment: Segment, rows: np.ndarray, query: Query) -> np.ndarray:
    """Rows that pass the question's filters on posts."""
    if query.exclude_posts:
        rows = rows[[segment.ids[row] not in query.exclude_posts for row in rows.tolist()]]
    if query.kinds:
        rows = rows[[segment.kinds[row] in query.kinds for row in rows.tolist()]]
    if query.since is not None:
        rows = rows[segment.created[rows] >= days(query.since)]
    if query.until is not None:
        rows = rows[segment.created[rows] < days(query.until)]
    return rows


def _fetch_shared(snapshot: Snapshot, words: Words, query: Query) -> np.ndarray:
    """Rows of the shared segment: enough to keep `CANDIDATES` after the filters, or all there are."""
    limit = OVERFETCH * CANDIDATES
    while True:
        fetched = snapshot.engine.fetch(words, snapshot.statistics, limit)
        rows = _kept(snapshot.shared, fetched[~snapshot.gone[0][fetched]], query)
        if len(rows) >= CANDIDATES or len(fetched) < limit // 2 or limit >= FETCH_MOST:
            return rows
        limit *= 4


def candidates(view: View, words: Words, vector: np.ndarray, query: Query, *, most: int = CANDIDATES) -> Candidates:
    """The posts nearest to a question among those that may be read, at most `most`, with their acts.

    `vector` [dimension] is the question's. A post of score 0 is no candidate.
    """
    snapshot = view.snapshot
    segments = (snapshot.shared, snapshot.restricted, snapshot.fresh)
    rows = (
        np.sort(_fetch_shared(snapshot, words, query)),
        _kept(snapshot.restricted, view.restricted, query),
        _kept(snapshot.fresh, view.fresh, query),
    )
    scores = [
        score(segment, chosen, words, snapshot.statistics) for segment, chosen in zip(segments, rows, strict=True)
    ]
    offsets = (0, len(snapshot.shared), len(snapshot.shared) + len(snapshot.restricted))
    numbers = np.concatenate([chosen + offset for chosen, offset in zip(rows, offsets, strict=True)])
    bm25 = np.concatenate(scores)
    if len(rows[1]) or len(rows[2]):
        names = [segment.ids[row] for segment, chosen in zip(segments, rows, strict=True) for row in chosen.tolist()]
        order = np.array(sorted(range(len(names)), key=lambda i: (-bm25[i], names[i])), np.int64)
    else:
        order = np.argsort(-bm25, kind="stable")  # rows of one segment are in the order of ids already
    order = order[bm25[order] > 0][:most]
    posts, bm25 = numbers[order], bm25[order]

    cosine = np.zeros(len(posts))
    parts: list[tuple[np.ndarray, ...]] = []
    organisation = next((i for i, a in enumerate(snapshot.audiences) if a.key == ORGANISATION.key), -1)
    for segment, offset, end in zip(segments, offsets, (*offsets[1:], sum(map(len, segments))), strict=True):
        places = np.flatnonzero((posts >= offset) & (posts < end))
        local = posts[places] - offset
        # Row by row, so that a cosine does not depend on how many rows are multiplied at once.
        cosine[places] = np.einsum("ij,j->i", segment.vectors[local].astype(np.float64), vector.astype(np.float64))
        positions, owner = gather(segment.act_indptr, local)
        audience = segment.act_audience[positions]
        person = segment.act_person[positions]
        allowed = view.audiences[audience] & view.people[person] if len(view.people) else np.zeros(len(person), bool)
        positions, owner, audience = positions[allowed], owner[allowed], audience[allowed]
        parts.append(
            (
                places[owner],
                segment.act_person[positions].astype(np.int64),
                segment.act_family[positions].astype(np.int64),
                segment.act_strength[positions].astype(np.float64),
                segment.act_at[positions],
                audience == organisation,
            )
        )
    act_post, act_person, act_family, act_strength, act_at, act_shared = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    order = np.lexsort((act_family, act_person, act_post))
    until = days(query.until) if query.until is not None else snapshot.manifest.as_of
    age = np.nan_to_num(np.maximum(until - act_at[order], 0.0), nan=0.0)
    in_time = ~(act_at[order] >= until) if query.until is not None else np.ones(len(order), bool)
    order, age = order[in_time], age[in_time]
    return Candidates(
        posts=posts,
        bm25=bm25,
        cosine=np.maximum(cosine, 0.0),
        act_post=act_post[order],
        act_person=act_person[order],
        act_family=act_family[order],
        act_strength=act_strength[order],
        act_age=age,
        act_shared=np.asarray(act_shared[order], bool),
    )
