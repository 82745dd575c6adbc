"""What binds a community, and what became of communities from one snapshot to the next. Of the shared tier alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Ints = NDArray[np.int64]

SAME_COMMUNITY = 0.3
"""Part of the old members that must come along (and of the new) for a community to keep its identity (Jaccard)."""


def contrast(person_topics: sp.csr_matrix, members: Ints, shown: int = 5) -> list[tuple[int, float]]:
    """Topics that bind some people, by contrast with the rest: (topic, weighted log odds), strongest first.

    Log odds with an informative prior over the whole organisation, divided by its deviation (Monroe, Colaresi and
    Quinn 2008).
    """
    everyone = np.asarray(person_topics.sum(axis=0), dtype=np.float64).ravel()
    here = np.asarray(sp.csr_matrix(person_topics[members]).sum(axis=0), dtype=np.float64).ravel()
    rest = everyone - here
    prior = everyone / max(everyone.sum(), 1e-12) * min(float(everyone.sum()), 1000.0) + 1e-9
    odds_here = np.log((here + prior) / np.maximum(here.sum() + prior.sum() - here - prior, 1e-9))
    odds_rest = np.log((rest + prior) / np.maximum(rest.sum() + prior.sum() - rest - prior, 1e-9))
    score = (odds_here - odds_rest) / np.sqrt(1.0 / (here + prior) + 1.0 / (rest + prior))
    score[here <= 0] = -np.inf
    order = np.lexsort((np.arange(len(score)), -score))[:shown]
    return [(int(topic), float(score[topic])) for topic in order if score[topic] > 0]


@dataclass(frozen=True, slots=True)
class Succession:
    """What became of communities from one snapshot to the next, by index in the old and the new list."""

    kept: tuple[tuple[int, int], ...]
    split: tuple[tuple[int, tuple[int, ...]], ...]
    merged: tuple[tuple[tuple[int, ...], int], ...]
    born: tuple[int, ...]
    ended: tuple[int, ...]


def succession(old: Sequence[frozenset[str]], new: Sequence[frozenset[str]]) -> Succession:
    """Match the communities of two snapshots by their members (greedy on Jaccard; Greene, Doyle and Cunningham 2010).

    Each old identity is kept by at most one new community, the most alike. An old one has split where communities that
    were not there before are mostly made of its people, beside its heir or without one; a merge is a community that
    holds most of several, of which but one lives on in it. Two that overlapped before and still do are neither.
    """
    common = _common(old, new)
    alike = [(both / (len(old[i]) + len(new[j]) - both), -i, -j) for (i, j), both in common.items()]
    heirs: dict[int, int] = {}
    taken: set[int] = set()
    for jaccard, i, j in sorted(alike, reverse=True):
        if jaccard >= SAME_COMMUNITY and -i not in heirs and -j not in taken:
            heirs[-i] = -j
            taken.add(-j)
    parts_of: defaultdict[int, list[int]] = defaultdict(list)
    made_of: defaultdict[int, list[int]] = defaultdict(list)
    for (i, j), both in sorted(common.items()):
        if 2 * both > len(new[j]):
            parts_of[i].append(j)
        if 2 * both > len(old[i]):
            made_of[j].append(i)
    for i, parts in parts_of.items():
        parts_of[i] = [j for j in parts if j not in taken or heirs.get(i) == j]
    for j, parts in made_of.items():
        made_of[j] = [i for i in parts if i not in heirs or heirs[i] == j]
    split = tuple((i, tuple(parts)) for i, parts in sorted(parts_of.items()) if len(parts) > 1)
    merged = tuple((tuple(parts), j) for j, parts in sorted(made_of.items()) if len(parts) > 1)
    born = tuple(j for j in range(len(new)) if j not in taken)
    ended = tuple(i for i in range(len(old)) if i not in heirs)
    return Succession(tuple(sorted(heirs.items())), split, merged, born, ended)


def _common(old: Sequence[frozenset[str]], new: Sequence[frozenset[str]]) -> dict[tuple[int, int], int]:
    """How many members each old and each new community have in common, for those that have any."""
    homes: defaultdict[str, list[int]] = defaultdict(list)
    for i, members in enumerate(old):
        for person in members:
            homes[person].append(i)
    common: defaultdict[tuple[int, int], int] = defaultdict(int)
    for j, members in enumerate(new):
        for person in members:
            for i in homes.get(person, ()):
                common[i, j] += 1
    return common
