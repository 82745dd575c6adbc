"""What one viewer may read of one snapshot, and the candidates for a question among it: fetched, TRIMMED, then scored.

Nothing is added up before it is trimmed (decision 0013): masks of posts, acts and people are made here, from `policy`
alone, and every later step sees only what passed them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.arrays import distinct, gather, one_of
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.posts.bm25 import Reading, Words, score
from expertfinder.index.posts.segment import Segment, days
from expertfinder.index.posts.tiers import Tier
from expertfinder.model import Query

CANDIDATES = 500
"""A question looks at so many posts that match best by their words (`docs/ranking.md`)."""
NEAREST = 200
"""A question looks at so many posts that are nearest by the cosine of their vectors, too (`docs/ranking.md`)."""
MOST_OF_ONE = 50
"""Candidates that one person has written, at most: a flood by one does not push out what others wrote. In their own
score the posts after the fifteenth fade (`recommend/experts/experts.py`), so nothing of note is lost to them."""
MORE = 50
"""So many more posts are taken by the rough cosine than are kept, since the exact cosine decides."""
OVERFETCH = 1.4
"""Share of posts fetched to posts kept: the engine rounds lengths, so its order differs a little from ours."""
FETCH_MOST = 50_000
"""At most so many posts are fetched by their words, even where few of them pass the filters."""
AT_FIRST = 4
"""Of so many times the posts that are wanted it is looked first who wrote them: of 26,000 restricted posts nearly all
may have a common word of a question."""
TELLING = 10
"""So many posts that match best by their words tell the language of a question that does not show it."""
ROUNDING = 1e-5
"""Cosines of 32 bits this near to the one at the cut may be equal to it: a product of 256 numbers below 1 is off by
less than a tenth of this."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Posts for one question that this viewer may read, best first, and the acts on them that count.

    Posts are numbered over the three tiers (`Tiers`).
    """

    posts: np.ndarray
    """int64 [n], by falling `bm25`, then id: the place is the rank by words."""
    bm25: np.ndarray
    """float64 [n]; 0 for a post that is only near by its vector."""
    cosine: np.ndarray
    """float64 [n], never below 0."""
    act_post: np.ndarray
    """int64 [m], position among `posts`."""
    act_person: np.ndarray
    act_family: np.ndarray
    act_strength: np.ndarray
    act_age: np.ndarray
    """float64 [m], days before the moment that ages are counted to, never below 0; the undated are as old as the middle
    of the record."""
    act_dated: np.ndarray
    """bool [m]: whether it has a date, and one that can be meant."""
    act_shared: np.ndarray
    """bool [m]: of the shared tier."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the index sees it."""

    view: View
    """Of who asks; with filters on people `narrowed`."""
    query: Query
    """For its filters."""
    words: Words
    vector: np.ndarray
    """float32 [dimension]."""
    fetched: np.ndarray | None = None
    """What `fetch_shared` gives with `MOST_OF_ONE`, where it was asked for already; the vector does not move it."""

    @classmethod
    def read(cls, view: View, query: Query, *, reading: Reading, encode: Encoder) -> Question:
        """A question as it was read, with its vector in the language of the posts that have its words.

        A question of a word or two seldom tells its language, and an encoder may read an unknown word differently in
        each. Where no post that this viewer may read has a word of the question, it is read without a language.
        """
        snapshot = view.snapshot
        words = Words.of(reading.words, snapshot.term_rows, snapshot.statistics)
        question = cls(view, query, words, encode.encode([reading.prose])[0])
        if reading.languages:
            return question
        read = {language: encode.encode([reading.prose], language)[0] for language in snapshot.lexicon.languages}
        if all(np.array_equal(question.vector, other) for other in read.values()):
            return question
        tiers = snapshot.tiers
        beside = zip((tiers.restricted, tiers.fresh), question._beside(), strict=True)
        fetched = question.fetch_shared(MOST_OF_ONE)
        question = replace(question, fetched=fetched)
        rows = (fetched, *(question._worded(*pair) for pair in beside))
        bm25 = question._scores(rows)
        best = tiers.best(np.concatenate(bm25), tiers.numbers(rows), TELLING)
        known = Counter(language for language in tiers.column("languages", best) if language in read)
        if not known:
            return question
        return replace(question, vector=read[min(known, key=lambda language: (-known[language], language))])

    def candidates(self, *, most: int = CANDIDATES, nearest: int = NEAREST, of_one: int = MOST_OF_ONE) -> Candidates:
        """The posts nearest to the question among those that may be read, with their acts.

        At most `most` by their words and `nearest` by their vectors, and in each at most `of_one` by the same author.
        """
        snapshot, query = self.view.snapshot, self.query
        tiers = snapshot.tiers
        segments, others = tiers.segments, self._beside()
        fetched = self.fetched if self.fetched is not None and of_one == MOST_OF_ONE else self.fetch_shared(of_one)
        by_words = [fetched, *map(self._worded, (tiers.restricted, tiers.fresh), others)]
        shared, reach = self._nearest_shared(nearest), nearest + MORE
        while True:
            beside = [self._nearest_of(*pair, reach) for pair in zip(segments[1:], others, strict=True)]
            near = [shared, *(rows for rows, _ in beside)]
            numbers = tiers.numbers(near)
            nearby = np.concatenate(
                [segment.cosine(some, self.vector) for segment, some in zip(segments, near, strict=True)]
            )
            nearby *= self._few_of_the_best(numbers, nearby, of_one)
            nearest_posts = tiers.best(nearby, numbers, nearest)
            # What was left out could be among them only where one of them is as far away as that.
            last = nearby[one_of(numbers, nearest_posts)].min(initial=1.0) if len(nearest_posts) == nearest else 0.0
            if all(last > far for _, far in beside):
                break
            reach *= 4
        # Scores of whatever was fetched either way, each post once; then the best of both kinds.
        rows = [distinct(np.concatenate(pair)) for pair in zip(by_words, near, strict=True)]
        numbers = tiers.numbers(rows)
        bm25 = np.concatenate(self._scores(rows))
        worded = np.where(one_of(numbers, tiers.numbers(by_words)), bm25, 0.0)
        chosen = self._best_of_each(numbers, worded, most, of_one)
        chosen = distinct(np.concatenate((chosen, nearest_posts)))
        bm25 = bm25[np.searchsorted(numbers, chosen)]
        local = zip(segments, tiers.split(chosen), strict=True)  # `chosen` ascends, so the tiers follow one another
        cosine = np.concatenate([segment.cosine(some, self.vector) for segment, (_, some) in local])
        order = tiers.order(bm25, chosen)
        posts, bm25, cosine = chosen[order], bm25[order], cosine[order]
        acts = [self._acts(segment, *local) for segment, local in zip(segments, tiers.split(posts), strict=True)]
        act_post, act_person, act_family, act_strength, act_at, act_shared = (
            np.concatenate(column) for column in zip(*acts, strict=True)
        )
        order = act_order(act_post, act_person, act_family, strength=act_strength, at=act_at)
        until = days(query.until) if query.until is not None else snapshot.manifest.as_of
        return Candidates(
            posts=posts,
            bm25=bm25,
            cosine=np.maximum(cosine, 0.0),
            act_post=act_post[order],
            act_person=act_person[order],
            act_family=act_family[order],
            act_strength=act_strength[order],
            act_age=snapshot.manifest.ages(act_at[order], until),
            act_dated=snapshot.manifest.calendar.holds(act_at[order]),
            act_shared=np.asarray(act_shared[order], bool),
        )

    def fetch_shared(self, of_one: int) -> np.ndarray:
        """Rows of the shared segment: enough to keep `CANDIDATES` after the filters, or all there are.

        Whether they are enough is counted over all that were built: a post leaves its row also for an act that this
        viewer may not see, and that is not to decide how far is looked.
        """
        snapshot, limit = self.view.snapshot, int(OVERFETCH * CANDIDATES)
        while True:
            fetched = snapshot.engine.fetch(self.words, snapshot.statistics, limit)
            rows = self.view.kept(snapshot.shared.segment, fetched, self.query)
            there = int(self._few_of_each(rows, of_one).sum())  # in the engine's order: good enough to see a flood
            enough = len(rows) >= CANDIDATES and there >= CANDIDATES // 2
            if enough or len(fetched) < limit // 2 or limit >= FETCH_MOST:
                return np.asarray(rows[snapshot.shared.alive[rows]])
            limit *= 4

    def _beside(self) -> list[np.ndarray]:
        """Rows of the restricted and of the fresh segment that pass the filters."""
        beside = zip(self.view.snapshot.tiers.segments[1:], (self.view.restricted, self.view.fresh), strict=True)
        return [self.view.kept(segment, rows, self.query) for segment, rows in beside]

    def _scores(self, rows: Sequence[np.ndarray]) -> list[np.ndarray]:
        """BM25 of some rows of each tier."""
        tiers, statistics = self.view.snapshot.tiers, self.view.snapshot.statistics
        return [
            score(tier.segment, some, self.words, statistics, by_word=tier.by_word if len(some) > CANDIDATES else None)
            for tier, some in zip((tiers.shared, tiers.restricted, tiers.fresh), rows, strict=True)
        ]

    def _worded(self, tier: Tier, rows: np.ndarray) -> np.ndarray:
        """Those of many rows of a tier that have a word of the question: the others score nothing."""
        segment = tier.segment
        if len(rows) <= CANDIDATES:
            return rows
        if tier.by_word is not None:
            has = np.zeros(len(segment), bool)
            has[tier.by_word.having(distinct(self.words.rows))[0]] = True
            return np.asarray(rows[has[rows]])
        asked = np.zeros(int(segment.terms.max(initial=-1)) + 1, bool)
        asked[self.words.rows[(self.words.rows >= 0) & (self.words.rows < len(asked))]] = True
        has = np.zeros(len(segment), bool)
        has[np.searchsorted(segment.term_indptr, np.flatnonzero(asked[segment.terms]), side="right") - 1] = True
        return np.asarray(rows[has[rows]])

    def _nearest_of(self, segment: Segment, rows: np.ndarray, reach: int) -> tuple[np.ndarray, float]:
        """About `reach` of the rows of a segment with the largest cosines, and what no cosine of the others is above.

        That is below 0 where there are no others.
        """
        if len(rows) <= reach:
            return rows, -1.0
        few = 2 * len(rows) < len(segment)
        rough = np.einsum("ij,j->i", segment.vectors[rows] if few else segment.vectors, self.vector)
        rough = rough if few else rough[rows]
        edge = np.partition(rough, len(rough) - reach)[len(rough) - reach]
        return rows[rough >= edge - ROUNDING], float(edge)

    def _nearest_shared(self, nearest: int) -> np.ndarray:
        """Shared rows with the largest cosines, a few more than `nearest` so that the exact cosine decides.

        A group of ties at the cut is in as a whole: which of them was taken would depend on which other rows are gone.
        """
        shared = self.view.snapshot.shared
        if not nearest or not len(shared) or not self.vector.any():
            return np.empty(0, np.int64)
        rough, limit, cosines = self.view.snapshot.rough, nearest + MORE, np.empty(0, np.float32)
        while True:
            rows = rough.near(self.vector, shared.alive, limit) if rough is not None else np.arange(len(shared))
            every = len(rows) == len(shared)
            if len(rows) > len(cosines):
                # Not by `@`: the threads of a BLAS wait in loops, which takes as much of the processors as the product.
                cosines = np.einsum(
                    "ij,j->i", shared.segment.vectors if every else shared.segment.vectors[rows], self.vector
                )
                cosines[~shared.alive[rows]] = -1.0
            edge = np.partition(cosines, len(rows) - limit)[len(rows) - limit] if limit < len(rows) else 0.0
            near = rows[(cosines > 0) & (cosines >= edge - ROUNDING)]
            fitting = self.view.kept(shared.segment, near, self.query)
            if len(fitting) >= nearest or limit >= len(shared):
                return fitting
            # Where fewer point the way of the question at all, all that do are wanted.
            limit = limit * 4 if edge > 0 else len(shared)

    def _best_of_each(self, numbers: np.ndarray, scores: np.ndarray, most: int, of_one: int) -> np.ndarray:
        """The numbers of the at most `most` best posts with a score, of which no author wrote more than `of_one`.

        Whether a post is one too many is told by the better ones alone, so the best few times as many are put in order.
        """
        reach, some = AT_FIRST * most, np.flatnonzero(scores > 0)
        while True:
            best = some
            if len(some) > reach:  # with all that are as good as the last one
                best = some[scores[some] >= np.partition(scores[some], len(some) - reach)[len(some) - reach]]
            few = self._few_of_the_best(numbers[best], scores[best], of_one)
            if len(best) == len(some) or few.sum() >= most:
                return self.view.snapshot.tiers.best(scores[best] * few, numbers[best], most)
            reach *= 4

    def _few_of_the_best(self, numbers: np.ndarray, scores: np.ndarray, most: int) -> np.ndarray:
        """bool [posts]: as `_few_of_each`, with the best posts first; of those with a score, which alone matter."""
        some = np.flatnonzero(scores > 0)
        some = some[self.view.snapshot.tiers.order(scores[some], numbers[some])]
        few = np.zeros(len(numbers), bool)
        few[some] = self._few_of_each(numbers[some], most)
        return few

    def _few_of_each(self, numbers: np.ndarray, most: int) -> np.ndarray:
        """bool [posts]: whether an author of a post wrote fewer than `most` of those before it, or none counts."""
        place, person = [], []
        authored, tiers = self.view.snapshot.families.index("authored"), self.view.snapshot.tiers
        for segment, (inside, rows) in zip(tiers.segments, tiers.split(numbers), strict=True):
            if not len(rows):
                continue
            positions, owner = gather(segment.act_indptr, rows)
            wrote = np.flatnonzero(segment.act_family[positions] == authored)
            positions, owner = positions[wrote], owner[wrote]
            counts = (segment.act_strength[positions] > 0) & self.view.counting(segment, positions, self.query)
            place.append(inside[owner[counts]])
            person.append(segment.act_person[positions[counts]])
        if not place:
            return np.ones(len(numbers), bool)
        post, author = np.concatenate(place), np.concatenate(person)
        by = np.sort(author)
        if len(by) <= most or not (by[most:] == by[:-most]).any():  # nobody wrote more
            return np.ones(len(numbers), bool)
        order = np.lexsort((post, author))
        post, author = post[order], author[order]
        before = np.arange(len(post)) - np.searchsorted(author, author)
        few = np.ones(len(numbers), bool)
        few[post] = False
        few[post[before < most]] = True
        return few

    def _acts(self, segment: Segment, places: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        """The acts on some posts of a segment that count. `places`: of the posts among the candidates."""
        positions, owner = gather(segment.act_indptr, rows)
        # Who only says again what others said before did nothing here (`near_copies`).
        allowed = self.view.counting(segment, positions, self.query) & (segment.act_strength[positions] > 0)
        positions, owner = positions[allowed], owner[allowed]
        return (
            places[owner],
            segment.act_person[positions].astype(np.int64),
            segment.act_family[positions].astype(np.int64),
            segment.act_strength[positions].astype(np.float64),
            np.asarray(segment.act_at[positions]),
            np.asarray(self.view.shared[segment.act_audience[positions]]),
        )


def act_order(
    post: np.ndarray, person: np.ndarray, family: np.ndarray, *, strength: np.ndarray, at: np.ndarray
) -> np.ndarray:
    """Positions of acts in the order in which they are added up: by post, person, family, strength and time.

    What is left equal adds equal amounts, so no sum depends on the order in which a post has its acts.
    """
    if not len(post):
        return np.empty(0, np.int64)
    # One number sorts several times as fast as five columns; what it does not tell apart is sorted by the rest.
    people, families = int(person.max()) + 1, int(family.max()) + 1
    key = (post.astype(np.int64) * people + person.astype(np.int64)) * families + family
    order = np.argsort(key)
    key = key[order]
    same = key[1:] == key[:-1]
    tied = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
    if len(tied):
        some = np.sort(order[tied])
        order[tied] = some[np.lexsort((at[some], strength[some], family[some], person[some], post[some]))]
    return order
