"""Whether the process lives, and whether it can answer. Both are open to all, so they tell nothing about anybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from expertfinder.errors import NotReady, Stale
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.http.schemas.problems import HealthOut, ReadyOut

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=HealthOut, responses=problems(always=(422, 500)))
async def health(_: Annotated[NoQuestion, Query()]) -> Response:
    """The process lives."""
    return send(HealthOut(status="ok"))


@router.get("/readyz", response_model=ReadyOut, responses=problems(always=(422, 500, 503)))
async def readiness(_: Annotated[NoQuestion, Query()], here: Annotated[Door, Depends(door)]) -> Response:
    """There is an index to answer from, and new facts are picked up.

    Where they were not for a minute longer than the pause between two looks (`EXPERTFINDER_REFRESH_SECONDS`), the
    service goes on answering from what it has, and this is a 503 of the type `stale`.
    """
    if not here.finder.ready:
        raise NotReady("nothing has been indexed yet; run `expertfinder ingest`")
    age = here.watcher.age()
    if age is not None and age > here.watcher.bound:
        raise Stale(
            f"new facts were last looked for {age:.0f} seconds ago, and {here.watcher.bound:.0f} are allowed; "
            "the log of the service says what is in the way",
            seconds=int(age),
        )
    return send(
        ReadyOut(status="ok", last_look_seconds=None if age is None else int(age), index=here.finder.index_state)
    )
