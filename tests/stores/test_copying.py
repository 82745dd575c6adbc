"""An organisation moves from one home to another: everything goes along, and both are compared in the end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.stores.cast import ANN, EVERYTHING, KEY, MAY, PUT, ROUTED, SEEN
from tests.stores.homes import Home, Neo4jHome, SQLiteHome, new_home
from typer.testing import CliRunner

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home as Folder
from expertfinder.cli.app import app
from expertfinder.errors import Conflict, StoreError, StoreUnavailable
from expertfinder.model import Fact, Person, Post
from expertfinder.store import (
    Capacity,
    Feedback,
    Kind,
    Nomination,
    Store,
    TopicWish,
    Verdict,
    copying,
    open_store,
)
from expertfinder.store.codec import TYPES
from expertfinder.store.copying import content, copy_store
from expertfinder.store.statements.concepts import TopicDecision

DIRECTIONS = [("sqlite", "neo4j"), ("neo4j", "sqlite")]
DAN = Person(id="demo:dan", source="demo", audience=ANN.audience)
HIS = Post(id="demo:dans", source="demo", authors=("demo:dan",), text="Gone")


def fill(store: Store) -> None:
    """Everything that a store can hold: facts, somebody hidden twice over, somebody erased, and what stands beside."""
    store.apply([*EVERYTHING, DAN, HIS, replace(DAN, id="demo:eve", hidden=True), *many()])
    store.hide("demo:cem")
    store.hide("demo:eve")
    store.write_audit(replace(SEEN, subject="demo:dan", detail="about demo:dan"))
    store.erase("demo:dan")
    store.put_key(KEY)
    store.put_key(replace(KEY, id="k2", person=None, revoked=True))
    store.state(Feedback(person="demo:ann", subject="demo:bob", text="Who\0?", helpful=False, at=MAY))
    store.state(TopicWish(person="demo:ann", topic="ß", label="ß\n", says="keep", listed="community", at=MAY))
    store.state(Capacity(person="demo:ann", paused_until="", per_week=-1, at=MAY))
    store.state(Verdict(verdict="part", one="demo:ann", other="demo:ödë", by="prompt", at=MAY))
    store.state(replace(PUT, text="Who\0ß?\n", community="demo:builders", answered=True))
    store.state(replace(ROUTED, went="declined"))
    store.state(
        Nomination(
            person="demo:ann", subject="demo:bob", role="expert", of="rivers", label="Rivers", why="Knows them.\n",
            until="2027-01-11", day="2026-05-01", stands="asked", at=MAY,
        )
    )  # fmt: skip
    store.state(TopicDecision(topic="fluss", label="Fluß", into="River", by="demo:ann", at=MAY))
    for number in range(3):
        store.write_audit(replace(SEEN, at=MAY + timedelta(seconds=number)))
    for person in ("demo:ann", "demo:bob"):
        store.note_question(["rivers", "bridges"], person, week=MAY.date())


def many() -> list[Post]:
    return [Post(id=f"many:{n}", source="many", text=f"ß\0\u2028🌉 {n}") for n in range(2500)]


def rows(store: Store) -> dict[Kind, list[tuple[str, str]]]:
    return {kind: [(row.id, row.body) for row in store.kept(kind)] for kind in TYPES}


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Store]:
    """A file with everything in it."""
    (tmp_path / "full").mkdir()
    store = SQLiteHome(tmp_path / "full").open()
    fill(store)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.needs_neo4j)])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """An empty home of each kind."""
    return new_home(request.param, tmp_path, request)


def test_everything_goes_there_and_back_again(full: Store, home: Home, tmp_path: Path) -> None:
    there = home.open()
    copied = copy_store(full, there, origin="here")
    (tmp_path / "back").mkdir()
    back = SQLiteHome(tmp_path / "back").open()
    assert copy_store(there, back, origin="here") == copied == content(full)
    assert copied.facts == {"source": 1, "person": 4, "community": 1, "post": 2502, "interaction": 2}
    beside = {"tombstones": 2, "hidden": 2, "keys": 2, "statements": 8, "questions": 4, "audit": 4, "salts": 2}
    assert copied.beside == beside
    for store in (there, back):
        assert rows(store) == rows(full)
        assert store.beside() == full.beside()
        assert [list(store.all(kind)) for kind in TYPES] == [list(full.all(kind)) for kind in TYPES]  # type: ignore[call-overload]
        assert store.demand(fewest=2) == full.demand(fewest=2)
    there.close()
    back.close()


def test_whoever_was_erased_stays_so_in_the_new_home_and_what_follows_is_decided_there(full: Store, home: Home) -> None:
    early, there = home.open(), home.open()  # the first one knows the salt of the empty home
    copy_store(full, there, origin="here")
    for store in (there, early):
        assert store.forgotten("person", ["demo:dan", "demo:ann"]) == {"demo:dan"}
        assert store.apply([DAN, HIS]).count("refused") == 2
    assert len(there.audit(subject="demo:dan")) == 1, "who knows the id still finds the line"
    there.hide("demo:cem", hidden=False)
    there.hide("demo:eve", hidden=False)
    cem, eve = there.get("person", ["demo:cem", "demo:eve"])
    assert (cem.hidden, eve.hidden) == (False, True), "her own record hides her"
    early.close()
    there.close()


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.apply([ANN]),
        lambda store: store.hide("demo:ann"),
        lambda store: store.erase("demo:ann"),
        lambda store: store.put_key(KEY),
        lambda store: store.write_audit(SEEN),
    ],
    ids=["a fact", "somebody hidden", "somebody erased", "a key", "a line of the audit log"],
)
def test_a_target_that_is_not_empty_is_refused_and_left_as_it_is(
    full: Store, home: Home, write: Callable[[Store], object]
) -> None:
    there = home.open()
    write(there)
    before = (rows(there), there.beside(), there.changes(0))
    with pytest.raises(Conflict, match="not empty"):
        copy_store(full, there, origin="here")
    assert (rows(there), there.beside(), there.changes(0)) == before
    there.close()


class Meddling:
    """A store in which somebody else does something when the first batch comes."""

    def __init__(self, store: Store, deed: Callable[[], object]) -> None:
        self.store, self.deed = store, deed

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def apply(self, facts: list[Fact]) -> object:
        receipt = self.store.apply(facts)
        deed, self.deed = self.deed, lambda: None
        deed()
        return receipt


def test_who_writes_meanwhile_is_noticed(full: Store, tmp_path: Path) -> None:
    target = SQLiteHome(tmp_path).open()
    with pytest.raises(Conflict, match="somebody wrote"):
        copy_store(full, Meddling(target, lambda: full.hide("demo:bob")), origin="here")  # type: ignore[arg-type]
    target.close()


def test_a_target_that_does_not_keep_what_it_got_is_noticed(full: Store, tmp_path: Path) -> None:
    target = SQLiteHome(tmp_path).open()
    with pytest.raises(StoreError, match="differ"):
        copy_store(full, Meddling(target, lambda: target.delete("source", ["demo"])), origin="here")  # type: ignore[arg-type]
    target.close()


def test_a_target_that_is_away_for_a_moment_gets_the_batch_again(
    full: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "WAITS", (0.0, 0.0))
    target = SQLiteHome(tmp_path).open()

    def away() -> None:
        raise StoreUnavailable("went away while it kept what was sent")

    assert copy_store(full, Meddling(target, away), origin="here") == content(full)  # type: ignore[arg-type]
    target.close()


def test_a_target_that_stays_away_ends_the_copy(full: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "WAITS", (0.0, 0.0))
    target = SQLiteHome(tmp_path).open()
    with pytest.raises(StoreUnavailable, match="away"):
        copy_store(full, Away(target, lambda: None), origin="here")  # type: ignore[arg-type]
    target.close()


class Away(Meddling):
    """A store that takes nothing."""

    def apply(self, facts: list[Fact]) -> object:
        raise StoreUnavailable("away")


# --- a copy that breaks off ------------------------------------------------------------------------------------------

DIES = """
import os, signal, sys
from expertfinder.store import copying, open_store

def die(what, done, total):
    if done >= 1500:
        os.kill(os.getpid(), signal.SIGKILL)

copying.AT_ONCE = 500
here, there = open_store(sys.argv[1], read_only=True), open_store(sys.argv[2], copying=True)
copying.copy_store(here, there, origin="the old home", progress=die)
"""


def place_of(store: Store) -> str:
    """Where a store is, for another process; without a password, which the environment has."""
    where = getattr(store, "_connections", None)
    return str(where.path) if where is not None else store._server.where.url  # type: ignore[attr-defined]


def killed_copy(source: Store, target: Store) -> None:
    """A copy of one into the other that is killed in the middle."""
    places = [place_of(source), place_of(target)]
    target.close()
    run = subprocess.run([sys.executable, "-c", DIES, *places], capture_output=True, text=True, check=False)
    assert run.returncode == -signal.SIGKILL, run.stderr


@pytest.fixture(params=[("sqlite", "sqlite"), *(pytest.param(d, marks=pytest.mark.needs_neo4j) for d in DIRECTIONS)])
def broken_off(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Store, str]]:
    """A home, and the place to which a copy of it broke off."""
    stores = []
    for name, folder in zip(request.param, (tmp_path / "old", tmp_path / "new"), strict=True):
        folder.mkdir()
        stores.append(new_home(name, folder, request).open())
        if name == "neo4j":
            monkeypatch.setenv("EXPERTFINDER_NEO4J_PASSWORD", Neo4jHome.server.password)
    source, target = stores
    fill(source)
    place = place_of(target)
    killed_copy(source, target)
    yield source, place
    source.close()


def test_a_copy_that_was_killed_half_way_is_refused_until_it_has_been_gone_on_with(
    broken_off: tuple[Store, str],
) -> None:
    source, place = broken_off
    for read_only in (False, True):
        with pytest.raises(StoreError, match="half a copy of the old home: run the same `expertfinder copy` again"):
            open_store(place, read_only=read_only)
    there = open_store(place, copying=True)
    arrived = there.count("post")
    assert 0 < arrived < source.count("post")
    assert copy_store(source, there, origin="the old home") == content(source)
    there.close()
    there = open_store(place)
    assert rows(there) == rows(source)
    assert there.apply([DAN]).count("refused") == 1
    there.close()


def test_a_source_that_was_written_to_since_does_not_go_on_in_the_same_target(broken_off: tuple[Store, str]) -> None:
    source, place = broken_off
    source.hide("demo:bob")
    there = open_store(place, copying=True)
    with pytest.raises(Conflict, match="written to since that copy broke off: empty the target"):
        copy_store(source, there, origin="the old home")
    there.close()
    with pytest.raises(StoreError, match="half a copy"):
        open_store(place)


@pytest.mark.parametrize("command", ["index", "ingest", "find"])
def test_no_command_uses_half_a_copy_as_a_home(command: str, full: Store, tmp_path: Path) -> None:
    target = Folder(tmp_path / "moved")
    killed_copy(full, target.open_store())
    (tmp_path / "more.jsonl").write_text('{"kind": "person", "id": "demo:new", "source": "demo"}')
    words = {"ingest": ["native", str(tmp_path / "more.jsonl")], "find": ["rivers"]}.get(command, [])
    run = CliRunner().invoke(app, [command, *words, "--home", str(target.folder)])
    assert isinstance(run.exception, StoreError)
    assert "half a copy of the old home" in str(run.exception)
    with pytest.raises(StoreError, match="half a copy of the old home"):
        ExpertFinder.open(target)  # as a service does
    run = CliRunner().invoke(app, ["copy", place_of(full), str(target.folder)])
    assert run.exit_code == 0, run.output
    target.open_store().close()


# --- at the prompt ---------------------------------------------------------------------------------------------------


def test_the_command_copies_homes_and_files_and_says_how_much(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    store = Folder(tmp_path / "home").open_store()
    fill(store)
    store.close()
    run = CliRunner().invoke(app, ["copy", str(tmp_path / "home"), str(tmp_path / "moved.sqlite"), "--json"])
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["facts"]["post"] == 2502
    run = CliRunner().invoke(app, ["copy", str(tmp_path / "moved.sqlite"), str(tmp_path / "again")])
    assert run.exit_code == 0, run.output
    assert "both hold the same" in run.stdout
    assert (tmp_path / "again" / "record.sqlite").is_file()


def test_the_command_makes_nothing_out_of_a_place_where_there_is_nothing(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["copy", str(tmp_path / "nothing"), str(tmp_path / "moved")])
    assert "no record" in str(run.exception)
    assert list(tmp_path.iterdir()) == []
