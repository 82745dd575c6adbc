"""What left the shared tier since the snapshot was built, taken out of profiles and standing at once.

A post that was deleted or tightened takes all that it gave; one that is still open to all takes what it no longer says
and what is no longer open of what was done to it. A post that was only read again, because of an act that not everybody
may see, gives what it gave. What was added waits for the next build, as do the statistics: in how many profiles a word
is, how long one is on average, how many people have one, how many posts a tag has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from expertfinder.index import sparse as sp
from expertfinder.index.people.activity import Standing, decayed
from expertfinder.index.people.profiles import Profiles, saturated
from expertfinder.index.posts.segment import Segment, open_people, shared_audiences
from expertfinder.index.snapshot import Manifest, Snapshot

DUST = 1e-6
"""Of a sum of 32 bits: what is left of it by rounding when all that it was made of is taken out."""
FINE_DUST = 1e-9
"""The same of a sum of 64 bits."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Profiles and standing without what left, and which shared posts of the build are no longer what they were."""

    profiles: Profiles
    standing: Standing
    posts: np.ndarray
    """bool [shared posts]."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """The shared posts that were touched as they were, and as they are: those that are still open to all."""

    old: Segment
    new: Segment
    place: np.ndarray
    """int64 [new], the row in `old`."""
    old_acts: np.ndarray
    """bool, acts that profiles and standing were made of."""
    new_acts: np.ndarray


def places(indptr: np.ndarray, values: np.ndarray, *, rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each wanted value stands in its row of a ragged array that ascends within rows; -1 where it does not."""
    low, end = indptr[rows].astype(np.int64), indptr[rows + 1].astype(np.int64)
    high = end.copy()
    while (searching := low < high).any():
        middle = (low + high) // 2
        below = searching & (values[np.where(searching, middle, 0)] < wanted)
        low, high = np.where(below, middle + 1, low), np.where(searching & ~below, middle, high)
    there = low < end
    there[there] = values[low[there]] == wanted[there]
    return np.where(there, low, -1)


def _less(value: np.ndarray, lost: np.ndarray, *, dust: float) -> np.ndarray:
    """A sum without what left it; nothing where only rounding remains."""
    rest = value.astype(np.float64) - lost
    return np.asarray(np.where(rest > dust * value, rest, 0.0), value.dtype)


def _pair(base: Snapshot, fresh: Segment, gone: np.ndarray) -> _Pair:
    rows = np.flatnonzero(gone)
    shared = shared_audiences(base.audiences)
    visible = open_people(base.people)
    # The fresh tier's table of audiences begins with that of the build; the one of the shared tier is in both.
    open_now = np.isin(fresh.audience, np.flatnonzero(shared))
    old = base.shared.segment.take(rows.tolist())
    row_of = {post: row for row, post in enumerate(old.ids)}
    stayed = [row for row in np.flatnonzero(open_now).tolist() if fresh.ids[row] in row_of]
    new = fresh.take(stayed)
    return _Pair(
        old,
        new,
        np.array([row_of[post] for post in new.ids], np.int64),
        shared[old.act_audience] & visible[old.act_person],
        np.isin(new.act_audience, np.flatnonzero(shared)),
    )


def _remaining(pair: _Pair, manifest: Manifest, half_life: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float64 [acts of `old`]: weight that each had, and what of it is still there.

    `new` is as it was read, before near-copies take from it: one that came moves the sums with the next build only.
    """
    weights, keys = [], []
    for segment, acts, place in (
        (pair.old, pair.old_acts, np.arange(len(pair.old))),
        (pair.new, pair.new_acts, pair.place),
    ):
        weights.append(decayed(segment, manifest.ages(segment.act_at), acts=acts, half_life=half_life))
        post = np.repeat(place, np.diff(segment.act_indptr))
        keys.append((post << 48) + (segment.act_person.astype(np.int64) << 16) + segment.act_family.astype(np.int64))
    known, inverse = np.unique(keys[0], return_inverse=True)
    had = np.bincount(inverse, weights[0], minlength=len(known))
    at = np.searchsorted(known, keys[1])
    match = at < len(known)
    match[match] = known[at[match]] == keys[1][match]
    match &= weights[1] > 0
    has = np.bincount(at[match], weights[1][match], minlength=len(known)).astype(np.float64)
    share = np.minimum(has, had) / np.where(had > 0, had, 1.0)
    return weights[0], weights[0] * share[inverse]


def _words(segment: Segment, place: np.ndarray, shape: tuple[int, int], mean: float) -> sp.csr_matrix:
    """What each word counts in each post, [posts of `old`, words of the build]."""
    post = np.repeat(np.arange(len(segment)), np.diff(segment.term_indptr))
    data = saturated(segment.counts.astype(np.float64), segment.lengths.astype(np.float64)[post], mean)
    inside = segment.terms < shape[1]
    return sp.csr_matrix((data[inside], (place[post[inside]], segment.terms[inside])), shape=shape)


def _tags(segment: Segment, place: np.ndarray, shape: tuple[int, int]) -> sp.csr_matrix:
    post = np.repeat(place, np.diff(segment.tag_indptr))
    inside = segment.tags < shape[1]
    return sp.csr_matrix((np.ones(int(inside.sum())), (post[inside], segment.tags[inside])), shape=shape)


def without_withdrawn(base: Snapshot, fresh: Segment, gone: np.ndarray) -> Withdrawn:
    """Take out of the sums of `base` what the shared posts that are `gone` gave and, as they are in `fresh`, do not.

    `gone`: bool [shared posts]. `fresh`: before near-copies take from it, so that one that came takes nothing here.
    The time this takes grows with the posts that were touched, beside one copy.
    """
    profiles, standing = base.profiles, base.standing
    if not gone.any():
        return Withdrawn(profiles, standing, gone)
    pair = _pair(base, fresh, gone)
    old, count, people = pair.old, int(gone.sum()), len(profiles.lengths)
    span = base.manifest.span
    (lasting, lasting_now), (weight, weight_now) = (
        _remaining(pair, base.manifest, share * span * base.lasting)
        for share in (base.recipe.profile_half_life, base.recipe.half_life)
    )
    every = np.arange(count)
    post = np.repeat(every, np.diff(old.act_indptr))
    said = _words(old, every, (count, profiles.terms), profiles.post_length)
    says = said.minimum(_words(pair.new, pair.place, said.shape, profiles.post_length))
    tagged = _tags(old, every, (count, len(standing.tag_indptr) - 1))
    still_tagged = tagged.minimum(_tags(pair.new, pair.place, tagged.shape))
    vectors = old.vectors.astype(np.float64)
    vectors_now = np.zeros_like(vectors)
    vectors_now[pair.place] = pair.new.vectors

    less = np.zeros(count, bool)
    less[post[(lasting - lasting_now > FINE_DUST * lasting) | (weight - weight_now > FINE_DUST * weight)]] = True
    for before, now in ((said, says), (tagged, still_tagged)):
        less |= np.asarray((before - now).sum(axis=1)).ravel() > 0
    less[pair.place] |= (old.vectors[pair.place] != pair.new.vectors).any(axis=1)
    rows = np.flatnonzero(less)
    marked = np.zeros(len(base.shared), bool)
    marked[np.flatnonzero(gone)[rows]] = True
    if not len(rows):
        return Withdrawn(profiles, standing, marked)

    def did(amount: np.ndarray) -> sp.csr_matrix:
        some = np.flatnonzero(amount)  # who did only what is not shared has lost nothing
        return sp.csr_matrix((amount[some], (old.act_person[some], post[some])), shape=(people, count))[:, rows]

    lost = sp.coo_matrix(did(lasting) @ said[rows] - did(lasting_now) @ says[rows])
    profiles = profiles.with_postings(np.unique(lost.col))
    at = places(profiles.indptr, profiles.people, rows=lost.col, wanted=lost.row)
    counts, lengths = np.array(profiles.counts), np.array(profiles.lengths)
    counts[at[at >= 0]] = _less(counts[at[at >= 0]], lost.data[at >= 0], dust=DUST)
    fewer = np.unique(lost.row)
    lengths[fewer] = _less(lengths[fewer], np.bincount(lost.row, lost.data, minlength=people)[fewer], dust=DUST)

    before, now = did(weight), did(weight_now)
    who = np.unique(sp.coo_matrix(before).row)
    activity = np.array(standing.activity)
    activity[who] = _less(activity[who], np.asarray((before - now).sum(axis=1)).ravel()[who], dust=FINE_DUST)
    length, centre = np.array(standing.centre_length), np.array(standing.centre)
    summed = centre[who].astype(np.float64) * length[who, None]
    summed -= before[who] @ vectors[rows] - now[who] @ vectors_now[rows]
    rest = np.linalg.norm(summed, axis=1)
    rest[(rest <= DUST * length[who]) | (activity[who] <= 0)] = 0.0
    centre[who] = np.where(rest[:, None] > 0, summed / np.maximum(rest[:, None], 1e-12), 0.0)
    length[who] = rest
    lost = sp.coo_matrix(before @ tagged[rows] - now @ still_tagged[rows])
    at = places(standing.tag_indptr, standing.tag_people, rows=lost.col, wanted=lost.row)
    strength = np.array(standing.tag_strength)
    strength[at[at >= 0]] = _less(strength[at[at >= 0]], lost.data[at >= 0], dust=FINE_DUST)
    return Withdrawn(
        replace(profiles, counts=counts, lengths=lengths),
        replace(standing, activity=activity, centre=centre, centre_length=length, tag_strength=strength),
        marked,
    )


def still_there(snapshot: Snapshot) -> np.ndarray:
    """bool [shared posts]: open to all, and saying of people all that it said when the snapshot was built.

    Not what is merely fresh: a post is read again for an act, too, that not everybody may see, and that may move
    nothing.
    """
    fresh = snapshot.fresh.segment
    shared = shared_audiences(snapshot.audiences)
    now = {fresh.ids[row] for row in np.flatnonzero(shared[fresh.audience]).tolist()}
    there = ~np.asarray(snapshot.withdrawn)
    there[[row for row in snapshot.shared.gone.tolist() if snapshot.shared.segment.ids[row] not in now]] = False
    return there
