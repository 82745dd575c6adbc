"""The people of an answer as a table for a spreadsheet, and values that no spreadsheet takes for a formula."""

from __future__ import annotations

import re

from expertfinder.configuration.languages import N_
from expertfinder.http.pages.drawing.rows import Row

COLUMNS = (
    *(N_("name"), N_("title"), N_("unit"), N_("site"), N_("evidence"), N_("best evidence"), N_("date"), N_("posts")),
)
"""Headings of the table of an answer, in the order of `line`."""


def line(row: Row) -> tuple[object, ...]:
    """One person as a line of the table of an answer."""
    person, lead = row.person, row.lead
    told = (lead.title, lead.at.date().isoformat() if lead.at else "") if lead else ("", "")
    return (person.name, person.title, person.org_unit, person.location, row.badge.words, *told, row.one.posts)


_FORMULA = re.compile(r"[=+\-@\t\r\n|%]")


def cell(value: object) -> str:
    """A value for a cell that no spreadsheet takes for a formula, whatever it begins with."""
    text = str(value)
    plain = text.lstrip(" \u00a0\ufeff")
    return f"'{text}" if plain and _FORMULA.match(plain) and not isinstance(value, int | float) else text
