"""Asks spread over several: by load alone, first place by first place, and what it costs on questions of the past."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.errors import SourceError
from expertfinder.evaluation.replay import Answer, replay, spread
from expertfinder.evaluation.sets import Judged
from expertfinder.model import Query
from expertfinder.recommend.experts.spreading import NEAR, first_place

START = datetime(2026, 1, 1, tzinfo=UTC)
RANKED = [("ada", 1.0), ("ben", 0.9), ("cleo", 0.85), ("dan", 0.1)]


def test_who_was_asked_often_lets_the_next_stand_first_who_is_about_as_good() -> None:
    assert first_place(RANKED, {"ben"}) == 0
    assert first_place(RANKED, {"ada"}) == 1
    assert first_place(RANKED, {"ada", "ben"}) == 2
    assert first_place(RANKED, {"ada", "ben", "cleo"}) == 0, "nobody else is near"
    assert first_place([], {"ada"}) == 0


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=8), st.frozensets(st.integers(0, 8)))
def test_nobody_stands_first_who_is_not_near_the_first_and_was_not_spared(
    scores: list[float], often: frozenset[int]
) -> None:
    ranked = [(str(place), score) for place, score in enumerate(sorted(scores, reverse=True))]
    place = first_place(ranked, {str(one) for one in often})
    assert ranked[place][1] >= NEAR * ranked[0][1]
    assert place == 0 or place not in often
    assert all(before in often for before in range(place))


def test_a_rule_takes_from_the_largest_share_and_tells_nobodys_load() -> None:
    answers = [Answer(f"q{n}", START + timedelta(days=n), RANKED) for n in range(12)]
    asked = Judged("drawn", [(one.name, Query(text="x")) for one in answers], {one.name: {"ben": 1} for one in answers})
    found = {(one.rule, one.limit): one for one in spread(answers, asked, within=timedelta(days=30))}
    assert (found["as it is", 0].largest, found["as it is", 0].people) == (1.0, 1)
    gives, passed = found["gives way", 1], found["passed over", 1]
    assert gives.people == 3, "four in ten of the first is not about as good"
    assert gives.largest == pytest.approx(10 / 12), "when all who are near were asked, the best is asked again"
    assert passed.people == 4
    assert gives.quality.mean > passed.quality.mean
    short = {(one.rule, one.limit): one for one in spread(answers, asked, within=timedelta(days=2))}
    assert short["gives way", 1].largest == pytest.approx(0.5)
    assert short["gives way", 1].gini < short["as it is", 0].gini


def rolling_set(folder: Path) -> Path:
    """Two who know the same equally, and questions about it for a month."""
    folder.mkdir()
    text = ("kubernetes ingress drops connections", "the proxy timeout of the kubernetes ingress", "draining nodes")
    posts = [
        {
            "id": f"{who}{n}",
            "authors": [who],
            "kind": "answer",
            "title": words,
            "text": f"{words}: {who} says {extra}",
            "created_at": f"2025-12-{n + 1:02}",
        }
        for who in ("ada", "ben")
        for n, (words, extra) in enumerate(zip(text, ("restart it", "raise it", "one by one"), strict=True))
    ]
    files = {
        "people.jsonl": [{"id": "ada", "name": "Ada"}, {"id": "ben", "name": "Ben"}],
        "posts.jsonl": posts,
        "interactions.jsonl": [],
        "posts_stream.jsonl": [],
        "interactions_stream.jsonl": [],
        "queries_stream.jsonl": [
            {"id": f"q{n}", "text": "kubernetes ingress timeout", "created_at": f"2026-01-{n + 1:02}T09:00:00"}
            for n in range(6)
        ],
    }
    for name, lines in files.items():
        (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    (folder / "qrels_stream.tsv").write_text("".join(f"q{n}\t0\tada\t1\n" for n in range(6)), encoding="utf-8")
    return folder


def test_replay_asks_a_rolling_set_in_its_order_and_says_what_spreading_costs(tmp_path: Path) -> None:
    found = replay(rolling_set(tmp_path / "set"), days=30)
    assert (found.asks, found.folder) == (6, "set")
    by_rule = {(one.rule, one.limit): one for one in found.spreads}
    assert by_rule["as it is", 0].largest == 1.0
    assert by_rule["gives way", 1].largest < 1.0
    with pytest.raises(SourceError, match="rolling"):
        replay(tmp_path, days=30)
