"""Which words of an organisation a word of a question may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.index.encoders.encoder import Encoder, encoder
from expertfinder.index.posts.bm25 import Reading, Statistics
from expertfinder.index.posts.lexicon import Used, build_lexicon
from expertfinder.index.posts.reading import QuestionReader

ENCODE = encoder("static-multilingual")
WORDS = {
    "bearing": (9, 4),
    "base": (30, 9),
    "compressor": (40, 9),
    "data": (60, 9),
    "dichtung": (12, 4),
    "email": (8, 3),
    "grosskuche": (5, 1),
    "grosse": (20, 9),
    "kuche": (0, 0),
    "kubernetes": (3, 1),
    "munchen": (7, 3),
    "oncall": (4, 1),
    "pump": (50, 9),
    "pumps": (2, 1),
    "retry": (6, 2),
    "retryqueue": (3, 1),
    "queue": (9, 3),
    "quirrel": (1, 1),
    "vaccination": (3, 1),
    "secretword": (0, 0),
}
"""Word -> shared posts that have it, people who wrote it."""


def reader(
    words: dict[str, tuple[int, int]] = WORDS,
    *,
    labels: Sequence[str] = (),
    languages: Sequence[str] = ("en", "de"),
    came: frozenset[str] = frozenset(),
    encode: Encoder | None = ENCODE,
) -> QuestionReader:
    terms = list(words)
    frequency = np.array([posts for posts, _ in words.values()], np.float64)
    used = Used(frequency, np.array([people for _, people in words.values()]), list(languages))
    lexicon = build_lexicon(terms, used, labels=labels, encode=ENCODE)
    return QuestionReader(lexicon, Statistics(100, frequency, 5000.0), came, encode)


def forms(reading: Reading) -> dict[str, list[str]]:
    return {one.word: [form for form, _ in one.forms] for one in reading.words}


READER = reader()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("pumps", {"pumps": ["pumps", "pump"]}),
        ("pump", {"pump": ["pump", "pumps"]}),
        ("vaccinations", {"vaccinations": ["vaccinations", "vaccination"]}),
        ("Dichtungen", {"dichtungen": ["dichtungen", "dichtung"]}),
        ("compressor", {"compressor": ["compressor"]}),
    ],
)
def test_a_word_has_the_forms_that_posts_have(asked: str, found: dict[str, list[str]]) -> None:
    assert forms(READER.read(asked)) == found


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("kuberntes", "kubernetes"),
        ("compresor", "compressor"),
        ("cmopressor", "compressor"),
        ("bearimg", "bearing"),
        ("Muenchen", "munchen"),
        ("e-mail", "email"),
        ("on-call", "oncall"),
        ("on call", "oncall"),
        ("retry queue", "retryqueue"),
        ("Kueche", "grosskuche"),
    ],
)
def test_a_word_that_nobody_wrote_so_is_the_one_that_is_meant(asked: str, word: str) -> None:
    assert word in {form for found in forms(READER.read(asked)).values() for form in found}


def test_a_compound_is_its_known_parts() -> None:
    assert {"data", "base"} <= forms(READER.read("database")).keys()
    assert {"retry", "queue"} <= forms(READER.read("QueueRetry")).keys()


def test_what_was_corrected_is_said_and_read_by_the_encoder_as_it_is_meant() -> None:
    reading = READER.read("kuberntes pumps")
    assert [one.word for one in reading.words if one.corrected] == ["kuberntes"]
    assert reading.prose == "kubernetes pumps"


MORE = {**WORDS, "someone": (50, 9), "colleague": (40, 9), "columns": (5, 3), "column": (9, 4), "early": (30, 9)}
MORE |= {"yearly": (4, 3), "tuning": (1, 1), "querytuning": (2, 2), "query": (9, 4)}
RIGHT = {
    "somenoe who knows pumps": "someone who knows pumps",
    "collegue with experience in pumps": "colleague with experience in pumps",
    "the columsn of a base": "the columns of a base",
    "yarly compressor": "yearly compressor",
    "query tning": "query tuning",
    "Hello, can somebody help me with this: " + "retry the queue " * 6 + "of pumps": "retry the queue " * 6
    + "of pumps",
    "retry the queue " * 8 + "of kuberntes": "retry the queue " * 8 + "of kubernetes",
}
"""A question with a slip, or with courtesies that make it long, and what it is read as."""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("criterion", "criteria"), ("thesis", "theses"), ("axis", "axes"), ("bacterium", "bacteria"),
        ("nucleus", "nuclei"), ("formula", "formulae"), ("jewelry", "jewellery"), ("plow", "ploughs"),
        ("curb", "kerbs"), ("estrogen", "oestrogen"), ("anemia", "anaemia"), ("pediatric", "paediatrics"),
        ("gynecology", "gynaecology"), ("maneuver", "manoeuvring"), ("サーバ", "サーバー"),
    ],
)  # fmt: skip
def test_two_spellings_and_an_old_plural_are_forms_of_one_word(one: str, other: str) -> None:
    for asked, written in ((one, other), (other, one)):
        assert written in forms(reader({written: (4, 2), "kerberos": (9, 4)}).read(asked))[asked]
    assert forms(reader({"kerberos": (9, 4)}).read("curb")) == {"curb": ["curb"]}


def test_who_writes_one_word_has_said_the_parts_that_are_asked_for() -> None:
    words = {"checklists": (4, 2), "check": (9, 5), "lists": (9, 5), "timesheet": (5, 2), "time": (9, 5), "at": (9, 9)}
    found = forms(reader(words).read("check lists"))
    assert all("checklists" in found[word] for word in ("check", "lists"))
    found = forms(reader(words).read("time sheets"))
    assert all("timesheet" in some for some in found.values())
    assert "at" not in forms(reader({**words, "dichtung": (4, 2)}, languages=("fr",)).read("y a-t-il un dichtung ?"))


@pytest.mark.parametrize("asked", RIGHT)
def test_a_question_with_a_slip_is_read_as_the_one_without(asked: str) -> None:
    read, right = (reader(MORE, languages=("en",)).read(text) for text in (asked, RIGHT[asked]))
    assert [one.forms[0] for one in read.words] == [one.forms[0] for one in right.words]
    assert read.prose == right.prose.strip()


@pytest.mark.parametrize("asked", ["falconry", "Beschwerden", "reclamaciones", "secretwrd", "quirrl", "xqzt"])
def test_a_word_of_any_language_and_one_that_too_few_share_are_no_slips(asked: str) -> None:
    assert not any(one.corrected for one in READER.read(asked).words)


def test_a_question_in_a_language_that_nobody_writes_is_not_corrected() -> None:
    assert not any(one.corrected for one in READER.read("¿Quién sabe de compresor?").words)


def test_a_word_that_only_restricted_posts_have_moves_no_shared_word() -> None:
    hidden = {word for word, (posts, _) in WORDS.items() if not posts}
    without = reader({word: used for word, used in WORDS.items() if word not in hidden})

    def shared(one: QuestionReader, asked: str) -> list[tuple[str, list[tuple[str, float]]]]:
        hides = hidden - {asked}
        words = one.read(asked).words
        return [(each.word, [form for form in each.forms if form[0] not in hides]) for each in words]

    for asked in ("pumps", "secretword", "secretwords", "secret word", "secretwird", "kuberntes", "Kueche", "Küchen"):
        assert shared(READER, asked) == shared(without, asked)


def test_a_word_that_came_since_is_known() -> None:
    assert forms(reader(came=frozenset({"kuberntes"})).read("kuberntes")) == {"kuberntes": ["kuberntes"]}


def test_a_question_in_other_words_speaks_for_the_topic_of_the_same_meaning() -> None:
    labels = ["travel-expenses", "vibration-analysis", "export-controls"]
    many = reader(labels=labels, languages=("en",))
    assert many.read("Reisekosten").topic == "travel expenses"
    assert "travel" in forms(many.read("Reisekosten"))
    assert many.read("Wer kennt sich mit Schwingungsanalyse aus?").topic == "vibration analysis"
    assert many.read("who knows pumps").topic is None
    assert many.read("falconry").topic is None
    assert reader(labels=labels, encode=None).read("Reisekosten").topic is None


@given(st.text(max_size=60))
def test_any_question_is_read(text: str) -> None:
    reading = READER.read(text)
    assert all(one.forms and all(0 < share <= 1 for _, share in one.forms) for one in reading.words)


long_word = st.sampled_from([word for word, (posts, _) in WORDS.items() if posts >= 3 and len(word) >= 7])


@given(long_word, st.data())
def test_one_slip_of_the_pen_in_a_long_word_finds_it(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(word) - 2))
    slip = data.draw(
        st.sampled_from(
            [
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + "q" + word[at + 1 :],
            ]
        )
    )
    if cast(Encoder, ENCODE).is_word(slip):
        return
    assert word in {form for found in forms(READER.read(slip)).values() for form in found}
