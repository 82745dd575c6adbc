"""What only the Neo4j home promises: its address, its format, its graph, and several who follow it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import pytest
from tests.stores.cast import ALONE, ANN, BOB, BUILDERS, EVERYTHING, MAY, RATING, THANKS, TOGETHER
from tests.stores.homes import Neo4jHome

from expertfinder.configuration.settings import Settings, settings
from expertfinder.errors import FormatNotSupported, StoreError, StoreUnavailable
from expertfinder.model import Audience, Fact, Interaction, Person, Post
from expertfinder.store import Feedback, Kind, Outcome, Store, migrations, open_store
from expertfinder.store.batches import Rows
from expertfinder.store.codec import TYPES
from expertfinder.store.neo4j import large_imports, writing
from expertfinder.store.neo4j.large_imports import Part
from expertfinder.store.neo4j.server import Address, Transaction, address

if TYPE_CHECKING:
    from scripts.neo4j.server import Server

T = TypeVar("T")
needs_neo4j = pytest.mark.needs_neo4j


@pytest.fixture
def home(neo4j_empty: Server) -> Neo4jHome:
    Neo4jHome.server = neo4j_empty
    return Neo4jHome(Path())


@pytest.fixture
def store(home: Neo4jHome) -> Iterator[Store]:
    opened = home.open()
    yield opened
    opened.close()


def again(write: Callable[[], T]) -> T:
    """Write until it is taken, as who is told to come again does."""
    for _ in range(20):
        try:
            return write()
        except StoreUnavailable:
            continue
    raise AssertionError("it was never taken")


# --- the address, the driver, the settings ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "shown", "user", "password", "database"),
    [
        ("bolt://127.0.0.1:7687", "bolt://127.0.0.1:7687", "neo4j", "from the settings", None),
        ("neo4j://ann:p%40ss@host", "neo4j://host", "ann", "p@ss", None),
        ("neo4j+s://ann@host:7687/people", "neo4j+s://host:7687", "ann", "from the settings", "people"),
        ("neo4j://h?region=north", "neo4j://h?region=north", "neo4j", "from the settings", None),
    ],
)
def test_an_address_says_where_who_and_which_database(
    url: str, shown: str, user: str, password: str, database: str | None
) -> None:
    found = address(url, password="from the settings")
    assert found == Address(url=shown, user=user, password=password, database=database)
    assert password not in repr(found)


def test_an_address_without_a_password_names_the_setting() -> None:
    with pytest.raises(StoreError, match="EXPERTFINDER_NEO4J_PASSWORD"):
        open_store("neo4j://somewhere")


def test_no_setting_that_is_shown_has_a_password_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPERTFINDER_RECORD", "neo4j://ann:swordfish@host/people")
    monkeypatch.setenv("EXPERTFINDER_NEO4J_PASSWORD", "swordfish2")
    chosen = settings()
    assert chosen.record == "neo4j://ann:swordfish@host/people"
    assert chosen.neo4j_password == "swordfish2"
    assert "swordfish" not in f"{chosen} {chosen.shown()}"
    assert chosen.shown()["record"] == "neo4j://host/people"
    assert Settings(record="/a/file").shown()["record"] == "/a/file"


def test_without_the_driver_an_address_says_how_to_get_it_and_a_file_opens(tmp_path: Path) -> None:
    lines = (
        "import sys; sys.modules['neo4j'] = None\n"
        "from expertfinder.errors import StoreError; from expertfinder.store import open_store\n"
        "open_store(sys.argv[1]).close()\n"
        "try: open_store('bolt://neo4j:x@127.0.0.1:1')\n"
        "except StoreError as error: print(error)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run(
        [sys.executable, "-c", lines, str(tmp_path / "facts.db")],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "pip install 'expertfinder[neo4j]'" in said


def test_who_keeps_the_facts_in_a_file_never_loads_the_driver(tmp_path: Path) -> None:
    lines = (
        "import sys; from expertfinder.cli import main; from expertfinder.store import open_store\n"
        "open_store(sys.argv[1]).close(); print('neo4j' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", lines, str(tmp_path / "facts.db")]
    assert subprocess.run(command, env=environment, check=True, capture_output=True).stdout == b"False\n"


def test_a_server_that_is_not_there_is_unavailable_and_its_address_is_told_without_the_password() -> None:
    with pytest.raises(StoreUnavailable, match=r"bolt://127\.0\.0\.1:1 cannot be reached") as caught:
        open_store("bolt://neo4j:swordfish@127.0.0.1:1")
    assert "swordfish" not in str(caught.value)


# --- formats ---------------------------------------------------------------------------------------------------------


@needs_neo4j
def test_a_database_of_newer_code_is_refused_and_not_touched(home: Neo4jHome, neo4j_empty: Server) -> None:
    home.open().close()
    neo4j_empty.query("MATCH (n:Property {name: 'format'}) SET n.value = 99")
    for read_only in (False, True):
        with pytest.raises(FormatNotSupported, match="format 99") as refused:
            open_store(home.url, read_only=read_only)
        assert refused.value.extras == {"found": 99, "supported": len(migrations.statements())}


@needs_neo4j
def test_a_database_of_before_statements_opens_with_its_feedback(neo4j_bare: Server, home: Neo4jHome) -> None:
    said = Feedback(person="demo:ann", subject="demo:bob", text="Who\0 ß?", helpful=True, at=MAY)
    store = home.open()
    store.state(said)
    before = store.beside().statements
    store.close()
    neo4j_bare.query(
        "MATCH (n:Statement) SET n:Feedback, n.id = substring(n.id, 9) REMOVE n:Statement, n.kind, n.key, n.about"
    )
    neo4j_bare.query("DROP CONSTRAINT statement_id")
    neo4j_bare.query("MATCH (n:Property {name: 'format'}) SET n.value = 2")
    store = home.open()
    assert store.statements(Feedback) == [said]
    assert store.beside().statements == before
    store.close()


@needs_neo4j
def test_a_database_of_somebody_else_is_refused_and_not_touched(neo4j_bare: Server, home: Neo4jHome) -> None:
    neo4j_bare.query("CREATE (:Recipe {name: 'soup'})")
    with pytest.raises(StoreError, match="something else"):
        home.open()
    assert neo4j_bare.query("MATCH (n) RETURN count(n) AS count") == [{"count": 1}]
    assert neo4j_bare.query("SHOW CONSTRAINTS YIELD name RETURN count(name) AS count") == [{"count": 0}]


@needs_neo4j
@pytest.mark.usefixtures("neo4j_bare")
def test_a_reader_of_an_empty_database_is_told_to_import_and_writes_nothing(home: Neo4jHome) -> None:
    with pytest.raises(StoreError, match="import something first"):
        open_store(home.url, read_only=True)
    home.open().close()
    reader = open_store(home.url, read_only=True)
    for write in (lambda: reader.apply([ANN]), lambda: reader.hide("demo:ann"), lambda: reader.erase("demo:ann")):
        with pytest.raises(StoreUnavailable, match="readonly"):
            write()
    assert reader.sequence() == 0
    reader.close()


@needs_neo4j
def test_a_migration_that_broke_off_is_taken_up_again(neo4j_bare: Server, home: Neo4jHome) -> None:
    for statement in migrations.statements()[0][:5]:
        neo4j_bare.query(statement)
    store = home.open()
    assert store.apply(EVERYTHING).count("added") == len(EVERYTHING)
    store.close()


@needs_neo4j
def test_eight_who_open_the_same_empty_database_at_once_make_one_record(neo4j_bare: Server, home: Neo4jHome) -> None:
    def make(number: int) -> int:
        store = home.open()
        try:
            return again(lambda: store.apply([replace(ANN, id=f"demo:{number}")])).count("added")
        finally:
            store.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(make, range(8))) == 8
    assert neo4j_bare.query("MATCH (n:Change) RETURN count(n) AS count") == [{"count": 8}]
    assert neo4j_bare.query("MATCH (n:Property) RETURN count(n) AS count") == [{"count": 2}]


# --- the graph follows the facts -------------------------------------------------------------------------------------


def ties(server: Server) -> set[tuple[str, str, str]]:
    rows = server.query("MATCH (a)-[r]->(b) RETURN a.id AS a, type(r) AS r, b.id AS b")
    return {(row["a"], row["r"], row["b"]) for row in rows}


def unrecorded(server: Server) -> set[str]:
    return {row["id"] for row in server.query("MATCH (n:Unrecorded) RETURN n.id AS id")}


@needs_neo4j
def test_a_fact_that_changes_changes_its_ties_and_properties(store: Store, neo4j_empty: Server) -> None:
    store.apply(EVERYTHING)
    before = ties(neo4j_empty)
    store.apply(
        [
            replace(TOGETHER, authors=("demo:cem",), parent="demo:9", community="", title=""),
            replace(BUILDERS, members=("demo:cem",), leads=()),
            replace(THANKS, actor="demo:cem", object="demo:2", object_type="post"),
        ]
    )
    assert before - ties(neo4j_empty) == {
        ("demo:ann", "WROTE", "demo:2"),
        ("demo:bob", "WROTE", "demo:2"),
        ("demo:2", "REPLY_TO", "demo:1"),
        ("demo:2", "POSTED_IN", "demo:builders"),
        ("demo:ann", "MEMBER_OF", "demo:builders"),
        ("demo:bob", "MEMBER_OF", "demo:builders"),
        ("demo:ann", "LEADS", "demo:builders"),
        ("demo:bob", "ACTED", "demo:ann"),
    }
    assert ties(neo4j_empty) - before == {
        ("demo:cem", "WROTE", "demo:2"),
        ("demo:2", "REPLY_TO", "demo:9"),
        ("demo:cem", "MEMBER_OF", "demo:builders"),
        ("demo:cem", "ACTED", "demo:2"),
    }
    assert neo4j_empty.query("MATCH (p:Post {id: 'demo:2'}) RETURN p.title AS title") == [{"title": None}]


@needs_neo4j
def test_what_is_named_and_not_described_is_there_as_unrecorded_until_nothing_names_it(
    store: Store, neo4j_empty: Server
) -> None:
    store.apply([TOGETHER, RATING])
    assert unrecorded(neo4j_empty) == {"demo:ann", "demo:bob", "demo:1", "demo:builders", "demo:cem"}
    assert [store.count(kind) for kind in ("person", "post", "community")] == [0, 1, 0]
    assert (list(store.all("person")), store.get("post", ["demo:1"])) == ([], [])
    store.apply([ANN, ALONE])
    assert unrecorded(neo4j_empty) == {"demo:bob", "demo:builders", "demo:cem"}
    store.delete("post", ["demo:2"])
    assert unrecorded(neo4j_empty) == {"demo:cem"}
    store.delete("interaction", ["demo:i2"])
    store.delete("person", ["demo:ann"])
    assert unrecorded(neo4j_empty) == {"demo:ann"}, "her post is still there"
    store.delete("post", ["demo:1"])
    assert neo4j_empty.query("MATCH (n:Person|Post|Community) RETURN n") == []


@needs_neo4j
def test_of_an_erased_person_nothing_is_left_in_any_node_or_tie(store: Store, neo4j_empty: Server) -> None:
    store.apply(EVERYTHING)
    store.erase("demo:ann")
    rows = neo4j_empty.query("MATCH (n) RETURN n {.*} AS it UNION ALL MATCH ()-[r]->() RETURN r {.*} AS it")
    assert [row["it"] for row in rows if "demo:ann" in repr(row["it"]).replace("demo:ann2", "")] == []
    assert len(rows) > 20


@needs_neo4j
def test_same_as_follows_the_accounts_and_the_audience(store: Store, neo4j_empty: Server) -> None:
    other = Person(id="wiki:ann", source="wiki", accounts=("email:ANN@demo.example ",), audience=ANN.audience)

    def same() -> list[dict[str, Any]]:
        return neo4j_empty.query("MATCH (a)-[r:SAME_AS]->(b) RETURN a.id AS a, b.id AS b, r.key AS key")

    store.apply([ANN, BOB])
    assert same() == []
    store.apply([other])
    assert same() == [{"a": "demo:ann", "b": "wiki:ann", "key": "email:ann@demo.example"}]
    store.apply([replace(other, audience=Audience("groups", groups=("demo:board",)))])
    assert same() == [], "what not everybody may read of them does not say who they are"
    store.apply([other, replace(ANN, title="Head")])
    assert len(same()) == 1
    store.apply([replace(ANN, accounts=())])
    assert same() == []
    store.apply(
        [replace(ANN, accounts=("email:noreply@x.example",)), replace(other, accounts=("email:noreply@x.example",))]
    )
    assert same() == [], "a mailbox of nobody's joins nobody"


@needs_neo4j
def test_people_who_are_not_to_be_found_are_marked_for_who_reads_the_graph(store: Store, neo4j_empty: Server) -> None:
    store.apply([ANN, replace(BOB, hidden=True)])
    store.hide("demo:ann")
    store.apply([replace(ANN, title="Head")])
    marked = "MATCH (p:Person) WHERE p.hidden RETURN p.id AS id ORDER BY id"
    assert [row["id"] for row in neo4j_empty.query(marked)] == ["demo:ann", "demo:bob"]
    store.hide("demo:ann", hidden=False)
    store.hide("demo:bob")
    store.hide("demo:bob", hidden=False)
    assert [row["id"] for row in neo4j_empty.query(marked)] == ["demo:bob"]


@needs_neo4j
def test_a_text_of_any_characters_and_any_length_comes_back(store: Store) -> None:
    texts = ["\0", "a\0b", "\u2028\ufeff\uffff", "🌉" * 50_000, "\x01\x7f\r\n\t", "e\u0301", "é", " " * 9]
    posts = [Post(id=f"demo:{n}", source="demo", text=text, title=text[:9]) for n, text in enumerate(texts)]
    store.apply(posts)
    assert list(store.all("post")) == posts


@needs_neo4j
def test_an_id_that_is_too_long_for_an_index_is_refused_and_named(store: Store) -> None:
    with pytest.raises(StoreError, match="too large to index"):
        store.apply([replace(ANN, id="demo:" + "x" * 40_000)])
    assert store.sequence() == 0


# --- several at once -------------------------------------------------------------------------------------------------


class Follower:
    """Somebody who keeps a picture of the facts by following the log of changes, as a service does."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.seen = 0
        self.numbers: list[int] = []
        self.picture: dict[tuple[Kind, str], Fact] = {}

    def look(self) -> None:
        """Take in what is new."""
        if self.store.sequence() == self.seen:
            return
        while changes := self.store.changes(self.seen, limit=100):
            self.numbers += [change.sequence for change in changes]
            self.seen = changes[-1].sequence
            for kind in TYPES:
                ids = list(dict.fromkeys(change.id for change in changes if change.kind == kind))
                for fact_id in ids:
                    self.picture.pop((kind, fact_id), None)
                for fact in self.store.get(kind, ids):  # type: ignore[call-overload]
                    self.picture[kind, fact.id] = fact


@needs_neo4j
def test_who_follows_four_writers_sees_no_gap_no_disorder_and_in_the_end_what_is_there(home: Neo4jHome) -> None:
    home.open().close()
    done = threading.Event()

    def write(writer: int) -> None:
        store = home.open()
        for number in range(25):
            mine = [Post(id=f"w{writer}:{number}-{n}", source="w", authors=(f"w:{n}",)) for n in range(10)]
            contested = Person(id="w:all", source="w", title=f"{writer} {number}")
            act = Interaction(id=f"w{writer}:{number}", source="w", actor="w:all", verb="like", object=mine[0].id)
            batch = [*mine, contested, act]
            again(lambda batch=batch: store.apply(batch))  # type: ignore[misc]
            if number % 5 == 4:
                gone = mine[3].id
                again(lambda gone=gone: store.delete("post", [gone]))  # type: ignore[misc]
        store.close()

    def follow() -> Follower:
        follower = Follower(home.open())
        while not done.is_set():
            follower.look()
        follower.look()
        return follower

    with ThreadPoolExecutor(6) as threads:
        following = [threads.submit(follow) for _ in range(2)]
        writing = [threads.submit(write, number) for number in range(4)]
        try:
            for one in writing:
                one.result()
        finally:
            done.set()
        followers = [one.result() for one in following]
    for follower in followers:
        assert follower.numbers == list(range(1, 4 * (25 * 12 + 5) + 1))
        there = {(kind, fact.id): fact for kind in TYPES for fact in follower.store.all(kind)}  # type: ignore[call-overload]
        assert follower.picture == there
        follower.store.close()


@needs_neo4j
def test_a_long_read_shows_one_moment_whatever_is_written_meanwhile(
    home: Neo4jHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("expertfinder.store.neo4j.reading.PAGE_ROWS", 50)
    monkeypatch.setattr("expertfinder.store.neo4j.reading.MANY", 60)
    reader, writer = home.open(), home.open()
    writer.apply(Person(id=f"demo:{n:04}", source="demo", name="0") for n in range(400))
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            writer.apply(Person(id=f"demo:{n:04}", source="demo", name=str(number)) for n in range(0, 400, 7))
            writer.apply([Person(id=f"demo:new{number:04}", source="demo", name=str(number))])
            if number == 3:
                writer.erase("demo:0200")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(10):
            people = list(reader.all("person"))
            of_batch = {person.name for person in people if person.id in {f"demo:{n:04}" for n in range(0, 400, 7)}}
            assert len(of_batch) == 1, "half a batch was seen"
            newest = int(of_batch.pop())
            news = [person for person in people if person.id.startswith("demo:new")]
            assert len(news) in (newest, newest - 1)
    finally:
        stop.set()
        thread.join()
    reader.close()
    writer.close()


@needs_neo4j
def test_after_a_fork_the_child_has_connections_of_its_own_and_both_go_on(home: Neo4jHome) -> None:
    lines = (
        "import os, sys; from expertfinder.store import open_store; from expertfinder.model import Person\n"
        "store = open_store(sys.argv[1]); store.apply([Person(id='demo:ann', source='demo')])\n"
        "child = os.fork()\n"
        "for number in range(5): store.apply([Person(id=f'demo:{number}-{child == 0}', source='demo')])\n"
        "store.close()\n"
        "if child == 0: os._exit(0)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-W", "ignore", "-c", lines, home.url], check=True, env=environment, timeout=120)
    store = home.open()
    assert (store.count("person"), store.sequence()) == (11, 11)
    store.close()


# --- imports that are too large for one transaction ------------------------------------------------------------------

LARGE = [Person(id=f"demo:{n:04}", source="demo", name=f"n{n}") for n in range(600)]
LARGE += [Post(id=f"demo:{n:04}", source="demo", authors=(f"demo:{n:04}",), text=f"t{n}") for n in range(600)]


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many parts of few facts."""
    monkeypatch.setattr("expertfinder.store.neo4j.large_imports.LARGE", 500)
    monkeypatch.setattr("expertfinder.store.neo4j.large_imports.PARTS_AT_ONCE", 2)
    monkeypatch.setattr("expertfinder.store.neo4j.transactions.CHUNK_ROWS", 40)


class Died(Exception):
    """In place of the end of the process."""


def die_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """The process goes away after so many transactions of the writing."""
    left = [steps]
    usual = large_imports.go_on

    async def go_on(transaction: Transaction) -> bool:
        if not left[0]:
            raise Died
        left[0] -= 1
        return await usual(transaction)

    monkeypatch.setattr("expertfinder.store.neo4j.locks.go_on", go_on)


@needs_neo4j
@pytest.mark.usefixtures("in_parts")
def test_a_large_import_is_what_one_transaction_would_have_made_of_it(store: Store, neo4j_empty: Server) -> None:
    store.apply([replace(LARGE[5], name="before"), LARGE[7]])
    store.erase("demo:0009")
    receipt = store.apply(LARGE)
    assert receipt.sequence == 3 + 1197
    assert [receipt.count(each) for each in get_args(Outcome)] == [1196, 1, 1, 2]
    assert [change.sequence for change in store.changes(0)] == list(range(1, 1201))
    left = [fact for fact in LARGE if fact.id != "demo:0009"]
    assert [*store.all("person"), *store.all("post")] == left
    assert store.apply(LARGE).count("unchanged") == 1198
    assert neo4j_empty.query("MATCH (n:Pending) RETURN count(n) AS count") == [{"count": 0}]
    assert neo4j_empty.query("MATCH (n:Property) WHERE n.name STARTS WITH 'imp' RETURN n") == []


@needs_neo4j
@pytest.mark.usefixtures("in_parts")
@pytest.mark.parametrize("steps", [0, 1, 7, 15])
def test_a_large_import_whose_sender_dies_is_finished_by_who_comes_next(
    home: Neo4jHome, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    sender, follower = home.open(), home.open()
    with monkeypatch.context() as patch:
        die_after(patch, steps)
        with pytest.raises(Died):
            sender.apply(LARGE)
    assert (follower.sequence(), follower.changes(0)) == (0, []), "nothing of it is told before all of it is there"
    if steps % 2:
        assert follower.apply([BOB]).sequence == 1201
    else:
        assert len(list(follower.all("post"))) == 600
    assert follower.count("person") == 600 + steps % 2
    assert [change.id for change in follower.changes(0)][:1200] == [fact.id for fact in LARGE]
    assert sender.apply(LARGE).count("unchanged") == 1200
    sender.close()
    follower.close()


@needs_neo4j
@pytest.mark.usefixtures("in_parts")
def test_a_large_import_whose_sender_dies_before_the_decision_leaves_nothing(
    home: Neo4jHome, monkeypatch: pytest.MonkeyPatch, neo4j_empty: Server
) -> None:
    sender = home.open()
    with monkeypatch.context() as patch:
        patch.setattr("expertfinder.store.neo4j.writing.decide", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sender.apply(LARGE)
    assert (sender.sequence(), sender.count("person"), list(sender.all("post"))) == (0, 0, [])
    neo4j_empty.query("MATCH (n:Pending) SET n.at = n.at - duration('PT2H')")
    assert sender.apply(LARGE).count("added") == 1200
    assert neo4j_empty.query("MATCH (n:Pending) RETURN count(n) AS count") == [{"count": 0}]
    sender.close()


RECEIVED = ["unchanged", "changed", "added", "unchanged", "added", "changed"]


@needs_neo4j
@pytest.mark.usefixtures("in_parts")
def test_the_receipt_of_a_large_import_knows_what_others_wrote_until_it_was_decided(
    home: Neo4jHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, other = home.open(), home.open()
    sender.apply([LARGE[0], LARGE[1], LARGE[2]])
    usual = writing.hashes_of
    meanwhile = [LARGE[3], replace(LARGE[1], name="other"), LARGE[4], replace(LARGE[5], name="new")]

    async def then_others_write(transaction: Transaction, kind: Kind, ids: Sequence[str]) -> dict[str, str]:
        found = await usual(transaction, kind, ids)
        if meanwhile:
            other.apply(meanwhile)
            other.delete("person", [LARGE[2].id, LARGE[4].id])
            meanwhile.clear()
        return found

    monkeypatch.setattr("expertfinder.store.neo4j.writing.hashes_of", then_others_write)
    outcomes = sender.apply(LARGE).outcomes
    assert [outcomes["person"][LARGE[n].id] for n in range(6)] == RECEIVED
    assert set(list(outcomes["person"].values())[6:]) == set(outcomes["post"].values()) == {"added"}
    sender.close()
    other.close()


@needs_neo4j
@pytest.mark.usefixtures("in_parts")
def test_an_erasure_while_a_large_import_is_laid_down_is_obeyed(
    home: Neo4jHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, other = home.open(), home.open()
    erased: list[int] = []

    def laying(rows: Rows) -> Iterator[Part]:
        yield from large_imports.parts_of(rows)
        if not erased:
            erased.append(other.erase("demo:0003"))

    monkeypatch.setattr("expertfinder.store.neo4j.writing.parts_of", laying)
    assert sender.apply(LARGE).count("refused") == 2
    assert sender.get("post", ["demo:0003"]) == []
    assert other.count("person") == 599
    sender.close()
    other.close()
