"""JSON files whose shape is not known before: an array, lists inside an object, one object, or an object a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ijson
import orjson

from expertfinder.errors import SourceError
from expertfinder.sources.exports.spot import Spot
from expertfinder.sources.exports.streams import DEPTH_LIMIT, json_document, json_items, json_lines
from expertfinder.sources.exports.tree import Tree
from expertfinder.sources.lines import LINE_LIMIT

BOM = b"\xef\xbb\xbf"
"""The byte order mark of UTF-8, which some programs write before JSON."""
_LOOKED_AT = 1 << 20
"""Bytes at the beginning of an object in which the name of its list of items is looked for: a list comes after a few
fields about it."""


def json_objects(tree: Tree, name: str, paths: Sequence[str]) -> Iterator[tuple[Spot, object]]:
    """The objects of a JSON file. `paths`: where an object at the top may have its items, as paths of ijson
    (`Resources.item`). The first that exists is read; where none exists, the object itself is the one item.

    Raises `SourceError` as the functions of `streams` do.
    """
    first, more = _beginning(tree, name)
    if first.startswith(b"["):
        yield from json_items(tree, name)
    elif more and _is_whole(first):
        yield from json_lines(tree, name)
    elif path := _path(tree, name, paths):
        yield from json_items(tree, name, path)
    else:
        yield Spot(tree.named(name), record=1), json_document(tree, name)


def _beginning(tree: Tree, name: str) -> tuple[bytes, bool]:
    """The first line that says something, and whether more comes after it. Raises `SourceError` for an empty file."""
    with tree.open(name) as file:
        first = b""
        while not first.strip().removeprefix(BOM):
            first = file.readline(LINE_LIMIT)
            if not first:
                raise SourceError("the file is empty", file=tree.named(name))
        more = first.endswith(b"\n") and any(line.strip() for line in iter(lambda: file.readline(LINE_LIMIT), b""))
    return first.strip().removeprefix(BOM).lstrip(), more


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _path(tree: Tree, name: str, paths: Sequence[str]) -> str:
    """The path of the list that comes first in an object; empty where it has none."""
    wanted = {tuple(path.split(".")[:-1]): path for path in paths}
    deepest = max(map(len, wanted), default=0)
    above: list[str] = []  # the names of the objects that are open, as deep as a list may be
    depth = 0
    with tree.open(name) as file:
        try:
            for event, value in ijson.basic_parse(ijson.from_iter(iter([file.read(_LOOKED_AT).removeprefix(BOM)]))):
                if event == "map_key" and depth <= deepest:
                    above[depth - 1 :] = [str(value)]
                elif event == "start_array" and depth <= deepest and tuple(above) in wanted:
                    return wanted[tuple(above)]
                depth += {"start": 1, "end": -1}.get(event.partition("_")[0], 0)
                if depth > DEPTH_LIMIT:
                    return ""
        except (ijson.JSONError, UnicodeDecodeError):
            return ""  # the part that is looked at ends here, or is no JSON: who reads the file raises the error
    return ""
