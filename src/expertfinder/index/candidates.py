"""What one viewer may read of one snapshot, and the candidates for a question among it: fetched, TRIMMED, then scored.

Nothing is added up before it is trimmed (decision 0013): masks of posts, acts and people are made here, from `policy`
alone, and every later step sees only what passed them.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.arrays import gather
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.people.activity import words_of_tags
from expertfinder.index.posts.bm25 import Words, score
from expertfinder.index.posts.reading import Reading
from expertfinder.index.posts.segment import Segment, days
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Query

CANDIDATES = 500
"""A question looks at so many posts that match best by their words (`docs/ranking.md`)."""
NEAREST = 200
"""A question looks at so many posts that are nearest by the cosine of their vectors, too (`docs/ranking.md`)."""
MOST_OF_ONE = 50
"""Candidates that one person has written, at most: a flood by one does not push out what others wrote. In their own
score the posts after the fifteenth fade (`recommend/experts/experts.py`), so nothing of note is lost to them."""
OVERFETCH = 1.4
"""The engine rounds lengths, so its order is not quite ours: more are fetched than are kept."""
FETCH_MOST = 50_000
"""Posts fetched by their words at most, however few of them pass the filters."""
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
    """float64 [m], days before the moment that ages are counted to, never below 0; 0 for the undated."""
    act_shared: np.ndarray
    """bool [m]: of the shared tier."""


def kept(view: View, segment: Segment, rows: np.ndarray, query: Query) -> np.ndarray:
    """Those of the rows of a segment whose posts pass the question's filters.

    A post passes a filter on people, or on the time of evidence, by an act that `counting` lets through.
    """
    if query.exclude_posts:
        rows = rows[[segment.ids[row] not in query.exclude_posts for row in rows.tolist()]]
    if query.kinds:
        rows = rows[[segment.kinds[row] in query.kinds for row in rows.tolist()]]
    if query.until is not None:
        rows = rows[segment.created[rows] < days(query.until)]
    if query.tags:
        positions, owner = gather(segment.tag_indptr, rows)
        rows = rows[np.unique(owner[np.isin(segment.tags[positions], _tag_rows(view.snapshot, query.tags))])]
    if query.of_some or query.since is not None:
        positions, owner = gather(segment.act_indptr, rows)
        rows = rows[np.unique(owner[counting(view, segment, positions, query)])]
    return rows


def counting(view: View, segment: Segment, acts: np.ndarray, query: Query) -> np.ndarray:
    """bool [acts]: which of these acts of a segment the viewer may read and find who did them, in the question's time.

    For a question with filters on people the view is `narrowed`.
    """
    if not len(acts):
        return np.zeros(0, bool)
    may = view.audiences[segment.act_audience[acts]] & view.people[segment.act_person[acts]]
    return np.asarray(may & in_time(segment.act_at[acts], query))


def in_time(at: np.ndarray, query: Query) -> np.ndarray:
    """bool: which acts (days since 1970) were done in the question's time.

    What is undated counts as done before any `until`, and not as done `since`.
    """
    inside = np.ones(len(at), bool)
    if query.since is not None:
        inside &= at >= days(query.since)
    if query.until is not None:
        inside &= ~(at >= days(query.until))
    return inside


def _tag_rows(snapshot: Snapshot, tags: Sequence[str]) -> list[int]:
    """Rows of the snapshot's tags that are one of these in other letter case, or the same."""
    wanted = {folded_tag(tag) for tag in tags}
    near = [row for words in sorted(set(words_of_tags(tags))) for row in snapshot.tag_rows.get(words, ())]
    since = range(len(snapshot.standing.tag_words), len(snapshot.tags))
    return [row for row in (*near, *since) if folded_tag(snapshot.tags[row]) in wanted]


def folded_tag(tag: str) -> str:
    """A tag without letter case: two that are alike then are one to a filter."""
    return unicodedata.normalize("NFC", tag).strip().lower()


def fetch_shared(view: View, words: Words, query: Query, *, of_one: int) -> np.ndarray:
    """Rows of the shared segment: enough to keep `CANDIDATES` after the filters, or all there are.

    Whether they are enough is counted over all that were built: a post leaves its row also for an act that this viewer
    may not see, and that is not to decide how far is looked.
    """
    snapshot, limit = view.snapshot, int(OVERFETCH * CANDIDATES)
    while True:
        fetched = snapshot.engine.fetch(words, snapshot.statistics, limit)
        rows = kept(view, snapshot.shared.segment, fetched, query)
        there = int(_few_of_each(view, rows, of_one, query).sum())  # in the engine's order: good enough to see a flood
        enough = len(rows) >= CANDIDATES and there >= CANDIDATES // 2
        if enough or len(fetched) < limit // 2 or limit >= FETCH_MOST:
            return np.asarray(rows[snapshot.shared.alive[rows]])
        limit *= 4


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the index sees it."""

    words: Words
    vector: np.ndarray
    """float32 [dimension]."""
    query: Query
    """For its filters."""


def candidates(
    view: View, question: Question, *, most: int = CANDIDATES, nearest: int = NEAREST, of_one: int = MOST_OF_ONE
) -> Candidates:
    """The posts nearest to a question among those that may be read, with their acts.

    At most `most` by their words and `nearest` by their vectors, and in each at most `of_one` by the same author.
    """
    words, vector, query = question.words, question.vector, question.query
    snapshot = view.snapshot
    tiers = snapshot.tiers
    segments = tiers.segments
    others = _beside(view, query)
    by_words = (fetch_shared(view, words, query, of_one=of_one), *others)
    near = (_nearest_shared(view, vector, query, nearest), *others)
    # Scores of whatever was fetched either way, each post once; then the best of both kinds.
    rows = [np.union1d(one, other) for one, other in zip(by_words, near, strict=True)]
    numbers = tiers.numbers(rows)
    bm25 = np.concatenate([score(s, some, words, snapshot.statistics) for s, some in zip(segments, rows, strict=True)])
    worded = np.where(np.isin(numbers, tiers.numbers(by_words)), bm25, 0.0)
    chosen = _best(worded * _few_of_the_best(view, numbers, worded, most=of_one, query=query), numbers, snapshot, most)
    close = np.isin(numbers, tiers.numbers(near))
    wanted = numbers[close | np.isin(numbers, chosen)]
    local = zip(segments, tiers.split(wanted), strict=True)  # `wanted` ascends, so the tiers follow one another in it
    cosine = np.concatenate([_cosine(segment, some, vector) for segment, (_, some) in local])
    nearby = np.where(np.isin(wanted, numbers[close]), cosine, 0.0)
    nearby *= _few_of_the_best(view, wanted, nearby, most=of_one, query=query)
    chosen = np.union1d(chosen, _best(nearby, wanted, snapshot, nearest))
    bm25, cosine = bm25[np.searchsorted(numbers, chosen)], cosine[np.searchsorted(wanted, chosen)]
    order = _order(bm25, chosen, snapshot)
    posts, bm25, cosine = chosen[order], bm25[order], cosine[order]
    acts = [
        _acts(view, segment, (places, some), query)
        for segment, (places, some) in zip(segments, tiers.split(posts), strict=True)
    ]
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
        act_shared=np.asarray(act_shared[order], bool),
    )


def question_vector(view: View, query: Query, words: Words, *, reading: Reading, encode: Encoder) -> np.ndarray:
    """float32 [dimension]: the question as an encoder reads it, in the language of the posts that have its words.

    A question of a word or two seldom tells its language, and an encoder may read an unknown word differently in each.
    Where no post that this viewer may read has a word of the question, it is read without a language.
    """
    vector: np.ndarray = encode.encode([reading.prose])[0]
    if reading.languages:
        return vector
    read = {language: encode.encode([reading.prose], language)[0] for language in view.snapshot.lexicon.languages}
    if all(np.array_equal(vector, other) for other in read.values()):
        return vector
    tiers, statistics = view.snapshot.tiers, view.snapshot.statistics
    rows = (fetch_shared(view, words, query, of_one=MOST_OF_ONE), *_beside(view, query))
    bm25 = [score(segment, some, words, statistics) for segment, some in zip(tiers.segments, rows, strict=True)]
    best = _best(np.concatenate(bm25), tiers.numbers(rows), view.snapshot, TELLING)
    written = (segment.languages[row] for segment, row in map(tiers.place, best.tolist()))
    known = Counter(language for language in written if language in read)
    return read[min(known, key=lambda language: (-known[language], language))] if known else vector


def _beside(view: View, query: Query) -> list[np.ndarray]:
    """Rows of the restricted and of the fresh segment that pass the filters."""
    beside = zip(view.snapshot.tiers.segments[1:], (view.restricted, view.fresh), strict=True)
    return [kept(view, segment, rows, query) for segment, rows in beside]


def act_order(
    post: np.ndarray, person: np.ndarray, family: np.ndarray, *, strength: np.ndarray, at: np.ndarray
) -> np.ndarray:
    """Positions of acts in the order in which they are added up: by post, person, family, strength and time.

    What is left equal adds equal amounts, so no sum depends on the order in which a post has its acts.
    """
    return np.lexsort((at, strength, family, person, post))


def _order(scores: np.ndarray, numbers: np.ndarray, snapshot: Snapshot) -> np.ndarray:
    """Positions by falling score, then id."""
    if not len(numbers) or numbers.max() < len(snapshot.shared):
        return np.lexsort((numbers, -scores))  # rows of one segment are in the order of ids
    names = [segment.ids[row] for segment, row in map(snapshot.tiers.place, numbers.tolist())]
    return np.array(sorted(range(len(names)), key=lambda i: (-scores[i], names[i])), np.int64)


def _few_of_the_best(view: View, numbers: np.ndarray, scores: np.ndarray, *, most: int, query: Query) -> np.ndarray:
    """bool [posts]: as `_few_of_each`, with the best posts first."""
    order = _order(scores, numbers, view.snapshot)
    few = np.empty(len(numbers), bool)
    few[order] = _few_of_each(view, numbers[order], most, query)
    return few


def _few_of_each(view: View, numbers: np.ndarray, most: int, query: Query) -> np.ndarray:
    """bool [posts]: whether an author of a post wrote fewer than `most` of those before it, or none counts as one."""
    snapshot = view.snapshot
    place, person = [], []
    authored, tiers = snapshot.families.index("authored"), snapshot.tiers
    for segment, (inside, rows) in zip(tiers.segments, tiers.split(numbers), strict=True):
        positions, owner = gather(segment.act_indptr, rows)
        wrote = (segment.act_family[positions] == authored) & counting(view, segment, positions, query)
        place.append(inside[owner[wrote]])
        person.append(segment.act_person[positions[wrote]])
    post, author = np.concatenate(place), np.concatenate(person)
    order = np.lexsort((post, author))
    post, author = post[order], author[order]
    before = np.arange(len(post)) - np.searchsorted(author, author)
    few = np.ones(len(numbers), bool)
    few[post] = False
    few[post[before < most]] = True
    return few


def _best(scores: np.ndarray, numbers: np.ndarray, snapshot: Snapshot, most: int) -> np.ndarray:
    """The numbers of the at most `most` best with a score above 0."""
    inside = np.flatnonzero(scores > 0)
    if not most:
        return np.empty(0, np.int64)
    if len(inside) > most:
        edge = np.partition(scores[inside], len(inside) - most)[len(inside) - most]
        inside = inside[scores[inside] >= edge]
    order = _order(scores[inside], numbers[inside], snapshot)
    return np.asarray(numbers[inside][order][:most])


def _nearest_shared(view: View, vector: np.ndarray, query: Query, nearest: int) -> np.ndarray:
    """Shared rows with the largest cosines, a few more than `nearest` so that the exact cosine decides.

    A group of ties at the cut is in as a whole: which of them was taken would depend on which other rows are gone.
    """
    snapshot = view.snapshot
    if not nearest or not len(snapshot.shared) or not vector.any():
        return np.empty(0, np.int64)
    rough = np.asarray(snapshot.shared.segment.vectors @ vector)
    rough[~snapshot.shared.alive] = -1.0
    limit = nearest + 50
    while True:
        edge = np.partition(rough, len(rough) - limit)[len(rough) - limit] if limit < len(rough) else 0.0
        near = np.flatnonzero((rough > 0) & (rough >= edge - ROUNDING))
        fitting = kept(view, snapshot.shared.segment, near, query)
        if len(fitting) >= nearest or limit >= len(rough):
            return fitting
        limit *= 4


def _cosine(segment: Segment, rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Cosines of the chosen posts, row by row in 64 bits: one does not depend on how many are multiplied at once."""
    products: np.ndarray = np.einsum("ij,j->i", segment.vectors[rows].astype(np.float64), vector.astype(np.float64))
    return products


def _acts(view: View, segment: Segment, posts: tuple[np.ndarray, np.ndarray], query: Query) -> tuple[np.ndarray, ...]:
    """The acts on some posts of a segment that count. `posts`: their places among the candidates, and their rows."""
    places, rows = posts
    positions, owner = gather(segment.act_indptr, rows)
    allowed = counting(view, segment, positions, query)
    positions, owner = positions[allowed], owner[allowed]
    return (
        places[owner],
        segment.act_person[positions].astype(np.int64),
        segment.act_family[positions].astype(np.int64),
        segment.act_strength[positions].astype(np.float64),
        np.asarray(segment.act_at[positions]),
        np.asarray(view.shared[segment.act_audience[positions]]),
    )
