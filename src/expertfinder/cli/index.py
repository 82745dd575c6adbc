"""`index` and `demo`: an index anew from the record, and an organisation to try it on."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from expertfinder.cli.app import app, bar, build_index, emit, existing, home_of, out
from expertfinder.cli.options import HomeOption, JsonOption
from expertfinder.configuration.settings import settings

if TYPE_CHECKING:
    from expertfinder.index.network.ties import Ties

EVENTS = {"born": "new", "ended": "ended", "split": "split", "merged": "merged"}
"""What can happen to a detected community: word of the index -> word of the prompt."""


def told_of(ties: Ties) -> dict[str, int | bool]:
    """What became of the detected communities in a snapshot.

    `found` is how many there are; `born`, `ended`, `split` and `merged` count these events. `late` is true where the
    search ran out of time: then the communities of the index before stay.
    """
    often = Counter(event[0] for event in ties.events)
    late = bool(ties.detected) and not ties.resolution
    return {"found": len(ties.detected), **{name: often[name] for name in EVENTS}, "late": late}


def communities_in_words(found: dict[str, int | bool]) -> str:
    """A line for the report about the detected communities. `found`: see `told_of`."""
    if found["late"]:
        return f"communities: not found in time, the {found['found']:,} of before stay"
    if not found["found"] and not found["ended"]:
        return "communities: none found, there are too few ties"
    happened = ", ".join(f"{found[name]:,} {word}" for name, word in EVENTS.items() if found[name])
    return f"communities: {found['found']:,} found" + (f" ({happened})" if happened else ", as before")


def reading_in_words(found: dict[str, int]) -> list[str]:
    """How the posts of the record were read, a line each."""
    return [f"in the index: {number:,} {what}" for what, number in found.items()]


@app.command("index")
def index(
    home: HomeOption = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Day that ages are counted to (default: today)."),
    ] = None,
    fold: Annotated[
        bool,
        typer.Option("--fold", help="Take in what is new alone; ties and detected communities stay as they are."),
    ] = False,
) -> None:
    """Build the index anew from the record, with the encoder that is set."""
    from expertfinder.index.encoders.encoder import encoder
    from expertfinder.index.published import encoder_of, reading_of
    from expertfinder.ingest.retention import expire

    place = existing(home)
    began = time.monotonic()
    store = place.open_store()
    before, now = encoder_of(place.index), encoder(settings().encoder)
    try:
        old = expire(store, as_of.replace(tzinfo=UTC) if as_of else datetime.now(UTC))
        found = told_of(build_index(place, store, as_of=as_of.date() if as_of else None, fold=fold))
        people, posts = store.count("person"), store.count("post")
    finally:
        store.close()
    out.print(f"{people:,} people and {posts:,} posts indexed in {time.monotonic() - began:.1f} s")
    if old:
        told = ", ".join(f"{number:,} of kind {kind}" for kind, number in old.items())
        out.print(f"older than their source keeps them, withdrawn: {told}")
    for line in reading_in_words(reading_of(place.index)):
        out.print(line, markup=False, soft_wrap=True)
    out.print("communities stay as they were" if fold else communities_in_words(found))
    if before not in (None, now.name):
        out.print(f"embedded anew with {now.name} ({now.dimension} dimensions); it was {before} before", markup=False)


@app.command("demo")
def demo(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Write an organisation whose truth is planted, import and index it."""
    from expertfinder.ingest import ingest
    from expertfinder.ingest.demo import AS_OF, write_demo
    from expertfinder.ingest.demo.demand import plant_demand
    from expertfinder.ingest.demo.said import plant_network, plant_organisation, plant_said
    from expertfinder.sources import NativeReader, declared

    place = home_of(home)
    folder = place.folder / "demo"
    summary = write_demo(folder)
    store = place.open_store()
    try:
        with bar() as advance:
            reader = NativeReader(folder, source=declared("demo", audience="organisation"))
            ingest(store, reader, progress=lambda done, total: advance("reading", done, total))
        plant_said(store, folder)
        plant_network(store, folder)
        plant_organisation(store, folder)
        build_index(place, store, as_of=AS_OF)
        people = sorted(person.id for person in store.all("person") if person.left_at is None)
        plant_demand(store, people, datetime.now(UTC).date())
    finally:
        store.close()
    if as_json:
        emit(summary)
        return
    out.print(
        f"{summary.people} people, {summary.posts:,} posts of {len(summary.kinds)} kinds "
        f"and {summary.interactions:,} acts are in {place.folder}"
    )
    out.print("three things to try:")
    for number, line in enumerate(summary.tries, 1):
        out.print(f"  {number}. {line}", markup=False)
    out.print(f"its truth can be measured: expertfinder evaluate {folder}", markup=False)
