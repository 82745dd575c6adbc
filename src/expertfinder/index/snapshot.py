"""The frozen index that answers: built from the record, published by an atomic rename, mapped read-only by any process.

Everything precomputed in it is made of the SHARED tier (posts and acts that the whole organisation may read): word
statistics, profiles, topics, the time span. Restricted posts stand in a segment of their own and are only ever read,
row by row, for a viewer who may. Rows of people, words and tags are given to the shared tier first, so that nothing
restricted moves a row, and with it the order of a sum.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from expertfinder.errors import FormatNotSupported, NotReady
from expertfinder.identity import Rights
from expertfinder.index import columns
from expertfinder.index.copies import Part, discounted
from expertfinder.index.detecting import SOURCE as DETECTED
from expertfinder.index.detecting import found_communities
from expertfinder.index.documents import document, thread_root
from expertfinder.index.evidence import evidence_of
from expertfinder.index.network import build_network
from expertfinder.index.profiles import Profiles, build_profiles
from expertfinder.index.segment import (
    DAY,
    DIGESTS,
    Entry,
    Ids,
    Segment,
    TermRows,
    build_segment,
    days,
    digests_of,
    fact_digest,
    row,
    shared_audiences,
)
from expertfinder.index.shared import shared_tier, with_authors
from expertfinder.index.standing import (
    HALF_LIFE_SHARE,
    PROFILE_HALF_LIFE_SHARE,
    Standing,
    build_standing,
    decayed,
    half_lives,
    words_of_tags,
)
from expertfinder.index.text import Engine, Fetching, Statistics, build_engine, statistics_of
from expertfinder.index.ties import Ties, digest, in_columns, no_ties
from expertfinder.index.topics import Topics, build_topics
from expertfinder.index.vectors import Encoder
from expertfinder.model import ORGANISATION, Audience, Community, Evidence, Interaction, Person, Post, Source
from expertfinder.policy import is_shared, narrower
from expertfinder.store import Receipt, Store, who_is_who
from expertfinder.vocabulary import Vocabulary, vocabulary

FORMAT = 7
"""Moves with every change of the folder's layout; another number is refused."""
CURRENT = "current"
"""The file that names the published snapshot; replaced atomically."""
SHORTEST_SPAN = 80.0
"""Days: a half-life is at least 20 days, however young the organisation is."""

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it, of how much."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot was made of and with."""

    format: int
    name: str
    encoder: str
    encoder_digest: str
    dimension: int
    max_tokens: int
    as_of: float
    """Days since 1970; ages are counted to it (decision 0026)."""
    span: float
    """Days between the oldest and the newest dated post of the shared tier."""
    sequence: int
    """The last change of the record that it holds."""
    digests: dict[str, int]
    """Key of an audience -> sum of the keyed digests of the facts with this audience (decision 0006)."""
    network: str = ""
    """A keyed digest of the ties and the detected communities: what an answer about them moves with besides."""
    pinned: bool = False
    """Whether `as_of` was given: such a day stays when the service folds; otherwise it is that of the fold."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published index, open for reading."""

    manifest: Manifest
    people: list[Person]
    """One row a human; those whom the whole organisation may find come first. Sorted by id within each half."""
    person_rows: dict[str, int]
    """Id of a person or of any of its records -> row; also ids by which posts name authors of whom no record has it."""
    rights: dict[str, Rights]
    """Id of each record -> what it gives its viewer. Who is not in it is no viewer."""
    audiences: list[Audience]
    families: list[str]
    terms: list[str]
    term_rows: TermRows
    tags: list[str]
    tag_rows: dict[str, list[int]]
    """Words of a tag, as they would stand in a question -> rows of the tags that are written so (`Standing`)."""
    shared: Segment
    restricted: Segment
    statistics: Statistics
    profiles: Profiles
    topics: Topics
    standing: Standing
    engine: Fetching
    communities: list[Community]
    """Declared and detected, by id, also those that are no more; members and leads are people, by who they are."""
    ties: Ties
    fresh: Segment
    """What came or changed since the snapshot was built, of every audience; small, and scored in full."""
    gone: tuple[np.ndarray, np.ndarray]
    """bool [shared posts], bool [restricted posts]: what was since taken back, or stands in `fresh` as it is now."""
    left: np.ndarray
    """bool [shared posts]: what profiles and standing no longer hold, or hold less of, than when they were built."""
    sequence: int
    """The last change of the record that `fresh` holds."""


def family_names(words: Vocabulary) -> list[str]:
    """The kinds of evidence, `authored` first, the rest by name."""
    return ["authored", *sorted({verb.family for verb in words.verbs.values()} - {"authored"})]


def people_digests(people: Iterable[Person], secret: bytes) -> dict[str, int]:
    """Key of an audience -> sum of the digests of the people who have it; the hidden count for nothing."""
    total: defaultdict[str, int] = defaultdict(int)
    for person in people:
        if not person.hidden:
            total[person.audience.key] += fact_digest(secret, person)
    return total


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts, read once, the records of one human merged."""

    people: list[Person]
    identity: dict[str, str]
    """Id of a record, or of an author whom no record describes -> id of the person."""
    rights: dict[str, Rights]
    posts: dict[str, Post]
    acts: dict[str, list[Interaction]]
    """Post -> what was done to it."""
    between: list[Interaction]
    """Acts on persons: ties, and never evidence of what a post is about."""
    communities: list[Community]


def read_facts(store: Store) -> Facts:
    """Read the record: who is who, what there is to read, what was done to it, and where people meet."""
    records, who = who_is_who(store)
    people = who.people(records)
    people.sort(key=lambda person: (not is_shared(person.audience), person.id))
    posts = {post.id: post for post in store.all("post")}
    acts: defaultdict[str, list[Interaction]] = defaultdict(list)
    between: list[Interaction] = []
    for act in store.all("interaction"):
        if act.object_type == "post":
            acts[act.object].append(act)
        else:
            between.append(act)
    identity = with_authors(who, posts.values(), chain(*acts.values(), between))
    communities = [settled(community, identity) for community in store.all("community")]
    return Facts(people, identity, who.rights, posts, acts, between, communities)


def settled(community: Community, identity: Mapping[str, str]) -> Community:
    """The community with everybody named by who they are, whichever of their records was named; each once."""
    return replace(
        community,
        members=tuple(dict.fromkeys(identity.get(name, name) for name in community.members)),
        leads=tuple(dict.fromkeys(identity.get(name, name) for name in community.leads)),
    )


def membership_audiences(communities: Iterable[Community], people: Mapping[str, Person]) -> dict[str, Audience]:
    """The audiences that memberships have, by their keys: who may read a community and find somebody in it."""
    found: dict[str, Audience] = {}
    for community in communities:
        for name in (*community.members, *community.leads):
            if name in people:
                audience = narrower(community.audience, people[name].audience)
                found.setdefault(audience.key, audience)
    return found


def community_digests(communities: Iterable[Community], people: Mapping[str, Person], secret: bytes) -> dict[str, int]:
    """Key of an audience -> sum of the digests of the communities it may read, and of each membership it may see.

    Who is in a community can be seen by who may read the community and find the person; a hidden one by nobody.
    Detected ones are left out: they are made of facts, at a fold, and a fold changes no fact.
    """
    total: defaultdict[str, int] = defaultdict(int)
    for community in communities:
        if community.source == DETECTED:
            continue
        total[community.audience.key] += fact_digest(secret, replace(community, members=(), leads=()))
        for name in (*community.members, *(f"leads {lead}" for lead in community.leads)):
            person = people.get(name.removeprefix("leads "))
            if person is not None and not person.hidden:
                key = narrower(community.audience, person.audience).key
                total[key] += fact_digest(secret, Source(id=f"{community.id} {name}"))
    return total


@dataclass(frozen=True, slots=True)
class Making:
    """With what a snapshot is made."""

    encode: Encoder
    secret: bytes
    """Keys the digests that versions are made of."""
    as_of: date | None = None
    """The day that ages are counted to; today when not given (decision 0026)."""
    network: bool = True
    """Whether ties and communities are wanted; who only asks for experts can do without (an evaluation does)."""


def build(store: Store, folder: Path, making: Making, *, progress: Progress | None = None) -> Path:
    """Build a snapshot of the record, publish it in `folder`, return its path. Readers see the old or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        return _build(store, folder, making, progress or (lambda what, done, total: None))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One builder at a time in a folder, over all processes; the lock goes with the process that holds it."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
    row(ids.audiences, ORGANISATION.key)
    audiences = {ORGANISATION.key: ORGANISATION}

    order = sorted(facts.posts)
    evidence: dict[str, list[Evidence]] = {}
    whole = {person.id: person for person in facts.people}
    for post_id in order:
        post = facts.posts[post_id]
        evidence[post_id] = evidence_of(
            post, facts.acts.get(post_id, ()), identity=facts.identity, people=whole, vocabulary=words
        )
        for audience in (post.audience, *(entry.audience for entry in evidence[post_id])):
            audiences.setdefault(audience.key, audience)
    for audience in (*(person.audience for person in facts.people), *(each.audience for each in facts.communities)):
        audiences.setdefault(audience.key, audience)
    for key, audience in membership_audiences(facts.communities, whole).items():
        audiences.setdefault(key, audience)
    for key in sorted(audiences):
        row(ids.audiences, key)

    step("reading the record", 1, 1)
    segments: dict[bool, Segment] = {}
    for shared in (True, False):
        posts = [facts.posts[post_id] for post_id in order if is_shared(facts.posts[post_id].audience) == shared]
        done = 0

        def encoded(count: int, *, total: int = len(posts), shared: bool = shared) -> None:
            nonlocal done
            done += count
            step("encoding shared posts" if shared else "encoding restricted posts", done, total)

        roots = [thread_root(post, facts.posts) for post in posts]
        segments[shared] = build_segment(
            [
                Entry(post, document(post, root), root.id if root else "", evidence[post.id])
                for post, root in zip(posts, roots, strict=True)
            ],
            ids=ids,
            encode=encode,
            progress=encoded,
        )
    communities = facts.communities
    ties, mark = no_ties(len(facts.people), len(segments[True])), ""
    digests = people_digests(facts.people, secret)
    known = [audiences[key] for key in ids.audiences]
    for segment in segments.values():
        for key, value in digests_of(segment, np.arange(len(segment)), audiences=known, people=facts.people).items():
            digests[key] = digests.get(key, 0) + value
    whole_parts = [Part(segments[tier], np.ones(len(segments[tier]), bool)) for tier in (True, False)]
    open_to_all = shared_audiences(known)
    less = discounted(whole_parts, family=ids.families["authored"], shared=open_to_all, which=(0, 1))
    segments = dict(zip((True, False), less, strict=True))
    terms = list(ids.terms)
    # Precomputed: of shared acts of people whom everybody may find. Who is hidden, or not for all, leaves no trace.
    visible = np.array([is_shared(person.audience) and not person.hidden for person in facts.people], bool)
    shared_acts = open_to_all[segments[True].act_audience]
    if len(visible):
        shared_acts &= visible[segments[True].act_person]
    dated = segments[True].created[~np.isnan(segments[True].created)]
    moment = datetime.combine(making.as_of or datetime.now(UTC).date(), time(), UTC)
    span = max(float(dated.max() - dated.min()) if len(dated) else 0.0, SHORTEST_SPAN)

    step("writing the index", 0, 1)
    work = Path(tempfile.mkdtemp(prefix="building-", dir=folder))
    try:
        build_engine(segments[True], terms, work / "engine")
        columns.save(segments[True], work / "shared")
        columns.save(segments[False], work / "restricted")
        lasting, weight = (
            decayed(segments[True], acts=shared_acts, as_of=days(moment), half_life=half_lives(families, share * span))
            for share in (PROFILE_HALF_LIFE_SHARE, HALF_LIFE_SHARE)
        )
        profiles = build_profiles(segments[True], people=len(facts.people), terms=len(terms), weight=lasting)
        columns.save(profiles, work / "profiles")
        tag_words = words_of_tags(list(ids.tags))
        standing = build_standing(segments[True], people=len(facts.people), tag_words=tag_words, weight=weight)
        columns.save(standing, work / "standing")
        topics = build_topics(segments[True], terms=terms, tags=list(ids.tags), acts=shared_acts)
        columns.save(topics, work / "topics")
        if making.network:
            ties, communities, receipt, mark = _network(store, facts, topics, making=making, step=step)
            if receipt.sequence == sequence + receipt.added + receipt.changed:
                sequence = receipt.sequence  # nobody else wrote meanwhile: the snapshot holds these as well
        columns.save(ties, work / "ties")
        for key, value in community_digests(communities, whole, secret).items():
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
            network=mark,
            pinned=making.as_of is not None,
        )
        written = {**asdict(manifest), "digests": {key: f"{value:032x}" for key, value in manifest.digests.items()}}
        (work / "manifest.json").write_bytes(orjson.dumps(written))
        for path in sorted(work.rglob("*")):
            _sync(path)
        os.rename(work, folder / name)
        publish(folder, name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    step("writing the index", 1, 1)
    return folder / name


def _network(
    store: Store, facts: Facts, topics: Topics, *, making: Making, step: Progress
) -> tuple[Ties, list[Community], Receipt, str]:
    """The network of the shared tier, all communities, and a digest; what was detected is written into the record
    first.

    A build that is killed between the two leaves communities that the next one finds again and matches.
    """
    step("finding communities", 0, 1)
    acts = [*(act for acts in facts.acts.values() for act in acts), *facts.between]
    tier = shared_tier(facts.people, facts.identity, facts.posts.values(), acts=acts, words=vocabulary())
    network = build_network(tier, vocabulary())
    previous = [community for community in facts.communities if community.source == DETECTED]
    found, wanted = found_communities(network, topics, previous)
    before = {community.id: community for community in previous}
    changed = [community for community in wanted if before.get(community.id) != community]
    written = store.apply(changed) if changed else Receipt(sequence=-1)
    rows = {person.id: row for row, person in enumerate(facts.people)}
    ties = in_columns(network, found, vocabulary(), rows=rows, people=len(facts.people))
    now = {community.id: community for community in (*facts.communities, *wanted)}
    step("finding communities", 1, 1)
    detected = [now[name] for name in sorted(now) if now[name].source == DETECTED]
    return ties, [now[name] for name in sorted(now)], written, digest(network, found, detected, secret=making.secret)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(folder: Path, name: str) -> None:
    """Make a snapshot the current one: readers see the old name or the new one, never half of either."""
    pointer = folder / f".{CURRENT}-next"  # one name, so that what a killed build left is written over
    pointer.write_text(name, encoding="utf-8")
    _sync(pointer)
    os.replace(pointer, folder / CURRENT)
    _sync(folder)


def prune(folder: Path, *, keep: int) -> int:
    """Remove all but the newest `keep` snapshots and whatever a killed build left. How many folders went."""
    with _alone(folder):
        return _prune(folder, keep)


def _prune(folder: Path, keep: int) -> int:
    current = current_name(folder)
    published = sorted(
        (path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("building-")),
        key=lambda path: path.stat().st_mtime_ns,
        reverse=True,
    )
    kept = {current, *(path.name for path in published[:keep])}
    gone = [path for path in folder.iterdir() if path.is_dir() and path.name not in kept]
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return len(gone)


def current_name(folder: Path) -> str | None:
    """The name of the published snapshot, or `None` when there is none yet. `FormatNotSupported` where the file that
    has the name cannot be read."""
    try:
        return (folder / CURRENT).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise FormatNotSupported(
            f"{folder / CURRENT} is damaged: it holds no name of an index; "
            "run `expertfinder index` to make one anew from the record"
        ) from error


def encoder_of(folder: Path) -> str | None:
    """The name of the encoder that the published snapshot was made with, or `None` when there is none to be read."""
    try:
        name = current_name(folder)
        return str(orjson.loads((folder / name / "manifest.json").read_bytes())["encoder"]) if name else None
    except (OSError, ValueError, KeyError, TypeError, FormatNotSupported):
        return None


def open_snapshot(folder: Path, *, encode: Encoder) -> Snapshot:
    """Open what is published. `NotReady` when nothing is, `FormatNotSupported` for another format or encoder, and for
    an index with files that are missing or cannot be read."""
    while True:
        name = current_name(folder)
        if name is None:
            raise NotReady("nothing has been indexed yet; run `expertfinder ingest` or `expertfinder index`")
        try:
            return _open(folder / name, encode)
        except (OSError, ValueError, KeyError, TypeError) as error:
            if current_name(folder) != name:
                continue  # another process published, and removed this one while it was being opened
            raise FormatNotSupported(
                f"the index {name} is damaged ({type(error).__name__}: {error}); "
                "run `expertfinder index` to make it anew from the record"
            ) from error


def read_manifest(path: Path, encode: Encoder) -> Manifest:
    """What a snapshot was made of. `FormatNotSupported` for another format or encoder."""
    raw = orjson.loads((path / "manifest.json").read_bytes())
    if raw["format"] != FORMAT:
        raise FormatNotSupported(
            f"the index has format {raw['format']}, this is {FORMAT}; run `expertfinder index` to make it anew"
        )
    made = (raw["encoder"], raw["encoder_digest"], raw["dimension"], raw["max_tokens"])
    if made != (encode.name, encode.digest, encode.dimension, encode.max_tokens):
        other = "" if raw["encoder"] != encode.name else ", but its files are not those of that time"
        raise FormatNotSupported(
            f"the index was made with the encoder {raw['encoder']!r}, set is {encode.name!r}{other}; "
            "run `expertfinder index` to embed everything anew with the encoder that is set, or set "
            "EXPERTFINDER_ENCODER to the one that the index was made with"
        )
    return Manifest(**{**raw, "digests": {key: int(value, 16) for key, value in raw["digests"].items()}})


@dataclass(frozen=True, slots=True)
class Posts:
    """What a snapshot holds of posts, wherever they are."""

    shared: Segment
    restricted: Segment
    statistics: Statistics
    profiles: Profiles
    ties: Ties
    engine: Fetching
    terms: list[str]
    term_rows: TermRows


def _open(path: Path, encode: Encoder) -> Snapshot:
    manifest = read_manifest(path, encode)
    terms = _table(path, "terms")
    shared = columns.load(Segment, path / "shared")
    posts = Posts(
        shared=shared,
        restricted=columns.load(Segment, path / "restricted"),
        statistics=statistics_of(shared, len(terms)),
        profiles=columns.load(Profiles, path / "profiles"),
        ties=columns.load(Ties, path / "ties"),
        engine=Engine(path / "engine", terms),
        terms=terms,
        term_rows=TermRows((term, i) for i, term in enumerate(terms)),
    )
    return assembled(path, manifest, posts)


def assembled(path: Path, manifest: Manifest, posts: Posts) -> Snapshot:
    """A snapshot of its posts and of the tables in its folder, as it was built."""
    standing = columns.load(Standing, path / "standing")
    return Snapshot(
        manifest=manifest,
        people=[_person(entry) for entry in _table(path, "people")],
        person_rows=dict(_table(path, "records")),
        rights={record: _rights(entry) for record, entry in _table(path, "rights").items()},
        audiences=[_audience(entry) for entry in _table(path, "audiences")],
        families=_table(path, "families"),
        terms=posts.terms,
        term_rows=posts.term_rows,
        tags=_table(path, "tags"),
        tag_rows=_by_words(standing.tag_words),
        shared=posts.shared,
        restricted=posts.restricted,
        statistics=posts.statistics,
        profiles=posts.profiles,
        topics=columns.load(Topics, path / "topics"),
        standing=standing,
        communities=[_community(entry) for entry in _table(path, "communities")],
        ties=posts.ties,
        engine=posts.engine,
        fresh=posts.shared.take([]),
        gone=(np.zeros(len(posts.shared), bool), np.zeros(len(posts.restricted), bool)),
        left=np.zeros(len(posts.shared), bool),
        sequence=manifest.sequence,
    )


def _table(path: Path, name: str) -> Any:
    return orjson.loads((path / f"{name}.json").read_bytes())


def _audience(entry: dict) -> Audience:  # type: ignore[type-arg]
    return Audience(entry["scope"], *(tuple(entry[name]) for name in ("groups", "people", "deny")))


def _rights(entry: dict) -> Rights:  # type: ignore[type-arg]
    return Rights(entry["own"], tuple(entry["groups"]), tuple(entry["denied_as"]))


def _community(entry: dict) -> Community:  # type: ignore[type-arg]
    lists = {name: tuple(entry[name]) for name in ("members", "leads")}
    return Community(**{**entry, **lists, "audience": _audience(entry["audience"])})


def _by_words(tag_words: list[str]) -> dict[str, list[int]]:
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for tag, words in enumerate(tag_words):
        rows[words].append(tag)
    return dict(rows)


def _person(entry: dict) -> Person:  # type: ignore[type-arg]
    lists = {name: tuple(entry[name]) for name in ("skills", "languages", "groups", "accounts")}
    audience = _audience(entry["audience"])
    left = datetime.fromisoformat(entry["left_at"]) if entry["left_at"] else None
    return Person(**{**entry, **lists, "audience": audience, "left_at": left})


def day_of(moment: float) -> datetime:
    """The moment of a number of days since 1970, aware and in UTC."""
    return datetime.fromtimestamp(moment * DAY, UTC)
