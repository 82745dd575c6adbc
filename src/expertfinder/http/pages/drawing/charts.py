"""Where the marks of a drawing stand. Pure geometry: the templates draw it, so that every text is escaped there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from expertfinder.configuration.languages import gettext, phrase
from expertfinder.http.pages.wording import number, part
from expertfinder.model import Reason

WIDTH = 320
"""Width of a waterfall in units of the drawing: enough for a label, a bar and a number at a legible size."""
ROW = 26
"""Height of one bar of a waterfall with its gap, in units of the drawing."""
LABEL = 120
"""Width of the names on the left, in units of the drawing."""
VALUE = 44
"""Width of the numbers on the right, in units of the drawing."""
LONGEST_LABEL = 19
"""Characters of 12 units in size that fit into `LABEL`; the table beside the drawing has the whole name."""
THINNEST = 1.5
"""Least length of a bar in units of the drawing, so that a part that counts is seen, however small."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: a label, a bar from `x` of `width`, the number, and what kind of row it is (`plus`, `minus`, `sum`)."""

    label: str
    x: float
    y: int
    width: float
    value: str
    kind: str


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The parts of a score, each beginning where the one before ended, and their sum."""

    bars: tuple[Bar, ...]
    height: int
    words: str
    """The same in words, for whoever does not see the drawing."""


def waterfall(reasons: Sequence[Reason], *, most: float) -> Waterfall:
    """The waterfall of a score. `most`: the largest score on the page, so that the bars of two people compare."""
    steps: list[tuple[str, float, float]] = []
    running = 0.0
    for reason in reasons:
        steps.append((part(reason.part), running, running + reason.value))
        running += reason.value
    low = min((min(start, end) for _, start, end in steps), default=0.0)
    high = max([most, *(max(start, end) for _, start, end in steps)])
    scale = (WIDTH - LABEL - VALUE) / ((high - low) or 1.0)

    def bar(row: int, label: str, span: tuple[float, float], kind: str) -> Bar:
        start, end = min(span), max(span)
        shown = label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1].rstrip() + "…"
        width = max((end - start) * scale, THINNEST)
        return Bar(
            shown, round(LABEL + (start - low) * scale, 1), row * ROW, round(width, 1), number(span[1] - span[0]), kind
        )

    bars = [
        bar(row, label, (start, end), "plus" if end >= start else "minus")
        for row, (label, start, end) in enumerate(steps)
    ]
    bars.append(bar(len(bars), gettext("Score"), (0.0, running), "sum"))
    words = "; ".join(f"{label} {number(end - start)}" for label, start, end in steps)
    return Waterfall(tuple(bars), len(bars) * ROW, phrase("{parts}; together {sum}", parts=words, sum=number(running)))


COLUMNS_WIDE, COLUMNS_HIGH = 480, 48
"""Width and height of a drawing of months in its own units: as high as a line of text, and legible on a phone."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Upright bars beside one another: `x`, `y`, width and height of each, in units of the drawing."""

    bars: tuple[tuple[float, float, float, float], ...]
    words: str
    """The same in words, for whoever does not see the drawing."""


def columns(values: Sequence[int], *, words: str) -> Columns:
    """A bar for each value, the highest as high as the drawing; a value of 0 has a bar without height."""
    wide = COLUMNS_WIDE / max(len(values), 1)
    most = max(values, default=0) or 1
    high = [round(max(COLUMNS_HIGH * value / most, THINNEST if value else 0.0), 1) for value in values]
    bars = [
        (round(place * wide + 1, 1), round(COLUMNS_HIGH - height, 1), round(wide - 2, 1), height)
        for place, height in enumerate(high)
    ]
    return Columns(tuple(bars), words)


STACK_WIDE, STACK_LEFT, STACK_RIGHT, STACK_ROW, STACK_LINE = 400, 158, 352, 22, 14
"""Sizes of a drawing with stacked bars in its own units, which are pixels of a phone. In this order: its width; where
bars begin and where they end, with their number behind; the height of a row; what each further line of a label adds."""
STACK_LABEL = 24
"""Characters of a line of a label that fit before the bars."""
STACK_LINES = 3
"""Lines of a label: our longest one has as many in German and French. The table has the whole of a longer name."""


@dataclass(frozen=True, slots=True)
class StackRow:
    """One line: its label, where it stands, and `x` and width of each part of its bar."""

    label: tuple[str, ...]
    y: int
    parts: tuple[tuple[float, float], ...]
    value: str


@dataclass(frozen=True, slots=True)
class Stack:
    """Lines with stacked bars."""

    rows: tuple[StackRow, ...]
    width: int
    height: int
    left: int
    right: int


def stack(lines: Sequence[tuple[str, Sequence[float], str]]) -> Stack:
    """A drawing with a row for each of `lines`, which are (label, shares, number), in the same order.

    The shares of a row, each from 0 to 1, stand one after the other in its bar; the number stands behind the bar.
    """
    rows, y = [], 0
    for label, shares, value in lines:
        x, parts = float(STACK_LEFT), []
        for share in shares:
            width = round(min(share, 1.0) * (STACK_RIGHT - STACK_LEFT), 1)
            parts.append((round(x, 1), width))
            x += width
        words = _in_lines(label)
        rows.append(StackRow(words, y, tuple(parts), value))
        y += STACK_ROW + STACK_LINE * (len(words) - 1)
    return Stack(tuple(rows), STACK_WIDE, y, STACK_LEFT, STACK_RIGHT)


def _in_lines(label: str) -> tuple[str, ...]:
    """A label in at most `STACK_LINES` lines, broken at spaces where there are some; what does not fit is cut."""
    lines: list[str] = []
    rest = label
    while len(rest) > STACK_LABEL and len(lines) < STACK_LINES - 1:
        line = rest[: STACK_LABEL + 1].rpartition(" ")[0] or rest[:STACK_LABEL]
        lines.append(line)
        rest = rest[len(line) :].strip()
    return *lines, rest if len(rest) <= STACK_LABEL else rest[: STACK_LABEL - 1].rstrip() + "…"
