"""`roles` and `pilot`: what an organisation says of itself. Insights and the page "my page" show it beside evidence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from expertfinder.cli.app import again, app, emit, existing, out
from expertfinder.cli.options import HomeOption, JsonOption
from expertfinder.errors import InvalidQuestion
from expertfinder.store import Pilot, RoleProfile


@app.command("roles")
def roles(
    file: Annotated[
        Path | None, typer.Argument(help="CSV with the columns role and topic, a line a topic; it replaces all roles.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What roles (titles of profiles) ask for: take them from a file, or list them."""
    from expertfinder.ask.organisation.roles import keep_roles, read_roles

    store = existing(home).open_store()
    try:
        if file is not None:
            keep_roles(store, read_roles(file, datetime.now(UTC)))
        kept = store.statements(RoleProfile)
    finally:
        store.close()
    if as_json:
        emit([{"role": one.label, "topics": list(one.topics)} for one in kept])
        return
    for one in kept:
        out.print(f"{one.label}: {', '.join(one.topics)}", markup=False, soft_wrap=True)
    if not kept:
        out.print("no role asks for anything; next: " + again("roles FILE.csv", home), markup=False)


@app.command("pilot")
def pilot(
    name: Annotated[str, typer.Argument(help="What is tried out, in a few words.")] = "",
    since: Annotated[str, typer.Option("--since", help="Its first day: 2027-01-11.")] = "",
    unit: Annotated[list[str] | None, typer.Option("--unit", help="Whose people are in it. May be repeated.")] = None,
    community: Annotated[
        list[str] | None, typer.Option("--community", help="Id of a community whose people are in it.")
    ] = None,
    end: Annotated[bool, typer.Option("--end", help="There is no pilot any more.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who tries something out, and since when: insights compare before and after. Without a name: which pilot it is."""
    store = existing(home).open_store()
    try:
        if name:
            store.state(_tried(name, since, unit or [], community or []))
        elif end:
            for old in store.statements(Pilot):
                store.retract(old)
        kept = store.statements(Pilot)
    finally:
        store.close()
    if as_json:
        emit([{name: getattr(one, name) for name in ("name", "since", "units", "communities")} for one in kept])
        return
    for one in kept:
        who = ", ".join((*one.units, *one.communities))
        out.print(f"{one.name}, since {one.since}: {who}", markup=False, soft_wrap=True)
    if not kept:
        out.print("there is no pilot; next: " + again("pilot NAME --since DAY --unit UNIT", home), markup=False)


def _tried(name: str, since: str, units: list[str], communities: list[str]) -> Pilot:
    """The pilot that was typed. Raises `InvalidQuestion` where `since` is no day or nobody is in the pilot."""
    try:
        day = date.fromisoformat(since)
    except ValueError as error:
        raise InvalidQuestion("a pilot begins on a day: --since 2027-01-11") from error
    if not units and not communities:
        raise InvalidQuestion("nobody is in this pilot: name a --unit or a --community")
    return Pilot(
        name=" ".join(name.split()),
        since=day.isoformat(),
        units=tuple(units),
        communities=tuple(communities),
        at=datetime.now(UTC),
    )
