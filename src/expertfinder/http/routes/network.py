"""Whom to meet: a person's neighbourhood, the way to somebody, people and communities for a newcomer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response

from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.paths import PersonId
from expertfinder.http.responses import problems, send
from expertfinder.http.routes.communities import known_communities, known_people
from expertfinder.http.schemas.communities import CommunityOut, CommunityRecommendationOut
from expertfinder.http.schemas.experts import SubjectOut
from expertfinder.http.schemas.meet import (
    MeetingOut,
    MeetingQuestion,
    NetworkOut,
    PathOut,
    PathQuestion,
    PeopleRankingOut,
    RoleOut,
    SimilarOut,
)
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.model import Viewer

COMMUNITIES_TO_MEET = 2
"""A newcomer gets three people and two communities: more is a directory."""

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
    return await here.call(lambda: send(network_out(here, id, who.viewer)))


def network_out(here: Door, person: str, viewer: Viewer) -> NetworkOut:
    """The neighbourhood of a person. Raises `NotFound`."""
    version = here.network.version(viewer)
    around = here.network.around(person, viewer)
    similar = here.network.similar(person, viewer)
    people = known_people(here, viewer, [around.person, *around.people, *(other for other, _ in similar)])
    mine = known_communities(here, viewer, [one.id for one in here.network.communities_of(person, viewer)])
    shown = NetworkOut.of(around, people)
    shown.roles = [RoleOut.of(role) for role in here.network.roles(person, viewer)]
    shown.communities = [CommunityOut.of(*one) for one in mine.values()]
    shown.similar = [
        SimilarOut(subject=SubjectOut.of(people[other]), cosine=min(max(cosine, -1.0), 1.0))
        for other, cosine in similar
        if other in people
    ]
    shown.version = version
    return shown


@router.get("/people/{id:full}/path", response_model=PathOut, responses=problems(404))
async def find_path(
    id: PersonId,
    asked: Annotated[PathQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["people:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Whom to ask through: the nearest people from one to another, past those who have no time."""

    def answer() -> Response:
        version = here.network.version(who.viewer)
        found = here.network.path(id, asked.to, who.viewer)
        people = known_people(here, who.viewer, found)
        whole = [SubjectOut.of(people[one]) for one in found if one in people]
        return send(PathOut(people=whole if len(whole) == len(found) else [], version=version))

    return await here.call(answer)


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
    return await here.call(lambda: send(meeting_out(here, id, asked, who.viewer)))


def meeting_out(here: Door, person: str, asked: MeetingQuestion, viewer: Viewer) -> MeetingOut:
    """Whom a person should meet. Raises `NotFound`."""
    subject = here.finder.person(person, viewer)
    ranking = here.network.people_to_meet(person, viewer, limit=asked.limit)
    fitting = here.network.communities(viewer, person=person, limit=COMMUNITIES_TO_MEET)
    mentors = here.network.mentors(person, asked.topic, viewer, limit=asked.limit) if asked.topic.strip() else None
    named = [one.subject for each in (ranking, mentors) if each is not None for one in each.recommendations]
    people = known_people(here, viewer, named)
    known = known_communities(here, viewer, [one.subject for one in fitting.recommendations])
    return MeetingOut(
        subject=SubjectOut.of(subject),
        people=PeopleRankingOut.of(ranking, people),
        communities=[
            CommunityRecommendationOut.of(one, CommunityOut.of(*known[one.subject]))
            for one in fitting.recommendations
            if one.subject in known
        ],
        mentors=None if mentors is None else PeopleRankingOut.of(mentors, people),
        version=ranking.version,
    )
