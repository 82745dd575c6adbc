"""Who wishes not to be named for a question: for a topic of it, or just now. What a wish leaves out is as if absent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from expertfinder.ask.oneself.helped import Unhelped, lowered_for, read_unhelped, topics_of
from expertfinder.index.access import Lowered, View
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.people.wished import Wishes, read_wishes
from expertfinder.index.posts.concepts import words_of
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Query
from expertfinder.recommend.experts.spreading import OFTEN_WITHIN
from expertfinder.store import Routed, Store
from expertfinder.store.statements.wishes import Ask, Capacity

ASKED_WITHIN = timedelta(days=7)
"""How often somebody was asked is counted over so many days, the current one included."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The wishes of everybody in a snapshot, by the id of the person."""

    wishes: Wishes = field(default_factory=Wishes)
    capacity: Mapping[str, Capacity] = field(default_factory=dict)
    _unnamed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unhelped: Unhelped = field(default_factory=dict)
    encode: Encoder | None = None
    """Finds the topic of a question."""

    def willing(self, seen: View, query: Query) -> View:
        """The view without those who are not named for a topic of the question; the viewer stays to themselves.

        A topic is of the question where its text, a topic or a tag of it has the words of the topic in their order.
        Who did not help with a topic of it counts less in it.
        """
        if self.unhelped:
            seen = replace(seen, lowered=self._lowered(seen, query))
        if not self._unnamed:
            return seen
        said = [f" {words_of(text)} " for text in (query.text, *query.topics, *query.question_tags, *query.tags)]
        people = {
            person
            for topic, persons in self._unnamed.items()
            if any(f" {topic} " in text for text in said)
            for person in persons
        }
        rows = {seen.snapshot.person_rows[person] for person in people if person in seen.snapshot.person_rows}
        rows.discard(seen.snapshot.person_rows.get(seen.viewer.person or "", -1))
        if not rows:
            return seen
        shown, here = seen.people.copy(), seen.here.copy()
        shown[sorted(rows)] = here[sorted(rows)] = False
        return replace(seen, people=shown, here=here)

    def _lowered(self, seen: View, query: Query) -> dict[int, Lowered]:
        assert self.encode is not None
        return lowered_for(seen, topics_of(query, seen.snapshot, self.encode), self.unhelped)

    def unnamed_of(self, person: str) -> frozenset[str]:
        """The topics for which others do not find a person, as their words."""
        wished = self.wishes.of.get(person)
        return wished.unnamed if wished is not None else frozenset()

    @property
    def capped(self) -> bool:
        """Whether anybody wishes to be asked only so often."""
        return any(said.per_week >= 0 for said in self.capacity.values())

    def away(self, now: datetime, asks: Iterable[Ask | Routed]) -> frozenset[str]:
        """Who is not to be asked on this day: who pauses, and who was asked as often as they wish in seven days."""
        if not self.capacity:
            return frozenset()
        day, often = now.date().isoformat(), _counted(asks, now, ASKED_WITHIN)
        return frozenset(
            person
            for person, said in self.capacity.items()
            if said.paused_until > day or 0 <= said.per_week <= often[person]
        )

    def digest(self, seen: View) -> str:
        """Changes with the wishes that an answer to this viewer depends on; empty where there are none."""
        rows = seen.snapshot.person_rows
        shown = [
            f"{person} {sorted(self.unnamed_of(person))} {said.paused_until if said else ''}"
            for person in sorted({*self.wishes.of, *self.capacity})
            if person in rows and seen.people[rows[person]]
            for said in [self.capacity.get(person)]
            if self.unnamed_of(person) or (said and said.paused_until)
        ]
        less = [
            f"{topic} {person} {sorted(days.values())}"
            for topic, subjects in sorted(self.unhelped.items())
            for person, days in sorted(subjects.items())
            if person in rows and seen.people[rows[person]]
        ]
        return (f"|{shown}" if shown else "") + (f"|{less}" if less else "")


def asked_often(asks: Iterable[Ask | Routed], now: datetime, most: int) -> frozenset[str]:
    """Who was asked `most` times or more within `OFTEN_WITHIN`, this day among it."""
    return frozenset(person for person, count in _counted(asks, now, OFTEN_WITHIN).items() if count >= most)


def _counted(asks: Iterable[Ask | Routed], now: datetime, within: timedelta) -> Counter[str]:
    """How often each person was asked in so many days up to this one."""
    day, since = now.date().isoformat(), (now.date() - within).isoformat()
    return Counter(one.subject for one in asks if since < one.day <= day)


def read_consent(store: Store, snapshot: Snapshot, encode: Encoder) -> Consent:
    """The wishes that stand in a record, of the people of a snapshot."""
    identity = {record: snapshot.people[row].id for record, row in snapshot.person_rows.items()}
    wishes = read_wishes(store, identity, snapshot.concepts)
    stated = sorted(store.statements(Capacity), key=lambda one: one.at)
    capacity = {identity[one.person]: one for one in stated if one.person in identity}
    return Consent(wishes, capacity, wishes.unnamed(), read_unhelped(store, snapshot, encode), encode)
