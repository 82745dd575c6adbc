"""Fields of records that other programs wrote. A field has its type, is absent, or raises a `SourceError` naming it.

Every function here raises that error for a value of another type; `since_1970` raises none.
`null`, an absent field and the empty text are the same, as everywhere. A number where a text is wanted is its digits:
ids are numbers in one version of a program and texts in the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from expertfinder.errors import SourceError

Raw = Mapping[str, object]
"""A JSON object, a row of a table, or the attributes of an XML element."""


def said(record: Raw, *names: str) -> str:
    """The first of these fields that says something, as text; empty where none does."""
    for name in names:
        value = record.get(name)
        if value is None or value == "":
            continue
        if isinstance(value, str):
            return value
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return str(value)
        raise SourceError(f"{name!r} must be text", field=name)
    return ""


def flag(record: Raw, name: str) -> bool:
    """Whether a field is true; absent is false."""
    value = record.get(name)
    if value is not None and not isinstance(value, bool):
        raise SourceError(f"{name!r} must be true or false", field=name)
    return bool(value)


def number(record: Raw, name: str) -> float | None:
    """A finite number, also one that is written as text; `None` where there is none."""
    value = record.get(name)
    if value is None or value == "":
        return None
    try:
        found = float(value) if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        found = None
    if found is None or found != found or found in (float("inf"), float("-inf")):
        raise SourceError(f"{name!r} must be a number", field=name)
    return found


def since_1970(seconds: float | None) -> datetime | None:
    """A time (UTC) that is counted in seconds since 1970; `None` for none, for 0 or less, and for one out of range."""
    if not seconds or seconds < 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def one(record: Raw, name: str) -> Raw:
    """An object; an empty one where there is none."""
    value = record.get(name)
    if value is None or value == "":
        return {}
    if not isinstance(value, Mapping):
        raise SourceError(f"{name!r} must be an object", field=name)
    return value


def many(record: Raw, name: str) -> list[Raw]:
    """A list of objects; an empty one where there is none."""
    value = record.get(name)
    if value is None or value == "":
        return []
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise SourceError(f"{name!r} must be a list of objects", field=name)
    return value


def listed(record: Raw, name: str) -> list[str]:
    """A list of texts (numbers become their digits); an empty one where there is none."""
    value = record.get(name)
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        raise SourceError(f"{name!r} must be a list", field=name)
    return [text for item in value if (text := said({name: item}, name))]


def told(record: object) -> Raw:
    """A record as an object. Raises `SourceError` for anything else."""
    if not isinstance(record, Mapping):
        raise SourceError("a record is an object")
    return record
