"""Ties between people: who turns to whom, who works side by side, and the one graph that joins ties and interests.

Made of the shared tier alone (`index/network/tier.py`). People are rows `0..n-1` in the order of their ids, so that
equal facts give equal matrices. Times are days since 1970; what is undated does not decay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from expertfinder.configuration.vocabulary import Vocabulary
from expertfinder.index.network.interests import interests, nearest, placed
from expertfinder.index.network.tier import Floats, Ints, SharedTier, took_part, word_counts
from expertfinder.index.recipe import faded

HUB_DAMPING = 0.1
"""Ties of people who are tied to nearly everybody say less: a tie is divided by (strength x strength) to this power.
Measured on one network of messages: AMI .691 with .1 against .688 with 0, F1 .503 against .464; on an engineering
organisation nothing (`docs/network.md`)."""
INTEREST_TO_TIES = 4.0
"""Mean strength of interest links against ties for one person (1-4 measured; at 4 the figures depend least on the
resolution)."""
INTEREST_SPAN_SHARE = 0.25
"""Half-life of what somebody writes about, as a share of the time span, as everywhere (`index/people/activity.py`)."""
MOST_FOR_INTERESTS = 50_000
"""People: above, communities are found in the ties alone. To compare the interests of everybody with everybody grows
with the square: 7,000 people take 5 s, 50,000 would take four minutes, a million a day (`docs/network.md`)."""
CROWD = 50
"""Authors: who signs a post with more than these has not thereby worked with each of them. Not measured: no open set
has such a post; it keeps pairs from growing with the square."""


@dataclass(frozen=True, slots=True)
class Acts:
    """Acts between two different people: `source[i]` did something of weight `weight[i]` towards `target[i]` on
    `day[i]`."""

    source: Ints
    target: Ints
    day: Floats
    weight: Floats


def decay(days: Floats, as_of: float, half_life: float | None) -> Floats:
    """Weight of each day at `as_of`: `2 ** (-age / half_life)`; 1 for undated ones and without a half-life."""
    if half_life is None:
        return np.ones(len(days))
    age = np.maximum(as_of - np.where(np.isnan(days), as_of, days), 0.0)
    return faded(age, half_life)


def ties(acts: Acts, people: int, *, as_of: float = 0.0, half_life: float | None = None) -> sp.csr_matrix:
    """Directed ties, `[people, people]`: the logarithm of one plus the (decayed, weighted) number of acts from row
    to column.

    The logarithm lets distinct people count for more than volume: log or binary weights beat raw volume for finding
    who is asked (one law firm).
    """
    data = decay(acts.day, as_of, half_life) * acts.weight
    matrix = sp.csr_matrix((data, (acts.source, acts.target)), shape=(people, people))
    matrix.sum_duplicates()
    matrix.setdiag(0)
    matrix.eliminate_zeros()
    matrix.data = np.log1p(matrix.data)
    return matrix


def undirected(acts: Acts, people: int, *, as_of: float = 0.0, half_life: float | None = None) -> sp.csr_matrix:
    """Symmetric ties, `[people, people]`: the logarithm of one plus all acts between two people, whichever way."""
    both = Acts(
        np.concatenate([acts.source, acts.target]),
        np.concatenate([acts.target, acts.source]),
        np.concatenate([acts.day, acts.day]),
        np.concatenate([acts.weight, acts.weight]),
    )
    return ties(both, people, as_of=as_of, half_life=half_life)


def damped(matrix: sp.csr_matrix, power: float = HUB_DAMPING) -> sp.csr_matrix:
    """The same symmetric ties, each divided by (strength of one end x strength of the other) ** `power`."""
    strength = np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()
    scale = sp.diags_array(np.where(strength > 0, np.maximum(strength, 1e-12) ** -power, 0.0))
    return sp.csr_matrix(scale @ matrix @ scale)


def combined(mutual: sp.csr_matrix, similar: sp.csr_matrix, weight: float = INTEREST_TO_TIES) -> sp.csr_matrix:
    """Ties and interests as one weighted graph: each divided by the mean strength of the people it touches, then
    added.

    Who has no ties is joined by interests; who wrote nothing, by ties. Without interests this is the ties alone.
    """
    parts = []
    for matrix, times in ((mutual, 1.0), (similar, weight)):
        part = sp.csr_matrix(matrix, dtype=np.float64, copy=True)
        part.data *= times / max(_mean_strength(part), 1e-12)
        parts.append(part)
    return sp.csr_matrix(parts[0] + parts[1])


def _mean_strength(matrix: sp.csr_matrix) -> float:
    strength = np.asarray(matrix.sum(axis=1)).ravel()
    return float(strength.sum() / max(int((strength > 0).sum()), 1))


def acts_between(tier: SharedTier, words: Vocabulary) -> tuple[Acts, Acts]:
    """Acts as ties between people: (who turned to whom, who worked with whom both ways written once)."""
    deeds = tier.deeds
    wanted = [words.verbs[name] for name in deeds.verb]
    taken = np.array([v.tie != "none" for v in wanted], bool)
    on_post, on_person = np.flatnonzero(taken & deeds.on_post), np.flatnonzero(taken & ~deeds.on_post)
    chosen = sp.csr_matrix(tier.authorship[deeds.target[on_post]]).tocoo()
    act = np.concatenate([on_post[chosen.row], on_person])
    other = np.concatenate([chosen.col.astype(np.int64), deeds.target[on_person]])
    apart = deeds.actor[act] != other
    act, other = act[apart], other[apart]
    back = np.array([v.turns == "author" for v in wanted], bool)[act]
    mutual = np.array([v.tie == "worked-with" for v in wanted], bool)[act]
    source = np.where(back, other, deeds.actor[act])
    target = np.where(back, deeds.actor[act], other)
    found = Acts(source, target, deeds.day[act], deeds.value[act])
    return _only(found, ~mutual), _joined(_only(found, mutual), _written_together(tier))


def _only(acts: Acts, chosen: np.ndarray) -> Acts:
    return Acts(acts.source[chosen], acts.target[chosen], acts.day[chosen], acts.weight[chosen])


def _joined(one: Acts, other: Acts) -> Acts:
    return Acts(
        np.concatenate([one.source, other.source]),
        np.concatenate([one.target, other.target]),
        np.concatenate([one.day, other.day]),
        np.concatenate([one.weight, other.weight]),
    )


def _written_together(tier: SharedTier) -> Acts:
    """Both ways for each pair of authors: to write together is worth two acts."""
    pairs: list[tuple[int, int, int]] = []
    indptr, people = tier.authorship.indptr, tier.authorship.indices
    for post in np.flatnonzero((np.diff(indptr) > 1) & (np.diff(indptr) <= CROWD)).tolist():
        authors = np.sort(people[indptr[post] : indptr[post + 1]]).tolist()
        pairs.extend((one, other, post) for one in authors for other in authors if one != other)
    table = np.array(pairs, np.int64).reshape(-1, 3)
    return Acts(table[:, 0], table[:, 1], tier.post_day[table[:, 2]], np.ones(len(table)))


@dataclass(frozen=True, slots=True)
class Network:
    """The organisation as a network. Matrices are [people, people] in the order of `tier.people`."""

    tier: SharedTier
    turned_to: sp.csr_matrix
    """Directed: row turns to column, logarithm of one plus the number of acts."""
    mutual: sp.csr_matrix
    """Symmetric: every tie, whichever way."""
    part: sp.csr_matrix
    """Who wrote a post or had a part in it, [people, posts], 0 or 1."""
    words: sp.csr_matrix
    """How often each word stands in each post, [posts, words]."""
    vectors: Floats
    """What each person writes about, unit rows; one column of zeros where there are no words."""
    graph: sp.csr_matrix
    """Ties and interests together: what communities are found in."""


def build_network(tier: SharedTier, words: Vocabulary, counted: sp.csr_matrix | None = None) -> Network:
    """The network of the shared tier. Ages are counted to its newest fact (decision 0026).

    `counted`: how often each word stands in each post of the tier, [posts, words], where the posts were read before.
    """
    turned, together = acts_between(tier, words)
    people = len(tier.people)
    mutual = undirected(_joined(turned, together), people)
    part, counted = took_part(tier, words), word_counts(tier) if counted is None else counted
    wrote = sp.csr_matrix(part + tier.authorship.T)
    wrote.data[:] = 1.0
    few = people <= MOST_FOR_INTERESTS
    lasting = faded_parts(tier, part)
    vectors = interests(counted, lasting) if few else np.zeros((people, 1))
    return Network(
        tier=tier,
        turned_to=ties(turned, people),
        mutual=mutual,
        part=wrote,
        words=counted,
        vectors=vectors,
        graph=combined(damped(mutual), nearest(placed(vectors, lasting, tier.places()[1]))) if few else damped(mutual),
    )


def faded_parts(tier: SharedTier, part: sp.csr_matrix) -> sp.csr_matrix:
    """Each person's part in each post, author or not, faded by the age of the post, [people, posts]."""
    fading = decay(tier.post_day, tier.as_of, max(tier.span * INTEREST_SPAN_SHARE, 1.0))
    return sp.csr_matrix((tier.authorship.T + part) @ sp.diags_array(fading))
