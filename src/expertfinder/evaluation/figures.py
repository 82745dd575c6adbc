"""Measures of rankings, and how sure their means are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import ir_measures
import numpy as np
from ir_measures import AP, RR, P, R, nDCG

OURS = "expertfinder"
MEASURES = {"MAP": AP, "MRR": RR, "nDCG@10": nDCG @ 10, "P@5": P @ 5, "R@100": R @ 100}
_WHITE = re.compile(r"\s")
RESAMPLES = 1000
"""Drawings of queries that an interval is made of; more move its bounds in the third digit only."""
SEED = 20_261
"""Seed of the bootstrap and of the random baseline; fixed, so that the figures are the same every time."""

Run = dict[str, list[tuple[str, float]]]
"""Query -> people with scores, best first; ids are the set's own."""
Values = dict[str, dict[str, float]]
"""Measure -> query -> value."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over queries, with the 95 % interval of its bootstrap over queries."""

    mean: float
    low: float
    high: float


def measure(run: Run, truth: Mapping[str, Mapping[str, int]], names: Sequence[str]) -> Values:
    """Measure -> query -> value; a query without an answer counts 0."""
    # The measures sort by score alone: scores by rank keep our order of ties.
    scored = {
        name: {person: float(-rank) for rank, (person, _) in enumerate(ranked)}
        for name, ranked in run.items()
        if ranked
    }
    values: Values = {measure: dict.fromkeys(names, 0.0) for measure in MEASURES}
    wanted = {str(measure): label for label, measure in MEASURES.items()}
    chosen = {name: dict(truth[name]) for name in names}
    for entry in ir_measures.iter_calc(list(MEASURES.values()), chosen, scored):
        values[wanted[str(entry.measure)]][entry.query_id] = float(entry.value)
    return values


def figure(values: Sequence[float]) -> Figure:
    """Mean and 95 % interval by resampling queries (percentile bootstrap, `RESAMPLES` times, a fixed seed)."""
    array = np.array(values, np.float64)
    means = np.random.default_rng(SEED).choice(array, (RESAMPLES, len(array))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Figure(float(array.mean()), float(low), float(high))


def paired(ours: Mapping[str, float], other: Mapping[str, float]) -> Figure:
    """The mean difference over the same queries, with the interval of the paired bootstrap."""
    return figure([ours[name] - other[name] for name in sorted(ours)])


def write_run(run: Run, path: Path, *, tag: str = OURS) -> None:
    """A TREC run: query, Q0, person, rank, score, tag; white space in an id is written as in an address (`%20`)."""
    with path.open("w", encoding="utf-8") as file:
        for query, ranked in run.items():
            for rank, (person, score) in enumerate(ranked, 1):
                file.write(f"{_word(query)}\tQ0\t{_word(person)}\t{rank}\t{score:.6f}\t{tag}\n")


def _word(id: str) -> str:
    """An id without white space, which the tools of TREC take for the end of a column."""
    return _WHITE.sub(lambda found: quote(found[0]), id)
