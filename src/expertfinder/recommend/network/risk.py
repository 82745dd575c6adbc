"""Knowledge that would leave with one person, and who could grow into it. Made of the shared tier alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from expertfinder.index.network.communities import topic_matrix
from expertfinder.index.network.view import NetworkView
from expertfinder.index.people.activity import decayed
from expertfinder.recommend.network.meet import ALIKE, nearness
from expertfinder.recommend.sentences import Sentence

AT_RISK = 0.5
"""Share of the evidence for a topic that one person has, from which on it is at risk: half or more would leave."""
FEWEST_POSTS = 3
"""Posts that a topic must have at least, as in `index/people/topics.py`: of fewer there is nothing to say."""
GROW = 2
"""People named who could grow into a topic."""
HOLDERS = 5
"""People named for a topic, those with most of its evidence."""
HAD_A_PART = Sentence("has had a part in it")
TIED = Sentence("has a tie with {name}")
ALIKE_WRITING = Sentence("writes about what is near to what {name} writes")


class Holder(NamedTuple):
    """A person, by id, and the share of the evidence that is theirs."""

    subject: str
    share: float


class Grower(NamedTuple):
    """A person, by id, who could grow into a topic, and why."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """How the evidence for one topic is spread. People are ids."""

    topic: str
    posts: int
    people: int
    """How many people have any evidence for it."""
    holders: tuple[Holder, ...]
    """Person and share of the evidence, most first, at most five."""
    spread: float
    """Number of people with equal shares that would be as spread (1 / sum of squared shares; Herfindahl, Hirschman)."""
    at_risk: bool
    grow: tuple[Grower, ...]
    """Who could grow into it, and why, best first."""


def evidence_for_topics(net: NetworkView) -> sp.csr_matrix:
    """Decayed evidence of everybody for each topic, [people, topics].

    It is the evidence by which experts are found: somebody who only thanked for a post has none from it.
    """
    return net.once(_evidence)


def _evidence(net: NetworkView) -> sp.csr_matrix:
    snapshot, seen = net.seen.snapshot, net.seen
    segment, span = snapshot.shared.segment, snapshot.manifest.span
    post = segment.act_posts()
    acts = seen.shared[segment.act_audience] & seen.here[segment.act_person] & net.there[post]
    lasting = snapshot.recipe.half_life * span * snapshot.lasting
    age = snapshot.manifest.ages(segment.act_at)
    weight = decayed(segment, age, acts=acts, half_life=lasting)
    did = sp.csr_matrix((weight[acts], (segment.act_person[acts], post[acts])), shape=(net.people, len(segment)))
    return sp.csr_matrix(did @ topic_matrix(snapshot.topics, len(segment)))


def _posts(net: NetworkView) -> np.ndarray:
    """How many posts that are there each topic has, [topics]."""
    return np.asarray(topic_matrix(net.seen.snapshot.topics, net.part.shape[1])[net.there].getnnz(axis=0), np.int64)


def risk_of(net: NetworkView, topic: int, evidence: sp.csr_matrix, *, grow: bool = True) -> Risk:
    """How one topic is held. `evidence` as `evidence_for_topics` gives it; `grow`: also who could grow into it."""
    people, topics = net.seen.snapshot.people, net.seen.snapshot.topics
    mine = np.asarray(evidence[:, [topic]].todense(), np.float64).ravel()
    total = float(mine[mine > 0].sum())  # the zeros of others would move the last bit
    share = mine / total if total > 0 else mine
    order = np.lexsort((net.seen.by_id, -share))
    held = [row for row in order.tolist() if share[row] > 0]
    posts = int(net.once(_posts)[topic])
    return Risk(
        topic=topics.labels[topic],
        posts=posts,
        people=len(held),
        holders=tuple(Holder(people[row].id, float(share[row])) for row in held[:HOLDERS]),
        spread=1.0 / float((share[held] ** 2).sum()) if total > 0 else 0.0,
        at_risk=bool(held) and posts >= FEWEST_POSTS and float(share[held[0]]) >= AT_RISK,
        grow=_grow(net, held, share) if held and grow else (),
    )


def _grow(net: NetworkView, held: list[int], share: np.ndarray) -> tuple[Grower, ...]:
    """Who is nearest to a topic beside its first holder: own evidence, a tie with the first, and interests like theirs.

    The three count the same (none was measured). People without time are left out.
    """
    first, people = held[0], net.seen.snapshot.people
    near = nearness(net.vectors, first)
    near = np.where(near >= ALIKE, near, 0.0)
    tied = np.zeros(net.people)
    row = sp.csr_matrix(net.mutual[[first]])
    tied[row.indices] = 1.0
    own = share / max(float(share[held[1]]) if len(held) > 1 else 1.0, 1e-12)
    score = (np.minimum(own, 1.0) + tied + near) * (1.0 - net.load) * net.seen.here
    score[first] = 0.0
    order = np.lexsort((net.seen.by_id, -np.round(score, 9)))
    found = []
    name = people[first].name or people[first].id
    for candidate in order[:GROW].tolist():
        if score[candidate] <= 0:
            break
        why = [
            text
            for holds, text in (
                (share[candidate] > 0, HAD_A_PART()),
                (tied[candidate] > 0, TIED(name=name)),
                (near[candidate] > 0, ALIKE_WRITING(name=name)),
            )
            if holds
        ]
        found.append(Grower(people[candidate].id, ", ".join(why)))
    return tuple(found)


def topics_at_risk(net: NetworkView, *, limit: int = 10) -> list[Risk]:
    """Topics that are at risk (`AT_RISK`), those with most posts first, at most `limit`."""
    evidence = evidence_for_topics(net)
    if not all(evidence.shape):
        return []
    total = np.asarray(evidence.sum(axis=0), np.float64).ravel()
    most = np.asarray(evidence.max(axis=0).todense(), np.float64).ravel()
    risky = np.flatnonzero((total > 0) & (most >= AT_RISK * total))
    topics = net.seen.snapshot.topics
    order = sorted(risky.tolist(), key=lambda topic: (-int(topics.posts[topic]), topics.labels[topic]))
    found: list[Risk] = []
    for topic in order:
        risk = risk_of(net, topic, evidence)
        if risk.at_risk:
            found.append(risk)
        if len(found) == limit:
            break
    return found
