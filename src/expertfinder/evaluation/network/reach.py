"""How many a set of champions reaches, under constraints, beside the unconstrained greedy set and the best known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from expertfinder.errors import SourceError
from expertfinder.evaluation.figures import SEED, Figure, figure
from expertfinder.evaluation.network.truth import declared, evidence
from expertfinder.index.network.graph import build_network
from expertfinder.index.network.tier import Ints
from expertfinder.recommend.network.coverage import Wanted, cover, neighbourhoods
from expertfinder.vocabulary import vocabulary

SIZE = 10
DRAWS = 20
CONSENT = 0.8
"""Share of people who are willing, at random; of the busiest one in twenty, one in five has no time."""
UNITS = 5
"""The largest declared communities, each of which is to have a champion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachFigures:
    """Reach of a set of `SIZE` over `DRAWS` random drawings of consent and load.

    `to_greedy`: constrained / plain greedy without constraints; `to_degree`: / the best connected of the same eligible
    people; `to_alike`: / the best connected under the same constraints, units too; `to_bound`: / what no set can pass
    under the same constraints (the linear relaxation of maximum coverage); `least`: the least of each over the
    drawings.
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
    """Choose champion sets from all ties of a set. Raises `SourceError` where there are none."""
    tier = evidence(folder)
    people = len(tier.people)
    mutual = build_network(tier, vocabulary()).mutual
    if not mutual.nnz:
        raise SourceError("nobody has a tie with anybody in this set", file=str(folder))
    reach, degree = neighbourhoods(mutual), np.diff(mutual.indptr)
    unit = np.full(people, -1, np.int64)
    for number, group in enumerate(declared(folder, tier)):
        unit[[person for person in group.members if unit[person] < 0]] = number
    size = np.bincount(unit[unit >= 0])
    largest = tuple(int(each) for each in np.argsort(-size, kind="stable")[:UNITS] if size[each])
    best = _greedily(reach, SIZE)
    connected = np.lexsort((np.arange(people), -degree)).tolist()
    ratios: dict[str, list[float]] = {}
    for draw in range(DRAWS):
        rng = np.random.default_rng(SEED + draw)
        busiest = rng.permutation(connected[: max(people // 20, 1)])[: max(people // 100, 1)]
        eligible = rng.random(people) < CONSENT
        eligible[busiest] = False
        plain = _reached(reach, [person for person in connected if eligible[person]][:SIZE])
        for name, wanted in (
            ("consent and load", Wanted(SIZE, eligible)),
            (f"and {len(largest)} units", Wanted(SIZE, eligible, unit, largest)),
        ):
            found = cover(reach, wanted).reached
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
