"""Posts in columns: what a snapshot keeps of a set of posts, in the order of their ids. Made of one tier only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

import numpy as np
import orjson

from expertfinder.index.arrays import distinct, gather, ragged
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.posts.documents import Document, remembering, thread_root
from expertfinder.index.posts.language import language_of
from expertfinder.index.posts.own_words import Own, own_words
from expertfinder.model import NOBODY, Audience, Community, Evidence, Person, Post, Source
from expertfinder.policy import is_open, is_shared, narrower

DAY = 86_400.0
"""Seconds of a day."""
ENCODE_BATCH = 512
"""Texts are encoded in lots of so many, and progress is told after each."""
PRAISE = ("accepted", "endorsed")
"""Families of evidence that others give the authors of a post."""
_VALUES = {kind: attrgetter(*kind.__dataclass_fields__) for kind in (Person, Post, Evidence, Community, Source)}
DIGESTS = 1 << 128
"""Sums of digests are kept below this."""


def days(at: datetime | None) -> float:
    """Days since 1970 (UTC); not a number for an unknown time."""
    return at.timestamp() / DAY if at is not None else float("nan")


@dataclass(frozen=True, slots=True)
class Segment:
    """A set of posts; every array has a row a post, or is ragged with an `_indptr` [posts + 1] beside it."""

    ids: list[str]
    titles: list[str]
    """For display; for a reply `Re: ` and the thread's title."""
    kinds: list[str]
    roots: list[str]
    """Id of the post that began the thread whose words a reply carries; empty for a post that stands alone."""
    parents: list[str]
    """Id of the post that this one answers, there or not; the words of a reply follow what becomes of it."""
    urls: list[str]
    languages: list[str]
    """As the source says it, or as its words show; empty where neither does."""
    created: np.ndarray
    """float64 [posts], days since 1970; not a number where undated."""
    audience: np.ndarray
    """int32 [posts], row of the snapshot's table of audiences."""
    lengths: np.ndarray
    """float32 [posts], words of the document."""
    wording: np.ndarray
    """int64 [posts], equal where two posts say the same in the same words of their own; 0 for those of few words."""
    signed: np.ndarray
    """bool [posts]: whether the post names an author, known or not. What nobody wrote is in no statistic."""
    term_indptr: np.ndarray
    terms: np.ndarray
    """int32, ids of distinct words, ascending within a post."""
    counts: np.ndarray
    """float32, how often each occurs."""
    vectors: np.ndarray
    """float32 [posts, dimension], rows of length 1 (or zero)."""
    act_indptr: np.ndarray
    act_person: np.ndarray
    """int32, row of the snapshot's table of people."""
    act_family: np.ndarray
    """int16, row of the snapshot's list of families."""
    act_strength: np.ndarray
    """float32."""
    act_at: np.ndarray
    """float64, days since 1970; not a number where undated."""
    act_audience: np.ndarray
    """int32."""
    tag_indptr: np.ndarray
    tags: np.ndarray
    """int32, row of the snapshot's list of tags."""
    digests: np.ndarray
    """uint64 [posts], keyed digest of the post; versions are sums of these and the next, by audience."""
    act_digests: np.ndarray
    """uint64 [acts]."""

    def __len__(self) -> int:
        return len(self.ids)

    def act_posts(self) -> np.ndarray:
        """int64 [acts]: the row of the post that each act was done to."""
        return np.repeat(np.arange(len(self)), np.diff(self.act_indptr))

    def posts_of(self, acts: np.ndarray) -> np.ndarray:
        """The same for the chosen acts only: a few need no pass over all."""
        return np.asarray(np.searchsorted(self.act_indptr, acts, side="right") - 1)

    def cosine(self, rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """float64: cosines of the chosen posts, row by row in 64 bits, so that none depends on how many there are."""
        return np.asarray(np.einsum("ij,j->i", self.vectors[rows].astype(np.float64), vector.astype(np.float64)))

    def take(self, rows: Sequence[int]) -> Segment:
        """The chosen rows as a segment of their own."""
        index = np.asarray(rows, np.int64)

        def part(indptr: np.ndarray, *columns: np.ndarray) -> tuple[np.ndarray, ...]:
            positions, _ = gather(indptr, index)
            sizes = np.zeros(len(index) + 1, np.int64)
            np.cumsum(indptr[index + 1] - indptr[index], out=sizes[1:])
            return sizes, *(np.asarray(column[positions]) for column in columns)

        term_indptr, terms, counts = part(self.term_indptr, self.terms, self.counts)
        act = part(
            self.act_indptr,
            self.act_person,
            self.act_family,
            self.act_strength,
            self.act_at,
            self.act_audience,
            self.act_digests,
        )
        tag_indptr, tags = part(self.tag_indptr, self.tags)
        return replace(
            self,
            ids=[self.ids[i] for i in rows],
            titles=[self.titles[i] for i in rows],
            kinds=[self.kinds[i] for i in rows],
            roots=[self.roots[i] for i in rows],
            parents=[self.parents[i] for i in rows],
            urls=[self.urls[i] for i in rows],
            languages=[self.languages[i] for i in rows],
            created=np.asarray(self.created[index]),
            audience=np.asarray(self.audience[index]),
            lengths=np.asarray(self.lengths[index]),
            wording=np.asarray(self.wording[index]),
            signed=np.asarray(self.signed[index]),
            term_indptr=term_indptr,
            terms=terms,
            counts=counts,
            vectors=np.asarray(self.vectors[index]),
            act_indptr=act[0],
            act_person=act[1],
            act_family=act[2],
            act_strength=act[3],
            act_at=act[4],
            act_audience=act[5],
            tag_indptr=tag_indptr,
            tags=tags,
            digests=np.asarray(self.digests[index]),
            act_digests=act[6],
        )


class Parts:
    """Segments on their way into one, column by column: what was taken in is not held twice."""

    def __init__(self, parts: Iterable[Segment] = ()) -> None:
        self._columns: dict[str, list[Any]] = {entry.name: [] for entry in fields(Segment)}
        for part in parts:
            self.add(part)

    def add(self, part: Segment) -> None:
        """Put a segment after those before it."""
        for name, columns in self._columns.items():
            column = getattr(part, name)
            columns.append(np.diff(column) if name.endswith("_indptr") else column)

    def whole(self) -> Segment:
        """All of them, one after the other: in the order of ids where they were added so. Nothing is left here."""
        values: dict[str, Any] = {}
        for name, columns in self._columns.items():
            if isinstance(columns[0], list):
                values[name] = [value for column in columns for value in column]
            elif name.endswith("_indptr"):
                values[name] = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate(columns))])
            else:
                values[name] = np.concatenate(columns)
            columns.clear()
        return Segment(**values)


def joined(parts: Sequence[Segment]) -> Segment:
    """Several segments as one, in the order of ids. No post may be in two of them."""
    parts = [part for part in parts if len(part)] or list(parts[:1])
    if len(parts) == 1:
        return parts[0]
    whole = Parts(parts).whole()
    return whole.take(sorted(range(len(whole)), key=whole.ids.__getitem__))


def merged(one: Segment, other: Segment, rows: np.ndarray) -> tuple[Segment, np.ndarray]:
    """The chosen rows of a segment and all of another, in the order of their ids; and int64 [acts], where each act
    stands among those of `one` and then of `other`."""
    both = Parts([one, other]).whole()
    order = sorted([*rows.tolist(), *range(len(one), len(both))], key=both.ids.__getitem__)
    acts, _ = gather(both.act_indptr, np.array(order, np.int64))
    return both.take(order), acts


class TermRows(dict[str, int]):
    """Word -> row. Not every table has all words at hand: who looks words up says so first."""

    def meet(self, words: Iterable[str]) -> None:
        """Make the rows of these words known, as far as they have any. Here all are known."""


@dataclass(frozen=True, slots=True)
class Ids:
    """The tables that columns refer to: text -> row. Rows are given to what is new by `row`."""

    terms: TermRows
    tags: dict[str, int]
    people: dict[str, int]
    audiences: dict[str, int]
    families: dict[str, int]
    secret: bytes
    """Keys the digests."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Row that columns have -> row of a new snapshot, int64; -1 for what no post has any more."""

    people: np.ndarray
    audiences: np.ndarray
    terms: np.ndarray
    tags: np.ndarray

    def of(self, part: Segment) -> Segment:
        """Posts on new rows, words ascending within each."""
        terms, counts = self.terms[part.terms].astype(np.int32), part.counts
        falls = np.flatnonzero(np.diff(terms) < 0) + 1
        posts = np.searchsorted(part.term_indptr, falls, side="right") - 1
        mixed = np.unique(posts[part.term_indptr[posts] < falls])
        if len(mixed):
            positions, owner = gather(part.term_indptr, mixed)
            order = positions[np.lexsort((terms[positions], owner))]
            counts = np.array(counts)
            terms[positions], counts[positions] = terms[order], counts[order]
        return replace(
            part,
            audience=self.audiences[part.audience].astype(np.int32),
            terms=terms,
            counts=counts,
            act_person=self.people[part.act_person].astype(np.int32),
            act_audience=self.audiences[part.act_audience].astype(np.int32),
            tags=self.tags[part.tags].astype(np.int32),
        )


def renumbered(names: Sequence[str], used: Sequence[np.ndarray], table: dict[str, int]) -> np.ndarray:
    """Old row -> new row: those of the first part that uses them in the order of names, then those of the next. The
    table is filled with them."""
    to = np.full(len(names), -1, np.int64)
    for rows in used:
        new = np.flatnonzero((np.bincount(rows, minlength=len(names)) > 0) & (to < 0)).tolist()
        for old in sorted(new, key=names.__getitem__):
            to[old] = row(table, names[old])
    return to


def shared_audiences(audiences: Sequence[Audience]) -> np.ndarray:
    """bool, a row an audience: of the shared tier, as `policy` says."""
    return np.array([is_shared(audience) for audience in audiences], bool)


def open_people(people: Sequence[Person]) -> np.ndarray:
    """bool, a row a person: whom everybody may find, as `policy` says."""
    return np.array([is_open(person) for person in people], bool)


def fact_digest(secret: bytes, fact: Person | Post | Evidence | Community | Source) -> int:
    """A keyed digest of one fact, 64 bits: sums of it change with the set of facts and not with their order. Without
    the audience, whose other names no reader of the fact sees; of a person without groups and accounts, too."""
    fact = replace(fact, groups=(), accounts=()) if isinstance(fact, Person) else fact
    said = dict(zip(fact.__dataclass_fields__, _VALUES[type(fact)](fact), strict=True))
    body = orjson.dumps(said | {"audience": NOBODY})
    return int.from_bytes(hashlib.blake2b(body, digest_size=8, key=secret).digest(), "big")


def digests_of(
    segment: Segment, rows: np.ndarray, *, audiences: Sequence[Audience], people: Sequence[Person]
) -> dict[str, int]:
    """Key of an audience -> sum of the digests of those facts of the chosen rows that it may read.

    An act is readable for who may read it and may find who did it; an act of a hidden person is for nobody.
    """
    keys = [audience.key for audience in audiences]
    total = dict.fromkeys(keys, 0)
    if not len(rows):
        return total
    for audience, digest in _sums(segment.audience[rows].astype(np.int64), segment.digests[rows]):
        total[keys[audience]] += digest
    positions, _ = gather(segment.act_indptr, rows)
    finders, whose = _finders(people)
    shown = np.array([not person.hidden for person in people], bool)
    positions = positions[shown[segment.act_person[positions]]]
    finder = whose[segment.act_person[positions]]
    pairs = segment.act_audience[positions].astype(np.int64) * len(finders) + finder
    for pair, digest in _sums(pairs, segment.act_digests[positions]):
        audience, other = divmod(pair, len(finders))
        key = narrower(audiences[audience], finders[other]).key
        total[key] = total.get(key, 0) + digest
    return total


def _sums(groups: np.ndarray, digests: np.ndarray) -> Iterator[tuple[int, int]]:
    """Each group with the exact sum of its digests, 64 bits each: of their halves, which overflow for no fewer than
    2^32 of them."""
    if not len(groups):
        return
    order = np.argsort(groups, kind="stable")
    groups, digests = groups[order], digests[order]
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    low, high = (np.add.reduceat(half, starts) for half in (digests & np.uint64(0xFFFFFFFF), digests >> np.uint64(32)))
    for group, below, above in zip(groups[starts].tolist(), low.tolist(), high.tolist(), strict=True):
        yield group, (above << 32) + below


def _finders(people: Sequence[Person]) -> tuple[list[Audience], np.ndarray]:
    """The audiences of people, each once, and int64: the place of each person's among them."""
    findable = {person.audience.key: person.audience for person in people}
    place = {key: number for number, key in enumerate(findable)}
    return list(findable.values()), np.array([place[person.audience.key] for person in people], np.int64)


def audiences_of_acts(
    segment: Segment, *, audiences: Sequence[Audience], people: Sequence[Person]
) -> dict[str, Audience]:
    """The audiences that `digests_of` tells acts by, by their keys: who may read an act and find who did it."""
    finders, whose = _finders(people)
    pairs = distinct(segment.act_audience.astype(np.int64) * len(finders) + whose[segment.act_person])
    both = [narrower(audiences[pair // len(finders)], finders[pair % len(finders)]) for pair in pairs.tolist()]
    return {audience.key: audience for audience in both}


def row(table: dict[str, int], name: str) -> int:
    """The row of a name, the next free one for a new name."""
    return table.setdefault(name, len(table))


@dataclass(frozen=True, slots=True)
class Entry:
    """One post on its way into a segment."""

    post: Post
    document: Document
    root: str
    """Id of the post that began its thread, if its words are in the document."""
    evidence: Sequence[Evidence]


def entries(
    posts: Sequence[Post],
    around: Mapping[str, Post],
    evidence: Mapping[str, Sequence[Evidence]],
    read: Callable[[Post], Own] = own_words,
) -> list[Entry]:
    """Posts with their documents and evidence; `around`: these posts and those above them in their threads, by id;
    `read`: gives what of a post is its author's."""
    found: list[Entry] = []
    document = remembering(read)
    for post in posts:
        root = thread_root(post, around)
        text = document(post, root)
        found.append(Entry(post, text, root.id if root else "", _in_proportion(evidence[post.id], text)))
    return found


def _in_proportion(evidence: Sequence[Evidence], read: Document) -> Sequence[Evidence]:
    """Evidence of the authors of a post, by what of the post is their own; what others did to it stays as it is.

    Of who added nothing of their own there is none.
    """
    if read.share >= 1.0 and read.praised >= 1.0:
        return evidence
    shares = {"authored": read.share, **dict.fromkeys(PRAISE, read.praised)}
    own = (replace(one, strength=one.strength * shares.get(one.kind, 1.0)) for one in evidence)
    return [one for one in own if one.strength > 0]


def build_segment(
    entries: Sequence[Entry],
    *,
    ids: Ids,
    encode: Encoder,
    progress: Callable[[int], None] | None = None,
) -> Segment:
    """Columns of posts, which are sorted by id.

    New words and tags are given rows in `ids` in sorted order, so that rows depend on nothing but the posts.
    """
    posts, documents = [entry.post for entry in entries], [entry.document for entry in entries]
    said = {word for entry in documents for word in entry.words}
    ids.terms.meet(said)
    for word in sorted(word for word in said if word not in ids.terms):
        row(ids.terms, word)
    for tag in sorted({tag for post in posts for tag in post.tags if tag not in ids.tags}):
        row(ids.tags, tag)

    every = np.array([ids.terms[word] for entry in documents for word in entry.words], np.int64)
    owner = np.repeat(np.arange(len(documents)), [len(entry.words) for entry in documents])
    pairs, counts = np.unique((owner << 32) + every, return_counts=True)
    term_indptr = np.searchsorted(pairs, np.arange(len(documents) + 1) << 32)
    vectors = np.zeros((len(posts), encode.dimension), np.float32)
    for start in range(0, len(posts), ENCODE_BATCH):
        vectors[start : start + ENCODE_BATCH] = encode.encode(
            [entry.prose for entry in documents[start : start + ENCODE_BATCH]]
        )
        if progress is not None:
            progress(min(ENCODE_BATCH, len(posts) - start))
    acts = [list(entry.evidence) for entry in entries]
    act_indptr, act_person = ragged([[ids.people[act.person] for act in entry] for entry in acts], np.int32)
    flat = [act for entry in acts for act in entry]
    tag_indptr, tags = ragged([[ids.tags[tag] for tag in dict.fromkeys(post.tags)] for post in posts], np.int32)
    return Segment(
        ids=[post.id for post in posts],
        titles=[entry.title for entry in documents],
        kinds=[post.kind for post in posts],
        roots=[entry.root for entry in entries],
        parents=[post.parent for post in posts],
        urls=[post.url for post in posts],
        languages=[
            post.language.partition("-")[0].lower() or language_of(entry.prose)
            for post, entry in zip(posts, documents, strict=True)
        ],
        created=np.array([days(post.created_at) for post in posts], np.float64),
        audience=np.array([ids.audiences[post.audience.key] for post in posts], np.int32),
        lengths=np.array([entry.length for entry in documents], np.float32),
        wording=np.array([entry.wording for entry in documents], np.int64),
        signed=np.array([bool(post.authors) for post in posts], bool),
        term_indptr=term_indptr,
        terms=(pairs & 0xFFFFFFFF).astype(np.int32),
        counts=counts.astype(np.float32),
        vectors=vectors,
        act_indptr=act_indptr,
        act_person=act_person,
        act_family=np.array([ids.families[act.kind] for act in flat], np.int16),
        act_strength=np.array([act.strength for act in flat], np.float32),
        act_at=np.array([days(act.at) for act in flat], np.float64),
        act_audience=np.array([ids.audiences[act.audience.key] for act in flat], np.int32),
        tag_indptr=tag_indptr,
        tags=tags,
        digests=np.array([fact_digest(ids.secret, post) for post in posts], np.uint64),
        act_digests=np.array([fact_digest(ids.secret, act) for act in flat], np.uint64),
    )
