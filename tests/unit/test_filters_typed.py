"""Every option of every command that asks is a filter that filters, or is known to be none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.unit.test_cli import Run, run
from tests.unit.workshop import INSIDER, OF_EXPERTS, QUESTIONS, UNITS, written

from expertfinder.cli.app import app
from expertfinder.model import Person

__all__ = ["run"]

TEXT = QUESTIONS["ingress"]
WRITES = {
    "analyse", "copy", "demo", "doctor", "endorse", "erase", "evaluate", "hide", "identity join", "identity list",
    "identity part", "identity undo", "index", "ingest csv", "ingest formats", "ingest from", "ingest git",
    "ingest native", "judge", "key create", "key list", "key revoke", "nominate", "nominations", "notify", "pilot",
    "regulate", "replay", "roles", "scrub", "serve", "show", "tune", "vocabulary half-life", "vocabulary hide",
    "vocabulary import", "vocabulary merge", "vocabulary remove", "vocabulary rename", "vocabulary show",
    "vocabulary undo", "watch", "wishes", "withdraw",
}  # fmt: skip
"""Commands that ask nothing for anybody: they write, measure, serve, tell who follows something, or open what one
person said for that person. What `ingest git` reads of a history is tested with it (`test_git.py`)."""
NO_FILTERS = {
    "any": "how several topics of the question count; leaves nobody out",
    "already": "who stays in the set",
    "as_json": "the form of the answer",
    "as_person": "through whose eyes",
    "community_id": "what is asked for",
    "everything": "through whose eyes",
    "file": "where the answer is written",
    "force": "where the answer is written",
    "goal": "the other end of the path",
    "home": "of which organisation",
    "how": "the form of the answer",
    "limit": "how much of the answer is shown",
    "needs": "the question",
    "nominated": "whom the set prefers",
    "one_per_unit": "what a set has to have",
    "inactive": "what a set has to have",
    "person": "whom is asked about",
    "person_id": "whom is asked about",
    "purpose": "what the answer is for; it is written down, and leaves nobody out",
    "question": "the question",
    "redundancy": "how many people for each skill",
    "size": "how many champions, at most",
    "skills": "the question",
    "start": "one end of the path",
    "text": "the question",
    "topic": "the question, or part of it; leaves nobody out",
}
FIND = ("find", TEXT, "-n", 50)
EXPLAIN = ("explain", "w:p04", TEXT)
COMMUNITIES = ("communities", TEXT)
ASSESS = ("assess", "w:p04", TEXT)
CHAMPIONS = ("champions", "-n", 4)
SLATE = ("slate", TEXT, "--purpose", "staffing", "-n", 20)
FILTERS: dict[tuple[str, str], tuple[tuple[object, ...], tuple[object, ...], tuple[object, ...]]] = {
    **{
        ("find", name): (FIND, (f"--{name}", one.value), (f"--{name}", one.unknown)) for name, one in OF_EXPERTS.items()
    },
    **{
        ("explain", name): (EXPLAIN, (f"--{name}", one.value), (f"--{name}", one.unknown))
        for name, one in OF_EXPERTS.items()
    },
    **{
        (question[0], name): (question, (f"--{name}", one.value), (f"--{name}", one.unknown))
        for question in (COMMUNITIES, ASSESS)
        for name, one in OF_EXPERTS.items()
    },
    ("topics", "prefix"): (("topics",), ("wel",), ("xyzzy",)),
    ("champions", "unit"): (CHAMPIONS, ("--unit", UNITS[0]), ("--unit", "Platfrm")),
    ("champions", "community"): (CHAMPIONS, ("--community", "w:ledger"), ("--community", "w:ledgr")),
    ("champions", "without"): (CHAMPIONS, ("--without", "w:p23"), ()),
    **{
        ("slate", name): (SLATE, (f"--{name}", OF_EXPERTS[name].value), (f"--{name}", OF_EXPERTS[name].unknown))
        for name in ("place", "unit", "language", "availability", "zone")
    },
}
"""Command and option -> the question, what narrows it, and what leaves nothing of it."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("typed") / "home", "typed")


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """Every command as it is typed, with the names of its options and arguments."""
    if hasattr(command, "commands"):
        for name, each in command.commands.items():
            yield from commands(each, (*path, name))
    else:
        yield " ".join(path), [each.name for each in command.params]


def test_the_table_names_every_option_of_every_command_that_asks() -> None:
    every = dict(commands(typer.main.get_command(app)))
    assert every.keys() >= WRITES
    asked = {(name, option) for name in every.keys() - WRITES for option in every[name]}
    assert {(name, option) for name, option in asked if (name, option) in FILTERS or option not in NO_FILTERS} == set(
        FILTERS
    )


def listed(answer: Any) -> Any:
    """What an answer lists, without what moves with the rest."""
    if isinstance(answer, list):
        return answer
    if "recommendation" in answer:
        return answer["recommendation"]["reasons"]
    if "nearness" in answer:
        return answer["posts"] and answer["reasons"]
    return next((answer[name] for name in ("recommendations", "topics", "people") if name in answer), None)


@pytest.mark.parametrize(("command", "option"), FILTERS)
def test_an_option_narrows_and_can_empty_the_answer(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, command: str, option: str
) -> None:
    monkeypatch.setenv("EXPERTFINDER_TALENT_PURPOSES", "staffing")
    question, narrow, empty = FILTERS[command, option]
    everything, some = run(*question, "--home", home, "--json"), run(*question, *narrow, "--home", home, "--json")
    assert everything.code == some.code == 0, some.err
    assert listed(everything.json)
    assert listed(some.json) != listed(everything.json)
    if empty:
        nothing = run(*question, *empty, "--home", home, "--json")
        assert nothing.code == 1 or not listed(nothing.json)


@pytest.mark.parametrize("name", [name for name, one in OF_EXPERTS.items() if one.nearest])
@pytest.mark.parametrize("question", [FIND, EXPLAIN, COMMUNITIES, ASSESS], ids=lambda question: str(question[0]))
def test_what_is_not_there_is_said_with_the_nearest(
    run: Run, home: Path, question: tuple[object, ...], name: str
) -> None:
    one = OF_EXPERTS[name]
    said = run(*question, f"--{name}", one.unknown, "--home", home)
    assert said.code == 0
    assert f"called “{one.unknown}”" in said.out
    assert re.search(rf"The nearest (is|are)[^.]*“{one.nearest}”", said.out)


@pytest.mark.parametrize(
    ("words", "nearest"), [(("--unit", "Platfrm"), "“Platform”"), (("--community", "w:ledgr"), "“w:ledger”")]
)
def test_a_unit_or_community_of_champions_that_is_not_there_is_said_with_the_nearest(
    run: Run, home: Path, words: tuple[str, ...], nearest: str
) -> None:
    said = run("champions", *words, "--home", home)
    assert said.code == 1
    assert nearest in said.err


def test_what_one_asks_next_has_the_same_filters(run: Run, home: Path) -> None:
    said = run(*FIND, "--place", "Lisbon", "--kind", "answer", "--home", home)
    assert "--kind answer --place Lisbon" in said.err


def test_only_what_the_viewer_may_read_is_offered(run: Run, tmp_path: Path) -> None:
    from tests.unit.workshop import GROUP, NOON

    from expertfinder.model import ORGANISATION, Post

    hidden = [
        Person(id="w:h", source="w", name="H", audience=GROUP, location="Quillhaven", org_unit="Quillworks"),
        Person(id="w:x", source="w", name="X", audience=ORGANISATION, hidden=True, location="Quillport"),
        Post(
            id="w:secret", source="w", authors=("w:q0",), text=TEXT, kind="quillnote", tags=("quilltag",),
            created_at=NOON, audience=GROUP,
        ),
    ]  # fmt: skip
    home = written(tmp_path / "home", "typed", more=hidden)
    asked = {"place": "Quillhavn", "unit": "Quilworks", "kind": "quillnot", "tag": "quilltg"}
    offered = {"place": "Quillhaven", "unit": "Quillworks", "kind": "quillnote", "tag": "quilltag"}
    for name, value in asked.items():
        for viewer, told in ((), False), (("--as", INSIDER.person), True):
            said = run(*FIND, f"--{name}", value, "--home", home, *viewer)
            assert (offered[name] in said.out) == told, (name, viewer, said.out)
            assert "Quillport" not in said.out
