"""What one person knows: topics with strength, declared and observed apart, rising or fading, last seen."""

from __future__ import annotations

from typing import Literal

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.arrays import gather
from expertfinder.index.candidates import act_order
from expertfinder.index.posts.concepts import in_singular, words_of
from expertfinder.index.recipe import faded
from expertfinder.index.snapshot import day_of
from expertfinder.model import Expertise, Topic


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
    shared, topics = snapshot.shared.segment, snapshot.topics
    mine = np.flatnonzero((shared.act_person == person) & view.audiences[shared.act_audience])
    post = shared.posts_of(mine)
    here = snapshot.shared.alive[post]
    mine, post = mine[here], post[here]
    # A post of the build that something was done to since: its acts as they are now, under the topics that it had.
    fresh = snapshot.fresh.segment
    since = np.flatnonzero((fresh.act_person == person) & view.audiences[fresh.act_audience])
    its_post = fresh.posts_of(since)
    open_to_all = view.shared[fresh.audience[its_post]]
    since, its_post = since[open_to_all], its_post[open_to_all]
    built = snapshot.tiers.built_rows(its_post + snapshot.tiers.starts[2])
    since, built = since[built >= 0], built[built >= 0]
    post = np.concatenate([post, built])
    act_at = np.concatenate([shared.act_at[mine], fresh.act_at[since]])
    strengths = np.concatenate([shared.act_strength[mine], fresh.act_strength[since]])
    family = np.concatenate([shared.act_family[mine], fresh.act_family[since]])
    # Sums run in the order of the posts, wherever they stand, and of what was done to each.
    order = act_order(post, np.zeros(len(post)), family, strength=strengths, at=act_at)
    post, act_at, strengths, family = post[order], act_at[order], strengths[order], family[order]
    half_life = snapshot.recipe.half_life * snapshot.manifest.span
    ages = snapshot.manifest.ages(act_at)
    dated = ~np.isnan(act_at)
    weight = strengths.astype(np.float64) * faded(ages, (half_life * snapshot.lasting)[family])
    positions, owner = gather(topics.post_indptr, post)
    topic = topics.post_topics[positions]
    total = max(len(shared), 1)
    strength = np.bincount(topic, weight[owner], minlength=len(topics.labels))
    # A topic of everybody says little about anybody: weigh by how rare it is, as words are.
    strength = strength * np.log1p(total / np.maximum(topics.posts, 1))
    declared = {in_singular(words_of(skill)): skill for skill in snapshot.people[person].skills}
    largest = float(strength.max(initial=0.0))
    found: list[Expertise] = []
    strongest = sorted(np.flatnonzero(strength > 0).tolist(), key=lambda row: (-strength[row], topics.labels[row]))
    for row in strongest:
        at = owner[topic == row]
        label = topics.labels[row]
        seen = act_at[at][dated[at]]
        found.append(
            Expertise(
                topic=Topic(f"topic:{label}", label, posts=int(topics.posts[row])),
                declared=declared.pop(in_singular(words_of(label)), None) is not None,
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
