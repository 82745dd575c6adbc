"""Who stands first when somebody was asked often: load moves the order, and nothing else (decision 0031)."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from expertfinder.model import Ranking

OFTEN_WITHIN: Final = timedelta(days=30)
"""Asks of so many days count for who was asked often: a week is too short where few ask (`docs/network.md`)."""
NEAR: Final = 0.8
"""Share of the first one's score from which on somebody may stand first instead: of .3, .5, .6, .7 and .8 the one that
cost least on three rolling sets while it took a third from the largest share of asks (`docs/network.md`)."""


def first_place(ranked: Sequence[tuple[str, float]], often: Container[str]) -> int:
    """The place (from 0) of who is to stand first: the best who was not asked often and is near the first by score.

    `ranked`: people with their scores, best first. 0 where the first was not asked often, or nobody else is near.
    """
    return next(
        (place for place, (person, score) in enumerate(ranked) if score >= NEAR * ranked[0][1] and person not in often),
        0,
    )


def gives_way(ranking: Ranking, often: Container[str]) -> Ranking:
    """The same answer with who is to stand first in front: each recommendation is the one that it was."""
    found = ranking.recommendations
    place = first_place([(one.subject, one.score) for one in found], often)
    return replace(ranking, recommendations=(*found[place : place + 1], *found[:place], *found[place + 1 :]))
