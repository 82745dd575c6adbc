"""A fold: a new snapshot of the one before it and of what came since, as a build from the record would make it.

What the record says is read again only where it changed: posts and acts stay in the columns that they had, on new rows.
Statistics, sums by person, topics and the vocabulary are made of all columns, so that a fold answers as a build does,
byte for byte (`tests/unit/test_fold.py`), but for the network: who is tied to whom and who meets where stays as it was,
without what is no longer there, until the next build. A service builds with the first fold of a day.

Where who is who changed for what is in the columns, all of the record is read; the network stays as well, since
whether that was so is nobody's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson

from expertfinder.errors import FormatNotSupported, NotReady
from expertfinder.identity import Humans
from expertfinder.index import arrays
from expertfinder.index.arrays import gather
from expertfinder.index.build import Content, Tied, build_all, content_of, write
from expertfinder.index.facts import (
    DETECTED,
    audiences_around,
    community_digests,
    people_digests,
    read_people,
)
from expertfinder.index.fresh.changes import Look, Record, freshen, read_again
from expertfinder.index.fresh.crowd import Crowd
from expertfinder.index.fresh.touched import CHANGES_AT_ONCE, Touched, note
from expertfinder.index.fresh.waiting import load_waiting
from expertfinder.index.network.labels import in_words_of_today
from expertfinder.index.network.ties import carried
from expertfinder.index.people.every import EveryAct, every_act, for_whom, moved, together
from expertfinder.index.people.topics import Topics
from expertfinder.index.people.withdrawn import still_there
from expertfinder.index.posts.bm25 import Engine, Written
from expertfinder.index.posts.concepts import read_concepts
from expertfinder.index.posts.segment import (
    DIGESTS,
    Ids,
    Rows,
    Segment,
    TermRows,
    merged,
    renumbered,
    shared_audiences,
)
from expertfinder.index.posts.tiers import AsRead
from expertfinder.index.published import alone
from expertfinder.index.snapshot import Making, Progress, Snapshot, open_snapshot
from expertfinder.model import ORGANISATION, Audience, Person
from expertfinder.store import Store


def fold(store: Store, folder: Path, making: Making, *, progress: Progress) -> Path:
    """Publish a snapshot in `folder` that takes in what came since the one there. Its path.

    Where there is none that can be used, or the organisation's vocabulary changed, it is built.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays.give_back()
    with alone(folder), arrays.without_cycles():
        progress("reading what is new", 0, 1)
        found = _since(store, folder, making)
        if found is None:
            return build_all(store, folder, making, progress)
        base, snapshot, look = found
        path = folder / base.manifest.name
        content = _content(Record(base, store, making), look, path, sequence=snapshot.sequence)
        progress("reading what is new", 1, 1)
        if content is not None:
            content = replace(content, written=_written(base, look, content, path))
        else:
            sequence = store.sequence()
            content = content_of(store, replace(making, network=False), progress, sequence=sequence).content
        # A look has everybody of the snapshot on the row that they had, called by a record that is still there.
        were = look.crowd.people[: len(base.people)]
        people = [content.ids.people.get(content.identity.get(one.id, one.id), -1) for one in were]
        place = {post: number for number, post in enumerate(content.shared.ids)}
        posts = np.array([place.get(post, -1) for post in base.shared.segment.ids], np.int64)
        posts[~still_there(snapshot)] = -1
        shape = (len(content.people), len(content.shared))
        ties = carried(base.ties, people=np.array(people, np.int64), posts=posts, shape=shape)

        def tied(topics: Topics) -> Tied:
            labels = frozenset(topics.labels)
            named = [in_words_of_today(one, labels) if one.source == DETECTED else one for one in look.communities]
            # Their names are facts of the record as well, and what was erased may not be told by one.
            detected = [one for one in store.all("community") if one.source == DETECTED]
            store.apply([now for one in detected if (now := in_words_of_today(one, labels)) != one])
            return Tied(ties, named, base.manifest.network, content.sequence)

        return write(content, folder, making, tied=tied, step=progress)


def _written(base: Snapshot, look: Look, content: Content, path: Path) -> Written | None:
    """What the engine's index has of the shared tier already; `None` where a post left it, or has other words."""
    was, now, engine = base.shared.segment, content.shared, base.engine
    row_of = {post: row for row, post in enumerate(now.ids)}
    rows = np.array([row_of.get(post, -1) for post in was.ids], np.int64)
    if not isinstance(engine, Engine) or (rows < 0).any():
        return None
    term = np.array([content.ids.terms.get(word, -1) for word in base.terms], np.int64)
    for place in look.built[0].gone.tolist():
        old, new = (slice(*part.term_indptr[at : at + 2]) for part, at in ((was, place), (now, rows[place])))
        order = np.argsort(term[was.terms[old]])
        if not np.array_equal(term[was.terms[old]][order], now.terms[new]):
            return None
        if not np.array_equal(was.counts[old][order], now.counts[new]):
            return None
    return Written(path / "engine", rows[engine.rows])


def _since(store: Store, folder: Path, making: Making) -> tuple[Snapshot, Snapshot, Look] | None:
    """The snapshot in `folder`, the same with what came since, and the look at that."""
    try:
        base = open_snapshot(folder, encode=making.encode)
    except (FormatNotSupported, NotReady):
        return None
    if read_concepts(store) != base.concepts:
        return None  # what is in the columns is called otherwise now
    touched, seen = load_waiting(folder / base.manifest.name, base) or (
        Touched(since=Touched()),
        base.manifest.sequence,
    )
    if seen > store.sequence():
        return None  # an older record was put back
    while changes := store.changes(seen, limit=CHANGES_AT_ONCE):
        note(touched, changes, store)
        seen = changes[-1].sequence
    snapshot = freshen(base, store, touched, making=making, sequence=seen)
    assert touched.look is not None
    return base, snapshot, touched.look


def _content(record: Record, look: Look, path: Path, *, sequence: int) -> Content | None:
    """The record in columns, of those of the snapshot and of the look; `None` where they are not enough."""
    _, store, making = record
    if record.base.strengths is None:
        return None  # it was made before there were folds
    who, _, people = read_people(store, record.base.concepts)
    gone = {part.segment.ids[row] for part in look.built for row in part.gone.tolist()}
    kept = orjson.loads((path / "unknown.json").read_bytes())
    unknown = {post: frozenset(names) for post, names in kept.items() if post not in gone} | look.unknown
    named = sorted({name for names in unknown.values() for name in names})
    known = {name: person for name in named if (person := who.author(name)) is not None}
    if any(person not in look.crowd.rows for person in known.values()):
        return None
    if known:  # posts name them that came before their records did
        rows = look.crowd.rows | {name: look.crowd.rows[person] for name, person in known.items()}
        again = {post for post, names in unknown.items() if not names.isdisjoint(known)}
        look = read_again(record, replace(look, crowd=replace(look.crowd, rows=rows)), names=again)
        unknown = {post: names for post, names in unknown.items() if post not in again} | look.unknown
    place = _places(look.crowd, who, people)
    if place is None:
        return None
    parts, strengths = _merged(look, record.base.strengths)
    number = {post: row for row, post in enumerate((*parts[0].ids, *parts[1].ids))}
    built = [post for part in look.built for post in part.segment.ids]
    alive = np.concatenate([part.alive for part in look.built]).tolist()
    posts = np.array([number[post] if is_ else -1 for post, is_ in zip(built, alive, strict=True)], np.int64)
    waiting = set(look.segment.ids)
    last = look.last_acts.chosen(np.array([post in waiting for post in look.last_acts.posts], bool))
    turned = look.turned_to.chosen(np.array([post in waiting for post in look.turned_to.posts], bool))
    every = together(
        moved(arrays.load(EveryAct, path / "every"), people=place, posts=posts),
        moved(every_act(last, turned, number), people=place, posts=np.arange(len(number))),
    )
    ids, audiences, to = _new_rows(record, look, people, _Kept(parts, every, place))
    shared, restricted = map(to.of, parts)
    if any((part.act_person < 0).any() for part in (shared, restricted)):
        return None  # somebody who is no more still stands in a column
    held = {audience.key for audience in audiences}
    digests = {key: value for key, value in look.digests.items() if key in held or value % DIGESTS}
    for some, sign in (
        (community_digests(look.communities, {one.id: one for one in look.crowd.people}, making.secret), -1),
        (people_digests(set(look.crowd.people) - set(people), making.secret), -1),
        (people_digests(set(people) - set(look.crowd.people), making.secret), 1),
    ):
        for key, value in some.items():
            digests[key] = digests.get(key, 0) + sign * value
    return Content(
        people=people,
        identity={name: people[to.people[row]].id for name, row in look.crowd.rows.items()},
        rights=who.rights,
        machine_posts=look.machine_posts,
        audiences=audiences,
        ids=ids,
        shared=shared,
        restricted=restricted,
        strengths=strengths,
        every=for_whom(every, to.audiences),
        unknown=unknown,
        digests=digests,
        sequence=sequence,
        concepts=record.base.concepts,
        repeated=record.base.repeated,
    )


def _places(crowd: Crowd, who: Humans, people: Sequence[Person]) -> np.ndarray | None:
    """int64: the row of each person of a look among all `people`, -1 for who is no more; `None` where they are not the
    same ones."""
    gone = set(range(len(crowd.people))) - set(crowd.rows.values())
    if crowd.apart - gone or len(crowd.people) - len(gone) != len(people):
        return None
    row_of = {person.id: row for row, person in enumerate(people)}
    if any(who.author(name) != crowd.people[row].id for name, row in crowd.rows.items()):
        return None
    places = [-1 if row in gone else row_of.get(person.id, -1) for row, person in enumerate(crowd.people)]
    return None if places.count(-1) > len(gone) else np.array(places, np.int64)


def _merged(look: Look, before: AsRead) -> tuple[list[Segment], AsRead]:
    """The posts of each tier as they are now, on the rows of the look, and the strengths as they were read."""
    open_now = shared_audiences(look.audiences)[look.segment.audience]
    parts, strengths = [], []
    for tier, had, shared in zip(look.built, (before.shared, before.restricted), (True, False), strict=True):
        rows = np.flatnonzero(open_now == shared)
        part, acts = merged(tier.segment, look.segment.take(rows.tolist()), np.flatnonzero(tier.alive))
        came = look.strengths[gather(look.segment.act_indptr, rows)[0]]
        parts.append(part)
        strengths.append(np.concatenate([had, came])[acts])
    return parts, AsRead(*strengths)


class _Kept(NamedTuple):
    """What the new snapshot has, on the rows of the look but for people in `every`."""

    parts: list[Segment]
    every: EveryAct
    place: np.ndarray
    """As `_places`."""


def _new_rows(record: Record, look: Look, people: Sequence[Person], kept: _Kept) -> tuple[Ids, list[Audience], Rows]:
    """The tables that columns refer to, in the order that a build gives them, without what nothing refers to any more:
    an audience names people."""
    parts, every = kept.parts, kept.every
    columns = [column for part in parts for column in (part.audience, part.act_audience)]
    columns += [every.audience, every.for_whom]
    used = np.bincount(np.concatenate(columns), minlength=len(look.audiences)).tolist()
    known = {
        audience.key: audience
        for audience, often in zip(look.audiences, used, strict=True)
        if often or look.digests.get(audience.key, 0) % DIGESTS
    }
    known |= audiences_around(people, look.communities)
    keys = list(dict.fromkeys((ORGANISATION.key, *sorted(known))))
    ids = Ids(
        terms=TermRows(),
        tags={},
        people={person.id: row for row, person in enumerate(people)},
        audiences={key: row for row, key in enumerate(keys)},
        families={family: row for row, family in enumerate(record.base.families)},
        secret=record.making.secret,
    )
    rows = Rows(
        people=kept.place,
        audiences=np.array([ids.audiences.get(audience.key, -1) for audience in look.audiences], np.int64),
        terms=renumbered(list(record.base.term_rows), [part.terms for part in parts], ids.terms),
        tags=renumbered(look.tags, [part.tags for part in parts], ids.tags),
    )
    return ids, [known[key] for key in keys], rows
