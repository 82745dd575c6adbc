"""The organisation's vocabulary: the words of its posts, and which of them are forms of one word.

Forms are found by the stemmers of the languages that the shared posts are written in. They depend on the word, the
languages and the words of the shared tier alone: what a viewer may not read moves nothing.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import Stemmer
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from expertfinder.index.arrays import ragged
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.posts.function_words import ENGLISH
from expertfinder.index.posts.kin import regular
from expertfinder.index.posts.segment import Segment
from expertfinder.index.posts.tokens import PAIRED, folded, runs, written

STEMMERS = {
    "ar": "arabic",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hi": "hindi",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
"""Language -> the Snowball stemmer of it."""
CUT = {"uk": 6}
"""Languages without a stemmer, whose words are cut to so many letters: that gains as much (`docs/ranking.md`)."""
SHORTEST = 3
"""Letters of a word from which on it has forms."""
LONGEST = 100
"""Letters of a word up to which it has forms: no language writes longer words, tokenisers of models give up there, too,
and a run of thousands of letters would be tried as a compound at each of them."""
LEAST_POSTS, LEAST_SHARE = 2, 0.005
"""Shared posts in a language, and their share, from which on its stemmer is used."""
SHARED_BY = 3
"""Authors from which on a word is the organisation's own, and posts from which on it is no slip itself."""

SHORTEST_SLIP, TWO_SLIPS = 5, 9
"""Letters of the word that is meant from which on one slip of the pen is looked for, and of the one asked for two."""


_OF_THREAD = threading.local()
"""Stemmers, which keep a state: each thread has its own."""


def stems(words: Sequence[str], language: str) -> list[str]:
    """The stem of each word in a language; the word where the language has none."""
    if language in STEMMERS:
        made = vars(_OF_THREAD)
        if language not in made:
            made[language] = Stemmer.Stemmer(STEMMERS[language])
        return list(made[language].stemWords([regular(word, language) for word in words]))
    cut = CUT.get(language)
    return [word[:cut] for word in words]


def has_forms(word: str) -> bool:
    """Whether a word is one that has other forms: neither too short nor too long, of letters, with spaces around it."""
    return SHORTEST <= len(word) <= LONGEST and word.isalpha() and PAIRED.match(word) is None


@dataclass(frozen=True)
class Lexicon:
    """The words of posts, sorted, and the groups of those that have one stem."""

    words: list[str]
    rows: np.ndarray
    """int32 [words], the row of each."""
    own: np.ndarray
    """int32: the organisation's own words, by length: three authors wrote them, or three posts have them, or one post
    and they are English words, or they stand in the label of a topic."""
    offered: np.ndarray
    """int32, by length: those of `own` that may be offered to somebody who did not ask for them: three authors wrote
    them, or they stand in the label of a topic."""
    backwards: np.ndarray
    """int32 [words]: the words in the order of their letters from the last to the first."""
    languages: list[str]
    """Of the shared posts."""
    stems: list[str]
    """Sorted; those of words that are not their own stem alone."""
    stem_indptr: np.ndarray
    stem_words: np.ndarray
    """int32, words by stem."""
    labels: list[str]
    """Of the topics, as words."""
    label_vectors: np.ndarray
    """float32 [labels, dimension]."""

    @cached_property
    def folded_labels(self) -> frozenset[str]:
        """The labels of the topics, folded."""
        return frozenset(map(folded, self.labels))

    def place(self, word: str) -> int:
        """Where a word stands, -1 for one that no post had."""
        at = bisect_left(self.words, word)
        return at if at < len(self.words) and self.words[at] == word else -1

    def of_stem(self, word: str) -> list[int]:
        """The words that have a stem with this one, in any of the languages."""
        found: set[int] = set()
        for stem in {stem for language in self.languages for stem in stems([word], language)} | {word}:
            at = bisect_left(self.stems, stem)
            if at < len(self.stems) and self.stems[at] == stem:
                found.update(self.stem_words[int(self.stem_indptr[at]) : int(self.stem_indptr[at + 1])].tolist())
            alone = self.place(stem)
            if alone >= 0:
                found.add(alone)
        return sorted(found)

    def near(self, word: str, among: np.ndarray, posts: Callable[[int], float]) -> str | None:
        """The word of some places (by length) that is the fewest slips away, of equals one with the same first
        letter, with the same letters, of most posts. `posts`: of the word at a place."""
        most = 2 if len(word) >= TWO_SLIPS else 1
        start, end = (
            bisect_left(among, size, key=lambda place: len(self.words[place]))
            for size in (max(len(word) - most, SHORTEST_SLIP), len(word) + most + 1)
        )
        places = among[start:end].tolist()
        near = extract(word, [self.words[place] for place in places], scorer=OSA.distance, score_cutoff=most, limit=20)
        found = [
            # The first letter is seldom the wrong one, and two that changed places are all there.
            (distance, known[0] != word[0], sorted(known) != sorted(word), -posts(places[at]), known)
            for known, distance, at in near
        ]
        having = [each for each in found if each[3] < 0]
        return min(having)[4] if having else None

    def begin_with(self, part: str) -> Iterator[str]:
        """Longer words that begin with this one."""
        at = bisect_left(self.words, part)
        while at < len(self.words) and self.words[at].startswith(part):
            if self.words[at] != part:
                yield self.words[at]
            at += 1

    def end_with(self, part: str) -> Iterator[str]:
        """Longer words that end with this one."""
        turned = part[::-1]
        at = bisect_left(self.backwards, turned, key=lambda place: self.words[place][::-1])
        while at < len(self.words) and (word := self.words[int(self.backwards[at])]).endswith(part):
            if word != part:
                yield word
            at += 1


def spoken(languages: Sequence[str]) -> list[str]:
    """The languages of posts that enough of them are in; one for each post, empty where it is not known."""
    counts = Counter(language for language in languages if language)
    return sorted(name for name, posts in counts.items() if posts >= max(LEAST_POSTS, LEAST_SHARE * len(languages)))


def authors_of(segment: Segment, *, acts: np.ndarray, terms: int) -> np.ndarray:
    """int64 [terms]: how many people wrote each word, in the posts of which they are the first that may be found.

    `acts`: bool [acts], shared acts of authorship by people whom everybody may find.
    """
    author = np.full(len(segment), -1)
    places = np.flatnonzero(acts)[::-1]
    author[segment.act_posts()[places]] = segment.act_person[places]
    everybody = int(author.max(initial=0)) + 2
    # In place, since these are as many as all words of all posts; nobody (-1) comes first under each word.
    pairs = segment.terms.astype(np.int64)
    pairs *= everybody
    pairs += np.repeat((author + 1).astype(np.int32), np.diff(segment.term_indptr))
    pairs.sort()
    new = np.ones(len(pairs), bool)
    np.not_equal(pairs[1:], pairs[:-1], out=new[1:])
    pairs = pairs[new]
    return np.bincount(pairs[pairs % everybody > 0] // everybody, minlength=terms)


@dataclass(frozen=True, slots=True)
class Used:
    """How the words of a snapshot are used in its shared tier."""

    frequency: np.ndarray
    """float64 [terms]: posts that have each."""
    authors: np.ndarray
    """int64 [terms]: people who wrote each."""
    languages: list[str]
    """Of its posts."""


def build_lexicon(terms: Sequence[str], used: Used, *, labels: Sequence[str], encode: Encoder) -> Lexicon:
    """The vocabulary of a snapshot. `terms`: the word of each row; `labels`: of the topics of the shared tier."""
    frequency, authors, languages = used.frequency, used.authors, used.languages
    plain = [" ".join(word for word, _ in written(label)) for label in labels]
    order = sorted((row for row, term in enumerate(terms) if not term.isdigit()), key=lambda row: terms[row])
    words = [terms[row] for row in order]
    in_labels = {word for label in labels for word in runs(folded(label))}
    offered = [
        place
        for place, row in enumerate(order)
        if authors[row] >= SHARED_BY or (frequency[row] > 0 and terms[row] in in_labels)
    ]
    several = (place for place, row in enumerate(order) if _is_own(words[place], frequency[row], encode))
    own = sorted({*offered, *several})
    spoken = sorted({*languages, "en"} & (STEMMERS.keys() | CUT.keys()))
    having = [place for place, word in enumerate(words) if has_forms(word)]
    groups: dict[str, set[int]] = {}
    for language in spoken:
        for place, stem in zip(having, stems([words[place] for place in having], language), strict=True):
            if stem != words[place]:
                groups.setdefault(stem, set()).add(place)
    keys = sorted(groups)
    indptr, members = ragged([sorted(groups[key]) for key in keys], np.int32)
    backwards = sorted(range(len(words)), key=lambda place: words[place][::-1])
    return Lexicon(
        words=words,
        rows=np.array(order, np.int32),
        own=_by_length(own, words),
        offered=_by_length(offered, words),
        backwards=np.array(backwards, np.int32),
        languages=spoken,
        stems=keys,
        stem_indptr=indptr,
        stem_words=members,
        labels=plain,
        label_vectors=encode.encode(plain) if plain else np.zeros((0, encode.dimension), np.float32),
    )


def _is_own(word: str, posts: float, encode: Encoder) -> bool:
    """Whether a word that so many posts have is no slip of the pen itself."""
    return posts >= SHARED_BY or (posts > 0 and encode.is_word(word, ENGLISH))


def _by_length(places: Sequence[int], words: Sequence[str]) -> np.ndarray:
    """Those of the words at these places that have forms, the shortest first."""
    return np.array(sorted((at for at in places if has_forms(words[at])), key=lambda at: len(words[at])), np.int32)
