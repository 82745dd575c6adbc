"""What somebody who is typing may mean, and people by what they are called."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Security
from starlette.responses import Response

from expertfinder.ask.finder import SHOWN
from expertfinder.ask.shapes.people import PeopleOut, SuggestionsOut
from expertfinder.ask.suggest import find_people as people_called
from expertfinder.ask.suggest import suggest as suggestions_for
from expertfinder.http.auth import Caller, caller, count_seen
from expertfinder.http.context import Door, door
from expertfinder.http.middleware import PEOPLE
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.suggest import PeopleQuestion, SuggestQuestion
from expertfinder.model import Suggestions

router = APIRouter(prefix="/v1", tags=["people"])


def suggested(here: Door, request: Request, text: str, who: Caller) -> Suggestions:
    """Suggestions for a text, counted for the caller.

    Raises `TooManyRequests` where the caller asks too often or would see too many people, `InvalidQuestion` for a text
    of one letter.
    """
    here.allowance.take(who.name)
    count_seen(here, who, suggested=True)
    found = suggestions_for(here.finder, text, who.viewer)
    told = SHOWN.get()
    if told is not None:
        told(one.id for one in found.found if one.kind == "person")
    request.scope[PEOPLE] = {"suggested": sum(one.kind == "person" for one in found.found)}
    return found


@router.get("/suggest", response_model=SuggestionsOut, responses=problems(400, 429))
async def suggest(
    asked: Annotated[SuggestQuestion, Query()],
    request: Request,
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """What somebody who is typing may mean: people, topics, communities and units that the caller may find or read.

    Eight at most, and for a text that names nothing here perhaps another one (`did_you_mean`). Nobody is judged by it;
    `find_experts` says who knows something.
    """
    return await here.call(lambda: send(SuggestionsOut.of(suggested(here, request, asked.q, who)), fields=asked.fields))


@router.get("/people", response_model=PeopleOut, responses=problems(400, 429))
async def find_people(
    asked: Annotated[PeopleQuestion, Query()],
    request: Request,
    who: Annotated[Caller, Security(caller, scopes=["people:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """People by name, half a name, handle, title or unit, also after a slip of the pen; eight at most, no next page."""

    def answer() -> Response:
        here.allowance.take(who.name)
        count_seen(here, who, suggested=True)
        found = people_called(here.finder, asked.q, who.viewer)
        request.scope[PEOPLE] = {"suggested": len(found)}
        version = here.finder.version(who.viewer)
        return send(PeopleOut.of({"people": found, "version": version}), fields=asked.fields)

    return await here.call(answer)
