"""Where do such people meet: all communities, those for a question or a person, and one of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response

from expertfinder.ask.shapes.communities import CommunitiesOut, CommunityViewOut, community_out, ranked_communities_out
from expertfinder.ask.shapes.cursors import Cursors
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.communities import CommunitiesQuestion, MembersQuestion
from expertfinder.http.schemas.paths import CommunityId
from expertfinder.model import Query as Question
from expertfinder.model import Viewer
from expertfinder.recommend.network.champion_set import NO_COMMUNITY

router = APIRouter(prefix="/v1", tags=["communities"])


@router.get("/communities", response_model=CommunitiesOut, responses=problems(400, 404))
async def list_communities(
    asked: Annotated[CommunitiesQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """All communities, declared and detected; with `q` those where people meet who know this; with `person` those that
    would suit somebody who is not in them. A ranked answer has the reasons, like one with people.
    """
    return await here.call(lambda: send(communities_out(here, asked, who.viewer), fields=asked.fields))


def communities_out(here: Door, asked: CommunitiesQuestion, viewer: Viewer) -> CommunitiesOut:
    """The answer to a question about communities, ranked for a question or a person, else a page of all.

    Raises `InvalidQuestion` where the parameters contradict one another, `NotFound` for a person or a community that is
    not there (`after` names a community).
    """
    if (asked.q.strip() or asked.person) and (asked.kind or asked.after):
        raise InvalidQuestion("`kind` and `after` are for the list of all: leave them out, or `q` and `person`")
    if not asked.q.strip() and any(asked.evidence().values()):
        raise InvalidQuestion("filters are for a question: give `q`, or leave them out")
    if asked.q.strip() and asked.person:
        raise InvalidQuestion("communities are for a question or for a person: give one of them")
    if asked.person:
        ranking = here.network.communities(viewer, person=asked.person, limit=asked.limit)
    elif asked.q.strip():
        ranking = here.network.communities(viewer, query=Question(text=asked.q, limit=asked.limit, **asked.evidence()))
    else:
        return _listed(here, asked, viewer)
    return ranked_communities_out(here.network, ranking, viewer)


def _listed(here: Door, asked: CommunitiesQuestion, viewer: Viewer) -> CommunitiesOut:
    version = here.network.version(viewer)
    every = [one for one in here.network.all_communities(viewer) if asked.kind in (None, one[0].kind)]
    cursors = Cursors(here.finder.secret, viewer, ("communities", asked.kind or ""))
    start = 0
    if asked.after:
        places = {community.id: place for place, (community, _) in enumerate(every)}
        last = cursors.entry(asked.after)
        if last not in places:  # the community was removed meanwhile
            raise NotFound(NO_COMMUNITY)
        start = places[last] + 1
    page = every[start : start + asked.limit]
    answer = {
        "communities": page,
        "next": cursors.at(page[-1][0].id) if page and start + asked.limit < len(every) else None,
        "recommendations": [],
        "abstained": None,
        "confidence": None,
        "notes": [],
        "version": version,
    }
    return CommunitiesOut.of(answer)


@router.get("/communities/{id:full}", response_model=CommunityViewOut, responses=problems(404))
async def read_community(
    id: CommunityId,
    asked: Annotated[MembersQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """A community: its people as far as the caller may find them, and what binds it.

    One that the caller may not read is not found.
    """
    return await here.call(
        lambda: send(community_out(here.network, id, who.viewer, after=asked.after, limit=asked.limit))
    )
