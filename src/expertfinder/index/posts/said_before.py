"""Whoever says what somebody else has said before has said nothing: who keeps the credit of the same words.

Posts are in the same words by `Own.wording`. Of those who wrote them, who only copies comes last, whatever the dates
say: at least `COPIED_SET` of their texts, and more than half of all, stand under other names, too. Of the others the
earliest has the credit; at the same moment, or where no date is known, who had written something of their own before.
Of several who had, each has a part, as of several who had not. Others have nothing.

Who is told to be first rests on no posts and no acts but those that a reader of the act may read: who may not read what
was copied does not notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from expertfinder.index.arrays import distinct
from expertfinder.index.posts.segment import Segment
from expertfinder.index.posts.tiers import Tier

SHORTEST = 8
"""Words of a post that is compared at all: routine work is recorded in the same few words again and again, and each
time was work done."""
COPIED_SET = 3
"""Texts of others from which on somebody may be one who only copies: whose first text is taken over by a second, and
the second by a third, is still told by the dates."""
OPEN = -1
"""Instead of an audience: what everybody reads."""
TIER = 40
"""Bits of a post's row below its tier, where both stand in one number: a million million posts."""
ROW = (1 << TIER) - 1
"""What of such a number is the row."""


@dataclass(frozen=True, slots=True)
class Authored:
    """The acts of authorship on the posts of several tiers; every column has a row an act. `audience`: of the act."""

    tier: np.ndarray
    act: np.ndarray
    post: np.ndarray
    person: np.ndarray
    audience: np.ndarray

    def chosen(self, rows: np.ndarray) -> Authored:
        """Of the chosen acts."""
        return Authored(*(column[rows] for column in (self.tier, self.act, self.post, self.person, self.audience)))


def authored(tiers: Sequence[Tier], family: int) -> Authored:
    """The acts of authorship (`family`) on the posts that count and are long enough to be compared."""
    columns = []
    for number, tier in enumerate(tiers):
        segment = tier.segment
        acts = np.flatnonzero(segment.act_family == family)
        posts = segment.posts_of(acts)
        there = tier.alive[posts] & (segment.lengths[posts] >= SHORTEST)
        acts, posts = acts[there], posts[there]
        columns.append(
            (
                np.full(len(acts), number),
                acts,
                posts,
                segment.act_person[acts].astype(np.int64),
                segment.act_audience[acts],
            )
        )
    return Authored(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def of_posts(tiers: Sequence[Tier], these: Authored, column: Literal["created", "wording", "audience"]) -> np.ndarray:
    """A column of the posts, a row an act."""
    found = np.zeros(len(these.act), getattr(tiers[0].segment, column).dtype)
    for number, tier in enumerate(tiers):
        inside = np.flatnonzero(these.tier == number)
        found[inside] = getattr(tier.segment, column)[these.post[inside]]
    return found


class _Post(NamedTuple):
    """A post of a tier: its place, its row, when it was written (infinite for the undated), for whom."""

    tier: int
    row: int
    at: float
    audience: int


@dataclass(frozen=True, slots=True)
class Wrote:
    """Who wrote what in some tiers, whether it counts or not, so that the posts of one person, and those in the same
    words, are found without a pass over all."""

    acts: Authored
    """In the order of tiers and posts."""
    place: np.ndarray
    """int64 [acts], ascending: tier and post in one number."""
    order: np.ndarray
    """int64 [acts]: the acts by person."""
    people: np.ndarray
    """int64 [acts]: the person of each in that order."""
    words: np.ndarray
    """int64, ascending: the wordings of the posts that have one."""
    worded: np.ndarray
    """int64: tier and post of each in one number."""

    @classmethod
    def of(cls, segments: Mapping[int, Segment], family: int) -> Wrote:
        """Of the posts of some tiers, each by the number that it has."""
        acts = authored(list(map(Tier.of, segments.values())), family)
        number = np.array(list(segments), np.int64)
        acts = replace(acts, tier=number[acts.tier])
        order = np.argsort(acts.person, kind="stable")
        words = np.concatenate([segment.wording for segment in segments.values()])
        posts = [(tier << TIER) + np.arange(len(segment)) for tier, segment in segments.items()]
        some = np.argsort(words, kind="stable")
        some = some[words[some] != 0]
        place = (acts.tier << TIER) + acts.post
        return cls(acts, place, order, acts.person[order], words[some], np.concatenate(posts)[some])


@dataclass(frozen=True, slots=True)
class Texts:
    """What counts now of the posts of several tiers, by who wrote it and by its words."""

    tiers: Sequence[Tier]
    parts: Sequence[Wrote]
    shared: np.ndarray
    """bool, a row an audience."""

    def by(self, people: np.ndarray) -> Authored:
        """The acts of authorship of these people (rows, each once)."""
        found = []
        for part in self.parts:
            acts = part.order[_inside(part.people, people)]
            found.append(part.acts.chosen(acts[self._alive(part.acts.tier[acts], part.acts.post[acts])]))
        return Authored(*(np.concatenate(column) for column in zip(*map(_columns, found), strict=True)))

    def on(self, posts: np.ndarray) -> Authored:
        """The acts of authorship on these posts (tier and post in one number)."""
        found = [part.acts.chosen(_inside(part.place, posts)) for part in self.parts]
        return Authored(*(np.concatenate(column) for column in zip(*map(_columns, found), strict=True)))

    def saying(self, words: np.ndarray) -> np.ndarray:
        """int64: the posts in one of these words (tier and post in one number)."""
        found = np.concatenate([part.worded[_inside(part.words, words)] for part in self.parts])
        return np.asarray(found[self._alive(found >> TIER, found & ROW)])

    def several(self, words: np.ndarray) -> np.ndarray:
        """Those of the words that several posts have, ascending."""
        words = np.setdiff1d(words, [0])
        often = sum(_counted(part.words, words) for part in self.parts)
        words = words[np.asarray(often) > 1]
        posts = self.saying(words)
        found, counts = np.unique(self.words_of(posts), return_counts=True)
        return np.asarray(found[counts > 1])

    def in_words(self, words: np.ndarray) -> dict[int, list[_Post]]:
        """Wording -> the posts that have it."""
        found: dict[int, list[_Post]] = {}
        posts = np.sort(self.saying(np.setdiff1d(words, [0])))
        for place, word in zip(posts.tolist(), self.words_of(posts).tolist(), strict=True):
            number, row = place >> TIER, place & ROW
            segment = self.tiers[number].segment
            at = float(segment.created[row])
            post = _Post(number, row, np.inf if np.isnan(at) else at, int(segment.audience[row]))
            found.setdefault(word, []).append(post)
        return found

    def words_of(self, posts: np.ndarray) -> np.ndarray:
        """int64: the wording of each of these posts (tier and post in one number)."""
        return self._column(posts, "wording")

    def audience_of(self, posts: np.ndarray) -> np.ndarray:
        """int64: the row of the audience of each of these posts (tier and post in one number)."""
        return self._column(posts, "audience")

    def _column(self, posts: np.ndarray, column: Literal["wording", "audience"]) -> np.ndarray:
        found = np.zeros(len(posts), np.int64)
        for number, tier in enumerate(self.tiers):
            inside = np.flatnonzero(posts >> TIER == number)
            found[inside] = getattr(tier.segment, column)[posts[inside] & ROW]
        return found

    def _alive(self, tier: np.ndarray, post: np.ndarray) -> np.ndarray:
        found = np.zeros(len(post), bool)
        for number, of in enumerate(self.tiers):
            inside = np.flatnonzero(tier == number)
            found[inside] = of.alive[post[inside]]
        return found


def _columns(acts: Authored) -> tuple[np.ndarray, ...]:
    return acts.tier, acts.act, acts.post, acts.person, acts.audience


def _inside(ascending: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """int64: where the wanted values stand in an ascending array, all of each."""
    start = np.searchsorted(ascending, wanted)
    ends = np.concatenate([start, np.searchsorted(ascending, wanted, "right")]).reshape(2, -1)
    length = ends[1] - ends[0]
    shift = np.repeat(ends[0] - (np.cumsum(length) - length), length)
    return np.asarray(np.arange(len(shift)) + shift)


def _counted(ascending: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """int64: how often each wanted value stands in an ascending array."""
    return np.asarray(np.searchsorted(ascending, wanted, "right") - np.searchsorted(ascending, wanted))


def with_others(tiers: Sequence[Tier], shared: np.ndarray, acts: Authored, words: np.ndarray) -> np.ndarray:
    """bool [acts]: whether somebody else, as far as any reader knows, wrote a post in the words of the act's.

    `acts`: all that those who are looked at wrote. `words`: a wording for each post there is in the words that are
    looked at; it is told of no others.
    """
    met, there = np.unique(words[words != 0], return_counts=True)
    said = of_posts(tiers, acts, "wording")
    looked = np.flatnonzero(np.isin(said, met))
    word = np.searchsorted(met, said[looked])
    whose = acts.person[looked] * max(len(met), 1) + word
    # For a reader who may read the post, but not that somebody wrote it, it is another's.
    audience = acts.audience[looked]
    known = shared[audience] | (audience == of_posts(tiers, acts, "audience")[looked])
    place = (acts.tier[looked] << TIER) + acts.post[looked]
    mine, _ = distinct_pairs(whose[known], place[known])
    mine, posts = np.unique(mine, return_counts=True)
    of_mine = np.searchsorted(mine, whose)
    own = np.zeros(len(looked), np.int64)
    some = np.flatnonzero(np.isin(whose, mine))
    own[some] = posts[of_mine[some]]
    found = np.zeros(len(acts.act), bool)
    found[looked] = own < there[word]
    return found


def distinct_pairs(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of two columns, each once."""
    order = np.lexsort((other, one))
    one, other = one[order], other[order]
    new = np.ones(len(one), bool)
    new[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    return one[new], other[new]


class _History(NamedTuple):
    """What somebody wrote, as far as a reader knows."""

    texts: int
    """Different ones."""
    of_others: frozenset[int]
    """The wordings of those that stand under other names, too."""
    began: float
    """When the first text of their own was written; infinite where none is dated."""

    @property
    def copies(self) -> bool:
        """Whether they only copy."""
        return only_copies(self.texts, len(self.of_others))


def only_copies(texts: int, of_others: int) -> bool:
    """Whether somebody only copies who wrote so many texts, of which so many stand under other names, too."""
    return of_others >= COPIED_SET and 2 * of_others > texts


@dataclass
class _Readers:
    """Who wrote what, for each audience that reads."""

    texts: Texts
    every: Authored
    """Everything that those who are asked after wrote."""
    wording: np.ndarray
    """A row an act."""
    posts: dict[int, list[_Post]]
    """In the words that several posts have, of all that they wrote."""

    def __post_init__(self) -> None:
        self._known: dict[tuple[int, int], _History] = {}
        self.shared = self.texts.shared

    @cached_property
    def _read_by(self) -> np.ndarray:
        return np.where(self.shared[self.every.audience], OPEN, self.every.audience)

    @cached_property
    def _by_person(self) -> tuple[np.ndarray, np.ndarray]:
        order = np.argsort(self.every.person, kind="stable")
        return order, self.every.person[order]

    @cached_property
    def _authors(self) -> dict[tuple[int, int], list[tuple[int, int]]]:
        """Tier and row of a post in such words -> who wrote it, and who reads that they did."""
        found: dict[tuple[int, int], list[tuple[int, int]]] = {}
        places = sorted((post.tier << TIER) + post.row for posts in self.posts.values() for post in posts)
        some = self.texts.on(np.array(places, np.int64))
        read_by = np.where(self.shared[some.audience], OPEN, some.audience)
        columns = (some.tier, some.post, some.person, read_by)
        for tier, post, person, by in zip(*(column.tolist() for column in columns), strict=True):
            found.setdefault((tier, post), []).append((person, by))
        return found

    def read(self, word: int, audience: int) -> list[_Post]:
        """The posts in these words that the audience reads."""
        return [post for post in self.posts[word] if self.shared[post.audience] or post.audience == audience]

    def authors(self, post: _Post, audience: int) -> set[int]:
        """Rows of who wrote it, as far as the audience reads."""
        return {person for person, by in self._authors.get((post.tier, post.row), ()) if by in (OPEN, audience)}

    def history(self, person: int, audience: int) -> _History:
        """What somebody wrote, as far as the audience reads."""
        known = self._known.get((person, audience))
        if known is None:
            known = self._known[person, audience] = self._history(person, audience)
        return known

    def _history(self, person: int, audience: int) -> _History:
        order, people = self._by_person
        acts = order[np.searchsorted(people, person) : np.searchsorted(people, person, "right")]
        acts = acts[np.isin(self._read_by[acts], (OPEN, audience))]
        some = self.every.chosen(acts)
        at = of_posts(self.texts.tiers, some, "created")
        mine: dict[int, set[tuple[int, int]]] = {}
        began: dict[int, float] = {}
        unlike, other = set(), np.inf
        rows = zip(
            *(column.tolist() for column in (self.wording[acts], some.tier, some.post, np.nan_to_num(at, nan=np.inf))),
            strict=True,
        )
        for word, tier, post, when in rows:
            if word:
                mine.setdefault(word, set()).add((tier, post))
                began[word] = min(began.get(word, np.inf), when)
            else:
                unlike.add((tier, post))
                other = min(other, when)
        of_others = frozenset(
            word
            for word, own in mine.items()
            if word in self.posts and any((post.tier, post.row) not in own for post in self.read(word, audience))
        )
        own = [when for word, when in began.items() if word not in of_others]
        return _History(len(mine) + len(unlike), of_others, min([*own, other]))

    def first(self, word: int, audience: int) -> list[set[int]]:
        """Who has the credit of these words: the authors of each of the posts that share it."""
        read = [(post, self.authors(post, audience)) for post in self.read(word, audience)]
        own = [
            (post, authors)
            for post, authors in read
            if not authors or not all(self.history(one, audience).copies for one in authors)
        ]
        own = own or read
        begun = min((post.at for post, _ in own), default=np.inf)
        first = [authors for post, authors in own if post.at == begun]
        before = [
            authors
            for authors in first
            if any(self.history(one, audience).began < begun for one in authors)  # an undated text is after every date
        ]
        return before or first


def said_before(texts: Texts, every: Authored, wanted: np.ndarray) -> Iterator[tuple[int, int, float]]:
    """Tier, act and share of strength of those of the `wanted` acts among `every` whose words others had, too.

    The share is nothing where the credit is somebody else's, and a part where several have it.
    """
    wording = of_posts(texts.tiers, every, "wording")
    wanted = wanted[np.isin(wording[wanted], texts.several(wording[wanted]))]
    # Who says something again in their own words shares the credit with nobody.
    words = texts.words_of(texts.saying(np.unique(wording[wanted])))
    wanted = wanted[with_others(texts.tiers, texts.shared, every, words)[wanted]]
    if not len(wanted):
        return
    theirs = texts.by(distinct(texts.on(np.sort(texts.saying(np.unique(wording[wanted])))).person))
    their_words = of_posts(texts.tiers, theirs, "wording")
    readers = _Readers(texts, theirs, their_words, texts.in_words(texts.several(their_words)))
    credit: dict[tuple[int, int], list[set[int]]] = {}
    for act in wanted.tolist():
        person, audience, word = int(every.person[act]), int(every.audience[act]), int(wording[act])
        audience = OPEN if texts.shared[audience] else audience
        if (word, audience) not in credit:
            credit[word, audience] = readers.first(word, audience)
        first = [person in authors for authors in credit[word, audience]]
        if not all(first):
            yield int(every.tier[act]), int(every.act[act]), (1 / (1 + first.count(False)) if any(first) else 0.0)


def said_with(texts: Texts, touched: Sequence[Segment], *, family: int) -> np.ndarray:
    """int64: the posts (tier and post in one number) whose strength a touched post may move: those in its words, and
    those in any words of who wrote such, where it may have told whether they only copy, or who was there before.

    What is shared moves posts of every audience, what is restricted only those of its own.
    """
    touched_for = np.unique(np.concatenate([part.audience for part in touched]))
    if not len(touched_for):
        return np.empty(0, np.int64)
    everybody = bool(texts.shared[touched_for].any())
    touched_words = np.concatenate([part.wording for part in touched])
    news = np.setdiff1d(touched_words, [0])
    parts = [Tier.of(part) for part in touched]
    came = authored(parts, family)
    theirs = texts.by(np.union1d(came.person, texts.on(np.sort(texts.saying(news))).person))
    wording = of_posts(texts.tiers, theirs, "wording")
    posts = np.sort(texts.saying(np.union1d(texts.several(wording), news)))
    words = texts.words_of(posts)
    # Before and after, so that a word counts that somebody else had or has.
    came = replace(came, tier=came.tier + len(texts.tiers))
    tiers = [*texts.tiers, *parts]
    every = Authored(*(np.concatenate(pair) for pair in zip(_columns(theirs), _columns(came), strict=True)))
    of_others = with_others(tiers, texts.shared, every, np.concatenate([words, touched_words]))
    said = of_posts(tiers, every, "wording")
    pairs = distinct_pairs(every.person[of_others], said[of_others])
    people, times = np.unique(pairs[0], return_counts=True)
    moving = pairs[1][np.isin(pairs[0], people[times >= COPIED_SET]) | np.isin(pairs[1], _tied(texts, posts, words))]
    posts = posts[np.isin(words, np.union1d(moving, news))]
    return posts if everybody else posts[np.isin(texts.audience_of(posts), touched_for)]


def _tied(texts: Texts, posts: np.ndarray, words: np.ndarray) -> np.ndarray:
    """The words in which two of these posts are of one moment; the undated are of one."""
    at = np.zeros(len(posts))
    for number, tier in enumerate(texts.tiers):
        inside = np.flatnonzero(posts >> TIER == number)
        at[inside] = tier.segment.created[posts[inside] & ROW]
    at = np.nan_to_num(at, nan=np.inf)
    order = np.lexsort((at, words))
    at, words = at[order], words[order]
    return np.asarray(words[1:][(words[1:] == words[:-1]) & (at[1:] == at[:-1])])


def words_beside(touched: Sequence[Segment], around: Iterable[Segment], *, family: int) -> set[int]:
    """The wordings of all that stands `around` of those who wrote a touched post, or one in the same words as one: what
    has to be known of to tell who only copies."""
    tiers = [Tier.of(part) for part in (*touched, *around)]
    every = authored(tiers, family)
    wording = of_posts(tiers, every, "wording")
    news = np.setdiff1d(np.concatenate([part.wording for part in touched]), [0])
    theirs = every.person[(every.tier < len(touched)) | np.isin(wording, news)]
    return set(wording[np.isin(every.person, theirs)].tolist())
