"""Objects of a JSON file are the same however the file is shaped, and however large it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from expertfinder.errors import SourceError
from expertfinder.sources.exports import Tree, json_items, streams
from expertfinder.sources.exports.objects import json_objects

ITEMS = [{"id": n, "text": f"Gasket number {n}", "more": {"deep": [n, {"a": "b"}]}} for n in range(500)]
SHAPES = {
    "an array": json.dumps(ITEMS),
    "an array, indented": json.dumps(ITEMS, indent=2),
    "a list in an object": json.dumps({"about": {"a": [1]}, "first": {"items": ITEMS}, "more": ""}),
    "an object a line": "\n".join(map(json.dumps, ITEMS)) + "\n",
    "with a mark": "\ufeff" + json.dumps({"items": ITEMS}),
}


def read(path: Path) -> list[object]:
    with Tree(path) as tree:
        return [found for _, found in json_objects(tree, path.name, ["items.item", "first.items.item"])]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("whole", [10, streams.WHOLE_LIMIT])
def test_every_shape_gives_the_same_objects_read_at_once_or_as_a_stream(
    shape: str, whole: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "WHOLE_LIMIT", whole)
    (tmp_path / "x.json").write_text(SHAPES[shape], encoding="utf-8")
    assert read(tmp_path / "x.json") == ITEMS


def test_a_file_that_is_larger_than_what_is_read_at_once_is_read_whole(tmp_path: Path) -> None:
    many = [{"id": n, "text": "gasket " * 200} for n in range(4_000)]
    (tmp_path / "x.json").write_text(json.dumps(many))
    assert (tmp_path / "x.json").stat().st_size > streams.WHOLE_LIMIT
    with Tree(tmp_path / "x.json") as tree:
        assert [found for _, found in json_items(tree, "x.json")] == many


def test_an_object_without_a_list_is_the_one_item_and_an_empty_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"id": 1,\n"other": [2]}')
    assert read(tmp_path / "x.json") == [{"id": 1, "other": [2]}]
    (tmp_path / "x.json").write_text(" \n")
    with pytest.raises(SourceError, match="the file is empty"):
        read(tmp_path / "x.json")
