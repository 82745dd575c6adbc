"""The pages about the network: communities, one of them, a set of champions, and what a person's page says of ties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from expertfinder.ask.answer import BESIDE
from expertfinder.ask.shapes.communities import MOST_SHOWN
from expertfinder.ask.shapes.shape import known_communities, known_people
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.http.context import Door
from expertfinder.http.pages import wording
from expertfinder.http.pages.rendering import Here, Looker, page, render
from expertfinder.http.pages.sociogram import Figure, Kind, sociogram
from expertfinder.http.routes.communities import communities_out
from expertfinder.http.schemas.champions import ChampionsQuestion
from expertfinder.http.schemas.communities import CommunitiesQuestion
from expertfinder.model import Confidence, Person, Query, Ranking, Viewer
from expertfinder.recommend.network.champion_set import Championship
from expertfinder.recommend.network.communities import COMMUNITIES_TO_MEET
from expertfinder.recommend.network.meet import Near, Tie

DRAWN = 30
"""People in one drawing: more are a cloud, and their numbers stand on one another."""
DRAWN_AROUND = 16
"""So many contacts of one person are drawn; more stand on one another on a phone."""
DRAWN_EACH = 8
"""People drawn around each champion, the strongest ties first."""
UNREACHED_DRAWN = 24
"""So many people whom a set does not reach are drawn; the list below names them all."""
CHAMPIONS_OF_A_COMMUNITY = 3
"""The page of a community proposes so many champions; the planner asks for more."""
LOOKED_INTO = 8
"""Communities for a question: the twentieth holds a fiftieth of what is known about it."""
OFFERED = 50
"""Communities in the form."""

Q = TypeVar("Q", bound=BaseModel)

router = APIRouter(include_in_schema=False)


# --- a person --------------------------------------------------------------------------------------------------------


def person_context(here: Door, person: str, viewer: Viewer) -> dict[str, object]:
    """Whom a person is tied to, with a drawing; roles, communities; whom to meet, for oneself; else whom to ask
    through."""
    around = here.network.around(person, viewer)
    people = known_people(here.finder, viewer, [person, *around.people])
    near = [one for one in around.near if one.subject in people][:DRAWN_AROUND]
    figures = [_figure(people, person, "centre"), *(_figure(people, one.subject) for one in near)]
    myself = viewer.person is not None and here.finder.person(viewer.person, viewer).id == person
    mine = [one.id for one in here.network.communities_of(person, viewer)]
    return {
        "drawn": sociogram(figures, around.ties, words=_in_words(people, person, near)),
        "near": [_near(people, person, one) for one in near],
        "contacts": around.contacts,
        "roles": here.network.roles(person, viewer),
        "communities": list(known_communities(here.network, viewer, mine).values()),
        "meeting": _meeting(here, person, viewer) if myself else None,
        "through": [] if myself or viewer.person is None else _through(here, person, viewer),
    }


def _near(people: Mapping[str, Person], person: str, near: Near) -> dict[str, object]:
    how = wording.turned(people[person].name or person, to=near.turns_to, by=near.turned_to_by)
    return {"person": people[near.subject], "how": how, "strength": near.strength}


def _in_words(people: Mapping[str, Person], person: str, near: Sequence[Near]) -> str:
    name = people[person].name or person
    return f"{name} and the {len(near)} people nearest to them; the table has the same"


def _meeting(here: Door, person: str, viewer: Viewer) -> dict[str, object]:
    ranking = here.network.people_to_meet(person, viewer)
    fitting = here.network.communities(viewer, person=person, limit=COMMUNITIES_TO_MEET)
    return {
        "ranking": ranking,
        "people": known_people(here.finder, viewer, [one.subject for one in ranking.recommendations]),
        "fitting": fitting,
        "known": known_communities(here.network, viewer, [one.subject for one in fitting.recommendations]),
    }


def _through(here: Door, person: str, viewer: Viewer) -> list[object]:
    """The people between the viewer and somebody; none where they know each other, or nobody leads there."""
    way = here.network.path(viewer.person or "", person, viewer)[1:-1]
    return list(known_people(here.finder, viewer, way).values())


# --- beside an answer ------------------------------------------------------------------------------------------------


def beside(here: Door, text: str, ranking: Ranking, viewer: Viewer) -> list[dict[str, object]]:
    """Where such people meet, where nobody can be named or it is not sure: communities with the words for them."""
    if not (ranking.abstained or not ranking.recommendations or ranking.confidence == Confidence.LOW):
        return []
    found = here.network.communities(viewer, query=Query(text=text, limit=BESIDE))
    known = known_communities(here.network, viewer, [one.subject for one in found.recommendations])
    return [
        {"community": known[one.subject][0], "size": known[one.subject][1], "reasons": one.reasons}
        for one in found.recommendations
        if one.subject in known
    ]


# --- communities -----------------------------------------------------------------------------------------------------


@router.get("/communities")
async def communities_page(request: Request, who: Looker, here: Here) -> Response:
    """All communities, or those for a question."""

    def work() -> Response:
        asked = _asked(request, CommunitiesQuestion)
        if asked.q and "limit" not in request.query_params:
            asked = asked.model_copy(update={"limit": LOOKED_INTO})
        found = communities_out(here, asked, who.viewer)
        return render("communities.html", who, {"found": found, "q": asked.q, "kind": asked.kind or ""})

    return await page(request, here, who, work)


@router.get("/communities/{id:full}")
async def community_page(id: str, request: Request, who: Looker, here: Here) -> Response:
    """A community: what binds it, its people drawn, and who could carry it."""

    def work() -> Response:
        return render("community.html", who, _community(here, id, who.viewer))

    return await page(request, here, who, work)


def _community(here: Door, id: str, viewer: Viewer) -> dict[str, object]:
    found = here.network.community(id, viewer)
    chosen = here.network.champions(Championship(community=id, size=CHAMPIONS_OF_A_COMMUNITY), viewer)
    carrying = [one.subject for one in chosen.ranking.recommendations]
    ties = here.network.ties_among(found.community.members, viewer)
    drawn = _foremost(found.community.members, ties, first=[*found.community.leads, *carrying])
    people = known_people(here.finder, viewer, [*drawn, *carrying, *found.community.members[:MOST_SHOWN]])
    drawn = [one for one in drawn if one in people]
    figures = [_figure(people, one, "chosen" if one in carrying else "person") for one in drawn]
    strength = dict(found.strength)
    return {
        "found": found,
        "ranking": chosen.ranking,
        "people": people,
        "champions": [one for one in chosen.ranking.recommendations if one.subject in people],
        "drawn": sociogram(figures, ties, words=f"{len(drawn)} people of {_called(found.community.name, id)}"),
        "rows": [
            {
                "person": people[one],
                "leads": one in found.community.leads,
                "champion": one in carrying,
                "contacts": sum(one in (tie.person, tie.other) for tie in ties),
                "share": strength.get(one),
            }
            for one in drawn
        ],
        "others": [people[one] for one in found.community.members if one in people and one not in drawn],
        "known": known_communities(
            here.network, viewer, [*(one for one, _ in found.overlaps), *found.wider, found.community.parent]
        ),
    }


def _foremost(members: Sequence[str], ties: Sequence[Tie], *, first: Sequence[str]) -> list[str]:
    """Those to draw: the ones named first, then those with most ties here; in order of id."""
    weight: defaultdict[str, float] = defaultdict(float)
    for tie in ties:
        weight[tie.person] += tie.strength
        weight[tie.other] += tie.strength
    ordered = sorted(members, key=lambda one: (one not in first, -round(weight[one], 9), one))
    return sorted(ordered[:DRAWN])


def _called(name: str, id: str) -> str:
    return name or id


# --- champions -------------------------------------------------------------------------------------------------------


@router.get("/champions")
async def champions_page(request: Request, who: Looker, here: Here) -> Response:
    """A set of champions drawn: who reaches whom, and who is reached by nobody."""

    def work() -> Response:
        context: dict[str, object] = {
            "offered": here.network.all_communities(who.viewer)[:OFFERED],
            "asked": None,
            "refused": None,
            "rows": [],
        }
        try:
            asked = _asked(request, ChampionsQuestion)
            context["asked"] = asked
            context |= _champions(here, asked, who.viewer)
        except InvalidQuestion as error:
            context["refused"] = error.detail
        except NotFound as error:
            if not request.query_params.get("units"):  # a unit is typed by hand, and the form is where to mend it
                raise
            context["refused"] = error.detail
        return render("champions.html", who, context)

    return await page(request, here, who, work)


def _champions(here: Door, asked: ChampionsQuestion, viewer: Viewer) -> dict[str, object]:
    found = here.network.champions(asked.championship(), viewer)
    chosen = [one.subject for one in found.ranking.recommendations]
    inside = set(here.network.community(asked.community, viewer).community.members) if asked.community else None
    each = {one: _reached(here, one, viewer, inside=inside) for one in chosen}
    near = sorted({other for others in each.values() for other in others[:DRAWN_EACH]} - set(chosen))
    left = list(found.unreached[:UNREACHED_DRAWN])
    near = [one for one in near if one not in left]
    people = known_people(here.finder, viewer, [*chosen, *near, *found.unreached[:MOST_SHOWN]])
    if asked.units:
        wanted = {unit.lower() for unit in asked.units}
        near = [one for one in near if one in people and people[one].org_unit.lower() in wanted]
    kinds: list[tuple[list[str], Kind]] = [(chosen, "chosen"), (near, "person"), (left, "unreached")]
    figures = [_figure(people, one, kind) for some, kind in kinds for one in some if one in people]
    every = here.network.ties_among([*chosen, *near], viewer)
    ties = [tie for tie in every if tie.person in chosen or tie.other in chosen]
    words = f"{len(chosen)} champions, {len(near)} of those they reach, {len(left)} whom they do not reach"
    return {
        "found": found,
        "people": people,
        "drawn": sociogram(figures, ties, links=found.links, words=words),
        "rows": [
            {"person": people[one.subject], "one": one, "place": place, "reaches": len(each[one.subject])}
            for one, place in zip(found.ranking.recommendations, found.places, strict=True)
            if one.subject in people
        ],
        "near": [people[one] for one in near if one in people],
        "left": [people[one] for one in found.unreached[:MOST_SHOWN] if one in people],
        "links_to_make": [(people[a], people[b]) for a, b in found.links if a in people and b in people],
    }


def _reached(here: Door, person: str, viewer: Viewer, *, inside: set[str] | None) -> list[str]:
    around = here.network.around(person, viewer)
    return [one for one in around.people if inside is None or one in inside]


# --- both ------------------------------------------------------------------------------------------------------------


def _figure(people: Mapping[str, Person], id: str, kind: Kind = "person") -> Figure:
    return Figure(id, people[id].name, kind)


def _asked(request: Request, shape: type[Q]) -> Q:
    """A form's parameters; an empty field is none. Raises `InvalidQuestion`."""
    given: dict[str, str | list[str]] = {}
    for name in shape.model_fields:
        values = [value for value in request.query_params.getlist(name) if value.strip()]
        if values:
            given[name] = values if name == "units" else values[-1]
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidQuestion(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error
