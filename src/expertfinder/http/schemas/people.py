"""Shapes of people, posts and topics."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.http.schemas.experts import Limit, SubjectOut
from expertfinder.model import AccountKind, Expertise, Person, Post, Topic


class TopicsQuestion(BaseModel):
    """Which topics."""

    model_config = ConfigDict(extra="forbid")

    prefix: str = Field("", max_length=200, description="How the label begins, in any case.", examples=["wire"])
    limit: Limit = 20


class ExpertiseQuestion(BaseModel):
    """How many topics of a person."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 20


class NoQuestion(BaseModel):
    """No parameter at all: an unknown one is refused."""

    model_config = ConfigDict(extra="forbid")


class PersonOut(BaseModel):
    """A person, as far as the caller may know."""

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
    left_at: datetime | None
    kind: AccountKind = Field(description="Machines and shared accounts are never named and earn no credit.")

    @classmethod
    def of(cls, person: Person) -> PersonOut:
        """A person without accounts, groups or audience."""
        return cls(
            id=person.id,
            source=person.source,
            name=person.name,
            title=person.title,
            org_unit=person.org_unit,
            location=person.location,
            bio=person.bio,
            skills=list(person.skills),
            languages=list(person.languages),
            availability=person.availability,
            left_at=person.left_at,
            kind=person.kind,
        )


class TopicOut(BaseModel):
    """A topic. `posts` counts what the whole organisation may read."""

    id: str
    label: str = Field(examples=["wireless-coverage"])
    alt_labels: list[str]
    broader: str
    posts: int = Field(ge=0)

    @classmethod
    def of(cls, topic: Topic) -> TopicOut:
        """A topic as shown."""
        return cls(
            id=topic.id, label=topic.label, alt_labels=list(topic.alt_labels), broader=topic.broader, posts=topic.posts
        )


class TopicsOut(BaseModel):
    """Topics, most used first."""

    topics: list[TopicOut]
    version: str


class ExpertiseOut(BaseModel):
    """What a person knows of one topic: declared and observed apart."""

    topic: TopicOut
    declared: bool
    observed: float = Field(ge=0, le=1, description="Relative to the strongest observed topic of the same person.")
    posts: int = Field(ge=0)
    trend: Literal["rising", "steady", "fading", "none"]
    last_seen: datetime | None

    @classmethod
    def of(cls, expertise: Expertise) -> ExpertiseOut:
        """One topic of a profile."""
        return cls(
            topic=TopicOut.of(expertise.topic),
            declared=expertise.declared,
            observed=expertise.observed,
            posts=expertise.posts,
            trend=expertise.trend,
            last_seen=expertise.last_seen,
        )


class ProfileOut(BaseModel):
    """What a person knows, as far as the caller may read."""

    subject: SubjectOut
    expertise: list[ExpertiseOut]
    version: str


class PostOut(BaseModel):
    """A post that the caller may read. Of its authors and its parent, those that the caller may see."""

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

    @classmethod
    def of(cls, post: Post, authors: list[Person]) -> PostOut:
        """A post without community or audience, which would name groups."""
        return cls(
            id=post.id,
            source=post.source,
            authors=[SubjectOut.of(author) for author in authors],
            kind=post.kind,
            title=post.title,
            text=post.text,
            created_at=post.created_at,
            parent=post.parent,
            tags=list(post.tags),
            language=post.language,
            url=post.url,
        )


class MeOut(BaseModel):
    """Who the caller is to this service: the person whose eyes the key has, or the shared tier (`person` is null)."""

    person: SubjectOut | None
    groups: list[str]
    scopes: list[str]
    key: str | None = Field(description="The id of the key, never the secret.")
    expires_at: datetime | None
    version: str
