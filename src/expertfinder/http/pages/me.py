"""My page: how others find me, what I say of myself, who asked about me, what is kept, how I take it away or leave.

The page works without a script. Every form leads back to the page. In the demonstration mode nothing can be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, get_args

import orjson
from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from expertfinder.ask.found import asked_about, found, looked_at, own_posts
from expertfinder.ask.oneself.badges import revoke_badges
from expertfinder.ask.oneself.erasing import erase_person
from expertfinder.ask.oneself.held import held, lines
from expertfinder.ask.oneself.me import (
    be_asked,
    be_seen_by,
    disown,
    forget_topic,
    own,
    records_of,
    said_by,
    say_of_topic,
)
from expertfinder.ask.oneself.nominations import Answer, Wanted, answer, id_of, nominate, own_nominations
from expertfinder.ask.oneself.recognition import recognition
from expertfinder.ask.oneself.subscriptions import Following
from expertfinder.ask.organisation.roles import own_role
from expertfinder.ask.organisation.talent import purpose_of
from expertfinder.ask.shapes.shape import known_communities
from expertfinder.configuration.languages import N_, gettext, phrase
from expertfinder.errors import InvalidQuestion
from expertfinder.http.auth import Caller, Looker, Poster
from expertfinder.http.context import Door
from expertfinder.http.pages import wording
from expertfinder.http.pages.network import named_for
from expertfinder.http.pages.questions import SEE_OTHER, named_in
from expertfinder.http.pages.rendering import Here, Links, page, render
from expertfinder.http.pages.takeout import HEADINGS, takeout
from expertfinder.http.routes.me.badges import BADGE_TYPE, signed_badge
from expertfinder.http.routes.me.subscriptions import AS_IT_IS, feed_address
from expertfinder.store.statements.endorsing import Role
from expertfinder.store.statements.questions import Follows, Via
from expertfinder.store.statements.wishes import Listed, Says, SeenBy, Why

OWN_SHOWN = 10
"""So many of somebody's newest posts are offered to be taken out of the evidence; a field below takes any other."""
LOOKS_SHOWN = 50
"""So many of the newest lines about who looked at the person are shown; the download has all of them."""
SEEN_BY: dict[SeenBy, str] = {
    "everyone": N_("Everybody may find me"),
    "unit": N_("Only people of my unit may find me"),
    "nobody": N_("Nobody else may find me"),
}
SAYS: dict[Says, str] = {
    "keep": N_("It is right"),
    "not_me": N_("It never was me"),
    "moved_on": N_("I have moved on"),
    "ask_me": N_("Ask me about it"),
    "can_mentor": N_("I can teach it"),
    "want_to_learn": N_("I want to learn it"),
}
LISTED: dict[Listed, str] = {
    "listed": N_("name me for it"),
    "community": N_("only through a community"),
    "never": N_("never name me for it"),
}
WHY: dict[Why, str] = {"not_mine": N_("It is not mine"), "exclude": N_("Do not count it")}

FOLLOWS: dict[Follows, str] = {"topic": N_("A topic"), "community": N_("A community"), "question": N_("A question")}
VIA: dict[Via, str] = {"feed": N_("a feed (Atom)"), "mail": N_("a mail each week")}
"""Ways of being told that the page offers. A webhook needs an address and a secret, so the API alone sets it up."""

router = APIRouter(include_in_schema=False)


def choices() -> dict[str, dict[str, str]]:
    """What somebody may say of themselves: field of a form -> code -> words in the language of the page."""
    every: dict[str, Mapping[Any, str]] = {"seen_by": SEEN_BY, "says": SAYS, "listed": LISTED, "why": WHY}
    return {name: wording.spoken(words) for name, words in every.items()}


@router.get("/me")
async def my_page(request: Request, who: Looker, here: Here) -> Response:
    """My page, as far as somebody is looking."""

    def work() -> Response:
        if who.viewer.person is None:
            return render("me/nobody.html", who, {})
        given = request.query_params
        follow = {name: given.get(name, "") for name in ("follows", "subject")}
        return render("me/page.html", who, _context(here, who, given.get("q", "")) | {"follow": follow})

    return await page(request, here, who, work)


def _context(here: Door, who: Caller, text: str) -> dict[str, object]:
    finder, viewer = here.finder, who.viewer
    looks = looked_at(finder, viewer, limit=LOOKS_SHOWN)
    names = {person.id: person.name for person in finder.people(viewer, ids=sorted({look.actor for look in looks}))}
    kept = held(finder, viewer)
    reached = here.questions.listed("reached", viewer)
    nominations = own_nominations(finder, here.network, viewer)
    followed = here.subscriptions.listed(viewer)
    places = [one.community for one in reached] + [one.subject for one in followed if one.follows == "community"]
    return {
        "nominations": nominations,
        "id_of": id_of,
        "named": named_for(here, viewer, (*nominations.of_me, *nominations.by_me)),
        "followed": followed,
        "feed": "",
        "follow": {"follows": "", "subject": ""},
        **named_in(here, viewer, reached),
        "communities": known_communities(here.network, viewer, [one for one in places if one]),
        "reached": reached,
        "person": finder.person(viewer.person or "", viewer),
        "found": found(finder, viewer, text=text),
        "quiet": here.insights.quiet(viewer),
        "text": text,
        "said": said_by(finder, viewer),
        "posts": own_posts(finder, viewer, limit=OWN_SHOWN),
        "looks": looks,
        "purpose_of": purpose_of,
        "names": names,
        "asked": asked_about(finder, viewer),
        "helped": recognition(finder, viewer),
        "role": own_role(finder, viewer),
        "signs": here.signing is not None,
        "kept": kept,
        "headings": wording.spoken(HEADINGS),
        "choices": choices() | {"follows": wording.spoken(FOLLOWS), "via": wording.spoken(VIA)},
    }


@router.get("/me/export.html")
async def my_takeout(request: Request, who: Looker, here: Here) -> Response:
    """Everything that is kept about me, to read."""
    return await page(request, here, who, lambda: takeout(lines(here.finder, who.viewer), who))


@router.get("/me/export.ndjson")
async def my_lines(request: Request, who: Looker, here: Here) -> Response:
    """The same for a program, a line of JSON for each thing."""

    def work() -> Response:
        packed = b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in lines(here.finder, who.viewer))
        name = {"Content-Disposition": 'attachment; filename="me.ndjson"'}
        return Response(packed, media_type="application/x-ndjson", headers=name)

    return await page(request, here, who, work)


# --- forms -----------------------------------------------------------------------------------------------------------


def _field(form: FormData, name: str, choices: object = None) -> str:
    """The text of a field of a form. Raises `InvalidQuestion` for none of `choices` (a `Literal` type), if given."""
    value = form.get(name, "")
    text = value.strip() if isinstance(value, str) else ""
    if choices is not None and text not in get_args(choices):
        raise InvalidQuestion(
            phrase(
                "this form has no such choice of {name}: choose one of those on the page", name=name.replace("_", " ")
            )
        )
    return text


async def _took(request: Request, here: Door, who: Caller, say: Callable[[], None]) -> Response:
    """Run `say`, which does what a form asks for, and go back to the page."""

    def work() -> Response:
        say()
        return RedirectResponse("/me", status_code=SEE_OTHER)

    return await page(request, here, who, work)


@router.post("/me/visibility")
async def say_visibility(request: Request, who: Poster, here: Here) -> Response:
    """Who may find me."""
    form = await request.form()
    say = lambda: be_seen_by(here.finder, who.viewer, _field(form, "seen_by", SeenBy))  # type: ignore[arg-type]  # noqa: E731
    return await _took(request, here, who, say)


@router.post("/me/availability")
async def say_availability(request: Request, who: Poster, here: Here) -> Response:
    """When and how often I am named to be asked."""
    form = await request.form()

    def say() -> None:
        until, most = _field(form, "paused_until"), _field(form, "per_week")
        try:
            day, count = date.fromisoformat(until) if until else None, int(most) if most else None
        except ValueError as error:
            raise InvalidQuestion(gettext("a pause ends on a day (2027-01-11), and a limit is a number")) from error
        be_asked(here.finder, who.viewer, day, count)

    return await _took(request, here, who, say)


@router.post("/me/topics")
async def say_topics(request: Request, who: Poster, here: Here) -> Response:
    """What I say of a topic, or that I take it back."""
    form = await request.form()

    def say() -> None:
        topic = _field(form, "topic")
        if _field(form, "act") == "forget":
            forget_topic(here.finder, who.viewer, topic)
            return
        says, listed = _field(form, "says", Says), _field(form, "listed", Listed)
        say_of_topic(here.finder, who.viewer, topic, says, listed)  # type: ignore[arg-type]

    return await _took(request, here, who, say)


@router.post("/me/evidence")
async def say_evidence(request: Request, who: Poster, here: Here) -> Response:
    """A post that is no evidence of me, or that it is."""
    form = await request.form()

    def say() -> None:
        post = _field(form, "post")
        if _field(form, "act") == "forget":
            own(here.finder, who.viewer, post)
        else:
            disown(here.finder, who.viewer, post, _field(form, "why", Why))  # type: ignore[arg-type]

    return await _took(request, here, who, say)


@router.post("/me/badge")
async def say_badge(request: Request, who: Poster, here: Here) -> Response:
    """Take away what is said of help that worked, or revoke what was taken away."""
    form = await request.form()

    def work() -> Response:
        if _field(form, "act") == "revoke":
            revoke_badges(here.finder, who.viewer)
            return RedirectResponse("/me", status_code=SEE_OTHER)
        name = {"Content-Disposition": 'attachment; filename="help-that-worked.jwt"'}
        return Response(signed_badge(here, who.viewer), media_type=BADGE_TYPE, headers=name)

    return await page(request, here, who, work)


@router.post("/me/subscriptions")
async def say_following(request: Request, who: Poster, here: Here) -> Response:
    """What I follow, or follow no longer. The address of a feed is shown this once."""
    form = await request.form()

    def work() -> Response:
        stopped = _field(form, "subscription")
        if stopped:
            here.subscriptions.stop(stopped, who.viewer)
            return RedirectResponse("/me", status_code=SEE_OTHER)
        follows, via = _field(form, "follows", Follows), _field(form, "via", Via)
        wanted = Following(follows=follows, subject=_field(form, "subject"), via=via)  # type: ignore[arg-type]
        kept, key = here.subscriptions.follow(wanted, who.viewer)
        if kept.via != "feed":
            return RedirectResponse("/me", status_code=SEE_OTHER)
        response = render("me/page.html", who, _context(here, who, "") | {"feed": feed_address(here, key)})
        response.headers.update(AS_IT_IS)
        return response

    return await page(request, here, who, work)


@router.post("/me/nominations")
async def say_nomination(request: Request, who: Poster, here: Here) -> Response:
    """Nominate or endorse somebody, or answer a nomination; back to the page that it is about."""
    form = await request.form()

    def work() -> Response:
        finder, network = here.finder, here.network
        if nomination := _field(form, "nomination"):
            answer(finder, network, who.viewer, nomination, _field(form, "answer", Answer))  # type: ignore[arg-type]
            return RedirectResponse("/me#nominations", status_code=SEE_OTHER)
        role, day = _field(form, "role", Role), day_of(_field(form, "until"))
        to, of, why = (_field(form, name) for name in ("to", "of", "why"))
        wanted = Wanted(subject=to, role=role, of=of, why=why, until=day)  # type: ignore[arg-type]
        made = nominate(finder, network, who.viewer, wanted)
        links = Links(who)
        back = links.person(made.subject) if made.role == "expert" else links.community(made.of)
        return RedirectResponse(back, status_code=SEE_OTHER)

    return await page(request, here, who, work)


def day_of(text: str) -> date | None:
    """The day that a form names; `None` for an empty text. Raises `InvalidQuestion` for a text that is no day."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidQuestion(gettext("a day is written as 2027-01-11")) from error


@router.post("/me/erase")
async def say_goodbye(request: Request, who: Poster, here: Here) -> Response:
    """Forget me for good."""
    form = await request.form()

    def work() -> Response:
        records = records_of(here.finder, who.viewer)
        if _field(form, "confirm") not in records:
            raise InvalidQuestion(
                gettext("nothing was forgotten: to be forgotten for good, write your id into the field")
            )
        erase_person(here.finder, who.viewer.person or "", here.now())
        here.forget()
        return RedirectResponse("/", status_code=SEE_OTHER)

    return await page(request, here, who, work)
