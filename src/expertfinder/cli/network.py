"""`network`, `path`, `meet`, `team`, `risk`, `demand`: people around a person or for a job, and who carries a topic."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from expertfinder.cli.app import app, emit, networking, opened, out
from expertfinder.cli.communities import because, called, counted, who
from expertfinder.cli.find import eyes
from expertfinder.cli.options import Asking, HomeOption, JsonOption, grouped
from expertfinder.errors import InvalidQuestion
from expertfinder.model import Person, Ranking, Viewer

if TYPE_CHECKING:
    from expertfinder.recommend.network.risk import Risk

PersonArgument = Annotated[str, typer.Argument(help="Id of the person.")]
CONTACTS_SHOWN = 10
"""How many contacts are printed: so many fit on a screen below the figures of a person."""


@app.command("network")
@grouped
def network(
    *,
    person: PersonArgument,
    asking: Asking,
) -> None:
    """Whom somebody is tied to, what they are for the others, where they belong, and who writes about the same."""
    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="network", subject=person)
        asked = networking(finder)
        if asking.as_json:
            from expertfinder.ask.shapes.meet import network_out

            emit(network_out(asked, person, viewer))
            return
        found, roles = asked.around(person, viewer), asked.roles(person, viewer)
        there, near = asked.communities_of(person, viewer), asked.similar(person, viewer)
        people = who(finder, viewer, [found.person, *found.people, *(other for other, _ in near)])
        out.print(f"[bold]{called(people, found.person)}[/bold]")
        for role in roles:
            out.print(f"{role.name}: {role.text}", markup=False)
        if there:
            out.print(f"in: {'; '.join(f'{each.name or each.id} ({each.id})' for each in there)}", markup=False)
        table = Table(f"contacts, {found.contacts:,}", "strength", "turns", box=None, pad_edge=False)
        for one in found.near[:CONTACTS_SHOWN]:
            turns = [word for word, turned in (("to them", one.turns_to), ("from them", one.turned_to_by)) if turned]
            table.add_row(called(people, one.subject), f"{one.strength:.2f}", " and ".join(turns))
        out.print(table if found.people else "no contacts that everybody may know of")
        for other, cosine in near:
            out.print(f"writes about the same ({cosine:.2f}): {called(people, other)}")


@app.command("path")
@grouped
def path(
    *,
    start: Annotated[str, typer.Argument(metavar="FROM", help="Id of a person.")],
    goal: Annotated[str, typer.Argument(metavar="TO", help="Id of another.")],
    asking: Asking,
) -> None:
    """Whom to ask through: the shortest way from one person to another, over people who have time."""
    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="path", subject=goal)
        asked = networking(finder)
        if asking.as_json:
            from expertfinder.ask.shapes.meet import path_out

            emit(path_out(asked, start, goal, viewer))
            return
        found = asked.path(start, goal, viewer)
        if not found:
            out.print("nobody leads there in four steps or fewer: write to them yourself")
            return
        people = who(finder, viewer, found)
        if len(found) == 1:
            out.print(f"{called(people, found[0])}: the way to oneself is none")
            return
        for number, each in enumerate(found):
            out.print(
                f"{'from' if not number else 'to' if number == len(found) - 1 else 'through'} {called(people, each)}"
            )


@app.command("meet")
@grouped
def meet(
    *,
    person: PersonArgument,
    topic: Annotated[str, typer.Option("--topic", help="Mentors for this topic instead, in your words.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", help="People in the answer.")] = 3,
    asking: Asking,
) -> None:
    """Whom should this person meet? Three people, each with what they have in common, and two communities."""
    with opened(asking.home) as finder:
        from expertfinder.recommend.network.communities import COMMUNITIES_TO_MEET

        viewer = eyes(finder, asking, event="meet", subject=person)
        asked = networking(finder)
        if asking.as_json:
            from expertfinder.ask.shapes.meet import meeting_out

            emit(meeting_out(asked, person, viewer, topic=topic, limit=limit))
            return
        if topic:
            found, groups = asked.mentors(person, topic, viewer, limit=limit), None
        else:
            found = asked.people_to_meet(person, viewer, limit=limit)
            groups = asked.communities(viewer, person=person, limit=COMMUNITIES_TO_MEET)
        people = who(finder, viewer, [entry.subject for entry in found.recommendations])
        ids = [entry.subject for entry in groups.recommendations] if groups is not None else []
        there = {each.id: each for each, _ in asked.communities_named(viewer, ids=ids)}
        _people(found, people)
        if groups is not None and groups.abstained is None:
            out.print("where to go:")
            for entry in groups.recommendations:
                name = there[entry.subject].name or entry.subject
                out.print(f"[bold]{escape(name)}[/bold]  [dim]{escape(entry.subject)}[/dim]")
                because(entry)


def _people(found: Ranking, people: dict[str, Person]) -> None:
    if found.abstained is not None:
        out.print(found.abstained, markup=False)
    for number, entry in enumerate(found.recommendations, 1):
        out.print(f"{number}. {called(people, entry.subject)}  {entry.confidence.value} confidence")
        because(entry)


@app.command("team")
@grouped
def team(
    *,
    skills: Annotated[list[str], typer.Argument(metavar="SKILL...", help="Each in your words; quote several words.")],
    redundancy: Annotated[int, typer.Option("--redundancy", help="People for each skill.")] = 1,
    asking: Asking,
) -> None:
    """The smallest, best connected, least loaded group that covers several skills, and what nobody covers."""
    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="team")
        asked = networking(finder)
        if asking.as_json:
            from expertfinder.ask.shapes.teams import team_out

            emit(team_out(asked, skills, viewer, redundancy=redundancy))
            return
        found = asked.team(skills, viewer, redundancy=redundancy)
        people = who(finder, viewer, [member.person for member in found.members])
        for member in found.members:
            out.print(f"{called(people, member.person)}  {escape(', '.join(member.skills))}")
        for skill, count in zip(found.skills, found.covered_by, strict=True):
            short = ", fewer than asked for" if skill in found.uncovered else ""
            told = f"{count:,} for {skill}{short}" if count else f"nobody for {skill}: there is not enough evidence"
            out.print(told, markup=False)
        if len(found.members) > 1:
            out.print(f"distance of its people: {found.apart:.2f} (0: all work together, 1: nobody does)")


@app.command("risk")
@grouped
def risk(
    *,
    topic: Annotated[list[str] | None, typer.Argument(help="A topic, as `expertfinder topics` names it.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Topics in the list.")] = 10,
    asking: Asking,
) -> None:
    """What would leave with one person? Topics most of whose evidence is one person's, and who could grow into them."""
    if limit < 1:
        raise InvalidQuestion("a list has at least one topic", limit=limit)
    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="risk")
        asked = networking(finder)
        found = [asked.risk(" ".join(topic), viewer)] if topic else asked.risks(viewer, limit=limit)
        if asking.as_json:
            from expertfinder.ask.shapes.teams import risks_out

            risks = risks_out(asked, found, viewer)
            emit(risks[0] if topic else risks)
            return
        if not found:
            out.print("no topic rests on one person")
        people = who(finder, viewer, [one for each in found for one, _ in (*each.holders, *each.grow)])
        for each in found:
            _risk(each, people)


@app.command("demand")
def demand(
    limit: Annotated[int, typer.Option("--limit", "-n", help="Topics in the list.")] = 20,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What is asked for, and who carries it? Topics that five and more people asked the service about in one week."""
    from expertfinder.ask.organisation.demand import Demand

    if limit < 1:
        raise InvalidQuestion("a list has at least one topic", limit=limit)
    with opened(home) as finder:
        found = Demand(finder, networking(finder)).gaps(Viewer(), datetime.now(UTC).date(), limit=limit)
    if as_json:
        from expertfinder.ask.shapes.teams import GapOut

        emit([GapOut.of(gap) for gap in found])
        return
    if not found:
        out.print("no topic was asked for by five people or more in one week of the last quarter")
    for gap in found:
        held = f"{gap.people:,} people have evidence, as {gap.spread:.1f} with equal shares" if gap.people else "nobody"
        out.print(f"{gap.topic}: {gap.askers:,} asked in the week of {gap.week}; {held}", markup=False)


def _risk(found: Risk, people: dict[str, Person]) -> None:
    word = "  at risk" if found.at_risk else ""
    out.print(
        f"[bold]{escape(found.topic)}[/bold]  {counted(found.posts, 'post', 'posts')}, {counted(found.people)}{word}"
    )
    for person, share in found.holders[:3]:
        out.print(f"   {share:4.0%}  {called(people, person)}")
    for person, why in found.grow:
        out.print(f"   could grow: {called(people, person)} ({escape(why)})")
