"""`slate` and `audit`: who covers what a job needs, and who asked such questions."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from expertfinder.cli.app import app, emit, networking, opened, out
from expertfinder.cli.communities import called, who
from expertfinder.cli.find import eyes
from expertfinder.cli.options import Asking, grouped
from expertfinder.configuration.settings import settings


@app.command("slate")
@grouped
def slate(
    *,
    needs: Annotated[list[str], typer.Argument(metavar="NEED...", help="Each in your words; quote several words.")],
    purpose: Annotated[str, typer.Option("--purpose", help="One of those of EXPERTFINDER_TALENT_PURPOSES.")],
    place: Annotated[str, typer.Option("--place", help="Only people at this place.")] = "",
    unit: Annotated[str, typer.Option("--unit", help="Only people of this part of the organisation.")] = "",
    language: Annotated[str, typer.Option("--language", help="Only people who speak it.")] = "",
    availability: Annotated[str, typer.Option("--availability", help="Only people whose cards say so of it.")] = "",
    zone: Annotated[str, typer.Option("--zone", help="Only people of this time zone.")] = "",
    size: Annotated[int, typer.Option("--size", "-n", help="People, at most.")] = 10,
    asking: Asking,
) -> None:
    """Who covers what a job needs, and what does nobody cover? In bands, without scores; the audit log has it."""
    from expertfinder.ask.organisation.talent import Cover, Need, Talent, purposes_in

    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="slate")
        talent = Talent(networking(finder), purposes_in(settings().talent_purposes))
        only = {"place": place, "unit": unit, "language": language, "availability": availability, "zone": zone}
        asked = [Need(skill=one, **only) for one in needs]
        actor = viewer.person or "prompt"
        found = talent.slate(asked, viewer, purpose=purpose, size=size, actor=actor)
        if asking.as_json:
            from expertfinder.ask.shapes.talent import slate_out

            emit(slate_out(finder, found, viewer))
            return
        people = who(finder, viewer, [one.person for one in found.people])
        table = Table("", "", *(escape(one.need.skill) for one in found.needs), box=None, pad_edge=False)
        band = None
        for one in found.people:
            cells = ["-" if cell.cover is Cover.GAP else cell.cover.value for cell in one.cells]
            table.add_row("" if one.band is band else one.band.value, called(people, one.person), *cells)
            band = one.band
        if found.people:
            out.print(table)
            out.print("inside a band the order is drawn by lot", style="dim")
        for need in found.needs:
            if not need.covered:
                out.print(f"nobody covers {need.need.skill}", markup=False)
            elif need.only in people:
                out.print(f"[bold]{called(people, need.only)}[/bold] is the only one who covers {need.need.skill}")
        if len(found.team) > 1:
            out.print(f"together: {', '.join(called(people, one) for one in found.team)}")
        out.print(f"written to the audit log: {purpose}; {len(found.people):,} people can see that they were named")


@app.command("audit")
@grouped
def audit(
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Lines, the newest first.")] = 20,
    asking: Asking,
) -> None:
    """Who asked talent questions and assessed people, for what and about whom; whether the log is as it was written."""
    from expertfinder.ask.organisation.talent import watched

    with opened(asking.home) as finder:
        found = watched(finder, eyes(finder, asking, event="audit"), limit=limit)
        if asking.as_json:
            from expertfinder.ask.shapes.talent import audit_out

            emit(audit_out(found))
        else:
            for line in found.lines:
                about = f" about {line.subject}" if line.subject else ""
                purpose = f" for {line.purpose}" if line.purpose else ""
                out.print(f"{line.at:%Y-%m-%d %H:%M} {line.actor} {line.event}{about}{purpose}", markup=False)
            out.print(f"whole, up to {found.head or 'nothing'}" if found.whole else "[bold]a line was changed[/bold]")
    if not found.whole:
        raise typer.Exit(1)
