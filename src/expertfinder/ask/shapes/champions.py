"""Shapes of a set of champions."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from pydantic import Field

from expertfinder.ask.shapes.communities import MOST_SHOWN
from expertfinder.ask.shapes.experts import Ranked, RecommendationOut, SubjectOut
from expertfinder.ask.shapes.shape import Known, Shape, known_people
from expertfinder.model import Viewer

if TYPE_CHECKING:
    from expertfinder.ask.network import Networking
    from expertfinder.recommend.network.champion_set import Championship


class ChampionOut(RecommendationOut):
    """One of a set of champions, and what the person is for the set."""

    role: str = Field(examples=["champion"])
    adds: int = Field(ge=0, description="People reached whom nobody before in the list reaches, the champion included.")
    alone: int = Field(ge=0, description="People whom nobody of the set would reach without this one.")


class LinkOut(Shape):
    """Two champions who should meet."""

    one: SubjectOut
    other: SubjectOut


class ChampionsOut(Ranked[ChampionOut]):
    """A set of champions, in the order chosen: the first reach most. `abstained` says why there is none."""

    people: int = Field(ge=0, description="Among whom champions were looked for.")
    reached: int = Field(ge=0, description="How many of them are a champion or tied to one.")
    unreached: list[SubjectOut] = Field(description="The first hundred of those who are not, in order of id.")
    units_without: list[str] = Field(
        description="With `one_per_unit`: units without a champion, as nobody there could be one or the set is full."
    )
    links: list[LinkOut] = Field(description="Pairs of champions without a tie, fewest common contacts first.")


def champions_out(network: Networking, asked: Championship, viewer: Viewer) -> ChampionsOut:
    """A set with the people it names. Raises `InvalidQuestion` and `NotFound`."""
    found = network.champions(asked, viewer)
    ranking, unreached = found.ranking, found.unreached[:MOST_SHOWN]
    people = known_people(network.finder, viewer, [*(one.subject for one in ranking.recommendations), *unreached])
    chosen = [
        {**{each.name: getattr(one, each.name) for each in fields(one)}, **asdict(place)}
        for one, place in zip(ranking.recommendations, found.places, strict=True)
    ]
    answer = {name: getattr(found, name, getattr(ranking, name, None)) for name in ChampionsOut.model_fields}
    return ChampionsOut.of({**answer, "recommendations": chosen, "unreached": unreached}, Known(people))
