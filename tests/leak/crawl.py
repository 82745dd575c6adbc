"""Everything that can be asked, asked as one viewer: by the finder and through every reading route of the HTTP door."""

from __future__ import annotations

import asyncio
import atexit
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import httpx
import orjson
from fastapi import FastAPI
from tests.leak.worlds import COMMUNITIES, LAST, SECRET_TAGS, SECRET_WORDS, TAGS, WORDS, World, key_of
from tests.neo4j.served import served

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.ask.network import Networking
from expertfinder.ask.oneself.me import records_of
from expertfinder.ask.oneself.questions import Questions
from expertfinder.ask.oneself.subscriptions import Subscriptions
from expertfinder.ask.organisation.champion_networks import ChampionNetworks
from expertfinder.ask.organisation.choices import Choosing
from expertfinder.ask.organisation.demand import Demand
from expertfinder.ask.organisation.insights import Insights
from expertfinder.ask.organisation.talent import Talent
from expertfinder.ask.provisioning import Provisioning
from expertfinder.ask.subjects import Subjects
from expertfinder.ask.suggest import find_people, suggest
from expertfinder.errors import ExpertFinderError
from expertfinder.http import Options, create_app, new_key
from expertfinder.http.badges import Signing
from expertfinder.http.context import Door
from expertfinder.http.middleware.allowance import Allowance, Buckets
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.people.wished import words_of
from expertfinder.model import Audience, Community, Fact, Person, Post, Query, Viewer
from expertfinder.policy import may_read
from expertfinder.recommend.network.champion_set import Championship
from expertfinder.store import (
    Introduction,
    Key,
    Nomination,
    Pilot,
    PostState,
    PutQuestion,
    Regulated,
    RoleProfile,
    Routed,
    Subscription,
)
from expertfinder.store.statements import CHAMPIONS
from expertfinder.store.statements.concepts import Concept, ConceptScheme, pack
from expertfinder.store.statements.organisation import folded

if TYPE_CHECKING:
    from scripts.neo4j.server import Server

AS_OF = date(2026, 3, 2)
SECRET = b"the same in both worlds, so that versions can be compared".ljust(64)[:32]
MEMORY = Path("/dev/shm")
"""Where a home lives for the moment it is asked: crashes are tested elsewhere, and a disk that syncs is slow."""
PURPOSES = ("staffing",)
TOKEN = "ef_crawler_0123456789abcdef"
MASKED = re.compile(
    rb'"head":"[0-9a-f]*"|"instance":"urn:uuid:[0-9a-f-]{36}"|<code>[0-9a-f-]{36}</code>|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}'
)

Request = tuple[str, str, dict[str, Any]]
"""Method, URL, what else the client sends."""
Answers = dict[str, bytes]
Calls = dict[str, Callable[[], object]]
"""What was asked -> the whole answer, without the id of the request."""


_networks: dict[int, Networking] = {}


def network_of(finder: ExpertFinder) -> Networking:
    """The one network over a finder: what one viewer leaves behind in it, the next one meets."""
    if id(finder) not in _networks:
        _networks[id(finder)] = Networking(finder)
    return _networks[id(finder)]


@contextmanager
def opened_in(server: Server, facts: Sequence[Fact]) -> Iterator[ExpertFinder]:
    """A finder over these facts, whose record and index a real Neo4j holds; it is emptied first."""
    with tempfile.TemporaryDirectory() as folder, served(server, facts, Path(folder), as_of=AS_OF) as finder:
        try:
            yield finder
        finally:
            _networks.pop(id(finder), None)


@contextmanager
def opened(facts: Sequence[Fact], *, build: bool = True) -> Iterator[ExpertFinder]:
    """A finder over a home of these facts, indexed (`build`) on the day `AS_OF`; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="leak-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        (folder / "secret").write_bytes(SECRET)
        home = Home(folder)
        store = home.open_store()
        store.apply(facts)
        finder = ExpertFinder(home, store, encode=encoder(DEFAULT))
        if build:
            rebuild(finder)
        try:
            yield finder
        finally:
            _networks.pop(id(finder), None)
            finder.close()
    finally:
        shutil.rmtree(folder)


def rebuild(finder: ExpertFinder) -> None:
    """Fold everything into a new snapshot, and answer from it."""
    finder.home.build_index(finder.store, encode=encoder(DEFAULT), as_of=AS_OF)
    finder.refresh()


# --- questions -------------------------------------------------------------------------------------------------------


def questions(world: World) -> list[Query]:
    """Questions of every form; some in the words of an open post, some in words that stand in restricted posts only."""
    number = sum(world.name.encode())
    word = [WORDS[(number * 7 + i * 11) % len(WORDS)] for i in range(6)]
    secret = SECRET_WORDS[number % len(SECRET_WORDS)]
    open_text, closed_text = (_words_of(world, number, secret=kept) for kept in (False, True))
    return [
        Query(text=open_text or word[0]),
        Query(text=closed_text or f"{secret} {word[3]}"),
        Query(text=secret, topics=(word[0], "infra"), availability="mornings"),
        Query(text=word[4], topics=("projectx",), place="Lisbon", language="en"),
        Query(text=" ".join(WORDS), limit=3),
        Query(
            text=f"{open_text} {word[1]}",
            kinds=("answer", "document"),
            since=datetime(2025, 6, 1, tzinfo=UTC),
            zone="Europe/Lisbon",
        ),
        Query(
            text=" ".join((*SECRET_WORDS[:2], *WORDS[number % 7 :: 2])),
            tags=(TAGS[number % 5], TAGS[1], SECRET_TAGS[0]),
        ),
    ]


def typed(world: World) -> list[str]:
    """What somebody types who looks for people: names, parts of them, a slip, titles, units, words of secrets."""
    number = sum(world.name.encode())
    secret = SECRET_WORDS[number % len(SECRET_WORDS)]
    return ["an", "cleo marsh", "Bem Linf", "marhs", "p1", "Platform", WORDS[number % 40], secret, secret[:-1] + "x"]


def _words_of(world: World, number: int, *, secret: bool) -> str:
    """The first words of one of the posts that are secret, or are not."""
    texts = [
        f"{fact.title} {fact.text}".strip()
        for fact in world.facts
        if isinstance(fact, Post) and (key_of(fact) in world.secret) == secret and fact.text
    ]
    return " ".join(texts[number % len(texts)].split()[:6]) if texts else ""


def _tried(work: Callable[[], object]) -> bytes:
    """An answer of the finder as bytes; a refusal is an answer."""
    try:
        return orjson.dumps(_plain(work()), default=list)  # a named tuple is a list
    except ExpertFinderError as error:
        return f"{type(error).__name__}: {error.detail}".encode()


def _plain(answer: object) -> object:
    if isinstance(answer, list | tuple):
        return [_plain(one) for one in answer]
    if isinstance(answer, str | int | float):
        return answer
    found = asdict(answer)  # type: ignore[call-overload]
    found.pop("query", None)
    found.get("ranking", {}).pop("query", None)
    return found


def ask(finder: ExpertFinder, world: World, viewer: Viewer, *, only: tuple[str, ...] = ("",)) -> Answers:
    """Every question in the process, as `viewer`; with `only` those whose names begin so."""
    calls = _calls(finder, world, viewer) | _calls_of_network(network_of(finder), world, viewer)
    return {asked: _tried(call) for asked, call in calls.items() if asked.startswith(only)}


def _calls(finder: ExpertFinder, world: World, viewer: Viewer) -> Calls:
    """What is asked -> the call, for all but the network."""
    asked = questions(world)
    people = world.ids(Person)
    calls: Calls = {"version": lambda: finder.version(viewer)}
    for i, query in enumerate(asked):
        calls[f"find {i}"] = lambda query=query: finder.find(query, viewer)
    for i, person in enumerate(people):
        query = asked[i % len(asked)]
        calls[f"explain {person}"] = lambda p=person, q=query: finder.explain(q, p, viewer)
        calls[f"assess {person}"] = lambda p=person, q=query: finder.assess(q, p, viewer)
        calls[f"person {person}"] = lambda p=person: finder.person(p, viewer)
        calls[f"expertise {person}"] = lambda p=person: finder.expertise(p, viewer)
    for text in typed(world):
        calls[f"suggest {text}"] = lambda t=text: suggest(finder, t, viewer)
        calls[f"people called {text}"] = lambda t=text: find_people(finder, t, viewer)
        calls[f"find whom {text} names"] = lambda t=text: finder.find(Query(text=t), viewer)
    calls["people"] = lambda: finder.people(viewer, ids=people)
    for prefix in ("", "k", "in", "project", SECRET_WORDS[0][:3]):
        calls[f"topics {prefix}"] = lambda p=prefix: finder.topics(viewer, prefix=p)
    for post in world.ids(Post):
        calls[f"post {post}"] = lambda p=post: finder.post(p, viewer)
    return calls


def _calls_of_network(network: Networking, world: World, viewer: Viewer) -> Calls:
    """What is asked -> the call, about the network."""
    asked = questions(world)
    people = world.ids(Person)
    calls: Calls = {
        "network version": lambda: network.version(viewer),
        "communities": lambda: network.all_communities(viewer),
        "risks": lambda: network.risks(viewer, limit=100),
    }
    for i, query in enumerate(asked[:3]):
        calls[f"communities {i}"] = lambda q=query: network.communities(viewer, query=q)
        calls[f"champions of words {i}"] = lambda q=query: network.champions(Championship(topic=q.text, size=3), viewer)
    for community in communities_of(network, world, viewer):
        calls[f"community {community}"] = lambda c=community: network.community(c, viewer)
        calls[f"champions {community}"] = lambda c=community: network.champions(
            Championship(community=c, size=2), viewer
        )
    for units in ((), ("Platform",), ("Finance", "Platform")):
        wanted = Championship(units=units, size=3, one_per_unit=True, unwilling=(people[-1],))
        calls[f"champions {units}"] = lambda w=wanted: network.champions(w, viewer)
    for i, person in enumerate(people):
        other = people[(i * 7 + 3) % len(people)]
        calls[f"around {person}"] = lambda p=person: network.around(p, viewer)
        if i % 3 == len(people) % 3:  # each looks at every community of the person
            calls[f"roles {person}"] = lambda p=person: network.roles(p, viewer)
        calls[f"in {person}"] = lambda p=person: network.communities_of(p, viewer)
        calls[f"path {person}"] = lambda p=person, o=other: network.path(p, o, viewer)
        calls[f"meet {person}"] = lambda p=person: network.people_to_meet(p, viewer, limit=20)
        calls[f"similar {person}"] = lambda p=person: network.similar(p, viewer)
        calls[f"communities {person}"] = lambda p=person: network.communities(viewer, person=p)
    calls["mentors"] = lambda: network.mentors(people[0], asked[0].text, viewer)
    for i, skills in enumerate(([asked[0].text, asked[1].text], [*SECRET_WORDS[:2], *WORDS[:2]])):
        calls[f"team {i}"] = lambda s=skills: network.team(s, viewer, redundancy=2)
    for label in (*TAGS, *SECRET_TAGS):
        calls[f"risk {label}"] = lambda t=label: network.risk(t, viewer)
    return calls


def communities_of(network: Networking, world: World, viewer: Viewer) -> list[str]:
    """Ids of communities: those of the world, whoever may read them, and those that were detected."""
    detected = [one.id for one, _ in network.all_communities(viewer) if one.kind == "detected"]
    return [*world.ids(Community), *detected]


# --- HTTP ------------------------------------------------------------------------------------------------------------


PUT = {True: " ".join(SECRET_WORDS[:2]), False: " ".join(WORDS[:4])}
"""What is asked in a community: that is a secret, and any other."""
FEEDS = {"topic": TAGS[0], "community": "a:guild-0", "question": "q1"}
"""Keys of feeds of the outsider, and what they follow."""


def _say_of_the_organisation(finder: ExpertFinder, world: World, known: Collection[str]) -> None:
    """Roles, a pilot and a vocabulary, and a set of champions that the insider keeps: the outsider and everybody there
    are in it."""
    for word in WORDS:
        finder.store.state(RoleProfile(role=folded(word), label=word, topics=(*TAGS, *SECRET_TAGS), at=LAST))
    finder.store.state(Pilot(name="A trial", units=("Finance",), communities=(), since="2025-12-01", at=LAST))
    concepts = pack(Concept(id=word, labels=(f"{word}@en",)) for word in (*WORDS[:3], *SECRET_WORDS[:3]))
    finder.store.state(
        ConceptScheme(name="own", file="own.csv", language="en", by=world.insider, packed=concepts, at=LAST)
    )
    people = tuple(sorted({one for one in world.ids(Person) if one in known}))
    readers = tuple(one for one in (world.insider, world.outsider) if one)
    only = Audience("private", people=readers)
    kept = Community(
        id=f"{CHAMPIONS}:kept", source=CHAMPIONS, name="Kept", members=people, leads=readers[:1], audience=only
    )
    finder.store.apply([kept])
    for one, other in combinations(people, 2):
        finder.store.state(Introduction(community=kept.id, one=one, other=other, at=LAST))
    finder.refresh()


def ask_around(finder: ExpertFinder, world: World) -> None:
    """Questions that the insider put to every community that there is, taken on and answered; what is followed."""
    # What the outsider put or took on under another record of theirs is their own to see: nobody puts or takes on
    # anything under those.
    own = records_of(finder, finder.viewer(world.outsider)) if world.outsider else ()
    here: dict[str, Community] = {fact.id: fact for fact in finder.store.all("community")}
    known = {fact.id for fact in finder.store.all("person")}
    secret = {name for kind, name in world.secret if kind is Community}
    answers = [post for post in world.ids(Post) if (Post, post) in world.secret] or [""]
    for n, community in enumerate(() if world.insider in own else COMMUNITIES):
        if community not in here:
            continue
        about = {"question": f"q{n}", "person": world.insider}
        put = PutQuestion(
            **about,
            text=PUT[community in secret],
            community=community,
            anonymous=bool(n % 2),
            asked_at=LAST.isoformat(),
            answered=n > 1,
            answer=answers[0] if n > 1 else "",
            at=LAST,
            saved="hours",
            afterwards="decided",
        )
        finder.store.state(put)
        for subject in world.ids(Person)[: n + 1]:
            if subject not in known or (subject in own and subject != world.outsider):
                continue
            if not may_read(here[community].audience, finder.viewer(subject)):
                continue  # no door lets anybody take on what was put to a community that they may not read
            finder.store.state(Routed(**about, subject=subject, day="2026-03-01", went="claimed", at=LAST))
    endorse_around(finder, world, here, own)
    _say_of_the_organisation(finder, world, known)
    for key, subject in FEEDS.items():
        followed = Subscription(
            subscription=key,
            person=world.outsider or "",
            follows=key,  # type: ignore[arg-type]
            subject=subject,
            via="feed",
            digest=sha256(key.encode()).hexdigest(),
            url="",
            secret="",
            sent=LAST.isoformat(),
            at=LAST,
        )
        if world.outsider:
            finder.store.state(followed)


def endorse_around(
    finder: ExpertFinder, world: World, communities: Mapping[str, Community], own: Collection[str]
) -> None:
    """A topic is regulated, every other post endorsed, by the insider or at the prompt, and people are nominated."""
    number = sum(world.name.encode())
    if number % 2:
        label = (TAGS[2], WORDS[number % len(WORDS)])[number % 4 // 2]
        finder.store.state(Regulated(topic=words_of(label), label=label, by="", why="", at=LAST))
    known = {fact.id for fact in finder.store.all("person")}
    there = {fact.id for fact in finder.store.all("post")}
    for n, post in enumerate(world.ids(Post)):
        if n % 2 and post in there:
            by = world.insider if n % 4 == 1 else ""
            if by and (by in own or by not in known):
                continue  # nobody but somebody of the record states anything, and what the outsider does is theirs
            said = PostState(post=post, entry="e", state="endorsed", until="", by=by, why="", at=LAST)
            finder.store.state(said)
    for n, subject in enumerate(world.ids(Person)[:6]):
        of = (TAGS[0], SECRET_TAGS[0], *COMMUNITIES)[n % (2 + len(COMMUNITIES))]
        if world.insider in own or not {subject, world.insider} <= known or (n % 6 > 1 and of not in communities):
            continue
        made = Nomination(
            person=world.insider, subject=subject, role="curator" if of in communities else "expert", of=of,
            label="" if of in communities else of, why=PUT[True], until="", day="2026-03-01",
            stands="agreed" if n % 3 else "asked", at=LAST,
        )  # fmt: skip
        if subject != world.insider:
            finder.store.state(made)


@cache
def signing() -> Signing:
    """What signs badges: one key for all worlds of a run, so that equal answers are equal byte by byte."""
    keys = Path(tempfile.mkdtemp()) / "keys.json"
    new_key(keys)
    atexit.register(shutil.rmtree, keys.parent)
    return Signing(keys, "https://find.example")


_LOOP = asyncio.Runner()
"""One event loop for all crawls of a process: to begin and to end one takes a twentieth of a crawl."""


class InTurn(Executor):
    """Runs what it is given at once, in the thread that asks: a crawl asks one thing after the other, and spends a
    quarter of its time on handing answers from thread to thread else."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  # whoever waits for the answer gets it
            done.set_exception(error)
        return done


@dataclass(slots=True)
class Doors:
    """One app in earnest and one in the demonstration mode, to be put before one finder after the other."""

    earnest: FastAPI
    demo: FastAPI

    @classmethod
    def over(cls, finder: ExpertFinder) -> Doors:
        """Both apps."""
        return cls(
            create_app(finder, finder.store, Options(now=lambda: LAST, signing=signing())),
            create_app(finder, finder.store, Options(insecure_demo=True, now=lambda: LAST)),
        )

    def put_before(self, finder: ExpertFinder) -> None:
        """Let both ask this finder."""
        finder.now = lambda: LAST  # as `create_app` has it: lines of the audit log have the clock of the door
        for app in (self.earnest, self.demo):
            old: Door = app.state.door
            network = network_of(finder)
            finder.now = old.now
            demand = Demand(finder, network)
            asking = Questions(finder, network)
            app.state.door = new = replace(
                old,
                finder=finder,
                network=network,
                store=finder.store,
                demand=demand,
                insights=Insights(finder, network, demand),
                champion_networks=ChampionNetworks(finder, network),
                questions=asking,
                subscriptions=Subscriptions(finder, asking),
                choices=Choosing(finder),
                talent=Talent(network, PURPOSES),  # each world is asked the same, so the logs of both have the same
                allowance=Allowance(Buckets(lambda: 0.0)),
                subjects=Subjects(finder, finder.store),
                provisioning=Provisioning(finder, finder.store, old.provisioning.source),
                threads=InTurn(),
            )
            held = {field.name: getattr(getattr(new, field.name), "_finder", finder) for field in fields(new)}
            others = [name for name, one in held.items() if one is not finder]
            assert not others, f"these ask the finder of another world: {others}"


def reading_paths(app: FastAPI) -> set[str]:
    """The paths of the contract that are read."""
    return {path for path, item in app.openapi()["paths"].items() if "get" in item}


def _some(ids: list[str], world: World, count: int | None) -> list[str]:
    """`count` of the ids (`None`: all), another stretch of them in another world; ready to stand in a path."""
    start = sum(world.name.encode()) % max(len(ids), 1)
    chosen = [*ids[start:], *ids[:start]][:count]
    return [quote(one, safe=":") for one in chosen]


def requests_of(world: World, *, count: int | None = None, communities: Sequence[str] = ()) -> dict[str, list[Request]]:
    """Path of the contract -> the requests that crawl it: method, URL, what else.

    `count`: how many ids of a kind are asked for (`None`: all); the process is asked for all of them in any case.
    `communities`: ids of them, those that were detected among them.
    """
    asked = questions(world)
    people = _some(world.ids(Person), world, count)
    posts = _some(world.ids(Post), world, count)
    groups = _some(list(communities) or world.ids(Community), world, count)
    text = {"params": {"q": asked[0].text}}
    to = world.ids(Person)[-1]
    return {
        "/v1/communities": [
            ("GET", "/v1/communities", {"params": parameters})
            for parameters in ({"limit": 100}, {"q": asked[0].text}, *({"person": person} for person in people))
        ],
        "/v1/communities/{id}": [("GET", f"/v1/communities/{group}", {}) for group in groups],
        "/v1/champions": [
            ("GET", "/v1/champions", {"params": {"topic": asked[1].text}}),
            ("GET", "/v1/champions", {"params": {"one_per_unit": True, "size": 5}}),
            *(("GET", f"/v1/champions?community={group}", {}) for group in groups),
            ("POST", "/v1/champions", {"json": {"units": ["Platform"], "unwilling": [to]}}),
            ("POST", "/v1/champions", {"json": {"topic": asked[0].text, "already": [to]}}),
        ],
        "/v1/people/{id}/network": [("GET", f"/v1/people/{person}/network", {}) for person in people],
        "/v1/people/{id}/path": [("GET", f"/v1/people/{person}/path", {"params": {"to": to}}) for person in people],
        "/v1/people/{id}/people-to-meet": [
            ("GET", f"/v1/people/{person}/people-to-meet", {"params": {"topic": asked[0].text}}) for person in people
        ],
        "/v1/me/people-to-meet": [("GET", "/v1/me/people-to-meet", {})],
        "/v1/teams:search": [("POST", "/v1/teams:search", {"json": {"skills": [asked[0].text, SECRET_WORDS[0]]}})],
        "/v1/slates": [
            (
                "POST",
                "/v1/slates",
                {
                    "json": {
                        "purpose": PURPOSES[0],
                        "needs": [{"skill": asked[0].text}, {"skill": SECRET_WORDS[0], "language": "en"}],
                    }
                },
            )
        ],
        "/v1/audit": [("GET", "/v1/audit", {})],
        "/v1/vocabularies": [("GET", "/v1/vocabularies", {})],
        "/v1/regulated-topics": [("GET", "/v1/regulated-topics", {})],
        "/v1/posts/{id}/states": [("GET", f"/v1/posts/{post}/states", {}) for post in posts],
        "/v1/nominations": [
            *(("GET", f"/v1/nominations?person={person}", {}) for person in people),
            *(("GET", f"/v1/nominations?of={of}", {}) for of in (*groups, TAGS[0], SECRET_TAGS[0])),
        ],
        "/v1/me/nominations": [("GET", "/v1/me/nominations", {})],
        "/v1/topics/{id}/risk": [
            ("GET", f"/v1/topics/topic:{label}/risk", {}) for label in _some([*TAGS, *SECRET_TAGS], world, count)
        ],
        "/v1/risks": [("GET", "/v1/risks", {})],
        "/v1/insights": [("GET", "/v1/insights", {})],
        "/v1/demand": [("GET", "/v1/demand", {})],
        "/badges/keys": [("GET", "/badges/keys", {})],
        "/badges/status": [("GET", "/badges/status", {})],
        "/healthz": [("GET", "/healthz", {})],
        "/readyz": [("GET", "/readyz", {})],
        "/v1/me": [("GET", "/v1/me", {})],
        "/v1/me/audit": [("GET", "/v1/me/audit", {})],
        **{
            f"/v1/me/{what}": [("GET", f"/v1/me/{what}", {})]
            for what in ("wishes", "held", "profile", "role", "recognition")
        },
        "/v1/me/subscriptions": [("GET", "/v1/me/subscriptions", {})],
        "/v1/me/champion-networks": [("GET", "/v1/me/champion-networks", {})],
        "/v1/feeds/{key}": [("GET", f"/v1/feeds/{key}", {}) for key in FEEDS],
        "/v1/questions": [("GET", f"/v1/questions?which={which}", {}) for which in ("open", "mine", "reached")],
        "/v1/questions/before": [("GET", "/v1/questions/before", {"params": {"q": text}}) for text in PUT.values()],
        "/v1/questions/{question}": [("GET", f"/v1/questions/{name}", {}) for name in ("q0", "q1", "q3")],
        "/v1/me/export": [("GET", f"/v1/me/export?format={how}", {}) for how in ("ndjson", "html")],
        "/v1/people/{id}/expertise:assess": [
            ("POST", f"/v1/people/{person}/expertise:assess", {"json": {"text": asked[0].text}}) for person in people
        ],
        "/v1/topics": [("GET", "/v1/topics", {"params": {"prefix": "p"}})],
        "/v1/experts": [("GET", "/v1/experts", {"params": _parameters(query)}) for query in asked[1:2]],
        "/v1/experts:search": [
            ("POST", "/v1/experts:search", {"json": {"text": asked[0].text, "topic": [SECRET_WORDS[0]]}})
        ],
        "/v1/people": [("GET", "/v1/people", {"params": {"q": text}}) for text in typed(world)],
        "/v1/suggest": [("GET", "/v1/suggest", {"params": {"q": text}}) for text in typed(world)],
        "/v1/people/{id}": [("GET", f"/v1/people/{person}", {}) for person in people],
        "/v1/people/{id}/expertise": [("GET", f"/v1/people/{person}/expertise", {}) for person in people],
        "/v1/people/{id}/explanation": [("GET", f"/v1/people/{person}/explanation", text) for person in people],
        "/v1/posts/{id}": [("GET", f"/v1/posts/{post}", {}) for post in posts],
    }


def page_requests(world: World, *, count: int | None = None, communities: Sequence[str] = ()) -> list[Request]:
    """The pages, which the demonstration mode serves."""
    asked = questions(world)
    groups = _some(list(communities) or world.ids(Community), world, count)
    return [
        ("GET", "/", {}),
        ("GET", "/me", {}),
        ("GET", "/me/export.html", {}),
        ("GET", "/questions", {"params": {"q": asked[0].text, "community": world.ids(Community)[:1]}}),
        ("GET", "/questions", {"params": {"q": SECRET_WORDS[0], "to": world.insider}}),
        ("GET", "/answer", {"params": {"q": asked[1].text}}),
        *(
            ("GET", "/why", {"params": {"q": asked[1].text, "person": unquote(person)}})
            for person in _some(world.ids(Person), world, count)
        ),
        ("GET", "/answer.csv", {"params": {"q": asked[1].text}}),
        *(("GET", path, {"params": {"q": text}}) for path in ("/answer", "/suggest") for text in typed(world)[:4]),
        *(("GET", f"/people/{person}", {}) for person in _some(world.ids(Person), world, count)),
        *(("GET", f"/posts/{post}", {}) for post in _some(world.ids(Post), world, count)),
        ("GET", "/communities", {}),
        ("GET", "/communities", {"params": {"q": asked[0].text}}),
        *(("GET", f"/communities/{group}", {}) for group in groups),
        *(("GET", "/champions", {"params": {"community": unquote(group)}}) for group in groups),
        ("GET", "/champions", {"params": {"size": 2, "one_per_unit": True}}),
        ("POST", "/champions", {"data": {"size": 2, "add": "ar", "unwilling": unquote(world.ids(Person)[0])}}),
        ("GET", "/topics", {}),
        *(("GET", f"/topics/{label}", {}) for label in _some([*TAGS, *SECRET_TAGS], world, count)),
        ("GET", f"/topics/{TAGS[0]}", {"params": {"order": "less-known"}}),
        ("GET", "/meet", {}),
        ("GET", "/insights", {}),
        *(("GET", f"/insights/{code}.csv", {}) for code in ("coverage", "communities", "unanswered")),
        ("GET", "/team", {"params": {"skills": [asked[0].text, asked[1].text]}}),
    ]


def _parameters(query: Query) -> dict[str, object]:
    return {"q": query.text, "topic": list(query.topics), "limit": query.limit}


def key_for(person: str | None) -> Key:
    """A key that is the same in every world."""
    return Key(
        id="crawler",
        digest=sha256(TOKEN.rpartition("_")[2].encode()).hexdigest(),
        scopes=("experts:read", "experts:assess", "people:read", "me:read", "talent:ask", "audit:read", "operator"),
        person=person,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        expires_at=datetime(2027, 1, 1, tzinfo=UTC),
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer: what all callers could compare, and the headers as they came."""

    asked: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def bytes(self) -> bytes:
        """Status, headers and body without the id of the request and the time.

        How long a packed body is depends on how well the id packs: equal bodies differ by a byte or two.
        """
        body = MASKED.sub(b"-", self.body)
        # A tag is that of the body as it came.
        tag = "etag" if body != self.body else ""
        left = ("x-request-id", "date", "content-length" if "content-encoding" in self.headers else "", tag)
        kept = sorted((k, v) for k, v in self.headers.items() if k not in left)
        return orjson.dumps([self.status, kept]) + b"\n" + body


async def _hear(app: FastAPI, requests: Sequence[Request], headers: dict[str, str], host: str) -> AsyncIterator[Heard]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}", headers=headers) as client:
        for method, url, more in requests:
            answer = await client.request(method, url, **more)
            yield Heard(f"{method} {url} {more}", answer.status_code, dict(answer.headers), answer.content)


def hear(app: FastAPI, requests: Sequence[Request], person: str | None) -> list[Heard]:
    """Ask an app all of it as one person (`None`: the shared tier), in one event loop."""
    door: Door = app.state.door

    async def all_of_it() -> list[Heard]:
        if door.insecure_demo:
            eyes = {"as": person} if person else {}
            seen = [(m, u, {**more, "params": {**more.get("params", {}), **eyes}}) for m, u, more in requests]
            return [one async for one in _hear(app, seen, {}, "127.0.0.1")]
        door.store.put_key(key_for(person))
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return [one async for one in _hear(app, requests, headers, "expertfinder.example")]

    return _LOOP.run(all_of_it())


def crawl_http(
    doors: Doors, finder: ExpertFinder, world: World, person: str | None, *, count: int | None = None
) -> list[Heard]:
    """Every reading route and every page, as one person; `count` as in `requests_of`."""
    doors.put_before(finder)
    groups = communities_of(network_of(finder), world, finder.viewer(person))
    api = requests_of(world, count=count, communities=groups).values()
    pages = page_requests(world, count=count, communities=groups)
    wanted = [request for some in api for request in some]
    return [*hear(doors.earnest, wanted, person), *hear(doors.demo, pages, person)]


def crawl(doors: Doors, finder: ExpertFinder, world: World, person: str | None, *, count: int | None = None) -> Answers:
    """Everything, both ways, as one person."""
    viewer = finder.viewer(person)
    heard = crawl_http(doors, finder, world, person, count=count)
    broken = [one.asked for one in heard if one.status >= 500]
    assert not broken, f"the door broke on {broken[:3]}"
    return {**ask(finder, world, viewer), **{f"http {one.asked}": one.bytes for one in heard}}


def differences(one: Answers, other: Answers) -> list[str]:
    """What was answered differently."""
    return [
        f"{asked}\n{_apart(one.get(asked, b''), other.get(asked, b''))}"
        for asked in sorted(one.keys() | other.keys())
        if one.get(asked) != other.get(asked)
    ]


def _apart(one: bytes, other: bytes) -> str:
    """Where two answers part, with a little of what stands around."""
    place = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return "\n".join(f"  ...{part[max(0, place - 200) : place + 120]!r}" for part in (one, other))
