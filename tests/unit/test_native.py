"""The native files: four of them or one, read line by line, and a mistake is told by file, line and field."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import pytest

from expertfinder.errors import SourceError
from expertfinder.model import Community, Interaction, Person, Post
from expertfinder.sources import NativeReader, declared
from expertfinder.sources.lines import LINE_LIMIT

SHOP = declared("shop", audience="organisation")
ANN = {"id": "ann", "name": "Ann"}
FIRST = {"id": "p1", "authors": ["ann"], "title": "Pumps"}
LIKE = {"actor": "ann", "verb": "like", "object": "p1"}
LAB = {"id": "lab", "members": ["ann"]}


def lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        (path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return path


def reader(path: Path) -> NativeReader:
    return NativeReader(path, source=SHOP)


def test_a_folder_of_four_files_is_read_people_first(tmp_path: Path) -> None:
    read = reader(
        folder(
            tmp_path,
            interactions=lines(LIKE, LIKE),
            posts=lines(FIRST),
            communities=lines(LAB),
            people=lines(ANN),
        )
    )
    assert [type(fact) for fact in read.facts()] == [Person, Community, Post, Interaction, Interaction]
    assert read.total == 5


def test_any_file_may_be_missing_but_not_all(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"people\.jsonl"):
        list(reader(tmp_path).facts())
    assert len(list(reader(folder(tmp_path, posts=lines(FIRST))).facts())) == 1


def test_an_empty_file_is_a_file_without_records(tmp_path: Path) -> None:
    assert list(reader(folder(tmp_path, posts="")).facts()) == []


def test_whole_files_can_be_left_out(tmp_path: Path) -> None:
    folder(tmp_path, people=lines(ANN), communities="not even JSON")
    read = NativeReader(tmp_path, source=SHOP, kinds=("person", "post", "interaction"))
    assert [fact.id for fact in read.facts()] == ["shop:ann"]
    assert read.total == 1


def test_one_file_of_typed_lines_is_read_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "all.ndjson"
    path.write_text(lines({"type": "post", **FIRST}, {"type": "person", **ANN}, {"type": "interaction", **LIKE}))
    assert [type(fact) for fact in reader(path).facts()] == [Post, Person, Interaction]


def test_reading_twice_gives_the_same_facts_and_counts(tmp_path: Path) -> None:
    anonymous = {**LIKE, "actor": "anonymous"}
    read = reader(folder(tmp_path, people=lines({**ANN, "years": 3}), interactions=lines(LIKE, LIKE, anonymous)))
    first = list(read.facts())
    counts = read.counts
    assert list(read.facts()) == first
    assert read.counts == counts
    assert (counts.unattributed, counts.unknown_fields) == (1, {"person.years": 1})


def test_a_byte_order_mark_empty_lines_and_foreign_line_ends_mean_nothing(tmp_path: Path) -> None:
    text = "\ufeff\r\n" + json.dumps(ANN) + "\r\n   \n\n" + json.dumps({"id": "bob"})
    assert [fact.id for fact in reader(folder(tmp_path, people=text)).facts()] == ["shop:ann", "shop:bob"]


@pytest.mark.parametrize(
    ("text", "line", "field", "detail"),
    [
        (lines(ANN) + "\n" + lines({"name": "Bob"}), 3, "id", "'id'"),
        (lines(ANN, {"id": "bob", "left_at": 7}), 2, "left_at", "a number"),
        (lines(ANN, [1]), 2, None, "object"),
        (lines(ANN) + "{oops\n", 2, None, "not JSON"),
        (lines(ANN) + '{"id": "b", "name": "\\ud800"}', 2, None, "not JSON"),
        (lines(ANN) + '{"id": NaN}', 2, None, "not JSON"),
        (lines(ANN) + '{"id": "a\0b"}', 2, None, "not JSON"),
        (lines(ANN) + "[" * 200_000, 2, None, "not JSON"),
        (lines(ANN) + '{"a":' * 200_000, 2, None, "not JSON"),
    ],
)
def test_a_mistake_is_told_by_file_line_and_field(
    tmp_path: Path, text: str, line: int, field: str | None, detail: str
) -> None:
    with pytest.raises(SourceError, match=detail) as error:
        list(reader(folder(tmp_path, people=text)).facts())
    where = {"file": str(tmp_path / "people.jsonl"), "line": line}
    assert error.value.extras == (where if field is None else {**where, "field": field})


def test_bytes_that_are_not_text_are_a_mistake_on_their_line(tmp_path: Path) -> None:
    (tmp_path / "people.jsonl").write_bytes(lines(ANN).encode() + b'{"id": "\xff\xfe"}\n')
    with pytest.raises(SourceError, match="not JSON") as error:
        list(reader(tmp_path).facts())
    assert error.value.extras["line"] == 2


def test_a_line_without_end_is_given_up_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    with path.open("wb") as file:  # a gigabyte of nothing, that takes no room on the disk
        file.write(lines(ANN).encode() + b'{"id": "')
        file.truncate(1_000_000_000)
    tracemalloc.start()
    with pytest.raises(SourceError, match=f"longer than {LINE_LIMIT:,} bytes") as error:
        list(reader(tmp_path).facts())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.value.extras["line"] == 2
    assert most < 5 * LINE_LIMIT


def test_a_line_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    frame = len('{"id":"p1","text":""}\n')
    text = '{"id":"p1","text":"' + "x" * (LINE_LIMIT - frame) + '"}\n'
    assert len(text) == LINE_LIMIT
    assert len(list(reader(folder(tmp_path, posts=text)).facts())) == 1


@pytest.mark.parametrize("make", [lambda path: None, os.mkfifo, Path.mkdir])
def test_what_is_no_ordinary_file_is_refused_without_waiting(tmp_path: Path, make: object) -> None:
    make(tmp_path / "people.jsonl")  # type: ignore[operator]
    with pytest.raises(SourceError) as error:
        list(reader(tmp_path).facts())
    assert str(tmp_path) in str(error.value.extras["file"])
    assert NativeReader(tmp_path / "people.jsonl" / "none", source=SHOP).total == 0


@pytest.mark.needs_sets
def test_the_evaluation_sets_are_read_whole(sets_folder: Path) -> None:
    folders = [path for path in sorted(sets_folder.iterdir()) if (path / "people.jsonl").is_file()]
    assert folders
    for path in folders:
        read = reader(path)
        facts = sum(1 for _ in read.facts())
        assert facts + read.counts.unattributed == read.total, path.name
