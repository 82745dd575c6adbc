"""Talent questions, and their log for people who watch over them: each of the two needs a scope of its own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from expertfinder.ask.finder import LONGEST_QUESTION
from expertfinder.ask.found import MOST_LINES
from expertfinder.ask.organisation.talent import MOST_IN_SLATE, Need, watched
from expertfinder.ask.shapes.talent import AuditOut, SlateOut, audit_out, slate_out
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.routes.assess import actor
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.recommend.network.teams import MOST_SKILLS

router = APIRouter(prefix="/v1", tags=["talent"])


class NeedIn(BaseModel):
    """One thing that is needed, and who may be meant."""

    model_config = ConfigDict(extra="forbid")

    skill: str = Field(
        min_length=1,
        max_length=LONGEST_QUESTION,
        description="A skill in plain words, or a topic of the organisation (`topic:label`).",
    )
    place: str = Field("", max_length=200, description="Only people at this place.")
    unit: str = Field("", max_length=200, description="Only people of this part of the organisation.")
    language: str = Field("", max_length=35, description="Only people who speak it.")
    availability: str = Field("", max_length=200, description="Only people whose cards say so of their availability.")
    zone: str = Field("", max_length=100, description="Only people of this time zone, as in a question.")


class SlateQuestion(BaseModel):
    """What is needed, and for what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"purpose": "staffing", "needs": [{"skill": "wireless coverage"}]}]},
    )

    purpose: str = Field(max_length=200, description="One of those that the organisation named.")
    needs: Annotated[list[NeedIn], Field(min_length=1, max_length=MOST_SKILLS)]
    size: Annotated[int, Field(ge=1, le=MOST_IN_SLATE, description="People, at most.")] = 10


class AuditQuestion(BaseModel):
    """How many lines."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=MOST_LINES, description="Lines, the newest first.")] = 100


@router.post("/slates", response_model=SlateOut, responses=problems(400, 413))
async def make_slate(
    asked: SlateQuestion,
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["talent:ask"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Who covers what a job needs, what nobody covers, and who could grow into it: in bands, without a score.

    It is written to the audit log with who asked, the purpose and whom it names, never with the needs; each person who
    is named sees it, and so does who has the scope `audit:read`. Off unless the organisation named purposes.
    """

    def answer() -> Response:
        needs = [Need(**one.model_dump()) for one in asked.needs]
        found = here.talent.slate(needs, who.viewer, purpose=asked.purpose, size=asked.size, actor=actor(who))
        return send(slate_out(here.finder, found, who.viewer))

    return await here.call(answer)


@router.get("/audit", response_model=AuditOut, responses=problems())
async def read_audit(
    asked: Annotated[AuditQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["audit:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Who asked talent questions and assessed people, for what and about whom, the newest first.

    For who watches over it, such as a works council. People whom the caller may not find are left out as subjects.
    """
    return await here.call(lambda: send(audit_out(watched(here.finder, who.viewer, limit=asked.limit))))
