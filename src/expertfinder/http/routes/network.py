"""Whom to meet: a person's neighbourhood, the way to somebody, people and communities for a newcomer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response

from expertfinder.ask.shapes.meet import MeetingOut, NetworkOut, PathOut, meeting_out, network_out, path_out
from expertfinder.errors import Forbidden, Unauthenticated
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.meet import MeetingQuestion, PathQuestion
from expertfinder.http.schemas.paths import PersonId
from expertfinder.http.schemas.people import NoQuestion

router = APIRouter(prefix="/v1", tags=["network"])


# These paths come before the shorter ones of people: an id may hold a slash.
@router.get("/people/{id:full}/network", response_model=NetworkOut, responses=problems(404))
async def read_network(
    id: PersonId,
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["people:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Whom a person is tied to, what the person is for the others, in which communities, and who is alike.

    Made of what the whole organisation may read, among people whom the caller may find.
    """
    return await here.call(lambda: send(network_out(here.network, id, who.viewer)))


@router.get("/people/{id:full}/path", response_model=PathOut, responses=problems(404))
async def find_path(
    id: PersonId,
    asked: Annotated[PathQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["people:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Whom to ask through: the nearest people from one to another, past those who have no time."""
    return await here.call(lambda: send(path_out(here.network, id, asked.to, who.viewer)))


@router.get("/people/{id:full}/people-to-meet", response_model=MeetingOut, responses=problems(400, 404))
async def find_people_to_meet(
    id: PersonId,
    asked: Annotated[MeetingQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """People whom somebody has no tie with yet, each with the link that makes an introduction natural, and two
    communities. With `topic`, also who could teach it.
    """
    return await here.call(lambda: _meeting(here, id, asked, who))


@router.get("/me/people-to-meet", response_model=MeetingOut, responses=problems(400))
async def find_people_for_me(
    asked: Annotated[MeetingQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """`find_people_to_meet` for whoever asks; what asks must belong to a person."""
    if who.key is None and who.viewer.person is None:
        raise Unauthenticated("whom to meet is for somebody: say through whose eyes with `as`, or send a key")
    if who.viewer.person is None:
        raise Forbidden("whom to meet is for somebody: use a key that belongs to a person")
    person = who.viewer.person
    return await here.call(lambda: _meeting(here, person, asked, who))


def _meeting(here: Door, person: str, asked: MeetingQuestion, who: Caller) -> Response:
    found = meeting_out(here.network, person, who.viewer, topic=asked.topic, limit=asked.limit)
    return send(found, fields=asked.fields)
