"""The span that sets half-lives: one absurd date changes nothing, and a long history stays as long as it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.index.people.span import SHORTEST_SPAN, Calendar, calendar_of, usual_dates, usual_span

TODAY = 20_000.0


def dates(seed: int, years: float, posts: int = 300) -> np.ndarray:
    """Days of posts over so many years up to today, the first and the last day among them."""
    drawn = np.random.default_rng(seed).uniform(TODAY - 365 * years, TODAY, posts)
    return np.concatenate([drawn, [TODAY - 365 * years, TODAY]])


@given(st.integers(0, 999), st.floats(0.5, 20.0))
def test_a_history_that_holds_together_is_as_long_as_it_is(seed: int, years: float) -> None:
    assert usual_span(dates(seed, years), as_of=TODAY) == pytest.approx(max(365 * years, SHORTEST_SPAN))


@given(
    st.integers(0, 999), st.floats(0.5, 20.0), st.sampled_from([-719_162.0, -100_000.0, -1.0, 1.0, 24_000.0, 375_000.0])
)
def test_one_absurd_date_changes_nothing(seed: int, years: float, absurd: float) -> None:
    clean = dates(seed, years)
    assert usual_span(np.append(clean, absurd), as_of=TODAY) == usual_span(clean, as_of=TODAY)


def test_a_second_half_of_the_history_is_no_slip() -> None:
    both = np.concatenate([dates(1, 1.0), dates(2, 1.0) - 3_000])
    assert usual_span(both, as_of=TODAY) == pytest.approx(3_365, abs=1)


@pytest.mark.parametrize("created", [[], [float("nan")], [5.0], [5.0, 5.0]])
def test_without_two_dates_it_is_the_shortest(created: list[float]) -> None:
    assert usual_span(np.array(created), as_of=TODAY) == SHORTEST_SPAN


def calendar(created: np.ndarray, *, pinned: bool = False) -> Calendar:
    return calendar_of(created, as_of=TODAY, pinned=pinned)


@given(st.integers(0, 999), st.floats(0.5, 20.0))
def test_an_unknown_date_is_neither_the_freshest_nor_the_oldest(seed: int, years: float) -> None:
    known = dates(seed, years)
    made = calendar(known)
    absurd = np.array([np.nan, -719_162.0, -100_000.0, TODAY + 30, TODAY + 375_000])
    ages = made.ages(absurd, TODAY)
    assert len(set(ages.tolist())) == 1
    assert made.ages(known, TODAY).min() < ages[0] < made.ages(known, TODAY).max()


@given(
    st.integers(0, 999), st.floats(0.5, 20.0), st.sampled_from([-719_162.0, -100_000.0, -1.0, 1.0, 24_000.0, 375_000.0])
)
def test_one_absurd_date_makes_nothing_older_or_younger(seed: int, years: float, absurd: float) -> None:
    clean = dates(seed, years)
    with_one = calendar(np.append(clean, absurd))
    assert np.array_equal(with_one.ages(clean, TODAY), calendar(clean).ages(clean, TODAY))


@given(st.integers(0, 999), st.floats(0.5, 20.0), st.floats(2.0, 40.0))
def test_what_an_archive_holds_does_not_fade_because_nobody_has_written_since(
    seed: int, years: float, silent: float
) -> None:
    old = dates(seed, years) - 365 * silent
    assert np.allclose(calendar(old).ages(old, TODAY), old.max() + 1.0 - old)


def test_what_comes_after_a_day_that_was_given_is_the_freshest() -> None:
    known = dates(1, 2.0)
    later = np.array([TODAY + 30.0])
    assert calendar(known, pinned=True).ages(later, TODAY + 60)[0] == 0.0


@pytest.mark.parametrize("created", [[], [float("nan")], [float("nan"), float("nan")]])
def test_where_nothing_is_dated_nothing_fades(created: list[float]) -> None:
    made = calendar(np.array(created))
    assert made.ages(np.array([float("nan"), TODAY - 3]), TODAY).tolist() == [0.0, 3.0]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("slips", [2, 3, 4])
def test_several_clocks_that_stood_long_before_change_nothing(seed: int, slips: int) -> None:
    draw = np.random.default_rng(seed)
    clean = np.sort(TODAY - draw.uniform(0, 6 * 365, 80))
    stood = draw.choice([5_144.0, 3_652.0, -20_000.0]) + draw.uniform(0, 3, slips)
    every = np.concatenate([clean, stood])
    assert usual_span(every, as_of=TODAY) == usual_span(clean, as_of=TODAY)
    made = calendar_of(every, as_of=TODAY, pinned=True)
    assert (made.ages(stood, TODAY) == made.ages(np.full(slips, np.nan), TODAY)).all()


def test_old_papers_that_are_more_than_several_are_as_old_as_they_say() -> None:
    old, new = np.linspace(5_000, 5_400, 20), np.linspace(TODAY - 900, TODAY, 180)
    assert usual_dates(np.concatenate([old, new]), as_of=TODAY)[0] == old[0]
