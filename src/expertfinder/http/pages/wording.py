"""The pages' words for what the model has as codes. Numbers are for the table; people read words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from expertfinder.model import Confidence, Person, Reason

FILTERS = {
    "place": "Place",
    "unit": "Unit",
    "language": "Language",
    "kind": "Kind of post",
    "since": "Evidence since",
}
"""Parameter -> label, in the order of the form."""

SUGGESTED = {"person": "Person", "topic": "Topic", "community": "Community", "unit": "Unit"}
"""What kind of thing a suggestion is, where nothing else is said of it."""

_BADGES = {Confidence.HIGH: "Strong match", Confidence.MEDIUM: "Good match", Confidence.LOW: "Worth a try"}
_ANSWERS = {
    Confidence.HIGH: "It is very likely that one of the first three can help.",
    Confidence.MEDIUM: "One of the first three can probably help.",
    Confidence.LOW: "The evidence is thin: take this as a place to start.",
}
_DOTS = {Confidence.HIGH: 3, Confidence.MEDIUM: 2, Confidence.LOW: 1}
_TRENDS = {"rising": "↗ rising", "steady": "→ steady", "fading": "↘ fading", "none": "–"}


def badge(confidence: Confidence) -> str:
    """How sure we are of one person, in two or three words."""
    return _BADGES[confidence]


def dots(confidence: Confidence) -> int:
    """The same as a number of dots out of three."""
    return _DOTS[confidence]


def whole(confidence: Confidence) -> str:
    """How sure we are of the answer as a whole, in a sentence."""
    return _ANSWERS[confidence]


def trend(code: str) -> str:
    """Where a topic is going, with an arrow."""
    return _TRENDS[code]


def part(name: str) -> str:
    """The name of a part of the score as a label."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def day(at: datetime | None) -> str:
    """`3 March 2024`, or that it is not known."""
    return f"{at.day} {at:%B %Y}" if at else "undated"


def people(count: int) -> str:
    """`1 person`, `7 people`."""
    return "1 person" if count == 1 else f"{count} people"


def posts(count: int) -> str:
    """`1 post`, `7 posts`."""
    return "1 post" if count == 1 else f"{count} posts"


def communities(count: int) -> str:
    """`1 community`, `7 communities`."""
    return "1 community" if count == 1 else f"{count} communities"


def champions(count: int) -> str:
    """`1 champion`, `7 champions`."""
    return "1 champion" if count == 1 else f"{count} champions"


def community_kind(code: str) -> str:
    """Where a community comes from."""
    return "found in who works with whom" if code == "detected" else "declared"


def turned(name: str, *, to: bool, by: bool) -> str:
    """Who turns to whom, as it stands below the name of the other one: `to` them, `by` them, seen from `name`."""
    if to and by:
        return "they turn to each other"
    return f"{name} turns to them" if to else f"turns to {name}" if by else f"worked on the same thing as {name}"


def said(reasons: Sequence[Reason]) -> str:
    """The reasons as a paragraph."""
    return " ".join(reason.text for reason in reasons if reason.text)


def where(person: Person) -> str:
    """Title, unit and place of a person, as far as they are known."""
    return " · ".join(part for part in (person.title, person.org_unit, person.location) if part)


def number(value: float) -> str:
    """A score for reading: three decimals, without a negative zero."""
    return f"{value:.3f}".replace("-0.000", "0.000")


def outside(url: str) -> bool:
    """Whether an address may stand behind a link: a browser runs what other schemes say."""
    return url.lower().startswith(("https://", "http://"))
