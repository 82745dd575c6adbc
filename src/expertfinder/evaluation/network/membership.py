"""Communities recommended to a person: one membership hidden at a time, and looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from expertfinder.evaluation.figures import SEED, Figure, figure
from expertfinder.evaluation.network.truth import SOURCE, Declared, declared, evidence
from expertfinder.index.network.graph import Network, build_network
from expertfinder.index.network.interests import interests
from expertfinder.index.network.tier import Floats
from expertfinder.recommend.network.champions import moment, topic_weights
from expertfinder.recommend.network.communities import Belonging, fitting
from expertfinder.vocabulary import vocabulary

MOST_CASES = 3000
"""Memberships asked about; a random draw of so many where there are more."""
DIMENSIONS = 100
"""Latent dimensions of single posts, of which a person without some posts is the mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipFigures:
    """hit@5, hit@10 and MRR of the hidden community, ours and by popularity.

    `everybody`: every membership; `others`: of people who have another one. The posts of the hidden community are no
    evidence, nor are ties that come of them alone: to write there is to belong already.
    """

    folder: str
    cases: dict[str, int]
    ours: dict[str, dict[str, Figure]]
    popularity: dict[str, dict[str, Figure]]


@dataclass(frozen=True, slots=True)
class _Known:
    """All that a case leaves something out of."""

    network: Network
    member: sp.csr_matrix
    place: np.ndarray
    """Community of each post, as a column of `member`; -1 for none."""
    posts: Floats
    people: Floats
    """Vectors of posts and of people; the person of a case is exchanged in place and put back."""
    said: sp.csr_matrix
    """What each post says for each description, [communities, posts]."""


def evaluate_membership(folder: Path) -> MembershipFigures:
    """Hide each membership in turn. Raises `SourceError` where a set declares no community."""
    tier = evidence(folder)
    groups = declared(folder, tier)
    known = _known(build_network(tier, vocabulary()), groups)
    cases = [(person, column) for column, group in enumerate(groups) for person in group.members]
    if len(cases) > MOST_CASES:
        drawn = np.random.default_rng(SEED).permutation(len(cases))[:MOST_CASES]
        cases = [cases[case] for case in sorted(drawn.tolist())]
    size = np.asarray(known.member.sum(axis=0)).ravel()
    ranks: dict[str, list[tuple[int, int]]] = {"everybody": [], "others": []}
    for person, hidden in cases:
        order = _ranked(known, person, hidden)
        left = size.copy()
        left[hidden] -= 1
        popular = sorted(order, key=lambda column: (-left[column], column))
        found = (order.index(hidden) + 1, popular.index(hidden) + 1)
        ranks["everybody"].append(found)
        if known.member[person].nnz > 1:
            ranks["others"].append(found)
    return MembershipFigures(
        folder=folder.name,
        cases={name: len(each) for name, each in ranks.items()},
        ours={name: _measured([rank for rank, _ in each]) for name, each in ranks.items() if each},
        popularity={name: _measured([rank for _, rank in each]) for name, each in ranks.items() if each},
    )


def _measured(ranks: Sequence[int]) -> dict[str, Figure]:
    return {
        "hit@5": figure([float(rank <= 5) for rank in ranks]),
        "hit@10": figure([float(rank <= 10) for rank in ranks]),
        "MRR": figure([1 / rank for rank in ranks]),
    }


def _known(network: Network, groups: Sequence[Declared]) -> _Known:
    tier = network.tier
    columns = {f"{SOURCE}:{group.id}": column for column, group in enumerate(groups)}
    cells = [(person, column) for column, group in enumerate(groups) for person in group.members]
    table = np.array(cells, np.int64).reshape(-1, 2)
    shape = (len(tier.people), len(groups))
    then = moment(network, vocabulary())
    said = [topic_weights(network.words.scores(group.about), then.post_decay) for group in groups]
    posts = interests(network.words.counts, sp.csr_matrix(sp.eye_array(len(tier.posts))), DIMENSIONS)
    return _Known(
        network=network,
        member=sp.csr_matrix((np.ones(len(table)), (table[:, 0], table[:, 1])), shape=shape),
        place=np.array([columns.get(post.community, -1) for post in tier.posts], np.int64),
        posts=posts,
        people=_unit(network.part @ posts) if len(tier.posts) else np.zeros((len(tier.people), 1)),
        said=sp.csr_matrix(np.array(said)),
    )


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(np.where(length > 1e-9, rows / np.maximum(length, 1e-12), 0.0), np.float64)


def _ranked(known: _Known, person: int, hidden: int) -> list[int]:
    """Communities for a person, best first, as if one membership and all that was written there were not."""
    part = known.network.part
    posts = part.indices[part.indptr[person] : part.indptr[person + 1]]
    kept, gone = posts[known.place[posts] != hidden], posts[known.place[posts] == hidden]
    member = known.member.copy()
    member[person, hidden] = 0.0
    member.eliminate_zeros()
    described = np.log1p(np.asarray(known.said[:, kept].sum(axis=1)).ravel())
    vector, mutual = known.people[person].copy(), known.network.mutual
    if len(gone):
        known.people[person] = _unit(known.posts[kept].sum(axis=0)) if len(kept) else 0.0
        mutual = _without(mutual, person, part, (gone, kept))
    found = fitting(Belonging(member, known.people, mutual), person, described)
    known.people[person] = vector
    return [fit.community for fit in found]


def _without(
    mutual: sp.csr_matrix, person: int, part: sp.csr_matrix, split: tuple[np.ndarray, np.ndarray]
) -> sp.csr_matrix:
    """The ties without those of one person that come of the posts left out alone."""
    gone, kept = (np.asarray(part[:, posts].sum(axis=1)).ravel() > 0 for posts in split)
    start, end = mutual.indptr[person], mutual.indptr[person + 1]
    lost = (gone & ~kept)[mutual.indices[start:end]]
    if not lost.any():
        return mutual
    less = mutual.copy()
    less.data[start:end][lost] = 0.0
    less.eliminate_zeros()
    return less
