"""Who works at the demo organisation: names, units, sites, bosses, days of joining and leaving."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import repeat
from random import Random
from typing import Literal

from expertfinder.ingest.demo.words import Words

Part = Literal["famous", "flooder", "core", "some", "silent", "newcomer", "leaver"]
"""How a person takes part. One in a hundred writes a great deal, nine write regularly, ninety little or nothing."""

CORE_SHARE = 0.09
"""Nine in a hundred write regularly (the 90-9-1 rule of participation; Nielsen 2006)."""
SILENT_SHARE = 0.45
"""Share of the people outside the loud ten percent who never write at all, but read and react."""
NEWCOMER_SHARE, LEAVER_SHARE = 0.05, 0.04
"""Shares of people who came late, and who left before the end. Chosen, not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person of the cast. `voice` is the weight with which the person is drawn as a writer."""

    id: str
    name: str
    title: str
    unit: str
    site: str
    languages: tuple[str, ...]
    manager: str
    part: Part
    voice: float
    joined_at: datetime
    left_at: datetime | None

    def here(self, at: datetime) -> bool:
        """Whether the person worked here at that time."""
        return self.joined_at <= at and (self.left_at is None or at < self.left_at)


def make_cast(words: Words, rng: Random, *, people: int, start: datetime, end: datetime) -> tuple[Member, ...]:
    """`people` members, by id. The heads of units come first; the first of them is the boss of the others."""
    units, sites = words.company["units"], words.company["sites"]
    names = [f"{given} {family}" for given in words.company["given"] for family in words.company["family"]]
    chosen = rng.sample(names, people)
    parts = _parts(rng, people, heads=len(units))
    members: list[Member] = []
    leads: dict[str, list[str]] = {unit["name"]: [] for unit in units}
    for number in range(people):
        head = number < len(units)
        unit = units[number] if head else rng.choices(units, [each["share"] for each in units])[0]
        site = rng.choices(sites, [each["share"] for each in sites])[0]
        seniors = leads[unit["name"]]
        boss = ("" if number == 0 else "m000") if head else rng.choice(seniors)
        person = f"m{number:03d}"
        # About one in eight leads a team: they are found among the first of each unit, so every boss exists already.
        if head or len(seniors) < people // 75:
            seniors.append(person)
        joined, left = _stay(parts[number], rng, start, end)
        members.append(
            Member(
                id=person,
                name=chosen[number],
                title=unit["head"] if head else rng.choice(unit["titles"]),
                unit=unit["name"],
                site=site["name"],
                languages=tuple(site["languages"]),
                manager=boss,
                part=parts[number],
                voice=_voice(parts[number], rng),
                joined_at=joined,
                left_at=left,
            )
        )
    return tuple(members)


def mail_of(member: Member, domain: str) -> str:
    """The e-mail address of a member: the name in plain letters. Names are unique, so addresses are unique, too."""
    plain = unicodedata.normalize("NFKD", member.name).encode("ascii", "ignore").decode().lower()
    return f"{plain.replace(' ', '.')}@{domain}"


def _parts(rng: Random, people: int, *, heads: int) -> list[Part]:
    """One part a person; heads of units are ordinary writers."""
    parts: list[Part] = ["famous", "famous", "flooder"]
    parts.extend(repeat("core", round(people * CORE_SHARE)))
    parts.extend(repeat("newcomer", round(people * NEWCOMER_SHARE)))
    parts.extend(repeat("leaver", round(people * LEAVER_SHARE)))
    parts.extend(repeat("silent", round((people - heads - len(parts)) * SILENT_SHARE)))
    parts.extend(repeat("some", people - heads - len(parts)))
    rng.shuffle(parts)
    parts[:0] = repeat("some", heads)
    return parts


def _voice(part: Part, rng: Random) -> float:
    if part == "core":
        return rng.uniform(7, 12)
    if part in ("famous", "flooder", "silent"):
        return 0.0  # Their posts are planted apart, or there are none.
    if part == "newcomer":
        return 0.6
    return 0.25 + min(rng.paretovariate(1.6) - 1, 2.5)


def _stay(part: Part, rng: Random, start: datetime, end: datetime) -> tuple[datetime, datetime | None]:
    """Days of joining and leaving, at eight in the morning."""
    span = (end - start).days
    if part == "newcomer":
        return end - timedelta(days=rng.randint(5, 58), hours=4), None
    joined = start - timedelta(days=rng.randint(30, 4000), hours=4)
    if part == "leaver":
        return joined, end - timedelta(days=rng.randint(60, span // 3), hours=-5)
    if part == "some" and rng.random() < 0.3:
        joined = start + timedelta(days=rng.randint(30, span * 2 // 3), hours=-4)
    return joined, None
