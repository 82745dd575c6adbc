"""Which language a text is in, told by its script, its function words and its letters.

On 680 posts in 12 languages this names the language of 99.6 %. A library with a model of 4.6 MB (py3langid) names that
of all, takes 1.5 seconds to load, and takes short English texts for rare languages more often (`docs/ranking.md`).
"""

from __future__ import annotations

import re

from expertfinder.index.posts.function_words import ENGLISH, function_words
from expertfinder.index.posts.tokens import folded, runs

READ = 2_000
"""Characters of a text that are looked at."""
SCRIPT_SHARE = 0.1
"""Share of characters in a script from which on it tells the language; a text in English may hold a foreign name."""
LETTER = 0.5
"""What a letter that only some languages have counts, beside 1 for a function word."""
LEAST = 1.5
"""What must speak for a language before it is named."""

_SCRIPTS = tuple(
    (language, re.compile(f"[{letters}]"))
    for language, letters in (
        ("ja", "\u3041-\u30ff"),
        ("ko", "\uac00-\ud7a3"),
        ("zh", "\u4e00-\u9fff"),
        ("th", "\u0e00-\u0e7f"),
        ("ar", "\u0600-\u06ff"),
        ("el", "\u0370-\u03ff"),
        ("he", "\u0590-\u05ff"),
        ("hi", "\u0900-\u097f"),
    )
)
LETTERS = {
    "cs": "řěůčšž",
    "da": "æøå",
    "de": "ßäöü",
    "es": "ñ¿¡",
    "fi": "äö",
    "fr": "çèêàùœ",
    "hu": "őű",
    "it": "ìòù",
    "no": "æøå",
    "pl": "łżąęśćźń",
    "pt": "ãõ",
    "ru": "ыэъё",
    "sv": "äöå",
    "tr": "ğış",
    "uk": "іїєґ",
}
"""Language -> letters that only it and its neighbours are written with."""


def script_of(text: str) -> str:
    """The code of the language that the script of a text tells, empty where several are written in it."""
    if not text.isascii():
        for language, script in _SCRIPTS:
            if len(script.findall(text)) > SCRIPT_SHARE * len(text):
                return language
    return ""


def language_of(text: str) -> str:
    """The code of the language of a text (ISO 639-1), empty where nothing speaks clearly for one."""
    text = text[:READ]
    told = script_of(text)
    if told:
        return told
    told_by = function_words()
    speaks = dict.fromkeys(told_by.languages, 0.0)
    for languages in filter(None, map(told_by.spoken_in.get, runs(folded(text)))):
        for name in languages:
            speaks[name] += 1.0
    if not text.isascii():
        small = text.lower()
        for name, letters in LETTERS.items():
            speaks[name] += LETTER * sum(map(small.count, letters))
    if max(speaks.values()) < LEAST:
        return ""
    return max(speaks, key=lambda name: (speaks[name], name == ENGLISH))
