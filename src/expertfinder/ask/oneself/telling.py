"""Telling those who follow something: a weekly mail to each person, a message to a program for each event.

Both are off until somebody asks for them and `expertfinder notify` is run. What was sent is marked once it was, so that
what fails is sent with the next run.
"""

from __future__ import annotations

import smtplib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple

import orjson

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.oneself.contact import addresses
from expertfinder.ask.oneself.subscriptions import Event, Subscriptions, due
from expertfinder.ask.oneself.webhooks import deliver, signed
from expertfinder.configuration.languages import ENGLISH, LANGUAGES, N_, gettext, language, phrase, speaking
from expertfinder.errors import ExpertFinderError, InvalidQuestion, NotFound
from expertfinder.model import Viewer
from expertfinder.store import Subscription

WEEK = timedelta(days=7)
"""A mail is sent when so much time has passed since the one before, or since somebody began to follow."""
WHOLE_LINES = policy.default.clone(max_line_length=990)
"""Headers are not folded: an address in one is read by programs. RFC 5322 allows lines of 998 characters."""
TAKEN = range(200, 300)
"""Statuses by which a program says that it has taken a message (Standard Webhooks 1.0)."""
KINDS = {
    "post.new": N_("A new post"),
    "question.put": N_("A question"),
    "question.claimed": N_("A question was taken on"),
    "question.answered": N_("A question was answered"),
}
"""What an event is called in a mail and a feed, which have no words of others."""

FOLLOWED = {"topic": N_("topic"), "community": N_("community"), "question": N_("question")}
"""What is followed, as a mail calls it."""

Send = Callable[[EmailMessage], None]
Post = Callable[[str, dict[str, str], bytes, frozenset[str]], int]
"""Address, headers, body, hosts that may be told -> the status of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What every mail has: who sends it, and where people reach the service."""

    sender: str
    public_url: str
    language: str = ""
    """The language of all mails; empty: of each the first of the person's own that we have, else English."""

    def check(self) -> None:
        """Raise `InvalidQuestion` where one of the two is missing or would begin another header."""
        if not self.sender or not self.public_url:
            raise InvalidQuestion("mails need EXPERTFINDER_MAIL_FROM and EXPERTFINDER_PUBLIC_URL")
        for text in (self.sender, self.public_url):
            if not text.isprintable():
                raise InvalidQuestion("a header of a mail has one line: look at the settings")


class Told(NamedTuple):
    """What came of a run."""

    mails: int = 0
    messages: int = 0
    failed: int = 0


def digest(
    head: Letterhead, address: str, told: Sequence[tuple[Subscription, Sequence[Event]]], now: datetime
) -> EmailMessage:
    """The mail to one person: for each thing that they follow the kinds of events, with links. `InvalidQuestion`."""
    head.check()
    if not address.isprintable():
        raise InvalidQuestion("a header of a mail has one line: the address has more")
    first = told[0][0]
    lines = [gettext("What is new in what you follow:"), ""]
    for one, events in told:
        lines.append(f"{gettext(FOLLOWED[one.follows])} {' '.join(one.subject.split())}")
        lines += [
            f"- {gettext(KINDS[event.kind])}, {event.at.date().isoformat()}: {head.public_url}{event.path}"
            for event in events
        ]
        lines.append("")
    page = f"{head.public_url}/me"
    lines.append(phrase("You follow these on {page}, where you stop it, too.", page=page))
    mail = EmailMessage(policy=WHOLE_LINES)
    mail["From"], mail["To"] = head.sender, address
    mail["Subject"] = gettext("What is new in what you follow")
    mail["Date"] = format_datetime(now)
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Unsubscribe"] = f"<{head.public_url}/v1/unsubscribe/{first.subscription}/{first.secret}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content("\n".join(lines))
    mail["Content-Language"] = language()  # `set_content` takes away what is said of the content before
    return mail


def _spoken(finder: ExpertFinder, person: str, viewer: Viewer) -> str:
    """The first language of a person that we have, too."""
    mine = [code.lower().partition("-")[0] for code in finder.person(person, viewer).languages]
    return next((code for code in mine if code in LANGUAGES), ENGLISH)


def send_digests(finder: ExpertFinder, subscriptions: Subscriptions, head: Letterhead, send: Send) -> Told:
    """Send each person the mail that is due; nobody gets one with nothing in it. Raises `InvalidQuestion`."""
    head.check()
    now, sent, failed = finder.now(), 0, 0
    of_each: defaultdict[str, list[tuple[Subscription, list[Event]]]] = defaultdict(list)
    for one in finder.store.statements(Subscription):
        since = due(one, now, WEEK) if one.via == "mail" else None
        if since is not None:
            try:
                of_each[one.person].append((one, subscriptions.events(one, since=since)))
            except NotFound:
                continue
    for person, every in sorted(of_each.items()):
        told = [(one, events) for one, events in every if events]
        viewer = finder.viewer(person)
        address = addresses(finder, [person], viewer).get(person)
        if told and address is None:
            failed += 1
            continue
        if told and address is not None:
            try:
                with speaking(head.language or _spoken(finder, person, viewer)):
                    mail = digest(head, address, told, now)
                send(mail)
            except (OSError, smtplib.SMTPException):
                failed += 1
                continue
            sent += 1
        for one, _ in every:
            finder.store.state(replace(one, sent=now.isoformat(), at=now))
    return Told(mails=sent, failed=failed)


def send_messages(finder: ExpertFinder, subscriptions: Subscriptions, public_url: str, post: Post = deliver) -> Told:
    """Tell programs what is new, the oldest event first; of one that does not take a message the rest waits."""
    now, sent, failed = finder.now(), 0, 0
    for one in finder.store.statements(Subscription):
        since = due(one, now, timedelta(0)) if one.via == "webhook" else None
        if since is None:
            continue
        try:
            last = since
            for event in reversed(subscriptions.events(one, since=since)):
                data = {"id": event.id, "link": f"{public_url}{event.path}"}
                body = orjson.dumps({"type": event.kind, "timestamp": event.at.isoformat(), "data": data})
                headers = signed(one.secret, f"{one.subscription}.{event.name}", int(now.timestamp()), body)
                if post(one.url, headers, body, subscriptions.hosts) not in TAKEN:
                    failed += 1
                    break
                sent, last = sent + 1, event.at
            if last != since:
                finder.store.state(replace(one, sent=last.isoformat(), at=now))
        except (OSError, ExpertFinderError):
            failed += 1
    return Told(messages=sent, failed=failed)
