"""Posts of three tiers in one order."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.unit.office import FACTS, LAWYER, QUESTION, opened, person, post

from expertfinder.index.candidates import Question
from expertfinder.index.posts import tiers as module
from expertfinder.index.posts.bm25 import Words
from expertfinder.index.posts.tiers import Rough, Tiers
from expertfinder.model import SHARED, Query
from expertfinder.recommend.experts.basis import Basis


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


@pytest.mark.parametrize("seed", range(3))
def test_of_what_lies_in_few_directions_rough_vectors_find_all_that_is_nearest(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for name, value in (("MANY", 500), ("NUMBERS", 4), ("WIDER", 2), ("SAMPLED", 200)):
        monkeypatch.setattr(module, name, value)
    draw = np.random.default_rng(seed)
    vectors = (draw.normal(size=(600, 4)) @ draw.normal(size=(4, 16))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert Rough.of(vectors[:499]) is Rough.of(vectors[:, :7]) is None
    rough, alive = Rough.of(vectors), draw.random(600) < 0.7
    assert rough is not None
    exact = np.where(alive, vectors @ vectors[0], -1.0)
    found = rough.near(vectors[0], alive, 10)
    assert set(np.argsort(-exact)[:10].tolist()) <= set(found.tolist())
    assert len(found) == 20
    assert alive[found].all()
    assert rough.near(vectors[0], alive, 300).tolist() == list(range(600)), "all, where nearly all are wanted"


def test_an_index_with_rough_vectors_gives_the_answers_of_one_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("MANY", 10), ("NUMBERS", 16), ("WIDER", 1)):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr("expertfinder.index.candidates.NEAREST", 2)
    monkeypatch.setattr("expertfinder.index.candidates.MORE", 2)
    monkeypatch.setattr(Question.candidates, "__kwdefaults__", {"most": 500, "nearest": 2, "of_one": 50})
    finder = opened(tmp_path / "rough", [*FACTS, post("z", "cleo", "the ledger of the proxy", kind="message")])
    rough = finder.snapshot.rough
    assert rough is not None
    assert len(rough.near(finder.encoder.encode([QUESTION])[0], finder.snapshot.shared.alive, 4)) < len(rough.vectors)
    monkeypatch.setattr(module, "MANY", 1000)
    exact = opened(tmp_path / "exact", [*FACTS, post("z", "cleo", "the ledger of the proxy", kind="message")])
    assert exact.snapshot.rough is None
    for finder_now in (finder, exact):  # what came since stands beside either
        finder_now.store.apply([post("y", "ben", QUESTION, age=1)])
        finder_now.store.delete("post", ["o:a1"])
        finder_now.refresh()
    asked = (Query(text=QUESTION), Query(text="ledger"), Query(text=QUESTION, kinds=("message",)), Query(text="escrow"))
    for query in asked:
        for viewer in (SHARED, LAWYER):
            one, other = (each.find(query, viewer) for each in (finder, exact))
            assert one.recommendations == other.recommendations


@pytest.mark.parametrize("seed", range(4))
def test_all_posts_that_point_the_way_of_a_question_are_found_where_few_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for name, value in (("MANY", 10), ("NUMBERS", 2), ("WIDER", 2)):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr("expertfinder.index.candidates.MORE", 1)
    finder = opened(tmp_path, [*FACTS, *(post(f"x{n}", "ben", f"{n} {QUESTION}") for n in range(20))])
    seen, vectors = finder.view(SHARED), finder.snapshot.shared.segment.vectors
    middle = vectors.mean(axis=0)
    ratio = np.sort(vectors @ vectors[seed] / (vectors @ middle))[::-1]
    few = int(np.argmax(ratio[:6] - ratio[1:7])) + 1
    vector = (vectors[seed] - ratio[few - 1 : few + 1].mean() * middle).astype(np.float32)
    wanted = np.flatnonzero(np.einsum("ij,j->i", vectors, vector) > 0)
    assert len(wanted) == few
    words = Words.of((), finder.snapshot.term_rows, finder.snapshot.statistics)
    found = Question(seen, Query(text=QUESTION), words, vector)._nearest_shared(len(wanted) + 1)
    assert found.tolist() == wanted.tolist()


@pytest.mark.parametrize("limit", [1, 3])
def test_centres_of_32_bits_of_who_did_nothing_near_a_question_move_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    far = [post(f"x{n}", f"far{n}", f"{QUESTION} {n}") for n in range(12)]
    finder = opened(tmp_path, [*FACTS, *(person(f"far{n}") for n in range(12)), *far])
    monkeypatch.setattr(Question.candidates, "__kwdefaults__", {"most": 4, "nearest": 4, "of_one": 50})
    asked = Query(text=QUESTION, limit=limit)
    exact = finder.find(asked, SHARED)
    assert exact.recommendations
    rough = []
    was = Basis._in_play
    monkeypatch.setattr(Basis, "_in_play", lambda basis, people: rough.append(was(basis, people)) or rough[-1])
    monkeypatch.setattr("expertfinder.recommend.experts.basis.ALL_EXACT", 3)
    for name in ("basis", "experts"):
        monkeypatch.setattr(f"expertfinder.recommend.experts.{name}.SPREAD_OVER", 2)
    several = finder.find(asked, SHARED)
    monkeypatch.setattr("expertfinder.recommend.experts.basis.ALL_EXACT", 1000)
    assert several == finder.find(asked, SHARED)
    assert not all(there.all() for there in rough), "somebody's centre has 32 bits"
