"""Questions that are put to people or to a community, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from expertfinder.store.statements import Statement

Went = Literal["asked", "claimed", "declined"]
"""What became of a question at one person: they were asked, they took it on, they left it to others."""
Follows = Literal["topic", "community", "question"]
"""What somebody follows."""
Saved = Literal["", "nothing", "minutes", "hours", "days"]
"""How much time an answer saved, as the asker says; empty: they said nothing of it."""
Afterwards = Literal["", "nothing", "went_on", "decided", "learned", "passed_on"]
"""What the asker could do with it: nothing new, go on, decide, do it alone the next time, pass it on."""
Via = Literal["feed", "mail", "webhook"]
"""How they are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutQuestion(Statement):
    """A question that somebody put, and agreed that it is kept. The doors do not show an anonymous asker."""

    KIND: ClassVar[str] = "question"
    KEY: ClassVar[tuple[str, ...]] = ("question",)
    ABOUT: ClassVar[tuple[str, ...]] = ("person",)
    question: str
    """Its id, drawn at random."""
    person: str
    """Who asks: a record."""
    text: str
    community: str
    """Id of the community that it was put to; empty where it was put to people alone."""
    anonymous: bool
    asked_at: str
    """When it was put, ISO 8601; `at` is when it last changed."""
    answered: bool
    answer: str
    """Id of the post with the answer; may be empty."""
    saved: Saved = ""
    afterwards: Afterwards = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed(Statement):
    """That a question reached somebody. It counts as an ask of the day, for how often they wish to be asked."""

    KIND: ClassVar[str] = "routed"
    KEY: ClassVar[tuple[str, ...]] = ("question", "subject")
    ABOUT: ClassVar[tuple[str, ...]] = ("person", "subject")
    question: str
    person: str
    """Who asks."""
    subject: str
    """Whom it reached."""
    day: str
    """ISO 8601."""
    went: Went


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(Statement):
    """That somebody follows something. The news of it is looked up when it is sent."""

    KIND: ClassVar[str] = "subscription"
    KEY: ClassVar[tuple[str, ...]] = ("subscription",)
    ABOUT: ClassVar[tuple[str, ...]] = ("person",)
    subscription: str
    """Its id, drawn at random."""
    person: str
    follows: Follows
    subject: str
    """The label of a topic, or an id."""
    via: Via
    digest: str
    """SHA-256 of the key of a feed, hexadecimal; empty for anything else."""
    url: str
    """The address of a program that is told; empty for anything else."""
    secret: str
    """The key that messages to a program are signed with, or the secret that ends the mails; empty for a feed."""
    sent: str
    """The time up to which news was sent, ISO 8601."""
