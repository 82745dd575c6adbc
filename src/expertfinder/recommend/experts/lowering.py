"""Scores of people who did not help with the topic of a question: lower, within bounds that no crowd can move."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from expertfinder.recommend.experts.scored import Scored

ABOVE = 1e-9
"""By this share a lowered score stays above the next but one's: more than the rounding of a sum of parts."""


def lowered(scored: Scored, order: np.ndarray) -> Scored:
    """The scores with what did not help in them; the same object where nobody in `order` (rows, best first) has any.

    Nobody falls below what their best post alone is worth, nor to the score of the next but one. So nobody moves by
    more than one place, whoever else is lowered: who stands two places before or behind cannot be passed.
    """
    less = scored.basis.view.lowered
    rows = [row for row in order.tolist() if row in less]
    if not rows:
        return scored
    totals, keeps = scored.totals, np.ones(len(scored.totals))
    worth = dict(zip(rows, _worth_of_one_post(scored, rows), strict=True))
    for place, row in enumerate(order.tolist()):
        if row in less:
            behind = float(totals[order[place + 2]]) * (1.0 + ABOVE) if place + 2 < len(order) else 0.0
            keeps[row] = min(1.0, max(less[row].keeps, worth[row] / totals[row], behind / totals[row]))
    ledger = scored.ledger.scaled(keeps)
    return replace(scored, ledger=ledger, totals=ledger.totals())


def _worth_of_one_post(scored: Scored, rows: list[int]) -> list[float]:
    """What the best post of each person adds to their score, over all parts that posts stand behind."""
    adds = np.zeros((len(rows), len(scored.basis.found.posts)))
    for amounts in scored.behind(rows):
        if amounts is not None:
            adds = adds + amounts
    return [float(worth) for worth in adds.max(axis=1, initial=0.0)]
