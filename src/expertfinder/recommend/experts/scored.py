"""The scores of one question, with what they were made of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from expertfinder.index.candidates import Candidates
from expertfinder.index.posts.bm25 import Words
from expertfinder.recommend.experts.basis import Basis
from expertfinder.recommend.experts.ledger import Ledger
from expertfinder.recommend.experts.parts import DECLARED


@dataclass(frozen=True, slots=True)
class Own:
    """What carries one person's score."""

    carrying: int
    """Posts with a word of the question, or where none can have one, that carry it."""
    posts: int
    """Those of them that are among the nearest to the question."""
    pieces: int
    """The independent ones among them: each of another thread, of another day, and saying something else."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The ledger of one question, what it was made of, and the sums."""

    ledger: Ledger
    basis: Basis
    totals: np.ndarray
    """float64 [people]."""
    own: dict[int, Own] = field(init=False, repr=False, compare=False, default_factory=dict)
    """What carries the scores of those people (rows) of whom it was asked."""

    @property
    def evidence(self) -> Scored:
        """The same without what people say of themselves: what confidence is made of. Itself where nobody says so."""
        said = [entry.value for entry in self.ledger.entries if entry.part == DECLARED and entry.value.any()]
        return replace(self, totals=self.ledger.totals(without=DECLARED)) if said else self

    @property
    def candidates(self) -> Candidates:
        """The posts near the question."""
        return self.basis.found

    @property
    def words(self) -> Words:
        """The words of the question."""
        return self.basis.gathered.words
