"""How many a set of champions reaches, under constraints, beside the unconstrained greedy set and the best known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from expertfinder.ask.network import Networking
from expertfinder.errors import SourceError
from expertfinder.evaluation.figures import SEED, Figure, figure
from expertfinder.evaluation.network.truth import EVERYTHING, records
from expertfinder.evaluation.sets import evidence, world
from expertfinder.index.network.tier import Ints
from expertfinder.model import Community, Fact, Person
from expertfinder.recommend.network.champion_set import Championship
from expertfinder.recommend.network.coverage import Wanted, neighbourhoods
from expertfinder.recommend.network.export import Graph

SIZE = 10
"""Champions in a set: as many as an organisation of some thousand people would name."""
DRAWS = 20
"""How many times consent and load are drawn; the mean is told."""
CONSENT = 0.8
"""Share of people who are willing, drawn at random. Of the best connected twentieth, one in five has no time."""
UNITS = 5
"""The largest declared communities, each of which is to have a champion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachFigures:
    """Reach of a set of `SIZE`, as users get it, over `DRAWS` random drawings of consent and load.

    `greedy`, `degree`: people whom the greedy set and the best connected reach without constraints. The next four are
    the reach of our set divided by another reach. `to_greedy`: by `greedy`; `to_degree`: by that of the best connected
    of the same eligible people; `to_alike`: by that of the best connected under the same constraints, units too;
    `to_bound`: by what no set can pass under the same constraints (the linear relaxation of maximum coverage). `least`:
    the least of each over the drawings.
    """

    folder: str
    people: int
    greedy: int
    degree: int
    to_greedy: dict[str, Figure]
    to_degree: dict[str, Figure]
    to_alike: dict[str, Figure]
    to_bound: dict[str, Figure]
    least: dict[str, float]


def evaluate_reach(folder: Path) -> ReachFigures:
    """Ask for champion sets of everybody. Raises `SourceError` where there are no ties.

    The organisation is made of the evidence of the set; the unit of each person is one of the `UNITS` largest declared
    communities, or none. Who does not consent or has no time is named to the product as unwilling.
    """
    records(folder / "communities.jsonl")  # raises where the file is missing, before anything is made
    facts = in_units(evidence(folder, communities=True))
    with world(fact for fact in facts if not isinstance(fact, Community)) as finder:
        network = Networking(finder)
        graph = network.graph(EVERYTHING)
        nodes = [node for node in graph.each_node() if node.kind == "person"]
        place = {node.id: row for row, node in enumerate(nodes)}
        units = sorted({node.unit for node in nodes if node.unit})
        unit = np.array([units.index(node.unit) if node.unit else -1 for node in nodes], np.int64)
        mutual = _ties(graph, place)
        if not mutual.nnz:
            raise SourceError("nobody has a tie with anybody in this set", file=str(folder))
        people, reach, degree = len(nodes), neighbourhoods(mutual), np.diff(mutual.indptr)
        best = _greedily(reach, SIZE)
        connected = np.lexsort((np.arange(people), -degree)).tolist()
        ratios: dict[str, list[float]] = {}
        for draw in range(DRAWS):
            rng = np.random.default_rng(SEED + draw)
            busiest = rng.permutation(connected[: max(people // 20, 1)])[: max(people // 100, 1)]
            eligible = rng.random(people) < CONSENT
            eligible[busiest] = False
            plain = _reached(reach, [person for person in connected if eligible[person]][:SIZE])
            unwilling = tuple(nodes[row].id for row in np.flatnonzero(~eligible).tolist())
            for name, wanted in (
                ("consent and load", Wanted(SIZE, eligible)),
                (f"and {len(units)} units", Wanted(SIZE, eligible, unit, tuple(range(len(units))))),
            ):
                asked = Championship(size=SIZE, unwilling=unwilling, one_per_unit=bool(wanted.one_per_unit))
                found = network.champions(asked, EVERYTHING).reached
                ratios.setdefault(f"greedy|{name}", []).append(found / best)
                ratios.setdefault(f"degree|{name}", []).append(found / plain)
                alike = _reached(reach, _connected(connected, wanted))
                ratios.setdefault(f"alike|{name}", []).append(found / alike)
                ratios.setdefault(f"bound|{name}", []).append(found / bound(mutual, wanted))
    return ReachFigures(
        folder=folder.name,
        people=people,
        greedy=best,
        degree=_reached(reach, connected[:SIZE]),
        to_greedy=_of(ratios, "greedy"),
        to_degree=_of(ratios, "degree"),
        to_alike=_of(ratios, "alike"),
        to_bound=_of(ratios, "bound"),
        least={name: min(values) for name, values in ratios.items()},
    )


def in_units(facts: Iterable[Fact]) -> list[Fact]:
    """The same facts with the first declared community of each person, if it is one of the largest, as their unit."""
    facts = list(facts)
    first: dict[str, str] = {}
    for fact in facts:
        if isinstance(fact, Community):
            for member in fact.members:
                first.setdefault(member, fact.id)
    size = Counter(first.values())
    order = {fact.id: number for number, fact in enumerate(facts) if isinstance(fact, Community)}
    largest = set(sorted(size, key=lambda each: (-size[each], order[each]))[:UNITS])

    def unit(person: str) -> str:
        return first[person] if first.get(person) in largest else ""

    return [replace(fact, org_unit=unit(fact.id)) if isinstance(fact, Person) else fact for fact in facts]


def _ties(graph: Graph, place: Mapping[str, int]) -> sp.csr_matrix:
    """The ties of the network as it is exported, both ways, [people, people]."""
    found = [(place[e.source], place[e.target], e.weight) for e in graph.each_edge() if e.kind == "tie"]
    table = np.array(found, np.float64).reshape(-1, 3)
    one, other = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    cells = (np.concatenate([one, other]), np.concatenate([other, one]))
    shape = (len(place), len(place))
    return sp.csr_matrix((np.concatenate([table[:, 2], table[:, 2]]), cells), shape=shape)


def _of(ratios: dict[str, list[float]], against: str) -> dict[str, Figure]:
    found = ((name.split("|", 1), values) for name, values in ratios.items())
    return {name: figure(values) for (what, name), values in found if what == against}


def _greedily(reach: Sequence[Ints], size: int) -> int:
    """How many the plain greedy set reaches: whoever adds most, `size` times, with no exchange afterwards."""
    covered = np.zeros(len(reach), bool)
    for _ in range(min(size, len(reach))):
        gains = [int((~covered[near]).sum()) for near in reach]
        covered[reach[int(np.argmax(gains))]] = True
    return int(covered.sum())


def _connected(by_degree: Sequence[int], wanted: Wanted) -> list[int]:
    """The best connected eligible people: of each unit that is to have one the first, then whoever comes next."""
    units = wanted.unit
    chosen: list[int] = []
    if units is not None:
        firsts = (
            next((p for p in by_degree if wanted.eligible[p] and units[p] == u), None) for u in wanted.one_per_unit
        )
        chosen = [person for person in firsts if person is not None]
    rest = (person for person in by_degree if wanted.eligible[person] and person not in chosen)
    return [*chosen, *islice(rest, max(wanted.size - len(chosen), 0))]


def bound(mutual: sp.csr_matrix, wanted: Wanted) -> float:
    """What the reach of no set under these constraints can exceed: maximum coverage with parts of people allowed.

    Solved with HiGHS: maximise the sum of who is reached, each by at most the sum of the chosen who reach them.
    """
    people = mutual.shape[0]
    near = sp.csr_matrix(mutual + sp.eye_array(people))
    near.data[:] = 1.0
    none = sp.csr_matrix((1, people))
    rows = [_beside(-near, sp.csr_matrix(sp.eye_array(people))), _beside(sp.csr_matrix(np.ones((1, people))), none)]
    most = [0.0] * people + [float(wanted.size)]
    for unit in wanted.one_per_unit if wanted.unit is not None else ():
        inside = (wanted.unit == unit) & wanted.eligible
        if inside.any():
            rows.append(_beside(sp.csr_matrix(-inside.astype(np.float64)), none))
            most.append(-1.0)
    upper = np.concatenate([wanted.eligible.astype(np.float64), np.ones(people)])
    gain = np.concatenate([np.zeros(people), -np.ones(people)])
    limits = np.stack([np.zeros(2 * people), upper], axis=1)
    solved = linprog(gain, A_ub=sp.vstack(rows), b_ub=np.array(most), bounds=limits)  # type: ignore[call-overload]
    return float(np.floor(-solved.fun + 1e-6))


def _beside(left: sp.csr_matrix, right: sp.csr_matrix) -> sp.csr_matrix:
    """Two matrices side by side."""
    return sp.csr_matrix(sp.hstack([left, right]))


def _reached(reach: Sequence[Ints], chosen: Iterable[int]) -> int:
    return len({int(other) for person in chosen for other in reach[person]})
