"""Builds a snapshot of the record and publishes it by one atomic rename."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.identity import Rights
from expertfinder.index import arrays
from expertfinder.index.facts import DETECTED, Facts, community_digests, people_digests, read_facts
from expertfinder.index.network.tier import counted, shared_tier
from expertfinder.index.network.ties import Ties, digest, in_columns, no_ties
from expertfinder.index.people.activity import build_standing, decayed, half_lives, words_of_tags
from expertfinder.index.people.every import EveryAct, every_act, few, newest
from expertfinder.index.people.last_acts import Known, audiences_of, last_acts
from expertfinder.index.people.profiles import build_profiles
from expertfinder.index.people.span import calendar_of, usual_span
from expertfinder.index.people.topics import Topics, build_topics
from expertfinder.index.people.turned_to import audiences_of_replies, turned_to
from expertfinder.index.posts.bm25 import Written, build_engine, statistics_of
from expertfinder.index.posts.concepts import Concepts
from expertfinder.index.posts.documents import Repeated, repeated_in
from expertfinder.index.posts.lexicon import Used, authors_of, build_lexicon, spoken
from expertfinder.index.posts.near_copies import discounted
from expertfinder.index.posts.own_words import own_words
from expertfinder.index.posts.segment import (
    DIGESTS,
    Ids,
    Segment,
    TermRows,
    build_segment,
    days,
    digests_of,
    entries,
    fact_digest,
    open_people,
    row,
    shared_audiences,
)
from expertfinder.index.posts.tiers import AsRead, Tier
from expertfinder.index.published import FORMAT, MANIFEST, alone, checksums, publish, synced
from expertfinder.index.recipe import SHIPPED
from expertfinder.index.snapshot import CONCEPTS, REPEATED, Making, Manifest, Progress, family_names, manifest_bytes
from expertfinder.model import ORGANISATION, Audience, Community, Person, Source
from expertfinder.policy import is_shared
from expertfinder.store import Receipt, Store

PARTED = "posts with a quotation, a signature or a notice, which is no own word"
EMPTY = "posts that add nothing of their own, such as thanks and generated titles: no evidence"
AGAIN = "posts in words that somebody else used before: no evidence"
NEARLY = "posts that their author says nearly again, which together count little more than one"
UNDATED = "posts without a date, as old as the middle of all"
BEYOND = "posts dated in the future or long before all others, read as undated"


def build(store: Store, folder: Path, making: Making, *, progress: Progress | None = None) -> Path:
    """Build a snapshot of the record, publish it in `folder`, return its path. Readers see the old or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        return build_all(store, folder, making, progress or (lambda what, done, total: None))


def build_all(store: Store, folder: Path, making: Making, step: Progress) -> Path:
    """As `build`, by who builds alone in the folder."""
    sequence = store.sequence()
    step("reading the record", 0, 1)
    facts = read_facts(store)
    step("reading the record", 1, 1)
    content = content_of(facts, making, step, sequence=sequence)

    def tied(topics: Topics) -> Tied:
        if not making.network:
            return Tied(no_ties(len(facts.people), len(content.shared)), facts.communities, "", sequence)
        step("finding communities", 0, 1)
        ties, communities, receipt, mark = _network(store, facts, topics, posts=content.shared, making=making)
        step("finding communities", 1, 1)
        alone = receipt.sequence == sequence + receipt.count("added") + receipt.count("changed")
        # Where nobody else wrote meanwhile, the snapshot holds these as well.
        return Tied(ties, communities, mark, receipt.sequence if alone else sequence)

    return write(content, folder, making, tied=tied, step=step)


@dataclass(frozen=True, slots=True)
class Content:
    """What a snapshot is written from: the record in columns, however it was read."""

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


def content_of(facts: Facts, making: Making, step: Progress, *, sequence: int) -> Content:
    """The record in columns, of facts."""
    encode, secret = making.encode, making.secret
    words = vocabulary()
    ids = Ids(
        terms=TermRows(),
        tags={},
        people={person.id: i for i, person in enumerate(facts.people)},
        audiences={},
        families={family: i for i, family in enumerate(family_names(words))},
        secret=secret,
    )
    evidence = facts.evidence(words)
    audiences = {ORGANISATION.key: ORGANISATION, **facts.audiences(evidence)}
    audiences |= audiences_of(facts.posts.values(), facts.acts)
    audiences |= audiences_of_replies(facts.posts.values(), facts.posts)
    for key in (ORGANISATION.key, *sorted(audiences)):
        row(ids.audiences, key)
    own = {name: own_words(post) for name, post in facts.posts.items()}
    repeated = repeated_in((post, own[name]) for name, post in facts.posts.items())
    segments: dict[bool, Segment] = {}
    told: Counter[str] = Counter()
    for shared in (True, False):
        posts = [
            facts.posts[post_id]
            for post_id in sorted(facts.posts)
            if is_shared(facts.posts[post_id].audience) == shared
        ]
        done = 0

        def encoded(count: int, *, total: int = len(posts), shared: bool = shared) -> None:
            nonlocal done
            done += count
            step("encoding shared posts" if shared else "encoding restricted posts", done, total)

        around = facts.machine_posts | facts.posts
        read = entries(posts, around, evidence, lambda post: repeated.own(post, own.get(post.id)))
        told.update(PARTED for entry in read if entry.document.parted)
        told.update(EMPTY for entry in read if entry.document.share == 0 and evidence[entry.post.id])
        segments[shared] = build_segment(read, ids=ids, encode=encode, progress=encoded)
    own.clear()
    del evidence  # as much memory as all acts and texts, and not asked for again
    digests = people_digests(facts.people, secret)
    known = [audiences[key] for key in ids.audiences]
    for segment in segments.values():
        for key, value in digests_of(segment, np.arange(len(segment)), audiences=known, people=facts.people).items():
            digests[key] = digests.get(key, 0) + value
    if facts.concepts:  # everybody's answers move with it
        whole = Source(id="vocabulary", description=repr(facts.concepts.all))
        digests[ORGANISATION.key] = digests.get(ORGANISATION.key, 0) + fact_digest(secret, whole)
    built = [Tier.of(segments[tier]) for tier in (True, False)]
    less = discounted(built, family=ids.families["authored"], shared=shared_audiences(known), which=(0, 1))
    told.update(_copies(segments.values(), less))
    by_row = Known(facts.identity, ids.people, ids.audiences, words)
    last = last_acts(facts.posts.values(), facts.acts, by_row)
    turned = turned_to(facts.posts.values(), facts.posts, facts.acts, known=by_row, people=facts.people)
    return Content(
        people=facts.people,
        identity=facts.identity,
        rights=facts.rights,
        machine_posts={name: post.authors for name, post in facts.machine_posts.items()},
        audiences=known,
        ids=ids,
        shared=less[0],
        restricted=less[1],
        strengths=AsRead(segments[True].act_strength, segments[False].act_strength),
        every=every_act(last, turned, {post: number for number, post in enumerate((*less[0].ids, *less[1].ids))}),
        unknown=facts.unknown,
        digests=digests,
        sequence=sequence,
        read=told,
        concepts=facts.concepts,
        repeated=repeated,
    )


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
        age = calendar.ages(posts.act_at, days(moment))
        lasting, weight = (
            decayed(posts, age, acts=shared_acts, half_life=share * span * half_lives(families))
            for share in (SHIPPED.profile_half_life, SHIPPED.half_life)
        )
        arrays.save(build_profiles(posts, people=people, terms=len(terms), weight=lasting), work / "profiles")
        tag_words = words_of_tags(list(ids.tags))
        arrays.save(build_standing(posts, people=people, tag_words=tag_words, weight=weight), work / "standing")
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
    store: Store, facts: Facts, topics: Topics, *, posts: Segment, making: Making
) -> tuple[Ties, list[Community], Receipt, str]:
    """The network of the shared tier, all communities, and a digest; what was detected is written into the record
    first. `posts` is that tier in columns: the network takes the words from there.

    A build that is killed between the two leaves communities that the next one finds again and matches.
    """
    # A fold finds no communities, and need not load what finds them.
    from expertfinder.index.network.communities import found_communities  # noqa: PLC0415
    from expertfinder.index.network.graph import build_network  # noqa: PLC0415

    acts = [*(act for acts in facts.acts.values() for act in acts), *facts.between]
    tier = shared_tier(facts.people, facts.identity, facts.posts.values(), acts=acts, words=vocabulary())
    network = build_network(tier, vocabulary(), counted(posts))
    previous = [community for community in facts.communities if community.source == DETECTED]
    found, wanted = found_communities(network, topics, previous)
    before = {community.id: community for community in previous}
    changed = [community for community in wanted if before.get(community.id) != community]
    written = store.apply(changed) if changed else Receipt(sequence=-1)
    rows = {person.id: row for row, person in enumerate(facts.people)}
    ties = in_columns(network, found, vocabulary(), rows=rows, people=len(facts.people))
    now = {community.id: community for community in (*facts.communities, *wanted)}
    detected = [now[name] for name in sorted(now) if now[name].source == DETECTED]
    return ties, [now[name] for name in sorted(now)], written, digest(network, found, detected, secret=making.secret)
