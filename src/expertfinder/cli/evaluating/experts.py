"""`evaluate --task experts`: the ranking beside the baselines, and beside results that were saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from expertfinder.cli.app import bar, emit, out
from expertfinder.configuration.settings import settings
from expertfinder.evaluation import (
    MEASURES,
    OURS,
    WORST,
    Comparison,
    Evaluation,
    Figure,
    How,
    Results,
    compare,
    evaluate,
    figure,
    paired,
    results,
    write_run,
    written,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Files to write besides the printed figures, and a file to compare with."""

    run: Path | None
    """To write: our ranking as a TREC run."""
    save: Path | None
    """To write: the measures of every query."""
    against: Path | None
    """To read: what was saved earlier, to compare with."""


def evaluate_experts(
    folder: Path,
    *,
    queries: Path | None,
    qrels: Path | None,
    depth: int,
    ablation: bool,
    files: Files,
    as_json: bool,
) -> bool:
    """Measure the ranking on a set and print the figures.

    Returns whether the ranking is worse than the saved results; false where nothing is compared.
    """
    how = How(depth=depth, encoder=settings().encoder, ablation=ablation)
    with bar() as advance:
        found = evaluate(folder, queries=queries, qrels=qrels, how=how, progress=lambda d, t: advance("asking", d, t))
    if files.run is not None:
        write_run(found.run, files.run)
    now = results(found)
    if files.save is not None:
        now.write(files.save)
    then = None
    if files.against is not None:
        then = written(files.against, name=found.folder, digest=found.digest)
    change = compare(now, then) if then is not None else None
    if as_json:
        emit(plain(found, change))
    else:
        show(found)
        if found.without:
            _show_ablation(found)
        if then is not None and change is not None:
            _show_change(then, change)
    return change is not None and change.worse


def plain(found: Evaluation, change: Comparison | None = None) -> dict[str, Any]:
    """The figures for JSON, and the difference to earlier results where there is one."""
    names = ("folder", "queries", "judged", "figures", "abstained", "confidence", "groups", "exposure")
    answer: dict[str, Any] = {name: getattr(found, name) for name in names}
    if found.without:
        answer["without"] = {part: _gain(found, values) for part, values in found.without.items()}
    if change is not None:
        answer["against"] = {"differences": change.differences, "groups": change.groups, "worse": change.worse}
    return answer


def _spread(of: Figure, form: str = ".3f") -> str:
    return f"{of.mean:{form}} \\[{of.low:{form}}, {of.high:{form}}]"


def show(found: Evaluation) -> None:
    """Print the figures as a table."""
    out.print(
        f"{found.folder}: {found.queries} queries, {found.judged:,} people; mean [95 % interval over queries]",
        markup=False,
    )
    table = Table("method", *MEASURES, "MAP of ours minus it, paired", box=None, pad_edge=False)
    for method, figures in found.figures.items():
        cells = [_spread(figures[label]) for label in MEASURES]
        difference = ""
        if method != OURS:
            difference = _spread(paired(found.per_query[OURS], found.per_query[method]), "+.3f")
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
    spread = found.exposure
    out.print(
        f"exposure: the 5 % of people who are shown most hold {spread.held_by_few:.0%} of the first three places; "
        f"Gini of places in a top ten {spread.gini:.2f}; {spread.covered:.0%} of those with evidence are ever in one"
    )


def _gain(found: Evaluation, without: dict[str, float]) -> Figure:
    """What a part adds to MAP: with it minus without it, paired."""
    return paired(found.per_query[OURS], without)


def _show_ablation(found: Evaluation) -> None:
    rows = found.members or {found.folder: list(found.per_query[OURS])}
    table = Table("left out", *(f"MAP, {row}" for row in rows), "what it adds, paired", box=None, pad_edge=False)
    everything = found.per_query[OURS]
    for part, values in (("[bold]nothing[/bold]", everything), *found.without.items()):
        means = [f"{figure([values[name] for name in names]).mean:.3f}" for names in rows.values()]
        table.add_row(part, *means, "" if values is everything else _spread(_gain(found, values), "+.3f"))
    out.print(table)


def _show_change(then: Results, change: Comparison) -> None:
    code, encoder = then.code, then.encoder["name"]
    commit = f", commit {code['commit']}{' and changes' if code.get('changed') else ''}" if "commit" in code else ""
    out.print(f"against version {code['version']}{commit}, encoder {encoder}: now minus then, paired", markup=False)
    table = Table("measure", "difference", box=None, pad_edge=False)
    for label, difference in change.differences.items():
        table.add_row(label, _spread(difference, "+.4f"))
    for group, difference in change.groups.items():
        table.add_row(f"MAP, {group}", _spread(difference, "+.4f"))
    out.print(table)
    low = change.differences["MAP"].low
    verdict = "worse" if change.worse else "not worse"
    out.print(f"{verdict}: the lower bound of MAP is {low:+.4f}, the limit is {WORST}", markup=False)
