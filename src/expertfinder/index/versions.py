"""Digests of what each audience may read: what a viewer's version is the sum of (decision 0006)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from expertfinder.index.facts import DETECTED
from expertfinder.index.posts.segment import fact_digest
from expertfinder.model import Community, Person, Source
from expertfinder.policy import narrower


def people_digests(people: Iterable[Person], secret: bytes) -> dict[str, int]:
    """Key of an audience -> sum of the digests of the people who have it; the hidden count for nothing."""
    total: defaultdict[str, int] = defaultdict(int)
    for person in people:
        if not person.hidden:
            total[person.audience.key] += fact_digest(secret, person)
    return total


def community_digests(communities: Iterable[Community], people: Mapping[str, Person], secret: bytes) -> dict[str, int]:
    """Key of an audience -> sum of the digests of the communities it may read, and of each membership it may see.

    Who is in a community can be seen by who may read the community and find the person; a hidden one by nobody.
    Detected ones are left out: they are made of facts, at a fold, and a fold changes no fact.
    """
    total: defaultdict[str, int] = defaultdict(int)
    for community in communities:
        if community.source == DETECTED:
            continue
        total[community.audience.key] += fact_digest(secret, replace(community, members=(), leads=()))
        for name in (*community.members, *(f"leads {lead}" for lead in community.leads)):
            person = people.get(name.removeprefix("leads "))
            if person is not None and not person.hidden:
                key = narrower(community.audience, person.audience).key
                total[key] += fact_digest(secret, Source(id=f"{community.id} {name}"))
    return total
