"""Text encoders behind one protocol. Encoders are named nowhere else.

Two are shipped, and both need numpy only: `static-minilm`, a table of token vectors for English, and
`static-multilingual`, the same with a second table for twenty other languages.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np

from expertfinder.configuration.resources import models_folder
from expertfinder.configuration.settings import settings
from expertfinder.errors import FormatNotSupported
from expertfinder.index.encoders.files import model_folder
from expertfinder.index.encoders.multilingual import MultilingualEncoder
from expertfinder.index.encoders.onnx import OnnxEncoder
from expertfinder.index.encoders.sentence_transformers import SentenceTransformersEncoder
from expertfinder.index.encoders.static import StaticEncoder

DEFAULT = "static-multilingual"
"""The encoder that is used where no setting names another."""
SHIPPED = (StaticEncoder.name, MultilingualEncoder.name)
"""The encoders whose files lie in the package."""


class Encoder(Protocol):
    """Texts to vectors. The four facts are recorded with the index, which refuses another encoder."""

    name: str
    dimension: int
    digest: str
    """SHA-256 of the model's files, hexadecimal."""
    max_tokens: int

    def encode(self, texts: Sequence[str], language: str = "") -> np.ndarray:
        """float32 [n, dimension], rows of length 1; a zero row for a text without a known token.

        `language` (ISO 639-1) is what texts are read in whose own words do not tell; an encoder may do without.
        """
        ...

    def is_word(self, word: str, language: str = "") -> bool:
        """Whether the encoder knows this as a word, and not only its pieces; false where it cannot tell.

        `language`: English words alone where it is `en`; an encoder may do without.
        """
        ...

    def specific(self, word: str) -> float:
        """How much a word tells of a subject, 0 to 1: little for one that texts of any subject have (problem, wrong).

        1 where the encoder cannot tell.
        """
        ...

    def understood(self, text: str) -> float:
        """The share of the letters of a text that stand in words, or in pieces long enough to mean something.

        0 where the encoder cannot tell: then meaning alone names nobody.
        """
        ...


@lru_cache(maxsize=4)
def encoder(name: str) -> Encoder:
    """The encoder that a setting names.

    It is one of `SHIPPED`, `onnx:FOLDER` or `sentence-transformers:FOLDER-OR-NAME`.
    A folder is a path, or a name in one of EXPERTFINDER_MODELS. Raises `FormatNotSupported` for an encoder that is not
    there, and with the command to type where an extra is missing.
    """
    kind, _, model = name.partition(":")
    english, other = (models_folder() / f"{shipped}.npz" for shipped in SHIPPED)
    if name == StaticEncoder.name:
        return StaticEncoder(english)
    if name == MultilingualEncoder.name:
        return MultilingualEncoder(english, other)
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
        f"there is no encoder {name!r}; {' and '.join(map(repr, SHIPPED))} are shipped, others are 'onnx:FOLDER' and "
        "'sentence-transformers:FOLDER-OR-NAME'"
    )


class Said:
    """An encoder that has encoded one text already, whatever its language, and does not do it again."""

    def __init__(self, encode: Encoder, text: str, vector: np.ndarray) -> None:
        self.name, self.dimension, self.digest = encode.name, encode.dimension, encode.digest
        self.max_tokens = encode.max_tokens
        self._encode, self._text = encode, text
        self.vector = vector
        """float32 [dimension], of the text."""

    def encode(self, texts: Sequence[str], language: str = "") -> np.ndarray:
        """As `Encoder` says."""
        return self.vector[None] if list(texts) == [self._text] else self._encode.encode(texts, language)

    def is_word(self, word: str, language: str = "") -> bool:
        """As `Encoder` says."""
        return self._encode.is_word(word, language)

    def specific(self, word: str) -> float:
        """As of the encoder."""
        return self._encode.specific(word)

    def understood(self, text: str) -> float:
        """As `Encoder` says."""
        return self._encode.understood(text)
