"""Times as programs write them: ISO 8601, seconds since 1970, mail and directory times, and values that mean "none"."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d.*)?", re.ASCII)
_WEEK = re.compile(r"(\d{4})-?W(\d\d)(?:-?([1-7]))?(T.*)?", re.ASCII | re.IGNORECASE)
"""A day by the week of its year (ISO 8601); without the day of the week it is Monday."""
_FRACTION = re.compile(r"(\.\d{6})\d+")
_SHORT_OFFSET = re.compile(r"([+-]\d\d)$")
_ZONE_WORD = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
_DIRECTORY = re.compile(r"((?:19|20)\d{10})(\d\d)?(?:[.,]\d+)?(Z|[+-]\d{4})", re.ASCII)
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", re.ASCII)
"""A day in digits alone: as seconds it would be in the summer of 1970."""
_CLOCK = r"(?:,? (?:(?:um|at|à) )?(\d\d?)[:.h](\d\d)(?::(\d\d))?(?: (?:Uhr|h))?)?"
_DOTTED = re.compile(r"(\d\d?)\. ?(\d\d?)\. ?(\d{4}|\d\d)" + _CLOCK, re.ASCII)
"""A day with dots. Its second number is the month, wherever days are written with dots."""
_NAMED = re.compile(
    r"(?:[^\W\d_]+\.?,? )?(\d\d?)(?:\.|er|st|nd|rd|th|º)? (?:de |of )?([^\W\d_]+)\.?,? (?:de |del )?(\d{4})" + _CLOCK
)
"""A day with the name of its month behind it, in a language of `_MONTHS`, perhaps with the day of the week before."""
_MONTHS = (
    "january januar janvier enero gennaio januari janeiro",
    "february februar février febrero febbraio februari fevereiro",
    "march märz mars marzo maart março", "april avril abril aprile", "may mai mayo maggio mei maio",
    "june juni juin junio giugno junho", "july juli juillet julio luglio julho", "august août agosto augustus",
    "september septembre septiembre settembre setembro", "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro", "december dezember décembre diciembre dicembre dezembro",
)  # fmt: skip
_FEWEST = 3
"""Fewest letters by which the name of a month is recognised, as in `Okt` and `févr`."""
_ZONES = {
    "CET": "+0100",
    "CEST": "+0200",
    "MEZ": "+0100",
    "MESZ": "+0200",
    "BST": "+0100",
    "EST": "-0500",
    "EDT": "-0400",
    "CST": "-0600",
    "CDT": "-0500",
    "MST": "-0700",
    "MDT": "-0600",
    "PST": "-0800",
    "PDT": "-0700",
    "JST": "+0900",
}
"""Zones as the clocks of Unix and Java write them before the year (RFC 5322 has those of America)."""
_ZONE_THEN_YEAR = re.compile(r" ([A-Z]{3,4}) (\d{4})$")
_NUMBER = re.compile(r"-?\d{1,19}(?:\.\d+)?", re.ASCII)
_MAIL = re.compile(r"(?:[A-Za-z]{3}, +)?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d")
_YEAR_FIRST = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ] ?(\d{1,2})[:.](\d\d)(?:([:.])(\d\d))?(.*))?", re.ASCII
)
"""A day that begins with its year, and perhaps an hour, however the parts are divided."""
_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?(.*)", re.ASCII)
_DOT_NET = re.compile(r"\\?/Date\((-?\d{1,14})(?:[+-]\d{4})?\)\\?/")
_HAN = re.compile(r"(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]", re.ASCII)
"""A day as it is written in Chinese, Japanese and Korean."""
_ZONE_ID = re.compile(r"\[[A-Za-z_]+(?:/[A-Za-z_+-]+)*\]$")
_OFFSET_AND_WORD = re.compile(r"([+-]\d{4}) [A-Z]{3,5}$")
_MONTH = re.compile(r"[A-Za-z]{3}")
_WRITTEN = (
    *("%a %b %d %H:%M:%S %Y", "%d-%b-%Y", "%d-%b-%y", "%d-%b-%Y %H:%M:%S", "%d-%b-%Y %H:%M", "%d/%b/%y %I:%M %p"),
    *("%a %b %d %H:%M:%S %Y %z", "%a %b %d %H:%M:%S %z %Y", "%b %d %Y %I:%M%p", "%b %d %Y", "%b %d, %Y, %I:%M %p"),
    *("%d/%b/%Y", "%d/%b/%Y:%H:%M:%S %z", "%b %d, %Y", "%b %d, %Y %I:%M %p", "%b %d, %Y %I:%M:%S %p", "%B %d, %Y"),
    *(
        "%B %d, %Y %I:%M %p",
        "%b %d, %Y, %I:%M:%S %p",
        "%B %d, %Y, %I:%M %p",
        "%A, %B %d, %Y",
        "%d %b %Y",
        "%d %B %Y",
        "%d %B %Y %H:%M",
        "%d %b %Y %H:%M",
    ),
)
"""Times with the English name of a month, which cannot be mistaken: of C, Java, Oracle, Jira, web servers, letters."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WINDOWS = datetime(1601, 1, 1, tzinfo=UTC)
_ZERO_DAYS = frozenset(
    {(1900, 1, 1), (1901, 1, 1), (1904, 1, 1), (1969, 12, 31), (1970, 1, 1), (1980, 1, 1), (1980, 1, 6)}
)
"""The days that spreadsheets, old Macs, Unix (in America the evening before), DOS and GPS count from: a program writes
them where it knows no time."""
_FIRST_YEAR = 1900
"""What is dated before is one of the first days of a clock (1601 Windows, 1753 SQL Server, 1858 VMS, 1899 Excel) or a
slip: no organisation keeps who wrote what that long."""
_NONE = frozenset(
    {"", "-", "--", "?", "null", "(null)", "<null>", "\\n", "nan", "nat", "#n/a", "n/a", "na", "none", "nil"}
)
_NONE |= {
    "never",
    "(none)",
    "(never)",
    "unknown",
    "undefined",
    "open",
    "unlimited",
    "infinity",
    "-infinity",
    "nie",
    "jamais",
    *("12:00:00 am", "tbd", "indefinite", "indefinitely", "permanent", "open-ended", "open ended", "no end date"),
    *("forever", "ongoing", "present", "current", "to date", "unbefristet", "unbegrenzt", "offen", "indéterminé"),
    *("indefinido", "indeterminato", "onbepaald"),
}
"""Words that stand where a time would, in small letters: programs write them for no time, or for no end."""
_NO_DIGIT = re.compile(r"(?=.*0)[0\s:./TZ+-]+")
"""A time all of whose digits are zero, however it is written."""
_NO_YEAR = re.compile(
    r"(?:(?:0000|9999)[-./]\d\d?[-./]\d\d?|[+-]\d{4,}-\d\d-\d\d|\d{5,}-\d\d?-\d\d?|(?:0000|9999)(?:\d{4}|\d{10})"
    r"|\d\d?[-./]\d\d?[-./](?:000[01]|9999)|1900-0?1-00?|0?1/00?/1900|00?\.0?1\.1900)(?!\d).*"
)
"""The first and the last year of a calendar, in any order of day, month and year; years before and after these, which
programs write for a zero or a count in the wrong unit; and day 0 of spreadsheets."""
_LAST_YEAR = 2100
"""Directories write 9999, 2999 or 2106 where something has no end; nothing that was written is dated from here on."""
_SECONDS_END = datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC)
"""The last second of a signed 32-bit clock, which programs write for "never"."""
_SECONDS_FROM = 100_000_000
"""A count below this, which would be a time before March 1973, is refused: it is more likely no time at all."""
_FIRST_SECOND = -2_208_988_800
"""The first of `_FIRST_YEAR`, counted in seconds since 1970: programs count to the year 1 where they know no time."""
_MILLISECONDS_FROM = 100_000_000_000
"""A count from here on is of milliseconds: as seconds it would be the year 5138."""
_MICROSECONDS_FROM, _NANOSECONDS = 100_000_000_000_000, (10**18, 5 * 10**18)
"""A count from the first number on is of microseconds: as milliseconds it would be the year 5138. A count between the
other two is of nanoseconds, from 2001 to before 2128."""
_TICKS_FROM = 100_000_000_000_000_000
"""A count from here on is of 100 ns since 1601, as Windows directories have it."""


_TICKS_END = 2 * 10**16
"""A count of microseconds since 1601 from here on is past the year 2234: directories write 2^63 for "never"."""


TIMES_KEPT = 1 << 12
"""How many written times are remembered with their meaning: a post and the acts on it often have the same time."""


_LAST_SHORT_YEAR = 68
"""The last year of two digits that is of this century, as POSIX has it."""


LEFT_SOMETIME = "2000-01-01T00:00:00.000001Z"
"""The time that is written for somebody who left where the closed account names no date. All programs that are read
here are younger, and no program writes that microsecond, so a day that a file itself names is never taken for it."""


class NoTime(Exception):
    """Raised for a value that means that there is no time."""


def moment(text: str) -> datetime:
    """The time that a text says, aware and in UTC; without an offset it is UTC.

    Understood are ISO 8601 with a blank or a `T`, any number of fraction digits, offsets `+02`, `+0200`, `+02:00` and
    the words UTC and GMT; days with dots or with the name of their month (`5.5.2025`, `5. Mai 2025`); seconds,
    milli-, micro- or nanoseconds since 1970, with a fraction or without; counts of 100 ns since 1601, and times such as
    `20250505083000.0Z`, both of directories; the times of mail (RFC 5322); days that begin with their year or have the
    English name of their month. A leap second becomes the second after it.

    Raises `NoTime` for a value that means "none": a zero date, a word such as NULL or never, the first day of a
    clock, a year before 1900 or from 2100 on. Raises `ValueError` for anything else.
    """
    return _moment(text.strip())


@lru_cache(maxsize=TIMES_KEPT)
def _moment(plain: str) -> datetime:
    if plain == "-1" or means_none(plain):
        raise NoTime
    return meant(_read(plain.replace("t", "T", 1) if plain[10:11] == "t" else plain))


def means_none(text: str) -> bool:
    """Whether a text that stands where a time would says that there is none, in whatever format."""
    plain = text.strip()
    return plain.lower() in _NONE or bool(_NO_DIGIT.fullmatch(plain) or _NO_YEAR.fullmatch(plain))


def meant(at: datetime) -> datetime:
    """The time, aware and in UTC. Raises `NoTime` for one that programs write where they know none."""
    unset = not _FIRST_YEAR <= at.year < _LAST_YEAR or (at.year, at.month, at.day) in _ZERO_DAYS or at == _SECONDS_END
    if unset:
        raise NoTime
    return at


def _read(text: str) -> datetime:
    if _DAY.fullmatch(text):
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
    if _NUMBER.fullmatch(text):
        return _counted(text)
    if found := _WEEK.fullmatch(text):
        year, week, day, clock = found.groups("")
        text = f"{date.fromisocalendar(int(year), int(week), int(day or 1))}{clock}"
    if found := _DIRECTORY.fullmatch(text):
        return datetime.strptime(f"{found[1]}{found[2] or '00'}{found[3]}", "%Y%m%d%H%M%S%z").astimezone(UTC)
    if (at := _day_first(text)) is not None:
        return at
    if _MAIL.match(text):
        return _aware(parsedate_to_datetime(text))
    if found := _DOT_NET.fullmatch(text):
        return _EPOCH + timedelta(milliseconds=int(found[1]))
    if _MONTH.search(text) and not _ISO.fullmatch(text) and (written := _written_out(text)):
        return written
    text = _HAN.sub(r"\1-\2-\3", _OFFSET_AND_WORD.sub(r"\1", _ZONE_ID.sub("", text)))
    if found := _BASIC.fullmatch(text):
        year, month, day, hour, minute, second, rest = found.groups("")
        text = f"{year}-{month}-{day} {hour}:{minute}:{second or '00'}{rest}"
    elif found := _YEAR_FIRST.fullmatch(text):
        year, _, month, day, hour, minute, _, second, rest = found.groups("")
        clock = f" {hour:0>2}:{minute}{second and ':'}{second}{rest}" if hour else ""
        text = f"{year}-{month:0>2}-{day:0>2}{clock}"
    if not _ISO.fullmatch(text):
        raise ValueError(text)
    plain = _ZONE_WORD.sub("+00:00", text) if len(text) > 10 else text
    plain = _SHORT_OFFSET.sub(r"\1:00", _FRACTION.sub(r"\1", plain)) if len(plain) > 10 else plain
    next_day = plain[11:16] == "24:00"
    plain = plain[:11] + "00:00" + plain[16:] if next_day else plain
    leap = ":60" in plain
    at = datetime.fromisoformat(plain.replace(":60", ":59", 1).replace(" +", "+").replace(" -", "-").upper())
    return _aware(at) + timedelta(days=int(next_day), seconds=int(leap))


def _day_first(text: str) -> datetime | None:
    """A time that begins with the day of the month, with dots or with the name of the month; in UTC."""
    if found := _DOTTED.fullmatch(text):
        day, month, year, *clock = found.groups("0")
        number = int(month)
    elif found := _NAMED.fullmatch(text):
        day, name, year, *clock = found.groups("0")
        said = name.lower()
        number = next((at for at, names in enumerate(_MONTHS, 1) if _is_month(said, names.split())), 0)
    else:
        return None
    full = int(year) if len(year) > 2 else int(year) + (1900 if int(year) > _LAST_SHORT_YEAR else 2000)
    hour, minute, second = map(int, clock)
    try:
        return datetime(full, number, int(day), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _is_month(said: str, names: list[str]) -> bool:
    return len(said) >= _FEWEST and any(name.startswith(said) for name in names)


def _written_out(text: str) -> datetime | None:
    """A time with the English name of a month; without a zone, or with the word for one, it is UTC."""
    plain = re.sub(r"\s+(?:UTC|GMT|Z)\b", "", " ".join(text.split()))
    plain = _ZONE_THEN_YEAR.sub(lambda found: f" {_ZONES.get(found[1], found[1])} {found[2]}", plain)
    for form in _WRITTEN:
        try:
            return _aware(datetime.strptime(plain, form))  # noqa: DTZ007 - made aware
        except ValueError:
            continue
    return None


def _aware(at: datetime) -> datetime:
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:  # a first or last day, moved out of the calendar by its offset
        return at.replace(tzinfo=UTC)


def _counted(text: str) -> datetime:
    value = float(text)
    if _NANOSECONDS[0] <= value < _NANOSECONDS[1]:
        return _EPOCH + timedelta(microseconds=int(text.partition(".")[0]) // 1000)
    if _MICROSECONDS_FROM <= value < _TICKS_FROM:
        return _EPOCH + timedelta(microseconds=int(text.partition(".")[0]))
    if value >= _TICKS_FROM:
        microseconds = int(text.partition(".")[0]) // 10
        if microseconds >= _TICKS_END:
            raise NoTime
        return _WINDOWS + timedelta(microseconds=microseconds)
    if value <= _FIRST_SECOND:
        raise NoTime
    if value < _SECONDS_FROM:
        raise ValueError(text)
    seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        raise NoTime from None
