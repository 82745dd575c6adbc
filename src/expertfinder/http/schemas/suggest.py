"""Shapes of what somebody who is typing may mean, and of people by what they are called."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.model import Person, Suggestions
from expertfinder.recommend.called import MOST_SUGGESTED

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


class PeopleQuestion(BaseModel):
    """Who is looked for."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(
        min_length=2,
        max_length=LONGEST_NAME,
        description="A name, half a name, a handle, a title or a unit; two letters at least.",
        examples=["Plant operations"],
    )


class SuggestionOut(BaseModel):
    """Something that may be meant. A unit has no id."""

    kind: Literal["person", "topic", "community", "unit"]
    id: str
    label: str
    detail: str = Field(description="Of a person the title and the unit.")


class SuggestionsOut(BaseModel):
    """What may be meant, the nearest first. It says nothing of what anybody knows."""

    suggestions: list[SuggestionOut] = Field(max_length=MOST_SUGGESTED)
    did_you_mean: str | None = Field(description="The text with words that are used here; null without any.")
    version: str

    @classmethod
    def of(cls, found: Suggestions) -> SuggestionsOut:
        """Suggestions as shown."""
        return cls(
            suggestions=[
                SuggestionOut(kind=one.kind, id=one.id, label=one.label, detail=one.detail) for one in found.found
            ],
            did_you_mean=found.did_you_mean,
            version=found.version,
        )


class CalledOut(BaseModel):
    """Somebody who is called so, or has this title or unit."""

    id: str
    name: str
    title: str
    org_unit: str
    location: str
    left_at: datetime | None

    @classmethod
    def of(cls, person: Person) -> CalledOut:
        """A person as far as a name, a place and a day go."""
        return cls(
            id=person.id,
            name=person.name,
            title=person.title,
            org_unit=person.org_unit,
            location=person.location,
            left_at=person.left_at,
        )


class PeopleOut(BaseModel):
    """People by what they are called, the nearest first."""

    people: list[CalledOut] = Field(max_length=MOST_SUGGESTED)
    version: str
