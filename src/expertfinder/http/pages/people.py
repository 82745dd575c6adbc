"""A person and a post: what is observed, what is declared, what was done of late, and the evidence itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import get_args

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from expertfinder.ask.keys import allows
from expertfinder.ask.oneself.contact import addresses
from expertfinder.ask.oneself.history import past_of
from expertfinder.ask.organisation.endorsed import BY_AUTHORS, Given, give_state, is_own, states_of
from expertfinder.ask.organisation.endorsing import stands
from expertfinder.ask.shapes.shape import known_people
from expertfinder.errors import NotFound
from expertfinder.http.auth import Caller, Poster
from expertfinder.http.context import Door
from expertfinder.http.pages import network, wording
from expertfinder.http.pages.drawing import charts
from expertfinder.http.pages.drawing.markdown import rendered
from expertfinder.http.pages.me import day_of
from expertfinder.http.pages.questions import SEE_OTHER
from expertfinder.http.pages.rendering import Here, Links, Looker, page, render
from expertfinder.http.routes.endorsing import ENDORSE
from expertfinder.model import Expertise, Person, Post, Viewer
from expertfinder.store.statements.endorsing import State

TOPICS_SHOWN = 15
"""The page of a person shows so many topics; the API has all of them."""
NEWEST_SHOWN = 8
"""The page of a person shows so many of the newest things that they did."""
MONTHS_SHOWN = 24
"""Months that have a bar: two years. What is longer ago tells little about who can help now."""
SIMILAR_SHOWN = 4
"""So many people with like interests; the API has more."""
SIMILAR_FROM = 0.3
"""Cosine of interests from which on somebody is shown as similar. It is `ALIKE` of `recommend.network.meet`, from which
on sentences call interests near."""

router = APIRouter(include_in_schema=False)


def _specific_first(found: Sequence[Expertise], posts: int) -> list[Expertise]:
    """Topics by strength times rarity (inverse document frequency in `posts` posts), so that rare topics come first."""
    return sorted(found, key=lambda one: (-one.observed * math.log1p(posts / (1 + one.topic.posts)), one.topic.label))


def _similar(here: Door, person: str, viewer: Viewer) -> list[Person]:
    near = here.network.similar(person, viewer, limit=SIMILAR_SHOWN)
    return list(known_people(here.finder, viewer, [one for one, cosine in near if cosine >= SIMILAR_FROM]).values())


def _manager(here: Door, person: Person, viewer: Viewer) -> Person | None:
    found = here.finder.people(viewer, ids=[person.manager]) if person.manager else []
    return found[0] if found and found[0].id != person.id else None


@router.get("/people/{id:full}")
async def person_page(id: str, request: Request, who: Looker, here: Here) -> Response:
    """A person: what is seen and what is said apart, and the newest evidence by date."""

    def work() -> Response:
        person = here.finder.person(id, who.viewer)
        expertise = here.finder.expertise(id, who.viewer, limit=TOPICS_SHOWN)
        past = past_of(here.finder, person.id, who.viewer, limit=NEWEST_SHOWN, months=MONTHS_SHOWN)
        posts = here.finder.snapshot.statistics.posts
        mail = addresses(here.finder, [person.id], who.viewer).get(person.id, "")
        context: dict[str, object] = {
            "person": person,
            "mail": mail,
            "manager": _manager(here, person, who.viewer),
            "observed": _specific_first([one for one in expertise if one.observed > 0], posts),
            "declared": [one for one in expertise if one.observed <= 0],
            "past": past,
            "bars": charts.columns(past.months, words=wording.by_month(past.months)),
            "similar": _similar(here, person.id, who.viewer),
            **network.person_context(here, person.id, who.viewer),
        }
        return render("person.html", who, context)

    return await page(request, here, who, work)


@router.get("/posts/{id:full}")
async def post_page(id: str, request: Request, who: Looker, here: Here) -> Response:
    """A post, who wrote it, and what it answers."""

    def work() -> Response:
        post = here.finder.post(id, who.viewer)
        shown, folded = rendered(post.text)
        context: dict[str, object] = {
            "post": post,
            "authors": here.finder.people(who.viewer, ids=post.authors),
            "above": _above(here, post, who.viewer),
            "shown": shown,
            **_states(here, who, post),
            "folded": folded,
        }
        return render("post.html", who, context)

    return await page(request, here, who, work)


def _states(here: Door, who: Caller, post: Post) -> dict[str, object]:
    """The states of a post, the people who gave them, and the states that the viewer may give the post."""
    states = states_of(here.finder, post.id, who.viewer)
    own = is_own(here.finder, post.id, who.viewer)
    may = sorted(BY_AUTHORS) if own else get_args(State) if allows(who.scopes, ENDORSE) else ()
    return {
        "states": states,
        "stands": stands(states, here.finder.now().date()),
        "may": may if who.form_secret is not None else (),
        "by": known_people(here.finder, who.viewer, [one.by for one in states]),
    }


@router.post("/posts/state")
async def give_a_state(request: Request, who: Poster, here: Here) -> Response:
    """Give a post a state, and go back to it."""
    form = await request.form()
    given = {name: str(form.get(name, "")).strip() for name in ("post", "state", "until", "why")}

    def work() -> Response:
        wanted = Given(
            post=given["post"],
            state=given["state"],  # type: ignore[arg-type]
            until=day_of(given["until"]),
            why=given["why"],
        )
        give_state(here.finder, who.viewer, wanted, may_endorse=allows(who.scopes, ENDORSE))
        return RedirectResponse(Links(who).post(given["post"]), status_code=SEE_OTHER)

    return await page(request, here, who, work)


def _above(here: Door, post: Post, viewer: Viewer) -> Post | None:
    """The post that this one answers, where the viewer may read it."""
    try:
        return here.finder.post(post.parent, viewer) if post.parent else None
    except NotFound:
        return None
