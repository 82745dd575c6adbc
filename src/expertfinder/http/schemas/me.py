"""Shapes of what a person says of themselves, and is told."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from expertfinder.ask.finder import LONGEST_QUESTION
from expertfinder.ask.found import Found
from expertfinder.ask.oneself.held import Held
from expertfinder.ask.oneself.me import LONGEST_TOPIC, MOST_PER_WEEK, Said
from expertfinder.ask.organisation.insights import Quiet
from expertfinder.ask.shapes.people import ExpertiseOut
from expertfinder.ask.shapes.shape import Shape
from expertfinder.model import Confidence
from expertfinder.store.statements.wishes import Listed, Says, SeenBy, Why

TopicLabel = Annotated[
    str,
    Path(
        min_length=1,
        max_length=LONGEST_TOPIC,
        pattern=r"[^\x00-/:-@\[-`{-\x7f]",  # a letter or a digit, in any script
        description="The topic: its words, or its id.",
        examples=["wireless coverage"],
    ),
]


def a_day(said: object) -> object:
    """A day as it is written. Raises `ValueError` for anything else: a number would count as seconds since 1970."""
    if not (isinstance(said, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", said)):
        raise ValueError("a day is written as 2027-01-11")
    return said


class VisibilityIn(BaseModel):
    """Who may find the caller."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"seen_by": "unit"}]})

    seen_by: SeenBy = Field(description="Everybody, the people of the same unit, or nobody else.")


def _whole(given: object) -> object:
    """A number without a fraction as an integer, as JSON Schema has it: 3.0 is 3."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


class CapacityIn(BaseModel):
    """When the caller may be named to be asked. What is left out is no pause, and no limit."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"paused_until": "2027-01-11", "per_week": 3}]}
    )

    paused_until: Annotated[date, BeforeValidator(a_day)] | None = Field(
        None, description="The first day on which the caller may be named again."
    )
    per_week: Annotated[int, Field(strict=True, ge=0, le=MOST_PER_WEEK), BeforeValidator(_whole)] | None = Field(
        None, description="Asks in seven days, at most."
    )


class TopicIn(BaseModel):
    """What the caller says of a topic."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"says": "can_mentor", "listed": "listed"}]}
    )

    says: Says = Field(
        "keep",
        description="`not_me` and `moved_on` take what the caller did under the topic out of the evidence.",
    )
    listed: Listed = Field(
        "listed",
        description="`community`: never named for it alone; `never`: what they did under it is no evidence, too.",
    )


class EvidenceIn(BaseModel):
    """Why a post is no evidence of the caller."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"why": "not_mine"}]})

    why: Why = "not_mine"


class TopicWishOut(BaseModel):
    """What the caller said of a topic, and since when."""

    topic: str
    says: Says
    listed: Listed
    since: datetime


class DisownedOut(BaseModel):
    """A post that is no evidence of the caller, and since when."""

    post: str
    why: Why
    since: datetime


class WishesOut(BaseModel):
    """All that the caller said of themselves. Nobody else is shown it."""

    seen_by: SeenBy
    paused_until: date | None
    per_week: int | None
    topics: list[TopicWishOut]
    evidence: list[DisownedOut]


def wishes_out(said: Said) -> WishesOut:
    """What a person said of themselves, in its shape."""
    capacity = said.capacity
    return WishesOut(
        seen_by=said.visibility.seen_by if said.visibility else "everyone",
        paused_until=date.fromisoformat(capacity.paused_until) if capacity and capacity.paused_until else None,
        per_week=capacity.per_week if capacity and capacity.per_week >= 0 else None,
        topics=[TopicWishOut(topic=one.label, says=one.says, listed=one.listed, since=one.at) for one in said.topics],
        evidence=[DisownedOut(post=one.post, why=one.why, since=one.at) for one in said.disowned],
    )


class SourceOut(BaseModel):
    """Where something about the caller comes from, and how many things of each kind."""

    source: str
    description: str
    counts: dict[str, int]


class RecordOut(BaseModel):
    """A record of the caller, as its source gave it."""

    id: str
    source: str
    name: str
    title: str
    org_unit: str
    location: str
    bio: str
    skills: list[str]
    languages: list[str]
    availability: str
    accounts: list[str]
    groups: list[str]


class HeldOut(BaseModel):
    """What is kept about the caller, and from where. The export has all of it."""

    records: list[RecordOut]
    sources: list[SourceOut]
    beside: dict[str, int] = Field(description="What is kept beside the facts, by kind.")


class RankOut(BaseModel):
    """Where the caller stands in the answer that everybody gets to a question."""

    question: str
    place: int | None = Field(description="From 1; null where they are not named.")
    named: int
    confidence: Confidence | None
    reasons: list[str]


class QuietOut(Shape):
    """Many turned to the caller, of whom nothing is seen within the last 90 days."""

    askers: int = Field(description="Different people who ever turned to them.")
    since: date | None = Field(description="The day of the newest thing that they did where everybody may read it.")


class FoundOut(BaseModel):
    """How everybody finds the caller."""

    seen: bool = Field(description="Whether everybody may find the caller.")
    topics: list[ExpertiseOut]
    pending: list[str] = Field(description="Topics that they added, without evidence yet.")
    ranks: list[RankOut]
    quiet: QuietOut | None = Field(
        description="That many turned to the caller and nothing of theirs is seen of late; told to nobody else."
    )


class LowersOut(Shape):
    """Somebody had turned to the caller and was not helped; who, is not told."""

    question: str
    on: date
    until: date = Field(description="From this day on it counts for nothing.")


class RecognitionOut(Shape):
    """Help that worked, of what everybody may read; different people are counted, and nobody whom one thanked back."""

    accepted: int = Field(description="Posts of the caller's that were accepted.")
    accepted_by: int = Field(description="Different people who accepted them.")
    thanked: int = Field(description="Posts that somebody thanked for.")
    thanked_by: int
    helpful: int = Field(description="Different people who had turned to the caller and say that it helped.")
    topics: list[str] = Field(description="Tags of these posts, those of most posts first.")
    first: datetime | None
    last: datetime | None
    lowers: list[LowersOut] = Field(description="What makes the caller count less, shown to nobody else.")


class ExpectedOut(BaseModel):
    """A topic that a role asks for, and what there is of it."""

    topic: str
    posts: int = Field(
        description="Posts that show it; 0 for none, which does not say that the caller does not know it."
    )
    last_seen: datetime | None
    declared: bool = Field(description="Whether the caller's profile names it.")


class RoleOut(BaseModel):
    """What the caller's role asks for."""

    role: str = Field(description="As the organisation calls it; empty where it says nothing of the caller's title.")
    expected: list[ExpectedOut]


class FoundQuestion(BaseModel):
    """A question to try."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=LONGEST_QUESTION, description="Where do I stand for this? Empty: for my topics.")


class ExportQuestion(BaseModel):
    """As what."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["ndjson", "html"] = Field("ndjson", description="One line a thing, or a page to read.")


class EraseQuestion(BaseModel):
    """That it is meant."""

    model_config = ConfigDict(extra="forbid")

    confirm: str = Field(max_length=2_100, description="The id of the caller, as `/v1/me` names them.")


def held_out(kept: Held) -> HeldOut:
    """What is kept about a person, in its shape."""
    return HeldOut(
        records=[RecordOut(**{name: getattr(one, name) for name in RecordOut.model_fields}) for one in kept.records],
        sources=[SourceOut(**one._asdict()) for one in kept.sources],
        beside=kept.beside,
    )


def found_out(how: Found, quiet: Quiet | None) -> FoundOut:
    """How a person is found, in its shape."""
    return FoundOut(
        seen=how.seen,
        topics=[ExpertiseOut.of(one) for one in how.topics],
        pending=[one.label for one in how.pending],
        ranks=[
            RankOut(
                question=one.text,
                place=one.place,
                named=one.named,
                confidence=one.confidence,
                reasons=[reason.text for reason in one.reasons if reason.text],
            )
            for one in how.ranks
        ],
        quiet=QuietOut.of(quiet) if quiet is not None else None,
    )
