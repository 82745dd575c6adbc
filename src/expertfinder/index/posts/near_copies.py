"""Near-copies: whoever says the same thing a thousand times has said it once, and a little more.

Of one author's posts of one month that are nearly the same, or of any time in the same words, the newest keeps its
strength as evidence of authorship, and one with k newer near-copies keeps 0.1 / 2^(k-1) of it: over all of them at most
1.2 times the newest. Authorship that is shared is compared with other such alone, restricted authorship with that of
its own audience and with shared one, so that a strength rests on nothing that a reader of it may not read. An act may
be for fewer than its post is, so it is the act's audience that counts. Replies carry the words of what they answer,
which makes any two in one thread look alike: these are near-copies only where their words are nearly the same ones.

What several people wrote in the same words is the business of `said_before.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from expertfinder.index import sparse as sp
from expertfinder.index.posts.said_before import Authored, authored, of_posts, said_before, said_with
from expertfinder.index.posts.segment import Segment
from expertfinder.index.posts.tiers import Tier

ALIKE = 0.9
"""Cosine from which two posts of one author are near-copies: a sentence that is numbered through up to 300 stays above
it, and from .97 on a flood of them is worth twice one post."""
WITHIN = 28.0
"""Days that near-copies are apart, at most: what returns with every release is a tier that somebody has, no flood.
Measured on the commits, proposals and articles of an open-source project, near-copies of any age cost .005 of MAP,
those of four weeks .002, which is within chance."""
DIFFERING = 8
"""Words from which on two replies in one thread say different things."""
LOOKED_AT = 64
"""Near-copies in the same thread whose words are compared; the share that a post keeps is nothing long before."""
FIRST = 0.1
"""What a post with one newer near-copy keeps; one with more of them keeps half as much for each."""
BLOCK = 2_000
"""Posts that are compared with as many others at once: 16 MB of cosines."""
RUN = 256
"""Posts of one author, in the order of time, that are compared with as many others at once: two thirds of a year of who
writes one a day, so that most runs of who wrote thousands are too far apart in time to be compared."""
ROUNDING = 1e-4
"""Products of 32 bits this near to `ALIKE` are made again in 64: they depend on how many are multiplied at once."""


def _vectors(tiers: Sequence[Tier], these: Authored) -> np.ndarray:
    """float32 [acts, dimension], of the posts."""
    found = np.zeros((len(these.act), tiers[0].segment.vectors.shape[1]), np.float32)
    for number, tier in enumerate(tiers):
        inside = np.flatnonzero(these.tier == number)
        found[inside] = tier.segment.vectors[these.post[inside]]
    return found


def _said(tiers: Sequence[Tier], these: Authored) -> Said | None:
    """What the replies among the posts say, or `None` where no thread has two of them."""
    chosen = [
        (tiers[number].segment, post) for number, post in zip(these.tier.tolist(), these.post.tolist(), strict=True)
    ]
    roots = [segment.roots[post] for segment, post in chosen]
    if len(set(filter(None, roots))) == len(list(filter(None, roots))):
        return None
    thread = {root: number for number, root in enumerate(dict.fromkeys(filter(None, roots)))}
    rows, words, counts = [], [], []
    for row, (segment, post) in enumerate(chosen):
        if roots[row]:
            start, end = int(segment.term_indptr[post]), int(segment.term_indptr[post + 1])
            rows.append(np.full(end - start, row))
            words.append(segment.terms[start:end])
            counts.append(segment.counts[start:end].astype(np.float64))
    cells = (np.concatenate(counts), (np.concatenate(rows), np.concatenate(words)))
    return Said(
        np.array([thread.get(root, -1) for root in roots]),
        sp.csr_matrix(cells, (len(chosen), 1 + int(max(cells[1][1])))),
    )


def _newest_first(tiers: Sequence[Tier], these: Authored, shared: np.ndarray) -> np.ndarray:
    """Places of the acts by the time of their posts, then id; the undated last.

    Of several on one post the shared ones come first (`shared`: bool, a row an audience), then as the post has them:
    an act that some may not read stands before none that they may.
    """

    def key(place: int) -> tuple[float, str]:
        segment, post = tiers[int(these.tier[place])].segment, int(these.post[place])
        at = float(segment.created[post])
        return (-np.inf if np.isnan(at) else at), segment.ids[post]

    places = np.lexsort((these.act, ~shared[these.audience])).tolist()
    return np.array(sorted(places, key=key, reverse=True), np.int64)


def alike(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """bool [one, other]: which vectors (float32, rows of length 1) are those of near-copies."""
    cosine = one @ other.T
    found = cosine >= ALIKE
    for row, column in zip(*np.nonzero(np.abs(cosine - ALIKE) < ROUNDING), strict=True):
        exact = float(np.einsum("i,i->", one[row].astype(np.float64), other[column].astype(np.float64)))
        found[row, column] = exact >= ALIKE
    return np.asarray(found)


@dataclass(frozen=True, slots=True)
class Said:
    """What replies say themselves: beside others in the same thread, the words of its question are in both."""

    thread: np.ndarray
    """int64 [posts]; -1 for a post that is no reply."""
    counts: sp.csr_matrix
    """[posts, words]: how often each word stands in the document, for those that are replies."""

    def differ(self, post: int, others: np.ndarray) -> np.ndarray:
        """bool [others]: in the same thread as the post, and in other words. Looks at the first `LOOKED_AT` alone."""
        result = np.zeros(len(others), bool)
        same = np.flatnonzero(self.thread[others] == self.thread[post])[:LOOKED_AT]
        if self.thread[post] >= 0 and len(same):
            own = sp.csr_matrix(np.ones((len(same), 1))) @ self.counts[post]
            result[same] = np.asarray(abs(self.counts[others[same]] - own).sum(axis=1)).ravel() >= DIFFERING
        return result

    def of(self, posts: np.ndarray) -> Said:
        """Of the chosen posts."""
        return Said(self.thread[posts], self.counts[posts])


def newer_copies(
    vectors: np.ndarray,
    at: np.ndarray,
    said: Said | None = None,
    *,
    wording: np.ndarray | None = None,
    wanted: np.ndarray | None = None,
) -> np.ndarray:
    """int64 [posts]: how many of the posts before each one, the newest first, are near-copies of it, and near in time
    or in the same words.

    `at`: days; not a number for the undated, who are near to all. `said`: where there are replies. `wanted`: bool, the
    posts of which it is asked; 0 for others.
    """
    counts = np.zeros(len(vectors), np.int64)
    every = np.arange(len(vectors)) if wanted is None else np.flatnonzero(wanted)
    for old in range(0, len(vectors), RUN):
        mine = every[np.searchsorted(every, old) : np.searchsorted(every, old + RUN)]
        for new in range(0, old + 1 if len(mine) else 0, RUN):
            others = slice(new, new + RUN)
            # Runs that are apart in time have near-copies in the same words alone; no run of somebody undated is apart.
            apart = at[others].min() - at[mine].max() > WITHIN
            same = wording is not None and bool(np.isin(wording[mine], wording[others][wording[others] != 0]).any())
            if apart and not same:
                continue
            before = np.arange(new, new + len(at[others])) < mine[:, None]
            if apart:
                near = np.zeros(before.shape, bool)
            else:
                near = alike(vectors[mine], vectors[others])
                near &= ~(np.abs(at[mine, None] - at[others]) > WITHIN)
            near &= before
            if said is not None and not apart:
                for row in np.flatnonzero(near.any(axis=1)).tolist():
                    places = np.flatnonzero(near[row])
                    near[row, places[said.differ(int(mine[row]), new + places)]] = False
            if wording is not None and same:
                near |= (wording[mine, None] == wording[others]) & (wording[mine, None] != 0) & before
            counts[mine] += near.sum(axis=1)
    return counts


def kept_share(copies: np.ndarray) -> np.ndarray:
    """float64: what a post with so many newer near-copies keeps of its strength."""
    return np.where(copies > 0, FIRST * 0.5 ** (np.maximum(copies, 1) - 1.0), 1.0)


def discounted(
    tiers: Sequence[Tier],
    *,
    family: int,
    shared: np.ndarray,
    which: Sequence[int],
    people: np.ndarray | None = None,
) -> list[Segment]:
    """The segments of the tiers `which`, with the strengths of authorship (`family`) of near-copies made smaller.

    `shared`: bool, a row an audience. Copies are sought over all tiers. `people`: rows of those whose strengths are as
    they were read; without it, all are. Those of others stay.
    """
    every = authored(tiers, family)
    wanted = np.isin(every.tier, which)
    if people is not None:
        wanted &= np.isin(every.person, people)
    strengths = {number: tiers[number].segment.act_strength.copy() for number in which}
    order = np.argsort(every.person, kind="stable")
    order = order[np.isin(every.person[order], np.unique(every.person[wanted]))]
    starts = np.flatnonzero(np.diff(every.person[order], prepend=-1))
    for places in np.split(order, starts[1:]):
        if len(places) < 2:
            continue
        mine = every.chosen(places)
        mine = mine.chosen(_newest_first(tiers, mine, shared))
        at, wording = of_posts(tiers, mine, "created"), of_posts(tiers, mine, "wording")
        vectors, open_to_all, asked = _vectors(tiers, mine), shared[mine.audience], np.isin(mine.tier, which)
        said = _said(tiers, mine)
        for audience in np.unique(np.where(open_to_all, -1, mine.audience)[asked]).tolist():
            own = open_to_all if audience < 0 else mine.audience == audience
            beside = np.flatnonzero(own | open_to_all)
            replies = said.of(beside) if said else None
            wants = (own & asked)[beside]
            copies = newer_copies(vectors[beside], at[beside], replies, wording=wording[beside], wanted=wants)
            share = kept_share(copies)
            for place, kept in zip(beside[wants].tolist(), share[wants].tolist(), strict=True):
                if kept < 1.0:
                    strengths[int(mine.tier[place])][mine.act[place]] *= kept
    for tier, act, kept in said_before(tiers, every, np.flatnonzero(wanted), shared=shared):
        strengths[tier][act] *= kept
    return [replace(tiers[number].segment, act_strength=strengths[number]) for number in which]


def moved(
    tiers: Sequence[Tier], touched: Sequence[Segment], *, waiting: Tier, family: int, shared: np.ndarray
) -> set[str]:
    """Ids of the posts of `tiers` whose strength a touched post may move: near-copies of it by the same author, and
    those that `said_with` names beside what waits.

    What is shared moves posts of every audience, what is restricted only those of its own.
    """
    beside = [*tiers, waiting]
    every = authored(beside, family)
    moving = said_with(beside, every, touched, family=family, shared=shared)
    found = {tiers[tier].segment.ids[row] for tier, row in moving if tier < len(tiers)}
    every = every.chosen(np.flatnonzero(every.tier < len(tiers)))
    for segment in touched:
        news = [Tier.of(segment)]
        came = authored(news, family)
        for person in np.unique(came.person).tolist():
            mine = every.chosen(np.flatnonzero(every.person == person))
            ours = came.chosen(np.flatnonzero(came.person == person))
            one, other = _vectors(tiers, mine), _vectors(news, ours)
            words, new_words = of_posts(tiers, mine, "wording"), of_posts(news, ours, "wording")
            for start in range(0, len(one), BLOCK):
                near = alike(one[start : start + BLOCK], other)
                near |= (words[start : start + BLOCK, None] == new_words) & (new_words != 0)
                near &= shared[ours.audience] | (mine.audience[start : start + BLOCK, None] == ours.audience)
                for place in (start + np.flatnonzero(near.any(axis=1))).tolist():
                    found.add(tiers[int(mine.tier[place])].segment.ids[int(mine.post[place])])
    return found
