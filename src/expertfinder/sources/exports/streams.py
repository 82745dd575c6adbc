"""The content of a file of an export as a stream: lines, rows, items of JSON, elements of XML.

Each value comes with its `Spot`, for errors. Never more than one item is in memory (small JSON files are read
at once), and an item has bounds: its size, and how deep it is nested.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final
from xml.etree.ElementTree import Element, ParseError

import ijson
import orjson
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from expertfinder.errors import SourceError
from expertfinder.sources.exports.spot import Spot
from expertfinder.sources.exports.tree import Tree
from expertfinder.sources.lines import LINE_LIMIT, as_text

WHOLE_LIMIT: Final = 4_000_000
"""Bytes of a JSON file that is read at once: eight times faster than as a stream, for some 40 MB of memory."""
DEPTH_LIMIT: Final = 512
"""How deep items of a stream may be nested. Blocks of formatted text, the deepest that was seen, have some twenty."""
NESTED_LIMIT: Final = 1 << 10
"""How deep a JSON file that is read as a stream may be nested: as deep as one that is read at once. ijson keeps the
whole path of each level, so a file of opening brackets would take memory in the square of its depth."""
_BLOCK: Final = 1 << 16
"""Bytes that are read from a stream at once: 64 kB, as `ijson` reads by itself."""
_TEXT: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+("|\\?\Z)', re.DOTALL)
"""A text of JSON, and how it ends: with a quotation mark, or where the bytes end."""
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_BOM: Final = b"\xef\xbb\xbf"


def json_document(tree: Tree, name: str) -> object:
    """A JSON file as a whole, for what is small by nature (settings, a list of channels). Raises `SourceError`."""
    with tree.open(name) as file:
        raw = file.read(8 * LINE_LIMIT + 1)
    if len(raw) > 8 * LINE_LIMIT:
        raise SourceError(f"this file is larger than {8 * LINE_LIMIT:,} bytes", file=tree.named(name))
    return _loaded(raw, Spot(tree.named(name)))


def json_items(tree: Tree, name: str, path: str = "item") -> Iterator[tuple[Spot, object]]:
    """The items of an array in a JSON file. `path`: where the array is, as a path of ijson (`item`, `messages.item`).

    A file without that path has no items. Raises `SourceError` for what is not JSON, for an item over `LINE_LIMIT`
    bytes, and for one that is nested too deep.
    """
    file_name = tree.named(name)
    with tree.open(name) as file:
        start = file.read(WHOLE_LIMIT + 1)
        if len(start) <= WHOLE_LIMIT:
            items = _found(_loaded(start, Spot(file_name)), path.split("."))
            yield from ((Spot(file_name, record=at), item) for at, item in enumerate(items, start=1))
            return
        watched = _Watched(start, file, file_name, strict=path == "item")
        at = 0
        try:
            for at, item in enumerate(ijson.items(watched, path, use_float=True), start=1):
                watched.begin_item()
                yield Spot(file_name, record=at), item
        except (ijson.JSONError, UnicodeDecodeError, ValueError, OverflowError) as error:
            words = str(error).partition("\n")[0][:200]
            raise SourceError(f"this is not JSON: {words}", file=file_name, record=at + 1) from None


def json_lines(tree: Tree, name: str) -> Iterator[tuple[Spot, object]]:
    """The JSON values of a file that has one a line. Empty lines mean nothing. Raises `SourceError`."""
    for spot, line in raw_lines(tree, name):
        if not line.isspace():
            yield spot, _loaded(line, spot)


def raw_lines(tree: Tree, name: str) -> Iterator[tuple[Spot, bytes]]:
    """Each line with its end, as bytes; a byte order mark goes. Raises `SourceError` for one over `LINE_LIMIT`."""
    file_name = tree.named(name)
    with tree.open(name) as file:
        number = 0
        while line := file.readline(LINE_LIMIT + 1):
            number += 1
            if len(line) > LINE_LIMIT:
                raise SourceError(f"a line is longer than {LINE_LIMIT:,} bytes", file=file_name, line=number)
            yield Spot(file_name, line=number), line.removeprefix(_BOM) if number == 1 else line


def lines(tree: Tree, name: str) -> Iterator[tuple[Spot, str]]:
    """Each line with its end, as text; what is no UTF-8 is read as windows-1252."""
    for spot, line in raw_lines(tree, name):
        yield spot, as_text(line)


def rows(tree: Tree, name: str, *, delimiter: str = ",") -> Iterator[tuple[Spot, dict[str, str]]]:
    """The rows of a table whose first row names the columns. A cell may hold line ends; a short row lacks columns.

    Raises `SourceError` for what is not CSV, and for a row with more cells than there are columns.
    """
    file_name = tree.named(name)
    at = Spot(file_name, line=1)

    def texts() -> Iterator[str]:
        nonlocal at
        for spot, line in lines(tree, name):
            at = spot
            yield line.replace("\0", "")

    csv.field_size_limit(LINE_LIMIT)
    table = csv.reader(texts(), delimiter=delimiter, strict=True)
    try:
        header = [column.strip() for column in next(table, [])]
        begins = at.next_line()
        for row in table:
            if len(row) > len(header):
                raise SourceError(f"a row has {len(row)} cells for {len(header)} columns", **begins.extras)
            if row:
                yield begins, dict(zip(header, row, strict=False))
            begins = at.next_line()
    except csv.Error as error:
        raise SourceError(f"this is not CSV: {error}", **at.extras) from None


def xml_elements(tree: Tree, name: str, tags: Iterable[str]) -> Iterator[tuple[Spot, Element]]:
    """The elements of an XML file with one of these tags, each whole; it is emptied once the next one is asked for.

    A tag is compared without its namespace. Raises `SourceError` for what is not XML, for a document type and for
    entities, and where the bounds are passed. No export has entities, and with them a small file can fill the memory.
    """
    wanted, file_name = frozenset(tags), tree.named(name)
    with tree.open(name) as file:
        watched = _Watched(b"", file, file_name, strict=True, nests=False)
        above: list[Element] = []
        inside = at = 0
        try:
            for event, element in iterparse(watched, events=("start", "end"), forbid_dtd=True):
                plain = element.tag.rpartition("}")[2]
                if event == "start":
                    above.append(element)
                    inside += plain in wanted
                    if len(above) > DEPTH_LIMIT:
                        raise SourceError(f"elements are nested deeper than {DEPTH_LIMIT}", file=file_name)
                    continue
                above.pop()
                if plain in wanted:
                    inside -= 1
                    if not inside:
                        at += 1
                        yield Spot(file_name, record=at), element
                if not inside:
                    watched.begin_item()
                    element.clear()
                    if above:
                        above[-1].remove(element)
        except DefusedXmlException as error:
            words = "it defines a document type or entities" if "DTD" in str(error) or "Entit" in str(error) else ""
            raise SourceError(f"this XML is refused: {words or type(error).__name__}", file=file_name) from None
        except (ParseError, ValueError, LookupError) as error:
            raise SourceError(f"this is not XML: {str(error)[:200]}", file=file_name, record=at + 1) from None


class _Watched:
    """A file for a parser to read. Raises `SourceError` where an item is too long or nested too deep."""

    def __init__(self, start: bytes, file: BinaryIO, name: str, *, strict: bool, nests: bool = True) -> None:
        """`start`: what was read of the file before. `strict`: the file holds nothing but items, and each is measured;
        else other parts are skipped, and only a text without an end is noticed. `nests`: brackets outside of texts are
        levels, as in JSON."""
        self._start = start.removeprefix(_BOM)
        self._file = file
        self._name = name
        self._strict = strict
        self._nests = nests
        self._text = b""  # the beginning of a text that the last block did not end
        self._bytes = self._deep = 0

    def begin_item(self) -> None:
        """An item has ended: from here on bytes count for the next item."""
        self._bytes = 0

    def read(self, size: int = _BLOCK) -> bytes:
        """The next bytes, at most a block; none for a `size` of 0, which ijson asks for to learn their type."""
        if size == 0:
            return b""
        size = min(size, _BLOCK) if size > 0 else _BLOCK
        if self._start:
            block, self._start = self._start[:size], self._start[size:]
        else:
            block = self._file.read(size)
        if not self._strict and b'"' in block:
            self._bytes = 0
        self._bytes += len(block)
        if self._bytes > LINE_LIMIT + _BLOCK:
            raise SourceError(f"an item is longer than {LINE_LIMIT:,} bytes", file=self._name)
        if self._nests and self._deepest(block) > NESTED_LIMIT:
            raise SourceError("its brackets are nested without end", file=self._name)
        return block

    def _deepest(self, block: bytes) -> int:
        """How deep the next bytes of a JSON file are nested; brackets within texts do not count."""
        import numpy as np  # noqa: PLC0415  (who only reads the help loads no engine)

        outside, ends = (parts := _TEXT.split(self._text + block))[::2], parts[1::2]
        self._text = b'"' + ends[-1] if ends and ends[-1] != b'"' else b""
        marks = np.frombuffer(b"".join(outside).translate(None, _NO_BRACKETS), np.uint8)
        if not len(marks):
            return self._deep
        levels = self._deep + np.cumsum(np.where((marks == ord("[")) | (marks == ord("{")), 1, -1))
        self._deep = int(levels[-1])
        return int(levels.max())


def _loaded(raw: bytes, spot: Spot) -> object:
    try:
        return orjson.loads(raw.removeprefix(_BOM))
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}" if spot.line is None else f"column {error.colno}"
        raise SourceError(f"this is not JSON: {error.msg} ({where})", **spot.extras) from None


def _found(value: object, path: list[str]) -> Iterator[object]:
    """The values at a path of ijson."""
    if not path:
        yield value
    elif path[0] == "item":
        for item in value if isinstance(value, list) else ():
            yield from _found(item, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _found(value[path[0]], path[1:])
