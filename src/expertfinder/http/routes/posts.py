"""A post: the evidence itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response

from expertfinder.ask.shapes.people import PostOut, post_out
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.paths import PostId
from expertfinder.http.schemas.people import NoQuestion

router = APIRouter(prefix="/v1", tags=["posts"])


@router.get("/posts/{id:full}", response_model=PostOut, responses=problems(404))
async def read_post(
    id: PostId,
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["people:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """A post that the caller may read."""
    return await here.call(lambda: send(post_out(here.finder, id, who.viewer)))
