"""The planner of champions: for whom a set is, who is kept, left out or added, and whom the set would then reach.

Who does not wish to be a champion is nobody else's business, and addresses are logged. So a plan that names people is
sent in the body of a request.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from expertfinder.ask.shapes.communities import MOST_SHOWN
from expertfinder.ask.shapes.shape import known_people
from expertfinder.ask.suggest import find_people
from expertfinder.configuration.languages import N_, gettext, phrase
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.http.auth import Caller
from expertfinder.http.context import Door
from expertfinder.http.pages import wording
from expertfinder.http.pages.drawing.sociogram import Kind, sociogram
from expertfinder.http.pages.network import figure
from expertfinder.http.pages.questions import SEE_OTHER
from expertfinder.http.pages.rendering import Here, Links, Looker, Poster, asked_of, page, render
from expertfinder.http.schemas.champions import ChampionsSearch
from expertfinder.model import Person, Viewer

DRAWN = 40
"""People in the drawing of a set, at most: with more, names and numbers overlap."""
DRAWN_CHAMPIONS = 11
"""A set of more champions is not drawn: it is a cloud, and the table says more."""
DRAWN_EACH = 4
"""People drawn around each champion, the strongest ties first."""
UNREACHED_DRAWN = 8
"""So many people whom a set does not reach are drawn; the list below names them all."""
COMMUNITIES_OFFERED = 50
"""Communities in the form, the largest first."""
TOPICS_OFFERED = 100
"""Topics that the form suggests, the busiest first."""
MORE_STAY = N_("more champions stay than the set is to have: ask for a larger one")
"""A refusal of `recommend.network.champion_set`; it stands here so that the catalogues of translations have it."""
WHOLE, UNIT, COMMUNITY = "", "unit:", "community:"
"""What the field "For" holds: nothing for the whole organisation, else a unit or a community."""

router = APIRouter(include_in_schema=False)


@router.get("/champions")
async def champions_page(request: Request, who: Looker, here: Here) -> Response:
    """The form, and a first set."""
    return await _planned(request, who, here, request.query_params)


@router.post("/champions")
async def champions_again(request: Request, who: Looker, here: Here) -> Response:
    """The set again, with people who stay, are left out or are added. It changes nothing but the page."""
    pairs = parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    return await _planned(request, who, here, QueryParams(pairs))


@router.post("/champions/keep")
async def keep_champions(request: Request, who: Poster, here: Here) -> Response:
    """Keep the set of the form as a community of its own."""
    form = await request.form()
    people = [one for one in form.getlist("chosen") if isinstance(one, str)]

    def work() -> Response:
        kept = here.champion_networks.keep(str(form.get("name", "")), people, who.viewer)
        return RedirectResponse(Links(who).community(kept.community.id), status_code=SEE_OTHER)

    return await page(request, here, who, work)


@router.post("/champions/leave")
async def leave_champions(request: Request, who: Poster, here: Here) -> Response:
    """End a kept set, or leave it."""
    form = await request.form()

    def work() -> Response:
        here.champion_networks.leave(str(form.get("community", "")), who.viewer)
        return RedirectResponse(Links(who).communities(), status_code=SEE_OTHER)

    return await page(request, here, who, work)


async def _planned(request: Request, who: Caller, here: Door, given: QueryParams) -> Response:
    viewer = who.viewer

    def work() -> Response:
        wanted = _with_for(given)
        context: dict[str, object] = {
            "communities": here.network.all_communities(viewer)[:COMMUNITIES_OFFERED],
            "units": here.choices.of(viewer).units,
            "topics": here.finder.topics(viewer, limit=TOPICS_OFFERED),
            "given": wanted,
            "chosen_for": _for(wanted),
            "asked": None,
            "refused": None,
            "rows": [],
            "adding": _called(here, wanted, viewer),
        }
        try:
            asked = asked_of(wanted, ChampionsSearch)
            context["asked"] = asked
            context |= _champions(here, asked, viewer)
        except InvalidQuestion as error:
            context["refused"] = gettext(error.detail)
        except NotFound as error:
            if not wanted.get("units"):  # a unit is chosen in the form, so the form is shown again to correct it
                raise
            context["refused"] = gettext(error.detail)
        return render("champions.html", who, context)

    return await page(request, here, who, work)


def _with_for(given: QueryParams) -> QueryParams:
    """The form's fields as those of the question: "For" is a unit or a community."""
    pairs = [(name, value) for name, value in given.multi_items() if name != "for"]
    chosen = given.get("for", "")
    if chosen.startswith(UNIT):
        pairs.append(("units", chosen.removeprefix(UNIT)))
    elif chosen.startswith(COMMUNITY):
        pairs.append(("community", chosen.removeprefix(COMMUNITY)))
    # One who is left out does not stay, and one who is taken back is in neither list.
    back = {value for name, value in pairs if name == "back"}
    out = {value for name, value in pairs if name == "unwilling"}
    lists = ("already", "unwilling")
    return QueryParams(
        [
            pair
            for pair in dict.fromkeys(pairs)
            if not (pair[0] in lists and pair[1] in back) and not (pair[0] == "already" and pair[1] in out)
        ]
    )


def _for(given: QueryParams) -> str:
    if given.get("community"):
        return COMMUNITY + given["community"]
    return UNIT + given["units"] if given.get("units") else WHOLE


def _called(here: Door, given: QueryParams, viewer: Viewer) -> list[Person] | None:
    """The people whose name was typed to add somebody; `None` where nothing was typed."""
    text = given.get("add", "").strip()
    if not text:
        return None
    try:
        return find_people(here.finder, text, viewer)
    except InvalidQuestion:
        return []


def _champions(here: Door, asked: ChampionsSearch, viewer: Viewer) -> dict[str, object]:
    found = here.network.champions(asked.championship(), viewer)
    chosen = [one.subject for one in found.ranking.recommendations]
    inside = set(here.network.community(asked.community, viewer).community.members) if asked.community else None
    each = {one: _reached(here, one, viewer, inside=inside) for one in chosen}
    left = list(found.unreached[:UNREACHED_DRAWN])
    near = sorted({other for others in each.values() for other in others[:DRAWN_EACH]} - {*chosen, *left})
    people = known_people(
        here.finder, viewer, [*chosen, *near, *found.unreached[:MOST_SHOWN], *asked.already, *asked.unwilling]
    )
    if asked.units:
        wanted = {unit.lower() for unit in asked.units}
        near = [one for one in near if one in people and people[one].org_unit.lower() in wanted]
    near = near[: max(DRAWN - len(chosen) - len(left), 0)]
    kinds: list[tuple[list[str], Kind]] = [(chosen, "chosen"), (near, "person"), (left, "unreached")]
    figures = [figure(people, one, kind) for some, kind in kinds for one in some if one in people]
    every = here.network.ties_among([*chosen, *near], viewer)
    ties = [tie for tie in every if tie.person in chosen or tie.other in chosen]
    words = phrase(
        "{champions}, {near} of those they reach, {left} whom they do not reach",
        champions=wording.champions(len(chosen)),
        near=len(near),
        left=len(left),
    )
    few = len(chosen) <= DRAWN_CHAMPIONS
    return {
        "found": found,
        "people": people,
        "drawn": sociogram(figures, ties, links=found.links, words=words) if few else None,
        "reach": wording.share(found.reached, found.people),
        "rows": [
            {
                "person": people[one.subject],
                "one": one,
                "place": place,
                "kept": one.subject in asked.already,
                "said": wording.distinct(one.reasons, found.ranking.recommendations),
            }
            for one, place in zip(found.ranking.recommendations, found.places, strict=True)
            if one.subject in people
        ],
        "out": [people[one] for one in asked.unwilling if one in people],
        "near": [people[one] for one in near if one in people],
        "left": [people[one] for one in found.unreached[:MOST_SHOWN] if one in people],
        "links_to_make": [(people[a], people[b]) for a, b in found.links if a in people and b in people],
    }


def _reached(here: Door, person: str, viewer: Viewer, *, inside: set[str] | None) -> list[str]:
    around = here.network.around(person, viewer)
    return [one for one in around.people if inside is None or one in inside]
