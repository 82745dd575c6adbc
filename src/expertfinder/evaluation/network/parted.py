"""People in communities, as they are compared: overlapping groups, and of each person the one that is their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from expertfinder.index.network.communities import large_enough
from expertfinder.index.network.leiden import Communities
from expertfinder.index.network.tier import Floats, Ints


@dataclass(frozen=True, slots=True)
class Parted:
    """A division of people into groups. People are numbers of rows in the snapshot."""

    groups: Sequence[frozenset[int]]
    own: Ints
    """The group of each person in which the largest share of their ties lies; who is in none has a number of their own,
    from the number of groups on."""
    resolution: float
    """At which they were found."""

    @classmethod
    def of_shares(cls, groups: Sequence[frozenset[int]], share: Floats, *, resolution: float) -> Parted:
        """`share` [people, groups]: of a person's ties, in each group. Equal shares go to the earlier group."""
        people = len(share)
        own = len(groups) + np.arange(people)
        inside = np.full(share.shape, -1.0)
        for column, group in enumerate(groups):
            inside[list(group), column] = share[list(group), column]
        if len(groups):
            some = inside.max(axis=1) >= 0
            own[some] = inside[some].argmax(axis=1)
        return cls(groups, own, resolution)

    def of(self, person: int) -> list[int]:
        """The groups that a person is in, or the number of their own."""
        found = [number for number, group in enumerate(self.groups) if person in group]
        return found or [int(self.own[person])]

    def apart(self) -> Parted:
        """The same without overlaps: everybody in their own community alone."""
        return replace(self, groups=_groups(self.own, len(self.groups)))


def _groups(own: Ints, count: int) -> list[frozenset[int]]:
    return [frozenset(np.flatnonzero(own == group).tolist()) for group in range(count)]


def of_level(label: Ints, *, resolution: float) -> Parted:
    """A partition as it is, with its groups of one and two; who has the label -1 is alone."""
    count = int(label.max(initial=-1)) + 1
    own = np.where(label >= 0, label, count + np.arange(len(label)))
    return Parted(_groups(own, count), own, resolution)


def alone(people: int) -> Parted:
    """Nobody together with anybody."""
    return Parted([], np.arange(people), 0.0)


def of_communities(found: Communities, rows: Ints, people: int) -> Parted:
    """What the product would show of these: groups that are too small are no communities.

    `rows`: the row in the snapshot, which has `people` rows, of each person in whom they were found.
    """
    columns = large_enough(found)
    strength = sp.csc_matrix(found.strength)[:, columns]
    share = np.zeros((people, len(columns)))
    share[rows] = strength.toarray()
    cells = [strength.indices[strength.indptr[c] : strength.indptr[c + 1]] for c in range(len(columns))]
    groups = [frozenset(rows[inside].tolist()) for inside in cells]
    return Parted.of_shares(groups, share, resolution=found.resolution)
