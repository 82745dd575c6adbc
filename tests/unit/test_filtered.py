"""What a question leaves out counts through no sum: not through posts, nor profiles, nor standing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import numpy as np
import pytest
from tests.unit.office import EVERYTHING, LAWYER, LEGAL, POSTS, QUESTION, TODAY, opened, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import InvalidQuestion
from expertfinder.evaluation import OURS, evaluate
from expertfinder.evaluation.baselines import METHODS
from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.people.filtered import Whole
from expertfinder.index.posts.bm25 import Words
from expertfinder.index.posts.function_words import content_words
from expertfinder.model import SHARED, Post, Query

LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)


def test_a_filter_that_leaves_nothing_out_changes_no_sum(office: ExpertFinder) -> None:
    seen = View.of(office.snapshot, SHARED)
    words = Words.of(content_words(QUESTION), office.snapshot.term_rows, office.snapshot.statistics)
    ready, again = Whole.of(seen, words, Query(text="x")), Whole.of(seen, words, Query(text="x", since=LONG_AGO))
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


def test_only_posts_with_one_of_the_tags_count(office: ExpertFinder) -> None:
    def named(*tags: str) -> set[str]:
        answer = office.find(Query(text=QUESTION, tags=tags), SHARED)
        cited = {each.post for one in answer.recommendations for part in one.reasons for each in part.citations}
        assert all({*tags} & {tag.upper() for tag in POSTS_BY_ID[name].tags} for name in cited)
        return {one.subject for one in answer.recommendations}

    assert named("FIELD WORK") == {"o:ben"}
    assert {"o:ada", "o:ben"} <= named("INGRESS") & named("FIELD WORK", "INGRESS")
    assert named("LEDGER") < named("INGRESS", "LEDGER")


@pytest.mark.parametrize("tag", ["quokka", "work", "ingres", "c", " "])
def test_a_tag_that_no_post_carries_leaves_nobody(office: ExpertFinder, tag: str) -> None:
    answer = office.find(Query(text=QUESTION, tags=(tag,)), EVERYTHING)
    assert answer.abstained
    assert not answer.recommendations
    assert not office.explain(Query(text=QUESTION, tags=(tag,)), "o:ada", EVERYTHING).reasons


def test_a_filter_adds_nothing_to_a_score(office: ExpertFinder) -> None:
    """All that Cleo did is about the ledger, so the filter takes nothing from her, and gives her nothing."""
    asked = Query(text="invoices in another currency")
    tagged = frozenset(post.id for post in POSTS if "ledger" not in post.tags)
    plain, only = (
        office.find(replace(asked, exclude_posts=tagged), SHARED),
        office.find(replace(asked, tags=("ledger",)), SHARED),
    )
    assert plain.recommendations == only.recommendations != ()


def test_a_filter_without_a_question_is_refused(office: ExpertFinder) -> None:
    with pytest.raises(InvalidQuestion, match="filter"):
        office.find(Query(tags=("ingress",)), SHARED)


DAY = datetime(2026, 5, 1, tzinfo=UTC)
POSTS_BY_ID = {post.id: post for post in POSTS}
FILTERS: dict[str, tuple[Query, Callable[[Post], bool]]] = {
    "tag": (Query(tags=("Ingress",)), lambda post: "ingress" in post.tags),
    "tags": (
        Query(tags=("field work", "late", "none")),
        lambda post: bool({"field work", "late"} & {tag.lower() for tag in post.tags}),
    ),
    "kind": (Query(kinds=("document", "message")), lambda post: post.kind in ("document", "message")),
    "since": (Query(since=DAY), lambda post: post.created_at is not None and post.created_at >= DAY),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_is_the_same_as_leaving_the_other_posts_out_one_by_one(tmp_path: Path, name: str) -> None:
    """Over shared, restricted and fresh posts, as they come and go, for several viewers."""
    draw, finder = Random(name), opened(tmp_path)
    filtering, passes = FILTERS[name]
    drawn = [
        post(f"n{n}", draw.choice(["ada", "ben", "cleo", "dana"]), draw.choice(POSTS).text, age=draw.randrange(90),
             tags=tuple(draw.sample(["ingress", "late", "Field Work"], 2)), kind=draw.choice(["answer", "document"]),
             **({"audience": LEGAL} if draw.random() < 0.3 else {}))
        for n in range(12)
    ]  # fmt: skip
    for when in ("built", "fresh", "less", "folded"):
        if when == "fresh":
            finder.store.apply(drawn)
        if when == "less":
            finder.store.delete("post", draw.sample([each.id for each in POSTS], 4))
        if when == "folded":
            finder.home.build_index(finder.store, encode=encoder(DEFAULT), as_of=TODAY)
        finder.refresh()
        others = frozenset(each.id for each in finder.store.all("post") if not passes(each))
        for viewer in (SHARED, LAWYER, EVERYTHING):
            for text in (QUESTION, "the ledger and the liability clause"):
                asked = replace(filtering, text=text)
                one_by_one = finder.find(replace(Query(text=text), exclude_posts=others), viewer)
                assert finder.find(asked, viewer).recommendations == one_by_one.recommendations, (when, text)
    finder.close()


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
        {
            "id": f"s{n}",
            "authors": ["bea"],
            "title": "Ingress",
            "text": f"{text} Restart it.",
            "created_at": f"2024-05-0{n}",
        }
        for n in range(1, 6)
    ]
    written("posts_stream.jsonl", *later)
    written("queries_stream.jsonl", {"id": "q", "text": "kubernetes ingress controller", "created_at": asked})
    (tmp_path / "qrels_stream.tsv").write_text("q 0 bea 1\n")
    found = evaluate(tmp_path, queries=tmp_path / "queries_stream.jsonl", qrels=tmp_path / "qrels_stream.tsv")
    for method in (OURS, *METHODS):
        if method != "random":
            assert (found.per_query[method]["q"] > 0) == (asked > "2024-05"), method
