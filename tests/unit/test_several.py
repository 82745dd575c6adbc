"""Questions with several topics: where they may be split, who covers what, and which ordinary phrases stay whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from tests.sizes import size

from expertfinder.ask.finder import ExpertFinder
from expertfinder.evaluation.sets import world
from expertfinder.index.posts.conjunctions import sides
from expertfinder.model import ORGANISATION, SHARED, Audience, Confidence, Fact, Interaction, Person, Post, Query

DAY = datetime(2026, 3, 1, tzinfo=UTC)
SECRET = Audience("groups", groups=("o:secret",))
WORDS = {
    "welding": "welding seams torch stainless argon purge filler wire steel crack",
    "payroll": "payroll wages payslip overtime deduction pension bonus salary run correction",
    "hydraulics": "hydraulics valve pressure hose cylinder pump oil leak accumulator seal",
}
KNOWS = {
    "both": ("welding", "payroll"),
    "weld1": ("welding",),
    "weld2": ("welding",),
    "pay1": ("payroll",),
    "pay2": ("payroll",),
    "hyd": ("hydraulics",),
}
NAMES = {"both": "Ada Quill", "weld1": "Bo Reed", "weld2": "Cleo Marsh", "pay1": "Dan Frost", "pay2": "Eve Stone"}


def facts(seed: int = 0) -> Iterator[Fact]:
    draw = Random(f"several {seed}")
    for name, subjects in KNOWS.items():
        yield Person(id=f"o:{name}", source="o", name=NAMES.get(name, "Fay Hill"), audience=ORGANISATION)
        for subject in subjects:
            for number in range(4):
                words = draw.sample(WORDS[subject].split()[1:], 5)
                yield Post(
                    id=f"o:{name}-{subject}-{number}",
                    source="o",
                    authors=(f"o:{name}",),
                    title=f"{subject.title()} and the {words[0]}" if number < 2 else "",
                    text=f"How we do the {subject} here: {' '.join(words)}.",
                    created_at=DAY - timedelta(days=draw.randrange(300)),
                    audience=ORGANISATION,
                )
                yield Interaction(
                    id=f"o:thanks-{name}-{subject}-{number}",
                    source="o",
                    actor="o:hyd" if name != "hyd" else "o:pay1",
                    verb="thank",
                    object=f"o:{name}-{subject}-{number}",
                    created_at=DAY,
                    audience=ORGANISATION,
                )
    for number in range(4):
        for phrase in ("Health and safety on site", "Drag and drop of the drawings"):
            yield Post(
                id=f"o:{phrase[:4]}-{number}",
                source="o",
                authors=("o:weld2",),
                title=phrase,
                text=f"{phrase}: rule {number} for visitors and files.",
                created_at=DAY,
                audience=ORGANISATION,
            )


@pytest.fixture(scope="module")
def finder() -> Iterator[ExpertFinder]:
    with world(list(facts())) as made:
        yield made


@pytest.mark.parametrize(
    ("question", "topics"),
    [
        ("kubernetes and tax", ("kubernetes", "tax")),
        ("welding, hydraulics", ("welding", "hydraulics")),
        ("Hi, who can help me with pumps or valves, please?", ("pumps", "valves")),
        ("people who know both tax law and S/4HANA", ("tax law", "S/4HANA")),
        ("C++ and C#", ("C++", "C#")),
        ("kubernetes OR tax", ("kubernetes", "tax")),
        ("Wer kennt sich mit Pumpen und Ventilen aus?", ("Pumpen", "Ventilen")),
        ("Qui connaît la soudure et l'hydraulique ?", ("soudure", "hydraulique")),
        ("soldadura y hidráulica", ("soldadura", "hidráulica")),
        ("saldatura e idraulica", ("saldatura", "idraulica")),
        ("soldagem e hidráulica", ("soldagem", "hidráulica")),
        ("Wie weet iets van lassen en hydrauliek?", ("lassen", "hydrauliek")),
        ("Kto zna się na spawaniu lub hydraulice?", ("spawaniu", "hydraulice")),
        ("сварка и гидравлика", ("сварка", "гидравлика")),
        ("зварювання та гідравліка", ("зварювання", "гідравліка")),
        ("svařování a hydraulika", ("svařování", "hydraulika")),
        ("kaynak ve hidrolik", ("kaynak", "hidrolik")),
        ("من يعرف اللحام والهيدروليك؟", ("اللحام", "الهيدروليك")),
        ("svejsning og hydraulik", ("svejsning", "hydraulik")),
        ("svetsning och hydraulik", ("svetsning", "hydraulik")),
        ("hitsaus ja hydrauliikka", ("hitsaus", "hydrauliikka")),
        ("hegesztés és hidraulika", ("hegesztés", "hidraulika")),
        ("溶接と油圧に詳しい人はいますか", ("溶接", "油圧")),
        ("谁懂焊接和液压？", ("焊接", "液压")),
        ("용접과 유압 잘 아는 사람이 있나요?", ("용접", "유압")),
        ("การเชื่อมและไฮดรอลิก", ("การเชื่อม", "ไฮดรอลิก")),
    ],
)
def test_what_joins_two_subjects_is_known_in_every_language(question: str, topics: tuple[str, ...]) -> None:
    found = sides(question)
    assert found is not None
    assert found.topics == topics


@pytest.mark.parametrize(
    "question",
    [
        "welding",
        "buy a forklift",
        "R&D",
        "1,000 pumps",
        "what can i do about pumps",
        "impresora en almacén",
        "“research and development”",
        "Who knows welding, please?",
        "welding and welding",
        "control charts, especially false alarms",
        "Regelkarten, insbesondere Fehlalarme",
        "json: Encode and decode data",
        "In the acquisition review, who has looked into the pension promises and the purchase price?",
        "return to work after an injury and back strain",
        "In the acquisition review, who has looked into the pension promises of the target and knows what they take "
        "off the purchase price, and by how much?",
    ],
)
def test_a_question_of_one_subject_has_one_side(question: str) -> None:
    assert sides(question) is None


@pytest.mark.parametrize(
    "joint", ["{} and {}", "{}, {}", "who knows about {} and also {}?", "{} / {}", "{} as well as {}"]
)
def test_who_covers_all_topics_is_first_and_each_says_which(finder: ExpertFinder, joint: str) -> None:
    for one, other in (("welding", "payroll"), ("payroll", "welding")):
        found = finder.find(Query(text=joint.format(one, other)), SHARED)
        assert found.topics == (one, other)
        first, *others = found.recommendations
        assert first.subject == "o:both"
        assert [(of.topic, of.confidence is not None) for of in first.topics] == [(one, True), (other, True)]
        assert first.reasons[0].text == f"Covers all topics: {one}, {other}."
        for each in others:
            missing = [of.topic for of in each.topics if of.confidence is None]
            assert missing == [
                {"o:weld": other if one == "welding" else one, "o:pay": one if one == "welding" else other}[
                    each.subject[:-1]
                ]
            ]
            assert each.confidence is Confidence.LOW


@pytest.mark.parametrize("some", [False, True])
def test_a_score_of_several_topics_is_the_sum_of_its_reasons_and_falls(finder: ExpertFinder, some: bool) -> None:
    found = finder.find(Query(text="welding, payroll and hydraulics", any=some), SHARED).recommendations
    scores = [round(one.score, 9) for one in found]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] <= scores[0] <= 1
    for one in found:
        assert one.score == pytest.approx(sum(reason.value for reason in one.reasons), abs=1e-12)
        why = finder.explain(Query(text="welding, payroll and hydraulics", any=some), one.subject, SHARED)
        assert (round(why.score, 9), why.topics) == (round(one.score, 9), one.topics)


def test_where_one_topic_is_enough_nobody_is_unsure_for_knowing_one(finder: ExpertFinder) -> None:
    by_word = finder.find(Query(text="welding or hydraulics"), SHARED)
    by_option = finder.find(Query(text="welding and hydraulics", any=True), SHARED)
    all_of_it = finder.find(Query(text="welding and hydraulics"), SHARED)
    assert [one.subject for one in by_word.recommendations] == [one.subject for one in by_option.recommendations]
    alone = finder.find(Query(text="hydraulics"), SHARED).recommendations[0]
    assert next(one for one in by_word.recommendations if one.subject == "o:hyd").confidence is alone.confidence
    assert {one.confidence for one in all_of_it.recommendations} == {Confidence.LOW}
    assert "Nobody who can be named covers all of it; these people cover a part." in all_of_it.notes


@pytest.mark.parametrize("phrase", ["health and safety", "drag and drop", "who knows about drag and drop?"])
def test_an_ordinary_phrase_stays_whole(finder: ExpertFinder, phrase: str) -> None:
    found = finder.find(Query(text=phrase), SHARED)
    assert not found.topics
    assert found.recommendations[0].subject == "o:weld2"


def test_a_phrase_is_one_of_several_topics(finder: ExpertFinder) -> None:
    assert finder.find(Query(text="payroll, drag and drop"), SHARED).topics == ("payroll", "drag and drop")


@pytest.mark.parametrize("question", ["welding and falconry", "payroll or quantum chromodynamics", "welding and wire"])
def test_a_side_without_knowledge_of_its_own_is_no_topic(finder: ExpertFinder, question: str) -> None:
    assert not finder.find(Query(text=question), SHARED).topics


def test_topics_that_are_given_are_topics_whatever_is_known(finder: ExpertFinder) -> None:
    found = finder.find(Query(topics=("payroll", "falconry")), SHARED)
    assert found.topics == ("payroll", "falconry")
    assert "Nobody can be named for “falconry”." in found.notes
    assert {one.topics[1].confidence for one in found.recommendations} == {None}
    assert finder.find(Query(topics=("falconry", "sorcery")), SHARED).abstained


def test_a_filter_filters_every_topic(finder: ExpertFinder) -> None:
    found = finder.find(Query(text="welding and payroll", kinds=("answer",)), SHARED)
    assert not found.recommendations


@pytest.mark.parametrize("seed", range(max(2, size("Q9") // 4)))
def test_what_may_not_be_read_moves_no_byte_of_an_answer_to_several_topics(seed: int) -> None:
    seen = list(facts(seed))
    hidden = [
        Post(
            id=f"o:hidden{number}",
            source="o",
            authors=("o:pay1",),
            title="Welding and payroll",
            text="welding and payroll, payroll and welding",
            created_at=DAY,
            audience=SECRET,
        )
        for number in range(4)
    ]
    answers = []
    for more in ([], hidden):
        with world([*seen, *more], as_of=DAY.date()) as made:
            asked = [made.find(Query(text=text), SHARED) for text in ("welding and payroll", "welding or hydraulics")]
            answers.append([(one.topics, one.notes, one.recommendations) for one in asked])
    assert answers[0] == answers[1]
