"""The scores of one question, with what they were made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from expertfinder.index.candidates import Candidates
from expertfinder.index.posts.bm25 import Words
from expertfinder.recommend.experts.basis import Basis
from expertfinder.recommend.experts.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Scored:
    """The ledger of one question, what it was made of, and the sums."""

    ledger: Ledger
    basis: Basis
    totals: np.ndarray
    """float64 [people]."""

    @property
    def candidates(self) -> Candidates:
        """The posts near the question."""
        return self.basis.found

    @property
    def words(self) -> Words:
        """The words of the question."""
        return self.basis.gathered.words
