"""What a person says of themselves, and sees of what they said: every function takes the viewer that the person is.

A wish is stated for every record that is proven to be the person's, so that it stands whichever of them an import
takes away, and it counts from the next question on. Nobody but the person reads it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.configuration.languages import phrase
from expertfinder.errors import Forbidden, InvalidQuestion
from expertfinder.index.people.wished import Subjects
from expertfinder.index.posts.concepts import words_of
from expertfinder.index.posts.segment import Segment
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Viewer
from expertfinder.store import Store
from expertfinder.store.statements import Statement
from expertfinder.store.statements.wishes import (
    WISHES,
    Capacity,
    Disowned,
    Listed,
    Says,
    SeenBy,
    TopicWish,
    Visibility,
    Why,
)

LONGEST_TOPIC = 200
"""A topic has at most so many characters, as the tag of a record has."""
MOST_PER_WEEK = 1_000
"""A larger limit of asks in a week is none."""
MOST_SAID = 1_000
"""So many topics and so many posts may one person speak about: more is a source to be mended, not a wish."""

W = TypeVar("W", Visibility, TopicWish, Disowned, Capacity)


@dataclass(frozen=True, slots=True)
class Said:
    """All that a person said of themselves."""

    visibility: Visibility | None
    capacity: Capacity | None
    topics: tuple[TopicWish, ...]
    """By label."""
    disowned: tuple[Disowned, ...]
    """By id of the post."""


def records_of(finder: ExpertFinder, viewer: Viewer) -> tuple[str, ...]:
    """The records that are proven to be the viewer's, sorted. Raises `Forbidden` for who is no person."""
    rights = finder.snapshot.rights
    if viewer.person is None or viewer.person not in rights:
        raise Forbidden("this is about a person: use a key that belongs to one")
    own = rights[viewer.person].own
    return tuple(sorted(record for record, right in rights.items() if right.own == own))


def said_by(finder: ExpertFinder, viewer: Viewer) -> Said:
    """What the viewer said of themselves. Raises `Forbidden`."""
    return said_of(finder.store, records_of(finder, viewer))


def said_of(store: Store, records: Iterable[str]) -> Said:
    """What was said by records of one person; of what several said, the latest."""
    theirs = frozenset(records)

    def latest(kind: type[W], key: Callable[[W], str]) -> dict[str, W]:
        found = sorted(store.statements(kind), key=lambda one: one.at)
        return {key(one): one for one in found if one.person in theirs}

    return Said(
        visibility=latest(Visibility, lambda one: "").get(""),
        capacity=latest(Capacity, lambda one: "").get(""),
        topics=tuple(sorted(latest(TopicWish, lambda one: one.topic).values(), key=lambda one: (one.label, one.topic))),
        disowned=tuple(sorted(latest(Disowned, lambda one: one.post).values(), key=lambda one: one.post)),
    )


def be_seen_by(finder: ExpertFinder, viewer: Viewer, seen_by: SeenBy) -> None:
    """Who may find the viewer from now on. Raises `Forbidden`."""
    _state(finder, [Visibility(person=one, seen_by=seen_by, at=finder.now()) for one in records_of(finder, viewer)])


def be_asked(finder: ExpertFinder, viewer: Viewer, until: date | None, per_week: int | None) -> None:
    """From when on (a pause until then), and how often in seven days, the viewer may be named to be asked."""
    if per_week is not None and not 0 <= per_week <= MOST_PER_WEEK:
        raise InvalidQuestion(phrase("asks in a week are 0 to {week}, or none is set for no limit", week=MOST_PER_WEEK))
    paused, most = until.isoformat() if until else "", -1 if per_week is None else per_week
    said = [
        Capacity(person=one, paused_until=paused, per_week=most, at=finder.now()) for one in records_of(finder, viewer)
    ]
    _state(finder, said)


def say_of_topic(finder: ExpertFinder, viewer: Viewer, topic: str, says: Says, listed: Listed) -> None:
    """What the viewer says of a topic, and where they are named for it. Raises `Forbidden`, `InvalidQuestion`."""
    words = topic_words(topic)
    records = records_of(finder, viewer)
    before = said_of(finder.store, records).topics
    if len(before) >= MOST_SAID and words not in {one.topic for one in before}:
        raise InvalidQuestion(
            phrase("one says something of at most {said} topics: take one back first", said=MOST_SAID)
        )
    label = topic.strip().removeprefix("topic:").strip()
    said = [
        TopicWish(person=one, topic=words, label=label, says=says, listed=listed, at=finder.now()) for one in records
    ]
    _state(finder, said, touching=_posts_about(finder, viewer, words))


def forget_topic(finder: ExpertFinder, viewer: Viewer, topic: str) -> None:
    """Take back what the viewer said of a topic."""
    words = topic_words(topic)
    records = frozenset(records_of(finder, viewer))
    kept = [one for one in finder.store.statements(TopicWish) if one.person in records and one.topic == words]
    _retract(finder, kept, touching=_posts_about(finder, viewer, words) if kept else ())


def disown(finder: ExpertFinder, viewer: Viewer, post: str, why: Why) -> None:
    """Let a post that the viewer may read be no evidence of them. Raises `Forbidden`, `NotFound`."""
    records = records_of(finder, viewer)
    finder.post(post, viewer)
    if len(said_of(finder.store, records).disowned) >= MOST_SAID:
        raise InvalidQuestion(
            phrase("one takes at most {said} posts out: take one back, or tell who runs the source", said=MOST_SAID)
        )
    _state(finder, [Disowned(person=one, post=post, why=why, at=finder.now()) for one in records], touching=[post])


def own(finder: ExpertFinder, viewer: Viewer, post: str) -> None:
    """Take back what the viewer said of a post."""
    records = frozenset(records_of(finder, viewer))
    kept = [one for one in finder.store.statements(Disowned) if one.person in records and one.post == post]
    _retract(finder, kept, touching=[post] if kept else ())


def wishes_kept(store: Store, records: Iterable[str]) -> list[Statement]:
    """Every wish that these records said, as it is kept."""
    theirs = frozenset(records)
    return [said for kind in WISHES for said in store.statements(kind) if said.person in theirs]


def topic_words(topic: str) -> str:
    """The words of a topic that somebody names. Raises `InvalidQuestion` where it has none, or too many characters."""
    words = words_of(topic.strip().removeprefix("topic:"))
    if not words or len(topic) > LONGEST_TOPIC:
        raise InvalidQuestion(phrase("a topic is a word or a few, of at most {topic} characters", topic=LONGEST_TOPIC))
    return words


def _posts_about(finder: ExpertFinder, viewer: Viewer, topic: str) -> list[str]:
    """Ids of the posts about a topic that the viewer had a part in, whether or not it counts."""
    snapshot = finder.whole.snapshot
    found = {
        segment.ids[row] for segment in snapshot.tiers.segments for row in about(snapshot, segment, topic).tolist()
    }
    mine = frozenset(
        record for record, row in snapshot.person_rows.items() if row == snapshot.person_rows[viewer.person or ""]
    )
    wrote = {post.id for post in finder.store.get("post", sorted(found)) if not mine.isdisjoint(post.authors)}
    return sorted(wrote | {act.object for act in finder.store.acts_on(sorted(found)) if act.actor in mine})


def about(snapshot: Snapshot, segment: Segment, topic: str) -> np.ndarray:
    """Rows of the posts with a topic (`words_of`) among their tags, or its words in their title, ascending."""
    tagged = np.array([f" {topic} " in f" {words_of(tag)} " for tag in snapshot.tags], bool)
    has = np.repeat(np.arange(len(segment)), np.diff(segment.tag_indptr))[tagged[segment.tags]]
    titled = [row for row, title in enumerate(segment.titles) if _titled(title, topic)]
    return np.union1d(has, np.array(titled, np.int64)).astype(np.int64)


def _titled(title: str, topic: str) -> bool:
    """Whether a title has the words of a topic; most are told without being read."""
    return (not title.isascii() or topic.split()[0] in title.lower()) and Subjects(title, ()).has(topic)


def _state(finder: ExpertFinder, said: Iterable[Statement], *, touching: Iterable[str] = ()) -> None:
    posts = list(touching)
    for one in said:
        finder.store.state(one, touching=posts)
    finder.refresh()


def _retract(finder: ExpertFinder, said: Iterable[Statement], *, touching: Iterable[str] = ()) -> None:
    posts = list(touching)
    for one in said:
        finder.store.retract(one, touching=posts)
    finder.refresh()
