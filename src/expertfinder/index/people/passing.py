"""Who passes a question's filters on people: where somebody is, of which unit, what they speak, when they are there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from expertfinder.model import Person, Query

_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE | re.ASCII)
_FARTHEST = 14
"""Hours: the clocks of Kiritimati, the farthest from UTC of all that `tzdata` has."""


def passes(person: Person, query: Query, now: datetime) -> bool:
    """Whether somebody passes all of them. `now` is the moment at which clocks are compared."""
    return (
        (not query.place or query.place.lower() in person.location.lower())
        and (not query.unit or query.unit.lower() in person.org_unit.lower())
        and (not query.language or query.language.lower() in (language.lower() for language in person.languages))
        and (not query.availability or _plain(query.availability) in _plain(person.availability))
        and (not query.zone or shares_clock(person.time_zone, query.zone, now))
    )


def shares_clock(own: str, asked: str, now: datetime) -> bool:
    """Whether somebody's time zone is the one that is asked for: it has these words in its name (`Europe`, `berlin`),
    or its clock shows the same as that of the zone (`Europe/Berlin`) or the offset (`UTC+2`, `+05:30`) they name."""
    if not own.strip():
        return False
    if _plain(asked) in _plain(own):
        return True
    mine, theirs = _zone(own), _zone(asked)
    return (
        mine is not None
        and theirs is not None
        and now.astimezone(mine).utcoffset() == now.astimezone(theirs).utcoffset()
    )


@lru_cache(maxsize=1024)  # there are some 600 names
def _zone(name: str) -> tzinfo | None:
    """A time zone by its name or its offset; `None` for what names none."""
    text = name.strip()
    if text.casefold() in ("utc", "gmt", "z"):
        return UTC
    if written := _OFFSET.fullmatch(text):
        sign, hours, minutes = written.groups()
        if int(hours) > _FARTHEST:
            return None
        away = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(away if sign == "+" else -away)
    try:
        return ZoneInfo(text.replace(" ", "_"))
    except (KeyError, ValueError, OSError):  # no such name, or one that is no name but a path
        return None


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").casefold().split())
