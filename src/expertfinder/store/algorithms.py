"""Whole-graph algorithms in the server that keeps the facts: what callers may ask of them.

Only a Neo4j server has algorithms (`neo4j/algorithms.py`); a record in a file has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from expertfinder.errors import InvalidQuestion
from expertfinder.store.protocol import Store

SEED: Final = 7
"""Seed of the draw of the people from whom betweenness is counted; fixed, so that the same ties give one answer."""
DAMPING: Final = 0.85
"""The usual share of steps that follow a tie (Page et al. 1999)."""
TOLERANCE: Final = 1e-9
"""PageRank ends when a round changes no score by more than this."""
SECONDS: Final = 900.0
"""Seconds that all algorithms of one run may take together, unless the caller names another limit. 10,000 people take a
fraction of it (`docs/neo4j.md`)."""
RUNS: Final = 2
"""Runs whose results are kept: the current one, and the one before to compare with."""

Column = Literal["group", "score", "place"]
"""What a tie `FOUND` says of a person: the number of the group, the score, or the place (from 1) in the group."""


@dataclass(frozen=True, slots=True)
class Links:
    """Ties between people, who are numbers of rows. Columns have an entry a tie: one end, the other end, the strength.

    A tie that is not directed has one entry, not two.
    """

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
    """Number of people in the shared tier."""


class Projection(Protocol):
    """Ties in the memory of a server. Answers are by the row of a person; a person without a tie is in no answer."""

    def leiden(self, resolution: float, seed: int) -> dict[int, int]:
        """Row -> number of the group (Leiden, Traag et al. 2019). The numbers only tell groups apart."""
        ...

    def page_rank(self) -> dict[int, float]:
        """Row -> PageRank along the ties."""
        ...

    def betweenness(self, sources: int) -> dict[int, float]:
        """Row -> on how many shortest paths the person lies (Brandes 2001), from `sources` people drawn at random."""
        ...

    def asked_by(self) -> dict[int, float]:
        """Row -> how many different people turn to the person."""
        ...


class Algorithms(Protocol):
    """The algorithms of a server. One thread and a seed: the same ties give the same answer."""

    @property
    def version(self) -> str:
        """The version of the server's algorithms."""
        ...

    def projected(self, links: Links) -> AbstractContextManager[Projection]:
        """A projection of these ties, until the end of the block.

        Raises `DeadlinePassed`, and `StoreUnavailable` where the server went away.
        """
        ...

    def keep(self, analyses: Sequence[Analysis], grounds: Grounds, *, runs: int) -> str:
        """Write results as one run, make it the current run, and delete all but the newest `runs`. Returns its name.

        Results are no facts: they take no number in the log of changes, and go neither into an export nor into a copy.
        """
        ...


def algorithms(store: Store, *, seconds: float) -> Algorithms:
    """The algorithms of the server that keeps these facts. All calls together must end within `seconds` from now.

    Raises `InvalidQuestion` where a file keeps the facts, `StoreError` where the server has no algorithms.
    """
    made = getattr(store, "algorithms", None)
    if made is None:
        raise InvalidQuestion(
            "the facts are in a file, which has no algorithms: `expertfinder copy` them to a Neo4j server and name it"
            " in EXPERTFINDER_RECORD"
        )
    found: Algorithms = made(seconds=seconds)
    return found
