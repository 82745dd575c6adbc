"""The search: the question and its filters, the list of people, the same as CSV, and what may be meant as one types."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from expertfinder.ask.quoting import find_quoted, read_first
from expertfinder.configuration.languages import gettext, phrase
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.http.context import Door
from expertfinder.http.pages import network, wording
from expertfinder.http.pages.drawing import cells
from expertfinder.http.pages.drawing.rows import Row, rows_of
from expertfinder.http.pages.rendering import Here, Looker, asked_of, page, render
from expertfinder.http.routes.suggest import suggested
from expertfinder.http.schemas.experts import ExpertsQuestion
from expertfinder.http.schemas.suggest import LONGEST_NAME
from expertfinder.index.people.names import FEWEST_LETTERS, squeezed
from expertfinder.index.snapshot import day_of
from expertfinder.model import Confidence, Person, Ranking, Viewer

TOPICS_OFFERED = 12
"""Topics that are offered where no people are shown: as many as fit on a phone without scrolling."""
SINCE_DAYS = (90, 365, 730, 1825)
"""Days back from the day of the index that the filter by time offers: a quarter, one year, two, five."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

router = APIRouter(include_in_schema=False)


def _filters(here: Door, request: Request, viewer: Viewer) -> list[dict[str, object]]:
    """The filters of the form: what there is to choose from, and what is chosen, even where nobody has it."""
    choices = here.choices.of(viewer)
    today = day_of(here.finder.snapshot.manifest.as_of)
    since = [((today - timedelta(days=back)).date().isoformat(), back) for back in SINCE_DAYS]
    options: dict[str, list[tuple[str, str]]] = {
        "place": [(value, f"{value} ({count})") for value, count in choices.places],
        "unit": [(value, f"{value} ({count})") for value, count in choices.units],
        "language": [(value, f"{wording.language(value)} ({count})") for value, count in choices.languages],
        "availability": [(value, f"{value} ({count})") for value, count in choices.availabilities],
        "zone": [(value, f"{value} ({count})") for value, count in choices.zones],
        "kind": [(value, f"{wording.part(value)} ({count})") for value, count in choices.kinds],
        "since": [(day, wording.within(back)) for day, back in since],
    }
    found: list[dict[str, object]] = []
    for name, label in wording.FILTERS.items():
        chosen = request.query_params.get(name, "").strip()
        if name == "since" and not _DAY.fullmatch(chosen):
            chosen = ""
        offered = options[name]
        if chosen and chosen not in (value for value, _ in offered):
            said = phrase("since {day}", day=chosen) if name == "since" else chosen
            offered = [*offered, (chosen, said)]
        if offered:
            found.append({"name": name, "label": gettext(label), "options": offered, "chosen": chosen})
    return found


def answer_of(here: Door, viewer: Viewer, request: Request) -> dict[str, object]:
    """What the template of an answer needs. A question that cannot be asked raises nothing: `refused` says why."""
    question = request.query_params.get("q", "")
    context: dict[str, object] = {
        "q": question,
        "ranking": None,
        "refused": None,
        "filters": _filters(here, request, viewer) if here.finder.ready else [],
        "topics": [],
    }
    if not question.strip():
        context["topics"] = here.finder.topics(viewer, limit=TOPICS_OFFERED)
        return context
    try:
        asked = asked_of(request.query_params, ExpertsQuestion)
        ranking = find_quoted(here.finder, asked.query(asked.q, asker=viewer.person), viewer)
    except InvalidQuestion as error:
        context["refused"] = gettext(error.detail)
        return context
    here.note(ranking.query, viewer, met=ranking.abstained is None)
    return context | _shown(here, ranking, viewer) | {"same": _same(request)}


def _same(request: Request) -> str:
    """The question as a query string again, without the fields that are empty."""
    given = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if value.strip() and name not in ("as", "person", "part")
    ]
    return urlencode(given)


def _shown(here: Door, ranking: Ranking, viewer: Viewer) -> dict[str, object]:
    """The rows of the answer, the people it names, communities beside it, and topics to try where it has no rows."""
    found = here.finder.people(viewer, ids=[*ranking.named, *(one.subject for one in ranking.recommendations)])
    people = {person.id: person for person in found}
    rows = rows_of(ranking, people)
    weak = ranking.confidence == Confidence.LOW
    return {
        "ranking": ranking,
        "named": [people[one] for one in ranking.named if one in people],
        "rows": rows,
        "clear": sum(row.one.confidence != Confidence.LOW for row in rows),
        "first": read_first([row.one for row in rows]) if weak else [],
        "meeting": network.beside(here, ranking.query.whole_text, ranking, viewer),
        "topics": [] if rows else here.finder.topics(viewer, limit=TOPICS_OFFERED),
    }


def _eyes(here: Door, viewer: Viewer) -> list[Person]:
    """The people through whose eyes the demonstration can look; the one that is chosen now is always among them."""
    offered = here.finder.viewers()
    if viewer.person:
        own = here.finder.person(viewer.person, viewer)
        offered = offered if any(person.id == own.id for person in offered) else [own, *offered]
    return offered


@router.get("/")
async def search_page(request: Request, who: Looker, here: Here) -> Response:
    """The question and, once it is asked, the answer."""

    def work() -> Response:
        context = answer_of(here, who.viewer, request)
        return render("search/page.html", who, context | {"eyes": _eyes(here, who.viewer) if who.is_demo else []})

    return await page(request, here, who, work)


@router.get("/suggest")
async def suggestions_fragment(request: Request, who: Looker, here: Here) -> Response:
    """What may be meant, for the script that shows it as one types; nothing for less than two letters."""

    def work() -> Response:
        text = request.query_params.get("q", "")[:LONGEST_NAME]
        found = suggested(here, request, text, who) if len(squeezed(text)) >= FEWEST_LETTERS else None
        return render("search/suggestions.html", who, {"found": found})

    return await page(request, here, who, work)


@router.get("/answer")
async def answer_fragment(request: Request, who: Looker, here: Here) -> Response:
    """The answer alone, for the script that shows it without another page."""

    def work() -> Response:
        return render("search/answer.html", who, answer_of(here, who.viewer, request))

    return await page(request, here, who, work)


@router.get("/why")
async def why_page(request: Request, who: Looker, here: Here) -> Response:
    """Why a person is in an answer: sentences, evidence, how the score adds up. With `part` without the page around."""

    def work() -> Response:
        context = answer_of(here, who.viewer, request)
        rows: list[Row] = context.get("rows", [])  # type: ignore[assignment]
        person = request.query_params.get("person", "")
        row = next((row for row in rows if row.person.id == person), None)
        if row is None:
            raise NotFound("this person is not in the answer")
        template = "search/why_part.html" if request.query_params.get("part") else "search/why.html"
        return render(template, who, context | {"row": row})

    return await page(request, here, who, work)


@router.get("/answer.csv")
async def answer_table(request: Request, who: Looker, here: Here) -> Response:
    """The people of an answer as a table for a spreadsheet: what the list shows, without scores."""

    def work() -> Response:
        asked = asked_of(request.query_params, ExpertsQuestion)
        ranking = find_quoted(here.finder, asked.query(asked.q, asker=who.viewer.person), who.viewer)
        shown = _shown(here, ranking, who.viewer)
        lines: list[tuple[object, ...]] = [tuple(map(gettext, cells.COLUMNS))]
        lines += [cells.line(row) for row in shown["rows"]]  # type: ignore[attr-defined]
        return table("people", lines)

    return await page(request, here, who, work)


def table(name: str, lines: list[tuple[object, ...]]) -> Response:
    """Lines as a CSV file `name`.csv to download. No spreadsheet takes a cell of it for a formula."""
    written = io.StringIO()
    csv.writer(written).writerows([[cells.cell(value) for value in line] for line in lines])
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(written.getvalue().encode(), media_type="text/csv; charset=utf-8", headers=headers)
