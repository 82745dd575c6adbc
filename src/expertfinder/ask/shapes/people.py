"""Shapes of people, posts and topics."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from expertfinder.ask.shapes.experts import SubjectOut
from expertfinder.ask.shapes.shape import Known, Shape, known_people
from expertfinder.model import AccountKind, Viewer
from expertfinder.recommend.called import MOST_SUGGESTED

if TYPE_CHECKING:
    from expertfinder.ask.finder import ExpertFinder


class PersonOut(Shape):
    """A person, as far as the caller may know: without accounts, groups or audience."""

    id: str
    source: str
    name: str
    title: str
    org_unit: str
    location: str
    bio: str
    skills: list[str] = Field(description="As declared; what is observed stands in the expertise.")
    languages: list[str]
    availability: str
    time_zone: str
    left_at: datetime | None
    kind: AccountKind = Field(description="Machines and shared accounts are never named and earn no credit.")


class TopicOut(Shape):
    """A topic. `posts` counts what the whole organisation may read."""

    id: str
    label: str = Field(examples=["wireless coverage"])
    alt_labels: list[str]
    broader: str
    posts: int = Field(ge=0)


class TopicsOut(Shape):
    """Topics, most used first."""

    topics: list[TopicOut]
    version: str


class ExpertiseOut(Shape):
    """What a person knows of one topic: declared and observed apart."""

    topic: TopicOut
    declared: bool
    observed: float = Field(ge=0, le=1, description="Relative to the strongest observed topic of the same person.")
    posts: int = Field(ge=0)
    trend: Literal["rising", "steady", "fading", "none"]
    last_seen: datetime | None


class ProfileOut(Shape):
    """What a person knows, as far as the caller may read."""

    subject: SubjectOut
    expertise: list[ExpertiseOut]
    version: str


class PostOut(Shape):
    """A post that the caller may read, without community or audience, which would name groups.

    Of its authors and its parent, those that the caller may see.
    """

    id: str
    source: str
    authors: list[SubjectOut]
    kind: str
    title: str
    text: str
    created_at: datetime | None
    parent: str
    tags: list[str]
    language: str
    url: str


class SuggestionOut(Shape):
    """Something that may be meant. A unit has no id."""

    kind: Literal["person", "topic", "community", "unit"]
    id: str
    label: str
    detail: str = Field(description="Of a person the title and the unit.")


class SuggestionsOut(Shape):
    """What may be meant, the nearest first. It says nothing of what anybody knows."""

    suggestions: list[SuggestionOut] = Field(validation_alias="found", max_length=MOST_SUGGESTED)
    did_you_mean: str | None = Field(description="The text with words that are used here; null without any.")
    version: str


class CalledOut(Shape):
    """Somebody who is called so, or has this title or unit."""

    id: str
    name: str
    title: str
    org_unit: str
    location: str
    left_at: datetime | None


class PeopleOut(Shape):
    """People by what they are called, the nearest first."""

    people: list[CalledOut] = Field(max_length=MOST_SUGGESTED)
    version: str


def topics_out(finder: ExpertFinder, viewer: Viewer, *, prefix: str, limit: int) -> TopicsOut:
    """Topics that begin with a prefix."""
    found = finder.topics(viewer, prefix=prefix, limit=limit)
    return TopicsOut.of({"topics": found, "version": finder.version(viewer)})


def profile_out(finder: ExpertFinder, person: str, viewer: Viewer, *, limit: int) -> ProfileOut:
    """What a person knows. Raises `NotFound`."""
    subject, known = finder.person(person, viewer), finder.expertise(person, viewer, limit=limit)
    return ProfileOut.of({"subject": subject, "expertise": known, "version": finder.version(viewer)})


def post_out(finder: ExpertFinder, post_id: str, viewer: Viewer) -> PostOut:
    """A post with the names of its authors, as far as the viewer may find them. Raises `NotFound`."""
    post = finder.post(post_id, viewer)
    return PostOut.of(post, Known(known_people(finder, viewer, post.authors)))
