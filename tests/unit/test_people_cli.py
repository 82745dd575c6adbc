"""Joining, parting, hiding and showing people at the prompt; what an erasure takes, and what it leaves to look at."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.unit.office import opened
from typer.testing import CliRunner

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.cli.app import app
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.model import ORGANISATION, Fact, Person, Post, Source
from expertfinder.policy import audience_of
from expertfinder.store import Verdict

MAIL = "email:ann@firm.example"
HR = Source(id="hr", audience=ORGANISATION, directory=True)
FORUM = Source(id="forum", audience=ORGANISATION)


def record(id: str, *accounts: str, name: str = "Ann Aalto", **more: object) -> Person:
    fields = {"audience": ORGANISATION, "accounts": accounts, "name": name, **more}
    return Person(id=id, source=id.partition(":")[0], **fields)  # type: ignore[arg-type]


def wrote(id: str, author: str, text: str) -> Post:
    return Post(id=id, source=id.partition(":")[0], authors=(author,), text=text, title=text, audience=ORGANISATION)


class Desk:
    """A home and the prompt over it."""

    def __init__(self, folder: Path, *facts: Fact) -> None:
        self.folder = folder
        opened(folder, facts).close()

    def run(self, *words: str) -> str:
        result = CliRunner().invoke(app, [*words, "--home", os.fspath(self.folder)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    def listed(self) -> dict[str, list[dict[str, object]]]:
        found: dict[str, list[dict[str, object]]] = json.loads(self.run("identity", "list", "--json"))
        return found

    def asks(self) -> ExpertFinder:
        return ExpertFinder.open(Home(self.folder))

    def same(self, one: str, other: str) -> bool:
        finder = self.asks()
        rows = finder.snapshot.person_rows
        finder.close()
        return rows[one] == rows[other]


def test_a_join_of_different_names_is_listed_parted_joined_and_forgotten_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, record("hr:1", MAIL), record("wiki:a", MAIL, name="Annie Berg"))
    assert desk.same("hr:1", "wiki:a")
    (join,) = desk.listed()["joins"]
    assert (join["key"], join["records"]) == (MAIL, ["hr:1", "wiki:a"])
    assert "Annie Berg" in desk.run("identity", "list")
    desk.run("identity", "part", "wiki:a", "hr:1", "--by", "hr:9")
    assert not desk.same("hr:1", "wiki:a"), "a look without a new index"
    (verdict,) = desk.listed()["verdicts"]
    assert (verdict["one"], verdict["other"], verdict["verdict"], verdict["by"]) == ("hr:1", "wiki:a", "part", "hr:9")
    desk.run("identity", "join", "hr:1", "wiki:a")
    desk.run("index")
    assert desk.same("hr:1", "wiki:a")
    desk.run("identity", "undo", "wiki:a", "hr:1")
    assert not desk.listed()["verdicts"]


def test_an_author_whom_nobody_knows_is_credited_once_somebody_says_who_it_is(tmp_path: Path) -> None:
    posts = [wrote(f"wiki:{n}", "wiki:annie", f"Gaskets of the north pump, part {n}") for n in range(3)]
    desk = Desk(tmp_path, record("hr:1"), *posts)
    assert desk.listed()["unknown_authors"] == [{"id": "wiki:annie", "posts": 3}]
    assert "look at: 1 authors" in CliRunner().invoke(app, ["doctor", "--home", os.fspath(tmp_path)]).output
    desk.run("identity", "join", "wiki:annie", "hr:1")
    desk.run("index")
    assert "Ann Aalto" in desk.run("find", "gaskets of the north pump")
    assert desk.listed()["unknown_authors"] == []


def test_a_wiki_that_names_its_authors_by_address_credits_whom_the_directory_knows_by_number(tmp_path: Path) -> None:
    posts = [wrote(f"wiki:{n}", "wiki:Ann@firm.example", f"Gaskets of the north pump, part {n}") for n in range(3)]
    desk = Desk(tmp_path, HR, record("hr:1001", "employee:1001", MAIL), *posts)
    assert "Ann Aalto" in desk.run("find", "gaskets of the north pump")
    assert desk.listed()["unknown_authors"] == []
    finder = desk.asks()
    assert finder.post("wiki:1", finder.viewer(None)).authors == ("hr:1001",)
    with pytest.raises(NotFound):
        finder.viewer("wiki:Ann@firm.example")
    finder.close()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("join", "hr:1", "hr:1"), NotFound),
        (("join", "no:1", "no:2"), NotFound),
        (("part", "hr:1", "no:2"), NotFound),
        (("undo", "hr:1", "wiki:a"), NotFound),
        (("join", "hr:1", "wiki:private"), InvalidQuestion),
    ],
)
def test_what_cannot_be_decided_is_refused(tmp_path: Path, words: tuple[str, ...], error: type[Exception]) -> None:
    private = audience_of("private", source="wiki", authors=("wiki:private",), default=ORGANISATION)
    desk = Desk(tmp_path, record("hr:1"), record("wiki:a"), record("wiki:private", audience=private))
    with pytest.raises(error):
        desk.run("identity", *words)


def test_who_may_be_one_human_is_proposed_also_as_a_mailmap_and_joins_nobody(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        record("git:a@x", "email:a@x.example", name="Vilma Rask"),
        record("git:b@y", "email:b@y.example", name="vilma  RASK"),
        record("git:c", "email:7+wolf@users.noreply.github.com", name="Wolf Selm"),
        record("git:d", "email:wolf@users.noreply.github.com", name="W. S."),
        record("git:e", name="Ann"),
        record("git:f", name="Ann"),
    )
    assert [(one["one"], one["other"]) for one in desk.listed()["proposals"]] == [
        ("git:a@x", "git:b@y"),
        ("git:c", "git:d"),
    ]
    assert not desk.same("git:a@x", "git:b@y")
    desk.run("identity", "list", "--mailmap", os.fspath(tmp_path / "map"))
    assert (tmp_path / "map").read_text().splitlines()[0] == "Vilma Rask <a@x.example> vilma RASK <b@y.example>"
    desk.run("identity", "part", "git:a@x", "git:b@y")
    assert [one["one"] for one in desk.listed()["proposals"]] == ["git:c"]


def test_the_import_and_the_doctor_name_joins_of_different_names(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    lines = [
        {"id": "1", "name": "Ann Aalto", "email": "d@x.example"},
        {"id": "2", "name": "Bo", "email": "d@x.example"},
    ]
    (folder / "people.jsonl").write_text("\n".join(map(json.dumps, lines)))
    home = ["--home", os.fspath(tmp_path / "home")]
    run = CliRunner()
    said = run.invoke(
        app, ["ingest", "native", os.fspath(folder), "--source", "hr", "--audience", "organisation", *home]
    )
    assert "email:d@x.example: hr:1, hr:2 (evidence alone)" in said.output
    told = json.loads(run.invoke(app, ["doctor", "--json", *home]).stdout)
    assert [join["records"] for join in told["joins"]] == [["hr:1", "hr:2"]]
    assert told["sources"] == [{"id": "hr", "audience": "organisation", "directory": False, "proves": []}]


def test_a_source_stays_a_directory_until_it_is_said_not_to_be(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "people.jsonl").write_text('{"id": "1", "name": "Ann"}')
    home = ["--home", os.fspath(tmp_path / "home"), "--json"]
    command = ["ingest", "native", os.fspath(folder), "--source", "hr", "--audience", "organisation"]

    def kept(*words: str) -> object:
        return json.loads(CliRunner().invoke(app, [*command, *words, *home]).stdout)["directory"]

    assert [kept(), kept("--directory"), kept(), kept("--no-directory"), kept()] == [False, True, True, False, False]


def test_who_is_hidden_at_the_prompt_stays_so_through_an_import_and_sees_themselves(tmp_path: Path) -> None:
    ann, chat = record("hr:1", MAIL), record("chat:a", MAIL)
    posts = [wrote(f"chat:{n}", "chat:a", f"Gaskets of the north pump, part {n}") for n in range(3)]
    desk = Desk(tmp_path, HR, FORUM, ann, chat, *posts)
    assert "Ann" in desk.run("find", "gaskets of the north pump")
    assert "hidden: chat:a, hr:1" in desk.run("hide", "chat:a"), "a wish follows every join"
    finder = desk.asks()
    finder.store.apply([ann, chat, *posts])
    finder.refresh()
    for name in ("hr:1", "chat:a"):
        with pytest.raises(NotFound):
            finder.person(name, finder.viewer(None))
        assert finder.person(name, finder.viewer(name)).id == "hr:1"
    finder.close()
    assert "may be found again: chat:a, hr:1" in desk.run("show", "hr:1")
    assert "Ann" in desk.run("find", "gaskets of the north pump")
    with pytest.raises(NotFound):
        desk.run("hide", "hr:7")


def test_whom_a_source_hides_is_not_shown_at_the_prompt(tmp_path: Path) -> None:
    desk = Desk(tmp_path, HR, record("hr:1", hidden=True))
    with pytest.raises(InvalidQuestion, match="hr:1"):
        desk.run("show", "hr:1")


def test_an_erasure_takes_what_is_proven_in_every_audience_and_names_the_rest(tmp_path: Path) -> None:
    private = audience_of("private", source="hr", authors=("hr:1b",), default=ORGANISATION)
    facts = (
        HR,
        FORUM,
        record("hr:1", "employee:1", MAIL),
        record("hr:1b", "employee:1", audience=private),
        record("forum:x", MAIL, name="Troll Number"),
        wrote("forum:p", "forum:x", "Gaskets of the north pump"),
    )
    desk = Desk(tmp_path, *facts)
    told = json.loads(desk.run("erase", "hr:1b", "--yes", "--json"))
    assert (told["erased"], told["look_at"]) == (["hr:1", "hr:1b"], ["forum:x"])
    finder = desk.asks()
    assert finder.person("forum:x", finder.viewer(None)).name == "Troll Number"
    again = [record("new:7", "Mail:ANN@firm.example"), wrote("new:p", "new:7", "Gaskets"), record("new:8", "chat:8")]
    assert finder.store.apply([*facts[2:4], *again]).count("refused") == 4
    assert finder.store.apply([wrote("git:p", "git:ann@firm.example", "Gaskets")]).count("refused") == 1
    assert finder.store.apply(facts[4:]).count("refused") == 0
    finder.close()


def test_who_types_an_address_erases_nobody_and_a_shared_mailbox_has_no_tombstone(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path, HR, FORUM, record("hr:1", "employee:1", MAIL), record("hr:2", "employee:2", MAIL, name="Bob Berg"),
        record("hr:3", "employee:3", "email:cem@firm.example", name="Cem"),
        record("forum:x", "email:cem@firm.example", name="Cem"),
    )  # fmt: skip
    assert json.loads(desk.run("erase", "forum:x", "--yes", "--json"))["erased"] == ["forum:x"]
    assert json.loads(desk.run("erase", "hr:1", "--yes", "--json"))["look_at"] == ["hr:2"]
    store = Home(tmp_path).open_store()
    assert [one.id for one in store.all("person")] == ["hr:2", "hr:3"]
    others = [record("chat:b", MAIL, name="Bob Berg"), record("chat:c", "email:cem@firm.example")]
    assert store.apply(others).count("refused") == 0
    store.close()


def test_a_verdict_about_the_erased_is_forgotten(tmp_path: Path) -> None:
    desk = Desk(tmp_path, record("hr:1"), record("wiki:a"), record("wiki:b"))
    desk.run("identity", "part", "hr:1", "wiki:a")
    desk.run("identity", "part", "wiki:b", "wiki:a", "--by", "hr:1")
    desk.run("erase", "hr:1", "--yes")
    store = Home(tmp_path).open_store()
    (kept,) = store.statements(Verdict)
    store.close()
    assert (kept.one, kept.other) == ("wiki:a", "wiki:b")
    assert kept.by.startswith("erased:")
