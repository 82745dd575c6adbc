"""Adds up scores. Each part is added with its name, and only here, so no unnamed score can exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, slots=True)
class Entry:
    """One part of every person's score."""

    part: str
    value: np.ndarray
    """float64 [people], never negative."""
    person: np.ndarray
    """int64 [k], whom each contribution is for; empty for a part that no single post stands behind."""
    post: np.ndarray
    """int64 [k], position among the candidates."""
    contribution: np.ndarray
    """float64 [k]; those of one person sum to its value."""


class Ledger:
    """The parts of the scores of `people` people for one question.

    `factors`: part -> what all of it is multiplied by, 1 where nothing is said; never negative. Learned weights come in
    here, so the sum stays exact whatever they are.
    """

    def __init__(self, people: int, factors: Mapping[str, float] | None = None) -> None:
        self.people = people
        self._factors = dict(factors or {})
        self.entries: list[Entry] = []

    def add(self, part: str, *, person: np.ndarray, post: np.ndarray, contribution: np.ndarray) -> None:
        """Add a part that posts stand behind: the value of a person is the sum of its contributions."""
        contribution = contribution * self._factors.get(part, 1.0)
        value = np.bincount(person, contribution, minlength=self.people)
        self.entries.append(Entry(part, value, person, post, contribution))

    def add_whole(self, part: str, value: np.ndarray) -> None:
        """Add a part that belongs to a person as a whole."""
        nothing = np.empty(0, np.int64)
        scaled = value * self._factors.get(part, 1.0)
        self.entries.append(Entry(part, scaled, nothing, nothing, np.empty(0)))

    def scaled(self, keeps: np.ndarray) -> Ledger:
        """The same with all parts of each person times what they keep, float64 [people]."""
        found = Ledger(self.people)
        found.entries = [
            replace(entry, value=entry.value * keeps, contribution=entry.contribution * keeps[entry.person])
            for entry in self.entries
        ]
        return found

    def values(self, part: str) -> np.ndarray:
        """float64 [people]: what a part that was added gives each."""
        return next(entry.value for entry in self.entries if entry.part == part)

    def totals(self, *, without: str = "") -> np.ndarray:
        """float64 [people]: the sum of the parts, but for the one that is named, in the order they were added in."""
        total = np.zeros(self.people)
        for entry in self.entries:
            if entry.part != without:
                total = total + entry.value
        return total
