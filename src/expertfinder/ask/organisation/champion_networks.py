"""A chosen set of champions, kept as a community of its own: whom of it to introduce, and what became of that.

It is read by who keeps it and by who is in it, and by nobody else: to be proposed is no public matter. Who keeps it
ends it; who is in it leaves when they wish.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.ask.oneself.me import records_of
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.model import NOBODY, Audience, Community, Source, Viewer
from expertfinder.recommend.network.champion_set import MOST
from expertfinder.store import Introduction
from expertfinder.store.statements import CHAMPIONS as SOURCE

LONGEST_NAME = 100
"""Characters of the name of a kept set: a heading of one line or two."""
FEWEST = 2
"""One champion is no set: there is nobody to introduce them to."""
MOST_KEPT = 20
"""So many sets one person keeps; more are a register of people, not networks that somebody cares for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced:
    """Two people who were to meet, by id, and what became of it."""

    one: str
    other: str
    since: datetime
    """When it was suggested."""
    met: bool
    """Whether they have a tie by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A kept set as one viewer sees it."""

    community: Community
    mine: bool
    """Whether the viewer keeps it; otherwise they are in it."""
    introductions: tuple[Introduced, ...]


class ChampionNetworks:
    """The kept sets of one finder. Safe to share between threads."""

    def __init__(self, finder: ExpertFinder, network: Networking) -> None:
        self._finder = finder
        self._network = network

    def keep(self, name: str, people: Sequence[str], viewer: Viewer) -> Kept:
        """Keep a set. Raises `Forbidden` for who is no person, `NotFound`, `InvalidQuestion`."""
        records_of(self._finder, viewer)
        called, me = " ".join(name.split()), self._finder.person(viewer.person or "", viewer).id
        if not called or len(called) > LONGEST_NAME:
            raise InvalidQuestion(f"a kept set has a name of 1 to {LONGEST_NAME} characters")
        chosen = tuple(sorted({self._finder.person(one, viewer).id for one in people}))
        if not FEWEST <= len(chosen) <= MOST:
            raise InvalidQuestion(f"a kept set has {FEWEST} to {MOST} champions")
        if sum(one.mine for one in self.listed(viewer)) >= MOST_KEPT:
            raise InvalidQuestion(f"you keep {MOST_KEPT} sets already: end one first")
        readers = tuple(dict.fromkeys((viewer.person or "", me, *chosen)))
        made = Community(
            id=f"{SOURCE}:{secrets.token_urlsafe(9)}",
            source=SOURCE,
            name=called,
            members=chosen,
            leads=(me,),
            audience=Audience("private", people=readers),
        )
        private = Source(id=SOURCE, audience=Audience("private"), description="Sets of champions that people keep")
        self._finder.store.apply([private, made])
        for one, other in self._network.introductions(chosen, viewer):
            said = Introduction(community=made.id, one=one, other=other, at=self._finder.now())
            self._finder.store.state(said)
        self._finder.refresh()
        return self.one(made.id, viewer)

    def listed(self, viewer: Viewer) -> list[Kept]:
        """The sets that the viewer keeps or is in, by name. `Forbidden` for who is no person."""
        mine = records_of(self._finder, viewer)
        ids = [one.id for one, _ in self._network.all_communities(viewer) if one.source == SOURCE]
        found = [self._kept(one, mine, viewer) for one in self._finder.store.get("community", ids)]
        return sorted(found, key=lambda one: (one.community.name, one.community.id))

    def one(self, community: str, viewer: Viewer) -> Kept:
        """One of them. `NotFound` where the viewer has no such one, `Forbidden` for who is no person."""
        found = next((one for one in self.listed(viewer) if one.community.id == community), None)
        if found is None:
            raise NotFound("there is no such kept set for you")
        return found

    def leave(self, community: str, viewer: Viewer) -> None:
        """End a set that one keeps, or leave one that one is in. Raises as `one`."""
        kept, me = self.one(community, viewer), self._finder.person(viewer.person or "", viewer).id
        for said in self._said(community):
            if kept.mine or me in (said.one, said.other):
                self._finder.store.retract(said)
        (there,) = self._finder.store.get("community", [community])
        gone = {me, viewer.person}
        if kept.mine:
            self._finder.store.delete("community", [community])
        else:
            readers = tuple(one for one in there.audience.people if one not in gone)
            members = tuple(one for one in there.members if one not in gone)
            self._finder.store.apply([replace(there, members=members, audience=Audience("private", people=readers))])
        self._finder.refresh()

    def _said(self, community: str) -> list[Introduction]:
        return [one for one in self._finder.store.statements(Introduction) if one.community == community]

    def _kept(self, community: Community, mine: Collection[str], viewer: Viewer) -> Kept:
        seen = {one.id for one in self._finder.people(viewer, ids=[*community.members, *community.leads])}
        members = tuple(one for one in community.members if one in seen)
        leads = tuple(one for one in community.leads if one in seen)
        tied = {(tie.person, tie.other) for tie in self._network.ties_among(members, viewer)}
        return Kept(
            community=replace(community, members=members, leads=leads, audience=NOBODY),
            mine=any(lead in mine for lead in community.leads),
            introductions=tuple(
                Introduced(one=one.one, other=one.other, since=one.at, met=(one.one, one.other) in tied)
                for one in self._said(community.id)
                if one.one in seen and one.other in seen
            ),
        )
