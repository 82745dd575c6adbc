"""Communities that would suit a person, by who is in them and what they write about. Made of the shared tier alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]

INTEREST_WEIGHT = 1.0
CONTACT_WEIGHT = 0.5
DESCRIPTION_WEIGHT = 1.5
SIZE_WEIGHT = 0.1
"""Weights of the parts of a recommended community: fellow members, interests, contacts, description, a touch of size
for those of whom nothing is known (each measured over a range of four; all flat within .02 of hit@10)."""
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
