"""The constants of the expert ranking as one frozen value, and the two formulas that many rooms share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Recipe:
    """Constants of the ranking. `docs/ranking.md` has the measurement behind each."""

    by_words: float = 4.0
    """The part "words and meaning" raises a post's relative BM25 to this power: few good matches beat many middling."""
    with_meaning: float = 2.0
    """The same part raises the cosine of the post to this power."""
    by_meaning: float = 4.0
    """The part "meaning" raises the cosine of a post to this power."""
    by_centre: float = 4.0
    """The part "centre" raises the cosine of a person's centre to this power."""
    without_tags: float = 0.3
    """Share of the weight of "topics" where the question carries no tag and its text is searched for them."""
    abroad: float = 0.3
    """Share of the weight of the parts that go by words where all posts near the question are in other languages."""
    in_full: float = 15.0
    """So many posts of one person count in full in a part, and the n-th counts this / n (5 to 20 measured alike)."""
    held: float = 0.5
    """A profile rests by this share on one post that has much of a question of up to `short` words."""
    short: float = 4.0
    """Words of a question up to which `held` applies in full; on longer questions it applies by `short` / words."""
    much: float = 0.4
    """A post has much of a question when its BM25 reaches this share of the question's ideal BM25."""
    half_life: float = 0.25
    """A half-life is this share of the shared tier's time span (better on most query sets)."""
    profile_half_life: float = 0.5
    """The same for profiles: what somebody knows altogether fades more slowly than what they said last."""
    profile_k1: float = 3.0
    """BM25's k1 of profiles, which are hundreds of posts long: words saturate later than in a post (MAP .167 to .221,
    together with `profile_b`)."""
    profile_b: float = 0.3
    """BM25's b of profiles: length says less than in a post."""


SHIPPED = Recipe()
"""The recipe that answers are made with."""


def faded(ages: np.ndarray, half_life: np.ndarray | float) -> np.ndarray:
    """float64: 2^(-age / half-life), the share that is left of evidence; both in the same unit, ages never negative."""
    return np.asarray(0.5 ** (ages / half_life))


def idf(documents: float, containing: np.ndarray | float) -> np.ndarray:
    """Lucene's inverse document frequency, log(1 + (N - n + .5) / (n + .5)), of words that `containing` of N have."""
    return np.asarray(np.log1p((documents - containing + 0.5) / (containing + 0.5)))
