"""Who has been vouched for: by somebody who dealt with what they wrote, or by a history of their own.

Anybody can write one convincing post, approve what others wrote or copy it. What somebody did whom nobody ever turned
to counts by the days on which they did anything, and in full from a handful of days on. It is one factor on all parts
of a person's score, so a score stays the sum of its parts and no post takes from another.
"""

from __future__ import annotations

import numpy as np

from expertfinder.recommend.experts.basis import Basis

HISTORY = 4
"""Days with an act from which on somebody counts in full whom nobody turned to: as many as are kept of each person
(`index/people/last_acts.py`). Of a fresh account, that has one, a quarter counts."""
CUSTOM = 0.1
"""Share of the people with evidence whom somebody turned to, below which that is no custom here, and everybody counts
in full: so it is where talks and descriptions of packages are the record, and nobody acts on what others wrote."""


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
    return np.where(turned, whole, np.clip(days, 1, HISTORY) / HISTORY)
