"""Questions: whether one was answered before, whom to put it to, which reached the viewer, which wait for an answer.

The pages work without a script. In the demonstration mode nothing can be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from expertfinder.ask.oneself.asks import note_ask
from expertfinder.ask.oneself.contact import addresses
from expertfinder.ask.oneself.questions import Asked, Before, Wanted, Worth
from expertfinder.ask.shapes.shape import known_communities, known_people
from expertfinder.configuration.languages import gettext
from expertfinder.errors import InvalidQuestion
from expertfinder.http.auth import Caller, Looker, Poster
from expertfinder.http.context import Door
from expertfinder.http.pages import wording
from expertfinder.http.pages.network import meeting_for
from expertfinder.http.pages.rendering import Here, Links, page, render
from expertfinder.model import Community, Query, Viewer

SEE_OTHER = 303
"""The HTTP status that sends a browser, after its form was accepted, to the page that shows the result."""
OFFERED = 3
"""Communities that are offered for a question; the page of any other community has a link to this form."""

router = APIRouter(include_in_schema=False)


@router.get("/questions")
async def questions_page(request: Request, who: Looker, here: Here) -> Response:
    """A question that is about to be put, and the questions that somebody put or may see."""

    def work() -> Response:
        viewer, given = who.viewer, request.query_params
        text, to = given.get("q", "").strip(), [one for one in given.getlist("to") if one]
        lists = _lists(here, viewer)
        begun: dict[str, object] = {"before": Before((), ()), "meeting": [], "mail": {}, "to": to, "refused": None}
        if text:
            try:
                begun |= _begun(here, viewer, text, to) | {"meeting": _meeting(here, viewer, text, request)}
            except InvalidQuestion as error:
                begun["refused"] = gettext(error.detail)
        before = begun["before"]
        assert isinstance(before, Before)
        asked = {"q": text, "community": given.get("community", "")}
        listed = [*before.questions, *(one for some in lists.values() for one in some)]
        named = named_in(here, viewer, listed, to, asked["community"])
        return render("questions/page.html", who, {**asked, **begun, **lists, **named})

    return await page(request, here, who, work)


def _begun(here: Door, viewer: Viewer, text: str, to: Sequence[str]) -> dict[str, object]:
    """What there is already for a question, and mail links to the people to whom it is to be put (`to`: ids)."""
    people = known_people(here.finder, viewer, to)
    mail = {
        one: wording.mail(address, people[one], text)
        for one, address in addresses(here.finder, list(people), viewer).items()
    }
    return {"before": here.questions.before(text, viewer), "to": list(people), "mail": mail}


def _meeting(here: Door, viewer: Viewer, text: str, request: Request) -> list[Community]:
    """The communities that are offered for a question: the one that was chosen, and those where it fits."""
    found = [one["community"] for one in meeting_for(here, text, viewer, limit=OFFERED)]
    chosen = known_communities(here.network, viewer, [request.query_params.get("community", "")])
    first = [community for community, _ in chosen.values()]
    return [*first, *(one for one in found if isinstance(one, Community) and one not in first)]


def _lists(here: Door, viewer: Viewer) -> dict[str, list[Asked]]:
    """The lists of questions; empty for a viewer who is no person."""
    if viewer.person is None:
        return {"reached": [], "mine": [], "open": []}
    return {
        "reached": here.questions.listed("reached", viewer),
        "mine": here.questions.listed("mine", viewer),
        "open": [one for one in here.questions.listed("open", viewer) if one.community and not one.mine],
    }


def named_in(
    here: Door, viewer: Viewer, asked: Sequence[Asked], to: Sequence[str] = (), community: str = ""
) -> dict[str, object]:
    """The people and the communities that questions name, and those to whom one is about to be put."""
    ids = [id for one in asked for id in (one.asker, *one.claimed, *(subject for subject, _ in one.routed)) if id]
    return {
        "people": known_people(here.finder, viewer, [*ids, *to]),
        "communities": known_communities(
            here.network, viewer, [name for name in (community, *(one.community for one in asked)) if name]
        ),
    }


# --- forms -----------------------------------------------------------------------------------------------------------


def _field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _worth(form: FormData) -> Worth:
    saved, afterwards = _field(form, "saved"), _field(form, "afterwards")
    if saved not in wording.SAVED or afterwards not in wording.AFTERWARDS:
        raise InvalidQuestion("this form has no such choice: choose one of those on the page")
    return Worth(saved, afterwards)


async def _took(request: Request, here: Door, who: Caller, act: Callable[[], object]) -> Response:
    """Do what a form says, and go back to the page."""

    def work() -> Response:
        act()
        return RedirectResponse(Links(who).questions(), status_code=SEE_OTHER)

    return await page(request, here, who, work)


@router.post("/questions")
async def put_a_question(request: Request, who: Poster, here: Here) -> Response:
    """Put the question of the form."""
    form = await request.form()
    to = tuple(one for one in form.getlist("to") if isinstance(one, str) and one)
    wanted = Wanted(
        text=_field(form, "text"), to=to, community=_field(form, "community"), anonymous=bool(_field(form, "anonymous"))
    )

    def put() -> None:
        made = here.questions.put(wanted, who.viewer)
        here.note(Query(text=made.text), who.viewer, met=bool(made.community or made.routed))

    return await _took(request, here, who, put)


@router.post("/questions/ask")
async def keep_an_ask(request: Request, who: Poster, here: Here) -> Response:
    """Keep that somebody is asked in another way."""
    form = await request.form()
    to, text = _field(form, "to"), _field(form, "text")
    return await _took(request, here, who, lambda: note_ask(here.finder, who.viewer, to=to, text=text, why=""))


@router.post("/questions/{act}")
async def act_on_a_question(act: str, request: Request, who: Poster, here: Here) -> Response:
    """Take a question on, leave it to others, say that it is answered, or take it back."""
    form = await request.form()
    question = _field(form, "question")
    acts: dict[str, Callable[[], object]] = {
        "claim": lambda: here.questions.claim(question, who.viewer),
        "decline": lambda: here.questions.decline(question, who.viewer),
        "answer": lambda: here.questions.answer(question, _field(form, "post"), who.viewer, worth=_worth(form)),
        "withdraw": lambda: here.questions.withdraw(question, who.viewer),
    }

    def chosen() -> object:
        if act not in acts:
            raise InvalidQuestion(gettext("there is no such form: use those of the page"))
        return acts[act]()

    return await _took(request, here, who, chosen)
