"""The posts of a tier by their words, for the tier that no engine holds: a question to many restricted posts looks at
those alone that have a word of it, and at nothing else of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from expertfinder.index.arrays import gather
from expertfinder.index.posts.segment import Segment


@dataclass(frozen=True, slots=True)
class ByWord:
    """For each word the posts that have it, ascending, and how often."""

    indptr: np.ndarray
    """int64 [words + 1]."""
    posts: np.ndarray
    """int32, rows of the segment."""
    counts: np.ndarray
    """float32, as the segment has them."""

    @classmethod
    def of(cls, segment: Segment, words: int) -> ByWord:
        """`words`: how many there are."""
        order = np.argsort(segment.terms, kind="stable")
        owner = np.repeat(np.arange(len(segment), dtype=np.int32), np.diff(segment.term_indptr))
        having = np.bincount(segment.terms, minlength=words)
        return cls(np.concatenate([[0], np.cumsum(having)]), owner[order], segment.counts[order])

    def having(self, words: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Post, count and the place among `words` (rows, each once) of each occurrence; of rows that are known here."""
        known = np.flatnonzero((words >= 0) & (words < len(self.indptr) - 1))
        at, which = gather(self.indptr, words[known])
        return self.posts[at], self.counts[at], known[which]
