"""Words that belong together although no stemmer says so: ends of a language, derivations, names that go on, spellings.

Of spellings and plurals that a stemmer does not bring together (colour and color, mice and mouse, travaux and travail)
a word is rewritten before it is stemmed, in posts and questions alike. The result is a key that forms of one word
share, and need not be a word itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from functools import cache, lru_cache

import numpy as np

from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.posts.function_words import ENGLISH
from expertfinder.index.posts.tokens import KATAKANA, PAIRED

AGGLUTINATIVE = frozenset(["cs", "fi", "hu", "tr"])
"""Languages with more endings than their stemmers know, when these read words without accents."""
LEAST_SAME, ENDING, LONG_ENDING = 5, 3, 5
"""Letters that two forms of a word have alike from the start on; letters of an ending at most; in `STACKED`."""
STACKED = frozenset(["fi", "hu", "tr"])
"""Languages whose endings follow one another."""
SUFFIXES = ("al", "er", "ers", "ing", "ings", "ist", "ists", "ment", "or", "ors", "ship", "ships")
"""What English makes one word of another with, beyond what its stemmer takes off."""
SHORTEST_BASE = 4
"""Letters of the word that such an ending is put to."""
SHORT_PART, LONG_PART = 3, 4
"""Letters of the parts of a compound whose first part is short: web site."""
TRANSPARENT = 0.6
"""Cosine of a compound and its parts from which on it means what they say: website .76, checklist .64, football .52,
airport .41, payroll .30, carpet .22."""
REMEMBERED = 1 << 14
"""Words of which a process remembers how they are read, some two megabytes: the words of questions come again."""
SHORT_WORD = 5
"""Letters up to which two that changed places make a slip of a function word; longer ones are looked up as subjects."""
LONG_SOUND = "ー"
_LOAN = re.compile(f"[{KATAKANA}]{{3,}}")
"""A word in katakana, as loans are written."""


def ends_apart(word: str, other: str, language: str) -> bool:
    """Whether two words differ in their ends alone: stemmers do not know each ending without its accents."""
    ending = LONG_ENDING if language in STACKED else ENDING
    same = max(LEAST_SAME, len(word) - ending, min(len(other) - ENDING, len(other)))
    return word[:same] == other[:same]


def derived(word: str, longer: Iterable[str]) -> Iterator[str]:
    """English words of the family of one: `longer` begin with it (apprenticeship); or it is made of them (printer)."""
    if len(word) >= SHORTEST_BASE:
        yield from (one for one in longer if one[len(word) :] in SUFFIXES)
    for suffix in SUFFIXES:
        base = word.removesuffix(suffix)
        if base != word and len(base) >= SHORTEST_BASE:
            yield from (base, base + "e")
            yield from (base + other for other in SUFFIXES if other != suffix)


def begins_of_names(word: str, longer: Iterable[str]) -> Iterator[str]:
    """The longer names that a name with a number begins: A320 of A320neo, and not M1 of M12."""
    if any(map(str.isdigit, word)):
        yield from (one for one in longer if not (word[-1].isdigit() and one[len(word)].isdigit()))


def transparent(word: str, encode: Encoder) -> Iterator[tuple[str, str]]:
    """The parts of a compound that means what its parts say, of which the first or the last is a short one."""
    for end in (SHORT_PART, len(word) - SHORT_PART):
        first, second = word[:end], word[end:]
        if min(len(first), len(second)) < SHORT_PART or max(len(first), len(second)) < LONG_PART:
            continue
        if encode.is_word(word) and encode.is_word(first) and encode.is_word(second):
            one, both = encode.encode([word, f"{first} {second}"]).astype(np.float64)
            if float(one @ both) >= TRANSPARENT:
                yield first, second


def neighbours(every: list[str], subjects: Set[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Two or three words of a question that stand side by side, one of which names its subject, and the word that they
    would be as one."""
    for size in (2, 3):
        for start in range(len(every) - size + 1):
            words = tuple(every[start : start + size])
            joined = "".join(words)
            letters = joined.isalpha() or (joined.isalnum() and not words[0].isdigit() and not joined.isdigit())
            whole = size == 2 or all(len(word) > 1 for word in words)
            if letters and whole and not subjects.isdisjoint(words) and not PAIRED.match(joined):
                yield words, joined


def other_end(word: str) -> list[str]:
    """A word in katakana with the long sound at its end where it has none, or without it (サーバー, サーバ)."""
    if not _LOAN.fullmatch(word):
        return []
    return [word.removesuffix(LONG_SOUND) if word.endswith(LONG_SOUND) else word + LONG_SOUND]


def is_transposed(word: str, function: Set[str]) -> bool:
    """Whether a word is a function word two of whose letters changed places (cna, teh)."""
    if not 3 <= len(word) <= SHORT_WORD or word in function:
        return False
    return any(word[:at] + word[at + 1] + word[at] + word[at + 2 :] in function for at in range(len(word) - 1))


def is_foreign(unknown: Iterable[str], here: Iterable[str], encode: Encoder | None) -> bool:
    """Whether a question whose words of grammar tell no language is in another one than English, the only one of the
    posts (`here`): one of the words that no post has is a word of another language alone (accès, couverture)."""
    if encode is None or set(here) != {ENGLISH}:
        return False
    return any(encode.is_word(word) and not encode.is_word(word, ENGLISH) for word in unknown)


def is_english(word: str, encode: Encoder) -> bool:
    """Whether a word alone is an English one, or no word of any language and made of English pieces (falconry)."""
    if encode.is_word(word, ENGLISH) or encode.is_word(word):
        return encode.is_word(word, ENGLISH)
    return bool(np.array_equal(encode.encode([word]), encode.encode([word], ENGLISH)))


# --- spellings and plurals -------------------------------------------------------------------------------------------

_VERB = "(?=(?:e|es|ed|ing|er|ers)$)"
_GREEK_ON = "automat|criteri|gangli|mitochondri|phenomen|polyhedr"
_LATIN_UM = (
    "addend|atri|bacteri|colloqui|consorti|corrigend|crani|curricul|equilibri|errat|memorand|millenni|moratori|quant|"
    "referend|sanatori|spectr|strat|symposi|ov"
)
_LATIN_US = "abac|alumn|bacill|cact|calcul|foc|fung|hippocamp|loc|nucle|radi|stimul|syllab|termin|thesaur|thromb"
_LATIN_A = "alg|amoeb|antenn|formul|lacun|larv|nebul|vertebr"
_GREEK_IS = (
    "analy|cri|diagno|dialy|electroly|hypothe|metasta|neuro|oa|paraly|parenthe|progno|prosthe|synop|synthe|the|thrombo"
)
"""How words begin that keep a plural of Greek or Latin in English: criterion and criteria, thesis and theses."""
_RULES = {
    "en": (
        (r"^sulph", "sulf"),
        (r"^alumini", "alumin"),
        (r"^tyre", "tire"),
        (r"^grey", "gray"),
        (r"^jewell(?=er)", "jewel"),
        (r"^jewelery$", "jewelry"),
        (r"^plough", "plow"),
        (r"^draught", "draft"),
        (r"^kerb(?=s|side|sides|stone|stones|$)", "curb"),
        (r"^foet(?=al|us)", "fet"),
        (r"^oe(?=str|soph|dem|nolog)", "e"),
        (r"(?:(?<=^an)|(?<=^h)|(?<=leuk)|(?<=isch))aem", "em"),
        (r"^(p|orthop|encyclop)aed", r"\1ed"),
        (r"^aesth", "esth"),
        (r"^(an|gyn|arch|pal|c)ae(?=s[it]|c|o)", r"\1e"),
        (r"^manoeuv(?:re|er|r)", "maneuver"),
        (r"^artefact", "artifact"),
        (r"^enquir", "inquir"),
        (r"^sceptic", "skeptic"),
        (r"^cosy", "cozy"),
        (r"^mould", "mold"),
        (r"^programme(?=s?$)", "program"),
        (r"^(licen|defen|offen|practi)ce(?=s?$)", r"\1se"),
        (r"(?<=[a-z]{3})our(?=(?:s|ed|ing|er|ers|ful|less|able|al|ally|ist|ite|ites)?$)", "or"),
        (r"(?<=[a-z]{4})is(?=(?:e|es|ed|ing|er|ers|ation|ations|ational)$)", "iz"),
        (r"lys" + _VERB, "lyz"),
        (r"(?<=[a-z]{2}[bt])re(?=s?$)", "er"),
        (r"(?<=[a-z]{2}log)ue(?=s?$)", ""),
        (r"(?<=mode|labe|rave|ance|igna|anne|unne|leve)ll(?=(?:ed|ing|er|ers)$)", "l"),
        (r"^(kni|li|wi|hal|lea|shel|cal|hoo|wol|thie|loa|shea)(?:ves|fe|f)$", r"\1f"),
        (r"(?<=wo|re|ts|es|ds)men$", "man"),
        (rf"^({_GREEK_ON})a$", r"\1on"),
        (rf"^({_LATIN_UM})a$", r"\1um"),
        (rf"^({_LATIN_US})i$", r"\1us"),
        (rf"^({_LATIN_A})ae$", r"\1a"),
        (rf"^({_GREEK_IS})ses$", r"\1sis"),
    ),
    "ar": ((r"^(?:وال|بال|كال|فال|لل|ال)(?=.{3})", ""),),
    "fr": ((r"(?<=[a-z]{2})(?<!e)aux$", "al"), (r"(?<=[a-z])([eo]u)x$", r"\1")),
    "es": ((r"(?<=[a-z])ces$", "z"),),
    "pt": ((r"(?<=[a-z]{2})ais$", "al"), (r"(?<=[a-z]{2})oes$", "ao")),
}
"""Language -> what is written in two ways, or has a plural of its own, and how it is read."""
_OTHERS = {
    "en": {
        "appendices": "appendix",
        "axis": "axes",
        "children": "child",
        "feet": "foot",
        "geese": "goose",
        "helices": "helix",
        "indices": "index",
        "matrices": "matrix",
        "men": "man",
        "mice": "mouse",
        "teeth": "tooth",
        "vertices": "vertex",
    },
    "fr": {"baux": "bail", "clef": "cle", "clefs": "cle", "travaux": "travail", "vitraux": "vitrail", "yeux": "oeil"},
}
"""Language -> words that follow no rule."""


@cache
def _rules(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), other) for pattern, other in _RULES.get(language, ()))


@lru_cache(maxsize=REMEMBERED)
def regular(word: str, language: str) -> str:
    """A folded word as its other spellings and its plural are read in a language; most stay as they are."""
    known = _OTHERS.get(language, {}).get(word)
    if known is not None:
        return known
    for pattern, other in _rules(language):
        word = pattern.sub(other, word)
    return word
