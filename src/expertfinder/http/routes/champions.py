"""Who should carry it: a set of champions, in the URL or in a body."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response

from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.routes.communities import known_people
from expertfinder.http.schemas.champions import ChampionsOut, ChampionsQuestion, ChampionsSearch
from expertfinder.http.schemas.communities import MOST_SHOWN
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.model import Viewer

router = APIRouter(prefix="/v1", tags=["champions"])


def champions_out(here: Door, asked: ChampionsQuestion, viewer: Viewer) -> ChampionsOut:
    """A set with the people it names. Raises `InvalidQuestion` and `NotFound`."""
    found = here.network.champions(asked.championship(), viewer)
    chosen = [one.subject for one in found.ranking.recommendations]
    return ChampionsOut.of(found, known_people(here, viewer, [*chosen, *found.unreached[:MOST_SHOWN]]))


@router.get("/champions", response_model=ChampionsOut, responses=problems(400, 404))
async def find_champions(
    asked: Annotated[ChampionsQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """A set of people who together reach as many as possible, of those who are turned to; each with the reasons, with
    whom the set would not reach without this one, and with who stays unreached.
    """
    return await here.call(lambda: send(champions_out(here, asked, who.viewer)))


@router.post("/champions", response_model=ChampionsOut, responses=problems(400, 404, 413))
async def choose_champions(
    asked: ChampionsSearch,
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """`find_champions` with people: champions who stay, who has been proposed, and who does not wish to.

    What would the set be without somebody? Name them among the `unwilling`.
    """
    return await here.call(lambda: send(champions_out(here, asked, who.viewer)))
