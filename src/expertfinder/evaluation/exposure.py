"""Whom a ranking shows: whether a few people stand in every answer, and whether the others ever stand in one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

FIRST = 3
"""Places of an answer that a reader looks at first."""
PAGE = 10
"""People whom an answer shows on a page."""
TOP_SHARE = 0.05
"""Share of the people, those with most first places, whose part of the first places is told."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """How places in answers are spread over the people with evidence; each figure is between 0 and 1."""

    held_by_few: float
    """Share of the first-three places that the 5 % of people hold who have most of them (.05 where all are alike)."""
    gini: float
    """Gini coefficient of places in a top ten over people with evidence: 0 where all have as many, near 1 for one."""
    covered: float
    """Share of the people with evidence who stand in a top ten at least once."""


def exposure(run: Mapping[str, Sequence[tuple[str, float]]], people: int) -> Exposure:
    """The exposure in `run`, the rankings of all queries. `people`: how many have evidence and could be ranked."""
    first: Counter[str] = Counter()
    page: Counter[str] = Counter()
    for ranked in run.values():
        first.update(person for person, _ in ranked[:FIRST])
        page.update(person for person, _ in ranked[:PAGE])
    # A person who was ranked has evidence of some kind, so the shares stay below 1 whatever was counted.
    people = max(people, len(page), 1)
    most = sum(count for _, count in first.most_common(math.ceil(TOP_SHARE * people)))
    places = np.zeros(people)
    places[: len(page)] = sorted(page.values(), reverse=True)
    return Exposure(most / max(first.total(), 1), gini(places), len(page) / people)


def gini(values: np.ndarray | Sequence[float]) -> float:
    """The Gini coefficient of values that are not negative: 0 where all are alike or 0, near 1 where one has all."""
    ordered = np.sort(np.asarray(values, np.float64))
    total = float(ordered.sum())
    if not total:
        return 0.0
    n = len(ordered)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered) / (n * total)
