"""The span that sets half-lives: one absurd date changes nothing, and a long history stays as long as it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.index.people.span import SHORTEST_SPAN, usual_span

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
