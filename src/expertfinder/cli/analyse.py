"""`analyse`: the network as a whole, by the algorithms of the Neo4j server that keeps the facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from expertfinder.cli.app import app, bar, emit, existing, out
from expertfinder.cli.options import HomeOption, JsonOption
from expertfinder.store.algorithms import RUNS, SECONDS

if TYPE_CHECKING:
    from expertfinder.ask.organisation.analysis import Report


@app.command("analyse")
def analyse_network(
    seconds: Annotated[float, typer.Option(min=1.0, help="For all of it; then it is stopped.")] = SECONDS,
    keep: Annotated[int, typer.Option(min=1, help="Runs whose results are kept, this one included.")] = RUNS,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find groups, central people and champion candidates in the server, and keep them there.

    Made of what the whole organisation may read. Needs a record in Neo4j with its graph algorithms. For analysts: no
    answer is made of it.
    """
    from expertfinder.ask.organisation.analysis import analyse
    from expertfinder.store import AuditEntry

    store = existing(home).open_store()
    try:
        with bar() as advance:
            report = analyse(store, seconds=seconds, runs=keep, progress=advance)
        store.write_audit(AuditEntry(at=datetime.now(UTC), actor="prompt", event="analyse", detail=report.run))
    finally:
        store.close()
    if as_json:
        emit(report)
        return
    _show(report)


def _show(report: Report) -> None:
    out.print(f"{report.people:,} people with {report.ties:,} ties among them; graph algorithms {report.library}")
    table = Table("resolution", "groups")
    table.box, table.pad_edge = None, False
    for resolution, groups in report.groups.items():
        table.add_row(resolution, str(groups))
    out.print(table)
    total = sum(report.seconds.values())
    out.print(f"run {report.run} is in the graph ({report.results:,} results), done in {total:.1f} s")
    out.print("next: MATCH (p:Person)-[f:FOUND]->(a:Analysis {current: true}) ..., see graph/README.md", markup=False)
