"""What one viewer may read of one snapshot: masks of posts, acts and people, made by `policy` alone."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from expertfinder.index.arrays import distinct, gather, one_of
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.people.activity import words_of_tags
from expertfinder.index.people.passing import passes
from expertfinder.index.posts.bm25 import Reading
from expertfinder.index.posts.segment import Segment, days, shared_audiences
from expertfinder.index.snapshot import Snapshot, day_of
from expertfinder.model import Query, Viewer
from expertfinder.policy import may_find, may_read

READINGS_KEPT = 50
"""Readings of questions that a view keeps: a page asks ten questions at most, and a kilobyte each is nothing."""


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

    _readings: dict[tuple[str, str], Reading] = field(default_factory=dict, repr=False, compare=False)
    """What `read` gave of late."""

    @classmethod
    def of(cls, snapshot: Snapshot, viewer: Viewer) -> View:
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
            [person.is_human and not (person.left_at and days(person.left_at) <= as_of) for person in snapshot.people],
            bool,
        )
        by_id = np.empty(len(snapshot.people), np.int64)
        by_id[sorted(range(len(snapshot.people)), key=lambda row: snapshot.people[row].id)] = np.arange(
            len(snapshot.people)
        )
        return cls(snapshot, viewer, audiences, people, restricted, fresh, shared, people & named, by_id)

    def read(self, text: str, encode: Encoder | None = None) -> Reading:
        """As `Snapshot.read`. The last questions of a viewer are kept: one page asks the same of people, of communities
        and of champions. Of nobody else's: how long an answer takes is not to tell who asked it before."""
        key = text, encode.name if encode is not None else ""
        known = self._readings.get(key)
        if known is None:
            if len(self._readings) >= READINGS_KEPT:
                self._readings.clear()
            known = self._readings[key] = self.snapshot.read(text, encode)
        return known

    def narrowed(self, query: Query) -> View:
        """The view of a question with filters on people: nobody else may be found in it, so nobody else counts."""
        if not query.of_some:
            return self
        passing = np.zeros(len(self.people), bool)
        people, now = self.snapshot.people, day_of(self.snapshot.manifest.as_of)
        rows = [row for row in np.flatnonzero(self.people).tolist() if passes(people[row], query, now)]
        passing[rows] = True
        return replace(self, people=passing, here=self.here & passing)

    def eligible(self, query: Query) -> np.ndarray:
        """bool [people]: may be named for a question: is here, is not the asker, and passes its filters on people."""
        mask = self.narrowed(query).here.copy()
        asker = self.snapshot.person_rows.get(query.asker or "")
        if asker is not None:
            mask[asker] = False
        return mask

    def kept(self, segment: Segment, rows: np.ndarray, query: Query) -> np.ndarray:
        """Those of the rows of a segment whose posts pass the question's filters.

        A post passes a filter on people, or on the time of evidence, by an act that `counting` lets through.
        """
        if query.exclude_posts:
            rows = rows[[segment.ids[row] not in query.exclude_posts for row in rows.tolist()]]
        if query.only_posts is not None:
            rows = rows[[segment.ids[row] in query.only_posts for row in rows.tolist()]]
        if query.kinds:
            rows = rows[[segment.kinds[row] in query.kinds for row in rows.tolist()]]
        if query.until is not None:
            rows = rows[segment.created[rows] < days(query.until)]
        if query.tags:
            positions, owner = gather(segment.tag_indptr, rows)
            rows = rows[np.unique(owner[np.isin(segment.tags[positions], _tag_rows(self.snapshot, query.tags))])]
        if query.of_some or query.since is not None:
            positions, owner = gather(segment.act_indptr, rows)
            rows = rows[np.unique(owner[self.counting(segment, positions, query)])]
        return rows

    def counting(self, segment: Segment, acts: np.ndarray, query: Query) -> np.ndarray:
        """bool [acts]: which of these acts of a segment may be read, are of who may be found, and in the question's
        time. For a question with filters on people the view is `narrowed`."""
        if not len(acts):
            return np.zeros(0, bool)
        may = self.audiences[segment.act_audience[acts]] & self.people[segment.act_person[acts]]
        timed = query.since is not None or query.until is not None
        return np.asarray(may & in_time(segment.act_at[acts], query) if timed else may)

    @property
    def readable(self) -> list[tuple[Segment, np.ndarray]]:
        """The columns of each tier, and the rows of the posts that may be read and count."""
        rows = (np.flatnonzero(self.snapshot.shared.alive), self.restricted, self.fresh)
        return list(zip(self.snapshot.tiers.segments, rows, strict=True))

    def acts_of(self, people: np.ndarray, query: Query, *, most: int | None = None) -> list[tuple[Segment, np.ndarray]]:
        """The columns of each tier, and which acts of some people (rows) count there and are on posts that may be read
        and pass the question's filters; ascending. `most`: as for `Tier.acts_of`."""
        tiers, found = self.snapshot.tiers, []
        for tier, may in ((tiers.shared, None), (tiers.restricted, self.restricted), (tiers.fresh, self.fresh)):
            segment = tier.segment
            acts = tier.acts_of(people, most) if may is None or len(may) else np.empty(0, np.int64)
            acts = acts[self.counting(segment, acts, query)]
            posts = segment.posts_of(acts)
            there = tier.alive[posts] if may is None else one_of(posts, may)
            if query.filtered or query.of_some or query.exclude_posts:
                there &= one_of(posts, self.kept(segment, distinct(posts[there]), query))
            found.append((segment, acts[there]))
        return found

    def ranked(self, totals: np.ndarray) -> np.ndarray:
        """Rows of the people with a score, best first, ties by id. `totals`: float64 [people]."""
        rows = np.flatnonzero(totals > 0)
        return rows[np.lexsort((self.by_id[rows], -totals[rows]))]


def in_time(at: np.ndarray, query: Query) -> np.ndarray:
    """bool: which acts (days since 1970) were done in the question's time.

    What is undated counts as done before any `until`, and not as done `since`.
    """
    inside = np.ones(len(at), bool)
    if query.since is not None:
        inside &= at >= days(query.since)
    if query.until is not None:
        inside &= ~(at >= days(query.until))
    return inside


def _tag_rows(snapshot: Snapshot, tags: Sequence[str]) -> list[int]:
    """Rows of the snapshot's tags that are one of these in other letter case, or the same."""
    wanted = {folded_tag(tag) for tag in tags}
    near = [row for words in sorted(set(words_of_tags(tags))) for row in snapshot.tag_rows.get(words, ())]
    since = range(len(snapshot.standing.tag_words), len(snapshot.tags))
    return [row for row in (*near, *since) if folded_tag(snapshot.tags[row]) in wanted]


def folded_tag(tag: str) -> str:
    """A tag without letter case: two that are alike then are one to a filter."""
    return unicodedata.normalize("NFC", tag).strip().lower()
