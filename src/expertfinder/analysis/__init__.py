"""The organisation's network as a whole: looked at by the algorithms of a Neo4j server, and held beside our own.

The server gets the ties that the index is made of (`index/network/graph.py`, the shared tier alone), so that what it
finds can be compared with what we find: groups at every resolution, who is turned to, who lies between others, and who
could carry each group. What it found is kept in the graph for analysts; no answer of ours is made of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from expertfinder.analysis.asking import ask_server, kept_of
from expertfinder.analysis.comparing import TOP, Level, Order, champions, levels, orders, tied_in
from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.errors import DeadlinePassed
from expertfinder.index.facts import DETECTED
from expertfinder.index.network.graph import build_network
from expertfinder.index.network.tier import read_shared
from expertfinder.store import Store
from expertfinder.store.algorithms import RUNS, SECONDS, Grounds, algorithms

__all__ = ["TOP", "Level", "Order", "Report", "analyse"]

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run did and how far it agrees with the embedded algorithms."""

    run: str
    library: str
    people: int
    """With ties."""
    ties: int
    """Of the graph that groups are found in."""
    levels: tuple[Level, ...]
    orders: tuple[Order, ...]
    champions: float
    """Mean share of the candidates of a group that both name."""
    champion_groups: int
    results: int
    """Lines written into the graph."""
    seconds: dict[str, float]


def analyse(store: Store, *, seconds: float = SECONDS, runs: int = RUNS, progress: Progress | None = None) -> Report:
    """Run everything, compare it with ours, and keep it in the graph.

    Raises `InvalidQuestion` where the facts are in no server, `StoreError` where the server has no algorithms,
    `StoreUnavailable` where it went away, and `DeadlinePassed`; then nothing is kept.
    """
    clock = _Clock(progress)
    server = algorithms(store, seconds=seconds)
    sequence = store.sequence()
    clock("reading the shared tier")
    network = build_network(read_shared(store, vocabulary()), vocabulary())
    detected = [each for each in store.all("community") if each.source == DETECTED and each.kind == "detected"]
    found = ask_server(server, network, clock)
    clock("our own groups")
    beside = tuple(levels(network, found.groups, detected, clock.left(seconds)))
    clock("our own orders")
    order = tuple(orders(network, found, clock.left(seconds)))
    share, groups = champions(network, found)
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
        levels=beside,
        orders=order,
        champions=share,
        champion_groups=groups,
        results=sum(len(each.found) for each in kept),
        seconds=clock.seconds,
    )


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
                f"the analysis did not end within {seconds:g} seconds and was stopped", seconds=seconds
            )
        return left
