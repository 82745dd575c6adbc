"""Shapes of communities, as they are listed, recommended and looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationInfo, model_validator

from expertfinder.ask.shapes.cursors import Cursors
from expertfinder.ask.shapes.experts import Ranked, Recommended, SubjectOut
from expertfinder.ask.shapes.shape import Known, Shape, known_communities, known_people, standing_for
from expertfinder.model import Ranking, Viewer

if TYPE_CHECKING:
    from expertfinder.ask.network import Networking

MOST_SHOWN = 100
"""Communities, or people of one, in one answer."""


class CommunityOut(Shape):
    """A community without its people and its audience. `size` counts those of its people whom the caller may find."""

    id: str = Field(examples=["demo:builders"])
    source: str
    name: str
    description: str
    kind: str = Field(description="`declared` by the organisation, or `detected` in what all may read.")
    parent: str = Field(description="The one above it, where the caller may read that; else empty.")
    size: int = Field(ge=0)

    @model_validator(mode="before")
    @classmethod
    def _community(cls, value: Any, info: ValidationInfo) -> Any:
        value = standing_for(value, info, "communities")
        if not isinstance(value, tuple):
            return value
        community, size = value
        return {name: getattr(community, name, size) for name in cls.model_fields}


class CommunityRecommendationOut(Recommended[CommunityOut]):
    """One community, and why. `score` is the sum of the values of the reasons."""

    role: str = Field(examples=["community"])


class CommunitiesOut(Ranked[CommunityRecommendationOut]):
    """Without a question all of them in `communities`, the largest first; with one `recommendations`, best first."""

    communities: list[CommunityOut]
    next: str | None = Field(description="Give it as `after` for more of the list; null at its end.")


class MemberOut(Shape):
    """Somebody in a community."""

    subject: SubjectOut
    leads: bool
    strength: float | None = Field(
        description="Of a detected one: the share of the person's links that lie in it, 0 to 1. Of a declared one null."
    )


class BindingOut(Shape):
    """A topic that binds a community: how much more it is spoken of there than elsewhere (log odds)."""

    label: str
    weight: float


class UnitOut(Shape):
    """How many of its people sit in a unit."""

    unit: str
    people: int


class OverlapOut(Shape):
    """Another community with some of the same people."""

    community: CommunityOut
    people: int


class CommunityViewOut(Shape):
    """A community with its people, as far as the caller may find them, and what binds it."""

    community: CommunityOut
    members: list[MemberOut] = Field(description="In order of id.")
    next: str | None = Field(description="Give it as `after` for more of the members; null at their end.")
    leads: list[SubjectOut]
    topics: list[BindingOut] = Field(description="Strongest first.")
    inside: float = Field(ge=0, le=1, description="The share of its people's ties that are with one another.")
    units: list[UnitOut]
    overlaps: list[OverlapOut]
    wider: list[CommunityOut] = Field(
        description="Of a detected one: those that are one with it when one looks from further away."
    )
    version: str


def ranked_communities_out(network: Networking, ranking: Ranking, viewer: Viewer) -> CommunitiesOut:
    """A ranked answer with the communities it names."""
    named = known_communities(network, viewer, (one.subject for one in ranking.recommendations))
    answer = {name: getattr(ranking, name, None) for name in CommunitiesOut.model_fields}
    return CommunitiesOut.of({**answer, "communities": []}, Known({}, named))


def community_out(
    network: Networking, community: str, viewer: Viewer, *, after: str = "", limit: int | None = None
) -> CommunityViewOut:
    """A community and its people, or a page of them: those after the cursor `after`. Raises `NotFound`,
    `InvalidQuestion`."""
    version = network.version(viewer)
    found = network.community(community, viewer)
    here, strength = found.community, dict(found.strength)
    cursors = Cursors(network.finder.secret, viewer, ("members", here.id))
    last = cursors.entry(after) if after else ""
    rest = [one for one in here.members if one > last]
    page = rest[:limit]
    people = known_people(network.finder, viewer, [*page, *here.leads])
    others = known_communities(network, viewer, [*(other for other, _ in found.overlaps), *found.wider])
    answer = {
        "community": (here, found.size),
        "members": [{"subject": one, "leads": one in here.leads, "strength": strength.get(one)} for one in page],
        "next": cursors.at(page[-1]) if page and len(rest) > len(page) else None,
        "leads": here.leads,
        "topics": found.topics,
        "inside": found.inside,
        "units": found.units,
        "overlaps": found.overlaps,
        "wider": [other for other in found.wider if other != here.id],
        "version": version,
    }
    return CommunityViewOut.of(answer, Known(people, others))
