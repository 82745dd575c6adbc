"""The baselines are what their definitions say, on the demo organisation."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from expertfinder.ask.finder import ExpertFinder
from expertfinder.evaluation import loaded
from expertfinder.evaluation.baselines import RANKED, VOTES, Baselines
from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.posts.tokens import tokenise
from expertfinder.model import Query, Viewer

EVERYTHING = Viewer(everything=True)
ENCODE = encoder(DEFAULT)
QUESTION = "who knows about the deployment pipeline?"


@pytest.fixture(scope="module")
def finder(demo_files: Path) -> Iterator[ExpertFinder]:
    with loaded(demo_files) as finder:
        yield finder


def scores(finder: ExpertFinder, query: Query) -> dict[str, np.ndarray]:
    vector = ENCODE.encode([query.text])[0]
    return Baselines(View.of(finder.snapshot, EVERYTHING)).scores(query, vector=vector, seed="1")


@pytest.mark.parametrize("left_out", [0, 3])
def test_a_textbook_profile_is_bm25_of_all_that_one_touched_as_one_text(finder: ExpertFinder, left_out: int) -> None:
    shared = finder.snapshot.shared.segment
    without = frozenset(shared.ids[::left_out]) if left_out else frozenset()
    texts: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    lengths: defaultdict[int, float] = defaultdict(float)
    for row, post in enumerate(shared.ids):
        acts = range(int(shared.act_indptr[row]), int(shared.act_indptr[row + 1]))
        for person in {int(shared.act_person[act]) for act in acts if shared.act_strength[act] > 0}:
            lengths[person] += float(shared.lengths[row]) * (post not in without)
            for entry in (
                range(int(shared.term_indptr[row]), int(shared.term_indptr[row + 1])) if post not in without else ()
            ):
                texts[person][finder.snapshot.terms[shared.terms[entry]]] += float(shared.counts[entry])
    mean = sum(lengths[person] for person in texts) / len(texts)
    expected = np.zeros(len(finder.snapshot.people))
    for word in tokenise(QUESTION):
        users = sum(word in text for text in texts.values())
        idf = math.log(1 + (len(texts) - users + 0.5) / (users + 0.5))
        for person, text in texts.items():
            count = text.get(word, 0.0)
            expected[person] += idf * count / (count + 1.2 * (0.25 + 0.75 * lengths[person] / mean))
    found = scores(finder, Query(text=QUESTION, exclude_posts=without))["profile BM25"]
    assert found.max() > 0
    assert found == pytest.approx(expected, abs=1e-9)


def test_votes_are_summed_counted_and_discounted_by_rank(finder: ExpertFinder) -> None:
    found = scores(finder, Query(text=QUESTION))
    some = found["BM25 voting"] > 0
    assert some.any()
    # The best single post is no more than the sum; the number of votes is a whole one of at most 200.
    assert (found["CombMAX"][some] <= found["BM25 voting"][some] + 1e-12).all()
    votes = found["CombMNZ"][some] / found["BM25 voting"][some]
    assert votes == pytest.approx(np.round(votes))
    assert 1 <= votes.min() <= votes.max() <= VOTES
    # Each of at most 500 ranks is given once a person who acted on the post: nobody has more than all ranks.
    assert found["reciprocal rank"].max() <= sum(1 / rank for rank in range(1, RANKED + 1)) * 3
    for faded, whole in (("voting, recent", "BM25 voting"), ("reciprocal, recent", "reciprocal rank")):
        assert (found[faded] <= found[whole] + 1e-12).all()
        assert (found[faded][some] > 0).all()


def test_a_mix_has_at_most_the_sum_of_its_weights(finder: ExpertFinder) -> None:
    found = scores(finder, Query(text=QUESTION, question_tags=("nothing-has-this-tag",)))
    assert 0 < found["recipe"].max() <= 1.0 + 0.5 + 0.3
    assert 0 < found["fixed mix"].max() <= 0.2 + 0.3 + 0.3 + 0.3 + 0.8 + 0.2
