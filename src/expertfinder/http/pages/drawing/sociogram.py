"""Where people stand in a drawing of their ties (a sociogram, Moreno 1934). Pure geometry: the templates draw it.

The same people and ties give the same drawing: the layout starts from a seed, and people come in the order of their
ids. Everybody has a number, which the table beside the drawing explains; names stand where there is room.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from expertfinder.configuration.languages import phrase
from expertfinder.recommend.network.meet import Tie

WIDTH = 360
"""Width of the drawing in its own units: as wide as a phone, so that a number ten units high can be read there."""
HEIGHT = 300
"""Height of the drawing in its own units: less than its width, so that the list below shows on a phone."""
MARGIN = 20
"""Space around the dots in units of the drawing."""
SMALL, LARGE = 9.0, 12.0
"""Radius of a dot in units of the drawing: of anybody, and of who is chosen or in the middle."""
GAP = 8.0
"""Least space between the edges of two dots, in units of the drawing."""
APART = 24
"""Space between the centres of two dots in the rows of people without a tie here, in units of the drawing."""
SEED = 7
"""Seed of the first places of the dots, so that the same people are drawn the same way each time."""
ROUNDS = 60
"""Rounds of pushing dots apart, at most: enough for sixty dots in the frame."""
PULL = 0.02
"""Weight of a pull of all to the middle; ties weigh .7 at least. It keeps groups without a tie in one picture."""
WIDEST, FEW = 2.8, 40
"""What its strength adds to the width of the strongest tie's line, in units of the drawing, among at most `FEW` ties.
Among more ties each line is thinner, or there would be nothing but lines."""
OUTWARD = 0.62
"""Power to which the distance from the middle, where ties gather, is raised. Below one, dots near it move outward."""
LETTER = 5.6
"""Width of a letter of ten and a half units; measured over names in the usual fonts."""
LONGEST_NAME = 18
"""Characters of a name that are drawn; the table below has the whole name."""
EDGE = 6
"""Space left and right of a name, in units of the drawing: capitals and an m are wider than the average letter."""

Kind = Literal["centre", "chosen", "person", "unreached"]
_FIRST: dict[Kind, int] = {"centre": 0, "chosen": 1, "person": 2, "unreached": 3}


@dataclass(frozen=True, slots=True)
class Figure:
    """Somebody to be drawn: id, name, and what they are in this drawing."""

    id: str
    name: str
    kind: Kind = "person"


@dataclass(frozen=True, slots=True)
class Dot:
    """A person: where, how large, and the number that the table explains; 0 for the one in the middle."""

    number: int
    x: float
    y: float
    radius: float
    kind: Kind
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Line:
    """A tie (`tie`), or one that should be made (`link`)."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    kind: Literal["tie", "link"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name where there is room for it."""

    x: float
    y: float
    anchor: Literal["middle", "start", "end"]
    text: str


@dataclass(frozen=True, slots=True)
class Sociogram:
    """A drawing. `numbers`: id -> the number of the person; `words`: the same in words, for whoever does not see it."""

    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    names: tuple[Name, ...]
    height: int
    numbers: dict[str, int]
    words: str


def sociogram(
    people: Sequence[Figure], ties: Sequence[Tie], *, links: Sequence[tuple[str, str]] = (), words: str = ""
) -> Sociogram:
    """Draw some people, numbered in the order given, and the ties among them; `links` are ties that are not there yet.

    Ties to people who are not drawn are left out. A drawing of nobody has no dots.
    """
    shown = {one.id for one in people}
    kept = [tie for tie in ties if tie.person in shown and tie.other in shown]
    joined = {id for tie in kept for id in (tie.person, tie.other)} | {one.id for one in people if one.kind == "centre"}
    among = [one for one in people if one.id in joined]
    middle = next((one.id for one in people if one.kind == "centre"), None)
    place = _spread(_layout(among, kept, middle=middle), among)
    height = HEIGHT if among else MARGIN
    alone = [one for one in people if one.id not in joined]
    a_row = (WIDTH - 2 * MARGIN) // APART + 1
    for n, one in enumerate(alone):
        place[one.id] = (MARGIN + n % a_row * APART, height + n // a_row * APART + (MARGIN if among else 0))
    if alone:
        height += math.ceil(len(alone) / a_row) * APART + (MARGIN if among else 0)
    others = [one.id for one in people if one.kind != "centre"]
    numbers = {one: n for n, one in enumerate(others, 1)}
    dots = tuple(
        Dot(
            numbers.get(one.id, 0),
            x=round(place[one.id][0], 1),
            y=round(place[one.id][1], 1),
            radius=_radius(one),
            kind=one.kind,
            name=one.name or one.id,
            id=one.id,
        )
        for one in people
    )
    strongest = max((tie.strength for tie in kept), default=1.0)
    widest = WIDEST * min(1.0, math.sqrt(FEW / max(len(kept), 1)))
    lines = [_line(place, (tie.person, tie.other), 0.4 + widest * tie.strength / strongest, "tie") for tie in kept]
    lines += [_line(place, link, 1.2, "link") for link in links if set(link) <= shown]
    return Sociogram(
        dots=dots,
        lines=tuple(lines),
        names=tuple(_names(dots, height)),
        height=height,
        numbers=numbers,
        words=words
        or phrase("{people} people and {ties} ties; the table has the same", people=len(people), ties=len(kept)),
    )


def _radius(one: Figure) -> float:
    return LARGE if one.kind in ("centre", "chosen") else SMALL


def _line(
    place: dict[str, tuple[float, float]], ends: tuple[str, str], width: float, kind: Literal["tie", "link"]
) -> Line:
    (x1, y1), (x2, y2) = place[ends[0]], place[ends[1]]
    return Line(round(x1, 1), round(y1, 1), round(x2, 1), round(y2, 1), round(width, 1), kind)


def _layout(people: list[Figure], ties: Sequence[Tie], *, middle: str | None) -> dict[str, tuple[float, float]]:
    """Places of people in the drawing: id -> (x, y). `middle`: id of the person who stands in the middle, if any.

    The layout is by the springs of Fruchterman and Reingold, with the middle spread out, stretched to fill the frame.
    """
    if not people:
        return {}
    import networkx as nx  # noqa: PLC0415  (most pages draw no ties, and it takes as long to load as scipy)

    ids = sorted(one.id for one in people)
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from([*ids, ""])
    graph.add_edges_from((tie.person, tie.other, {"weight": tie.strength}) for tie in ties)
    graph.add_edges_from(("", id, {"weight": PULL}) for id in ids)
    found = nx.spring_layout(graph, k=2.2 / math.sqrt(len(ids) + 1), iterations=120, seed=SEED)
    at = np.array([found[id] for id in ids])
    out = at - (at.mean(axis=0) if middle is None else at[ids.index(middle)])
    far = np.sqrt((out**2).sum(axis=1, keepdims=True))
    at = out / np.maximum(far, 1e-9) * (far / max(float(far.max()), 1e-9)) ** OUTWARD
    low, high = (at.min(axis=0), at.max(axis=0)) if middle is None else (-abs(at).max(axis=0), abs(at).max(axis=0))
    at = np.where(high > low, (at - low) / np.where(high > low, high - low, 1.0), 0.5)
    frame = np.array([WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN])
    return {id: (float(x), float(y)) for id, (x, y) in zip(ids, (MARGIN + at * frame).tolist(), strict=True)}


def _spread(place: dict[str, tuple[float, float]], people: list[Figure]) -> dict[str, tuple[float, float]]:
    """Push dots apart that would cover one another."""
    if not people:
        return {}
    ids = sorted(place)
    radius = {one.id: _radius(one) for one in people}
    at = np.array([place[id] for id in ids])
    size = np.array([radius[id] for id in ids])
    least = size[:, None] + size[None, :] + GAP
    for _ in range(ROUNDS):
        apart = at[:, None, :] - at[None, :, :]
        distance = np.sqrt((apart**2).sum(axis=2))
        np.fill_diagonal(distance, np.inf)
        near = np.maximum(least - distance, 0.0) / 2.0
        if not near.any():
            break
        direction = apart / np.maximum(distance, 1e-6)[:, :, None]
        at = at + (direction * near[:, :, None]).sum(axis=1)
        at = np.clip(at, size[:, None] + 2, np.array([WIDTH, HEIGHT]) - size[:, None] - 2)
    return {id: (float(x), float(y)) for id, (x, y) in zip(ids, at.tolist(), strict=True)}


def _names(dots: Sequence[Dot], height: int) -> list[Name]:
    """Names below, above or beside their dots, the important ones first; none over a dot or another name."""
    taken = [(dot.x - dot.radius, dot.y - dot.radius, dot.x + dot.radius, dot.y + dot.radius) for dot in dots]
    found: list[Name] = []
    for dot in sorted(dots, key=lambda dot: (_FIRST[dot.kind], dot.number)):
        if dot.kind == "unreached":
            continue
        text = dot.name if len(dot.name) <= LONGEST_NAME else dot.name[: LONGEST_NAME - 1].rstrip() + "…"
        wide, off = len(text) * LETTER, dot.radius
        options: tuple[tuple[float, float, Literal["middle", "start", "end"]], ...] = (
            (dot.x, dot.y + off + 11, "middle"),
            (dot.x, dot.y - off - 4, "middle"),
            (dot.x + off + 3, dot.y + 4, "start"),
            (dot.x - off - 3, dot.y + 4, "end"),
        )
        for x, y, anchor in options:
            left = x - wide * {"middle": 0.5, "start": 0.0, "end": 1.0}[anchor]
            box = (left, y - 9, left + wide, y + 3)
            if left < EDGE or left + wide > WIDTH - EDGE or box[1] < 0 or box[3] > height:
                continue
            if any(_overlap(box, other) for other in taken):
                continue
            taken.append(box)
            found.append(Name(round(x, 1), round(y, 1), anchor, text))
            break
    return found


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
