"""`evaluate`: how good the ranking is on a set with known truth or own judgements, and whether it became worse."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from expertfinder.cli.app import app
from expertfinder.cli.assess import assess_set
from expertfinder.cli.options import JsonOption
from expertfinder.configuration.settings import settings
from expertfinder.errors import InvalidQuestion, SourceError


def folder_of(name: str) -> Path:
    """The folder of a set: a path, or a name that is looked for in the folders of EXPERTFINDER_SETS, in their order.

    Raises `SourceError` where there is none.
    """
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
        str,
        typer.Argument(
            help="Folder of a set in the native format, or its name in EXPERTFINDER_SETS; `owners` for a REPOSITORY."
        ),
    ],
    repository: Annotated[
        Path | None,
        typer.Argument(help="After `owners`: a git repository with a MAINTAINERS or CODEOWNERS file."),
    ] = None,
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
            "paired 95 % interval of MAP is below -0.01, and 0 otherwise; results of another set are refused.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure our ranking beside the baselines, with bootstrap intervals.

    `evaluate owners REPOSITORY` makes a set of any git repository that says who owns what, asks it, and puts beside it
    who made most commits on the owned paths.
    """
    if repository is not None:
        if folder != "owners":
            raise InvalidQuestion("one set at a time; a repository stands after `owners`: evaluate owners REPOSITORY")
        from expertfinder.cli.evaluating.owners import show_owners

        show_owners(repository, depth=depth, as_json=as_json)
        return
    if task == "assess":
        assess_set(folder_of(folder), queries=queries, triples=triples, as_json=as_json)
        return
    if task != "experts":
        from expertfinder.cli.evaluating.network import TASKS, Besides, evaluate_network

        if task not in TASKS:
            raise InvalidQuestion(f"the task is experts, assess, {', '.join(TASKS)}", task=task)
        besides = Besides(assignments=assignments, run=run, ablation=ablation)
        evaluate_network(task, folder_of(folder), besides, as_json=as_json)
        return
    from expertfinder.cli.evaluating.experts import Files, evaluate_experts

    worse = evaluate_experts(
        folder_of(folder),
        queries=queries,
        qrels=qrels,
        depth=depth,
        ablation=ablation,
        files=Files(run=run, save=save, against=against),
        as_json=as_json,
    )
    if worse:
        raise typer.Exit(1)
