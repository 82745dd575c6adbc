"""The shared tier as rows and columns: what the network of an organisation is made of, read once from the record.

Only posts and acts that the whole organisation may read, and people whom everybody may find. What is restricted or
hidden is not read into it at all, so it can move no byte of what is made of it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from expertfinder.configuration.vocabulary import Vocabulary
from expertfinder.identity import Humans
from expertfinder.index import sparse as sp
from expertfinder.index.people.span import usual_dates
from expertfinder.index.people.wished import read_wishes
from expertfinder.index.posts.documents import document, thread_root
from expertfinder.index.posts.evidence import open_machines, spoken
from expertfinder.index.posts.segment import Segment, days
from expertfinder.model import Interaction, Person, Post
from expertfinder.policy import is_open, is_shared
from expertfinder.store import Store, who_is_who

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Deeds:
    """Acts of known verbs, ordered by id, one entry each: who, what, to which row, when, and how much."""

    actor: Ints
    verb: tuple[str, ...]
    """Names of the vocabulary."""
    target: Ints
    """Row of a post where `on_post`, else of a person."""
    on_post: NDArray[np.bool_]
    day: Floats
    """Days since 1970; not a number where undated."""
    value: Floats
    """1, or for an act on a person the positive value that the record gives (how strong a tie was said to be)."""


@dataclass(frozen=True, slots=True)
class SharedTier:
    """People and posts, each sorted by id; everything else refers to them by row."""

    people: tuple[Person, ...]
    rows: Mapping[str, int]
    """Id of a person or of any of its records -> row."""
    posts: tuple[Post, ...]
    post_day: Floats
    """Days since 1970; not a number where undated."""
    authorship: sp.csr_matrix
    """1 where a person wrote a post, [posts, people]."""
    deeds: Deeds

    @property
    def as_of(self) -> float:
        """The newest day of any post or act that can be meant; 0 where nothing is dated."""
        dated = usual_dates(self._days(), as_of=np.inf)
        return float(dated[-1]) if len(dated) else 0.0

    @property
    def span(self) -> float:
        """Days between the oldest and the newest; 0 where nothing is dated."""
        dated = usual_dates(self._days(), as_of=np.inf)
        return float(dated[-1] - dated[0]) if len(dated) else 0.0

    def places(self) -> tuple[list[str], Ints]:
        """The places in which posts say they stand, sorted, and which of them each says, [posts]; -1 for none."""
        names = sorted({post.community for post in self.posts} - {""})
        number = {name: n for n, name in enumerate(names)}
        return names, np.array([number.get(post.community, -1) for post in self.posts], np.int64)

    def _days(self) -> Floats:
        return np.concatenate([self.post_day, self.deeds.day])


def read_shared(store: Store, words: Vocabulary) -> SharedTier:
    """Read the shared tier of a record. Acts of unknown verbs and of people on themselves are left out."""
    records, who = who_is_who(store)
    posts, acts = list(store.all("post")), list(store.all("interaction"))
    wishes, identity = read_wishes(store, who.identity), with_authors(who, posts, acts)
    people, raw = wishes.people(who.people(records)), {post.id: post for post in posts}
    acts = [act for act in acts if wishes.acts([act], raw.get(act.object), identity)]
    posts = wishes.posts(posts, identity)
    return shared_tier(people, identity, spoken(posts, open_machines(people, identity)), acts=acts, words=words)


def with_authors(who: Humans, posts: Iterable[Post], acts: Iterable[Interaction]) -> dict[str, str]:
    """Record -> person, with the authors and actors whom no record describes and an account key names."""
    identity = dict(who.identity)
    named = {name for post in posts for name in post.authors} | {act.actor for act in acts}
    identity |= {name: person for name in named - identity.keys() if (person := who.author(name)) is not None}
    return identity


def shared_tier(
    people: Iterable[Person],
    identity: Mapping[str, str],
    posts: Iterable[Post],
    *,
    acts: Iterable[Interaction],
    words: Vocabulary,
) -> SharedTier:
    """The same of facts that were read: people merged, `identity` from each record's id to the person's."""
    reading = Reading(people, words)
    reading.add(sorted(posts, key=lambda post: post.id), acts, identity)
    return reading.tier(identity)


class Reading:
    """A shared tier on its way, of posts that are read some at a time, in the order of their ids.

    Machines and shared accounts are no part of it: they are no ties.
    """

    def __init__(self, people: Iterable[Person], words: Vocabulary) -> None:
        found = sorted(people, key=lambda person: person.id)
        self._people = tuple(person for person in found if is_open(person) and person.is_human)
        self._place = {person.id: row for row, person in enumerate(self._people)}
        self._words = words
        self.posts: list[Post] = []
        self._wrote: list[tuple[int, int]] = []
        self._acts: list[str] = []
        self._verbs: list[str] = []
        # actor, target, whether it is a post; day, value
        self._rows, self._measures = array("q"), array("d")

    def add(self, posts: Iterable[Post], acts: Iterable[Interaction], identity: Mapping[str, str]) -> None:
        """Take these posts in, with the acts on them, or on people."""

        def row(name: str) -> int | None:
            return self._place.get(identity.get(name, ""))

        first = len(self.posts)
        self.posts.extend(post for post in posts if is_shared(post.audience))
        number = {post.id: place for place, post in enumerate(self.posts[first:], first)}
        for post, place in zip(self.posts[first:], number.values(), strict=True):
            authors = dict.fromkeys(map(row, post.authors))
            self._wrote.extend((place, author) for author in authors if author is not None)
        for act in acts:
            verb, actor = self._words.verb(act.verb), row(act.actor)
            on_post = act.object_type == "post"
            target = number.get(act.object) if on_post else row(act.object)
            if verb is None or actor is None or target is None or (not on_post and actor == target):
                continue
            if is_shared(act.audience):
                value = act.value if not on_post and act.value is not None and act.value > 0 else 1.0
                self._acts.append(act.id)
                self._verbs.append(verb.name)
                self._rows.extend((actor, target, on_post))
                self._measures.extend((days(act.created_at), value))

    def tier(self, identity: Mapping[str, str]) -> SharedTier:
        """What was read."""
        order = sorted(range(len(self._acts)), key=self._acts.__getitem__)
        rows = np.array(self._rows, np.int64).reshape(-1, 3)[order]
        measures = np.array(self._measures, np.float64).reshape(-1, 2)[order]
        return SharedTier(
            people=self._people,
            rows={name: self._place[person] for name, person in sorted(identity.items()) if person in self._place},
            posts=tuple(self.posts),
            post_day=np.array([days(post.created_at) for post in self.posts], np.float64),
            authorship=_ones(self._wrote, (len(self.posts), len(self._people))),
            deeds=Deeds(
                actor=rows[:, 0].copy(),
                verb=tuple(self._verbs[place] for place in order),
                target=rows[:, 1].copy(),
                on_post=rows[:, 2].astype(bool),
                day=measures[:, 0].copy(),
                value=measures[:, 1].copy(),
            ),
        )


def _ones(cells: Sequence[tuple[int, int]], shape: tuple[int, int]) -> sp.csr_matrix:
    across = np.array(cells, np.int64).reshape(-1, 2)
    matrix = sp.csr_matrix((np.ones(len(across)), (across[:, 0], across[:, 1])), shape=shape)
    matrix.data[:] = 1.0
    return matrix


def took_part(tier: SharedTier, words: Vocabulary) -> sp.csr_matrix:
    """1 where a person did something to a post that is evidence or a tie, [people, posts].

    To have read it is neither.
    """
    weighs = {verb.name for verb in words.verbs.values() if verb.weighs}
    acts = tier.deeds
    did = acts.on_post & np.fromiter((verb in weighs for verb in acts.verb), bool, len(acts.verb))
    cells = (acts.actor[did], acts.target[did])
    parts = sp.csr_matrix((np.ones(int(did.sum())), cells), shape=(len(tier.people), len(tier.posts)))
    parts.data[:] = 1.0
    return parts


def counted(posts: Segment) -> sp.csr_matrix:
    """How often each word stands in each post's document, [posts, words], of posts that were read for the index."""
    shape = (len(posts), max(int(posts.terms.max(initial=-1)) + 1, 1))
    return sp.csr_matrix((posts.counts, posts.terms, posts.term_indptr), shape=shape)


def word_counts(tier: SharedTier) -> sp.csr_matrix:
    """The same of posts as they are, as the text index reads them: for who has no index at hand.

    A reply has its thread's words with it. Words are numbered as they are met.
    """
    known = {post.id: post for post in tier.posts}
    rows: dict[str, int] = {}
    cells: list[tuple[int, int, int]] = []
    for n, post in enumerate(tier.posts):
        counts: dict[int, int] = {}
        for word in document(post, thread_root(post, known)).words:
            row = rows.setdefault(word, len(rows))
            counts[row] = counts.get(row, 0) + 1
        cells.extend((n, row, count) for row, count in counts.items())
    table = np.array(cells, np.int64).reshape(-1, 3)
    shape = (len(tier.posts), max(len(rows), 1))
    return sp.csr_matrix((table[:, 2].astype(np.float64), (table[:, 0], table[:, 1])), shape=shape)
