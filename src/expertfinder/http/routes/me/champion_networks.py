"""Sets of champions that people keep as communities of their own, and whom of them to introduce."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Security
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from expertfinder.ask.organisation.champion_networks import FEWEST, LONGEST_NAME, Kept
from expertfinder.ask.shapes.experts import SubjectOut
from expertfinder.ask.shapes.shape import known_people
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.http.schemas.questions import Id
from expertfinder.model import Viewer
from expertfinder.recommend.network.champion_set import MOST

router = APIRouter(prefix="/v1", tags=["me"])

Nothing = Annotated[NoQuestion, Query()]
Reader = Annotated[Caller, Security(caller, scopes=["me:read"])]
Writer = Annotated[Caller, Security(caller, scopes=["me:write"])]
Here = Annotated[Door, Depends(door)]
KeptId = Annotated[
    str, Path(max_length=100, description="The id of its community.", examples=["champions:n2Vb0sJxYk4T"])
]


class KeptIn(BaseModel):
    """A set to keep."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Safety champions", "people": ["demo:m046", "demo:m163"]}]},
    )

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    people: list[Id] = Field(min_length=FEWEST, max_length=MOST, description="The champions: ids, `source:id`.")


class IntroducedOut(BaseModel):
    """Two champions who had no tie when the set was kept."""

    one: SubjectOut
    other: SubjectOut
    since: datetime = Field(description="When it was suggested that they meet.")
    met: bool = Field(description="Whether they turn to each other, or work together, by now.")


class KeptOut(BaseModel):
    """A kept set, which is a community under the same id."""

    id: str
    name: str
    mine: bool = Field(description="Whether the caller keeps it; otherwise they are in it.")
    people: list[SubjectOut]
    introductions: list[IntroducedOut]


class KeptSetsOut(BaseModel):
    """The sets that the caller keeps or is in."""

    sets: list[KeptOut]


@router.post("/me/champion-networks", response_model=KeptOut, responses=problems(400, 404, 413))
async def keep_champions(said: KeptIn, _: Nothing, who: Writer, here: Here) -> Response:
    """Keep a set of champions as a community, which only the caller and those in it may read.

    Which of them had better meet is written down with it, and what becomes of that is told.
    """

    def answer() -> Response:
        kept = here.champion_networks.keep(said.name, said.people, who.viewer)
        return send(_out(here, [kept], who.viewer)[0])

    return await here.call(answer)


@router.get("/me/champion-networks", response_model=KeptSetsOut, responses=problems())
async def list_my_champion_networks(_: Nothing, who: Reader, here: Here) -> Response:
    """The sets that the caller keeps or is in, with what became of the introductions."""
    return await here.call(
        lambda: send(KeptSetsOut(sets=_out(here, here.champion_networks.listed(who.viewer), who.viewer)))
    )


@router.delete("/me/champion-networks/{id:full}", status_code=204, responses=problems(404))
async def leave_champions(id: KeptId, _: Nothing, who: Writer, here: Here) -> Response:
    """End a set that the caller keeps, or leave one that they are in."""
    await here.call(lambda: here.champion_networks.leave(id, who.viewer))
    return Response(status_code=204)


def _out(here: Door, sets: Sequence[Kept], viewer: Viewer) -> list[KeptOut]:
    known = known_people(here.finder, viewer, [one for kept in sets for one in kept.community.members])
    return [
        KeptOut(
            id=kept.community.id,
            name=kept.community.name,
            mine=kept.mine,
            people=[SubjectOut.of(known[one]) for one in kept.community.members if one in known],
            introductions=[
                IntroducedOut(
                    one=SubjectOut.of(known[one.one]),
                    other=SubjectOut.of(known[one.other]),
                    since=one.since,
                    met=one.met,
                )
                for one in kept.introductions
                if one.one in known and one.other in known
            ],
        )
        for kept in sets
    ]
