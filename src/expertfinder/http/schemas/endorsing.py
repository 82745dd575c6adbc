"""Shapes of states of posts, regulated topics and nominations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from expertfinder.ask.oneself.nominations import LONGEST_WHY, Answer, Own, Wanted, id_of
from expertfinder.ask.organisation.endorsed import LONGEST_REASON
from expertfinder.ask.organisation.endorsing import stands
from expertfinder.http.context import Door
from expertfinder.http.schemas.me import a_day
from expertfinder.store import Nomination, PostState, Regulated
from expertfinder.store.statements.endorsing import Role, Stands, State

Day = Annotated[date, BeforeValidator(a_day)]


class StateIn(BaseModel):
    """A state that a post is given."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"state": "endorsed", "until": "2030-01-11", "why": "Checked by the board."}]},
    )

    state: State
    until: Day | None = Field(None, description="The first day on which an endorsement holds no more; null: no end.")
    why: str = Field("", max_length=LONGEST_REASON)


class StateOut(BaseModel):
    """A state, who gave it and when."""

    state: State
    until: date | None
    by: str | None = Field(description="Id of who gave it; null where it was given at the prompt.")
    why: str
    at: datetime


class StatesOut(BaseModel):
    """The states of a post, the latest first."""

    stands: str = Field(description="`draft`, `reviewed`, `endorsed`, `withdrawn`, `expired`, or empty for none.")
    states: list[StateOut]


class RegulatedIn(BaseModel):
    """Why a topic is regulated."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"why": "Only approved guidance."}]})

    why: str = Field("", max_length=LONGEST_REASON)


class RegulatedOut(BaseModel):
    """A topic on which only endorsed posts count."""

    topic: str
    why: str
    at: datetime


class RegulatedTopicsOut(BaseModel):
    """All of them, by name."""

    topics: list[RegulatedOut]


class NominationIn(BaseModel):
    """A nomination that is to be made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"to": "demo:m046", "role": "expert", "of": "wireless coverage", "why": "Taught us all."}]
        },
    )

    to: str = Field(min_length=1, max_length=2_100, description="Who is nominated: `source:id`.")
    role: Role = Field(description="`expert` of a topic; `champion`, `sponsor` or `curator` of a community.")
    of: str = Field(min_length=1, max_length=2_100, description="The topic, or the id of a declared community.")
    why: str = Field(min_length=1, max_length=LONGEST_WHY)
    until: Day | None = Field(None, description="The first day on which it holds no more; null: no end.")

    def wanted(self) -> Wanted:
        """The same for the question."""
        return Wanted(subject=self.to, role=self.role, of=self.of, why=self.why, until=self.until)


class NominationsQuestion(BaseModel):
    """Whose, or of what. One of the two is given."""

    model_config = ConfigDict(extra="forbid")

    person: str = Field("", max_length=2_100, description="Of this person.", examples=["demo:m046"])
    of: str = Field("", max_length=2_100, description="For this community or topic.")


class NominationOut(BaseModel):
    """A nomination. Others see it from when the nominated person agreed."""

    id: str = Field(description="By which it is answered.")
    person: str = Field(description="Id of who is nominated.")
    by: str = Field(description="Id of who nominated.")
    role: Role
    of: str = Field(description="The topic, or the id of the community.")
    why: str
    until: date | None
    day: date
    stands: Stands


class NominationsOut(BaseModel):
    """Nominations that the person agreed to and that hold."""

    nominations: list[NominationOut]


class MyNominationsOut(BaseModel):
    """Those of the caller, the newest first."""

    of_me: list[NominationOut] = Field(description="That wait for the caller's answer, or that they agreed to.")
    by_me: list[NominationOut]


class AnswerIn(BaseModel):
    """What is said of a nomination."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"answer": "agree"}]})

    answer: Answer = Field(
        description="`agree`, `decline` (later, too), or `withdraw` for one that the caller made themselves."
    )


def states_out(here: Door, states: Sequence[PostState]) -> StatesOut:
    """The states of a post."""
    return StatesOut(
        stands=stands(states, here.finder.now().date()),
        states=[
            StateOut(state=one.state, until=_date(one.until), by=one.by or None, why=one.why, at=one.at)
            for one in states
        ],
    )


def regulated_out(topics: Sequence[Regulated]) -> RegulatedTopicsOut:
    """The regulated topics."""
    return RegulatedTopicsOut(topics=[RegulatedOut(topic=one.label, why=one.why, at=one.at) for one in topics])


def nomination_out(one: Nomination) -> NominationOut:
    """A nomination."""
    return NominationOut(
        id=id_of(one),
        person=one.subject,
        by=one.person,
        role=one.role,
        of=one.label or one.of,
        why=one.why,
        until=_date(one.until),
        day=date.fromisoformat(one.day),
        stands=one.stands,
    )


def my_nominations_out(own: Own) -> MyNominationsOut:
    """The nominations of the caller, in their shape."""
    return MyNominationsOut(
        of_me=[nomination_out(one) for one in own.of_me], by_me=[nomination_out(one) for one in own.by_me]
    )


def _date(day: str) -> date | None:
    return date.fromisoformat(day) if day else None
