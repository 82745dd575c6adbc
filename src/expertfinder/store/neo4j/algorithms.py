"""Whole-graph algorithms in a Neo4j server (its Graph Data Science library), and what they found, kept in the graph.

Each piece of work has a projection of its own, which is dropped in the end, whatever happens. A process that died may
leave a projection behind; a later process drops it. One thread and a seed are used, so that the same ties give the same
answer. Ties travel to the server as numbers: the projection knows rows of people, not the nodes of the graph.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, Final

from expertfinder.errors import DeadlinePassed, StoreError, StoreUnavailable
from expertfinder.store.algorithms import DAMPING, SEED, TOLERANCE, Analysis, Grounds, Links
from expertfinder.store.neo4j import shape
from expertfinder.store.neo4j.server import Server, Transaction

DROP_SECONDS: Final = 5.0
"""Seconds for which dropping a projection is tried."""
PROJECTION: Final = "expertfinder-analysis-"
"""What the names of our projections begin with. Then follow the second (since 1970) from which on nobody uses the
projection any more, and a random number."""
GRACE: Final = 60
"""Seconds by which the clocks of two machines may differ."""
ROUNDS: Final = 200
"""Rounds of PageRank at most; the tolerance ends it long before."""
ALL_ALONE: Final = 'LeidenResult.dendrogramManager()" is null'
"""Part of the error that the library (2.13 and 2.26) gives, in place of an answer, where no two people belong in one
group."""
AT_ONCE: Final = 5_000
"""Results that are written or taken away in one transaction: a fraction of a second, in which other writers wait."""


class Neo4jAlgorithms:
    """The algorithms of one server. All calls must end within `seconds` after this object was made."""

    def __init__(self, server: Server, *, seconds: float) -> None:
        """Raises `StoreError` where the server has no algorithms."""
        self._server = server
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        [there] = server.ask("SHOW FUNCTIONS YIELD name WHERE name = 'gds.version' RETURN count(*)")
        if not there:
            raise StoreError(
                f"the server at {server.where.url} has no graph algorithms: give it the plugin graph-data-science,"
                " see docs/neo4j.md"
            )
        self.version: str = server.ask("RETURN gds.version()")[0]
        self._drop_left_behind()

    def _ask(self, statement: str, **parameters: Any) -> list[Any]:
        """Ask the server that takes writes: a projection lives in the memory of one server of a cluster."""
        left = self._end - time.monotonic()

        async def work(transaction: Transaction) -> list[Any]:
            return await transaction.ask(statement, **parameters)

        try:
            if left > 0:
                return self._server.within(left, work)
        except StoreUnavailable:
            if time.monotonic() < self._end:
                raise
        raise DeadlinePassed(
            f"the algorithms of {self._server.where.url} did not end within {self._seconds:g} seconds and were stopped",
            seconds=self._seconds,
        )

    def _drop_left_behind(self) -> None:
        """Drop projections of ours that nobody can be using any more."""
        [names] = self._server.ask(
            "CALL gds.graph.list() YIELD graphName WHERE graphName STARTS WITH $ours RETURN collect(graphName)",
            ours=PROJECTION,
        )
        for name in names:
            used_until = name.removeprefix(PROJECTION).partition("-")[0]
            if used_until.isdecimal() and int(used_until) < time.time():
                self._drop(name)

    def _drop(self, name: str) -> None:
        """Drop a projection, if it is there. If the server is away for `DROP_SECONDS`, a later process drops it."""

        async def work(transaction: Transaction) -> None:
            await transaction.do("CALL gds.graph.drop($name, false) YIELD graphName", name=name)

        end = time.monotonic() + DROP_SECONDS
        while True:
            with suppress(StoreUnavailable):  # just after work was stopped the server refuses everybody
                return self._server.look(work)
            if time.monotonic() > end:
                return None
            time.sleep(0.2)

    @contextmanager
    def projected(self, links: Links) -> Iterator[Neo4jProjection]:
        """A projection of these ties, until the end of the block.

        Raises `DeadlinePassed`, and `StoreUnavailable` where the server went away.
        """
        used_until = int(time.time() + max(self._end - time.monotonic(), 0.0)) + GRACE
        name = f"{PROJECTION}{used_until}-{token_hex(8)}"
        if not links.one:  # the server makes no projection of nothing
            yield Neo4jProjection(name, links, lambda *_, **__: ([], []))
            return
        try:
            self._ask(
                "UNWIND range(0, size($one) - 1) AS place"
                " RETURN gds.graph.project($name, $one[place], $other[place],"
                " {relationshipProperties: {weight: $weight[place]}}, {undirectedRelationshipTypes: $both}) AS made",
                name=name,
                one=list(links.one),
                other=list(links.other),
                weight=list(links.weight),
                both=[] if links.directed else ["*"],
            )
            yield Neo4jProjection(name, links, self._ask)
        finally:
            self._drop(name)

    def keep(self, analyses: Sequence[Analysis], grounds: Grounds, *, runs: int) -> str:
        """Write results as one run, make it the current run, and delete all but the newest `runs`. Returns its name."""
        run = token_hex(8)
        at = datetime.now(UTC)
        try:
            for number, analysis in enumerate(analyses):
                row = {
                    "id": f"{run}-{number}",
                    "run": run,
                    "at": at,
                    "sequence": grounds.sequence,
                    "people": grounds.people,
                    "tier": "shared",
                    "library": self.version,
                    "algorithm": analysis.algorithm,
                    "parameters": json.dumps(analysis.parameters),
                    "current": False,
                }
                _write(self._server, row, analysis)
            self._server.write(lambda t: t.do(PUBLISH, run=run))
        except StoreError:
            with suppress(StoreError):
                _forget(self._server, [run])
            raise
        _forget(self._server, self._server.ask(OLD, runs=max(runs, 1))[0])
        return run


class Neo4jProjection:
    """Ties in the memory of the server. Answers are by the row of a person; a person without a tie is in no answer."""

    def __init__(self, name: str, links: Links, ask: Any) -> None:
        self._name = name
        self._rows = sorted({*links.one, *links.other})
        self._ask = ask

    def leiden(self, resolution: float, seed: int) -> dict[int, int]:
        """Row -> number of the group (Leiden, Traag et al. 2019). The numbers only tell groups apart."""
        said = {"gamma": resolution, "randomSeed": seed, "relationshipWeightProperty": "weight"}
        try:
            return self._stream("leiden", "communityId", **said)
        except StoreError as error:
            if ALL_ALONE not in str(error):
                raise
            return {row: row for row in self._rows}

    def page_rank(self) -> dict[int, float]:
        """Row -> PageRank along the ties."""
        return self._stream(
            "pageRank",
            "score",
            relationshipWeightProperty="weight",
            dampingFactor=DAMPING,
            tolerance=TOLERANCE,
            maxIterations=ROUNDS,
        )

    def betweenness(self, sources: int) -> dict[int, float]:
        """Row -> on how many shortest paths the person lies (Brandes 2001), from `sources` people drawn at random."""
        return self._stream("betweenness", "score", samplingSize=sources, samplingSeed=SEED)

    def asked_by(self) -> dict[int, float]:
        """Row -> how many different people turn to the person."""
        return self._stream("degree", "score", orientation="REVERSE")

    def _stream(self, algorithm: str, column: str, **said: Any) -> dict[int, Any]:
        rows, values = self._ask(
            f"CALL gds.{algorithm}.stream($name, $said) YIELD nodeId, {column}"
            f" RETURN collect(nodeId), collect({column})",
            name=self._name,
            said=said | {"concurrency": 1},
        )
        return dict(sorted(zip(rows, values, strict=True)))


# --- what is kept ----------------------------------------------------------------------------------------------------

CREATE: Final = "CREATE (analysis:Analysis) SET analysis = $row"
FOUND: Final = """
MATCH (analysis:Analysis {id: $id})
UNWIND range(0, size($people) - 1) AS place
MATCH (person:Person {id: $people[place]}) WHERE person.hash IS NOT NULL AND NOT person.hidden
CREATE (person)-[found:FOUND]->(analysis)
SET found = $found[place]"""
"""Writes nothing about people who were erased, taken back or hidden since the ties were read."""
PUBLISH: Final = "MATCH (analysis:Analysis) SET analysis.current = (analysis.run = $run)"
OLD: Final = """
MATCH (analysis:Analysis)
WITH analysis.run AS run, max(analysis.at) AS at ORDER BY at DESC, run SKIP $runs
RETURN collect(run)"""
FORGET: Final = """
MATCH (analysis:Analysis) WHERE analysis.run IN $runs
MATCH (analysis)<-[found:FOUND]-()
WITH found LIMIT $limit
DELETE found
RETURN count(*)"""
FORGET_RUNS: Final = "MATCH (analysis:Analysis) WHERE analysis.run IN $runs DETACH DELETE analysis"


def _write(server: Server, row: dict[str, Any], analysis: Analysis) -> None:
    server.write(lambda t: t.do(CREATE, row=row))
    people = sorted(analysis.found)
    for start in range(0, len(people), AT_ONCE):
        part = people[start : start + AT_ONCE]

        async def work(transaction: Transaction, part: list[str] = part) -> None:
            await transaction.lock(shape.LOCK, name="change")  # nobody is erased or hidden meanwhile
            found = [analysis.found[person] for person in part]
            await transaction.do(FOUND, id=row["id"], people=part, found=found)

        server.write(work, rows=len(part))


def _forget(server: Server, runs: Sequence[str]) -> None:
    """Take away the results of runs."""
    while runs and server.write(lambda t: t.ask(FORGET, runs=runs, limit=AT_ONCE), rows=AT_ONCE) != [0]:
        pass
    if runs:
        server.write(lambda t: t.do(FORGET_RUNS, runs=runs))
