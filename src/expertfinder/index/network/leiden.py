"""Communities found in the ties: a partition at a resolution chosen by stability, several levels, overlaps.

Made of the shared tier alone: of the graph of ties and interests in `index/network/graph.py`. Whole-graph algorithms
run in networkit on one thread, with sorted nodes and a seed: with two threads the same graph gave four partitions in
four runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from expertfinder.index.network.agreement import agreement

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Levels = Mapping[float, Ints]
"""Resolution -> group of each person, coarse to fine."""

RESOLUTIONS: tuple[float, ...] = (1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0)
"""Resolutions tried. Not below 1: two or three coarse halves come back under any removal, whatever the network, and
say nothing."""
REMOVED = 0.2
"""Share of the ties that is removed to see whether a partition is stable."""
REMOVALS = 6
"""Ties are removed so many times at random, and the partitions compared in pairs."""
LEAST_GROUPS = 2
"""A partition that is allowed as an answer has at least so many groups."""
LEAST_MEAN_SIZE = 3.0
"""The groups of a partition that is allowed as an answer have at least so many people in the mean."""
PLATEAU = 0.02
"""Two resolutions whose agreement differs by less than this are not told apart by six removals (between three sets
of removals the same resolution moved by .003 to .012); the middle of such a plateau is taken."""
FINEST = 2.0**20
"""Weights are given to Leiden as whole numbers up to this. With fractions two moves of equal gain differ by the last
bit, and the library goes to and fro for ever: 4 of 850 graphs of three to eight people did not end, of 4,000 with whole
numbers all did (at resolutions 1, 2, 4 and 8)."""
LEIDEN_ROUNDS = 3
"""Rounds of one Leiden run: three find what ten find, at a third of the cost."""
MOST_LINKS = 4_000_000
"""Entries of the graph (two a link) beyond which `searched` makes one partition: seven resolutions would take longer
than `deadline.PATIENCE`."""
USUAL_RESOLUTION = 2.8
"""The resolution of that one partition: most open networks chose it, or the next (`docs/network.md`)."""
TRIES = 5
"""Partitions made at the chosen resolution, the one of highest modularity kept."""
BELONGS = 0.2
"""One belongs to every community that holds this share of one's links (.15-.20 on planted networks; .2 measured best
here)."""
TIMES_CHANCE = 1.5
"""One belongs to a community besides one's own only if it holds so many times what it would hold by chance: with three
large groups a fifth of one's links says nothing."""


@dataclass(frozen=True, slots=True)
class Stability:
    """How well partitions at one resolution agree when a fifth of the ties is removed: mean pairwise AMI, groups,
    mean size."""

    resolution: float
    agreement: float
    groups: float
    mean_size: float


@dataclass(frozen=True, slots=True)
class Communities:
    """`label[i]` is person i's community (0 is the largest, -1 nobody's); `strength` is person x community, rows sum
    to at most 1.

    `strength[i, c]` is the share of person i's links that lie in community c, where i belongs to it.
    """

    resolution: float
    label: Ints
    strength: sp.csr_matrix
    stability: tuple[Stability, ...]


def partition(weights: sp.csr_matrix, resolution: float, seed: int = 1) -> Ints:
    """One Leiden partition of a symmetric weighted graph (Traag et al. 2019): a label a node, no order meant."""
    import networkit as nk  # noqa: PLC0415  (only the child that looks for communities needs it: `index/deadline.py`)

    nk.setNumberOfThreads(1)
    nk.engineering.setSeed(seed, False)
    upper = sp.triu(weights, 1).tocoo()
    ends = (upper.row.astype(np.uint64), upper.col.astype(np.uint64))
    whole = np.maximum(np.round(upper.data * (FINEST / max(float(upper.data.max(initial=0.0)), 1e-300))), 1.0)
    graph = nk.GraphFromCoo((whole, ends), n=weights.shape[0], weighted=True, directed=False)
    found = nk.community.ParallelLeiden(graph, iterations=LEIDEN_ROUNDS, randomize=True, gamma=resolution)
    found.run()
    return np.asarray(found.getPartition().getVector(), dtype=np.int64)


def modularity(weights: sp.csr_matrix, label: Ints, resolution: float) -> float:
    """Share of weight inside communities less `resolution` times what chance would put there (Reichardt and
    Bornholdt 2006)."""
    total = float(weights.sum())
    if total == 0:
        return 0.0
    cells = weights.tocoo()
    inside = float(cells.data[label[cells.row] == label[cells.col]].sum())
    strength = np.bincount(label, np.asarray(weights.sum(axis=1)).ravel())
    return inside / total - resolution * float(((strength / total) ** 2).sum())


def best_partition(weights: sp.csr_matrix, resolution: float, *, seed: int = 1, tries: int = TRIES) -> Ints:
    """The partition of highest modularity among `tries` seeds; the first of equals. Labels by size, then by smallest
    member."""
    found = [partition(weights, resolution, seed + k) for k in range(tries)]
    quality = [round(modularity(weights, label, resolution), 12) for label in found]
    return relabelled(found[int(np.argmax(quality))])


def relabelled(label: Ints) -> Ints:
    """The same partition with labels 0, 1, ... from the largest group down; equal sizes by smallest member."""
    groups, first, inverse, size = np.unique(label, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -size))
    rank = np.empty(len(groups), dtype=np.int64)
    rank[order] = np.arange(len(groups))
    return rank[inverse]


def stability(
    weights: sp.csr_matrix,
    among: NDArray[np.bool_] | None = None,
    resolutions: Sequence[float] = RESOLUTIONS,
    *,
    seed: int = 0,
) -> tuple[Stability, ...]:
    """Mean pairwise agreement of partitions of the graph with a fifth of its ties removed, for each resolution.

    The same removals serve every resolution. `among`: bool [people], those whose groups are compared;
    everybody with a tie where it is not given.
    """
    if among is None:
        among = np.asarray(weights.sum(axis=1)).ravel() > 0
    upper = sp.triu(weights, 1).tocoo()
    thinned: list[sp.csr_matrix] = []
    for removal in range(REMOVALS):
        kept = np.random.default_rng(seed + removal).random(upper.nnz) >= REMOVED
        half = sp.csr_matrix((upper.data[kept], (upper.row[kept], upper.col[kept])), shape=weights.shape)
        thinned.append(sp.csr_matrix(half + half.T))
    rows: list[Stability] = []
    for resolution in resolutions:
        found = [partition(graph, resolution, seed + 1 + k)[among] for k, graph in enumerate(thinned)]
        pairs = [agreement(found[i], found[j]) for i in range(REMOVALS) for j in range(i)]
        groups = float(np.mean([len(np.unique(label)) for label in found]))
        rows.append(Stability(resolution, float(np.mean(pairs)), groups, float(among.sum()) / max(groups, 1.0)))
    return tuple(rows)


def chosen(rows: Sequence[Stability]) -> float:
    """The middle (geometric mean) of the plateau of resolutions around the most stable one; 1 when none is allowed.

    Allowed are those with at least two groups of mean size three. The plateau is the unbroken run of resolutions
    whose agreement lies within `PLATEAU` of the best.
    """
    allowed = [row for row in rows if row.groups >= LEAST_GROUPS and row.mean_size >= LEAST_MEAN_SIZE]
    if not allowed:
        return 1.0
    best = max(range(len(allowed)), key=lambda k: (allowed[k].agreement, -allowed[k].resolution))
    low = high = best
    floor = allowed[best].agreement - PLATEAU
    while low > 0 and allowed[low - 1].agreement >= floor:
        low -= 1
    while high + 1 < len(allowed) and allowed[high + 1].agreement >= floor:
        high += 1
    return float(np.exp(np.mean(np.log([row.resolution for row in allowed[low : high + 1]]))))


def detect(
    weights: sp.csr_matrix, among: NDArray[np.bool_] | None = None, *, seed: int = 0, belongs: float = BELONGS
) -> Communities:
    """Communities of a symmetric weighted graph at the resolution that is most stable among some people, with
    overlapping membership. `among`: as `stability`."""
    rows = stability(weights, among, seed=seed)
    resolution = chosen(rows)
    label = best_partition(weights, resolution, seed=seed + 1)
    return Communities(resolution, label, memberships(weights, label, belongs), rows)


def memberships(weights: sp.csr_matrix, label: Ints, belongs: float = BELONGS) -> sp.csr_matrix:
    """Person x community: the share of one's links in each community one belongs to (one's own, and all that hold
    `belongs`)."""
    people, groups = len(label), int(label.max(initial=-1)) + 1
    if people == 0:
        return sp.csr_matrix((0, 0))
    inside = sp.csr_matrix((np.ones(people), (np.arange(people), label)), shape=(people, groups))
    strength = np.asarray(weights.sum(axis=1)).ravel()
    share = sp.csr_matrix(sp.diags_array(1.0 / np.maximum(strength, 1e-12)) @ weights @ inside).tocoo()
    size = np.bincount(label, minlength=groups)
    own = share.col == label[share.row]
    chance = np.bincount(label, strength, minlength=groups) / max(float(strength.sum()), 1e-12)
    enough = np.maximum(belongs, TIMES_CHANCE * chance)
    kept = own | ((np.round(share.data, 12) >= enough[share.col]) & (size[share.col] >= LEAST_MEAN_SIZE))
    found = sp.csr_matrix((share.data[kept], (share.row[kept], share.col[kept])), shape=(people, groups))
    lone = np.flatnonzero(np.asarray(found[np.arange(people), label]).ravel() == 0)
    # somebody whose links all lie elsewhere still has one home; nothing is said about its strength
    return sp.csr_matrix(found + sp.csr_matrix((np.full(len(lone), 1e-9), (lone, label[lone])), shape=found.shape))


def hierarchy(weights: sp.csr_matrix, resolutions: Sequence[float] = RESOLUTIONS, seed: int = 1) -> Levels:
    """One partition for each resolution, coarse to fine, to be kept beside the default level."""
    return {resolution: best_partition(weights, resolution, seed=seed) for resolution in sorted(resolutions)}


def searched(graph: sp.csr_matrix, among: NDArray[np.bool_]) -> tuple[Communities, Levels]:
    """The default level and all levels of a graph: one piece of work for a process of its own.

    `among`: bool [people], those over whom stability is judged.
    """
    if graph.nnz > MOST_LINKS:
        label = best_partition(graph, USUAL_RESOLUTION, seed=1, tries=1)
        return Communities(USUAL_RESOLUTION, label, memberships(graph, label), ()), {USUAL_RESOLUTION: label}
    return detect(graph, among, seed=0), hierarchy(graph, seed=1)


def at_one(graph: sp.csr_matrix, *, seed: int) -> Communities:
    """The communities at resolution 1, which is what one gets who chooses none."""
    label = best_partition(graph, 1.0, seed=seed)
    return Communities(1.0, label, memberships(graph, label), ())
