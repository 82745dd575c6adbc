"""An organisation moves from one home to another: everything goes along, and both are compared in the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.stores.cast import ANN, EVERYTHING, KEY, MAY, SEEN
from tests.stores.homes import Home, SQLiteHome, new_home
from typer.testing import CliRunner

from expertfinder.cli.app import app
from expertfinder.errors import Conflict, StoreError
from expertfinder.model import Fact, Person, Post
from expertfinder.store import Feedback, Kind, Store
from expertfinder.store.codec import TYPES
from expertfinder.store.copying import content, copy_store

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
    store.put_feedback(Feedback(person="demo:ann", subject="demo:bob", text="Who\0?", helpful=False, at=MAY))
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
    copied = copy_store(full, there)
    (tmp_path / "back").mkdir()
    back = SQLiteHome(tmp_path / "back").open()
    assert copy_store(there, back) == copied == content(full)
    assert copied.facts == {"source": 1, "person": 4, "community": 1, "post": 2502, "interaction": 2}
    assert copied.beside == {"tombstones": 2, "hidden": 2, "keys": 2, "feedback": 1, "questions": 4, "audit": 4}
    for store in (there, back):
        assert rows(store) == rows(full)
        assert store.beside() == full.beside()
        assert [list(store.all(kind)) for kind in TYPES] == [list(full.all(kind)) for kind in TYPES]  # type: ignore[call-overload]
        assert store.demand(fewest=2) == full.demand(fewest=2)
    there.close()
    back.close()


def test_whoever_was_erased_stays_so_in_the_new_home_and_what_follows_is_decided_there(full: Store, home: Home) -> None:
    early, there = home.open(), home.open()  # the first one knows the salt of the empty home
    copy_store(full, there)
    for store in (there, early):
        assert store.forgotten("person", ["demo:dan", "demo:ann"]) == {"demo:dan"}
        assert store.apply([DAN, HIS]).refused == 2
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
        copy_store(full, there)
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
        self.deed()
        self.deed = lambda: None
        return receipt


def test_who_writes_meanwhile_is_noticed(full: Store, tmp_path: Path) -> None:
    target = SQLiteHome(tmp_path).open()
    with pytest.raises(Conflict, match="somebody wrote"):
        copy_store(full, Meddling(target, lambda: full.hide("demo:bob")))  # type: ignore[arg-type]
    target.close()


def test_a_target_that_does_not_keep_what_it_got_is_noticed(full: Store, tmp_path: Path) -> None:
    target = SQLiteHome(tmp_path).open()
    with pytest.raises(StoreError, match="differ"):
        copy_store(full, Meddling(target, lambda: target.delete("source", ["demo"])))  # type: ignore[arg-type]
    target.close()


# --- at the prompt ---------------------------------------------------------------------------------------------------


def test_the_command_copies_homes_and_files_and_says_how_much(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    from expertfinder.finder import Home as Folder

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
