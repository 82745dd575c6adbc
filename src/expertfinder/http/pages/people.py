"""A person and a post: what is seen and what is said apart, and the evidence itself."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from expertfinder.ask.quoting import explain_quoted
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.http.context import Door
from expertfinder.http.pages import network
from expertfinder.http.pages.rendering import Here, Looker, page, render
from expertfinder.index.posts.segment import days
from expertfinder.model import Citation, Expertise, Query, Viewer

TOPICS_SHOWN = 15
"""The page of a person shows so many topics; the API has all of them."""
RECENT_SHOWN = 8
"""The page of a person shows so many of the newest posts."""
RECENT = 365.0
"""Days before the day of the index within which evidence is called recent."""
TOPICS_OF_RECENT = 3
"""The recent evidence of a person is that for so many of the strongest topics."""

router = APIRouter(include_in_schema=False)


def _recent(here: Door, person: str, expertise: list[Expertise], viewer: Viewer) -> tuple[list[Citation], bool]:
    """The newest evidence for the strongest topics of a person, and whether it is of the last year.

    Where some is, what is older is left out.
    """
    strongest = [one.topic.label for one in expertise if one.observed > 0][:TOPICS_OF_RECENT]
    if not strongest:
        return [], False
    try:
        why = explain_quoted(here.finder, Query(text=" ".join(strongest), topics=tuple(strongest)), person, viewer)
    except (NotFound, InvalidQuestion):
        return [], False
    cited = {citation.post: citation for reason in why.reasons for citation in reason.citations}
    dated = sorted(
        cited.values(), key=lambda citation: (citation.at is not None, citation.at, citation.post), reverse=True
    )
    newest = here.finder.snapshot.manifest.as_of - RECENT
    late = [citation for citation in dated if citation.at is not None and days(citation.at) >= newest]
    return (late or dated)[:RECENT_SHOWN], bool(late)


@router.get("/people/{id:full}")
async def person_page(id: str, request: Request, who: Looker, here: Here) -> Response:
    """A person: what is seen and what is said apart, and recent evidence."""

    def work() -> Response:
        person = here.finder.person(id, who.viewer)
        expertise = here.finder.expertise(id, who.viewer, limit=TOPICS_SHOWN)
        recent, late = _recent(here, person.id, expertise, who.viewer)
        context: dict[str, object] = {
            "person": person,
            "observed": [one for one in expertise if one.observed > 0],
            "declared": [one for one in expertise if one.observed <= 0],
            "recent": recent,
            "late": late,
            **network.person_context(here, person.id, who.viewer),
        }
        return render("person.html", who, context)

    return await page(request, here, who, work)


@router.get("/posts/{id:full}")
async def post_page(id: str, request: Request, who: Looker, here: Here) -> Response:
    """A post, and who wrote it."""

    def work() -> Response:
        post = here.finder.post(id, who.viewer)
        authors = here.finder.people(who.viewer, ids=post.authors)
        return render("post.html", who, {"post": post, "authors": authors})

    return await page(request, here, who, work)
