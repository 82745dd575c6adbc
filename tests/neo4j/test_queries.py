"""Every question of graph/queries answers on a real server, in the shape that its example shows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from neo4j.exceptions import Neo4jError
from scripts.neo4j import query
from scripts.neo4j.query import ask
from scripts.neo4j.server import Server

from expertfinder.ingest import ingest
from expertfinder.model import Audience, Community, Person, Post, Source
from expertfinder.sources.native import NativeReader
from expertfinder.store import open_store

pytestmark = pytest.mark.needs_neo4j
FILES = sorted((Path(__file__).parents[2] / "graph" / "queries").glob("*.cypher"))


SHARED = Audience("organisation")
NOW = datetime(2026, 10, 31, tzinfo=UTC)
AUTHORED: dict[str, Any] = {
    "source": "demo", "authors": ("demo:loner",), "tags": ("lonely",), "created_at": NOW, "audience": SHARED,
}  # fmt: skip
PLANTED = [
    Person(id="demo:loner", source="demo", name="Loner", audience=SHARED),
    Person(id="demo:quiet", source="demo", name="Quiet", skills=("lonely",), audience=SHARED),
    Community(id="demo:orphans", source="demo", name="Orphans", members=("demo:loner",), audience=SHARED),
    *(Post(id=f"demo:alone{number}", kind="message", text="alone", **AUTHORED) for number in range(4)),
    Post(id="demo:asked", kind="question", text="does anybody know?", **AUTHORED),
]


@pytest.fixture(scope="module")
def demo(neo4j_server: Server, demo_set: Path) -> tuple[Server, Path]:
    """The server with the demo organisation in it, and the folder with its files and the truth that was planted."""
    neo4j_server.clear(keep_schema=True)
    store = open_store(f"bolt://neo4j:{quote(neo4j_server.password)}@127.0.0.1:{neo4j_server.port}")
    ingest(store, NativeReader(demo_set, source=Source(id="demo", audience=Audience("organisation"))))
    store.apply(PLANTED)
    store.close()
    return neo4j_server, demo_set


def answers(server: Server, file: Path, **other: Any) -> list[dict[str, Any]]:
    """The rows of an answer."""
    with server.session() as session:
        return ask(session, file.read_text(), other)


def test_there_are_at_least_fifteen() -> None:
    assert len(FILES) >= 15


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_question_answers_in_the_shape_of_its_example(file: Path, demo: tuple[Server, Path]) -> None:
    server, _ = demo
    text = file.read_text()
    assert re.match(r"// .+\?\n// Why: .+\n", text), "the question, and why one asks"
    header = re.search(r"^// For example:\n// \| (.+) \|$", text, flags=re.MULTILINE)
    assert header is not None
    other = {}
    if file.stem == "shortest_way":
        query = "MATCH (p:Person)-[:WROTE]->(:Post)-[:REPLY_TO]->(:Post)<-[:WROTE]-(q:Person) WHERE p <> q"
        [pair] = server.query(f"{query} RETURN p.id AS one, q.id AS other ORDER BY one, other LIMIT 1")
        other = {"from": pair["one"], "to": pair["other"]}
    rows = answers(server, file, **other)
    assert rows, "the demo has an answer"
    for row in rows:
        assert list(row) == header[1].split(" | ")
    assert server.query("CALL gds.graph.list() YIELD graphName RETURN graphName") == []


@pytest.mark.parametrize(
    ("name", "column", "planted"),
    [
        ("topics_with_one_expert", "tag", "lonely"),
        ("communities_without_a_lead", "name", "Orphans"),
        ("profile_without_evidence", "id", "demo:quiet"),
        ("threads_without_an_answer", "id", "demo:asked"),
    ],
)
def test_what_was_planted_is_found(name: str, column: str, planted: str, demo: tuple[Server, Path]) -> None:
    [file] = [file for file in FILES if file.stem == name]
    assert planted in {row[column] for row in answers(demo[0], file)}


@pytest.mark.parametrize("name", ["people_turned_to", "groups_by_who_answers_whom"])
def test_what_a_projection_answers_repeats(name: str, demo: tuple[Server, Path]) -> None:
    [file] = [file for file in FILES if file.stem == name]
    assert answers(demo[0], file) == answers(demo[0], file)


# --- beside what the files say, and beside the truth they were written from ------------------------------------------


@dataclass(frozen=True)
class Organisation:
    """The demo as its files and its truth say, and a way to ask."""

    server: Server
    people: dict[str, dict[str, Any]]
    posts: dict[str, dict[str, Any]]
    communities: list[dict[str, Any]]
    truth: dict[str, Any]

    def rows(self, name: str, **other: Any) -> list[dict[str, Any]]:
        """The rows of an answer, without what this file planted."""
        [file] = [file for file in FILES if file.stem == name]
        own = {"Loner", "Quiet", "Orphans", "lonely", "demo:asked", "demo:loner", "demo:quiet"}
        return [row for row in answers(self.server, file, **other) if own.isdisjoint(map(str, row.values()))]

    def named(self, rows: list[dict[str, Any]]) -> list[str]:
        """The ids behind the names."""
        ids = {person["name"]: name for name, person in self.people.items()}
        return [ids[row["name"]] for row in rows]

    def tagged(self, **wanted: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """A tag and a post that has it, for each."""
        for post in self.posts.values():
            if all(post.get(name) == value for name, value in wanted.items()):
                yield from ((tag, post) for tag in post.get("tags", []))


@pytest.fixture
def organisation(demo: tuple[Server, Path]) -> Organisation:
    server, folder = demo

    def lines(name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]

    return Organisation(
        server,
        {person["id"]: person for person in lines("people")},
        {post["id"]: post for post in lines("posts")},
        lines("communities"),
        json.loads((folder / "truth.json").read_text()),
    )


def test_who_shares_members_is_who_is_on_two_lists(organisation: Organisation) -> None:
    expected = [
        (*sorted((one["name"], other["name"])), shared)
        for one, other in combinations(organisation.communities, 2)
        if (shared := len(set(one["members"]) & set(other["members"]))) >= 2
    ]
    found = [
        (*sorted((row["first"], row["second"])), row["shared"])
        for row in organisation.rows("communities_that_share_members")
    ]
    assert found
    assert set(found) <= set(expected)
    assert sorted(row[2] for row in found) == sorted((row[2] for row in expected), reverse=True)[:50][::-1]


def test_the_quiet_communities_are_those_in_which_nobody_posts(organisation: Organisation) -> None:
    often = Counter(post["community"] for post in organisation.posts.values() if post.get("community"))
    expected = {community["name"]: often[community["id"]] for community in organisation.communities}
    assert {row["name"]: row["posts"] for row in organisation.rows("silent_communities")} == expected


def test_threads_without_an_answer_are_questions_that_are_no_parent(organisation: Organisation) -> None:
    parents = {post.get("parent") for post in organisation.posts.values()}
    newest = max(datetime.fromisoformat(post["created_at"]) for post in organisation.posts.values())
    expected = {
        f"demo:{post['id']}"
        for post in organisation.posts.values()
        if post["kind"] == "question"
        and post["id"] not in parents
        and datetime.fromisoformat(post["created_at"]) > newest - timedelta(days=365)
    }
    assert {row["id"] for row in organisation.rows("threads_without_an_answer")} == expected


def test_demand_is_what_questions_are_tagged_with(organisation: Organisation) -> None:
    parents = {post.get("parent") for post in organisation.posts.values()}
    asked: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for tag, post in organisation.tagged(kind="question"):
        asked[tag] += 1
        answered[tag] += post["id"] in parents
    found = {row["tag"]: (row["asked"], row["answered"]) for row in organisation.rows("demand_without_supply")}
    assert found == {tag: (asked[tag], answered[tag]) for tag in asked if asked[tag] >= 3}


def test_the_bus_factor_is_how_many_wrote_half(organisation: Organisation) -> None:
    gone = {leaver["person"] for leaver in organisation.truth["leavers"]}
    wrote: dict[str, Counter[str]] = {}
    for tag, post in organisation.tagged():
        wrote.setdefault(tag, Counter()).update(set(post["authors"]) - gone)
    for row in organisation.rows("bus_factor"):
        each = sorted(wrote[row["tag"]].values(), reverse=True)
        assert (row["posts"], row["authors"]) == (sum(each), len(each))
        assert row["people"] == next(n for n in range(1, len(each) + 1) if 2 * sum(each[:n]) >= sum(each))


def test_who_binds_two_units_is_among_those_who_answer_across_them_far_more_often_than_chance(
    organisation: Organisation,
) -> None:
    binders = {person for pair in organisation.truth["binders"]["unit_pairs"] for person in pair["binders"]}
    found = organisation.named(organisation.rows("bridges_between_units"))
    assert len(binders.intersection(found)) / len(found) > 2 * len(binders) / len(organisation.people)


def test_people_turned_to_are_experts_or_famous(organisation: Organisation) -> None:
    experts = {expert["person"] for of_topic in organisation.truth["experts"].values() for expert in of_topic}
    found = set(organisation.named(organisation.rows("people_turned_to")))
    assert found >= set(organisation.truth["famous"])
    assert len(found & (experts | set(organisation.truth["famous"]))) >= 0.9 * len(found)
    assert len(experts) < 0.5 * len(organisation.people), "most people are no experts"


def test_newcomers_who_left_a_trace_are_among_those_without_ties(organisation: Organisation) -> None:
    newcomers = {newcomer["person"] for newcomer in organisation.truth["newcomers"]}
    found = organisation.named(organisation.rows("newcomers_without_ties", days=60))
    assert len(newcomers.intersection(found)) >= 5
    assert len(newcomers.intersection(found)) > 0.5 * len(found)


def test_every_community_of_the_demo_has_somebody_who_leads_it(organisation: Organisation) -> None:
    assert all(community["leads"] for community in organisation.communities)
    assert organisation.rows("communities_without_a_lead") == []


def test_a_question_is_asked_at_the_prompt_with_parameters_of_ones_own(
    demo: tuple[Server, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server, _ = demo
    monkeypatch.setenv("EXPERTFINDER_RECORD", server.uri)
    monkeypatch.setenv("EXPERTFINDER_NEO4J_PASSWORD", server.password)
    [file] = [file for file in FILES if file.stem == "topics_with_one_expert"]
    assert query.main([str(file), "least=5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"tag": "lonely", "name": "Loner", "posts": 5}]
    assert query.main([str(file), "least=6"]) == 0
    assert capsys.readouterr().out == ""


def test_a_projection_does_not_outlive_a_question_that_fails(demo: tuple[Server, Path]) -> None:
    server, _ = demo
    [file] = [file for file in FILES if file.stem == "people_turned_to"]
    broken = file.read_text().replace("gds.pageRank.stream", "gds.nothing.stream")
    with server.session() as session, pytest.raises(Neo4jError):
        ask(session, broken, {})
    assert server.query("CALL gds.graph.list() YIELD graphName RETURN graphName") == []
