"""What people say of content and of one another in a role: states of posts, regulated topics, nominations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from expertfinder.store.statements import Statement

State = Literal["draft", "reviewed", "endorsed", "withdrawn"]
"""What somebody says of a post. That an endorsement has expired follows from its last day."""
Role = Literal["expert", "champion", "sponsor", "curator"]
"""What somebody is nominated for: as an expert of a topic (that is to endorse them for it), the others of a
community."""
Stands = Literal["asked", "agreed", "declined", "withdrawn"]
"""What became of a nomination: only one that the nominated person agreed to is shown to others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostState(Statement):
    """A state that somebody gave a post. Earlier ones are kept: the latest is the one that holds."""

    KIND: ClassVar[str] = "post_state"
    KEY: ClassVar[tuple[str, ...]] = ("post", "entry")
    ABOUT: ClassVar[tuple[str, ...]] = ()
    POSTS: ClassVar[tuple[str, ...]] = ("post",)
    post: str
    entry: str
    """Its own name, drawn at random."""
    state: State
    until: str
    """The first day on which an endorsement holds no more, ISO 8601; empty without an end, and for other states."""
    by: str
    """Id of who says so; empty at the prompt and for a key of nobody."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Regulated(Statement):
    """A topic on which only endorsed posts count."""

    KIND: ClassVar[str] = "regulated"
    KEY: ClassVar[tuple[str, ...]] = ("topic",)
    ABOUT: ClassVar[tuple[str, ...]] = ()
    topic: str
    """The words of the topic, folded and joined by blanks."""
    label: str
    """As it was written."""
    by: str
    """Id of who says so; empty at the prompt and for a key of nobody."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nomination(Statement):
    """Somebody nominates a colleague for a role. Nobody else sees it before the colleague agrees."""

    KIND: ClassVar[str] = "nomination"
    KEY: ClassVar[tuple[str, ...]] = ("person", "subject", "role", "of")
    ABOUT: ClassVar[tuple[str, ...]] = ("person", "subject")
    person: str
    """Who nominates: a record."""
    subject: str
    """Who is nominated."""
    role: Role
    of: str
    """The words of the topic, or the id of the community."""
    label: str
    """The topic as it was written; empty for a community."""
    why: str
    until: str
    """The first day on which it holds no more, ISO 8601; empty without an end."""
    day: str
    """The day on which it was made, ISO 8601: the number for one day is limited. `at` is when it last changed."""
    stands: Stands
