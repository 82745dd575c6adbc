"""How sure an answer is, and when there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from expertfinder.index.view import View
from expertfinder.model import Confidence, Query
from expertfinder.recommend.scored import Scored


@dataclass(frozen=True, slots=True)
class Sureness:
    """The word for the answer as a whole, or why there is none."""

    answer: Confidence
    abstained: str | None = None

    def of(self, place: int) -> Confidence:
        """The word for the person at a place (from 0): the answer's for the first three, lower after."""
        if place < 3:
            return self.answer
        return Confidence.MEDIUM if self.answer is Confidence.HIGH and place < 10 else Confidence.LOW


def assess(view: View, query: Query, scored: Scored, order: np.ndarray) -> Sureness:
    """Judge an answer."""
    if not len(order):
        return Sureness(Confidence.LOW, "Nobody here has written or done anything near this question.")
    return Sureness(Confidence.MEDIUM)
