"""Communities recommended to a person: memberships are hidden, a part of them at a time, and looked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from expertfinder.ask.network import MOST_COMMUNITIES, Networking
from expertfinder.evaluation.figures import SEED, Figure, figure
from expertfinder.evaluation.network.truth import EVERYTHING, records
from expertfinder.evaluation.sets import evidence, world
from expertfinder.model import Community, Fact, Interaction, Person, Post

MOST_CASES = 3000
"""Memberships asked about; a random draw of so many where there are more."""
FOLDS = 10
"""Organisations that are made: in each a tenth of the memberships is hidden, and no two of one person."""

Case = tuple[str, str]
"""A person and a community."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipFigures:
    """hit@5, hit@10 and MRR of the hidden community, ours and by popularity.

    `everybody`: every membership; `others`: of people who have another one. The posts of the hidden community are no
    evidence of that person, nor are ties that come from these posts alone: whoever writes there belongs already.
    """

    folder: str
    cases: dict[str, int]
    ours: dict[str, dict[str, Figure]]
    popularity: dict[str, dict[str, Figure]]


def evaluate_membership(folder: Path) -> MembershipFigures:
    """Hide memberships, ask where those people would fit. Raises `SourceError` where a set declares no community."""
    records(folder / "communities.jsonl")  # raises where the file is missing, before anything is made
    facts = _by_person(evidence(folder, communities=True))
    groups = {fact.id: fact.members for fact in facts if isinstance(fact, Community)}
    often = Counter(person for members in groups.values() for person in members)
    ranks: dict[str, list[tuple[int | None, int | None]]] = {"everybody": [], "others": []}
    for hidden in folds([(person, name) for name, members in groups.items() for person in members]):
        with world(without(facts, hidden)) as finder:
            network = Networking(finder)
            popular = [each.id for each, _ in network.all_communities(EVERYTHING) if each.id in groups]
            for person, community in sorted(hidden.items()):
                found = network.communities(EVERYTHING, person=person, limit=MOST_COMMUNITIES).recommendations
                own = {each.id for each in network.communities_of(person, EVERYTHING)}
                rank = (
                    _rank(community, [one.subject for one in found if one.subject in groups]),
                    _rank(community, [each for each in popular if each not in own]),
                )
                ranks["everybody"].append(rank)
                if often[person] > 1:
                    ranks["others"].append(rank)
    return MembershipFigures(
        folder=folder.name,
        cases={name: len(each) for name, each in ranks.items()},
        ours={name: _measured([rank for rank, _ in each]) for name, each in ranks.items() if each},
        popularity={name: _measured([rank for _, rank in each]) for name, each in ranks.items() if each},
    )


def _rank(community: str, order: Sequence[str]) -> int | None:
    return order.index(community) + 1 if community in order else None


def _measured(ranks: Sequence[int | None]) -> dict[str, Figure]:
    return {
        "hit@5": figure([float(rank is not None and rank <= 5) for rank in ranks]),
        "hit@10": figure([float(rank is not None and rank <= 10) for rank in ranks]),
        "MRR": figure([1 / rank if rank is not None else 0.0 for rank in ranks]),
    }


def _by_person(facts: Sequence[Fact]) -> list[Fact]:
    """The facts with each record named by its human: a membership is a person's, not one account's."""
    with world((fact for fact in facts if isinstance(fact, Person)), network=False) as finder:
        who = {record: finder.snapshot.people[row].id for record, row in finder.snapshot.person_rows.items()}

    def named(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(who.get(name, name) for name in names))

    found: list[Fact] = []
    for fact in facts:
        if isinstance(fact, Community):
            found.append(replace(fact, members=tuple(name for name in named(fact.members) if name in who)))
        elif isinstance(fact, Post):
            found.append(replace(fact, authors=named(fact.authors)))
        elif isinstance(fact, Interaction):
            found.append(replace(fact, actor=who.get(fact.actor, fact.actor)))
        else:
            found.append(fact)
    return found


def folds(cases: Sequence[Case]) -> list[dict[str, str]]:
    """Each a part of the memberships to hide: person -> community.

    Of many memberships `MOST_CASES` are drawn, and of one person no more than there are folds.
    """
    rng = np.random.default_rng(SEED)
    drawn = [cases[case] for case in sorted(rng.permutation(len(cases))[:MOST_CASES].tolist())]
    of: defaultdict[str, list[str]] = defaultdict(list)
    for person, community in drawn:
        of[person].append(community)
    found: list[dict[str, str]] = [{} for _ in range(FOLDS)]
    for number, (person, communities) in enumerate(sorted(of.items())):
        for place, pick in enumerate(rng.permutation(len(communities))[:FOLDS].tolist()):
            found[(number + place) % FOLDS][person] = communities[pick]
    return [fold for fold in found if fold]


def without(facts: Iterable[Fact], hidden: Mapping[str, str]) -> list[Fact]:
    """The facts of an organisation in which nobody is in the community that is hidden of them, nor ever wrote there.

    `hidden`: person -> community. Posts that somebody else wrote too stay theirs.
    """
    facts = list(facts)
    place = {fact.id: fact.community for fact in facts if isinstance(fact, Post)}
    found: list[Fact] = []
    for fact in facts:
        if isinstance(fact, Community):
            found.append(replace(fact, members=tuple(name for name in fact.members if hidden.get(name) != fact.id)))
        elif isinstance(fact, Post) and fact.community:
            found.append(replace(fact, authors=tuple(a for a in fact.authors if hidden.get(a) != fact.community)))
        elif not (isinstance(fact, Interaction) and _there(fact, hidden, place)):
            found.append(fact)
    return found


def _there(act: Interaction, hidden: Mapping[str, str], place: Mapping[str, str]) -> bool:
    """Whether an act is on a post in the community that is hidden of its actor."""
    return act.actor in hidden and place.get(act.object) == hidden[act.actor]
