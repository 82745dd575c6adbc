"""How far communities that were found agree with declared ones, where both may overlap."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

Groups = Sequence[Collection[int]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """AMI and ARI over the people with one declared community (`alone`); omega and F1 over all, overlaps included."""

    ami: float
    ari: float
    omega: float
    f1: float
    """Symmetric: mean of the best match of each declared and of each found community."""
    f1_declared: float
    """Mean of the best match of each declared community alone."""
    alone: int
    found: int
    declared: int


def agreeing(declared: Groups, found: Groups, *, label: Sequence[int], people: Collection[int]) -> Agreement:
    """Compare over `people` alone. `label[person]` is the one community of the partition that `found` widens."""
    truth, ours = _within(declared, people), _within(found, people)
    of: defaultdict[int, list[int]] = defaultdict(list)
    for group, members in enumerate(truth):
        for person in members:
            of[person].append(group)
    alone = sorted(person for person, groups in of.items() if len(groups) == 1)
    labels = [of[person][0] for person in alone], [int(label[person]) for person in alone]
    one, other = best_match(truth, ours), best_match(ours, truth)
    return Agreement(
        ami=float(adjusted_mutual_info_score(*labels)) if alone else 0.0,
        ari=float(adjusted_rand_score(*labels)) if alone else 0.0,
        omega=omega(truth, ours, people),
        f1=(one + other) / 2,
        f1_declared=one,
        alone=len(alone),
        found=len(ours),
        declared=len(truth),
    )


def _within(groups: Groups, people: Collection[int]) -> list[frozenset[int]]:
    inside = frozenset(people)
    return [kept for kept in (inside.intersection(group) for group in groups) if kept]


def best_match(groups: Groups, others: Groups) -> float:
    """Mean over `groups` of the best F1 that any of `others` has with it; 0 where either is empty."""
    if not groups or not others:
        return 0.0
    holding: defaultdict[int, list[int]] = defaultdict(list)
    for other, members in enumerate(others):
        for person in members:
            holding[person].append(other)
    best = []
    for group in groups:
        common = Counter(other for person in group for other in holding[person])
        best.append(
            max((2 * count / (len(group) + len(others[other])) for other, count in common.items()), default=0.0)
        )
    return float(np.mean(best))


def omega(one: Groups, other: Groups, people: Collection[int]) -> float:
    """Omega index (Collins and Dent 1988): pairs that are together equally often in both, corrected for chance."""
    order = {person: place for place, person in enumerate(sorted(people))}
    pairs = np.triu_indices(len(order), 1)
    if not len(pairs[0]):
        return 1.0
    first, second = (_together(groups, order)[pairs] for groups in (one, other))
    most = int(max(first.max(), second.max())) + 1
    seen = float((first == second).mean())
    counts = np.bincount(first, minlength=most) * np.bincount(second, minlength=most).astype(np.float64)
    chance = float(counts.sum()) / len(first) ** 2
    return (seen - chance) / (1 - chance) if chance < 1 else 1.0


def _together(groups: Groups, order: dict[int, int]) -> np.ndarray:
    """In how many groups each pair is, [people, people]."""
    cells = [(order[person], group) for group, members in enumerate(groups) for person in members]
    table = np.array(cells, np.int64).reshape(-1, 2)
    inside = sp.csr_matrix((np.ones(len(table), np.int32), (table[:, 0], table[:, 1])), shape=(len(order), len(groups)))
    return sp.csr_matrix(inside @ inside.T).toarray()
