"""The shipped encoder: which tokens a text has, and what every vector promises."""

from __future__ import annotations

import hashlib
import re
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expertfinder.configuration.resources import models_folder
from expertfinder.errors import FormatNotSupported
from expertfinder.index.encoders.encoder import SHIPPED, encoder
from expertfinder.index.encoders.static import StaticEncoder, basic_words

ENCODER = cast(StaticEncoder, encoder("static-minilm"))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hello, world!", [6593, 11, 1089, 0]),
        ("naïve café", [14744, 6669]),
        ("nai\u0308ve cafe\u0301", [14744, 6669]),
        ("C++ vs. C#", [40, 10, 10, 4444, 13, 40, 2]),
        ("snake_case_name", [6489, 36, 1554, 36, 1172]),
        ("don't", [1124, 6, 57]),
        ("東京 tower", [880, 756, 2579]),
        ("emoji 🦀 crab", [31236, 17082]),
        ("unaffable", [13478, 19962, 2469]),
        ("soft\u00adhyphen zero\u200bwidth", [2731, 9537, 7459, 1369, 4718, 8149, 10928, 1233]),
        ("3.14%", [18, 13, 1404, 4]),
        ("ﬁle", [985, 1572]),
        ("[CLS]", [32, 30102, 34]),
        ("one\x00two\x1f three\x7f", ENCODER.tokens("onetwo three")),
        ("x" * 101, []),
        ("🦀 \ufffd \t", []),
        ("", []),
    ],
)
def test_a_text_has_these_tokens(text: str, tokens: list[int]) -> None:
    assert ENCODER.tokens(text) == tokens


@given(st.text(alphabet="aZ7_.~ \t\n\x00\x0b\x1b\x1c\x7f"))
def test_plain_text_takes_a_shorter_way_to_the_same_pieces(text: str) -> None:
    assert basic_words(text + "\n東") == [*basic_words(text), "東"]


def test_more_of_a_text_than_the_limit_is_not_looked_at() -> None:
    long = "proxy " * (ENCODER.max_tokens + 50)
    assert len(ENCODER.tokens(long)) == ENCODER.max_tokens


texts = st.lists(
    st.one_of(st.text(max_size=40), st.sampled_from(["proxy timeout", "", "🦀", "ledger " * 300])), max_size=30
)


@settings(max_examples=50, deadline=None)
@given(texts)
def test_vectors_have_length_one_or_are_zero_and_do_not_depend_on_their_company(batch: list[str]) -> None:
    vectors = ENCODER.encode(batch)
    assert vectors.shape == (len(batch), ENCODER.dimension)
    assert vectors.dtype == np.float32
    for text, vector in zip(batch, vectors, strict=True):
        assert np.array_equal(vector, ENCODER.encode([text])[0])
        assert abs(float(np.linalg.norm(vector)) - (1.0 if ENCODER.tokens(text) else 0.0)) < 1e-5


def test_texts_beyond_one_block_of_tokens_keep_their_rows() -> None:
    batch = [f"{word} {'timeout ' * 200}" for word in ("ledger", "proxy", "merger")] * 20
    vectors = ENCODER.encode(batch)
    assert np.array_equal(vectors[:3], vectors[-3:])
    assert not np.array_equal(vectors[0], vectors[1])


def test_near_meanings_are_nearer_than_far_ones() -> None:
    asked, near, far = ENCODER.encode(
        ["how do I fix a slow database query", "SQL performance tuning", "baking rye bread"]
    )
    assert float(asked @ near) > float(asked @ far) + 0.2


def test_the_shipped_files_are_those_that_their_page_describes() -> None:
    page = (models_folder() / "README.md").read_text(encoding="utf-8")
    files = [models_folder() / f"{name}.npz" for name in SHIPPED]
    assert re.findall(r"`([0-9a-f]{64})`", page) == [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


def test_an_encoder_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(FormatNotSupported, match=r"'word2vec'.*'static-minilm'"):
        encoder("word2vec")
