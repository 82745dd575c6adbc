"""How sure an answer is of one person, by that person's own evidence.

The answer's word says how likely one of the first three is right. Of each of them it is said again by what they did
themselves: one post, one day, or what nobody else ever had a hand in is no ground for the highest word, and neither is
a person whom only some of the parts put first. What the words have meant then stands in `docs/ranking.md`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from expertfinder.model import Confidence
from expertfinder.recommend.experts.basis import Basis
from expertfinder.recommend.experts.parts import PARTS, best_by_meaning, best_by_words
from expertfinder.recommend.experts.scored import Own, Scored
from expertfinder.recommend.experts.vouched import different, turned_to

CARRIES = 0.1
"""A post carries a score when it adds this share of what the person's best post adds (twice and half of it move two of
a hundred words on cpython and the demo)."""
STRONG, SOME = 3, 2
"""Independent pieces of evidence from which on a person may be `high`, and `medium`."""
FIRST_FEW = 3
"""Places, in the order of the answer and in that of one part, within which somebody stands out."""
NEAR_THE_FIRST = 0.5
"""Share of the first one's score from which on a person may be more than `low`."""
ABROAD = 0.5
"""Share of the nearest posts in another language from which on no word of the question is asked of a piece."""
BORNE_OUT = 2.5
"""What the first person must have written near the question, in posts, before an answer is `high`: two posts are soon
made by an account that nobody knows. Of 141 `high` answers on six sets 14 become `medium`; of all .51 were right, of
the others .53 are."""
OF_OTHERS = 0.25
"""What an act on another's post counts beside that: anybody can approve or edit alone."""
AGREEING = frozenset(part.name for part in PARTS if part.agrees)
"""Parts that have a first person of their own to agree on."""


def own_evidence(scored: Scored, person: int) -> Own:
    """What carries a person's score. Of the posts near the question only those best by words count, and the nearest by
    meaning that have a word of it, or where none can have."""
    if person not in scored.own:
        scored.own[person] = _own_evidence(scored, person)
    return scored.own[person]


def _own_evidence(scored: Scored, person: int) -> Own:
    found, tiers = scored.candidates, scored.basis.view.snapshot.tiers
    added = np.zeros(len(found.posts))
    for entry in scored.ledger.entries:
        mine = entry.person == person
        np.add.at(added, entry.post[mine], entry.contribution[mine])
    most = float(added.max(initial=0.0))
    carries = (added > 0) & (added >= CARRIES * most) & scored.basis.once(_worded)
    carrying = np.flatnonzero(carries & scored.basis.once(_near)).tolist()
    threads, days = set(), set()
    for post in carrying:
        segment, row = tiers.place(int(found.posts[post]))
        threads.add(segment.roots[row] or segment.ids[row])
        created = float(segment.created[row])
        days.add(None if np.isnan(created) else int(created))
    pieces = min(len(threads), len(days), different(tiers, found.posts[carrying]))
    return Own(int(carries.sum()), len(carrying), pieces)


def _worded(basis: Basis) -> np.ndarray:
    """bool [candidates]: has a word of the question; all, where none can have one."""
    worded: np.ndarray = basis.found.bm25 > 0
    return np.ones(len(worded), bool) if basis.abroad > ABROAD or not worded.any() else worded


def _near(basis: Basis) -> np.ndarray:
    """bool [candidates]: among the best by words, or by meaning."""
    near = np.zeros(len(basis.found.posts), bool)
    near[list(basis.once(best_by_words) | basis.once(best_by_meaning))] = True
    return near


def evidenced(scored: Scored, person: int) -> bool:
    """Whether a post near the question speaks for a person."""
    return own_evidence(scored, person).posts > 0


def borne_out(scored: Scored, person: int) -> float:
    """How much a person wrote among the candidates, in posts; of each post the strongest act counts, at most as one."""
    found = scored.candidates
    mine = np.flatnonzero(found.act_person == person)
    own = found.act_family[mine] == scored.basis.view.snapshot.families.index("authored")
    amount = np.minimum(found.act_strength[mine], 1.0) * np.where(own, 1.0, OF_OTHERS)
    best = np.zeros(len(found.posts))
    np.maximum.at(best, found.act_post[mine], amount)
    return float(best[np.unique(found.act_post[mine])].sum())


def own_word(scored: Scored, person: int, order: np.ndarray) -> Confidence:
    """The word that a person's own evidence allows. `order`: rows of the people of the answer, best first.

    `high`: several independent pieces, enough of them written, somebody else ever dealt with what the person wrote, and
    first by every part that has a first of its own.
    `medium`: two pieces, near the first one's score, and among the first by one part.
    """
    place = np.flatnonzero(order == person)
    if not len(place) or place[0] >= FIRST_FEW or scored.totals[person] < NEAR_THE_FIRST * scored.totals[order[0]]:
        return Confidence.LOW
    own, places = own_evidence(scored, person), _places(scored, person, order)
    turned = bool(scored.basis.once(turned_to)[person])
    if own.pieces >= STRONG and borne_out(scored, person) >= BORNE_OUT and turned and places and not any(places):
        return Confidence.HIGH
    return Confidence.MEDIUM if own.pieces >= SOME and min(places, default=FIRST_FEW) < FIRST_FEW else Confidence.LOW


def _places(scored: Scored, person: int, order: np.ndarray) -> Sequence[int]:
    """How many people of the answer stand before a person by each part that has a first one."""
    values = [entry.value[order] for entry in scored.ledger.entries if entry.part in AGREEING]
    mine = [entry.value[person] for entry in scored.ledger.entries if entry.part in AGREEING]
    return [int((value > own).sum()) for value, own in zip(values, mine, strict=True) if value.max(initial=0.0) > 0]
