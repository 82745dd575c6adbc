"""`evaluate --task communities|champions|next-lead|authority|reach|membership`: the network beside known truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from expertfinder.cli.app import emit, out
from expertfinder.evaluation import Figure, write_run
from expertfinder.evaluation.network.ablation import HALVES, Without
from expertfinder.evaluation.network.agreement import Agreement
from expertfinder.evaluation.network.champions import (
    FEWEST_MEMBERS,
    OPEN_FEWEST,
    SET,
    evaluate_authority,
    evaluate_champions,
    evaluate_next_lead,
)
from expertfinder.evaluation.network.communities import evaluate_communities, write_assignments
from expertfinder.evaluation.network.membership import evaluate_membership
from expertfinder.evaluation.network.reach import SIZE, evaluate_reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Besides:
    """What is wanted besides the figures: files to write, and whether each ingredient is left out in turn."""

    assignments: Path | None = None
    run: Path | None = None
    ablation: bool = False


Asked = Callable[[Path, Besides], tuple[Any, Callable[[Any], None]]]


def evaluate_network(task: str, folder: Path, besides: Besides, *, as_json: bool) -> None:
    """Run one task (a key of `TASKS`) on a set and print its figures."""
    found, show = TASKS[task](folder, besides)
    if as_json:
        emit({name: getattr(found, name) for name in found.__slots__ if name not in ("run", "assignments")})
    else:
        show(found)


def _communities(folder: Path, besides: Besides) -> tuple[Any, Callable[[Any], None]]:
    found = evaluate_communities(folder, ablation=HALVES if besides.ablation else 0)
    if besides.assignments is not None:
        write_assignments(found, besides.assignments)
    return found, _show_communities


def _champions(folder: Path, besides: Besides) -> tuple[Any, Callable[[Any], None]]:
    found = evaluate_champions(folder)
    if besides.run is not None:
        write_run(found.run, besides.run)
    return found, _show_champions


def _plain(work: Callable[[Path], Any], show: Callable[[Any], None]) -> Asked:
    return lambda folder, besides: (work(folder), show)


def _show_communities(found: Any) -> None:
    out.print(
        f"{found.folder}: {found.people:,} people with a declared community and evidence; resolution "
        f"{found.resolution:.2f}, {found.default.found} of our communities beside {found.default.declared} declared; "
        f"AMI and ARI over the {found.default.alone} people with one declared community",
        markup=False,
    )
    table = Table("", "AMI", "ARI", "omega", "F1", "F1, declared side", box=None, pad_edge=False)
    rows: dict[str, Agreement] = {
        "as users see them": found.default,
        "without its overlaps": found.partition,
        "resolution 1": found.resolution_one,
        "people exchanged at random": found.shuffled,
    }
    for name, row in rows.items():
        table.add_row(name, *(f"{value:.3f}" for value in (row.ami, row.ari, row.omega, row.f1, row.f1_declared)))
    table.add_row("oracle: best of seven levels, each", *(f"{value:.3f}" for value in found.oracle.values()), "")
    out.print(table)
    if found.without:
        _show_without(found.without)


def _show_without(without: Mapping[str, Without]) -> None:
    names = ("AMI", "omega", "F1")
    table = Table("without", "resolution", *(f"{name}, less the whole" for name in names), box=None, pad_edge=False)
    for name, left in without.items():
        cells = (f"{each.mean:+.3f} ({each.low:+.3f} to {each.high:+.3f})" for each in left.less.values())
        table.add_row(name, f"{left.resolution:.2f}", *cells)
    out.print(table)
    out.print(
        "in brackets the 95 % interval over people, paired; nothing smaller than what another seed moves is told apart"
    )


def _figures(table: Table, rows: Mapping[str, Mapping[str, Figure]]) -> None:
    for name, figures in rows.items():
        table.add_row(name, *(f"{f.mean:.3f} \\[{f.low:.3f}, {f.high:.3f}]" for f in figures.values()))
    out.print(table)


def _show_champions(found: Any) -> None:
    out.print(f"{found.folder}: the declared leads of communities; mean \\[95 % interval over communities]")
    names = {
        "members": f"{found.communities['members']} communities with a lead and {FEWEST_MEMBERS} or more members with "
        "evidence, among those (the default: in smaller ones any order is nearly right)",
        "all": f"all {found.communities['all']} communities with a lead among their members, evidence or not",
        "open": f"{found.communities['open']} communities of {OPEN_FEWEST} or more, by name and description among "
        "everybody",
    }
    _figures(
        Table("", "AP", "R-precision", "MRR", box=None, pad_edge=False),
        {names[name]: figures for name, figures in found.figures.items() if figures},
    )
    if found.sets:
        shares = (f"{name} {each.mean:.3f} \\[{each.low:.3f}, {each.high:.3f}]" for name, each in found.sets.items())
        out.print(f"the set of {SET} that users get, over the first of these: {'; '.join(shares)}")
    _show_ablation(found.ablation)


def _show_ablation(ablation: Mapping[str, Figure]) -> None:
    table = Table("without", "AP, less the whole", "95 % interval", box=None, pad_edge=False)
    for part, change in ablation.items():
        table.add_row(part, f"{change.mean:+.3f}", f"{change.low:+.3f} to {change.high:+.3f}")
    if ablation:
        out.print(table)


def _show_next_lead(found: Any) -> None:
    out.print(
        f"{found.folder}: {found.decisions} decisions, {found.changes} with a change of lead; how often the first of "
        "those who were active in the community before the day leads next",
        markup=False,
    )
    names = {
        "alone": "by the evidence before the day, told nothing else",
        "aside": "told who leads on that day, and these set aside: who, if somebody else?",
        "first": "told who leads on that day, and these put first: nothing changes",
    }
    _figures(
        Table("", "P@1", "P@1 on changes", box=None, pad_edge=False),
        {names[name]: figures for name, figures in found.figures.items()},
    )


def _show_authority(found: Any) -> None:
    out.print(f"{found.folder}: who is asked, from ties of work alone; {found.people} people", markup=False)
    table = Table("those asked most", "people", "AUC", box=None, pad_edge=False)
    for name, value in found.auc.items():
        table.add_row(name, str(found.top[name]), f"{value:.3f}")
    out.print(table)


def _show_reach(found: Any) -> None:
    out.print(
        f"{found.folder}: sets of {SIZE} among {found.people:,}; plain greedy without constraints reaches "
        f"{found.greedy:,}, the best connected {found.degree:,}",
        markup=False,
    )
    columns = {
        "greedy": ("of greedy", found.to_greedy),
        "bound": ("of what is possible", found.to_bound),
        "alike": ("of best connected, alike", found.to_alike),
        "degree": ("of best connected", found.to_degree),
    }
    names = [title for title, _ in columns.values()]
    table = Table("constraints: mean (least)", *names, box=None, pad_edge=False)
    for name in found.to_greedy:
        cells = (f"{each[name].mean:.3f} ({found.least[f'{key}|{name}']:.3f})" for key, (_, each) in columns.items())
        table.add_row(name, *cells)
    out.print(table)


def _show_membership(found: Any) -> None:
    out.print(f"{found.folder}: memberships hidden, a part at a time, and looked for", markup=False)
    table = Table("", "hit@5", "hit@10", "MRR", box=None, pad_edge=False)
    names = {"everybody": "all", "others": "of people with another one"}
    rows: dict[str, Mapping[str, Figure]] = {}
    for name in found.ours:
        rows[f"{found.cases[name]:,} memberships, {names[name]}"] = found.ours[name]
        rows[f"by popularity, {names[name]}"] = found.popularity[name]
    _figures(table, rows)


TASKS: dict[str, Asked] = {
    "communities": _communities,
    "champions": _champions,
    "next-lead": _plain(evaluate_next_lead, _show_next_lead),
    "authority": _plain(evaluate_authority, _show_authority),
    "reach": _plain(evaluate_reach, _show_reach),
    "membership": _plain(evaluate_membership, _show_membership),
}
"""Name of a task -> the function that runs it. That function returns the figures and the function that prints them."""
