"""`wishes`: the privacy desk opens what one person said of themselves, at that person's request."""

from __future__ import annotations

from typing import Annotated

import typer

from expertfinder.cli.app import app, emit, opened, out
from expertfinder.cli.options import HomeOption, JsonOption


@app.command("wishes")
def wishes(
    person: Annotated[str, typer.Argument(help="Id of the person, or of one of the person's records.")],
    reason: Annotated[str, typer.Option("--reason", help="Who asked for it, when and how; it is written down.")],
    by: Annotated[str, typer.Option("--by", help="Who opens it, as the person is told.")] = "prompt",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open what one person said of themselves, at that person's request. It is logged, and the person sees it."""
    from expertfinder.ask.oneself.desk import open_wishes

    with opened(home) as finder:
        said = open_wishes(finder, person, actor=by, reason=reason)
    if as_json:
        emit(said)
        return
    out.print(f"found by: {said.visibility.seen_by if said.visibility else 'everyone'}", markup=False)
    if said.capacity is not None:
        most = said.capacity.per_week if said.capacity.per_week >= 0 else "any number"
        out.print(f"not before {said.capacity.paused_until or 'any day'}; asks in seven days: {most}", markup=False)
    for topic in said.topics:
        out.print(f"topic {topic.label}: {topic.says}, {topic.listed}, since {topic.at:%Y-%m-%d}", markup=False)
    for post in said.disowned:
        out.print(f"post {post.post}: {post.why}, since {post.at:%Y-%m-%d}", markup=False)
