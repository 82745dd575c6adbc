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


def chat_link(finder: ExpertFinder, viewer: Viewer, ask: Ask, template: str) -> str | None:
    """A link that opens a chat with who is asked. `template`: an address with `{address}`, and `{text}` where the chat
    takes one. `None` without a template or an address."""
    address = addresses(finder, [ask.subject], viewer).get(ask.subject)
    if not template or address is None:
        return None
    text = "\n\n".join(part for part in (ask.text, ask.why) if part)
    return template.replace("{address}", quote(address, safe="")).replace("{text}", quote(text, safe=""))


def mail_link(finder: ExpertFinder, viewer: Viewer, ask: Ask) -> str | None:
    """A link that opens a mail to who is asked, the question and the reason in it; `None` without an address."""
    address = addresses(finder, [ask.subject], viewer).get(ask.subject)
    if address is None:
        return None
    body = "\n\n".join(part for part in (ask.text, ask.why) if part)
    return f"mailto:{quote(address)}?subject={quote(ask.text[:100])}&body={quote(body)}"
