"""Several writers, full disks, disks that fail, files that may not be written: nothing half, and no restart needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.sizes import size

from expertfinder import store as store_package
from expertfinder.errors import StoreError, StoreOutOfSpace, StoreUnavailable
from expertfinder.model import Post, Source
from expertfinder.store import Store, open_store
from expertfinder.store.sqlite.connections import BUSY_SECONDS
from expertfinder.store.sqlite.store import SQLiteStore

WRITERS, BATCHES = 4, size("C7")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(store_package.__file__).parents[2])}
WRITER = Path(__file__).with_name("writer.py")


def start(mode: str, record: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(WRITER), mode, str(record), *words]
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE)


def said(process: subprocess.Popen[bytes]) -> list[dict[str, Any]]:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return [json.loads(line) for line in output.splitlines()]


def batch(number: int, size: int = 20) -> list[Post]:
    return [Post(id=f"demo:{number}-{place}", source="demo", text="x" * 1000) for place in range(size)]


def whole(record: Path) -> bool:
    with closing(apsw.Connection(str(record))) as connection:
        return bool(connection.execute("PRAGMA integrity_check").get == "ok")


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "facts.db"


@pytest.fixture
def store(record: Path) -> Iterator[Store]:
    opened = open_store(record)
    yield opened
    opened.close()


# --- several processes -----------------------------------------------------------------------------------------------


def test_four_processes_write_one_file_from_its_first_moment_and_lose_no_update(record: Path) -> None:
    writers = [start("compete", record, f"writer{number}", str(BATCHES)) for number in range(WRITERS)]
    receipts = [receipt for writer in writers for receipt in said(writer)]
    store = open_store(record)
    log = store.changes(0, limit=10**9)
    assert store.count("interaction") == WRITERS * BATCHES * 10
    assert [change.sequence for change in log] == list(range(1, WRITERS * BATCHES * 11 + 1))
    assert sum(change.id == "all:mark" for change in log) == WRITERS * BATCHES, "each batch changed the mark once"
    assert sum(receipt["added"] + receipt["changed"] for receipt in receipts) == len(log)
    assert sorted(receipt["sequence"] for receipt in receipts) == list(range(11, len(log) + 1, 11))
    store.close()
    assert whole(record)


def test_who_cannot_write_in_time_is_told_when_to_come_again(record: Path) -> None:
    store = SQLiteStore(record, busy_seconds=0.2)
    with closing(apsw.Connection(str(record))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="nothing was written") as refused:
            store.apply(batch(0))
        assert refused.value.extras["retry_after"] == BUSY_SECONDS == 5.0
        assert store.count("post") == 0, "readers do not wait for the writer"
        other.execute("ROLLBACK")
    assert store.apply(batch(0)).count("added") == 20
    store.close()


def test_a_writer_waits_for_another_one_and_then_writes(record: Path, store: Store) -> None:
    with closing(apsw.Connection(str(record))) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = threading.Thread(target=store.apply, args=(batch(0),))
        waiting.start()
        time.sleep(0.1)
        assert waiting.is_alive()
        other.execute("ROLLBACK")
        waiting.join()
    assert store.count("post") == 20


# --- no space, no rights, a broken disk ------------------------------------------------------------------------------


def test_a_full_file_refuses_the_batch_and_takes_it_once_there_is_room(record: Path) -> None:
    def limit(connection: apsw.Connection) -> None:
        connection.pragma("max_page_count", 100)  # SQLite then says that the disk is full

    apsw.connection_hooks.append(limit)
    try:
        store = open_store(record)
        number = 0
        while store.count("post") < 20 * 10:
            store.apply(batch(number))
            number += 1
        with pytest.raises(StoreOutOfSpace, match="no space"):
            store.apply(batch(number, size=1000))
        assert (store.count("post"), store.sequence()) == (20 * number, 20 * number)
    finally:
        apsw.connection_hooks.remove(limit)
    store.close()
    store = open_store(record)
    assert store.apply(batch(number)).count("added") == 20
    store.close()
    assert whole(record)


def test_a_file_that_may_not_grow_refuses_the_batch_and_the_same_store_goes_on_afterwards(record: Path) -> None:
    full, after = said(start("outgrow", record, str(1_000_000)))
    assert full["outcome"] == "store-out-of-space"
    assert full["whole"] > 0
    assert full["there"] == 20 * full["whole"], "the batch that did not fit is there in part"
    assert after == {"outcome": "done", "there": full["there"] + 20}
    assert whole(record)


def test_a_store_opened_for_reading_writes_nothing(record: Path, store: Store) -> None:
    store.apply(batch(0))
    reader = open_store(record, read_only=True)
    for write in (lambda: reader.apply(batch(1)), lambda: reader.hide("demo:ann"), lambda: reader.erase("demo:ann")):
        with pytest.raises(StoreUnavailable, match="readonly"):
            write()
    assert (reader.count("post"), reader.sequence()) == (20, 20)
    store.apply(batch(1))
    assert reader.count("post") == 40, "and goes on reading what others write"
    reader.close()


def test_a_file_without_the_right_to_write_is_unavailable(store: Store) -> None:
    folder = Path(tempfile.mkdtemp(prefix="no-rights-"))
    try:
        path = folder / "facts.db"
        open_store(path).close()
        path.chmod(0o444)
        folder.chmod(0o555)
        assert said(start("without_rights", path)) == [{"outcome": "store-unavailable"}]
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


class BrokenDisk(apsw.VFS):
    """The system's files, whose writes or syncs fail from the moment one says so."""

    def __init__(self) -> None:
        self.failing = ""
        self.failed = 0
        self.system = apsw.vfs_names()[0]
        super().__init__("broken-disk", self.system, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> BrokenFile:  # noqa: N802
        return BrokenFile(self, name, flags)

    def check(self, action: str, code: int) -> None:
        """Fail if this action is to fail."""
        if action == self.failing:
            self.failed += 1
            error = apsw.IOError("planted")
            error.extendedresult = code
            raise error


class BrokenFile(apsw.VFSFile):
    def __init__(self, disk: BrokenDisk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self.disk = disk
        super().__init__(disk.system, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.disk.check("write", apsw.SQLITE_IOERR_WRITE)
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self.disk.check("sync", apsw.SQLITE_IOERR_FSYNC)
        super().xSync(flags)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[BrokenDisk]:
    usual = sys.unraisablehook

    def expect_what_was_planted(unraisable: Any) -> None:
        # SQLite goes on when a file fails while it is closed; the exception then has nowhere to go.
        if "planted" not in str(unraisable.exc_value):
            usual(unraisable)

    monkeypatch.setattr(sys, "unraisablehook", expect_what_was_planted)
    broken = BrokenDisk()
    yield broken
    apsw.set_default_vfs(broken.system)
    broken.unregister()


@pytest.mark.parametrize("action", ["write", "sync"])
def test_a_disk_that_fails_leaves_no_half_batch_and_the_same_store_goes_on_afterwards(
    record: Path, disk: BrokenDisk, action: str
) -> None:
    store = open_store(record)
    store.apply([*batch(0), Source(id="demo:mark", description="before")])
    disk.failing = action
    with pytest.raises(StoreUnavailable, match="send it again"):
        store.apply([*batch(1), Source(id="demo:mark", description="after")])
    assert disk.failed > 0
    assert (store.count("post"), store.sequence()) == (20, 21)
    assert store.get("source", ["demo:mark"])[0].description == "before"
    disk.failing = ""
    assert store.apply([*batch(1), Source(id="demo:mark", description="after")]).sequence == 42
    store.close()
    assert whole(record)


def test_a_damaged_file_is_named_with_what_to_do(record: Path) -> None:
    store = open_store(record)
    store.apply(batch(0, size=500))
    store.close()
    content = bytearray(record.read_bytes())
    for page in range(len(content) // 4096 // 2, len(content) // 4096):
        content[page * 4096 : page * 4096 + 100] = b"\xff" * 100
    record.write_bytes(content)
    store = open_store(record)
    with pytest.raises(StoreError, match="restore a backup"):
        list(store.all("post"))
    store.close()
