"""Figures of what is said beside the facts: what answers were worth, what roles ask for, a pilot before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from expertfinder.ask.network import Networking
from expertfinder.ask.organisation.figures import FEWEST, LINES, Figure, Line, to_fives, told
from expertfinder.index.access import View
from expertfinder.index.posts.segment import days
from expertfinder.index.snapshot import day_of
from expertfinder.model import SHARED
from expertfinder.policy import is_open
from expertfinder.store import Pilot, PutQuestion, RoleProfile, Store
from expertfinder.store.organisation import folded
from expertfinder.store.questions import Afterwards, Saved

SPAN = 182.0
"""Days before and after the begin of a pilot that are compared at most, half a year; both sides have as many."""
SHORTEST = 28.0
"""Days on each side without which nothing is compared: less than four weeks is chance."""
SAVED: dict[Saved, str] = {
    "nothing": "Saved no time",
    "minutes": "Saved some minutes",
    "hours": "Saved some hours",
    "days": "Saved a day or more",
}
AFTERWARDS: dict[Afterwards, str] = {
    "nothing": "Could do nothing new",
    "went_on": "Could go on with their work",
    "decided": "Could decide something",
    "learned": "Could do it themselves the next time",
    "passed_on": "Could pass it on to others",
}


@dataclass(frozen=True, slots=True)
class Acts:
    """Acts that everybody may read: who (rows of people), the day of each, and whether it began a thread."""

    who: np.ndarray
    day: np.ndarray
    begins: np.ndarray


def worth(seen: View, network: Networking, store: Store) -> Figure:
    """What answers were worth, as those say who asked and whom everybody may find, of questions that all may read."""
    rows, people = seen.snapshot.person_rows, seen.snapshot.people
    every = [one for one in store.statements(PutQuestion) if one.answered]
    named = network.communities_named(SHARED, ids=sorted({one.community for one in every if one.community}))
    shared = {"", *(community.id for community, _ in named)}
    put = [one for one in every if one.person in rows and is_open(people[rows[one.person]]) and one.community in shared]
    saved = [(rows[one.person], SAVED[one.saved]) for one in put if one.saved in SAVED]
    afterwards = [(rows[one.person], AFTERWARDS[one.afterwards]) for one in put if one.afterwards in AFTERWARDS]
    return Figure(
        "worth",
        "What answers were worth, as askers say",
        "Time that an answer saved, and what whoever asked could do with it; told where five different people and more "
        "say so, and as many say something else.",
        ("What askers say", "Answers", "Of answers of which it is said"),
        ("share",),
        (*_lines(saved, SAVED.values()), *_lines(afterwards, AFTERWARDS.values())),
    )


def _lines(said: Sequence[tuple[int, str]], labels: Iterable[str]) -> list[Line]:
    """`said`: row of an asker, and what they say of an answer."""
    lines = []
    for label in labels:
        mine, others = ({asker for asker, word in said if (word == label) is this} for this in (True, False))
        if min(len(mine), len(others)) >= FEWEST:
            count = sum(word == label for _, word in said)
            cell, share = told(count, len(said))
            lines.append(Line(label, (cell, f"about {to_fives(len(said))}"), (share,)))
    return lines


def roles(seen: View, network: Networking, store: Store) -> Figure:
    """By unit, how many have evidence of something that their role asks for, and what fewest show; fewest first."""
    expected = {one.role: one.topics for one in store.statements(RoleProfile)}
    wanted = sorted({topic for topics in expected.values() for topic in topics})
    known = network.with_part_in(wanted, SHARED) if wanted else {}
    units: defaultdict[str, dict[int, tuple[str, ...]]] = defaultdict(dict)
    for row in np.flatnonzero(seen.here).tolist() if expected else ():
        person = seen.snapshot.people[row]
        if person.org_unit.strip() and (topics := expected.get(folded(person.title))):
            units[person.org_unit.strip()][row] = topics
    lines = []
    for unit, people in units.items():
        if len(people) < FEWEST:
            continue
        some = sum(any(row in known[topic][1] for topic in topics if topic in known) for row, topics in people.items())
        cell, share = told(some, len(people))
        lines.append(Line(unit, (str(to_fives(len(people))), cell, _least_shown(people, known)), (share,)))
    lines.sort(key=lambda line: (line.shares[0], line.label))
    return Figure(
        "roles",
        "What roles ask for, the least evidence first",
        "People of a unit whose role asks for topics, and those with evidence of some of them that everybody may read. "
        "What nothing shows may be known all the same.",
        ("Unit", "People with such a role, about", "With evidence of some of it", "Shown by the smallest share"),
        ("with evidence of some of it",),
        tuple(lines[:LINES]),
    )


def _least_shown(people: Mapping[int, tuple[str, ...]], known: Mapping[str, tuple[str, frozenset[int]]]) -> str:
    """The topic that roles of five people and more ask for, and the smallest share of them shows; by label."""
    asked: defaultdict[str, list[int]] = defaultdict(list)
    for row, topics in people.items():
        for topic in topics:
            asked[topic].append(row)
    shares = [
        (told(sum(row in known[topic][1] for row in rows) if topic in known else 0, len(rows))[1], topic)
        for topic, rows in asked.items()
        if len(rows) >= FEWEST
    ]
    return min(shares)[1] if shares else "–"


def pilot(seen: View, network: Networking, store: Store, acts: Callable[[], Acts]) -> Figure | None:
    """Who takes part before and after a pilot began, in it and elsewhere; `None` without one."""
    tried = next(iter(store.statements(Pilot)), None)
    if tried is None:
        return None
    since = days(datetime.fromisoformat(tried.since).replace(tzinfo=UTC))
    span = min(seen.snapshot.manifest.as_of - since, SPAN)
    every = np.flatnonzero(seen.here).tolist()
    inside = _inside(seen, network, tried, every)
    sides = [[row for row in every if row in inside], [row for row in every if row not in inside]]
    lines: list[Line] = []
    if span >= SHORTEST and min(map(len, sides)) >= FEWEST:
        done = acts()
        for label, begins in (("Began something", True), ("Answered or handled something", False)):
            for when, start in (("before", since - span), ("after", since)):
                now = (done.day >= start) & (done.day < start + span) & (done.begins == begins)
                who = set(done.who[now].tolist())
                told_of = [told(len(who.intersection(side)), len(side)) for side in sides]
                lines.append(Line(f"{label}, {when}", tuple(cell for cell, _ in told_of), (told_of[0][1],)))
    return Figure(
        "pilot",
        f"Pilot: {tried.name}",
        f"People who did something in the {round(max(span, 0))} days before and after {day_of(since):%-d %B %Y}, about "
        f"{to_fives(len(sides[0]))} in it and {to_fives(len(sides[1]))} elsewhere. "
        "What changed everywhere was not the pilot.",
        ("What", "In the pilot", "Elsewhere"),
        ("share of those in the pilot",),
        tuple(lines),
    )


def _inside(seen: View, network: Networking, tried: Pilot, every: Collection[int]) -> set[int]:
    """Rows of the people in a pilot."""
    units = {unit.strip().casefold() for unit in tried.units}
    people, rows = seen.snapshot.people, seen.snapshot.person_rows
    found = {row for row in every if people[row].org_unit.strip().casefold() in units}
    for community, _ in network.communities_named(SHARED, ids=list(tried.communities)):
        found |= {rows[one] for one in network.community(community.id, SHARED).community.members}
    return found
