"""Which words of a question name a subject: `graph/function_words.toml` lists those that do not."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache

from expertfinder.configuration.resources import graph_folder
from expertfinder.index.posts.tokens import PAIRED, capitals, folded, pairs, runs, written

ENGLISH = "en"
LONG = 25
"""Words of a question from which on it is a description: short ones lose to their words of asking, these do not."""
ASKED = 2
"""Words of asking and courtesy that tell the language of a question without a function word."""
SHORT = 3
"""Words of a question up to which one function word that is also an English word does not tell the language."""


_CLAUSE = re.compile(r"[^:.?!\n]*[:.?!\n]+\s*|[^:.?!\n]+")


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language that name no subject, folded."""

    function: frozenset[str]
    courtesy: frozenset[str]
    asking: frozenset[str]
    long: frozenset[str]
    phrases: dict[str, list[tuple[str, ...]]]
    """First word -> phrases, the longest first."""
    both: frozenset[str]
    """What stands between two subjects of which both are asked for, in small letters."""
    either: frozenset[str]
    """What stands between two subjects of which one is enough."""
    narrowing: frozenset[str]
    """What begins a part that narrows the one before it."""

    def around(self, words: frozenset[str] | set[str]) -> int:
        """How many words are of asking or courtesy, where one asks."""
        return len(words & (self.asking | self.courtesy)) if words & self.asking else 0


@dataclass(frozen=True, slots=True)
class Subject:
    """A word of a question that names what it is about."""

    written: str
    """As it stands in the question."""
    word: str
    """Folded; a name in capitals that is a function word in small letters stays as it is written (IT)."""


@dataclass(frozen=True, slots=True)
class FunctionWords:
    """The words of all languages."""

    languages: dict[str, Language]
    also_english: frozenset[str]
    strings: re.Pattern[str]
    """Character strings of scripts without spaces, the longest first."""
    every: frozenset[str]
    """Function words of all languages."""
    spoken_in: dict[str, tuple[str, ...]]
    """Those of them with more than one letter -> the languages that have them."""

    def named(self, text: str) -> set[str]:
        """Names in capitals that would be function words in small letters (IT, US), as they stand in the text."""
        return {name for name in capitals(text) if name.lower() in self.every}

    def languages_of(self, words: list[str], accented: frozenset[str] = frozenset()) -> list[str]:
        """The languages whose function words a text has most of; English alone if it has as many, none without any.

        `accented`: those of the words that are written with an accent, and are no English words (für, not fur).
        """
        distinct = {word for word in words if len(word) > 1 or not word.isascii()}  # a letter alone is a name as often
        if len(words) <= SHORT:
            clear = distinct - (self.also_english - accented)
            if not any(clear & language.function for name, language in self.languages.items() if name != ENGLISH):
                distinct = clear
        counts = {name: len(distinct & language.function) for name, language in self.languages.items()}
        most = max(counts.values())
        if not most:  # need help with, expert wanted: two words of asking tell it, too
            asked = {name: language.around(distinct) for name, language in self.languages.items()}
            most = max(asked.values())
            counts = asked if most >= ASKED else counts
            most = most if most >= ASKED else 0
        if counts[ENGLISH] == most:
            return [ENGLISH] if most else []
        return [name for name, count in counts.items() if count == most]

    def subjects(self, text: str) -> list[Subject]:
        """The words of a question that name its subject, in their order; all of its words where none does.

        A run of characters of a script without spaces is one subject.
        """
        about = self.named_alone(text)
        return about or [Subject(form, form if form in self.named(text) else word) for form, word in written(text)]

    def named_alone(self, text: str) -> list[Subject]:
        """As `subjects`; nothing where all of the words are left out."""
        every = written(text)
        if PAIRED.search(text) is not None:
            every = written(self.strings.sub(" ", unicodedata.normalize("NFKC", text)))
        names = self.named(text)
        kept = self._kept([word if form not in names else "" for form, word in every], accented_of(every))
        kept |= {place for place, (form, _) in enumerate(every) if form in names}
        return [
            Subject(form, form if form in names else word) for place, (form, word) in enumerate(every) if place in kept
        ]

    def without_courtesy(self, text: str) -> str:
        """A long text without the clauses at its ends that are of courtesy alone (Can somebody help with this: ...)."""
        clauses = _CLAUSE.findall(text)
        while len(clauses) > 1 and not self.named_alone(clauses[0]):
            clauses = clauses[1:]
        while len(clauses) > 1 and not self.named_alone(clauses[-1]):
            clauses = clauses[:-1]
        return "".join(clauses).strip()

    def _kept(self, words: list[str], accented: frozenset[str]) -> set[int]:
        """Places of the words that are not left out."""
        spoken = [self.languages[name] for name in self.languages_of(words, accented)]
        distinct = set(words)
        left_out: set[str] = set()
        for language in spoken:
            if len(words) >= LONG:
                left_out |= language.long
            elif distinct & language.asking:
                left_out |= language.function | language.courtesy
            else:
                left_out |= language.function
        kept = {place for place, word in enumerate(words) if word not in left_out}
        if len(words) < LONG:
            for language in spoken:
                for place, word in enumerate(words):
                    for phrase in language.phrases.get(word, ()):
                        if tuple(words[place : place + len(phrase)]) == phrase:
                            kept -= set(range(place, place + len(phrase)))
        return kept


def accented_of(every: list[tuple[str, str]]) -> frozenset[str]:
    """Of words as `written` gives them, those whose letters were folded."""
    return frozenset(word for form, word in every if not form.isascii())


@cache
def function_words() -> FunctionWords:
    """The lists, read once."""
    raw = tomllib.loads((graph_folder() / "function_words.toml").read_text(encoding="utf-8"))
    also_english = frozenset(raw.pop("also_english"))
    languages: dict[str, Language] = {}
    strings: set[str] = set()
    for name, lists in raw.items():
        phrases: dict[str, list[tuple[str, ...]]] = {}
        for phrase in sorted(lists.get("phrases", ()), key=len, reverse=True):
            words = tuple(runs(folded(phrase)))
            phrases.setdefault(words[0], []).append(words)
        function, courtesy, asking, long, of_script = (
            frozenset(map(folded, lists.get(part, ())))
            for part in ("function", "courtesy", "asking", "long", "strings")
        )
        both, either = frozenset(lists["both"]), frozenset(lists["either"])
        narrowing = frozenset(lists.get("narrowing", ()))
        languages[name] = Language(
            function, courtesy, asking, long or function | courtesy, phrases, both, either, narrowing
        )
        strings |= of_script
    longest = sorted(strings, key=lambda string: (-len(string), string))
    every = frozenset().union(*(language.function for language in languages.values()))
    spoken_in = {
        word: tuple(name for name, lists in languages.items() if word in lists.function)
        for word in every
        if len(word) > 1
    }
    return FunctionWords(languages, also_english, re.compile("|".join(map(re.escape, longest))), every, spoken_in)


def content_words(text: str) -> list[str]:
    """The words of a text that name its subject, as a document has them."""
    return [word for subject in function_words().subjects(text) for word in pairs(subject.word)]
