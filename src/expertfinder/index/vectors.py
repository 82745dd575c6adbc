"""Text encoders behind one protocol, and exact search over their vectors. Encoders are named nowhere else.

The default is ours to ship: token vectors distilled from all-MiniLM-L6-v2, a mean of rows, numpy only (see
`models/README.md` for its origin). It is blind to the order of words; use it beside BM25.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np

from expertfinder.errors import FormatNotSupported
from expertfinder.index.extras import model_folder
from expertfinder.index.onnx import OnnxEncoder
from expertfinder.index.sentence_transformers import SentenceTransformersEncoder
from expertfinder.resources import models_folder
from expertfinder.settings import settings

DEFAULT = "static-minilm"
"""The encoder that is shipped."""
BLOCK_TOKENS = 4096
"""Rows gathered at once while encoding: 4 MB of float32, so that they stay in the processor's cache."""


class Encoder(Protocol):
    """Texts to vectors. The four facts are recorded with the index, which refuses another encoder."""

    name: str
    dimension: int
    digest: str
    """SHA-256 of the model's files, hexadecimal."""
    max_tokens: int

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [n, dimension], rows of length 1; a zero row for a text without a known token."""
        ...


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


_ASCII_PIECES = re.compile(r"[a-z0-9]+|[!-/:-@\[-`{-~]")
_ASCII_CONTROL = re.compile(r"[\0-\x08\x0e-\x1b\x7f]")


def basic_words(text: str) -> list[str]:
    """BERT's uncased split into words and single symbols (Devlin et al., 2019): accents and control characters go."""
    if text.isascii():
        return _ASCII_PIECES.findall(_ASCII_CONTROL.sub("", text).lower())
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

    name = DEFAULT
    max_tokens = 256
    """More of a text moves its mean little and costs time in proportion (`docs/ranking.md`)."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as file:
            vocabulary = bytes(file["vocab"]).decode("utf-8").split("\n")
            self._rows = file["table"].astype(np.float32) * file["scale"].astype(np.float32)[:, None]
        self.dimension = int(self._rows.shape[1])
        self.digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self._ids = {token: i for i, token in enumerate(vocabulary)}
        self._longest = max(map(len, vocabulary))
        self._pieces: Callable[[str], tuple[int, ...]] = lru_cache(maxsize=200_000)(self._split)

    def _split(self, word: str) -> tuple[int, ...]:
        whole = self._ids.get(word)
        if whole is not None:
            return (whole,)
        if len(word) > 100:  # BERT gives up on longer words, too
            return ()
        found: list[int] = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(min(len(word), start + self._longest), start, -1):
                piece = self._ids.get(prefix + word[start:end])
                if piece is not None:
                    break
            else:
                return ()
            found.append(piece)
            start = end
        return tuple(found)

    def tokens(self, text: str) -> list[int]:
        """Ids of the known tokens of a text, at most `max_tokens`."""
        # A token has at least one character, and words are short: cutting the text first saves splitting a long tail.
        found: list[int] = []
        for word in basic_words(text[: self.max_tokens * 24]):
            found.extend(self._pieces(word))
            if len(found) >= self.max_tokens:
                return found[: self.max_tokens]
        return found

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [n, dimension], rows of length 1; a zero row for a text without a known token."""
        result = np.zeros((len(texts), self.dimension), np.float32)
        ids: list[int] = []
        rows: list[int] = []
        offsets: list[int] = []

        def flush() -> None:
            if rows:
                sums = np.add.reduceat(self._rows[ids], offsets, axis=0)
                result[rows] = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
            ids.clear()
            rows.clear()
            offsets.clear()

        for row, text in enumerate(texts):
            found = self.tokens(text)
            if found:
                rows.append(row)
                offsets.append(len(ids))
                ids.extend(found)
            if len(ids) >= BLOCK_TOKENS:
                flush()
        flush()
        return result


@lru_cache(maxsize=4)
def encoder(name: str) -> Encoder:
    """The encoder that a setting names: `static-minilm`, `onnx:FOLDER` or `sentence-transformers:FOLDER-OR-NAME`.

    A folder is a path, or a name in one of EXPERTFINDER_MODELS. Raises `FormatNotSupported` for an encoder that is not
    there, and with the command to type where an extra is missing.
    """
    kind, _, model = name.partition(":")
    if name == DEFAULT:
        return StaticEncoder(models_folder() / "static-minilm.npz")
    if kind == "onnx" and model:
        folder = model_folder(model)
        if folder is None:
            raise FormatNotSupported(
                f"there is no folder {model!r} with a model, neither here nor in EXPERTFINDER_MODELS"
            )
        return OnnxEncoder(folder, threads=settings().encoder_threads)
    if kind == "sentence-transformers" and model:
        return SentenceTransformersEncoder(model_folder(model) or model, threads=settings().encoder_threads)
    raise FormatNotSupported(
        f"there is no encoder {name!r}; the one that is shipped is {DEFAULT!r}, others are 'onnx:FOLDER' and "
        "'sentence-transformers:FOLDER-OR-NAME'"
    )


class Said:
    """An encoder that has encoded one text already, and does not do it again."""

    def __init__(self, encode: Encoder, text: str) -> None:
        self.name, self.dimension, self.digest = encode.name, encode.dimension, encode.digest
        self.max_tokens = encode.max_tokens
        self._encode, self._text = encode, text
        self.vector: np.ndarray = encode.encode([text])[0]
        """float32 [dimension], of the text."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """As `Encoder` says."""
        return self.vector[None] if list(texts) == [self._text] else self._encode.encode(texts)
