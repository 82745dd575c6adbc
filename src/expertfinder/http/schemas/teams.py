"""Shapes of questions about teams, risks and demand."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.http.schemas.communities import Shown
from expertfinder.http.schemas.experts import MOST_IN_URL
from expertfinder.recommend.network.teams import MOST_REDUNDANCY, MOST_SKILLS


class TeamQuestion(BaseModel):
    """What a team has to know."""

    model_config = ConfigDict(extra="forbid")

    skills: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=MOST_IN_URL)]], Field(min_length=1, max_length=MOST_SKILLS)
    ] = Field(description="Each in plain words.", examples=[["wireless coverage", "closing the month"]])
    redundancy: Annotated[
        int, Field(ge=1, le=MOST_REDUNDANCY, description="People for each skill, so that one may be away.")
    ] = 1


class RisksQuestion(BaseModel):
    """How many topics."""

    model_config = ConfigDict(extra="forbid")

    limit: Shown = 10
