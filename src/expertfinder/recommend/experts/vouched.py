"""Who has been vouched for: by somebody who dealt with what they wrote, or by a history of their own.

Anybody can write one convincing post, approve what others wrote or copy it. What somebody did whom nobody ever turned
to counts by the days on which they did anything, and in full from a handful of days on. It is one factor on all parts
of a person's score, so a score stays the sum of its parts. Who says the same again and again, with nobody
dealing with it, counts by the share that says something else.
"""

from __future__ import annotations

import numpy as np

from expertfinder.index.posts.tiers import Tiers
from expertfinder.recommend.experts.basis import Basis

HISTORY = 4
"""Days with an act from which on somebody counts in full whom nobody turned to: as many as are kept of each person
(`index/people/last_acts.py`). Of a fresh account, that has one, a quarter counts."""
CUSTOM = 0.1
"""Share of the people with evidence whom somebody turned to, below which that is no custom here, and everybody counts
in full: so it is where talks and descriptions of packages are the record, and nobody acts on what others wrote."""

ALIKE = 0.85
"""Cosine from which on two posts say the same: the demo's flooder has twelve posts on a subject, then one piece (from
.9 on three), and each of the 17 others whom its answers are sure of has three quarters of their posts and more."""
SAID = frozenset({"blog", "comment", "message", "status"})
"""Kinds of posts in which whoever says it again adds nothing; commits, changes, articles and answers repeat the words
of others before them where the same work is done again (with all kinds cpython lost .007 of MAP)."""
REPEATS = 4
"""Posts near a question from which on it is looked whether they say the same: two alike are soon written."""


def different(tiers: Tiers, posts: np.ndarray) -> int:
    """How many of the posts (by number) say something that none before them says."""
    told: list[np.ndarray] = []
    for post in posts.tolist():
        segment, row = tiers.place(post)
        vector = segment.vectors[row].astype(np.float64)
        if all(float(np.einsum("i,i->", vector, other)) < ALIKE for other in told):
            told.append(vector)
    return len(told)


def turned_to(basis: Basis) -> np.ndarray:
    """bool [people]: somebody whom this viewer may find dealt with something that they wrote, and that counts.

    Of a question with filters on posts only what was done to the posts near it: the rest counts nowhere.
    """
    view, found = basis.view, basis.found
    if not basis.gathered.query.filtered:
        turned = view.snapshot.turned_to.without(basis.gathered.query.exclude_posts)
        return turned.people(view.audiences, view.people)
    result = np.zeros(basis.people, bool)
    own = found.act_family == view.snapshot.families.index("authored")
    for person in np.unique(found.act_person[own]).tolist():
        wrote = found.act_post[own & (found.act_person == person)]
        result[person] = bool((np.isin(found.act_post, wrote) & (found.act_person != person) & ~own).any())
    return result


def counts_for(basis: Basis) -> np.ndarray:
    """float64 [people]: how much what each of them did counts, above 0 and at most 1."""
    view = basis.view
    whole = np.ones(basis.people)
    if basis.gathered.query.filtered:
        return whole
    days = view.snapshot.last_acts.days(view.audiences, basis.people)
    turned = basis.once(turned_to)
    known = (days > 0) & view.people
    if not turned[known].any() or turned[known].mean() < CUSTOM:
        return whole
    history = np.where(turned, whole, np.clip(days, 1, HISTORY) / HISTORY)
    return np.asarray(np.minimum(history, _said_otherwise(basis)))


def _said_otherwise(basis: Basis) -> np.ndarray:
    """float64 [people], above 0 and at most 1: twice the share of the posts near the question that each of them wrote
    which say something else than those before, or which somebody else dealt with; 1 for few posts.

    Posts of no kind in `SAID`, and of one that hardly anybody deals with when others write them, as announcements of
    releases are, all count.
    A post that the question leaves out is one that says the same: without evidence nobody counts for more.
    """
    found, tiers = basis.found, basis.view.snapshot.tiers
    own = found.act_family == basis.view.snapshot.families.index("authored")
    result = np.ones(basis.people)
    people, counts = np.unique(found.act_person[own], return_counts=True)
    if not (counts >= REPEATS).any():
        return result
    dealt = basis.once(_dealt_with)
    usual = np.array([segment.kinds[row] for segment, row in map(tiers.place, found.posts.tolist())])
    for person in people[counts >= REPEATS].tolist():
        wrote = np.unique(found.act_post[own & (found.act_person == person)])
        others = np.ones(len(usual), bool)
        others[wrote] = False
        alike = [(kind, dealt[others & (usual == kind)]) for kind in sorted(SAID & set(usual[wrote].tolist()))]
        customary = [kind for kind, there in alike if len(there) and there.mean() >= CUSTOM]
        alone = wrote[np.isin(usual[wrote], customary) & ~dealt[wrote]]
        if len(alone) >= REPEATS:
            otherwise = len(wrote) - len(alone) + different(tiers, found.posts[alone])
            result[person] = min(1.0, 2.0 * otherwise / (len(wrote) + _left_out(basis, person)))
    return result


def _dealt_with(basis: Basis) -> np.ndarray:
    """bool [candidates]: somebody did something to the post who is not its author."""
    found = basis.found
    own = found.act_family == basis.view.snapshot.families.index("authored")
    result = np.zeros(len(found.posts), bool)
    result[found.act_post[~own]] = True
    return result


def _left_out(basis: Basis, person: int) -> int:
    """How many posts that the question leaves out the person wrote."""
    number = 0
    for post in basis.gathered.query.exclude_posts:
        for tier in basis.view.snapshot.tiers:
            row = tier.row(post)
            if row >= 0 and tier.alive[row]:
                acts = slice(int(tier.segment.act_indptr[row]), int(tier.segment.act_indptr[row + 1]))
                number += person in tier.segment.act_person[acts]
    return number
