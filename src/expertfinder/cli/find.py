"""`find`, `explain`, `person`, `topics`: questions."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from expertfinder.ask.answer import matches, meeting
from expertfinder.cli.app import again, app, emit, err, networking, opened, out
from expertfinder.cli.options import Asking, Eyes, Filters, HomeOption, JsonOption, grouped
from expertfinder.errors import InvalidQuestion
from expertfinder.model import Community, Person, Ranking, Recommendation, Viewer
from expertfinder.store import AuditEntry

if TYPE_CHECKING:
    from expertfinder.ask.finder import ExpertFinder

QuestionArgument = Annotated[list[str], typer.Argument(help="What somebody should know, in your words.")]


def eyes(finder: ExpertFinder, asking: Eyes, *, event: str, subject: str = "") -> Viewer:
    """The viewer of a command: a person, everything (written to the audit log), or the shared tier.

    `event` and `subject` are what the audit log says. Raises `InvalidQuestion` for a person and everything at once.
    """
    if asking.everything:
        if asking.as_person is not None:
            raise InvalidQuestion("--as and --everything exclude each other")
        finder.store.write_audit(
            AuditEntry(at=datetime.now(UTC), actor="prompt", event=f"{event} everything", subject=subject)
        )
        return Viewer(everything=True)
    return finder.viewer(asking.as_person)


def named(finder: ExpertFinder, ranking: Ranking, viewer: Viewer) -> dict[str, Person]:
    """The people of an answer by id."""
    people = finder.people(viewer, ids=[*ranking.named, *(entry.subject for entry in ranking.recommendations)])
    return {person.id: person for person in people}


@app.command("find")
@grouped
def find(
    question: QuestionArgument,
    *,
    only: Filters,
    limit: Annotated[int, typer.Option("--limit", "-n", help="People in the answer.")] = 5,
    asking: Asking,
) -> None:
    """Who knows this? People, with reasons and how sure. Without --as only what the whole organisation may read."""
    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="find")
        query = only.query(" ".join(question), asker=viewer.person, limit=limit)
        from expertfinder.ask.quoting import find_quoted

        ranking = find_quoted(finder, query, viewer)
        beside = meeting(lambda: networking(finder), query, ranking, viewer)
        if asking.as_json:
            from expertfinder.ask.shapes.answers import answer_out

            emit(answer_out(finder, ranking, viewer, beside=beside))
            return
        people = named(finder, ranking, viewer)
        for one in ranking.named:
            out.print(_heading(people[one]))
        if ranking.named:
            out.print()
        for note in ranking.notes:
            out.print(note, markup=False)
        if ranking.abstained is not None:
            out.print(ranking.abstained, markup=False)
            for _, (community, size) in beside:
                _meet(community, size)
            return
        if ranking.confidence is not None:
            out.print(
                f"confidence: {ranking.confidence.value}; {matches(ranking.clear, len(ranking.recommendations))}\n"
            )
        for number, entry in enumerate(ranking.recommendations, 1):
            _show(entry, people[entry.subject], number)
        first = ranking.recommendations[0].subject
        if query.text.strip():
            command = again(f"explain {first} {shlex.quote(query.text)}{only.typed()}", asking.home)
            err.print(f"why exactly: {command}", markup=False, style="dim")


def _meet(community: Community, size: int) -> None:
    """Print a community below an answer that names nobody."""
    people = f"{size:,} {'person' if size == 1 else 'people'}"
    name = escape(community.name or community.id)
    out.print(f"where such people meet: [bold]{name}[/bold]  {people}  [dim]{escape(community.id)}[/dim]")


def _heading(person: Person) -> str:
    place = ", ".join(part for part in (person.title, person.org_unit, person.location) if part)
    return (
        f"[bold]{escape(person.name or person.id)}[/bold]"
        + (f"  {escape(place)}" if place else "")
        + f"  [dim]{escape(person.id)}[/dim]"
    )


def _show(entry: Recommendation, person: Person, number: int) -> None:
    out.print(f"{number}. {_heading(person)}")
    seen_last = f", last seen on this {entry.last_seen:%Y-%m-%d}" if entry.last_seen else ""
    out.print(f"   score {entry.score:.3f}, {entry.confidence.value} confidence{seen_last}")
    for one in entry.topics:
        sure = f"{one.confidence.value} confidence" if one.confidence is not None else "nothing that speaks for it"
        out.print(f"   {one.topic}: {sure}", markup=False)
    if entry.caveat:
        out.print(f"   {entry.caveat}", markup=False)
    said = [reason for reason in entry.reasons if reason.text]
    for reason in sorted(said, key=lambda reason: -reason.value)[:4]:
        out.print(f"   {reason.value:.3f}  {reason.text}", markup=False)
    seen: set[str] = set()
    for reason in entry.reasons:
        for citation in reason.citations:
            if citation.post not in seen and len(seen) < 3:
                seen.add(citation.post)
                day = f", {citation.at:%Y-%m-%d}" if citation.at else ""
                where = f", {citation.where}" if citation.where else ""
                out.print(
                    f"     - {citation.title or citation.post} ({citation.act} {citation.kind}{day}{where})",
                    markup=False,
                )
                if citation.snippet:
                    out.print(f"       {citation.snippet}", markup=False, style="dim")
    out.print()


@app.command("explain")
@grouped
def explain(
    person: Annotated[str, typer.Argument(help="Id of the person.")],
    question: QuestionArgument,
    *,
    only: Filters,
    asking: Asking,
) -> None:
    """Why this person for this question, part by part, post by post, and what it would be without each."""
    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="explain", subject=person)
        query = only.query(" ".join(question), asker=viewer.person)
        if asking.as_json:
            from expertfinder.ask.shapes.experts import explanation_out

            emit(explanation_out(finder, query, person, viewer))
            return
        from expertfinder.ask.quoting import explain_quoted

        found = explain_quoted(finder, query, person, viewer)
        for line in finder.unknown(query, viewer):
            out.print(line, markup=False)
        out.print(_heading(finder.person(person, viewer)))
        if not found.reasons:
            passing = " that passes the filters" if query.filtered or query.of_some else ""
            out.print(f"nothing that you may read{passing} speaks for this person here")
            return
        table = Table("part", "adds", "because", "without it: score", "rank", box=None, pad_edge=False)
        for reason in found.reasons:
            table.add_row(f"[bold]{escape(reason.part)}[/bold]", f"{reason.value:.4f}", escape(reason.text), "", "")
            for citation in reason.citations[:10]:
                table.add_row(
                    "",
                    f"{citation.contribution:.4f}",
                    escape(f"{citation.act}: {citation.title or citation.post}"),
                    f"{citation.without:.4f}",
                    str(citation.rank_without),
                )
        table.add_row(
            "[bold]score[/bold]", f"[bold]{found.score:.4f}[/bold]", f"{found.confidence.value} confidence", "", ""
        )
        out.print(table)


@app.command("person")
@grouped
def person(
    *,
    person_id: Annotated[str, typer.Argument(help="Id of the person.")],
    asking: Asking,
) -> None:
    """What one person knows: topics with strength, declared and observed apart, rising or fading, last seen."""
    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="person", subject=person_id)
        found = finder.person(person_id, viewer)
        expertise = finder.expertise(person_id, viewer)
        if asking.as_json:
            from expertfinder.ask.shapes.people import ExpertiseOut, PersonOut

            emit({"person": PersonOut.of(found), "expertise": [ExpertiseOut.of(one) for one in expertise]})
            return
        out.print(_heading(found))
        table = Table("topic", "strength", "", "posts", "trend", "last seen", "declared", box=None, pad_edge=False)
        for entry in expertise:
            table.add_row(
                escape(entry.topic.label),
                f"{entry.observed:.2f}",
                "█" * round(entry.observed * 20),
                str(entry.posts),
                entry.trend,
                f"{entry.last_seen:%Y-%m-%d}" if entry.last_seen else "",
                "yes" if entry.declared else "",
            )
        out.print(table if expertise else "no topics yet")


@app.command("topics")
def topics(
    prefix: Annotated[str, typer.Argument(help="How the topic begins.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n")] = 20,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Topics that the organisation itself names, the busiest first."""
    with opened(home) as finder:
        found = finder.topics(Viewer(), prefix=prefix, limit=limit)
        if as_json:
            from expertfinder.ask.shapes.people import TopicOut

            emit([TopicOut.of(topic) for topic in found])
            return
        if not found:
            out.print("no topics that begin so" if prefix else "no topics yet: too few posts name one")
        for topic in found:
            out.print(f"{topic.posts:>7,}  {topic.label}", markup=False)
