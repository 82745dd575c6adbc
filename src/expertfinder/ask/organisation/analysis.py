"""The organisation's network as a whole, by the algorithms of a Neo4j server, kept in the graph for analysts.

The server gets the ties that the index is made of (`index/network/graph.py`, the shared tier alone) and finds groups at
every resolution, who is turned to, who lies between others, and who could carry each group. No answer of ours is made
of it. `scripts/neo4j/compare.py` holds it beside what our own algorithms find in the same ties.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from expertfinder.configuration.languages import phrase
from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.errors import DeadlinePassed
from expertfinder.index.network.graph import Network, build_network
from expertfinder.index.network.leiden import RESOLUTIONS, TRIES, USUAL_RESOLUTION, modularity, relabelled
from expertfinder.index.network.tier import read_shared
from expertfinder.store import Store
from expertfinder.store.algorithms import (
    DAMPING,
    RUNS,
    SECONDS,
    Algorithms,
    Analysis,
    Column,
    Grounds,
    Links,
    Projection,
    algorithms,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_SOURCES = 500
"""People from whom shortest ways are counted: of more, so many are drawn by chance. From everybody it grows with people
times ties."""
CANDIDATES = 3
"""So many champion candidates are named of a group: as many as a page shows at once."""
LEAST = 3
"""A group has at least so many people: two are a tie, not a group."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the server found. Columns have an entry a person of the shared tier."""

    groups: dict[float, Ints]
    """Resolution -> groups from the largest down, -1 for who has no ties."""
    page_rank: Floats
    asked: Floats
    between: Floats
    sources: int
    candidates: list[list[int]]
    """Of each group at the usual resolution, best first."""


Progress = Callable[[str, int, int | None], None]
"""What is being done, which step it is, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run did."""

    run: str
    library: str
    people: int
    """With ties."""
    ties: int
    """Of the graph that groups are found in."""
    groups: dict[str, int]
    """Resolution -> how many groups there are."""
    results: int
    """Lines written into the graph."""
    seconds: dict[str, float]


def analyse(store: Store, *, seconds: float = SECONDS, runs: int = RUNS, progress: Progress | None = None) -> Report:
    """Run everything and keep it in the graph.

    Raises `InvalidQuestion` where the facts are in no server, `StoreError` where the server has no algorithms,
    `StoreUnavailable` where it went away, and `DeadlinePassed`; then nothing is kept.
    """
    clock = _Clock(progress)
    server = algorithms(store, seconds=seconds)
    sequence = store.sequence()
    clock("reading the shared tier")
    network = build_network(read_shared(store, vocabulary()), vocabulary())
    found = ask_server(server, network, clock)
    clock.left(seconds)
    clock("writing")
    names = [person.id for person in network.tier.people]
    kept = kept_of(found, names)
    run = server.keep(kept, Grounds(sequence=sequence, people=len(names)), runs=runs)
    clock("")
    return Report(
        run=run,
        library=server.version,
        people=int(tied_in(network.graph).sum()),
        ties=network.graph.nnz // 2,
        groups={f"{resolution:g}": len(np.unique(label[label >= 0])) for resolution, label in found.groups.items()},
        results=sum(len(each.found) for each in kept),
        seconds=clock.seconds,
    )


def tied_in(matrix: sp.csr_matrix) -> NDArray[np.bool_]:
    """bool [people]: who has a tie."""
    return np.asarray(np.asarray(matrix.sum(axis=1)).ravel() > 0, bool)


class _Clock:
    """What is being done, told to whoever watches, and how long each part took."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._began = self._since = time.monotonic()
        self._what = ""
        self._step = 0
        self.seconds: dict[str, float] = {}

    def __call__(self, what: str) -> None:
        now = time.monotonic()
        if self._what:
            self.seconds[self._what] = round(now - self._since, 2)
        self._what, self._since = what, now
        self._step += 1
        if self._progress is not None and what:
            self._progress(what, self._step, None)

    def left(self, seconds: float) -> float:
        """How many of so many seconds are left. Raises `DeadlinePassed` where none are."""
        left = seconds - (time.monotonic() - self._began)
        if left <= 0:
            raise DeadlinePassed(
                phrase("the analysis did not end within {seconds:g} seconds and was stopped", seconds=seconds),
                seconds=seconds,
            )
        return left


def _links(matrix: sp.csr_matrix, *, directed: bool) -> Links:
    """Sorted, so that equal ties are the same to the server."""
    cells = sp.csr_matrix(matrix if directed else sp.triu(matrix, 1))
    cells.sort_indices()
    table = cells.tocoo()
    return Links(table.row.tolist(), table.col.tolist(), table.data.astype(np.float64).tolist(), directed)


def ask_server(server: Algorithms, network: Network, tell: Callable[[str], None]) -> Found:
    """What the server finds in the ties of a network; `tell` is told what is being done."""
    people = len(network.tier.people)
    tell("groups in the server")
    with server.projected(_links(network.graph, directed=False)) as graph:
        groups = {resolution: _best_groups(graph, network, resolution) for resolution in RESOLUTIONS}
    tell("orders in the server")
    with server.projected(_links(network.turned_to, directed=True)) as turned:
        page_rank = _column(turned.page_rank(), people)
        asked = _column(turned.asked_by(), people)
    sources = min(people, MOST_SOURCES)
    with server.projected(_links(network.mutual, directed=False)) as mutual:
        between = _column(mutual.betweenness(sources), people)
    tell("candidates in the server")
    usual = groups[USUAL_RESOLUTION]
    with server.projected(_links(_inside(network.turned_to, usual), directed=True)) as inside:
        standing_there = _column(inside.page_rank(), people)
        turned_by = _column(inside.asked_by(), people)
    candidates = [_best(members, standing_there, turned_by) for members in members_of(usual)]
    return Found(groups, page_rank, asked, between, sources, candidates)


def _best_groups(graph: Projection, network: Network, resolution: float) -> Ints:
    """The groups of highest modularity among as many seeds as we try ourselves; the first of equals."""
    people = len(network.tier.people)
    tried = [_labels(graph.leiden(resolution, seed), people) for seed in range(1, TRIES + 1)]
    quality = [round(modularity(network.graph, alone(label), resolution), 12) for label in tried]
    return tried[int(np.argmax(quality))]


def alone(label: Ints) -> Ints:
    """The same groups, with whoever is in none in a group of their own."""
    return np.where(label >= 0, label, label.max(initial=-1) + 1 + np.arange(len(label)))


def _labels(found: Mapping[int, int], people: int) -> Ints:
    label = np.full(people, -1, np.int64)
    rows = np.fromiter(found, np.int64, len(found))
    if len(rows):
        label[rows] = relabelled(np.fromiter(found.values(), np.int64, len(found)))
    return label


def _column(found: Mapping[int, float], people: int) -> Floats:
    column = np.zeros(people)
    column[np.fromiter(found, np.int64, len(found))] = np.fromiter(found.values(), np.float64, len(found))
    return column


def _inside(matrix: sp.csr_matrix, label: Ints) -> sp.csr_matrix:
    """The ties between people of one group."""
    cells = matrix.tocoo()
    same = (label[cells.row] == label[cells.col]) & (label[cells.row] >= 0)
    return sp.csr_matrix((cells.data[same], (cells.row[same], cells.col[same])), shape=matrix.shape)


def members_of(label: Ints) -> list[Ints]:
    """Rows of the people of each group that has `LEAST`, the largest group first."""
    size = np.bincount(label[label >= 0])
    return [np.flatnonzero(label == group) for group in range(len(size)) if size[group] >= LEAST]


def _best(members: Ints, score: Floats, asked: Floats) -> list[int]:
    """The first of those to whom anybody turns, best first, equal ones by row."""
    some = members[asked[members] > 0]
    return [int(row) for row in some[np.lexsort((some, -np.round(score[some], 9)))][:CANDIDATES]]


def kept_of(found: Found, names: Sequence[str]) -> list[Analysis]:
    """What is written into the graph. `names`: ids of the people, by row."""
    kept = [
        Analysis(
            algorithm="leiden",
            parameters={"resolution": resolution},
            found={names[row]: {"group": int(label[row])} for row in np.flatnonzero(label >= 0).tolist()},
        )
        for resolution, label in found.groups.items()
    ]
    scores: dict[str, tuple[dict[str, Any], Floats]] = {
        "pageRank": ({"ties": "turned to", "damping": DAMPING}, found.page_rank),
        "degree": ({"ties": "turned to", "orientation": "REVERSE"}, found.asked),
        "betweenness": ({"ties": "mutual", "sources": found.sources}, found.between),
    }
    for algorithm, (parameters, column) in scores.items():
        some: dict[str, dict[Column, int | float]] = {
            names[row]: {"score": float(column[row])} for row in np.flatnonzero(column > 0).tolist()
        }
        kept.append(Analysis(algorithm=algorithm, parameters=parameters, found=some))
    first: dict[str, dict[Column, int | float]] = {
        names[row]: {"group": group, "place": place}
        for group, rows in enumerate(found.candidates)
        for place, row in enumerate(rows, 1)
    }
    by = {"resolution": USUAL_RESOLUTION, "by": "pageRank"}
    return [*kept, Analysis(algorithm="champions", parameters=by, found=first)]
