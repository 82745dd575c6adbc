"""Times as programs write them: ISO 8601, seconds since 1970, mail and directory times, and values that mean "none"."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d.*)?", re.ASCII)
_FRACTION = re.compile(r"(\.\d{6})\d+")
_SHORT_OFFSET = re.compile(r"([+-]\d\d)$")
_ZONE_WORD = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
_DIRECTORY = re.compile(r"(\d{14})(?:[.,]\d+)?Z", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,19}(?:\.\d+)?", re.ASCII)
_MAIL = re.compile(r"(?:[A-Za-z]{3}, +)?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WINDOWS = datetime(1601, 1, 1, tzinfo=UTC)
_ZERO_DAYS = frozenset({(1601, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (1970, 1, 1)})
"""The days that Windows, spreadsheets, SQL Server and Unix count from: a program writes them where it knows no time."""
_LAST_YEAR = 2100
"""Directories write 9999, 2999 or 2106 where something has no end; nothing that was written is dated from here on."""
_SECONDS_END = datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC)
"""The last second of a signed 32-bit clock, which programs write for "never"."""
_SECONDS_FROM = 100_000_000
"""A count below, which would be a time before March 1973, is more likely a day such as 20240501, and is refused."""
_MILLISECONDS_FROM = 100_000_000_000
"""A count from here on is of milliseconds: as seconds it would be the year 5138."""
_TICKS_FROM = 100_000_000_000_000_000
"""A count from here on is of 100 ns since 1601, as Windows directories have it."""


_TICKS_END = 2 * 10**16
"""A count of microseconds since 1601 from here on is past the year 2234: directories write 2^63 for "never"."""


TIMES_KEPT = 1 << 12
"""Times as they are written that are kept with what they say: a post and the acts on it often have the same."""


class NoTime(Exception):
    """The value means that there is no time."""


def moment(text: str) -> datetime:
    """The time that a text says, aware and in UTC; without an offset it is UTC.

    Understood are ISO 8601 with a blank or a `T`, any number of fraction digits, offsets `+02`, `+0200`, `+02:00` and
    the words UTC and GMT; seconds or milliseconds since 1970, with a fraction or without; the 100 ns since 1601 and the
    `20250505083000.0Z` of directories; the times of mail (RFC 5322). A leap second is the second after it.

    Raises `NoTime` for a value that means "none": a zero date, the first day of a clock, a year from 2100 on. Raises
    `ValueError` for anything else.
    """
    return _moment(text.strip())


@lru_cache(maxsize=TIMES_KEPT)
def _moment(plain: str) -> datetime:
    if plain.startswith("0000-00-00") or plain in ("0", "-1"):
        raise NoTime
    return meant(_read(plain.replace("t", "T", 1) if plain[10:11] == "t" else plain))


def meant(at: datetime) -> datetime:
    """The time, aware and in UTC. Raises `NoTime` for one that programs write where they know none."""
    unset = at.year <= 1 or at.year >= _LAST_YEAR or (at.year, at.month, at.day) in _ZERO_DAYS or at == _SECONDS_END
    if unset:
        raise NoTime
    return at


def _read(text: str) -> datetime:
    if _NUMBER.fullmatch(text):
        return _counted(text)
    if found := _DIRECTORY.fullmatch(text):
        return datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    if _MAIL.match(text):
        return _aware(parsedate_to_datetime(text))
    if not _ISO.fullmatch(text):
        raise ValueError(text)
    plain = _ZONE_WORD.sub("+00:00", text) if len(text) > 10 else text
    plain = _SHORT_OFFSET.sub(r"\1:00", _FRACTION.sub(r"\1", plain)) if len(plain) > 10 else plain
    leap = ":60" in plain
    at = datetime.fromisoformat(plain.replace(":60", ":59", 1).replace(" +", "+").replace(" -", "-").upper())
    return _aware(at) + timedelta(seconds=int(leap))


def _aware(at: datetime) -> datetime:
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:  # a first or last day, moved out of the calendar by its offset
        return at.replace(tzinfo=UTC)


def _counted(text: str) -> datetime:
    value = float(text)
    if value >= _TICKS_FROM:
        microseconds = int(text.partition(".")[0]) // 10
        if microseconds >= _TICKS_END:
            raise NoTime
        return _WINDOWS + timedelta(microseconds=microseconds)
    if value < _SECONDS_FROM:
        raise ValueError(text)
    seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        raise NoTime from None
