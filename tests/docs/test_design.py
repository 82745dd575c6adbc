"""The tree and the names in docs/design.md are those of the repository."""

from __future__ import annotations

import ast
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from scripts.house import Met, entries, lines, on_the_way
from tests.docs.test_docs import tracked

from expertfinder.model import Person, Query, Viewer
from expertfinder.policy import may_find

ROOT = Path(__file__).parents[2]
DESIGN = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
BARE = {"Dockerfile", "LICENSE", "Makefile", "NOTICE"}
"""Files whose names have no dot in them."""
COMPLETE = ("", "src/expertfinder/", "graph/", "api/")
"""Folders of which the tree names every entry."""
ENTRIES = 18
"""A folder of the package has at most so many entries, `sources/` aside: the bar of the issue that drew it."""
LINES = 450
"""A file of the package has at most so many lines: the bar of the same issue."""


def named(text: str) -> list[str]:
    """The paths of a drawn tree, folders with a slash at the end.

    A line names entries of one folder, and then says what they are: the words up to the first one that is no path.
    """
    found: list[str] = []
    above: list[str] = []
    for line in text.splitlines():
        prefix = re.match(r"[│├└─ ]*", line)
        assert prefix is not None
        depth = len(prefix[0]) // 4
        entries = []
        for word in line[len(prefix[0]) :].split():
            if not (word in BARE or word.endswith("/") or re.fullmatch(r"[\w.*/-]*(\.\w+|/\w+)", word)):
                break
            entries.append(word)
        if depth:  # the first line is the root
            found += ["".join([*above[: depth - 1], entry]) for entry in entries]
            above[depth - 1 :] = entries[:1]
    return found


def differences(tree: list[str], files: list[str]) -> list[str]:
    """What a tree names and the repository has not, and what it should name and does not."""
    folders = {f"{parent.as_posix()}/" for file in files for parent in Path(file).parents if parent.name}
    wrong = [
        f"{entry} is named and does not exist"
        for entry in tree
        if not any(fnmatchcase(path, entry) for path in (folders if entry.endswith("/") else files))
    ]
    packages = {f"{Path(file).parent.as_posix()}/" for file in files if re.match(r"src/expertfinder/.*\.py$", file)}
    suites = {f"tests/{file.split('/')[1]}/" for file in files if re.match(r"tests/.+/", file)}
    wrong += [f"{folder} is not named" for folder in sorted((packages | suites) - set(tree))]
    for folder in COMPLETE:
        parts = {path[len(folder) :].split("/")[0] for path in files if path.startswith(folder)}
        known = {entry[len(folder) :].split("/")[0] for entry in tree if entry.startswith(folder)}
        wrong += [
            f"{folder}{part} is not named" for part in sorted(parts) if not any(fnmatchcase(part, k) for k in known)
        ]
    return wrong


def drawn() -> str:
    """The tree as it is drawn."""
    return DESIGN.split("## The tree\n")[1].split("```\n")[1]


def test_the_tree_names_what_exists_and_nothing_else() -> None:
    files = [path.relative_to(ROOT).as_posix() for path in tracked(whole=True)]
    assert differences(named(drawn()), files) == []


@pytest.mark.parametrize(
    ("new", "gone", "said"),
    [
        ("src/expertfinder/extra.py", "", "src/expertfinder/extra.py is not named"),
        ("src/expertfinder/index/deep/er.py", "", "src/expertfinder/index/deep/ is not named"),
        ("tools/x.py", "", "tools is not named"),
        ("tests/more/test_x.py", "", "tests/more/ is not named"),
        ("graph/topics/esco.csv", "", "graph/topics is not named"),
        ("", "src/expertfinder/policy.py", "src/expertfinder/policy.py is named and does not exist"),
        ("", "src/expertfinder/ingest/demo/", "src/expertfinder/ingest/demo/ is named and does not exist"),
        ("", "graph/queries/", "graph/queries/*.cypher is named and does not exist"),
    ],
)
def test_a_tree_that_is_not_the_repository_is_told_apart(new: str, gone: str, said: str) -> None:
    files = [path.relative_to(ROOT).as_posix() for path in tracked(whole=True)]
    changed = [file for file in files if not (gone and file.startswith(gone))] + ([new] if new else [])
    assert said in differences(named(drawn()), changed)


def classes() -> set[str]:
    """The names of all classes of the package."""
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "src" / "expertfinder").rglob("*.py"))
    return {node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)}


def test_every_name_on_the_way_of_a_question_is_a_class_of_ours_and_stands_there_once() -> None:
    names, ours = [name for group in on_the_way() for name in group], classes()
    assert names
    assert sorted(set(names)) == sorted(names)
    assert [name for name in names if name not in ours] == []


def test_the_house_counts_what_a_call_meets() -> None:
    met = Met()
    with met.watching():
        query = Query(text="rye bread")
        may_find(Person(id="a:b", source="a", name="B"), Viewer())
        [query.text for _ in range(2)]
    assert set(met.kind.items()) == {
        ("expertfinder.model.Query", "class"),
        ("expertfinder.model.Person", "class"),
        ("expertfinder.model.Viewer", "class"),
        ("expertfinder.policy.may_find", "function"),
        ("expertfinder.policy.may_read", "function"),
    }


def test_the_house_counts_every_python_file_of_the_package_and_its_folders() -> None:
    files = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "src").rglob("*.py"))
    assert sorted(lines()) == files
    assert sum(lines().values()) == sum(len((ROOT / file).read_text(encoding="utf-8").splitlines()) for file in files)
    assert {f"{folder}/" for folder in entries()} >= {entry for entry in named(drawn()) if entry.endswith("/routes/")}
    assert entries()["src/expertfinder"] == len(list((ROOT / "src" / "expertfinder").glob("[!_]*"))) + 2


def test_a_folder_of_the_package_has_at_most_18_entries_and_a_file_at_most_450_lines() -> None:
    assert {folder: count for folder, count in entries().items() if count > ENTRIES} == {}
    assert {file: count for file, count in lines().items() if count > LINES} == {}
