"""graph/README.md names all that there is in graph/, and nothing that there is not."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import apsw
import pytest
from tests.stores.cast import ANN, BOB, BUILDERS, EVERYTHING, KEY, MAY, PUT, RATING, ROUTED, SEEN, TOGETHER
from tests.stores.homes import Neo4jHome

from expertfinder.configuration.resources import graph_folder
from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.model import Person
from expertfinder.store import (
    Ask,
    Capacity,
    Disowned,
    Feedback,
    Nomination,
    PostState,
    Regulated,
    Subscription,
    TopicWish,
    Verdict,
    Visibility,
    open_store,
)
from expertfinder.store.algorithms import Analysis, Grounds, algorithms
from expertfinder.store.codec import TYPES
from expertfinder.store.neo4j.locks import Locks

if TYPE_CHECKING:
    from scripts.neo4j.server import Server

PAGE = (graph_folder() / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def in_first_cells(text: str) -> set[str]:
    """The words in code marks in the first cell of each row of the tables of a section."""
    return {word for row in re.findall(r"^\|([^|]+)\|", text, re.MULTILINE) for word in re.findall(r"`([^`]+)`", row)}


@pytest.fixture
def schema(tmp_path: Path) -> dict[str, str]:
    """Name -> type of everything that a new record has."""
    open_store(tmp_path / "facts.db").close()
    connection = apsw.Connection(str(tmp_path / "facts.db"))
    found = {str(name): str(kind) for kind, name in connection.execute("SELECT type, name FROM sqlite_schema")}
    connection.close()
    return found


def test_every_table_is_in_the_page_and_every_table_of_the_page_is_there(schema: dict[str, str]) -> None:
    tables = {name for name, kind in schema.items() if kind == "table"}
    assert tables == {
        word for word in in_first_cells(section("The SQLite file")) if word in tables or "=" not in word
    } - {
        "secure_delete",
        "scrub",
    }


def test_every_view_is_in_the_page_and_every_view_of_the_page_is_there(schema: dict[str, str]) -> None:
    named = set(re.findall(r"^\| [^|]+ \| `(\w+)` \|", section("Ties"), re.MULTILINE))
    assert named == {name for name, kind in schema.items() if kind == "view"}


def test_every_verb_is_in_the_page_under_its_kind_of_evidence_and_no_other_is() -> None:
    rows = re.findall(r"^\| ([^|`]+) \| (`[^|]+) \|$", section("Verbs"), re.MULTILINE)
    told = {verb: kinds for kinds, verbs in rows for verb in re.findall(r"`(\w+)`", verbs)}
    there = {verb.name: verb.family for verb in vocabulary().verbs.values()}
    assert told.keys() == there.keys()
    assert [verb for verb, family in there.items() if not re.search(rf"\b{family}\b", told[verb])] == []


def test_the_page_says_of_each_kind_of_evidence_whom_it_credits() -> None:
    rows = re.findall(r"^\| ([^|`]+) \| (`[^|]+) \|$", section("Verbs"), re.MULTILINE)
    for kinds, verbs in rows:
        said = "author" if "credits the author" in kinds else "none" if "credits nobody" in kinds else "actor"
        assert {vocabulary().verbs[verb].credits for verb in re.findall(r"`(\w+)`", verbs)} == {said}, kinds


def test_every_field_of_the_vocabulary_and_every_half_life_is_explained() -> None:
    table = tomllib.loads((graph_folder() / "vocabulary.toml").read_text(encoding="utf-8"))
    words = {field for verb in table["verbs"].values() for field in verb} | set(table["half_life"])
    assert {word for word in words if f"`{word}`" not in section("Verbs")} == set()


def test_every_kind_of_post_that_weighs_less_is_in_the_page() -> None:
    assert [kind for kind in vocabulary().kinds if f"`{kind}`" not in section("Verbs")] == []


def test_the_drawn_example_is_what_the_vocabulary_says() -> None:
    kind_of_post = dict(re.findall(r'\["Post (demo:\d) \((\w+)\)', PAGE))
    rows = re.findall(r"^\| \w+ \| (demo:\d) \| (\w+)([^|]*) \| (?:WROTE|ACTED (\w+))", PAGE, re.MULTILINE)
    assert len(rows) == 3
    for post, family, weak, verb in rows:
        entry = vocabulary().verbs[verb or "create"]
        assert entry.family == family
        assert entry.weight > 0
        assert ("weak" in weak) == (vocabulary().kinds.get(kind_of_post[post], 1.0) < 1 and not verb)


# --- Neo4j -----------------------------------------------------------------------------------------------------------

NEO4J = section("The Neo4j database")
NODES = {
    label: set(re.findall(r"`(\w+)`", properties))
    for label, properties in re.findall(r"^\| `([A-Z]\w+)` \| ([^|]+) \|", NEO4J, re.MULTILINE)
}
"""Label -> the properties that the page gives it."""
OF_FACTS = {word for word in re.findall(r"`(\w+)`", NEO4J) if word.startswith("audience")} | {"hash", "body"}


@pytest.fixture
def graph(neo4j_empty: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A database in which everything has happened once."""
    Neo4jHome.server = neo4j_empty
    store = Neo4jHome(Path()).open()
    full = Person(
        id="wiki:ann",
        source="wiki",
        accounts=("email:ANN@demo.example ",),
        manager="demo:bob",
        availability="free",
        time_zone="Europe/Helsinki",
        bio="Since ever",
        org_unit="Rivers",
        location="Oulu",
        audience=ANN.audience,
    )
    store.apply([*EVERYTHING, full, replace(BUILDERS, id="demo:all", description="All", parent="demo:builders")])
    store.apply([Person(id="demo:dan", source="demo"), replace(RATING, id="demo:i3", created_at=MAY)])
    store.hide("demo:cem")
    store.erase("demo:dan")
    store.put_key(KEY)
    said = Feedback(person="demo:ann", subject="demo:bob", text="Who?", helpful=True, at=MAY)
    store.state(said)
    store.state(Verdict(verdict="part", one="demo:ann", other="demo:bob", by="prompt", at=MAY))
    store.state(Visibility(person="demo:ann", seen_by="unit", at=MAY))
    store.state(TopicWish(person="demo:ann", topic="river", label="River", says="keep", listed="never", at=MAY))
    store.state(Disowned(person="demo:ann", post="demo:p1", why="not_mine", at=MAY))
    store.state(Capacity(person="demo:ann", paused_until="2026-07-01", per_week=3, at=MAY))
    store.state(Ask(person="demo:ann", subject="demo:bob", day="2026-05-01", text="Who?", why="", at=MAY))
    store.state(PUT)
    store.state(
        Subscription(
            subscription="s1",
            person="demo:ann",
            follows="topic",
            subject="x",
            via="feed",
            digest="d",
            url="u",
            secret="s",
            sent="2026-05-01",
            at=MAY,
        )
    )
    store.state(ROUTED)
    store.state(PostState(post="demo:p1", entry="e", state="draft", until="", by="", why="", at=MAY))
    store.state(Regulated(topic="rivers", label="Rivers", by="", why="", at=MAY))
    store.state(
        Nomination(
            person="demo:ann", subject="demo:bob", role="expert", of="rivers", label="Rivers", why="",
            until="", day="2026-05-01", stands="asked", at=MAY,
        )
    )  # fmt: skip
    store.note_question(["rivers"], "demo:ann", week=MAY.date())
    store.write_audit(SEEN)
    found = {"demo:ann": {"group": 0}, "demo:bob": {"score": 1.5}, "demo:cem": {"place": 1}}
    analysis = Analysis(algorithm="leiden", parameters={"resolution": 1.0}, found=found)  # type: ignore[arg-type]
    store.hide("demo:cem", hidden=False)
    algorithms(store, seconds=60).keep([analysis], Grounds(sequence=1, people=3), runs=1)
    store.hide("demo:cem")
    monkeypatch.setattr("expertfinder.store.neo4j.large_imports.LARGE", 0)
    monkeypatch.setattr(Locks, "finish", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):  # a large import, decided and not yet written
        store.apply([replace(BOB, title="Head")])
    store.close()
    return neo4j_empty


@pytest.mark.needs_neo4j
def test_every_label_and_property_of_the_database_is_in_the_page_and_the_reverse(graph: Server) -> None:
    seen: dict[str, set[str]] = {}
    for row in graph.query("MATCH (n) UNWIND labels(n) AS label RETURN label, keys(n) AS keys"):
        seen.setdefault(row["label"], set()).update(row["keys"])
    seen["Unrecorded"] = {"id"}
    seen["Property"] -= {"after", "added", "changed"}  # how far `pending` is
    for label in ("Person", "Post", "Community", "Source"):
        assert {"hash", "body", "audience"} <= seen[label]
        seen[label] -= OF_FACTS
    assert seen == NODES


@pytest.mark.needs_neo4j
def test_the_ties_of_the_database_are_those_of_the_page_with_their_ends_and_properties(graph: Server) -> None:
    table = re.findall(r"^\| [^|]+ \| `\w+` \| ([^|]+) \|", section("Ties"), re.MULTILINE)
    table += re.findall(r"^    (\(:.+)$", NEO4J, re.MULTILINE)
    told = {
        (start, name, end): set(re.findall(r"\w+", properties))
        for cell in table
        for start, name, properties, end in re.findall(r"\(:(\w+)\)-\[:(\w+)([^\]]*)\]->\(:(\w+)\)", cell)
    }
    told["Person", "ACTED", "Person"] = told["Person", "ACTED", "Post"] - {"value"}  # nobody was rated here
    seen: dict[tuple[str, str, str], set[str]] = {}
    statement = (
        "MATCH (a)-[r]->(b) RETURN type(r) AS name, keys(r) AS keys,"
        " [l IN labels(a) WHERE l <> 'Unrecorded'][0] AS start, [l IN labels(b) WHERE l <> 'Unrecorded'][0] AS end"
    )
    for row in graph.query(statement):
        seen.setdefault((row["start"], row["name"], row["end"]), set()).update(row["keys"])
    acts = {"source", *OF_FACTS}
    assert {tie: keys - (acts if tie[1] == "ACTED" else set()) for tie, keys in seen.items()} == told


@pytest.mark.needs_neo4j
def test_the_drawn_example_can_be_read_from_the_database_without_our_code(graph: Server) -> None:
    asked = (
        "MATCH (p:Person)-[:WROTE]->(post:Post)-[:POSTED_IN]->(c:Community {name: 'Builders'}) RETURN p.name AS name"
    )
    assert sorted(row["name"] for row in graph.query(asked)) == ["Ann Aalto", "Bob"]
    human = "MATCH (p:Person {id: 'demo:ann'})-[s:SAME_AS]-(other) RETURN other.id AS id, s.key AS key"
    assert graph.query(human) == [{"id": "wiki:ann", "key": "email:ann@demo.example"}]
    acts = "MATCH (:Person)-[a:ACTED {id: 'demo:i2'}]->(:Post {id: 'demo:1'}) RETURN a.verb AS verb, a.value AS value"
    assert graph.query(acts) == [{"verb": "rate", "value": 0.0}]
    chain = "MATCH (p:Post {id: 'demo:2'})-[:REPLY_TO]->(q) RETURN q.title AS title, p.at.year AS year, p.text AS text"
    assert graph.query(chain) == [{"title": None, "year": 2024, "text": TOGETHER.text}]


def test_every_field_of_a_fact_is_a_property_or_a_tie_of_the_graph() -> None:
    from expertfinder.store.neo4j import shape

    for kind, fact_type in TYPES.items():
        shown = {*shape.READABLE[kind], *shape.TIES[kind], *shape.TIMES, "id", "audience", "hidden"}
        assert {field.name for field in fields(fact_type)} <= shown, kind
