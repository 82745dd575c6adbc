"""People by what they are called: in any order, in part, after a slip of the pen, in other letters; and nobody else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.suggest import find_people, suggest
from expertfinder.errors import InvalidQuestion
from expertfinder.evaluation.sets import world
from expertfinder.index.people.names import Called, Names
from expertfinder.model import ORGANISATION, SHARED, Audience, Community, Confidence, Fact, Person, Post, Query

FIRST = ("Halvard", "Ottilie", "Jacinda", "Priyanka", "Sigrún", "Ngozi", "Wojciech", "Zeynep")
LAST = ("Brzezinski", "Thistlewood", "Okonkwo-Bell", "Lindqvist", "Marchetti", "Vandersloot", "Ibarra", "Featherstone")
EVERYBODY = [f"{first} {last}" for first in FIRST for last in LAST]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def somebody(number: int, name: str, **more: object) -> Person:
    """A person with a name."""
    return Person(id=f"x:n{number}-", source="x", name=name, audience=ORGANISATION, **more)  # type: ignore[arg-type]


def names(*called: str) -> Names:
    return Names((row, somebody(row, name)) for row, name in enumerate(called))


KNOWN = names(*EVERYBODY)


def first(found: list[Called]) -> str:
    return EVERYBODY[found[0].row] if found else "nobody"


@given(st.sampled_from(EVERYBODY), st.booleans(), st.sampled_from([str.lower, str.upper, str.title]))
def test_a_name_is_found_in_any_order_and_case(name: str, turned: bool, case: object) -> None:
    words = name.split()[::-1] if turned else name.split()
    assert first(KNOWN.named(case(" ".join(words)))) == name  # type: ignore[operator]


@given(st.sampled_from(EVERYBODY), st.integers(0, 10_000))
def test_a_name_is_found_after_a_slip_in_each_long_word(name: str, seed: int) -> None:
    rng = random.Random(seed)

    def slip(word: str) -> str:
        at, letter = rng.randrange(1, len(word)), rng.choice(LETTERS)
        return rng.choice(
            [word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]]
        )

    typed = " ".join(slip(word) if len(word) >= 5 else word for word in name.split())
    assert first(KNOWN.named(typed)) == name


@given(st.sampled_from(EVERYBODY), st.integers(3, 8))
def test_the_beginning_of_a_name_finds_those_who_are_called_so(name: str, letters: int) -> None:
    part = name[: min(letters, len(name.split()[0]))]
    assert first(KNOWN.named(part)).startswith(part)
    _, surname = name.split()
    assert surname[:4] in first(KNOWN.named(f"{name.split()[0]} {surname[:4]}"))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Sigrún Okonkwo-Bell", "sigrun okonkwobell"),
        ("Łukasz Żółkiewski", "lukasz zolkiewski"),
        ("Jörg Müller", "joerg mueller"),
        ("Jörg Müller", "jorg muller"),
        ("Мария Иванова", "mariya ivanova"),
        ("Aoife O'Sullivan", "osullivan"),
        ("王小明", "wang xiaoming"),
        ("Rossana van der Meer", "vandermeer rossana"),
    ],
)
def test_a_name_in_other_letters_is_found_as_it_is_typed(name: str, typed: str) -> None:
    found = names("Somebody Else", name).named(typed)
    assert [one.row for one in found][:1] == [1]


def test_who_is_called_so_stands_before_who_works_so() -> None:
    found = Names(
        [
            (0, somebody(0, "Otto Baum", title="Welder")),
            (1, somebody(1, "Mia Welder")),
            (2, somebody(2, "Ann Reed", org_unit="Welders")),
        ]
    ).named("welder")
    assert [one.row for one in found] == [1, 0, 2]


def test_no_address_and_no_number_finds_anybody() -> None:
    person = somebody(0, "Otto Baum", accounts=("email:fenwick@firm.example", "employee:4711x", "github:fernseher"))
    known = Names([(0, person)])
    assert known.named("fernseher")
    for text in ("fenwick", "fenwick@firm.example", "4711x", "firm"):
        assert not known.named(text)


@given(st.sampled_from(EVERYBODY), st.lists(st.sampled_from(EVERYBODY), max_size=12))
def test_how_well_somebody_is_named_depends_on_nobody_else(name: str, others: list[str]) -> None:
    alone = [(one.score, one.how) for one in names(name).named(name[:9]) if one.row == 0]
    together = [(one.score, one.how) for one in names(name, *others).named(name[:9]) if one.row == 0]
    assert alone == together


# --- through the finder ----------------------------------------------------------------------------------------------

SECRET = Audience("groups", groups=("x:secret",))
DAY = datetime(2026, 3, 1, tzinfo=UTC)
TEXTS = (
    "Welding stainless steel needs a purge of argon and a steady hand.",
    "The welding fixture for stainless pipes is in hall two; welding it takes an hour.",
    "Stainless welding: which filler wire we order, and why.",
)


def facts() -> Iterator[Fact]:
    people = (
        ("ottilie", "Ottilie Brandt", {"title": "Welding engineer", "org_unit": "Hall Two"}),
        ("mark", "Mark Weld", {"title": "Clerk", "org_unit": "Office"}),
        ("jana", "Jana Sikora", {"org_unit": "Office", "groups": ("x:secret",)}),
        ("hidden", "Quenby Hidden", {"hidden": True, "org_unit": "Vault"}),
        ("apart", "Quenby Apart", {"audience": SECRET, "org_unit": "Vault", "title": "Warden"}),
    )
    for name, called, more in people:
        yield Person(id=f"x:{name}", source="x", name=called, **{"audience": ORGANISATION, **more})  # type: ignore[arg-type]
    for number in range(9):
        yield Post(
            id=f"x:post{number}",
            source="x",
            authors=(f"x:{('ottilie', 'mark', 'jana')[number % 3]}",),
            title="Welding" if number % 2 else "Stainless welding",
            text=TEXTS[number % 3] + " Quenby mark mark",
            tags=("welding",),
            created_at=DAY,
            audience=ORGANISATION,
        )
    yield Community(id="x:welders", source="x", name="Circle of welders", members=("x:ottilie",), audience=ORGANISATION)
    yield Community(id="x:wardens", source="x", name="Circle of wardens", members=("x:apart",), audience=SECRET)


@contextmanager
def opened() -> Iterator[ExpertFinder]:
    with world(facts(), as_of=DAY.date(), network=False) as finder:
        yield finder


@pytest.fixture(scope="module")
def finder() -> Iterator[ExpertFinder]:
    with opened() as made:
        yield made


@pytest.mark.parametrize(
    "text", ["Ottilie Brandt", "brandt", "who is Ottilie Brandt?", "otilie brandt", "Brandt, Ottilie"]
)
def test_a_question_that_is_a_name_names_the_person_and_is_sure_of_nobody(finder: ExpertFinder, text: str) -> None:
    found = finder.find(Query(text=text), SHARED)
    assert found.named == ("x:ottilie",)
    assert found.confidence in (None, Confidence.LOW)
    assert {one.confidence for one in found.recommendations} <= {Confidence.LOW}


@pytest.mark.parametrize("text", ["welding", "stainless welding", "who knows welding", "weld", "mark", "argon purge"])
def test_a_question_about_a_subject_is_no_name(finder: ExpertFinder, text: str) -> None:
    asked = finder.find(Query(text=text), SHARED)
    assert not asked.named or (asked.named == ("x:mark",) and text == "weld")


def test_a_question_that_is_a_title_or_a_unit_names_who_has_it(finder: ExpertFinder) -> None:
    assert finder.find(Query(text="welding engineer"), SHARED).named == ("x:ottilie",)
    assert finder.find(Query(text="hall two"), SHARED).named == ("x:ottilie",)
    assert finder.find(Query(text="vault"), SHARED).named == ()
    assert finder.find(Query(text="warden"), finder.viewer("x:jana")).named == ("x:apart",)


def test_filters_and_the_asker_narrow_whom_a_question_names(finder: ExpertFinder) -> None:
    assert finder.find(Query(text="Ottilie Brandt", unit="Office"), SHARED).named == ()
    assert finder.find(Query(text="Ottilie Brandt", asker="x:ottilie"), finder.viewer("x:ottilie")).named == ()


def test_who_may_not_be_found_is_neither_named_nor_suggested_nor_offered(finder: ExpertFinder) -> None:
    for text in ("quenby", "Quenby Hidden", "Quenby Apart", "Qenby", "quen"):
        assert not finder.find(Query(text=text), SHARED).named
        assert not find_people(finder, text, SHARED)
        assert {one.kind for one in suggest(finder, text, SHARED).found} <= {"topic"}
    assert [one.id for one in find_people(finder, "quenby", finder.viewer("x:jana"))] == ["x:apart"]


def test_what_is_typed_brings_people_topics_communities_and_units(finder: ExpertFinder) -> None:
    found = suggest(finder, "weld", SHARED).found
    assert {one.kind for one in found} == {"person", "topic", "community"}
    assert found[0].id == "x:mark"
    assert [one.label for one in suggest(finder, "hall", SHARED).found if one.kind == "unit"] == ["Hall Two"]
    assert "Circle of wardens" not in {one.label for one in suggest(finder, "circle", SHARED).found}
    assert "Circle of wardens" in {one.label for one in suggest(finder, "circle", finder.viewer("x:jana")).found}
    assert not suggest(finder, "vault", SHARED).found


def test_a_word_of_three_authors_is_offered_and_a_name_is_not(finder: ExpertFinder) -> None:
    assert suggest(finder, "stainles weldign", SHARED).did_you_mean == "stainless welding"
    assert suggest(finder, "stainless welding", SHARED).did_you_mean is None
    assert suggest(finder, "Ottilie Brand", SHARED).did_you_mean is None


@pytest.mark.parametrize("text", ["", "a", " b ", "?!", "-x-"])
def test_one_letter_lists_nobody(finder: ExpertFinder, text: str) -> None:
    with pytest.raises(InvalidQuestion):
        suggest(finder, text, SHARED)
    with pytest.raises(InvalidQuestion):
        find_people(finder, text, SHARED)


def test_eight_are_suggested_at_most() -> None:
    many = (somebody(number, f"Ottokar Nummer{number}") for number in range(40))
    with world(many, as_of=DAY.date(), network=False) as finder:
        assert len(suggest(finder, "ottokar", SHARED).found) == 8
        assert len(find_people(finder, "ottokar", SHARED)) == 8
        assert len(finder.find(Query(text="ottokar"), SHARED).named) == 5


def test_somebody_who_came_since_the_build_is_found(finder: ExpertFinder, tmp_path: Path) -> None:
    with opened() as own:
        own.store.apply([Person(id="x:new", source="x", name="Perpetua Newcome", audience=ORGANISATION)])
        own.refresh()
        assert [one.id for one in find_people(own, "newcome", SHARED)] == ["x:new"]
        own.store.hide("x:new")
        own.refresh()
        assert not find_people(own, "newcome", SHARED)
