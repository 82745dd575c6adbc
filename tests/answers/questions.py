"""What is asked: of each organisation the same kinds of question, by several people, at each door.

A new question goes to the end of its group: then the names of versions in the other answers stay.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from urllib.parse import urlencode

Line = tuple[str, str]
"""The group that an answer is kept in, and a question (see `asking`)."""
NOBODY_HERE = "How do I train a falcon to return to the glove in strong wind?"


@dataclass(frozen=True, slots=True)
class Cast:
    """Whom and what to ask of one organisation. A viewer is the id of a person, or empty for the shared tier."""

    viewers: Sequence[str]
    """The shared tier first, then somebody ordinary, then those whom permissions speak of."""
    questions: Sequence[str]
    people: Sequence[str]
    topics: Sequence[str]
    communities: Sequence[str]
    posts: Sequence[str]
    places: Sequence[str]
    units: Sequence[str]
    kinds: Sequence[str]
    tag: str
    since: str
    named: Sequence[str]
    """What somebody types who looks for people: names, parts of them, slips, titles, units."""
    records: Sequence[str] = ()
    """Further records of people, as which somebody may look: a chat account, and one that claims a group."""


DEMO = Cast(
    viewers=("", "demo:m299", "demo:m248", "demo:m105"),
    questions=(
        "vibration analysis",
        "someone to talk to about cracks at the weld toe",
        "In the acquisition review, who has looked into the pension promises of the target?",
        "intrusion response",
        "The list of open orders takes half a minute since we crossed a few million rows.",
        NOBODY_HERE,
    ),
    people=("demo:m163", "demo:m286", "demo:m021", "demo:m294", "demo:m054", "demo:m017", "demo:m010"),
    topics=("weld-fatigue", "query-tuning", "lockout"),
    communities=("demo:shield", "demo:welcome", "detected:13", "detected:23"),
    posts=("demo:p00037", "demo:p00043", "demo:p00986", "demo:p01051"),
    places=("Tavara Bay", "Vellacourt"),
    units=("Data and Software", "Plant Operations"),
    kinds=("answer", "document"),
    tag="weld-fatigue",
    since="2025-01-01",
    named=("Tariq Castelvaro", "lundemark", "gulnra mukherjani", "Plant operations", "weld", "vibr", "vibratoin"),
)
PORT = Cast(
    viewers=("", "port:p03", "port:p05", "port:p14", "port:p22", "port:p27"),
    questions=(
        "spreader",
        "gas detector",
        "tariff code declaration",
        "hydrogen bunkering",
        "who repairs the boom hinge of a gantry crane",
        "slow query",
        NOBODY_HERE,
    ),
    people=(
        "port:p00", "forum:aino-old", "port:new", "port:p22", "port:p41", "port:p47", "port:p33", "port:p34",
        "port:p38", "port:p52", "port:p71", "chat:mina12",
    ),
    topics=("cranes", "pilotage", "rescue drill"),
    communities=(
        "detected:1", "detected:2", "port:circle-cranes", "port:circle-pilotage", "port:circle-customs",
        "port:boardroom", "port:open-but-piet",
    ),
    posts=(
        "port:late-1", "port:late-4", "port:cranes-07", "port:safety-04", "port:rail-05", "port:cranes-00",
        "port:pilotage-01", "port:customs-02",
    ),
    places=("Brinehaven North", "Old Town"),
    units=("Quayside", "Trade"),
    kinds=("document", "commit"),
    tag="cranes",
    since="2025-06-01",
    named=("Nova Later", "later", "nova latr", "Bunkering officer", "quays", "cra", "spreadre"),
    records=("chat:hugo7", "forum:climber"),
)  # fmt: skip


def every_question() -> list[tuple[str, str, str]]:
    """All of them, in the order in which they are asked: home, group, question."""
    return [(home, *line) for home, cast in (("demo", DEMO), ("port", PORT)) for line in _lines(cast)]


def get(path: str, viewer: str = "", **parameters: object) -> str:
    """A question to the service, in the URL."""
    given = {name: value for name, value in {**parameters, "as": viewer}.items() if value not in ("", None)}
    return f"GET {path}" + (f"?{urlencode(given, doseq=True, safe=':')}" if given else "")


def post(path: str, body: object, viewer: str = "") -> str:
    """A question to the service, in a body."""
    return f"POST {path}" + (f"?as={viewer}" if viewer else "") + f" {json.dumps(body)}"


def typed(*words: object, viewer: str = "") -> str:
    """A question at the prompt."""
    return f"$ {shlex.join([str(word) for word in (*words, *(['--as', viewer] if viewer else []))])}"


def _lines(cast: Cast) -> Iterator[Line]:
    yield from (("experts", line) for line in _experts(cast))
    yield from (("filters", line) for line in _filters(cast))
    yield from (("explain", line) for line in _explain(cast))
    yield from (("people", line) for line in _people(cast))
    yield from (("communities", line) for line in _communities(cast))
    yield from (("champions", line) for line in _champions(cast))
    yield from (("network", line) for line in _network(cast))
    yield from (("teams", line) for line in _teams(cast))
    yield from (("topics", line) for line in _topics(cast))
    yield from (("posts", line) for line in _posts(cast))
    yield from (("assess", line) for line in _assess(cast))
    if cast is PORT:
        yield from (("problems", line) for line in _problems(cast))
    yield from (("pages", line) for line in _pages(cast))


def _turns(*of: Iterable[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every combination with its number, by which doors and limits take turns."""
    return enumerate(product(*of))


def _experts(cast: Cast) -> Iterator[str]:
    for number, (text, viewer) in _turns(cast.questions, cast.viewers):
        limit = 2 + number % 2
        match number % 4:
            case 0 | 2:
                yield get("/v1/experts", viewer, q=text, limit=limit)
            case 1:
                yield typed("find", text, "-n", limit, viewer=viewer)
            case _:
                yield post("/v1/experts:search", {"text": text, "limit": 1}, viewer)
    for record in cast.records:
        yield typed("find", cast.questions[0], "-n", 2, viewer=record)
        yield get("/v1/experts", record, q=cast.questions[2], limit=1)
    long = " ".join(cast.questions)
    yield typed("find", long, "-n", 2)
    yield post("/v1/experts:search", {"text": long, "topic": list(cast.topics[:2]), "limit": 2}, cast.viewers[2])
    yield get("/v1/experts", cast.viewers[1], q=cast.questions[1], limit=6)


def _filters(cast: Cast) -> Iterator[str]:
    text, (_, ordinary, member, *_) = cast.questions[0], cast.viewers
    for place in cast.places:
        yield typed("find", text, "--place", place, "-n", 2)
        yield get("/v1/experts", ordinary, q=text, place=place, limit=2)
    for unit in cast.units:
        yield typed("find", text, "--unit", unit, "-n", 2, viewer=member)
        yield get("/v1/experts", q=text, unit=unit, limit=1)
    for kind in cast.kinds:
        yield typed("find", text, "--kind", kind, "-n", 2)
        yield get("/v1/experts", member, q=text, kind=kind, limit=1)
    yield typed("find", text, "--since", cast.since, "-n", 2)
    yield get("/v1/experts", ordinary, q=text, since=cast.since, limit=2)
    yield typed("find", text, "--language", "en", "-n", 1)
    yield get("/v1/experts", q=text, language="nl", limit=1)
    yield typed("find", text, "--topic", cast.topics[0], "--topic", cast.topics[1], "-n", 2)
    yield get("/v1/experts", member, topic=cast.topics[:2], limit=2)
    yield get("/v1/experts", q=text, tag=cast.tag, limit=2)
    yield get("/v1/experts", q=text, place="Nowhere", limit=2)
    yield post("/v1/experts:search", {"text": text, "tag": [cast.tag], "kind": list(cast.kinds), "limit": 1}, member)


def _explain(cast: Cast) -> Iterator[str]:
    for number, (person, text) in _turns(cast.people[:6], cast.questions[:3]):
        viewer = cast.viewers[(number // 2) % len(cast.viewers)]
        if number % 2:
            yield typed("explain", person, text, viewer=viewer)
        else:
            yield get(f"/v1/people/{person}/explanation", viewer, q=text)


def _people(cast: Cast) -> Iterator[str]:
    for number, (person, viewer) in _turns(cast.people, cast.viewers[:3]):
        match number % 5:
            case 0:
                yield typed("person", person, viewer=viewer)
            case 1 | 3:
                yield get(f"/v1/people/{person}", viewer)
            case 2:
                yield get(f"/v1/people/{person}/expertise", viewer, limit=4)
    for viewer in cast.viewers:
        yield get("/v1/me", viewer)
    for number, text in enumerate(cast.named):
        viewer = cast.viewers[number % len(cast.viewers)]
        yield get("/v1/suggest", viewer, q=text)
        yield get("/v1/people", viewer, q=text)
        yield typed("find", text, "-n", 1, viewer=viewer) if number % 2 else get("/v1/experts", viewer, q=text, limit=1)
    yield get("/v1/people", q="a")


def _communities(cast: Cast) -> Iterator[str]:
    for number, viewer in enumerate(cast.viewers):
        yield typed("communities", viewer=viewer) if number % 2 else get("/v1/communities", viewer)
    yield get("/v1/communities", kind="detected", limit=3)
    yield get("/v1/communities", cast.viewers[1], after=cast.communities[0], limit=2)
    for number, (text, viewer) in _turns(cast.questions[-4:], cast.viewers[:3]):
        if number % 2:
            yield typed("communities", text, "-n", 3, viewer=viewer)
        else:
            yield get("/v1/communities", viewer, q=text, limit=2)
    for number, person in enumerate(cast.people):
        viewer = cast.viewers[number % len(cast.viewers)]
        if number % 2:
            yield typed("communities", "--for", person, "-n", 2, viewer=viewer)
        else:
            yield get("/v1/communities", viewer, person=person, limit=2)
    for number, (community, viewer) in _turns(cast.communities, cast.viewers):
        if number % 5 == 0:
            yield typed("community", community, viewer=viewer)
        elif number % 5 in (1, 3):
            yield get(f"/v1/communities/{community}", viewer, limit=6)
    yield get("/v1/communities", cast.viewers[1], limit=2)
    yield f"GET /v1/communities?after=(next)&limit=2&as={cast.viewers[1]}"


def _champions(cast: Cast) -> Iterator[str]:
    _, ordinary, member, *_ = cast.viewers
    yield typed("champions", "-n", 3)
    yield get("/v1/champions", size=4, one_per_unit="true")
    for number, community in enumerate(cast.communities):
        viewer = cast.viewers[number % len(cast.viewers)]
        if number % 2:
            yield get("/v1/champions", viewer, community=community, size=2)
        else:
            yield typed("champions", "--community", community, "-n", 2, viewer=viewer)
    for topic in cast.topics:
        yield typed("champions", "--topic", topic, "-n", 2)
        yield get("/v1/champions", member, topic=topic, size=2)
    yield typed("champions", "--unit", cast.units[0], "--unit", cast.units[1], "--one-per-unit", viewer=ordinary)
    yield get("/v1/champions", member, units=cast.units, size=3)
    yield typed("champions", "--topic", NOBODY_HERE)
    stays, proposed, unwilling = cast.people[0], cast.people[2], cast.people[3]
    yield typed("champions", "--already", stays, "--nominated", proposed, "--without", unwilling, "-n", 3)
    people = {"already": [stays], "nominated": [proposed], "unwilling": [unwilling]}
    yield post("/v1/champions", {"community": cast.communities[0], "size": 3, **people}, member)


def _network(cast: Cast) -> Iterator[str]:
    for number, person in enumerate(cast.people):
        viewer, other = cast.viewers[number % len(cast.viewers)], cast.viewers[(number + 1) % len(cast.viewers)]
        goal = cast.people[(number + 3) % len(cast.people)]
        if number % 2:
            yield typed("network", person, viewer=viewer)
            yield get(f"/v1/people/{person}/path", viewer, to=goal)
            yield typed("meet", person, viewer=other)
        else:
            yield get(f"/v1/people/{person}/network", viewer)
            yield typed("path", person, goal, viewer=viewer)
            yield get(f"/v1/people/{person}/people-to-meet", other, limit=2)
    yield typed("meet", cast.people[2], "--topic", cast.topics[0], "-n", 2)
    yield get(f"/v1/people/{cast.people[3]}/people-to-meet", cast.viewers[1], topic=cast.topics[1], limit=2)
    yield typed("path", cast.people[0], cast.people[0])


def _teams(cast: Cast) -> Iterator[str]:
    for number, viewer in enumerate(cast.viewers):
        skills = [*cast.topics[: 1 + number % 3], cast.questions[number % 3]]
        if number % 2:
            yield post("/v1/teams:search", {"skills": skills, "redundancy": 1 + number % 2}, viewer)
        else:
            yield typed("team", *skills, viewer=viewer)
    yield typed("team", cast.topics[0], NOBODY_HERE, "--redundancy", 2)


def _topics(cast: Cast) -> Iterator[str]:
    yield typed("topics", "-n", 12)
    yield typed("topics", "re")
    yield get("/v1/topics", limit=5)
    yield get("/v1/topics", cast.viewers[2], prefix="c")
    yield get("/v1/topics", prefix="zzz")
    for number, topic in enumerate(cast.topics):
        viewer = cast.viewers[number]
        yield typed("risk", topic, viewer=viewer)
        yield get(f"/v1/topics/topic:{topic.replace(' ', '%20')}/risk", cast.viewers[number + 1])
    yield typed("risk", "-n", 4)
    yield get("/v1/risks", cast.viewers[1], limit=4)
    yield get("/v1/demand")
    if cast is PORT:  # what the demo plants is of the week in which it is written
        yield typed("demand")


def _posts(cast: Cast) -> Iterator[str]:
    for number, (found, viewer) in _turns(cast.posts, cast.viewers):
        if number % 3 == 0:
            yield get(f"/v1/posts/{found}", viewer)


def _assess(cast: Cast) -> Iterator[str]:
    for number, (person, text) in _turns(cast.people[:5], cast.questions[:2]):
        viewer = cast.viewers[number % len(cast.viewers)]
        if number % 2:
            yield typed("assess", person, text, viewer=viewer)
        else:
            key = f"experts:assess {viewer}".strip()
            yield f"[{key}] " + post(f"/v1/people/{person}/expertise:assess", {"text": text})


def _problems(cast: Cast) -> Iterator[str]:
    source = cast.people[0].partition(":")[0]
    nobody, member = f"{source}:no-such", cast.viewers[2]
    for path in ("", "/expertise", "/network", "/people-to-meet", "/explanation?q=rust", f"/path?to={cast.people[0]}"):
        yield f"GET /v1/people/{nobody}{path}"
    for words in (("person",), ("network",), ("meet",), ("communities", "--for")):
        yield typed(*words, nobody, viewer=member)
    yield typed("explain", nobody, "rust")
    yield typed("find", "rust", viewer=nobody)
    yield get("/v1/experts", nobody, q="rust")
    yield get(f"/v1/posts/{nobody}")
    yield get(f"/v1/communities/{nobody}", member)
    yield typed("community", nobody)
    yield get("/v1/topics/topic:no-such/risk")
    yield typed("risk", "no such topic")
    yield get("/v1/champions", community=nobody)
    yield get("/v1/champions", units="No such unit")
    yield get("/v1/experts")
    yield get("/v1/experts", q="rust", limit=0)
    yield get("/v1/experts", q="rust", misspelt="yes")
    yield typed("find", " ")
    yield typed("find", "rust", "-n", 1000)
    yield typed("communities", "rust", "--for", cast.people[0])
    yield "GET /v1/nothing-here"
    yield "GET /nothing-here"
    yield post("/v1/teams:search", {"skills": []})
    yield post("/v1/experts:search", {"text": 7})
    yield "POST /v1/experts:search {not json}"
    yield "DELETE /v1/topics"
    yield "[] GET /v1/topics"
    yield "[people:read] GET /v1/topics"
    yield "[experts:read] GET /"
    yield f"[experts:read,people:read {cast.viewers[1]}] GET /v1/experts?q=rust&limit=1"
    yield "GET /healthz"
    yield "GET /readyz"


def _pages(cast: Cast) -> Iterator[str]:
    _, ordinary, member, *_ = cast.viewers
    yield get("/")
    for number, text in enumerate(cast.questions):
        yield get("/", cast.viewers[number % len(cast.viewers)], q=text, limit=2)
    yield get("/answer", member, q=cast.questions[0], unit=cast.units[0], limit=1)
    yield get("/answer", q=cast.questions[0], since=cast.since, kind=cast.kinds[0], limit=1)
    for number, person in enumerate(cast.people[:8]):
        yield get(f"/people/{person}", cast.viewers[number % len(cast.viewers)])
    yield get(f"/people/{member}", member)
    for number, found in enumerate(cast.posts[:4]):
        yield get(f"/posts/{found}", cast.viewers[number % 3])
    yield get("/communities")
    yield get("/communities", member, q=cast.questions[0])
    for number, community in enumerate(cast.communities[-4:]):
        yield get(f"/communities/{community}", cast.viewers[number % len(cast.viewers)])
    yield get("/champions")
    yield get("/champions", ordinary, community=cast.communities[2], size=2)
    yield get("/champions", member, topic=cast.topics[0], size=3)
    yield get("/champions", units="No such unit")
    yield get(f"/people/{cast.people[0].partition(':')[0]}:no-such", ordinary)
    yield get("/posts/no:such")
    yield get("/suggest", ordinary, q=cast.named[1])
    yield get("/answer", ordinary, q=cast.named[0], limit=1)
    yield get("/answer.csv", member, q=cast.questions[0], limit=2)
    yield get("/topics", ordinary)
    yield get(f"/topics/{cast.topics[0].replace(' ', '%20')}", member)
    yield get("/meet", member)
    yield get("/team", ordinary, skills=list(cast.topics[:2]))
    yield get("/insights", member)
    yield get("/why", q=cast.questions[0], person=cast.people[1])
    yield get("/insights/coverage.csv")
    yield get("/v1/insights")
