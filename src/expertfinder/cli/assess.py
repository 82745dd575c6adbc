"""`assess`, and `evaluate --task assess`: how well does this person know this, and how often is the answer right?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from expertfinder.cli.app import app, bar, emit, opened, out
from expertfinder.cli.find import eyes
from expertfinder.cli.options import Asking, Filters, grouped
from expertfinder.store import AuditEntry


@app.command("assess")
@grouped
def assess(
    *,
    person: Annotated[str, typer.Argument(help="Id of the person.")],
    text: Annotated[list[str], typer.Argument(help="What the person should know: a word or a page.")],
    only: Filters,
    asking: Asking,
) -> None:
    """How well does this person know this? Between 0 and 1, with the posts behind it; the person can see who asked."""
    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="assess", subject=person)
        found = finder.assess(only.query(" ".join(text), asker=None), person, viewer)
        shown = finder.person(person, viewer)
        actor = viewer.person or "prompt"
        finder.note(AuditEntry(at=datetime.now(UTC), actor=actor, event="assess", subject=found.person))
        if asking.as_json:
            from expertfinder.ask.shapes.experts import AssessmentOut
            from expertfinder.ask.shapes.shape import Known

            emit(AssessmentOut.of(found, Known({found.person: shown})))
            return
        for line in found.notes:
            out.print(line, markup=False)
        out.print(f"[bold]{escape(shown.name or shown.id)}[/bold]  [dim]{escape(shown.id)}[/dim]")
        if not found.posts:
            out.print("nothing that you may read speaks for this person or against")
            return
        out.print(f"score {found.score:.2f} of 1, {found.confidence.value} confidence ({found.posts:,} posts)")
        for reason in found.reasons:
            out.print(f"  {reason.value:+.2f}  {reason.text}", markup=False)
        table = Table("nearest", "did", "adds", "score without it", box=None, pad_edge=False)
        for near in found.nearest:
            table.add_row(
                escape(near.title or near.post), escape(near.act), f"{near.contribution:+.3f}", f"{near.without:.3f}"
            )
        out.print(table)


def assess_set(folder: Path, *, queries: Path | None, triples: Path | None, as_json: bool) -> None:
    """Measure `assess` on a set with triples and print its loss and accuracy beside those of the baselines."""
    from expertfinder.evaluation.assessment import evaluate_assess

    with bar() as advance:
        found = evaluate_assess(
            folder, queries=queries, triples=triples, progress=lambda done, total: advance("assessing", done, total)
        )
    if as_json:
        emit(found)
        return
    out.print(f"{found.folder}: {found.triples:,} triples; loss, and share in the right order", markup=False)
    kinds = list(next(iter(found.methods.values())))
    table = Table(
        "method", *(f"{kind} {what}" for kind in kinds for what in ("loss", "right")), box=None, pad_edge=False
    )
    for name, figures in found.methods.items():
        table.add_row(
            name, *(f"{value:.3f}" for kind in kinds for value in (figures[kind].loss, figures[kind].accuracy))
        )
    out.print(table)
