"""When each person last wrote something or did something to a post, as far as a viewer may read it.

What was only read, liked or followed is no act here (`Verb.weighs`): it is neither evidence nor a tie.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from expertfinder.configuration.vocabulary import Vocabulary
from expertfinder.index.posts.segment import days
from expertfinder.model import Audience, Interaction, Post
from expertfinder.policy import narrower

OLDER = ""
"""Stands for a post in the entry that says: there are older ones, and they were not kept."""


@dataclass(frozen=True)
class LastActs:
    """The newest acts by person and audience. Rows of people and audiences are the snapshot's."""

    person: np.ndarray
    """int32 [n]."""
    audience: np.ndarray
    """int32 [n]: who may read the act and its post."""
    day: np.ndarray
    """float64 [n], days since 1970."""
    posts: list[str]
    """Id of the post of each, or `OLDER`."""

    def changed(self, touched: Set[str], now: LastActs) -> LastActs:
        """The same without what was done to the touched posts, and with what is done to them `now`."""
        stay = self.chosen(np.array([post not in touched for post in self.posts], bool))
        return LastActs(
            np.concatenate([stay.person, now.person]).astype(np.int32),
            np.concatenate([stay.audience, now.audience]).astype(np.int32),
            np.concatenate([stay.day, now.day]),
            stay.posts + now.posts,
        )

    def chosen(self, entries: np.ndarray) -> LastActs:
        """Some of the entries (bool)."""
        posts = [post for post, keep in zip(self.posts, entries.tolist(), strict=True) if keep]
        return LastActs(self.person[entries], self.audience[entries], self.day[entries], posts)

    @cached_property
    def _by_person(self) -> tuple[np.ndarray, np.ndarray]:
        """The entries in the order of people, and whose each is."""
        order = np.argsort(self.person, kind="stable")
        return order, self.person[order]

    def newest(self, person: int, readable: np.ndarray) -> float:
        """The day of a person's newest act; not a number where there is none, or it was taken back since the build.

        `readable`: bool, a row an audience.
        """
        order, whose = self._by_person
        newest = older = -np.inf
        for row in order[bisect_left(whose, person) : bisect_right(whose, person)].tolist():  # a few
            if readable[self.audience[row]]:
                day = float(self.day[row])
                newest, older = (newest, max(older, day)) if self.posts[row] == OLDER else (max(newest, day), older)
        return newest if newest > -np.inf and newest >= older else float("nan")


def audiences_of(posts: Iterable[Post], acts: Mapping[str, Sequence[Interaction]]) -> dict[str, Audience]:
    """The audiences that acts on posts have together with their posts, by their keys."""
    found: dict[str, Audience] = {}
    for post in posts:
        for act in acts.get(post.id, ()):
            audience = narrower(post.audience, act.audience)
            found[audience.key] = audience
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """The rows that acts are written down with."""

    identity: Mapping[str, str]
    people: Mapping[str, int]
    audiences: Mapping[str, int]
    vocabulary: Vocabulary


def last_acts(posts: Iterable[Post], acts: Mapping[str, Sequence[Interaction]], known: Known) -> LastActs:
    """The newest act of each person and audience on each of these posts; the undated are left out. `every.newest` keeps
    those that a snapshot needs."""
    found: dict[tuple[int, int, str], float] = {}

    def add(record: str, audience: int, day: float, post: str) -> None:
        row = known.people.get(known.identity.get(record, ""))
        if row is not None and day == day:  # not "not a number"
            place = (row, audience, post)
            found[place] = max(day, found.get(place, day))

    for post in posts:
        for author in post.authors:
            add(author, known.audiences[post.audience.key], days(post.created_at), post.id)
        for act in acts.get(post.id, ()):
            verb = known.vocabulary.verb(act.verb)
            if verb is not None and verb.weighs:
                both = narrower(post.audience, act.audience)
                add(act.actor, known.audiences[both.key], days(act.created_at), post.id)
    return LastActs(
        np.array([person for person, _, _ in found], np.int32),
        np.array([audience for _, audience, _ in found], np.int32),
        np.array(list(found.values()), np.float64),
        [post for _, _, post in found],
    )
