"""Times as programs write them: the same moment in every form, and values that mean that there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.model import ORGANISATION, Post, Source
from expertfinder.sources import CsvReader
from expertfinder.sources.mapping import read_mapping
from expertfinder.sources.times import NoTime, moment

SECONDS = st.integers(663_000_000, 3_786_000_000)
"""From 1991 to 2089, but for the one second that means never."""
MOMENTS = SECONDS.filter(lambda at: at != 2**31 - 1).map(lambda at: datetime.fromtimestamp(at, UTC))
HOURS = st.integers(-11, 13)


@given(MOMENTS, HOURS)
def test_a_moment_is_the_same_in_every_form(at: datetime, hours: int) -> None:
    local = at.astimezone(timezone(timedelta(hours=hours)))
    plain, sign = at.strftime("%Y-%m-%d %H:%M:%S"), "+" if hours >= 0 else "-"
    offset = f"{sign}{abs(hours):02}"
    seconds = int(at.timestamp())
    forms = [
        at.isoformat(),
        at.isoformat().replace("+00:00", "z").lower(),
        local.isoformat(),
        local.strftime("%Y-%m-%d %H:%M:%S") + offset,
        local.strftime("%Y-%m-%dT%H:%M:%S") + f"{offset}00",
        local.strftime("%Y-%m-%d %H:%M:%S ") + f"{offset}:00",
        plain,
        f"{plain} UTC",
        f"{plain} GMT",
        f"{plain}.0000000Z",
        at.strftime("%Y%m%d%H%M%S.0Z"),
        str(seconds),
        f"{seconds}000",
        f"{seconds}.000",
        format_datetime(local),
        f"{format_datetime(local)} (CEST)",
    ]
    assert {form: moment(form) for form in forms} == dict.fromkeys(forms, at)


@given(st.one_of(st.dates(date(2100, 1, 1)), st.dates(max_value=date(1899, 12, 31))), st.booleans())
def test_a_year_that_cannot_be_meant_is_no_time(day: object, bare: bool) -> None:
    with pytest.raises(NoTime):
        moment(str(day) if bare else f"{day}T00:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "0000-00-00",
        "0000-00-00 00:00:00",
        "0001-01-01T00:00:00+23:00",
        "1601-01-01T00:00:00Z",
        "1899-12-30",
        "1900-01-01",
        "1970-01-01T00:00:00Z",
        "2038-01-19 03:14:07",
        "9999-12-31T23:59:59",
        "0",
        "-1",
        "9223372036854775807",
        *("00000000", "00.00.0000", "0000-12-31T23:00:00Z", "31.12.9999", "12/31/9999", "-0001-11-30 00:00:00"),
        *("57310-01-01", "NULL", "n/a", " never ", "-", "1904-01-01", "1980-01-01", "1969-12-31T16:00:00-08:00"),
        *("99991231", "99991231235959", "1900-01-00", "1/0/1900", "00.01.1900", "-62135596800", "-62135596800000"),
        *("01/01/0001 00:00:00", "1/1/0001 12:00:00 AM", "12:00:00 AM", "Unbefristet", "open-ended", "TBD", "present"),
    ],
)
def test_the_first_and_the_last_day_of_a_clock_are_no_time(text: str) -> None:
    with pytest.raises(NoTime):
        moment(text)


@given(MOMENTS)
def test_a_moment_with_its_month_in_letters_or_its_year_first_is_the_same_one(at: datetime) -> None:
    seconds, day = int(at.timestamp()), at.replace(hour=0, minute=0, second=0)
    exact = [
        at.strftime("%a %b %d %H:%M:%S UTC %Y"), at.strftime("%a %b %e %H:%M:%S %Y"), at.strftime("%d-%b-%Y %H:%M:%S"),
        at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y/%m/%d %H:%M:%S"), f"{at.isoformat()}[Europe/Berlin]",
        f"/Date({seconds}000)/", f"{seconds}000000", f"{seconds}000000000", at.strftime("%Y-%m-%d %H:%M:%S +0000 UTC"),
        f"{at.year}-{at.month}-{at.day} {at.hour}:{at:%M:%S}", at.strftime("%b %d, %Y %I:%M:%S %p"),
        at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
    ]  # fmt: skip
    days = [at.strftime(form) for form in ("%Y/%m/%d", "%d-%b-%Y", "%B %d, %Y", "%A, %B %d, %Y", "%d %b %Y")]
    exact = [form for form in exact if seconds >= 1_000_000_000 or form != f"{seconds}000000000"]
    assert {form: moment(form) for form in exact} == dict.fromkeys(exact, at)
    assert {form: moment(form) for form in days} == dict.fromkeys(days, day)


@pytest.mark.parametrize(
    "text",
    [
        *("20250505", "20250505083000+0200", "202505050630Z", "20250505063000.123456Z", "5.5.2025", "05.05.2025 08:30"),
        *("05.05.25", "05.05.2025, 08:30 Uhr", "5. Mai 2025", "Montag, 5. Mai 2025 um 08:30", "5 mai 2025 à 08:30"),
        *("5 de mayo de 2025", "5 May 2025 at 08:30", "5th May 2025", "May 5, 2025, 8:30 AM", "May 05 2025 08:30AM"),
        *("Mon May 5 08:30:00 2025 +0200", "Mon May  5 08:30:00 CEST 2025", "Mon May  5 02:30:00 EDT 2025"),
        *("05-MAY-25", "2025-05-04T24:00:00", "2025-05-04 24:00"),
        *("May 5, 2025, 8:30:11 AM", "2025年5月5日", "2025년 5월 5일", "2025年05月05日 08:30"),
    ],
)
def test_a_day_as_people_and_programs_write_it(text: str) -> None:
    assert moment(text).date() == date(2025, 5, 5)


@given(st.dates(date(1995, 1, 1), date(2040, 1, 31)), st.sampled_from(["", "T08:30", "T08:30:11+02:00"]))
def test_a_day_by_the_week_of_its_year_is_that_day(day: date, clock: str) -> None:
    year, week, number = day.isocalendar()
    at = moment(f"{day.isoformat()}{clock}")
    for form in (f"{year}-W{week:02}-{number}", f"{year}W{week:02}{number}", f"{year}-w{week:02}-{number}"):
        assert moment(f"{form}{clock}") == at
    assert moment(f"{year}-W{week:02}").date() == day - timedelta(days=number - 1)
    for wrong in (f"{year}-W00", f"{year}-W54", f"{year}-W{week:02}-0", f"{year}-W{week:02}-8", f"{year}-W{week}x"):
        with pytest.raises(ValueError):
            moment(wrong)


@pytest.mark.parametrize(
    ("text", "month"), [("1. Okt. 2025", 10), ("1 févr. 2025", 2), ("1 giu 2025", 6), ("1 Dez 2025", 12)]
)
def test_the_name_of_a_month_may_be_shortened(text: str, month: int) -> None:
    assert moment(text) == datetime(2025, month, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "20241301",
        "5",
        "32.05.2024",
        "5 Frimaire 2024",
        "12. 2024",
        "2024-13-01",
        "2024-02-30",
        "12/05/2024",
        "10:30",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        moment(text)


def test_a_leap_second_is_the_second_after_it() -> None:
    assert moment("2016-12-31T23:59:60Z") == datetime(2017, 1, 1, tzinfo=UTC)


# --- files as programs write them ------------------------------------------------------------------------------------

MAPPING = """
kind = "post"
delimiter = ";"
[columns]
id = "Id"
title = "Title"
authors = "Owner"
tags = "Tags"
created_at = "Date"
"""
ROWS = (
    "Id;Title;Owner;Tags;Date\n1;Grüße aus der Küche;ann;<gear-hobbing><oil>;2025-05-05\n2;Zwei;NULL;\\N;0000-00-00\n"
)


def read(folder: Path, body: bytes) -> tuple[list[Post], dict[str, int]]:
    (folder / "mapping.toml").write_text(MAPPING)
    (folder / "posts.csv").write_bytes(body)
    reader = CsvReader(
        folder / "posts.csv",
        source=Source(id="q", audience=ORGANISATION),
        mapping=read_mapping(folder / "mapping.toml"),
    )
    posts = [fact for fact in reader.facts() if isinstance(fact, Post)]
    return posts, {**reader.counts.skipped, **reader.counts.notes}


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("first", ["", "sep=;\n"])
def test_a_table_says_the_same_in_every_encoding_and_with_every_end_of_line(
    tmp_path: Path, ends: str, encoding: str, first: str
) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    posts, _ = read(tmp_path, mark + (first + ROWS).replace("\n", ends).encode(encoding))
    assert [(post.title, post.authors, post.tags) for post in posts] == [
        ("Grüße aus der Küche", ("q:ann",), ("gear-hobbing", "oil")),
        ("Zwei", (), ()),
    ]
    assert posts[0].created_at == datetime(2025, 5, 5, tzinfo=UTC)
    assert posts[1].created_at is None


def test_the_report_counts_what_was_taken_for_nothing(tmp_path: Path) -> None:
    _, skipped = read(tmp_path, ROWS.encode("cp1252"))
    assert skipped == {
        "cells that say NULL, read as empty": 2,
        "times that mean none, in post.created_at": 1,
        "lines read as windows-1252, because they are not UTF-8": 1,
    }


def test_a_person_called_null_stays(tmp_path: Path) -> None:
    posts, _ = read(tmp_path, ROWS.replace("NULL", "Null").encode())
    assert posts[1].authors == ("q:Null",)


def as_sqlcmd(body: bytes) -> bytes:
    first, _, rest = body.partition(b"\n")
    return first + b"\n--;-----;-----;----;----\n" + rest + b"\n(2 rows affected)\n\x1a"


@pytest.mark.parametrize(
    "written",
    [
        lambda body: b"SEP=;\r\n" + body,
        lambda body: b'"sep=\t"\n' + body.replace(b";", b"\t"),
        lambda body: body.decode().encode("utf-16-le"),
        lambda body: body.decode().encode("utf-16-be"),
        lambda body: body.decode().encode("utf-32"),
        lambda body: b"\xef\xbb\xbf\xef\xbb\xbf" + body,
        lambda body: body.replace(b"Id;Title;Owner", b"ID; title ;OWNER\xc2\xa0"),
        lambda body: body + b"\n;;;;\n  \n",
        lambda body: body.replace(b";NULL;", b";\xe2\x80\x8b;").replace(b";ann;", b";ann\xe2\x80\x8b;"),
        lambda body: body.replace(b"<gear-hobbing><oil>", b'"[""gear-hobbing"", ""oil""]"'),
        lambda body: body.replace(b"<gear-hobbing><oil>", b"{gear-hobbing,oil}").replace(b";NULL;", b";(none);"),
        as_sqlcmd,
    ],
)
def test_a_table_is_the_same_however_a_program_decorates_it(tmp_path: Path, written: Callable[[bytes], bytes]) -> None:
    (tmp_path / "plain").mkdir()
    expected, _ = read(tmp_path / "plain", ROWS.encode())
    found, _ = read(tmp_path, written(ROWS.encode()))
    assert found == expected
