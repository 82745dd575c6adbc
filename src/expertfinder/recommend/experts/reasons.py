"""A score in words: the parts it is the sum of, and the posts behind each.

What convinces is not what ranks best (ECSCW 2015), so the posts shown under a part are its largest contributions, with
what the person did and when; the numbers stay the exact ones of the ledger.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.snapshot import day_of
from expertfinder.model import Citation, Confidence, Reason, Recommendation
from expertfinder.recommend.experts.ledger import Entry
from expertfinder.recommend.experts.own_evidence import own_evidence
from expertfinder.recommend.experts.parts import PARTS, VERBS, best_by_meaning, best_by_words, dated
from expertfinder.recommend.experts.scored import Scored
from expertfinder.recommend.sentences import Sentence, worth_saying

CITATIONS = 3
"""Posts shown under each part of an answer; an explanation shows up to `ALL_CITATIONS`."""
ALL_CITATIONS = 50
"""An explanation of one person shows so many posts under each part."""
ONE_POST = Sentence("Rests on one post.")
"""Said of somebody one of whose posts adds more than ten times what each of the others near the question does."""
COUNTS_LESS = Sentence("Counts less since {day}.")
"""Said of somebody who did not help with the topic of a question, as those say who asked them; the day of the oldest of
these statements that still counts. Nobody else is told more."""
BY_NAME = {part.name: part for part in PARTS}


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
    view: View, scored: Scored, people: Sequence[tuple[int, Confidence]], *, ranked: Ranked
) -> tuple[Recommendation, ...]:
    """The chosen people (rows, with a word of confidence each) with their reasons."""
    rows = [person for person, _ in people]
    shares = {part.name: part.shares(scored.basis, rows) for part in PARTS}
    found = []
    for place, (person, sure) in enumerate(people):
        mine = {name: of_all[place] for name, of_all in shares.items()}
        reasons = _reasons(view, scored, person, ranked=ranked, parts=_parts(scored, person, mine))
        found.append(
            Recommendation(
                subject=view.snapshot.people[person].id,
                role="expert",
                score=float(scored.totals[person]),
                confidence=sure,
                reasons=tuple(reasons),
                last_seen=_last_seen(view, scored, person),
                posts=_near(scored, person),
                caveat=_caveat(view, scored, person),
            )
        )
    return tuple(found)


def _caveat(view: View, scored: Scored, person: int) -> str:
    said = [ONE_POST()] if own_evidence(scored, person).carrying == 1 else []
    less = view.lowered.get(person)
    return " ".join([*said, *([COUNTS_LESS(day=dated(day_of(less.since)))] if less else [])])


Posts = list[tuple[int, float]]
"""Candidates with what each adds, the largest first."""


def _parts(scored: Scored, person: int, shares: dict[str, dict[int, float]]) -> list[tuple[Entry, float, Posts]]:
    """The parts of one person's score that are not 0, each with the posts behind it."""
    parts = []
    for entry in scored.ledger.entries:
        value = float(entry.value[person])
        if value <= 0:
            continue
        amounts: defaultdict[int, float] = defaultdict(float)
        amounts.update({post: value * share for post, share in shares[entry.part].items()})
        for place in np.flatnonzero(entry.person == person).tolist():
            amounts[int(entry.post[place])] += float(entry.contribution[place])
        parts.append((entry, value, sorted(amounts.items(), key=lambda pair: (-pair[1], pair[0]))))
    return parts


def _reasons(
    view: View, scored: Scored, person: int, *, ranked: Ranked, parts: list[tuple[Entry, float, Posts]]
) -> list[Reason]:
    score = float(scored.totals[person])
    lost: defaultdict[int, float] = defaultdict(float)
    for _, _, posts in parts:
        for post, amount in posts:
            lost[post] += amount
    acts = _acts(view, scored, person)
    reasons = []
    for entry, value, posts in parts:
        cited = []
        for post, amount in posts[: ranked.citations]:
            segment, row = view.snapshot.tiers.place(int(scored.candidates.posts[post]))
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
        text = ""
        if worth_saying(value, score):
            text = BY_NAME[entry.part].text(scored.basis, person, [(post, acts[post]) for post, _ in posts])
        reasons.append(Reason(part=entry.part, value=value, text=text, citations=tuple(cited)))
    return reasons


def _near(scored: Scored, person: int) -> int:
    """How many of the posts that match the question best a person had a part in."""
    best = scored.basis.once(best_by_words) | scored.basis.once(best_by_meaning)
    found = scored.candidates
    return len(best.intersection(np.unique(found.act_post[found.act_person == person]).tolist()))


def _last_seen(view: View, scored: Scored, person: int) -> datetime | None:
    """The day of the newest of the candidates that a person had a part in."""
    found = scored.candidates
    posts = found.posts[np.unique(found.act_post[found.act_person == person])]
    tiers = view.snapshot.tiers
    days = [segment.created[rows] for segment, (_, rows) in zip(tiers.segments, tiers.split(posts), strict=True)]
    every = np.concatenate(days)
    dated = every[~np.isnan(every)]
    return day_of(float(dated.max())) if len(dated) else None


def _acts(view: View, scored: Scored, person: int) -> dict[int, list[str]]:
    """Candidate -> families of what the person did with it, each once."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for place in np.flatnonzero(scored.candidates.act_person == person).tolist():
        family = view.snapshot.families[int(scored.candidates.act_family[place])]
        post = int(scored.candidates.act_post[place])
        if family not in found[post]:
            found[post].append(family)
    return found
