"""Two formulas that several rooms share: how evidence fades with age, and how much a rare word weighs."""

from __future__ import annotations

import numpy as np


def faded(ages: np.ndarray, half_life: np.ndarray | float) -> np.ndarray:
    """float64: 2^(-age / half-life), the share that is left of evidence; both in the same unit, ages never negative."""
    return np.asarray(0.5 ** (ages / half_life))


def idf(documents: float, containing: np.ndarray | float) -> np.ndarray:
    """Lucene's inverse document frequency, log(1 + (N - n + .5) / (n + .5)), of words that `containing` of N have."""
    return np.asarray(np.log1p((documents - containing + 0.5) / (containing + 0.5)))
