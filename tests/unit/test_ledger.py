"""A score is the sum of its named parts, and a part the sum of what the posts behind it add."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.recommend.experts.ledger import Ledger

amounts = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9), st.floats(0, 10)), max_size=20)


@given(st.lists(amounts, min_size=1, max_size=4), st.lists(st.floats(0, 5), min_size=5, max_size=5))
def test_totals_are_the_sums_of_the_parts_and_parts_of_their_contributions(
    parts: list[list[tuple[int, int, float]]], whole: list[float]
) -> None:
    ledger = Ledger(5)
    for number, part in enumerate(parts):
        person, post, amount = (np.array([entry[i] for entry in part]) for i in range(3))
        ledger.add(f"part {number}", person=person.astype(int), post=post.astype(int), contribution=amount)
    ledger.add_whole("whole", np.array(whole))
    for person in range(5):
        by_hand = sum(amount for part in parts for who, _, amount in part if who == person)
        assert float(ledger.totals()[person]) == pytest.approx(by_hand + whole[person])
        assert [entry.value[person] for entry in ledger.entries[:-1]] == pytest.approx([
            sum(amount for who, _, amount in part if who == person) for part in parts
        ])  # fmt: skip


def test_a_ledger_without_parts_gives_everybody_nothing() -> None:
    assert Ledger(3).totals().tolist() == [0.0, 0.0, 0.0]
