"""Topics: what people here know about, how well it is held, what is asked for; and one topic with its people."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from expertfinder.ask.organisation.demand import Gap
from expertfinder.ask.quoting import find_quoted
from expertfinder.ask.shapes.shape import known_people
from expertfinder.errors import InvalidQuestion
from expertfinder.http.context import Door
from expertfinder.http.pages import network, wording
from expertfinder.http.pages.drawing.rows import rows_of
from expertfinder.http.pages.rendering import Here, Looker, page, render
from expertfinder.model import Query, Viewer

TOPICS_LISTED = 60
"""Topics on the page of all, the busiest first; the field above it finds the others."""
PEOPLE_SHOWN = 10
"""People on the page of a topic, as many as an answer has."""
COMMUNITIES_SHOWN = 3
"""Communities on the page of a topic."""
MOST_GAPS = 100
"""Topics in demand, at most, among which a page looks for its own topics."""

router = APIRouter(include_in_schema=False)


@router.get("/topics")
async def topics_page(request: Request, who: Looker, here: Here) -> Response:
    """What people here know about: how many posts, how many carry it, and whether one person holds most of it."""

    def work() -> Response:
        text = request.query_params.get("q", "")[:200]
        found = here.finder.topics(who.viewer, prefix=text.replace(" ", "-"), limit=TOPICS_LISTED)
        found = found or here.finder.topics(who.viewer, prefix=text, limit=TOPICS_LISTED)
        held = here.network.risks_of([one.label for one in found], who.viewer, grow=False)
        asked = {gap.topic: gap.askers for gap in _gaps(here, who.viewer)}
        context: dict[str, object] = {"q": text, "topics": found, "held": held, "asked": asked}
        return render("topics.html", who, context)

    return await page(request, here, who, work)


@router.get("/topics/{label:rest}")
async def topic_page(label: str, request: Request, who: Looker, here: Here) -> Response:
    """A topic: supply and demand, who holds it, who could grow into it, and where such people meet."""

    def work() -> Response:
        held = here.network.risk(label, who.viewer)
        # The question of the search for the topic, so that one person has one word of evidence on both pages.
        asked = wording.topic(held.topic)
        query = Query(text=asked, limit=PEOPLE_SHOWN, asker=who.viewer.person)
        ranking = find_quoted(here.finder, query, who.viewer)
        ids = [
            *(one.subject for one in ranking.recommendations),
            *(one.subject for one in held.holders),
            *(one.subject for one in held.grow),
        ]
        people = known_people(here.finder, who.viewer, ids)
        gap = next((one for one in _gaps(here, who.viewer) if one.topic == held.topic), None)
        rows = rows_of(ranking, people)
        if request.query_params.get("order") == "less-known":
            rows.sort(key=lambda row: (len(here.network.around(row.person.id, who.viewer).turned_to_by), row.rank))
        context: dict[str, object] = {
            "held": held,
            "people": people,
            "gap": gap,
            "rows": rows,
            "same": urlencode({"q": asked}),
            "less_known": request.query_params.get("order") == "less-known",
            "abstained": ranking.abstained,
            "notes": ranking.notes,
            "meeting": _meeting(here, held.topic, who.viewer),
        }
        return render("topic.html", who, context)

    return await page(request, here, who, work)


def _gaps(here: Door, viewer: Viewer) -> list[Gap]:
    return here.demand.gaps(viewer, here.now().date(), limit=MOST_GAPS)


def _meeting(here: Door, topic: str, viewer: Viewer) -> list[dict[str, object]]:
    try:
        return network.meeting_for(here, topic, viewer, limit=COMMUNITIES_SHOWN)
    except InvalidQuestion:
        return []
