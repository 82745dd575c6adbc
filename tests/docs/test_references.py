"""Every decision, promise and test that is named anywhere leads to one that exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from tests.docs.test_docs import tracked

ROOT = Path(__file__).parents[2]
PROMISES = ROOT / "docs" / "promises.md"
READ = {".py", ".md", ".toml", ".sh", ".html", ".js", ".cypher", ".sql", ".yml", ".http"}
ROW = re.compile(r"^\| ([A-Z]\d{1,2}) \| ([^|\n]+) \| ([^|\n]+) \|$", re.MULTILINE)
NOT_YET = "not yet held"
TEST = re.compile(r"\b(tests/[\w/]+\.py)(?:::(\w+))?")
DECISION = re.compile(r"\b[Dd]ecisions?(?: |\n *#? ?)(\d+)((?:,? (?:and |to )?\d+\b)*)")
OLD_SERIES = re.compile(r"\[record \d+\]")
ID = r"[A-Z]\d{1,2}"
SAID = re.compile(rf"\b[Pp]romises?(?: |\n *#? ?)({ID}(?:(?:,| and| to)+\s+{ID})*)\b")
BARE = re.compile(r"(?<![\w\-/.@#\"'`])[CEGHLQRX]\d{1,2}\b(?![\w\-.]\w)")
"""An id by itself. Not those of other letters: F1 is a measure too."""
OTHERS = {"Q0"}
"""The second column of a run as TREC has it."""


def texts() -> dict[str, str]:
    """Path -> text of whatever people write, this file left aside."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in tracked()
        if path.suffix in READ and path != Path(__file__) and path.name != "pyproject.toml"
    }


def promises(text: str) -> dict[str, str]:
    """Id -> what holds it."""
    rows = ROW.findall(text)
    assert len({name for name, _, _ in rows}) == len(rows), "each promise has one row"
    return {name: held for name, _, held in rows}


@cache
def functions_of(path: str) -> frozenset[str]:
    """The names of the functions of a test file, none where there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def lost_tests(text: str) -> list[str]:
    """The tests that a text names and that do not exist."""
    return [
        f"{path}::{name}" if name else path
        for path, name in TEST.findall(text)
        if not (ROOT / path).is_file() or (name and name not in functions_of(path))
    ]


def lost_decisions(text: str) -> list[str]:
    """The decisions that a text names and that do not exist, or not by their four digits."""
    known = {page.name[:4] for page in (ROOT / "docs" / "decisions").glob("*.md")}
    numbers = [n for first, rest in DECISION.findall(text) for n in (first, *re.findall(r"\d+", rest))]
    return [number for number in numbers if number not in known] + OLD_SERIES.findall(text)


def lost_promises(text: str, known: set[str]) -> list[str]:
    """The promises that a text names and that do not exist."""
    named = [each for group in SAID.findall(text) for each in re.findall(ID, group)]
    return [each for each in [*named, *BARE.findall(text)] if each not in known | OTHERS]


def test_each_promise_names_a_test_or_says_that_none_holds_it() -> None:
    text = PROMISES.read_text(encoding="utf-8")
    held = promises(text)
    assert len(held) > 40
    for name, by in held.items():
        if not name.startswith("P"):
            assert TEST.search(by) or by == NOT_YET, name
    for name in (name for name in held if name.startswith("P")):
        assert set(re.findall(ID, held[name])) <= set(held), name


def test_every_test_that_a_document_names_exists() -> None:
    lost = {path: found for path, text in texts().items() if path.endswith(".md") and (found := lost_tests(text))}
    assert not lost


def test_every_decision_that_is_named_exists() -> None:
    assert not {path: found for path, text in texts().items() if (found := lost_decisions(text))}


def test_every_promise_that_is_named_exists() -> None:
    known = set(promises(PROMISES.read_text(encoding="utf-8")))
    assert not {path: found for path, text in texts().items() if (found := lost_promises(text, known))}


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("aged to the day (decision 14)", ["14"]),
        ("aged to the day (decision 0026)", []),
        ("as decisions 0026 and 9999 say", ["9999"]),
        ("see decision\n    # 0999.", ["0999"]),
        ("([record 10](decisions/0010.md))", ["[record 10]"]),
        ("820 decisions of 52 teams", []),
    ],
)
def test_a_decision_that_leads_nowhere_is_found(text: str, lost: list[str]) -> None:
    assert lost_decisions(text) == lost


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("(promise L1)", []),
        ("(promises L1, Q2 and X77)", ["X77", "X77"]),
        ("promise F9", ["F9"]),
        ('"""C10, C99: what does not end"""', ["C99"]),
        ("all-MiniLM-L6-v2, F1 of .5, P@5, query\tQ0\tperson, 'c1', q1", []),
    ],
)
def test_a_promise_that_leads_nowhere_is_found(text: str, lost: list[str]) -> None:
    assert lost_promises(text, {"L1", "Q2", "C10"}) == lost


def test_a_test_that_does_not_exist_is_found() -> None:
    here = "tests/docs/test_references.py"
    named = (
        f"`{here}`, `{here}::test_every_promise_that_is_named_exists`, `{here}::test_gone`, `tests/docs/test_gone.py`"
    )
    assert lost_tests(named) == [f"{here}::test_gone", "tests/docs/test_gone.py"]
