"""graph/README.md names all that there is in graph/, and nothing that there is not."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import apsw
import pytest

from expertfinder.resources import graph_folder
from expertfinder.store import open_store
from expertfinder.vocabulary import vocabulary

PAGE = (graph_folder() / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def in_first_cells(text: str) -> set[str]:
    """The words in code marks in the first cell of each row of the tables of a section."""
    return {word for row in re.findall(r"^\|([^|]+)\|", text, re.MULTILINE) for word in re.findall(r"`([^`]+)`", row)}


@pytest.fixture
def schema(tmp_path: Path) -> dict[str, str]:
    """Name -> type of everything that a new record has."""
    open_store(tmp_path / "facts.db").close()
    connection = apsw.Connection(str(tmp_path / "facts.db"))
    found = {str(name): str(kind) for kind, name in connection.execute("SELECT type, name FROM sqlite_schema")}
    connection.close()
    return found


def test_every_table_is_in_the_page_and_every_table_of_the_page_is_there(schema: dict[str, str]) -> None:
    tables = {name for name, kind in schema.items() if kind == "table"}
    assert tables == {
        word for word in in_first_cells(section("The SQLite file")) if word in tables or "=" not in word
    } - {
        "secure_delete",
        "scrub",
    }


def test_every_view_is_in_the_page_and_every_view_of_the_page_is_there(schema: dict[str, str]) -> None:
    named = set(re.findall(r"^\| [^|]+ \| `(\w+)` \|", section("Ties"), re.MULTILINE))
    assert named == {name for name, kind in schema.items() if kind == "view"}


def test_every_verb_is_in_the_page_under_its_kind_of_evidence_and_no_other_is() -> None:
    rows = re.findall(r"^\| ([^|`]+) \| (`[^|]+) \|$", section("Verbs"), re.MULTILINE)
    told = {verb: kinds for kinds, verbs in rows for verb in re.findall(r"`(\w+)`", verbs)}
    there = {verb.name: verb.family for verb in vocabulary().verbs.values()}
    assert told.keys() == there.keys()
    assert [verb for verb, family in there.items() if not re.search(rf"\b{family}\b", told[verb])] == []


def test_the_page_says_of_each_kind_of_evidence_whom_it_credits() -> None:
    rows = re.findall(r"^\| ([^|`]+) \| (`[^|]+) \|$", section("Verbs"), re.MULTILINE)
    for kinds, verbs in rows:
        said = "author" if "credits the author" in kinds else "none" if "credits nobody" in kinds else "actor"
        assert {vocabulary().verbs[verb].credits for verb in re.findall(r"`(\w+)`", verbs)} == {said}, kinds


def test_every_field_of_the_vocabulary_and_every_half_life_is_explained() -> None:
    table = tomllib.loads((graph_folder() / "vocabulary.toml").read_text(encoding="utf-8"))
    words = {field for verb in table["verbs"].values() for field in verb} | set(table["half_life"])
    assert {word for word in words if f"`{word}`" not in section("Verbs")} == set()


def test_every_kind_of_post_that_weighs_less_is_in_the_page() -> None:
    assert [kind for kind in vocabulary().kinds if f"`{kind}`" not in section("Verbs")] == []


def test_the_drawn_example_is_what_the_vocabulary_says() -> None:
    kind_of_post = dict(re.findall(r'\["Post (demo:\d) \((\w+)\)', PAGE))
    rows = re.findall(r"^\| \w+ \| (demo:\d) \| (\w+)([^|]*) \| (?:WROTE|ACTED (\w+))", PAGE, re.MULTILINE)
    assert len(rows) == 3
    for post, family, weak, verb in rows:
        entry = vocabulary().verbs[verb or "create"]
        assert entry.family == family
        assert entry.weight > 0
        assert ("weak" in weak) == (vocabulary().kinds.get(kind_of_post[post], 1.0) < 1 and not verb)
