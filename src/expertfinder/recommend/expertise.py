"""What one person knows: topics with strength, declared and observed apart, rising or fading, last seen."""

from __future__ import annotations

from typing import Literal

import numpy as np

from expertfinder.index.columns import gather
from expertfinder.index.snapshot import day_of
from expertfinder.index.tokens import tokenise
from expertfinder.index.view import View
from expertfinder.model import Expertise, Topic

HALF_LIFE_SHARE = 0.25
"""Of the shared tier's time span, as in the ranking."""
RECENT_SHARE = 0.25
"""The last quarter of a person's own evidence on a topic is `now`, by time since their first; see `_trend`."""


def _trend(ages: np.ndarray, half_life: float) -> Literal["rising", "steady", "fading", "none"]:
    """Rising: more than two thirds of the evidence is younger than a half-life; fading: none of it is."""
    if not len(ages):
        return "none"
    young = float((ages < half_life).mean())
    if young == 0.0:
        return "fading"
    return "rising" if young > 2 / 3 and len(ages) >= 3 else "steady"


def expertise_of(view: View, person: int, *, limit: int) -> list[Expertise]:
    """Topics of one person (a row), strongest first, at most `limit`; what is only declared comes last.

    Topics and what stands under them are of the shared tier; a viewer sees the shared evidence only.
    """
    snapshot = view.snapshot
    shared, topics = snapshot.shared, snapshot.topics
    mine = np.flatnonzero((shared.act_person == person) & view.audiences[shared.act_audience])
    post = np.searchsorted(shared.act_indptr, mine, side="right") - 1
    here = ~snapshot.gone[0][post]
    mine, post = mine[here], post[here]
    half_life = HALF_LIFE_SHARE * snapshot.manifest.span
    ages = np.nan_to_num(np.maximum(snapshot.manifest.as_of - shared.act_at[mine], 0.0), nan=0.0)
    dated = ~np.isnan(shared.act_at[mine])
    weight = shared.act_strength[mine].astype(np.float64) * 0.5 ** (ages / half_life)
    positions, owner = gather(topics.post_indptr, post)
    topic = topics.post_topics[positions]
    total = max(len(shared), 1)
    strength = np.bincount(topic, weight[owner], minlength=len(topics.labels))
    # A topic of everybody says little about anybody: weigh by how rare it is, as words are.
    strength = strength * np.log1p(total / np.maximum(topics.posts, 1))
    declared = {" ".join(tokenise(skill)): skill for skill in snapshot.people[person].skills}
    largest = float(strength.max(initial=0.0))
    found: list[Expertise] = []
    order = sorted(np.flatnonzero(strength > 0).tolist(), key=lambda row: (-strength[row], topics.labels[row]))
    for row in order:
        at = owner[topic == row]
        label = topics.labels[row]
        seen = shared.act_at[mine][at][dated[at]]
        found.append(
            Expertise(
                topic=Topic(f"topic:{label}", label, posts=int(topics.posts[row])),
                declared=declared.pop(" ".join(tokenise(label)), None) is not None,
                observed=round(float(strength[row]) / largest, 6),
                posts=len(set(post[at].tolist())),
                trend=_trend(ages[at], half_life),
                last_seen=day_of(float(seen.max())) if len(seen) else None,
            )
        )
        if len(found) >= limit:
            break
    for label in sorted(declared.values()):
        if len(found) >= limit:
            break
        found.append(
            Expertise(
                topic=Topic(f"topic:{label}", label), declared=True, observed=0.0, posts=0, trend="none", last_seen=None
            )
        )
    return found
