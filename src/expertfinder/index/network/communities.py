"""Detected communities as facts: found in the network, matched with those of the fold before, named by their topics.

A detected community is a `Community` whose kind is `detected`, in the record like any other fact: so an identity
outlasts every rebuild, goes along in a copy, and an erased person is struck out of it. One that is no more stays as
`ended` with a word of what became of it; its number is never given again. Made of the shared tier alone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from expertfinder.errors import DeadlinePassed
from expertfinder.index.facts import DETECTED
from expertfinder.index.network.deadline import PATIENCE, within
from expertfinder.index.network.graph import Network
from expertfinder.index.network.labels import description_of, parts_of
from expertfinder.index.network.leiden import LEAST_GROUPS, LEAST_MEAN_SIZE, Communities, Levels, searched
from expertfinder.index.network.succession import Succession, contrast, succession
from expertfinder.index.network.ties import Found
from expertfinder.index.people.topics import Topics
from expertfinder.model import ORGANISATION, Community

LEAST_SECONDS = 300.0
"""The search for communities may take at least so long by the clock, however few the ties: on two cores that twenty
programs wanted, those of the demo's 300 people were not found in 60."""
SECONDS_A_TIE = 2e-4
"""The search may take so many seconds a link: communities of 7,000 people with 120,000 links took 10 s, those of a
million with ten million links at one resolution 95 s on two busy cores; a hundred links more are twenty times that."""
PIECES = 5
"""Posts that somebody wrote or had a part in, from which on they help to judge how stable communities are."""
NAMED_BY = 2
"""A detected community is named by so many of its topics."""
LOOKED_AT = 20
"""So many topics of a community by their contrast with the rest may name it: the most specific of them do."""
RARE = 30.0
"""Parts in posts that are added to all of a topic before the share of a community in it is taken: a topic of few posts
is a slip of the pen as often as a specialty. Read off the communities of rust."""
DESCRIBED_BY = 5
"""A detected community is described by so many of its topics."""

log = logging.getLogger("expertfinder.index")


def found_communities(network: Network, topics: Topics, previous: Sequence[Community]) -> tuple[Found, list[Community]]:
    """Find communities, give each its identity, and say which facts are to be written for that.

    `previous`: the communities of the record whose source is `detected`. Where the search is not over in time, those
    of before stay as they are, with everybody who is still there.
    """
    people = [person.id for person in network.tier.people]
    old = [community for community in previous if community.kind == "detected"]
    try:
        communities, levels = looked_for(network)
    except DeadlinePassed as error:
        log.warning("no communities were found, those of before stay: %s", error)
        return _as_before(network, topics, old)
    columns = large_enough(communities)
    inside = sp.csc_matrix(communities.strength)
    members = [inside.indices[inside.indptr[c] : inside.indptr[c + 1]].astype(np.int64) for c in columns]
    # Like is held beside like: with their overlaps, as the facts have them.
    now = [frozenset(people[row] for row in rows.tolist()) for rows in members]
    became = succession([frozenset(community.members) for community in old], now)
    ids = _numbered(became, old, previous, len(columns))
    named = _named(network, topics, members)
    kept = {new: old[i] for i, new in became.kept}
    known = frozenset(topics.labels)
    facts = [
        Community(
            id=ids[n],
            source=DETECTED,
            name=_name(named[n], kept.get(n), known=known, number=ids[n].partition(":")[2]),
            description=description_of(named[n]),
            members=tuple(sorted(people[row] for row in rows.tolist())),
            kind="detected",
            audience=ORGANISATION,
        )
        for n, rows in enumerate(members)
    ]
    facts = _apart(facts)
    facts += [replace(old[i], members=(), kind="ended", description=_fate(i, became, facts)) for i in became.ended]
    return Found(communities, columns, ids, levels, _events(became, old, ids)), facts


def large_enough(communities: Communities) -> list[int]:
    """The groups that become communities, by their labels: those whose own people are enough."""
    size = np.bincount(communities.label, minlength=communities.strength.shape[1])
    return [column for column in range(len(size)) if size[column] >= LEAST_MEAN_SIZE]


def looked_for(network: Network) -> tuple[Communities, Levels]:
    """The default level and all levels of a network. Raises `DeadlinePassed` where that takes too long."""
    if not enough_ties(network.graph):
        return _nobody_together(network.graph.shape[0])
    seconds = min(max(LEAST_SECONDS, SECONDS_A_TIE * network.graph.nnz), PATIENCE)
    return within(seconds, searched, network.graph, well_known(network))


def well_known(network: Network) -> np.ndarray:
    """bool [people]: over whom it is judged how stable a partition is.

    Those with `PIECES` of evidence: people of one post make fine levels look stable. Where there are hardly any (a
    network without posts), everybody with a tie.
    """
    tied = np.asarray(network.graph.sum(axis=1)).ravel() > 0
    known = tied & (np.diff(network.part.indptr) >= PIECES)
    return known if known.sum() >= LEAST_GROUPS * LEAST_MEAN_SIZE else tied


def enough_ties(graph: sp.csr_matrix) -> bool:
    """Whether as many people have a tie as two communities need."""
    tied = np.asarray(graph.sum(axis=1)).ravel() > 0
    return bool(tied.sum() >= LEAST_GROUPS * LEAST_MEAN_SIZE)


def _nobody_together(people: int) -> tuple[Communities, Levels]:
    """Everybody alone: too few people have ties for two groups."""
    return Communities(0.0, np.arange(people), sp.csr_matrix(sp.eye_array(people)), ()), {}


def _as_before(network: Network, topics: Topics, old: Sequence[Community]) -> tuple[Found, list[Community]]:
    """The communities of before, with everybody who is still there, in words of today."""
    people = [person.id for person in network.tier.people]
    row = {person: n for n, person in enumerate(people)}
    cells = [(row[person], n) for n, community in enumerate(old) for person in community.members if person in row]
    table = np.array(cells, np.int64).reshape(-1, 2)
    strength = sp.csr_matrix((np.ones(len(table)), (table[:, 0], table[:, 1])), shape=(len(people), len(old)))
    label = np.full(len(people), -1, np.int64)
    label[table[:, 0]] = table[:, 1]
    stays = Found(Communities(0.0, label, strength, ()), range(len(old)), [each.id for each in old], {}, ())
    inside = [np.array([row[one] for one in each.members if one in row], np.int64) for each in old]
    named, known = _named(network, topics, inside), frozenset(topics.labels)
    facts = [
        replace(
            each,
            name=_name(labels, each, known=known, number=each.id.partition(":")[2]),
            description=description_of(labels),
            members=tuple(sorted(people[one] for one in rows.tolist())),
        )
        for each, labels, rows in zip(old, named, inside, strict=True)
    ]
    return stays, _apart(facts)


def _numbered(became: Succession, old: Sequence[Community], ever: Iterable[Community], count: int) -> list[str]:
    """The id of each new community: that of the one it continues, or the next number."""
    ids = [""] * count
    for before, after in became.kept:
        ids[after] = old[before].id
    numbers = [community.id.partition(":")[2] for community in ever]
    number = max((int(each) for each in numbers if each.isdecimal()), default=0)
    for n in became.born:
        number += 1
        ids[n] = f"{DETECTED}:{number}"
    return ids


def _named(network: Network, topics: Topics, members: Sequence[np.ndarray]) -> list[list[str]]:
    """The labels of the topics that bind each community, the most specific first: what binds it counts as much as the
    share of all its evidence that is of these people. What everybody writes about binds many a little."""
    has = topic_matrix(topics, network.part.shape[1])
    person_topics = sp.csr_matrix(network.part @ has)
    everyone = np.asarray(person_topics.sum(axis=0), np.float64).ravel()
    named = []
    for rows in members:
        here = np.asarray(sp.csr_matrix(person_topics[rows]).sum(axis=0), np.float64).ravel()
        bound = [
            (-score * here[one] / (everyone[one] + RARE), one)
            for one, score in contrast(person_topics, rows, LOOKED_AT)
        ]
        named.append([topics.labels[one] for _, one in sorted(bound)[:DESCRIBED_BY]])
    return named


def topic_matrix(topics: Topics, posts: int) -> sp.csr_matrix:
    """1 where a shared post is about a topic, [posts, topics]."""
    ones = np.ones(len(topics.post_topics))
    indptr = topics.post_indptr if len(topics.post_indptr) == posts + 1 else np.zeros(posts + 1, np.int64)
    return sp.csr_matrix((ones, topics.post_topics, indptr), shape=(posts, len(topics.labels)))


def _name(labels: Sequence[str], before: Community | None, *, known: frozenset[str], number: str) -> str:
    """The first topics that say different things.

    The old name stays as long as its first topic binds the community and all of it is topics of today: a name does
    not outlive the post that it was made of.
    """
    parts = parts_of(before.name, number, known) if before is not None else []
    if parts and parts[0] in labels and known.issuperset(parts):
        return ", ".join(parts)
    chosen: list[str] = []
    for label in labels:
        words = set(label.lower().split())
        if all(not words & set(other.lower().split()) for other in chosen):
            chosen.append(label)
    return ", ".join(chosen[:NAMED_BY]) or f"Group {number}"


def _apart(facts: Sequence[Community]) -> list[Community]:
    """The same facts, each with a name of its own."""
    often: dict[str, int] = {}
    found: list[Community] = []
    for fact in facts:
        often[fact.name] = often.get(fact.name, 0) + 1
        times = often[fact.name]
        found.append(fact if times == 1 else replace(fact, name=f"{fact.name} ({fact.id.partition(':')[2]})"))
    return found


def _fate(before: int, became: Succession, facts: Sequence[Community]) -> str:
    """What became of a community that is no more."""
    for parts, after in became.merged:
        if before in parts:
            return f"Went into {facts[after].id}."  # by no name: that one may have another tomorrow
    for one, after_parts in became.split:
        if one == before:
            return f"Fell into {', '.join(facts[part].id for part in after_parts)}."
    return "Its people no longer meet as a group."


def _events(became: Succession, old: Sequence[Community], ids: Sequence[str]) -> list[list[str]]:
    """What happened, as words and ids."""
    events = [["born", ids[n]] for n in became.born]
    events += [["ended", old[i].id] for i in became.ended]
    events += [["split", old[i].id, *(ids[n] for n in parts)] for i, parts in became.split]
    events += [["merged", *(old[i].id for i in parts), ids[n]] for parts, n in became.merged]
    return events
