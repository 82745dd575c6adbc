"""Builds a snapshot of the record and publishes it by one atomic rename."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime, time
from pathlib import Path

import numpy as np
import orjson

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.index import arrays
from expertfinder.index.facts import DETECTED, Facts, community_digests, people_digests, read_facts
from expertfinder.index.network.communities import found_communities
from expertfinder.index.network.graph import build_network
from expertfinder.index.network.tier import counted, shared_tier
from expertfinder.index.network.ties import Ties, digest, in_columns, no_ties
from expertfinder.index.people.activity import build_standing, decayed, half_lives, words_of_tags
from expertfinder.index.people.last_acts import Known, audiences_of, last_acts
from expertfinder.index.people.profiles import build_profiles
from expertfinder.index.people.span import calendar_of, usual_span
from expertfinder.index.people.topics import Topics, build_topics
from expertfinder.index.people.turned_to import audiences_of_replies, turned_to
from expertfinder.index.posts.bm25 import build_engine, statistics_of
from expertfinder.index.posts.lexicon import Used, authors_of, build_lexicon, spoken
from expertfinder.index.posts.near_copies import discounted
from expertfinder.index.posts.segment import (
    DIGESTS,
    Ids,
    Segment,
    TermRows,
    build_segment,
    days,
    digests_of,
    entries,
    open_people,
    row,
    shared_audiences,
)
from expertfinder.index.posts.tiers import Tier
from expertfinder.index.published import FORMAT, MANIFEST, alone, checksums, publish, synced
from expertfinder.index.recipe import SHIPPED
from expertfinder.index.snapshot import Making, Manifest, Progress, family_names, manifest_bytes
from expertfinder.model import ORGANISATION, Community
from expertfinder.policy import is_shared
from expertfinder.store import Receipt, Store


def build(store: Store, folder: Path, making: Making, *, progress: Progress | None = None) -> Path:
    """Build a snapshot of the record, publish it in `folder`, return its path. Readers see the old or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        return _build(store, folder, making, progress or (lambda what, done, total: None))


def _build(store: Store, folder: Path, making: Making, step: Progress) -> Path:
    encode, secret = making.encode, making.secret
    sequence = store.sequence()
    step("reading the record", 0, 1)
    facts = read_facts(store)
    words = vocabulary()
    families = family_names(words)
    ids = Ids(
        terms=TermRows(),
        tags={},
        people={person.id: i for i, person in enumerate(facts.people)},
        audiences={},
        families={family: i for i, family in enumerate(families)},
        secret=secret,
    )
    evidence = facts.evidence(words)
    audiences = {ORGANISATION.key: ORGANISATION, **facts.audiences(evidence)}
    audiences |= audiences_of(facts.posts.values(), facts.acts)
    audiences |= audiences_of_replies(facts.posts.values(), facts.posts)
    for key in (ORGANISATION.key, *sorted(audiences)):
        row(ids.audiences, key)

    step("reading the record", 1, 1)
    segments: dict[bool, Segment] = {}
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

        read = entries(posts, facts.machine_posts | facts.posts, evidence)
        segments[shared] = build_segment(read, ids=ids, encode=encode, progress=encoded)
    del evidence  # as much memory as all acts, and not asked for again
    communities = facts.communities
    ties, mark = no_ties(len(facts.people), len(segments[True])), ""
    digests = people_digests(facts.people, secret)
    known = [audiences[key] for key in ids.audiences]
    for segment in segments.values():
        for key, value in digests_of(segment, np.arange(len(segment)), audiences=known, people=facts.people).items():
            digests[key] = digests.get(key, 0) + value
    built = [Tier.of(segments[tier]) for tier in (True, False)]
    open_to_all = shared_audiences(known)
    less = discounted(built, family=ids.families["authored"], shared=open_to_all, which=(0, 1))
    segments = dict(zip((True, False), less, strict=True))
    terms = list(ids.terms)
    # Precomputed: of shared acts of people whom everybody may find. Who is hidden, or not for all, leaves no trace.
    visible = open_people(facts.people)
    shared_acts = open_to_all[segments[True].act_audience]
    if len(visible):
        shared_acts &= visible[segments[True].act_person]
    moment = datetime.combine(making.as_of or datetime.now(UTC).date(), time(), UTC)
    created = segments[True].created[segments[True].signed]
    span = usual_span(created, as_of=days(moment))
    calendar = calendar_of(created, as_of=days(moment), pinned=making.as_of is not None)

    step("writing the index", 0, 1)
    work = Path(tempfile.mkdtemp(prefix="building-", dir=folder))
    try:
        build_engine(segments[True], terms, work / "engine")
        arrays.save(segments[True], work / "shared")
        arrays.save(segments[False], work / "restricted")
        age = calendar.ages(segments[True].act_at, days(moment))
        lasting, weight = (
            decayed(segments[True], age, acts=shared_acts, half_life=share * span * half_lives(families))
            for share in (SHIPPED.profile_half_life, SHIPPED.half_life)
        )
        profiles = build_profiles(segments[True], people=len(facts.people), terms=len(terms), weight=lasting)
        arrays.save(profiles, work / "profiles")
        tag_words = words_of_tags(list(ids.tags))
        standing = build_standing(segments[True], people=len(facts.people), tag_words=tag_words, weight=weight)
        arrays.save(standing, work / "standing")
        by_row = Known(facts.identity, ids.people, ids.audiences, words)
        arrays.save(last_acts(facts.posts.values(), facts.acts, by_row), work / "last_acts")
        turned = turned_to(facts.posts.values(), facts.posts, facts.acts, known=by_row, people=facts.people)
        arrays.save(turned, work / "turned_to")
        topics = build_topics(segments[True], terms=terms, tags=list(ids.tags), acts=shared_acts)
        arrays.save(topics, work / "topics")
        authored = shared_acts & (segments[True].act_family == ids.families["authored"])
        used = Used(
            frequency=statistics_of(segments[True], len(terms)).having,
            authors=authors_of(segments[True], acts=authored, terms=len(terms)),
            languages=spoken(segments[True].languages),
        )
        arrays.save(build_lexicon(terms, used, labels=topics.labels, encode=encode), work / "lexicon")
        if making.network:
            step("finding communities", 0, 1)
            ties, communities, receipt, mark = _network(store, facts, topics, posts=segments[True], making=making)
            step("finding communities", 1, 1)
            if receipt.sequence == sequence + receipt.count("added") + receipt.count("changed"):
                sequence = receipt.sequence  # nobody else wrote meanwhile: the snapshot holds these as well
        arrays.save(ties, work / "ties")
        for key, value in community_digests(
            communities, {person.id: person for person in facts.people}, secret
        ).items():
            digests[key] = digests.get(key, 0) + value
        tables = {
            "people": facts.people,
            "records": {record: ids.people[person] for record, person in sorted(facts.identity.items())},
            "rights": {record: asdict(right) for record, right in sorted(facts.rights.items())},
            "audiences": [asdict(audiences[key]) for key in ids.audiences],
            "families": families,
            "terms": terms,
            "tags": list(ids.tags),
            "communities": communities,
            "machine_posts": {name: facts.machine_posts[name].authors for name in sorted(facts.machine_posts)},
        }
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


def _network(
    store: Store, facts: Facts, topics: Topics, *, posts: Segment, making: Making
) -> tuple[Ties, list[Community], Receipt, str]:
    """The network of the shared tier, all communities, and a digest; what was detected is written into the record
    first. `posts` is that tier in columns: the network takes the words from there.

    A build that is killed between the two leaves communities that the next one finds again and matches.
    """
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
