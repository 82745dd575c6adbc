"""Somebody turns to somebody whom an answer named; kept where the asker agrees, so that not the same few are asked."""

from __future__ import annotations

from urllib.parse import quote

from expertfinder.ask.finder import LONGEST_QUESTION, ExpertFinder
from expertfinder.ask.oneself.contact import addresses
from expertfinder.configuration.languages import gettext, phrase
from expertfinder.errors import Forbidden, InvalidQuestion
from expertfinder.model import Viewer
from expertfinder.store import Ask

LONGEST_WHY = 2_000
"""Why somebody is asked has at most so many characters: a sentence or two."""


def note_ask(finder: ExpertFinder, viewer: Viewer, *, to: str, text: str, why: str) -> Ask:
    """Keep that the viewer asks a person whom they may find, once a day.

    Raises `Forbidden` for who is no person, `NotFound`, `InvalidQuestion` for an ask of oneself or without a question.
    """
    if viewer.person is None:
        raise Forbidden("an ask belongs to a person: use a key that does")
    subject, asker = finder.person(to, viewer).id, finder.person(viewer.person, viewer).id
    if subject == asker:
        raise InvalidQuestion(gettext("nobody asks themselves"))
    if not text.strip() or len(text) > LONGEST_QUESTION or len(why) > LONGEST_WHY:
        raise InvalidQuestion(
            phrase(
                "an ask has a question of at most {question} characters, and a reason of at most {why}",
                question=LONGEST_QUESTION,
                why=LONGEST_WHY,
            )
        )
    now = finder.now()
    kept = Ask(person=viewer.person, subject=subject, day=now.date().isoformat(), text=text, why=why, at=now)
    finder.store.state(kept)
    return kept


def links(finder: ExpertFinder, viewer: Viewer, ask: Ask, *, chat: str) -> dict[str, str | None]:
    """Links that open a mail (`mail`) and a chat (`chat`) to who is asked, the question and the reason in them; `None`
    without an address, and without a template for a chat: an address with `{address}`, and `{text}` where it takes one.
    """
    address = addresses(finder, [ask.subject], viewer).get(ask.subject)
    if address is None:
        return {"mail": None, "chat": None}
    text = "\n\n".join(part for part in (ask.text, ask.why) if part)
    mail = f"mailto:{quote(address)}?subject={quote(ask.text[:100])}&body={quote(text)}"
    chat = chat.replace("{address}", quote(address, safe="")).replace("{text}", quote(text, safe=""))
    return {"mail": mail, "chat": chat or None}
