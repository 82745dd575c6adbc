"""A post: the evidence itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response

from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.paths import PostId
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.people import NoQuestion, PostOut
from expertfinder.model import Viewer

router = APIRouter(prefix="/v1", tags=["posts"])


def post_out(here: Door, post_id: str, viewer: Viewer) -> PostOut:
    """A post with the names of its authors, as far as the viewer may find them. Raises `NotFound`."""
    post = here.finder.post(post_id, viewer)
    return PostOut.of(post, here.finder.people(viewer, ids=post.authors))


@router.get("/posts/{id:full}", response_model=PostOut, responses=problems(404))
async def read_post(
    id: PostId,
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["people:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """A post that the caller may read."""
    return await here.call(lambda: send(post_out(here, id, who.viewer)))
