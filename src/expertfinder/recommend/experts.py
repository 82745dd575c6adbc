"""Who knows this? Documents first, then people: a score is a sum of named parts over what the viewer may read.

First mix, from `docs/ranking.md`: every part divided by its largest value over the people this viewer may be shown, as
far as the shared tier gives it, so that no restricted fact moves another person's score.
"""

from __future__ import annotations

import numpy as np

from expertfinder.index.segment import days
from expertfinder.index.text import words_of
from expertfinder.index.tokens import tokenise
from expertfinder.index.vectors import Encoder
from expertfinder.index.view import View, candidates
from expertfinder.model import Person, Query, Ranking, Recommendation
from expertfinder.recommend.confidence import assess
from expertfinder.recommend.ledger import Ledger
from expertfinder.recommend.reasons import ALL_CITATIONS, CITATIONS, recommendation
from expertfinder.recommend.scored import Scored

HALF_LIFE_SHARE = 0.25
"""Of the shared tier's time span (`ranking.md`: a quarter, no cap)."""
SUM_OVER = 200
"""Posts that sums run over; the rank-discounted parts run over all candidates."""


def score_experts(view: View, query: Query, encode: Encoder) -> Scored:
    """Score everybody whom the viewer may be shown for a question."""
    snapshot = view.snapshot
    text = " ".join((query.text, *query.topics, *query.tags))
    words = words_of(tokenise(text), snapshot.term_rows, snapshot.statistics)
    vector = encode.encode([text])[0]
    found = candidates(view, words, vector, query)
    ledger = Ledger(len(snapshot.people))
    half_life = HALF_LIFE_SHARE * snapshot.manifest.span
    decay = 0.5 ** (found.act_age / half_life)
    # One person, one post: several acts on it count as the strongest.
    strength = found.act_strength
    near = found.act_post < SUM_OVER
    bm25 = found.bm25[found.act_post] * strength
    discount = 1.0 / np.log2(found.act_post + 2.0) ** 2 * strength
    meaning = found.cosine[found.act_post] ** 2 * strength

    def part(name: str, weight: float, value: np.ndarray, chosen: np.ndarray) -> None:
        shared = chosen & found.act_shared
        largest = np.bincount(found.act_person[shared], value[shared], minlength=1).max(initial=0.0)
        scale = weight / largest if largest > 0 else 0.0
        ledger.add(
            name, person=found.act_person[chosen], post=found.act_post[chosen], contribution=value[chosen] * scale
        )

    everything = np.ones(len(bm25), bool)
    part("documents", 0.2, bm25, near)
    part("recent documents", 0.3, bm25 * decay, near)
    part("best documents", 0.3, discount, everything)
    part("best recent documents", 0.3, discount * decay, everything)
    part("meaning", 0.2, meaning * decay, near)
    profile = np.where(view.people, snapshot.profiles.score(words), 0.0)
    ledger.add_whole("profile", profile * (0.8 / profile.max() if profile.max(initial=0.0) > 0 else 0.0))
    activity = np.log1p(np.bincount(found.act_person, decay, minlength=ledger.people))
    ledger.add_whole("activity", activity * (0.2 / activity.max() if activity.max(initial=0.0) > 0 else 0.0))
    return Scored(ledger, found, words, ledger.totals())


# --- answers ---------------------------------------------------------------------------------------------------------


def eligible(view: View, query: Query) -> np.ndarray:
    """bool [people]: may be shown, has not left, is not the asker, and passes the question's filters on people."""
    people = view.snapshot.people
    mask = view.people.copy()
    as_of = view.snapshot.manifest.as_of
    for row in np.flatnonzero(mask).tolist():
        person = people[row]
        gone = person.left_at is not None and days(person.left_at) <= as_of
        if gone or person.id == query.asker or not _passes(person, query):
            mask[row] = False
    return mask


def _passes(person: Person, query: Query) -> bool:
    fits = (
        not query.place or query.place.lower() in person.location.lower(),
        not query.unit or query.unit.lower() in person.org_unit.lower(),
        not query.language or query.language.lower() in (language.lower() for language in person.languages),
    )
    return all(fits)


def find_experts(view: View, query: Query, *, encode: Encoder) -> Ranking:
    """The people to ask, best first, with reasons; or why there is no good answer."""
    scored = score_experts(view, query, encode)
    mask = eligible(view, query)
    totals = np.where(mask, scored.totals, 0.0)
    order = ranked(totals, [person.id for person in view.snapshot.people])
    sureness = assess(view, query, scored, order)
    if sureness.abstained is not None:
        return Ranking(query=query, abstained=sureness.abstained)
    chosen = order[: query.limit]
    recommendations = tuple(
        recommendation(view, scored, row, order=order, confidence=sureness.of(place), citations=CITATIONS)
        for place, row in enumerate(chosen)
    )
    return Ranking(query=query, recommendations=recommendations, confidence=sureness.answer)


def explain_expert(view: View, query: Query, person: int, *, encode: Encoder) -> Recommendation:
    """One person's score for a question with all its evidence, whether or not the person would be recommended."""
    scored = score_experts(view, query, encode)
    totals = np.where(eligible(view, query), scored.totals, 0.0)
    totals[person] = scored.totals[person]
    order = ranked(totals, [entry.id for entry in view.snapshot.people])
    sureness = assess(view, query, scored, order)
    place = order.index(person) if person in order else len(order)
    return recommendation(view, scored, person, order=order, confidence=sureness.of(place), citations=ALL_CITATIONS)


def ranked(totals: np.ndarray, ids: list[str]) -> list[int]:
    """Rows with a score, best first, ties by id."""
    return sorted(np.flatnonzero(totals > 0).tolist(), key=lambda row: (-totals[row], ids[row]))
