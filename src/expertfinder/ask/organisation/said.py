"""Figures of what is said beside the facts: what answers were worth, what roles ask for, a pilot before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from expertfinder.ask.network import Networking
from expertfinder.ask.organisation.figures import FEWEST, LINES, Figure, Line, about, to_fives, told
from expertfinder.configuration.languages import N_, day, phrase
from expertfinder.configuration.languages import gettext as _
from expertfinder.index.access import View
from expertfinder.index.posts.segment import days
from expertfinder.index.snapshot import day_of
from expertfinder.model import SHARED
from expertfinder.policy import is_open
from expertfinder.store import Pilot, PutQuestion, RoleProfile, Store
from expertfinder.store.statements.organisation import folded
from expertfinder.store.statements.questions import Afterwards, Saved

SPAN = 182.0
"""Days before and after the begin of a pilot that are compared at most, half a year; both sides have as many."""
SHORTEST = 28.0
"""Days on each side without which nothing is compared: less than four weeks is chance."""
SAVED: dict[Saved, str] = {
    "nothing": N_("Saved no time"),
    "minutes": N_("Saved some minutes"),
    "hours": N_("Saved some hours"),
    "days": N_("Saved a day or more"),
}
AFTERWARDS: dict[Afterwards, str] = {
    "nothing": N_("Could do nothing new"),
    "went_on": N_("Could go on with their work"),
    "decided": N_("Could decide something"),
    "learned": N_("Could do it themselves the next time"),
    "passed_on": N_("Could pass it on to others"),
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
        _("What answers were worth, as askers say"),
        _(
            "Time that an answer saved, and what whoever asked could do with it; told where five different people and "
            "more say so, and as many say something else."
        ),
        (_("What askers say"), _("Answers"), _("Of answers of which it is said")),
        (_("share"),),
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
            lines.append(Line(_(label), (cell, about(len(said))), (share,)))
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
        _("What roles ask for, the least evidence first"),
        _(
            "People of a unit whose role asks for topics, and those with evidence of some of them that everybody may "
            "read. What nothing shows may be known all the same."
        ),
        (
            _("Unit"),
            _("People with such a role, about"),
            _("With evidence of some of it"),
            _("Shown by the smallest share"),
        ),
        (_("with evidence of some of it"),),
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
        before, after = since - span, since
        for label, start, begins in (
            (_("Began something, before"), before, True),
            (_("Began something, after"), after, True),
            (_("Answered or handled something, before"), before, False),
            (_("Answered or handled something, after"), after, False),
        ):
            now = (done.day >= start) & (done.day < start + span) & (done.begins == begins)
            who = set(done.who[now].tolist())
            told_of = [told(len(who.intersection(side)), len(side)) for side in sides]
            lines.append(Line(label, tuple(cell for cell, _ in told_of), (told_of[0][1],)))
    return Figure(
        "pilot",
        phrase("Pilot: {name}", name=tried.name),
        phrase(
            "People who did something in the {days} days before and after {day}, about {inside} in it and {outside} "
            "elsewhere. What changed everywhere was not the pilot.",
            days=round(max(span, 0)),
            day=day(day_of(since)),
            inside=to_fives(len(sides[0])),
            outside=to_fives(len(sides[1])),
        ),
        (_("What"), _("In the pilot"), _("Elsewhere")),
        (_("share of those in the pilot"),),
        tuple(lines),
    )


def _inside(seen: View, network: Networking, tried: Pilot, every: Collection[int]) -> set[int]:
    """Rows of the people in a pilot."""
    units = {unit.strip().casefold() for unit in tried.units}
    people, rows = seen.snapshot.people, seen.snapshot.person_rows
    found = {row for row in every if people[row].org_unit.strip().casefold() in units}
    for known in network.communities_named(SHARED, ids=list(tried.communities)):
        found |= {rows[one] for one in network.community(known[0].id, SHARED).community.members}
    return found
