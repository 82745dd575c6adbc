"""What one viewer may see of the network: ties among people who may be found, posts that are still there, communities.

The ties are of the shared tier alone. Which communities there are, and who is in them, is as far as the viewer may
read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import scipy.sparse as sp

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.index.access import View, in_time
from expertfinder.index.facts import ENDED
from expertfinder.index.network.communities import topic_matrix
from expertfinder.index.people.withdrawn import still_there
from expertfinder.index.posts.bm25 import Words, score
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Community, Query
from expertfinder.policy import may_read

Made = TypeVar("Made")
Scored = dict[str, tuple[np.ndarray, np.ndarray]]
"""Text -> rows of the shared posts found for it, and their BM25."""

SPEAKING = 400
"""Shared posts looked at for a text, best first."""
BUSY_DAYS = 91.0
"""Who turned to somebody within so many days, a quarter of a year, makes up their load."""
FULL = 30.0
"""Different people who turned to somebody within a quarter of a year, from which on the load is full: one every third
day. Not measured: nothing open says who is overloaded."""


@dataclass(frozen=True, slots=True)
class NetworkView:
    """Matrices have a row a person of the snapshot; rows of who may not be found, or has left, are empty."""

    seen: View
    turned_to: sp.csr_matrix
    mutual: sp.csr_matrix
    part: sp.csr_matrix
    """[people, shared posts], of posts that still are what they were when the snapshot was built."""
    vectors: np.ndarray
    """float64 [people, dimensions], unit rows of interests."""
    communities: list[Community]
    """That the viewer may read and that still are, by id."""
    member: sp.csr_matrix
    """1 where somebody who may be found is in a community, [people, communities]."""
    load: np.ndarray
    """[people]: 0 for who is not asked, 1 for who was asked by as many as one can answer."""
    there: np.ndarray
    """bool [shared posts]: those that still are what they were when the snapshot was built."""
    looked_at: int
    """Posts that are fetched for a text where a question's filters leave some out, so that enough are left; else 0."""
    acts: np.ndarray
    """bool, an entry each act of `ties`: by who may be found, on a post that is there, and more than having read it."""
    _described: Scored = field(repr=False, compare=False, default_factory=dict)
    """Of texts of communities. It is the same for all views of a snapshot without filters, which share it."""
    _kept: dict[Callable[[NetworkView], Any], Any] = field(init=False, repr=False, compare=False, default_factory=dict)

    def once(self, make: Callable[[NetworkView], Made]) -> Made:
        """What `make` gives of this view: made when it is first asked for, and kept as long as the view.

        `make` is a function of a module, and nobody changes what it gives. Two threads may both make it; one of the two
        stays.
        """
        if make not in self._kept:
            self._kept.setdefault(make, make(self))
        return self._kept[make]  # type: ignore[no-any-return]

    @property
    def people(self) -> int:
        """How many rows there are."""
        return int(self.mutual.shape[0])

    def row(self, community: str) -> int | None:
        """The column of a community, `None` where the viewer has no such one."""
        return next((n for n, each in enumerate(self.communities) if each.id == community), None)

    def members(self, column: int) -> np.ndarray:
        """int64: rows of the people of a community, ascending."""
        inside = self.member[:, [column]].tocoo()
        return np.sort(inside.row).astype(np.int64)

    def sizes(self) -> np.ndarray:
        """int64 [communities]: how many people are in each."""
        return self.once(_sizes)

    def topics(self) -> sp.csr_matrix:
        """How many posts under each topic somebody had a part in, [people, topics]."""
        return self.once(_topics)

    def about(self, text: str) -> np.ndarray:
        """BM25 of every shared post for a text, float64 [shared posts]; 0 for the others and for what is gone."""
        return self._spread(self._scored(text))

    def about_community(self, column: int) -> np.ndarray:
        """The same for the name and the description of a community, found once."""
        text = f"{self.communities[column].name}\n{self.communities[column].description}"
        if text not in self._described:
            self._described[text] = self._scored(text)
        return self._spread(self._described[text])

    def _spread(self, scored: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        found = np.zeros(len(self.seen.snapshot.shared))
        found[scored[0]] = scored[1]
        return found

    def _scored(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        snapshot = self.seen.snapshot
        words = Words.of(self.seen.read(text).words, snapshot.term_rows, snapshot.statistics)
        rows = snapshot.engine.fetch(words, snapshot.statistics, max(SPEAKING, self.looked_at))
        rows = rows[self.there[rows]]
        rows = rows[:SPEAKING] if self.looked_at else rows
        return rows, score(snapshot.shared.segment, rows, words, snapshot.statistics)


def _sizes(net: NetworkView) -> np.ndarray:
    return np.asarray(net.member.sum(axis=0), np.int64).ravel()


def _topics(net: NetworkView) -> sp.csr_matrix:
    return sp.csr_matrix(net.part @ topic_matrix(net.seen.snapshot.topics, net.part.shape[1]))


def network_view(seen: View, query: Query | None = None, *, described: Scored | None = None) -> NetworkView:
    """The network for one viewer. A person who came since the last fold has a row and no ties yet.

    `query`: for its filters; what they leave out is not in it. `described`: texts that were scored in other views of
    the same snapshot without filters.
    """
    snapshot = seen.snapshot
    filters = query or Query()
    seen = seen.narrowed(filters)
    ties, people = snapshot.ties, len(snapshot.people)
    here = sp.diags_array(seen.here.astype(np.float64))
    there = still_there(snapshot)
    acts = seen.here[ties.act_person] & weighing(ties.verbs)[ties.act_verb]
    if filters.filtered or filters.of_some:
        acts &= in_time(ties.act_day, filters)
        there = _passing(snapshot, seen, there, (filters, ties.act_post[acts]))
    acts &= there[ties.act_post]

    def among(matrix: sp.csr_matrix) -> sp.csr_matrix:
        shown = sp.csr_matrix(here @ _with_rows(matrix, people, people) @ here)
        shown.eliminate_zeros()
        return shown

    part = sp.csr_matrix(here @ _with_rows(ties.part, people, ties.part.shape[1]) @ sp.diags_array(there.astype(float)))
    if filters.since is not None or filters.until is not None:
        did = (np.ones(int(acts.sum())), (ties.act_person[acts], ties.act_post[acts]))
        part = sp.csr_matrix(part.multiply(sp.csr_matrix(did, shape=part.shape) > 0))
    part.eliminate_zeros()
    vectors = np.zeros((people, ties.vectors.shape[1]))
    vectors[: len(ties.vectors)] = ties.vectors
    communities = [each for each in snapshot.communities if each.kind != ENDED and may_read(each.audience, seen.viewer)]
    cells = [
        (row, column)
        for column, community in enumerate(communities)
        for row in {snapshot.person_rows[name] for name in community.members if name in snapshot.person_rows}
        if seen.here[row]
    ]
    table = np.array(sorted(cells), np.int64).reshape(-1, 2)
    member = sp.csr_matrix((np.ones(len(table)), (table[:, 0], table[:, 1])), shape=(people, len(communities)))
    return NetworkView(
        seen=seen,
        turned_to=among(ties.turned_to),
        mutual=among(ties.mutual),
        part=part,
        vectors=vectors * seen.here[:, None],
        communities=communities,
        member=member,
        load=_load(seen, there),
        there=there,
        looked_at=len(there) if filters.filtered or filters.of_some else 0,
        acts=acts,
        _described={} if described is None else described,
    )


def _passing(snapshot: Snapshot, seen: View, there: np.ndarray, asked: tuple[Query, np.ndarray]) -> np.ndarray:
    """bool [shared posts]: those that pass a question's filters. `asked`: the question, and posts of acts that pass."""
    query, acted_on = asked
    of_posts = replace(query.of_everybody, since=None)
    passing = np.zeros(len(there), bool)
    passing[seen.kept(snapshot.shared.segment, np.flatnonzero(there), of_posts)] = True
    if query.of_some or query.since is not None:
        passing &= np.bincount(acted_on, minlength=len(there)) > 0
    return passing


def weighing(verbs: Sequence[str]) -> np.ndarray:
    """bool, a row a verb: evidence, or a tie between people. To have read, liked or followed something is neither."""
    known = vocabulary().verbs
    return np.array([known[name].weighs for name in verbs], bool)


def _with_rows(matrix: sp.csr_matrix, rows: int, columns: int) -> sp.csr_matrix:
    """The same matrix with empty rows (and columns) for who came since it was made."""
    indptr = np.concatenate([matrix.indptr, np.full(rows - matrix.shape[0], matrix.indptr[-1], matrix.indptr.dtype)])
    return sp.csr_matrix((matrix.data, matrix.indices, indptr), shape=(rows, columns))


def asked_over(seen: View, counts: np.ndarray) -> sp.csr_matrix:
    """How often who was turned to over posts, [people, people]: the column turned to the row. Nobody turns to oneself.

    `counts`: bool, an entry each act of the snapshot's ties: those that count. Who turns to whom says the vocabulary:
    who replies or thanks turns to the author, the author to who reviews it.
    """
    ties, people = seen.snapshot.ties, len(seen.snapshot.people)
    known = vocabulary().verbs
    turned = np.array([known[name].tie == "turned-to" for name in ties.verbs], bool)
    back = np.array([known[name].turns == "author" for name in ties.verbs], bool)
    wrote = (ties.act_verb == 0) & seen.here[ties.act_person]
    authors = (ties.act_post[wrote], ties.act_person[wrote])
    shape = (len(seen.snapshot.shared), people)
    by = sp.csr_matrix((np.ones(int(wrote.sum())), authors), shape=shape)
    some = (ties.act_verb > 0) & turned[ties.act_verb] & counts & seen.here[ties.act_person]
    did = [
        sp.csr_matrix((np.ones(int(those.sum())), (ties.act_post[those], ties.act_person[those])), shape=shape)
        for those in (some & ~back[ties.act_verb], some & back[ties.act_verb])
    ]
    asked = sp.csr_matrix(by.T @ did[0] + did[1].T @ by)
    asked.setdiag(0)
    asked.eliminate_zeros()
    return asked


def _load(seen: View, there: np.ndarray) -> np.ndarray:
    """How many different people turned to somebody over a post of late, as a share of `FULL`, at most 1."""
    ties = seen.snapshot.ties
    late = (ties.act_day > seen.snapshot.manifest.as_of - BUSY_DAYS) & there[ties.act_post]
    return np.asarray(np.minimum(np.diff(asked_over(seen, late).indptr) / FULL, 1.0), np.float64)
