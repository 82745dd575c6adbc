"""What each ingredient of the communities adds: they are found again without it, in the same evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from expertfinder.configuration.vocabulary import Vocabulary
from expertfinder.evaluation.figures import SEED, Figure
from expertfinder.evaluation.network.agreement import Agreement
from expertfinder.evaluation.network.parted import Parted
from expertfinder.index.network.communities import looked_for, well_known
from expertfinder.index.network.deadline import PATIENCE, within
from expertfinder.index.network.graph import Network, acts_between, combined, damped, faded_parts, undirected
from expertfinder.index.network.interests import interests, nearest, placed
from expertfinder.index.network.leiden import Communities, at_one, detect
from expertfinder.index.network.tier import took_part

MEASURES = ("ami", "omega", "f1")
HALVES = 200
"""Random halves of the people that an interval is made of."""
OTHER_SEED = 1000
"""A seed far from those of the product, which count up from 0. What changes with it is the noise of the search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """The default level with one ingredient left out."""

    resolution: float
    agreement: Agreement
    less: Mapping[str, Figure]
    """Measure -> its value without the ingredient minus that with it, and the paired 95 % interval over people."""


def found_without(network: Network, words: Vocabulary) -> dict[str, Communities]:
    """Ingredient -> what the product's search finds without it; left out where the evidence has none of it.

    The last two are another search: at resolution 1, and with other seeds. Raises `DeadlinePassed`.
    """
    found: dict[str, Communities] = {}
    for name, graph in graphs_without(network, words).items():
        if graph.nnz and _differ(graph, network.graph):
            found[name] = looked_for(replace(network, graph=graph))[0]
    found["choice of resolution"] = within(PATIENCE, at_one, network.graph, seed=1)
    found["this seed, with another"] = within(PATIENCE, detect, network.graph, well_known(network), seed=OTHER_SEED)
    return found


def graphs_without(network: Network, words: Vocabulary) -> dict[str, sp.csr_matrix]:
    """Ingredient -> the graph that communities would be found in without it, [people, people]."""
    tier, people = network.tier, len(network.tier.people)
    took, (_, places) = took_part(tier, words), tier.places()
    near = nearest(placed(network.vectors, faded_parts(tier, took), places))
    turned, together = (undirected(acts, people) for acts in acts_between(tier, words))
    counted = network.mutual.copy()
    counted.data = np.expm1(counted.data)
    parts = sp.csr_matrix(tier.authorship.T + took)
    unfaded = nearest(placed(interests(network.words, parts), parts, places))
    return {
        "interests": damped(network.mutual),
        "places": combined(damped(network.mutual), nearest(network.vectors)),
        "ties": near,
        "ties of who turns to whom": combined(damped(together), near),
        "ties of work": combined(damped(turned), near),
        "logarithm of ties": combined(damped(counted), near),
        "damping of hubs": combined(network.mutual, near),
        "fading of interests": combined(damped(network.mutual), unfaded),
    }


def _differ(one: sp.csr_matrix, other: sp.csr_matrix) -> bool:
    """Whether two graphs differ by more than a factor: no partition depends on a factor."""
    scaled = [matrix / max(float(matrix.sum()), 1e-300) for matrix in (one, other)]
    return float(abs(scaled[0] - scaled[1]).sum()) > 1e-9


def compared(
    whole: Parted,
    without: Mapping[str, Parted],
    people: Sequence[int],
    agree: Callable[[Parted, Sequence[int]], Agreement],
    *,
    halves: int = HALVES,
) -> dict[str, Without]:
    """Compare each of `without` with the whole, over all of `people` and over halves of them.

    A half drawn without replacement varies about the whole as the whole does about the population (McCarthy 1969). The
    bootstrap would draw people twice, and a person is always together with themselves: it flatters every agreement.
    """
    rng = np.random.default_rng(SEED)
    rows = np.array(people, np.int64)
    drawn = [np.sort(rng.permutation(rows)[: (len(rows) + 1) // 2]).tolist() for _ in range(halves)]
    base, bases = agree(whole, people), [agree(whole, half) for half in drawn]
    found: dict[str, Without] = {}
    for name, communities in without.items():
        same = _same(communities, whole)  # in a small network many ingredients change nothing
        all_of_them, parts = agree(communities, people), bases if same else [agree(communities, h) for h in drawn]
        less = {}
        for measure in MEASURES:
            moved = np.array([getattr(a, measure) - getattr(b, measure) for a, b in zip(parts, bases, strict=True)])
            change = getattr(all_of_them, measure) - getattr(base, measure)
            low, high = np.percentile(moved - moved.mean(), [2.5, 97.5])
            less[measure] = Figure(change, change + float(low), change + float(high))
        found[name] = Without(resolution=communities.resolution, agreement=all_of_them, less=less)
    return found


def _same(one: Parted, other: Parted) -> bool:
    """Whether the groups are the same, overlaps included."""
    return list(one.groups) == list(other.groups) and np.array_equal(one.own, other.own)
