"""Who knows this: the question in the URL, and the same with a longer text in a body."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Security
from starlette.background import BackgroundTask
from starlette.responses import Response

from expertfinder.ask.answer import meeting
from expertfinder.ask.quoting import find_quoted
from expertfinder.ask.shapes.answers import AnswerOut, answer_out
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.middleware import PEOPLE
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.experts import ExpertsQuestion, ExpertsSearch
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.model import Query as Question
from expertfinder.model import Viewer

router = APIRouter(prefix="/v1", tags=["experts"])


async def _answer(here: Door, question: Question, viewer: Viewer, request: Request, *, fields: str) -> Response:
    met = True

    def answer() -> Response:
        nonlocal met
        ranking = find_quoted(here.finder, question, viewer)
        met = ranking.abstained is None
        beside = meeting(lambda: here.network, question, ranking, viewer)
        found = answer_out(here.finder, ranking, viewer, beside=beside)
        request.scope[PEOPLE] = {"shown": len(found.named) + len(found.recommendations)}
        return send(found, fields=fields)

    response = await here.call(answer)
    response.background = BackgroundTask(here.call, lambda: here.note(question, viewer, met=met))
    return response


@router.get("/experts", response_model=AnswerOut, responses=problems(400))
async def find_experts(
    asked: Annotated[ExpertsQuestion, Query()],
    request: Request,
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Rank the people who know most about a question, from what the caller may read, each with the reasons.

    A question that is somebody's name is answered with that person in `named`, beside the experts for its words.
    Who asks is never in the answer. When nobody stands out the answer says so in `abstained`, and `communities` has
    where such people meet. `clear` says how many of the people are more than a try.
    """
    return await _answer(here, asked.query(asked.q, asker=who.viewer.person), who.viewer, request, fields=asked.fields)


@router.post("/experts:search", response_model=AnswerOut, responses=problems(400, 413))
async def search_experts(
    asked: ExpertsSearch,
    _: Annotated[NoQuestion, Query()],
    request: Request,
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """`find_experts` for a question that is too long for a URL, or too private: URLs are logged on the way."""
    return await _answer(
        here, asked.query(asked.text, asker=who.viewer.person), who.viewer, request, fields=asked.fields
    )
