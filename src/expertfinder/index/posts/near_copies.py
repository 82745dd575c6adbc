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
from dataclasses import dataclass

import numpy as np

from expertfinder.index import sparse as sp
from expertfinder.index.arrays import products
from expertfinder.index.posts.said_before import Authored, Texts, authored, of_posts, said_before, said_with
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
CAME = 32
"""Posts of one author, in the order of time, whose older near-copies are sought at once: of who writes one a day those
of a month, so that about two months are compared with them."""
RUN = 64
"""Posts of one author, in the order of time, that are compared at once with those around them in time: two months of
who writes one a day, so that hardly any other is compared with them in vain."""
BLOCK = 1_024
"""So many of those around them at once: 256 KB of cosines, which stay in the processor's cache."""
ENOUGH = 150
"""Newer near-copies of which nothing is left: 0.1 / 2^149 is less than half of the least number of 32 bits, 2^-149."""
ROUNDING = 1e-4
"""Products of 32 bits this near to `ALIKE` are made again in 64: they depend on how many are multiplied at once."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors of the posts of some acts, fetched where they are asked for: most of who wrote thousands are not."""

    tiers: Sequence[Tier]
    these: Authored

    def __len__(self) -> int:
        return len(self.these.act)

    def __getitem__(self, places: np.ndarray | slice) -> np.ndarray:
        """float32 [places, dimension]."""
        tier, post = self.these.tier[places], self.these.post[places]
        if len(tier) and (tier == tier[0]).all():
            return np.asarray(self.tiers[int(tier[0])].segment.vectors[post])
        found = np.zeros((len(post), self.tiers[0].segment.vectors.shape[1]), np.float32)
        for number, of in enumerate(self.tiers):
            inside = np.flatnonzero(tier == number)
            found[inside] = of.segment.vectors[post[inside]]
        return found


def _said(tiers: Sequence[Tier], these: Authored, asked: np.ndarray) -> Said | None:
    """What the replies among the posts say in the threads of those that are `asked` for (bool), or `None` where none of
    these has two of them."""
    chosen = [
        (tiers[number].segment, post) for number, post in zip(these.tier.tolist(), these.post.tolist(), strict=True)
    ]
    roots = [segment.roots[post] for segment, post in chosen]
    wanted = {roots[place] for place in np.flatnonzero(asked).tolist()} - {""}
    roots = [root if root in wanted else "" for root in roots] if wanted else []
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

    at = of_posts(tiers, these, "created")
    at = np.where(np.isnan(at), -np.inf, at)
    order = np.lexsort((these.act, ~shared[these.audience], -these.post, these.tier, -at))
    # Rows of one tier are in the order of ids; where those of several are of one moment, the ids tell.
    when, tier = at[order], these.tier[order]
    for moment in np.unique(when[1:][(when[1:] == when[:-1]) & (tier[1:] != tier[:-1])]).tolist():
        inside = np.flatnonzero(when == moment)
        ids = [tiers[int(these.tier[place])].segment.ids[int(these.post[place])] for place in order[inside].tolist()]
        order[inside] = order[inside][sorted(range(len(ids)), key=ids.__getitem__, reverse=True)]
    return np.asarray(order)


def alike(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """bool [one, other]: which vectors (float32, rows of length 1) are those of near-copies."""
    cosine = products(one, other)
    found = cosine >= ALIKE
    above, below = cosine >= ALIKE - ROUNDING, cosine >= ALIKE + ROUNDING
    if np.count_nonzero(above) == np.count_nonzero(below):
        return found
    for row, column in zip(*np.nonzero(above ^ below), strict=True):
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
    vectors: np.ndarray | Vectors,
    at: np.ndarray,
    said: Said | None = None,
    *,
    wording: np.ndarray | None = None,
    wanted: np.ndarray | None = None,
) -> np.ndarray:
    """int64 [posts]: how many of the posts before each one, the newest first, are near-copies of it, and near in time
    or in the same words.

    `at`: days; not a number for the undated, who are near to all. `said`: where there are replies. `wanted`: bool, the
    posts of which it is asked; 0 for others. Of whom `ENOUGH` are found no more are sought.
    """
    counts = np.zeros(len(vectors), np.int64)
    every = np.arange(len(vectors)) if wanted is None else np.flatnonzero(wanted)
    start = 0
    while start < len(every):
        first, some = every[start], every[start : start + RUN]
        # Those of one run of posts, or who are near in time: others would be compared with what is near to few of them.
        together = (some // RUN == first // RUN) | (at[first] - at[some] <= WITHIN)
        mine = some[: len(some) if together.all() else int(np.argmin(together))]
        start, end = start + len(mine), int(mine[-1]) + 1
        # What is newer than all of them by more is near to none; whoever is undated is near to all.
        apart = at[:end] - at[mine].max() > WITHIN
        if wording is not None and apart.any() and wording[mine].any():
            words = np.sort(wording[:end][apart])
            again = np.searchsorted(words, wording[mine], "right") - np.searchsorted(words, wording[mine])
            counts[mine] += np.where(wording[mine] != 0, again, 0)
        around = np.flatnonzero(~apart)
        for stop in range(len(around), 0, -BLOCK):
            others = around[max(stop - BLOCK, 0) : stop]
            mine = mine[counts[mine] < ENOUGH]
            if not len(mine):
                break
            near = alike(vectors[others], vectors[mine]).T
            times = np.concatenate([at[others], at[mine]])
            if not times.max() - times.min() <= WITHIN:
                near &= ~(np.abs(at[mine, None] - at[others]) > WITHIN)
            if said is not None:
                for row in np.flatnonzero(near.any(axis=1)).tolist():
                    places = np.flatnonzero(near[row] & (others < mine[row]))
                    near[row, places[said.differ(int(mine[row]), others[places])]] = False
            if wording is not None:
                near |= (wording[mine, None] == wording[others]) & (wording[mine, None] != 0)
            if others[-1] >= mine[0]:
                near &= others < mine[:, None]
            counts[mine] += np.count_nonzero(near, axis=1)
    return counts


def kept_share(copies: np.ndarray) -> np.ndarray:
    """float64: what a post with so many newer near-copies keeps of its strength."""
    return np.where(copies > 0, FIRST * 0.5 ** (np.maximum(copies, 1) - 1.0), 1.0)


def discounted(texts: Texts, wanted: Sequence[np.ndarray], strengths: Sequence[np.ndarray]) -> list[np.ndarray]:
    """float32 [acts], for each tier: how strong each act is, with those of authorship of near-copies made smaller.

    `wanted`: for each tier, rows of the acts that are looked at, whose `strengths` are as they were read; those of all
    others stay. Copies are sought over all tiers.
    """
    tiers, shared = texts.tiers, texts.shared
    people = [tier.segment.act_person[acts] for tier, acts in zip(tiers, wanted, strict=True)]
    every = texts.by(np.unique(np.concatenate(people)).astype(np.int64))
    asked_for = np.zeros(len(every.act), bool)
    for number, acts in enumerate(wanted):
        inside = np.flatnonzero(every.tier == number)
        asked_for[inside] = np.isin(every.act[inside], acts)
    strengths = [had.copy() if len(acts) else had for had, acts in zip(strengths, wanted, strict=True)]
    for places in _by_person(every):
        if len(places) < 2 or not asked_for[places].any():
            continue
        places = places[_newest_first(tiers, every.chosen(places), shared)]
        mine, asked = every.chosen(places), asked_for[places]
        at, wording = of_posts(tiers, mine, "created"), of_posts(tiers, mine, "wording")
        open_to_all, said = shared[mine.audience], _said(tiers, mine, asked)
        for audience in np.unique(np.where(open_to_all, -1, mine.audience)[asked]).tolist():
            own = open_to_all if audience < 0 else mine.audience == audience
            beside = np.flatnonzero(own | open_to_all)
            replies = said.of(beside) if said else None
            wants = (own & asked)[beside]
            vectors = Vectors(tiers, mine.chosen(beside))
            copies = newer_copies(vectors, at[beside], replies, wording=wording[beside], wanted=wants)
            share = kept_share(copies)
            for place, kept in zip(beside[wants].tolist(), share[wants].tolist(), strict=True):
                if kept < 1.0:
                    strengths[int(mine.tier[place])][mine.act[place]] *= kept
    for tier, act, kept in said_before(texts, every, np.flatnonzero(asked_for)):
        strengths[tier][act] *= kept
    return strengths


def _by_person(these: Authored) -> list[np.ndarray]:
    """Places of the acts of each person."""
    order = np.argsort(these.person, kind="stable")
    starts = np.flatnonzero(np.diff(these.person[order], prepend=-1))
    return np.split(order, starts[1:])


def moved(texts: Texts, left: Sequence[Segment], came: Segment, *, family: int) -> list[np.ndarray]:
    """For each tier, rows of the acts of authorship whose strength a post may move that `left` or that `came`: on older
    near-copies of it by the same author, and on those posts that `said_with` names.

    What is shared moves acts of every audience, what is restricted only those of its own. Who has nothing left is not
    moved by another near-copy that comes.
    """
    named = texts.on(np.sort(said_with(texts, [*left, came], family=family)))
    found = [[named.act[named.tier == number]] for number in range(len(texts.tiers))]
    for segments, all_of_it in ((left, True), ([came], False)):
        news = list(map(Tier.of, segments))
        ours = authored(news, family)
        theirs = texts.by(np.unique(ours.person))
        if not all_of_it:
            strengths = np.zeros(len(theirs.act), np.float32)
            for number, tier in enumerate(texts.tiers):
                inside = np.flatnonzero(theirs.tier == number)
                strengths[inside] = tier.segment.act_strength[theirs.act[inside]]
            theirs = theirs.chosen(np.flatnonzero(strengths > 0))
        by_person = {int(ours.person[places[0]]): places for places in _by_person(ours)} if len(ours.act) else {}
        for places in _by_person(theirs) if len(theirs.act) else ():
            mine = theirs.chosen(places)
            some = _older_copies(texts, mine, (news, ours.chosen(by_person[int(mine.person[0])])))
            for number, acts in enumerate(found):
                acts.append(mine.act[some & (mine.tier == number)])
    return [np.unique(np.concatenate(acts)) for acts in found]


def _older_copies(texts: Texts, mine: Authored, beside: tuple[Sequence[Tier], Authored]) -> np.ndarray:
    """bool: which acts of one person are on posts that are near-copies of one of their posts `beside` them, and no
    newer than it."""
    news, ours = beside
    at, our_at = of_posts(texts.tiers, mine, "created"), of_posts(news, ours, "created")
    words, our_words = of_posts(texts.tiers, mine, "wording"), of_posts(news, ours, "wording")
    found = np.zeros(len(mine.act), bool)

    def tell(places: np.ndarray, others: np.ndarray, near: np.ndarray) -> None:
        audience = ours.audience[others]
        near &= texts.shared[audience] | (mine.audience[places, None] == audience)
        found[places[near.any(axis=1)]] = True

    order, our_order = np.argsort(at), np.argsort(our_at)  # the undated are the last
    dated = int((~np.isnan(at)).sum())
    one, other = Vectors(texts.tiers, mine), Vectors(news, ours)
    for start in range(0, len(our_order), CAME):
        some = our_order[start : start + CAME]
        first, last = our_at[some[0]], np.fmax.reduce(our_at[some])
        # A day more, so that no rounding leaves one out; where all are undated, no dated post is older.
        begin = np.searchsorted(at[order[:dated]], first - WITHIN - 1.0)
        end = np.searchsorted(at[order[:dated]], last, "right")
        places = np.concatenate([order[begin:end] if not np.isnan(first) else order[:0], order[dated:]])
        places = places[~found[places]]
        if len(places):
            near = alike(one[places], other[some])
            near &= ~((at[places, None] > our_at[some]) | (our_at[some] - at[places, None] > WITHIN))
            tell(places, some, near)
    for word in np.intersect1d(words[words != 0], our_words).tolist():
        places, some = np.flatnonzero(words == word), np.flatnonzero(our_words == word)
        tell(places, some, np.ones((len(places), len(some)), bool))
    return found
