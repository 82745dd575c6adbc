"""Posts of three tiers in one order."""

from __future__ import annotations

import random
from types import SimpleNamespace

import numpy as np
import pytest

from expertfinder.index.posts.tiers import Tiers


class Ids(SimpleNamespace):
    """A segment of which only the ids are asked."""

    ids: list[str]

    def __len__(self) -> int:
        return len(self.ids)


@pytest.mark.parametrize("seed", range(40))
def test_the_order_of_posts_of_several_tiers_is_by_score_then_id(seed: int) -> None:
    draw = random.Random(seed)
    ids = [f"{number:03d}" for number in range(30)]
    draw.shuffle(ids)
    parts = [sorted(ids[start : start + draw.randrange(10)]) for start in (0, 10, 20)]
    tiers = Tiers(*(SimpleNamespace(segment=Ids(ids=part)) for part in parts))  # type: ignore[arg-type]
    every = [post for part in parts for post in part]
    numbers = np.array(draw.sample(range(len(every)), draw.randint(0, len(every))), np.int64)
    scores = np.array([draw.choice((0.0, 0.5, 1.0, 2.5)) for _ in numbers])
    expected = sorted(range(len(numbers)), key=lambda place: (-scores[place], every[numbers[place]]))
    assert tiers.order(scores, numbers).tolist() == expected
