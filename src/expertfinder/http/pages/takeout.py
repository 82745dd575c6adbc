"""Everything that is kept about a person as one page to read, which loads no other file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from starlette.responses import Response

from expertfinder.configuration.languages import N_, gettext
from expertfinder.http.auth import Caller
from expertfinder.http.pages import wording
from expertfinder.http.pages.rendering import render

HEADINGS = {
    "record": N_("What sources say of you"),
    "post": N_("What you wrote"),
    "act": N_("What you did"),
    "act of another": N_("What others did to what you wrote"),
    "membership": N_("Where you are a member"),
    "visibility": N_("Who may find you, as you said"),
    "capacity": N_("When you may be asked, as you said"),
    "topic": N_("Topics"),
    "disowned": N_("What you said is not yours"),
    "ask": N_("Asks"),
    "nomination": N_("What you are nominated for, and whom you nominated"),
    "post_state": N_("States that you gave to posts"),
    "regulated": N_("Topics that you marked as regulated"),
    "badge": N_("Statements of help that you took away"),
    "question": N_("Questions that you put"),
    "subscription": N_("What you follow"),
    "question to you": N_("Questions that reached you"),
    "feedback": N_("What you said of answers"),
    "feedback of another": N_("What others said of answers with you in it"),
    "verdict": N_("Whether two records are one human"),
    "key": N_("Keys in your name"),
    "look": N_("Who looked at you"),
}
"""Kinds of lines of an export, as a reader calls them, in the order of the page."""


def takeout(lines: Iterable[dict[str, Any]], who: Caller) -> Response:
    """The lines of an export as a page, by kind."""
    kinds: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        fields = {name.replace("_", " "): _said(value) for name, value in line.items() if name != "what"}
        kinds.setdefault(line["what"], []).append(fields)
    order = [*HEADINGS, *sorted(kinds.keys() - HEADINGS.keys())]
    groups = [(gettext(HEADINGS.get(kind, kind)), kinds[kind]) for kind in order if kind in kinds]
    return render("me/takeout.html", who, {"groups": groups})


def _said(value: object) -> str:
    """A field in words."""
    if isinstance(value, datetime):
        return wording.day(value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_said(one)}" for name, one in value.items() if one not in ("", (), None))
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
