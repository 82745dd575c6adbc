"""What a person is told of themselves: what is kept, how others find them; and how they take it away or leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response, StreamingResponse

from expertfinder.ask.found import found
from expertfinder.ask.oneself.erasing import erase_person
from expertfinder.ask.oneself.held import held, lines
from expertfinder.ask.oneself.me import records_of
from expertfinder.ask.oneself.recognition import recognition
from expertfinder.ask.organisation.roles import own_role
from expertfinder.ask.shapes.experts import SubjectOut
from expertfinder.errors import InvalidQuestion
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.pages.takeout import takeout
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.me import (
    EraseQuestion,
    ExpectedOut,
    ExportQuestion,
    FoundOut,
    FoundQuestion,
    HeldOut,
    RecognitionOut,
    RoleOut,
    found_out,
    held_out,
)
from expertfinder.http.schemas.people import MeOut, NoQuestion
from expertfinder.policy import told_groups

NDJSON = "application/x-ndjson"

AS_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media: {"schema": {"type": "string"}} for media in (NDJSON, "text/html")}}
}

router = APIRouter(prefix="/v1/me", tags=["me"])


@router.get("", response_model=MeOut, responses=problems())
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
                groups=sorted(told_groups(viewer)),
                scopes=list(who.scopes),
                key=who.key.id if who.key else None,
                expires_at=who.key.expires_at if who.key else None,
                version=here.finder.version(viewer),
            )
        )

    return await here.call(answer)


Reader = Annotated[Caller, Security(caller, scopes=["me:read"])]
Here = Annotated[Door, Depends(door)]


@router.get("/held", response_model=HeldOut, responses=problems())
async def read_my_data(_: Annotated[NoQuestion, Query()], who: Reader, here: Here) -> Response:
    """What is kept about the caller and where it comes from, counted; the export has all of it."""
    return await here.call(lambda: send(held_out(held(here.finder, who.viewer))))


@router.get("/role", response_model=RoleOut, responses=problems())
async def read_my_role(_: Annotated[NoQuestion, Query()], who: Reader, here: Here) -> Response:
    """What the caller's role asks for, as the organisation says, beside what their evidence shows; for them alone."""

    def answer() -> Response:
        role = own_role(here.finder, who.viewer)
        expected = [ExpectedOut(**asdict(one)) for one in role.expected] if role else []
        return send(RoleOut(role=role.role if role else "", expected=expected))

    return await here.call(answer)


@router.get("/profile", response_model=FoundOut, responses=problems(400))
async def read_my_profile(asked: Annotated[FoundQuestion, Query()], who: Reader, here: Here) -> Response:
    """How everybody finds the caller: their topics, what waits for evidence, and where they stand for a question."""
    return await here.call(
        lambda: send(found_out(found(here.finder, who.viewer, text=asked.q), here.insights.quiet(who.viewer)))
    )


@router.get("/recognition", response_model=RecognitionOut, responses=problems())
async def read_my_recognition(_: Annotated[NoQuestion, Query()], who: Reader, here: Here) -> Response:
    """Help of the caller's that worked, as it may be taken away; and what did not, for them alone."""
    return await here.call(lambda: send(RecognitionOut.of(recognition(here.finder, who.viewer))))


@router.get(
    "/export",
    response_class=StreamingResponse,
    response_model=None,
    responses={**AS_FILES, **problems()},
)
async def export_my_data(asked: Annotated[ExportQuestion, Query()], who: Reader, here: Here) -> Response:
    """Everything that is kept about the caller, to take away: a line of JSON for each thing, or a page to read."""
    viewer = who.viewer
    await here.call(lambda: records_of(here.finder, viewer))  # a refusal must come before the first byte
    if asked.format == "html":
        return await here.call(lambda: takeout(lines(here.finder, viewer), who))
    return StreamingResponse(
        _packed(here, who),
        media_type=NDJSON,
        headers={"Content-Disposition": 'attachment; filename="me.ndjson"'},
    )


def _packed(here: Door, who: Caller) -> Iterator[bytes]:
    for line in lines(here.finder, who.viewer):
        yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


@router.delete("", status_code=204, responses=problems(400))
async def erase_me(
    asked: Annotated[EraseQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["me:write"])],
    here: Here,
) -> Response:
    """Forget the caller for good, with all that is proven to be theirs; `confirm` has their id. There is no way back.

    They are gone from the next request on; no byte of them is left once the index has been made anew.
    """

    def answer() -> Response:
        records_of(here.finder, who.viewer)
        person = here.finder.person(who.viewer.person or "", who.viewer).id
        if asked.confirm not in (person, who.viewer.person):
            raise InvalidQuestion(f"to be forgotten for good, say so: confirm={person}")
        erase_person(here.finder, who.viewer.person or "", here.now())
        here.forget()
        return Response(status_code=204)

    return await here.call(answer)
