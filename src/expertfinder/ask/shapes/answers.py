"""The shape of the answer to who knows this: people, or where such people meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from expertfinder.ask.answer import Meeting
from expertfinder.ask.shapes.communities import CommunityRecommendationOut
from expertfinder.ask.shapes.experts import RankingOut
from expertfinder.ask.shapes.shape import Known, known_people
from expertfinder.model import Ranking, Viewer

if TYPE_CHECKING:
    from expertfinder.ask.finder import ExpertFinder


class AnswerOut(RankingOut):
    """People, best first, or why nobody is named in `abstained` and where such people meet in `communities`."""

    communities: list[CommunityRecommendationOut] = Field(
        description="Where nobody is named: communities in which people speak of such things, best first."
    )


def answer_out(finder: ExpertFinder, ranking: Ranking, viewer: Viewer, *, beside: Meeting) -> AnswerOut:
    """An answer with the people it names. Who was hidden since the question was answered is left out."""
    people = known_people(finder, viewer, (*ranking.named, *(one.subject for one in ranking.recommendations)))
    answer = {name: getattr(ranking, name, None) for name in AnswerOut.model_fields}
    communities = {one.subject: named for one, named in beside}
    return AnswerOut.of({**answer, "communities": [one for one, _ in beside]}, Known(people, communities))
