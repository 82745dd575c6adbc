"""`communities`, `community`, `champions`: where people meet, and who should be the champions of a community."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from expertfinder.cli.app import app, emit, networking, opened, out
from expertfinder.cli.find import eyes
from expertfinder.cli.options import Asking, Filters, grouped
from expertfinder.errors import InvalidQuestion
from expertfinder.model import Community, Person, Ranking, Recommendation, Viewer

if TYPE_CHECKING:
    from expertfinder.ask.finder import ExpertFinder
    from expertfinder.ask.network import Networking
    from expertfinder.recommend.network.champion_set import ChampionSet
    from expertfinder.recommend.network.communities import CommunityView

SHOWN = 20
"""How many communities are printed, and how many people of one community; `--json` has all."""


def who(finder: ExpertFinder, viewer: Viewer, ids: Iterable[str]) -> dict[str, Person]:
    """The people with these ids whom the viewer may find, by id."""
    return {person.id: person for person in finder.people(viewer, ids=sorted(set(ids)))}


def called(people: dict[str, Person], person: str) -> str:
    """A name with the id behind it, ready to print."""
    name = people[person].name if person in people else ""
    return f"{escape(name)}  [dim]{escape(person)}[/dim]" if name else f"[dim]{escape(person)}[/dim]"


def counted(count: int, one: str = "person", more: str = "people") -> str:
    """A number and what it counts."""
    return f"{count:,} {one if count == 1 else more}"


def because(entry: Recommendation) -> None:
    """Print the parts of a score that have a sentence, the largest first, equal ones by the name of the part."""
    said = [reason for reason in entry.reasons if reason.text]
    for reason in sorted(said, key=lambda reason: (-reason.value, reason.part)):
        out.print(f"   {reason.value:.3f}  {reason.text}", markup=False)


@app.command("communities")
@grouped
def communities(
    *,
    text: Annotated[
        list[str] | None, typer.Argument(help="What people there should speak about; nothing: all.")
    ] = None,
    person: Annotated[str | None, typer.Option("--for", help="Which would suit this person?")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Communities in the answer.")] = 5,
    only: Filters,
    asking: Asking,
) -> None:
    """Where do such people meet? All communities, or those for a question, or those that would suit somebody."""
    if text and person is not None:
        raise InvalidQuestion("communities are for a question or for a person: give one of them")
    if not text and only.typed():
        raise InvalidQuestion("filters are for a question: say what people there should speak about, or leave them out")
    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="communities", subject=person or "")
        network = networking(finder)
        if not text and person is None:
            _list(network.all_communities(viewer), as_json=asking.as_json)
            return
        query = only.query(" ".join(text), asker=viewer.person, limit=limit) if text else None
        ranking = network.communities(viewer, query=query, person=person, limit=limit)
        _answer(network, ranking, viewer, as_json=asking.as_json)


def _list(found: Sequence[tuple[Community, int]], *, as_json: bool) -> None:
    if as_json:
        from expertfinder.ask.shapes.communities import CommunityOut

        emit([CommunityOut.of(each) for each in found])
        return
    if not found:
        out.print("no communities yet: none are declared, and there are too few ties to find any")
        return
    table = Table("community", "people", "kind", "id", box=None, pad_edge=False)
    for community, size in found[:SHOWN]:
        table.add_row(escape(community.name or community.id), f"{size:,}", community.kind, escape(community.id))
    out.print(table)
    if len(found) > SHOWN:
        out.print(f"and {len(found) - SHOWN:,} more: --json has all")


def _answer(network: Networking, ranking: Ranking, viewer: Viewer, *, as_json: bool) -> None:
    if as_json:
        from expertfinder.ask.shapes.communities import ranked_communities_out

        emit(ranked_communities_out(network, ranking, viewer))
        return
    ids = [entry.subject for entry in ranking.recommendations]
    there = {each.id: (each, size) for each, size in network.communities_named(viewer, ids=ids)}
    for line in (*ranking.notes, *([] if ranking.abstained is None else [ranking.abstained])):
        out.print(line, markup=False)
    for number, entry in enumerate(ranking.recommendations, 1):
        community, size = there[entry.subject]
        name, kind = escape(community.name or community.id), community.kind
        out.print(f"{number}. [bold]{name}[/bold]  {counted(size)}, {kind}  [dim]{escape(community.id)}[/dim]")
        out.print(f"   score {entry.score:.3f}, {entry.confidence.value} confidence")
        because(entry)


@app.command("community")
@grouped
def community(
    *,
    community_id: Annotated[str, typer.Argument(help="Id of the community.")],
    asking: Asking,
) -> None:
    """One community: its people, what binds it, where they sit, and what lies beside it."""
    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="community", subject=community_id)
        network = networking(finder)
        if asking.as_json:
            from expertfinder.ask.shapes.communities import community_out

            emit(community_out(network, community_id, viewer))
            return
        found = network.community(community_id, viewer)
        beside = network.communities_named(viewer, ids=[*(other for other, _ in found.overlaps), *found.wider])
        named = who(finder, viewer, [*found.community.members, *found.community.leads])
        _show(found, named, {each.id: each.name for each, _ in beside})


def _show(found: CommunityView, people: dict[str, Person], names: dict[str, str]) -> None:
    here = found.community
    out.print(f"[bold]{escape(here.name or here.id)}[/bold]  {counted(found.size)}, {here.kind}")
    if here.description and here.kind == "declared":  # a detected one describes itself by the topics and units below
        out.print(here.description, markup=False)
    if found.topics:
        out.print(f"bound by: {', '.join(label for label, _ in found.topics)}", markup=False)
    if found.units:
        out.print(f"from: {', '.join(f'{unit} ({count})' for unit, count in found.units[:5])}", markup=False)
    out.print(f"by strength, {found.inside:.0%} of their ties are with each other")
    if here.leads:
        out.print(f"led by: {', '.join(called(people, lead) for lead in here.leads)}")
    strength = dict(found.strength)
    table = Table("people", *(["share of their links here"] if strength else []), box=None, pad_edge=False)
    order = sorted(here.members, key=lambda person: (-strength.get(person, 0.0), person))
    for person in order[:SHOWN]:
        table.add_row(called(people, person), *([f"{strength.get(person, 0.0):.0%}"] if strength else []))
    out.print(table)
    if len(order) > SHOWN:
        out.print(f"and {len(order) - SHOWN:,} more: --json has all")
    for other, count in found.overlaps:
        also = "is" if count == 1 else "are"
        out.print(f"{count:,} of them {also} also in {names.get(other) or other} ({other})", markup=False)
    wider = [other for other in found.wider if other != here.id]
    if wider:
        told = "; ".join(f"{names.get(other) or other} ({other})" for other in wider)
        out.print(f"from further away it is one with {told}", markup=False)


PeopleOption = list[str] | None


@app.command("champions")
@grouped
def champions(
    *,
    community: Annotated[str, typer.Option("--community", help="For this community.")] = "",
    topic: Annotated[str, typer.Option("--topic", help="For this topic, in your words.")] = "",
    unit: Annotated[PeopleOption, typer.Option("--unit", help="Of this unit; may be given several times.")] = None,
    size: Annotated[int, typer.Option("--size", "-n", help="Champions in the set.")] = 5,
    one_per_unit: Annotated[bool, typer.Option("--one-per-unit", help="One of every unit at least.")] = False,
    already: Annotated[PeopleOption, typer.Option("--already", help="Id of a champion who stays.")] = None,
    nominated: Annotated[PeopleOption, typer.Option("--nominated", help="Id of somebody who was proposed.")] = None,
    without: Annotated[
        PeopleOption, typer.Option("--without", help="Id of somebody who is not to be one: what would change?")
    ] = None,
    inactive: Annotated[
        bool, typer.Option("--inactive", help="Also people who did nothing within the last year of the data.")
    ] = False,
    asking: Asking,
) -> None:
    """Who should carry it? A set that together reaches most, with reasons: for everybody, or a part of them."""
    from expertfinder.recommend.network.champion_set import Championship

    asked = Championship(
        community=community,
        topic=topic,
        units=tuple(unit or ()),
        size=size,
        one_per_unit=one_per_unit,
        already=tuple(already or ()),
        nominated=tuple(nominated or ()),
        unwilling=tuple(without or ()),
        inactive=inactive,
    )
    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="champions", subject=community)
        for person in asked.unwilling:
            finder.person(person, viewer)
        network = networking(finder)
        with_them = replace(asked, unwilling=())
        if asking.as_json:
            from expertfinder.ask.shapes.champions import champions_out

            whole = champions_out(network, with_them, viewer) if asked.unwilling else None
            emit({**champions_out(network, asked, viewer).model_dump(mode="json"), "with_them": whole})
            return
        found = network.champions(asked, viewer)
        before = network.champions(with_them, viewer) if asked.unwilling else None
        named = [
            entry.subject for each in (found, before) if each is not None for entry in each.ranking.recommendations
        ]
        _show_set(found, who(finder, viewer, [*named, *found.unreached[:SHOWN]]), before)


def _show_set(found: ChampionSet, people: dict[str, Person], before: ChampionSet | None) -> None:
    chosen = found.ranking.recommendations
    if found.ranking.abstained is not None:
        out.print(found.ranking.abstained, markup=False)
        return
    together = "1 champion reaches" if len(chosen) == 1 else f"{len(chosen)} champions reach"
    out.print(f"{together} {found.reached:,} of {counted(found.people)}\n")
    for number, (entry, place) in enumerate(zip(chosen, found.places, strict=True), 1):
        unit = people[entry.subject].org_unit if entry.subject in people else ""
        out.print(f"{number}. {called(people, entry.subject)}" + (f"  {escape(unit)}" if unit else ""))
        alone = f"{place.alone:,} {'is' if place.alone == 1 else 'are'}"
        out.print(
            f"   adds {counted(place.adds)}; {alone} reached by nobody else of the set; "
            f"score {entry.score:.3f}, {entry.confidence.value} confidence"
        )
        because(entry)
    out.print()
    if found.unreached:
        some = ", ".join(_plain(people, person) for person in found.unreached[:5])
        out.print(f"reached by none: {counted(len(found.unreached))} ({some}{_more(found.unreached, 5)})", markup=False)
    if found.units_without:
        out.print(f"units without a champion: {', '.join(found.units_without)}", markup=False)
    for one, other in found.links:
        out.print(f"should meet: {_plain(people, one)} and {_plain(people, other)}", markup=False)
    if before is not None:
        now = {entry.subject for entry in chosen}
        new = [
            _plain(people, person) for person in sorted(now - {one.subject for one in before.ranking.recommendations})
        ]
        instead = f"; {', '.join(new)} came in" if new else ""
        out.print(f"with them it would reach {before.reached:,}, without {found.reached:,}{instead}", markup=False)


def _plain(people: dict[str, Person], person: str) -> str:
    return (people[person].name if person in people else "") or person


def _more(all_of_them: Sequence[str], shown: int) -> str:
    return ", ..." if len(all_of_them) > shown else ""
