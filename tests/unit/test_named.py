"""From named values to a recommendation: no value without a name, and none that says nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from expertfinder.model import Confidence, Query
from expertfinder.recommend.named import best_first, how_sure, ranking, recommended, with_word

RECOMMEND = Path(__file__).parents[2] / "src" / "expertfinder" / "recommend"


@pytest.mark.parametrize("seed", range(5))
def test_a_score_is_the_sum_of_its_reasons_and_a_part_of_nothing_is_no_reason(seed: int) -> None:
    drawn = random.Random(seed)
    parts = {f"part {n}": (drawn.choice([0.0, -1.0, drawn.random()]), f"says {n}") for n in range(6)}
    found = recommended("o:ada", "champion", parts)
    assert found.score == sum(reason.value for reason in found.reasons)
    assert [(reason.part, reason.value, reason.text) for reason in found.reasons] == [
        (part, value, text) for part, (value, text) in parts.items() if value > 0
    ]
    told = with_word(found, "Stays.", part="stays")
    assert (told.score, [reason.part for reason in told.reasons][-1]) == (found.score, "stays")


def test_equal_scores_are_in_the_order_of_their_ids_and_the_first_says_how_sure_the_answer_is() -> None:
    names = ["o:c", "o:a", "o:d", "o:b"]
    values = {"o:c": 0.1 + 0.2, "o:a": 0.3, "o:d": 0.2, "o:b": 0.3}
    found = [
        recommended(
            one, "mentor", {"near": (values[one], "Near.")}, confidence=how_sure(values[one], high=0.3, medium=0.2)
        )
        for one in names
    ]
    answer = ranking(Query(text="x", limit=3), best_first(found), none="nobody")
    assert [one.subject for one in answer.recommendations] == ["o:a", "o:b", "o:c"]
    assert (answer.confidence, answer.abstained) == (Confidence.HIGH, None)
    assert how_sure(0.25, high=0.3, medium=0.2) is Confidence.MEDIUM
    assert how_sure(0.1, high=0.3, medium=0.2) is Confidence.LOW
    nobody = ranking(Query(text="x"), [], none="nobody")
    assert (nobody.recommendations, nobody.confidence, nobody.abstained) == ((), None, "nobody")


def test_recommendations_of_the_network_are_made_in_one_place() -> None:
    others = [path.name for path in (RECOMMEND / "network").glob("*.py") if "Reason(" in path.read_text("utf-8")]
    assert others == []
