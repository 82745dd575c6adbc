"""The scores of one question, with what they were made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from expertfinder.index.candidates import Candidates
from expertfinder.index.people.filtered import PerWord
from expertfinder.index.posts.bm25 import Words
from expertfinder.recommend.experts.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Scored:
    """The ledger of one question, the posts it was made of, and the sums."""

    ledger: Ledger
    candidates: Candidates
    words: Words
    decay: np.ndarray
    """float64 [acts of the candidates]: 2^(-age / half-life)."""
    profile: np.ndarray
    """float64 [people]: scores of the profiles before they were scaled."""
    per_word: PerWord
    """What one more count of a word adds to a profile."""
    tags: list[tuple[str, frozenset[int]]]
    """The tags that the question names, the most specific first, and the people who were active under each."""
    totals: np.ndarray
    """float64 [people]."""
