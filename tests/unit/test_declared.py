"""What people say of themselves finds them, and is no evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from expertfinder.ask.finder import ExpertFinder
from expertfinder.evaluation.sets import world
from expertfinder.model import ORGANISATION, SHARED, Audience, Confidence, Fact, Person, Post, Query, Ranking

DAY = datetime(2026, 3, 1, tzinfo=UTC)
WRITTEN = ("kiln firing", "glaze chemistry", "clay sourcing", "wheel repair")
SAID = ("weld inspection", "customs tariffs", "pension law", "drone surveys", "choir conducting", "boat building")

INSURED = ("kiln insurance", "glaze certification", "clay exports", "wheel safety of apprentices")
"""Of each there are posts about the first word, and none about the rest."""


def person(name: str, **more: object) -> Person:
    return Person(id=f"x:{name}", source="x", name=name.title(), audience=ORGANISATION, **more)  # type: ignore[arg-type]


def posts() -> Iterator[Post]:
    """Five people who write about pottery."""
    rng = Random(5)
    for number in range(40):
        about = WRITTEN[number % 4]
        yield Post(
            id=f"x:post{number}",
            source="x",
            authors=(f"x:potter{number % 5}",),
            title=about,
            text=f"About {about}: {' '.join(rng.sample(' '.join(WRITTEN).split(), 5))}.",
            created_at=DAY - timedelta(days=number * 5),
            audience=ORGANISATION,
        )


def facts(*people: Person) -> list[Fact]:
    return [*(person(f"potter{number}") for number in range(5)), *people, *posts()]


def asked(finder: ExpertFinder, text: str, **more: object) -> Ranking:
    return finder.find(Query(text=text, **more), SHARED)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def finder() -> Iterator[ExpertFinder]:
    speakers = [person(f"speaker{number}", skills=(skill,)) for number, skill in enumerate(SAID)]
    titled = person("titled", title="Radiation protection officer", bio="Knows falconry.")
    insurers = [person(f"insurer{number}", skills=(insured,)) for number, insured in enumerate(INSURED)]
    spelled = person("spelled", title="Biosafety officer", skills=("ISO 27701", "Gefahrguttransport", "Räumungsübung"))
    firing = person("firing", skills=("Kiln firing", "glaze-chemistry"))
    away = person("away", skills=("harp tuning",), hidden=True)
    apart = replace(person("apart", skills=("harp tuning",), groups=("x:g",)), audience=Audience("groups", ("x:g",)))
    with world(
        facts(*speakers, titled, *insurers, spelled, firing, away, apart), as_of=DAY.date(), network=False
    ) as made:
        yield made


def others(found: Ranking) -> Sequence[str]:
    return [one.subject for one in found.recommendations]


@pytest.mark.parametrize(("number", "skill"), list(enumerate(SAID)))
@pytest.mark.parametrize("form", ["{}", "who knows {}?", "Can somebody help me with {}"])
def test_who_only_says_so_is_named_with_low_confidence_and_that_is_said(
    finder: ExpertFinder, number: int, skill: str, form: str
) -> None:
    found = asked(finder, form.format(skill))
    assert others(found)[0] == f"x:speaker{number}"
    first = found.recommendations[0]
    assert first.confidence is Confidence.LOW
    assert found.confidence is Confidence.LOW
    (reason,) = [reason for reason in first.reasons if reason.part == "declared"]
    assert reason.text == f"Says so of themselves: “{skill}”; no evidence yet."
    assert first.score == pytest.approx(sum(reason.value for reason in first.reasons))


def test_a_title_is_declared_and_a_biography_is_not(finder: ExpertFinder) -> None:
    assert others(asked(finder, "radiation protection"))[0] == "x:titled"
    assert not asked(finder, "falconry").recommendations


def test_a_word_of_what_somebody_declares_is_too_little(finder: ExpertFinder) -> None:
    assert "x:speaker0" not in others(asked(finder, "inspection of bridges, tunnels and harbour walls"))


def test_who_wrote_about_it_stands_before_who_says_so(finder: ExpertFinder) -> None:
    found = others(asked(finder, "kiln firing"))
    assert "x:firing" in found
    assert found[0].startswith("x:potter")


@pytest.mark.parametrize(("number", "skill"), list(enumerate(INSURED)))
def test_who_says_more_of_it_than_any_post_stands_before_who_wrote_about_a_part(
    finder: ExpertFinder, number: int, skill: str
) -> None:
    found = asked(finder, f"who knows {skill}?")
    first = found.recommendations[0]
    assert first.subject == f"x:insurer{number}"
    assert found.confidence is first.confidence is Confidence.LOW
    assert first.score == pytest.approx(sum(reason.value for reason in first.reasons))
    about = asked(finder, skill.split()[0])
    assert about.recommendations[0].subject.startswith("x:potter")


def test_whoever_lists_everything_does_not_stand_before_those_who_wrote() -> None:
    rest = [f"skill{number} trade{number}" for number in range(1_500)]
    stuffer = person("stuffer", skills=(*INSURED, *SAID, *WRITTEN, *rest))
    with world(facts(stuffer), as_of=DAY.date(), network=False) as made:
        for skill in INSURED:
            found = asked(made, f"who knows {skill}?")
            assert found.recommendations[0].subject.startswith("x:potter"), skill
        alone = asked(made, "who knows choir conducting?")
    assert others(alone) == ["x:stuffer"], "nobody else says so"


def test_who_is_first_by_their_own_word_is_not_said_to_rest_on_a_post() -> None:
    one = replace(next(posts()), id="x:own", authors=("x:insurer",), title="kiln", text="About a kiln.")
    with world([*facts(person("insurer", skills=("kiln insurance",))), one], as_of=DAY.date(), network=False) as made:
        first = asked(made, "kiln insurance").recommendations[0]
    assert (first.subject, first.caveat) == ("x:insurer", "")


@pytest.mark.parametrize(
    "text",
    [
        *("bio-safety", "ISO27701", "iso 27701", "Gefahrgut", "Räumungsübungen", "raumungsubung"),
        *("Wer spricht Gefahrguttransport?", "biosafety officers"),
    ],
)
def test_what_people_say_is_found_in_other_forms(finder: ExpertFinder, text: str) -> None:
    assert others(asked(finder, text))[:1] == ["x:spelled"]


def test_words_that_begin_alike_are_not_one(finder: ExpertFinder) -> None:
    for text in ("biologist", "tariffless", "surveyance", "isolation", "drones of pensioners"):
        assert "x:spelled" not in others(asked(finder, text))


def test_where_some_posts_count_only_nobody_is_named_for_what_they_declare(finder: ExpertFinder) -> None:
    for more in ({"kinds": ("document",)}, {"since": DAY - timedelta(days=90)}, {"tags": ("weld",)}):
        assert "x:speaker0" not in others(asked(finder, "weld inspection", **more))


def test_who_may_not_be_found_declares_nothing(finder: ExpertFinder) -> None:
    assert asked(finder, "harp tuning").abstained
    assert others(finder.find(Query(text="harp tuning"), finder.viewer("x:apart"))) == ["x:apart"]


@pytest.mark.parametrize("text", WRITTEN)
def test_what_people_say_of_themselves_makes_no_answer_surer(text: str) -> None:
    """However many say so: the word of the answer, and of all who have evidence, is what it is without them."""
    found = []
    for skills in ((), (text,)):
        loud = [person(f"loud{number}", skills=skills) for number in range(6)]
        with world(facts(*loud), as_of=DAY.date(), network=False) as finder:
            found.append(asked(finder, text))
    quiet, said = found
    assert said.confidence == quiet.confidence
    words = {one.subject: one.confidence for one in quiet.recommendations}
    for one in said.recommendations:
        assert one.confidence is (Confidence.LOW if "loud" in one.subject else words[one.subject])
    scores = {one.subject: one.score for one in quiet.recommendations}
    assert all(one.score == scores[one.subject] for one in said.recommendations if one.subject in scores)


@pytest.mark.parametrize("skill", SAID)
def test_who_says_so_stands_before_people_who_are_merely_active(skill: str) -> None:
    """Beside one passing mention: a dozen others who write about anything else leave room for who says so."""
    busy = [person(f"busy{number}") for number in range(12)]
    chatter = [
        Post(
            id=f"x:chat{number}",
            source="x",
            authors=(f"x:busy{number % 12}",),
            title="Lunch and parking",
            text=f"The canteen and the car park on floor {number}.",
            created_at=DAY - timedelta(days=number),
            audience=ORGANISATION,
        )
        for number in range(60)
    ]
    form = Post(
        id="x:form",
        source="x",
        authors=("x:busy0",),
        title=f"The {skill} form",
        text=f"The {skill} form moved to the second drawer.",
        created_at=DAY,
        audience=ORGANISATION,
    )
    everybody = [*facts(*busy, person("speaker", skills=(skill,))), *chatter, form]
    with world(everybody, as_of=DAY.date(), network=False) as finder:
        assert "x:speaker" in others(asked(finder, skill))
