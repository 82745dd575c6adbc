"""The words of detected communities, which are labels of topics: said only as long as they are topics of today."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from expertfinder.model import Community

FOUND = "Found together by their ties and by what they write about."
BOUND = " Bound by "


def description_of(labels: Sequence[str]) -> str:
    """Without a number of people: how many of them may be found is another one tomorrow, and for another viewer."""
    return f"{FOUND}{BOUND}{', '.join(labels)}." if labels else FOUND


def parts_of(name: str, number: str, known: Collection[str] = ()) -> list[str]:
    """The labels that a name is made of; `number`: of the community, which may stand behind them. A label that is
    `known` may have a comma."""
    return _labels(name.removesuffix(f" ({number})"), known)


def _labels(listed: str, known: Collection[str]) -> list[str]:
    pieces, found = listed.split(", "), []
    while pieces:
        sizes = (size for size in range(len(pieces), 1, -1) if ", ".join(pieces[:size]) in known)
        size = next(sizes, 1)
        found.append(", ".join(pieces[:size]))
        pieces = pieces[size:]
    return found


def in_words_of_today(community: Community, known: Collection[str]) -> Community:
    """A detected community without the labels that are no topics any more (`known`: those that are)."""
    number = community.id.partition(":")[2]
    parts = parts_of(community.name, number, known)
    left = [part for part in parts if part in known]
    name = community.name if len(left) == len(parts) else ", ".join(left) or f"Group {number}"
    said = _labels(community.description.removeprefix(f"{FOUND}{BOUND}").removesuffix("."), known)
    if not community.description.startswith(f"{FOUND}{BOUND}"):
        return replace(community, name=name)
    return replace(community, name=name, description=description_of([label for label in said if label in known]))
