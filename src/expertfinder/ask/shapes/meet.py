"""Shapes of a person's neighbourhood, of ways to somebody, and of whom a person should meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from expertfinder.ask.shapes.communities import CommunityOut, CommunityRecommendationOut
from expertfinder.ask.shapes.experts import RankingOut, SubjectOut
from expertfinder.ask.shapes.shape import Known, Shape, known_communities, known_people
from expertfinder.model import Viewer
from expertfinder.recommend.network.communities import COMMUNITIES_TO_MEET

if TYPE_CHECKING:
    from expertfinder.ask.network import Networking


class NearOut(Shape):
    """Somebody to whom a person is tied."""

    subject: SubjectOut
    strength: float = Field(ge=0, description="The logarithm of one plus what they did with each other, by kind.")
    turns_to: bool = Field(description="The person turned to them.")
    turned_to_by: bool = Field(description="They turned to the person.")


class TieOut(Shape):
    """A tie among those shown, by their ids."""

    person: str
    other: str
    strength: float


class RoleOut(Shape):
    """What somebody is for the others: a hint with its grounds, and no judgement."""

    name: str = Field(examples=["connector"])
    text: str
    community: str = Field(description="Where, for a champion; else empty.")


class SimilarOut(Shape):
    """Somebody with near interests."""

    subject: SubjectOut
    cosine: float = Field(ge=-1, le=1)


class NetworkOut(Shape):
    """A person's neighbourhood, made of what the whole organisation may read."""

    subject: SubjectOut
    people: list[NearOut] = Field(description="The strongest ties first, thirty at most.")
    contacts: int = Field(ge=0, description="How many there are altogether.")
    ties: list[TieOut] = Field(description="Among the person and those people.")
    roles: list[RoleOut]
    communities: list[CommunityOut]
    similar: list[SimilarOut]
    version: str


class PathOut(Shape):
    """Whom to ask through: people from the one to the other, both included; empty where no short way leads there."""

    people: list[SubjectOut]
    version: str


class MeetingOut(Shape):
    """People without a tie to somebody yet, each with the link that makes it natural, and communities to look into."""

    subject: SubjectOut
    people: RankingOut
    communities: list[CommunityRecommendationOut] = Field(description="Two at most.")
    mentors: RankingOut | None = Field(description="For `topic`; null without one.")
    version: str


def network_out(network: Networking, person: str, viewer: Viewer) -> NetworkOut:
    """The neighbourhood of a person. Raises `NotFound`."""
    version = network.version(viewer)
    around, similar = network.around(person, viewer), network.similar(person, viewer)
    people = known_people(network.finder, viewer, [around.person, *around.people, *(other for other, _ in similar)])
    mine = known_communities(network, viewer, [one.id for one in network.communities_of(person, viewer)])
    answer = {
        "subject": around.person,
        "people": around.near,
        "contacts": around.contacts,
        "ties": [tie for tie in around.ties if tie.person in people and tie.other in people],
        "roles": network.roles(person, viewer),
        "communities": list(mine),
        "similar": [{"subject": other, "cosine": min(max(cosine, -1.0), 1.0)} for other, cosine in similar],
        "version": version,
    }
    return NetworkOut.of(answer, Known(people, mine))


def path_out(network: Networking, start: str, goal: str, viewer: Viewer) -> PathOut:
    """The way from one person to another, whole or none. Raises `NotFound`."""
    version = network.version(viewer)
    found = network.path(start, goal, viewer)
    people = known_people(network.finder, viewer, found)
    return PathOut.of({"people": found if people.keys() >= set(found) else (), "version": version}, Known(people))


def meeting_out(network: Networking, person: str, viewer: Viewer, *, topic: str, limit: int) -> MeetingOut:
    """Whom a person should meet, and who could teach them a topic. Raises `NotFound`."""
    subject = network.finder.person(person, viewer)
    ranking = network.people_to_meet(person, viewer, limit=limit)
    fitting = network.communities(viewer, person=person, limit=COMMUNITIES_TO_MEET)
    mentors = network.mentors(person, topic, viewer, limit=limit) if topic.strip() else None
    named = [one.subject for each in (ranking, mentors) if each is not None for one in each.recommendations]
    answer = {
        "subject": subject,
        "people": ranking,
        "communities": fitting.recommendations,
        "mentors": mentors,
        "version": ranking.version,
    }
    known = known_communities(network, viewer, [one.subject for one in fitting.recommendations])
    return MeetingOut.of(answer, Known(known_people(network.finder, viewer, named), known))
