"""What a person follows: a topic, a community or a question, told as a feed, in a weekly mail, or to a program.

What is told is found when it is sent or read, with the rights that the person has then: ids and links, no text. The
address of a feed has a key that opens this feed alone; its SHA-256 is kept, and to stop following revokes it.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import quote

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.oneself.me import about, records_of
from expertfinder.ask.oneself.questions import Questions
from expertfinder.ask.oneself.webhooks import check_address
from expertfinder.configuration.languages import gettext, phrase
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.index.posts.concepts import words_of
from expertfinder.index.snapshot import day_of
from expertfinder.model import Viewer
from expertfinder.store import Subscription
from expertfinder.store.statements.questions import Follows, Via

MOST_FOLLOWED = 100
"""So many things may one person follow; each is looked through with every feed and mail."""
MOST_TOLD = 50
"""Events in one feed, the newest first; in a mail or for a program, so many of each thing at once."""
LONGEST_SUBJECT = 2_100
"""Characters of a topic or an id, as paths and parameters have them."""
WHSEC = "whsec_"
"""How the secret of a webhook begins (Standard Webhooks 1.0)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that is told."""

    name: str
    """The same each time it is told."""
    kind: str
    """`post.new`, `question.put`, `question.claimed` or `question.answered`."""
    id: str
    """Of the post, or of the question."""
    at: datetime
    path: str
    """Of the page or the answer that shows it, for who may read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What somebody wants to follow."""

    follows: Follows
    subject: str
    via: Via
    url: str = ""


class Subscriptions:
    """The subscriptions of one finder. Safe to share between threads.

    `hosts`: names of hosts to which programs may be told.
    """

    def __init__(self, finder: ExpertFinder, questions: Questions, *, hosts: Iterable[str] = ()) -> None:
        self._finder = finder
        self._questions = questions
        self.hosts = frozenset(hosts)

    def follow(self, wanted: Following, viewer: Viewer) -> tuple[Subscription, str]:
        """Follow something: what is kept, and the key of the feed or the secret of the webhook, told here alone.

        Raises `Forbidden` for who is no person, `NotFound` for a community or a question that they have not,
        `InvalidQuestion` for a topic without a word, too many, or an address that may not be told.
        """
        records = records_of(self._finder, viewer)
        if len(wanted.subject) > LONGEST_SUBJECT:
            raise InvalidQuestion(phrase("what is followed has at most {subject} characters", subject=LONGEST_SUBJECT))
        if len([one for one in self._finder.store.statements(Subscription) if one.person in records]) >= MOST_FOLLOWED:
            raise InvalidQuestion(
                phrase("one follows at most {followed} things: stop following one first", followed=MOST_FOLLOWED)
            )
        if (wanted.via == "webhook") != bool(wanted.url):
            raise InvalidQuestion(gettext("a webhook has an address, and nothing else has one"))
        if wanted.url:
            check_address(wanted.url, self.hosts)
        subject = wanted.subject.strip().removeprefix("topic:") if wanted.follows == "topic" else wanted.subject
        if wanted.follows == "topic" and not words_of(subject):
            raise InvalidQuestion(gettext("a topic is a word or a few"))
        if wanted.follows == "community":
            self._questions.check_community(subject, viewer)
        if wanted.follows == "question":
            self._questions.one(subject, viewer)
        key = secrets.token_urlsafe(24) if wanted.via == "feed" else ""
        secret = {"feed": "", "mail": secrets.token_urlsafe(24), "webhook": _secret()}[wanted.via]
        now = self._finder.now()
        kept = Subscription(
            subscription=secrets.token_urlsafe(9),
            person=viewer.person or "",
            follows=wanted.follows,
            subject=subject,
            via=wanted.via,
            digest=sha256(key.encode()).hexdigest() if key else "",
            url=wanted.url,
            secret=secret,
            sent=now.isoformat(),
            at=now,
        )
        self._finder.store.state(kept)
        return kept, key or secret

    def listed(self, viewer: Viewer) -> list[Subscription]:
        """What the viewer follows, by id. Raises `Forbidden`."""
        records = records_of(self._finder, viewer)
        return [one for one in self._finder.store.statements(Subscription) if one.person in records]

    def stop(self, subscription: str, viewer: Viewer) -> None:
        """Follow something no longer; the key of its feed opens nothing any more. `NotFound`, `Forbidden`."""
        found = [one for one in self.listed(viewer) if one.subscription == subscription]
        if not found:
            raise NotFound("you follow no such thing")
        self._finder.store.retract(found[0])

    def end_mails(self, subscription: str, key: str) -> None:
        """End all mails to whom this one went, with the key that each of their mails has. `NotFound` for another."""
        every = [one for one in self._finder.store.statements(Subscription) if one.via == "mail"]
        found = next((one for one in every if one.subscription == subscription), None)
        if found is None or not hmac.compare_digest(found.secret, key):
            raise NotFound("there is no such mail")
        for one in every:
            if one.person == found.person:
                self._finder.store.retract(one)

    def feed(self, key: str) -> tuple[Subscription, list[Event]]:
        """The feed that a key opens. `NotFound` for any other, and where the person is gone or their account closed."""
        digest = sha256(key.encode()).hexdigest()
        for one in self._finder.store.statements(Subscription):
            if one.via == "feed" and hmac.compare_digest(one.digest, digest):
                return one, self.events(one)
        raise NotFound("there is no such feed")

    def events(self, one: Subscription, *, since: datetime | None = None) -> list[Event]:
        """What there is to tell, the newest first, as the person may read it now. `NotFound` where they are gone."""
        viewer = self._finder.viewer(one.person)
        self._finder.person(one.person, viewer)
        found = self._posts(one, viewer) if one.follows == "topic" else []
        for asked in self._questions.seen(viewer):
            if one.follows == "topic" and not asked.about(words_of(one.subject)):
                continue
            if one.follows == "community" and asked.community != one.subject:
                continue
            if one.follows == "question" and asked.question != one.subject:
                continue
            kind = "answered" if asked.answered else "claimed" if asked.claimed else "put"
            found.append(
                Event(
                    name=f"{asked.question}.{kind}",
                    kind=f"question.{kind}",
                    id=asked.question,
                    at=asked.at,
                    path="/questions",
                )
            )
        found = [event for event in found if since is None or event.at > since]
        return sorted(found, key=lambda event: (-event.at.timestamp(), event.name))[:MOST_TOLD]

    def _posts(self, one: Subscription, viewer: Viewer) -> list[Event]:
        """The newest posts about a topic that the viewer may read."""
        seen = self._finder.whole.view(viewer)
        snapshot = seen.snapshot
        readable = (np.flatnonzero(snapshot.shared.alive), seen.restricted, seen.fresh)
        found: list[tuple[float, str]] = []
        for segment, may in zip(snapshot.tiers.segments, readable, strict=True):
            rows = np.intersect1d(about(snapshot, segment, words_of(one.subject)), may)
            rows = rows[~np.isnan(segment.created[rows])]
            newest = rows[np.argsort(-segment.created[rows], kind="stable")][:MOST_TOLD]
            found += [(float(segment.created[row]), segment.ids[row]) for row in newest.tolist()]
        found.sort(key=lambda entry: (-entry[0], entry[1]))
        return [
            Event(name=post, kind="post.new", id=post, at=day_of(day), path=f"/posts/{quote(post, safe=':')}")
            for day, post in found[:MOST_TOLD]
        ]


def _secret() -> str:
    """A fresh secret of 32 bytes, as Standard Webhooks write it."""
    return WHSEC + b64encode(secrets.token_bytes(32)).decode()


def due(one: Subscription, now: datetime, pause: timedelta) -> datetime | None:
    """Since when to tell, where it was told so long ago; `None` where it is not due yet."""
    last = datetime.fromisoformat(one.sent).astimezone(UTC)
    return last if now - last >= pause else None
