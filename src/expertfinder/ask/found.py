"""How others find a person: what they rank for, as everybody sees it, and who asks about it, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from expertfinder.ask.finder import MOST_PEOPLE, ExpertFinder
from expertfinder.ask.oneself.me import Said, said_by
from expertfinder.errors import NotFound
from expertfinder.index.posts.concepts import words_of
from expertfinder.index.snapshot import day_of
from expertfinder.model import SHARED, Confidence, Expertise, Query, Reason, Viewer
from expertfinder.store import AuditEntry, TopicWish

QUESTIONS = 3
"""Questions that are tried to see where somebody ranks: as many as can be read at once."""
TOPICS = 20
"""So many topics of one person are shown; the export has all of them."""
MOST_LINES = 1_000
"""Of the audit log, in one answer."""
FEWEST_ASKERS = 5
"""A week's questions about a topic are counted from so many different askers on, as demand is."""


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a person stands in the answer that everybody gets to a question."""

    text: str
    place: int | None
    """From 1; `None` where they are not named."""
    named: int
    """How many are."""
    confidence: Confidence | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """How many different people asked about a topic of a person in a week."""

    week: date
    topic: str
    askers: int


@dataclass(frozen=True, slots=True)
class Found:
    """How a person is found."""

    said: Said
    seen: bool
    """Whether everybody may find them."""
    topics: tuple[Expertise, ...]
    """As everybody sees them."""
    pending: tuple[TopicWish, ...]
    """Topics that they added and for which there is no evidence yet."""
    ranks: tuple[Rank, ...]


def found(finder: ExpertFinder, viewer: Viewer, *, text: str = "") -> Found:
    """How everybody finds the viewer. `text`: a question to try; without it their strongest topics are. `Forbidden`."""
    said = said_by(finder, viewer)
    person, topics = _found_for(finder, viewer)
    observed = {words_of(one.topic.label) for one in topics if one.observed > 0}
    pending = tuple(one for one in said.topics if one.named and one.topic not in observed)
    strongest = [one.topic.label for one in topics if one.observed > 0][:QUESTIONS]
    asked = [text] if text.strip() else strongest
    return Found(said, bool(person), tuple(topics), pending, tuple(_rank(finder, person, one) for one in asked))


def _rank(finder: ExpertFinder, person: str, text: str) -> Rank:
    ranking = finder.find(Query(text=text, limit=MOST_PEOPLE), SHARED)
    named = [one.subject for one in ranking.recommendations]
    place = named.index(person) + 1 if person in named else None
    reasons = ranking.recommendations[place - 1].reasons if place else ()
    return Rank(text, place, len(named), ranking.confidence, reasons)


def asked_about(finder: ExpertFinder, viewer: Viewer) -> list[Asked]:
    """How many asked, week by week, about topics that everybody finds the viewer for; the newest week first.

    Nothing is told of a week in which fewer than `FEWEST_ASKERS` different people asked. `Forbidden` for no person.
    """
    said_by(finder, viewer)
    topics = {words_of(one.topic.label) for one in _found_for(finder, viewer)[1]}
    demand = [one for one in finder.store.demand(fewest=FEWEST_ASKERS) if words_of(one.topic) in topics]
    return [
        Asked(one.week, one.topic, one.askers)
        for one in sorted(demand, key=lambda one: (-one.week.toordinal(), one.topic))
    ]


def told_as(finder: ExpertFinder, person: str) -> str:
    """The record by which the audit log names a person: the human's, where this record is proven to be theirs."""
    rights, row = finder.snapshot.rights, finder.snapshot.person_rows.get(person)
    about = person if row is None else finder.snapshot.people[row].id
    return person if about in rights and person in rights and rights[about].own != rights[person].own else about


def looked_at(finder: ExpertFinder, viewer: Viewer, *, limit: int = MOST_LINES) -> list[AuditEntry]:
    """What the audit log says about the viewer, the newest first; empty for the shared tier.

    Who looked is named as far as the viewer may find them.
    """
    if viewer.person not in finder.snapshot.rights:
        return []
    lines = finder.store.audit(subject=told_as(finder, viewer.person), limit=limit)
    named = {person.id for person in finder.people(viewer, ids=sorted({line.actor for line in lines}))}
    return [line if line.actor in named else replace(line, actor="") for line in lines]


def _found_for(finder: ExpertFinder, viewer: Viewer) -> tuple[str, list[Expertise]]:
    """The id by which everybody finds a viewer, and the topics for which; empty where not everybody may find them."""
    try:
        person = finder.person(viewer.person or "", SHARED).id
        return person, finder.expertise(person, SHARED, limit=TOPICS)
    except NotFound:
        return "", []


@dataclass(frozen=True, slots=True)
class Own:
    """A post that a person wrote and that counts as evidence of them."""

    post: str
    title: str
    kind: str
    at: datetime | None


def own_posts(finder: ExpertFinder, viewer: Viewer, *, limit: int) -> list[Own]:
    """The newest posts that the viewer wrote, may read, and that count as theirs. `Forbidden` for no person."""
    said_by(finder, viewer)
    seen = finder.whole.view(viewer)
    snapshot = seen.snapshot
    row, wrote = snapshot.person_rows[viewer.person or ""], snapshot.families.index("authored")
    found: list[tuple[float, Own]] = []
    for segment, may in seen.readable:
        acts = np.flatnonzero((segment.act_person == row) & (segment.act_family == wrote))
        for place in np.intersect1d(segment.posts_of(acts), may).tolist():
            day = float(segment.created[place])
            at = None if np.isnan(day) else day_of(day)
            found.append(
                (
                    -np.inf if at is None else day,
                    Own(segment.ids[place], segment.titles[place], segment.kinds[place], at),
                )
            )
    found.sort(key=lambda one: (-one[0], one[1].post))
    return [one for _, one in found[:limit]]
