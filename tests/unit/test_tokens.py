"""Words as every engine sees them: lower case, without accents, split at whatever is no letter and no digit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.index.posts.tokens import STOP_WORDS, question_words, tokenise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, World!", ["hello", "world"]),
        ("snake_case __init__", ["snake", "case", "init"]),
        ("C++ vs. C#", ["c", "vs", "c"]),
        ("don't", ["don", "t"]),
        ("v3.14-rc1", ["v3", "14", "rc1"]),
        ("naïve Café", ["naive", "cafe"]),
        ("nai\u0308ve", ["naive"]),
        ("ＦＵＬＬ ﬁle x²", ["full", "file", "x2"]),
        ("Straße İzmir", ["straße", "izmir"]),
        ("Größe_Länge", ["große", "lange"]),
        ("東京 タワー", ["東京", "タワー"]),
        ("🦀 crab 🦀", ["crab"]),
        (" \t\n", []),
        ("", []),
    ],
)
def test_a_text_has_these_words(text: str, words: list[str]) -> None:
    assert tokenise(text) == words


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_plain_text_takes_a_shorter_way_to_the_same_words(text: str) -> None:
    # A letter with an accent sends the same text the long way round.
    assert tokenise(text + " é") == [*tokenise(text), "e"]


@given(st.text())
def test_words_are_words_of_themselves(text: str) -> None:
    words = tokenise(text)
    assert tokenise(" ".join(words)) == words


def test_a_question_is_asked_without_its_function_words() -> None:
    assert question_words("Who is the one with the Ingress?") == ["who", "one", "ingress"]


def test_a_question_of_nothing_but_function_words_keeps_them() -> None:
    assert question_words("To be, or not to be") == ["to", "be", "or", "not", "to", "be"]
    assert {"to", "be", "or", "not"} <= STOP_WORDS
