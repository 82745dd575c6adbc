"""Other encoders: what names them, what each vector promises, and that an index refuses what it was not made with."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson
import pytest
from tests.unit.office import TODAY, opened
from typer.testing import CliRunner

from expertfinder.ask.finder import ExpertFinder
from expertfinder.cli.app import app
from expertfinder.errors import FormatNotSupported
from expertfinder.index.build import build
from expertfinder.index.encoders.encoder import DEFAULT, Encoder, encoder
from expertfinder.index.encoders.onnx import OnnxEncoder
from expertfinder.index.encoders.static import StaticEncoder
from expertfinder.index.published import current_name, encoder_of
from expertfinder.index.snapshot import Making


class Halved:
    """An encoder of our own: the shipped one, cut to half its dimensions."""

    def __init__(self, **other: object) -> None:
        self._whole = encoder("static-minilm")
        self.name, self.dimension = "halved", self._whole.dimension // 2
        self.digest, self.max_tokens = "a" * 64, 256
        for name, value in other.items():
            setattr(self, name, value)

    def encode(self, texts: Sequence[str], language: str = "") -> np.ndarray:
        vectors = self._whole.encode(texts)[:, : self.dimension]
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    def is_word(self, word: str, language: str = "") -> bool:
        return self._whole.is_word(word, language)

    def specific(self, word: str) -> float:
        return self._whole.specific(word)

    def understood(self, text: str) -> float:
        return self._whole.understood(text)


def reopened(finder: ExpertFinder, encode: Encoder) -> ExpertFinder:
    """The same home with another encoder, looked at."""
    again = ExpertFinder(finder.home, finder.store, encode=encode)
    again.refresh()
    return again


@pytest.mark.parametrize("other", [{"name": "renamed"}, {"digest": "b" * 64}, {"dimension": 64}, {"max_tokens": 128}])
def test_an_index_refuses_every_encoder_but_its_own_and_says_how_to_embed_anew(
    other: dict[str, object], tmp_path: Path
) -> None:
    finder = opened(tmp_path, index=False)
    finder.home.build_index(finder.store, encode=Halved(), as_of=TODAY)
    assert reopened(finder, Halved()).ready
    with pytest.raises(FormatNotSupported, match=r"made with the encoder 'halved'.*`expertfinder index` to embed"):
        reopened(finder, Halved(**other))


def test_an_encoder_of_ones_own_answers_like_any(tmp_path: Path) -> None:
    finder = opened(tmp_path, index=False)
    build(finder.store, finder.home.index, Making(Halved(), finder.home.secret(), TODAY))
    again = reopened(finder, Halved())
    assert again.snapshot.shared.segment.vectors.shape[1] == Halved().dimension
    assert encoder_of(finder.home.index) == "halved"


def test_indexing_with_another_encoder_embeds_everything_anew_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("EXPERTFINDER_")]:
        monkeypatch.delenv(name)
    finder = opened(tmp_path, index=False)
    finder.home.build_index(finder.store, encode=Halved(), as_of=TODAY)
    finder.close()
    home = ["--home", str(tmp_path)]
    looked = CliRunner().invoke(app, ["doctor", *home])
    assert looked.exit_code == 1
    assert "run `expertfinder index`" in looked.output
    made = CliRunner().invoke(app, ["index", "--as-of", TODAY.isoformat(), *home])
    assert made.exit_code == 0, made.output
    assert "embedded anew with static-multilingual (256 dimensions); it was halved before" in made.output
    again = CliRunner().invoke(app, ["index", "--as-of", TODAY.isoformat(), *home])
    assert "embedded anew" not in again.output
    name = current_name(tmp_path / "index")
    assert name is not None
    manifest = orjson.loads((tmp_path / "index" / name / "manifest.json").read_bytes())
    shipped = encoder(DEFAULT)
    assert (manifest["encoder"], manifest["dimension"], manifest["max_tokens"]) == (DEFAULT, 256, 256)
    assert manifest["encoder_digest"] == shipped.digest


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [
        ("onnx:model", "onnxruntime", "onnx"),
        ("sentence-transformers:anything", "sentence_transformers", "sentence-transformers"),
    ],
)
def test_where_an_extra_is_missing_the_command_that_installs_it_is_named(
    name: str, module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").mkdir()
    monkeypatch.setenv("EXPERTFINDER_MODELS", str(tmp_path))
    monkeypatch.setitem(sys.modules, module, None)  # what Python keeps for a module that cannot be imported
    encoder.cache_clear()
    with pytest.raises(FormatNotSupported, match=rf"needs {module}.*pip install 'expertfinder\[{extra}\]'"):
        encoder(name)


def test_a_folder_that_is_not_there_is_refused_with_where_it_was_looked_for() -> None:
    with pytest.raises(FormatNotSupported, match=r"no folder 'nowhere'.*EXPERTFINDER_MODELS"):
        encoder("onnx:nowhere")


# --- the real model --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def minilm(encoder_folder: Path) -> OnnxEncoder:
    """The model in the ONNX form that is at hand."""
    return OnnxEncoder(encoder_folder)


TEXTS = ["how do I fix a slow database query", "SQL performance tuning", "baking rye bread", "", "🦀", "ledger " * 400]


@pytest.mark.needs_encoder
def test_vectors_of_the_model_have_length_one_or_are_zero_and_do_not_depend_on_their_company(
    minilm: OnnxEncoder,
) -> None:
    vectors = minilm.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), minilm.dimension)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 0, 0, 1], abs=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert np.array_equal(vector, minilm.encode([text])[0])


@pytest.mark.needs_encoder
def test_the_model_knows_near_meanings_in_other_words(minilm: OnnxEncoder) -> None:
    asked, near, far = minilm.encode(TEXTS[:3])
    assert float(asked @ near) > float(asked @ far) + 0.4


@pytest.mark.needs_encoder
def test_the_model_reads_no_more_than_its_limit_and_all_of_it(minilm: OnnxEncoder) -> None:
    room = minilm.max_tokens - 2  # one token before the text and one after it
    whole, more, less = minilm.encode(
        ["ledger " * room, "ledger " * room + "kettle", "ledger " * (room - 1) + "kettle"]
    )
    assert np.array_equal(whole, more)
    assert not np.array_equal(whole, less)


@pytest.mark.needs_encoder
def test_the_words_alone_are_as_good_as_the_whole_file_of_the_tokeniser(
    minilm: OnnxEncoder, encoder_folder: Path, tmp_path: Path
) -> None:
    words = encoder_folder / "vocab.txt"
    if not words.is_file():
        pytest.skip("left out: this model has no vocab.txt")
    (tmp_path / "model.onnx").symlink_to(next(encoder_folder.glob("*.onnx")))
    (tmp_path / "vocab.txt").symlink_to(words)
    assert np.array_equal(OnnxEncoder(tmp_path).encode(TEXTS), minilm.encode(TEXTS))


@pytest.mark.needs_encoder
def test_an_index_of_the_model_answers_and_the_shipped_encoder_is_refused_there(
    minilm: OnnxEncoder, tmp_path: Path
) -> None:
    finder = opened(tmp_path, index=False)
    finder.home.build_index(finder.store, encode=minilm, as_of=TODAY)
    assert reopened(finder, minilm).snapshot.manifest.encoder == minilm.name
    with pytest.raises(FormatNotSupported, match="`expertfinder index`"):
        reopened(finder, encoder("static-minilm"))


def test_a_vector_is_the_sum_of_its_tokens_to_the_bit_whatever_is_encoded_beside_it() -> None:
    encode = encoder("static-minilm")
    assert isinstance(encode, StaticEncoder)
    words = [word for word in encode.ids if word.isalpha()][: encode.max_tokens + 4]
    texts = ["", *(" ".join(words[count % 5 : count]) for count in range(len(words)))]
    for text, vector in zip(texts, encode.encode(texts), strict=True):
        tokens = encode.tokens(text)
        if tokens:
            total = np.add.reduceat(encode.rows(tokens), [0], axis=0)
            assert np.array_equal(vector, (total / np.linalg.norm(total, axis=1))[0])
        assert np.array_equal(vector, encode.encode([text])[0])
