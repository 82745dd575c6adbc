"""Posts, words and people of an index as bytes and lists, as `store/neo4j/index.py` keeps them, and back.

A post is one record; what is ragged in a `Segment` is a record's own bytes, in little-endian order. Many records are
put together again by joining their bytes: no loop runs over posts but over their titles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import orjson

from expertfinder.index.people.profiles import Profiles
from expertfinder.index.posts.segment import Segment
from expertfinder.store.index_server import COLUMNS

ABOUT: np.dtype[Any] = np.dtype(
    [("created", "<f8"), ("audience", "<i4"), ("length", "<f4"), ("wording", "<i8"), ("signed", "?"), ("digest", "<u8")]
)
TERMS: np.dtype[Any] = np.dtype([("term", "<i4"), ("count", "<f4")])
ACTS: np.dtype[Any] = np.dtype(
    [
        ("person", "<i4"),
        ("family", "<i2"),
        ("strength", "<f4"),
        ("at", "<f8"),
        ("audience", "<i4"),
        ("digest", "<u8"),
    ]
)
ROWS: np.dtype[Any] = np.dtype("<i4")
COUNTS: np.dtype[Any] = np.dtype("<f4")
LABELS = ("ids", "titles", "kinds", "roots", "parents", "urls", "languages")
"""Columns of text, one list of them a post."""


def packed(segment: Segment, rows: range, terms: Sequence[str], *, embedded: bool) -> Iterator[dict[str, Any]]:
    """The chosen posts of a segment as records; `embedded`: with the vector as the server's index takes it, too."""
    about = np.empty(len(segment), ABOUT)
    for name, column in (
        ("created", segment.created),
        ("audience", segment.audience),
        ("length", segment.lengths),
        ("wording", segment.wording),
        ("signed", segment.signed),
        ("digest", segment.digests),
    ):
        about[name] = column
    labels = [getattr(segment, name) for name in LABELS]
    for row in rows:
        first, last = int(segment.term_indptr[row]), int(segment.term_indptr[row + 1])
        words = np.empty(last - first, TERMS)
        words["term"], words["count"] = segment.terms[first:last], segment.counts[first:last]
        text: list[str] = []
        for term, count in zip(words["term"].tolist(), words["count"].tolist(), strict=True):
            text.extend([terms[term]] * int(count))
        first, last = int(segment.act_indptr[row]), int(segment.act_indptr[row + 1])
        acts = np.empty(last - first, ACTS)
        for name in ("person", "family", "strength", "at", "audience"):
            acts[name] = getattr(segment, f"act_{name}")[first:last]
        acts["digest"] = segment.act_digests[first:last]
        vector = np.asarray(segment.vectors[row], "<f4")
        tags = segment.tags[int(segment.tag_indptr[row]) : int(segment.tag_indptr[row + 1])]
        audience = int(segment.audience[row])
        yield {
            "row": row,
            "id": segment.ids[row],
            "parent": segment.parents[row],
            "wording": int(segment.wording[row]) or None,
            "audience": audience,
            "reader": f"a{audience}",
            "words": " ".join(text),
            "embedding": vector.astype(float).tolist() if embedded and vector.any() else None,
            "about": about[row].tobytes(),
            "labels": orjson.dumps([column[row] for column in labels]),
            "terms": words.tobytes(),
            "vector": vector.tobytes(),
            "acts": acts.tobytes(),
            "tags": np.asarray(tags, ROWS).tobytes(),
        }


def unpacked(columns: Sequence[Sequence[Any]], dimension: int) -> Segment:
    """Records (lists of row, about, labels, terms, vector, acts, tags) as a segment, in the order of their rows."""
    order = np.argsort(np.array(columns[0], np.int64), kind="stable").tolist()
    about, labels, terms, vectors, acts, tags = ([column[place] for place in order] for column in columns[1:])
    head: Any = np.frombuffer(b"".join(about), ABOUT)
    named = dict(zip(LABELS, zip(*map(orjson.loads, labels), strict=True), strict=True)) if labels else {}
    words: Any = np.frombuffer(b"".join(terms), TERMS)
    act: Any = np.frombuffer(b"".join(acts), ACTS)
    tag: Any = np.frombuffer(b"".join(tags), ROWS)
    return Segment(
        **{name: list(named.get(name, ())) for name in LABELS},
        created=head["created"].astype(np.float64),
        audience=head["audience"].astype(np.int32),
        lengths=head["length"].astype(np.float32),
        wording=head["wording"].astype(np.int64),
        signed=head["signed"].astype(bool),
        term_indptr=_ends(terms, TERMS),
        terms=words["term"].astype(np.int32),
        counts=words["count"].astype(np.float32),
        vectors=np.frombuffer(b"".join(vectors), "<f4").reshape(len(order), dimension).astype(np.float32),
        act_indptr=_ends(acts, ACTS),
        act_person=act["person"].astype(np.int32),
        act_family=act["family"].astype(np.int16),
        act_strength=act["strength"].astype(np.float32),
        act_at=act["at"].astype(np.float64),
        act_audience=act["audience"].astype(np.int32),
        tag_indptr=_ends(tags, ROWS),
        tags=tag.astype(np.int32),
        digests=head["digest"].astype(np.uint64),
        act_digests=act["digest"].astype(np.uint64),
    )


def no_posts(dimension: int) -> Segment:
    """A segment without posts."""
    return unpacked([[]] * len(COLUMNS), dimension)


def _ends(records: Sequence[bytes], kind: np.dtype[Any]) -> np.ndarray:
    ends = np.zeros(len(records) + 1, np.int64)
    np.cumsum([len(record) // kind.itemsize for record in records], out=ends[1:])
    return ends


def packed_words(profiles: Profiles, terms: Sequence[str], rows: range) -> Iterator[dict[str, Any]]:
    """Words with the people who used each, and how much."""
    for row in rows:
        first, last = int(profiles.indptr[row]), int(profiles.indptr[row + 1])
        yield {
            "word": terms[row],
            "row": row,
            "people": np.asarray(profiles.people[first:last], ROWS).tobytes(),
            "counts": np.asarray(profiles.counts[first:last], COUNTS).tobytes(),
        }


def posts_by_person(segments: Sequence[Segment], people: int) -> Iterator[dict[str, Any]]:
    """For each person with any the rows of the shared and of the restricted posts that they wrote or acted on."""
    lists: list[list[bytes]] = []
    for segment in segments:
        pairs = np.unique(np.stack([segment.act_person.astype(np.int64), segment.act_posts()], axis=1), axis=0)
        ends = np.searchsorted(pairs[:, 0], np.arange(people + 1))
        posts = pairs[:, 1].astype(ROWS)
        lists.append([posts[first:last].tobytes() for first, last in pairwise(ends.tolist())])
    for row, (shared, restricted) in enumerate(zip(*lists, strict=True)):
        if shared or restricted:
            yield {"row": row, "shared": shared, "restricted": restricted}
