"""What left the shared tier is out of profiles and standing at once, to the last bit of a newcomer's; what was only
read again gives what it gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.office import FACTS, INGRESS, LEGAL, act, opened, person, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.index.people.activity import Standing
from expertfinder.index.people.profiles import Profiles
from expertfinder.index.people.withdrawn import places
from expertfinder.model import SHARED, Fact, Query

ONE = post("z1", "zoe", "The quokka deployment is documented.", title="Quokka guide", tags=("quokka",))
TWO = post("z2", "zoe", "Invoices of the okapi are booked.", title="Okapi ledger", tags=("okapi",), age=40)
MORE: tuple[Fact, ...] = (*FACTS, person("zoe"), ONE, TWO, person("yan"), post("y1", "yan", "A wombat alone."))


@pytest.fixture
def finder(tmp_path: Path) -> ExpertFinder:
    return opened(tmp_path / "home", MORE)


def put(finder: ExpertFinder, *facts: Fact) -> None:
    finder.store.apply(facts)
    assert finder.refresh()


def counts(finder: ExpertFinder, who: str) -> dict[str, float]:
    """What a person's profile has of each word."""
    profiles, row = finder.snapshot.profiles, finder.snapshot.person_rows[who]
    word = np.repeat(np.arange(len(profiles.indptr) - 1), np.diff(profiles.indptr))
    mine = np.flatnonzero((profiles.people == row) & (profiles.counts > 0))
    return {finder.snapshot.terms[word[at]]: float(profiles.counts[at]) for at in mine.tolist()}


def tags(finder: ExpertFinder, who: str) -> dict[str, float]:
    """What a person did under each tag."""
    standing, row = finder.snapshot.standing, finder.snapshot.person_rows[who]
    tag = np.repeat(np.arange(len(standing.tag_indptr) - 1), np.diff(standing.tag_indptr))
    mine = np.flatnonzero((standing.tag_people == row) & (standing.tag_strength > 0))
    return {finder.snapshot.tags[tag[at]]: float(standing.tag_strength[at]) for at in mine.tolist()}


def sums(finder: ExpertFinder) -> Sequence[np.ndarray]:
    """Every array of profiles and standing."""
    kinds = ((finder.snapshot.profiles, Profiles), (finder.snapshot.standing, Standing))
    values = [getattr(one, field.name) for one, kind in kinds for field in fields(kind)]
    return [np.array(value) for value in values if isinstance(value, np.ndarray)]


@pytest.mark.parametrize("way", ["deleted", "tightened"])
def test_who_had_that_post_alone_has_nothing_left(finder: ExpertFinder, way: str) -> None:
    assert finder.explain(Query(text="wombat"), "o:yan", SHARED).score > 0
    if way == "deleted":
        finder.store.delete("post", ["o:y1"])
        finder.refresh()
    else:
        put(finder, post("y1", "yan", "A wombat alone.", audience=LEGAL))
    row = finder.snapshot.person_rows["o:yan"]
    assert counts(finder, "o:yan") == {}
    assert finder.snapshot.profiles.lengths[row] == 0
    assert finder.snapshot.standing.activity[row] == 0
    assert not finder.snapshot.standing.centre[row].any()
    assert finder.explain(Query(text="wombat"), "o:yan", SHARED).score == 0


@pytest.mark.parametrize("way", ["deleted", "tightened"])
def test_what_is_left_is_what_a_build_without_the_post_has(finder: ExpertFinder, tmp_path: Path, way: str) -> None:
    never = opened(tmp_path / "never", [fact for fact in MORE if fact is not ONE])
    if way == "deleted":
        finder.store.delete("post", ["o:z1"])
        finder.refresh()
    else:
        put(finder, replace(ONE, audience=LEGAL))
    # What a word counts rests on the mean length of posts, which waits for the build.
    at = finder.snapshot.profiles.post_length / never.snapshot.profiles.post_length
    assert at == pytest.approx(1.0, abs=0.05)
    assert counts(finder, "o:zoe") == pytest.approx(counts(never, "o:zoe"), rel=0.05)
    assert tags(finder, "o:zoe") == pytest.approx(tags(never, "o:zoe"))
    ours, theirs = (one.snapshot.person_rows["o:zoe"] for one in (finder, never))
    for name in ("activity", "centre", "centre_length"):
        mine, other = getattr(finder.snapshot.standing, name)[ours], getattr(never.snapshot.standing, name)[theirs]
        assert mine == pytest.approx(other, abs=1e-6), name


def test_everybody_else_keeps_everything(finder: ExpertFinder) -> None:
    before = {one.id: counts(finder, one.id) for one in finder.snapshot.people}
    finder.store.delete("post", ["o:z1"])
    finder.refresh()
    for who, had in before.items():
        assert (counts(finder, who) == had) == (who != "o:zoe")


def test_a_tag_that_nothing_is_left_under_names_nobody(finder: ExpertFinder) -> None:
    asked = Query(text="documented", question_tags=("quokka",))
    assert finder.explain(asked, "o:zoe", SHARED).reasons
    finder.store.delete("post", ["o:z1"])
    finder.refresh()
    assert not [reason for reason in finder.explain(asked, "o:zoe", SHARED).reasons if reason.part == "topics"]


def test_an_edited_post_keeps_the_words_that_it_still_has(finder: ExpertFinder) -> None:
    put(finder, replace(ONE, text="The quokka is gone.", title="Quokka", tags=()))
    had = counts(finder, "o:zoe")
    assert "quokka" in had
    assert not {"deployment", "guide"} & had.keys()
    assert "quokka" not in tags(finder, "o:zoe")


def test_what_is_only_read_again_moves_no_byte(finder: ExpertFinder) -> None:
    before = sums(finder)
    put(finder, act("dana", "review", "z1", audience=LEGAL), act("dana", "thank", "a3", audience=LEGAL))
    assert "o:z1" in finder.snapshot.fresh.segment.ids
    assert not finder.snapshot.withdrawn.any()
    for one, other in zip(before, sums(finder), strict=True):
        assert np.array_equal(one, other)


def test_an_act_that_was_tightened_leaves_who_did_it(finder: ExpertFinder) -> None:
    review = act("fay", "review", "z1")
    put(finder, review)
    finder.home.build_index(finder.store, encode=finder._encode, as_of=None)
    finder.refresh()
    assert "quokka" in counts(finder, "o:fay")
    put(finder, replace(review, audience=LEGAL))
    assert "quokka" not in counts(finder, "o:fay")
    assert "quokka" in counts(finder, "o:zoe")


def test_a_near_copy_that_came_takes_nothing_from_who_wrote_it(finder: ExpertFinder) -> None:
    before = counts(finder, "o:ada")
    put(finder, post("a90", "ada", INGRESS, title="Ingress, part 90", tags=("ingress",), age=1))
    assert counts(finder, "o:ada") == before


@given(st.lists(st.lists(st.integers(0, 9), unique=True), min_size=1), st.data())
def test_places_are_what_a_search_from_left_to_right_finds(rows: list[list[int]], draw: st.DataObject) -> None:
    ascending = [sorted(row) for row in rows]
    indptr = np.cumsum([0, *map(len, ascending)])
    values = np.array([value for row in ascending for value in row], np.int64)
    asked = draw.draw(st.lists(st.tuples(st.integers(0, len(rows) - 1), st.integers(0, 9))))
    if not len(values) or not asked:
        return
    found = places(indptr, values, rows=np.array([a for a, _ in asked]), wanted=np.array([b for _, b in asked]))
    for (row, value), at in zip(asked, found.tolist(), strict=True):
        assert at == (int(indptr[row]) + ascending[row].index(value) if value in ascending[row] else -1)
