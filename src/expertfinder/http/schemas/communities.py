"""Shapes of communities, as they are listed, recommended and looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.http.schemas.experts import MOST_IN_URL, ReasonOut, SubjectOut
from expertfinder.model import Community, Confidence, Person, Ranking, Recommendation
from expertfinder.recommend.network.communities import CommunityView

MOST_SHOWN = 100
"""Communities, or people of one, in one answer."""
People = Mapping[str, Person]
"""Whom the caller may find, by id."""
Communities = Mapping[str, tuple[Community, int]]
"""Communities that the caller may read, and their sizes, by id."""
AnyId = Annotated[str, Field(pattern=r"^[^/:]+:[\s\S]+$", max_length=2_100)]
Shown = Annotated[int, Field(ge=1, le=MOST_SHOWN, description="How many to give, at most.")]


# --- questions -------------------------------------------------------------------------------------------------------


class CommunitiesQuestion(BaseModel):
    """Which communities: for a question, for a person, or all of them."""

    model_config = ConfigDict(extra="forbid")

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
    after: AnyId | None = Field(
        None, description="Of the list of all: those that come after this one (`next` of the answer before)."
    )
    limit: Shown = 20


class MembersQuestion(BaseModel):
    """How many of a community's people."""

    model_config = ConfigDict(extra="forbid")

    after: AnyId | None = Field(None, description="People after this one (`next` of the answer before).")
    limit: Shown = MOST_SHOWN


# --- communities -----------------------------------------------------------------------------------------------------


class CommunityOut(BaseModel):
    """A community. `size` counts those of its people whom the caller may find."""

    id: str = Field(examples=["demo:builders"])
    source: str
    name: str
    description: str
    kind: str = Field(description="`declared` by the organisation, or `detected` in what all may read.")
    parent: str = Field(description="The one above it, where the caller may read that; else empty.")
    size: int = Field(ge=0)

    @classmethod
    def of(cls, community: Community, size: int) -> CommunityOut:
        """A community without its people and its audience."""
        return cls(
            id=community.id,
            source=community.source,
            name=community.name,
            description=community.description,
            kind=community.kind,
            parent=community.parent,
            size=size,
        )


class CommunityRecommendationOut(BaseModel):
    """One community, and why. `score` is the sum of the values of the reasons."""

    subject: CommunityOut
    role: str = Field(examples=["community"])
    score: float
    confidence: Confidence
    reasons: list[ReasonOut]

    @classmethod
    def of(cls, one: Recommendation, subject: CommunityOut) -> CommunityRecommendationOut:
        """A recommendation with the community that it names."""
        return cls(
            subject=subject,
            role=one.role,
            score=one.score,
            confidence=one.confidence,
            reasons=[ReasonOut.of(reason) for reason in one.reasons],
        )


class CommunitiesOut(BaseModel):
    """Without a question all of them in `communities`, the largest first; with one `recommendations`, best first."""

    communities: list[CommunityOut]
    next: str | None = Field(description="Give it as `after` for more of the list; null at its end.")
    recommendations: list[CommunityRecommendationOut]
    abstained: str | None = Field(description="Why none is named; then there are no recommendations.")
    confidence: Confidence | None = Field(description="Of the first.")
    notes: list[str]
    version: str = Field(description="Changes only with what this caller may read.")

    @classmethod
    def of(cls, ranking: Ranking, known: Communities) -> CommunitiesOut:
        """A ranked answer."""
        return cls(
            communities=[],
            next=None,
            recommendations=[
                CommunityRecommendationOut.of(one, CommunityOut.of(*known[one.subject]))
                for one in ranking.recommendations
                if one.subject in known
            ],
            abstained=ranking.abstained,
            confidence=ranking.confidence,
            notes=list(ranking.notes),
            version=ranking.version,
        )


class MemberOut(BaseModel):
    """Somebody in a community."""

    subject: SubjectOut
    leads: bool
    strength: float | None = Field(
        description="Of a detected one: the share of the person's links that lie in it, 0 to 1. Of a declared one null."
    )


class BindingOut(BaseModel):
    """A topic that binds a community: how much more it is spoken of there than elsewhere (log odds)."""

    label: str
    weight: float


class UnitOut(BaseModel):
    """How many of its people sit in a unit."""

    unit: str
    people: int


class OverlapOut(BaseModel):
    """Another community with some of the same people."""

    community: CommunityOut
    people: int


class CommunityViewOut(BaseModel):
    """A community with its people, as far as the caller may find them, and what binds it."""

    community: CommunityOut
    members: list[MemberOut] = Field(description="In order of id.")
    next: str | None = Field(description="Give it as `after` for more of the members; null at their end.")
    leads: list[SubjectOut]
    topics: list[BindingOut] = Field(description="Strongest first.")
    inside: float = Field(ge=0, le=1, description="The share of its people's ties that are with one another.")
    units: list[UnitOut]
    overlaps: list[OverlapOut]
    wider: list[CommunityOut] = Field(
        description="Of a detected one: those that are one with it when one looks from further away."
    )
    version: str

    @classmethod
    def of(cls, found: CommunityView, people: People, known: Communities) -> CommunityViewOut:
        """A community; `people` are those to show, in order. The caller sets `next` and `version`."""
        strength, leading = dict(found.strength), set(found.community.leads)
        inside = set(found.community.members)
        return cls(
            community=CommunityOut.of(found.community, found.size),
            members=[
                MemberOut(subject=SubjectOut.of(one), leads=one.id in leading, strength=strength.get(one.id))
                for one in people.values()
                if one.id in inside
            ],
            next=None,
            leads=[SubjectOut.of(people[lead]) for lead in found.community.leads if lead in people],
            topics=[BindingOut(label=label, weight=weight) for label, weight in found.topics],
            inside=found.inside,
            units=[UnitOut(unit=unit, people=count) for unit, count in found.units],
            overlaps=[
                OverlapOut(community=CommunityOut.of(*known[other]), people=count)
                for other, count in found.overlaps
                if other in known
            ],
            wider=[
                CommunityOut.of(*known[other])
                for other in found.wider
                if other in known and other != found.community.id
            ],
            version="",
        )
