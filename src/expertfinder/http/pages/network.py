"""The pages about the network: communities, one of them, a set of champions, and what a person's page says of ties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from expertfinder.ask.answer import BESIDE
from expertfinder.ask.oneself.contact import addresses
from expertfinder.ask.oneself.history import life_of
from expertfinder.ask.oneself.nominations import nominated
from expertfinder.ask.shapes.communities import MOST_SHOWN
from expertfinder.ask.shapes.shape import known_communities, known_people
from expertfinder.configuration.languages import phrase
from expertfinder.http.context import Door
from expertfinder.http.pages import wording
from expertfinder.http.pages.drawing.sociogram import Figure, Kind, sociogram
from expertfinder.http.pages.rendering import Here, Looker, asked_of, page, render
from expertfinder.http.routes.communities import communities_out
from expertfinder.http.schemas.communities import CommunitiesQuestion
from expertfinder.model import Confidence, Person, Query, Ranking, Viewer
from expertfinder.recommend.network.champion_set import Championship
from expertfinder.recommend.network.meet import Near, Tie
from expertfinder.store import Nomination
from expertfinder.store.statements import CHAMPIONS

DRAWN = 30
"""People in one drawing, at most: more would be a cloud of dots whose numbers overlap."""
DRAWN_AROUND = 16
"""So many contacts of one person are drawn; more stand on one another on a phone."""
CHAMPIONS_OF_A_COMMUNITY = 3
"""The page of a community proposes so many champions; the planner asks for more."""
NEWCOMERS_SHOWN = 8
"""So many newcomers are named on the page of a community, the newest first."""
LOOKED_INTO = 8
"""Communities that are shown for a question: the twentieth holds a fiftieth of what is known about the question."""

router = APIRouter(include_in_schema=False)


# --- a person --------------------------------------------------------------------------------------------------------


def person_context(here: Door, person: str, viewer: Viewer) -> dict[str, object]:
    """What a person's page says of the network: ties with a drawing, roles, communities, nominations.

    `through`: the people through whom the viewer can reach the person; empty for the viewer's own page.
    """
    around = here.network.around(person, viewer)
    people = known_people(here.finder, viewer, [person, *around.people])
    near = [one for one in around.near if one.subject in people][:DRAWN_AROUND]
    figures = [figure(people, person, "centre"), *(figure(people, one.subject) for one in near)]
    myself = viewer.person is not None and here.finder.person(viewer.person, viewer).id == person
    mine = [one.id for one in here.network.communities_of(person, viewer)]
    return {
        "drawn": sociogram(figures, around.ties, words=_in_words(people, person, near)),
        "near": [_near(people, person, one) for one in near],
        "contacts": around.contacts,
        "roles": here.network.roles(person, viewer),
        "communities": list(known_communities(here.network, viewer, mine).values()),
        "myself": myself,
        "through": [] if myself or viewer.person is None else _through(here, person, viewer),
        "nominations": (nominations := nominated(here.finder, here.network, viewer, person=person)),
        "named": named_for(here, viewer, nominations),
    }


def _near(people: Mapping[str, Person], person: str, near: Near) -> dict[str, object]:
    how = wording.turned(people[person].name or person, to=near.turns_to, by=near.turned_to_by)
    return {"person": people[near.subject], "how": how, "strength": near.strength}


def _in_words(people: Mapping[str, Person], person: str, near: Sequence[Near]) -> str:
    name = people[person].name or person
    return phrase("{name} and the {count} people nearest to them; the table has the same", name=name, count=len(near))


def _through(here: Door, person: str, viewer: Viewer) -> list[object]:
    """The people between the viewer and somebody; none where they know each other, or nobody leads there."""
    way = here.network.path(viewer.person or "", person, viewer)[1:-1]
    return list(known_people(here.finder, viewer, way).values())


def named_for(here: Door, viewer: Viewer, some: Sequence[Nomination]) -> dict[str, object]:
    """The people and the communities that nominations name."""
    return {
        "people": known_people(here.finder, viewer, [one for each in some for one in (each.person, each.subject)]),
        "communities": known_communities(here.network, viewer, [one.of for one in some if one.role != "expert"]),
    }


# --- beside an answer ------------------------------------------------------------------------------------------------


def beside(here: Door, text: str, ranking: Ranking, viewer: Viewer) -> list[dict[str, object]]:
    """Communities to show beside an answer that names nobody or is not sure (`meeting_for`); none beside another."""
    if not (ranking.abstained or not ranking.recommendations or ranking.confidence == Confidence.LOW):
        return []
    return meeting_for(here, text, viewer, limit=BESIDE)


def meeting_for(here: Door, text: str, viewer: Viewer, *, limit: int) -> list[dict[str, object]]:
    """Communities for a text, with sizes and reasons. Raises `InvalidQuestion` for a text that cannot be asked."""
    found = here.network.communities(viewer, query=Query(text=text, limit=limit))
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
        asked = asked_of(request.query_params, CommunitiesQuestion)
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
    members = found.community.members
    life = life_of(here.finder, members, viewer)
    ties = here.network.ties_among(members, viewer)
    drawn = _foremost(members, ties, first=[*found.community.leads, *carrying])
    newcomers = life.newcomers[:NEWCOMERS_SHOWN]
    waiting = here.questions.listed("open", viewer, community=id) if viewer.person is not None else []
    about = [one for asked in waiting for one in (asked.asker, *asked.claimed) if one]
    kept = here.champion_networks.one(id, viewer) if found.community.source == CHAMPIONS and viewer.person else None
    about += [one for met in kept.introductions for one in (met.one, met.other)] if kept else []
    people = known_people(here.finder, viewer, [*drawn, *carrying, *newcomers, *members[:MOST_SHOWN], *about])
    drawn = [one for one in drawn if one in people]
    strength = dict(found.strength)
    leads = [people[one] for one in found.community.leads if one in people]
    contacts = {one: sum(one in (tie.person, tie.other) for tie in ties) for one in drawn}
    by_role = sorted(
        drawn, key=lambda one: (one not in found.community.leads, one not in carrying, -contacts[one], one)
    )
    figures = [figure(people, one, "chosen" if one in carrying else "person") for one in by_role]
    numbered = sociogram(
        figures,
        ties,
        words=phrase(
            "{people} of {community}", people=wording.people(len(drawn)), community=_called(found.community.name, id)
        ),
    )
    return {
        "found": found,
        "nominations": (nominations := nominated(here.finder, here.network, viewer, of=id)),
        "named": named_for(here, viewer, nominations),
        "life": life,
        "open": waiting,
        "kept": kept,
        "ranking": chosen.ranking,
        "people": people,
        "leads": leads,
        "mail": addresses(here.finder, [one.id for one in leads], viewer),
        "newcomers": [people[one] for one in newcomers if one in people],
        "champions": [one for one in chosen.ranking.recommendations if one.subject in people],
        "drawn": numbered,
        "rows": [
            {
                "person": people[one],
                "number": numbered.numbers[one],
                "leads": one in found.community.leads,
                "champion": one in carrying,
                "contacts": contacts[one],
                "share": strength.get(one),
            }
            for one in by_role
        ],
        "others": [people[one] for one in members if one in people and one not in drawn],
        "known": known_communities(
            here.network, viewer, [*(one for one, _ in found.overlaps), *found.wider, found.community.parent]
        ),
    }


def _foremost(members: Sequence[str], ties: Sequence[Tie], *, first: Sequence[str]) -> list[str]:
    """At most `DRAWN` members to draw, in order of id: those in `first`, then those with the strongest ties here."""
    weight: defaultdict[str, float] = defaultdict(float)
    for tie in ties:
        weight[tie.person] += tie.strength
        weight[tie.other] += tie.strength
    ordered = sorted(members, key=lambda one: (one not in first, -round(weight[one], 9), one))
    return sorted(ordered[:DRAWN])


def _called(name: str, id: str) -> str:
    return name or id


# --- both ------------------------------------------------------------------------------------------------------------


def figure(people: Mapping[str, Person], id: str, kind: Kind = "person") -> Figure:
    """A person as a figure of a drawing. `people`: id -> person, with this one among them."""
    return Figure(id, people[id].name, kind)
