"""A score in words: the parts it is the sum of, and the posts behind each.

What convinces is not what ranks best (ECSCW 2015), so the posts shown under a part are its largest contributions, with
what the person did and when; the numbers stay the exact ones of the ledger.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from expertfinder.index.snapshot import day_of
from expertfinder.model import Citation, Confidence, Reason, Recommendation
from expertfinder.recommend.experts.parts import PARTS, VERBS, dated
from expertfinder.recommend.experts.scored import Scored
from expertfinder.recommend.sentences import SAID, Sentence

CITATIONS = 3
"""Posts shown under each part of an answer; an explanation shows up to `ALL_CITATIONS`."""
ALL_CITATIONS = 50
"""An explanation of one person shows so many posts under each part."""
ONE_POST = Sentence("Rests on one post.")
"""Said of somebody one of whose posts adds more than ten times what each of the others near the question does."""
COUNTS_LESS = Sentence("Counts less since {day}.")
"""Said of somebody who did not help with the topic of a question, as those say who asked them; the day of the oldest of
these statements that still counts. Nobody else is told more."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Who is ranked, for counting ranks, and how much is shown."""

    scores: np.ndarray
    """float64, the scores of all who are ranked, ascending."""
    citations: int = CITATIONS
    """Posts shown under each part."""

    def without(self, score: float, lost: float) -> tuple[float, int]:
        """Score and rank (from 1) of somebody with `score` who loses `lost`; the others' scores stay as they are."""
        left = max(score - lost, 0.0)
        above = len(self.scores) - int(np.searchsorted(self.scores, left, side="right"))
        return left, above + 1 - int(score > left and above > 0)


def recommendations(
    scored: Scored, people: Sequence[tuple[int, Confidence]], *, ranked: Ranked
) -> tuple[Recommendation, ...]:
    """The chosen people (rows, with a word of confidence each) with their reasons."""
    basis = scored.basis
    found, tiers = basis.found, basis.view.snapshot.tiers
    best = basis.best_by_words | basis.best_by_meaning
    shares = [part.shares(basis, [person for person, _ in people]) for part in PARTS]
    chosen = []
    for place, (person, sure) in enumerate(people):
        mine = np.unique(found.act_post[found.act_person == person])
        places = map(tiers.place, found.posts[mine].tolist())
        days = [created for segment, row in places if not math.isnan(created := float(segment.created[row]))]
        caveats = [ONE_POST()] if scored.own(person).carrying == 1 else []
        less = basis.view.lowered.get(person)
        if less is not None:
            caveats.append(COUNTS_LESS(day=dated(day_of(less.since))))
        chosen.append(
            Recommendation(
                subject=basis.view.snapshot.people[person].id,
                role="expert",
                score=float(scored.totals[person]),
                confidence=sure,
                reasons=_reasons(scored, person, ranked=ranked, shares=[of_all[place] for of_all in shares]),
                last_seen=day_of(max(days)) if days else None,
                posts=len(best.intersection(mine.tolist())),
                caveat=" ".join(caveats),
            )
        )
    return tuple(chosen)


def _reasons(scored: Scored, person: int, *, ranked: Ranked, shares: list[dict[int, float]]) -> tuple[Reason, ...]:
    """The parts of one person's score that are not 0. `shares`: of each part, as `Part.shares` has them."""
    found, snapshot, score = scored.basis.found, scored.basis.view.snapshot, float(scored.totals[person])
    acts: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for act in np.flatnonzero(found.act_person == person).tolist():
        acts[int(found.act_post[act])][snapshot.families[int(found.act_family[act])]] = None
    parts = []
    lost: defaultdict[int, float] = defaultdict(float)
    for part, entry, shared in zip(PARTS, scored.ledger.entries, shares, strict=True):
        value = float(entry.value[person])
        if value <= 0:
            continue
        amounts = defaultdict(float, {post: value * share for post, share in shared.items()})
        for at in np.flatnonzero(entry.person == person).tolist():
            amounts[int(entry.post[at])] += float(entry.contribution[at])
        posts = sorted(amounts.items(), key=lambda pair: (-pair[1], pair[0]))
        parts.append((part, value, posts))
        for post, amount in posts:
            lost[post] += amount
    reasons = []
    for part, value, posts in parts:
        cited = []
        for post, amount in posts[: ranked.citations]:
            segment, row = snapshot.tiers.place(int(found.posts[post]))
            created = float(segment.created[row])
            left, rank = ranked.without(score, lost[post])
            cited.append(
                Citation(
                    post=segment.ids[row],
                    title=segment.titles[row],
                    kind=segment.kinds[row],
                    act=", ".join(VERBS.get(family, family) for family in acts[post]),
                    at=None if math.isnan(created) else day_of(created),
                    url=segment.urls[row],
                    contribution=amount,
                    without=left,
                    rank_without=rank,
                )
            )
        behind = [(post, list(acts[post])) for post, _ in posts]
        text = part.text(scored.basis, person, behind) if value >= SAID * score else ""
        reasons.append(Reason(part=part.name, value=value, text=text, citations=tuple(cited)))
    return tuple(reasons)
