"""What a question leaves out counts through no sum: not through posts, nor profiles, nor standing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tests.unit.office import POSTS, QUESTION

from expertfinder.evaluation import OURS, evaluate
from expertfinder.finder import ExpertFinder
from expertfinder.index.filtered import whole
from expertfinder.index.text import words_of
from expertfinder.index.tokens import question_words
from expertfinder.index.view import view
from expertfinder.model import SHARED, Query
from expertfinder.recommend.baselines import METHODS

LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)


def test_a_filter_that_leaves_nothing_out_changes_no_sum(office: ExpertFinder) -> None:
    seen = view(office.snapshot, SHARED)
    words = words_of(question_words(QUESTION), office.snapshot.term_rows, office.snapshot.statistics)
    ready, again = whole(seen, words, Query(text="x")), whole(seen, words, Query(text="x", since=LONG_AGO))
    assert ready.profile.max() > 0
    assert np.allclose(ready.profile, again.profile, rtol=1e-5)
    assert np.allclose(ready.standing.activity, again.standing.activity)
    assert np.allclose(ready.standing.centre, again.standing.centre, atol=1e-6)


def test_who_has_only_what_is_left_out_is_not_named(office: ExpertFinder) -> None:
    of_ben = frozenset(post.id for post in POSTS if "o:ben" in post.authors) | {"o:a3"}  # a3: an act of his on it
    named = {entry.subject for entry in office.find(Query(text=QUESTION), SHARED).recommendations}
    without = {
        entry.subject for entry in office.find(Query(text=QUESTION, exclude_posts=of_ben), SHARED).recommendations
    }
    assert "o:ben" in named
    assert "o:ben" not in without
    assert "o:ada" in without


@pytest.mark.parametrize("asked", ["2024-03-15", "2024-06-15"])
def test_a_rolling_question_is_answered_from_what_came_before_it(tmp_path: Path, asked: str) -> None:
    """Bea wrote in May: she is the answer in June, and nobody has heard of her in March."""
    text = "The kubernetes ingress controller drops long connections; raise the proxy timeout."

    def written(name: str, *records: dict[str, object]) -> None:
        (tmp_path / name).write_text("".join(json.dumps(record) + "\n" for record in records))

    written("people.jsonl", {"id": "al"}, {"id": "bea"})
    written(
        "posts.jsonl", {"id": "p1", "authors": ["al"], "title": "Ingress", "text": text, "created_at": "2024-01-01"}
    )
    later = [
        {"id": f"s{n}", "authors": ["bea"], "title": "Ingress", "text": text, "created_at": f"2024-05-0{n}"}
        for n in range(1, 6)
    ]
    written("posts_stream.jsonl", *later)
    written("queries_stream.jsonl", {"id": "q", "text": "kubernetes ingress controller", "created_at": asked})
    (tmp_path / "qrels_stream.tsv").write_text("q 0 bea 1\n")
    found = evaluate(tmp_path, queries=tmp_path / "queries_stream.jsonl", qrels=tmp_path / "qrels_stream.tsv")
    for method in (OURS, *METHODS):
        if method != "random":
            assert (found.per_query[method]["q"] > 0) == (asked > "2024-05"), method
