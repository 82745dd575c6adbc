"""Any model of the library sentence-transformers (extra `sentence-transformers`), from a folder or the local cache.

Nothing is fetched: the library is told to stay offline before it is loaded.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from expertfinder.errors import FormatNotSupported
from expertfinder.index.encoders.files import extra

EXTRA = "sentence-transformers"
OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
FALLBACK_TOKENS = 512
"""Where a model does not say how much of a text it reads."""
CHARACTERS = 24
"""Of a text, for each token that is read (see `onnx.LONGEST_TOKEN`)."""


class SentenceTransformersEncoder:
    """One text at a time, so that a vector does not depend on the padding of its company."""

    def __init__(self, model: str | Path, *, threads: int = 1) -> None:
        """`model`: a folder, or the name of a model in the library's local cache."""
        for flag in OFFLINE:
            os.environ[flag] = "1"
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        library, torch = extra("sentence_transformers", EXTRA), extra("torch", EXTRA)
        torch.set_num_threads(threads)
        try:
            self._model: Any = library.SentenceTransformer(str(model), device="cpu", local_files_only=True)
        except (OSError, ValueError) as error:
            raise FormatNotSupported(
                f"there is no model {str(model)!r} on this machine, and none is fetched: give the path of its folder "
                f"({type(error).__name__})"
            ) from error
        self._torch = torch
        self.name = f"sentence-transformers:{model.resolve().name if isinstance(model, Path) else model}"
        # The method was given another name in a later version.
        dimension = getattr(self._model, "get_embedding_dimension", None)
        dimension = dimension or self._model.get_sentence_embedding_dimension
        self.dimension = int(dimension())
        self.max_tokens = int(self._model.get_max_seq_length() or FALLBACK_TOKENS)
        self.digest = self._digest()
        tokenizer = self._model.tokenizer
        self._silent = set(tokenizer.all_special_ids)

    def _digest(self) -> str:
        """SHA-256 over the weights by name and the vocabulary: the same wherever the files lie."""
        total = hashlib.sha256()
        for name, weights in sorted(self._model.state_dict().items()):
            total.update(name.encode())
            total.update(weights.cpu().contiguous().reshape(-1).view(self._torch.uint8).numpy().tobytes())
        total.update(orjson.dumps(self._model.tokenizer.get_vocab(), option=orjson.OPT_SORT_KEYS))
        return total.hexdigest()

    def is_word(self, word: str, language: str = "") -> bool:
        """A transformer reads pieces and does not tell."""
        return False

    def specific(self, word: str) -> float:
        """1: it cannot tell."""
        return 1.0

    def understood(self, text: str) -> float:
        """A transformer reads pieces and does not tell."""
        return 0.0

    def encode(self, texts: Sequence[str], language: str = "") -> np.ndarray:
        """As `Encoder` says; `language` changes nothing here."""
        result = np.zeros((len(texts), self.dimension), np.float32)
        cut = [text[: self.max_tokens * CHARACTERS] for text in texts]
        # The unknown token is among the special ones.
        tokens = [self._model.tokenizer(text, truncation=True, max_length=self.max_tokens) for text in cut]
        known = [row for row, of in enumerate(tokens) if set(of["input_ids"]) - self._silent]
        if known:
            result[known] = self._model.encode(
                [cut[row] for row in known], batch_size=1, normalize_embeddings=True, show_progress_bar=False
            )
        return result
