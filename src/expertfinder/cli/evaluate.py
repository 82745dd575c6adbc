"""`evaluate`: how good is it, on a set with known truth or on one's own judgements, and has it become worse."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from expertfinder.cli.app import JsonOption, app, bar, emit, out
from expertfinder.cli.assess import assess_set
from expertfinder.errors import InvalidQuestion, SourceError
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
from expertfinder.settings import settings


def folder_of(name: str) -> Path:
    """The folder of a set: a path, or a name that is looked for in EXPERTFINDER_SETS."""
    path = Path(name)
    if path.is_dir():
        return path
    for base in settings().sets.split(os.pathsep):
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
    task: Annotated[
        str,
        typer.Option(
            "--task",
            help="experts: who knows this; assess: how well a person does (triples.tsv); communities, champions, "
            "next-lead, authority, reach, membership: the network beside known truth.",
        ),
    ] = "experts",
    assignments: Annotated[
        Path | None,
        typer.Option("--assignments", help="Write person and community to this file, for --task communities."),
    ] = None,
    triples: Annotated[Path | None, typer.Option("--triples", help="Another triples file, for --task assess.")] = None,
    depth: Annotated[int, typer.Option("--depth", min=1, help="How deep the rankings go.")] = 1000,
    ablation: Annotated[
        bool, typer.Option("--ablation", help="Also leave each part out, for experts and for communities.")
    ] = False,
    save: Annotated[
        Path | None, typer.Option("--save", help="Write the measures of every query to this file, for --against.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            help="Compare with results that were saved, query by query. The exit code is 1 when the lower bound of the "
            f"paired 95 % interval of MAP is below {WORST}, and 0 otherwise; results of another set are refused.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure our ranking beside the baselines, with bootstrap intervals."""
    if task == "assess":
        assess_set(folder_of(folder), queries=queries, triples=triples, as_json=as_json)
        return
    if task != "experts":
        from expertfinder.cli.evaluate_network import TASKS, Besides, evaluate_network

        if task not in TASKS:
            raise InvalidQuestion(f"the task is experts, assess, {', '.join(TASKS)}", task=task)
        besides = Besides(assignments=assignments, run=run, ablation=ablation)
        evaluate_network(task, folder_of(folder), besides, as_json=as_json)
        return
    how = How(depth=depth, encoder=settings().encoder, ablation=ablation)
    with bar() as advance:
        found = evaluate(
            folder_of(folder), queries=queries, qrels=qrels, how=how, progress=lambda d, t: advance("asking", d, t)
        )
    if run is not None:
        write_run(found.run, run)
    now = results(found)
    if save is not None:
        now.write(save)
    then = written(against, name=found.folder, digest=found.digest) if against is not None else None
    change = compare(now, then) if then is not None else None
    if as_json:
        emit(_plain(found, change))
    else:
        _show(found)
        if found.without:
            _show_ablation(found)
        if then is not None and change is not None:
            _show_change(then, change)
    if change is not None and change.worse:
        raise typer.Exit(1)


def _plain(found: Evaluation, change: Comparison | None) -> dict[str, Any]:
    names = ("folder", "queries", "judged", "figures", "abstained", "confidence", "groups", "exposure")
    answer: dict[str, Any] = {name: getattr(found, name) for name in names}
    if found.without:
        answer["without"] = {part: _gain(found, values) for part, values in found.without.items()}
    if change is not None:
        answer["against"] = {"differences": change.differences, "groups": change.groups, "worse": change.worse}
    return answer


def _spread(of: Figure, form: str = ".3f") -> str:
    return f"{of.mean:{form}} \\[{of.low:{form}}, {of.high:{form}}]"


def _show(found: Evaluation) -> None:
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
