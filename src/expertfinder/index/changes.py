"""The fresh tier: what came or changed since the snapshot was built, ready to be asked within the second.

A function of the snapshot and the record: every post that a change touched is read again with all its acts and stands,
as it is now, in a small segment of its own; its old row is gone. Word statistics and near-copies follow exactly, so
that a fresh post scores as it will after the next build. What left the shared tier is out of profiles and standing at
once; what came waits for that build, as topics do (`docs/limits.md`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.identity import Rights
from expertfinder.index.arrays import gather
from expertfinder.index.facts import DETECTED, Facts, community_digests, people_digests, settled
from expertfinder.index.network.labels import in_words_of_today
from expertfinder.index.people.directory import Directory
from expertfinder.index.people.topics import Topics, narrowed, supported
from expertfinder.index.people.withdrawn import without_withdrawn
from expertfinder.index.posts.bm25 import Statistics
from expertfinder.index.posts.documents import THREAD_DEPTH
from expertfinder.index.posts.evidence import open_machines, spoken
from expertfinder.index.posts.lexicon import Lexicon
from expertfinder.index.posts.near_copies import discounted, moved
from expertfinder.index.posts.segment import DIGESTS, Ids, Segment, build_segment, digests_of, entries, shared_audiences
from expertfinder.index.posts.tiers import Tier
from expertfinder.index.snapshot import Making, Snapshot
from expertfinder.model import Audience, Community, Interaction, Person
from expertfinder.policy import is_open_machine, is_shared
from expertfinder.store import Change, Store, who_is_who

CHANGES_AT_ONCE = 10_000
"""Changes are read from the store in lots of so many, which bounds the memory of one look."""


@dataclass(slots=True)
class Touched:
    """What the changes since a snapshot speak of. Grows with each look; starts anew with each snapshot."""

    posts: set[str] = field(default_factory=set)
    people: bool = False
    erased: bool = False
    communities: bool = False


def note(touched: Touched, changes: Iterable[Change], store: Store) -> None:
    """Add what these changes touch."""
    acts: list[str] = []
    for change in changes:
        if change.operation == "erase":
            touched.erased = True
            touched.people = True
        elif change.kind in ("person", "source"):
            touched.people = True
        elif change.kind == "community":
            touched.communities = True
        elif change.kind == "post":
            touched.posts.add(change.id)
        elif change.kind == "interaction" and change.operation == "put":
            acts.append(change.id)
        # An act that was taken back is a change of its post, too.
    touched.posts.update(act.object for act in store.get("interaction", acts) if act.object_type == "post")


def shared_changes(snapshot: Snapshot) -> int:
    """How many posts and acts of the shared tier came or went since the snapshot was built; what changed did both.

    People who came count, too; that somebody wrote a post counts with the post.
    Made of the shared tier alone: a shared post that was read again because of an act that not everybody may see, or of
    somebody who may not be found by all, has the digests that it had, and counts for nothing.
    """
    shared = shared_audiences(snapshot.audiences)
    authored = snapshot.families.index("authored")
    visible = np.array([is_shared(person.audience) and not person.hidden for person in snapshot.people], bool)

    def digests(segment: Segment, rows: np.ndarray) -> np.ndarray:
        posts = segment.digests[rows][shared[segment.audience[rows]]]
        acts, _ = gather(segment.act_indptr, rows)
        acts = acts[shared[segment.act_audience[acts]] & (segment.act_family[acts] != authored)]
        return np.concatenate([posts, segment.act_digests[acts[visible[segment.act_person[acts]]]]])

    was = digests(snapshot.shared.segment, snapshot.shared.gone)
    fresh = snapshot.fresh.segment
    came = int(visible[len(snapshot.standing.activity) :].sum())
    return len(np.setxor1d(was, digests(fresh, np.arange(len(fresh))))) + came


def _with_replies(base: Snapshot, names: set[str]) -> set[str]:
    """These ids and those of all posts of the build that reply to them, or to such a reply.

    A reply holds the words of its question, so it follows what becomes of it and of every post between the two.
    """
    touched, rest = set(names), set(names)
    replies = [
        (post, parent)
        for segment in base.tiers.segments[:2]
        for post, parent in zip(segment.ids, segment.parents, strict=True)
        if parent
    ]
    for _ in range(THREAD_DEPTH):
        rest = {post for post, parent in replies if parent in rest} - touched
        if not rest:
            break
        touched |= rest
    return touched


def freshen(base: Snapshot, store: Store, touched: Touched, *, making: Making, sequence: int) -> Snapshot:
    """The snapshot as it was built (`base`), with everything that was touched as it is in the record now."""
    names = set(touched.posts)
    if touched.erased:
        names |= store.forgotten("post", [*base.shared.segment.ids, *base.restricted.segment.ids])
    crowd = people_now(base, store) if touched.people else Crowd(base.people, base.person_rows, base.rights, set())
    people, rows, apart = crowd.people, crowd.rows, crowd.apart
    if touched.people and base.machine_posts:
        machines = open_machines(people, {record: people[row].id for record, row in rows.items()})
        names |= {post for post, authors in base.machine_posts.items() if not machines.issuperset(authors)}
    if touched.people:
        names |= praised_by_changed(base, people, store)
    if apart:
        for part in base.tiers.segments[:2]:
            acts_of = np.flatnonzero(np.isin(part.act_person, sorted(apart)))
            its_posts = part.posts_of(acts_of)
            names |= {part.ids[row] for row in its_posts.tolist()}
    names = _with_replies(base, names)
    built = [tier.without(names) for tier in (base.shared, base.restricted)]
    identity = {record: people[row].id for record, row in rows.items()}
    again = touched.people or touched.communities
    communities = [settled(each, identity) for each in store.all("community")] if again else base.communities
    now = _Now(people, identity, communities, making)
    read = _read(base, store, names, now)
    shared = shared_audiences(read.audiences)
    authored = base.families.index("authored")
    # Near-copies of what was touched count more or less than they did: they are read again, too.
    was = [tier.segment.take(tier.gone.tolist()) for tier in built]
    copies = moved(built, [*was, read.segment], family=authored, shared=shared)
    if copies:
        built = [tier.without(copies) for tier in built]
        read = _read(base, store, names | copies, now)
    sums = without_withdrawn(base, read.segment, ~built[0].alive)
    shared = shared_audiences(read.audiences)
    (segment,) = discounted([*built, Tier.of(read.segment)], family=authored, shared=shared, which=(2,))
    known = read.audiences
    digests = dict(base.manifest.digests)
    weighed = [(digests_of(segment, np.arange(len(segment)), audiences=known, people=people), 1)]
    if touched.people:
        weighed += [(people_digests(base.people, making.secret), -1), (people_digests(people, making.secret), 1)]
    if again:
        for members, sign in ((base, -1), (now, 1)):
            who = {person.id: person for person in members.people}
            weighed.append((community_digests(members.communities, who, making.secret), sign))
    for tier in built:
        # Who may see an act depends on who may find the person: where people changed, every act is weighed again.
        old = np.arange(len(tier)) if touched.people else tier.gone
        weighed.append((digests_of(tier.segment, old, audiences=base.audiences, people=base.people), -1))
        if touched.people:
            stays = np.flatnonzero(tier.alive)
            weighed.append((digests_of(tier.segment, stays, audiences=known, people=people), 1))
    topics, lexicon = _said_today(base, built[0], segment, known, people)
    if topics is not base.topics:
        labels = frozenset(topics.labels)
        communities = [in_words_of_today(each, labels) if each.source == DETECTED else each for each in communities]
    for some, sign in weighed:
        for key, value in some.items():
            digests[key] = digests.get(key, 0) + sign * value
    return replace(
        base,
        manifest=replace(base.manifest, digests={key: value % DIGESTS for key, value in digests.items()}),
        people=people,
        person_rows=rows,
        directory=Directory(people, base.lexicon.languages) if touched.people else base.directory,
        rights=crowd.rights,
        audiences=known,
        tags=read.tags,
        communities=communities,
        topics=topics,
        lexicon=lexicon,
        statistics=_statistics(base, built[0].gone, segment),
        shared=built[0],
        restricted=built[1],
        fresh=Tier.of(segment),
        withdrawn=sums.posts,
        profiles=sums.profiles,
        standing=sums.standing,
        sequence=sequence,
        came=read.came,
    )


def _said_today(
    base: Snapshot, built: Tier, fresh: Segment, audiences: Sequence[Audience], people: Sequence[Person]
) -> tuple[Topics, Lexicon]:
    """The topics that what everybody may read today still supports, and the vocabulary without the labels of others.

    `built`: the shared tier; a post that was read again and says what it said is there. What came waits for the build.
    An index that a server holds has no posts here: its topics are those of the whole (`ExpertFinder.topics`).
    """
    topics, segment = base.topics, built.segment
    if len(topics.post_indptr) != len(segment) + 1:
        return topics, base.lexicon
    shared = shared_audiences(audiences)
    visible = np.array([is_shared(person.audience) and not person.hidden for person in people], bool)
    again = {fresh.ids[row]: row for row in np.flatnonzero(shared[fresh.audience]).tolist()}
    gone = built.gone.tolist()
    now = {row: again[segment.ids[row]] for row in gone if segment.ids[row] in again}
    same = [row for row, new in now.items() if fresh.digests[new] == segment.digests[row]]
    there = built.alive.copy()
    there[same] = True
    acts = np.flatnonzero(shared[segment.act_audience] & visible[segment.act_person])
    acts = acts[built.alive[segment.posts_of(acts)]]
    of_fresh, owner = gather(fresh.act_indptr, np.array([now[row] for row in same], np.int64))
    open_too = shared[fresh.act_audience[of_fresh]] & visible[fresh.act_person[of_fresh]]
    posts = np.concatenate([segment.posts_of(acts), np.array(same, np.int64)[owner[open_too]]])
    who = np.concatenate([segment.act_person[acts], fresh.act_person[of_fresh[open_too]]]).astype(np.int64)
    kept = supported(topics, there, (posts, who))
    if there.all() and kept.all():
        return topics, base.lexicon
    chosen = [row for row, stays in enumerate(kept.tolist()) if stays]
    lexicon = replace(
        base.lexicon,
        labels=[base.lexicon.labels[row] for row in chosen],
        label_vectors=np.asarray(base.lexicon.label_vectors)[chosen],
    )
    return narrowed(topics, there, kept), lexicon


def praised_by_changed(base: Snapshot, people: Sequence[Person], store: Store) -> set[str]:
    """Ids of the posts that people did something to who may be found by others than before, or not any more.

    `people` on the rows of `base`. How many praised a post rests on who of them may be found.
    """
    now = {
        row
        for row, (was, one) in enumerate(zip(base.people, people, strict=False))
        if (was.hidden, was.audience.key) != (one.hidden, one.audience.key)
    }
    actors = sorted(name for name, row in base.person_rows.items() if row in now)
    return {act.object for act in store.acts_by(actors) if act.object_type == "post"} if actors else set()


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
    came: frozenset[str]
    """Words of the shared posts among them that the vocabulary of the snapshot does not have."""


def _read(base: Snapshot, store: Store, names: set[str], now: _Now) -> _Read:
    """The posts with these ids, as far as there are any, with all that was done to them."""
    every = store.get("post", sorted(names))
    around = {post.id: post for post in every}
    posts = {post.id: post for post in spoken(every, open_machines(now.people, now.identity))}
    missing = {post.parent for post in posts.values() if post.parent}
    for _ in range(THREAD_DEPTH):
        missing -= around.keys()
        if not missing:
            break
        above = {post.id: post for post in store.get("post", sorted(missing))}
        around |= above
        missing = {post.parent for post in above.values() if post.parent}
    acts: defaultdict[str, list[Interaction]] = defaultdict(list)
    for act in store.acts_on(sorted(posts)):
        acts[act.object].append(act)

    facts = Facts(now.people, now.identity, {}, posts, acts, [], now.communities)
    evidence = facts.evidence(vocabulary())
    audiences = {audience.key: audience for audience in base.audiences}
    for key, audience in sorted(facts.audiences(evidence).items()):
        audiences.setdefault(key, audience)
    tags = {tag: i for i, tag in enumerate(base.tags)}
    ids = Ids(
        terms=base.term_rows,  # rows are only ever added, so an older view of the same snapshot still reads its own
        tags=tags,
        people={person.id: i for i, person in enumerate(now.people)},
        audiences={key: i for i, key in enumerate(audiences)},
        families={family: i for i, family in enumerate(base.families)},
        secret=now.making.secret,
    )
    chosen = [posts[name] for name in sorted(posts)]
    documents = entries(chosen, around, evidence)
    segment = build_segment(documents, ids=ids, encode=now.making.encode)
    said = {word for entry in documents if is_shared(entry.post.audience) for word in entry.document.words}
    came = frozenset(word for word in said if base.lexicon.place(word) < 0)
    return _Read(segment, list(audiences.values()), list(tags), came)


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people at this look."""

    people: list[Person]
    """On the rows that they had; new ones after them; who is gone is hidden on their row."""
    rows: dict[str, int]
    """Id of a record, or of an author whom no record describes -> row."""
    rights: dict[str, Rights]
    apart: set[int]
    """Rows of people who are no longer one, as when a record's audience was tightened: what the record says must not
    stay in the person for all, and whose each act was is to be read again. And of those now known as machines."""


def people_now(base: Snapshot, store: Store) -> Crowd:
    """The people as they are now.

    Two people of the snapshot whom a new key joins stay two until the next build: their evidence has two rows. What
    denies or hides one of them counts for both at once.
    """
    records, who = who_is_who(store)
    identity = who.identity
    rows: dict[str, int] = {}
    row_of: dict[str, int] = {}
    keeper: dict[int, str] = {}
    apart: set[int] = set()
    for record in records:
        known = base.person_rows.get(record.id)
        if known is not None:
            whole = identity.get(base.people[known].id, identity[record.id])
            if identity[record.id] == keeper.setdefault(known, whole):
                rows[record.id] = known
                row_of.setdefault(whole, known)
            else:
                apart.add(known)
    people = list(base.people)
    for record in records:
        if record.id not in rows:
            whole = identity[record.id]
            if whole not in row_of:
                row_of[whole] = len(people)
                people.append(record)
            rows[record.id] = row_of[whole]
    members: defaultdict[int, list[Person]] = defaultdict(list)
    for record in records:
        members[rows[record.id]].append(record)
    hidden = {identity[record.id] for record in records if record.hidden}
    # Whose record was taken back: what names that record is no longer theirs, and they are not called by it.
    apart |= {row for record, row in base.person_rows.items() if record in base.rights and record not in rows}
    for row in range(len(people)):
        if row in members:
            away = any(identity[record.id] in hidden for record in members[row])
            human = who.whole(members[row])
            called = people[row].id if people[row].id in rows else human.id
            people[row] = replace(human, id=called, hidden=away)
        else:
            people[row] = replace(people[row], hidden=True)
    apart |= {row for row, was in enumerate(base.people) if _standing(was) != _standing(people[row])}
    for name in base.person_rows.keys() - rows.keys():
        person = who.author(name)
        if person is not None and person in rows:
            rows[name] = rows[person]
    return Crowd(people, rows, who.rights, apart)


def _standing(person: Person) -> tuple[bool, bool]:
    return person.is_human, is_open_machine(person)


def _statistics(base: Snapshot, old: np.ndarray, fresh: Segment) -> Statistics:
    """The shared tier's statistics as they are now, exactly: the rows `old` out, new ones in."""
    shared = np.flatnonzero(shared_audiences(base.audiences))
    new = np.flatnonzero(np.isin(fresh.audience, shared))
    terms = max(len(base.statistics.frequency), int(fresh.terms.max(initial=-1)) + 1)
    frequency = np.zeros(terms)
    frequency[: len(base.statistics.frequency)] = base.statistics.frequency
    for segment, rows, sign in ((base.shared.segment, old, -1.0), (fresh, new, 1.0)):
        positions, _ = gather(segment.term_indptr, rows)
        frequency += sign * np.bincount(segment.terms[positions], minlength=terms)
    posts = base.statistics.posts - len(old) + len(new)
    total = base.statistics.total_length
    total += float(np.asarray(fresh.lengths[new], np.float64).sum()) - float(
        np.asarray(base.shared.segment.lengths[old], np.float64).sum()
    )
    return Statistics(posts, frequency, total)
