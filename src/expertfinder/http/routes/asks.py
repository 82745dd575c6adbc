"""Turning to somebody whom an answer named: kept where the asker agrees."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Security
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from expertfinder.ask.finder import LONGEST_QUESTION
from expertfinder.ask.oneself.asks import LONGEST_WHY, mail_link, note_ask
from expertfinder.errors import Forbidden, Unauthenticated
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.people import NoQuestion

router = APIRouter(prefix="/v1", tags=["experts"])


class AskIn(BaseModel):
    """Somebody is asked, and the asker agrees that it is kept."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"text": "wireless coverage in the warehouse", "to": "demo:m046", "agreed": True}]
        },
    )

    text: str = Field(min_length=1, max_length=LONGEST_QUESTION, description="The question.")
    to: str = Field(min_length=1, max_length=2_100, description="Who is asked: `source:id`.")
    why: str = Field("", max_length=LONGEST_WHY, description="Why this person.")
    agreed: Literal[True] = Field(description="That the ask may be kept, with the question, for the two to see.")


class AskOut(BaseModel):
    """What was kept, and a link to write to them."""

    to: str
    day: str
    mail: str | None = Field(description="Opens a mail with the question in it; null without an address.")


@router.post("/asks", response_model=AskOut, responses=problems(400, 404, 409, 413))
async def note_my_ask(
    said: AskIn,
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Turn to somebody whom an answer named. It counts as one ask of the day, for how often they wish to be asked.

    The key must belong to a person. The two see it in what is kept about them, and nobody else does.
    """

    def answer() -> Response:
        if who.is_demo:
            raise Unauthenticated("the demonstration mode is for looking; this needs a key even here")
        if who.viewer.person is None:
            raise Forbidden("an ask belongs to a person: use a key that does")
        kept = note_ask(here.finder, who.viewer, to=said.to, text=said.text, why=said.why)
        return send(AskOut(to=kept.subject, day=kept.day, mail=mail_link(here.finder, who.viewer, kept)))

    return await here.call(answer)
