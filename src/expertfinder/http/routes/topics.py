"""What can be known about here: topics of what the whole organisation may read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response

from expertfinder.ask.shapes.people import TopicsOut, topics_out
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.people import TopicsQuestion

router = APIRouter(prefix="/v1", tags=["topics"])


@router.get("/topics", response_model=TopicsOut, responses=problems())
async def list_topics(
    asked: Annotated[TopicsQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Topics whose label, or a word of it, begins with `prefix`, most used first.

    Made of the shared tier alone, the same for every caller.
    """
    return await here.call(lambda: send(topics_out(here.finder, who.viewer, prefix=asked.prefix, limit=asked.limit)))
