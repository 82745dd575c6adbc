"""Communities that were found beside those that a set declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from expertfinder.evaluation.network.ablation import Without, compared, found_without
from expertfinder.evaluation.network.agreement import Agreement, agreeing
from expertfinder.evaluation.network.truth import declared, evidence, groups_of, name_of, with_evidence
from expertfinder.index.deadline import PATIENCE, within
from expertfinder.index.network.graph import build_network
from expertfinder.index.network.leiden import Communities, Stability, detect, hierarchy
from expertfinder.index.network.tier import Ints
from expertfinder.vocabulary import vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityFigures:
    """The one default level, and what it is to be held against.

    `oracle`: for each measure the best of all levels, chosen by the truth, which nobody has in life.
    """

    folder: str
    people: int
    """With a declared community and any evidence: over these the figures are."""
    resolution: float
    stability: tuple[Stability, ...]
    default: Agreement
    partition: Agreement
    """The default level without its overlaps."""
    resolution_one: Agreement
    oracle: Mapping[str, float]
    shuffled: Agreement
    """The default level with people exchanged at random: what chance gives."""
    assignments: list[tuple[str, int]]
    """Person and community, for everybody; who is in several has their own one last."""
    without: Mapping[str, Without]
    """Ingredient -> the default level without it; empty where that was not asked for."""


def evaluate_communities(
    folder: Path, *, seed: int = 0, deadline: float = PATIENCE, ablation: int = 0
) -> CommunityFigures:
    """Find communities in the evidence of a set and compare. Raises `SourceError`, `DeadlinePassed`.

    `ablation`: find them again without each ingredient, too, and compare over so many halves of the people; 0 does not.
    """
    tier = evidence(folder)
    truth = [community.members for community in declared(folder, tier)]
    network = build_network(tier, vocabulary())
    found = within(deadline, detect, network.graph, seed=seed)
    levels = within(deadline, hierarchy, network.graph, seed=seed + 1)
    covered = np.zeros(len(tier.people), bool)
    for members in truth:
        covered[list(members)] = True
    people = np.flatnonzero(covered & with_evidence(tier)).tolist()

    def held(label: Ints) -> Agreement:
        return agreeing(truth, groups_of(label), label=label.tolist(), people=people)

    def overlapped(communities: Communities, among: Sequence[int]) -> Agreement:
        return agreeing(truth, _overlapping(communities), label=communities.label.tolist(), people=among)

    overlapping = _overlapping(found)
    without = found_without(network, vocabulary(), found, seed=seed, deadline=deadline) if ablation else {}
    by_level = {resolution: held(label) for resolution, label in levels.items()}
    moved = np.random.default_rng(seed).permutation(len(people))
    exchanged = np.arange(len(tier.people))
    exchanged[people] = np.array(people, np.int64)[moved]
    place = {int(old): int(new) for new, old in enumerate(exchanged.tolist())}
    return CommunityFigures(
        folder=folder.name,
        people=len(people),
        resolution=found.resolution,
        stability=found.stability,
        default=overlapped(found, people),
        partition=held(found.label),
        resolution_one=by_level[1.0],
        oracle={
            measure: max(getattr(level, measure) for level in by_level.values())
            for measure in ("ami", "ari", "omega", "f1")
        },
        shuffled=agreeing(
            truth,
            [[place[person] for person in group] for group in overlapping],
            label=found.label[exchanged].tolist(),
            people=people,
        ),
        assignments=[
            (name_of(tier, row), group)
            for row in range(len(tier.people))
            for group in [*(g for g in _groups(found.strength, row) if g != found.label[row]), int(found.label[row])]
        ],
        without=compared(found, without, people, overlapped, halves=ablation) if without else {},
    )


def _overlapping(found: Communities) -> list[frozenset[int]]:
    return [frozenset(column.indices.tolist()) for column in found.strength.T.tocsr()]


def _groups(strength: object, row: int) -> list[int]:
    matrix = strength[row]  # type: ignore[index]
    return sorted(matrix.indices.tolist())


def write_assignments(found: CommunityFigures, path: Path) -> None:
    """One line a person and community: person, tab, community. Who is in several has their own one last."""
    path.write_text("".join(f"{person}\t{group}\n" for person, group in found.assignments), encoding="utf-8")
