"""The scores of one question, with what they were made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from expertfinder.index.text import Words
from expertfinder.index.view import Candidates
from expertfinder.recommend.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Scored:
    """The ledger of one question, the posts it was made of, and the sums."""

    ledger: Ledger
    candidates: Candidates
    words: Words
    totals: np.ndarray
    """float64 [people]."""
