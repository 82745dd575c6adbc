"""Communities for a question and for a person, and what each community is. Made of the shared tier alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from expertfinder.index.network.succession import contrast
from expertfinder.index.network.view import NetworkView
from expertfinder.index.posts.function_words import content_words
from expertfinder.model import NOBODY, Community, Confidence, Query, Ranking, Recommendation
from expertfinder.recommend.named import best_first, how_sure, ranking, recommended
from expertfinder.recommend.network.champions import moment_of, topic_weights, topical
from expertfinder.recommend.network.meet import ALIKE, IN_COMMON
from expertfinder.recommend.sentences import Sentence

EVIDENCE_WEIGHT = 1.0
"""Weight of the members' evidence in a community for a question. Not measured: no open set says which community is the
answer to a question."""
NAMED_WEIGHT = 0.5
"""Weight of a community's own name and description for a question: half of the members' evidence. Not measured."""
COMMUNITIES_TO_MEET = 2
"""Communities offered to a newcomer beside three people: more would be a directory."""
LOOKED_AT = 30
"""Communities whose description is compared with what a person wrote: those that fit best without it."""
BOUND_BY = 5
"""Topics that are said to bind a community, and other communities shown that overlap with it."""
SURE_SHARE, LIKELY_SHARE = 0.5, 0.2
"""Shares of the evidence for a question in a community, from which on the confidence is `high` and `medium`. A word of
the question in its name or description is needed for `high`, too, and is enough for `medium`."""
SPEAKS = 0.1
"""Value from which on a part speaks for a community, as everybody is a little near to everybody. Not measured."""
SURE_PARTS, LIKELY_PARTS = 3, 2
"""Numbers of parts that speak for a community, from which on the confidence is `high` and `medium` for a person."""
NONE = Sentence("There is no community here that speaks about this and that you may see.")
NONE_FITS = Sentence(
    "There is not enough evidence about this person to suggest a community: no ties, and nothing written."
)
NONE_LEFT = Sentence("There is no other community here that is near to this person's contacts or interests.")
MEMBERS = Sentence(
    "{members} of its {size} people are among the {all} here who had a part in the {best} posts that match this best."
)
DESCRIPTION = Sentence("Its name or description speaks of {words}.")
FELLOWS = Sentence("{count} of its people share another community.")
ONE_FELLOW = Sentence("1 of its people shares another community.")
NEAR_INTERESTS = Sentence("Its people write about similar things.")
SOME_INTERESTS = Sentence("Its people have a few interests in common.")
CONTACTS = Sentence("Some contacts are in it already.")
HAD_A_PART = Sentence("Had a part in {mine} of the {best} posts that match its name and description best.")
SIZE = Sentence("It has {size} people.")


class Binding(NamedTuple):
    """A topic that binds a community, and how much more it is spoken of there than elsewhere (log odds)."""

    label: str
    weight: float


class UnitCount(NamedTuple):
    """How many people of a community sit in a unit."""

    unit: str
    people: int


class Overlap(NamedTuple):
    """Another community, by id, and how many people are in both."""

    community: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityView:
    """A community as a viewer sees it, with what binds it."""

    community: Community
    """Members and leads are those who may be found."""
    size: int
    topics: tuple[Binding, ...]
    """Label and weight against the rest of the organisation (log odds), strongest first."""
    inside: float
    """Share of the members' ties that are with members, 0 to 1."""
    units: tuple[UnitCount, ...]
    """Where its people sit, and how many of them."""
    strength: tuple[tuple[str, float], ...]
    """For a detected one: person and the share of the person's links that lie in it, strongest first."""
    overlaps: tuple[Overlap, ...]
    """Other communities, and how many people they have in common, most first."""
    wider: tuple[str, ...]
    """For a detected one: the detected communities most of whose people are in one coarse group with most of these."""


def community_view(net: NetworkView, column: int) -> CommunityView:
    """The community in this column of the view."""
    snapshot, ties = net.seen.snapshot, net.seen.snapshot.ties
    community, members = net.communities[column], net.members(column)
    labels = snapshot.topics.labels
    inner = sp.csr_matrix(net.mutual[members])
    total = float(inner.sum())
    inside = float(sp.csr_matrix(inner[:, members]).sum()) / total if total else 0.0
    count: dict[str, int] = {}
    for row in members.tolist():
        unit = snapshot.people[row].org_unit
        if unit:
            count[unit] = count.get(unit, 0) + 1
    common = np.asarray((net.member[members].sum(axis=0)), np.int64).ravel()
    order = np.lexsort((np.arange(len(common)), -common))
    return CommunityView(
        community=shown(net, column),
        size=len(members),
        topics=tuple(Binding(labels[topic], weight) for topic, weight in contrast(net.topics(), members, BOUND_BY)),
        inside=inside,
        units=tuple(UnitCount(*entry) for entry in sorted(count.items(), key=lambda entry: (-entry[1], entry[0]))),
        strength=_strength(net, community.id),
        overlaps=tuple(
            Overlap(net.communities[c].id, int(common[c])) for c in order.tolist() if c != column and common[c] > 0
        )[:BOUND_BY],
        wider=_wider(net, members) if community.id in ties.detected else (),
    )


def shown(net: NetworkView, column: int) -> Community:
    """A community with those of its people who may be found. Its audience is left out, as nobody's business."""

    community, snapshot = net.communities[column], net.seen.snapshot

    def found(names: tuple[str, ...]) -> tuple[str, ...]:
        rows = {snapshot.person_rows[name] for name in names if name in snapshot.person_rows}
        return tuple(sorted(snapshot.people[row].id for row in rows if net.seen.here[row]))

    return replace(without_people(net, column), members=found(community.members), leads=found(community.leads))


def without_people(net: NetworkView, column: int) -> Community:
    """A community without people and audience; with its parent only where the viewer sees the parent, too."""
    community = net.communities[column]
    parent = community.parent if net.row(community.parent) is not None else ""
    return replace(community, members=(), leads=(), parent=parent, audience=NOBODY)


def _strength(net: NetworkView, community: str) -> tuple[tuple[str, float], ...]:
    ties, people = net.seen.snapshot.ties, net.seen.snapshot.people
    if community not in ties.detected:
        return ()
    column = ties.strength[:, [ties.detected.index(community)]].tocoo()
    cells = [
        (people[row].id, float(value))
        for row, value in zip(column.row.tolist(), column.data.tolist(), strict=True)
        if net.seen.here[row]
    ]
    return tuple(sorted(cells, key=lambda cell: (-round(cell[1], 9), cell[0])))


def _wider(net: NetworkView, members: np.ndarray) -> tuple[str, ...]:
    """Detected communities most of whose people are in the coarse group in which most of these are."""
    ties = net.seen.snapshot.ties
    if not len(ties.levels) or not len(members):
        return ()
    coarse = ties.levels[0]
    known = members[members < len(coarse)]
    groups = np.asarray(coarse[known])
    groups = groups[groups >= 0]
    if not len(groups):
        return ()
    most = int(np.bincount(groups).argmax())
    found = []
    for column, community in enumerate(net.communities):
        if community.id in ties.detected:
            rows = net.members(column)
            rows = rows[rows < len(coarse)]
            if 2 * int((coarse[rows] == most).sum()) > len(rows):
                found.append(community.id)
    return tuple(found)


def communities_for(net: NetworkView, query: Query, *, thin: str | None = None) -> Ranking:
    """The communities in which most of the evidence for a question lies, best first.

    The score is the sum of two parts. One is the evidence of the members (`champions.topical`) divided by the root of
    their number, as a large group knows something of everything. The other is the share of the question's words that
    stand in its name and description. `thin`: why there is too little evidence; then only name and description count.
    `net`: for a question with filters it must be made for them, so that a community has only the people who pass.
    """
    if thin is not None and (query.filtered or query.of_some):
        return ranking(query, [], none=thin)  # nothing passes, and a description has no place, tag or time
    text = query.whole_text
    then = moment_of(net)
    about = net.about(text)
    best = int((topic_weights(about, then.post_decay) > 0).sum())
    evidence = topical(about, net.part, then.post_decay, np.arange(net.people))
    evidence = evidence if thin is None else np.zeros(net.people)
    among = np.asarray(net.member.sum(axis=0), np.float64).ravel()
    size = np.maximum(among, 1.0)
    held = np.asarray(net.member.T @ evidence, np.float64).ravel()
    knowing = np.asarray(net.member.T @ (evidence > 0).astype(np.float64), np.int64).ravel()
    words = set(content_words(text))
    total = max(float(evidence[evidence > 0].sum()), 1e-12)  # zeros of others would move the last bit
    found: list[Recommendation] = []
    for column, community in enumerate(net.communities):
        said = words & set(content_words(f"{community.name}\n{community.description}"))
        if query.of_some and not among[column]:
            continue
        share = float(held[column]) / total
        everybody = int((evidence > 0).sum())
        parts = {
            "members": (
                EVIDENCE_WEIGHT * float(held[column]) / float(np.sqrt(size[column])),
                MEMBERS(members=knowing[column], size=int(size[column]), all=everybody, best=best),
            ),
            "description": (
                NAMED_WEIGHT * len(said) / max(len(words), 1),
                DESCRIPTION(words=", ".join(sorted(said))),
            ),
        }
        sure = Confidence.LOW
        if said or share >= LIKELY_SHARE:
            sure = Confidence.HIGH if said and share >= SURE_SHARE else Confidence.MEDIUM
        found.append(recommended(community.id, "community", parts, confidence=sure))
    return ranking(query, best_first(one for one in found if one.reasons), none=thin or NONE())


def communities_for_person(net: NetworkView, row: int, *, limit: int = 5) -> Ranking:
    """Communities that would suit somebody who is not in them, best first (`fitting`). `row`: the person's."""
    query = Query(asker=net.seen.snapshot.people[row].id, limit=limit)
    known = Belonging(net.member, net.vectors, net.mutual)
    first = fitting(known, row, np.zeros(len(net.communities)))[:LOOKED_AT]
    described, decay = np.zeros(len(net.communities)), moment_of(net).post_decay
    best: dict[int, np.ndarray] = {}
    for fit in first:
        about = net.about_community(fit.community)
        best[fit.community] = np.flatnonzero(topic_weights(about, decay))
        described[fit.community] = float(topical(about, net.part, decay, np.array([row]))[0])
    fits = [fit for fit in fitting(known, row, described) if fit.community in best]
    found = [_suits(net, row, fit, best[fit.community]) for fit in fits if speaking(fit)]
    # A text that says nothing of their interests still counts as something written.
    known_of = any(ties.indptr[row] < ties.indptr[row + 1] for ties in (net.part, net.mutual))
    return ranking(query, best_first(found), none=NONE_LEFT() if known_of else NONE_FITS())


def speaking(fit: Fit) -> bool:
    """Whether anything but its size speaks for a community."""
    return fit.fellows + fit.contacts + fit.description > 0 or fit.interests >= INTEREST_WEIGHT * IN_COMMON


def _suits(net: NetworkView, row: int, fit: Fit, best: np.ndarray) -> Recommendation:
    """A community for a person (row), with what speaks for it. `best`: rows of the posts that say most about it."""
    community, members = net.communities[fit.community], net.members(fit.community)
    mine = np.flatnonzero(np.asarray(net.member[[row]].todense()).ravel() > 0)
    fellows = int((np.asarray(net.member[members][:, mine].sum(axis=1)).ravel() > 0).sum()) if len(mine) else 0
    cosine = fit.interests / INTEREST_WEIGHT
    texts = {
        "fellows": FELLOWS(count=fellows) if fellows > 1 else ONE_FELLOW(),
        "interests": NEAR_INTERESTS() if cosine >= ALIKE else SOME_INTERESTS() if cosine >= IN_COMMON else "",
        "contacts": CONTACTS(),
        "description": HAD_A_PART(mine=int(np.isin(best, net.part[[row]].indices).sum()), best=len(best)),
        "size": SIZE(size=len(members)),
    }
    parts = {part: (float(getattr(fit, part)), text) for part, text in texts.items()}
    loud = sum(value >= SPEAKS for part, (value, _) in parts.items() if part != "size")
    sure = how_sure(loud, high=SURE_PARTS, medium=LIKELY_PARTS)
    return recommended(community.id, "community", parts, confidence=sure)


Floats = NDArray[np.float64]
INTEREST_WEIGHT = 1.0
"""Weight of common interests in a community for a person, beside fellow members at 1 (measured over a range of four;
flat within .02 of hit@10)."""
CONTACT_WEIGHT = 0.5
"""Weight of contacts in a community for a person (measured over a range of four; flat within .02 of hit@10)."""
DESCRIPTION_WEIGHT = 1.5
"""Weight of the description in a community for a person (measured over a range of four; flat within .02 of hit@10)."""
SIZE_WEIGHT = 0.1
"""Weight of the size of a community for those of whom nothing is known (measured over a range of four; flat within .02
of hit@10)."""
CO_MEMBERSHIP_SHRINK = 5.0
"""Added to the norm of the co-membership cosine, so that two tiny groups sharing one person are not near."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Why a community would suit somebody; the score is the sum of the parts, already weighted."""

    community: int
    fellows: float
    interests: float
    contacts: float
    description: float
    size: float

    @property
    def score(self) -> float:
        return self.fellows + self.interests + self.contacts + self.description + self.size


@dataclass(frozen=True, slots=True)
class Belonging:
    """What is known about membership: `member` person x community (0/1), `vectors` [people, d] unit rows, `mutual`
    ties."""

    member: sp.csr_matrix
    vectors: Floats
    mutual: sp.csr_matrix


def fitting(known: Belonging, person: int, described: Floats) -> list[Fit]:
    """Communities for `person` that they are not in, best first, equal ones by index.

    `described[c]` is the person's evidence for community c's description (`champions.topical`), zeros without
    descriptions. Fellow members: cosine of co-membership with each community one is in, shrunk. Interests: cosine
    with the members' mean. Contacts: share of one's ties that are with members.
    """
    size = np.asarray(known.member.sum(axis=0), dtype=np.float64).ravel()
    mine = np.asarray(known.member[person].todense(), dtype=np.float64).ravel() > 0
    fellows = np.zeros(len(size))
    if mine.any():
        shared = np.asarray((known.member[:, np.flatnonzero(mine)].T @ known.member).todense(), dtype=np.float64)
        fellows = (shared / (np.sqrt(np.outer(size[mine], size)) + CO_MEMBERSHIP_SHRINK)).sum(axis=0)
    centre = np.asarray(known.member.T @ known.vectors, dtype=np.float64)
    near = centre @ known.vectors[person] / np.maximum(np.linalg.norm(centre, axis=1), 1e-9)
    row = sp.csr_matrix(known.mutual[person])
    contacts = np.zeros(len(size))
    if row.nnz:
        contacts = np.asarray((row @ known.member).todense(), dtype=np.float64).ravel() / float(row.sum())
    found = [
        Fit(
            c,
            float(fellows[c]),
            INTEREST_WEIGHT * float(near[c]),
            CONTACT_WEIGHT * float(contacts[c]),
            DESCRIPTION_WEIGHT * float(described[c]),
            SIZE_WEIGHT * float(np.log1p(size[c])),
        )
        for c in range(len(size))
        if not mine[c]
    ]
    return sorted(found, key=lambda f: (-round(f.score, 9), f.community))
