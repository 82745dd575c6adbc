"""Shapes of questions about what somebody who is typing may mean, and about people by what they are called."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.ask.shapes.fields import Fields

LONGEST_NAME = 200
"""Characters of what is typed: a name and more."""


class SuggestQuestion(BaseModel):
    """What is being typed, as far as it is there."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(
        min_length=2,
        max_length=LONGEST_NAME,
        description="Two letters at least. There is no list of everybody, and no next page.",
        examples=["vibra"],
    )
    fields: Fields = ""


class PeopleQuestion(BaseModel):
    """Who is looked for."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(
        min_length=2,
        max_length=LONGEST_NAME,
        description="A name, half a name, a handle, a title or a unit; two letters at least.",
        examples=["Plant operations"],
    )
    fields: Fields = ""
