"""Shapes of a set of champions."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.http.schemas.communities import MOST_SHOWN, AnyId, People
from expertfinder.http.schemas.experts import MOST_IN_URL, RecommendationOut, SubjectOut
from expertfinder.model import Confidence
from expertfinder.recommend.network.champion_set import MOST as MOST_CHAMPIONS
from expertfinder.recommend.network.champion_set import ChampionSet, Championship

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

    def championship(self) -> Championship:
        """The question as it is asked."""
        return Championship(
            community=self.community or "",
            topic=self.topic.strip(),
            units=tuple(self.units),
            size=self.size,
            one_per_unit=self.one_per_unit,
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


# --- champions -------------------------------------------------------------------------------------------------------


class ChampionOut(RecommendationOut):
    """One of a set of champions, and what the person is for the set."""

    role: str = Field(examples=["champion"])
    adds: int = Field(ge=0, description="People reached whom nobody before in the list reaches, the champion included.")
    alone: int = Field(ge=0, description="People whom nobody of the set would reach without this one.")


class LinkOut(BaseModel):
    """Two champions who should meet."""

    one: SubjectOut
    other: SubjectOut


class ChampionsOut(BaseModel):
    """A set of champions, in the order chosen: the first reach most. `abstained` says why there is none."""

    recommendations: list[ChampionOut]
    abstained: str | None
    confidence: Confidence | None
    notes: list[str]
    people: int = Field(ge=0, description="Among whom champions were looked for.")
    reached: int = Field(ge=0, description="How many of them are a champion or tied to one.")
    unreached: list[SubjectOut] = Field(description="The first hundred of those who are not, in order of id.")
    units_without: list[str] = Field(
        description="With `one_per_unit`: units without a champion, as nobody there could be one or the set is full."
    )
    links: list[LinkOut] = Field(description="Pairs of champions without a tie, fewest common contacts first.")
    version: str

    @classmethod
    def of(cls, found: ChampionSet, people: People) -> ChampionsOut:
        """A set with the people it names."""
        ranking = found.ranking
        return cls(
            recommendations=[
                ChampionOut(
                    **RecommendationOut.of(one, people[one.subject]).model_dump(), adds=place.adds, alone=place.alone
                )
                for one, place in zip(ranking.recommendations, found.places, strict=True)
                if one.subject in people
            ],
            abstained=ranking.abstained,
            confidence=ranking.confidence,
            notes=list(ranking.notes),
            people=found.people,
            reached=found.reached,
            unreached=[SubjectOut.of(people[one]) for one in found.unreached[:MOST_SHOWN] if one in people],
            units_without=list(found.units_without),
            links=[
                LinkOut(one=SubjectOut.of(people[one]), other=SubjectOut.of(people[other]))
                for one, other in found.links
                if one in people and other in people
            ],
            version=ranking.version,
        )
