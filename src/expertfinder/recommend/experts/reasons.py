"""A score in words: the parts it is the sum of, and the posts behind each.

What convinces is not what ranks best (ECSCW 2015), so the posts shown under a part are its largest contributions, with
what the person did and when; the numbers stay the exact ones of the ledger.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from typing import Any

import numpy as np

from expertfinder.configuration import languages
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

    def without(self, score: np.ndarray, lost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores and ranks (from 1) of people with `score` who lose `lost`, each by itself: all other scores stay as
        they are."""
        left = np.maximum(score - lost, 0.0)
        above = len(self.scores) - np.searchsorted(self.scores, left, side="right")
        return left, above + 1 - ((score > left) & (above > 0))


def recommendations(
    scored: Scored, people: Sequence[tuple[int, Confidence]], *, ranked: Ranked
) -> tuple[Recommendation, ...]:
    """The chosen people (rows, with a word of confidence each) with their reasons."""
    basis, rows = scored.basis, [person for person, _ in people]
    found, view = basis.found, basis.view
    scored.look_at(rows)
    place, mine = scored.acts_of(rows)
    acted = np.zeros((len(rows), len(found.posts)), bool)
    acted[place, found.act_post[mine]] = True
    days = np.where(acted, view.snapshot.tiers.created(found.posts), np.nan)
    days[np.isnan(days)] = -np.inf
    newest = days.max(axis=1, initial=-np.inf).tolist()
    best = np.count_nonzero(acted & basis.best, axis=1).tolist()
    chosen = []
    for number, reasons in enumerate(_reasons(scored, rows, (place, mine), ranked=ranked)):
        person, sure = people[number]
        one = len(scored.carrying(person)) == 1 and not scored.rests_on_own_word(person)
        caveats = [ONE_POST()] if one else []
        less = view.lowered.get(person)
        if less is not None:
            caveats.append(COUNTS_LESS(day=languages.day(day_of(less.since))))
        chosen.append(
            Recommendation(
                subject=view.snapshot.people[person].id,
                role="expert",
                score=float(scored.totals[person]),
                confidence=sure,
                reasons=reasons,
                last_seen=day_of(newest[number]) if newest[number] > -math.inf else None,
                posts=best[number],
                caveat=" ".join(caveats),
            )
        )
    return tuple(chosen)


def _reasons(
    scored: Scored, rows: list[int], acts: tuple[np.ndarray, np.ndarray], *, ranked: Ranked
) -> list[tuple[Reason, ...]]:
    """The parts of each person's score (rows) that are not 0. `acts`: as `Scored.acts_of` has them."""
    scores = scored.totals[rows]
    told = np.repeat(scored.basis.best[None, :], len(rows), axis=0)
    lost = np.zeros(told.shape)
    shown = []
    for part, entry, amounts in zip(PARTS, scored.ledger.entries, scored.behind(rows), strict=True):
        which, posts = np.empty((2, 0), np.int64)
        if amounts is not None:
            lost = lost + amounts
            which, posts = _largest(amounts, ranked.citations)
            told[which, posts] = True
        shown.append((part, entry.value[rows].tolist(), amounts, (which, posts)))
    parts = []
    for part, values, amounts, (which, posts) in shown:
        cited: list[list[list[Any]]] = [[] for _ in rows]
        if amounts is not None:
            left, place = ranked.without(scores[which], lost[which, posts])
            columns = which, posts, amounts[which, posts], left, place
            for at, *one in zip(*(column.tolist() for column in columns), strict=True):
                cited[at].append(one)
        parts.append((part, values, amounts, cited))
    did = _did(scored, len(rows), told, acts)
    posts_of = [np.fromiter(one, np.int64, len(one)) for one in did]
    looked_up = _Posts(scored)
    result = []
    for at, person in enumerate(rows):
        reasons = []
        for part, values, amounts, cited in parts:
            value = values[at]
            if value <= 0:
                continue
            text = ""
            if value >= SAID * scores[at]:
                there = [] if amounts is None else (amounts[at, posts_of[at]] > 0).tolist()
                text = part.text(scored.basis, person, list(compress(did[at].items(), there)))
            citations = [
                looked_up.citation(post, did[at].get(post, ()), amount=amount, left=(left, place))
                for post, amount, left, place in cited[at]
            ]
            reasons.append(Reason(part=part.name, value=value, text=text, citations=tuple(citations)))
        result.append(tuple(reasons))
    return result


def _largest(amounts: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the at most `most` largest amounts above 0 of each row, the largest first, then by column."""
    row, column = np.divmod(np.flatnonzero(amounts > 0), amounts.shape[1])
    order = np.lexsort((-amounts[row, column], row))
    row, column = row[order], column[order]
    first = np.arange(len(row)) - np.searchsorted(row, row) < most
    return row[first], column[first]


def _did(
    scored: Scored, people: int, told: np.ndarray, acts: tuple[np.ndarray, np.ndarray]
) -> list[dict[int, list[str]]]:
    """For each of the people: candidate -> families of what they did with it, each once, of what is `told`."""
    families, found = scored.basis.view.snapshot.families, scored.basis.found
    place, mine = acts
    inside = told[place, found.act_post[mine]]
    place, mine = place[inside], mine[inside]
    result: list[dict[int, list[str]]] = [{} for _ in range(people)]
    columns = (place, found.act_post[mine], found.act_family[mine])
    for person, post, family in dict.fromkeys(zip(*(column.tolist() for column in columns), strict=True)):
        result[person].setdefault(post, []).append(families[family])
    return result


class _Posts:
    """Candidates as they are cited, each looked up once."""

    def __init__(self, scored: Scored) -> None:
        self._tiers, self._numbers = scored.basis.view.snapshot.tiers, scored.basis.found.posts
        self._known: dict[int, tuple[str, str, str, datetime | None, str]] = {}

    def citation(self, post: int, acts: Sequence[str], *, amount: float, left: tuple[float, int]) -> Citation:
        """A candidate behind a part. `left`: score and rank of the person without it."""
        known = self._known.get(post)
        if known is None:
            segment, row = self._tiers.place(int(self._numbers[post]))
            created = float(segment.created[row])
            at = None if math.isnan(created) else day_of(created)
            known = segment.ids[row], segment.titles[row], segment.kinds[row], at, segment.urls[row]
            self._known[post] = known
        name, title, kind, at, url = known
        return Citation(
            post=name,
            title=title,
            kind=kind,
            act=", ".join(VERBS.get(family, family) for family in acts),
            at=at,
            url=url,
            contribution=amount,
            without=left[0],
            rank_without=left[1],
        )
