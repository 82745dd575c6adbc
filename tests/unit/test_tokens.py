"""Words as every engine sees them: small letters, without accents, marks kept where they are part of a letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.index.posts.tokens import PAIRED, _folded, capitals, folded, spellings, tokenise, written


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, World!", ["hello", "world"]),
        ("snake_case __init__", ["snake", "case", "init"]),
        ("don't", ["don", "t"]),
        ("v3.14-rc1", ["v3", "14", "rc1"]),
        ("naïve Café", ["naive", "cafe"]),
        ("nai\u0308ve", ["naive"]),
        ("ＦＵＬＬ ﬁle x²", ["full", "file", "x2"]),
        ("🦀 crab 🦀", ["crab"]),
        (" \t\n", []),
        ("", []),
    ],
)
def test_a_text_has_these_words(text: str, words: list[str]) -> None:
    assert tokenise(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C++ vs. C#, F# and J#", ["c++", "vs", "c#", "f#", "and", "j#"]),
        ("C++17 and g++", ["c++", "17", "and", "g++"]),
        ("the .NET runtime", ["the", ".net", "runtime"]),
        ("example.net", ["example", "net"]),
        ("issue #12, a#b", ["issue", "12", "a", "b"]),
        ("a+b", ["a", "b"]),
    ],
)
def test_signs_that_tell_names_apart_belong_to_the_word(text: str, words: list[str]) -> None:
    assert tokenise(text) == words
    assert tokenise(text + " é") == [*words, "e"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GROSSKÜCHE", "Großküche"),
        ("kjoleanlegg", "Kjøleanlegg"),
        ("zlacze", "złącze"),
        ("Istanbul", "İstanbul"),
        ("ısı", "isi"),
        ("oeuvre", "Œuvre"),
        ("елка", "ёлка"),
        ("ﾊﾝﾀﾞ", "ハンダ"),
        ("مدرس", "مُدَرِّس"),
        ("θυρα", "Θύρα"),
        ("Thorsten", "Þorsten"),
    ],
)
def test_two_ways_to_type_a_word_are_one_word(one: str, other: str) -> None:
    assert tokenise(one) == tokenise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ハンダ", "パンダ"), ("かき", "がき"), ("मल", "मेल"), ("мой", "мои"), ("їжа", "іжа"), ("ป้า", "ป่า"), ("C", "C++")],
)
def test_a_mark_that_makes_another_word_is_kept(one: str, other: str) -> None:
    assert tokenise(one) != tokenise(other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("हिन्दी की किताब", ["हिन्दी", "की", "किताब"]),
        ("データベース管理", ["データベース", "管理"]),
        ("数据库备份", ["数据", "据库", "库备", "备份"]),
        ("관리 데이터를", ["관리", "데이", "이터", "터를"]),
        ("ปั๊ม", ["ปั๊ม"]),
    ],
)
def test_words_of_scripts_without_spaces_are_pairs_of_characters_with_their_marks(text: str, words: list[str]) -> None:
    assert tokenise(text) == words


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_plain_text_takes_a_shorter_way_to_the_same_words(text: str) -> None:
    # A letter with an accent sends the same text the long way round.
    assert tokenise(text + " é") == [*tokenise(text), "e"]


@given(
    st.lists(
        st.one_of(st.text(alphabet="abIKSz0 .-"), st.characters(categories=("Mn", "Mc", "Me")), st.characters())
    ).map("".join)
)
def test_a_text_that_is_folded_in_parts_is_the_same_as_when_it_is_folded_whole(text: str) -> None:
    assert folded(text) == _folded.__wrapped__(text)


@given(st.text())
def test_words_are_words_of_themselves(text: str) -> None:
    words = [word for word in tokenise(text) if PAIRED.match(word) is None]
    assert tokenise(" ".join(words)) == words
    assert all(folded(word) == word for word in words)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Co"))))
def test_how_a_word_is_written_folds_to_the_word(text: str) -> None:
    assert all(folded(form) == word for form, word in written(text))


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("the e-mail gateway", {("e", "mail"): ("email",)}),
        ("Wi-Fi-Router", {("wi", "fi"): ("wifi",), ("fi", "router"): ("firouter",)}),
        ("UTF-8", {("utf", "8"): ("utf8",)}),
        ("S/4HANA", {("s", "4hana"): ("s4hana",)}),
        ("R&D", {("r", "d"): ("r&d",)}),
        ("node.js", {("node", "js"): ("nodejs",)}),
        ("C#", {("c#",): ("csharp",)}),
        ("InvoiceRetryScheduler", {("invoiceretryscheduler",): ("invoice", "retry", "scheduler")}),
        ("HTTPServer", {}),
        ("retryQueue", {("retryqueue",): ("retry", "queue")}),
        ("2021-05-05", {}),
        ("CVE-2021-44228", {}),
        ("day-to-day", {}),
        ("a-b-c-d-e", {}),
        ("and/or", {}),
        ("see https://a.example/b.js", {}),
    ],
)
def test_a_word_may_be_written_otherwise(text: str, forms: dict[tuple[str, ...], tuple[str, ...]]) -> None:
    assert {spelling.words: spelling.forms for spelling in spellings(text)} == forms


@given(st.from_regex(r"[a-z]{2,9}", fullmatch=True), st.from_regex(r"[a-z]{2,9}", fullmatch=True))
def test_what_is_written_with_a_hyphen_is_written_as_one_word_too(first: str, second: str) -> None:
    assert [spelling.forms for spelling in spellings(f"A {first}-{second}.")] == [(first + second,)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Who runs IT?", {"IT"}),
        ("IT", {"IT"}),
        ("IT STRATEGY", {"IT"}),
        ("WHO RUNS IT HERE", set()),
        ("I said it", set()),
        ("HARDWARE is here", set()),
        ("Don'T", set()),
    ],
)
def test_a_short_word_in_capitals_is_a_name_where_not_all_is_in_capitals(text: str, names: set[str]) -> None:
    assert capitals(text) == names
