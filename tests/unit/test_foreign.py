"""A question without words of grammar is in another language where one of its words is of that language alone."""

from __future__ import annotations

import pytest

from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.posts.kin import is_foreign


@pytest.mark.parametrize(
    ("unknown", "here", "foreign"),
    [
        (["acces"], ["en"], True),
        (["couverture", "change"], ["en"], True),
        (["acces"], ["en", "fr"], False),
        (["acces"], [], False),
        ([], ["en"], False),
        (["welding"], ["en"], False),
        (["falconry", "kubernetes"], ["en"], False),
        (["blorptastic", "weldng"], ["en"], False),
    ],
)
def test_a_word_of_another_language_alone_tells_it_where_posts_are_in_english(
    unknown: list[str], here: list[str], foreign: bool
) -> None:
    assert is_foreign(unknown, here, encoder(DEFAULT)) == foreign


def test_without_an_encoder_nothing_is_told() -> None:
    assert not is_foreign(["acces"], ["en"], None)
