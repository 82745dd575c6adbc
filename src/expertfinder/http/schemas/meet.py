"""Shapes of a person's network: ties, ways, people to meet."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.http.schemas.communities import AnyId, CommunityOut, CommunityRecommendationOut, People
from expertfinder.http.schemas.experts import MOST_IN_URL, RecommendationOut, SubjectOut
from expertfinder.model import Confidence, Ranking
from expertfinder.recommend.network.meet import Around
from expertfinder.recommend.network.roles import Role


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


# --- whom to meet ----------------------------------------------------------------------------------------------------


class NearOut(BaseModel):
    """Somebody to whom a person is tied."""

    subject: SubjectOut
    strength: float = Field(ge=0, description="The logarithm of one plus what they did with each other, by kind.")
    turns_to: bool = Field(description="The person turned to them.")
    turned_to_by: bool = Field(description="They turned to the person.")


class TieOut(BaseModel):
    """A tie among those shown, by their ids."""

    person: str
    other: str
    strength: float


class RoleOut(BaseModel):
    """What somebody is for the others: a hint with its grounds, and no judgement."""

    name: str = Field(examples=["connector"])
    text: str
    community: str = Field(description="Where, for a champion; else empty.")

    @classmethod
    def of(cls, role: Role) -> RoleOut:
        """A role as shown."""
        return cls(name=role.name, text=role.text, community=role.community)


class SimilarOut(BaseModel):
    """Somebody with near interests."""

    subject: SubjectOut
    cosine: float = Field(ge=-1, le=1)


class NetworkOut(BaseModel):
    """A person's neighbourhood, made of what the whole organisation may read."""

    subject: SubjectOut
    people: list[NearOut] = Field(description="The strongest ties first, thirty at most.")
    contacts: int = Field(ge=0, description="How many there are altogether.")
    ties: list[TieOut] = Field(description="Among the person and those people.")
    roles: list[RoleOut]
    communities: list[CommunityOut]
    similar: list[SimilarOut]
    version: str

    @classmethod
    def of(cls, found: Around, people: People) -> NetworkOut:
        """A neighbourhood; the caller sets the rest."""
        mine = {
            tie.other if tie.person == found.person else tie.person: tie.strength
            for tie in found.ties
            if found.person in (tie.person, tie.other)
        }
        return cls(
            subject=SubjectOut.of(people[found.person]),
            people=[
                NearOut(
                    subject=SubjectOut.of(people[near]),
                    strength=mine[near],
                    turns_to=near in found.turns_to,
                    turned_to_by=near in found.turned_to_by,
                )
                for near in found.people
                if near in people
            ],
            contacts=found.contacts,
            ties=[
                TieOut(person=tie.person, other=tie.other, strength=tie.strength)
                for tie in found.ties
                if tie.person in people and tie.other in people
            ],
            roles=[],
            communities=[],
            similar=[],
            version="",
        )


class PathOut(BaseModel):
    """Whom to ask through: people from the one to the other, both included; empty where no short way leads there."""

    people: list[SubjectOut]
    version: str


class PeopleRankingOut(BaseModel):
    """Some people, best first, or why there are none in `abstained`."""

    recommendations: list[RecommendationOut]
    abstained: str | None
    confidence: Confidence | None

    @classmethod
    def of(cls, ranking: Ranking, people: People) -> PeopleRankingOut:
        """A ranking with the people it names."""
        return cls(
            recommendations=[
                RecommendationOut.of(one, people[one.subject])
                for one in ranking.recommendations
                if one.subject in people
            ],
            abstained=ranking.abstained,
            confidence=ranking.confidence,
        )


class MeetingOut(BaseModel):
    """People without a tie to somebody yet, each with the link that makes it natural, and communities to look into."""

    subject: SubjectOut
    people: PeopleRankingOut
    communities: list[CommunityRecommendationOut] = Field(description="Two at most.")
    mentors: PeopleRankingOut | None = Field(description="For `topic`; null without one.")
    version: str
