"""One document a person: all that they wrote, counted together. Made of the shared tier alone.

Candidate-centred retrieval (Balog's Model 1) beside the document-centred one: it wins where questions are broad (goals,
talks), and loses where they are specific; together they beat either (`docs/ranking.md`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from expertfinder.index.columns import gather
from expertfinder.index.segment import Segment
from expertfinder.index.text import K1, B, Words


@dataclass(frozen=True, slots=True)
class Profiles:
    """Word counts by person, as postings: for each word the people who used it. Arrays as in a CSC matrix."""

    indptr: np.ndarray
    """int64 [terms + 1]."""
    people: np.ndarray
    """int32, rows of the table of people."""
    counts: np.ndarray
    """float32."""
    lengths: np.ndarray
    """float32 [people]; 0 for who wrote nothing that is shared."""
    mean_length: float
    authors: int
    """People with a profile."""

    def idf(self, terms: np.ndarray) -> np.ndarray:
        """Lucene's idf over profiles."""
        known = (terms >= 0) & (terms < len(self.indptr) - 1)
        at = np.where(known, terms, 0)
        n = np.where(known, self.indptr[at + 1] - self.indptr[at], 0).astype(np.float64)
        return np.asarray(np.log1p((self.authors - n + 0.5) / (n + 0.5)))

    def score(self, words: Words) -> np.ndarray:
        """BM25 of every person's profile for a question, float64 [people]; sums run in the order of the words."""
        result = np.zeros(len(self.lengths))
        known = (words.rows >= 0) & (words.rows < len(self.indptr) - 1)
        rows, weights = words.rows[known], words.counts[known] * self.idf(words.rows[known])
        if not len(rows):
            return result
        positions, owner = gather(self.indptr, rows)
        people = self.people[positions]
        counts = self.counts[positions].astype(np.float64)
        norm = K1 * (1 - B + B * self.lengths[people].astype(np.float64) / max(self.mean_length, 1.0))
        result += np.bincount(people, weights[owner] * counts / (counts + norm), minlength=len(result))
        return result


def build_profiles(segment: Segment, *, people: int, terms: int, acts: np.ndarray) -> Profiles:
    """Profiles from the shared tier. `acts` [len(segment.act_person)]: which evidence makes a profile (boolean)."""
    post_of_act = np.repeat(np.arange(len(segment)), np.diff(segment.act_indptr))
    ones = np.ones(int(acts.sum()), np.float32)
    wrote = sp.csr_matrix(
        (ones, (segment.act_person[acts], post_of_act[acts])), shape=(people, len(segment)), dtype=np.float32
    )
    wrote.data[:] = np.minimum(wrote.data, 1.0)
    words = sp.csr_matrix(
        (segment.counts, segment.terms, segment.term_indptr), shape=(len(segment), terms), dtype=np.float32
    )
    counts = sp.csc_matrix(wrote @ words)
    counts.sort_indices()
    lengths = np.asarray(wrote @ np.asarray(segment.lengths), np.float32)
    having = lengths > 0
    return Profiles(
        indptr=counts.indptr.astype(np.int64),
        people=counts.indices.astype(np.int32),
        counts=counts.data.astype(np.float32),
        lengths=lengths,
        mean_length=float(lengths[having].mean()) if having.any() else 1.0,
        authors=int(having.sum()),
    )
