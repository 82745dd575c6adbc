"""A snapshot's posts in three tiers: shared, restricted, fresh; which of them count now, and one numbering over all."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from expertfinder.index.arrays import gather, products
from expertfinder.index.posts.segment import Segment

MANY = 1 << 16
"""Shared posts from which on vectors are looked through in fewer numbers first: more than any set with judgements has,
so that no figure of quality rests on it; below, the exact product takes less than a quarter of a question."""
NUMBERS, WIDER = 96, 16
"""How many numbers, and of how many times the posts that are wanted the exact cosine decides: of the 200 posts nearest
to each of 132 questions .9996 are then among 25,579 real posts (with 64 numbers .9965; `scripts/recall.py`)."""
ABOVE = 500
"""The edge of what is looked at is found among some posts at even steps, of which so many lie above it: it moves how
many are looked at by a twentieth, and finding it among 74,000 takes an eighth of the time."""
SAMPLED = 10_000
"""Posts whose vectors tell the directions: 40 for each of 256 numbers."""


@dataclass(frozen=True, slots=True)
class ByWord:
    """For each word the posts that have it, ascending, and how often; of the tier that no engine holds.

    So a question to many restricted posts looks at those alone that have a word of it, and at nothing else of them.
    """

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


@dataclass(frozen=True, slots=True)
class ByPerson:
    """For each person the acts by them, ascending: what some people did is found without a look at what all did."""

    indptr: np.ndarray
    """int64 [people + 1]."""
    acts: np.ndarray
    """int32, rows of the acts of the segment."""

    @classmethod
    def of(cls, segment: Segment, people: int) -> ByPerson:
        """`people`: how many there are."""
        did = np.bincount(segment.act_person, minlength=people)
        order = np.argsort(segment.act_person, kind="stable").astype(np.int32)
        return cls(np.concatenate([[0], np.cumsum(did)]), order)

    def chosen(self, people: np.ndarray, most: int | None) -> np.ndarray:
        """As `Tier.acts_of`."""
        rows = people[people < len(self.indptr) - 1]
        if most is None:
            return np.sort(self.acts[gather(self.indptr, rows)[0]])
        start, did = self.indptr[rows], self.indptr[rows + 1] - self.indptr[rows]
        taken = np.minimum(did, most)
        owner = np.repeat(np.arange(len(rows)), taken)
        number = np.arange(len(owner)) - np.repeat(np.cumsum(taken) - taken, taken)
        return np.sort(self.acts[start[owner] + number * did[owner] // taken[owner]])


@dataclass(frozen=True, slots=True)
class Tier:
    """Posts in columns, and which of them count now."""

    segment: Segment
    alive: np.ndarray
    """bool [posts]: False for a post that was taken back since the build, or that stands in `fresh` as it is now."""
    by_word: ByWord | None = None
    """Of the segment, where the snapshot has it."""
    by_person: ByPerson | None = None
    """The same."""

    @classmethod
    def of(cls, segment: Segment, by_word: ByWord | None = None, by_person: ByPerson | None = None) -> Tier:
        """A tier of which every post counts."""
        return cls(segment, np.ones(len(segment), bool), by_word, by_person)

    def __len__(self) -> int:
        """Rows, those of posts that no longer count included."""
        return len(self.segment)

    @property
    def gone(self) -> np.ndarray:
        """int64, rows of the posts that no longer count."""
        return np.flatnonzero(~self.alive)

    def acts_of(self, people: np.ndarray, most: int | None = None) -> np.ndarray:
        """int64, rows of the acts by some people (rows, each once), ascending, whether or not their posts count.

        `most`: so many of each are enough; they are taken from all of them at even steps where that saves a look.
        """
        if self.by_person is not None:
            return self.by_person.chosen(people, most)
        person = self.segment.act_person
        wanted = np.zeros(max(int(person.max(initial=-1)), int(people.max(initial=-1))) + 1, bool)
        wanted[people] = True
        return np.flatnonzero(wanted[person])

    def without(self, posts: set[str]) -> Tier:
        """The same tier in which the posts with these ids do not count."""
        return replace(self, alive=self.alive & ~self.has(posts))

    def has(self, posts: set[str]) -> np.ndarray:
        """bool [posts]: whether the id is among `posts`."""
        found = np.zeros(len(self.segment), bool)
        found[[row for row in map(self.row, posts) if row >= 0]] = True
        return found

    def row(self, post: str) -> int:
        """The row of the post with this id; -1 where none has it."""
        ids = self.segment.ids
        row = bisect_left(ids, post)
        return row if row < len(ids) and ids[row] == post else -1


@dataclass(frozen=True, slots=True)
class AsRead:
    """How strong each act of two tiers was before near-copies took from it: what a post that is read again begins with,
    when nothing else of it changed."""

    shared: np.ndarray
    """float32 [acts]."""
    restricted: np.ndarray
    """float32 [acts]."""


@dataclass(frozen=True, slots=True)
class Rough:
    """The vectors of the shared tier in fewer numbers, along the directions in which its vectors are longest: most of
    what is far from a question is told by a third of the numbers, and what is left is compared exactly."""

    directions: np.ndarray
    """float32 [`NUMBERS`, dimension]."""
    vectors: np.ndarray
    """float32 [posts, `NUMBERS`]."""

    @classmethod
    def of(cls, vectors: np.ndarray) -> Rough | None:
        """`None` where exact products cost little: of few posts, or of vectors that are not much longer."""
        if len(vectors) < MANY or vectors.shape[1] < 2 * NUMBERS:
            return None
        some = vectors[:: max(len(vectors) // SAMPLED, 1)].astype(np.float64)
        _, found = np.linalg.eigh(some.T @ some)  # by rising length
        directions = np.ascontiguousarray(found[:, -NUMBERS:].T, np.float32)
        return cls(directions, products(vectors, directions))

    def near(self, vector: np.ndarray, alive: np.ndarray, most: int) -> np.ndarray:
        """Rows of about `WIDER` times as many posts as are wanted (`most`), ascending; all there are where these are
        not many more."""
        reach = WIDER * most
        if reach >= len(self.vectors):
            return np.arange(len(self.vectors))
        cosines = np.einsum("ij,j->i", self.vectors, np.einsum("ij,j->i", self.directions, vector))
        cosines[~alive] = -1.0
        step = max(reach // ABOVE, 1)
        some = cosines[::step]
        edge = np.partition(some, len(some) - reach // step)[len(some) - reach // step]
        return np.flatnonzero(cosines >= edge)


@dataclass(frozen=True, slots=True)
class Tiers:
    """The three tiers of a snapshot. A post's number counts over all rows: shared, then restricted, then fresh."""

    shared: Tier
    restricted: Tier
    fresh: Tier
    starts: tuple[int, int, int] = field(init=False)
    """The number of the first post of each tier."""

    def __post_init__(self) -> None:
        shared, restricted = len(self.shared.segment), len(self.restricted.segment)
        object.__setattr__(self, "starts", (0, shared, shared + restricted))

    @property
    def segments(self) -> tuple[Segment, Segment, Segment]:
        """The columns of each tier."""
        return self.shared.segment, self.restricted.segment, self.fresh.segment

    def numbers(self, rows: Sequence[np.ndarray]) -> np.ndarray:
        """int64: rows of each tier as numbers."""
        return np.concatenate([some + start for some, start in zip(rows, self.starts, strict=True)])

    def split(self, numbers: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each tier: positions in `numbers` of its posts (ascending), and the rows of these posts."""
        found: list[tuple[np.ndarray, np.ndarray]] = []
        if len(numbers) and int(numbers.max()) < self.starts[1]:  # most questions find shared posts alone
            nothing = np.empty(0, np.int64)
            return [(np.arange(len(numbers)), numbers), (nothing, nothing), (nothing, nothing)]
        for segment, start in zip(self.segments, self.starts, strict=True):
            places = np.flatnonzero((numbers >= start) & (numbers < start + len(segment)))
            found.append((places, numbers[places] - start))
        return found

    def place(self, number: int) -> tuple[Segment, int]:
        """The columns in which a post stands, and its row there."""
        _, restricted, fresh = self.starts
        if number < restricted:
            return self.shared.segment, number
        return (
            (self.restricted.segment, number - restricted) if number < fresh else (self.fresh.segment, number - fresh)
        )

    def created(self, numbers: np.ndarray) -> np.ndarray:
        """float64: when each post was made, in days since 1970; NaN where that is not known."""
        found = np.empty(len(numbers))
        for segment, (places, rows) in zip(self.segments, self.split(numbers), strict=True):
            found[places] = segment.created[rows]
        return found

    def column(self, name: str, numbers: np.ndarray) -> np.ndarray:
        """What a list of the segments (`ids`, `kinds`, `languages`) has of each of some posts, in their order."""
        found = np.empty(len(numbers), object)
        for segment, (places, rows) in zip(self.segments, self.split(numbers), strict=True):
            values = getattr(segment, name)
            found[places] = [values[row] for row in rows.tolist()]
        return found

    def order(self, scores: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Positions by falling score, then id."""
        order = np.lexsort((numbers, -scores))
        if not len(numbers) or numbers.max() < len(self.shared.segment):
            return order  # rows of one segment are in the order of ids
        fell = np.diff(scores[order], prepend=np.inf, append=-np.inf) < 0
        group = np.cumsum(fell[:-1]) - 1
        # Numbers rise within a group of equals, so it is of one tier where its first and its last post are.
        tier = np.searchsorted(self.starts, numbers[order], side="right")
        first, last = np.flatnonzero(fell[:-1]), np.flatnonzero(fell[1:])
        tied = np.flatnonzero((tier[first] != tier[last])[group])
        names = self.column("ids", numbers[order[tied]]).tolist()
        by_name = np.array(sorted(range(len(tied)), key=names.__getitem__), np.int64)
        order[tied] = order[tied[by_name[np.argsort(group[tied[by_name]], kind="stable")]]]
        return np.asarray(order)

    def best(self, scores: np.ndarray, numbers: np.ndarray, most: int) -> np.ndarray:
        """The numbers of the at most `most` best with a score above 0."""
        inside = np.flatnonzero(scores > 0)
        if not most:
            return np.empty(0, np.int64)
        if len(inside) > most:
            edge = np.partition(scores[inside], len(inside) - most)[len(inside) - most]
            inside = inside[scores[inside] >= edge]
        return np.asarray(numbers[inside][self.order(scores[inside], numbers[inside])][:most])

    def built_rows(self, numbers: np.ndarray) -> np.ndarray:
        """int64: the row in `shared` that each post has, or had when the snapshot was built; -1 for one that had none.

        What is precomputed knows a post by that row, also when an act that not everybody may see has made it fresh.
        """
        places, rows = self.split(numbers)[2]
        found = np.where(numbers < len(self.shared), numbers, -1)
        found[places] = [self.shared.row(self.fresh.segment.ids[row]) for row in rows.tolist()]
        return found
