"""Posts as bytes and back: nothing is lost, and parts put together are the whole."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from tests.unit.office import opened

from expertfinder.index.posts.segment import Segment, joined
from expertfinder.index.server.packing import COUNTS, ROWS, packed, packed_words, posts_by_person, unpacked
from expertfinder.index.snapshot import Snapshot
from expertfinder.store.index_server import COLUMNS


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    finder = opened(tmp_path_factory.mktemp("home") / "home")
    return finder.snapshot


def same(one: Segment, other: Segment) -> None:
    for entry in fields(Segment):
        mine, yours = getattr(one, entry.name), getattr(other, entry.name)
        if isinstance(mine, list):
            assert mine == yours, entry.name
        else:
            assert mine.dtype == yours.dtype, entry.name
            np.testing.assert_array_equal(mine, yours, err_msg=entry.name)


def back(segment: Segment, terms: list[str], order: list[int]) -> Segment:
    records = list(packed(segment, range(len(segment)), terms, embedded=True))
    columns = [[records[row][name] for row in order] for name in COLUMNS]
    return unpacked(columns, segment.vectors.shape[1])


def test_a_post_comes_back_as_it_went_whatever_order_it_is_given_in(snapshot: Snapshot) -> None:
    assert len(snapshot.shared) > 20
    for segment in snapshot.tiers.segments[:2]:
        backwards = list(range(len(segment)))[::-1]
        same(back(segment, snapshot.terms, backwards), segment)


def test_no_posts_are_an_empty_segment_and_join_with_others(snapshot: Snapshot) -> None:
    nothing = unpacked([[] for _ in COLUMNS], snapshot.shared.segment.vectors.shape[1])
    assert len(nothing) == 0
    same(joined([nothing, snapshot.shared.segment]), snapshot.shared.segment)
    assert len(joined([nothing, nothing])) == 0


def test_two_parts_make_the_whole_in_the_order_of_ids(snapshot: Snapshot) -> None:
    every = snapshot.shared.segment
    odd, even = every.take(range(1, len(every), 2)), every.take(range(0, len(every), 2))
    same(joined([odd, even]), every.take(range(len(every))))


def test_the_text_of_a_post_has_each_word_as_often_as_the_post(snapshot: Snapshot) -> None:
    record = next(packed(snapshot.shared.segment, range(1), snapshot.terms, embedded=False))
    assert record["embedding"] is None
    words = record["words"].split()
    assert len(words) == snapshot.shared.segment.lengths[0]
    every = snapshot.shared.segment
    assert set(words) == {snapshot.terms[row] for row in every.terms[: every.term_indptr[1]]}


def test_words_know_who_used_them_and_people_their_posts(snapshot: Snapshot) -> None:
    terms = snapshot.terms
    records = list(packed_words(snapshot.profiles, terms, range(len(terms))))
    row = snapshot.term_rows["ledger"]
    assert records[row]["word"] == "ledger"
    who = np.frombuffer(records[row]["people"], ROWS)
    assert snapshot.person_rows["o:cleo"] in who
    assert len(np.frombuffer(records[row]["counts"], COUNTS)) == len(who)
    people = {record["row"]: record for record in posts_by_person(snapshot.tiers.segments[:2], len(snapshot.people))}
    dana = people[snapshot.person_rows["o:dana"]]
    assert [snapshot.restricted.segment.ids[at] for at in np.frombuffer(dana["restricted"], ROWS)] == [
        f"o:d{n}" for n in range(1, 7)
    ]
    assert dana["shared"] == b""
