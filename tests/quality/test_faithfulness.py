"""Q2: a score is the sum of its reasons; they rest on posts that the viewer may read; without these it falls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from tests.sizes import size

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import Query, Ranking, Viewer
from expertfinder.sources.native import NativeReader
from expertfinder.sources.reader import declared

QUERIES = size("Q2")


@dataclass(frozen=True, slots=True)
class Asked:
    """A finder over the demo organisation and its questions."""

    finder: ExpertFinder
    queries: list[Query]
    viewers: list[Viewer]

    def answers(self) -> Iterator[tuple[Query, Viewer, Ranking]]:
        """Every question by every viewer, where somebody is named."""
        for query in self.queries:
            for viewer in self.viewers:
                ranking = self.finder.find(query, viewer)
                if ranking.recommendations:
                    yield query, viewer, ranking


@pytest.fixture(scope="module")
def asked(small_demo_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """The demo organisation as the shared tier, a member of a restricted group, and somebody else see it."""
    home = Home(tmp_path_factory.mktemp("home"))
    store = home.open_store()
    store.apply(NativeReader(small_demo_set, source=declared("demo", audience="organisation")).facts())
    home.build_index(store, encode=encoder(DEFAULT), as_of=date(2026, 10, 31))
    finder = ExpertFinder(home, store, encode=encoder(DEFAULT))
    finder.refresh()
    lines = (small_demo_set / "queries.jsonl").read_text("utf-8").splitlines()
    people = finder.viewers(limit=100)
    viewers = [Viewer(), finder.viewer(people[0].id), finder.viewer(people[-1].id)]
    yield Asked(finder, [Query(text=json.loads(line)["text"]) for line in lines[:QUERIES]], viewers)
    finder.close()


def test_most_questions_are_answered(asked: Asked) -> None:
    assert len(list(asked.answers())) > len(asked.queries) * len(asked.viewers) / 2


def test_a_score_is_the_sum_of_its_reasons(asked: Asked) -> None:
    for query, _, ranking in asked.answers():
        for one in ranking.recommendations:
            assert one.score == pytest.approx(sum(reason.value for reason in one.reasons), abs=1e-9), query.text
            assert all(reason.value > 0 for reason in one.reasons)


def test_posts_add_no_more_to_a_part_than_the_part(asked: Asked) -> None:
    for query, _, ranking in asked.answers():
        for one in ranking.recommendations:
            for reason in one.reasons:
                assert sum(cited.contribution for cited in reason.citations) <= reason.value + 1e-6, query.text


def test_answers_fall_from_the_first_to_the_last(asked: Asked) -> None:
    for _, _, ranking in asked.answers():
        found = [one.score for one in ranking.recommendations]
        assert found == sorted(found, reverse=True)


def test_an_explanation_has_the_score_of_the_answer(asked: Asked) -> None:
    for query, viewer, ranking in asked.answers():
        for one in ranking.recommendations[:2]:
            why = asked.finder.explain(query, one.subject, viewer)
            assert why.score == one.score
            assert [(reason.part, reason.value) for reason in why.reasons] == [(r.part, r.value) for r in one.reasons]


def test_every_cited_post_may_be_read(asked: Asked) -> None:
    for _, viewer, ranking in asked.answers():
        for one in ranking.recommendations:
            for reason in one.reasons:
                for cited in reason.citations:
                    asked.finder.post(cited.post, viewer)


def test_without_the_strongest_evidence_a_score_is_lower(asked: Asked) -> None:
    looked = 0
    for query, viewer, ranking in asked.answers():
        for place, one in enumerate(ranking.recommendations[:3], 1):
            behind = [reason for reason in one.reasons if reason.citations]
            if not behind:
                continue
            strongest = max(behind, key=lambda reason: reason.value).citations[0]
            assert strongest.without < one.score, query.text
            assert strongest.rank_without >= place
            why = asked.finder.explain(query, one.subject, viewer)
            lost = sum(c.contribution for reason in why.reasons for c in reason.citations if c.post == strongest.post)
            assert strongest.without == pytest.approx(one.score - lost, abs=1e-6)
            looked += 1
    assert looked > 30


def test_who_loses_all_evidence_loses_the_place(asked: Asked) -> None:
    """Really: the posts are taken back, and the question is asked again."""
    done = 0
    for query in asked.queries[:6]:
        first = next(iter(asked.finder.find(query, Viewer()).recommendations), None)
        if first is None:
            continue
        before = asked.finder.explain(query, first.subject, Viewer())
        posts = sorted({cited.post for reason in before.reasons for cited in reason.citations})
        kept = asked.finder.store.get("post", posts)
        asked.finder.store.delete("post", posts)
        asked.finder.refresh()
        after = asked.finder.find(query, Viewer())
        why = asked.finder.explain(query, first.subject, Viewer())
        assert not set(posts) & {c.post for one in after.recommendations for r in one.reasons for c in r.citations}
        assert not set(posts) & {c.post for r in why.reasons for c in r.citations}
        assert why.score < before.score
        asked.finder.store.apply(kept)
        asked.finder.refresh()
        assert asked.finder.explain(query, first.subject, Viewer()).score == pytest.approx(before.score, abs=1e-9)
        done += 1
    assert done >= 3
