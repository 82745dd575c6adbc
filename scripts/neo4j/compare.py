"""What the algorithms of a Neo4j server find, held beside what our own find in the same ties.

    python scripts/neo4j/compare.py ADDRESS [--json]

ADDRESS is that of the server with the facts, as in EXPERTFINDER_RECORD. Nothing is written.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import networkit as nk
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.stats import spearmanr

from expertfinder.ask.organisation.analysis import (
    CANDIDATES,
    Floats,
    Found,
    Ints,
    alone,
    ask_server,
    members_of,
    tied_in,
)
from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.index.facts import DETECTED
from expertfinder.index.network.agreement import agreement
from expertfinder.index.network.graph import Network, build_network
from expertfinder.index.network.leiden import RESOLUTIONS, USUAL_RESOLUTION, best_partition, modularity
from expertfinder.index.network.tier import read_shared
from expertfinder.model import Community
from expertfinder.recommend.network.champions import asked_by, individuals, standing
from expertfinder.store import Store, open_store
from expertfinder.store.algorithms import DAMPING, SECONDS, TOLERANCE, algorithms

TOP = 20
"""The first so many of two orders are held beside each other."""
OTHER_SEED = 101
"""Our own groups with another seed: two runs that agree less than this could not agree more with the server's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Groups at one resolution. Agreement is adjusted mutual information, over the people with ties."""

    resolution: float
    groups: int
    ours: int
    agreement: float
    """Of the server's groups with ours."""
    seeds: float
    """Of ours with ours from another seed: what two runs of one algorithm agree."""
    modularity: float
    our_modularity: float
    record: float | None
    """Of the server's groups with the record's detected communities, over who is in exactly one; `None` without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order of people beside ours. Correlation is Spearman's, over the people with ties."""

    name: str
    correlation: float
    overlap: float
    """Share of the first `TOP` (or of all, where there are fewer) that both name."""


def our_groups(graph: sp.csr_matrix) -> list[tuple[Ints, Ints]]:
    """Our own groups at each resolution, and those of another seed: each with a seed."""
    return [
        (best_partition(graph, resolution), best_partition(graph, resolution, seed=OTHER_SEED))
        for resolution in RESOLUTIONS
    ]


def levels(network: Network, groups: Mapping[float, Ints], detected: Sequence[Community]) -> Iterator[Level]:
    """Each level of the server beside ours."""
    tied = tied_in(network.graph)
    record = _in_one(network, detected)
    for (resolution, theirs), (ours, again) in zip(groups.items(), our_groups(network.graph), strict=True):
        known = (record >= 0) & tied
        yield Level(
            resolution=resolution,
            groups=len(np.unique(theirs[tied])),
            ours=len(np.unique(ours[tied])),
            agreement=agreement(theirs[tied], ours[tied]),
            seeds=agreement(ours[tied], again[tied]),
            modularity=modularity(network.graph, alone(theirs), resolution),
            our_modularity=modularity(network.graph, ours, resolution),
            record=agreement(theirs[known], record[known]) if known.any() else None,
        )


def _in_one(network: Network, detected: Sequence[Community]) -> Ints:
    """The detected community of who is in exactly one, -1 for the others."""
    rows = network.tier.rows
    label = np.full(len(network.tier.people), -1, np.int64)
    often = np.zeros(len(label), np.int64)
    for number, community in enumerate(detected):
        inside = [rows[name] for name in community.members if name in rows]
        label[inside] = number
        often[inside] += 1
    return np.where(often == 1, label, -1)


def our_orders(turned_to: sp.csr_matrix, mutual: sp.csr_matrix, sources: int) -> tuple[Floats, Floats]:
    """PageRank, and betweenness from so many people: each with a seed."""
    nk.setNumberOfThreads(1)
    nk.engineering.setSeed(1, False)
    rank = nk.centrality.PageRank(_graph(turned_to, weighted=True, directed=True), damp=DAMPING, tol=TOLERANCE)
    plain = _graph(sp.csr_matrix(sp.triu(mutual, 1)), weighted=False, directed=False)
    between = (
        nk.centrality.Betweenness(plain)
        if sources >= mutual.shape[0]
        else nk.centrality.EstimateBetweenness(plain, sources, False, False)
    )
    return np.asarray(rank.run().scores()), np.asarray(between.run().scores())


def _graph(matrix: sp.csr_matrix, *, weighted: bool, directed: bool) -> nk.Graph:
    cells = matrix.tocoo()
    ends = (cells.row.astype(np.uint64), cells.col.astype(np.uint64))
    return nk.GraphFromCoo((cells.data, ends), n=matrix.shape[0], weighted=weighted, directed=directed)


def orders(network: Network, found: Found) -> Iterator[Order]:
    """Each order of the server beside ours."""
    rank, between = our_orders(network.turned_to, network.mutual, found.sources)
    asked = np.bincount(network.turned_to.indices, minlength=len(rank)).astype(np.float64)
    tied = tied_in(network.mutual)
    for name, theirs, ours in (
        ("asked by", found.asked, asked),
        ("page rank", found.page_rank, rank),
        ("betweenness", found.between, between),
    ):
        yield Order(name=name, correlation=_alike(theirs[tied], ours[tied]), overlap=_shared(theirs, ours, tied))


def _alike(one: Floats, other: Floats) -> float:
    """Spearman's correlation; 1 where both say the same of everybody."""
    if len(one) < 2 or not one.std() or not other.std():
        return 1.0 if np.array_equal(one, other) else 0.0
    return float(spearmanr(np.round(one, 9), np.round(other, 9)).statistic)


def _shared(one: Floats, other: Floats, tied: NDArray[np.bool_]) -> float:
    rows = np.flatnonzero(tied)
    first = [set(rows[np.lexsort((rows, -np.round(each[rows], 9)))][:TOP].tolist()) for each in (one, other)]
    return len(first[0] & first[1]) / max(len(first[0]), 1)


def champions(network: Network, found: Found) -> tuple[float, int]:
    """How far the candidates of each group are those whom we would take by who is turned to there; and how many groups.

    Ours have more parts, what one writes about and does there, which are no matter of ties.
    """
    shares = []
    for members, theirs in zip(members_of(found.groups[USUAL_RESOLUTION]), found.candidates, strict=True):
        turned, asked = standing(network.turned_to, members), asked_by(network.turned_to, members)
        ours = individuals(members, {"turned to": turned, "asked by": asked})
        named = {one.person for one in ours if one.parts["asked by"] > 0}
        first = {one.person for one in ours[:CANDIDATES]} & named
        if first or theirs:
            shares.append(len(first & set(theirs)) / max(len(first), len(theirs)))
    return (float(np.mean(shares)) if shares else 1.0), len(shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How far the server agrees with us."""

    levels: tuple[Level, ...]
    orders: tuple[Order, ...]
    champions: float
    """Mean share of the candidates of a group that both name."""
    champion_groups: int


def compare(store: Store, *, seconds: float = SECONDS) -> Comparison:
    """Ask the server and ourselves. Errors as `ask.analysis.analyse` has them."""
    network = build_network(read_shared(store, vocabulary()), vocabulary())
    detected = [each for each in store.all("community") if each.source == DETECTED and each.kind == "detected"]
    found = ask_server(algorithms(store, seconds=seconds), network, lambda what: print(what, file=sys.stderr))
    share, groups = champions(network, found)
    return Comparison(
        levels=tuple(levels(network, found.groups, detected)),
        orders=tuple(orders(network, found)),
        champions=share,
        champion_groups=groups,
    )


def main() -> int:
    """Compare, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="of the server with the facts, neo4j://user:password@host")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    store = open_store(options.address)
    try:
        found = compare(store)
    finally:
        store.close()
    if options.json:
        print(json.dumps(asdict(found)))
        return 0
    for level in found.levels:
        record = "" if level.record is None else f", with the record's own {level.record:.3f}"
        print(
            f"resolution {level.resolution:g}: {level.groups} groups, ours {level.ours}; AMI {level.agreement:.3f}, "
            f"of ours with another seed {level.seeds:.3f}; modularity {level.modularity:.3f}, ours "
            f"{level.our_modularity:.3f}{record}"
        )
    for order in found.orders:
        print(
            f"{order.name}: correlation with ours {order.correlation:.3f}, of the first {TOP} both {order.overlap:.0%}"
        )
    print(f"champion candidates of {found.champion_groups} groups: both name {found.champions:.0%}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
