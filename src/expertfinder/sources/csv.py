"""CSV files with a mapping that says which column is which field.

The mapping is a TOML file; the fields are those of the native format (`api/*.schema.json`):

    kind = "post"                # person, post, interaction or community
    delimiter = ";"              # the default is a comma
    encoding = "cp1252"          # utf-8, cp1252 or latin-1; where absent, it is detected

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
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from expertfinder.errors import SourceError
from expertfinder.model import Source
from expertfinder.sources.html import text_of
from expertfinder.sources.lines import LINE_LIMIT, count_lines, text_lines
from expertfinder.sources.mapping import (
    AUDIENCE,
    EXCEL,
    EXCEL_1904,
    ISO,
    LISTS,
    Column,
    CsvMapping,
    listed,
    meant,
    read_mapping,
    shipped_mappings,
)
from expertfinder.sources.native import NativeFact
from expertfinder.sources.reader import Counts
from expertfinder.sources.records import TIMES, Records
from expertfinder.sources.times import NoTime, means_none, moment

_FLAGS = frozenset({"hidden", "judged"})
_NUMBERS = frozenset({"value"})
_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
"""The line by which a spreadsheet names the delimiter."""
_WORDS = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}
_NULLS = frozenset(
    {"NULL", "null", "(null)", "<null>", "\\N", "nan", "NaN", "NaT", "#N/A", "N/A", "n/a", "None", "nil"}
    | {"(NULL)", "(Null)", "<NULL>", "[NULL]", "#NULL!", "(none)", "(blank)", "undefined", "-", "--", "NA"}
)
"""How databases, spreadsheets and data frames write an empty cell. `Null` stays: it is a name."""
_UNSEEN = "\u200b\u2060\ufeff"
"""Blanks without width, which cells that were copied out of web pages and chats begin or end with."""
_RULER = re.compile(r"-{2,}")
_ROWS = re.compile(r"\(\d+ rows?(?: affected)?\)|\x1a")
"""What programs write below a table: how many rows it has, or the end of a file under DOS."""
_ANGLED = re.compile(r"(?:<[^<>]+>)+")
"""Tags as the dumps of question sites write them: `<gear-hobbing><oil>`."""


_SERIAL = {EXCEL: datetime(1899, 12, 30), EXCEL_1904: datetime(1904, 1, 1)}  # noqa: DTZ001 - the parser adds UTC
"""The days that spreadsheets count from."""


class CsvReader:
    """Reads one CSV file by a mapping (`Reader`)."""

    def __init__(self, path: Path, *, source: Source, mapping: CsvMapping, skip: int = 0) -> None:
        """`skip`: how many rows that cannot be read may be left out."""
        self.path = path
        self._skip = skip
        self._columns: dict[str, Column] = {}
        self.source = source
        self.mapping = mapping
        self._counts = Counts()
        self._total: int | None = None

    @property
    def counts(self) -> Counts:
        """The counts of the last or running call of `facts`."""
        return self._counts

    @property
    def total(self) -> int:
        """The number of lines but the first: an upper bound, because a cell may hold line ends."""
        if self._total is None:
            self._total = max(0, count_lines(self.path) - 1)
        return self._total

    @property
    def files(self) -> tuple[Path, ...]:
        """The one file."""
        return (self.path,)

    @property
    def found(self) -> list[str]:
        """The fields whose columns the first row has; empty before it was read, and where it lacks a necessary one."""
        return list(self._columns)

    def facts(self) -> Iterator[NativeFact]:
        """Every fact. Raises `SourceError` naming file, line (from 1, where the row begins) and field."""
        records = Records(self.source)
        self._counts = records.counts
        begins = 1
        csv.field_size_limit(LINE_LIMIT)
        lines = self._text()
        first = next(lines, "")
        if first.startswith("#TYPE "):  # PowerShell says what sort of objects it wrote
            first = next(lines, "")
        named = _SEPARATOR.fullmatch(first.strip("\r\n "))
        delimiter = named[1] if named else self.mapping.delimiter
        if not named and self.mapping.delimiter not in first:
            delimiter = next((other for other in ";\t|," if first.count(other) >= 1), delimiter)
            if delimiter != self.mapping.delimiter:
                self._counts.notes[f"files whose delimiter is {delimiter!r}, as their first line shows"] += 1
        rows = csv.reader(lines if named else chain([first] if first else [], lines), delimiter=delimiter, strict=True)
        header: list[str] | None = None
        while True:
            try:
                row = next(rows, None)
                if row is None:
                    break
                if header is None:
                    header = self._checked([name.strip() for name in row])
                    begins = rows.line_num + 1
                    continue
                said = not _is_decoration(row)
                fact = records.parse(self.mapping.kind, self._record(header, row)) if said else None
            except csv.Error as error:
                raise SourceError(
                    f"this is not CSV: {error} (a quotation mark in a cell is written twice)",
                    file=str(self.path),
                    line=begins,
                ) from None
            except SourceError as error:
                if "file" in error.extras:  # of the file as a whole
                    raise
                placed = SourceError(error.detail, file=str(self.path), **{"line": begins, **error.extras})
                self._counts.leave_out(placed, most=self._skip)
                fact = None
            begins = rows.line_num + 1
            if fact is not None:
                yield fact
        if header is None:
            raise SourceError("the file is empty: its first row must name the columns", file=str(self.path))

    def _text(self) -> Iterator[str]:
        def told(what: str) -> None:
            self._counts.notes[what] += 1

        for number, line in text_lines(self.path, self.mapping.encoding, told=told):
            yield line.lstrip("\ufeff") if number == 1 else line

    def _checked(self, header: list[str]) -> list[str]:
        wanted = {name for column in self.mapping.columns.values() for name in (*column.names, *column.others)}
        by_small = {name.casefold(): name for name in sorted(wanted) if name not in header}
        header = [name if name in wanted else by_small.pop(name.casefold(), name) for name in header]
        for name in header:
            if name and header.count(name) > 1 and self._is_single(name):
                told = f"two columns are called {name!r}, which the mapping wants"
                raise SourceError(told, file=str(self.path), line=1, field=name)
        columns = {}
        for field, column in self.mapping.columns.items():
            there = [name for name in column.names if name in header]
            if len(there) < len(column.names):
                there = there or [name for name in column.others if name in header][:1]
                if not there and not column.optional:
                    detail = f"there is no column {column.name!r}, which the mapping wants{meant(column.name, header)}"
                    has = listed([name for name in header if name])
                    raise SourceError(f"{detail}; the file has {has}", file=str(self.path), line=1, field=field)
            if there:
                columns[field] = replace(column, names=tuple(there))
        self._columns = columns
        return header

    def _is_single(self, name: str) -> bool:
        """Whether a field that holds one value takes this column: two columns of this name would then be ambiguous."""
        columns = ((field, (*column.names, *column.others)) for field, column in self.mapping.columns.items())
        return any(name in names and field not in LISTS for field, names in columns)

    def _record(self, header: list[str], row: list[str]) -> dict[str, object]:
        if len(row) > len(header):
            if any(cell.strip() for cell in row[len(header) :]):
                raise SourceError(f"a row has {len(row)} cells for {len(header)} columns")
            row = row[: len(header)]
        cells: dict[str, list[str]] = {}
        for name, cell in zip(header, row, strict=False):
            cells.setdefault(name, []).append(cell)
        record: dict[str, object] = dict(self.mapping.constants)
        used: set[str] = set()
        for field, column in self._columns.items():
            used.update(column.names)
            found = [cell for name in column.names for raw in cells.get(name, ()) if (cell := self._cell(raw))]
            value = _value(field, column, found) if found else None
            if value is not None:
                record[field] = value
        named = {name.removeprefix("audience."): record.pop(name) for name in AUDIENCE & record.keys()}
        if named:
            record["audience"] = named
        # A column that nobody mapped is an unknown field; the prefix keeps it from being taken for a known one.
        others = ((name, some) for name, some in cells.items() if name not in used)
        record.update((f"column {name}", some[0]) for name, some in others if any(cell.strip() for cell in some))
        return record

    def _cell(self, cell: str) -> str:
        """A cell without blanks around it; empty where its text means no value (`_NULLS`)."""
        cell = cell.strip().strip(_UNSEEN).strip()
        if cell in _NULLS:
            self._counts.notes["cells that say NULL, read as empty"] += 1
            return ""
        return cell


def fitting(path: Path) -> dict[str, list[str]]:
    """The ready mappings whose necessary columns the first row of a table has -> the fields of each that it has.

    Those of most fields come first. Empty where none fits or the file cannot be read.
    """
    found = {}
    for name in shipped_mappings():
        reader = CsvReader(path, source=Source(id="table"), mapping=read_mapping(Path(name)))
        with suppress(SourceError):  # a row below the first may be wrong: this asks for the columns alone
            next(reader.facts(), None)
        if reader.found:
            found[name] = reader.found
    return dict(sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])))


def _value(field: str, column: Column, cells: list[str]) -> object:
    """Cells as a value of the native format; `None` where they mean no value. Raises `SourceError` with `field`."""
    if column.values:
        cells = [column.values.get(cell.lower(), cell) for cell in cells]
    if field in LISTS:
        values = [part for cell in cells for part in _parts(cell, column.separator)]
        if field == "tags":  # as chats and notes write them
            values = [part.lstrip("#") or part for part in values]
        return [f"{column.prefix}{part}" for part in dict.fromkeys(values)]
    cell = column.join.join(cells)
    if field in _FLAGS:
        if cell.lower() not in _WORDS:
            raise SourceError(f"{field!r} is yes or no, not {cell[:20]!r}", field=field)
        return _WORDS[cell.lower()]
    if field in _NUMBERS:
        try:
            return float(cell)
        except ValueError:
            raise SourceError(f"{field!r} must be a number", field=field) from None
    if field in TIMES and column.formats:
        return _time(field, column.formats, cell)
    return column.prefix + (text_of(cell) if column.html else cell)


def _parts(cell: str, separator: str) -> list[str]:
    """The parts of a list: between separators, in angles, or as JSON and PostgreSQL write lists."""
    if _ANGLED.fullmatch(cell):
        parts = cell[1:-1].split("><")
    elif cell[:1] + cell[-1:] in ("[]", "{}"):
        parts = [part.strip().strip("\"'") for part in cell[1:-1].split(",")]
    else:
        parts = cell.split(separator)
    return [part.strip() for part in parts if part.strip()]


def _is_decoration(row: list[str]) -> bool:
    """Whether a row says nothing: it is empty, a ruler below the names of the columns, or tells how many rows there
    are."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return all(map(_RULER.fullmatch, cells)) or (len(cells) == 1 and _ROWS.fullmatch(cells[0]) is not None)


def _time(field: str, formats: tuple[str, ...], cell: str) -> str:
    """The time of a cell in the first format that fits, as ISO 8601; a cell that means no time stays as it is."""
    if means_none(cell):
        return cell
    for written in formats:
        try:
            if written == ISO:
                moment(cell)
                return cell
            if written in _SERIAL:
                return (_SERIAL[written] + timedelta(days=float(cell.replace(",", ".")))).isoformat()
            return datetime.strptime(cell, written).isoformat()  # noqa: DTZ007 - the parser adds UTC
        except NoTime:
            return cell
        except (ValueError, OverflowError):
            continue
    raise SourceError(f"{field!r} is not written as {' or '.join(map(repr, formats))}", field=field)
