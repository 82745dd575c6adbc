"""What `docs/import.md` shows is what happens: its examples are taken out of the text and imported."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from expertfinder.ingest import Tally, ingest
from expertfinder.model import ORGANISATION, Audience, Post
from expertfinder.sources import CsvReader, NativeReader, declared
from expertfinder.sources.lines import LINE_LIMIT
from expertfinder.sources.mapping import ENCODINGS, read_mapping, shipped_mappings
from expertfinder.sources.native import FILES
from expertfinder.sources.paths import _TAGS_LIMIT
from expertfinder.sources.trailers import Contact, read_message
from expertfinder.store.sqlite.store import SQLiteStore

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "import.md").read_text()
FACTORY = declared("factory", audience="organisation")


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A folder with every example of the document, under the name that stands above it."""
    found = re.findall(r"^`([\w.]+)`\n```\w+\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
    assert len(found) == TEXT.count("\n```") // 2
    for name, text in found:
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_four_files_are_imported_without_a_question_left(examples: Path, tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "record.db")
    report = ingest(store, NativeReader(examples, source=FACTORY))
    assert report.kinds == {
        "person": Tally(read=2, added=2),
        "post": Tally(read=3, added=3),
        "interaction": Tally(read=2, added=2),
        "community": Tally(read=1, added=1),
    }
    assert report.counts.unattributed == 1
    assert not report.counts.unknown_fields
    assert not report.counts.unknown_verbs
    assert (report.unknown_people, report.ambiguous_names, report.counts.unknown_audiences) == (0, 0, 0)
    (notes,) = store.get("post", ["factory:n1"])
    assert notes.audience == Audience("groups", groups=("factory:workshop",), deny=("factory:bob",))
    store.close()


def test_the_file_of_typed_lines_is_read(examples: Path) -> None:
    facts = list(NativeReader(examples / "everything.ndjson", source=FACTORY).facts())
    assert [fact.id for fact in facts] == ["factory:ann", "factory:q2"]


def test_the_table_is_read_by_its_mapping(examples: Path) -> None:
    mapping = read_mapping(examples / "tickets.toml")
    reader = CsvReader(examples / "tickets.csv", source=FACTORY, mapping=mapping)
    first, second = reader.facts()
    assert isinstance(first, Post)
    assert first.text == "It drips,\nalways in the cold"
    assert first.authors == ("factory:bob", "factory:ann")
    assert first.tags == ("pumps", "winter")
    assert first.kind == "ticket"
    assert (first.audience, second.audience) == (ORGANISATION, Audience("groups", groups=("factory:workshop",)))
    assert not reader.counts.unknown_fields


def test_the_document_names_every_file_trailer_encoding_and_limit() -> None:
    for name in FILES.values():
        assert f"`{name}`" in TEXT
    rows = re.findall(r"^\| (.*-by`.*) \| .*?(author|review|approve|merge).* \|$", TEXT, re.MULTILINE)
    assert len(rows) == 4
    for roles, verb in rows:
        for role in re.findall(r"`(.+?)`", roles):
            assert read_message(f"Title\n\n{role}: Ann <ann@x.example>").contacts == (
                Contact(verb, "Ann", "ann@x.example"),
            )
    for name in shipped_mappings():
        assert f"`{name}`" in TEXT
    for encoding in ENCODINGS:
        assert f"`{encoding}`" in TEXT
    assert f"{LINE_LIMIT // 10**6} MB" in TEXT
    assert {8: "eight"}[_TAGS_LIMIT] in TEXT
