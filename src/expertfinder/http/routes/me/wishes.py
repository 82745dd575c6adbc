"""What a person says of themselves: who may find them, what they are named for, what is not theirs, when to ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response

from expertfinder.ask.oneself.me import be_asked, be_seen_by, disown, forget_topic, own, said_by, say_of_topic
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.me import (
    CapacityIn,
    EvidenceIn,
    TopicIn,
    TopicLabel,
    VisibilityIn,
    WishesOut,
    wishes_out,
)
from expertfinder.http.schemas.paths import PostId
from expertfinder.http.schemas.people import NoQuestion

router = APIRouter(prefix="/v1/me", tags=["me"])

Nothing = Annotated[NoQuestion, Query()]
Reader = Annotated[Caller, Security(caller, scopes=["me:read"])]
Writer = Annotated[Caller, Security(caller, scopes=["me:write"])]
Here = Annotated[Door, Depends(door)]


NOTHING_MORE = 204
"""The status of an answer without a body."""


async def _said(here: Door, who: Caller, say: Callable[[], None] = lambda: None) -> Response:
    """Run `say`, which keeps what the caller says, and answer with all that they then say of themselves."""

    def answer() -> Response:
        say()
        return send(wishes_out(said_by(here.finder, who.viewer)))

    return await here.call(answer)


@router.get("/wishes", response_model=WishesOut, responses=problems())
async def read_my_wishes(_: Nothing, who: Reader, here: Here) -> Response:
    """All that the caller said of themselves: visibility, pause, topics, and what is no evidence of them."""
    return await _said(here, who)


@router.put("/visibility", response_model=WishesOut, responses=problems(409, 413))
async def put_my_visibility(said: VisibilityIn, _: Nothing, who: Writer, here: Here) -> Response:
    """Who may find the caller, from the next request on, whatever is imported. They still find themselves."""
    return await _said(here, who, lambda: be_seen_by(here.finder, who.viewer, said.seen_by))


@router.put("/availability", response_model=WishesOut, responses=problems(409, 413))
async def put_my_availability(said: CapacityIn, _: Nothing, who: Writer, here: Here) -> Response:
    """When the caller may be named again, and how often in a week they may be asked. Nobody is told why."""

    def say() -> None:
        be_asked(here.finder, who.viewer, said.paused_until, said.per_week)

    return await _said(here, who, say)


@router.put("/topics/{topic:rest}", response_model=WishesOut, responses=problems(400, 409, 413))
async def put_my_topic(topic: TopicLabel, said: TopicIn, _: Nothing, who: Writer, here: Here) -> Response:
    """What the caller says of a topic, and where they are named for it.

    Who is not listed for a topic is absent from every answer to a question with its words. A topic without evidence
    is an addition: it waits until there is some.
    """

    def say() -> None:
        say_of_topic(here.finder, who.viewer, topic, said.says, said.listed)

    return await _said(here, who, say)


@router.delete("/topics/{topic:rest}", status_code=NOTHING_MORE, responses=problems(400))
async def delete_my_topic(topic: TopicLabel, _: Nothing, who: Writer, here: Here) -> Response:
    """Take back what the caller said of a topic. The answer is the same where nothing was said."""
    await here.call(lambda: forget_topic(here.finder, who.viewer, topic))
    return Response(status_code=NOTHING_MORE)


@router.put("/evidence/{id:full}", response_model=WishesOut, responses=problems(400, 404, 409, 413))
async def put_my_evidence(id: PostId, said: EvidenceIn, _: Nothing, who: Writer, here: Here) -> Response:
    """Let a post that the caller may read be no evidence of them. The post stays as it is."""
    return await _said(here, who, lambda: disown(here.finder, who.viewer, id, said.why))


@router.delete("/evidence/{id:full}", status_code=NOTHING_MORE, responses=problems())
async def delete_my_evidence(id: PostId, _: Nothing, who: Writer, here: Here) -> Response:
    """Take back what the caller said of a post. The answer is the same where nothing was said."""
    await here.call(lambda: own(here.finder, who.viewer, id))
    return Response(status_code=NOTHING_MORE)
