"""The page of talent questions, for people with its scope: what is needed, for what, and who covers it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Security
from starlette.datastructures import FormData
from starlette.responses import Response

from expertfinder.ask.organisation.talent import Need, watched
from expertfinder.ask.shapes.shape import known_people
from expertfinder.configuration.languages import gettext
from expertfinder.errors import InvalidQuestion
from expertfinder.http.auth import Caller, looker, poster
from expertfinder.http.context import Door
from expertfinder.http.pages.rendering import Here, page, render
from expertfinder.http.routes.assess import actor

NEEDS_ASKED = 6
"""Fields for needs in the form; the API takes more."""
LINES_SHOWN = 200
"""Lines of the audit log on its page, the newest first; the API and the command line have more."""
FILTERS = ("place", "unit", "language", "availability", "zone")

Asker = Annotated[Caller, Security(looker, scopes=["talent:ask"])]
AskerOfForm = Annotated[Caller, Security(poster, scopes=["talent:ask"])]
Watcher = Annotated[Caller, Security(looker, scopes=["audit:read"])]

router = APIRouter(include_in_schema=False)


@router.get("/talent")
async def talent_page(request: Request, who: Asker, here: Here) -> Response:
    """The form."""
    return await page(request, here, who, lambda: render("talent/page.html", who, _form(here, FormData())))


@router.post("/talent")
async def talent_answer(request: Request, who: AskerOfForm, here: Here) -> Response:
    """The form with its answer: it is in a body, so that no log of addresses has what was needed."""
    given = await request.form()

    def work() -> Response:
        context = _form(here, given)
        only = {name: str(given.get(name, "")).strip() for name in FILTERS}
        needs = [Need(skill=skill, **only) for skill in context["given"] if skill]  # type: ignore[attr-defined]
        try:
            purpose = str(given.get("purpose", ""))
            found = here.talent.slate(needs, who.viewer, purpose=purpose, actor=actor(who))
            context["found"] = found
            context["people"] = known_people(here.finder, who.viewer, [one.person for one in found.people])
        except InvalidQuestion as error:
            context["refused"] = gettext(error.detail)
        return render("talent/page.html", who, context)

    return await page(request, here, who, work)


@router.get("/talent/audit")
async def talent_audit(request: Request, who: Watcher, here: Here) -> Response:
    """Who asked, for what, and whom it named: for who watches over it."""

    def work() -> Response:
        found = watched(here.finder, who.viewer, limit=LINES_SHOWN)
        ids = {name for line in found.lines for name in (line.actor, line.subject)}
        people = known_people(here.finder, who.viewer, sorted(ids))
        return render("talent/audit.html", who, {"found": found, "people": people})

    return await page(request, here, who, work)


def _form(here: Door, given: FormData) -> dict[str, object]:
    asked = [text.strip() for text in given.getlist("needs") if isinstance(text, str) and text.strip()]
    return {
        "given": [*asked, *([""] * NEEDS_ASKED)][: max(NEEDS_ASKED, len(asked))],
        "only": {name: str(given.get(name, "")) for name in FILTERS},
        "purpose": str(given.get("purpose", "")),
        "purposes": here.talent.purposes,
        "found": None,
        "refused": None,
    }
