"""A score in words: the parts it is the sum of, and the posts behind each. What convinces is shown, what ranks is added."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np

from expertfinder.index.snapshot import day_of
from expertfinder.index.view import View, segment_of
from expertfinder.model import Citation, Confidence, Reason, Recommendation
from expertfinder.recommend.scored import Scored

CITATIONS = 3
"""Posts shown under each part of an answer; an explanation shows up to `ALL_CITATIONS`."""
ALL_CITATIONS = 50


def recommendation(
    view: View,
    scored: Scored,
    person: int,
    *,
    order: list[int],
    confidence: Confidence,
    citations: int = CITATIONS,
) -> Recommendation:
    """One person with the reasons; `order`: rows of people, best first, that ranks are counted in."""
    totals = scored.totals
    score = float(totals[person])
    others = np.sort(totals[[row for row in order if row != person]])
    lost: defaultdict[int, float] = defaultdict(float)
    parts: list[tuple[str, float, list[tuple[int, float]]]] = []
    for entry in scored.ledger.entries:
        value = float(entry.value[person])
        if value <= 0:
            continue
        mine = np.flatnonzero(entry.person == person)
        by_post: defaultdict[int, float] = defaultdict(float)
        for place in mine.tolist():
            by_post[int(entry.post[place])] += float(entry.contribution[place])
        for post, contribution in by_post.items():
            lost[post] += contribution
        parts.append((entry.part, value, sorted(by_post.items(), key=lambda pair: (-pair[1], pair[0]))))
    acts = _acts(view, scored, person)
    reasons = []
    for part, value, posts in parts:
        cited = []
        for post, contribution in posts[:citations]:
            segment, row = segment_of(view.snapshot, int(scored.candidates.posts[post]))
            without = max(score - lost[post], 0.0)
            created = float(segment.created[row])
            cited.append(
                Citation(
                    post=segment.ids[row],
                    title=segment.titles[row],
                    kind=segment.kinds[row],
                    act=acts[post],
                    at=None if math.isnan(created) else day_of(created),
                    url=segment.urls[row],
                    contribution=contribution,
                    without=without,
                    rank_without=int(len(others) - np.searchsorted(others, without, side="right")) + 1,
                )
            )
        reasons.append(Reason(part=part, value=value, text=_words(part, posts, acts), citations=tuple(cited)))
    return Recommendation(
        subject=view.snapshot.people[person].id,
        role="expert",
        score=score,
        confidence=confidence,
        reasons=tuple(reasons),
    )


def _acts(view: View, scored: Scored, person: int) -> dict[int, str]:
    """Candidate post -> what the person did with it, in the order of the families."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for place in np.flatnonzero(scored.candidates.act_person == person).tolist():
        found[int(scored.candidates.act_post[place])].append(
            view.snapshot.families[int(scored.candidates.act_family[place])]
        )
    return {post: ", ".join(dict.fromkeys(families)) for post, families in found.items()}


def _words(part: str, posts: list[tuple[int, float]], acts: dict[int, str]) -> str:
    return part
