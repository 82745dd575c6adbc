"""A figure: bars and the same as a table, and how much of a count may be told."""

from __future__ import annotations

from dataclasses import dataclass

FEWEST = 5
"""People below which a group, a part of one or its rest is not told (the issue's number); also what is rounded to."""
LINES = 15
"""Lines of a table of topics or communities: more are a list to search, not a figure."""
FEW, NEARLY_ALL = "fewer than 5", "nearly all"
"""What stands where a part of a group, or its rest, is too small to be told."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a figure: what it is of, its cells as they are told, and shares of a bar, 0 to 1, from the left."""

    label: str
    cells: tuple[str, ...]
    shares: tuple[float, ...]
    link: str = ""
    """Id of the topic (`topic:`) or the community it is of; empty for none."""


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


def told(part: int, whole: int) -> tuple[str, float]:
    """A part of a group as it may be told, and as a share of it."""
    if part < FEWEST:
        return FEW, 0.0
    if whole - part < FEWEST:
        return NEARLY_ALL, 1.0
    return f"about {to_fives(part)}", min(to_fives(part) / max(to_fives(whole), 1), 1.0)
