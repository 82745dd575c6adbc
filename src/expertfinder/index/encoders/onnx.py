"""A transformer in the ONNX form, on the processor (extra `onnx`). Its files lie in a folder; nothing is fetched.

The folder holds one `.onnx` file and `tokenizer.json` (or the `vocab.txt` of an uncased BERT). The model takes
`input_ids`, `attention_mask` and, if it wants them, `token_type_ids`, all int64 [texts, tokens]; its first output is
one vector a text, or one a token, of which the mean is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from expertfinder.errors import FormatNotSupported
from expertfinder.index.encoders.files import digest_of, extra

EXTRA = "onnx"
MAX_TOKENS = 256
"""What all-MiniLM-L6-v2 and its kind were trained to read; more of a text is not looked at."""
LONGEST_TOKEN = 24
"""Characters of a text that are read for each token: more than prose has, so that no book is split for a page."""
UNKNOWN = ("[UNK]", "<unk>")


class OnnxEncoder:
    """One text at a time: a model of eight bits scales a whole batch by its largest value, so that a vector would
    depend on the company it was computed in. On a processor batches gain next to nothing."""

    max_tokens = MAX_TOKENS

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        runtime, tokenizers = extra("onnxruntime", EXTRA), extra("tokenizers", EXTRA)
        models = sorted(folder.glob("*.onnx"))
        words = next((folder / name for name in ("tokenizer.json", "vocab.txt") if (folder / name).is_file()), None)
        if len(models) != 1 or words is None:
            raise FormatNotSupported(
                f"{folder} is to hold one .onnx file and a tokenizer.json or vocab.txt; there are {len(models)} .onnx "
                f"files and {'no such file' if words is None else words.name}"
            )
        self.name = f"onnx:{folder.resolve().name}"
        self.digest = digest_of([models[0], words])
        options = runtime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        self._session: Any = runtime.InferenceSession(
            str(models[0]), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer: Any = (
            tokenizers.Tokenizer.from_file(str(words))
            if words.suffix == ".json"
            else tokenizers.implementations.BertWordPieceTokenizer(str(words), lowercase=True)
        )
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self.max_tokens)
        self._unknown = {self._tokenizer.token_to_id(token) for token in UNKNOWN} - {None}
        self._inputs = [entry.name for entry in self._session.get_inputs()]
        self.dimension = int(self._session.get_outputs()[0].shape[-1])

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
        for row, text in enumerate(texts):
            tokens = self._tokenizer.encode(text[: self.max_tokens * LONGEST_TOKEN])
            known = any(
                not special and token not in self._unknown
                for token, special in zip(tokens.ids, tokens.special_tokens_mask, strict=True)
            )
            if known:
                result[row] = self._vector(np.array([tokens.ids], np.int64), np.array([tokens.type_ids], np.int64))
        return result

    def _vector(self, ids: np.ndarray, types: np.ndarray) -> np.ndarray:
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}
        output = self._session.run(None, {name: feeds[name] for name in self._inputs})[0][0]
        vector = np.asarray(output if output.ndim == 1 else output.mean(axis=0), np.float32)
        length: np.float32 = np.linalg.norm(vector)
        return vector / max(length, np.float32(1e-12))
