"""One tokeniser for every engine (decision 0003): two engines that see the same words can be compared.

`tokenise` gives the words of a text in their order. `spellings` gives what some of them may be written as besides, so
that a document with `e-mail` is found by `email`, and one with `RetryQueueSize` by `queue`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, pairwise

HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
HIRAGANA, KATAKANA, HANGUL = "\u3041-\u309f", "\u30a0-\u30ff\u31f0-\u31ff", "\u1100-\u11ff\uac00-\ud7a3"
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai, Lao, Burmese and Khmer, which are written without spaces between words."""
PAIRED = re.compile(f"[{HAN}{HIRAGANA}{HANGUL}{UNSPACED}]")
"""Scripts that are read as pairs of neighbouring characters, as Lucene's analyser for Chinese, Japanese and Korean
does. Katakana is not among them: it writes loan words, whole."""

_ASCII_WORD = re.compile(r"[a-z0-9]+")
_ASCII_AS_WRITTEN = re.compile(r"[A-Za-z0-9]+")
_SIGNED = r"[a-z][a-z0-9]*\+\+(?!\+)|(?<![a-z0-9_#])[a-z]#(?![a-z0-9_#])|(?<![\w.])\.net(?![a-z0-9_])"
_ASCII_OR_SIGNED = re.compile(f"{_SIGNED}|[a-z0-9]+")
_SIGNED_NAME = re.compile(_SIGNED, re.IGNORECASE)
_SIGNED_AS_WRITTEN = (
    r"[A-Za-z\u0130\u0131][A-Za-z0-9\u0130\u0131]*\+\+(?!\+)|(?<![A-Za-z0-9_#])[A-Za-z]#(?![A-Za-z0-9_#])"
    r"|(?<![\w.])\.[Nn][Ee][Tt](?![A-Za-z0-9_])"
)
"""The same in capitals, too, with the letters that fold to an i; to compile the scripts below without regard to
capitals takes ten times as long."""
_ASCII_AS_SIGNED = re.compile(f"{_SIGNED_AS_WRITTEN}|[A-Za-z0-9]+")
_WITHOUT_SIGNS = {"c++": ("cpp",), "c#": ("csharp",), "f#": ("fsharp",), ".net": ("dotnet",)}
"""What names with signs are called where the signs cannot be written."""

_ACCENTS = re.compile("[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
"""Accents on Latin, Greek and Cyrillic letters, and the vowel points of Hebrew and Arabic, which many leave out."""
_INVISIBLE = re.compile("[\u00ad\u200c\u200d\u2060\ufe0e\ufe0f\ufeff]")
"""Soft hyphens, joiners and selectors of a glyph, which stand inside words."""
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ŋ": "n",
        "ħ": "h",
        "ŧ": "t",
        "ĸ": "k",
        "ə": "e",
        "♯": "#",
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
    }
)
"""Letters that Unicode does not take apart, as they are typed on a keyboard that lacks them."""
_WHOLE = str.maketrans({"й": "\ue001", "ї": "\ue002", "ў": "\ue003"})
"""Cyrillic letters that Unicode takes apart, although the mark makes another letter."""
_WHOLE_AGAIN = str.maketrans({"\ue001": "й", "\ue002": "ї", "\ue003": "ў"})

_FOREIGN = re.compile(r"([^\x00-\x7f]+)")
LONGEST_KEPT = 30
"""Characters beyond ASCII in a row that are remembered when they were folded: longer ones are sentences of scripts
without blanks, which come once."""

AT_HAND = 8
"""Texts whose words are remembered: each text of a post is asked for its words three times in a row, and a reply has
four texts."""

_HYPHENS = "\\-\u2010\u2011"
_CHAIN = re.compile(rf"(?<![\w{_HYPHENS}])[^\W_]++(?:[{_HYPHENS}][^\W_]++)++(?![\w{_HYPHENS}])")
_HYPHEN = re.compile(f"[{_HYPHENS}]")
LEAST_HUMPS = 3
"""Parts of an identifier from which on a document is found by its parts. A name of two (JavaScript, GitHub) is one
word, and what it names is not about its parts."""
LONGEST_CHAIN = 3
"""Parts of a word with hyphens whose neighbours are joined. Longer ones are dates, names of files and of versions."""
_BETWEEN = frozenset(["a", "and", "by", "de", "in", "of", "on", "or", "the", "to"])
"""Words that stand in the middle of such a word (day-to-day) and are joined with neither neighbour."""
LONGEST_WITH_NUMBER = 8
"""Characters up to which a number is joined with the word before or after it, as in UTF-8 and COVID-19."""
_SLASHED = re.compile(r"(?<![\w/])(?=[0-9/]*[A-Z])[A-Z0-9]{1,6}/[A-Z0-9]{1,8}(?![\w/])")
_AND = re.compile(r"(?<![\w&])[A-Z]{1,3}&[A-Z]{1,3}(?![\w&])")
_DOTTED = re.compile(r"(?<![\w./@])[A-Za-z][A-Za-z0-9]+\.(?:js|JS|Js|net|NET)(?![\w])")
_NAME = re.compile(r"(?=[^\W_]*\d)(?=[^\W_]*[^\W\d_])[^\W_]+|\d{5,}|[a-z]\w*(?:\+\+|#)|\.net", re.IGNORECASE)
_LETTER = re.compile("[B-HJ-Z]")
_CAMEL = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*(?![A-Za-z0-9])")
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CAPITALS = re.compile(r"[A-Z](?<![\w'’][A-Z])[A-Z]{1,4}(?![\w'’])")
_CAPITAL = re.compile(r"[B-HJ-Z](?<=[\w,;:] [B-HJ-Z])(?![\w'’+#&/.-])")
"""What stands before a capital is looked at behind it: to look for a letter first takes a third of the time."""
_HASHED = re.compile(r"#(?<=[^\W\d_]#)")
_CAPITAL_INSIDE = re.compile("[a-z0-9][A-Z]")
_SMALL = re.compile("[a-z]")


def _ranges(codes: Iterable[int]) -> str:
    """Ascending code points as the inside of a character class."""
    spans: list[list[int]] = []
    for code in codes:
        if spans and code == spans[-1][1] + 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in spans)


@cache
def _marks() -> str:
    """Marks on or beside letters, of every script; Han, Hangul and what is for private use have none."""
    codes = chain(range(0x0300, 0x3400), range(0xA000, 0xAC00), range(0xFB00, 0xFF00))
    return _ranges(code for code in codes if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me"))


@cache
def _any_script(signed: str) -> re.Pattern[str]:
    """Words of any script, and names with signs. A mark on or beside a letter belongs to its word, a run of one paired
    script is a word."""
    marks, scripts = _marks(), (HAN, HIRAGANA, KATAKANA, HANGUL, UNSPACED)
    letter = f"[^\\W_{''.join(scripts)}]"
    paired = "|".join(f"[{script}{marks}]+" for script in scripts)
    return re.compile(f"{signed}|{letter}(?:{letter}|[{marks}])*|{paired}")


@cache
def _character() -> re.Pattern[str]:
    """A character with the marks on it."""
    return re.compile(f".[{_marks()}]*", re.DOTALL)


def folded(text: str) -> str:
    """A text in small letters, without accents, and with plain letters for those that keyboards lack."""
    if text.isascii():
        return text.lower()
    # No letter of ASCII becomes another by what stands beside it once accents are gone.
    parts = _FOREIGN.split(text)
    parts[0::2] = map(str.lower, parts[0::2])
    parts[1::2] = [_folded(part) if len(part) <= LONGEST_KEPT else _folded.__wrapped__(part) for part in parts[1::2]]
    return "".join(parts)


@lru_cache(maxsize=20_000)
def _folded(foreign: str) -> str:
    """Characters beyond ASCII, folded. Texts have the same few words again and again."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", foreign)).casefold().translate(_WHOLE)
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain)).translate(_LETTERS)
    return unicodedata.normalize("NFC", plain).translate(_WHOLE_AGAIN)


def runs(plain: str) -> list[str]:
    """The words of a folded text in their order. A run of characters of a paired script is one word here."""
    if plain.isascii():
        return (_ASCII_OR_SIGNED if _may_be_signed(plain) else _ASCII_WORD).findall(plain)
    return _any_script(_SIGNED).findall(plain)


@lru_cache(maxsize=AT_HAND)
def runs_of(text: str) -> tuple[str, ...]:
    """The words of a text as `runs` gives them of it folded."""
    return tuple(runs(folded(text)))


def _may_be_signed(small: str) -> bool:
    """Whether a text in small letters may have names with signs in it."""
    return "++" in small or ".net" in small or ("#" in small and _HASHED.search(small) is not None)


def as_runs(text: str) -> list[str]:
    """The words of a text as they are written, one for each that `runs` gives of it folded."""
    if text.isascii() and not ("++" in text or "#" in text or "." in text):
        return _ASCII_AS_WRITTEN.findall(text)
    return [run for run, _ in written(text)]


def written(text: str) -> list[tuple[str, str]]:
    """The words of a text as `runs` gives them, each with how it is written, in their order."""
    if text.isascii():
        return [(run, run.lower()) for run in _ASCII_AS_SIGNED.findall(text)]
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return [(run, folded(run)) for run in _any_script(_SIGNED_AS_WRITTEN).findall(plain)]


def pairs(run: str) -> list[str]:
    """A run of a paired script as pairs of neighbouring characters, each with its marks; any other word alone."""
    if len(run) <= 2 or PAIRED.match(run) is None:
        return [run]
    characters: list[str] = _character().findall(run)
    if len(characters) < 2:
        return [run]
    return [first + second for first, second in pairwise(characters)]


def tokenise(text: str) -> list[str]:
    """The words of a text in their order, folded; `_` and punctuation separate, but for C++, C# and .NET.

    Chinese, Japanese but for katakana, Korean and Thai are read as pairs of neighbouring characters.
    """
    found = runs_of(text)
    return list(found) if text.isascii() else [word for run in found for word in pairs(run)]


@dataclass(frozen=True, slots=True)
class Spelling:
    """What neighbouring words of a text may be written as besides."""

    words: tuple[str, ...]
    """As `tokenise` gives them."""
    forms: tuple[str, ...]
    """One word for several, or several for one, or other names of one."""
    split: bool = False
    """Whether the forms are the parts of an identifier."""


def spellings(text: str) -> list[Spelling]:
    """What words of a text may be written as besides, in no particular order.

    Neighbours across a hyphen are joined (e-mail, email), and so are names with a slash, an ampersand or a dot
    (S/4HANA, R&D, node.js); identifiers are taken apart (RetryQueueSize); C++, C# and .NET have names without signs.
    """
    found: list[Spelling] = []
    if _may_be_signed(text.lower()):
        for name in set(map(str.lower, _SIGNED_NAME.findall(text))):
            found.append(Spelling((name,), _WITHOUT_SIGNS.get(name, (name.rstrip("+"),))))
    if "-" in text or not text.isascii():
        found.extend(spelling for chain in _CHAIN.findall(text) for spelling in _joined(_HYPHEN.split(chain)))
    if "/" in text:
        for name in _SLASHED.findall(text):
            found.append(Spelling(tuple(tokenise(name)), (name.replace("/", "").lower(),)))
    if "&" in text:
        found.extend(Spelling(tuple(tokenise(name)), (name.lower(),)) for name in _AND.findall(text))
    if ".j" in text or ".J" in text or ".n" in text or ".N" in text:
        for name in _DOTTED.findall(text):
            first, last = name.lower().split(".")
            found.append(Spelling((first, last), (first + last,)))
    if not text.islower() and _CAPITAL_INSIDE.search(text) is not None:
        for name in _CAMEL.findall(text):
            parts = tuple(part.lower() for part in _HUMP.findall(name) if len(part) > 1)
            if len(parts) > 1:
                found.append(Spelling((name.lower(),), parts, split=True))
    return found


def _joined(chain: list[str]) -> Iterator[Spelling]:
    """Neighbours of a word with hyphens as one word, where both are letters, or it is short."""
    if len(chain) > LONGEST_CHAIN or _BETWEEN.intersection(map(str.lower, chain[1:-1])):
        return
    for first, second in pairwise(chain):
        one, other = folded(first), folded(second)
        letters = one.isalpha() and other.isalpha()
        named = len(chain) == 2 and len(one + other) <= LONGEST_WITH_NUMBER and not (one + other).isdigit()
        if (letters or named) and PAIRED.match(one) is None and PAIRED.match(other) is None:
            yield Spelling((one, other), (one + other,))


def is_name(written: str) -> bool:
    """Whether a word names one thing by the way it is written: letters and digits in one, a long number, a capital
    inside, a sign, or a capital alone (E1042, 5034441, OrderMapper, C++, D)."""
    return bool(_NAME.fullmatch(written) or _CAPITAL_INSIDE.search(written) or _LETTER.fullmatch(written))


def respelled(word: str) -> list[str]:
    """A word with ae, oe and ue as the letters that they are written for, folded."""
    found = word
    for pair, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        found = found.replace(pair, letter)
    return [found] if found != word else []


def capitals(text: str) -> set[str]:
    """Words of two to five letters that stand all in capitals in a text that is not: names, such as IT; and a capital
    letter alone behind another word (C).

    A text of one or two words may be all in capitals, and one of three with a number: then they are names, too.
    """
    if text.islower():
        return set()
    found = set(_CAPITALS.findall(text))
    if _SMALL.search(text) is not None:
        return found | set(_CAPITAL.findall(text))
    if not found:
        return found
    words = tokenise(text)
    return found if len(words) <= 2 + any(map(str.isdigit, words)) else set()
