"""The shapes of the answers about the network: communities, champions, whom to meet, teams, risk.

As in `schemas`: what goes out has every field, always, and lists its fields, so that nothing else leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.demand import FEWEST_ASKERS, Gap
from expertfinder.http.schemas import MOST_IN_URL, ReasonOut, RecommendationOut, SubjectOut
from expertfinder.model import Community, Confidence, Person, Ranking, Recommendation
from expertfinder.recommend.championship import MOST as MOST_CHAMPIONS
from expertfinder.recommend.championship import ChampionSet, Championship
from expertfinder.recommend.communities import CommunityView
from expertfinder.recommend.meeting import Around
from expertfinder.recommend.risk import Risk
from expertfinder.recommend.roles import Role
from expertfinder.recommend.staffing import MOST_REDUNDANCY, MOST_SKILLS, TeamFound

MOST_SHOWN = 100
"""Communities, or people of one, in one answer."""

People = Mapping[str, Person]
"""Whom the caller may find, by id."""
Communities = Mapping[str, tuple[Community, int]]
"""Communities that the caller may read, and their sizes, by id."""

AnyId = Annotated[str, Field(pattern=r"^[^/:]+:[\s\S]+$", max_length=2_100)]
PersonIds = Annotated[list[AnyId], Field(max_length=1_000)]
Units = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=20)]
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


# --- teams, risk -----------------------------------------------------------------------------------------------------


class TeamMemberOut(BaseModel):
    """One person of a team, and the skills the person brings."""

    subject: SubjectOut
    skills: list[str]
    load: float = Field(ge=0, le=1, description="0: asked by nobody of late; 1: by as many as one can answer.")


class CoveredOut(BaseModel):
    """How many of the team have a skill."""

    skill: str
    people: int = Field(ge=0)


class TeamOut(BaseModel):
    """The smallest, best connected, least loaded group for several skills."""

    members: list[TeamMemberOut]
    skills: list[CoveredOut]
    uncovered: list[str] = Field(description="Skills for which there are fewer people than were asked for.")
    apart: float = Field(ge=0, le=1, description="The mean distance of its pairs: 0 all work together, 1 nobody does.")
    version: str

    @classmethod
    def of(cls, found: TeamFound, people: People) -> TeamOut:
        """A team with the people it names."""
        return cls(
            members=[
                TeamMemberOut(subject=SubjectOut.of(people[one.person]), skills=list(one.skills), load=one.load)
                for one in found.members
                if one.person in people
            ],
            skills=[
                CoveredOut(skill=skill, people=count)
                for skill, count in zip(found.skills, found.covered_by, strict=True)
            ],
            uncovered=list(found.uncovered),
            apart=found.apart,
            version=found.version,
        )


class HolderOut(BaseModel):
    """Somebody who holds a share of the evidence for a topic."""

    subject: SubjectOut
    share: float = Field(ge=0, le=1)


class GrowOut(BaseModel):
    """Somebody who could grow into a topic, and why."""

    subject: SubjectOut
    text: str


class RiskOut(BaseModel):
    """How the evidence for a topic is spread. It says what would leave with somebody, and judges nobody."""

    topic: str = Field(examples=["topic:wireless-coverage"])
    label: str
    posts: int = Field(ge=0)
    people: int = Field(ge=0, description="With any evidence for it.")
    holders: list[HolderOut] = Field(description="Most first, five at most.")
    spread: float = Field(ge=0, description="As how many people with equal shares it is.")
    at_risk: bool = Field(description="Half or more of it is in one pair of hands.")
    grow: list[GrowOut]

    @classmethod
    def of(cls, found: Risk, people: People) -> RiskOut:
        """A topic with the people it names."""
        return cls(
            topic=f"topic:{found.topic}",
            label=found.topic,
            posts=found.posts,
            people=found.people,
            holders=[
                HolderOut(subject=SubjectOut.of(people[one]), share=share)
                for one, share in found.holders
                if one in people
            ],
            spread=found.spread,
            at_risk=found.at_risk,
            grow=[GrowOut(subject=SubjectOut.of(people[one]), text=text) for one, text in found.grow if one in people],
        )


class TopicRiskOut(BaseModel):
    """One topic."""

    risk: RiskOut
    version: str


class RisksOut(BaseModel):
    """Topics most of whose evidence is one person's, the busiest first."""

    risks: list[RiskOut]
    version: str


class GapOut(BaseModel):
    """A topic that is asked for, and how much there is of it."""

    topic: str = Field(examples=["topic:wireless-coverage"])
    label: str
    week: date = Field(description="The Monday of the week with most askers.")
    askers: int = Field(ge=FEWEST_ASKERS, description="Different people in that week.")
    people: int = Field(ge=0, description="With any evidence for it.")
    spread: float = Field(ge=0, description="As how many people with equal shares the evidence is; 0 for none.")

    @classmethod
    def of(cls, gap: Gap) -> GapOut:
        """A topic as `Demand.gaps` has it."""
        return cls(
            topic=f"topic:{gap.topic}",
            label=gap.topic,
            week=gap.week,
            askers=gap.askers,
            people=gap.people,
            spread=gap.spread,
        )


class DemandOut(BaseModel):
    """Demand against supply: those topics first that fewest carry for each who asks."""

    topics: list[GapOut]
    version: str
