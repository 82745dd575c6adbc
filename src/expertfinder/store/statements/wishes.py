"""What people say about themselves: who may find them, what they are named for, what is not theirs, when to ask them.

Each is said by one record of a person and counts for the human (`index/people/wished.py`). No import undoes it: the
record may go and come again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from expertfinder.store.statements import Statement

SeenBy = Literal["everyone", "unit", "nobody"]
"""Who may find a person: all, who is of the same unit, nobody else."""
Says = Literal["keep", "not_me", "moved_on", "ask_me", "can_mentor", "want_to_learn"]
"""What somebody says of a topic: it is right, it never was, it no longer is, and what they offer or look for."""
Listed = Literal["listed", "community", "never"]
"""Where somebody is named for a topic: everywhere, only as a member of a community, nowhere."""
Why = Literal["not_mine", "exclude"]
"""Why a post is no evidence of somebody: they had no part in it, or they do not wish it to count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfOneself(Statement):
    """What a person says of themselves; answers follow it from the next look for new facts on."""

    ABOUT: ClassVar[tuple[str, ...]] = ("person",)
    MOVES: ClassVar[bool] = True
    person: str
    """Who says so: a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility(_OfOneself):
    """Who may find somebody."""

    KIND: ClassVar[str] = "visibility"
    KEY: ClassVar[tuple[str, ...]] = ("person",)
    seen_by: SeenBy


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicWish(_OfOneself):
    """What somebody says of a topic, and where they are named for it."""

    KIND: ClassVar[str] = "topic"
    KEY: ClassVar[tuple[str, ...]] = ("person", "topic")
    topic: str
    """The words of the topic, folded and joined by blanks."""
    label: str
    """As it was written."""
    says: Says
    listed: Listed

    @property
    def named(self) -> bool:
        """Whether the person may be named for a question about the topic."""
        return self.listed == "listed" and self.evidence

    @property
    def evidence(self) -> bool:
        """Whether what they did under the topic may count as evidence of them."""
        return self.listed != "never" and self.says not in ("not_me", "moved_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disowned(_OfOneself):
    """That a post is no evidence of somebody."""

    KIND: ClassVar[str] = "disowned"
    KEY: ClassVar[tuple[str, ...]] = ("person", "post")
    POSTS: ClassVar[tuple[str, ...]] = ("post",)
    post: str
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity(_OfOneself):
    """When somebody may be named again, and how often in a week they may be asked."""

    KIND: ClassVar[str] = "capacity"
    KEY: ClassVar[tuple[str, ...]] = ("person",)
    paused_until: str
    """The first day on which they may be named again, ISO 8601; empty without a pause."""
    per_week: int
    """At most so many asks in seven days; -1 without a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Statement):
    """That somebody turned to somebody with a question, and agreed that it is kept. Once a day for the two."""

    KIND: ClassVar[str] = "ask"
    KEY: ClassVar[tuple[str, ...]] = ("person", "subject", "day")
    ABOUT: ClassVar[tuple[str, ...]] = ("person", "subject")
    person: str
    """Who asks."""
    subject: str
    """Who is asked."""
    day: str
    """ISO 8601."""
    text: str
    why: str
    """Why this person, as the asker was told or says; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge(Statement):
    """That a person was issued a badge (a statement of help that worked), and its place in the list of revoked ones."""

    KIND: ClassVar[str] = "badge"
    KEY: ClassVar[tuple[str, ...]] = ("number",)
    ABOUT: ClassVar[tuple[str, ...]] = ("person",)
    person: str
    number: str
    """Its place, in digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked(Statement):
    """That a badge is revoked. It names nobody, so it stays when its person is erased."""

    KIND: ClassVar[str] = "revoked"
    KEY: ClassVar[tuple[str, ...]] = ("number",)
    ABOUT: ClassVar[tuple[str, ...]] = ()
    number: str


WISHES: tuple[type[Visibility] | type[TopicWish] | type[Disowned] | type[Capacity], ...] = (
    Visibility,
    TopicWish,
    Disowned,
    Capacity,
)
"""Every kind of wish."""
