"""Killed at any moment, the record keeps what it acknowledged (promise C1); and the loop that says so can say no."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from scripts import kill
from tests.sizes import size

from expertfinder import store as store_package
from expertfinder.ask.home import Home
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.store import open_store

KILLS = size("C1")


def test_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, kill.__file__, "--kills", str(KILLS), "--folder", str(tmp_path), "--json"],
        env={**os.environ, "PYTHONPATH": str(Path(store_package.__file__).parents[2])},
        stdout=subprocess.PIPE,
        check=False,
    )
    outcome = json.loads(finished.stdout)
    assert outcome["findings"] == []
    assert outcome["kills"] == KILLS
    assert outcome["inside"] >= 0.9 * KILLS, "the kills must land where they can do harm"
    assert outcome["acknowledged"] > 0
    assert finished.returncode == 0


def restart_after(tmp_path: Path, damage: Callable[[apsw.Connection], object]) -> list[str]:
    """What the checks say of a record of three batches that was damaged behind the store's back."""
    record = tmp_path / "facts.db"
    store = open_store(record)
    for number in range(3):
        sequence = store.apply(kill.batch(number)).sequence
    with closing(apsw.Connection(str(record))) as connection:
        damage(connection)
    restart = kill.Restart(record, store, acknowledged=2, sequence=sequence, checked=-1)
    found = [check.__name__ for check in kill.CHECKS if check(restart)]
    store.close()
    return found


def test_the_checks_find_nothing_in_a_sound_record(tmp_path: Path) -> None:
    assert restart_after(tmp_path, lambda connection: connection.execute("SELECT 1")) == []


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM post WHERE id = 'kill:000001-007'",
        "UPDATE post SET body = json_set(body, '$.text', 'x') WHERE id = 'kill:000002-059'",
    ],
    ids=["a post lost", "a post altered"],
)
def test_an_index_that_is_not_of_this_record_is_found(tmp_path: Path, damage: str) -> None:
    def index_first(connection: apsw.Connection) -> None:
        store = open_store(tmp_path / "facts.db")
        Home(tmp_path).build_index(store, encode=encoder(DEFAULT))
        store.close()
        connection.execute(damage)

    assert restart_after(tmp_path, index_first) == ["every_batch_is_whole", "the_index_equals_the_record"]


def test_the_index_of_a_sound_record_is_compared_beside_an_older_snapshot_too(tmp_path: Path) -> None:
    record = tmp_path / "facts.db"
    store = open_store(record)
    for number in range(4):
        sequence = store.apply(kill.batch(number)).sequence
        restart = kill.Restart(record, store, acknowledged=number, sequence=sequence, checked=-1)
        assert kill.the_index_equals_the_record(restart) is None
    assert len([path for path in (tmp_path / "index").iterdir() if path.is_dir()]) == 1, "the first one still answers"
    store.close()


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("DELETE FROM post WHERE id = 'kill:000001-007'", ["every_batch_is_whole"]),
        ("UPDATE interaction SET body = '{\"source\":\"kill\",\"actor\":\"x\",\"verb\":\"x\",\"object\":\"x\"}'"
         " WHERE id = 'kill:000002-059'", ["every_batch_is_whole"]),
        ("UPDATE source SET body = json_set(body, '$.description', '1')",
         ["nothing_acknowledged_is_lost", "every_batch_is_whole"]),
        ("DROP TRIGGER change_is_kept; DELETE FROM change WHERE sequence = 77", ["the_log_has_no_gap"]),
        ("DROP TRIGGER change_is_kept; DELETE FROM change WHERE sequence > 360",
         ["nothing_acknowledged_is_lost"]),
        ("PRAGMA ignore_check_constraints = ON; UPDATE change SET operation = 'nonsense' WHERE sequence = 5",
         ["the_file_is_whole"]),
    ],
    ids=["a post lost", "an act altered", "a batch lost", "a gap in the log", "the log cut off", "a row against rules"],
)  # fmt: skip
def test_the_checks_find_planted_damage(tmp_path: Path, damage: str, found: list[str]) -> None:
    assert restart_after(tmp_path, lambda connection: connection.execute(damage)) == found
