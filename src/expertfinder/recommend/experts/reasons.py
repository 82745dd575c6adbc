"""A score in words: the parts it is the sum of, and the posts behind each.

What convinces is not what ranks best (ECSCW 2015), so the posts shown under a part are its largest contributions, with
what the person did and when; the numbers stay the exact ones of the ledger.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.arrays import gather
from expertfinder.index.people.activity import HALF_LIFE_SHARE, PROFILE_HALF_LIFE_SHARE
from expertfinder.index.people.profiles import saturated
from expertfinder.index.snapshot import day_of
from expertfinder.model import Citation, Confidence, Reason, Recommendation
from expertfinder.recommend.experts.ledger import Entry
from expertfinder.recommend.experts.scored import Scored

CITATIONS = 3
"""Posts shown under each part of an answer; an explanation shows up to `ALL_CITATIONS`."""
ALL_CITATIONS = 50
SHARED_OUT = 60
"""Acts of one person that a profile's score is shared out over: more than are ever cited."""
TOPICS_NAMED = 4

VERBS = {
    "authored": "wrote",
    "answered": "answered",
    "reviewed": "reviewed",
    "edited": "edited",
    "curated": "passed on",
    "accepted": "was thanked for",
    "endorsed": "was endorsed for",
}
"""Family of acts -> what the person did, in a sentence."""


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
    shares = _profile_shares(view, scored, [person for person, _ in people])
    found = []
    for (person, sure), share in zip(people, shares, strict=True):
        reasons = _reasons(view, scored, person, ranked=ranked, parts=_parts(scored, person, share))
        found.append(
            Recommendation(
                subject=view.snapshot.people[person].id,
                role="expert",
                score=float(scored.totals[person]),
                confidence=sure,
                reasons=tuple(reasons),
            )
        )
    return tuple(found)


Posts = list[tuple[int, float]]
"""Candidates with what each adds, the largest first."""


def _parts(scored: Scored, person: int, share: dict[int, float]) -> list[tuple[Entry, float, Posts]]:
    """The parts of one person's score that are not 0, each with the posts behind it."""
    parts = []
    for entry in scored.ledger.entries:
        value = float(entry.value[person])
        if value <= 0:
            continue
        amounts: defaultdict[int, float] = defaultdict(float)
        if entry.part == "profile":
            amounts.update({post: value * part for post, part in share.items()})
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
        text = _text(view, scored, entry.part, person, [acts[post] for post, _ in posts])
        reasons.append(Reason(part=entry.part, value=value, text=text, citations=tuple(cited)))
    return reasons


def _acts(view: View, scored: Scored, person: int) -> dict[int, list[str]]:
    """Candidate -> families of what the person did with it, each once."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for place in np.flatnonzero(scored.candidates.act_person == person).tolist():
        family = view.snapshot.families[int(scored.candidates.act_family[place])]
        post = int(scored.candidates.act_post[place])
        if family not in found[post]:
            found[post].append(family)
    return found


def _profile_shares(view: View, scored: Scored, people: list[int]) -> list[dict[int, float]]:
    """For each person: candidate -> its share of the profile's score.

    A profile's score is a sum over words, and a word's count a sum over posts: each post has the share of its counts.
    Posts that are no candidates hold the rest, and so do those after the `SHARED_OUT` that match the question best.
    """
    snapshot, found = view.snapshot, scored.candidates
    shared = snapshot.shared.segment
    known = [person for person in people if person < len(snapshot.profiles.lengths)]
    words, per_word = scored.per_word(known)
    table = np.full(len(snapshot.statistics.frequency) + 1, -1)
    table[words] = np.arange(len(words))
    built = snapshot.tiers.built_rows(found.posts)
    result: dict[int, dict[int, float]] = {}
    for place, person in enumerate(known):
        total = float(scored.profile[person])
        mine = np.flatnonzero((found.act_person == person) & found.act_shared & (built[found.act_post] >= 0))
        mine = mine[:SHARED_OUT]  # acts stand in the order of the candidates, best first
        if total <= 0 or not len(mine):
            continue
        positions, owner = gather(shared.term_indptr, built[found.act_post[mine]])
        column = table[shared.terms[positions]]
        inside = np.flatnonzero(column >= 0)
        count = saturated(
            shared.counts[positions[inside]].astype(np.float64),
            shared.lengths[built[found.act_post[mine[owner[inside]]]]].astype(np.float64),
            snapshot.profiles.post_length,
        )
        amount = per_word[place, column[inside]] * count
        lasting = found.act_strength[mine] * scored.decay[mine] ** (HALF_LIFE_SHARE / PROFILE_HALF_LIFE_SHARE)
        by_act = np.bincount(owner[inside], amount, minlength=len(mine)) * lasting
        shares: defaultdict[int, float] = defaultdict(float)
        for post, share in zip(found.act_post[mine].tolist(), (by_act / total).tolist(), strict=True):
            if share > 0:
                shares[post] += share
        result[person] = dict(shares)
    return [result.get(person, {}) for person in people]


def _text(view: View, scored: Scored, part: str, person: int, acts: list[list[str]]) -> str:
    """One part in a sentence."""
    if part == "profile":
        return "What this person wrote and handled over time, taken together, is about this."
    if part == "topics":
        named = [name for name, who in scored.tags if person in who][:TOPICS_NAMED]
        return f"Has been active under {_listed([f'“{name}”' for name in named])}."
    if part == "centre":
        return "On average, what this person did lies near the question."
    if part == "activity":
        return "Has been active lately, on whatever subject: a light sign that an answer may come."
    counts = Counter(family for families in acts for family in families[:1])
    did = _listed(
        [
            f"{VERBS.get(family, family)} {number}"
            for family, number in sorted(counts.items(), key=lambda p: (-p[1], p[0]))
        ]
    )
    number = sum(counts.values())
    what = {
        "words and meaning": (
            "matches the question in words and in meaning",
            "match the question in words and in meaning",
        ),
        "meaning": ("means something near the question", "mean something near the question"),
    }[part]
    return f"{did[:1].upper()}{did[1:]} {'post' if number == 1 else 'posts'} that {what[number != 1]}."


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else "several topics"
