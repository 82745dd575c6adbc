"""`evaluate`: how good is it, on a set with known truth or on one's own judgements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from expertfinder.cli.app import JsonOption, app, bar, emit, out
from expertfinder.errors import SourceError
from expertfinder.evaluation import MEASURES, OURS, Evaluation, evaluate, paired, write_run
from expertfinder.settings import settings


def folder_of(name: str) -> Path:
    """The folder of a set: a path, or a name that is looked for in EXPERTFINDER_SETS."""
    path = Path(name)
    if path.is_dir():
        return path
    for base in settings().sets.split(":"):
        if base and (Path(base) / name).is_dir():
            return Path(base) / name
    raise SourceError("there is no such set; give its folder, or set EXPERTFINDER_SETS to where sets lie", file=name)


@app.command("evaluate")
def evaluate_set(
    folder: Annotated[
        str, typer.Argument(help="Folder of a set in the native format, or its name in EXPERTFINDER_SETS.")
    ],
    queries: Annotated[Path | None, typer.Option("--queries", help="Another queries file.")] = None,
    qrels: Annotated[Path | None, typer.Option("--qrels", help="Another qrels file.")] = None,
    run: Annotated[Path | None, typer.Option("--run", help="Write our ranking as a TREC run to this file.")] = None,
    depth: Annotated[int, typer.Option("--depth", min=1, help="How deep the rankings go.")] = 1000,
    as_json: JsonOption = False,
) -> None:
    """Measure our ranking beside the baselines, with bootstrap intervals."""
    with bar() as advance:
        found = evaluate(
            folder_of(folder), queries=queries, qrels=qrels, depth=depth, progress=lambda d, t: advance("asking", d, t)
        )
    if run is not None:
        write_run(found.run, run)
    if as_json:
        emit(
            {
                name: getattr(found, name)
                for name in ("folder", "queries", "judged", "figures", "abstained", "confidence", "groups")
            }
        )
        return
    _show(found)


def _show(found: Evaluation) -> None:
    out.print(
        f"{found.folder}: {found.queries} queries, {found.judged:,} people; mean [95 % interval over queries]",
        markup=False,
    )
    table = Table("method", *MEASURES, "MAP of ours minus it, paired", box=None, pad_edge=False)
    for method, figures in found.figures.items():
        cells = [f"{figures[m].mean:.3f} \\[{figures[m].low:.3f}, {figures[m].high:.3f}]" for m in MEASURES]
        difference = ""
        if method != OURS:
            gap = paired(found.per_query[OURS], found.per_query[method])
            difference = f"{gap.mean:+.3f} \\[{gap.low:+.3f}, {gap.high:+.3f}]"
        table.add_row(f"[bold]{method}[/bold]" if method == OURS else method, *cells, difference)
    out.print(table)
    if found.groups:
        groups = Table("MAP by kind of query", *next(iter(found.groups.values())), box=None, pad_edge=False)
        for group, means in found.groups.items():
            groups.add_row(group, *(f"{value:.3f}" for value in means.values()))
        out.print(groups)
    out.print(f"abstained: {found.abstained:.1%}")
    for word, (number, right) in found.confidence.items():
        out.print(f"{word} confidence: {number} answers, a relevant person among the first three in {right:.0%}")
