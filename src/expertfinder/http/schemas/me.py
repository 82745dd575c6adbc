"""Shapes of what a person says of themselves, and is told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from expertfinder.ask.me import LONGEST_TOPIC, MOST_PER_WEEK, Said
from expertfinder.store.wishes import Listed, Says, SeenBy, Why

TopicLabel = Annotated[
    str,
    Path(
        min_length=1,
        max_length=LONGEST_TOPIC,
        description="The topic: its words, or its id.",
        examples=["wireless coverage"],
    ),
]


class VisibilityIn(BaseModel):
    """Who may find the caller."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"seen_by": "unit"}]})

    seen_by: SeenBy = Field(description="Everybody, the people of the same unit, or nobody else.")


class CapacityIn(BaseModel):
    """When the caller may be named to be asked. What is left out is no pause, and no limit."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"paused_until": "2027-01-11", "per_week": 3}]}
    )

    paused_until: date | None = Field(None, description="The first day on which the caller may be named again.")
    per_week: int | None = Field(None, ge=0, le=MOST_PER_WEEK, description="Asks in seven days, at most.")


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
