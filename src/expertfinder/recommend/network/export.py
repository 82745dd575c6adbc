"""The network as nodes and ties, one after the other, for an export: the shared tier alone, as a viewer sees it.

Nodes are people and communities; ties are `tie` (once a pair: every act between two people, whichever way), `turned
to` (directed) and `member`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp

from expertfinder.index.network.view import NetworkView


@dataclass(frozen=True, slots=True)
class Node:
    """A person or a community."""

    id: str
    kind: Literal["person", "declared", "detected"]
    name: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A tie by the ids of its ends. Weights of people's ties are logarithms of one plus the number of acts; that of a
    member is 1, or in a detected community the share of one's links that lie in it."""

    source: str
    target: str
    kind: Literal["tie", "turned to", "member"]
    weight: float


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes and ties to export, and how many of each."""

    net: NetworkView

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return int(self.net.seen.here.sum()) + len(self.net.communities)

    @property
    def edges(self) -> int:
        """How many ties there are."""
        return int(self.net.mutual.nnz // 2 + self.net.turned_to.nnz + self.net.member.nnz)

    def each_node(self) -> Iterator[Node]:
        """People by id, then communities by id."""
        people = self.net.seen.snapshot.people
        for row in self._by_id():
            yield Node(people[row].id, "person", people[row].name, people[row].org_unit)
        for community in self.net.communities:
            kind: Literal["declared", "detected"] = "detected" if community.kind == "detected" else "declared"
            yield Node(community.id, kind, community.name)

    def each_edge(self) -> Iterator[Edge]:
        """Ties of one kind after the other, by the id of the first end, then of the second."""
        people, place = self.net.seen.snapshot.people, self.net.seen.by_id
        for row in self._by_id():
            for other, weight in self._of(self.net.mutual, row):
                if place[row] < place[other]:
                    yield Edge(people[row].id, people[other].id, "tie", weight)
        for row in self._by_id():
            for other, weight in self._of(self.net.turned_to, row):
                yield Edge(people[row].id, people[other].id, "turned to", weight)
        ties = self.net.seen.snapshot.ties
        column = {name: n for n, name in enumerate(ties.detected)}
        for row in self._by_id():
            for at in sorted(self.net.member[[row]].indices.tolist()):
                community = self.net.communities[at].id
                known = community in column and row < ties.strength.shape[0]
                share = float(ties.strength[row, column[community]]) if known else 1.0
                yield Edge(people[row].id, community, "member", share or 1.0)

    def _by_id(self) -> list[int]:
        rows = np.flatnonzero(self.net.seen.here)
        return [int(row) for row in rows[np.argsort(self.net.seen.by_id[rows])]]

    def _of(self, matrix: sp.csr_matrix, row: int) -> list[tuple[int, float]]:
        start, end = int(matrix.indptr[row]), int(matrix.indptr[row + 1])
        cells = zip(matrix.indices[start:end].tolist(), matrix.data[start:end].tolist(), strict=True)
        return sorted(cells, key=lambda cell: int(self.net.seen.by_id[cell[0]]))
