"""Champions: people others turn to inside a community. Made of the shared tier alone.

Individuals are scored by a sum of four named parts, none of which is divided by anything that depends on who may be
shown: a hidden person's maximum would be a leak. Sets are chosen in `recommend/network/coverage.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDS = 50
"""Rounds of mutual reinforcement; the law firm's order no longer changes after ten."""
TOPIC_WEIGHT = 0.75
ACTIVITY_WEIGHT = 1.0
"""Weights of the parts of a champion's score (topic .5-1 and activity .25-2 measured, flat)."""
ASKED_WEIGHT = 1.0
"""Weight of the share of the others who turn to somebody (.5-2 measured: on one engineering organisation .5 and 1 find
the leads best; the planted binders of a made-up organisation want more, which costs there)."""
TOPIC_POSTS = 200
"""Posts read for a community's description, best first."""
ACTIVITY_HALF_LIFE = 60.0
SHARE_HALF_LIFE = 365.0
"""Days in which recent activity halves (30-91 measured for who leads next; 182 and more lose), and in which its
share is taken."""


def standing(turned_to: sp.csr_matrix, members: Ints) -> Floats:
    """How much each of `members` is turned to by the others, `[members]`: mean logarithmic tie, spread by authority.

    `turned_to[i, j]` is the logarithmic tie of i turning to j. Authority (Kleinberg 1999) counts for more who is
    turned to by people who turn to many that are turned to; its sum is scaled back to the sum of the ties, and
    divided by the number of others, so that the part is 0 for nobody and keeps its size from one community to the
    next. Authority found who is asked in a law firm (.86) better than in-degree (.82), PageRank (.79) and degree
    (.77).
    """
    inside = sp.csr_matrix(turned_to[members][:, members], dtype=np.float64)
    total = float(inside.sum())
    if total <= 0.0:
        return np.zeros(len(members))
    authority = np.asarray(inside.sum(axis=0), dtype=np.float64).ravel() / total
    for _ in range(ROUNDS):
        hub = inside @ authority
        again = np.asarray(inside.T @ hub, dtype=np.float64).ravel()
        if again.sum() <= 0.0:
            break
        authority = again / again.sum()
    return np.asarray(authority * total / max(len(members) - 1, 1), dtype=np.float64)


def asked_by(turned_to: sp.csr_matrix, members: Ints) -> Floats:
    """Share of the other members who turn to each, however often, [members].

    Distinct people: authority gathers where many ties are; somebody whom nearly all turn to now and then binds a group
    as well, and is lost in it.
    """
    inside = sp.csr_matrix(turned_to[members][:, members])
    return np.asarray(np.bincount(inside.indices, minlength=len(members)) / max(len(members) - 1, 1), np.float64)


def topic_weights(post_scores: Floats, post_decay: Floats) -> Floats:
    """What each post says for a description, [posts]: reciprocal rank among the best, times its decay; 0 for the rest.

    `post_scores` are the text scores of all posts (0: not found). Equal scores are ranked by post index.
    """
    found = np.flatnonzero(post_scores > 0)
    order = found[np.lexsort((found, -post_scores[found]))][:TOPIC_POSTS]
    weight = np.zeros(len(post_scores))
    weight[order] = 1.0 / (1.0 + np.arange(len(order)))
    return np.asarray(weight * post_decay, np.float64)


def topical(post_scores: Floats, person_posts: sp.csr_matrix, post_decay: Floats, members: Ints) -> Floats:
    """Evidence of each member for the community's description, `[members]`: log(1 + sum of decayed reciprocal ranks).

    `person_posts` is 1 where a person wrote a post or had a part in it.
    """
    return np.asarray(np.log1p(person_posts[members] @ topic_weights(post_scores, post_decay)), dtype=np.float64)


def activity(who: Ints, day: Floats, here: NDArray[np.bool_], *, people: int, as_of: float) -> Floats:
    """Recent activity inside a community, `[people]`: log(1 + active days, halved every 60 days, x share of all one
    does).

    One entry an act before `as_of`: who, when, and whether it happened here. Somebody who acts everywhere (a release
    office, a bot's owner) is not of this community: the share of a person's acts of the last years that fall here is
    what keeps them apart.
    """
    everything = 2.0 ** (-(as_of - day) / SHARE_HALF_LIFE)
    total = np.bincount(who, everything, minlength=people)
    inside = np.bincount(who[here], everything[here], minlength=people)
    once = np.unique(np.stack([who[here], np.floor(day[here]).astype(np.int64)], axis=1), axis=0)
    recent = np.bincount(once[:, 0], 2.0 ** (-(as_of - once[:, 1]) / ACTIVITY_HALF_LIFE), minlength=people)
    return np.asarray(np.log1p(recent * inside / np.maximum(total, 1e-12)), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person's parts, already weighted; the score is their sum."""

    person: int
    turned_to: float
    asked_by: float
    topic: float
    active: float

    @property
    def score(self) -> float:
        return self.turned_to + self.asked_by + self.topic + self.active


def individuals(members: Ints, *, turned_to: Floats, asked: Floats, topic: Floats, active: Floats) -> list[Candidate]:
    """Members by score, best first, equal ones by index. The parts are as their functions give them, unweighted."""
    found = [
        Candidate(int(p), float(t), ASKED_WEIGHT * float(b), TOPIC_WEIGHT * float(w), ACTIVITY_WEIGHT * float(a))
        for p, t, b, w, a in zip(members, turned_to, asked, topic, active, strict=True)
    ]
    return sorted(found, key=lambda c: (-round(c.score, 9), c.person))


@dataclass(frozen=True, slots=True)
class Moment:
    """What the parts of a champion's score are taken from, as known on one day.

    Columns have one entry an act: by somebody, dated, and of a verb that is evidence or a tie.
    """

    turned_to: sp.csr_matrix
    part: sp.csr_matrix
    """Who had a part in which post, [people, posts]."""
    post_decay: Floats
    """What a post weighs by its age; 0 for those that were not yet there."""
    who: Ints
    """Ascending, so that the acts of a few people are found without a look at all."""
    day: Floats
    post: Ints
    """The post that was acted on, a column of `part`."""
    place: Ints
    """Row of `places`, [posts]: the community of each post; -1 for none."""
    places: Mapping[str, int]
    as_of: float


NOWHERE = -2
"""The row of a place that no post names."""


def active_in(then: Moment, members: Ints, counts: Callable[[Ints], NDArray[np.bool_]]) -> Floats:
    """Recent activity of each of `members`, [members], as `activity`; `counts`: posts -> whether they are here."""
    start, end = np.searchsorted(then.who, members), np.searchsorted(then.who, members, side="right")
    owner = np.repeat(np.arange(len(members)), end - start)
    acts = np.arange(len(owner)) - np.repeat(np.cumsum(end - start) - (end - start), end - start) + start[owner]
    return activity(owner, then.day[acts], counts(then.post[acts]), people=len(members), as_of=then.as_of)


def standing_in(then: Moment, place: str) -> Callable[[Ints], NDArray[np.bool_]]:
    """Which of some posts say that they stand in a community."""
    row = then.places.get(place, NOWHERE)
    return lambda posts: np.asarray(then.place[posts] == row, bool)
