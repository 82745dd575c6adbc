"""The lines of the audit log in words: as the person reads them whom a line is about, and as who watches reads them."""

from __future__ import annotations

from expertfinder.configuration.languages import N_, gettext, phrase

EVERYTHING = " everything"
"""How the event of a command ends that was run with the right to read everything (`cli/find.py`)."""

OF_ME = {
    "assess": N_("asked how well you know something"),
    "slate": N_("had you in an answer to a talent question"),
    "acted for": N_("asked in your name"),
    "operate": N_("looked at the page of whoever runs the service"),
    "privacy": N_("opened what is kept about you, as you asked"),
    "erase": N_("had a record of yours forgotten"),
    "hide": N_("hid you"),
    "show": N_("let you be found again"),
    "join": N_("said that two records are you"),
    "part": N_("said that two records are two people"),
}
"""Event -> what somebody did, as the person it was about reads it."""

EVENTS = {
    "assess": N_("asked how well somebody knows something"),
    "slate": N_("asked a talent question"),
    "acted for": N_("asked in somebody’s name"),
    "refused to act for": N_("was not let ask in somebody’s name"),
    "operate": N_("looked at the operator’s page"),
    "privacy": N_("opened one person’s wishes, as they asked"),
    "regulate": N_("changed what is regulated"),
    "vocabulary": N_("changed a vocabulary"),
    "analyse": N_("had the record analysed"),
    "erase": N_("had somebody forgotten"),
    "hide": N_("hid somebody"),
    "show": N_("let somebody be found again"),
    "join": N_("said that two records are one human"),
    "part": N_("said that two records are two people"),
}
"""Event -> what somebody did, as who watches over the log reads it."""


def of_me(event: str) -> str:
    """What the actor of a line did, to the person it was about."""
    return _ran(event) or gettext(OF_ME.get(event, event))


def of_all(event: str, subject: str = "") -> str:
    """What the actor of a line did; `subject`: whom the line is about, where it is about somebody."""
    if event == "slate" and subject:
        return gettext("had somebody in an answer to a talent question")
    return _ran(event) or gettext(EVENTS.get(event, event))


def _ran(event: str) -> str:
    """The sentence of a command that read everything; empty for any other event."""
    if not event.endswith(EVERYTHING):
        return ""
    return phrase("ran “{command}” at the prompt and read everything", command=event.removesuffix(EVERYTHING))
