"""Teams: the smallest, best connected, least loaded group of people that together covers several skills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from expertfinder.configuration.languages import phrase
from expertfinder.errors import InvalidQuestion
from expertfinder.index.network.view import NetworkView

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
DISTANCE_WEIGHT = 0.5
"""Cost of the mean distance of the pairs of a team (0 tied closely, 1 no tie), beside one a person: a smaller team
always wins."""
LOAD_WEIGHT = 0.4
"""Cost of the mean load of the members of a team (0 free, 1 full), beside one a person: a smaller team always wins."""
BEAM = 60
"""Partial teams that are kept at each step of the search (50 to 200 were measured against the exact optimum)."""
WIDTH = 12
"""People who are tried for the rarest open skill, for each partial team at each step of the search."""


@dataclass(frozen=True, slots=True)
class Need:
    """`has`: person x skill; `redundancy`: how many of a team must have each skill; where fewer people
    have it, all of them.

    `distance`: person x person in 0..1, symmetric; `load`: 0..1 a person.
    """

    has: Bools
    distance: Floats
    load: Floats
    redundancy: int = 1


@dataclass(frozen=True, slots=True)
class Team:
    """People by index, the cost, how many people of the team have each skill, and the skills nobody has."""

    people: tuple[int, ...]
    cost: float
    covered_by: tuple[int, ...]
    uncovered: tuple[int, ...]


def cost(people: Sequence[int], need: Need) -> float:
    """Size, plus weighted mean distance of pairs, plus weighted mean load; 0 for nobody."""
    if not people:
        return 0.0
    chosen = np.asarray(people)
    pairs = len(chosen) * (len(chosen) - 1)
    apart = float(need.distance[np.ix_(chosen, chosen)].sum()) / pairs if pairs else 0.0
    return len(chosen) + DISTANCE_WEIGHT * apart + LOAD_WEIGHT * float(need.load[chosen].mean())


def _wanted(need: Need) -> NDArray[np.int64]:
    return np.asarray(np.minimum(need.has.sum(axis=0), need.redundancy), dtype=np.int64)


def _team(people: Sequence[int], need: Need) -> Team:
    chosen = sorted(people)
    counts = need.has[chosen].sum(axis=0) if chosen else np.zeros(need.has.shape[1], dtype=np.int64)
    missing = tuple(int(s) for s in np.flatnonzero(need.has.sum(axis=0) < need.redundancy))
    return Team(tuple(chosen), cost(chosen, need), tuple(int(c) for c in counts), missing)


def covering(need: Need) -> Team:
    """A team that covers all skills that can be covered, by beam search from the rarest open skill, then exchange of
    single members.

    The search adds people who have the rarest skill still open, most open skills first, then least load, then least
    distance to the team; it keeps the best partial teams. Skills that fewer than `redundancy` people have are
    covered by those few and named.
    """
    wanted = _wanted(need)
    rarity = need.has.sum(axis=0)
    beam: list[tuple[int, ...]] = [()]
    finished: list[tuple[int, ...]] = []
    while beam and not finished:
        grown: dict[tuple[int, ...], float] = {}
        for people in beam:
            open_count = wanted - (need.has[list(people)].sum(axis=0) if people else 0)
            still = np.flatnonzero(open_count > 0)
            if not len(still):
                finished.append(people)
                continue
            skill = still[np.argmin(rarity[still])]
            for person in _promising(need, people, still, int(skill)):
                grown[tuple(sorted((*people, person)))] = 0.0
        if finished:
            break
        ranked = sorted(grown, key=lambda p: (round(_outlook(p, need, wanted), 9), p))
        finished = [p for p in ranked if _complete(p, need, wanted)]
        beam = ranked[:BEAM]
    best = min(finished, key=lambda p: (round(cost(p, need), 9), p))
    return _team(_exchanged(best, need, wanted), need)


def _promising(need: Need, people: tuple[int, ...], still: NDArray[np.int64], skill: int) -> list[int]:
    able = np.array([p for p in np.flatnonzero(need.has[:, skill]).tolist() if p not in people], dtype=np.int64)
    if not len(able):
        return []
    gain = need.has[able][:, still].sum(axis=1)
    apart = need.distance[able][:, list(people)].mean(axis=1) if people else np.zeros(len(able))
    soft = LOAD_WEIGHT * need.load[able] + DISTANCE_WEIGHT * apart
    return [int(p) for p in able[np.lexsort((able, np.round(soft, 9), -gain))][:WIDTH]]


def _outlook(people: tuple[int, ...], need: Need, wanted: NDArray[np.int64]) -> float:
    """Cost so far plus the least number of people that open skills still need."""
    left = np.maximum(wanted - need.has[list(people)].sum(axis=0), 0)
    most = max(int((need.has & (left > 0)).sum(axis=1).max(initial=1)), 1)
    return cost(people, need) + max(float(left.sum()) / most, float(left.max(initial=0)))


def _complete(people: Sequence[int], need: Need, wanted: NDArray[np.int64]) -> bool:
    return bool((need.has[list(people)].sum(axis=0) >= wanted).all()) if len(people) else not wanted.any()


def _exchanged(people: tuple[int, ...], need: Need, wanted: NDArray[np.int64]) -> tuple[int, ...]:
    """Drop a member, or exchange one for another, while the team stays complete and gets cheaper."""
    team = people
    for _ in range(4 * len(people) + 1):
        best, best_cost = team, round(cost(team, need), 9)
        for leaver in team:
            rest = tuple(p for p in team if p != leaver)
            options = [rest] + [tuple(sorted((*rest, p))) for p in range(len(need.load)) if p not in team]
            for option in options:
                if round(cost(option, need), 9) < best_cost and _complete(option, need, wanted):
                    best, best_cost = option, round(cost(option, need), 9)
        if best == team:
            return team
        team = best
    return team


def exact(need: Need) -> Team:
    """The cheapest team by enumeration; for tests on small cases (all teams of the smallest size that covers)."""
    wanted = _wanted(need)
    for size in range(len(need.load) + 1):
        complete = [p for p in combinations(range(len(need.load)), size) if _complete(p, need, wanted)]
        if complete:
            return _team(min(complete, key=lambda p: (round(cost(p, need), 9), p)), need)
    raise ValueError("no team covers what its members have: counts of people per skill are inconsistent")


MOST_SKILLS = 10
"""A team is asked for with at most so many skills: the search grows with their number."""
MOST_REDUNDANCY = 5
"""Largest number of people of a team that may be asked for with each skill."""
POOL = 25
"""People looked at for each skill, the best first."""
ENOUGH = 0.5
"""Share of the best one's score for a skill, from which on somebody counts as having it. It is taken over from experts,
where the word for an answer holds for those who come near the first (`recommend/experts/confidence.py`)."""


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
        raise InvalidQuestion(
            phrase("a team is asked for 1 to {skills} skills", skills=MOST_SKILLS), skills=len(skills)
        )
    if not 1 <= redundancy <= MOST_REDUNDANCY:
        raise InvalidQuestion(
            phrase("1 to {redundancy} people for each skill", redundancy=MOST_REDUNDANCY), redundancy=redundancy
        )


def team(
    net: NetworkView, skills: Sequence[str], scored: Sequence[Sequence[tuple[int, float]]], *, redundancy: int = 1
) -> TeamFound:
    """A team for skills. Raises what `check` raises.

    `scored`: for each skill the people who have it, as row and score, best first.
    """
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
