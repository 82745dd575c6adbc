"""Whether the process lives and whether it answers. Open to all, so they say one word and nothing of anybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from expertfinder.errors import NotReady
from expertfinder.http.door import Door, door
from expertfinder.http.respond import problems, send
from expertfinder.http.schemas import NoQuestion, ReadyOut

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=ReadyOut, responses=problems(always=(422, 500)))
async def health(_: Annotated[NoQuestion, Query()]) -> Response:
    """The process lives."""
    return send(ReadyOut(status="ok"))


@router.get("/readyz", response_model=ReadyOut, responses=problems(always=(422, 500, 503)))
async def readiness(_: Annotated[NoQuestion, Query()], here: Annotated[Door, Depends(door)]) -> Response:
    """There is an index to answer from."""
    if not here.finder.ready:
        raise NotReady("nothing has been indexed yet; run `expertfinder ingest`")
    return send(ReadyOut(status="ok"))
