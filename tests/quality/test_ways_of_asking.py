"""One subject in other words around it, other spellings, other languages: the same first person, or nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from tests.quality.scene import LAST, opened, person, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.model import Fact, Query, Viewer

ANYBODY = Viewer(everything=True)
SAYING = (
    "{} in our plant: what we learned since Monday, written down for everybody.",
    "How we look after the {} and why, with a list of what has to be at hand.",
    "Who takes over the {} while I am away finds the steps of the week here.",
)
SUBJECTS = (
    "sintering furnace",
    "ISO 27001",
    "EN 1090",
    "CI/CD",
    "C#",
    "H.264",
    "colour calibration",
    "mice control",
    "knives",
    "Schweißroboter",
    "horno de vacío",
    "вакуумная печь",
    "真空炉",
    "진공로",
    "vakuová pec",
    "पानी",
    "पान",
    "DIN EN 60204",
    "D",
    "web site",
    "A320neo",
    "etiket yazıcısı",
    "apprenticeship",
    "NullPointerException in OrderMapper",
)
"""Of what each of the people writes, in the order of their numbers."""
AROUND = (
    "need help w/ {}",
    "pls help: {} thx",
    "Hello! I'm stuck with the {} and could use a hand.",
    "Dear all, I would be grateful for a pointer to somebody who is knowledgeable about the {}. Many thanks",
    "anyone familiar w/ {}?",
    "{} guru wanted asap",
    "Wer kennt sich mit {} aus?",
    "Wer kann {}?",
    "hat wer Ahnung von {}?",
    "qui s'y connaît en {}",
    "est-ce que quelqu'un a déjà travaillé avec {} ?",
    "Busco a alguien que entienda de {}",
    "Chi se ne intende di {}?",
    "alguém sabe mexer com {}?",
    "wie weet er iets van {}?",
    "Kto mógłby mi pomóc z {}?",
    "кто разбирается в {}?",
    "Хто знається на {}?",
    "cine se pricepe la {}?",
    "ποιος ξέρει από {};",
    "誰が{}に詳しい",
    "谁懂{}?",
    "누가 {}에 대해 알고 있나요?",
    "{} के बारे में कौन जानता है?",
    "من يعرف عن {}؟",
    "מי מבין ב {}?",
)
SPELLED = {
    "iso27001": 1,
    "ISO-27001": 1,
    "EN1090": 2,
    "ci cd": 3,
    "who knows C#?": 4,
    "csharp": 4,
    "H264": 5,
    "color calibrations": 6,
    "mouse control": 7,
    "knife": 8,
    "Schweissroboter": 9,
    "horno de vacio": 10,
    "Кто разбирается в вакуумной печи?": 11,
    "真空炉に詳しい人はいますか": 12,
    "진공로에 대해 잘 아는 사람 있나요?": 13,
    "पानी के बारे में कौन जानता है?": 15,
    "पान के बारे में कौन जानता है?": 16,
    "who knows DIN EN 60204?": 17,
    "D": 18,
    "who knows D?": 18,
    "Any D devs?": 18,
    "website": 19,
    "A320": 20,
    "etiket yazıcısından anlayan var mı?": 21,
    "Günaydın arkadaşlar, etiket yazıcısını kim biliyor?": 21,
    "apprentice": 22,
    "OrderMapper crashes again": 23,
    "java.lang.NullPointerException at com.acme.OrderMapper.map(OrderMapper.java:42)": 23,
    "who can review my C# code": 4,
    "hey, who cna help with knives?": 8,
    "Good morning, sorry to bother you: something is wrong with the sintering furnace. Any ideas who could help?": 0,
}
NOBODY = (
    "falconry",
    "who knows falconry",
    "Falconry?",
    "knitting",
    "juggling",
    "heraldry",
    "taxidermy",
    "who plays the trumpet?",
    "looking for someone who knows kayaking",
    "origami",
    "manicure",
    "my boss has a problem with astrology",
    "qwertzuiop",
    "blorptastic frobnicator",
)
TOPICS = ("fleet", "welding", "catering", "payroll", "training", "marketing")


@pytest.fixture(scope="module")
def finder() -> Iterator[ExpertFinder]:
    facts: list[Fact] = [person(f"p{number}") for number in range(len(SUBJECTS) + len(TOPICS))]
    for number, subject in enumerate(SUBJECTS):
        for part, text in enumerate(SAYING):
            at = LAST - timedelta(days=9 * part)
            facts.append(post(f"s{number}-{part}", f"p{number}", text.format(subject), at=at))
    for number in range(60):
        topic = TOPICS[number % len(TOPICS)]
        text = (
            f"The {topic} of the month is closed, and the list number {number} lies at the desk in the second drawer."
        )
        author = f"p{len(SUBJECTS) + number % len(TOPICS)}"
        facts.append(post(f"t{number}", author, text, at=LAST - timedelta(days=number), tags=(topic,)))
    with opened(facts) as made:
        yield made


def first(finder: ExpertFinder, text: str) -> list[str]:
    return [one.subject for one in finder.find(Query(text=text, limit=1), ANYBODY).recommendations]


@pytest.mark.parametrize("around", AROUND)
def test_words_around_a_subject_in_any_language_lose_nobody(finder: ExpertFinder, around: str) -> None:
    drawn = Random(around).sample(range(10), 3)
    assert {SUBJECTS[number]: first(finder, around.format(SUBJECTS[number])) for number in drawn} == {
        SUBJECTS[number]: [f"a:p{number}"] for number in drawn
    }


@pytest.mark.parametrize("asked", SPELLED)
def test_another_spelling_finds_the_same_person(finder: ExpertFinder, asked: str) -> None:
    assert first(finder, asked) == [f"a:p{SPELLED[asked]}"]


@pytest.mark.parametrize("asked", NOBODY)
def test_an_english_word_that_nobody_here_writes_is_not_read_as_a_distant_topic(
    finder: ExpertFinder, asked: str
) -> None:
    assert first(finder, asked) == []


def test_what_the_asker_alone_wrote_of_is_not_known_to_anybody_else(finder: ExpertFinder) -> None:
    asked = Query(text="sintering furnace", asker="a:p0", limit=3)
    assert not finder.find(asked, finder.viewer("a:p0")).recommendations
    assert first(finder, "sintering furnace") == ["a:p0"]
