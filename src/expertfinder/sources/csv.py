"""CSV files with a mapping that says which column is which field.

The mapping is a TOML file; the fields are those of the native format (`api/*.schema.json`):

    kind = "post"                # person, post, interaction or community
    delimiter = ";"              # the default is a comma
    encoding = "cp1252"          # utf-8, cp1252 or latin-1; without it, it is found out

    [columns]
    id = "Message ID"
    title = "Subject"
    text = "Body"
    authors = { column = "From", separator = "|" }
    created_at = { column = "Sent", format = "%d.%m.%Y %H:%M" }
    "audience.groups" = "Visible to"

    [constants]
    kind = "message"
    language = "de"

The first row names the columns; a line `sep=;` of a spreadsheet before it names the delimiter. An empty cell is an
absent field, and so is one that says NULL as databases write it. A list is one cell with a separator (a comma unless
said otherwise); a date is ISO 8601 unless a `format` (of Python's `strptime`) is given, and without an offset it is
UTC. Columns that are not mapped are counted in the report, as unknown fields are.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from expertfinder.errors import SourceError
from expertfinder.model import Source
from expertfinder.sources.lines import LINE_LIMIT, count_lines, lines_of, text_lines
from expertfinder.sources.native import NativeFact
from expertfinder.sources.reader import Counts
from expertfinder.sources.records import FIELDS, KINDS, RecordKind, Records

_LISTS = frozenset(
    {"skills", "knowsAbout", "languages", "groups", "accounts", "authors", "tags", "members", "leads"}
    | {"audience.groups", "audience.people", "audience.deny"}
)
_FLAGS = frozenset({"hidden", "judged"})
_NUMBERS = frozenset({"value"})
_DATES = frozenset({"created_at", "left_at"})
_AUDIENCE = frozenset({"audience.groups", "audience.people", "audience.deny"})
_SEPARATOR = re.compile(r"sep=(.)")
"""The line by which a spreadsheet tells itself the delimiter."""
_WORDS = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}
_NULLS = frozenset(
    {"NULL", "null", "(null)", "<null>", "\\N", "nan", "NaN", "NaT", "#N/A", "N/A", "n/a", "None", "nil"}
)
"""How databases, spreadsheets and data frames write an empty cell. `Null` stays: it is a name."""
_ANGLED = re.compile(r"(?:<[^<>]+>)+")
"""Tags as the dumps of question sites write them: `<gear-hobbing><oil>`."""
# One byte a character, or self-synchronising: the ends of lines can be found before decoding.
_ENCODINGS = frozenset({"utf-8", "cp1252", "latin-1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where a field comes from, and how its cell is written."""

    name: str
    separator: str = ","
    format: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvMapping:
    """What a mapping file says."""

    kind: RecordKind
    columns: dict[str, Column]
    constants: dict[str, object]
    delimiter: str = ","
    encoding: str = ""
    """Empty: found out."""


def read_mapping(path: Path) -> CsvMapping:
    """Read a mapping. Raises `SourceError` naming the file and the entry that is wrong."""

    def wrong(detail: str, field: str) -> SourceError:
        return SourceError(detail, file=str(path), field=field)

    text = b"".join(line for _, line in lines_of(path))
    try:
        table = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"this mapping is not TOML: {error}", file=str(path)) from None
    kind = table.get("kind")
    if kind not in KINDS:
        raise wrong(f"'kind' is one of {', '.join(KINDS)}", "kind")
    if unknown := sorted(table.keys() - {"kind", "delimiter", "encoding", "columns", "constants"}):
        raise wrong(f"{unknown[0]!r} means nothing in a mapping", unknown[0])
    delimiter, encoding = table.get("delimiter", ","), table.get("encoding", "")
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '\r\n"\0':
        raise wrong("'delimiter' is one character", "delimiter")
    if encoding and encoding not in _ENCODINGS:
        raise wrong(f"'encoding' is one of {', '.join(sorted(_ENCODINGS))}", "encoding")
    columns, constants = table.get("columns", {}), table.get("constants", {})
    if not isinstance(columns, dict) or not columns or not isinstance(constants, dict):
        raise wrong("a mapping needs a table [columns], and [constants] is a table", "columns")
    known = FIELDS[kind] - {"type", "source"} | _AUDIENCE
    for field in (*columns, *constants):
        if field not in known:
            raise wrong(f"a {kind} has no field {field!r}", field)
    return CsvMapping(
        kind=kind,
        columns={
            field: _column(field, entry, wrong(f"how {field!r} is read is not clear", field))
            for field, entry in columns.items()
        },
        constants=constants,
        delimiter=delimiter,
        encoding=encoding,
    )


def _column(field: str, entry: object, wrong: SourceError) -> Column:
    if isinstance(entry, str):
        return Column(name=entry)
    if not isinstance(entry, dict) or "column" not in entry or entry.keys() - {"column", "separator", "format"}:
        raise wrong
    if not all(isinstance(value, str) and value for value in entry.values()):
        raise wrong
    if ("separator" in entry and field not in _LISTS) or ("format" in entry and field not in _DATES):
        raise wrong
    return Column(name=entry["column"], separator=entry.get("separator", ","), format=entry.get("format", ""))


class CsvReader:
    """Reads one CSV file by a mapping (`Reader`)."""

    def __init__(self, path: Path, *, source: Source, mapping: CsvMapping) -> None:
        self.path = path
        self.source = source
        self.mapping = mapping
        self._counts = Counts()
        self._total: int | None = None

    @property
    def counts(self) -> Counts:
        """Of the last or running call of `facts`."""
        return self._counts

    @property
    def total(self) -> int:
        """The number of lines but the first: an upper bound, because a cell may hold line ends."""
        if self._total is None:
            self._total = max(0, count_lines(self.path) - 1)
        return self._total

    def facts(self) -> Iterator[NativeFact]:
        """Every fact. Raises `SourceError` naming file, line (from 1, where the row begins) and field."""
        records = Records(self.source)
        self._counts = records.counts
        begins = 1
        csv.field_size_limit(LINE_LIMIT)
        lines = self._text()
        first = next(lines, "")
        named = _SEPARATOR.fullmatch(first.strip())
        delimiter = named[1] if named else self.mapping.delimiter
        rows = csv.reader(lines if named else chain([first] if first else [], lines), delimiter=delimiter, strict=True)
        header: list[str] | None = None
        while True:
            try:
                row = next(rows, None)
                if row is None:
                    break
                if header is None:
                    header = self._checked([name.strip() for name in row])
                elif row:
                    fact = records.parse(self.mapping.kind, self._record(header, row))
                    if fact is not None:
                        yield fact
            except csv.Error as error:
                raise SourceError(f"this is not CSV: {error}", file=str(self.path), line=begins) from None
            except SourceError as error:
                if "file" in error.extras:  # of the file as a whole
                    raise
                raise SourceError(error.detail, file=str(self.path), **{"line": begins, **error.extras}) from None
            begins = rows.line_num + 1
        if header is None:
            raise SourceError("the file is empty: its first row must name the columns", file=str(self.path))

    def _text(self) -> Iterator[str]:
        def told(what: str) -> None:
            self._counts.notes[what] += 1

        for _, line in text_lines(self.path, self.mapping.encoding, told=told):
            yield line

    def _checked(self, header: list[str]) -> list[str]:
        for name in header:
            if name and header.count(name) > 1:
                raise SourceError(f"two columns are called {name!r}", field=name)
        for field, column in self.mapping.columns.items():
            if column.name not in header:
                raise SourceError(f"there is no column {column.name!r}, which the mapping wants", field=field)
        return header

    def _record(self, header: list[str], row: list[str]) -> dict[str, object]:
        if len(row) > len(header):
            raise SourceError(f"a row has {len(row)} cells for {len(header)} columns")
        cells = dict(zip(header, row, strict=False))
        record: dict[str, object] = dict(self.mapping.constants)
        used = set()
        for field, column in self.mapping.columns.items():
            used.add(column.name)
            cell = cells.get(column.name, "").strip()
            if cell in _NULLS:
                self._counts.notes["cells that say NULL, read as empty"] += 1
            elif cell:
                record[field] = _value(field, column, cell)
        named = {name.removeprefix("audience."): record.pop(name) for name in _AUDIENCE & record.keys()}
        if named:
            record["audience"] = named
        # A column that nobody mapped is an unknown field; the prefix keeps it from being taken for a known one.
        record.update((f"column {name}", cell) for name, cell in cells.items() if name not in used and cell.strip())
        return record


def _value(field: str, column: Column, cell: str) -> object:
    """A cell as the value that the native format would have."""
    if field in _LISTS and _ANGLED.fullmatch(cell):
        return [part.strip() for part in cell[1:-1].split("><") if part.strip()]
    if field in _LISTS:
        return [part.strip() for part in cell.split(column.separator) if part.strip()]
    if field in _FLAGS:
        if cell.lower() not in _WORDS:
            raise SourceError(f"{field!r} is yes or no, not {cell[:20]!r}", field=field)
        return _WORDS[cell.lower()]
    if field in _NUMBERS:
        try:
            return float(cell)
        except ValueError:
            raise SourceError(f"{field!r} must be a number", field=field) from None
    if field in _DATES and column.format:
        try:
            return datetime.strptime(cell, column.format).isoformat()  # noqa: DTZ007 - the parser adds UTC
        except ValueError:
            raise SourceError(f"{field!r} is not written as {column.format!r}", field=field) from None
    return cell
