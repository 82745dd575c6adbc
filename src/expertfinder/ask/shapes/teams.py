"""Shapes of teams, of risk and of demand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from expertfinder.ask.organisation.demand import FEWEST_ASKERS
from expertfinder.ask.shapes.experts import SubjectOut
from expertfinder.ask.shapes.shape import Known, Shape, known_people
from expertfinder.model import Viewer

if TYPE_CHECKING:
    from expertfinder.ask.network import Networking
    from expertfinder.recommend.network.risk import Risk

TopicId = Annotated[str, AfterValidator(lambda label: f"topic:{label}")]


class TeamMemberOut(Shape):
    """One person of a team, and the skills the person brings."""

    subject: SubjectOut = Field(validation_alias="person")
    skills: list[str]
    load: float = Field(ge=0, le=1, description="0: asked by nobody of late; 1: by as many as one can answer.")


class CoveredOut(Shape):
    """How many of the team have a skill."""

    skill: str
    people: int = Field(ge=0)


class TeamOut(Shape):
    """The smallest, best connected, least loaded group for several skills."""

    members: list[TeamMemberOut]
    skills: list[CoveredOut]
    uncovered: list[str] = Field(description="Skills for which there are fewer people than were asked for.")
    apart: float = Field(ge=0, le=1, description="The mean distance of its pairs: 0 all work together, 1 nobody does.")
    version: str


class HolderOut(Shape):
    """Somebody who holds a share of the evidence for a topic."""

    subject: SubjectOut
    share: float = Field(ge=0, le=1)


class GrowOut(Shape):
    """Somebody who could grow into a topic, and why."""

    subject: SubjectOut
    text: str


class RiskOut(Shape):
    """How the evidence for a topic is spread. It says what would leave with somebody, and judges nobody."""

    topic: TopicId = Field(examples=["topic:wireless coverage"])
    label: str = Field(validation_alias="topic")
    posts: int = Field(ge=0)
    people: int = Field(ge=0, description="With any evidence for it.")
    holders: list[HolderOut] = Field(description="Most first, five at most.")
    spread: float = Field(ge=0, description="As how many people with equal shares it is.")
    at_risk: bool = Field(description="Half or more of it is in one pair of hands.")
    grow: list[GrowOut]


class TopicRiskOut(Shape):
    """One topic."""

    risk: RiskOut
    version: str


class RisksOut(Shape):
    """Topics most of whose evidence is one person's, the busiest first."""

    risks: list[RiskOut]
    version: str


class GapOut(Shape):
    """A topic that is asked for, and how much there is of it."""

    topic: TopicId = Field(examples=["topic:wireless coverage"])
    label: str = Field(validation_alias="topic")
    week: date = Field(description="The Monday of the week with most askers.")
    known: bool = Field(description="Whether it is a topic; else a word of questions that nobody was found for.")
    askers: int = Field(ge=FEWEST_ASKERS, description="Different people in that week.")
    people: int = Field(ge=0, description="With any evidence for it.")
    spread: float = Field(ge=0, description="As how many people with equal shares the evidence is; 0 for none.")


class DemandOut(Shape):
    """Demand against supply: those topics first that fewest carry for each who asks."""

    topics: list[GapOut]
    version: str


class LineOut(Shape):
    """One line of a figure."""

    label: str
    cells: list[str] = Field(description="As they may be told: rounded to fives, and in words below five.")
    shares: list[float] = Field(description="Of the bar, 0 to 1, from the left.")
    link: str = Field(description="Id of the topic or the community that it is of; empty for none.")


class FigureOut(Shape):
    """A figure for who cares for communities, the same for every caller."""

    code: str = Field(examples=["coverage"])
    title: str
    said: str = Field(description="What it is made of.")
    head: list[str] = Field(description="The heads of the columns, that of the label first.")
    legend: list[str] = Field(description="What each part of a bar is.")
    lines: list[LineOut]


class InsightsOut(Shape):
    """All figures."""

    figures: list[FigureOut]


def team_out(network: Networking, skills: Sequence[str], viewer: Viewer, *, redundancy: int) -> TeamOut:
    """A team with the people it names. Raises `InvalidQuestion`."""
    found = network.team(skills, viewer, redundancy=redundancy)
    covered = [{"skill": skill, "people": n} for skill, n in zip(found.skills, found.covered_by, strict=True)]
    answer = {name: getattr(found, name) for name in TeamOut.model_fields}
    people = known_people(network.finder, viewer, (one.person for one in found.members))
    return TeamOut.of({**answer, "skills": covered}, Known(people))


def risks_out(network: Networking, found: Iterable[Risk], viewer: Viewer) -> list[RiskOut]:
    """Topics with the people they name."""
    risks = list(found)
    named = known_people(network.finder, viewer, (one for risk in risks for one, _ in (*risk.holders, *risk.grow)))
    return [RiskOut.of(risk, Known(named)) for risk in risks]
