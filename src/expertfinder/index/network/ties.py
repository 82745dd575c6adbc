"""The network as the snapshot keeps it: ties, parts in posts, interests and levels, on the snapshot's own rows.

Made of the shared tier alone (`index/network/tier.py`): who is hidden, or not for everybody to find, has an empty row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import orjson

from expertfinder.configuration.vocabulary import Vocabulary
from expertfinder.index import sparse as sp
from expertfinder.model import Community

if TYPE_CHECKING:
    from expertfinder.index.network.graph import Network
    from expertfinder.index.network.leiden import Communities, Levels
    from expertfinder.index.network.tier import SharedTier


@dataclass(frozen=True, slots=True)
class Ties:
    """The network in columns. Rows of people are the snapshot's, rows of posts those of its shared segment."""

    turned_to: sp.csr_matrix
    """Directed, [people, people]: row turns to column, logarithm of one plus the number of acts."""
    mutual: sp.csr_matrix
    """Symmetric, [people, people]: every tie, whichever way."""
    part: sp.csr_matrix
    """1 where a person wrote a post or had a part in it, [people, posts]."""
    vectors: np.ndarray
    """float32 [people, dimensions]: what each person writes about, rows of length 1 or 0."""
    act_person: np.ndarray
    """int32: one entry for each author of a post, then one an act on a post."""
    act_post: np.ndarray
    """int32."""
    act_day: np.ndarray
    """float64, days since 1970; not a number where undated."""
    act_verb: np.ndarray
    """int16, row of `verbs`."""
    verbs: list[str]
    """`create` for authorship, then the vocabulary's names."""
    post_place: np.ndarray
    """int32 [posts], row of `places`: the community that a post says it stands in; -1 for none."""
    places: list[str]
    detected: list[str]
    """Ids of the detected communities, the largest first."""
    strength: sp.csr_matrix
    """[people, detected]: the share of a person's links that lie in a community, for those one belongs to."""
    resolutions: list[float]
    levels: np.ndarray
    """int32 [resolutions, people]: the group of a person at each resolution, coarse to fine; -1 for none."""
    resolution: float
    """That of the default level; 0 where nothing was looked for."""
    events: list[list[str]]
    """What became of communities since the fold before: `born`, `ended`, `split` or `merged`, then the ids."""


def no_ties(people: int, posts: int) -> Ties:
    """The network of an organisation of which none is known."""
    none = sp.csr_matrix((people, people))
    return Ties(
        turned_to=none,
        mutual=none.copy(),
        part=sp.csr_matrix((people, posts)),
        vectors=np.zeros((people, 1), np.float32),
        act_person=np.zeros(0, np.int32),
        act_post=np.zeros(0, np.int32),
        act_day=np.zeros(0),
        act_verb=np.zeros(0, np.int16),
        verbs=["create"],
        post_place=np.full(posts, -1, np.int32),
        places=[],
        detected=[],
        strength=sp.csr_matrix((people, 0)),
        resolutions=[],
        levels=np.zeros((0, people), np.int32),
        resolution=0.0,
        events=[],
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a network: the default level with its ids, all levels, and what became of the old ones."""

    communities: Communities
    columns: Sequence[int]
    """Which labels of the default level became communities (the others are too small), in the order of `ids`."""
    ids: Sequence[str]
    levels: Levels
    events: Sequence[Sequence[str]]


def in_columns(network: Network, found: Found, words: Vocabulary, *, rows: Mapping[str, int], people: int) -> Ties:
    """The network on the rows of a snapshot. `rows`: id of a person -> row; posts keep theirs (both sorted by id)."""
    tier = network.tier
    place = np.array([rows[person.id] for person in tier.people], np.int64)
    spread = sp.csr_matrix((np.ones(len(place)), (place, np.arange(len(place)))), shape=(people, len(place)))
    vectors = np.zeros((people, network.vectors.shape[1]), np.float32)
    vectors[place] = network.vectors
    levels = np.full((len(found.levels), people), -1, np.int32)
    for level, label in enumerate(found.levels.values()):
        levels[level, place] = label
    who, wrote, day, verb, verbs = _acts(tier, words)
    places, post_place = tier.places()
    return Ties(
        turned_to=sp.csr_matrix(spread @ network.turned_to @ spread.T),
        mutual=sp.csr_matrix(spread @ network.mutual @ spread.T),
        part=sp.csr_matrix(spread @ network.part),
        vectors=vectors,
        act_person=place[who].astype(np.int32),
        act_post=wrote.astype(np.int32),
        act_day=day,
        act_verb=verb,
        verbs=verbs,
        post_place=post_place.astype(np.int32),
        places=places,
        detected=list(found.ids),
        strength=sp.csr_matrix(spread @ found.communities.strength[:, list(found.columns)]),
        resolutions=list(found.levels),
        levels=levels,
        resolution=found.communities.resolution,
        events=[list(event) for event in found.events],
    )


def carried(ties: Ties, *, people: np.ndarray, posts: np.ndarray, shape: tuple[int, int]) -> Ties:
    """The same network on other rows: old row -> new row of `people` and `posts`, -1 for what is no more. `shape`: how
    many of each there are now."""
    here, there = np.flatnonzero(people >= 0), np.flatnonzero(posts >= 0)
    spread = sp.csr_matrix((np.ones(len(here)), (people[here], here)), shape=(shape[0], len(people)))
    across = sp.csr_matrix((np.ones(len(there)), (there, posts[there])), shape=(len(posts), shape[1]))
    acts = np.flatnonzero((people[ties.act_person] >= 0) & (posts[ties.act_post] >= 0))
    vectors = np.zeros((shape[0], ties.vectors.shape[1]), np.float32)
    vectors[people[here]] = ties.vectors[here]
    levels = np.full((len(ties.levels), shape[0]), -1, np.int32)
    levels[:, people[here]] = ties.levels[:, here]
    place = np.full(shape[1], -1, np.int32)
    place[posts[there]] = ties.post_place[there]
    return replace(
        ties,
        turned_to=sp.csr_matrix(spread @ ties.turned_to @ spread.T),
        mutual=sp.csr_matrix(spread @ ties.mutual @ spread.T),
        part=sp.csr_matrix(spread @ ties.part @ across),
        vectors=vectors,
        act_person=people[ties.act_person[acts]].astype(np.int32),
        act_post=posts[ties.act_post[acts]].astype(np.int32),
        act_day=ties.act_day[acts],
        act_verb=ties.act_verb[acts],
        post_place=place,
        strength=sp.csr_matrix(spread @ ties.strength),
        levels=levels,
    )


def digest(network: Network, found: Found, communities: Sequence[Community], *, secret: bytes) -> str:
    """A keyed digest of all that answers about the network are made of, on rows of its own.

    Not of the snapshot's columns: those have an empty row for everybody whom not all may find, and what is hidden may
    move no version (decision 0006).
    """
    tier, acts = network.tier, network.tier.deeds
    named = ([one.id for one in tier.people], [(one.id, one.community) for one in tier.posts], acts.verb, found.ids)
    total = hashlib.blake2b(orjson.dumps([*named, list(communities)]), digest_size=16, key=secret)
    strength = sp.csr_matrix(found.communities.strength[:, list(found.columns)])
    for matrix in (network.turned_to, network.mutual, network.part, strength):
        matrix.sort_indices()
        for part in (matrix.indptr, matrix.indices, matrix.data):
            total.update(np.ascontiguousarray(part).data)
    columns = (network.vectors, tier.post_day, acts.actor, acts.target, acts.on_post, acts.day, acts.value)
    for column in (*columns, *found.levels.values()):
        total.update(np.ascontiguousarray(column).data)
    return total.hexdigest()


def _acts(tier: SharedTier, words: Vocabulary) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Authorship and acts on posts in one: who, which post, when, which verb, and the names of the verbs."""
    verbs = ["create", *sorted({verb.name for verb in words.verbs.values()} - {"create"})]
    number = {name: n for n, name in enumerate(verbs)}
    wrote = sp.csr_matrix(tier.authorship).tocoo()
    on = np.flatnonzero(tier.deeds.on_post)
    verb = np.array([number[tier.deeds.verb[n]] for n in on.tolist()], np.int16)
    return (
        np.concatenate([wrote.col.astype(np.int64), tier.deeds.actor[on]]),
        np.concatenate([wrote.row.astype(np.int64), tier.deeds.target[on]]),
        np.concatenate([tier.post_day[wrote.row], tier.deeds.day[on]]),
        np.concatenate([np.zeros(wrote.nnz, np.int16), verb]),
        verbs,
    )
