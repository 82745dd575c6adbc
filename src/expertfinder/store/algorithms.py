"""Whole-graph algorithms in the server that keeps the facts, as whoever asks for them sees it.

Only a Neo4j server has them (`neo4j_analysis.py`); a record in a file has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from expertfinder.errors import InvalidQuestion
from expertfinder.store.protocol import Store

SEED: Final = 7
"""Of whom betweenness is counted from."""
DAMPING: Final = 0.85
"""The usual share of steps that follow a tie (Page et al. 1999)."""
TOLERANCE: Final = 1e-9
"""So near to its end PageRank goes."""
SECONDS: Final = 900.0
"""For all that one run asks, if nothing else is said: 10,000 people take a fraction (`docs/neo4j.md`)."""
RUNS: Final = 2
"""Runs whose results are kept: the current one, and the one before to compare with."""

Column = Literal["group", "score", "place"]
"""What a tie `FOUND` says: the number of one's group, how much, or the how-manieth."""


@dataclass(frozen=True, slots=True)
class Links:
    """Ties between rows of people: one end, the other, how strong. Undirected ones stand once."""

    one: Sequence[int]
    other: Sequence[int]
    weight: Sequence[float]
    directed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What one algorithm found, as it is kept: see `graph/README.md`."""

    algorithm: str
    parameters: dict[str, Any]
    """Text, whole numbers and fractions only."""
    found: dict[str, dict[Column, int | float]]
    """Id of a person -> what was found of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a run was made of."""

    sequence: int
    """The number of the last change that was there when reading began."""
    people: int
    """In the shared tier."""


class Projection(Protocol):
    """Ties in the memory of a server. Answers are row -> what was found; who has no tie is in none."""

    def leiden(self, resolution: float, seed: int) -> dict[int, int]:
        """Groups (Traag et al. 2019); their numbers mean nothing."""
        ...

    def page_rank(self) -> dict[int, float]:
        """PageRank along the ties."""
        ...

    def betweenness(self, sources: int) -> dict[int, float]:
        """On how many shortest ways somebody lies (Brandes 2001), counted from so many people drawn by chance."""
        ...

    def asked_by(self) -> dict[int, float]:
        """How many different others turn to somebody."""
        ...


class Algorithms(Protocol):
    """The algorithms of a server. One thread and a seed: the same ties give the same answer."""

    @property
    def version(self) -> str:
        """Of the algorithms."""
        ...

    def projected(self, links: Links) -> AbstractContextManager[Projection]:
        """A projection of these ties, until the end of the block.

        Raises `DeadlinePassed`, and `StoreUnavailable` where the server went away.
        """
        ...

    def keep(self, analyses: Sequence[Analysis], grounds: Grounds, *, runs: int) -> str:
        """Write what was found as a run, make it the current one, and take away all but the newest `runs`. Its name.

        Results are no facts: they take no number in the log of changes, and go neither into an export nor into a copy.
        """
        ...


def algorithms(store: Store, *, seconds: float) -> Algorithms:
    """The algorithms of the server that keeps these facts, all of which have to be over in so many seconds.

    Raises `InvalidQuestion` where a file keeps them, `StoreError` where the server has no algorithms.
    """
    made = getattr(store, "algorithms", None)
    if made is None:
        raise InvalidQuestion(
            "the facts are in a file, which has no algorithms: `expertfinder copy` them to a Neo4j server and name it"
            " in EXPERTFINDER_RECORD"
        )
    found: Algorithms = made(seconds=seconds)
    return found
