"""The page of whoever runs the service: the audit log, sources, keys, records that may be one human, the privacy desk.

It needs the scope `operator`, which groups give (EXPERTFINDER_SIGNIN_ROLES). The audit log has each look at the page.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Security
from starlette.responses import RedirectResponse, Response

from expertfinder.ask.oneself.desk import open_wishes
from expertfinder.ask.oneself.me import Said
from expertfinder.ask.organisation.endorsed import regulate, regulated, set_free
from expertfinder.ask.organisation.operating import operation
from expertfinder.http.auth import Caller, looker, poster
from expertfinder.http.context import Door
from expertfinder.http.pages.me import choices
from expertfinder.http.pages.questions import SEE_OTHER
from expertfinder.http.pages.rendering import Here, page, render
from expertfinder.http.routes.assess import actor, through

SCOPE = "operator"
"""The scope of this page, and of nothing else."""
Operator = Annotated[Caller, Security(looker, scopes=[SCOPE])]
Acting = Annotated[Caller, Security(poster, scopes=[SCOPE])]

router = APIRouter(include_in_schema=False)


@router.get("/operator")
async def operator_page(request: Request, who: Operator, here: Here) -> Response:
    """How things stand."""

    def work() -> Response:
        here.audit(actor(who), "operate", "", through(who))
        return shown(here, who)

    return await page(request, here, who, work)


@router.post("/operator/wishes")
async def open_wishes_of(request: Request, who: Acting, here: Here) -> Response:
    """What one person said of themselves, at that person's request."""
    form = await request.form()
    person, reason = (str(form.get(name, "")).strip() for name in ("person", "reason"))

    def work() -> Response:
        return shown(here, who, person, open_wishes(here.finder, person, actor=actor(who), reason=reason))

    return await page(request, here, who, work)


@router.post("/operator/regulated")
async def say_regulated(request: Request, who: Acting, here: Here) -> Response:
    """Mark a topic as regulated, or let every post count on it again."""
    form = await request.form()
    topic, why, act = (str(form.get(name, "")).strip() for name in ("topic", "why", "act"))

    def work() -> Response:
        if act == "free":
            set_free(here.finder, topic)
        else:
            regulate(here.finder, topic, by=who.viewer.person or "", why=why)
        here.audit(actor(who), "regulate", "", f"{act or 'regulate'} {topic}")
        return RedirectResponse("/operator", status_code=SEE_OTHER)

    return await page(request, here, who, work)


def shown(here: Door, who: Caller, person: str = "", said: Said | None = None) -> Response:
    """The page; `said`: what the privacy desk opened of `person`."""
    context = {
        "now": here.now(),
        "stands": operation(here.finder),
        "person": person,
        "said": said,
        "regulated": regulated(here.finder),
        "choices": choices(),
    }
    return render("operator.html", who, context)
