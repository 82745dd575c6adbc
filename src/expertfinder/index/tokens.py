"""One tokeniser for every engine (decision 16): two engines that see the same words can be compared."""

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
