"""A statement of help that worked, to take away: an Open Badges 3.0 credential, as a JWT that anybody can check.

It is signed with the first key of a file (Ed25519; `expertfinder key badges` makes and rotates it). Earlier keys stay
in the file, so that older badges can be checked. A badge that was taken away cannot be erased. It can be revoked: the
person may do so, and it happens when they leave.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response

from expertfinder.ask.oneself.badges import issue_badge, revoke_badges, revoked
from expertfinder.errors import NotFound
from expertfinder.http.auth import Caller, caller
from expertfinder.http.badges import Signing
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.badges import BadgeKeysOut
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.model import Viewer

BADGE_TYPE = "application/vc+jwt"
"""The type of a credential that is a JWT (W3C, Securing Verifiable Credentials using JOSE and COSE)."""

router = APIRouter(tags=["me"])
SIGNED = {"content": {BADGE_TYPE: {"schema": {"type": "string"}}}}
OPENLY = (422, 500, 503)
"""Statuses of errors that an operation without a key can answer."""
Writer = Annotated[Caller, Security(caller, scopes=["me:write"])]
Nothing = Annotated[NoQuestion, Query()]
Here = Annotated[Door, Depends(door)]


def signing(here: Door) -> Signing:
    """The signing of this service. Raises `NotFound` where it signs nothing."""
    if here.signing is None:
        raise NotFound("no badges are signed here")
    return here.signing


def signed_badge(here: Door, viewer: Viewer) -> str:
    """A new badge of the viewer, as a JWT.

    Raises `Forbidden`, `InvalidQuestion` where there is no help to state, `NotFound` where nothing signs, and
    `NotReady` where the file of keys cannot be used.
    """
    signed = signing(here)
    about, number = issue_badge(here.finder, viewer)
    name = here.finder.person(viewer.person or "", viewer).name
    at = here.now().isoformat(timespec="seconds").replace("+00:00", "Z")
    return signed.sign(signed.badge(number, about, name, at))


@router.post(
    "/v1/me/recognition/badge",
    status_code=201,
    response_class=Response,
    response_model=None,
    responses={201: SIGNED, **problems(400, 404)},
)
async def take_badge(_: Nothing, who: Writer, here: Here) -> Response:
    """Help that worked, of the caller, as a credential to take away."""

    return await here.call(lambda: Response(signed_badge(here, who.viewer), status_code=201, media_type=BADGE_TYPE))


@router.delete("/v1/me/recognition/badge", status_code=204, responses=problems())
async def revoke_my_badges(_: Nothing, who: Writer, here: Here) -> Response:
    """Revoke every badge that the caller took away."""
    await here.call(lambda: revoke_badges(here.finder, who.viewer))
    return Response(status_code=204)


@router.get("/badges/keys", response_model=BadgeKeysOut, responses=problems(404, always=OPENLY))
async def read_badge_keys(_: Nothing, here: Here) -> Response:
    """The keys by which anybody checks a badge."""
    return await here.call(lambda: send(BadgeKeysOut.model_validate({"keys": signing(here).public()})))


@router.get(
    "/badges/status",
    response_class=Response,
    response_model=None,
    responses={200: SIGNED, **problems(404, always=OPENLY)},
)
async def read_badge_status(_: Nothing, here: Here) -> Response:
    """Which badges are revoked, signed: places say nothing of whose they are."""

    def answer() -> Response:
        signed = signing(here)
        return Response(signed.sign(signed.status(revoked(here.finder))), media_type=BADGE_TYPE)

    return await here.call(answer)
