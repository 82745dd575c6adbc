"""Who the caller is to this service."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response

from expertfinder.ask.shapes.experts import SubjectOut
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.people import MeOut, NoQuestion
from expertfinder.policy import UNIT

router = APIRouter(prefix="/v1", tags=["me"])


@router.get("/me", response_model=MeOut, responses=problems())
async def read_me(
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["people:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Through whose eyes this key reads, and what it is for."""

    def answer() -> Response:
        viewer = who.viewer
        person = SubjectOut.of(here.finder.person(viewer.person, viewer)) if viewer.person else None
        return send(
            MeOut(
                person=person,
                groups=sorted(group for group in viewer.groups if not group.startswith(UNIT)),
                scopes=list(who.scopes),
                key=who.key.id if who.key else None,
                expires_at=who.key.expires_at if who.key else None,
                version=here.finder.version(viewer),
            )
        )

    return await here.call(answer)
