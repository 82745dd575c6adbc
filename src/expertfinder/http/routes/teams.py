"""Who covers several skills together."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response

from expertfinder.ask.shapes.teams import TeamOut, team_out
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.http.schemas.teams import TeamQuestion

router = APIRouter(prefix="/v1", tags=["teams"])


@router.post("/teams:search", response_model=TeamOut, responses=problems(400, 413))
async def search_teams(
    asked: TeamQuestion,
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """The smallest, best connected, least loaded group that covers all of the skills that can be covered.

    Who has a skill is whom `find_experts` names for it, so a skill may be left uncovered.
    """
    return await here.call(lambda: send(team_out(here.network, asked.skills, who.viewer, redundancy=asked.redundancy)))
