"""From named values to a recommendation, and from recommendations to a ranking: for every question but who knows this.

The score of an expert is added up in the ledger (`experts/ledger.py`), whose parts have posts behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from expertfinder.model import Confidence, Query, Ranking, Reason, Recommendation
from expertfinder.recommend.sentences import SAID


def recommended(
    subject: str, role: str, parts: Mapping[str, tuple[float, str]], *, confidence: Confidence = Confidence.LOW
) -> Recommendation:
    """A subject with the sum of its parts. `parts`: name -> value and sentence; a part of 0 or less says nothing.

    A part that is too small for a sentence has none.
    """
    score = sum(value for value, _ in parts.values() if value > 0)
    reasons = tuple(
        Reason(part=part, value=value, text=text if value >= SAID * score else "")
        for part, (value, text) in parts.items()
        if value > 0
    )
    return Recommendation(subject=subject, role=role, score=score, confidence=confidence, reasons=reasons)


def with_word(one: Recommendation, text: str, *, part: str) -> Recommendation:
    """The same with a reason more that adds nothing to the score."""
    return replace(one, reasons=(*one.reasons, Reason(part=part, value=0.0, text=text)))


def how_sure(amount: float, *, high: float, medium: float) -> Confidence:
    """The word of confidence for an amount of evidence."""
    return Confidence.HIGH if amount >= high else Confidence.MEDIUM if amount >= medium else Confidence.LOW


def best_first(found: Iterable[Recommendation]) -> list[Recommendation]:
    """By score, to nine digits; equal ones by id."""
    return sorted(found, key=lambda one: (-round(one.score, 9), one.subject))


def ranking(query: Query, found: Sequence[Recommendation], *, none: str) -> Ranking:
    """The first of these, as many as were asked for, as sure as the first is; without any, `none` says why."""
    if not found:
        return Ranking(query=query, abstained=none)
    return Ranking(query=query, recommendations=tuple(found[: query.limit]), confidence=found[0].confidence)
