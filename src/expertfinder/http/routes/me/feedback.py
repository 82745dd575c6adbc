"""Feedback: whoever asked says whether a recommendation helped. The organisation's weights are learned from it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from expertfinder.ask.feedback import keep_feedback
from expertfinder.ask.finder import LONGEST_QUESTION
from expertfinder.errors import Forbidden, Unauthenticated
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.store import Feedback

router = APIRouter(prefix="/v1", tags=["experts"])


class FeedbackIn(BaseModel):
    """Whether a recommendation helped."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        min_length=1,
        max_length=LONGEST_QUESTION,
        description="The question that was asked.",
        examples=["wireless coverage in the warehouse"],
    )
    subject: str = Field(
        min_length=1, max_length=2_100, description="Who was recommended: `source:id`.", examples=["demo:m046"]
    )
    helpful: bool


class FeedbackOut(BaseModel):
    """What was kept; it takes the place of what the same person said before about the same."""

    subject: str
    helpful: bool


@router.post("/feedback", response_model=FeedbackOut, responses=problems(400, 404, 409, 413))
async def give_feedback(
    said: FeedbackIn,
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Say whether somebody who was recommended for a question helped. The key must belong to a person.

    The question's text is kept with it, because weights are learned from it (`expertfinder tune`). Where the caller
    turned to the person with this question (`POST /v1/asks`) and says that it did not help, the person counts less for
    its topic, by a tenth at most, and everybody sees since when; nobody else sees why.
    """

    def answer() -> Response:
        if who.is_demo:
            raise Unauthenticated("the demonstration mode is for looking; this needs a key even here")
        if who.viewer.person is None:
            raise Forbidden("feedback belongs to a person: use a key that does")
        feedback = Feedback(
            person=who.viewer.person, subject=said.subject, text=said.text, helpful=said.helpful, at=here.now()
        )
        kept = keep_feedback(here.finder, feedback, who.viewer)
        return send(FeedbackOut(subject=kept.subject, helpful=kept.helpful))

    return await here.call(answer)
