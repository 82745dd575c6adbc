"""Who may read what: tightening never adds a reader, and what is not understood is for nobody (promise L7)."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sizes import size

from expertfinder.model import NOBODY, ORGANISATION, SHARED, Audience, Person, Viewer
from expertfinder.policy import audience_of, is_open, is_shared, may_find, may_read, narrower

LATTICE = settings(max_examples=size("L7"), deadline=None)

PEOPLE = ("s:ann", "s:bob", "s:cem")
GROUPS = ("s:board", "s:lab", "s:press")


def subsets(of: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sampled_from([chosen for size in range(len(of) + 1) for chosen in combinations(of, size)])


some_people = subsets(PEOPLE)
some_groups = subsets(GROUPS)
some_of_both = subsets(PEOPLE + GROUPS)
# The scopes that let somebody in come more often, and half of the audiences deny nobody: a fault shows only there.
scopes = st.sampled_from(["organisation", *["groups", "private"] * 3, "nobody", "everyone", "Organisation"])
audiences = st.builds(
    Audience,
    scope=scopes,
    groups=some_groups,
    people=some_people,
    deny=st.just(()) | some_of_both,
)
viewers = st.builds(Viewer, person=st.none() | st.sampled_from(PEOPLE), groups=some_groups.map(frozenset))


@st.composite
def tightenings(draw: st.DrawFn) -> tuple[Audience, Audience]:
    """An audience, and one that was made of it by taking something away or denying somebody more."""
    loose = draw(audiences)
    kept_groups = tuple(sorted({*loose.groups} & {*draw(some_groups)}))
    kept_people = tuple(sorted({*loose.people} & {*draw(some_people)}))
    more_denied = tuple(sorted({*loose.deny, *draw(some_of_both)}))
    tight = replace(loose, groups=kept_groups, people=kept_people, deny=more_denied)
    if loose.scope == "organisation":
        # Below the whole organisation anything is tighter, whoever it names.
        tight = replace(tight, scope=draw(scopes), groups=draw(some_groups), people=draw(some_people))
    elif draw(st.booleans()):
        tight = replace(tight, scope="nobody")
    return loose, tight


@LATTICE
@given(tightenings(), viewers)
def test_tightening_an_audience_never_adds_a_reader(pair: tuple[Audience, Audience], viewer: Viewer) -> None:
    loose, tight = pair
    assert may_read(loose, viewer) or not may_read(tight, viewer)


@LATTICE
@given(audiences, audiences, viewers)
def test_the_narrower_of_two_audiences_is_never_wider_than_either(one: Audience, two: Audience, viewer: Viewer) -> None:
    if may_read(narrower(one, two), viewer):
        assert may_read(one, viewer)
        assert may_read(two, viewer)


@pytest.mark.parametrize(
    ("one", "two", "both"),
    [
        (ORGANISATION, Audience("groups", groups=("s:lab",)), Audience("groups", groups=("s:lab",))),
        (
            Audience("private", people=("s:ann", "s:bob")),
            Audience("private", people=("s:bob", "s:cem")),
            Audience("private", people=("s:bob",)),
        ),
        (
            Audience("groups", groups=("s:lab", "s:board"), deny=("s:ann",)),
            Audience("groups", groups=("s:lab", "s:press"), deny=("s:bob",)),
            Audience("groups", groups=("s:lab",), deny=("s:ann", "s:bob")),
        ),
        (Audience("groups", groups=("s:lab",)), Audience("groups", groups=("s:press",)), NOBODY),
        (Audience("groups", groups=("s:lab",)), Audience("private", people=("s:ann",)), NOBODY),
        (ORGANISATION, NOBODY, NOBODY),
    ],
)
def test_what_two_audiences_have_in_common(one: Audience, two: Audience, both: Audience) -> None:
    assert narrower(one, two) == narrower(two, one) == both


@LATTICE
@given(audiences, audiences, viewers)
def test_which_of_two_audiences_comes_first_makes_no_difference(one: Audience, two: Audience, viewer: Viewer) -> None:
    assert may_read(narrower(one, two), viewer) == may_read(narrower(two, one), viewer)


@LATTICE
@given(audiences, viewers)
def test_an_audience_narrowed_by_itself_or_by_the_organisation_keeps_its_readers(one: Audience, viewer: Viewer) -> None:
    assert may_read(narrower(one, one), viewer) == may_read(one, viewer)
    assert may_read(narrower(one, ORGANISATION), viewer) == may_read(one, viewer)


@LATTICE
@given(audiences, viewers)
def test_deny_beats_allow(audience: Audience, viewer: Viewer) -> None:
    denied = {viewer.person, *viewer.groups} & set(audience.deny)
    if denied:
        assert not may_read(audience, viewer)


@LATTICE
@given(audiences, viewers)
def test_an_unknown_scope_is_for_nobody(audience: Audience, viewer: Viewer) -> None:
    if audience.scope not in ("organisation", "groups", "private"):
        assert not may_read(audience, viewer)


@LATTICE
@given(audiences, viewers)
def test_what_is_shared_everybody_may_read(audience: Audience, viewer: Viewer) -> None:
    if is_shared(audience):
        assert may_read(audience, viewer)
        assert may_read(audience, SHARED)


@LATTICE
@given(audiences)
def test_what_the_shared_tier_may_read_without_anybody_denied_is_shared(audience: Audience) -> None:
    assert is_shared(audience) == (may_read(audience, SHARED) and not audience.deny)


@LATTICE
@given(audiences)
def test_seeing_everything_is_an_exception_to_every_rule(audience: Audience) -> None:
    assert may_read(audience, Viewer(everything=True))


@LATTICE
@given(audiences, viewers, st.booleans())
def test_a_hidden_person_is_found_by_nobody(audience: Audience, viewer: Viewer, everything: bool) -> None:
    person = Person(id="s:ann", source="s", audience=audience, hidden=True)
    assert not may_find(person, replace(viewer, everything=everything))


@LATTICE
@given(audiences, viewers)
def test_a_person_is_found_by_who_may_read_the_record_and_by_themselves(audience: Audience, viewer: Viewer) -> None:
    person = Person(id="s:ann", source="s", audience=audience)
    assert may_find(person, viewer) == (viewer.person == "s:ann" or may_read(audience, viewer))


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["scope", "groups", "people", "deny", "x"]), inner),
    max_leaves=8,
)


@LATTICE
@given(json, viewers)
def test_an_audience_that_is_not_understood_is_for_nobody(value: object, viewer: Viewer) -> None:
    understood = audience_of(value, source="s", authors=("s:ann",), default=NOBODY)
    named = isinstance(value, dict) and value.keys() & {"scope", "groups", "people"}
    if value not in ("organisation", "private") and not named:
        assert not may_read(understood, viewer)


@pytest.mark.parametrize(
    "value",
    [
        {"scope": "organisation", "groups": ["board"]},
        {"scope": "groups", "groups": ["board"], "people": ["ann"]},
        {"scope": "private", "groups": ["board"]},
        {"groups": ["board"], "people": ["ann"]},
        {"scope": "everyone"},
        {"groups": "board"},
        {"groups": [1]},
        {"groups": ["board"], "until": "2030"},
        {"deny": ["board"]},
        {},
        [],
        "groups",
        "Organisation",
        True,
    ],
)
def test_an_audience_that_says_two_things_or_nothing_is_for_nobody(value: object) -> None:
    assert audience_of(value, source="s", authors=("s:ann",), default=ORGANISATION) == NOBODY


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("organisation", ORGANISATION),
        ("private", Audience("private", people=("s:ann",))),
        ({"scope": "organisation", "deny": ["lab"]}, Audience("organisation", deny=("s:lab",))),
        ({"groups": ["lab"], "deny": ["bob"]}, Audience("groups", groups=("s:lab",), deny=("s:bob",))),
        ({"scope": "groups", "groups": ["lab"]}, Audience("groups", groups=("s:lab",))),
        ({"people": ["bob", "ann"]}, Audience("private", people=("s:ann", "s:bob"))),
        ({"scope": "private", "deny": ["bob"]}, Audience("private", people=("s:ann",), deny=("s:bob",))),
    ],
)
def test_an_audience_that_is_understood(value: object, meant: Audience) -> None:
    assert audience_of(value, source="s", authors=("s:ann",), default=NOBODY) == meant


def test_a_record_without_an_audience_takes_the_default_of_its_source() -> None:
    for default in (ORGANISATION, NOBODY, Audience("groups", groups=("s:lab",))):
        assert audience_of(None, source="s", authors=("s:ann",), default=default) == default


def test_a_private_default_means_the_authors_and_keeps_who_is_denied() -> None:
    default = Audience("private", people=("s:cem",), deny=("s:ann",))
    meant = audience_of(None, source="s", authors=("s:ann", "s:bob"), default=default)
    assert meant == Audience("private", people=("s:ann", "s:bob", "s:cem"), deny=("s:ann",))
    assert not may_read(meant, Viewer("s:ann"))
    assert may_read(meant, Viewer("s:bob"))


def test_who_counts_in_what_is_precomputed_is_whom_everybody_may_find() -> None:
    for audience in (
        ORGANISATION,
        Audience("organisation", deny=("o:x",)),
        Audience("groups", groups=("o:g",)),
        NOBODY,
    ):
        for hidden in (False, True):
            one = Person(id="o:ada", source="o", audience=audience, hidden=hidden)
            assert is_open(one) is (audience is ORGANISATION and not hidden)


def test_who_counts_is_decided_in_policy_alone() -> None:
    source = Path(__file__).parents[2] / "src" / "expertfinder"
    again = re.compile(r"is_shared\(\w+\.audience\) and not \w+\.hidden")
    assert [path.name for path in source.rglob("*.py") if again.search(path.read_text("utf-8"))] == ["policy.py"]
