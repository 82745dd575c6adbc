"""The default encoder: the shipped English table of token vectors, and a second one for twenty other languages.

The vector of a text in another language lands near the vector of its English translation. A text whose words show it to
be English is read by the English table alone, and its vector is `static-minilm`'s to the bit. `models/README.md` has
origin, licences and figures of both files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain, islice
from pathlib import Path

import numpy as np

from expertfinder.index.encoders.files import digest_of
from expertfinder.index.encoders.static import ASCII_PIECES, CHARACTERS, StaticEncoder, continuing

ENGLISH = "en"
"""The language of the first table."""
CLEAR = 10
"""Tenths of a log-odds by which the words of a text must speak for English, or against it, to settle its language. The
file was trained with this number."""
DECIDING = 64
"""Words at the beginning of a text that settle its language. The file was trained with this number."""
FOREIGN_SCRIPT = 25
"""Tenths of a log-odds that a word in a script other than the Latin one speaks against English. The file was trained
with this number."""
DECIDING_CHARACTERS = 400
"""Characters of a text in ASCII that are read to see whether it is English: about `DECIDING` words."""
_HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
_HIRAGANA, _KATAKANA, _THAI = "\u3041-\u309f", "\u30a0-\u30ff\u31f0-\u31ff", "\u0e00-\u0e7f"
_UNSPACED = f"{_HAN}{_HIRAGANA}{_KATAKANA}{_THAI}"
_SIGNS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
_ACCENT = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640]")


@cache
def _word() -> re.Pattern[str]:
    spaced = f"(?:[^\\W_{_UNSPACED}]|[{_SIGNS}])+|[!-/:-@\\[-`{{-~]"
    return re.compile(f"[{_HAN}]+|[{_HIRAGANA}]+|[{_KATAKANA}]+|[{_THAI}]+|{spaced}")


@cache
def _unspaced_letter() -> re.Pattern[str]:
    return re.compile(f"[{_UNSPACED}]")


@cache
def _not_latin() -> re.Pattern[str]:
    return re.compile("[\u0370-\u1dff\u2c00-\ud7ff\uf900-\ufaff\ufb1d-\uff00\U00010000-\U0003ffff]")


def _words(text: str) -> list[str]:
    """Words and single ASCII symbols, lower case, with accents; runs of one script where no spaces stand between."""
    if text.isascii():
        return ASCII_PIECES.findall(text.lower())
    return _word().findall(unicodedata.normalize("NFKC", text).lower().replace("i\u0307", "i"))


def _without_accents(word: str) -> str:
    """The word without Latin, Greek and Cyrillic accents and Arabic vowel signs."""
    return word if word.isascii() else unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", word)))


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The tokens of the second table, and where each stands."""

    ids: dict[str, int]
    """Token -> row, also for a token without its accents where no other token is written so."""
    names: list[str]
    """The tokens by their rows."""
    longest: int
    """Characters of the longest token."""
    continuing: dict[str, int]
    """As `continuing` has them."""


@dataclass(frozen=True, slots=True)
class _Table:
    """The second table: rows of 4-bit numbers, two in a byte."""

    packed: np.ndarray
    """uint8 [tokens, dimension / 2]: the lower half of a byte is the even column; 8 is zero."""
    scale: np.ndarray
    """float32 [tokens]."""

    def rows(self, tokens: np.ndarray) -> np.ndarray:
        """float32 [tokens, dimension]."""
        packed = self.packed[tokens]
        numbers = np.empty((len(tokens), 2 * packed.shape[1]), np.float32)
        numbers[:, 0::2] = packed & 15
        numbers[:, 1::2] = packed >> 4
        return np.asarray((numbers - 8.0) * self.scale[tokens, None])


class MultilingualEncoder(StaticEncoder):
    """Both tables and their mean. Of the second one, its words are read from the file when the first text may have one
    of them, and its vectors when a text has one.

    The file is an `.npz` (loaded with pickle off) of `table` uint8 [tokens, dimension / 2], `scale` [tokens], `vocab`
    (UTF-8, a token a line), and `lidw` and `lid`: words (UTF-8, one a line) and int8 [words], tenths of the log-odds of
    text in another language against English text.
    """

    name = "static-multilingual"

    def __init__(self, english: Path, other: Path) -> None:
        super().__init__(english, digest=digest_of((english, other)))
        self._path = other
        with np.load(other, allow_pickle=False) as file:
            words = bytes(file["lidw"]).decode("utf-8").split("\n")
            self._side = dict(zip(words, file["lid"].tolist(), strict=True))
        self._first = len(self.ids)
        self._of_other: Callable[[str], tuple[int, ...]] = lru_cache(maxsize=200_000)(self._read_other)
        self._of_unclear: Callable[[str], tuple[int, ...]] = lru_cache(maxsize=200_000)(self._read_unclear)

    @cached_property
    def _vocabulary(self) -> _Vocabulary:
        with np.load(self._path, allow_pickle=False) as file:
            names = bytes(file["vocab"]).decode("utf-8").split("\n")
        ids = {token: row for row, token in enumerate(names)}
        accented = [token for token in names if not token.isascii()]
        # All at once: token by token this takes six times as long.
        for token, plain in zip(accented, _without_accents("\n".join(accented)).split("\n"), strict=True):
            if plain != token and plain not in self.ids:
                ids.setdefault(plain, ids[token])
        return _Vocabulary(ids, names, max(map(len, names)), continuing(ids))

    @cached_property
    def _other(self) -> _Table:
        with np.load(self._path, allow_pickle=False) as file:
            return _Table(file["table"], file["scale"].astype(np.float32))

    def is_word(self, word: str, language: str = "") -> bool:
        """Whether a word is a token, with or without its accents: of English, or of any of the languages."""
        small = word.lower()
        if language == ENGLISH:
            return super().is_word(small)
        return super().is_word(small) or any(self._whole(form) is not None for form in (small, _without_accents(small)))

    def written(self, token: int) -> str:
        """As `StaticEncoder.written`, of either table."""
        return super().written(token) if token < self._first else self._vocabulary.names[token - self._first]

    def rows(self, tokens: list[int]) -> np.ndarray:
        """As `StaticEncoder.rows`, of both tables."""
        ids = np.array(tokens, np.int64)
        other = ids >= self._first
        if not other.any():
            return super().rows(tokens)
        found = np.empty((len(ids), self.dimension), np.float32)
        found[~other] = super().rows(ids[~other].tolist())
        found[other] = self._other.rows(ids[other] - self._first)
        return found

    def tokens(self, text: str, language: str = "") -> list[int]:
        """Ids of the known tokens of a text, at most `max_tokens`; those of the second table follow the English ones.

        A text is read as English where its words show English and by the second table where they show another
        language. Where they show neither it is read as `language` says, and without one English words are read as
        English, and the rest as other words.
        """
        text = text[: self.max_tokens * CHARACTERS]
        if text.isascii() and self._sides(text[:DECIDING_CHARACTERS].lower().replace("'", " ").split()) < -CLEAR:
            return super().tokens(text)
        words = _words(text)
        side = self._sides(words)
        if not text.isascii():
            side += FOREIGN_SCRIPT * sum(_not_latin().search(word) is not None for word in words[:DECIDING])
        if side < -CLEAR or (side <= CLEAR and language == ENGLISH):
            return super().tokens(text)
        look_up = self._of_other if side > CLEAR or language else self._of_unclear
        return list(islice(chain.from_iterable(map(look_up, words)), self.max_tokens))

    def _sides(self, words: Sequence[str]) -> int:
        side = self._side
        return sum([side[word] for word in words[:DECIDING] if word in side])

    def _whole(self, word: str) -> int | None:
        row = self._vocabulary.ids.get(word)
        return None if row is None else row + self._first

    def _read_other(self, word: str) -> tuple[int, ...]:
        """A word of another language: whole, with its accents or without; else in pieces of either table."""
        plain = _without_accents(word)
        for whole in (self._whole(word), self._whole(plain), self.ids.get(plain)):
            if whole is not None:
                return (whole,)
        pieces = self._pieces(word)
        english = () if not word.isascii() and _not_latin().search(word) else self.pieces(plain)
        if pieces and (not english or not plain.isascii() or len(pieces) <= len(english)):
            return pieces
        return english

    def _read_unclear(self, word: str) -> tuple[int, ...]:
        """A word of a text that may be English: as English where it is a whole English word, or has fewer pieces."""
        if not word.isascii():
            return self._of_other(word)
        whole = self.ids.get(word)
        if whole is None:
            whole = self._whole(word)
        if whole is not None:
            return (whole,)
        pieces, english = self._pieces(word), self.pieces(word)
        return pieces if pieces and (not english or len(pieces) < len(english)) else english

    def _pieces(self, word: str) -> tuple[int, ...]:
        """The ids of the pieces of a word, always the longest that fits; nothing where a part stays unknown.

        A piece that continues a word is written `##piece`, or is a token of four letters or more. Scripts without
        spaces have no `##`, and their unknown letters are passed over.
        """
        ids, longest, inner = self._vocabulary.ids, self._vocabulary.longest, self._vocabulary.continuing
        found: list[int] = []
        start, unspaced = 0, not word.isascii() and _unspaced_letter().match(word) is not None
        while start < len(word):
            for end in range(min(len(word), start + longest), start, -1):
                part = word[start:end]
                if start == 0 or unspaced:
                    piece = ids.get(part)
                else:
                    piece = inner.get(part)
                    if piece is None and len(part) >= 4:
                        piece = ids.get(part)
                if piece is not None:
                    found.append(piece + self._first)
                    start = end
                    break
            else:
                if not unspaced:
                    return ()
                start += 1
        return tuple(found)
