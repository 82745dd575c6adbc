"""Who knows this? Documents first, then people: a score is a sum of named parts over what the viewer may read.

The parts and their weights (`parts.py`) were chosen on ten rows of judged questions and checked leaving each set out
(`docs/ranking.md`). Each part is divided by how far it spreads over the hundred people it speaks for most, so that no
single leader sets the scale. Only what this viewer may read is in a spread, as in everything else that is added up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.model import Confidence, Query, Ranking, Recommendation
from expertfinder.recommend.experts.basis import SPREAD_OVER, Basis
from expertfinder.recommend.experts.confidence import Sureness, less_sure
from expertfinder.recommend.experts.ledger import Ledger
from expertfinder.recommend.experts.lowering import lowered
from expertfinder.recommend.experts.parts import DECLARED, PARTS, WEIGHTS
from expertfinder.recommend.experts.reasons import ALL_CITATIONS, Ranked, recommendations
from expertfinder.recommend.experts.scored import Scored
from expertfinder.recommend.sentences import Sentence

DECLARED_ENOUGH = 0.6
"""The share of a question, by the weights of its words, that somebody must declare to be named where posts say too
little to name anybody: the share that posts must know to speak in full (`confidence.KNOWN_ENOUGH`)."""
ONLY_DECLARED = Sentence("No posts speak of this; these people say of themselves that they know it.")
"""The note of an answer that rests on nothing else."""
NOBODY_NOW = Sentence("Nobody is to be asked about this just now.")
"""Why an answer names nobody where all whom it would name wish not to be asked, or are asked enough."""
RESTRICTED_SPEAKS = 3.0
"""Where only restricted posts speak, a spread counts this much less: they speak through two parts of all, which have
about a third of the weights, and so stand in for the rest."""


def score_experts(view: View, query: Query, encode: Encoder, *, weights: Mapping[str, float] = WEIGHTS) -> Scored:
    """Score everybody whom the viewer may be shown for a question. `weights`: of the parts, shipped or learned."""
    return added_up(Basis.of(view, query, encode), weights=weights)


def added_up(basis: Basis, *, weights: Mapping[str, float] = WEIGHTS) -> Scored:
    """The parts of everybody's score, and their sum.

    A part that sums acts by person is scaled by the spread of the shared tier. Where that is silent and the viewer may
    read more, a share of the spread of what the viewer may read stands in, so that the scale is no accident of a near
    zero. A part that belongs to a person as a whole is of the shared tier.
    """
    ledger = Ledger(basis.people, {part.name: weights.get(part.name, part.weight) / part.weight for part in PARTS})
    found, counts = basis.found, basis.vouched.counts
    person, shared, most = found.act_person, found.act_shared, basis.recipe.in_full
    total = ledger.totals()
    for part in PARTS:
        if ledger.entries:
            total = total + ledger.entries[-1].value
        speaks = basis.view.people & (total > 0)
        amount, share = part.amount(basis, speaks), part.share(basis)
        if part.precomputed:
            amount = amount if part.name == DECLARED else amount * counts
            amount = np.where(basis.view.people if part.finds else speaks, amount, 0.0)
            ledger.add_whole(part.name, amount * (share * part.scale(spread(amount))))
            continue
        amount = amount * counts[person]
        every, open_to_all = amount, amount[shared]
        amount = amount * few_in_full(person, amount, most=most)
        one_tier = len(open_to_all) == len(every)
        open_to_all = amount if one_tier else open_to_all * few_in_full(person[shared], open_to_all, most=most)
        of_all, of_shared = (
            spread(np.bincount(who, what, minlength=ledger.people))
            for who, what in ((person, amount), (person[shared], open_to_all))
        )
        scale = share * part.scale(max(of_shared, of_all / RESTRICTED_SPEAKS))
        used = amount > 0
        ledger.add(part.name, person=person[used], post=found.act_post[used], contribution=amount[used] * scale)
    return Scored(ledger, basis, total + ledger.entries[-1].value)


def spread(value: np.ndarray) -> float:
    """Standard deviation over the `SPREAD_OVER` largest values, with zeros for who is not there.

    The number of people is not to show in it: some of them are hidden, or not for this viewer to find.
    """
    largest = np.zeros(SPREAD_OVER)
    positive = value[value > 0]
    if len(positive) > SPREAD_OVER:
        positive = np.partition(positive, len(positive) - SPREAD_OVER)[-SPREAD_OVER:]
    positive = np.sort(positive)[::-1]
    largest[: len(positive)] = positive
    apart = largest - np.add.reduce(largest) / SPREAD_OVER  # as `np.std` has it, without what that asks of its input
    return float(np.sqrt(np.add.reduce(apart * apart) / SPREAD_OVER))


def few_in_full(person: np.ndarray, amount: np.ndarray, *, most: float) -> np.ndarray:
    """float64 [acts]: the share of its `amount` that each act of a person keeps, 1 for the `most` largest.

    No sum falls when an act comes or grows: shares go by rank, and the larger amounts have the larger ones.
    """
    share = np.ones(len(person))
    many = np.flatnonzero((np.bincount(person) > most)[person]) if len(person) else person
    if len(many):  # of everybody else all acts count in full
        order = many[_by_person(person[many], amount[many])]
        first = np.flatnonzero(np.diff(person[order], prepend=-1))
        rank = np.arange(1, len(order) + 1) - np.repeat(first, np.diff(first, append=len(order)))
        share[order] = np.minimum(1.0, most / rank)
    return share


def _by_person(person: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Positions by person, then by falling amount, then as they stand; several times as fast as `np.lexsort`."""
    order = np.argsort(-amount)
    falling = amount[order]
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(np.concatenate(([False], falling[1:] != falling[:-1])))
    number = np.arange(len(order))
    return np.argsort((person.astype(np.int64) * len(order) + place) * len(order) + number)


# --- answers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answered:
    """Everybody in order, before the answer is cut to its length and its reasons are written."""

    scored: Scored
    order: np.ndarray
    """int64: rows of the people who may be shown and have a score, best first, ties by id."""
    sureness: Sureness
    """How sure the answer is, or why nobody is named."""
    everybody: Answered | None
    """The same question to the whole organisation, where this one has filters on people."""
    seen: Scored
    """The scores without what people say of themselves, and before what did not help lowers them: what an answer is
    sure by."""
    seen_order: np.ndarray
    """As `order`, of those scores."""

    @classmethod
    def of(
        cls, basis: Basis, also: int | None, *, weights: Mapping[str, float], everybody: Answered | None = None
    ) -> Answered:
        """Score everybody and put those in order who may be shown; `everybody`: what the whole organisation answers."""
        view, scored = basis.view, added_up(basis, weights=weights)
        shown = view.eligible(basis.query) & scored.known
        if also is not None:
            shown[also] = True
        order = view.ranked(np.where(shown, scored.totals, 0.0))
        seen = scored.evidence
        seen_order = order if seen is scored else view.ranked(np.where(shown, seen.totals, 0.0))
        if view.lowered:  # it may cost a place; words of confidence stay
            scored = lowered(scored, order)
            order = view.ranked(np.where(shown, scored.totals, 0.0))
        if everybody is None:
            sureness = Sureness.of(seen, seen_order, whole=seen, whole_order=seen_order)
        else:
            most = everybody.sureness.grounds
            sureness = Sureness.of(seen, seen_order, whole=everybody.seen, whole_order=everybody.seen_order, most=most)
        return cls(scored, order, sureness, everybody, seen, seen_order)

    def word(self, person: int) -> Confidence:
        """How sure the answer is of a person (row): by their own evidence, no surer than of the answer, under filters
        no surer than in the whole organisation and by what passes; `low` where nothing but their own word speaks for
        them."""
        if self.answer is Confidence.LOW or not self.seen.totals[person] > 0:
            return Confidence.LOW
        own = less_sure(self.answer, self.seen.word(person, self.seen_order))
        return own if self.everybody is None else less_sure(self.everybody.word(person), own)

    @property
    def answer(self) -> Confidence:
        """How sure the answer is as a whole: that one of the first three is right; not where the first stands there by
        their own word."""
        by_own_word = len(self.order) and self.scored.rests_on_own_word(int(self.order[0]))
        return Confidence.LOW if by_own_word else self.sureness.answer


def answered(
    view: View, query: Query, *, encode: Encoder, weights: Mapping[str, float] = WEIGHTS, also: int | None = None
) -> Answered:
    """Score everybody, put those in order who may be shown, and say how sure that is.

    `also`: the row of somebody who is in the order whether or not they may be shown.
    """
    basis = Basis.of(view, query.of_everybody, encode)
    everybody = Answered.of(basis, also, weights=weights)
    if not query.of_some:
        return everybody
    return Answered.of(basis.among(view.narrowed(query), query), also, weights=weights, everybody=everybody)


def find_experts(
    view: View,
    query: Query,
    *,
    encode: Encoder,
    weights: Mapping[str, float] = WEIGHTS,
    away: Collection[str] = frozenset(),
) -> Ranking:
    """The people to ask, best first, with reasons; or why there is no good answer.

    The list ends where the evidence does: behind the first nobody is named for whom no post near the question speaks,
    and who does not say so of themselves. Who is `away` (ids) is left out and the next is named, which moves no score,
    sentence or word of confidence.
    """
    found = answered(view, query, encode=encode, weights=weights)
    scored, order, sure = found.scored, found.order, found.answer
    notes, declared = scored.basis.reading.notes, scored.declared
    if found.sureness.abstained is not None:
        order = order[declared[order] >= DECLARED_ENOUGH]
        if not len(order):
            return Ranking(query=query, abstained=found.sureness.abstained, notes=notes)
        notes, sure = (*notes, ONLY_DECLARED()), Confidence.LOW
    named = [row for row in order.tolist() if view.snapshot.people[row].id not in away] if away else order.tolist()
    if not named:
        return Ranking(query=query, abstained=NOBODY_NOW(), notes=notes)
    scored.look_at(named[: query.limit])
    rows = [row for row in named[: query.limit] if declared[row] > 0 or len(scored.near(row))]
    people = [(row, less_sure(found.word(row), sure)) for row in rows or named[:1]]
    shown = recommendations(scored, people, ranked=Ranked(np.sort(scored.totals[order])))
    return Ranking(query=query, recommendations=shown, confidence=sure, notes=notes)


def explain_expert(
    view: View, query: Query, person: int, *, encode: Encoder, weights: Mapping[str, float] = WEIGHTS
) -> Recommendation:
    """One person's score for a question with all its evidence, whether or not the person would be recommended.

    Whom a filter leaves out has no score: what they did does not count for this question.
    """
    found = answered(view, query, encode=encode, weights=weights, also=person)
    everybody = Ranked(np.sort(found.scored.totals[found.order]), citations=ALL_CITATIONS)
    people = [(person, found.word(person))]
    return recommendations(found.scored, people, ranked=everybody)[0]
