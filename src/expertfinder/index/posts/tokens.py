"""One tokeniser for every engine (decision 0003): two engines that see the same words can be compared."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\w+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")


def tokenise(text: str) -> list[str]:
    """The words of a text, lower case, accents removed, in order; `_` and punctuation separate."""
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return [word for part in _WORD.findall(plain.lower()) for word in part.split("_") if word]


STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "if",
        "in",
        "into",
        "is",
        "it",
        "no",
        "not",
        "of",
        "on",
        "or",
        "such",
        "that",
        "the",
        "their",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "was",
        "will",
        "with",
    ]
)
"""Left out of questions (documents keep them): the classic English list of Lucene's analysers, 33 function words."""


def question_words(text: str) -> list[str]:
    """The words of a question without its function words; all of them where nothing else is there."""
    words = tokenise(text)
    return [word for word in words if word not in STOP_WORDS] or words
