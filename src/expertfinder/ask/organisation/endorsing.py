"""Regulated topics and endorsed posts, read again at each question: an endorsement may have expired since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date

from expertfinder.errors import StoreError
from expertfinder.index.access import View
from expertfinder.index.posts.concepts import NO_CONCEPTS, Concepts, words_of
from expertfinder.model import Query, Ranking
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


class Endorsing:
    """Of one record. While it cannot be reached, what was read last is used. Safe to share between threads."""

    def __init__(self, store: Store, concepts: Callable[[], Concepts] = lambda: NO_CONCEPTS) -> None:
        self._store = store
        self._concepts = concepts
        self._regulated: list[Regulated] = []
        self._states: list[PostState] = []

    def topics(self, query: Query) -> list[str]:
        """Labels of the regulated topics of a question: its text, a topic or a tag has the words of a label of the
        concept in their order, in the singular or the plural.

        Of a question that was put, as they stood then.
        """
        if query.only_posts is None and not self._now():
            return []
        said = [f" {words_of(text)} " for text in (query.text, *query.topics, *query.question_tags, *query.tags)]
        alike = self._concepts().alike
        return [
            one.label
            for one in self._regulated
            if any(f" {words} " in text for words in alike(one.topic) for text in said)
        ]

    def _now(self) -> list[Regulated]:
        """The regulated topics as they stand."""
        with suppress(StoreError):
            self._regulated = self._store.statements(Regulated)
        return self._regulated

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
        with suppress(StoreError):
            self._states = self._store.statements(PostState)
        rows, people = seen.snapshot.person_rows, seen.people
        found: defaultdict[str, list[PostState]] = defaultdict(list)
        for one in sorted(self._states, key=lambda one: (one.at, one.entry), reverse=True):
            if not one.by or (one.by in rows and people[rows[one.by]]):
                found[one.post].append(one)
        posts = self._store.get("post", found) if found else []
        return {post.id: found[post.id] for post in posts if may_read(post.audience, seen.viewer)}

    def digest(self, seen: View, today: date) -> str:
        """Changes with the endorsements that an answer to a viewer depends on; empty without regulated topics."""
        topics = sorted(one.topic for one in self._now())
        return f"|{topics} {sorted(self.endorsed(seen, today))}" if topics else ""
