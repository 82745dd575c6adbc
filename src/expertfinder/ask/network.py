"""Questions about the network: where people meet, who should carry it, whom to meet, what would leave with somebody.

Like every question they take a `Viewer`. What the network is made of is the shared tier's; whom and what it names is
what the viewer may find and read.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, wraps
from threading import Lock
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.unknown import nearest, offer, with_unknown
from expertfinder.configuration.languages import gettext, phrase
from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.index.access import View
from expertfinder.index.facts import ENDED
from expertfinder.index.network.view import NetworkView, Scored, network_view
from expertfinder.index.posts.concepts import in_singular, words_of
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Community, Query, Ranking, Viewer
from expertfinder.policy import may_read
from expertfinder.recommend.experts.confidence import NOTHING, TOO_LITTLE
from expertfinder.recommend.network.champion_set import NO_COMMUNITY, ChampionSet, Championship, candidates, champions
from expertfinder.recommend.network.champion_set import check as check_championship
from expertfinder.recommend.network.communities import (
    CommunityView,
    communities_for,
    communities_for_person,
    community_view,
    without_people,
)
from expertfinder.recommend.network.coverage import links_to_make
from expertfinder.recommend.network.export import Graph
from expertfinder.recommend.network.meet import (
    MENTORS_LOOKED_AT,
    Around,
    Tie,
    around,
    mentors,
    path,
    people_to_meet,
    similar_people,
    ties_of,
)
from expertfinder.recommend.network.risk import Risk, evidence_for_topics, risk_of, topics_at_risk
from expertfinder.recommend.network.roles import Role, roles_of
from expertfinder.recommend.network.teams import POOL, TeamFound, check, team

P = ParamSpec("P")
T = TypeVar("T")

VIEWS_KEPT = 16
"""Views of the network that are kept; fewer than ordinary views, since each holds matrices."""
MOST_COMMUNITIES = 100
"""An answer holds at most so many communities, as one of people holds at most a hundred people."""
NO_UNIT = "there is nobody of this unit for you, or of one of these: name it as profiles do"
WORDS_OF_A_PROFILE = 2_000
"""Characters of a profile that are compared with what others write."""


def _read_once(work: Callable[Concatenate[Networking, P], T]) -> Callable[Concatenate[Networking, P], T]:
    """A question that reads what is endorsed once, whatever it asks the finder beside."""

    @wraps(work)
    def asked(networking: Networking, /, *given: P.args, **named: P.kwargs) -> T:
        with networking.finder.endorsing.once():
            return work(networking, *given, **named)

    return asked


class Networking:
    """The network questions of a finder. Safe to share between threads."""

    def __init__(self, finder: ExpertFinder) -> None:
        self.finder = finder
        self._views: OrderedDict[str, NetworkView] = OrderedDict()
        self._described: tuple[Snapshot | None, Scored] = (None, {})
        self._lock = Lock()

    def _net(self, viewer: Viewer) -> NetworkView:
        seen = self.finder.whole.view(viewer)
        with self._lock:
            known = self._views.get(viewer.key)
            if known is not None and known.seen is seen:
                self._views.move_to_end(viewer.key)
                return known
        with self._lock:
            if self._described[0] is not seen.snapshot:
                self._described = (seen.snapshot, {})
            described = self._described[1]
        made = network_view(seen, described=described)
        with self._lock:
            self._views[viewer.key] = made
            while len(self._views) > VIEWS_KEPT:
                self._views.popitem(last=False)
        return made

    def _willing(self, net: NetworkView, topic: str) -> NetworkView:
        """The network without those who are not named for a topic."""
        willing, query = self._put(net, Query(text=topic))
        return net if willing is net.seen and not query.filtered else network_view(willing, query)

    def _put(self, net: NetworkView, query: Query) -> tuple[View, Query]:
        """The view without those who are not named for a question, and the question as it is put to it."""
        finder, willing = self.finder, self.finder.willing(net.seen, query)
        return willing, finder.endorsing.put(query, willing, finder.now().date())

    def version(self, viewer: Viewer) -> str:
        """A text that changes when the network or what this viewer may read changes."""
        body = f"{self.finder.version(viewer)}|{self.finder.snapshot.manifest.network}"
        return hashlib.blake2b(body.encode(), digest_size=12).hexdigest()

    def askers(self, viewer: Viewer) -> np.ndarray:
        """int64 [people]: how many different people turned to each of those who may be named, by the shared tier."""
        turned = self._net(viewer).turned_to
        return np.bincount(turned.indices[turned.data > 0], minlength=turned.shape[1])

    def _person(self, net: NetworkView, person: str) -> int:
        row = net.seen.snapshot.person_rows.get(person)
        if row is None or not net.seen.people[row]:
            raise NotFound("there is no such person for you: an id is source:id, as answers name people")
        return row

    def _column(self, net: NetworkView, community: str) -> int:
        column = net.row(community)
        if column is None:
            once = next((each for each in net.seen.snapshot.communities if each.id == community), None)
            if once is not None and once.kind == ENDED and may_read(once.audience, net.seen.viewer):
                raise NotFound(f"this community is no more. {once.description}")
            # The error does not repeat what was asked for: what may not be read is answered like what does not exist.
            known = [name for each in net.communities for name in (each.id, each.name)]
            raise _not_found(NO_COMMUNITY, community, known)
        return column

    def _grounds(self, query: Query, viewer: Viewer) -> str | None:
        """Why there is too little in the shared tier to say anything about a question; `None` where there is enough.

        What communities and champions of a topic are made of is held to the same floor as experts are. That nobody did
        anything which one may read is not said to a viewer who may read more.
        """
        why = self.finder.find(replace(query, limit=1), Viewer()).abstained
        return TOO_LITTLE() if why == NOTHING() and viewer.key != Viewer().key else why

    # --- where do such people meet -----------------------------------------------------------------------------------

    @_read_once
    def communities(
        self, viewer: Viewer, *, query: Query | None = None, person: str | None = None, limit: int = 5
    ) -> Ranking:
        """Communities for a question, or for a person who is not in them, best first. One of the two is given.

        `limit` is for a person; a question has its own.
        """
        net = self._net(viewer)
        if (query is None) == (person is None):
            raise InvalidQuestion(gettext("communities are for a question or for a person: give one of them"))
        limit = limit if query is None else query.limit
        if not 1 <= limit <= MOST_COMMUNITIES:
            raise InvalidQuestion(
                phrase("an answer holds 1 to {communities} communities", communities=MOST_COMMUNITIES), limit=limit
            )
        if query is not None:
            if not query.whole_text.strip():
                raise InvalidQuestion(gettext("the question is empty: say in a few words what it is about"))
            willing, asked = self._put(net, query)
            if asked.filtered or asked.of_some or willing is not net.seen:
                net = network_view(willing, asked)
            found = with_unknown(willing, asked, communities_for(net, asked, thin=self._grounds(query, viewer)))
            found = replace(self.finder.endorsing.told(asked, found), query=query)
        else:
            found = communities_for_person(net, self._person(net, person or ""), limit=limit)
        return replace(found, version=self.version(viewer))

    def all_communities(self, viewer: Viewer) -> list[tuple[Community, int]]:
        """Every community that the viewer may read and that still is, with its size; the largest first."""
        net = self._net(viewer)
        size = net.sizes()
        order = sorted(range(len(size)), key=lambda c: (-int(size[c]), net.communities[c].id))
        return [(without_people(net, column), int(size[column])) for column in order]

    def communities_named(self, viewer: Viewer, *, ids: Sequence[str]) -> list[tuple[Community, int]]:
        """Those of `ids` that the viewer may read and that still are, in the order given, without people, and sizes."""
        net = self._net(viewer)
        columns = [column for each in ids if (column := net.row(each)) is not None]
        size = net.sizes()
        return [(without_people(net, column), int(size[column])) for column in columns]

    def communities_of(self, person: str, viewer: Viewer) -> list[Community]:
        """The communities that a person is in, by id, without their people."""
        net = self._net(viewer)
        row = self._person(net, person)
        columns = net.member[[row]].indices.tolist()
        return [without_people(net, column) for column in sorted(columns)]

    def community(self, community: str, viewer: Viewer) -> CommunityView:
        """One community with its people and what binds it. `NotFound` where the viewer has no such one."""
        net = self._net(viewer)
        return community_view(net, self._column(net, community))

    # --- who should carry it -----------------------------------------------------------------------------------------

    @_read_once
    def champions(self, asked: Championship, viewer: Viewer) -> ChampionSet:
        """A set of champions with reach. `NotFound` for what the viewer has not, `InvalidQuestion` for odd wishes."""
        net = self._checked(asked, viewer)
        nobody = self._nobody(asked, viewer)
        found = champions(net, asked) if nobody is None else ChampionSet(ranking=nobody)
        return replace(found, ranking=replace(found.ranking, version=self.version(viewer)))

    @_read_once
    def candidates(self, asked: Championship, viewer: Viewer) -> Ranking:
        """Everybody who can be in the set that `champions` gives, by their own score, best first.

        No door gives it away whole; it is what an evaluation measures. Raises what `champions` does.
        """
        net = self._checked(asked, viewer)
        nobody = self._nobody(asked, viewer)
        found = candidates(net, asked) if nobody is None else nobody
        return replace(found, version=self.version(viewer))

    def _checked(self, asked: Championship, viewer: Viewer) -> NetworkView:
        """The network of the viewer, after what was asked for has been found in it."""
        check_championship(asked)
        net = self._willing(self._net(viewer), asked.topic)
        for person in (*asked.already, *asked.nominated):  # somebody who declined may have left since
            self._person(net, person)
        if asked.community:
            self._column(net, asked.community)
        here = {net.seen.snapshot.people[row].org_unit for row in np.flatnonzero(net.seen.here).tolist()}
        folded = {unit.lower() for unit in here}
        for unit in asked.units:
            if unit.strip().lower() not in folded:
                raise _not_found(NO_UNIT, unit, here)
        return net

    def _nobody(self, asked: Championship, viewer: Viewer) -> Ranking | None:
        """The answer where there is too little in the shared tier about the topic; `None` where there is enough."""
        if not asked.topic.strip() or (thin := self._grounds(Query(text=asked.topic), viewer)) is None:
            return None
        return Ranking(query=Query(text=asked.topic, limit=asked.size), abstained=thin)

    def roles(self, person: str, viewer: Viewer) -> tuple[Role, ...]:
        """What a person is for the others."""
        net = self._net(viewer)
        return roles_of(net, self._person(net, person), _families())

    # --- whom to meet ------------------------------------------------------------------------------------------------

    def around(self, person: str, viewer: Viewer) -> Around:
        """A person's neighbourhood."""
        net = self._net(viewer)
        return around(net, self._person(net, person))

    def ties_among(self, people: Sequence[str], viewer: Viewer) -> list[Tie]:
        """The ties among those of some people whom the viewer may find, each once, by the ids of the two."""
        net = self._net(viewer)
        rows = [net.seen.snapshot.person_rows.get(person) for person in people]
        return ties_of(net, sorted({row for row in rows if row is not None and net.seen.here[row]}))

    def introductions(self, people: Sequence[str], viewer: Viewer) -> list[tuple[str, str]]:
        """Pairs of some people who should meet, the smaller id first: no tie yet, fewest common contacts first."""
        net = self._net(viewer)
        rows = sorted(self._person(net, person) for person in people)
        known = net.seen.snapshot.people
        pairs = (sorted((known[i].id, known[j].id)) for i, j in links_to_make(net.mutual, rows))
        return [(one, other) for one, other in pairs]

    def path(self, start: str, goal: str, viewer: Viewer) -> tuple[str, ...]:
        """Whom to ask through: ids from one person to another; empty where no short way leads there."""
        net = self._net(viewer)
        return path(net, self._person(net, start), self._person(net, goal))

    def people_to_meet(self, person: str, viewer: Viewer, *, limit: int = 3) -> Ranking:
        """People whom somebody has no tie with yet, each with the link that makes it natural."""
        net = self._net(viewer)
        row = self._person(net, person)
        found = people_to_meet(net, row, interests=self._compared(net, row), limit=limit)
        return replace(found, version=self.version(viewer))

    def _compared(self, net: NetworkView, row: int) -> np.ndarray | None:
        """The vectors for somebody of whom the network knows none: the encoder's, of posts and of the profile."""
        if net.vectors[row].any():
            return None
        snapshot = net.seen.snapshot
        person = snapshot.people[row]
        words = " ".join((person.title, *person.skills, person.bio, person.org_unit)).strip()
        centre = np.zeros((net.people, snapshot.standing.centre.shape[1]))
        centre[: len(snapshot.standing.centre)] = snapshot.standing.centre
        centre[row] = self.finder.encoder.encode([words[:WORDS_OF_A_PROFILE]])[0] if words else 0.0
        return np.asarray(centre * net.seen.here[:, None], np.float64)

    def with_part_in(self, topics: Sequence[str], viewer: Viewer) -> dict[str, tuple[str, frozenset[int]]]:
        """By the word a topic was asked with, its label and the rows of the people with a part in posts under it.

        What is no topic is left out.
        """
        net = self._net(viewer)
        labels = net.seen.snapshot.topics.labels
        columns = {words_of(label): row for row, label in enumerate(labels)}
        posts = net.topics().tocsc()
        known = {topic: columns[words] for topic in topics if (words := words_of(topic)) in columns}
        return {topic: (labels[at], frozenset(posts[:, [at]].indices.tolist())) for topic, at in known.items()}

    @_read_once
    def mentors(self, person: str, text: str, viewer: Viewer, *, limit: int = 3) -> Ranking:
        """Who could teach somebody a topic."""
        net = self._net(viewer)
        row = self._person(net, person)
        asked = Query(text=text, asker=net.seen.snapshot.people[row].id, limit=MENTORS_LOOKED_AT)
        found = mentors(net, row, self.finder.find(asked, viewer), limit=limit)
        return replace(found, version=self.version(viewer))

    def similar(self, person: str, viewer: Viewer, *, limit: int = 5) -> list[tuple[str, float]]:
        """People whose interests are nearest, with the cosine."""
        net = self._net(viewer)
        return similar_people(net, self._person(net, person), limit=limit)

    def graph(self, viewer: Viewer) -> Graph:
        """The whole network as the viewer sees it, to be written into a file."""
        return Graph(self._net(viewer))

    # --- teams, risk -------------------------------------------------------------------------------------------------

    @_read_once
    def team(self, skills: Sequence[str], viewer: Viewer, *, redundancy: int = 1) -> TeamFound:
        """A group that covers several skills. Who has a skill is what `find` says, so a skill may be left uncovered."""
        net = self._net(viewer)
        rows = net.seen.snapshot.person_rows
        check(skills, redundancy)
        scored: list[list[tuple[int, float]]] = []
        for skill in skills:
            found = self.finder.find(Query(text=skill, limit=POOL), viewer)
            # A person may have been added between the two reads.
            scored.append([(rows[one.subject], one.score) for one in found.recommendations if one.subject in rows])
        return replace(team(net, skills, scored, redundancy=redundancy), version=self.version(viewer))

    def team_of(self, skills: Sequence[str], able: Sequence[Sequence[str]], viewer: Viewer) -> tuple[str, ...]:
        """Ids of a team that covers what can be covered of several skills. `able`: who has each, the best first."""
        net = self._net(viewer)
        rows = net.seen.snapshot.person_rows
        scored = [[(rows[one], 1.0) for one in people if one in rows] for people in able]
        return tuple(member.person for member in team(net, skills, scored).members)

    def risk(self, topic: str, viewer: Viewer) -> Risk:
        """How the evidence for a topic (`topic:label` or the label) is spread. `NotFound` for no such topic."""
        found = self.risks_of([topic], viewer)
        if topic not in found:
            raise NotFound("there is no such topic: the list of topics names them")
        return found[topic]

    def risks_of(self, topics: Sequence[str], viewer: Viewer, *, grow: bool = True) -> dict[str, Risk]:
        """The same of several, by the word they were asked with; those that are no topics are left out.

        `grow`: also who could grow into each, which takes a look at everybody.
        """
        net = self._net(viewer)
        if len(topics) == 1:
            net = self._willing(net, topics[0].removeprefix("topic:"))
        rows = net.once(_topic_rows)
        called = net.seen.snapshot.concepts.named
        wanted = {topic: in_singular(words_of(called(topic.removeprefix("topic:")))) for topic in topics}
        known = {topic: rows[label] for topic, label in wanted.items() if label in rows}
        if not known:
            return {}
        evidence = evidence_for_topics(net)  # of every topic at once: not again for each
        return {topic: risk_of(net, row, evidence, grow=grow) for topic, row in known.items()}

    def risks(self, viewer: Viewer, *, limit: int = 10) -> list[Risk]:
        """Topics most of whose evidence is one person's, the busiest first."""
        return topics_at_risk(self._net(viewer), limit=limit)


def _topic_rows(net: NetworkView) -> dict[str, int]:
    """The words of each topic, in the singular -> its row."""
    rows: dict[str, int] = {}
    for row, label in enumerate(net.seen.snapshot.topics.labels):
        rows.setdefault(in_singular(words_of(label)), row)
    return rows


def _not_found(detail: str, asked: str, known: Iterable[str]) -> NotFound:
    """The error about a name that nothing has which the viewer may read, with the nearest that something has."""
    names = list(known)
    near = tuple(nearest(asked, names))
    return NotFound(f"{detail}. {offer(asked, names)}".removesuffix(". "), nearest=near or None)


@cache
def _families() -> dict[str, str]:
    return {verb.name: verb.family for verb in vocabulary().verbs.values()}
