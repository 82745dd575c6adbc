"""Who should carry it: a set of champions, in the URL or in a body."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response

from expertfinder.ask.shapes.champions import ChampionsOut, champions_out
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.champions import ChampionsQuestion, ChampionsSearch
from expertfinder.http.schemas.people import NoQuestion

router = APIRouter(prefix="/v1", tags=["champions"])


@router.get("/champions", response_model=ChampionsOut, responses=problems(400, 404))
async def find_champions(
    asked: Annotated[ChampionsQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """A set of people who together reach as many as possible, of those who are turned to; each with the reasons, with
    whom the set would not reach without this one, and with who stays unreached.
    """
    return await here.call(
        lambda: send(champions_out(here.network, asked.championship(), who.viewer), fields=asked.fields)
    )


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
    return await here.call(
        lambda: send(champions_out(here.network, asked.championship(), who.viewer), fields=asked.fields)
    )
