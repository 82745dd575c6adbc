"""Whom to meet: the first circle of somebody new, people and communities beyond it; and a team for several skills."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from expertfinder.ask.meeting import first_circle
from expertfinder.ask.shapes.shape import known_communities, known_people
from expertfinder.configuration.languages import gettext
from expertfinder.errors import InvalidQuestion
from expertfinder.http.pages import wording
from expertfinder.http.pages.rendering import Here, Looker, asked_of, page, render
from expertfinder.http.schemas.teams import TeamQuestion
from expertfinder.recommend.network.communities import COMMUNITIES_TO_MEET

SKILLS_ASKED = 6
"""Fields for skills in the form of a team; the API takes more."""

router = APIRouter(include_in_schema=False)


@router.get("/meet")
async def meet_page(request: Request, who: Looker, here: Here) -> Response:
    """The first circle of whoever looks, people they have no tie with yet, and two communities."""

    def work() -> Response:
        viewer = who.viewer
        if viewer.person is None:
            return render("meet.html", who, {"myself": None})
        myself = here.finder.person(viewer.person, viewer)
        ranking = here.network.people_to_meet(myself.id, viewer)
        fitting = here.network.communities(viewer, person=myself.id, limit=COMMUNITIES_TO_MEET)
        context: dict[str, object] = {
            "myself": myself,
            "circle": first_circle(here.finder, myself, viewer),
            "ranking": ranking,
            "people": known_people(here.finder, viewer, [one.subject for one in ranking.recommendations]),
            "fitting": fitting,
            "known": known_communities(here.network, viewer, [one.subject for one in fitting.recommendations]),
        }
        return render("meet.html", who, context)

    return await page(request, here, who, work)


@router.get("/team")
async def team_page(request: Request, who: Looker, here: Here) -> Response:
    """A small group that covers several skills, and what nobody covers."""

    def work() -> Response:
        given = [text.strip() for text in request.query_params.getlist("skills") if text.strip()]
        context: dict[str, object] = {
            "given": [*given, *([""] * SKILLS_ASKED)][:SKILLS_ASKED],
            "twice": request.query_params.get("redundancy") == "2",
            "topics": here.finder.topics(who.viewer, limit=100),
            "found": None,
            "refused": None,
        }
        if given:
            try:
                asked = asked_of(request.query_params, TeamQuestion)
                found = here.network.team(asked.skills, who.viewer, redundancy=asked.redundancy)
                context["found"] = found
                context["people"] = known_people(here.finder, who.viewer, [one.person for one in found.members])
            except InvalidQuestion as error:
                context["refused"] = gettext(error.detail)
        return render("team.html", who, context | {"part": wording.part})

    return await page(request, here, who, work)
