"""Communities that the product finds beside those that a set declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.errors import DeadlinePassed
from expertfinder.evaluation.network.ablation import Without, compared, found_without
from expertfinder.evaluation.network.agreement import Agreement, agreeing
from expertfinder.evaluation.network.parted import Parted, alone, of_communities, of_level
from expertfinder.evaluation.network.truth import EVERYTHING, declared, plain, with_evidence
from expertfinder.evaluation.sets import evidence, world
from expertfinder.index.network.communities import enough_ties
from expertfinder.index.network.graph import build_network
from expertfinder.index.network.tier import read_shared


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityFigures:
    """The communities that users see, and what they are to be held against.

    `oracle`: for each measure the best of all levels, chosen by the truth, which nobody has in life.
    """

    folder: str
    people: int
    """Number of people with a declared community and any evidence; the figures are over these people."""
    resolution: float
    default: Agreement
    """One's own community is the one in which the largest share of one's ties lies; who is in none is alone."""
    partition: Agreement
    """The same without overlaps: everybody in their own community alone."""
    resolution_one: Agreement
    oracle: Mapping[str, float]
    shuffled: Agreement
    """The default with people exchanged at random: what chance gives."""
    assignments: list[tuple[str, int]]
    """Person and number of a community, for everybody; somebody in several has their own one last, somebody in
    none has a number of their own."""
    without: Mapping[str, Without]
    """Ingredient -> the default level without it; empty where that was not asked for."""


def evaluate_communities(folder: Path, *, ablation: int = 0) -> CommunityFigures:
    """Ask for the communities found in the evidence of a set and compare. Raises `SourceError`, `DeadlinePassed`.

    `ablation`: find them again without each ingredient, too, and compare over so many halves of the people; 0 does not.
    """
    with world(evidence(folder)) as finder:
        snapshot = finder.snapshot
        rows, people = snapshot.person_rows, len(snapshot.people)
        truth = [[rows[member] for member in group.members] for group in declared(folder, snapshot)]
        covered = np.zeros(people, bool)
        covered[[row for group in truth for row in group]] = True
        asked = np.flatnonzero(covered & with_evidence(snapshot)).tolist()
        found = as_shown(finder)

        def agree(parted: Parted, among: Sequence[int]) -> Agreement:
            return agreeing(truth, parted.groups, label=parted.own.tolist(), people=among)

        ties = snapshot.ties
        by_level = {
            resolution: agree(of_level(label, resolution=resolution), asked)
            for resolution, label in zip(ties.resolutions, ties.levels, strict=True)
        }
        without: Mapping[str, Without] = {}
        if ablation:
            network = build_network(read_shared(finder.store, vocabulary()), vocabulary())
            to_rows = np.array([rows[person.id] for person in network.tier.people], np.int64)
            parts = {
                name: of_communities(each, to_rows, people)
                for name, each in found_without(network, vocabulary()).items()
            }
            without = compared(found, {**parts, "overlaps": found.apart()}, asked, agree, halves=ablation)
        return CommunityFigures(
            folder=folder.name,
            people=len(asked),
            resolution=ties.resolution,
            default=agree(found, asked),
            partition=agree(found.apart(), asked),
            resolution_one=by_level.get(1.0, agree(alone(people), asked)),
            oracle={
                measure: max((getattr(level, measure) for level in by_level.values()), default=0.0)
                for measure in ("ami", "ari", "omega", "f1")
            },
            shuffled=agree(_exchanged(found, asked), asked),
            assignments=[
                (plain(person.id), group)
                for row, person in enumerate(snapshot.people)
                for group in [*(g for g in found.of(row) if g != found.own[row]), int(found.own[row])]
            ],
            without=without,
        )


def as_shown(finder: ExpertFinder) -> Parted:
    """The detected communities as every viewer is shown them. Raises `DeadlinePassed` where none was found in time."""
    snapshot, network = finder.snapshot, Networking(finder)
    found = [each for each, _ in network.all_communities(EVERYTHING) if each.kind == "detected"]
    if not found and snapshot.ties.resolution == 0.0 and enough_ties(snapshot.ties.mutual):
        raise DeadlinePassed("the search for communities did not end in time and was stopped")
    share = np.zeros((len(snapshot.people), len(found)))
    groups: list[frozenset[int]] = []
    for column, each in enumerate(found):
        shown = network.community(each.id, EVERYTHING)
        groups.append(frozenset(snapshot.person_rows[name] for name in shown.community.members))
        for person, value in shown.strength:
            share[snapshot.person_rows[person], column] = value
    return Parted.of_shares(groups, share, resolution=snapshot.ties.resolution)


def _exchanged(found: Parted, people: Sequence[int]) -> Parted:
    """The same communities with these people exchanged at random."""
    moved = np.random.default_rng(0).permutation(len(people))
    place = np.arange(len(found.own))
    place[list(people)] = np.array(people, np.int64)[moved]
    own = np.empty_like(found.own)
    own[place] = found.own
    return replace(found, groups=[frozenset(int(place[row]) for row in group) for group in found.groups], own=own)


def write_assignments(found: CommunityFigures, path: Path) -> None:
    """One line a person and community: person, tab, community. Who is in several has their own one last."""
    path.write_text("".join(f"{person}\t{group}\n" for person, group in found.assignments), encoding="utf-8")
