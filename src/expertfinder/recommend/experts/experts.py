"""Who knows this? Documents first, then people: a score is a sum of named parts over what the viewer may read.

The parts and their weights (`parts.py`) were chosen on ten rows of judged questions and checked leaving each set out
(`docs/ranking.md`). Each part is divided by how far it spreads over the hundred people it speaks for most, so that no
single leader sets the scale. Only what this viewer may read is in a spread, as in everything else that is added up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from expertfinder.index.access import View, narrowed
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.model import Confidence, Query, Ranking, Recommendation
from expertfinder.recommend.experts.basis import Basis, Gathered, basis, gathered, gathered_among
from expertfinder.recommend.experts.confidence import Sureness, assess, assess_among, less_sure
from expertfinder.recommend.experts.ledger import Ledger
from expertfinder.recommend.experts.lowering import lowered
from expertfinder.recommend.experts.own_evidence import evidenced, own_word
from expertfinder.recommend.experts.parts import DECLARED, PARTS, WEIGHTS, Part, best_by_meaning
from expertfinder.recommend.experts.reasons import ALL_CITATIONS, Ranked, recommendations
from expertfinder.recommend.experts.scored import Scored
from expertfinder.recommend.experts.vouched import counts_for
from expertfinder.recommend.sentences import SAID, Sentence

SPREAD_OVER = 100
"""The spread of a part is that of its so many largest values: more people are hardly ever in play."""
SPREADS = 4.0
"""A person who stands so many spreads out adds the whole weight of a part, by the definition of a weight."""
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
    return added_up(view, gathered(view, query, encode), weights=weights)


def added_up(view: View, question: Gathered, *, weights: Mapping[str, float] = WEIGHTS) -> Scored:
    """The parts of everybody's score, and their sum."""
    made_of = basis(view, question)
    factors = {part.name: weights.get(part.name, part.weight) / part.weight for part in PARTS}
    ledger = Ledger(made_of.people, factors)
    counts = made_of.once(counts_for)
    for part in PARTS:
        amount = part.amount(made_of)
        if part.name != DECLARED:
            amount = amount * (counts if part.precomputed else counts[made_of.found.act_person])
        if part.precomputed:
            _by_person(ledger, part, amount, made_of)
        else:
            _by_act(ledger, part, amount, made_of)
    return Scored(ledger, made_of, ledger.totals())


def spread(value: np.ndarray) -> float:
    """Standard deviation over the `SPREAD_OVER` largest values, with zeros for who is not there.

    The number of people is not to show in it: some of them are hidden, or not for this viewer to find.
    """
    largest = np.zeros(SPREAD_OVER)
    positive = np.sort(value[value > 0])[::-1][:SPREAD_OVER]
    largest[: len(positive)] = positive
    return float(largest.std())


def _scale(part: Part, wide: float) -> float:
    """What the values of a part are multiplied by; `wide`: their spread."""
    return part.weight / (SPREADS * wide) if wide > 1e-12 else 0.0


def _by_act(ledger: Ledger, part: Part, amount: np.ndarray, made_of: Basis) -> None:
    """Add a part that sums `amount` [acts of the candidates] by person.

    It is scaled by the spread of the shared tier. Where that is silent and the viewer may read more, a share of the
    spread of what the viewer may read stands in, so that the scale is no accident of a near zero.
    """
    found, most = made_of.found, made_of.recipe.in_full
    open_to_all = amount[found.act_shared]
    open_to_all = open_to_all * few_in_full(found.act_person[found.act_shared], open_to_all, most=most)
    amount = amount * few_in_full(found.act_person, amount, most=most)
    everything = np.bincount(found.act_person, amount, minlength=ledger.people)
    shared = np.bincount(found.act_person[found.act_shared], open_to_all, minlength=ledger.people)
    scale = part.share(made_of) * _scale(part, max(spread(shared), spread(everything) / RESTRICTED_SPEAKS))
    used = amount > 0
    ledger.add(part.name, person=found.act_person[used], post=found.act_post[used], contribution=amount[used] * scale)


def few_in_full(person: np.ndarray, amount: np.ndarray, *, most: float) -> np.ndarray:
    """float64 [acts]: the share of its `amount` that each act of a person keeps, 1 for the `most` largest.

    No sum falls when an act comes or grows: shares go by rank, and the larger amounts have the larger ones.
    """
    order = np.lexsort((-amount, person))
    first = np.flatnonzero(np.diff(person[order], prepend=-1))
    rank = np.empty(len(order))
    rank[order] = np.arange(1, len(order) + 1) - np.repeat(first, np.diff(first, append=len(order)))
    return np.minimum(1.0, most / rank) if len(rank) else rank


def _by_person(ledger: Ledger, part: Part, value: np.ndarray, made_of: Basis) -> None:
    """Add a part that belongs to a person as a whole; it is of the shared tier."""
    if not part.finds:
        value = np.where(ledger.totals() > 0, value, 0.0)
    shown = np.where(made_of.view.people, value, 0.0)
    ledger.add_whole(part.name, shown * (part.share(made_of) * _scale(part, spread(shown))))


# --- answers ---------------------------------------------------------------------------------------------------------


def eligible(view: View, query: Query) -> np.ndarray:
    """bool [people]: may be shown, has not left, is not the asker, and passes the question's filters on people."""
    mask = narrowed(view, query).here.copy()
    asker = view.snapshot.person_rows.get(query.asker or "")
    if asker is not None:
        mask[asker] = False
    return mask


def known_for_it(scored: Scored) -> np.ndarray:
    """bool [people]: some part that is about the subject is large enough for a sentence, and has one.

    Nobody is named for activity alone.
    """
    known = np.zeros(len(scored.totals), bool)
    for part, entry in zip(PARTS, scored.ledger.entries, strict=True):
        if part.finds:
            said = (entry.value > 0) & (entry.value >= SAID * scored.totals)
            if part.name == "meaning":
                near = np.isin(entry.post, list(scored.basis.once(best_by_meaning)))
                said &= np.bincount(entry.person[near], minlength=len(said)) > 0
            known |= said
    return known


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

    def word(self, person: int) -> Confidence:
        """How sure the answer is of a person (row): by their own evidence, under filters no surer than in the whole
        organisation and by what passes; `low` where the answer is, and where nothing but their own word speaks for
        them."""
        if self.sureness.answer is Confidence.LOW or not self.seen.totals[person] > 0:
            return Confidence.LOW
        own = own_word(self.seen, person, self.seen_order)
        return own if self.everybody is None else less_sure(self.everybody.word(person), own)

    @property
    def answer(self) -> Confidence:
        """How sure the answer is as a whole: one of the first three is right where the first one is."""
        first = self.seen_order[:1].tolist()
        return Confidence.HIGH if first and self.word(first[0]) is Confidence.HIGH else self.sureness.answer


def answered(
    view: View, query: Query, *, encode: Encoder, weights: Mapping[str, float] = WEIGHTS, also: int | None = None
) -> Answered:
    """Score everybody, put those in order who may be shown, and say how sure that is.

    `also`: the row of somebody who is in the order whether or not they may be shown.
    """
    found = gathered(view, query.of_everybody, encode)
    everybody = _answered(view, found, also, weights=weights)
    if not query.of_some:
        return everybody
    seen = narrowed(view, query)
    return _answered(seen, gathered_among(seen, found, query), also, weights=weights, everybody=everybody)


def _answered(
    view: View, found: Gathered, also: int | None, *, weights: Mapping[str, float], everybody: Answered | None = None
) -> Answered:
    scored = added_up(view, found, weights=weights)
    shown = eligible(view, found.query) & known_for_it(scored)
    if also is not None:
        shown[also] = True
    order = ranked(np.where(shown, scored.totals, 0.0), view)
    seen = scored.evidence
    seen_order = order if seen is scored else ranked(np.where(shown, seen.totals, 0.0), view)
    less = lowered(scored, order)
    if less is not scored:  # it may cost a place; words of confidence stay
        scored, order = less, ranked(np.where(shown, less.totals, 0.0), view)
    if everybody is None:
        return Answered(scored, order, assess(view, seen, seen_order), None, seen, seen_order)
    most = everybody.sureness.grounds
    sureness = assess_among(seen, seen_order, whole=everybody.seen, whole_order=everybody.seen_order, most=most)
    return Answered(scored, order, sureness, everybody, seen, seen_order)


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
    notes = scored.basis.gathered.reading.notes
    if found.sureness.abstained is not None:
        order = order[_declares(scored)[order] >= DECLARED_ENOUGH]
        if not len(order):
            return Ranking(query=query, abstained=found.sureness.abstained, notes=notes)
        notes, sure = (*notes, ONLY_DECLARED()), Confidence.LOW
    named = [row for row in order.tolist() if view.snapshot.people[row].id not in away] if away else order.tolist()
    if not named:
        return Ranking(query=query, abstained=NOBODY_NOW(), notes=notes)
    said = _declares(scored) > 0
    rows = [row for row in named[: query.limit] if said[row] or evidenced(scored, row)]
    people = [(row, less_sure(found.word(row), sure)) for row in rows or named[:1]]
    shown = recommendations(scored.basis.view, scored, people, ranked=Ranked(np.sort(scored.totals[order])))
    return Ranking(query=query, recommendations=shown, confidence=sure, notes=notes)


def _declares(scored: Scored) -> np.ndarray:
    """float64 [people]: the share of the question that each declares, as far as it counts."""
    entry = next(entry for entry in scored.ledger.entries if entry.part == DECLARED)
    shares = scored.basis.view.snapshot.directory.declared.shares(scored.words)
    return np.where(entry.value > 0, shares, 0.0)


def explain_expert(
    view: View, query: Query, person: int, *, encode: Encoder, weights: Mapping[str, float] = WEIGHTS
) -> Recommendation:
    """One person's score for a question with all its evidence, whether or not the person would be recommended.

    Whom a filter leaves out has no score: what they did does not count for this question.
    """
    found = answered(view, query, encode=encode, weights=weights, also=person)
    everybody = Ranked(np.sort(found.scored.totals[found.order]), citations=ALL_CITATIONS)
    people = [(person, found.word(person))]
    return recommendations(found.scored.basis.view, found.scored, people, ranked=everybody)[0]


def ranked(totals: np.ndarray, view: View) -> np.ndarray:
    """Rows of people with a score, best first, ties by id."""
    rows = np.flatnonzero(totals > 0)
    return rows[np.lexsort((view.by_id[rows], -totals[rows]))]
