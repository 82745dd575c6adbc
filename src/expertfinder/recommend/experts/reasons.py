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

from expertfinder.configuration import languages
from expertfinder.index.arrays import distinct
from expertfinder.index.snapshot import day_of
from expertfinder.model import Citation, Confidence, Reason, Recommendation
from expertfinder.recommend.experts.parts import PARTS, VERBS
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
    found = basis.found
    shares = [part.shares(basis, [person for person, _ in people]) for part in PARTS]
    created = basis.view.snapshot.tiers.created(found.posts)
    chosen = []
    for place, (person, sure) in enumerate(people):
        acts = np.flatnonzero(found.act_person == person)
        mine = distinct(found.act_post[acts])
        days = created[mine][~np.isnan(created[mine])]
        caveats = [ONE_POST()] if len(scored.carrying(person)) == 1 else []
        less = basis.view.lowered.get(person)
        if less is not None:
            caveats.append(COUNTS_LESS(day=languages.day(day_of(less.since))))
        chosen.append(
            Recommendation(
                subject=basis.view.snapshot.people[person].id,
                role="expert",
                score=float(scored.totals[person]),
                confidence=sure,
                reasons=_reasons(scored, person, acts, ranked=ranked, shares=[of_all[place] for of_all in shares]),
                last_seen=day_of(float(days.max())) if len(days) else None,
                posts=int(basis.best[mine].sum()),
                caveat=" ".join(caveats),
            )
        )
    return tuple(chosen)


def _reasons(
    scored: Scored, person: int, acts: np.ndarray, *, ranked: Ranked, shares: list[dict[int, float]]
) -> tuple[Reason, ...]:
    """The parts of one person's score that are not 0. `acts`: positions of what the person did among the acts of the
    candidates; `shares`: of each part, as `Part.shares` has them."""
    found, score = scored.basis.found, float(scored.totals[person])
    told, lost = scored.basis.best.copy(), np.zeros(len(found.posts))
    parts = []
    for part, entry, shared in zip(PARTS, scored.ledger.entries, shares, strict=True):
        value = float(entry.value[person])
        if value <= 0:
            continue
        at = np.flatnonzero(entry.person == person)
        amounts = np.bincount(entry.post[at], entry.contribution[at], minlength=len(lost)).astype(np.float64)
        for post, share in shared.items():
            amounts[post] += value * share
        lost = lost + amounts
        behind = np.flatnonzero(amounts > 0)
        cited = behind[np.argsort(-amounts[behind], kind="stable")][: ranked.citations]
        told[cited] = True
        parts.append((part, value, amounts, cited))
    did = _did(scored, acts[told[found.act_post[acts]]])
    reasons = []
    for part, value, amounts, cited in parts:
        text = ""
        if value >= SAID * score:
            text = part.text(scored.basis, person, [(post, acted) for post, acted in did.items() if amounts[post] > 0])
        citations = [
            _citation(scored, post, did.get(post, []), amount=amounts[post], left=ranked.without(score, lost[post]))
            for post in cited.tolist()
        ]
        reasons.append(Reason(part=part.name, value=value, text=text, citations=tuple(citations)))
    return tuple(reasons)


def _did(scored: Scored, acts: np.ndarray) -> dict[int, list[str]]:
    """Candidate -> families of what a person did with it, each once. `acts`: positions of these acts, ascending."""
    families, found = scored.basis.view.snapshot.families, scored.basis.found
    result: defaultdict[int, list[str]] = defaultdict(list)
    for post, family in dict.fromkeys(zip(found.act_post[acts].tolist(), found.act_family[acts].tolist(), strict=True)):
        result[post].append(families[family])
    return result


def _citation(scored: Scored, post: int, acts: Sequence[str], *, amount: float, left: tuple[float, int]) -> Citation:
    """A candidate behind a part. `left`: score and rank of the person without it."""
    segment, row = scored.basis.view.snapshot.tiers.place(int(scored.basis.found.posts[post]))
    created = float(segment.created[row])
    return Citation(
        post=segment.ids[row],
        title=segment.titles[row],
        kind=segment.kinds[row],
        act=", ".join(VERBS.get(family, family) for family in acts),
        at=None if math.isnan(created) else day_of(created),
        url=segment.urls[row],
        contribution=float(amount),
        without=float(left[0]),
        rank_without=left[1],
    )
