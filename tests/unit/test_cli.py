"""The prompt as a new user meets it: what it answers, what it says when something is wrong, what it leaves."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from tests.unit.office import FACTS, INGRESS, QUESTION, opened, post

import expertfinder
from expertfinder.ask.home import Home
from expertfinder.cli import main
from expertfinder.cli.ingest import running
from expertfinder.configuration.settings import PREFIX
from expertfinder.index.build import AGAIN, BEYOND, EMPTY, NEARLY, PARTED, UNDATED
from expertfinder.ingest.demo import write_demo


@dataclass(frozen=True)
class Said:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        """The one document on stdout."""
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Types a command, as `main` gets it; nothing of the machine's own settings shows."""
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def typed(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["expertfinder", *map(str, words)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return typed


@pytest.fixture(scope="module")
def office_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small office, indexed. To be asked only."""
    folder = tmp_path_factory.mktemp("office-home") / "home"
    opened(folder).close()
    return folder


@pytest.fixture
def own_home(tmp_path: Path) -> Path:
    """The small office, indexed, to write to."""
    opened(tmp_path / "own").close()
    return tmp_path / "own"


# --- one story, from nothing to figures ------------------------------------------------------------------------------


def test_a_demo_is_written_asked_explained_and_measured(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("expertfinder.ingest.demo.write_demo", partial(write_demo, people=100, posts=700))
    home = tmp_path / "home"
    told = run("demo", "--home", home)
    assert (told.code, told.err) == (0, "")
    assert "100 people, 700 posts" in told.out
    assert all(f"  {number}. " in told.out for number in (1, 2, 3))

    query = json.loads((home / "demo" / "queries.jsonl").read_text().splitlines()[0])
    found = run("find", query["text"], "--home", home, "--json")
    assert (found.code, found.err) == (0, "")
    answer = found.json
    assert isinstance(answer, dict)
    first = answer["recommendations"][0]
    assert first["score"] == pytest.approx(sum(reason["value"] for reason in first["reasons"]))

    who = first["subject"]["id"]
    explained = run("explain", who, query["text"], "--home", home)
    assert explained.code == 0
    assert f"{first['score']:.4f}" in explained.out
    assert first["subject"]["name"] in explained.out

    profile = run("person", who, "--home", home)
    assert profile.code == 0
    assert first["subject"]["name"] in profile.out

    topics = run("topics", "--home", home, "-n", 3)
    assert (topics.code, len(topics.out.splitlines())) == (0, 3)
    assert run("topics", "xyzzy", "--home", home).out == "no topics that begin so\n"

    measured = run("evaluate", home / "demo", "--run", tmp_path / "run.txt", "--json")
    assert (measured.code, measured.err) == (0, "")
    figures = measured.json["figures"]  # type: ignore[index]
    assert figures["expertfinder"]["MAP"]["mean"] > figures["random"]["MAP"]["mean"]
    assert (tmp_path / "run.txt").read_text().count("\n") > 100
    assert run("doctor", "--home", home).code == 0


def test_an_answer_reads_from_top_to_bottom(run: Run, office_home: Path) -> None:
    said = run("find", QUESTION, "--home", office_home)
    assert said.code == 0
    assert said.out.startswith("confidence: ")
    assert "1. Ada  Engineer, Platform, Lisbon, Portugal  o:ada" in said.out
    assert "Ingress, part" in said.out


def test_the_command_that_is_given_to_copy_works(run: Run, office_home: Path) -> None:
    said = run("find", f"{QUESTION}; isn't it?", "--home", office_home)
    command = said.err.strip().removeprefix("why exactly: ")
    explained = run(*shlex.split(command)[1:])
    assert explained.code == 0
    assert "Ada" in explained.out


def test_words_need_no_quotes_and_filters_work(run: Run, office_home: Path) -> None:
    said = run("find", *QUESTION.split(), "--home", office_home, "--place", "lagos", "-n", 1, "--json")
    assert [entry["subject"]["id"] for entry in said.json["recommendations"]] == ["o:ben"]  # type: ignore[index]


def test_nobody_is_an_answer(run: Run, office_home: Path) -> None:
    said = run("find", "zzqx vlorp", "--home", office_home)
    assert (said.code, said.err) == (0, "")
    assert len(said.out.splitlines()) == 1
    assert run("find", "zzqx vlorp", "--home", office_home, "--json").json["abstained"]  # type: ignore[index]


@pytest.mark.parametrize("text", ["x", "?", "[bold]", "[/]", "é"])
def test_a_question_of_a_letter_is_answered(run: Run, office_home: Path, text: str) -> None:
    assert run("find", text, "--home", office_home).code == 0
    assert run("explain", "o:ada", text, "--home", office_home).code == 0


@pytest.mark.parametrize(
    "command",
    [
        ("find", QUESTION),
        ("explain", "o:ada", QUESTION),
        ("person", "o:ada"),
        ("topics",),
        ("key", "list"),
        ("doctor",),
    ],
    ids=lambda command: command[0],
)
def test_json_is_the_only_thing_on_stdout(run: Run, office_home: Path, command: tuple[str, ...]) -> None:
    said = run(*command, "--json", "--home", office_home)
    assert said.code == 0
    assert said.json is not None
    assert said.err == ""


# --- whose eyes ------------------------------------------------------------------------------------------------------


def test_only_a_reader_of_the_group_is_answered_from_its_posts(run: Run, office_home: Path) -> None:
    asked = ("find", "merger contract liability clause escrow notary", "--home", office_home, "--json")
    assert run(*asked).json["abstained"]  # type: ignore[index]
    assert run(*asked, "--as", "o:ada").json["abstained"]  # type: ignore[index]
    own = run(*asked, "--as", "o:dana").json
    assert "o:dana" not in str(own["recommendations"]), "the asker is never recommended"  # type: ignore[index]
    told = run(*asked, "--everything").json
    assert told["recommendations"][0]["subject"]["id"] == "o:dana"  # type: ignore[index]


@pytest.mark.parametrize(
    ("command", "subject"),
    [(("find", "the merger"), ""), (("explain", "o:dana", "the merger"), "o:dana"), (("person", "o:dana"), "o:dana")],
    ids=["find", "explain", "person"],
)
def test_looking_at_everything_is_written_down(
    run: Run, own_home: Path, command: tuple[str, ...], subject: str
) -> None:
    assert run(*command, "--home", own_home).code == 0
    store = Home(own_home).open_store()
    assert store.audit() == []
    assert run(*command, "--everything", "--home", own_home).code == 0
    entries = store.audit()
    assert [(entry.actor, entry.event, entry.subject) for entry in entries] == [
        ("prompt", f"{command[0]} everything", subject)
    ]
    assert "merger" not in str(entries), "never the text of a question"
    store.close()


# --- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("find", "x", "--home", "{nowhere}"), "--home"),
        (("topics", "--home", "{nowhere}"), "expertfinder ingest"),
        (("index", "--home", "{nowhere}"), "expertfinder ingest"),
        (("find", "x", "--home", "{file}"), "--home"),
        (("key", "list", "--home", "{file}"), "cannot be made"),
        (("find", "", "--home", "{office}"), "empty"),
        (("find", "x", "-n", "0", "--home", "{office}"), "1 to 100"),
        (("find", "x", "--as", "o:nobody", "--home", "{office}"), "no such person"),
        (("find", "x", "--as", "o:ada", "--everything", "--home", "{office}"), "exclude"),
        (("explain", "o:nobody", "x", "--home", "{office}"), "no such person"),
        (("person", "o:hana", "--home", "{office}"), "no such person"),
        (("ingest", "native", "{nowhere}", "--home", "{new}"), "{nowhere}"),
        (("ingest", "native", "{empty}", "--home", "{new}"), "people.jsonl"),
        (("ingest", "native", "{broken}", "--home", "{new}"), "posts.jsonl, line 2"),
        (("ingest", "git", "{empty}", "--home", "{new}"), "git"),
        (("ingest", "csv", "{file}", "--mapping", "{nowhere}", "--home", "{new}"), "{nowhere}"),
        (("ingest", "csv", "{nowhere}", "--home", "{new}"), "there is no file"),
        (("ingest", "csv", "{file}", "--home", "{new}"), "sharepoint-list, sharepoint-profiles"),
        (("ingest", "csv", "{table}", "--home", "{new}"), "personio-employees (finds id, name, org_unit"),
        (("evaluate", "{nowhere}"), "EXPERTFINDER_SETS"),
        (("evaluate", "{empty}"), "queries.jsonl"),
        (("key", "revoke", "nothing", "--home", "{office}"), "key list"),
        (("key", "create", "--scope", "anything", "--home", "{office}"), "experts:read"),
        (("key", "create", "--days", "0", "--home", "{office}"), "days"),
        (("key", "create", "--person", "o:nobody", "--home", "{office}"), "no such person"),
    ],
    ids=lambda value: "-".join(value[:2]) if isinstance(value, tuple) else None,
)
def test_an_error_is_one_line_on_stderr_that_says_what_to_do(
    run: Run, office_home: Path, tmp_path: Path, command: tuple[str, ...], says: str
) -> None:
    places = {name: tmp_path / name for name in ("nowhere", "file", "table", "empty", "broken", "new")}
    places["file"].write_text("nothing")
    places["table"].write_text("ID;Vorname Nachname;Abteilung\n7;Ada Brown;Hall 2\n")
    places["empty"].mkdir()
    places["broken"].mkdir()
    (places["broken"] / "posts.jsonl").write_text('{"id": "1", "text": "fine"}\n{"id": "2", \n')
    names = {**places, "office": office_home}
    said = run(*(word.format(**names) for word in command))
    assert said.code == 1
    assert said.out == ""
    assert len(said.err.splitlines()) == 1, said.err
    assert said.err.startswith("expertfinder: ")
    assert says.format(**names) in said.err
    assert not places["nowhere"].exists(), "a misspelt folder does not become a home"


@pytest.mark.parametrize(
    "command",
    ["find", "find x --since yesterday", "index --as-of someday", "nonsense", "find x -n many"],
)
def test_a_command_that_cannot_be_read_is_explained(run: Run, command: str) -> None:
    said = run(*command.split())
    assert said.code == 2
    assert "Usage:" in said.err
    assert "Traceback" not in said.err


def test_a_setting_that_is_none_is_one_line(run: Run, office_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPERTFINDER_HOEM", "x")
    said = run("topics", "--home", office_home)
    assert (said.code, len(said.err.splitlines())) == (1, 1)
    assert "EXPERTFINDER_HOEM is not a setting" in said.err


def test_the_version_is_told(run: Run) -> None:
    told = run("--version")
    assert (told.code, told.out.strip(), told.err) == (0, expertfinder.__version__, "")


def test_an_interrupted_import_writes_nothing_and_shows_no_traceback(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    folder = native(tmp_path / "records")
    monkeypatch.setattr(running, "build_index", interrupted)
    said = run("ingest", "native", folder, "--audience", "organisation", "--home", tmp_path / "home")
    assert said.code == 130
    assert "Traceback" not in said.err
    monkeypatch.undo()
    assert run("index", "--home", tmp_path / "home").code == 0


# --- importing -------------------------------------------------------------------------------------------------------


def native(folder: Path, *, text: str = INGRESS) -> Path:
    """Three people and their posts in the native format."""
    folder.mkdir()
    people = [{"id": name, "name": name.title()} for name in ("kim", "lou", "max")]
    posts = [{"id": f"p{n}", "authors": [people[n % 3]["id"]], "title": f"Ingress {n}", "text": text} for n in range(9)]
    for name, rows in (("people", people), ("posts", posts)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_importing_twice_changes_nothing(run: Run, tmp_path: Path) -> None:
    command = (
        "ingest",
        "native",
        native(tmp_path / "records"),
        "--audience",
        "organisation",
        "--home",
        tmp_path / "home",
    )
    first = run(*command)
    assert (first.code, first.err) == (0, "")
    assert "9 read: 9 added" in first.out
    second = run(*command, "--json")
    kinds = second.json["kinds"]  # type: ignore[index]
    assert (kinds["post"]["unchanged"], kinds["post"]["added"], kinds["person"]["unchanged"]) == (9, 0, 3)
    assert "9 read: 9 unchanged" in run(*command).out


def test_an_import_says_how_the_posts_of_the_record_were_read(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    guide = "Grease the spindle of the lathe, then turn it by hand until the chuck runs true and quiet again"
    other = "Zero the load cell of the press without its die, and step the force up in ten kilonewton steps"
    posts: list[dict[str, object]] = [
        {"id": "1", "authors": ["ann"], "text": guide, "created_at": "2025-01-01"},
        {"id": "2", "authors": ["ann"], "text": f"{other} today", "created_at": "2025-02-01"},
        {"id": "3", "authors": ["ann"], "text": f"{other} now", "created_at": "2025-02-02"},
        {"id": "4", "authors": ["bob"], "text": guide, "created_at": "2025-03-01"},
        {
            "id": "5",
            "authors": ["bob"],
            "title": "Re: x",
            "text": f"Thanks!\n\nAnn wrote:\n> {guide}",
            "created_at": "2025-03-02",
        },
        {"id": "6", "authors": ["bob"], "text": "The belt of the saw is worn", "created_at": "2120-01-01"},
        {"id": "7", "authors": ["bob"], "text": "The blade of the saw is blunt", "created_at": "2090-01-01"},
    ]
    people = [{"id": "ann", "name": "Ann"}, {"id": "bob", "name": "Bob", "left_at": "2024-01-01"}]
    for name, rows in (("people", people), ("posts", posts)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = ("ingest", "native", folder, "--audience", "organisation", "--home", tmp_path / "home")
    told = run(*command, "--json").json
    assert told["reading"] == {PARTED: 1, EMPTY: 1, AGAIN: 1, NEARLY: 1, UNDATED: 1, BEYOND: 1}  # type: ignore[index]
    assert told["skipped"] == {"times that mean none, in post.created_at": 1}  # type: ignore[index]
    assert "1 people left before any post of theirs" in run(*command).out
    assert f"in the index: 1 {AGAIN}" in run("index", "--home", tmp_path / "home").out


def test_another_default_audience_is_refused_until_it_is_meant(run: Run, tmp_path: Path) -> None:
    command = ("ingest", "native", native(tmp_path / "records"), "--home", tmp_path / "home")
    told = run(*command)
    assert "--audience organisation --change-audience" in told.out
    refused = run(*command, "--audience", "organisation")
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)
    assert run(*command, "--audience", "organisation", "--change-audience").code == 0
    assert run("find", QUESTION, "--home", tmp_path / "home", "--json").json["recommendations"]  # type: ignore[index]


def test_facts_may_be_written_now_and_indexed_later_by_the_command_that_is_given(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "the home"
    told = run(
        "ingest", "native", native(tmp_path / "records"), "--audience", "organisation", "--no-index", "--home", home
    )
    asked = run("find", QUESTION, "--home", home)
    assert (asked.code, "expertfinder index" in asked.err) == (1, True)
    command = told.out.splitlines()[-1].removeprefix("next: ")
    indexed = run(*shlex.split(command)[1:])
    assert (indexed.code, "3 people and 9 posts" in indexed.out) == (0, True)
    assert run("find", QUESTION, "--home", home).code == 0


def test_a_repository_answers_who_knows_what_in_it(run: Run, tmp_path: Path) -> None:
    repository = tmp_path / "pumps"
    repository.mkdir()

    def git(*words: str, who: str = "Ann Aalto") -> None:
        mail = f"{who.split()[0].lower()}@pumps.example"
        names = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER")
                 for part, value in (("NAME", who), ("EMAIL", mail))}  # fmt: skip
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        subprocess.run(["git", *words], cwd=repository, check=True, capture_output=True, env={**clean, **names})

    git("init", "-q")
    for number in range(6):
        for who, what in (("Ann Aalto", "impeller"), ("Bo Berg", "gasket")):
            (repository / f"{what}.py").write_text(f"{what} = {number}\n")
            git("add", ".")
            git("commit", "-q", "-m", f"Balance the {what} at speed {number}", who=who)
    told = run("ingest", "git", repository, "--home", tmp_path / "home")
    assert (told.code, told.err) == (0, "")
    answer = run("find", "balance the impeller at speed", "--home", tmp_path / "home", "--json").json
    assert answer["recommendations"][0]["subject"]["name"] == "Ann Aalto"  # type: ignore[index]


# --- keys and the doctor ---------------------------------------------------------------------------------------------


def test_a_key_is_shown_once_listed_without_its_secret_and_revoked(run: Run, own_home: Path) -> None:
    made = run("key", "create", "--person", "o:ada-chat", "--note", "the wiki", "--home", own_home)
    assert made.code == 0
    text = made.out.strip()
    assert text.startswith("ef_")
    assert text not in made.err
    listed = run("key", "list", "--home", own_home)
    key_id, secret = text.split("_")[1:]
    assert key_id in listed.out
    assert secret not in listed.out
    assert "o:ada-chat " in listed.out
    assert "the wiki" in listed.out
    assert run("key", "revoke", key_id, "--home", own_home).code == 0
    assert "revoked" in run("key", "list", "--home", own_home).out
    assert secret.encode() not in (own_home / "record.sqlite").read_bytes()


def test_the_doctor_finds_nothing_to_say_of_a_home_in_order(run: Run, office_home: Path) -> None:
    said = run("doctor", "--home", office_home)
    assert (said.code, said.out.splitlines()[-1]) == (0, "everything is in order")


@pytest.mark.parametrize("state", ["nothing", "not indexed", "stale", "damaged"])
def test_the_doctor_says_what_to_look_at_and_ends_with_one(run: Run, tmp_path: Path, state: str) -> None:
    home = tmp_path / "sick"
    if state != "nothing":
        finder = opened(home, FACTS, index=state != "not indexed")
        if state == "stale":
            finder.store.apply([post("new", "ada", INGRESS)])
        if state == "damaged":
            (home / "index" / finder.snapshot.manifest.name / "terms.json").unlink()
        finder.close()
    words = {
        "nothing": "no record",
        "not indexed": "nothing is indexed",
        "stale": "1 changes wait",
        "damaged": "damaged",
    }
    said = run("doctor", "--home", home)
    assert said.code == 1
    assert any(line.startswith("look at: ") and words[state] in line for line in said.out.splitlines())
    report = run("doctor", "--home", home, "--json")
    assert (report.code, len(report.json["problems"])) == (1, 1)  # type: ignore[index]


# --- as a process ----------------------------------------------------------------------------------------------------


def test_the_module_is_the_command(office_home: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment["PYTHONPATH"] = str(Path(expertfinder.__file__).parents[1])
    asked = [sys.executable, "-m", "expertfinder", "find", QUESTION, "--home", str(office_home), "--json"]
    done = subprocess.run(asked, capture_output=True, env=environment, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["recommendations"][0]["subject"]["id"] == "o:ada"
    # A reader that has seen enough, such as `head`, ends it without a word.
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        child.stdout.close()
        assert child.stderr is not None
        assert b"Traceback" not in child.stderr.read()
        child.wait(60)
