"""A table of token vectors and their mean, numpy only: the shipped English encoder.

It was distilled from all-MiniLM-L6-v2 (`models/README.md` has its origin). It is blind to the order of words; use it
beside BM25.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from expertfinder.index import sparse as sp

CHARACTERS = 24
"""Characters of a text that are read for each token that counts: words are short, and a long tail is not split."""
MEANS = 4
"""Letters of a token from which on it means something: a word that nobody knows is cut into shorter ones."""
SYLLABIC, SYLLABLES = "\u0e00", 1
"""The first letter of the scripts whose characters are syllables or words, and how many of those mean something."""
GENERAL, NAMING = 0.4, 1.0
"""Length of the vector of a word that tells nothing of a subject (nothing, main; problem .6), and of one that names one
(knitting 1.1, welding 1.25)."""
BLOCK_TOKENS = 8_192
"""Tokens whose different rows are made at once while encoding: 8 MB of float32 at most. In posts of three open sets
five of six came before among so many."""
IN_HALVES = 128
"""Rows from which on numpy adds up each half by itself (its pairwise sum)."""


def _is_punctuation(char: str) -> bool:
    # BERT's definition: every ASCII symbol, and Unicode's P classes.
    code = ord(char)
    return (
        33 <= code <= 47
        or 58 <= code <= 64
        or 91 <= code <= 96
        or 123 <= code <= 126
        or unicodedata.category(char)[0] == "P"
    )


def _is_ideograph(char: str) -> bool:
    code = ord(char)
    return (
        0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x2FA1F
    )


def continuing(ids: Mapping[str, int]) -> dict[str, int]:
    """The tokens that continue a word, without their mark, with their ids."""
    return {token[2:]: number for token, number in ids.items() if token.startswith("##")}


ASCII_PIECES = re.compile(r"[a-z0-9]+|[!-/:-@\[-`{-~]")
_ASCII_CONTROL = re.compile(r"[\0-\x08\x0e-\x1b\x7f]")


def basic_words(text: str) -> list[str]:
    """BERT's uncased split into words and single symbols (Devlin et al., 2019): accents and control characters go."""
    if text.isascii():
        return ASCII_PIECES.findall(_ASCII_CONTROL.sub("", text).lower())
    # One typographic quote is no reason to look at every letter of a long text.
    return [
        word
        for chunk in text.split()
        for word in (basic_words(chunk) if chunk.isascii() else _words_of_any_script(chunk))
    ]


def _words_of_any_script(text: str) -> list[str]:
    words: list[str] = []
    current: list[str] = []

    def close() -> None:
        if current:
            words.append("".join(current))
            current.clear()

    for char in text:
        category = unicodedata.category(char)
        if char.isspace() or category == "Zs":
            close()
        elif category[0] == "C" or char == "\ufffd":
            continue
        else:
            for plain in unicodedata.normalize("NFD", char).lower():
                if unicodedata.category(plain) == "Mn":
                    continue
                if _is_punctuation(plain) or _is_ideograph(plain):
                    close()
                    words.append(plain)
                else:
                    current.append(plain)
    close()
    return words


class StaticEncoder:
    """A table of token vectors and their mean; WordPiece by greedy longest match.

    The file is an `.npz` (loaded with pickle off) of `table` int8 [tokens, dimension], `scale` [tokens] and `vocab`
    (UTF-8, a token a line).
    """

    name = "static-minilm"
    max_tokens = 256
    """More of a text moves its mean little and costs time in proportion (`docs/ranking.md`)."""

    def __init__(self, path: Path, *, digest: str = "") -> None:
        """`digest`: of the files, where this is not all of them."""
        with np.load(path, allow_pickle=False) as file:
            vocabulary = bytes(file["vocab"]).decode("utf-8").split("\n")
            self._table, self._scale = file["table"], file["scale"].astype(np.float32)
        self.dimension = int(self._table.shape[1])
        self.digest = digest or hashlib.sha256(path.read_bytes()).hexdigest()
        self.ids = {token: i for i, token in enumerate(vocabulary)}
        self._longest = max(map(len, vocabulary))
        self.pieces: Callable[[str], tuple[int, ...]] = lru_cache(maxsize=200_000)(self._split)

    def _split(self, word: str) -> tuple[int, ...]:
        whole = self.ids.get(word)
        if whole is not None:
            return (whole,)
        if len(word) > 100:  # BERT gives up on longer words, too
            return ()
        found: list[int] = []
        start, pieces = 0, self.ids
        while start < len(word):
            for end in range(min(len(word), start + self._longest), start, -1):
                piece = pieces.get(word[start:end])
                if piece is not None:
                    break
            else:
                return ()
            found.append(piece)
            start, pieces = end, self._continuing
        return tuple(found)

    @cached_property
    def _continuing(self) -> dict[str, int]:
        return continuing(self.ids)

    def tokens(self, text: str, language: str = "") -> list[int]:
        """Ids of the known tokens of a text, at most `max_tokens`; `language` changes nothing here."""
        words = basic_words(text[: self.max_tokens * CHARACTERS])
        return list(islice(chain.from_iterable(map(self.pieces, words)), self.max_tokens))

    def is_word(self, word: str, language: str = "") -> bool:
        """Whether an English word is a token."""
        return word.lower() in self.ids

    def specific(self, word: str) -> float:
        """By the length of a word's vector: the table was weighted by how often texts have each token."""
        tokens = self.tokens(word)
        length = float(np.linalg.norm(self.rows(tokens).sum(axis=0))) if tokens else NAMING
        return min(max((length - GENERAL) / (NAMING - GENERAL), 0.0), 1.0)

    def understood(self, text: str) -> float:
        """The share of the letters of a text that stand in tokens of `MEANS` letters and more, 0 to 1; of fewer in
        scripts of syllables."""
        letters = long = 0
        for token in self.tokens(text):
            piece = self.written(token).removeprefix("##")
            size = sum(map(str.isalpha, piece))
            letters += size
            long += size if size >= MEANS or (size >= SYLLABLES and piece >= SYLLABIC) else 0
        return long / letters if letters else 0.0

    def written(self, token: int) -> str:
        """A token by its id."""
        return self._names[token]

    @cached_property
    def _names(self) -> list[str]:
        return list(self.ids)

    def rows(self, tokens: list[int]) -> np.ndarray:
        """float32 [tokens, dimension]: the vectors of tokens by their ids."""
        at = np.array(tokens, np.int64)
        return np.asarray(self._table[at] * self._scale[at, None])

    def encode(self, texts: Sequence[str], language: str = "") -> np.ndarray:
        """As `Encoder` says: the mean of the rows of each text's tokens, brought to length 1. The vector of a text does
        not depend on the others."""
        result = np.zeros((len(texts), self.dimension), np.float32)
        waiting: dict[int, list[int]] = {}
        count = 0
        for row, text in enumerate(texts):
            if found := self.tokens(text, language):
                waiting[row] = found
                count += len(found)
            if waiting and (count >= BLOCK_TOKENS or row == len(texts) - 1):
                result[list(waiting)] = self._means(list(waiting.values()))
                waiting, count = {}, 0
        return result

    def _means(self, texts: Sequence[list[int]]) -> np.ndarray:
        """float32 [texts, dimension], of length 1, of texts with a token."""
        if len(texts) == 1:  # a question: what multiplies sparse matrices takes longer to load
            sums = _sum_of(self.rows(texts[0]))[None]
        else:
            lengths = np.array(list(map(len, texts)), np.int64)
            every = np.fromiter(chain.from_iterable(texts), np.int64, int(lengths.sum()))
            used = np.flatnonzero(np.bincount(every))
            place = np.empty(int(used[-1]) + 1, np.int32)
            place[used] = np.arange(len(used), dtype=np.int32)
            sums = _sums_of(self.rows(used.tolist()), place[every], lengths)
        return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12))


def _sum_of(rows: np.ndarray) -> np.ndarray:
    """The sum of some rows, to the bit as `np.add.reduceat` has it, which takes four times as long: it goes down the
    columns, one after the other. Vectors do not depend on the version that made them."""
    return np.asarray(rows[0] + _pairwise(rows[1:]))


def _pairwise(rows: np.ndarray) -> np.ndarray:
    if len(rows) > IN_HALVES:
        half = len(rows) // 2
        half -= half % 8
        return np.asarray(_pairwise(rows[:half]) + _pairwise(rows[half:]))
    if len(rows) < 8:
        return np.asarray(np.add.reduce(rows, axis=0))
    whole = len(rows) - len(rows) % 8
    a, b, c, d, e, f, g, h = np.add.reduce(rows[:whole].reshape(-1, 8, rows.shape[1]), axis=0)
    found = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for row in rows[whole:]:
        found += row
    return np.asarray(found)


# --- the same of many texts -------------------------------------------------------------------------------------------


class _Plan(NamedTuple):
    """Which rows of a text of so many tokens are added to which, so that the sum is `_sum_of` to the bit."""

    order: np.ndarray
    """int64: the tokens that go into eight sums of each part, one sum after the other."""
    counts: np.ndarray
    """int64 [8 parts]: how many go into each sum."""
    rest: np.ndarray
    """int64 [parts, 2]: the first token behind those of a part, and how many, which are added one by one."""


@lru_cache(maxsize=1_024)
def _plan(length: int) -> _Plan:
    order, counts, rest = [], [], []
    for first, count in _halves(1, length - 1):
        whole = count - count % 8
        order.append(np.arange(first, first + whole).reshape(-1, 8).T.ravel())
        counts += [whole // 8] * 8
        rest.append((first + whole, count - whole))
    return _Plan(np.concatenate(order), np.array(counts), np.array(rest))


def _halves(first: int, count: int) -> list[tuple[int, int]]:
    """The parts that `_pairwise` adds up by themselves: first row and how many."""
    if count <= IN_HALVES:
        return [(first, count)]
    half = count // 2
    half -= half % 8
    return _halves(first, half) + _halves(first + half, count - half)


def _together(parts: Iterator[np.ndarray], count: int) -> np.ndarray:
    """The sums of the parts of so many rows as `_pairwise` adds them."""
    if count <= IN_HALVES:
        return next(parts)
    half = count // 2
    half -= half % 8
    first = _together(parts, half)
    return np.asarray(first + _together(parts, count - half))


def _sums_of(rows: np.ndarray, tokens: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """As `_sum_of` of each text, to the bit: `tokens` are the places of its tokens among the rows, text after text.

    A product with a sparse matrix adds one row after the other, as numpy does down a column, and copies none.
    """
    begins = np.cumsum(lengths) - lengths
    plans = [_plan(length) for length in lengths.tolist()]
    at = tokens[np.concatenate([plan.order + begin for plan, begin in zip(plans, begins.tolist(), strict=True)])]
    ends = np.concatenate([[0], np.cumsum(np.concatenate([plan.counts for plan in plans]))])
    which = sp.csr_matrix((np.ones(len(at), np.float32), at, ends), shape=(len(ends) - 1, len(rows)))
    a, b, c, d, e, f, g, h = (which @ rows).reshape(-1, 8, rows.shape[1]).transpose(1, 0, 2)
    parts = ((a + b) + (c + d)) + ((e + f) + (g + h))
    rest = np.concatenate([np.add(plan.rest, (begin, 0)) for plan, begin in zip(plans, begins.tolist(), strict=True)])
    for place in range(7):
        more = np.flatnonzero(rest[:, 1] > place)
        parts[more] += rows[tokens[rest[more, 0] + place]]
    each = iter(parts)
    return np.asarray(rows[tokens[begins]] + np.stack([_together(each, length - 1) for length in lengths.tolist()]))
