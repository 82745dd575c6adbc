"""What people say of themselves: their skills and their title, by the words in them, and no biography (promise F1).

A word of a question counts for whoever declares it or a form of it. Nothing here is made of posts; whom of these people
a viewer may find is decided where the words are counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from rapidfuzz.distance import OSA, Prefix
from rapidfuzz.process import extract

from expertfinder.index.posts.bm25 import Asked, Words
from expertfinder.index.posts.function_words import LONG
from expertfinder.index.posts.kin import derived
from expertfinder.index.posts.lexicon import SHORTEST_SLIP, has_forms, stems
from expertfinder.index.posts.tokens import respelled, spellings, tokenise
from expertfinder.model import Person

SHORTEST_ALIKE, SAME = 5, 0.8
"""Letters, and the share of the longer word's, that two words begin with alike to be forms of one where no stemmer
tells: ryzyko and ryzyka, Räumungsübung and Räumungsübungen, and not contract and contrast."""


LISTED = 100
"""Words that somebody may declare before each counts for less: those of fifty skills, which is as many as profiles of
networks for work hold. Whoever lists everything would else stand before all others at every question."""


class Declared:
    """The words of what people declare."""

    def __init__(self, people: Sequence[Person], languages: Sequence[str]) -> None:
        self._languages = languages
        rows: dict[str, set[int]] = {}
        words: set[str] = set()
        self.brevity = np.ones(len(people))
        """float64 [people]: 1, or less for who declares more than `LISTED` words."""
        for row, person in enumerate(people):
            own = {word for text in (*person.skills, person.title) for word in _words(text)}
            self.brevity[row] = LISTED / max(len(own), LISTED)
            for word in own:
                words.add(word)
                for form in self._forms(word):
                    rows.setdefault(form, set()).add(row)
        self._rows = {form: np.array(sorted(some), np.int64) for form, some in rows.items()}
        self._words = sorted(words)
        self._people = people

    def _forms(self, word: str) -> set[str]:
        return {word, *(stem for language in self._languages for stem in stems([word], language))}

    def shares(self, words: Words) -> np.ndarray:
        """float64 [people]: the share of a question's words, by their weights, that each person declares."""
        found = np.zeros(len(self._people))
        if words.ideal <= 0 or not self._rows or len(words.asked) >= LONG:
            return found
        for place, asked in enumerate(words.asked):
            meant = sorted(self._meant(asked, words) | self._beside(place, words))
            having = [self._rows[form] for form in meant if form in self._rows]
            if having:
                found[np.unique(np.concatenate(having))] += words.weights[place]
        return found / words.ideal

    def said(self, row: int, words: Words) -> list[str]:
        """The skills and the title of somebody that have a word of a question, as they are written."""
        meant = (self._meant(asked, words) | self._beside(place, words) for place, asked in enumerate(words.asked))
        wanted = set[str]().union(*meant)
        person = self._people[row]
        every = dict.fromkeys((*person.skills, person.title))
        return [text for text in every if wanted & {form for word in _words(text) for form in self._forms(word)}]

    def _meant(self, asked: Asked, words: Words) -> set[str]:
        """The forms of a word of a question; where neither a post nor anybody's own word has one, those of the declared
        word that it is derived from (aider), or one slip of the pen away from."""
        forms = self._asked(asked)
        written = words.rows[words.word == words.asked.index(asked)]
        if (written >= 0).any() or not self._rows.keys().isdisjoint(forms) or not has_forms(asked.word):
            return forms
        family = [one for one in derived(asked.word, ()) if one in self._rows] or self._alike(asked.word)
        if not family and len(asked.word) >= SHORTEST_SLIP:
            one_slip = extract(asked.word, self._words, scorer=OSA.distance, score_cutoff=1, limit=1)
            family = [word for word, _, _ in one_slip]
        return forms.union(*(self._forms(one) for one in family))

    def _beside(self, place: int, words: Words) -> set[str]:
        """The words that a word of a question and the one beside it make as one (bio-safety, biosafety)."""
        every = [one.word for one in words.asked[max(place - 1, 0) : place + 2]]
        return {first + second for first, second in pairwise(every)}

    def _alike(self, word: str) -> list[str]:
        """Declared words of which one is the first or the last part (Gefahrgut, Gefahrgutbeauftragte), or that differ
        in their ends alone: posts may be in other languages, whose stemmers know nothing of it."""
        if len(word) < SHORTEST_ALIKE:
            return []
        parts = [one for one in self._words if one.startswith(word) or one.endswith(word)]
        return parts or [
            one
            for one in self._words
            if Prefix.similarity(one, word) >= max(SHORTEST_ALIKE, SAME * max(len(one), len(word)))
        ]

    def _asked(self, asked: Asked) -> set[str]:
        written = (asked.word, *respelled(asked.word), *(form for form, _ in asked.forms))
        return {form for word in written for form in self._forms(word)}


def _words(text: str) -> Iterable[str]:
    yield from tokenise(text)
    for spelling in spellings(text):
        yield from spelling.forms
    yield from map("".join, pairwise(tokenise(text)))
