"""Everything that is kept about a person as one page to read, which needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from starlette.responses import Response

from expertfinder.http.auth import Caller
from expertfinder.http.pages import wording
from expertfinder.http.pages.rendering import render

HEADINGS = {
    "record": "What sources say of you",
    "post": "What you wrote",
    "act": "What you did",
    "act of another": "What others did to what you wrote",
    "membership": "Where you are a member",
    "visibility": "Who may find you, as you said",
    "capacity": "When you may be asked, as you said",
    "topic": "Topics",
    "disowned": "What you said is not yours",
    "ask": "Asks",
    "badge": "Statements of help that you took away",
    "question": "Questions that you put",
    "subscription": "What you follow",
    "question to you": "Questions that reached you",
    "feedback": "What you said of answers",
    "feedback of another": "What others said of answers with you in it",
    "verdict": "Whether two records are one human",
    "key": "Keys in your name",
    "look": "Who looked at you",
}
"""Kinds of lines of an export, as a reader calls them, in the order of the page."""


def takeout(lines: Iterable[dict[str, Any]], who: Caller) -> Response:
    """The lines of an export as a page, by kind."""
    kinds: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        fields = {name.replace("_", " "): _said(value) for name, value in line.items() if name != "what"}
        kinds.setdefault(line["what"], []).append(fields)
    order = [*HEADINGS, *sorted(kinds.keys() - HEADINGS.keys())]
    groups = [(HEADINGS.get(kind, kind), kinds[kind]) for kind in order if kind in kinds]
    return render("me/takeout.html", who, {"groups": groups})


def _said(value: object) -> str:
    """A field in words."""
    if isinstance(value, datetime):
        return wording.day(value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_said(one)}" for name, one in value.items() if one not in ("", (), None))
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
