"""People by what they are called: which of them a text names, in whole or in part, as written or after a slip.

A name is found by its words in any order, by the beginnings of them, without accents, in Latin letters where it is
written in others, and by the name of an account where it has letters in it. E-mail addresses, telephone numbers and
personnel numbers find nobody: who has which is in no answer, and is not to be tried out either. A role (title and unit)
finds whoever has it, behind everybody who is called so.

How well a text names somebody depends on the text and on that person alone, so nothing of a person whom a viewer may
not find moves what is said of the others.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from anyascii import anyascii
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from expertfinder.identity import key_of, kind_of
from expertfinder.identity.accounts import ONE_HUMANS, SEVERAL
from expertfinder.index.posts.tokens import folded, runs
from expertfinder.model import Person

MOST_WORDS = 8
"""A text of more words than this names nobody: names have fewer, and what is asked about in a sentence is no name."""
SHORTEST_SLIP, TWO_SLIPS = 5, 9
"""Letters of the longer one of two words from which on one slip of the pen between them is forgiven, and two."""
WHOLE = 1.15
"""The whole name or handle. All figures of this kind only order what is found; they were set so that what is nearer to
the text stands first, and tried on the names of two open sets (`scripts/names.py`)."""
WORD = 1.0
"""A word of the name, as written."""
LAST = 0.03
"""What is added for the last word of a name, which is the surname in most of the names that the open sets have."""
ALL_OF_IT = 0.05
"""What is added where all words of a name are asked for; a share of them adds that share."""
BEGINNING, LONGER = 0.6, 0.3
"""The beginning of a word, and what is added to it by the share of the word that is there."""
FROM_THE_START, REST = 0.8, 0.15
"""The same of the whole name or handle: who types one from its start has typed no slip yet."""
SLIP, SLIPS = 0.78, 0.6
"""A word that is one slip of the pen away, and two."""
SLIP_OF_A_BEGINNING = 0.5
"""The beginning of a word after a slip of the pen."""
ROLE = 0.35
"""A word of the title or the unit; its beginning counts as much less as that of a name does."""
FEWEST_LETTERS = 2
"""Letters of a text from which on it can name somebody."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MARKS = re.compile(r"[^\W_]+")

How = Literal["whole", "word", "slip", "beginning", "role"]
"""The weakest way in which a word of a text stands for a person: all of the name, a word of it, a word after a slip of
the pen, the beginning of a word (after a slip or not), a word of the title or the unit."""
_WEAKEST: tuple[How, ...] = ("whole", "word", "slip", "beginning", "role")


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody whom a text names."""

    row: int
    score: float
    """What an order is made by; it says nothing else."""
    how: How


def squeezed(text: str) -> str:
    """A folded text without what separates words."""
    return "".join(_MARKS.findall(folded(text)))


def spelled(text: str) -> tuple[str, ...]:
    """The ways in which a name may be typed, the folded one first: in Latin letters, and with ae for ä."""
    if text.isascii():
        return (folded(text),)
    latin = _HUMP.sub(" ", anyascii(text)).replace("'", "")
    return tuple(dict.fromkeys((folded(text), folded(latin), folded(text.translate(_UMLAUTS)))))


def handles(person: Person) -> list[str]:
    """What a person's accounts are called, and the last part of the id, which every answer shows."""
    found = [person.id.rpartition(":")[2]]
    for account in person.accounts:
        key = key_of(account)
        if kind_of(key) not in SEVERAL and kind_of(key) not in ONE_HUMANS:
            found.append(key.partition(":")[2])
    return [name for name in dict.fromkeys(map(squeezed, found)) if len(name) >= FEWEST_LETTERS and not name.isdigit()]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a word stands."""

    row: int
    place: int
    """Of the word in the name, from 0; -1 for a word of the title or the unit."""
    share: float
    """Of the name, that the word is."""
    last: bool


class _Words:
    """Words, each with whom it belongs to."""

    def __init__(self) -> None:
        self.places: defaultdict[str, list[_Place]] = defaultdict(list)
        self.sorted: list[str] = []
        self.long: list[str] = []
        self._starts: list[int] = []

    def add(self, word: str, place: _Place) -> None:
        """A word of somebody."""
        self.places[word].append(place)

    def ready(self) -> None:
        """Sort the words, once all are there."""
        self.sorted = sorted(self.places)
        self.long = sorted((word for word in self.sorted if len(word) >= SHORTEST_SLIP - 1), key=len)
        self._starts = [len(word) for word in self.long]

    def beginning_with(self, part: str) -> Iterable[str]:
        """Longer words that begin so."""
        at = bisect_left(self.sorted, part)
        while at < len(self.sorted) and self.sorted[at].startswith(part):
            if self.sorted[at] != part:
                yield self.sorted[at]
            at += 1

    def slips_of(self, word: str) -> Iterable[tuple[str, int]]:
        """Words that are one or two slips of the pen away from this one, with how many."""
        most = 2 if len(word) >= TWO_SLIPS else 1
        if len(word) < SHORTEST_SLIP - 1:
            return
        some = self.long[bisect_left(self._starts, len(word) - most) : bisect_left(self._starts, len(word) + most + 1)]
        for known, slips, _ in extract(word, some, scorer=OSA.distance, score_cutoff=most, limit=None):
            longer = max(len(word), len(known))
            if 0 < slips <= (2 if longer >= TWO_SLIPS else 1) and longer >= SHORTEST_SLIP:
                yield known, int(slips)

    def slips_of_beginning(self, part: str) -> Iterable[str]:
        """Longer words that begin with something that is one slip of the pen away from this."""
        if len(part) < SHORTEST_SLIP:
            return
        some = self.long[bisect_left(self._starts, len(part) + 2) :]
        cut = [word[: len(part)] for word in some]
        for _, _, at in extract(part, cut, scorer=OSA.distance, score_cutoff=1, limit=None):
            yield some[at]


class Names:
    """What some people are called. `people`: rows and records; the rows are what is found."""

    def __init__(self, people: Iterable[tuple[int, Person]]) -> None:
        self._words = _Words()
        self._wholes = _Words()
        for row, person in people:
            self._add(row, person)
        self._words.ready()
        self._wholes.ready()

    def _add(self, row: int, person: Person) -> None:
        wholes = set(handles(person))
        written = person.name.split()
        for spelling in spelled(person.name):
            parts = [runs(part) for part in spelling.split()]
            count = sum(map(len, parts)) or 1
            place = 0
            for part in parts:
                joined = "".join(part)
                for word in part:
                    self._words.add(word, _Place(row, place, 1 / count, place == count - 1))
                    place += 1
                if len(part) > 1:
                    self._words.add(joined, _Place(row, place - 1, len(part) / count, place == count))
            in_one = ["".join(part) for part in parts]
            wholes |= {"".join((*in_one[turn:], *in_one[:turn])) for turn in (0, 1, -1)}
        for whole in wholes:
            if len(whole) >= FEWEST_LETTERS:
                self._wholes.add(whole, _Place(row, 0, 1.0, len(written) <= 1))
        for word in {word for text in (person.title, person.org_unit) for word in runs(folded(text))}:
            self._words.add(word, _Place(row, -1, 0.0, False))

    def named(self, text: str) -> list[Called]:
        """Whom a text names, the best first, in the order of rows where it names them equally well."""
        tokens = runs(folded(text))
        if len(squeezed(text)) < FEWEST_LETTERS or len(tokens) > MOST_WORDS:
            return []
        found: dict[int, Called] = {}
        for spelling in spelled(text):
            for one in (*self._by_words(runs(spelling)), *self._as_a_whole(squeezed(spelling))):
                known = found.get(one.row)
                if known is None or one.score > known.score:
                    found[one.row] = one
        return sorted(found.values(), key=lambda one: (-one.score, one.row))

    def _as_a_whole(self, text: str) -> Iterable[Called]:
        words = self._wholes
        ways: list[tuple[str, float, How]] = [(text, WHOLE, "whole")] if text in words.places else []
        ways += [
            (word, FROM_THE_START + REST * len(text) / len(word), "beginning") for word in words.beginning_with(text)
        ]
        if text not in words.places:
            ways += [(word, SLIP if slips == 1 else SLIPS, "slip") for word, slips in words.slips_of(text)]
        for word, score, how in ways:
            for place in words.places[word]:
                yield Called(place.row, score, how)

    def _by_words(self, tokens: Sequence[str]) -> Iterable[Called]:
        """Who has all of these words."""
        if not tokens:
            return
        best: dict[str, dict[int, tuple[float, How, _Place]]] = {}
        rows: Set[int] = frozenset()
        # Few names are as long as the longest word, so most questions are none of a name by that one.
        for token in sorted(dict.fromkeys(tokens), key=lambda token: (-len(token), token)):
            found = best[token] = self._having(token)
            rows = found.keys() if len(best) == 1 else rows & found.keys()
            if not rows:
                return
        for row in (row for row in best[tokens[0]] if row in rows):
            mine = [best[token][row] for token in tokens]
            weakest = max((how for _, how, _ in mine), key=_WEAKEST.index)
            places = {place.place: place.share for _, _, place in mine if place.place >= 0}
            named = sum(1 for _, _, place in mine if place.place >= 0)
            if named > len(places):
                continue  # a word of the name stands for one word of the text
            score = sum(score for score, _, _ in mine) / len(mine) + ALL_OF_IT * min(sum(places.values()), 1.0)
            yield Called(row, score, weakest)

    def _having(self, token: str) -> dict[int, tuple[float, How, _Place]]:
        """Who has a word, or one that it begins, or that it is a slip of: the best way for each."""
        words = self._words
        known = token in words.places
        ways: list[tuple[str, float, How]] = [(token, WORD, "word")] if known else []
        ways += [(word, _begun(token, word), "beginning") for word in words.beginning_with(token)]
        if not known:
            ways += [(word, SLIP if slips == 1 else SLIPS, "slip") for word, slips in words.slips_of(token)]
            if not ways:
                ways += [(word, SLIP_OF_A_BEGINNING, "beginning") for word in words.slips_of_beginning(token)]
        best: dict[int, tuple[float, How, _Place]] = {}
        for word, score, how in ways:
            for place in words.places[word]:
                worth = score * ROLE if place.place < 0 else score + (LAST if place.last and how == "word" else 0.0)
                if place.row not in best or worth > best[place.row][0]:
                    best[place.row] = (worth, "role" if place.place < 0 else how, place)
        return best


def _begun(part: str, word: str) -> float:
    return BEGINNING + LONGER * len(part) / len(word)
