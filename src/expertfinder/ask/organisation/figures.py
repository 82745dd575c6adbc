"""A figure: bars and the same as a table, and how much of a count may be told."""

from __future__ import annotations

from dataclasses import dataclass

from expertfinder.configuration.languages import N_, gettext, phrase

FEWEST = 5
"""People below which a group, a part of one or its rest is not told (the issue's number); also what is rounded to."""
LINES = 15
"""Lines of a table of topics or communities: more are a list to search, not a figure."""
FEW, NEARLY_ALL, ABOUT = N_("fewer than 5"), N_("nearly all"), N_("about {count}")
"""What stands where a part of a group, or its rest, is too small to be told."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a figure: what it is of, its cells as they are told, and shares of a bar, 0 to 1, from the left."""

    label: str
    cells: tuple[str, ...]
    shares: tuple[float, ...]
    link: str = ""
    """Id of the topic (`topic:`) or the community it is of; empty for none."""
    value: str = ""
    """What stands behind the bar, where its share says nothing by itself."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: a bar a line, and the same as a table."""

    code: str
    title: str
    said: str
    """What it is made of, in one sentence."""
    head: tuple[str, ...]
    """The heads of the columns, that of the label first."""
    legend: tuple[str, ...]
    """What each part of a bar is."""
    lines: tuple[Line, ...]


def to_fives(count: int) -> int:
    """The nearest multiple of five."""
    return FEWEST * round(count / FEWEST)


def about(count: int) -> str:
    """A count as it may be told."""
    return phrase(ABOUT, count=to_fives(count))


def told(part: int, whole: int) -> tuple[str, float]:
    """A part of a group as it may be told, and as a share of it."""
    if part < FEWEST:
        return gettext(FEW), 0.0
    if whole - part < FEWEST:
        return gettext(NEARLY_ALL), 1.0
    return about(part), min(to_fives(part) / max(to_fives(whole), 1), 1.0)
