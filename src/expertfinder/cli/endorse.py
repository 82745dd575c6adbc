"""`endorse`, `regulate`, `nominate`, `nominations`: endorsed content, and what colleagues say of one another."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from expertfinder.cli.app import app, emit, networking, opened, out
from expertfinder.cli.communities import called, who
from expertfinder.cli.find import eyes
from expertfinder.cli.options import Asking, HomeOption, JsonOption, grouped

Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=["%Y-%m-%d"], help="The first day on which it holds no more."),
]
Why = Annotated[str, typer.Option("--why", help="Why, in a sentence; others read it.")]


@app.command("endorse")
@grouped
def endorse(
    *,
    post: Annotated[str, typer.Argument(help="Id of the post.")],
    state: Annotated[
        str, typer.Option("--state", help="endorsed, reviewed, draft or withdrawn; `show` tells how it stands.")
    ] = "endorsed",
    until: Until = None,
    why: Why = "",
    asking: Asking,
) -> None:
    """Give a post a state. On a regulated topic only posts count that are endorsed and not expired."""
    from expertfinder.ask.organisation.endorsed import Given, give_state, states_of
    from expertfinder.ask.organisation.endorsing import stands

    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="endorse", subject=post)
        if state != "show":
            given = Given(post=post, state=state, until=until.date() if until else None, why=why)  # type: ignore[arg-type]
            give_state(finder, viewer, given, may_endorse=True)
        states = states_of(finder, post, viewer)
        if asking.as_json:
            emit(states)
            return
        out.print(f"{post}: {stands(states, finder.now().date()) or 'no state'}", markup=False)
        for one in states:
            until_day = f", until {one.until}" if one.until else ""
            out.print(f"  {one.at:%Y-%m-%d} {one.state} by {one.by or 'the prompt'}{until_day} {one.why}", markup=False)


@app.command("regulate")
def regulate(
    topic: Annotated[
        str, typer.Argument(help="The words of the topic; without them the regulated topics are told.")
    ] = "",
    *,
    why: Why = "",
    free: Annotated[bool, typer.Option("--free", help="Let every post count on it again.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let only endorsed posts count where a question has the words of a topic; everybody may know."""
    from expertfinder.ask.organisation.endorsed import regulate, regulated, set_free

    with opened(home) as finder:
        if topic and free:
            set_free(finder, topic)
        elif topic:
            regulate(finder, topic, by="", why=why)
        found = regulated(finder)
    if as_json:
        emit(found)
        return
    for one in found:
        out.print(f"{one.label}, since {one.at:%Y-%m-%d} {one.why}".rstrip(), markup=False)
    if not found:
        out.print("no topic is regulated")


@app.command("nominate")
@grouped
def nominate(
    *,
    person: Annotated[str, typer.Argument(help="Id of the person.")],
    role: Annotated[str, typer.Argument(help="expert of a topic; champion, sponsor or curator of a community.")],
    of: Annotated[str, typer.Argument(help="The topic, or the id of the community.")],
    why: Why,
    until: Until = None,
    asking: Asking,
) -> None:
    """Endorse a colleague for a topic, or nominate one for a community; --as says who does. They are asked first."""
    from expertfinder.ask.oneself.nominations import Wanted, id_of
    from expertfinder.ask.oneself.nominations import nominate as make

    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="nominate", subject=person)
        day = until.date() if until else None
        wanted = Wanted(subject=person, role=role, of=of, why=why, until=day)  # type: ignore[arg-type]
        made = make(finder, networking(finder), viewer, wanted)
    if asking.as_json:
        emit({"id": id_of(made), "nomination": made})
    else:
        out.print(f"asked: {person} answers with `expertfinder nominations --answer {id_of(made)} agree`", markup=False)


@app.command("nominations")
@grouped
def nominations(
    *,
    person: Annotated[str, typer.Option("--person", help="What this person agreed to.")] = "",
    of: Annotated[str, typer.Option("--of", help="Who agreed to be named for this community or topic.")] = "",
    answer: Annotated[
        tuple[str, str] | None,
        typer.Option("--answer", help="The id of a nomination, and agree, decline or withdraw; as the person (--as)."),
    ] = None,
    asking: Asking,
) -> None:
    """What people are endorsed and nominated for; with neither option those of the person who looks (--as)."""
    from expertfinder.ask.oneself.nominations import answer as say
    from expertfinder.ask.oneself.nominations import id_of, nominated, own_nominations

    with opened(asking.home) as finder:
        viewer, network = eyes(finder, asking, event="nominations", subject=person), networking(finder)
        if answer is not None:
            say(finder, network, viewer, answer[0], answer[1])  # type: ignore[arg-type]
        if person or of:
            found = nominated(finder, network, viewer, person=person, of=of)
        else:
            own = own_nominations(finder, network, viewer)
            found = [*own.of_me, *own.by_me]
        if asking.as_json:
            emit([{"id": id_of(one), "nomination": one} for one in found])
            return
        people = who(finder, viewer, [name for one in found for name in (one.person, one.subject)])
        for one in found:
            names = (
                f"{called(people, one.subject)}: {one.role} of {one.label or one.of}, by {called(people, one.person)}"
            )
            out.print(f"{id_of(one)} {names}, {one.stands} since {one.at:%Y-%m-%d}. {one.why}", markup=False)
        if not found:
            out.print("none")
