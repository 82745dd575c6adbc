"""A set of champions: as few as asked for, reaching as many as possible. Made of the shared tier alone."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a set of champions must respect.

    `eligible`: people who consent and are not overloaded. `unit`: unit of each person, -1 for none; `one_per_unit`:
    the units that must have a champion where any eligible person is in it. `already`: champions who stay. `bonus`: a
    small preference for each person, below 1 (one reached person), which decides between equal gains.
    """

    size: int
    eligible: NDArray[np.bool_]
    unit: Ints | None = None
    one_per_unit: tuple[int, ...] = ()
    already: tuple[int, ...] = ()
    bonus: Floats | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A set in the order chosen, the people each one adds, who is reached and who is not, and units without an
    eligible person."""

    people: tuple[int, ...] = ()
    gains: tuple[int, ...] = ()
    reached: int = 0
    unreached: tuple[int, ...] = ()
    without: tuple[int, ...] = field(default=())


def neighbourhoods(weights: sp.csr_matrix) -> list[Ints]:
    """Whom each person reaches: themselves and everybody with a tie to or from them, as sorted indices."""
    both = sp.csr_matrix(weights + weights.T + sp.eye_array(weights.shape[0]))
    both.sort_indices()
    return [both.indices[both.indptr[i] : both.indptr[i + 1]].astype(np.int64) for i in range(both.shape[0])]


def cover(reach: Sequence[Ints], wanted: Wanted) -> Chosen:
    """A set of `size` people that together reach as many as possible under the constraints.

    Lazy greedy maximum coverage (Minoux 1978; at least 1 - 1/e of the best set, Nemhauser, Wolsey and Fisher 1978).
    Units that must be served reserve a place each: while places beyond the reserved ones are left anyone may be
    taken, then only people of units still unserved. Swaps of single members follow while they gain, so that the last
    places taken by need do not waste the first.
    """
    people = len(reach)
    bonus = np.zeros(people) if wanted.bonus is None else np.clip(wanted.bonus, 0.0, 0.999)
    unit = np.full(people, -1, dtype=np.int64) if wanted.unit is None else wanted.unit
    possible = {int(u) for u in np.unique(unit[wanted.eligible])} if people else set()
    required = [
        u for u in dict.fromkeys(wanted.one_per_unit) if u in possible or u in {int(unit[p]) for p in wanted.already}
    ]
    task = _Task(reach, wanted, unit, required, list(dict.fromkeys(wanted.already))[: wanted.size])
    chosen = _improved(task, _greedy(task, bonus))
    covered = np.zeros(people, dtype=bool)
    gains: list[int] = []
    for person in chosen:
        gains.append(int((~covered[reach[person]]).sum()))
        covered[reach[person]] = True
    served = {int(unit[p]) for p in chosen}
    without = tuple(u for u in dict.fromkeys(wanted.one_per_unit) if u not in served)
    missed = tuple(int(p) for p in np.flatnonzero(~covered))
    return Chosen(tuple(chosen), tuple(gains), int(covered.sum()), missed, without)


@dataclass(frozen=True, slots=True)
class _Task:
    reach: Sequence[Ints]
    wanted: Wanted
    unit: Ints
    required: list[int]
    fixed: list[int]


def _greedy(task: _Task, bonus: Floats) -> list[int]:
    """Take whoever adds most, until the set is full. Gains only shrink: only the top of the heap is counted anew."""
    reach, unit, size = task.reach, task.unit, task.wanted.size
    covered = np.zeros(len(reach), dtype=bool)
    chosen = list(task.fixed)
    for person in chosen:
        covered[reach[person]] = True
    waiting = [u for u in task.required if u not in {int(unit[p]) for p in chosen}]
    free = [p for p in np.flatnonzero(task.wanted.eligible).tolist() if p not in chosen]
    heap = [(-(len(reach[p]) + float(bonus[p])), p) for p in free]
    heapq.heapify(heap)
    while heap and len(chosen) < size:
        reserved = bool(waiting) and len(waiting) >= size - len(chosen)
        best: int | None = None
        while heap and best is None:
            _, person = heapq.heappop(heap)
            if reserved and int(unit[person]) not in waiting:
                continue  # nobody outside the unserved units can be taken any more
            gain = int((~covered[reach[person]]).sum()) + float(bonus[person])
            if not heap or (-gain, person) <= heap[0]:
                best = person
            else:
                heapq.heappush(heap, (-gain, person))
        if best is None:
            break
        chosen.append(best)
        covered[reach[best]] = True
        if int(unit[best]) in waiting:
            waiting.remove(int(unit[best]))
    return chosen


def _improved(task: _Task, chosen: list[int]) -> list[int]:
    """Swap single members for better ones until none gains; at most as many passes as there are members."""
    depth = np.zeros(len(task.reach), dtype=np.int64)
    for person in chosen:
        depth[task.reach[person]] += 1
    for _ in range(len(chosen)):
        if not _swapped(task, chosen, depth):
            break
    return chosen


def _swapped(task: _Task, chosen: list[int], depth: Ints) -> bool:
    """One pass over the members, in place: whether any was exchanged."""
    reach, unit, found = task.reach, task.unit, False
    for place, leaver in enumerate(chosen):
        if leaver in task.fixed:
            continue
        rest = {int(unit[p]) for p in chosen if p != leaver}
        needs = {u for u in task.required if u not in rest}
        best, best_gain = leaver, int((depth[reach[leaver]] == 1).sum())
        depth[reach[leaver]] -= 1
        for person in np.flatnonzero(task.wanted.eligible).tolist():
            if len(reach[person]) <= best_gain or person in chosen or (needs and int(unit[person]) not in needs):
                continue
            gain = int((depth[reach[person]] == 0).sum())
            if gain > best_gain:
                best, best_gain = person, gain
        depth[reach[best]] += 1
        if best != leaver:
            chosen[place] = best
            found = True
    return found


def without(reach: Sequence[Ints], chosen: Sequence[int], leaver: int) -> tuple[int, ...]:
    """What-if: the people whom nobody of the set reaches any more when `leaver` goes."""
    depth = np.zeros(len(reach), dtype=np.int64)
    for person in chosen:
        depth[reach[person]] += 1
    lost = reach[leaver][depth[reach[leaver]] == 1] if leaver in chosen else np.zeros(0, dtype=np.int64)
    return tuple(int(p) for p in lost)


def links_to_make(weights: sp.csr_matrix, chosen: Sequence[int], most: int = 5) -> list[tuple[int, int]]:
    """Pairs of a champion network that should meet: no tie yet, and the fewest common contacts first; equal ones by
    index."""
    rows = list(chosen)
    inside = sp.csr_matrix(weights[rows] + weights[:, rows].T, dtype=np.float64)
    inside.data[:] = 1.0
    common = np.asarray((inside @ inside.T).todense())
    direct = np.asarray(inside[:, list(chosen)].todense())
    pairs = [
        (int(common[i, j]), min(chosen[i], chosen[j]), max(chosen[i], chosen[j]))
        for i in range(len(chosen))
        for j in range(i)
        if direct[i, j] == 0
    ]
    return [(one, other) for _, one, other in sorted(pairs)[:most]]
