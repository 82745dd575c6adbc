"""Whom to meet: a person's neighbourhood, introductions with a natural link, mentors, ways to somebody.

Made of the shared tier alone, among people whom the viewer may find.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from expertfinder.index.network.view import NetworkView
from expertfinder.model import Query, Ranking, Recommendation
from expertfinder.recommend.named import best_first, how_sure, ranking, recommended
from expertfinder.recommend.network.champions import asked_by
from expertfinder.recommend.sentences import Sentence

MOST_AROUND = 30
"""People drawn around somebody at most: a drawing of more is a cloud."""
NOBODY_NEAR = Sentence(
    "There is not enough evidence to suggest anybody: no ties, and nothing known of this person's interests. "
    "A few words in the profile are a start."
)
NOBODY_LEFT = Sentence(
    "There is nobody to suggest: whoever has contacts or interests in common with this person is known to them "
    "already, or has no time."
)
KNOWN_TO_BOTH = Sentence("You both know {through}: ask for an introduction.")
NEAR = Sentence("Writes about what is near to your own interests.")
BARELY = Sentence("Has a little in common with what you write about.")
BOTH_IN = Sentence("You are both in {name}.")
PEOPLE_TURNED = Sentence("{count} people turned to them.")
ONE_TURNED = Sentence("1 person turned to them.")
KNOWS_IT = Sentence("Knows this, by what they wrote and did.")
TIED = Sentence("You know each other: one of you turned to the other, or you worked on the same thing.")
IN_BETWEEN = Sentence("You have a contact in common.")
ALIKE, IN_COMMON = 0.3, 0.05
"""Cosines of interests from which on the sentences say "near" and "a little in common"; below, they say nothing (not
measured)."""
NO_MENTOR = Sentence(
    "Of those who know this nobody can be named as a mentor: they have no time, or it is the person who asks."
)
MENTOR_TOPIC, MENTOR_ASKED, MENTOR_NEAR = 1.0, 0.1, 0.25
"""Weights of a mentor's three parts: the score for the topic divided by the best one's, the logarithm of one plus the
people who turned to them, and nearness. Not measured; the topic comes first for a mentor."""
MENTORS_LOOKED_AT = 15
"""Experts of a topic who are looked at for a mentor, the best first."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Two people by id, and how strong the tie is: the logarithm of one plus the acts between them."""

    person: str
    other: str
    strength: float


class Near(NamedTuple):
    """Somebody to whom a person is tied, by id, and which of the two turned to the other."""

    subject: str
    strength: float
    turns_to: bool
    turned_to_by: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Whom somebody is tied to: the strongest first, and the ties among all of them."""

    person: str
    people: tuple[str, ...]
    ties: tuple[Tie, ...]
    turns_to: tuple[str, ...]
    """Those whom the person turned to."""
    turned_to_by: tuple[str, ...]
    """Those who turned to the person."""
    contacts: int
    """How many people the person is tied to altogether."""

    @property
    def near(self) -> list[Near]:
        """Each of `people`, with the tie."""
        mine = {
            tie.other if tie.person == self.person else tie.person: tie.strength
            for tie in self.ties
            if self.person in (tie.person, tie.other)
        }
        return [Near(one, mine[one], one in self.turns_to, one in self.turned_to_by) for one in self.people]


def around(net: NetworkView, row: int, *, most: int = MOST_AROUND) -> Around:
    """The neighbourhood of a person."""
    people = net.seen.snapshot.people
    mine = sp.csr_matrix(net.mutual[[row]])
    order = np.lexsort((net.seen.by_id[mine.indices], -mine.data))
    near = mine.indices[order][:most].tolist()
    to = set(sp.csr_matrix(net.turned_to[[row]]).indices.tolist())
    by = set(net.turned_to[:, [row]].tocoo().row.tolist())
    return Around(
        person=people[row].id,
        people=tuple(people[other].id for other in near),
        ties=tuple(ties_of(net, sorted([row, *near]))),
        turns_to=tuple(people[other].id for other in near if other in to),
        turned_to_by=tuple(people[other].id for other in near if other in by),
        contacts=int(mine.nnz),
    )


def ties_of(net: NetworkView, rows: list[int]) -> list[Tie]:
    """The ties among some people (rows, ascending), each once, ordered by the ids of the two."""
    people = net.seen.snapshot.people
    inner = sp.triu(net.mutual[rows][:, rows], 1).tocoo()
    ties = sorted(
        (people[rows[i]].id, people[rows[j]].id, float(strength))
        for i, j, strength in zip(inner.row.tolist(), inner.col.tolist(), inner.data.tolist(), strict=True)
    )
    return [Tie(*tie) for tie in ties]


def path(net: NetworkView, start: int, goal: int) -> tuple[str, ...]:
    """Ids from one person to another over the fewest and nearest people; empty where nobody leads there."""
    people = net.seen.snapshot.people
    found = trusted_path(net.mutual, start, goal, may_pass=np.asarray(net.load < 1))
    return tuple(people[row].id for row in found)


def people_to_meet(net: NetworkView, row: int, *, interests: np.ndarray | None = None, limit: int = 3) -> Ranking:
    """People whom somebody has no tie with yet, each with the link that makes it natural.

    `interests`: the vectors to compare, [people, d] unit rows; the network's own where not given. A newcomer has no row
    there, and is compared by the encoder's vectors of profile and posts.
    """
    people = net.seen.snapshot.people
    vectors = net.vectors if interests is None else interests
    everyone = np.flatnonzero(net.seen.here)
    standing = np.zeros(net.people)
    standing[everyone] = asked_by(net.turned_to, everyone)
    known = Meeting(net.mutual, vectors, np.minimum(standing, 1.0), net.load)
    spoken = np.asarray(net.part.sum(axis=1)).ravel() > 0
    found = to_meet(known, row, eligible=net.seen.here & spoken, most=limit)
    known_of = bool(vectors[row].any()) or net.mutual.indptr[row] < net.mutual.indptr[row + 1]
    query = Query(asker=people[row].id, limit=limit)
    shown = [_introduced(net, vectors, row, one) for one in found]
    return ranking(query, shown, none=NOBODY_LEFT() if known_of else NOBODY_NEAR())


def _introduced(net: NetworkView, vectors: Floats, row: int, one: Introduction) -> Recommendation:
    people = net.seen.snapshot.people
    through = ", ".join(people[contact].name or people[contact].id for contact in one.through)
    near = float(vectors[row] @ vectors[one.person])
    alike = NEAR() if near >= ALIKE else BARELY() if near >= IN_COMMON else ""
    asking = int(net.turned_to[:, [one.person]].nnz)
    parts = {
        "contacts": (one.contacts, KNOWN_TO_BOTH(through=through)),
        "interests": (one.interests, " ".join(filter(None, (alike, _link(net, row, one.person))))),
        "standing": (one.standing, PEOPLE_TURNED(count=asking) if asking > 1 else ONE_TURNED()),
    }
    sure = how_sure(len(one.through), high=2, medium=1)
    return recommended(people[one.person].id, "person to meet", parts, confidence=sure)


def _link(net: NetworkView, row: int, other: int) -> str:
    """A sentence for the first thing that two people share: a community, a unit, a place; empty for nothing."""
    both = sp.csr_matrix(net.member[[row]].multiply(net.member[[other]]))
    me, them = net.seen.snapshot.people[row], net.seen.snapshot.people[other]
    if both.nnz:
        return BOTH_IN(name=net.communities[int(both.indices[0])].name)
    if me.org_unit and me.org_unit == them.org_unit:
        return BOTH_IN(name=me.org_unit)
    if me.location and me.location == them.location:
        return BOTH_IN(name=me.location)
    return ""


def similar_people(net: NetworkView, row: int, *, limit: int = 5) -> list[tuple[str, float]]:
    """Ids of people whose interests are nearest, with the cosine, best first."""
    people = net.seen.snapshot.people
    near = similar(net.vectors, row, eligible=net.seen.here.tolist(), most=limit)
    return [(people[other].id, cosine) for other, cosine in near]


def mentors(net: NetworkView, row: int, known: Ranking, *, limit: int = 3) -> Ranking:
    """Who could teach somebody a topic: knows it, is turned to, is near, and has time.

    `known`: the finder's answer to who knows the topic. If it abstains, or nobody in it is free, there is no mentor.
    """
    snapshot = net.seen.snapshot
    asked = np.bincount(net.turned_to.indices, minlength=net.people)
    near = _nearness(net, row)
    found: list[Recommendation] = []
    for one in known.recommendations:
        other = snapshot.person_rows.get(one.subject, row)  # a person new since the answer has no row yet
        if other == row or net.load[other] >= 1:
            continue
        free = float(1.0 - net.load[other])
        turned = PEOPLE_TURNED(count=int(asked[other])) if asked[other] > 1 else ONE_TURNED()
        near_by = TIED() if near[other] == 1 else IN_BETWEEN()
        parts = {
            "topic": (free * (MENTOR_TOPIC * one.score / known.recommendations[0].score), KNOWS_IT()),
            "asked by": (free * float(MENTOR_ASKED * np.log1p(asked[other])), turned),
            "near": (free * float(MENTOR_NEAR * near[other]), near_by),
        }
        found.append(recommended(one.subject, "mentor", parts, confidence=one.confidence))
    query = Query(text=known.query.text, asker=snapshot.people[row].id, limit=limit)
    best = ranking(query, best_first(found), none=known.abstained or NO_MENTOR())
    return replace(best, confidence=known.confidence if best.recommendations else None)


def _nearness(net: NetworkView, row: int) -> np.ndarray:
    """1 for who is tied to somebody, .5 for who has a contact in common, else 0, [people]."""
    direct = sp.csr_matrix(net.mutual[[row]])
    near = np.zeros(net.people)
    near[sp.csr_matrix(net.mutual[direct.indices]).indices] = 0.5
    near[direct.indices] = 1.0
    return near


Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CONTACTS_WEIGHT = 1.0
"""Weight of shared contacts in an introduction; the other weights are set relative to it. Not measured."""
INTERESTS_WEIGHT = 0.5
"""Weight of common interests in an introduction: half of shared contacts. Not measured."""
STANDING_WEIGHT = 0.25
"""Weight of being turned to in an introduction. Not measured. Somebody with a full load is not suggested at all."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """Somebody to meet, the parts of the score (already weighted) and the shared contacts who make it natural,
    nearest first."""

    person: int
    contacts: float
    interests: float
    standing: float
    through: tuple[int, ...]

    @property
    def score(self) -> float:
        return self.contacts + self.interests + self.standing


@dataclass(frozen=True, slots=True)
class Meeting:
    """`mutual` symmetric ties; `vectors` unit rows of interests; `standing` and `load` a person, each in 0..1."""

    mutual: sp.csr_matrix
    vectors: Floats
    standing: Floats
    load: Floats


def nearness(vectors: Floats, person: int) -> Floats:
    """Cosine of everybody's unit row with one person's, [people].

    Row by row: a product of matrices adds up in another order for another number of rows, and its last bit would tell
    how many people there are whom one may not find.
    """
    return np.asarray(np.einsum("ij,j->i", vectors, vectors[person]), np.float64)


def to_meet(known: Meeting, person: int, *, eligible: NDArray[np.bool_], most: int = 3) -> list[Introduction]:
    """People `person` has no tie with yet, best first, equal ones by index.

    Shared contacts are counted by Adamic and Adar (2003), as log(1 + x). In the measurements behind this their hit@20
    was .299; that of personalised PageRank was .309, at forty times the cost. Interests are compared by cosine. All is
    multiplied by one minus the load, so that overloaded people are not sent newcomers.
    """
    row = sp.csr_matrix(known.mutual[person])
    mine = set(row.indices.tolist())
    degree = np.diff(known.mutual.indptr)
    shared = np.zeros(len(known.load))
    through: dict[int, list[tuple[float, int]]] = {}
    for contact, weight in sorted(zip(row.indices.tolist(), row.data.tolist(), strict=True)):
        rarity = 1.0 / np.log(max(int(degree[contact]), 2))
        start, end = known.mutual.indptr[contact], known.mutual.indptr[contact + 1]
        for other in known.mutual.indices[start:end].tolist():
            if other != person and other not in mine:
                shared[other] += rarity
                through.setdefault(other, []).append((-float(weight), contact))
    free = 1.0 - np.clip(known.load, 0.0, 1.0)
    near = np.maximum(nearness(known.vectors, person), 0.0)
    found = [
        Introduction(
            p,
            CONTACTS_WEIGHT * float(free[p] * np.log1p(shared[p])),
            INTERESTS_WEIGHT * float(free[p] * near[p]),
            STANDING_WEIGHT * float(free[p] * known.standing[p]),
            tuple(c for _, c in sorted(through.get(p, []))[:3]),
        )
        for p in np.flatnonzero(eligible & (free > 0)).tolist()
        if p != person and p not in mine
    ]
    ranked = sorted((f for f in found if f.contacts + f.interests > 0), key=lambda f: (-round(f.score, 9), f.person))
    return ranked[:most]


def trusted_path(
    mutual: sp.csr_matrix, start: int, goal: int, *, may_pass: NDArray[np.bool_], longest: int = 4
) -> tuple[int, ...]:
    """The way from `start` to `goal` over the fewest people, by the strongest ties among equally short ways; () for
    none.

    Only people in `may_pass` are asked through (visible, present, willing); the two ends need not be. At most
    `longest` steps: beyond that nobody passes a question on. Equal ways: through the lower index, from the goal back.
    """
    if start == goal:
        return (start,)
    came_from: dict[int, int] = {start: start}
    level: dict[int, float] = {start: 0.0}
    for _ in range(longest):
        reached: dict[int, tuple[float, int]] = {}
        for here in sorted(level):
            begin, end = mutual.indptr[here], mutual.indptr[here + 1]
            for other, weight in zip(mutual.indices[begin:end].tolist(), mutual.data[begin:end].tolist(), strict=True):
                if other in came_from or weight <= 0 or not (other == goal or may_pass[other]):
                    continue
                way = (round(level[here] + 1.0 / weight, 9), here)
                if other not in reached or way < reached[other]:
                    reached[other] = way
        came_from.update({other: here for other, (_, here) in reached.items()})
        if goal in reached:
            path = [goal]
            while path[-1] != start:
                path.append(came_from[path[-1]])
            return tuple(reversed(path))
        level = {other: resistance for other, (resistance, _) in reached.items()}
    return ()


def similar(vectors: Floats, person: int, *, eligible: Sequence[bool], most: int = 5) -> list[tuple[int, float]]:
    """The people whose interests are nearest to `person`'s, with the cosine, best first, equal ones by index."""
    near = np.round(nearness(vectors, person), 9)
    order = np.lexsort((np.arange(len(near)), -near))
    return [(int(p), float(near[p])) for p in order if p != person and eligible[int(p)] and near[p] > 0][:most]
