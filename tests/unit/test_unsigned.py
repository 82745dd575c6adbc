"""A post that names no author is found, and is in no statistic: what nobody wrote orders nobody."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.office import FACTS, INGRESS, LAWYER, LEDGER, QUESTION, TODAY, act, opened, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import SHARED, Post, Query

NOTICE = "Canteen menu: lentil soup, pancakes, wednesdays only."
QUERIES = [Query(text=text, limit=100) for text in (QUESTION, INGRESS, LEDGER)]
DATES = [None, *(datetime(year, 1, 1, tzinfo=UTC) for year in (1, 1601, 1970, 2019, 2106, 2999, 9999))]


def unsigned(at: datetime | None, text: str = NOTICE) -> Post:
    return replace(post("notice", "", text), authors=(), created_at=at)


def _frequencies(snapshot: Snapshot) -> dict[str, float]:
    counts = snapshot.statistics.frequency.tolist()
    return {word: counts[row] for word, row in snapshot.term_rows.items() if row < len(counts) and counts[row]}


def answers(finder: ExpertFinder) -> list[list[str]]:
    found = [finder.find(query, viewer).recommendations for query in QUERIES for viewer in (SHARED, LAWYER)]
    return [[one.subject for one in each] for each in found]


@pytest.mark.parametrize("at", DATES)
def test_what_nobody_wrote_moves_nobody_whenever_it_is_dated(tmp_path: Path, at: datetime | None) -> None:
    with closing(opened(tmp_path, FACTS)) as finder:
        before = answers(finder)
        finder.store.apply([unsigned(at)])
        finder.refresh()
        assert answers(finder) == before
        finder.home.build_index(finder.store, encode=encoder(DEFAULT), as_of=TODAY)
        finder.refresh()
        assert answers(finder) == before
        finder.store.delete("post", ["o:notice"])
        finder.refresh()
        assert answers(finder) == before


def test_what_nobody_wrote_is_in_no_statistic(tmp_path: Path) -> None:
    with closing(opened(tmp_path, FACTS)) as finder:
        was = finder.snapshot
        finder.store.apply([unsigned(None, f"{LEDGER} {NOTICE}")])
        for _ in range(2):
            finder.refresh()
            now = finder.snapshot
            assert _frequencies(now) == _frequencies(was)
            assert (now.statistics.posts, now.statistics.total_length) == (
                was.statistics.posts,
                was.statistics.total_length,
            )
            assert (now.manifest.span, now.manifest.calendar) == (was.manifest.span, was.manifest.calendar)
            assert now.profiles.post_length == was.profiles.post_length
            finder.home.build_index(finder.store, encode=encoder(DEFAULT), as_of=TODAY)


def test_who_dealt_with_what_nobody_wrote_is_found_by_its_words(tmp_path: Path) -> None:
    with closing(opened(tmp_path, [*FACTS, unsigned(DATES[4]), act("cleo", "review", "notice")])) as finder:
        found = finder.find(Query(text="lentil soup wednesdays"), SHARED).recommendations
    assert [one.subject for one in found][:1] == ["o:cleo"]
