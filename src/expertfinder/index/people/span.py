"""How long an organisation has written, whatever single dates say that cannot be meant."""

from __future__ import annotations

import numpy as np

SHORTEST_SPAN = 80.0
"""Days: with it a half-life is at least 20 days, however young the organisation is."""
APART = 5 * 365.25
"""Days without a post after which what lies beyond is a slip of a clock, not the beginning of the record: the longest
silence in the ten sets with dates is 527 days (rust)."""
FEW = 0.01
"""Share of the posts that may lie beyond such a silence and still be taken for slips."""


def usual_span(created: np.ndarray, *, as_of: float) -> float:
    """Days between the oldest and the newest of the dates that hold together, at least `SHORTEST_SPAN`.

    `created`: float64 [posts], days since 1970, not a number where undated. Left out are dates after the day after
    `as_of`, and at either end at most the share `FEW` of the posts that a silence of `APART` days divides from the
    others: one absurd date must not change how fast everything else ages.
    """
    dated = np.sort(created[~np.isnan(created) & (created <= as_of + 1)])
    if len(dated) < 2:
        return SHORTEST_SPAN
    most = max(1, int(FEW * len(dated)))
    silences = np.flatnonzero(np.diff(dated) > APART)
    early, late = silences[silences < most], silences[silences >= len(dated) - 1 - most]
    first = int(early[-1]) + 1 if len(early) else 0
    last = int(late[0]) if len(late) and int(late[0]) >= first else len(dated) - 1
    return max(float(dated[last] - dated[first]), SHORTEST_SPAN)
