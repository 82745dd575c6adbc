"""BM25 over posts: tantivy fetches, one exact scorer of ours scores (decision 0003).

The scorer knows the shared tier's document frequencies and lengths exactly, at every moment: shared, restricted and
fresh posts are all scored by them: a post that a viewer may not read moves no score, a deletion is exact at once.
BM25 is Robertson and Zaragoza's with k1 1.2, b .75 and Lucene's idf, log(1 + (N - n + .5) / (n + .5)).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import tantivy

from expertfinder.index.arrays import gather
from expertfinder.index.posts.segment import Segment
from expertfinder.index.posts.tiers import ByWord
from expertfinder.index.published import LOCKS
from expertfinder.index.recipe import idf

K1, B = 1.2, 0.75
"""The usual constants of BM25 (Robertson and Zaragoza 2009), which Lucene has by default."""
RARE = 1.0
"""Posts that a word which no shared post has counts as having: it weighs like the rarest words that are known."""
FETCH_TERMS = 48
"""Words of a long question that fetch; all of its words score. The heaviest by idf times occurrences are taken."""
TIES = 256
"""Posts fetched beyond those that are asked for: most groups of ties at the cut end among them (19 of 20 at S; with 64
four of five, and a question in a hundred took 3.6 ms for it in place of 2.5)."""
TIE_REACH = 4
"""A group of ties at the cut is followed this many times further before it is given up."""
WRITER_BYTES = 128_000_000
"""One writer thread and a heap that holds most organisations in one run, so that the order of documents is ours."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the shared tier alone: how many posts, their mean length, and in how many each word occurs.

    Of posts that name an author: what nobody wrote is found, and makes no word rarer and no post longer.
    """

    posts: int
    frequency: np.ndarray
    """float64 [terms]; words that only restricted posts have are 0."""
    total_length: float
    """Words of all these posts."""
    every: np.ndarray | None = None
    """float64 [terms]: `frequency` with the posts that name no author; not given where there is none."""

    @property
    def having(self) -> np.ndarray:
        """float64 [terms]: how many posts have each word, whoever wrote them."""
        return self.frequency if self.every is None else self.every

    @property
    def mean_length(self) -> float:
        """At least 1, also where there is no post."""
        return max(self.total_length / self.posts, 1.0) if self.posts else 1.0

    def rarity(self, posts: np.ndarray) -> np.ndarray:
        """The inverse document frequency of words that so many posts have; `RARE` where none has."""
        return idf(self.posts, np.minimum(np.where(posts > 0, posts, RARE), self.posts))


def statistics_of(segment: Segment, terms: int) -> Statistics:
    """The statistics of the shared tier. `terms`: how many word rows there are."""
    said = segment.terms[np.repeat(segment.signed, np.diff(segment.term_indptr))]
    lengths = np.asarray(segment.lengths[segment.signed], np.float64)
    frequency = np.bincount(said, minlength=terms).astype(np.float64)
    every = np.bincount(segment.terms, minlength=terms).astype(np.float64)
    return Statistics(len(lengths), frequency, float(lengths.sum()), every)


def statistics_now(
    was: Statistics, *, went: tuple[Segment, np.ndarray], came: tuple[Segment, np.ndarray]
) -> Statistics:
    """The statistics without posts that left the shared tier, and with those that are in it now, exactly: posts in
    columns and their rows."""
    terms = max(len(was.frequency), int(came[0].terms.max(initial=-1)) + 1)
    frequency, every = (np.pad(counts, (0, terms - len(counts))) for counts in (was.frequency, was.having))
    posts, total = was.posts, was.total_length
    for (segment, rows), sign in ((went, -1), (came, 1)):
        every += sign * np.bincount(segment.terms[gather(segment.term_indptr, rows)[0]], minlength=terms)
        signed = rows[segment.signed[rows]]
        frequency += sign * np.bincount(segment.terms[gather(segment.term_indptr, signed)[0]], minlength=terms)
        posts += sign * len(signed)
        total += sign * float(np.asarray(segment.lengths[signed], np.float64).sum())
    return Statistics(posts, frequency, total, every)


@dataclass(frozen=True, slots=True)
class Asked:
    """One word of a question, and the words of posts that answer to it."""

    word: str
    """As it was asked, folded."""
    forms: tuple[tuple[str, float], ...]
    """Words of posts, each with the share of a count that it counts; the nearest to `word` first."""
    corrected: bool = False
    """Whether nobody wrote the word and the forms are guesses at what was meant."""
    unsaid: float = 1.0
    """What it weighs where no shared post has it, beside a rare word: less for one that texts of any subject have."""
    is_name: bool = False
    """Whether it names one thing alone (OrderMapper, C++, E-1042): what stands around it need not be known."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as it is understood."""

    words: list[Asked]
    """What its words are looked up as."""
    prose: str
    """What an encoder reads: the subject alone, without slips of the pen; a long question as it is."""
    languages: frozenset[str]
    """Which it may be in, by its function words and its script; empty where nothing tells."""
    topic: str | None = None
    """The label of the topic whose words were added, since those of the question are not the organisation's."""
    lasts: float = 1.0
    """How many times the usual half-life holds for its subject, by the organisation's own vocabulary."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What an answer says about how the question was read."""
        read = {one.word: one.forms[0][0] for one in self.words if one.corrected}
        notes = [f"“{word}” was read as “{meant}”." for word, meant in read.items()]
        if self.topic is not None:
            notes.append(f"The question was read as being about “{self.topic}”, in the words that are used here.")
        return tuple(notes)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one question, in the order of the text, each with the rows of its forms.

    A word that no shared post has weighs like one that `RARE` of them have: whether a restricted post knows the word
    must not show in the scale of a score, and what nobody wrote must not weigh more than what somebody did.
    """

    asked: tuple[Asked, ...]
    forms: tuple[str, ...]
    rows: np.ndarray
    """int64 [forms], row of each form; -1 for a form that no post has."""
    word: np.ndarray
    """int64 [forms], the word that each is a form of, ascending."""
    share: np.ndarray
    """float64 [forms]: what one occurrence of the form counts."""
    counts: np.ndarray
    """float64 [words], how often each is asked."""
    weights: np.ndarray
    """float64 [words], occurrences x inverse document frequency."""

    @classmethod
    def of(cls, tokens: Sequence[str | Asked], terms: Mapping[str, int], statistics: Statistics) -> Words:
        """The words of a question, with those that nobody has ever written. A plain token is its own only form."""
        counts: dict[str, int] = {}
        asked: dict[str, Asked] = {}
        for token in tokens:
            one = token if isinstance(token, Asked) else Asked(token, ((token, 1.0),))
            counts[one.word] = counts.get(one.word, 0) + 1
            asked.setdefault(one.word, one)
        forms = [(word, form, share) for word, one in enumerate(asked.values()) for form, share in one.forms]
        rows = np.array([terms.get(form, -1) for _, form, _ in forms], np.int64)
        word = np.array([word for word, _, _ in forms], np.int64)
        share = np.array([share for _, _, share in forms], np.float64)
        occurrences = np.fromiter(counts.values(), np.float64, len(counts))
        there = (rows >= 0) & (rows < len(statistics.frequency))
        posts = np.zeros(len(rows))
        posts[there] = statistics.frequency[rows[there]] * share[there]
        n = np.bincount(word, posts, minlength=len(counts)) if len(rows) else np.zeros(0)
        unsaid = np.array([one.unsaid for one in asked.values()], np.float64)
        return cls(
            tuple(asked.values()),
            tuple(form for _, form, _ in forms),
            rows,
            word,
            share,
            occurrences,
            occurrences * statistics.rarity(n) * np.where(n > 0, 1.0, unsaid),
        )

    @property
    def ideal(self) -> float:
        """The score that no post reaches: every word, infinitely often. It rests on question and shared tier only."""
        return float(self.weights.sum())

    def boost(self, form: int) -> float:
        """How much a form weighs in an engine that knows how rare it is."""
        return float(self.counts[self.word[form]] * self.share[form])

    def fetching(self, statistics: Statistics, terms: int) -> np.ndarray:
        """Positions among the forms of those that fetch: the heaviest `FETCH_TERMS` of those that shared posts have.

        `terms`: words that the engine knows; later rows are words of fresh posts.
        """
        inside = np.flatnonzero((self.rows >= 0) & (self.rows < terms))
        inside = inside[statistics.having[self.rows[inside]] > 0]
        weight = self.weights[self.word[inside]] * self.share[inside]
        return np.asarray(inside[np.lexsort((self.rows[inside], -weight))][:FETCH_TERMS])

    @property
    def single(self) -> bool:
        """Whether no word has more than one form."""
        return len(self.rows) == len(self.counts)

    def known(self, frequency: np.ndarray) -> np.ndarray:
        """bool [words]: whether a post of those that `frequency` [rows] was counted over has a form of it."""
        inside = (self.rows >= 0) & (self.rows < len(frequency))
        inside[inside] = frequency[self.rows[inside]] > 0
        return np.bincount(self.word, inside, minlength=len(self.counts)) > 0


def counted_words(rows: np.ndarray, occurrences: np.ndarray, statistics: Statistics) -> Words:
    """The words of a post as a question: their rows, and how often each stands in it."""
    weights = occurrences * statistics.rarity(statistics.frequency[rows])
    return Words((), (), rows, np.arange(len(rows)), np.ones(len(rows)), occurrences, weights)


def score(
    segment: Segment, rows: np.ndarray, words: Words, statistics: Statistics, *, by_word: ByWord | None = None
) -> np.ndarray:
    """BM25 of the chosen posts, float64 [len(rows)]; each depends on the post, the words and the statistics only.

    `by_word`: of the segment, which is quicker for many of its posts.
    """
    if not len(rows) or not len(words.rows):
        return np.zeros(len(rows))
    owner, form_of, counts = (
        _hits(segment, rows, words, statistics) if by_word is None else _found(by_word, rows, words)
    )
    # Summed in the order of the question: rows of words depend on what was loaded when, and so would the last digit.
    order = np.lexsort((form_of, owner))
    owner, form_of, counts = owner[order], form_of[order], counts[order].astype(np.float64)
    word = words.word[form_of]
    if not words.single:  # forms of one word in one post count together
        first = np.flatnonzero((np.diff(owner, prepend=-1) != 0) | (np.diff(word, prepend=-1) != 0))
        counts = np.add.reduceat(counts * words.share[form_of], first) if len(first) else counts[:0]
        owner, word = owner[first], word[first]
    norm = K1 * (1 - B + B * segment.lengths[rows].astype(np.float64) / statistics.mean_length)
    return np.bincount(owner, words.weights[word] * counts / (counts + norm[owner]), minlength=len(rows))


def _hits(
    segment: Segment, rows: np.ndarray, words: Words, statistics: Statistics
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the chosen posts have words of the question: place among the posts, place among the forms, how often."""
    start = segment.term_indptr[rows]
    ends = np.cumsum(segment.term_indptr[rows + 1] - start)
    positions = np.arange(int(ends[-1])) + np.repeat(start - np.concatenate(([0], ends[:-1])), np.diff(ends, prepend=0))
    terms = segment.terms[positions]
    # A dense table over the words makes the look-up one pass over the posts, whatever the length of the question.
    known = np.flatnonzero(words.rows >= 0)
    most = max(len(statistics.frequency), int(terms.max(initial=0)) + 1, int(words.rows.max(initial=0)) + 1)
    form = np.full(most, -1, np.int32)
    form[words.rows[known]] = known
    hit = np.flatnonzero(form[terms] >= 0)
    return np.searchsorted(ends, hit, side="right"), form[terms[hit]], segment.counts[positions[hit]]


def _found(by_word: ByWord, rows: np.ndarray, words: Words) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same by the words, of which each row is looked up once, as the last form that has it."""
    last = {row: form for form, row in enumerate(words.rows.tolist())}
    posts, counts, which = by_word.having(np.fromiter(last, np.int64, len(last)))
    place = np.full(max(int(rows.max()), int(posts.max(initial=0))) + 1, -1, np.int64)
    place[rows] = np.arange(len(rows))
    owner = place[posts]
    chosen = np.flatnonzero(owner >= 0)
    return owner[chosen], np.fromiter(last.values(), np.int64, len(last))[which[chosen]], counts[chosen]


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", stored=False, tokenizer_name="whitespace", index_option="freq")
    builder.add_unsigned_field("row", stored=False, indexed=False, fast=True)
    return builder.build()


@dataclass(frozen=True, slots=True)
class Written:
    """What an engine's index has already."""

    folder: Path
    rows: np.ndarray
    """int64: of each document in the order of writing, the row that its post has now."""


def build_engine(segment: Segment, terms: list[str], folder: Path, *, before: Written | None = None) -> np.ndarray:
    """Write the engine's index of the shared tier: one writer, one thread, posts in the order of their ids. int64: the
    row of each document in the order of writing.

    `before`: an index whose posts all are in the segment, in the words that they had: the others are added to it.
    """
    folder.mkdir(parents=True)
    rows = np.arange(len(segment))
    if before is not None:
        rows = np.concatenate([before.rows, np.setdiff1d(rows, before.rows)])
        for file in sorted(before.folder.iterdir()):  # they are written once, and replaced as a whole
            if not file.name.endswith(LOCKS):
                os.link(file, folder / file.name)
    writer = tantivy.Index(_schema(), path=str(folder)).writer(WRITER_BYTES, 1)
    for number in range(0 if before is None else len(before.rows), len(rows)):
        post = int(rows[number])
        start, end = int(segment.term_indptr[post]), int(segment.term_indptr[post + 1])
        words: list[str] = []
        for term, count in zip(segment.terms[start:end].tolist(), segment.counts[start:end].tolist(), strict=True):
            words.extend([terms[term]] * int(count))
        entry = tantivy.Document()
        entry.add_text("words", " ".join(words))
        entry.add_unsigned("row", number)
        writer.add_document(entry)
    writer.commit()
    writer.wait_merging_threads()
    return rows


class Fetching(Protocol):
    """What fetches candidate posts of the shared tier."""

    def fetch(self, words: Words, statistics: Statistics, limit: int) -> np.ndarray:
        """Rows of the shared tier, about `limit`, best first by the engine; a group of ties at the cut is whole or out.

        A cut through a group of ties would be made by the order of loading, which differs between engines and builds.
        """
        ...


class Engine:
    """Fetches candidate posts of the shared tier. Its own scores only choose; they are never shown or added."""

    def __init__(self, folder: Path, terms: list[str], rows: np.ndarray) -> None:
        self.rows = rows
        """int64: of each document in the order of writing, the row of its post."""
        self._index = tantivy.Index.open(str(folder))
        self._schema = self._index.schema
        self._searcher = self._index.searcher()
        self._terms = terms

    def fetch(self, words: Words, statistics: Statistics, limit: int) -> np.ndarray:
        """As `Fetching` says."""
        clauses = []
        for position in words.fetching(statistics, len(self._terms)).tolist():
            query = tantivy.Query.term_query(self._schema, "words", self._terms[int(words.rows[position])], "freq")
            clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(query, words.boost(position))))
        if not clauses:
            return np.empty(0, np.int64)
        question = tantivy.Query.boolean_query(clauses)
        hits = self._searcher.search(question, limit + TIES, count=False).hits
        if len(hits) > limit and hits[limit][0] == hits[limit - 1][0] and hits[-1][0] < hits[limit][0]:
            hits = hits[: next(i for i in range(limit, len(hits)) if hits[i][0] < hits[limit][0])]
        elif len(hits) > limit and hits[limit][0] == hits[limit - 1][0]:
            hits = self._searcher.search(question, TIE_REACH * limit, count=False).hits
            tie = next(i for i, hit in enumerate(hits) if hit[0] == hits[limit][0])
            end = next((i for i in range(limit, len(hits)) if hits[i][0] < hits[limit][0]), len(hits))
            whole = end < TIE_REACH * limit
            if tie == 0 and not whole:  # all are tied: those of the first rows, however many runs wrote them
                every = self._searcher.search(question, len(self.rows), count=False).hits
                return np.sort(self._row_of([hit for hit in every if hit[0] == hits[0][0]]))[: TIE_REACH * limit]
            hits = hits[:end] if whole else hits[:tie]
        else:
            hits = hits[:limit]
        return self._row_of(hits)

    def _row_of(self, hits: Sequence[tuple[float, tantivy.DocAddress]]) -> np.ndarray:
        numbers = self._searcher.fast_field_values("row", [address for _, address in hits])
        rows = self.rows[np.array(numbers, np.int64)]
        return np.asarray(rows[np.lexsort((rows, np.array([-score for score, _ in hits])))])
