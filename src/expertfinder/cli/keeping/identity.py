"""`identity`: which records are one human, and what people decided about it. `hide`, `show`."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from expertfinder.cli.app import again, app, emit, existing, out
from expertfinder.cli.options import HomeOption, JsonOption
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.identity import Humans, mailmap, proposals
from expertfinder.model import Person
from expertfinder.store import AuditEntry, Store, Verdict, who_is_who

identity_app = typer.Typer(no_args_is_help=True, help="Which records are one human: list, join, part, undo.")
app.add_typer(identity_app, name="identity")

AUTHORS_TOLD = 50
"""How many authors without a record are listed: those with the most posts, as they are most worth a decision."""

OneArgument = Annotated[str, typer.Argument(help="Id of a record, or of an author that posts name.")]
OtherArgument = Annotated[str, typer.Argument(help="Id of the other record.")]
ByOption = Annotated[str, typer.Option("--by", help="Who decides, as it is remembered.")]


@identity_app.command("list")
def identity_list(
    home: HomeOption = None,
    mailmap_file: Annotated[
        Path | None, typer.Option("--mailmap", help="Write proposals between addresses there, as a .mailmap.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Joins of differently named records, what people decided, what may be one human, and authors nobody knows."""
    store = existing(home).open_store()
    try:
        records, who = who_is_who(store)
        verdicts = store.statements(Verdict)
        authors = unknown_authors(store, who)
    finally:
        store.close()
    names = {record.id: record.name for record in records}
    found = proposals(records, who.identity, who.decisions)
    if mailmap_file is not None:
        mailmap_file.write_text(mailmap(found, records), encoding="utf-8")
    if as_json:
        emit(
            {
                "joins": who.joins,
                "verdicts": verdicts,
                "proposals": found,
                "unknown_authors": [{"id": name, "posts": posts} for name, posts in authors.most_common(AUTHORS_TOLD)],
            }
        )
        return
    for join in who.joins:
        sure = "one human" if join.proven else "evidence alone"
        people = ", ".join(f"{record} ({names[record] or 'no name'})" for record in join.records)
        out.print(f"joined by {join.key or 'a decision'}, {sure}: {people}", markup=False, soft_wrap=True)
    for verdict in verdicts:
        said = {"join": "one human", "part": "two humans"}[verdict.verdict]
        out.print(f"{verdict.one} and {verdict.other} are {said}: {verdict.by}, {verdict.at:%Y-%m-%d}", markup=False)
    for proposal in found:
        out.print(
            f"one human? {proposal.one} and {proposal.other} ({names[proposal.one]}): {proposal.why}", markup=False
        )
    for name, posts in authors.most_common(AUTHORS_TOLD):
        out.print(f"nobody is credited for {name} ({posts:,} posts)", markup=False)
    if not (who.joins or verdicts or found or authors):
        out.print("no records of different names are joined, and nothing waits for a decision")
    elif found or authors:
        out.print("next: " + again("identity join ONE OTHER", home), markup=False)


@identity_app.command("join")
def identity_join(one: OneArgument, other: OtherArgument, by: ByOption = "prompt", home: HomeOption = None) -> None:
    """Say that two records are one human, or that an author is the human of a record. It gives nobody a right."""
    _decide("join", (one, other), by, home)


@identity_app.command("part")
def identity_part(one: OneArgument, other: OtherArgument, by: ByOption = "prompt", home: HomeOption = None) -> None:
    """Say that two records are two humans, whatever keys they share."""
    _decide("part", (one, other), by, home)


@identity_app.command("undo")
def identity_undo(one: OneArgument, other: OtherArgument, home: HomeOption = None) -> None:
    """Forget what was decided about two records: their keys decide again."""
    store = existing(home).open_store()
    try:
        first, second = sorted((one, other))
        kept = next((each for each in store.statements(Verdict) if (each.one, each.other) == (first, second)), None)
        if kept is None:
            raise NotFound(f"nothing was decided about {first} and {second}; see `expertfinder identity list`")
        store.retract(kept)
    finally:
        store.close()
    out.print(f"what was decided about {first} and {second} is forgotten", markup=False)


def _decide(verdict: Literal["join", "part"], pair: tuple[str, str], by: str, home: Path | None) -> None:
    first, second = sorted(pair)
    store = existing(home).open_store()
    try:
        found = {record.id: record for record in store.get("person", pair)}
        if first == second or not found or (verdict == "part" and len(found) < len(pair)):
            missing = ", ".join(name for name in pair if name not in found) or first
            raise NotFound(f"there is no record {missing}; two different ids are wanted")
        if verdict == "join" and len({record.audience.key for record in found.values()}) > 1:
            raise InvalidQuestion(f"{first} and {second} may be read by different people: such records are not joined")
        store.state(Verdict(verdict=verdict, one=first, other=second, by=by, at=datetime.now(UTC)))
        store.write_audit(AuditEntry(at=datetime.now(UTC), actor=by, event=verdict, subject=first, detail=second))
    finally:
        store.close()
    said = "one human" if verdict == "join" else "two humans"
    out.print(f"{first} and {second} are {said} from now on", markup=False)
    out.print("next: " + again("index", home) + "  (adds up what they did anew)", markup=False)


def unknown_authors(store: Store, who: Humans) -> Counter[str]:
    """Authors whom neither a record nor an account key names -> how many posts they have."""
    often = Counter(author for post in store.all("post") for author in post.authors)
    return Counter({name: posts for name, posts in often.items() if who.author(name) is None})


# --- being found -----------------------------------------------------------------------------------------------------

PersonArgument = Annotated[str, typer.Argument(help="Id of the person, or of one of the person's records.")]


@app.command("hide")
def hide(person: PersonArgument, home: HomeOption = None) -> None:
    """Let nobody find a person, from the next question on. No import undoes it; the person still sees themselves."""
    store = existing(home).open_store()
    try:
        records, who = _known(store, person)
        store.hide(person)
        store.write_audit(AuditEntry(at=datetime.now(UTC), actor="prompt", event="hide", subject=person))
    finally:
        store.close()
    named = ", ".join(_records_of(records, who, person))
    out.print(
        f"hidden: {named}; a running service knows at once, topics and communities at its next fold", markup=False
    )


@app.command("show")
def show(person: PersonArgument, home: HomeOption = None) -> None:
    """Take back what `hide` said."""
    store = existing(home).open_store()
    try:
        records, who = _known(store, person)
        theirs = _records_of(records, who, person)
        for record in theirs:
            store.hide(record, hidden=False)
        store.write_audit(AuditEntry(at=datetime.now(UTC), actor="prompt", event="show", subject=person))
        still = [record.id for record in store.get("person", theirs) if record.hidden]
    finally:
        store.close()
    if still:
        raise InvalidQuestion(f"still hidden, because the source says so: {', '.join(still)}; change it there")
    out.print(f"may be found again: {', '.join(theirs)}", markup=False)


def _known(store: Store, person: str) -> tuple[list[Person], Humans]:
    records, who = who_is_who(store)
    if person not in who.identity:
        raise NotFound(f"there is no person {person}")
    return records, who


def _records_of(records: list[Person], who: Humans, person: str) -> list[str]:
    return [record.id for record in records if who.identity[record.id] == who.identity[person]]
