"""The fresh tier: what came or changed since the snapshot was built, ready to be asked within the second.

A function of the snapshot and the record: every post that a change touched is read again with all its acts and stands,
as it is now, in a small segment of its own; its old row is gone. Word statistics and near-copies follow exactly, so
that a fresh post scores as it will after the next build. What left the shared tier is out of profiles and standing at
once; what came waits for that build, as topics do (`docs/limits.md`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.index import arrays
from expertfinder.index.facts import (
    DETECTED,
    Everybody,
    audiences_around,
    community_digests,
    people_digests,
    read_facts,
    settled,
)
from expertfinder.index.fresh.crowd import Crowd, people_now, people_since, praised_by_changed, rows_in
from expertfinder.index.fresh.replies import replies_of, with_replies
from expertfinder.index.fresh.touched import Touched
from expertfinder.index.network.labels import in_words_of_today
from expertfinder.index.people.directory import Directory
from expertfinder.index.people.labels import said_today
from expertfinder.index.people.last_acts import Known, LastActs, last_acts
from expertfinder.index.people.topics import Topics
from expertfinder.index.people.turned_to import TurnedTo, turned_to
from expertfinder.index.people.wished import read_wishes
from expertfinder.index.people.withdrawn import Withdrawn, without_withdrawn
from expertfinder.index.posts.bm25 import statistics_now
from expertfinder.index.posts.evidence import open_machines
from expertfinder.index.posts.lexicon import Lexicon
from expertfinder.index.posts.near_copies import discounted, moved
from expertfinder.index.posts.said_before import Texts, Wrote
from expertfinder.index.posts.segment import (
    DIGESTS,
    Ids,
    Segment,
    audiences_of_acts,
    build_segment,
    digests_of,
    entries,
    merged,
    shared_audiences,
)
from expertfinder.index.posts.tiers import AsRead, Tier
from expertfinder.index.snapshot import Making, Snapshot
from expertfinder.model import Audience, Community, Person
from expertfinder.policy import is_shared
from expertfinder.store import Store


class Record(NamedTuple):
    """What is read, and how."""

    base: Snapshot
    store: Store
    making: Making


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found, for the next one to go on from: what waits is not read again, only what was touched since."""

    crowd: Crowd
    directory: Directory
    communities: list[Community]
    replies: Mapping[str, Sequence[str]]
    """Post of the build -> the posts that answer it."""
    built: tuple[Tier, Tier]
    """The posts of the build, of which near-copies have come or gone since as strong as they are now."""
    wrote: Wrote
    """Who wrote them."""
    segment: Segment
    """What waits, with the strengths of near-copies made smaller."""
    strengths: np.ndarray
    """float32, a row an act of `segment`: as they were read."""
    audiences: list[Audience]
    tags: list[str]
    came: dict[str, frozenset[str]]
    """Shared post -> its words that the vocabulary of the snapshot does not have, where it has any."""
    unknown: dict[str, frozenset[str]]
    """Post that waits -> who wrote it or did something to it and is nobody known, where there is any."""
    machine_posts: dict[str, tuple[str, ...]]
    """As `Snapshot.machine_posts`, as they are now."""
    digests: dict[str, int]
    sums: Withdrawn
    said: tuple[Topics, Lexicon]
    last_acts: LastActs
    turned_to: TurnedTo


@arrays.without_cycles()
def freshen(base: Snapshot, store: Store, touched: Touched, *, making: Making, sequence: int) -> Snapshot:
    """The snapshot as it was built (`base`), with everything that was touched as it is in the record now.

    Where the look before (`Touched.look`) knows the people as they still are, only what was touched since is read.
    """
    since, before = touched.since, touched.look
    record = Record(base, store, making)
    if not touched.people:
        crowd = Crowd(base.people, base.person_rows, base.rights, set())
    elif since is None or before is None or since.erased or since.sources:
        crowd = people_now(base, store)
    elif since.people:
        crowd = people_since(base, store, before.crowd, since.records)
    else:
        crowd = before.crowd
    moved_to = rows_in(crowd, before.crowd) if before is not None else None
    if since is None or before is None or since.erased or moved_to is None:
        look = _first_look(record, touched, crowd)
        touched.read += len(look.segment)
    else:
        look = _next_look(record, before, since, (crowd, moved_to))
        touched.read += len(since.posts)
    if since is not None:
        touched.look, touched.since = look, Touched()
    topics, lexicon = look.said
    labels = frozenset(topics.labels)
    communities = [in_words_of_today(each, labels) if each.source == DETECTED else each for each in look.communities]
    return replace(
        base,
        manifest=replace(base.manifest, digests={key: value % DIGESTS for key, value in look.digests.items()}),
        people=look.crowd.people,
        person_rows=look.crowd.rows,
        directory=look.directory,
        rights=look.crowd.rights,
        audiences=look.audiences,
        tags=look.tags,
        communities=communities,
        topics=topics,
        lexicon=lexicon,
        statistics=statistics_now(
            base.statistics,
            went=(base.shared.segment, look.built[0].gone),
            came=(look.segment, np.flatnonzero(shared_audiences(look.audiences)[look.segment.audience])),
        ),
        shared=look.built[0],
        restricted=look.built[1],
        fresh=Tier.of(look.segment),
        withdrawn=look.sums.posts,
        profiles=look.sums.profiles,
        standing=look.sums.standing,
        sequence=sequence,
        came=frozenset().union(*look.came.values()),
        last_acts=look.last_acts,
        turned_to=look.turned_to,
        machine_posts=look.machine_posts,
    )


def _first_look(record: Record, touched: Touched, crowd: Crowd) -> Look:
    """Everything that was touched since the snapshot was built, read from the record."""
    base, store, making = record
    names = set(touched.posts)
    if touched.erased:
        names |= store.forgotten("post", [*base.shared.segment.ids, *base.restricted.segment.ids])
    people, rows, apart = crowd.people, crowd.rows, crowd.apart
    identity = {record: people[row].id for record, row in rows.items()}
    if touched.people and base.machine_posts:
        machines = open_machines(people, identity)
        names |= {post for post, authors in base.machine_posts.items() if not machines.issuperset(authors)}
    if touched.people:
        names |= praised_by_changed(base, crowd, store)
    if apart:
        for part in base.tiers.segments[:2]:
            acts_of = np.flatnonzero(np.isin(part.act_person, sorted(apart)))
            names |= {part.ids[row] for row in part.posts_of(acts_of).tolist()}
    again = touched.people or touched.communities
    communities = [settled(each, identity) for each in store.all("community")] if again else base.communities
    digests = dict(base.manifest.digests)
    audiences = {audience.key: audience for audience in base.audiences}
    if touched.people:
        _weigh(digests, people_digests(base.people, making.secret), -1)
        _weigh(digests, people_digests(people, making.secret), 1)
        # Who may see an act depends on who may find the person: where people changed, every act is weighed again.
        for tier in (base.shared, base.restricted):
            every = np.arange(len(tier))
            _weigh(digests, digests_of(tier.segment, every, audiences=base.audiences, people=base.people), -1)
            _weigh(digests, digests_of(tier.segment, every, audiences=base.audiences, people=people), 1)
            # A sum under an audience that no row has would be in nobody's version.
            met = audiences_of_acts(tier.segment, audiences=base.audiences, people=people)
            for key, audience in sorted(met.items()):
                audiences.setdefault(key, audience)
    if again:
        _weigh(digests, _of_communities(base.communities, base.people, making), -1)
        _weigh(digests, _of_communities(communities, people, making), 1)
    empty = base.shared.segment.take([])
    look = Look(
        crowd=crowd,
        directory=Directory(people, base.lexicon.languages) if touched.people else base.directory,
        communities=communities,
        replies=replies_of(base),
        built=(base.shared, base.restricted),
        wrote=wrote_before(base),
        segment=empty,
        strengths=empty.act_strength,
        audiences=list(audiences.values()),
        tags=base.tags,
        came={},
        unknown={},
        machine_posts=base.machine_posts,
        digests=digests,
        sums=Withdrawn(base.profiles, base.standing, np.zeros(len(base.shared), bool)),
        said=(base.topics, base.lexicon),
        last_acts=base.last_acts,
        turned_to=base.turned_to,
    )
    return read_again(record, look, names=names, anew=touched.people)


def _next_look(record: Record, before: Look, since: Touched, now: tuple[Crowd, np.ndarray]) -> Look:
    """The look before, with what was touched since. `now`: the people, and the row that each of before has among them.

    Who came, or whose record says something else, moves no act of anybody who was known: only the posts that name
    somebody who was not are read again.
    """
    crowd, moved_to = now
    look, names = before, set(since.posts)
    people, secret = crowd.people, record.making.secret
    digests = dict(before.digests)
    if since.people or since.communities:
        identity = {name: people[row].id for name, row in crowd.rows.items()}
        communities = [settled(each, identity) for each in record.store.all("community")]
        _weigh(digests, _of_communities(before.communities, before.crowd.people, record.making), -1)
        _weigh(digests, _of_communities(communities, people, record.making), 1)
        look = replace(look, communities=communities, digests=digests)
    if since.people:
        was = {person.id: person for person in before.crowd.people}
        others = [one for one in people if (old := was.get(one.id)) is not one and old != one]
        _weigh(digests, people_digests([was[one.id] for one in others if one.id in was], secret), -1)
        _weigh(digests, people_digests(others, secret), 1)
        known = crowd.rows.keys() - before.crowd.rows.keys()
        names |= {post for post, unknown in before.unknown.items() if not known.isdisjoint(unknown)}
        segment = replace(before.segment, act_person=moved_to[before.segment.act_person].astype(np.int32))
        directory = Directory(people, record.base.lexicon.languages)
        look = replace(look, crowd=crowd, directory=directory, segment=segment)
    if names or since.people or since.communities:
        return read_again(record, look, names=names)
    return look


def read_again(record: Record, before: Look, *, names: set[str], anew: bool = False) -> Look:
    """A look with these posts, and those that they move, as they are in the record. `anew`: people changed, too."""
    base, store, making = record
    people, waiting = before.crowd.people, before.segment
    names = with_replies(before.replies, waiting, names)
    now = _Now(
        people, {record: people[row].id for record, row in before.crowd.rows.items()}, before.communities, making
    )
    built = _without(before.built, names)
    read = _read(base, store, names, now, before)
    authored = base.families.index("authored")

    def left(after: tuple[Tier, Tier]) -> list[Segment]:
        """Posts of the build that no longer count, and did before."""
        return [
            was.segment.take(np.flatnonzero(was.alive & ~is_.alive).tolist())
            for was, is_ in zip(before.built, after, strict=True)
        ]

    dropped = np.array([post in names for post in waiting.ids], bool)
    gone = waiting.take(np.flatnonzero(dropped).tolist())
    # Near-copies of what was touched count more or less: as they were read, or they are read again, too.
    there = [*built, Tier(waiting, ~dropped)]
    texts = Texts(there, [before.wrote, Wrote.of({2: waiting}, authored)], shared_audiences(read.audiences))
    weigh = moved(texts, [*left(built), gone], read.segment, family=authored)
    if base.strengths is None:
        moving = [part.posts_of(acts).tolist() for part, acts in zip(base.tiers.segments, weigh[:2], strict=False)]
        copies = {part.ids[row] for part, rows in zip(base.tiers.segments, moving, strict=False) for row in rows}
        if copies:
            names |= copies
            built = _without(built, copies)
            read = _read(base, store, names, now, before)
        weigh[:2] = [np.empty(0, np.int64)] * 2
    left_now = left(built)
    segment, inside = merged(waiting, read.segment, np.flatnonzero(~dropped))
    strengths = np.concatenate([before.strengths, read.segment.act_strength])[inside]
    of_waiting = np.zeros(len(before.strengths), bool)
    of_waiting[weigh[2]] = True
    weigh[2] = np.flatnonzero(np.concatenate([of_waiting, read.segment.act_family == authored])[inside])
    shared = shared_audiences(read.audiences)
    texts = Texts([*built, Tier.of(segment)], [before.wrote, Wrote.of({2: segment}, authored)], shared)
    was = base.strengths or AsRead(base.shared.segment.act_strength, base.restricted.segment.act_strength)
    parts = _weighed(texts, weigh, (was.shared, was.restricted, strengths))
    built, segment = (replace(built[0], segment=parts[0]), replace(built[1], segment=parts[1])), parts[2]
    digests = dict(before.digests)
    for part, audiences, sign in (
        *((part, base.audiences, -1) for part in left_now),
        (gone, read.audiences, -1),
        (read.segment, read.audiences, 1),
    ):
        _weigh(digests, digests_of(part, np.arange(len(part)), audiences=audiences, people=people), sign)
    look = replace(
        before,
        built=built,
        segment=segment,
        strengths=strengths,
        audiences=read.audiences,
        tags=read.tags,
        came={post: words for post, words in before.came.items() if post not in names} | read.came,
        unknown={post: some for post, some in before.unknown.items() if post not in names} | read.unknown,
        machine_posts={post: who for post, who in before.machine_posts.items() if post not in names} | read.machines,
        digests=digests,
        last_acts=before.last_acts.changed(names, read.last_acts),
        turned_to=before.turned_to.changed(names, read.turned_to),
    )
    open_too = any(bool(shared[part.audience].any()) for part in (*left_now, gone, read.segment))
    if not (open_too or anew):
        return look
    if not anew and built[0].alive.all() and before.built[0].alive.all():
        return look  # what came takes nothing from topics and sums
    as_read = replace(segment, act_strength=strengths)
    return replace(
        look,
        sums=without_withdrawn(base, as_read, ~built[0].alive),
        said=said_today(base, built[0], segment, read.audiences, people),
    )


def wrote_before(base: Snapshot) -> Wrote:
    """Who wrote the posts of the build."""
    return Wrote.of({0: base.shared.segment, 1: base.restricted.segment}, base.families.index("authored"))


def _weighed(texts: Texts, acts: Sequence[np.ndarray], as_read: Sequence[np.ndarray]) -> list[Segment]:
    """The posts of the tiers, of which these acts are as strong as near-copies leave them of what was read."""
    start = []
    for tier, some, had in zip(texts.tiers, acts, as_read, strict=True):
        now = tier.segment.act_strength
        if len(some):
            now = now.copy()
            now[some] = had[some]
        start.append(now)
    strong = discounted(texts, acts, start)
    return [replace(tier.segment, act_strength=now) for tier, now in zip(texts.tiers, strong, strict=True)]


def _without(built: tuple[Tier, Tier], names: set[str]) -> tuple[Tier, Tier]:
    return built[0].without(names), built[1].without(names)


def _weigh(digests: dict[str, int], some: Mapping[str, int], sign: int) -> None:
    """Add digests to sums, or take them out."""
    for key, value in some.items():
        digests[key] = digests.get(key, 0) + sign * value


def _of_communities(communities: Sequence[Community], people: Sequence[Person], making: Making) -> dict[str, int]:
    return community_digests(communities, {person.id: person for person in people}, making.secret)


@dataclass(frozen=True, slots=True)
class _Now:
    """Who is who at this look, and with what a snapshot is made."""

    people: list[Person]
    identity: dict[str, str]
    communities: list[Community]
    making: Making


@dataclass(frozen=True, slots=True)
class _Read:
    """Posts as they are in the record, and the tables they refer to."""

    segment: Segment
    audiences: list[Audience]
    tags: list[str]
    came: dict[str, frozenset[str]]
    """Shared post among them -> its words that the vocabulary of the snapshot does not have, where it has any."""
    unknown: dict[str, frozenset[str]]
    """As `Look.unknown`."""
    machines: dict[str, tuple[str, ...]]
    """As `Look.machine_posts`."""
    last_acts: LastActs
    turned_to: TurnedTo


def _read(base: Snapshot, store: Store, names: set[str], now: _Now, before: Look) -> _Read:
    """The posts with these ids, as far as there are any, with all that was done to them.

    The tables that they refer to go on from those of the look `before`.
    """
    wishes = read_wishes(store, now.identity, base.concepts)
    facts = read_facts(store, names, Everybody(now.people, now.identity, wishes, base.concepts))
    evidence = facts.evidence(vocabulary())
    audiences = {audience.key: audience for audience in before.audiences}
    met = facts.audiences(evidence) | audiences_around(now.people, now.communities)
    for key, audience in sorted(met.items()):
        audiences.setdefault(key, audience)
    tags = {tag: i for i, tag in enumerate(before.tags)}
    ids = Ids(
        terms=base.term_rows,  # rows are only ever added, so an older view of the same snapshot still reads its own
        tags=tags,
        people={person.id: i for i, person in enumerate(now.people)},
        audiences={key: i for i, key in enumerate(audiences)},
        families={family: i for i, family in enumerate(base.families)},
        secret=now.making.secret,
    )
    documents = entries(list(facts.posts.values()), facts.around, evidence, base.repeated.own)
    segment = build_segment(documents, ids=ids, encode=now.making.encode)
    open_to_all = [entry for entry in documents if is_shared(entry.post.audience)]
    said = {word for entry in open_to_all for word in entry.document.words}
    new = frozenset(word for word in said if base.lexicon.place(word) < 0)
    came = {entry.post.id: words for entry in open_to_all if (words := new.intersection(entry.document.words))}
    known = Known(now.identity, ids.people, ids.audiences, vocabulary())
    last = last_acts(facts.posts.values(), facts.acts, known)
    turned = turned_to(facts.posts.values(), facts.said, facts.acts, known=known, people=now.people)
    return _Read(segment, list(audiences.values()), list(tags), came, facts.unknown, facts.machine_posts, last, turned)
