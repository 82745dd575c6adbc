"""How well does this person know this: between texts, between people, whatever their volume, and for whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.unit.office import EVERYTHING, FACTS, INGRESS, LAWYER, LEDGER, LEGAL, MERGER, NOON, opened, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.model import SHARED, Assessment, Confidence, Fact, Query, Viewer
from expertfinder.recommend.assess import Scale, average

INGRESS_QUESTION = Query(text="Which proxy timeout does the ingress controller need?")
LEDGER_QUESTION = Query(text="At which rate is an invoice in another currency booked in the ledger?")
MERGER_QUESTION = Query(text="Which clause about liability does the merger contract need, and who keeps the escrow?")


def assessed(folder: Path, facts: Iterable[Fact], query: Query, name: str, viewer: Viewer = SHARED) -> Assessment:
    """One assessment in a new home of these facts, without its version."""
    finder = opened(folder, facts)
    try:
        return finder.assess(query, f"o:{name}", viewer)
    finally:
        finder.close()


def test_who_knows_it_stands_above_who_does_not_for_each_of_two_texts(office: ExpertFinder) -> None:
    def score(name: str, query: Query) -> float:
        return office.assess(query, f"o:{name}", SHARED).score

    assert score("ada", INGRESS_QUESTION) > score("cleo", INGRESS_QUESTION)
    assert score("cleo", LEDGER_QUESTION) > score("ada", LEDGER_QUESTION)
    assert score("ada", INGRESS_QUESTION) > score("ada", LEDGER_QUESTION)
    assert score("cleo", LEDGER_QUESTION) > score("cleo", INGRESS_QUESTION)


def test_the_score_is_between_0_and_1_and_the_reasons_add_up_to_the_nearness(office: ExpertFinder) -> None:
    for query in (INGRESS_QUESTION, LEDGER_QUESTION, Query(text="kubernetes"), Query(text="zzz qqq")):
        for person in office.snapshot.people:
            if person.id not in ("o:hana",):
                found = office.assess(query, person.id, EVERYTHING)
                assert 0.0 <= found.score <= 1.0
                assert sum(reason.value for reason in found.reasons) == pytest.approx(found.nearness, abs=1e-9)


def test_the_posts_shown_are_the_nearest_and_the_score_falls_without_the_first(office: ExpertFinder) -> None:
    found = office.assess(INGRESS_QUESTION, "o:ben", SHARED)
    assert {near.post for near in found.nearest} == {"o:b1", "o:b2", "o:b3", "o:r1", "o:a3"} & {
        near.post for near in found.nearest
    }
    adds = [near.contribution for near in found.nearest]
    assert adds == sorted(adds, reverse=True)
    assert sum(adds) == pytest.approx(found.nearness)
    assert found.nearest[0].without < found.score
    assert found.nearest[0].act


def test_without_a_post_is_what_it_would_be_without_it(office: ExpertFinder) -> None:
    found = office.assess(INGRESS_QUESTION, "o:ada", SHARED)
    first = found.nearest[0]
    left = office.assess(Query(text=INGRESS_QUESTION.text, exclude_posts=frozenset({first.post})), "o:ada", SHARED)
    assert left.score == pytest.approx(first.without)
    assert left.posts == found.posts - 1


def test_much_writing_about_other_things_does_not_make_an_expert(tmp_path: Path) -> None:
    few = assessed(tmp_path / "few", FACTS, INGRESS_QUESTION, "cleo").score
    ada = assessed(tmp_path / "ada", FACTS, INGRESS_QUESTION, "ada").score
    flood = [post(f"flood{n}", "cleo", f"{LEDGER} Number {n}.", age=n + 1) for n in range(60)]
    many = assessed(tmp_path / "many", [*FACTS, *flood], INGRESS_QUESTION, "cleo").score
    assert many < (few + ada) / 2


def test_one_post_says_less_than_several_like_it(tmp_path: Path) -> None:
    one = [post("f1", "fay", INGRESS)]
    several = [*one, *(post(f"f{n}", "fay", INGRESS) for n in range(2, 12))]
    found = [assessed(tmp_path / str(len(more)), [*FACTS, *more], INGRESS_QUESTION, "fay") for more in (one, several)]
    assert found[0].nearness < found[1].nearness
    assert (found[0].confidence, found[1].confidence) == (Confidence.LOW, Confidence.HIGH)


def test_more_of_the_same_adds_no_more_than_the_thinness_of_one_took() -> None:
    one, several, many = (average(np.full(posts, 2.0)) for posts in (1, 30, 3_000))
    assert 0 < one < several < many <= 2.0 < 1.3 * one
    assert average(np.empty(0)) == 0.0


def test_who_has_no_post_that_one_may_read_has_0_and_no_reason(office: ExpertFinder) -> None:
    found = office.assess(MERGER_QUESTION, "o:dana", SHARED)
    assert (found.score, found.posts, found.reasons, found.nearest) == (0.0, 0, (), ())
    assert found.confidence is Confidence.LOW


def test_a_restricted_post_counts_for_who_may_read_it_and_for_nobody_else(tmp_path: Path) -> None:
    secret = [post(f"s{n}", "cleo", MERGER, audience=LEGAL) for n in range(5)]
    without = {name: assessed(tmp_path / f"w{name}", FACTS, MERGER_QUESTION, name) for name in ("cleo", "ada")}
    finder = opened(tmp_path / "with", [*FACTS, *secret])
    try:
        for name, before in without.items():
            now = finder.assess(MERGER_QUESTION, f"o:{name}", SHARED)
            assert (now.score, now.nearness, now.reasons, now.nearest) == (
                before.score,
                before.nearness,
                before.reasons,
                before.nearest,
            )
        insider = finder.assess(MERGER_QUESTION, "o:cleo", LAWYER)
        assert insider.score > without["cleo"].score
        # The scale and what is usual are those of the shared tier: others keep their score, whoever looks.
        assert finder.assess(MERGER_QUESTION, "o:ada", LAWYER).score == without["ada"].score
    finally:
        finder.close()


def test_what_came_since_the_index_counts_at_once(tmp_path: Path) -> None:
    finder = opened(tmp_path)
    try:
        before = finder.assess(INGRESS_QUESTION, "o:cleo", SHARED)
        finder.store.apply([post(f"new{n}", "cleo", INGRESS) for n in range(4)])
        finder.refresh()
        after = finder.assess(INGRESS_QUESTION, "o:cleo", SHARED)
    finally:
        finder.close()
    assert after.posts == before.posts + 4
    assert after.score > before.score


def test_only_what_is_older_counts_where_a_day_is_given(office: ExpertFinder) -> None:
    found = office.assess(Query(text=INGRESS, until=NOON.replace(year=2025)), "o:ada", SHARED)
    assert found.posts == 0
    # Cleo reviewed a post of twenty days ago five days ago: a week ago she had not.
    week = Query(text=INGRESS, until=NOON - timedelta(days=7))
    assert "o:a2" not in {near.post for near in office.assess(week, "o:cleo", SHARED).nearest}
    assert "o:a2" in {near.post for near in office.assess(Query(text=INGRESS), "o:cleo", SHARED).nearest}


@pytest.mark.parametrize("name", ["hana", "ivo", "nobody"])
def test_who_may_not_be_found_is_not_assessed(office: ExpertFinder, name: str) -> None:
    with pytest.raises(NotFound):
        office.assess(INGRESS_QUESTION, f"o:{name}", SHARED)


def test_an_empty_question_is_refused(office: ExpertFinder) -> None:
    with pytest.raises(InvalidQuestion):
        office.assess(Query(text="  "), "o:ada", SHARED)


def test_the_scale_rises_and_puts_the_decile_at_a_half() -> None:
    scale = Scale(0.5, 1.5)
    places = [scale.place(value / 10) for value in range(-200, 200)]
    assert places == sorted(set(places))
    assert scale.place(1.5) == pytest.approx(0.5)
    assert scale.place(0.5) == pytest.approx(0.1)
    assert 0.0 <= scale.place(-1e9) < scale.place(1e9) <= 1.0
