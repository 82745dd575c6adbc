"""Profiles and standing of a part of the posts: for a question that leaves some out. Made of the shared tier alone.

What stands ready (`profiles`, `standing`) is of all shared posts. Where a question excludes posts, or asks for a tag,
a kind or a time only, the same sums are made again over what is left, so that nothing that is left out counts through a
sum. The statistics that weigh them (in how many profiles a word is, how long one is on average) stay those of the tier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from expertfinder.index import sparse as sp
from expertfinder.index.access import View, in_time
from expertfinder.index.people.activity import Standing, build_standing, decayed
from expertfinder.index.people.profiles import saturated
from expertfinder.index.posts.bm25 import Words
from expertfinder.index.posts.segment import days, open_people
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Query

PerWord = Callable[[list[int]], tuple[np.ndarray, np.ndarray]]
"""People -> rows of words [n], and what one more count of each adds to each one's profile [len(people), n]."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What is said of a person as a whole, for one question."""

    profile: np.ndarray
    """float64 [people that the snapshot was built with]: scores of the profiles."""
    per_word: PerWord
    standing: Standing

    @classmethod
    def of(cls, view: View, words: Words, query: Query) -> Whole:
        """Profiles and standing over the shared posts that the question lets count."""
        snapshot, recipe = view.snapshot, view.snapshot.recipe
        if not (query.filtered or query.exclude_posts):
            return cls(
                snapshot.profiles.score(words, recipe),
                lambda people: snapshot.profiles.per_word(words, people, recipe),
                snapshot.standing,
            )
        segment, people = snapshot.shared.segment, len(snapshot.profiles.lengths)
        post_of_act = segment.act_posts()
        stays = np.zeros(len(segment), bool)
        stays[view.kept(segment, np.flatnonzero(~snapshot.withdrawn), query)] = True
        # Who is not for all to find was not counted when the profiles were built, and is not now.
        visible = open_people(snapshot.people)
        counts = stays[post_of_act] & view.shared[segment.act_audience] & visible[segment.act_person]
        as_of = days(query.until) if query.until is not None else snapshot.manifest.as_of
        counts &= in_time(segment.act_at, query)
        span, age = snapshot.manifest.span, snapshot.manifest.ages(segment.act_at, as_of)
        lasting, weight = (
            decayed(segment, age, acts=counts, half_life=share * span * snapshot.lasting)
            for share in (recipe.profile_half_life, recipe.half_life)
        )
        # Without the acts that do not count: a zero among others would move the order in which these are added up.
        acts = np.flatnonzero(lasting)
        did = sp.csr_matrix(
            (lasting[acts], (segment.act_person[acts], post_of_act[acts])), shape=(people, len(segment))
        )
        profile, per_word = _profiles(snapshot, words, did)
        standing = build_standing(segment, people=people, tag_words=snapshot.standing.tag_words, weight=weight)
        return cls(profile, per_word, standing)


def _profiles(snapshot: Snapshot, words: Words, did: sp.csr_matrix) -> tuple[np.ndarray, PerWord]:
    """BM25 of profiles made of `did` (people x posts, strength x decay), as `Profiles.score`, for the words asked."""
    segment, profiles = snapshot.shared.segment, snapshot.profiles
    forms, weights = profiles.weighed(words)
    rows = words.rows[forms]
    column = np.full(int(segment.terms.max(initial=-1)) + 2, -1)
    inside = rows < len(column)
    column[rows[inside]] = np.flatnonzero(inside)
    mean = profiles.post_length
    post_of_entry = np.repeat(np.arange(len(segment)), np.diff(segment.term_indptr))
    each = saturated(segment.counts.astype(np.float64), segment.lengths.astype(np.float64)[post_of_entry], mean)
    lengths = did @ np.bincount(post_of_entry, each, minlength=len(segment))
    hit = np.flatnonzero(column[segment.terms] >= 0)
    said = sp.csr_matrix((each[hit], (post_of_entry[hit], column[segment.terms[hit]])), shape=(len(segment), len(rows)))
    counts = np.asarray((did @ said).todense())
    of_word = np.zeros((len(counts), len(words.counts)))
    np.add.at(of_word.T, words.word[forms], (counts * words.share[forms]).T)
    norm = profiles.norm(lengths, snapshot.recipe)[:, None]
    per_count = weights[None, :] * words.share[forms] / (of_word[:, words.word[forms]] + norm)
    # Word by word: a sum in blocks would show how many of the words stand in posts that this viewer may not read.
    total = np.zeros(len(lengths))
    for amount in (counts * per_count).T:
        total = total + amount
    return total, lambda people: (rows, per_count[people])
