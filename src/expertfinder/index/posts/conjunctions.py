"""Where a question may be about several topics: what stands between words that join, by the language of the question.

Whether its sides are topics of their own, or one phrase (research and development), the words do not tell: that is
asked of the organisation's posts (`recommend/experts/several.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from expertfinder.index.posts.function_words import LONG, function_words
from expertfinder.index.posts.language import LETTERS, language_of
from expertfinder.index.posts.tokens import PAIRED, folded, written

MOST_SIDES = 5
"""Topics of one question: more are a list to copy, and nobody covers them."""
MOST_WORDS, MOST_BETWEEN = 3, 1
"""Words of one topic that name its subject, and others between them (cost of living); a longer side is a sentence."""
TELLING = frozenset(["a", "en", "of"])
"""Words that join in one language (Czech, Dutch) and stand before any noun in others: the question must be in it."""

_SIGNS = re.compile(r"[;、，；・\n]|,(?!\d)|\s[/&+|]\s")
_SENTENCE = re.compile(r"[(:]|[.!?]\s+\S|\.\s*$|\s[-–—]\s")
"""Signs of a title with a description, or of several sentences."""
_QUOTED = re.compile(r"[\"“„«][^\"”“»]*[\"”“»]")
_KOREAN = re.compile(r"(?<=[\uac00-\ud7a3]{2})(?:와|과|하고|(이나))(?=\s)")
_ARABIC = re.compile(r"(?<=\s)و(?=[\u0621-\u064a]{3})")
_ENDS = "?!:;,…\"“”„«»()¿¡？！。'’؟"


@dataclass(frozen=True, slots=True)
class Sides:
    """What a question asks for, as it may be read."""

    text: str
    """The question."""
    spans: tuple[tuple[int, int], ...]
    """Where each side stands in it, without words of courtesy around it; two and more, no two alike."""
    either: bool
    """Whether the words between them say that one is enough."""

    @property
    def topics(self) -> tuple[str, ...]:
        """The sides as they are written."""
        return tuple(self.text[first:last] for first, last in self.spans)

    def joint(self, place: int) -> str:
        """In small letters the last word of the side at a place, the first one of the next, and what is between."""
        (first, last), (after, stop) = self.spans[place : place + 2]
        before, behind = self.text[first:last].split(), self.text[after:stop].split()
        return " ".join(f"{before[-1]}{self.text[last:after]}{behind[0]}".lower().split())

    def joined(self, place: int) -> Sides:
        """With the sides at a place and behind it as one."""
        one = (self.spans[place][0], self.spans[place + 1][1])
        return replace(self, spans=(*self.spans[:place], one, *self.spans[place + 2 :]))


@cache
def _joints() -> dict[str, tuple[frozenset[str], bool]]:
    """Word or words that join -> the languages in which they do, and whether one side is enough."""
    found: dict[str, tuple[frozenset[str], bool]] = {}
    for name, language in function_words().languages.items():
        for words, either in ((language.both, False), (language.either, True)):
            for word in words:
                found[word] = (found.get(word, (frozenset(), either))[0] | {name}, either)
    return found


@cache
def _spaced() -> re.Pattern[str]:
    longest = sorted((word for word in _joints() if not PAIRED.search(word)), key=lambda word: (-len(word), word))
    return re.compile(rf"(?<=\s)(?:{'|'.join(map(re.escape, longest))})(?=\s)", re.IGNORECASE)


@cache
def _unspaced() -> re.Pattern[str]:
    chosen = [word for word, (names, _) in _joints().items() if PAIRED.search(word) and "ko" not in names]
    longest = sorted(chosen, key=lambda word: (-len(word), word))
    return re.compile(
        rf"(?<=[^\s]{{2}})(?:{'|'.join(map(re.escape, longest))})(?=[^\s]{{2}})|(?<=\s)(?:및|또는|혹은)(?=\s)"
    )


def _meant(word: str, spoken: frozenset[str]) -> bool:
    """Whether a word joins in a question of these languages, which are those of its other words."""
    names, _ = _joints()[word]
    if not names.isdisjoint(spoken):
        return True
    if word in TELLING:
        return False
    lists = function_words().languages
    elsewhere = {name for name, language in lists.items() if folded(word) in language.function} - names
    return not spoken or (not (elsewhere & spoken) and len(folded(word)) > 1)


def _found(text: str) -> Iterator[tuple[int, int, bool]]:
    """Where something joins: from, to, and whether one side is enough."""
    quoted = [found.span() for found in _QUOTED.finditer(text)]
    words = list(_spaced().finditer(text))
    rest = text
    for one in reversed(words):
        rest = rest[: one.start()] + rest[one.end() :]
    spoken = frozenset(function_words().languages_of([word for _, word in written(rest)])) | (
        {language_of(text)} - {""}
    )
    spoken |= {name for name, letters in LETTERS.items() if not spoken and not set(letters).isdisjoint(text.lower())}
    joining = [(*one.span(), _joints()[one[0].lower()][1]) for one in words if _meant(one[0].lower(), spoken)]
    joining += [(*one.span(), False) for one in _SIGNS.finditer(text)]
    if PAIRED.search(text):
        joining += [(*one.span(), _joints()[one[0]][1]) for one in _unspaced().finditer(text)]
        joining += [(*one.span(), one[1] is not None) for one in _KOREAN.finditer(text)]
    joining += [(*one.span(), False) for one in _ARABIC.finditer(text)]
    for start, end, either in sorted(joining):
        if not any(begin < start < stop for begin, stop in quoted):
            yield start, end, either


def sides(text: str) -> Sides | None:
    """What a short question asks for on each side of what joins; `None` for one of a single side."""
    if len(written(text)) >= LONG or _SENTENCE.search(text):
        return None
    joining = list(_found(text))
    if not joining:
        return None
    kept = {subject.word.lower() for subject in function_words().subjects(text)}
    spans: list[tuple[int, int]] = []
    either: list[bool] = []
    start, one_enough = 0, None
    for begin, end, enough in [*joining, (len(text), len(text), False)]:
        span = _topic(text, start, begin, kept)
        if span is not None:
            if _is_clause(text[start : span[0]], text[slice(*span)], later=bool(spans)):
                return None
            if spans and one_enough is not None:
                either.append(one_enough)
            spans.append(span)
            one_enough = None
        one_enough = enough or bool(one_enough)
        start = end
    found = Sides(text, tuple(spans), any(either))
    apart = len({folded(topic) for topic in found.topics}) == len(spans)
    return found if 2 <= len(spans) <= MOST_SIDES and apart else None


@cache
def _clauses() -> tuple[frozenset[str], re.Pattern[str]]:
    """Words of asking, and what begins a part that narrows the one before it."""
    lists = function_words().languages.values()
    asking = frozenset().union(*(language.asking for language in lists))
    narrowing = sorted(
        {words for language in lists for words in language.narrowing}, key=lambda words: (-len(words), words)
    )
    return asking, re.compile(rf"(?:{'|'.join(map(re.escape, narrowing))})\b", re.IGNORECASE)


def _is_clause(before: str, topic: str, *, later: bool) -> bool:
    """Whether a side is more than the name of a subject. `before`: what stands before it; `later`: not the first."""
    asking, narrowing = _clauses()
    if later and (narrowing.match(topic) or not asking.isdisjoint(word for _, word in written(before))):
        return True
    if PAIRED.search(topic):
        return False
    about = function_words().subjects(topic)
    return len(about) > MOST_WORDS or len(written(topic)) - len(about) > MOST_BETWEEN


def _topic(text: str, start: int, end: int, kept: set[str]) -> tuple[int, int] | None:
    """Where the subject of a side stands, without words of courtesy around it; `None` where the side has none."""
    side = text[start:end]
    about = [one.written for one in function_words().subjects(side)]
    if not PAIRED.search(side) and not _ARABIC.match(text, start - 1):
        about = [form for form, word in written(side) if word in kept]
    first = side.find(about[0]) if about else -1
    last = side.rfind(about[-1]) + len(about[-1]) if about else -1
    if first < 0 or last <= first or not any(map(str.isalnum, about[0])):
        return None
    while first > 0 and "!" < side[first - 1] <= "~" and side[first - 1] not in _ENDS:
        first -= 1
    while last < len(side) and "!" < side[last] <= "~" and side[last] not in _ENDS:
        last += 1
    return start + first, start + last
