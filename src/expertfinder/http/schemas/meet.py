"""Shapes of questions about a person's network."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.ask.shapes.fields import Fields
from expertfinder.http.schemas.communities import AnyId
from expertfinder.http.schemas.experts import MOST_IN_URL


class PathQuestion(BaseModel):
    """To whom."""

    model_config = ConfigDict(extra="forbid")

    to: AnyId = Field(description="Whom to reach: `source:id`.", examples=["demo:m071"])


class MeetingQuestion(BaseModel):
    """Whom to meet."""

    model_config = ConfigDict(extra="forbid")

    topic: str = Field(
        "",
        max_length=MOST_IN_URL,
        description="Name mentors for this, too.",
        examples=["wireless coverage in the warehouse"],
    )
    limit: Annotated[int, Field(ge=1, le=20, description="How many people to give, at most.")] = 3
    fields: Fields = ""
