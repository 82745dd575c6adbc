"""One document a person: all that they wrote or acted on, counted together. Made of the shared tier alone.

Candidate-centred retrieval (Balog's Model 1) beside the document-centred one: it wins where questions are broad (goals,
talks), and loses where they are specific; together they beat either (`docs/ranking.md`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from expertfinder.index import sparse as sp
from expertfinder.index.arrays import gather
from expertfinder.index.posts.bm25 import K1 as POST_K1
from expertfinder.index.posts.bm25 import B as POST_B
from expertfinder.index.posts.bm25 import Words
from expertfinder.index.posts.segment import Segment
from expertfinder.index.recipe import Recipe, idf

AT_ONCE = 8_192
"""Words that are summed over all posts at once: where a hundred people use each, 10 MB in 64 bits."""


def saturated(counts: np.ndarray, lengths: np.ndarray, mean_length: float) -> np.ndarray:
    """What a word that stands `counts` times in a post of `lengths` words counts in a profile: below 1, as in BM25.

    Without it one long document that somebody once touched fills their profile (`docs/ranking.md`: .221 to .245).
    """
    return np.asarray(counts / (counts + POST_K1 * (1 - POST_B + POST_B * lengths / max(mean_length, 1.0))))


@dataclass(frozen=True, slots=True)
class Profiles:
    """Word counts by person, as postings: for each word the people who used it. Arrays as in a CSC matrix."""

    indptr: np.ndarray
    """int64 [terms + 1]."""
    people: np.ndarray
    """int32, rows of the table of people."""
    counts: np.ndarray
    """float32: sum over a person's acts of strength x decay x `saturated` count of the word in the post."""
    lengths: np.ndarray
    """float32 [people]: sum of a person's counts; 0 for who did nothing that is shared."""
    post_length: float
    """Mean words of a shared post when this was built."""
    mean_length: float
    authors: int
    """People with a profile."""

    @property
    def terms(self) -> int:
        """How many words there were when this was built."""
        return len(self.indptr) - 1

    def with_postings(self, rows: np.ndarray) -> Profiles:
        """The same, with the people of these words at hand. Here those of all words are."""
        return self

    def weighed(self, words: Words) -> tuple[np.ndarray, np.ndarray]:
        """The forms that profiles know: their positions among those of `words` [n], and the weight of each one's word.

        Under a root: a long question repeats its words, and a profile has most of them (`docs/ranking.md`). Forms of
        one word have one weight, by the people who used any of them.
        """
        forms = np.flatnonzero((words.rows >= 0) & (words.rows < self.terms))
        rows, word = words.rows[forms], words.word[forms]
        used = (self.indptr[rows + 1] - self.indptr[rows]) * words.share[forms]
        n = np.minimum(np.bincount(word, used, minlength=len(words.counts)), self.authors)
        return forms, (np.sqrt(words.counts) * idf(self.authors, n))[word]

    def norm(self, lengths: np.ndarray, recipe: Recipe) -> np.ndarray:
        """The count at which a word is worth half, for profiles of these lengths."""
        k1, b = recipe.profile_k1, recipe.profile_b
        return np.asarray(k1 * (1 - b + b * lengths.astype(np.float64) / max(self.mean_length, 1e-9)))

    def score(self, words: Words, recipe: Recipe) -> np.ndarray:
        """BM25 of every person's profile for a question, float64 [people]; sums run in the order of the words."""
        forms, weights = self.weighed(words)
        if not len(forms):
            return np.zeros(len(self.lengths))
        positions, owner = gather(self.indptr, words.rows[forms])
        people = self.people[positions]
        counts = self.counts[positions].astype(np.float64)
        if not words.single:
            # Counts of the forms of one word add up, in the order of words, then of people.
            word, counts = words.word[forms[owner]], counts * words.share[forms[owner]]
            order = np.lexsort((people, word))
            starts = np.flatnonzero((np.diff(word[order], prepend=-1) != 0) | (np.diff(people[order], prepend=-1) != 0))
            counts = np.add.reduceat(counts[order], starts) if len(starts) else counts[:0]
            people, owner = people[order[starts]], owner[order[starts]]
        amount = weights[owner] * counts / (counts + self.norm(self.lengths[people], recipe))
        return np.bincount(people, amount, minlength=len(self.lengths)).astype(np.float64)

    def per_word(self, words: Words, people: list[int], recipe: Recipe) -> tuple[np.ndarray, np.ndarray]:
        """What each word of posts adds to the score of chosen people for one more count of it, on average.

        Returns the rows of the words [n] and float64 [len(people), n]: score of the word / its count in the profile, so
        that a post's share of the score is the sum over its words of strength x decay x count x this.
        """
        forms, weights = self.weighed(words)
        rows = words.rows[forms]
        result = np.zeros((len(people), len(rows)))
        slot = np.full(len(self.lengths) + 1, -1)
        slot[people] = np.arange(len(people))
        positions, owner = gather(self.indptr, rows)
        mine = slot[self.people[positions]]
        inside = np.flatnonzero(mine >= 0)
        counts = np.zeros((len(people), len(words.counts)))
        word, share = words.word[forms[owner[inside]]], words.share[forms[owner[inside]]]
        np.add.at(counts, (mine[inside], word), self.counts[positions[inside]] * share)
        norm = self.norm(self.lengths[self.people[positions[inside]]], recipe)
        result[mine[inside], owner[inside]] = weights[owner[inside]] * share / (counts[mine[inside], word] + norm)
        return rows, result


def build_profiles(segment: Segment, *, people: int, terms: int, weight: np.ndarray) -> Profiles:
    """Profiles from the shared tier. `weight` [acts of the segment]: strength x decay, 0 for what does not count."""
    post_of_act = segment.act_posts()
    counts = weight > 0
    did = sp.csr_matrix(
        (weight[counts], (segment.act_person[counts], post_of_act[counts])),
        shape=(people, len(segment)),
        dtype=np.float64,
    )
    mean = float(segment.lengths[segment.signed].astype(np.float64).mean()) if segment.signed.any() else 1.0
    data = np.empty(len(segment.counts))
    # Some posts at a time, and some words, so that all of them are never there twice in 64 bits.
    for start in range(0, len(segment), AT_ONCE):
        indptr = segment.term_indptr[start : start + AT_ONCE + 1]
        lengths_of_entries = np.repeat(segment.lengths[start : start + AT_ONCE].astype(np.float64), np.diff(indptr))
        here = slice(int(indptr[0]), int(indptr[-1]))
        data[here] = saturated(segment.counts[here].astype(np.float64), lengths_of_entries, mean)
    shape = (len(segment), terms)
    by_word = sp.csr_matrix(sp.csr_matrix((data, segment.terms, segment.term_indptr), shape=shape).T)
    del data
    by_post = sp.csr_matrix(did.T)
    sizes, who, counted = [np.zeros(1, np.int64)], [np.zeros(0, np.int32)], [np.zeros(0, np.float32)]
    lengths = np.zeros(people)
    for start in range(0, terms, AT_ONCE):
        some = sp.csr_matrix(by_word[start : start + AT_ONCE] @ by_post)
        some.sort_indices()
        np.add.at(lengths, some.indices, some.data)
        sizes.append(np.diff(some.indptr).astype(np.int64))
        who.append(some.indices.astype(np.int32))
        counted.append(some.data.astype(np.float32))
    having = lengths > 0
    return Profiles(
        indptr=np.cumsum(np.concatenate(sizes)),
        people=np.concatenate(who),
        counts=np.concatenate(counted),
        lengths=lengths.astype(np.float32),
        post_length=mean,
        mean_length=float(lengths[having].mean()) if having.any() else 1.0,
        authors=int(having.sum()),
    )
