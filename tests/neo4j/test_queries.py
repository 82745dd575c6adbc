"""Every question of graph/queries answers on a real server, in the shape that its example shows."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from scripts.neo4j.server import Server

from expertfinder.demo import write_demo
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
def demo(neo4j_server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Server, dict[str, Any]]:
    """The server with the demo organisation in it, and the truth that was planted."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    neo4j_server.clear()
    store = open_store(f"bolt://neo4j:{quote(neo4j_server.password)}@127.0.0.1:{neo4j_server.port}")
    ingest(store, NativeReader(folder, source=Source(id="demo", audience=Audience("organisation"))))
    store.apply(PLANTED)
    store.close()
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
    return neo4j_server, truth


def parameters(text: str) -> dict[str, Any]:
    """The defaults that the comment names."""
    found = dict(re.findall(r"^// :param (\w+) => (.+)$", text, flags=re.MULTILINE))
    return {name: json.loads(value.replace("'", '"')) for name, value in found.items()}


def answers(server: Server, file: Path, **other: Any) -> list[dict[str, Any]]:
    """The rows of the statement that answers; the ones around it make and drop a projection."""
    text = file.read_text()
    statements = [s for s in re.split(r";\n", text) if s.strip()]
    rows = [server.query(statement, **(parameters(text) | other)) for statement in statements]
    return rows[0] if len(rows) == 1 else rows[-2]


def test_there_are_at_least_fifteen() -> None:
    assert len(FILES) >= 15


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_question_answers_in_the_shape_of_its_example(file: Path, demo: tuple[Server, dict[str, Any]]) -> None:
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
def test_what_was_planted_is_found(name: str, column: str, planted: str, demo: tuple[Server, dict[str, Any]]) -> None:
    [file] = [file for file in FILES if file.stem == name]
    assert planted in {row[column] for row in answers(demo[0], file)}


@pytest.mark.parametrize("name", ["people_turned_to", "groups_by_who_answers_whom"])
def test_what_a_projection_answers_repeats(name: str, demo: tuple[Server, dict[str, Any]]) -> None:
    [file] = [file for file in FILES if file.stem == name]
    assert answers(demo[0], file) == answers(demo[0], file)
