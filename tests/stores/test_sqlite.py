"""What only the SQLite home promises: its settings, its format, its views, and that erased bytes are gone."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import apsw
import orjson
import pytest
from tests.stores.cast import ANN, BOB, EVERYTHING, KEY, MAY, SEEN

from expertfinder.ask.provisioning import ProvisionedAccount
from expertfinder.ask.subjects import ClosedAccount
from expertfinder.errors import FormatNotSupported, StoreError, StoreUnavailable
from expertfinder.model import Fact, Interaction, Person, Post
from expertfinder.store import Feedback, Store, migrations, open_store
from expertfinder.store import __file__ as store_package
from expertfinder.store.sqlite.connections import refuse_old_library
from expertfinder.store.sqlite.rows import PUT_STATEMENT, columns_said, read_statements
from expertfinder.store.sqlite.store import SQLiteStore
from expertfinder.store.statements import Statement, kept_of

SOURCES = Path(store_package).parents[2]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "facts.db"


@pytest.fixture
def store(record: Path) -> Iterator[Store]:
    opened = open_store(record)
    yield opened
    opened.close()


def rows(record: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(apsw.Connection(str(record))) as connection:
        return [tuple(row) for row in connection.execute(statement)]


# --- the library, the file, the settings -----------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["3.7.0", "3.40.1", "3.51.2"])
def test_a_library_that_can_corrupt_the_file_is_refused_with_the_cure(version: str) -> None:
    with pytest.raises(StoreError, match=r"install apsw 3\.51\.3"):
        refuse_old_library(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.52.0", "4.0.0", apsw.sqlite_lib_version()])
def test_a_mended_library_is_taken(version: str) -> None:
    refuse_old_library(version)


def test_every_connection_syncs_fully_waits_five_seconds_and_overwrites_what_is_deleted(
    record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[apsw.Connection] = []
    monkeypatch.setattr(apsw, "connection_hooks", [opened.append])
    store = open_store(record)
    readers = [store.all("person") for _ in range(3)]
    store.apply(EVERYTHING)
    assert [len(list(reader)) for reader in readers] == [3, 3, 3]
    assert opened
    for connection in opened:
        wanted = {"synchronous": 2, "secure_delete": 1, "busy_timeout": 5000, "journal_mode": "wal"}
        assert {name: connection.pragma(name) for name in wanted} == wanted
    store.close()


def test_only_the_owner_may_read_the_files(record: Path, store: Store) -> None:
    store.apply(EVERYTHING)
    assert {path.name: path.stat().st_mode & 0o777 for path in record.parent.iterdir()} == {
        "facts.db": 0o600,
        "facts.db-wal": 0o600,
        "facts.db-shm": 0o600,
    }


def test_missing_folders_are_made_for_a_writer_and_not_for_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "facts.db"
    with pytest.raises(StoreError, match="import something first"):
        open_store(path, read_only=True)
    assert list(tmp_path.iterdir()) == []
    open_store(str(path)).close()
    assert path.exists()


def test_a_reader_of_an_empty_file_is_told_to_import(record: Path) -> None:
    record.touch()
    with pytest.raises(StoreError, match="import something first"):
        open_store(record, read_only=True)


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(StoreError, match="neo4j://"):
        open_store("neo4j://127.0.0.1")


def test_a_place_where_no_file_can_be_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        open_store(tmp_path / "file" / "facts.db")


# --- formats ---------------------------------------------------------------------------------------------------------


def test_a_record_of_a_newer_version_is_refused_and_not_touched(record: Path) -> None:
    open_store(record).close()
    with closing(apsw.Connection(str(record))) as connection:
        connection.pragma("user_version", 99)
    before = record.read_bytes()
    for read_only in (False, True):
        with pytest.raises(FormatNotSupported, match="format 99") as refused:
            open_store(record, read_only=read_only)
        assert refused.value.extras == {"found": 99, "supported": len(migrations.scripts())}
    assert record.read_bytes() == before


@pytest.mark.parametrize(
    "foreign", ["CREATE TABLE recipe (name)", "PRAGMA user_version = 1", "PRAGMA application_id = 7"]
)
def test_a_database_of_another_program_is_refused_and_not_touched(record: Path, foreign: str) -> None:
    with closing(apsw.Connection(str(record))) as connection:
        connection.execute(foreign)
    before = record.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        open_store(record)
    assert record.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_with_what_to_do(record: Path) -> None:
    record.write_text("These are my notes on rivers. " * 100)
    with pytest.raises(StoreError, match="restore a backup"):
        open_store(record)


def test_migrations_go_forward_one_by_one_and_keep_what_is_there(record: Path, tmp_path: Path) -> None:
    store = open_store(record)
    store.apply(EVERYTHING)
    store.close()
    folder = tmp_path / "sqlite"
    folder.mkdir()
    latest = len(migrations.scripts())
    for number, script in enumerate(migrations.scripts(), 1):
        (folder / f"{number:04}_released.sql").write_text(script)
    (folder / f"{latest + 1:04}_more.sql").write_text("CREATE TABLE more (x); INSERT INTO more VALUES (1)")
    (folder / f"{latest + 2:04}_again.sql").write_text("UPDATE more SET x = x + 1")
    with closing(apsw.Connection(str(record))) as connection:
        assert migrations.migrate(connection, folder=folder) == latest + 2
        assert migrations.migrate(connection, folder=folder) == latest + 2
        assert connection.execute("SELECT x FROM more").get == 2, "each ran once"
        assert connection.execute("SELECT count(*) FROM person").get == 3


def test_a_record_of_before_statements_opens_with_its_feedback(tmp_path: Path) -> None:
    folder = tmp_path / "released"
    folder.mkdir()
    for number, script in enumerate(migrations.scripts()[:4], 1):
        (folder / f"{number:04}_released.sql").write_text(script)
    said = [
        Feedback(person="demo:ann", subject=name, text='Who "builds\n\t\\ bridges\x7f ß🌉?', helpful=yes, at=MAY)
        for name, yes in (("demo:bob", True), ("demo:ann", False))
    ]
    old, new = tmp_path / "old.sqlite", tmp_path / "new.sqlite"
    with closing(apsw.Connection(str(old))) as connection:
        migrations.migrate(connection, folder=folder)
        rows = [(one.person, one.subject, one.text, int(one.helpful), one.at.isoformat()) for one in said]
        connection.executemany("INSERT INTO feedback VALUES (?, ?, ?, ?, ?)", rows)
    with closing(open_store(old)) as store, closing(open_store(new)) as other:
        for one in said:
            other.state(one)
        assert store.statements(Feedback) == other.statements(Feedback) == said[::-1]
        assert store.beside().statements == other.beside().statements
        store.retract(said[0])
        assert store.statements(Feedback) == said[1:]


def test_a_record_of_before_accounts_were_looked_up_opens_with_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "released"
    folder.mkdir()
    for number, script in enumerate(migrations.scripts()[:7], 1):
        (folder / f"{number:04}_released.sql").write_text(script)
    said = [
        ProvisionedAccount(person=f"entra:{n}", user_name=name, body='{"a": "ß\\n"}', deleted=n == 1, at=MAY)
        for n, name in enumerate(("ANN@Acme.example", "bob", "Éva"))
    ]
    old, new = tmp_path / "old.sqlite", tmp_path / "new.sqlite"
    with closing(apsw.Connection(str(old))) as connection:
        migrations.migrate(connection, folder=folder)
        for row in map(kept_of, said):
            body = {name: value for name, value in orjson.loads(row.body).items() if name != "known_as"}
            kept = row._replace(body=orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode())
            connection.execute(PUT_STATEMENT, columns_said(kept))
    with closing(open_store(old)) as store, closing(open_store(new)) as other:
        for one, name in zip(said, ("ann@acme.example", "bob", ""), strict=True):
            other.state(replace(one, known_as=name))
        assert store.beside().statements == other.beside().statements
        assert [one.user_name for one in store.statements(ProvisionedAccount, having=("known_as", ["bob", ""]))] == [
            "bob",
            "Éva",
        ]


@pytest.mark.parametrize("kind", [ProvisionedAccount, ClosedAccount])
def test_what_is_looked_up_by_a_field_reads_no_other_statement(record: Path, kind: type[Statement]) -> None:
    open_store(record).close()
    with closing(apsw.Connection(str(record))) as connection:
        for field in kind.LOOKED_UP:
            asked: list[str] = []
            connection.exec_trace = lambda _, sql, bound, asked=asked: asked.append(sql) or True
            read_statements(connection, kind.KIND, having=(field, ["a"]), looked_up=kind.LOOKED_UP)
            connection.exec_trace = None
            plan = str(list(connection.execute(f"EXPLAIN QUERY PLAN {asked[0]}", (kind.KIND, "a"))))
            assert f"USING INDEX statement_by_{field} (kind=? AND <expr>=?)" in plan, plan


def test_a_migration_that_fails_leaves_the_format_before_it(record: Path, tmp_path: Path) -> None:
    (tmp_path / "0001_good.sql").write_text("CREATE TABLE good (x)")
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)")
    with closing(apsw.Connection(str(record))) as connection:
        with pytest.raises(apsw.SQLError, match="nowhere"):
            migrations.migrate(connection, folder=tmp_path)
        assert connection.pragma("user_version") == 1
        assert [row[0] for row in connection.execute("SELECT name FROM sqlite_schema")] == ["good"]


def test_a_gap_in_the_numbers_of_the_migrations_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").touch()
    (tmp_path / "0003_c.sql").touch()
    with pytest.raises(StoreError, match="without gaps"):
        migrations.scripts(tmp_path)


def test_eight_who_make_the_same_record_at_once_make_one(record: Path) -> None:
    def make(number: int) -> int:
        store = open_store(record)
        try:
            return store.apply([replace(ANN, id=f"demo:{number}")]).count("added")
        finally:
            store.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(make, range(8))) == 8
    assert len(rows(record, "SELECT * FROM change")) == 8


# --- erased bytes ----------------------------------------------------------------------------------------------------

PHRASES = ("salt marsh canary", "second canary phrase", "ann.canary@demo.example")


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def found(folder: Path) -> list[str]:
    content = bytes_of(folder)
    return [word for word in ("demo:ann", *PHRASES) if word.encode() in content]


def fill(store: Store) -> None:
    """Rows of all lengths, written, changed and deleted, so that SQLite moves them between pages."""
    others = [
        Post(id=f"demo:o{n}", source="demo", authors=("demo:bob",), text="x" * (n * 37 % 2500)) for n in range(400)
    ]
    hers = [
        Post(id=f"demo:h{n}", source="demo", authors=("demo:ann",), text=PHRASES[0] + "y" * (n * 53 % 2500))
        for n in range(200)
    ]
    acts = [Interaction(id=f"demo:a{n * 7919 % 1000}", source="demo", actor="demo:ann", verb="like", object="demo:o1")
            for n in range(1000)]  # fmt: skip
    ann = replace(ANN, bio=PHRASES[1], accounts=(f"email:{PHRASES[2]}",))
    for start in range(0, 400, 20):
        store.apply([ann, BOB, *others[start : start + 20], *hers[start // 2 : start // 2 + 10]])
        store.apply(acts[start * 2 : start * 2 + 50])
        store.delete("post", [f"demo:o{n}" for n in range(start, start + 20, 3)])
    store.hide("demo:ann")
    store.put_key(KEY)
    store.write_audit(replace(SEEN, detail="looked at demo:ann"))


def test_after_scrubbing_no_byte_of_an_erased_person_is_in_any_file(record: Path, store: Store) -> None:
    fill(store)
    assert found(record.parent) == ["demo:ann", *PHRASES], "the search must find what is there"
    store.erase("demo:ann")
    assert store.scrub()
    assert found(record.parent) == []
    assert store.count("post") > 200, "the others' posts stay"


def live(store: Store, draw: random.Random) -> list[str]:
    """A random life of sixty people, in which rows of all lengths come, grow, shrink and go. The ids of the people."""
    people = [f"demo:{draw.getrandbits(60):015x}" for _ in range(60)]
    for _ in range(30):
        batch: list[Fact] = [
            Person(id=who, source="demo", bio=f"[{who}]" * draw.randint(1, 60)) for who in draw.choices(people, k=5)
        ]
        for _ in range(20):
            who, number = draw.choice(people), draw.randrange(400)
            text = f"[{who}]" * draw.randint(1, 400)
            batch.append(Post(id=f"demo:{number}", source="demo", authors=(who,), text=text))
        for _ in range(100):
            act, who = f"demo:{draw.getrandbits(64):016x}", draw.choice(people)
            batch.append(Interaction(id=act, source="demo", actor=who, verb="like", object="demo:1"))
        store.apply(batch)
        store.delete("post", [f"demo:{draw.randrange(400)}" for _ in range(10)])
    return people


@pytest.mark.parametrize(
    "seed", [9, 30, 36, 50]
)  # after these, deleting alone leaves copies in the free space of pages
def test_copies_that_sqlite_left_behind_when_it_moved_rows_are_gone_too(record: Path, store: Store, seed: int) -> None:
    people = live(store, random.Random(seed))
    assert sum(bytes_of(record.parent).count(person.encode()) for person in people[:30]) > 1000
    for person in people[:30]:
        store.erase(person)
    store.scrub()
    content = bytes_of(record.parent)
    assert [person for person in people[:30] if person.encode() in content] == []


def test_scrubbing_waits_for_who_still_reads_and_is_done_when_called_again(record: Path) -> None:
    store = SQLiteStore(record, busy_seconds=0.1)
    fill(store)
    reader = store.all("post")
    next(reader)
    store.erase("demo:ann")
    with pytest.raises(StoreUnavailable, match="scrub again"):
        store.scrub()
    assert found(record.parent) != []
    reader.close()  # type: ignore[attr-defined]
    assert store.scrub()
    assert found(record.parent) == []
    store.close()


def test_what_an_erasure_left_to_scrub_is_remembered_when_the_process_dies(record: Path) -> None:
    lines = (
        "import os, sys; from expertfinder.store import open_store; from expertfinder.model import Person\n"
        "store = open_store(sys.argv[1]); store.apply([Person(id='demo:ann', source='demo')])\n"
        "store.erase('demo:ann'); os._exit(0)"
    )
    subprocess.run(
        [sys.executable, "-c", lines, str(record)], check=True, env={**os.environ, "PYTHONPATH": str(SOURCES)}
    )
    store = open_store(record)
    assert store.scrub()
    assert not store.scrub()
    assert found(record.parent) == []
    store.close()


# --- processes -------------------------------------------------------------------------------------------------------


def test_after_a_fork_the_child_opens_a_connection_of_its_own_and_both_go_on(record: Path) -> None:
    lines = (
        "import apsw, os, sys; from expertfinder.store import open_store; from expertfinder.model import Person\n"
        "opened = []; apsw.connection_hooks.append(opened.append)\n"
        "store = open_store(sys.argv[1]); store.apply([Person(id='demo:ann', source='demo')])\n"
        "child = os.fork()\n"
        "store.apply([Person(id=f'demo:{number}-{child == 0}', source='demo') for number in range(50)])\n"
        "assert len(opened) == (1 if child else 2), 'SQLite forbids to carry a connection over a fork'\n"
        "code = 0 if child == 0 else os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])\n"
        "sys.exit(code or store.count('person') < 51)"
    )
    subprocess.run(
        [sys.executable, "-c", lines, str(record)], check=True, env={**os.environ, "PYTHONPATH": str(SOURCES)}
    )
    assert rows(record, "SELECT count(*) FROM person") == [(101,)]
    assert rows(record, "PRAGMA integrity_check") == [("ok",)]


# --- the shape, for people who read the file ------------------------------------------------------------------------


def test_the_views_show_the_ties(record: Path, store: Store) -> None:
    store.apply(EVERYTHING)
    store.apply([Person(id="wiki:ann", source="wiki", accounts=("email:ANN@demo.example ",), audience=ANN.audience)])
    assert sorted(rows(record, "SELECT person, post FROM wrote")) == [
        ("demo:ann", "demo:1"),
        ("demo:ann", "demo:2"),
        ("demo:bob", "demo:2"),
    ]
    assert rows(record, "SELECT person, verb, object, object_type FROM acted ORDER BY verb") == [
        ("demo:cem", "rate", "demo:1", "post"),
        ("demo:bob", "thank", "demo:ann", "person"),
    ]
    assert sorted(rows(record, "SELECT * FROM member_of")) == [
        ("demo:ann", "demo:builders"),
        ("demo:bob", "demo:builders"),
    ]
    assert rows(record, "SELECT * FROM leads") == [("demo:ann", "demo:builders")]
    assert rows(record, "SELECT * FROM reply_to") == [("demo:2", "demo:1")]
    assert rows(record, "SELECT * FROM posted_in") == [("demo:2", "demo:builders")]
    assert rows(record, "SELECT person, other FROM same_as") == [("demo:ann", "wiki:ann")]


@pytest.mark.parametrize("table", ["change", "audit"])
def test_the_logs_cannot_be_shortened_even_by_hand(record: Path, store: Store, table: str) -> None:
    store.apply(EVERYTHING)
    store.write_audit(SEEN)
    with pytest.raises(apsw.ConstraintError, match="only grows"):
        rows(record, f"DELETE FROM {table}")
