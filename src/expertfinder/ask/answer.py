"""What an answer says beside its people: how many are clear matches, and where such people meet if nobody is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from expertfinder.configuration.languages import phrases
from expertfinder.model import Community, Query, Ranking, Recommendation, Viewer

if TYPE_CHECKING:
    from expertfinder.ask.network import Networking

BESIDE = 3
"""Communities that an answer without people offers: what fits below its sentence."""


def matches(clear: int, shown: int) -> str:
    """What an answer holds: `2 clear matches, 3 more to try`."""
    if not clear:
        return phrases("1 person to try", "{count} people to try", shown)
    first = phrases("1 clear match", "{count} clear matches", clear)
    more = shown - clear
    return phrases("{first}, {count} more to try", "{first}, {count} more to try", more, first=first) if more else first


Meeting = list[tuple[Recommendation, tuple[Community, int]]]
"""Communities, each with why it is one and its size, best first."""


def meeting(later: Callable[[], Networking], query: Query, ranking: Ranking, viewer: Viewer) -> Meeting:
    """Communities for a question that is answered with nobody; none for any other, and none under filters: what they
    leave out may be why.

    `later`: makes the network questions, which load what no question about people needs.
    """
    if ranking.abstained is None or not query.whole_text.strip() or query.filtered or query.of_some:
        return []
    network = later()
    found = network.communities(viewer, query=replace(query, limit=BESIDE)).recommendations
    named = {one.id: (one, size) for one, size in network.communities_named(viewer, ids=[one.subject for one in found])}
    return [(one, named[one.subject]) for one in found if one.subject in named]
