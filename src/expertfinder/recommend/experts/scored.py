"""The scores of one question, with what they were made of, and how sure an answer is of one person.

The answer's word says how likely one of the first three is right. Of each of them it is said again by what they did
themselves: one post, one day, or what nobody else ever had a hand in is no ground for the highest word. What the words
have meant then stands in `docs/ranking.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from expertfinder.index.arrays import distinct
from expertfinder.model import Confidence
from expertfinder.recommend.experts.basis import Basis
from expertfinder.recommend.experts.ledger import Ledger
from expertfinder.recommend.experts.parts import AGREEING, DECLARED, PARTS
from expertfinder.recommend.sentences import SAID

CARRIES = 0.1
"""A post carries a score when it adds this share of what the person's best post adds. Twice and half of it change two
of a hundred words of confidence on cpython and the demo."""
STRONG, SOME = 3, 2
"""Independent pieces of evidence from which on a person may be `high`, and `medium`."""
FIRST_FEW = 3
"""Places, in the order of the answer and in that of one part, within which somebody stands out."""
OWN_WORD = 0.5
"""Share of a score from which on it rests on what the person says of themselves: the larger part of it."""
NEAR_THE_FIRST = 0.5
"""Share of the first one's score from which on a person may be more than `low`."""
ABROAD = 0.5
"""Share of the nearest posts in another language from which on no word of the question is asked of a piece."""
BORNE_OUT = 2.5
"""What the first person must have written near the question, in posts, before an answer is `high`: two posts are soon
made by an account that nobody knows. Of 141 `high` answers on six sets 14 become `medium`; of all .51 were right, of
the others .53 are."""
LATELY = 0.25
"""The power of the days for which somebody has done nothing by which their lead counts less: with it, and
`confidence.HIGH`, most words of `high` were said on rust and cpython of which .85 were right. Tried: 0 to .35."""
OF_OTHERS = 0.25
"""What an act on another's post counts beside that: anybody can approve or edit alone."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The ledger of one question, what it was made of, and the sums."""

    ledger: Ledger
    basis: Basis
    totals: np.ndarray
    """float64 [people]."""
    _carrying: dict[int, np.ndarray] = field(init=False, repr=False, compare=False, default_factory=dict)

    @property
    def evidence(self) -> Scored:
        """The same without what people say of themselves: what confidence is made of. Itself where nobody says so."""
        said = self.ledger.values(DECLARED).any()
        return replace(self, totals=self.ledger.totals(without=DECLARED)) if said else self

    @property
    def declared(self) -> np.ndarray:
        """float64 [people]: the share of the question that each declares, as far as it counts."""
        return np.where(self.ledger.values(DECLARED) > 0, self.basis.declared, 0.0)

    def rests_on_own_word(self, person: int) -> bool:
        """Whether the larger part of somebody's (row) score is what they say of themselves."""
        return bool(self.ledger.values(DECLARED)[person] > OWN_WORD * self.totals[person])

    @property
    def agreeing(self) -> list[np.ndarray]:
        """float64 [people] each: what the parts add that have a first person of their own."""
        return [entry.value for entry in self.ledger.entries if entry.part in AGREEING]

    @property
    def known(self) -> np.ndarray:
        """bool [people]: some part that is about the subject is large enough for a sentence, and has one.

        Nobody is named for activity alone.
        """
        known = np.zeros(len(self.totals), bool)
        for part, entry in zip(PARTS, self.ledger.entries, strict=True):
            if part.finds:
                said = (entry.value > 0) & (entry.value >= SAID * self.totals)
                if part.name == "meaning":
                    best = np.zeros(len(self.basis.found.posts), bool)
                    best[list(self.basis.best_by_meaning)] = True
                    near = best[entry.post]
                    said &= np.bincount(entry.person[near], minlength=len(said)) > 0
                known |= said
        return known

    def near(self, person: int) -> np.ndarray:
        """int64: the candidates that carry a person's score and are among the best by words or by meaning."""
        carrying = self.carrying(person)
        return np.asarray(carrying[self.basis.best[carrying]])

    def carrying(self, person: int) -> np.ndarray:
        """int64: the candidates that carry a person's score, ascending: those with a word of the question, or all where
        none can have one."""
        self.look_at([person])
        return self._carrying[person]

    def look_at(self, people: Sequence[int]) -> None:
        """Find for several people (rows) at once what `carrying` gives of each."""
        rows = [person for person in people if person not in self._carrying]
        if not rows:
            return
        basis, found = self.basis, self.basis.found
        mine = [(entry, *_among(entry.person, rows, len(self.totals))) for entry in self.ledger.entries]
        cells = np.concatenate([place * len(found.posts) + entry.post[at] for entry, place, at in mine])
        amounts = np.concatenate([entry.contribution[at] for entry, _, at in mine])
        shape = (len(rows), len(found.posts))
        added = np.bincount(cells, amounts, minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape)
        carries = (added > 0) & (added >= CARRIES * added.max(axis=1, initial=0.0)[:, None])
        worded = found.bm25 > 0
        if basis.abroad <= ABROAD and worded.any():
            carries &= worded
        for person, mine_of in zip(rows, carries, strict=True):
            self._carrying[person] = np.flatnonzero(mine_of)

    def acts_of(self, people: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """int64: what each act by one of some people (rows) is by, as a place among them, and the acts, ascending."""
        return _among(self.basis.found.act_person, people, len(self.totals))

    def behind(self, people: list[int]) -> list[np.ndarray | None]:
        """For each part, float64 [people, candidates]: what each post adds to it for some people (rows); `None` where
        no post stands behind a part."""
        posts = len(self.basis.found.posts)
        found: list[np.ndarray | None] = []
        for part, entry in zip(PARTS, self.ledger.entries, strict=True):
            shares = part.shares(self.basis, people)
            if shares is not None:
                found.append(entry.value[people][:, None] * shares)
            elif part.precomputed:
                found.append(None)
            else:
                place, at = _among(entry.person, people, len(self.totals))
                cells = place * posts + entry.post[at]
                added = np.bincount(cells, entry.contribution[at], minlength=len(people) * posts)
                found.append(added.astype(np.float64).reshape(len(people), posts))
        return found

    def pieces(self, person: int) -> int:
        """The independent posts among those that carry a person's score and are among the nearest to the question: each
        of another thread, of another day where posts have dates, and saying something else."""
        near = self.near(person)
        threads, days = set(), set()
        for post in self.basis.found.posts[near].tolist():
            segment, row = self.basis.view.snapshot.tiers.place(post)
            threads.add(segment.roots[row] or segment.ids[row])
            created = float(segment.created[row])
            days.add(None if np.isnan(created) else int(created))
        apart = min(len(threads), len(days)) if self.basis.vouched.has_days else len(threads)
        return min(apart, self.basis.vouched.different(near))

    def borne_out(self, person: int) -> float:
        """How much a person wrote among the candidates, in posts; of each the strongest act counts, at most as one."""
        found = self.basis.found
        mine = np.flatnonzero(found.act_person == person)
        amount = np.minimum(found.act_strength[mine], 1.0) * np.where(self.basis.vouched.own[mine], 1.0, OF_OTHERS)
        best = np.zeros(len(found.posts))
        np.maximum.at(best, found.act_post[mine], amount)
        return float(best[distinct(found.act_post[mine])].sum())

    def lately(self, person: int) -> float:
        """What the lead of somebody is multiplied by who did nothing for some days, 0 to 1."""
        return float((1.0 + self.basis.vouched.quiet_for(person)) ** -LATELY)

    def word(self, person: int, order: np.ndarray) -> Confidence:
        """The word that a person's own evidence allows. `order`: rows of the people of the answer, best first.

        `high`: the first, with several independent pieces, enough of them written, and somebody else ever dealt with
        what they wrote, where that tells something.
        `medium`: two pieces, near the first one's score, and among the first by one part.
        """
        place = np.flatnonzero(order == person)
        if not len(place) or place[0] >= FIRST_FEW or self.totals[person] < NEAR_THE_FIRST * self.totals[order[0]]:
            return Confidence.LOW
        pieces, vouched = self.pieces(person), self.basis.vouched
        turned = vouched.tells and bool(vouched.turned_to[person])
        if place[0] == 0 and pieces >= STRONG and self.borne_out(person) >= BORNE_OUT and turned:
            return Confidence.HIGH
        # How many people of the answer stand before this one by each part that has a first.
        places = [
            int((of_order > value[person]).sum())
            for value, of_order in ((value, value[order]) for value in self.agreeing)
            if of_order.max(initial=0.0) > 0
        ]
        return Confidence.MEDIUM if pieces >= SOME and min(places, default=FIRST_FEW) < FIRST_FEW else Confidence.LOW


def _among(person: np.ndarray, people: Sequence[int], every: int) -> tuple[np.ndarray, np.ndarray]:
    """For rows of people: the place among some of them of each that is one of these, and where it stands, ascending.

    `every`: how many people there are.
    """
    table = np.full(every, -1, np.int64)
    table[list(people)] = np.arange(len(people))
    place = table[person]
    at = np.flatnonzero(place >= 0)
    return place[at], at
