"""Whole teams: the smallest, best connected, least loaded group of people that covers several skills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from expertfinder.errors import InvalidQuestion
from expertfinder.index.network_view import NetworkView
from expertfinder.recommend.teams import Need, covering

MOST_SKILLS = 10
MOST_REDUNDANCY = 5
POOL = 25
"""People looked at for each skill, the best first."""
ENOUGH = 0.5
"""Share of the best one's score for a skill, from which on somebody counts as having it. As for experts, where the word
for the answer holds for those who come near the first (`recommend/confidence.py`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person of a team, by id, and the skills the person brings."""

    person: str
    skills: tuple[str, ...]
    load: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamFound:
    """A team for several skills."""

    skills: tuple[str, ...]
    members: tuple[Member, ...]
    covered_by: tuple[int, ...]
    """How many of the team have each skill, in the order of `skills`."""
    uncovered: tuple[str, ...]
    """Skills for which there are fewer people than were asked for."""
    apart: float
    """Mean distance of its pairs: 0 all work together, 1 nobody does."""
    version: str = ""


def check(skills: Sequence[str], redundancy: int) -> None:
    """Raises `InvalidQuestion` for no skill, more than `MOST_SKILLS`, or a redundancy out of bounds."""
    if not 1 <= len(skills) <= MOST_SKILLS:
        raise InvalidQuestion(f"a team is asked for 1 to {MOST_SKILLS} skills", skills=len(skills))
    if not 1 <= redundancy <= MOST_REDUNDANCY:
        raise InvalidQuestion(f"1 to {MOST_REDUNDANCY} people for each skill", redundancy=redundancy)


def team(
    net: NetworkView, skills: Sequence[str], scored: Sequence[Sequence[tuple[int, float]]], *, redundancy: int = 1
) -> TeamFound:
    """A team. `scored`: for each skill who has it, as `find` says. Raises what `check` does."""
    check(skills, redundancy)
    able = [[row for row, score in people[:POOL] if score >= ENOUGH * people[0][1]] for people in scored]
    pool = sorted({row for rows in able for row in rows})
    place = {row: n for n, row in enumerate(pool)}
    has = np.zeros((len(pool), len(skills)), bool)
    for skill, rows in enumerate(able):
        has[[place[row] for row in rows], skill] = True
    tie = np.asarray(net.mutual[pool][:, pool].todense(), np.float64) if pool else np.zeros((0, 0))
    distance = 1.0 / (1.0 + tie)
    np.fill_diagonal(distance, 0.0)
    found = covering(Need(has=has, distance=distance, load=net.load[pool], redundancy=redundancy))
    chosen = list(found.people)
    pairs = len(chosen) * (len(chosen) - 1)
    return TeamFound(
        skills=tuple(skills),
        members=tuple(
            Member(
                person=net.seen.snapshot.people[pool[n]].id,
                skills=tuple(skill for s, skill in enumerate(skills) if has[n, s]),
                load=float(net.load[pool[n]]),
            )
            for n in chosen
        ),
        covered_by=found.covered_by,
        uncovered=tuple(skills[s] for s in found.uncovered),
        apart=float(distance[np.ix_(chosen, chosen)].sum()) / pairs if pairs else 0.0,
    )
