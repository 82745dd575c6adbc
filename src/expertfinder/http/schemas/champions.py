"""Shapes of a question about champions."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.ask.shapes.fields import Fields
from expertfinder.http.schemas.communities import AnyId
from expertfinder.http.schemas.experts import MOST_IN_URL
from expertfinder.recommend.network.champion_set import MOST as MOST_CHAMPIONS
from expertfinder.recommend.network.champion_set import Championship

PersonIds = Annotated[list[AnyId], Field(max_length=1_000)]
Units = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=20)]


class ChampionsQuestion(BaseModel):
    """What champions are wanted for: a community, a topic, or units; everybody, with none of them. In the URL."""

    model_config = ConfigDict(extra="forbid")

    community: AnyId | None = Field(None, description="Of this community.", examples=["demo:builders"])
    topic: str = Field("", max_length=MOST_IN_URL, description="For this topic, in plain words.")
    units: Units = Field([], description="Of these parts of the organisation.")
    size: Annotated[int, Field(ge=1, le=MOST_CHAMPIONS, description="How many, at most.")] = 5
    one_per_unit: bool = Field(False, description="Every unit among the people is to have one, as far as `size` goes.")
    inactive: bool = Field(False, description="Also people who did nothing within the last year of the data.")
    fields: Fields = ""

    def championship(self) -> Championship:
        """The question as it is asked."""
        return Championship(
            community=self.community or "",
            topic=self.topic.strip(),
            units=tuple(self.units),
            size=self.size,
            one_per_unit=self.one_per_unit,
            inactive=self.inactive,
        )


class ChampionsSearch(ChampionsQuestion):
    """The same in a body, with people: who does not wish to is nobody else's business, and URLs are logged."""

    already: PersonIds = Field([], description="Champions who stay.")
    nominated: PersonIds = Field([], description="Who has been proposed: decides between those who reach as many.")
    unwilling: PersonIds = Field(
        [], description="Who does not wish to; also: what would the set be without them?", examples=[["demo:m046"]]
    )

    def championship(self) -> Championship:
        """The question as it is asked."""
        return replace(
            ChampionsQuestion.championship(self),
            already=tuple(self.already),
            nominated=tuple(self.nominated),
            unwilling=tuple(self.unwilling),
        )
