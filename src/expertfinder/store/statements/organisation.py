"""What an organisation says of itself: what a role asks for, and who is in a pilot since when. It names nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from expertfinder.store.statements import Statement


def folded(title: str) -> str:
    """A title by which two spellings are one role."""
    return " ".join(title.casefold().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleProfile(Statement):
    """What whoever has a role should know. Whose title it is has the role."""

    KIND: ClassVar[str] = "role"
    KEY: ClassVar[tuple[str, ...]] = ("role",)
    ABOUT: ClassVar[tuple[str, ...]] = ()
    role: str
    """The title, `folded`."""
    label: str
    """As it was written."""
    topics: tuple[str, ...]
    """Labels of topics, in the order given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot(Statement):
    """Who tries something out, and since when; there is one at a time."""

    KIND: ClassVar[str] = "pilot"
    KEY: ClassVar[tuple[str, ...]] = ("one",)
    ABOUT: ClassVar[tuple[str, ...]] = ()
    one: str = "pilot"
    """The same for all, so that a later one takes its place."""
    name: str
    units: tuple[str, ...]
    """Whose people are in it, as profiles name them."""
    communities: tuple[str, ...]
    """Ids of communities whose people are in it."""
    since: str
    """The first day, ISO 8601."""
