"""A watched folder: what appears whole is imported once and moved; what cannot be read stays, and why beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import orjson
import pytest
from tests.unit.test_cli import Run, run

from expertfinder.cli.ingest.watch import IMPORTED, WHY, Inbox
from expertfinder.store import open_store

__all__ = ["run"]

ANN = '{"type": "person", "id": "ann", "name": "Ann Example"}\n'
POST = '{{"type": "post", "id": "{}", "authors": ["ann"], "title": "The pump leaks"}}\n'
LONGEST = 120
"""Seconds after which a process that does not come to something is taken for one that hangs."""


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def posts_in(home: Path) -> list[str]:
    with closing(open_store(home / "record.sqlite")) as store:
        return sorted(post.id for post in store.all("post"))


# --- what is whole ---------------------------------------------------------------------------------------------------


def test_a_file_is_whole_once_it_did_not_change_between_two_looks(inbox: Path) -> None:
    box = Inbox(inbox)
    (inbox / "a.ndjson").write_text(ANN)
    assert box.whole() == []
    with (inbox / "a.ndjson").open("a") as file:
        file.write(POST.format("1"))
    assert box.whole() == []
    assert box.whole() == [inbox / "a.ndjson"]


def test_what_is_no_export_is_left_alone(inbox: Path) -> None:
    box = Inbox(inbox)
    for name in ("a.ndjson.part", ".hidden", "b.tmp", "c.crdownload", f"d.ndjson{WHY}"):
        (inbox / name).write_text(ANN)
    (inbox / "empty.ndjson").touch()
    (inbox / "nothing").mkdir()
    (inbox / "link.ndjson").symlink_to(inbox / ".hidden")
    os.mkfifo(inbox / "pipe")
    assert [*box.whole(), *box.whole()] == []


def test_a_folder_is_one_export_and_the_oldest_comes_first(inbox: Path) -> None:
    box = Inbox(inbox)
    (inbox / "z.ndjson").write_text(ANN)
    (inbox / "chat").mkdir()
    (inbox / "chat" / "people.jsonl").write_text(ANN)
    os.utime(inbox / "z.ndjson", (1, 1))
    assert [*box.whole(), *box.whole()] == [inbox / "z.ndjson", inbox / "chat"]


def test_what_was_imported_is_moved_and_nothing_there_is_written_over(inbox: Path) -> None:
    box = Inbox(inbox)
    for content in (ANN, POST.format("1")):
        (inbox / "a.ndjson").write_text(content)
        box.done(inbox / "a.ndjson")
    assert (inbox / IMPORTED / "a.ndjson").read_text() == ANN
    assert (inbox / IMPORTED / "a-2.ndjson").read_text() == POST.format("1")


def test_what_failed_is_tried_again_when_it_changes_and_not_before_whoever_watches(inbox: Path) -> None:
    box = Inbox(inbox)
    (inbox / "a.ndjson").write_text("{")
    assert [*box.whole(), *box.whole()] == [inbox / "a.ndjson"]
    box.failed(inbox / "a.ndjson", "it is no JSON")
    for each in (box, Inbox(inbox)):
        assert [*each.whole(), *each.whole(), *each.whole()] == []
    (inbox / "a.ndjson").write_text(ANN)
    assert [*box.whole(), *box.whole()] == [inbox / "a.ndjson"]
    box.done(inbox / "a.ndjson")
    assert sorted(path.name for path in inbox.iterdir()) == [IMPORTED]


# --- at the prompt ---------------------------------------------------------------------------------------------------


def test_a_wrong_name_is_told_before_anything_is_watched(run: Run, inbox: Path, tmp_path: Path) -> None:
    for words, told in (
        (("--format", "nonsense"), "there is no source 'nonsense'"),
        (("--format", "csv"), "--option mapping="),
        (("--format", "scim", "--option", "colour=red"), "no option 'colour'"),
    ):
        done = run("watch", str(inbox), *words, "--once", "--home", str(tmp_path / "home"))
        assert done.code
        assert told in " ".join(done.err.split())


def test_once_imports_what_is_there_and_says_what_is_left(run: Run, inbox: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (inbox / "good.ndjson").write_text(ANN + POST.format("1"))
    (inbox / "bad.ndjson").write_text(ANN + "{\n")
    words = ("watch", str(inbox), "--format", "native", "--source", "shop", "--audience", "organisation")
    done = run(*words, "--once", "--every", "0.05", "--no-index", "--home", str(home))
    assert done.code == 1
    assert posts_in(home) == ["shop:1"]
    why = (inbox / f"bad.ndjson{WHY}").read_text()
    assert "line 2" in why
    assert "not JSON" in why
    assert sorted(path.name for path in inbox.iterdir()) == ["bad.ndjson", f"bad.ndjson{WHY}", IMPORTED]
    again = run(*words, "--once", "--every", "0.05", "--no-index", "--home", str(home))
    assert again.code == 0
    assert "0 imported, 0 left" in again.out


# --- as a process ----------------------------------------------------------------------------------------------------


@contextmanager
def watching(inbox: Path, home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "expertfinder", "watch", str(inbox), "--format", "native", "--source", "shop"]
    command += ["--every", "0.1", "--home", str(home), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for something that the process does."""
    for _ in range(LONGEST * 20):
        if true():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("it did not come to it")


def test_a_process_imports_what_appears_and_ends_cleanly_when_it_is_told_to(inbox: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with watching(inbox, home, "--audience", "organisation", "--no-index") as process:
        (inbox / "a.ndjson").write_text(ANN + POST.format("1"))
        until(lambda: (inbox / IMPORTED / "a.ndjson").exists(), process)
        (inbox / "b.ndjson").write_text("no json\n")
        until(lambda: (inbox / f"b.ndjson{WHY}").exists(), process)
        (inbox / "b.ndjson").write_text(POST.format("2"))
        until(lambda: (inbox / IMPORTED / "b.ndjson").exists(), process)
        other = subprocess.run(process.args, capture_output=True, text=True, check=False, timeout=LONGEST)  # type: ignore[call-overload]
        assert other.returncode == 1
        assert "another process watches" in other.stderr
        process.send_signal(signal.SIGTERM)
        said, told = process.communicate(timeout=LONGEST)
    assert process.returncode == 0, told
    assert told == ""
    assert "stopped: 2 imported, 1 left where they are" in said
    assert posts_in(home) == ["shop:1", "shop:2"]


def test_json_says_a_document_for_each_export(inbox: Path, tmp_path: Path) -> None:
    (inbox / "a.ndjson").write_text(ANN + POST.format("1"))
    with watching(inbox, tmp_path / "home", "--json", "--once", "--no-index", "--audience", "organisation") as process:
        said, told = process.communicate(timeout=LONGEST)
    assert process.returncode == 0, told
    document = orjson.loads(said)
    assert (document["file"], document["kinds"]["post"]["added"]) == ("a.ndjson", 1)
