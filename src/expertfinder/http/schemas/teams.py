"""Shapes of teams, risks and demand."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.ask.demand import FEWEST_ASKERS, Gap
from expertfinder.http.schemas.communities import People, Shown
from expertfinder.http.schemas.experts import MOST_IN_URL, SubjectOut
from expertfinder.recommend.network.risk import Risk
from expertfinder.recommend.network.teams import MOST_REDUNDANCY, MOST_SKILLS, TeamFound


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
