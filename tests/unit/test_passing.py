"""Time zones as people write them: a name, a part of one, an offset; what names none is only what it says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from expertfinder.index.people.passing import shares_clock

JULY, JANUARY = datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("own", "asked", "july", "january"),
    [
        ("Europe/Berlin", "Europe/Berlin", True, True),
        ("Europe/Berlin", "europe", True, True),
        ("America/New_York", "new york", True, True),
        ("Europe/Berlin", "Europe/Zurich", True, True),
        ("Europe/Berlin", "Africa/Lagos", False, True),
        ("Europe/Berlin", "Europe/London", False, False),
        ("Europe/Berlin", "UTC+2", True, False),
        ("Europe/Berlin", "+01:00", False, True),
        ("+05:30", "Asia/Kolkata", True, True),
        ("Asia/Kathmandu", "utc+5:45", True, True),
        ("UTC", "Africa/Abidjan", True, True),
        ("-0330", "America/St_Johns", False, True),
        ("", "Europe/Berlin", False, False),
        ("Berlin office", "Europe/Berlin", False, False),
        ("Berlin office", "berlin", True, True),
        ("+99:00", "+99:30", False, False),
        ("../etc/passwd", "UTC", False, False),
        ("Europe/Berlin", "\0", False, False),
    ],
)
def test_a_zone_is_shared_by_its_name_or_by_what_the_clock_shows(
    own: str, asked: str, july: bool, january: bool
) -> None:
    assert (shares_clock(own, asked, JULY), shares_clock(own, asked, JANUARY)) == (july, january)
