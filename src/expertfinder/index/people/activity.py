"""What stands of every person before any question: how active, and under which tags. Made of the shared tier alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.index import sparse as sp
from expertfinder.index.posts.segment import Segment
from expertfinder.index.posts.tokens import tokenise
from expertfinder.index.recipe import faded

NUMBERS = 32
"""Numbers of all vectors that are there in 64 bits at once: an eighth of the 256 that they have."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Sums of decayed strength, by person and by person and tag."""

    activity: np.ndarray
    """float64 [people]: sum over a person's acts of strength x 2^(-age / half-life)."""
    centre: np.ndarray
    """float32 [people, dimension]: direction of the sum of the vectors of one's posts, by strength x decay."""
    centre_length: np.ndarray
    """float64 [people]: length of that sum; direction times length is the sum that something can be taken out of."""
    tag_indptr: np.ndarray
    """int64 [tags + 1]."""
    tag_people: np.ndarray
    """int32, rows of people, ascending within a tag."""
    tag_strength: np.ndarray
    """float64: the same sum over the posts with the tag."""
    tag_posts: np.ndarray
    """int32 [tags], shared posts with the tag."""
    tag_words: list[str]
    """The words of each tag, joined by blanks, as they would stand in a question."""


def half_lives(families: Sequence[str]) -> np.ndarray:
    """Half-life of each family of acts in usual half-lives, float64 [families]; the vocabulary has the classes."""
    words = vocabulary()
    return np.array([words.lasting(family) for family in families], np.float64)


def decayed(segment: Segment, age: np.ndarray, *, acts: np.ndarray, half_life: np.ndarray) -> np.ndarray:
    """float64 [acts of the segment]: strength x 2^(-age / half-life) of those that count (`acts`, boolean), else 0.

    `age` [acts], as `Calendar.ages` counts them, and `half_life` [families] in the same unit.
    """
    return np.where(acts, segment.act_strength.astype(np.float64) * faded(age, half_life[segment.act_family]), 0.0)


def words_of_tags(tags: Sequence[str]) -> list[str]:
    """The words of each tag, joined by blanks; empty for one without any."""
    return [" ".join(tokenise(tag)) for tag in tags]


def build_standing(segment: Segment, *, people: int, tag_words: list[str], weight: np.ndarray) -> Standing:
    """Sums over the shared acts; `tag_words` as `words_of_tags`, `weight` as `decayed` gives it."""
    acts = weight > 0
    activity = np.bincount(segment.act_person, weight, minlength=people)
    post_of_act = segment.act_posts()
    did = sp.csr_matrix((weight[acts], (segment.act_person[acts], post_of_act[acts])), shape=(people, len(segment)))
    ones = np.ones(len(segment.tags))
    summed = np.zeros((people, segment.vectors.shape[1]))
    if len(segment):
        for start in range(0, summed.shape[1], NUMBERS):
            part = slice(start, start + NUMBERS)
            summed[:, part] = did @ segment.vectors[:, part].astype(np.float64)
    length = np.linalg.norm(summed, axis=1)
    centre = summed / np.maximum(length[:, None], 1e-12)
    has = sp.csr_matrix((ones, segment.tags, segment.tag_indptr), shape=(len(segment), len(tag_words)))
    under = sp.csc_matrix(did @ has)
    under.sort_indices()
    return Standing(
        activity=activity,
        centre=centre.astype(np.float32),
        centre_length=length,
        tag_indptr=under.indptr.astype(np.int64),
        tag_people=under.indices.astype(np.int32),
        tag_strength=under.data.astype(np.float64),
        tag_posts=np.bincount(segment.tags, minlength=len(tag_words)).astype(np.int32),
        tag_words=tag_words,
    )
