"""Posts in columns: what goes in comes out, in whichever rows one asks for, and from disk as from memory."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.office import ACTS, PEOPLE, POSTS

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.identity import humans
from expertfinder.index import arrays
from expertfinder.index.encoders.encoder import encoder
from expertfinder.index.posts.documents import document, thread_root
from expertfinder.index.posts.evidence import evidence_of
from expertfinder.index.posts.segment import Entry, Ids, Segment, TermRows, build_segment, days
from expertfinder.index.snapshot import family_names

IDENTITY = humans(PEOPLE).identity
BY_ID = {post.id: post for post in POSTS}


def office_segment() -> tuple[Segment, Ids, list[Entry]]:
    """The posts of the office as a segment, with its tables and what it was made of."""
    families = family_names(vocabulary())
    people = {person.id: person for person in PEOPLE}
    ids = Ids(
        TermRows(), {}, {name: row for row, name in enumerate(people)}, {}, {f: i for i, f in enumerate(families)}, b"k"
    )
    entries = []
    for post in sorted(POSTS, key=lambda post: post.id):
        acts = [act for act in ACTS if act.object == post.id]
        evidence = evidence_of(post, acts, identity=IDENTITY, people=people, vocabulary=vocabulary())
        root = thread_root(post, BY_ID)
        entries.append(Entry(post, document(post, root), root.id if root else "", evidence))
        for audience in (post.audience, *(found.audience for found in evidence)):
            ids.audiences.setdefault(audience.key, len(ids.audiences))
    return build_segment(entries, ids=ids, encode=encoder("static-minilm")), ids, entries


SEGMENT, IDS, ENTRIES = office_segment()


def row_of(segment: Segment, row: int) -> dict[str, object]:
    """Everything that a segment keeps of one post."""
    start, end = int(segment.term_indptr[row]), int(segment.term_indptr[row + 1])
    first, last = int(segment.act_indptr[row]), int(segment.act_indptr[row + 1])
    tag, tag_end = int(segment.tag_indptr[row]), int(segment.tag_indptr[row + 1])
    acts = ("act_person", "act_family", "act_strength", "act_at", "act_audience", "act_digests")
    single = ("ids", "titles", "kinds", "roots", "parents", "urls", "languages", "created", "audience", "lengths")
    return {
        **{name: getattr(segment, name)[row] for name in (*single, "digests")},
        "terms": segment.terms[start:end].tolist(),
        "counts": segment.counts[start:end].tolist(),
        "vector": segment.vectors[row].tolist(),
        **{name: getattr(segment, name)[first:last].tolist() for name in acts},
        "tags": segment.tags[tag:tag_end].tolist(),
    }


def test_a_row_holds_the_words_the_acts_and_the_tags_of_its_post() -> None:
    words = {row: word for word, row in IDS.terms.items()}
    tags = {row: tag for tag, row in IDS.tags.items()}
    names = {row: name for name, row in IDS.people.items()}
    assert SEGMENT.ids == [entry.post.id for entry in ENTRIES]
    for row, entry in enumerate(ENTRIES):
        kept = row_of(SEGMENT, row)
        counted = dict(zip((words[t] for t in kept["terms"]), kept["counts"], strict=True))  # type: ignore[attr-defined]
        assert counted == {word: entry.document.words.count(word) for word in entry.document.words}
        assert kept["lengths"] == len(entry.document.words)
        assert [tags[tag] for tag in kept["tags"]] == list(entry.post.tags)  # type: ignore[attr-defined]
        assert [names[who] for who in kept["act_person"]] == [act.person for act in entry.evidence]  # type: ignore[attr-defined]
        assert kept["created"] == days(entry.post.created_at)


def test_a_reply_carries_the_words_of_its_question_and_an_act_of_every_record_is_of_the_person() -> None:
    reply = SEGMENT.ids.index("o:r1")
    assert SEGMENT.titles[reply] == "Re: Ingress drops calls"
    assert SEGMENT.roots[reply] == "o:q1"
    assert IDS.terms["minute"] in SEGMENT.terms[SEGMENT.term_indptr[reply] : SEGMENT.term_indptr[reply + 1]]
    chat = SEGMENT.ids.index("o:chat1")
    assert SEGMENT.act_person[SEGMENT.act_indptr[chat]] == IDS.people["o:ada"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, len(POSTS) - 1), max_size=12))
def test_taken_rows_are_the_rows(rows: list[int]) -> None:
    part = SEGMENT.take(rows)
    assert len(part) == len(rows)
    assert [row_of(part, place) for place in range(len(rows))] == [row_of(SEGMENT, row) for row in rows]


def test_a_segment_comes_back_from_disk_as_it_was_and_cannot_be_written_to(tmp_path: Path) -> None:
    arrays.save(SEGMENT, tmp_path / "whole")
    arrays.save(SEGMENT.take([]), tmp_path / "empty")
    for original, loaded in ((SEGMENT, arrays.load(Segment, tmp_path / "whole")),
                             (SEGMENT.take([]), arrays.load(Segment, tmp_path / "empty"))):  # fmt: skip
        for entry in fields(Segment):
            before, after = getattr(original, entry.name), getattr(loaded, entry.name)
            if isinstance(before, np.ndarray):
                assert np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
                assert before.dtype == after.dtype
            else:
                assert before == after
    assert not arrays.load(Segment, tmp_path / "whole").vectors.flags.writeable


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=8), st.data())
def test_gathering_ragged_rows_is_reading_them_one_after_the_other(lists: list[list[int]], data: st.DataObject) -> None:
    indptr, values = arrays.ragged(lists, np.int64)
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=8))
    positions, owner = arrays.gather(indptr, np.array(rows, np.int64))
    expected = [(place, value) for place, row in enumerate(rows) for value in lists[row]]
    assert list(zip(owner.tolist(), values[positions].tolist(), strict=True)) == expected
