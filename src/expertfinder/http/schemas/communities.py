"""Shapes of questions about communities."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.ask.shapes.communities import MOST_SHOWN
from expertfinder.ask.shapes.fields import Fields
from expertfinder.http.schemas.experts import MOST_IN_URL, People

AnyId = Annotated[str, Field(pattern=r"^[^/:]+:[\s\S]+$", max_length=2_100)]
Cursor = Annotated[str, Field(max_length=3_000)]
"""At most 3,000 characters: as long as the cursor of the longest id, in base 64 with its digest."""
Shown = Annotated[int, Field(ge=1, le=MOST_SHOWN, description="How many to give, at most.")]


class CommunitiesQuestion(People):
    """Which communities: for a question, for a person, or all of them. Filters are for a question."""

    q: str = Field(
        "",
        max_length=MOST_IN_URL,
        description="Where do people meet who know this? In plain words.",
        examples=["wireless coverage in the warehouse"],
    )
    person: AnyId | None = Field(
        None, description="Which would suit this person, who is not in them yet?", examples=["demo:m046"]
    )
    kind: Literal["declared", "detected"] | None = Field(
        None, description="Of the list of all: only those that were declared, or only those that were detected."
    )
    after: Cursor = Field("", description="Of the list of all: what goes on after a page (its `next`).")
    limit: Shown = 20
    fields: Fields = ""


class MembersQuestion(BaseModel):
    """How many of a community's people."""

    model_config = ConfigDict(extra="forbid")

    after: Cursor = Field("", description="More people, after a page (its `next`).")
    limit: Shown = MOST_SHOWN
