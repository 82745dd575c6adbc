"""Builds a snapshot of the record and publishes it by one atomic rename."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, time
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.identity import Rights
from expertfinder.index import arrays
from expertfinder.index.facts import (
    DETECTED,
    Everybody,
    Facts,
    as_said,
    audiences_around,
    community_digests,
    people_digests,
    read_facts,
    read_people,
    settled,
)
from expertfinder.index.network.tier import Reading, SharedTier, counted
from expertfinder.index.network.ties import Ties, digest, in_columns, no_ties
from expertfinder.index.people.activity import build_standing, decayed, half_lives, words_of_tags
from expertfinder.index.people.every import EveryAct, every_act, few, for_whom, newest, together
from expertfinder.index.people.last_acts import Known, LastActs, last_acts
from expertfinder.index.people.profiles import build_profiles
from expertfinder.index.people.span import calendar_of, usual_span
from expertfinder.index.people.topics import Topics, build_topics
from expertfinder.index.people.turned_to import TurnedTo, turned_to
from expertfinder.index.posts.bm25 import Written, build_engine, statistics_of
from expertfinder.index.posts.concepts import Concepts, read_concepts
from expertfinder.index.posts.documents import Repeated, repeated_in
from expertfinder.index.posts.lexicon import Used, authors_of, build_lexicon, spoken
from expertfinder.index.posts.near_copies import discounted
from expertfinder.index.posts.own_words import may_have_lines, own_words
from expertfinder.index.posts.said_before import Texts, Wrote
from expertfinder.index.posts.segment import (
    DIGESTS,
    Ids,
    Parts,
    Rows,
    Segment,
    TermRows,
    build_segment,
    days,
    digests_of,
    entries,
    fact_digest,
    open_people,
    renumbered,
    row,
    shared_audiences,
)
from expertfinder.index.posts.tiers import AsRead, ByPerson, ByWord, Rough, Tier
from expertfinder.index.published import FORMAT, MANIFEST, alone, checksums, publish, synced
from expertfinder.index.recipe import SHIPPED
from expertfinder.index.snapshot import (
    BY_PERSON,
    CONCEPTS,
    REPEATED,
    Making,
    Manifest,
    Progress,
    family_names,
    manifest_bytes,
)
from expertfinder.model import ORGANISATION, Audience, Community, Person, Post, Source
from expertfinder.policy import is_shared
from expertfinder.store import Receipt, Store

LOT = 2_000
"""Posts that are read at once: with its ten acts one takes 16 kB of Python objects until it stands in columns, so that
a lot holds 32 MB, and the store is asked some four times for each."""
PARTED = "posts with a quotation, a signature or a notice, which is no own word"
EMPTY = "posts that add nothing of their own, such as thanks and generated titles: no evidence"
AGAIN = "posts in words that somebody else used before: no evidence"
NEARLY = "posts that their author says nearly again, which together count little more than one"
UNDATED = "posts without a date, as old as the middle of all"
BEYOND = "posts dated in the future or long before all others, read as undated"


def build(store: Store, folder: Path, making: Making, *, progress: Progress | None = None) -> Path:
    """Build a snapshot of the record, publish it in `folder`, return its path. Readers see the old or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder), arrays.without_cycles():
        return build_all(store, folder, making, progress or (lambda what, done, total: None))


def build_all(store: Store, folder: Path, making: Making, step: Progress) -> Path:
    """As `build`, by who builds alone in the folder."""
    arrays.give_back()
    sequence = store.sequence()
    content, tier, declared = content_of(store, making, step, sequence=sequence)
    arrays.give_back()

    def tied(topics: Topics) -> Tied:
        if tier is None:
            return Tied(no_ties(len(content.people), len(content.shared)), declared, "", sequence)
        step("finding communities", 0, 1)
        ties, communities, receipt, mark = _network(store, (tier, declared), topics, content=content, making=making)
        step("finding communities", 1, 1)
        alone = receipt.sequence == sequence + receipt.count("added") + receipt.count("changed")
        # Where nobody else wrote meanwhile, the snapshot holds these as well.
        return Tied(ties, communities, mark, receipt.sequence if alone else sequence)

    return write(content, folder, making, tied=tied, step=step)


@dataclass(slots=True)
class Content:
    """What a snapshot is written from: the record in columns; `write` leaves those that it needs no more to files."""

    people: list[Person]
    identity: Mapping[str, str]
    """As `Facts.identity`."""
    rights: Mapping[str, Rights]
    machine_posts: Mapping[str, tuple[str, ...]]
    audiences: list[Audience]
    ids: Ids
    shared: Segment
    """With the strengths of near-copies made smaller."""
    restricted: Segment
    strengths: AsRead
    every: EveryAct
    unknown: Mapping[str, frozenset[str]]
    """Post -> the names of those who wrote it or did something to it and are nobody known, where there is any."""
    digests: Mapping[str, int]
    """Without those of communities."""
    sequence: int
    concepts: Concepts
    repeated: Repeated
    """Lines that are no words of the posts under which they stand."""
    read: Mapping[str, int] = field(default_factory=dict)
    """As `Manifest.read`, without dates; empty where posts were taken over as they were read before."""
    written: Written | None = None
    """What the engine's index has already."""


class Tied(NamedTuple):
    """The network of a snapshot."""

    ties: Ties
    communities: list[Community]
    mark: str
    """A keyed digest of it."""
    sequence: int
    """The last change of the record that the snapshot holds with it."""


class Read(NamedTuple):
    """The record, and what its network is made of."""

    content: Content
    tier: SharedTier | None
    """`None` where no network is wanted."""
    communities: list[Community]


def content_of(store: Store, making: Making, step: Progress, *, sequence: int) -> Read:
    """The record in columns: posts are read some at a time, and given the rows of a whole at the end."""
    concepts, words = read_concepts(store), vocabulary()
    who, wishes, people = read_people(store, concepts)
    everybody = Everybody(people, dict(who.identity), wishes, concepts, who.author)
    ids = Ids(
        terms=TermRows(),
        tags={},
        people={person.id: i for i, person in enumerate(people)},
        audiences={},
        families={family: i for i, family in enumerate(family_names(words))},
        secret=making.secret,
    )
    network = Reading(people, words) if making.network else None
    met: dict[str, Audience] = {}
    parts, every, told = {True: Parts(), False: Parts()}, _Acted(), Counter[str]()
    unknown: dict[str, frozenset[str]] = {}
    machine_posts: dict[str, tuple[str, ...]] = {}
    step("reading the record", 0, 1)
    names: list[str] = []
    several = _every_post(store, everybody, names)
    repeated = repeated_in((post, own_words(post)) for post in several if may_have_lines(post.text))
    step("reading the record", 1, 1)
    for start in range(0, max(len(names), 1), LOT):
        step("reading and encoding posts", start, len(names))
        facts = read_facts(store, names[start : start + LOT], everybody)
        evidence = facts.evidence(words)
        met |= facts.audiences(evidence)
        for key in sorted(met.keys() - ids.audiences.keys()):
            row(ids.audiences, key)
        for shared, part in parts.items():
            posts = [post for post in facts.posts.values() if is_shared(post.audience) == shared]
            read = entries(posts, facts.around, evidence, repeated.own)
            told.update(PARTED for entry in read if entry.document.parted)
            told.update(EMPTY for entry in read if entry.document.share == 0 and evidence[entry.post.id])
            part.add(build_segment(read, ids=ids, encode=making.encode))
        known = Known(everybody.identity, ids.people, ids.audiences, words)
        every.add(facts, known)
        if network is not None:
            bare = (replace(post, title="", text="", url="", tags=()) for post in facts.posts.values())
            network.add(bare, (act for acts in facts.acts.values() for act in acts), everybody.identity)
        unknown |= facts.unknown
        machine_posts |= facts.machine_posts
    step("reading and encoding posts", len(names), len(names))
    tier = None
    if network is not None:
        asked: set[str] = set()
        while named := sorted(everybody.identity.keys() - asked):  # who acts on somebody may be known by that alone
            between = store.acts_on(named, kind="person")
            everybody.meet(act.actor for act in between)
            network.add((), between, everybody.identity)
            asked.update(named)
        tier, network = network.tier(everybody.identity), None
    communities = [settled(community, everybody.identity) for community in store.all("community")]
    met |= {ORGANISATION.key: ORGANISATION} | audiences_around(people, communities)
    keys = list(dict.fromkeys((ORGANISATION.key, *sorted(met))))
    place = {key: number for number, key in enumerate(keys)}
    whole = [parts.pop(shared).whole() for shared in (True, False)]
    terms, tags = TermRows(), dict[str, int]()
    to = Rows(
        people=np.arange(len(people)),
        audiences=np.array([place[key] for key in ids.audiences], np.int64),
        terms=renumbered(list(ids.terms), [part.terms for part in whole], terms),
        tags=renumbered(list(ids.tags), [part.tags for part in whole], tags),
    )
    ids = replace(ids, terms=terms, tags=tags, audiences=place)
    segments = [to.of(whole.pop(0)) for _ in (True, False)]
    number = {post: row for row, post in enumerate((*segments[0].ids, *segments[1].ids))}
    acted = for_whom(every.whole(number), to.audiences)
    del every, number
    known_audiences = [met[key] for key in keys]
    digests = people_digests(people, making.secret)
    for segment in segments:
        some = digests_of(segment, np.arange(len(segment)), audiences=known_audiences, people=people)
        for key, value in some.items():
            digests[key] = digests.get(key, 0) + value
    if concepts:  # everybody's answers move with it
        vocabulary_said = Source(id="vocabulary", description=repr(concepts.all))
        digests[ORGANISATION.key] = digests.get(ORGANISATION.key, 0) + fact_digest(making.secret, vocabulary_said)
    wrote = Wrote.of(dict(enumerate(segments)), ids.families["authored"])
    texts = Texts([Tier.of(segment) for segment in segments], [wrote], shared_audiences(known_audiences))
    every_act = [np.flatnonzero(segment.act_family == ids.families["authored"]) for segment in segments]
    strengths = discounted(texts, every_act, [segment.act_strength for segment in segments])
    less = [replace(segment, act_strength=now) for segment, now in zip(segments, strengths, strict=True)]
    told.update(_copies(segments, less))
    content = Content(
        people=people,
        identity=everybody.identity,
        rights=who.rights,
        machine_posts=machine_posts,
        audiences=known_audiences,
        ids=ids,
        shared=less[0],
        restricted=less[1],
        strengths=AsRead(segments[0].act_strength, segments[1].act_strength),
        every=acted,
        unknown=unknown,
        digests=digests,
        sequence=sequence,
        read=told,
        concepts=concepts,
        repeated=repeated,
    )
    return Read(content, tier, communities)


def _every_post(store: Store, everybody: Everybody, names: list[str]) -> Iterator[Post]:
    """Every post that is read, in the order of ids; the ids of all that are there go into `names`."""
    every = store.all("post")
    while lot := {post.id: post for post in islice(every, LOT)}:
        names.extend(lot)
        yield from as_said(lot, everybody).said.values()


class _Acted:
    """What everybody did, on its way into one."""

    def __init__(self) -> None:
        self._last: list[LastActs] = []
        self._turned: list[TurnedTo] = []

    def add(self, facts: Facts, known: Known) -> None:
        """What was done to these posts."""
        posts, people = facts.posts.values(), facts.everybody.people
        self._last.append(last_acts(posts, facts.acts, known))
        self._turned.append(turned_to(posts, facts.said, facts.acts, known=known, people=people))

    def whole(self, number: Mapping[str, int]) -> EveryAct:
        """All of it, with posts by their numbers."""
        return together(*(every_act(*some, number) for some in zip(self._last, self._turned, strict=True)))


def write(content: Content, folder: Path, making: Making, *, tied: Callable[[Topics], Tied], step: Progress) -> Path:
    """Write a snapshot, publish it in `folder`, return its path. `tied` gives the network, by the topics."""
    encode, ids, posts = making.encode, content.ids, content.shared
    terms, people, families = list(ids.terms), len(content.people), list(ids.families)
    open_to_all = shared_audiences(content.audiences)
    # Precomputed: of shared acts of people whom everybody may find. Who is hidden, or not for all, leaves no trace.
    visible = open_people(content.people)
    shared_acts = open_to_all[posts.act_audience]
    if len(visible):
        shared_acts &= visible[posts.act_person]
    moment = datetime.combine(making.as_of or datetime.now(UTC).date(), time(), UTC)
    created = posts.created[posts.signed]
    span = usual_span(created, as_of=days(moment))
    calendar = calendar_of(created, as_of=days(moment), pinned=making.as_of is not None)
    at = np.concatenate([posts.created, content.restricted.created])
    beyond = (at < calendar.earliest) | (at > calendar.latest)
    told = {**content.read, UNDATED: int(np.isnan(at).sum()), BEYOND: int(beyond.sum())}
    step("writing the index", 0, 1)
    work = Path(tempfile.mkdtemp(prefix="building-", dir=folder))
    try:
        np.save(work / "engine_rows.npy", build_engine(posts, terms, work / "engine", before=content.written))
        arrays.save(posts, work / "shared")
        arrays.save(content.restricted, work / "restricted")
        arrays.save(ByWord.of(content.restricted, len(terms)), work / "by_word")
        (work / BY_PERSON).mkdir()
        arrays.save(ByPerson.of(posts, people), work / BY_PERSON / "shared")
        arrays.save(ByPerson.of(content.restricted, people), work / BY_PERSON / "restricted")
        if (rough := Rough.of(posts.vectors)) is not None:
            arrays.save(rough, work / "rough")
        age = calendar.ages(posts.act_at, days(moment))
        lasting, weight = (
            decayed(posts, age, acts=shared_acts, half_life=share * span * half_lives(families))
            for share in (SHIPPED.profile_half_life, SHIPPED.half_life)
        )
        arrays.save(build_profiles(posts, people=people, terms=len(terms), weight=lasting), work / "profiles")
        tag_words = words_of_tags(list(ids.tags))
        arrays.save(build_standing(posts, people=people, tag_words=tag_words, weight=weight), work / "standing")
        content.shared = posts = replace(posts, vectors=arrays.mapped(work / "shared" / "vectors.npy"))
        content.restricted = replace(content.restricted, vectors=arrays.mapped(work / "restricted" / "vectors.npy"))
        numbered = [*posts.ids, *content.restricted.ids]
        arrays.save(content.every, work / "every")
        arrays.save(content.strengths, work / "strengths")
        arrays.save(newest(content.every, numbered), work / "last_acts")
        arrays.save(few(content.every, numbered, content.people), work / "turned_to")
        topics = build_topics(posts, terms=terms, tags=list(ids.tags), acts=shared_acts, concepts=content.concepts)
        arrays.save(topics, work / "topics")
        authored = shared_acts & (posts.act_family == ids.families["authored"])
        used = Used(
            frequency=statistics_of(posts, len(terms)).having,
            authors=authors_of(posts, acts=authored, terms=len(terms)),
            languages=spoken(posts.languages),
        )
        arrays.save(build_lexicon(terms, used, labels=topics.labels, encode=encode), work / "lexicon")
        ties, communities, mark, sequence = tied(topics)
        arrays.save(ties, work / "ties")
        digests = dict(content.digests)
        whole = {person.id: person for person in content.people}
        for key, value in community_digests(communities, whole, making.secret).items():
            digests[key] = digests.get(key, 0) + value
        tables = {
            "people": content.people,
            "records": {name: ids.people[person] for name, person in sorted(content.identity.items())},
            "rights": {record: asdict(right) for record, right in sorted(content.rights.items())},
            "audiences": [asdict(audience) for audience in content.audiences],
            "families": families,
            "terms": terms,
            "tags": list(ids.tags),
            "communities": communities,
            "machine_posts": dict(sorted(content.machine_posts.items())),
            "unknown": {post: sorted(names) for post, names in sorted(content.unknown.items())},
        }
        if content.concepts:
            tables[CONCEPTS] = content.concepts.table()
        if content.repeated.lines:
            tables[REPEATED] = sorted(content.repeated.lines)
        for name, table in tables.items():
            (work / f"{name}.json").write_bytes(orjson.dumps(table))
        name = f"{sequence:012d}-{os.urandom(4).hex()}"
        manifest = Manifest(
            format=FORMAT,
            name=name,
            encoder=encode.name,
            encoder_digest=encode.digest,
            dimension=encode.dimension,
            max_tokens=encode.max_tokens,
            as_of=days(moment),
            span=span,
            sequence=sequence,
            digests={key: value % DIGESTS for key, value in sorted(digests.items())},
            files=checksums(work),
            network=mark,
            pinned=making.as_of is not None,
            calendar=calendar,
            read={what: told[what] for what in (PARTED, EMPTY, AGAIN, NEARLY, UNDATED, BEYOND) if told.get(what)},
        )
        (work / MANIFEST).write_bytes(manifest_bytes(manifest))
        for path in sorted(work.rglob("*")):
            synced(path)
        os.rename(work, folder / name)
        publish(folder, name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    step("writing the index", 1, 1)
    return folder / name


def _copies(before: Iterable[Segment], after: Iterable[Segment]) -> Counter[str]:
    """Posts whose authorship counts less since they say what others say, or the same again."""
    found: Counter[str] = Counter()
    for one, other in zip(before, after, strict=True):
        less = np.flatnonzero(other.act_strength < one.act_strength)
        nothing = less[other.act_strength[less] == 0]
        again = np.unique(one.posts_of(nothing))
        found[AGAIN] += len(again)
        found[NEARLY] += len(np.setdiff1d(one.posts_of(less), again))
    return found


def _network(
    store: Store,
    read: tuple[SharedTier, list[Community]],
    topics: Topics,
    *,
    content: Content,
    making: Making,
) -> tuple[Ties, list[Community], Receipt, str]:
    """The network of the shared tier, all communities, and a digest; what was detected is written into the record
    first. `read`: that tier, and the communities that are there; the network takes the words from `content`.

    A build that is killed between the two leaves communities that the next one finds again and matches.
    """
    # A fold finds no communities, and need not load what finds them.
    from expertfinder.index.network.communities import found_communities  # noqa: PLC0415
    from expertfinder.index.network.graph import build_network  # noqa: PLC0415

    tier, communities = read
    network = build_network(tier, vocabulary(), counted(content.shared))
    previous = [community for community in communities if community.source == DETECTED]
    found, wanted = found_communities(network, topics, previous)
    before = {community.id: community for community in previous}
    changed = [community for community in wanted if before.get(community.id) != community]
    written = store.apply(changed) if changed else Receipt(sequence=-1)
    rows = {person.id: row for row, person in enumerate(content.people)}
    ties = in_columns(network, found, vocabulary(), rows=rows, people=len(content.people))
    now = {community.id: community for community in (*communities, *wanted)}
    detected = [now[name] for name in sorted(now) if now[name].source == DETECTED]
    return ties, [now[name] for name in sorted(now)], written, digest(network, found, detected, secret=making.secret)
