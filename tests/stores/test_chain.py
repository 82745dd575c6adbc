"""The audit log is a chain: one changed byte shows, and an erasure leaves it whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import apsw
import pytest
from tests.stores.cast import ANN, BOB, MAY, SEEN
from tests.stores.homes import REAL, new_home

from expertfinder.store import Store, open_store
from expertfinder.store.copying import copy_store
from expertfinder.store.sqlite.store import SQLiteStore


@pytest.fixture(params=REAL)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = new_home(request.param, tmp_path, request).open()
    yield opened
    opened.close()


def written(store: Store, lines: int = 4) -> None:
    store.apply([ANN, BOB])
    for number in range(lines):
        store.write_audit(replace(SEEN, at=MAY + timedelta(seconds=number, microseconds=number)))


def test_lines_that_nobody_touched_are_a_whole_chain(store: Store) -> None:
    assert store.check_audit() == (0, "", None)
    written(store)
    store.write_audit(replace(SEEN, actor="prompt", subject=""), replace(SEEN, event="slate", detail="staffing"))
    whole = store.check_audit()
    assert (whole.lines, whole.broken, len(whole.head)) == (6, None, 64)
    store.write_audit(SEEN)
    assert store.check_audit().head != whole.head
    assert [line.event for line in store.audit(events=["slate"])] == ["slate"]
    assert store.audit(events=["slate", "nothing"], subject="demo:nobody") == []


def test_the_chain_holds_after_an_erasure_that_leaves_no_salt(store: Store) -> None:
    written(store)
    head = store.check_audit().head
    assert "demo:ann" in dict(store.beside().salts)
    store.erase("demo:ann")
    assert store.check_audit() == (4, head, None)
    assert "demo:ann" not in dict(store.beside().salts)
    assert "demo:ann" not in repr(store.beside().audit).replace("demo:ann2", "")
    store.write_audit(replace(SEEN, event="erase", detail=""))
    store.erase("demo:bob")
    assert store.check_audit()[::2] == (5, None)


def test_a_copy_has_the_chain_of_the_first(store: Store, tmp_path: Path) -> None:
    written(store)
    store.erase("demo:ann")
    with_it = open_store(tmp_path / "copy.sqlite3", copying=True)
    copy_store(store, with_it, origin="the first")
    assert with_it.check_audit() == store.check_audit()
    with_it.write_audit(SEEN)
    assert with_it.check_audit()[::2] == (5, None)
    with_it.close()


COLUMNS = ("number", "at", "actor", "event", "subject", "detail", "seal")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    store = SQLiteStore(tmp_path / "record.sqlite3")
    written(store)
    store.write_audit(replace(SEEN, actor="prompt", subject=""))
    store.erase("demo:ann")
    store.close()
    return tmp_path / "record.sqlite3"


def tampered(file: Path, statement: str, bindings: tuple[object, ...] = ()) -> int | None:
    connection = apsw.Connection(str(file))
    connection.execute(statement, bindings)
    connection.close()
    store = SQLiteStore(file)
    try:
        return store.check_audit().broken
    finally:
        store.close()


def other(value: object, place: int) -> object:
    """The value with one byte changed, in a way that means the same where there is one."""
    if isinstance(value, int):
        return value + 100
    text = str(value)
    place %= len(text)
    changed = text[place].swapcase() if text[place].swapcase() != text[place] else chr(ord(text[place]) ^ 1)
    return text[:place] + changed + text[place + 1 :]


@pytest.mark.parametrize("column", COLUMNS)
def test_one_changed_byte_of_any_line_shows(file: Path, column: str) -> None:
    connection = apsw.Connection(str(file))
    before = [tuple(row) for row in connection.execute(f"SELECT number, {column} FROM audit ORDER BY number")]
    connection.close()
    for number, value in before:
        for place in range(0, max(len(str(value)), 1), 23):
            if value == "":
                continue
            changed = tampered(file, f"UPDATE audit SET {column} = ? WHERE number = ?", (other(value, place), number))
            assert changed is not None, (number, column, place)
            assert changed <= number + 1
            now = other(value, place) if column == "number" else number
            tampered(file, f"UPDATE audit SET {column} = ? WHERE number = ?", (value, now))
    assert tampered(file, "SELECT 1") is None, "as it was, it is whole"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'demo:cat' WHERE number = 2",
        "UPDATE audit SET subject = '' WHERE number = 2",
        "UPDATE audit SET detail = '' WHERE number = 2",
        "UPDATE audit SET seal = '' WHERE number <= 2",
        "UPDATE audit SET seal = (SELECT seal FROM audit WHERE number = 1) WHERE number = 2",
        "UPDATE audit SET at = replace(at, 'T', ' ') WHERE number = 2",
        "UPDATE audit_salt SET salt = zeroblob(16) WHERE name = 'demo:bob'",
        "DELETE FROM audit_salt WHERE name = 'demo:bob'",
        "DROP TRIGGER audit_is_kept; DELETE FROM audit WHERE number = 2",
    ],
)
def test_other_ways_to_change_a_line_show_too(file: Path, statement: str) -> None:
    assert tampered(file, statement) is not None


def test_lines_from_before_there_was_a_chain_are_sealed_with_the_next(file: Path) -> None:
    assert tampered(file, "UPDATE audit SET seal = ''; DELETE FROM audit_salt") is None
    store = SQLiteStore(file)
    assert store.check_audit() == (5, "", None)
    store.write_audit(SEEN)
    assert store.check_audit()[::2] == (6, None)
    store.close()
    assert tampered(file, "UPDATE audit SET event = 'looked' WHERE number = 1") == 1


def test_what_was_struck_out_cannot_be_guessed_from_a_seal(file: Path) -> None:
    """The words of a line are committed to with a salt of the line, which is dropped with the name in them."""
    connection = apsw.Connection(str(file))
    seals: list[str] = [row[0] for row in connection.execute("SELECT seal FROM audit ORDER BY number")]
    connection.close()
    assert [seal.split(".")[3][:1] for seal in seals] == ["="] * 5
