"""Each value once, as `np.unique` gives it."""

from __future__ import annotations

import numpy as np
import pytest

from expertfinder.index.arrays import distinct, one_of


@pytest.mark.parametrize("seed", range(8))
def test_distinct_values_are_those_of_unique_whatever_their_order_and_number(seed: int) -> None:
    draw = np.random.default_rng(seed)
    values = draw.integers(0, 12, size=int(draw.integers(0, 30)))
    np.testing.assert_array_equal(distinct(values), np.unique(values))


@pytest.mark.parametrize("seed", range(8))
def test_one_of_some_rows_is_told_as_isin_does(seed: int) -> None:
    draw = np.random.default_rng(seed)
    values, some = (draw.integers(least, 12, size=int(draw.integers(0, 30))) for least in (-1, 0))
    np.testing.assert_array_equal(one_of(values, some), np.isin(values, some))
