"""Champions: people others turn to inside a community. Made of the shared tier alone.

Individuals are scored by a sum of named parts (`WEIGHTS`), none of which is divided by anything that depends on who may
be shown: a hidden person's maximum would be a leak. Sets are chosen in `recommend/network/coverage.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.index.network.ties import Ties
from expertfinder.index.network.view import NetworkView
from expertfinder.index.recipe import faded

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDS = 50
"""Rounds of mutual reinforcement; the law firm's order no longer changes after ten."""
WEIGHTS: Mapping[str, float] = {
    "turned to": 1.0,
    "asked by": 1.0,
    "named": 1.0,
    "asked here": 1.0,
    "reviewed": 0.5,
    "topic": 0.75,
    "active": 1.0,
}
"""Part of a champion's score -> what it is multiplied by. Measured: topic from .5 to 1 and active from .25 to 2 change
little. Asked by was tried from .5 to 2: .5 and 1 find the leads of one engineering organisation best, and the planted
binders of a made-up one want more. Named has the weight of asked by, because a survey says the same. Asked here has 1
and reviewed .5: on an organisation kept aside both together lift the average precision from .581 to .646
(`docs/network.md`)."""
TOPIC_POSTS = 200
"""Posts read for a community's description, best first."""
ACTIVITY_HALF_LIFE = 60.0
"""Days in which recent activity halves (30 to 91 measured for who leads next; 182 and more lose)."""
SHARE_HALF_LIFE = 365.0
"""Half-life in days of the acts that tell which share of a person's acts falls into a community: a year."""


def standing(turned_to: sp.csr_matrix, members: Ints) -> Floats:
    """How much each of `members` is turned to by the others, `[members]`: mean logarithmic tie, spread by authority.

    `turned_to[i, j]` is the logarithmic tie of i turning to j. Authority (Kleinberg 1999) is higher for
    people who are turned to by people who turn to many that are turned to. Its sum is scaled to the sum of the ties and
    divided by the number of others. So the part is 0 where nobody turns to anybody, and keeps its size from one
    community to the next. Authority found who is asked in a law firm (.86) better than in-degree (.82), PageRank (.79)
    and degree (.77).
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


def askers(turned_to: sp.csr_matrix, members: Ints) -> Ints:
    """How many of the other members turn to each, however often, [members]."""
    inside = sp.csr_matrix(turned_to[members][:, members])
    return np.bincount(inside.indices, minlength=len(members))


def asked_by(turned_to: sp.csr_matrix, members: Ints) -> Floats:
    """Share of the other members who turn to each, however often, [members].

    It counts distinct people. Authority (`standing`) gathers where many ties are. Somebody whom nearly all turn to now
    and then is lost in it, though that person binds a group as well.
    """
    return np.asarray(askers(turned_to, members) / max(len(members) - 1, 1), np.float64)


def named_by(numbers: Sequence[int], people: int) -> Floats:
    """Share of the others who named each in a survey, [members]. `people`: all whom the viewer may find.

    A survey asks the whole organisation, so its answers say nothing of one community.
    """
    return np.asarray(np.minimum(np.array(numbers, np.float64) / max(people - 1, 1), 1.0), np.float64)


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
    everything = faded(as_of - day, SHARE_HALF_LIFE)
    total = np.bincount(who, everything, minlength=people)
    inside = np.bincount(who[here], everything[here], minlength=people)
    once = np.unique(np.stack([who[here], np.floor(day[here]).astype(np.int64)], axis=1), axis=0)
    recent = np.bincount(once[:, 0], faded(as_of - once[:, 1], ACTIVITY_HALF_LIFE), minlength=people)
    return np.asarray(np.log1p(recent * inside / np.maximum(total, 1e-12)), dtype=np.float64)


def reviewing(then: Moment, members: Ints, counts: NDArray[np.bool_]) -> tuple[Floats, Ints]:
    """What each of `members` reviewed, approved or merged: log(1 + acts, halved every year), and how many acts.

    `counts`: the acts of `then` that count, by their columns. Both are [members].
    """
    weight = np.where(counts, faded(np.maximum(then.as_of - then.day, 0.0), SHARE_HALF_LIFE), 0.0)
    size = int(max(then.who.max(initial=-1), members.max(initial=-1))) + 1
    done = np.bincount(then.who, weight, minlength=size)
    number = np.bincount(then.who[counts], minlength=size)
    return np.asarray(np.log1p(done[members]), np.float64), number[members]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person with the parts of their score, already weighted; the score is their sum."""

    person: int
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def score(self) -> float:
        return sum(self.parts.values())


def individuals(members: Ints, parts: Mapping[str, Floats]) -> list[Candidate]:
    """Members by score, best first, equal ones by index.

    `parts`: name of a part, of those in `WEIGHTS` -> its value for each member, unweighted, as its function gives it.
    """
    found = [
        Candidate(int(person), {name: WEIGHTS[name] * float(value[n]) for name, value in parts.items()})
        for n, person in enumerate(members)
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
    """Row of the person of each act, ascending, so that the acts of a few people are found without reading all."""
    day: Floats
    post: Ints
    """The post that was acted on, a column of `part`."""
    judged: NDArray[np.bool_]
    """Whether the act judges another's work: a review, an approval, a merge, to whom the author turned."""
    place: Ints
    """Row of `places`, [posts]: the community of each post; -1 for none."""
    places: Mapping[str, int]
    as_of: float


def moment_of(net: NetworkView) -> Moment:
    """What champions are scored from, as this viewer may see it, aged to the day of the snapshot (decision 0026)."""
    return net.once(_moment)


def _moment(net: NetworkView) -> Moment:
    snapshot = net.seen.snapshot
    ties, manifest = snapshot.ties, snapshot.manifest
    age = manifest.ages(np.asarray(snapshot.shared.segment.created))
    kept = net.acts & ~np.isnan(ties.act_day)
    by_person = np.flatnonzero(kept)[np.argsort(ties.act_person[kept], kind="stable")]
    return Moment(
        turned_to=net.turned_to,
        part=net.part,
        post_decay=np.where(net.there, faded(age, snapshot.recipe.half_life * manifest.span), 0.0),
        who=np.asarray(ties.act_person[by_person], np.int64),
        day=np.asarray(ties.act_day[by_person]),
        post=np.asarray(ties.act_post[by_person], np.int64),
        judged=_judged(ties)[by_person],
        place=np.asarray(ties.post_place, np.int64),
        places={name: n for n, name in enumerate(ties.places)},
        as_of=manifest.as_of,
    )


def _judged(ties: Ties) -> NDArray[np.bool_]:
    """bool, an entry each act: whether it is a review, an approval, a merge or the like, of somebody else's work."""
    known = vocabulary().verbs
    judging = np.array([known[name].family == "reviewed" for name in ties.verbs], bool)
    whose = ties.act_post.astype(np.int64) * (int(ties.act_person.max(initial=0)) + 1) + ties.act_person
    return np.asarray(judging[ties.act_verb] & ~np.isin(whose, whose[ties.act_verb == 0]), bool)


def active_in(then: Moment, members: Ints, here: NDArray[np.bool_]) -> Floats:
    """Recent activity of each of `members`, [members], as `activity`; `here`: bool [posts]."""
    start, end = np.searchsorted(then.who, members), np.searchsorted(then.who, members, side="right")
    owner = np.repeat(np.arange(len(members)), end - start)
    acts = np.arange(len(owner)) - np.repeat(np.cumsum(end - start) - (end - start), end - start) + start[owner]
    return activity(owner, then.day[acts], here[then.post[acts]], people=len(members), as_of=then.as_of)


NOWHERE = -2
"""The row of a place that no post names."""


def standing_in(then: Moment, place: str) -> NDArray[np.bool_]:
    """bool [posts]: which posts say that they stand in a community."""
    return np.asarray(then.place == then.places.get(place, NOWHERE), bool)
