"""`replay`: what it would cost in quality to spread questions over more people, tried on questions of the past."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from expertfinder.cli.app import app, bar, emit, out
from expertfinder.cli.evaluating.evaluate import folder_of
from expertfinder.cli.options import JsonOption


@app.command("replay")
def replay_set(
    folder: Annotated[str, typer.Argument(help="Folder of a set with rolling questions (queries_stream.jsonl).")],
    days: Annotated[int, typer.Option("--days", min=1, help="Asks of so many days count.")] = 30,
    as_json: JsonOption = False,
) -> None:
    """What would it cost to spread asks? Questions of the past in their order, with and without the rules for load."""
    from expertfinder.evaluation.replay import replay

    with bar() as advance:
        found = replay(folder_of(folder), days=days, progress=lambda done, total: advance("asking", done, total))
    if as_json:
        emit(found)
        return
    out.print(f"{found.folder}: {found.asks:,} questions; asks of {found.days} days count", markup=False)
    table = Table("who was asked often", "largest share", "Gini", "people asked", "nDCG@10", "lost", box=None)
    for one in found.spreads:
        rule = f"{one.rule} after {one.limit}" if one.limit else one.rule
        table.add_row(
            rule,
            f"{one.largest:.3f}",
            f"{one.gini:.3f}",
            f"{one.people:,}",
            f"{one.quality.mean:.3f}",
            f"{-one.lost.mean:+.3f} ({-one.lost.high:+.3f} to {-one.lost.low:+.3f})",
        )
    out.print(table)
