"""Words whose rows and people are fetched from a server when they are met, and posts that it fetched for a question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from expertfinder.index.people.profiles import Profiles
from expertfinder.index.posts.bm25 import Statistics, Words
from expertfinder.index.posts.segment import TermRows
from expertfinder.index.server.packing import COUNTS, ROWS
from expertfinder.store.index_server import Rows


class ServedTerms(TermRows):
    """The rows of words, asked for when they are met. New words get rows after those of the server."""

    def __init__(self, known: int, look_up: Callable[[list[str]], Mapping[str, int]]) -> None:
        super().__init__()
        self._known, self._new = known, 0
        self._look_up = look_up

    def meet(self, words: Iterable[str]) -> None:
        """Ask the server for those that were not met yet."""
        missing = [word for word in words if word not in self]
        if missing:
            self.update(self._look_up(missing))

    def setdefault(self, word: str, row: int) -> int:
        """The row of a word; `row` for one that nobody has."""
        if word not in self:
            self[word] = row
            self._new += 1
        return self[word]

    def __len__(self) -> int:
        return self._known + self._new


@dataclass(frozen=True, slots=True)
class ServedProfiles(Profiles):
    """Profiles of which the people of some words are at hand."""

    fetch: Callable[[list[int]], Mapping[int, tuple[np.ndarray, np.ndarray]]]
    """Rows of words -> people, counts."""

    def with_postings(self, rows: np.ndarray) -> ServedProfiles:
        """The same, with the people of these words at hand, too."""
        missing = rows[self.indptr[rows + 1] == self.indptr[rows]]
        return self.holding(self.fetch(missing.tolist())) if len(missing) else self

    def holding(self, found: Mapping[int, tuple[np.ndarray, np.ndarray]]) -> ServedProfiles:
        """The same, with these words; those that are at hand stay as they are."""
        held = np.flatnonzero(np.diff(self.indptr)).tolist()
        every = dict(found) | {
            row: (
                self.people[self.indptr[row] : self.indptr[row + 1]],
                self.counts[self.indptr[row] : self.indptr[row + 1]],
            )
            for row in held
        }
        order = sorted(every)
        sizes = np.zeros(len(self.indptr), np.int64)
        sizes[np.array(order, np.int64) + 1] = [len(every[row][0]) for row in order]
        return replace(
            self,
            indptr=np.cumsum(sizes),
            people=np.concatenate([every[row][0] for row in order]) if order else self.people[:0],
            counts=np.concatenate([every[row][1] for row in order]) if order else self.counts[:0],
        )


def postings(found: Rows) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Row of a word -> people, counts; of words as the server gives them: words, rows, people, counts."""
    return {
        row: (np.frombuffer(people, ROWS), np.frombuffer(counts, COUNTS))
        for row, people, counts in zip(*found[1:], strict=True)
    }


class More(Exception):
    """More posts are wanted than were fetched."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class Fetched:
    """What the server fetched for one question, best first."""

    def __init__(self, rows: np.ndarray, limit: int, *, more: bool) -> None:
        self._rows, self._limit, self._more = rows, limit, more

    def fetch(self, words: Words, statistics: Statistics, limit: int) -> np.ndarray:
        """As `Fetching` says; the words are those of the question."""
        if limit > self._limit and self._more:
            raise More(limit)
        return self._rows[:limit]
