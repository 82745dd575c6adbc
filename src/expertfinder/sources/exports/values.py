"""Files of JSON as interfaces of programs (APIs) give them: an array, pages with their items, one object, lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.sources.exports.spot import Spot
from expertfinder.sources.exports.streams import json_document, json_items, json_lines
from expertfinder.sources.exports.tree import Tree

_LINES: Final = (".jsonl", ".ndjson")
_ENDINGS: Final = (".json", *_LINES)
_HEAD: Final = 512
"""Bytes in which the first bracket of a file is looked for."""


def json_files(tree: Tree, rank: Callable[[str], int], *, what: str) -> list[str]:
    """The files of JSON, those of a low rank first, and of one rank by their names. Counts the others in `tree.left`.

    `rank` is given the path in lower case. Raises `SourceError` saying `what` is wanted where there is none.
    """
    found = [name for name in tree.names if name.lower().endswith(_ENDINGS)]
    if not found:
        there = ", ".join(tree.names[:5]) or "nothing"
        raise SourceError(f"{what} is files of JSON (.json, .jsonl); here is {there}", file=str(tree.path))
    if other := len(tree.names) - len(found):
        tree.left["files that are no JSON"] += other
    return sorted(found, key=lambda name: (rank(name.lower()), name))


def json_values(tree: Tree, name: str, *pages: str) -> Iterator[tuple[Spot, object]]:
    """The values of a file: the items of an array (and of arrays in it), the lines, or the one object.

    `pages`: names of a field under which an object has its items (`items`, `issues`), where it is a page.
    """
    if name.lower().endswith(_LINES):
        yield from json_lines(tree, name)
        return
    with tree.open(name) as file:
        first = file.read(_HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first == b"[":
        for spot, item in json_items(tree, name):
            for each in item if isinstance(item, list) else (item,):
                yield from _opened(spot, each, pages)
        return
    yield from _opened(Spot(tree.named(name)), json_document(tree, name), pages)


def _opened(spot: Spot, value: object, pages: tuple[str, ...]) -> Iterator[tuple[Spot, object]]:
    if isinstance(value, Mapping):
        for field in pages:
            if isinstance(value.get(field), list):
                yield from ((Spot(spot.file, record=at), item) for at, item in enumerate(value[field], start=1))
                return
    yield spot, value
