"""The stage that posts and acts are made on: the cast by id, the plan, and draws from them by time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from expertfinder.ingest.demo.cast import Member
from expertfinder.ingest.demo.truth import Expert, Manner, Plan
from expertfinder.ingest.demo.words import Subject, Words

SHOWS: dict[str, dict[Manner, float]] = {
    "answer": {"answers": 4.0, "writes": 1.6, "moved_on": 9.0, "left": 5.0, "reviews": 0.12},
    "write": {"answers": 1.2, "writes": 4.0, "moved_on": 6.0, "left": 3.0, "reviews": 0.15},
    "review": {"answers": 0.8, "writes": 0.8, "moved_on": 3.0, "left": 1.5, "reviews": 7.0},
}
"""Act -> manner of an expert -> the weight by which such an expert is drawn for the act."""


@dataclass(slots=True, kw_only=True)
class Draft:
    """A post in the making. `group` and `private` narrow who may read it; `deep` marks an expert's own words.

    Number, kind, words and audience are filled in when its words are written.
    """

    author: str
    at: datetime
    subject: Subject
    kind: str = ""
    number: int = -1
    title: str = ""
    text: str = ""
    co_authors: tuple[str, ...] = ()
    aspects: tuple[int, ...] = ()
    parent: Draft | None = None
    names: str = ""
    community: str = ""
    group: str = ""
    private: bool = False
    deep: bool = False
    chatter: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything a writer of posts or acts looks up."""

    words: Words
    cast: tuple[Member, ...]
    plan: Plan
    start: datetime
    end: datetime
    rng: Random

    def member(self, person: str) -> Member:
        """The member with this id."""
        return self.cast[int(person[1:])]

    def day(self) -> datetime:
        """A moment in office hours, a little more often late than early: organisations write more every year."""
        span = (self.end - self.start).days
        days = self.rng.randrange(1, span)
        if self.rng.random() < 0.3:
            days = max(days, self.rng.randrange(1, span))
        at = self.start + timedelta(days=days)
        return at.replace(hour=self.rng.randint(6, 16), minute=self.rng.randrange(60), second=self.rng.randrange(60))

    def soon(self, at: datetime, *, hours: float = 30) -> datetime:
        """A moment after `at`, mostly within some multiples of `hours`, before the end."""
        later = at + timedelta(seconds=int(600 + self.rng.expovariate(1 / hours) * 3600))
        return later if later < self.end else at + (self.end - at) * self.rng.uniform(0.2, 0.8)

    def expert(self, subject: Subject, show: str, *, at: datetime, aspect: int) -> Expert | None:
        """An expert of the topic at that time, drawn by `SHOWS[show]`, aspect and grade; `None` where there is none."""
        fit = [e for e in self.plan.experts[subject.id] if e.since <= at < e.until]
        if not fit:
            return None
        weights = [SHOWS[show][e.manner] * (3.0 if aspect in e.aspects else 0.6) * (0.6 + 0.4 * e.grade) for e in fit]
        return self.rng.choices(fit, weights)[0]

    def someone(self, subject: Subject, at: datetime, *, without: Sequence[str] = ()) -> Member | None:
        """A member who may write about the topic at that time, drawn by voice; units at home in it weigh more."""
        pool = [m for m in self.cast if m.voice > 0 and m.here(at) and m.id not in without]
        if subject.group:
            inside = self.plan.groups[subject.group].members
            pool = [m for m in self.cast if m.id in inside and m.here(at) and m.id not in without]
        if not pool:
            return None
        weights = [(m.voice or 0.5) * (2.5 if m.unit in subject.units else 1.0) for m in pool]
        return self.rng.choices(pool, weights)[0]

    def dabbler(self, subject: Subject, at: datetime) -> Member | None:
        """One of those who talk about the topic without knowing it well."""
        pool = [m for person in self.plan.dabblers[subject.id] for m in [self.member(person)] if m.here(at)]
        return self.rng.choice(pool) if pool else self.someone(subject, at)

    def colleague(self, subject: Subject, at: datetime, *, without: Sequence[str] = ()) -> Member:
        """Somebody to name in a post: every other time one who knows the topic."""
        if self.rng.random() < 0.5:
            expert = self.expert(subject, "answer", at=at, aspect=0)
            if expert is not None and expert.person not in without:
                return self.member(expert.person)
        return self.someone(subject, at, without=without) or self.cast[0]
