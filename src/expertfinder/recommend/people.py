"""People to meet: introductions for newcomers, similar people, and the shortest trusted path to somebody.

Made of the shared tier alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CONTACTS_WEIGHT = 1.0
INTERESTS_WEIGHT = 0.5
STANDING_WEIGHT = 0.25
"""Weights of the parts of an introduction: shared contacts, interests, standing; a full load takes away
everything."""


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

    Shared contacts by Adamic and Adar (2003; hit@20 .299 in the measurements behind this, personalised PageRank .309
    at forty times the cost), as log(1 + x); interests by cosine; all times one minus the load, so that
    overloaded people are not sent newcomers.
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
