"""Reasons: the sum of their values is the score, their posts add up, and what is said without them is so."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.office import EVERYTHING, LAWYER, QUESTION

from expertfinder.ask.finder import ExpertFinder
from expertfinder.model import SHARED, Query, Recommendation, Viewer
from expertfinder.recommend.experts.reasons import CITATIONS, Ranked

ADDITIVE = ("words and meaning", "meaning")
"""Parts that posts stand behind in full: the others have a share that no single post holds."""
VIEWERS = [SHARED, LAWYER, EVERYTHING]


def answered(finder: ExpertFinder, viewer: Viewer, text: str = QUESTION) -> tuple[Recommendation, ...]:
    found = finder.find(Query(text=text), viewer).recommendations
    assert found
    return found


@pytest.mark.parametrize("viewer", VIEWERS, ids=["shared", "lawyer", "everything"])
def test_a_score_is_the_sum_of_its_reasons(office: ExpertFinder, viewer: Viewer) -> None:
    for entry in answered(office, viewer):
        assert entry.score == pytest.approx(sum(reason.value for reason in entry.reasons), abs=1e-9)
        assert all(reason.value > 0 for reason in entry.reasons)
        assert len({reason.part for reason in entry.reasons}) == len(entry.reasons)


def test_the_citations_of_an_additive_part_sum_to_its_value_when_all_are_shown(office: ExpertFinder) -> None:
    seen = set()
    for entry in answered(office, SHARED):
        explained = office.explain(Query(text=QUESTION), entry.subject, SHARED)
        for reason in explained.reasons:
            total = sum(citation.contribution for citation in reason.citations)
            if reason.part in ADDITIVE:
                assert total == pytest.approx(reason.value, abs=1e-9)
                seen.add(reason.part)
            else:
                assert total <= reason.value * (1 + 1e-6), "profiles are kept in 32 bits"
    assert seen == set(ADDITIVE)


def test_an_answer_and_an_explanation_say_the_same_of_one_person(office: ExpertFinder) -> None:
    for entry in answered(office, SHARED):
        explained = office.explain(Query(text=QUESTION), entry.subject, SHARED)
        assert (explained.score, explained.confidence) == (entry.score, entry.confidence)
        assert len(explained.reasons) == len(entry.reasons)
        for long, short in zip(explained.reasons, entry.reasons, strict=True):
            assert (long.part, long.value, long.text) == (short.part, short.value, short.text)
            assert len(short.citations) <= CITATIONS
            assert long.citations[: len(short.citations)] == short.citations


def test_citations_come_largest_first_and_name_posts_that_the_viewer_may_read(office: ExpertFinder) -> None:
    for entry in answered(office, LAWYER, "merger contract: liability clause and escrow with the notary"):
        for reason in entry.reasons:
            amounts = [citation.contribution for citation in reason.citations]
            assert amounts == sorted(amounts, reverse=True)
            for citation in reason.citations:
                post = office.post(citation.post, LAWYER)
                assert citation.kind == post.kind
                assert citation.at == post.created_at
                assert citation.act


def test_texts_are_sentences(office: ExpertFinder) -> None:
    texts = [reason.text for entry in answered(office, SHARED) for reason in entry.reasons if reason.text]
    assert len(texts) > 5
    for text in texts:
        assert re.fullmatch(r"[A-Z“][^\n]*\.", text), text
        assert "  " not in text
    assert any(re.match(r"Wrote \d+ posts ", text) for text in texts)


def test_what_is_left_without_a_post_is_what_all_parts_lose_by_it(office: ExpertFinder) -> None:
    for entry in answered(office, SHARED):
        explained = office.explain(Query(text=QUESTION), entry.subject, SHARED)
        for citation in (citation for reason in explained.reasons for citation in reason.citations):
            lost = sum(
                other.contribution for reason in explained.reasons for other in reason.citations
                if other.post == citation.post
            )  # fmt: skip
            assert citation.without == pytest.approx(max(explained.score - lost, 0.0), abs=1e-9)


def test_the_rank_without_a_post_is_counted_among_all_who_are_ranked(office: ExpertFinder) -> None:
    ranking = office.find(Query(text=QUESTION, limit=100), SHARED).recommendations
    scores = {entry.subject: entry.score for entry in ranking}
    moved = 0
    for entry in ranking:
        for citation in (citation for reason in entry.reasons for citation in reason.citations):
            better = sum(score > citation.without for who, score in scores.items() if who != entry.subject)
            assert citation.rank_without == 1 + better
            moved += better > sum(score > entry.score for score in scores.values())
    assert moved, "somebody loses a place by one post"


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8), st.data())
def test_a_rank_without_something_is_right_with_ties_too(scores: list[int], data: st.DataObject) -> None:
    me = data.draw(st.integers(0, len(scores) - 1))
    lost = data.draw(st.integers(0, 7))
    left, rank = Ranked(np.sort(np.array(scores, float))).without(np.array(scores[me]), np.array(lost))
    assert left == max(scores[me] - lost, 0)
    assert rank == 1 + sum(score > left for place, score in enumerate(scores) if place != me)
