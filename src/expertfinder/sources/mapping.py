"""Mappings of tables: which column is which field. A TOML file of one's own, or one of those that are shipped."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from expertfinder.errors import SourceError
from expertfinder.sources.lines import lines_of
from expertfinder.sources.records import FIELDS, KINDS, TIMES, RecordKind

SHIPPED = Path(__file__).with_name("mappings")
"""The folder of ready mappings, one file an export."""
LISTS = frozenset(
    {"skills", "knowsAbout", "languages", "groups", "accounts", "authors", "tags", "members", "leads"}
    | {"audience.groups", "audience.people", "audience.deny"}
)
"""Fields that hold several values."""
AUDIENCE = frozenset({"audience.groups", "audience.people", "audience.deny"})
"""Fields of the audience. In a table each of them is a column of its own."""
ENCODINGS = frozenset({"utf-8", "cp1252", "latin-1"})
"""Encodings that a mapping may name. In each of them the ends of lines can be found before decoding."""
TEXTS = frozenset({"text", "bio", "description"})
"""Fields of several lines, which may be HTML."""
EXCEL, EXCEL_1904, ISO = "excel", "excel-1904", "iso"
"""Formats of dates that are no pattern: days since 1899-12-30; days since 1904-01-01, of old Macs; and what is read
without a format (`times.moment`)."""
_KEYS = frozenset({"column", "columns", "or", "optional", "separator", "join", "prefix", "format", "values", "html"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where a field comes from, and how its cells are written."""

    names: tuple[str, ...]
    """Columns whose cells are joined, or put into one list."""
    others: tuple[str, ...] = ()
    """Where a table has none of `names`, the first of these columns that it has is read instead."""
    optional: bool = False
    """Whether a table may lack all of these columns."""
    separator: str = ","
    join: str = " "
    prefix: str = ""
    """What is put before each value, as `employee:` before a number."""
    formats: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    """Cell, in small letters -> what it means."""
    html: bool = False

    @property
    def name(self) -> str:
        """The column by which an error names it."""
        return self.names[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvMapping:
    """What a mapping file says."""

    kind: RecordKind
    columns: dict[str, Column]
    constants: dict[str, object]
    delimiter: str = ","
    encoding: str = ""
    """Empty: detected for each file."""


def shipped_mappings() -> list[str]:
    """The names of the ready mappings, in order."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def read_mapping(path: Path) -> CsvMapping:
    """Read a mapping: a file, or a ready one by its name. Raises `SourceError` naming the file and what is wrong."""
    if not path.exists() and path.name == str(path) and path.name in shipped_mappings():
        path = SHIPPED / f"{path.name}.toml"
    if not path.is_file():
        ready = ", ".join(shipped_mappings())
        raise SourceError(f"there is no such mapping; ready ones are {ready}", file=str(path))

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
    if encoding and encoding not in ENCODINGS:
        raise wrong(f"'encoding' is one of {', '.join(sorted(ENCODINGS))}", "encoding")
    columns, constants = table.get("columns", {}), table.get("constants", {})
    if not isinstance(columns, dict) or not columns or not isinstance(constants, dict):
        raise wrong("a mapping needs a table [columns], and [constants] is a table", "columns")
    known = FIELDS[kind] - {"type", "source", "audience"} | AUDIENCE
    for name in (*columns, *constants):
        if name not in known and name != "audience":
            raise wrong(f"a {kind} has no field {name!r}{meant(name, known)}; its fields are {listed(known)}", name)
    return CsvMapping(
        kind=kind,
        columns={name: _column(name, entry, wrong) for name, entry in columns.items()},
        constants=constants,
        delimiter=delimiter,
        encoding=encoding,
    )


def meant(name: str, known: Iterable[str]) -> str:
    """A proposal for a name that is not known, in brackets; empty where none is near."""
    by_small = {each.lower(): each for each in known}
    near = get_close_matches(name.strip().lower(), by_small, n=1)
    return f" (is {by_small[near[0]]!r} meant?)" if near else ""


def listed(names: Iterable[str], most: int = 40) -> str:
    """Names for an error, at most `most` of them; sorted where they are a frozenset."""
    ordered = sorted(names) if isinstance(names, frozenset) else list(names)
    return ", ".join(repr(name) for name in ordered[:most]) + (", ..." if len(ordered) > most else "")


def _column(name: str, entry: object, wrong: object) -> Column:
    def refuse(detail: str) -> SourceError:
        return wrong(detail, name)  # type: ignore[operator,no-any-return]

    if isinstance(entry, str):
        return Column(names=(entry,))
    if not isinstance(entry, dict) or ("column" in entry) == ("columns" in entry):
        raise refuse(f"how {name!r} is read is not clear: name its 'column', or several 'columns'")
    if unknown := sorted(entry.keys() - _KEYS):
        raise refuse(f"how {name!r} is read is not clear: {unknown[0]!r} is none of {listed(_KEYS)}")
    names, others = _texts(entry.get("columns", entry.get("column"))), _texts(entry.get("or", []))
    formats, values = _texts(entry.get("format", [])), entry.get("values", {})
    words = [entry.get(key, "x") for key in ("separator", "join", "prefix")]
    flags = [entry.get(key, False) for key in ("optional", "html")]
    usable = {"separator": name in LISTS, "format": name in TIMES, "html": name in TEXTS}
    fits = all(usable.get(key, True) for key in entry)
    texts = all(isinstance(word, str) and word for word in words) and isinstance(values, dict)
    if not (names and others is not None and formats is not None and texts and fits):
        raise refuse(f"how {name!r} is read is not clear")
    if not all(isinstance(flag, bool) for flag in flags) or not all(
        isinstance(value, str) for value in values.values()
    ):
        raise refuse(f"how {name!r} is read is not clear")
    if "format" in entry and not formats:
        raise refuse(f"how {name!r} is read is not clear: 'format' is empty")
    return Column(
        names=names,
        others=others,
        optional=flags[0],
        separator=entry.get("separator", ","),
        join=entry.get("join", " "),
        prefix=entry.get("prefix", ""),
        formats=formats,
        values={cell.strip().lower(): value for cell, value in values.items()},
        html=flags[1],
    )


def _texts(value: object) -> tuple[str, ...] | None:
    """One text or several, `None` for anything else."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) and each for each in values):
        return None
    return tuple(values)
