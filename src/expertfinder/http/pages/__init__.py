"""The pages: a question, the people, why each one; a person; a post; the network. They work without JavaScript.

Until there is sign-in they are served in the demonstration mode only, where `as` says through whose eyes one looks.
They read exactly what the API reads, through the same finder and the same viewer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from pydantic import ValidationError
from starlette.responses import PlainTextResponse, Response

from expertfinder.ask.quoting import explain_quoted, find_quoted
from expertfinder.configuration.resources import api_folder
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.http.context import Door
from expertfinder.http.pages import drawing, network, wording
from expertfinder.http.pages.rendering import Here, Looker, page, render
from expertfinder.http.problems import NOTHING_HERE, PROBLEMS_PATH
from expertfinder.http.routes.suggest import suggested
from expertfinder.http.schemas.experts import ExpertsQuestion
from expertfinder.http.schemas.suggest import LONGEST_NAME
from expertfinder.index.people.names import FEWEST_LETTERS, squeezed
from expertfinder.index.posts.segment import days
from expertfinder.model import Citation, Expertise, Person, Query, Ranking, Recommendation, Viewer

TOPICS_OFFERED = 12
"""What fits on a phone without scrolling."""
TOPICS_SHOWN = 15
"""The page of a person shows so many topics; the API has all of them."""
EVIDENCE_SHOWN = 4
"""Posts under one name; the API has all of them."""
RECENT_SHOWN = 8
"""The page of a person shows so many of the newest posts."""
RECENT = 365.0
"""Days before the day of the index within which evidence is called recent."""
TOPICS_OF_RECENT = 3
"""The recent evidence of a person is that for so many of the strongest topics."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_STATIC = Path(__file__).parent / "static"
_TYPES = {"style.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}

router = APIRouter(include_in_schema=False)


def install(app: FastAPI, *, insecure_demo: bool) -> None:
    """Add what this mode serves: the pages, or a word about why there are none."""
    app.add_api_route(PROBLEMS_PATH, problem_types, include_in_schema=False)
    if insecure_demo:
        app.include_router(router)
        app.include_router(network.router)
    else:
        app.add_api_route("/", no_pages, include_in_schema=False)


async def no_pages() -> Response:
    """A signpost for whoever opens the service in a browser."""
    return PlainTextResponse(
        "expertfinder is running. The API is under /v1 (contract: /v1/openapi.json) and needs a key.\n"
        "There is no sign-in for people yet, so there are no pages;\n"
        "`expertfinder serve --insecure-demo` shows them on this machine alone.\n"
    )


async def problem_types() -> Response:
    """The page that the `type` of every problem points into."""
    return Response((api_folder() / "problems.md").read_bytes(), media_type="text/markdown")


# --- what a page is made of ------------------------------------------------------------------------------------------


def _asked(request: Request) -> ExpertsQuestion:
    """The question in a form's parameters; an empty field is none. Raises `InvalidQuestion`."""
    known = ExpertsQuestion.model_fields
    given: dict[str, str | list[str]] = {}
    for name in known:
        values = [value for value in request.query_params.getlist(name) if value.strip()]
        if values:
            given[name] = values if name in ("topic", "tag", "kind") else values[-1]
    try:
        return ExpertsQuestion.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidQuestion(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error


def _answer(here: Door, viewer: Viewer, request: Request) -> dict[str, object]:
    """What the answer's template needs. A question that cannot be asked is part of the page, not the end of it."""
    context: dict[str, object] = {
        "q": request.query_params.get("q", ""),
        "ranking": None,
        "refused": None,
        "people": {},
    }
    filters = {name: request.query_params.get(name, "") for name in wording.FILTERS}
    if not _DAY.fullmatch(filters["since"]):
        filters["since"] = ""  # a field for dates cannot show anything else
    context["filters"] = filters
    if not str(context["q"]).strip():
        context["topics"] = here.finder.topics(viewer, limit=TOPICS_OFFERED)
        return context
    try:
        asked = _asked(request)
        ranking = find_quoted(here.finder, asked.query(asked.q, asker=viewer.person), viewer)
    except InvalidQuestion as error:
        context["refused"] = error.detail
        return context
    meeting = network.beside(here, asked.q, ranking, viewer)
    return context | _shown(here, ranking, viewer) | {"meeting": meeting}


def _shown(here: Door, ranking: Ranking, viewer: Viewer) -> dict[str, object]:
    """The ranking, who is in it, the drawings of the scores, and topics to try where nobody is named."""
    found = here.finder.people(viewer, ids=[*ranking.named, *(one.subject for one in ranking.recommendations)])
    people = {person.id: person for person in found}
    shown = [one for one in ranking.recommendations if one.subject in people]
    most = max((one.score for one in shown), default=0.0)
    return {
        "ranking": ranking,
        "named": [people[one] for one in ranking.named if one in people],
        "people": people,
        "shown": shown,
        "waterfalls": {one.subject: drawing.waterfall(one.reasons, most=most) for one in shown},
        "evidence_of": {one.subject: _strongest(one) for one in shown},
        "topics": [] if shown else here.finder.topics(viewer, limit=TOPICS_OFFERED),
    }


def _strongest(recommendation: Recommendation) -> list[Citation]:
    """The posts that add most to a score, all parts taken together: a post counts in several, and is shown once."""
    total: defaultdict[str, float] = defaultdict(float)
    cited: dict[str, Citation] = {}
    for reason in recommendation.reasons:
        for citation in reason.citations:
            total[citation.post] += citation.contribution
            cited.setdefault(citation.post, citation)
    strongest = sorted(cited.values(), key=lambda citation: (-total[citation.post], citation.post))
    return strongest[:EVIDENCE_SHOWN]


def _eyes(here: Door, viewer: Viewer) -> list[Person]:
    """Whose eyes can be chosen; the person one looks as is always among them."""
    offered = here.finder.viewers()
    if viewer.person:
        own = here.finder.person(viewer.person, viewer)
        offered = offered if any(person.id == own.id for person in offered) else [own, *offered]
    return offered


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


# --- the pages -------------------------------------------------------------------------------------------------------


@router.get("/")
async def search_page(request: Request, who: Looker, here: Here) -> Response:
    """The question and, once it is asked, the answer."""

    def work() -> Response:
        context = _answer(here, who.viewer, request)
        return render("search.html", who.viewer, context | {"eyes": _eyes(here, who.viewer)})

    return await page(request, here, who.viewer, work)


@router.get("/suggest")
async def suggestions_fragment(request: Request, who: Looker, here: Here) -> Response:
    """What may be meant, for the script that shows it as one types; nothing for less than two letters."""

    def work() -> Response:
        text = request.query_params.get("q", "")[:LONGEST_NAME]
        found = suggested(here, request, text, who) if len(squeezed(text)) >= FEWEST_LETTERS else None
        return render("suggestions.html", who.viewer, {"found": found})

    return await page(request, here, who.viewer, work)


@router.get("/answer")
async def answer_fragment(request: Request, who: Looker, here: Here) -> Response:
    """The answer alone, for the script that shows it without another page."""

    def work() -> Response:
        return render("answer.html", who.viewer, _answer(here, who.viewer, request))

    return await page(request, here, who.viewer, work)


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
        return render("person.html", who.viewer, context)

    return await page(request, here, who.viewer, work)


@router.get("/posts/{id:full}")
async def post_page(id: str, request: Request, who: Looker, here: Here) -> Response:
    """A post, and who wrote it."""

    def work() -> Response:
        post = here.finder.post(id, who.viewer)
        authors = here.finder.people(who.viewer, ids=post.authors)
        return render("post.html", who.viewer, {"post": post, "authors": authors})

    return await page(request, here, who.viewer, work)


@router.get("/static/{name}")
async def static_file(name: str) -> Response:
    """The style, the script and the icon."""
    if name not in _TYPES:
        raise NotFound(NOTHING_HERE)
    return Response((_STATIC / name).read_bytes(), media_type=_TYPES[name])
