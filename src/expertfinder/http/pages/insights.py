"""Insights: figures for people who care for communities; each is drawn, and is there as a table and as CSV."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from expertfinder.ask.organisation.figures import Line
from expertfinder.errors import NotFound
from expertfinder.http.pages import wording
from expertfinder.http.pages.drawing import charts
from expertfinder.http.pages.rendering import Here, Looker, page, render
from expertfinder.http.pages.search import table

router = APIRouter(include_in_schema=False)


@router.get("/insights")
async def insights_page(request: Request, who: Looker, here: Here) -> Response:
    """Coverage, participation, demand, questions without a reply, risks, communities: the same for all viewers."""

    def work() -> Response:
        figures = here.insights.figures(here.now().date())
        drawn = {
            one.code: charts.stack([(_named(line), line.shares, _value(line)) for line in one.lines]) for one in figures
        }
        return render("insights.html", who, {"figures": figures, "drawn": drawn})

    return await page(request, here, who, work)


def _named(line: Line) -> str:
    """What a line is called: a topic as people write it."""
    return wording.topic(line.label) if line.link.startswith("topic:") else line.label


def _value(line: Line) -> str:
    """The number behind a bar: what the line says, else the sum of its shares in per cent, else a dash."""
    return line.value or (wording.percent(sum(line.shares)) if any(line.shares) else "–")


@router.get("/insights/{code}.csv")
async def insights_table(code: str, request: Request, who: Looker, here: Here) -> Response:
    """One figure as a table for a spreadsheet."""

    def work() -> Response:
        found = next((one for one in here.insights.figures(here.now().date()) if one.code == code), None)
        if found is None:
            raise NotFound("there is no such figure")
        return table(code, [found.head, *((line.label, *line.cells) for line in found.lines)])

    return await page(request, here, who, work)
