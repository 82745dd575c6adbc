"""Shapes of questions about people and topics, and of who asks."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.ask.shapes.experts import SubjectOut
from expertfinder.ask.shapes.fields import Fields
from expertfinder.http.schemas.experts import Limit


class TopicsQuestion(BaseModel):
    """Which topics."""

    model_config = ConfigDict(extra="forbid")

    prefix: str = Field("", max_length=200, description="How the label begins, in any case.", examples=["wire"])
    limit: Limit = 20


class ExpertiseQuestion(BaseModel):
    """How many topics of a person."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 20


class FieldsQuestion(BaseModel):
    """Which fields of the answer."""

    model_config = ConfigDict(extra="forbid")

    fields: Fields = ""


class NoQuestion(BaseModel):
    """No parameter at all: an unknown one is refused."""

    model_config = ConfigDict(extra="forbid")


class MeOut(BaseModel):
    """Who the caller is to this service: the person whose eyes the key has, or the shared tier (`person` is null)."""

    person: SubjectOut | None
    groups: list[str]
    scopes: list[str]
    key: str | None = Field(description="The id of the key, never the secret.")
    expires_at: datetime | None
    version: str
