"""Regulated topics and endorsed posts, read again at each question: an endorsement may have expired since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date

from expertfinder.errors import StoreError
from expertfinder.index.access import View
from expertfinder.index.posts.concepts import NO_CONCEPTS, Concepts, words_of
from expertfinder.model import Audience, Query, Ranking
from expertfinder.policy import may_read
from expertfinder.recommend.sentences import Sentence
from expertfinder.store import PostState, Regulated, Store
from expertfinder.store.statements.endorsing import State

ONLY_ENDORSED = Sentence(
    "“{topic}” is a regulated topic: only posts count that are endorsed and whose endorsement has not expired."
)
"""The note of an answer about a regulated topic."""


def stands(states: Iterable[PostState], today: date) -> State | str:
    """What holds of states with the latest first: a state, `expired`, or nothing (empty)."""
    latest = next(iter(states), None)
    if latest is None:
        return ""
    return "expired" if latest.until and latest.until <= today.isoformat() else latest.state


@dataclass(slots=True)
class Read:
    """What was read of the record: the regulated topics, the states of posts, who may read the posts that have some."""

    regulated: list[Regulated] | None = None
    states: list[PostState] | None = None
    audiences: dict[str, Audience | None] = field(default_factory=dict)
    """By id of the post; `None`: there is no such post."""


_WITHIN: ContextVar[Read | None] = ContextVar("what one question has read of endorsements", default=None)


class Endorsing:
    """Of one record. While it cannot be reached, what was read last is used. Safe to share between threads."""

    def __init__(self, store: Store, concepts: Callable[[], Concepts] = lambda: NO_CONCEPTS) -> None:
        self._store = store
        self._concepts = concepts
        self._last = Read([], [])

    @contextmanager
    def once(self) -> Iterator[None]:
        """Within it the record is read once: an answer and its version are made of what stood at one moment."""
        if _WITHIN.get() is not None:
            yield
            return
        token = _WITHIN.set(Read())
        try:
            yield
        finally:
            _WITHIN.reset(token)

    def topics(self, query: Query) -> list[str]:
        """Labels of the regulated topics of a question: its text, a topic or a tag has the words of a label of the
        concept in their order, in the singular or the plural.
        """
        regulated = self._regulated()
        if not regulated:
            return []
        said = [f" {words_of(text)} " for text in (query.text, *query.topics, *query.question_tags, *query.tags)]
        alike = self._concepts().alike
        return [
            one.label for one in regulated if any(f" {words} " in text for words in alike(one.topic) for text in said)
        ]

    def _regulated(self) -> list[Regulated]:
        """The regulated topics as they stand."""
        read = _WITHIN.get() or Read()
        if read.regulated is None:
            with suppress(StoreError):
                self._last.regulated = self._store.statements(Regulated)
            read.regulated = self._last.regulated
        return read.regulated or []

    def _states(self) -> list[PostState]:
        """The states of all posts as they stand."""
        read = _WITHIN.get() or Read()
        if read.states is None:
            with suppress(StoreError):
                self._last.states = self._store.statements(PostState)
            read.states = self._last.states
        return read.states or []

    def _audiences(self, posts: Iterable[str]) -> dict[str, Audience]:
        """Who may read some posts, by id, of those that there are, as they stand."""
        read, wanted = _WITHIN.get() or Read(), list(posts)
        missing = [post for post in wanted if post not in read.audiences]
        if missing:
            with suppress(StoreError):
                found = {post.id: post.audience for post in self._store.get("post", missing)}
                self._last.audiences |= {post: found.get(post) for post in missing}
            read.audiences |= {post: self._last.audiences.get(post) for post in missing}
        return {post: audience for post in wanted if (audience := read.audiences[post]) is not None}

    def notes(self, query: Query) -> tuple[str, ...]:
        """What an answer says of the regulated topics of a question as it was put; nothing where there are none."""
        return () if query.only_posts is None else tuple(ONLY_ENDORSED(topic=one) for one in self.topics(query))

    def told(self, query: Query, ranking: Ranking) -> Ranking:
        """An answer to a question as it was put, which says where only endorsed posts count."""
        notes = self.notes(query)
        if not notes or ranking.abstained is None:
            return replace(ranking, notes=(*notes, *ranking.notes)) if notes else ranking
        return replace(ranking, abstained=" ".join((*notes, ranking.abstained)))

    def put(self, query: Query, seen: View, today: date) -> Query:
        """The question as it is put: on a regulated topic to endorsed posts alone."""
        return replace(query, only_posts=self.endorsed(seen, today)) if self.topics(query) else query

    def endorsed(self, seen: View, today: date) -> frozenset[str]:
        """Ids of the posts that are endorsed for a viewer on a day."""
        return frozenset(post for post, states in self.states(seen).items() if stands(states, today) == "endorsed")

    def states(self, seen: View) -> dict[str, list[PostState]]:
        """The states of the posts that a viewer may read, the latest first, of those whom they may find, or nobody."""
        rows, people = seen.snapshot.person_rows, seen.people
        found: defaultdict[str, list[PostState]] = defaultdict(list)
        for one in sorted(self._states(), key=lambda one: (one.at, one.entry), reverse=True):
            if not one.by or (one.by in rows and people[rows[one.by]]):
                found[one.post].append(one)
        audiences = self._audiences(found)
        return {post: found[post] for post, audience in audiences.items() if may_read(audience, seen.viewer)}

    def digest(self, seen: View, today: date) -> str:
        """Changes with the endorsements that an answer to a viewer depends on; empty without regulated topics."""
        topics = sorted(one.topic for one in self._regulated())
        return f"|{topics} {sorted(self.endorsed(seen, today))}" if topics else ""
