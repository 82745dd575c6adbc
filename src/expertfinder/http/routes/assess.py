"""How well does this person know this? Answered with a scope of its own, and never without the person being told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from pydantic import BaseModel, Field
from starlette.responses import Response

from expertfinder.ask.finder import LONGEST_QUESTION
from expertfinder.ask.found import FEWEST_ASKERS, asked_about, looked_at
from expertfinder.ask.organisation.talent import purpose_of
from expertfinder.ask.shapes.experts import AssessmentOut, assessment_out
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.experts import Evidence, Words
from expertfinder.http.schemas.paths import PersonId
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.model import Query as Question

ASSESSED = "assess"
"""The event under which the audit log has an assessment."""

router = APIRouter(prefix="/v1", tags=["assess"])


class AssessQuestion(Evidence):
    """What the person should know, and by which of their posts it is told."""

    text: str = Field(
        "",
        max_length=LONGEST_QUESTION,
        description="The text: a word or a page.",
        examples=["Where to hang access points so that scanners keep their network"],
    )
    topic: Words = Field([], description="Topics to add to the text.", examples=[["wireless coverage"]])
    kind: Words = Field([], description="Only evidence in posts of these kinds.", examples=[["answer"]])


class LookOut(BaseModel):
    """One line of the audit log about the caller."""

    at: datetime
    event: str = Field(examples=[ASSESSED])
    actor: str | None = Field(description="Who it was, where the caller may find them.")
    purpose: str = Field(description="What a talent question was for; else empty.")


class AskedOut(BaseModel):
    """How many different people asked about a topic of the caller in a week."""

    week: date
    topic: str
    askers: int = Field(ge=FEWEST_ASKERS)


class LooksOut(BaseModel):
    """Who looked at the caller: by name where it is logged, ordinary questions in numbers; the newest first."""

    lines: list[LookOut]
    asked: list[AskedOut] = Field(description="Nothing is told of a week with fewer askers.")


# The id may hold a slash, so this route stands before the shorter paths of people.
@router.post("/people/{id:full}/expertise:assess", response_model=AssessmentOut, responses=problems(400, 404, 413))
async def assess_expertise(
    id: PersonId,
    asked: AssessQuestion,
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:assess"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """How well a person knows what a text is about, between 0 and 1, with the posts that speak for it.

    It is written to the audit log with who asked and about whom, never with the text; the person sees it there.
    """

    def answer() -> Response:
        question = Question(text=asked.text, topics=tuple(asked.topic), kinds=tuple(asked.kind), **asked.evidence())
        found = assessment_out(here.finder, question, id, who.viewer)
        # Logged before it is sent, so that no assessment is sent that its person cannot see.
        here.audit(actor(who), ASSESSED, found.subject.id, through(who))
        return send(found)

    return await here.call(answer)


def actor(who: Caller) -> str:
    """Who asks, as the audit log names them: the id of the person, else `key:<id>`."""
    return who.viewer.person or f"key:{who.key.id if who.key else ''}"


def through(who: Caller) -> str:
    """`through <program>` for the program that acts for the caller, as the audit log has it; empty where none acts."""
    return f"through {who.actor}" if who.actor else ""


@router.get("/me/audit", response_model=LooksOut, responses=problems())
async def read_my_audit(
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["people:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Who looked at the person of this key in a way that is logged, the newest first; empty for the shared tier.

    Ordinary questions are told by week, from five different people on who asked about a topic of theirs.
    """

    def answer() -> Response:
        lines = looked_at(here.finder, who.viewer)
        asked = asked_about(here.finder, who.viewer) if who.viewer.person else []
        return send(
            LooksOut(
                lines=[
                    LookOut(at=one.at, event=one.event, actor=one.actor or None, purpose=purpose_of(one))
                    for one in lines
                ],
                asked=[AskedOut(week=one.week, topic=one.topic, askers=one.askers) for one in asked],
            )
        )

    return await here.call(answer)
