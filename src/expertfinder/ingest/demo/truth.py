"""The truth that is planted before a word is written: who knows what, who binds whom, who belongs where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from random import Random
from typing import Literal

from expertfinder.ingest.demo.cast import Member
from expertfinder.ingest.demo.words import Subject, Words

Manner = Literal["answers", "writes", "reviews", "moved_on", "left"]
"""How an expert's knowledge shows: in answers, in writing, almost only in reviews, long ago, or until they left."""

STRONG, SOME = 2, 1
"""The two grades of a planted expert in the truth of the set: 2 knows a topic best, 1 knows some of it."""
MOST_TOPICS = 4
"""Nobody is an expert of more topics, or a member of more communities, than this."""
ASLEEP = timedelta(days=150)
"""Members of the community that fell asleep did nothing for so long: more than the 90 days that insights look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expert:
    """One person's planted knowledge of one topic: the aspects by number, and when it shows."""

    person: str
    grade: int
    manner: Manner
    aspects: tuple[int, ...]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A restricted group or a declared community."""

    id: str
    name: str
    about: str
    members: tuple[str, ...]
    leads: tuple[str, ...] = ()
    binders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole of the truth. Keys of `experts` and `dabblers` are topic ids, of `claims` person ids."""

    experts: dict[str, tuple[Expert, ...]]
    dabblers: dict[str, tuple[str, ...]]
    """People who talk about a topic without being experts of it."""
    claims: dict[str, tuple[str, ...]]
    """Skills that a person declares without any evidence."""
    groups: dict[str, Group]
    communities: dict[str, Group]
    pairs: dict[tuple[str, str], tuple[str, ...]]
    """Two units -> who binds them."""


def plant(words: Words, cast: Sequence[Member], rng: Random, *, start: datetime, end: datetime) -> Plan:
    """Decide the truth for this cast. Everything else is written from it."""
    planter = _Planter(words, cast, rng, start=start, end=end)
    groups = planter.groups()
    experts = {subject.id: planter.experts(subject, groups) for subject in words.subjects}
    dabblers = {subject.id: planter.dabblers(subject, experts[subject.id], groups=groups) for subject in words.subjects}
    return Plan(
        experts=experts,
        dabblers=dabblers,
        claims=planter.claims(experts),
        groups=groups,
        communities=planter.communities(experts),
        pairs=planter.pairs(),
    )


def asleep(words: Words, newest: Mapping[str, datetime], rng: Random, *, end: datetime) -> Group:
    """A community that fell asleep. `newest`: id of a person who is here -> when they last did something.

    Its members did nothing for `ASLEEP` days, each at another time; nobody binds it, and one of them led it.
    """
    told = words.company["dormant"]
    quiet = sorted(person for person, at in newest.items() if at < end - ASLEEP)
    members = tuple(sorted(rng.sample(quiet, min(told["size"], len(quiet)))))
    return Group(
        id=told["id"], name=told["name"], about=told["description"], members=members, leads=members[:1], binders=()
    )


class _Planter:
    def __init__(self, words: Words, cast: Sequence[Member], rng: Random, *, start: datetime, end: datetime) -> None:
        self.words, self.cast, self.rng, self.start, self.end = words, cast, rng, start, end
        self.busy: Counter[str] = Counter()
        self.settled = [member for member in cast if member.part in ("core", "some", "silent")]
        self.writers = [member for member in self.settled if member.part != "silent"]

    def groups(self) -> dict[str, Group]:
        found: dict[str, Group] = {}
        for group in self.words.company["groups"]:
            units = next(subject.units for subject in self.words.subjects if subject.group == group["id"])
            near = [m for m in self.settled if m.unit in units and not any(m.id in g.members for g in found.values())]
            members = self.rng.sample(near, min(group["size"], len(near)))
            found[group["id"]] = Group(
                id=group["id"], name=group["name"], about=group["about"], members=tuple(sorted(m.id for m in members))
            )
        return found

    def experts(self, subject: Subject, groups: dict[str, Group]) -> tuple[Expert, ...]:
        """Two to six experts who are here, and for every fourth topic one who has left."""
        rng = self.rng
        manners: list[tuple[Manner, int]] = [(rng.choice(("answers", "writes")), STRONG)]
        if rng.random() < 0.6:
            manners.append(("reviews", STRONG))
        elif rng.random() < 0.7:
            manners.append(("answers", STRONG))
        manners += [(rng.choice(("answers", "writes")), SOME) for _ in range(rng.randint(1, 2))]
        if rng.random() < 0.3:
            manners.append(("reviews", SOME))
        if rng.random() < 0.45 and not subject.group:
            manners.append(("moved_on", SOME))
        if rng.random() < 0.25 and not subject.group:
            manners.append(("left", 0))
        experts: list[Expert] = []
        for manner, grade in manners:
            taken = {expert.person for expert in experts}
            member = self._choose(subject, manner, taken=taken, groups=groups)
            since, until = max(self.start, member.joined_at), self.end
            if manner == "moved_on":
                until = self.start + (self.end - self.start) * rng.uniform(0.3, 0.45)
            if member.left_at is not None:
                until = member.left_at
            aspects = tuple(sorted(rng.sample(range(len(subject.aspects)), 3 if grade == STRONG else 2)))
            experts.append(
                Expert(person=member.id, grade=grade, manner=manner, aspects=aspects, since=since, until=until)
            )
            self.busy[member.id] += 1
        return tuple(experts)

    def _choose(self, subject: Subject, manner: Manner, *, taken: set[str], groups: dict[str, Group]) -> Member:
        rng = self.rng
        if manner == "left":
            pool = [member for member in self.cast if member.part == "leaver"]
        elif manner == "reviews":
            pool = [member for member in self.settled if member.part != "core"]
        elif rng.random() < 0.7:
            pool = [member for member in self.writers if member.part == "core"]
        else:
            pool = [member for member in self.writers if member.part == "some"]
        if manner == "moved_on":
            pool = [member for member in self.writers if member.joined_at < self.start]
        if subject.group:
            inside = groups[subject.group].members
            pool = [member for member in self.settled if member.id in inside]
        pool = [member for member in pool if member.id not in taken]
        free = [member for member in pool if self.busy[member.id] < MOST_TOPICS] or pool
        if subject.group or not free:
            return rng.choice(free or [member for member in self.writers if member.id not in taken])
        # Four of five experts sit in a unit that is at home in the topic.
        return rng.choices(free, [4.0 if member.unit in subject.units else 0.25 for member in free])[0]

    def dabblers(self, subject: Subject, experts: Sequence[Expert], *, groups: dict[str, Group]) -> tuple[str, ...]:
        known = {expert.person for expert in experts}
        pool = [member for member in self.writers if member.id not in known]
        if subject.group:
            inside = groups[subject.group].members
            return tuple(sorted(set(inside) - known))
        weights = [member.voice * (4.0 if member.unit in subject.units else 0.4) for member in pool]
        return tuple(dict.fromkeys(member.id for member in draw(self.rng, pool, weights=weights, count=9)))

    def claims(self, experts: dict[str, tuple[Expert, ...]]) -> dict[str, tuple[str, ...]]:
        """Every sixth person declares one or two skills that nothing supports."""
        shared = [subject for subject in self.words.subjects if not subject.group]
        found: dict[str, tuple[str, ...]] = {}
        for member in self.rng.sample(self.settled, len(self.cast) // 6):
            foreign = [each.id for each in shared if all(expert.person != member.id for expert in experts[each.id])]
            found[member.id] = tuple(sorted(self.rng.sample(foreign, self.rng.randint(1, 2))))
        return dict(sorted(found.items()))

    def communities(self, experts: dict[str, tuple[Expert, ...]]) -> dict[str, Group]:
        rng, found = self.rng, dict[str, Group]()
        joined: Counter[str] = Counter()
        here = [member for member in self.cast if member.part not in ("leaver", "flooder")]
        for community in self.words.company["communities"]:
            subjects = [subject for subject in self.words.subjects if subject.community == community["id"]]
            units = {unit for subject in subjects for unit in subject.units}
            known = {e.person for subject in subjects for e in experts[subject.id] if e.manner != "left"}
            members = {member.id for member in here if member.id in known and rng.random() < 0.85}
            pool = [member for member in here if member.id not in members and joined[member.id] < MOST_TOPICS]
            weights = [4.0 if member.unit in units else 0.6 for member in pool]
            size = max(10, round(len(self.cast) * rng.uniform(0.05, 0.1)))
            members |= {member.id for member in draw(rng, pool, weights=weights, count=size)}
            joined.update(members)
            fit = [member.id for member in self.writers if member.id in members]
            binders = rng.sample(fit, min(len(fit), rng.randint(2, 3)))
            others = sorted(members - set(binders))
            leads = [binders[0] if rng.random() < 0.75 else rng.choice(others)]
            if rng.random() < 0.5:
                leads.append(rng.choice(others))
            found[community["id"]] = Group(
                id=community["id"],
                name=community["name"],
                about=community["description"],
                members=tuple(sorted(members)),
                leads=tuple(dict.fromkeys(leads)),
                binders=tuple(sorted(binders)),
            )
        return found

    def pairs(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Each pair of units has one binder, who sits in one of the two."""
        units = [unit["name"] for unit in self.words.company["units"]]
        bench = {
            unit: self.rng.sample(near, min(3, len(near)))
            for unit in units
            for near in [[member.id for member in self.writers if member.unit == unit]]
        }
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for first, second in combinations(units, 2):
            home = self.rng.choice([unit for unit in (first, second) if bench[unit]])
            found[first, second] = (self.rng.choice(bench[home]),)
        return found


def draw(rng: Random, pool: Sequence[Member], *, weights: Sequence[float], count: int) -> list[Member]:
    """Up to `count` different members, drawn by weight (Efraimidis and Spirakis' keys: u ** (1 / weight))."""
    keyed = sorted(
        (
            (rng.random() ** (1 / weight), member.id, member)
            for member, weight in zip(pool, weights, strict=True)
            if weight > 0
        ),
        reverse=True,
        key=lambda each: each[:2],
    )
    return [member for _, _, member in keyed[:count]]
