"""From records to facts in the store, with an outcome for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from expertfinder.errors import Conflict, Forbidden, SourceError
from expertfinder.http.schemas.records import IngestOut, LineOut, LineOutcome
from expertfinder.ingest.withdrawal import Place, place_of, sift, withdraw, withdrawn_in
from expertfinder.model import NOBODY, Audience, Community, Fact, Interaction, Person, Post, Source, Viewer
from expertfinder.policy import may_find, may_read
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Records
from expertfinder.store.codec import TYPES, kind_of
from expertfinder.store.forgetting import people_named
from expertfinder.store.protocol import Kind, Store

NDJSON = "application/x-ndjson"

ERASED = "this id was erased, and what was erased does not come back"
WITHDRAWN = "this record was withdrawn, and the same again stays so: change it, or PUT it by its id"


def registered(store: Store, source: str) -> Source:
    """The source with this id. One that was never registered keeps its records to their authors (decision 0027)."""
    return next(iter(store.get("source", [source])), Source(id=source, audience=Audience("private")))


@dataclass(frozen=True, slots=True)
class Right:
    """With what right facts are written."""

    viewer: Viewer
    """An outcome tells of a record that was there before only what this viewer may read."""
    groups: bool
    """Whether a record may say who is a member of which group."""


def forbid(fact: Fact, right: Right) -> None:
    """Raise `Forbidden` for a person's record with groups where the caller may not say them, whatever the store has."""
    if isinstance(fact, Person) and fact.groups and not right.groups:
        raise Forbidden("membership in groups needs the scope groups:write; leave `groups` out", scope="groups:write")


def write(store: Store, facts: Sequence[Fact], right: Right) -> list[LineOutcome]:
    """Write facts as one batch. Returns what became of each, in their order. Of two with one id the last one counts.

    A record that was there and that the caller may not read counts as none: the outcome is `added`. Parts of a record
    that the caller may not read do not decide between `changed` and `unchanged`. Where the caller may not say who is in
    a group, people stay in the groups in which they are.
    """
    if not facts:
        return []
    there = _there(store, facts)
    sifted = sift(withdrawn_in(store), facts)
    away = {place_of(fact) for fact in sifted.away}
    if not right.groups:
        groups = {fact.id: fact.groups for fact in there.values() if isinstance(fact, Person)}
        facts = [replace(fact, groups=groups.get(fact.id, ())) if isinstance(fact, Person) else fact for fact in facts]
    seen = _Eyes(store, right.viewer, [*there.values(), *facts])
    before = {key: shown for key, fact in there.items() if (shown := seen.shown(fact)) is not None}
    receipt = store.apply([fact for fact in facts if place_of(fact) not in away])
    for one in sifted.anew:
        store.retract(one)
    outcomes: list[LineOutcome] = []
    for fact in facts:
        kind = kind_of(fact)
        if (kind, fact.id) in away:
            outcomes.append("added" if seen.shown(fact) is None else "withdrawn")
            continue
        outcome = receipt.outcomes[kind][fact.id]
        if outcome not in ("added", "refused"):
            shown = before.get((kind, fact.id))
            outcome = "added" if shown is None else "unchanged" if shown == seen.shown(fact) else "changed"
        outcomes.append(outcome)
    return outcomes


def _there(store: Store, facts: Sequence[Fact]) -> dict[tuple[Kind, str], Fact]:
    found: dict[tuple[Kind, str], Fact] = {}
    for kind, type_ in TYPES.items():
        ids = [fact.id for fact in facts if type(fact) is type_]
        if ids:
            found |= {(kind, fact.id): fact for fact in store.get(kind, ids)}
    return found


class _Eyes:
    """What a viewer may read of facts that are written."""

    def __init__(self, store: Store, viewer: Viewer, facts: Sequence[Fact]) -> None:
        named = {name for fact in facts for name in people_named(fact)}
        self._viewer = viewer
        self._people = {one.id for one in store.get("person", sorted(named)) if may_find(one, viewer)}
        on = sorted({fact.object for fact in facts if isinstance(fact, Interaction)})
        self._closed = {post.id for post in store.get("post", on) if not may_read(post.audience, viewer)}

    def shown(self, fact: Fact) -> Fact | None:
        """The fact without the parts that the viewer cannot read; `None` where the viewer can read none of it."""
        match fact:
            case Person():
                manager = fact.manager if fact.manager in self._people else ""
                bare = replace(fact, manager=manager, groups=(), accounts=(), audience=NOBODY)
                return bare if may_find(fact, self._viewer) else None
            case Interaction():
                people = {fact.actor, fact.object} if fact.object_type == "person" else {fact.actor}
                open_to = may_read(fact.audience, self._viewer) and people <= self._people
                return replace(fact, audience=NOBODY) if open_to and fact.object not in self._closed else None
            case Post():
                bare_post = replace(fact, authors=self._known(fact.authors), audience=NOBODY)
                return bare_post if may_read(fact.audience, self._viewer) else None
            case Community():
                members, leads = self._known(fact.members), self._known(fact.leads)
                bare_community = replace(fact, members=members, leads=leads, audience=NOBODY)
                return bare_community if may_read(fact.audience, self._viewer) else None
            case _:
                return fact

    def _known(self, people: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(person for person in people if person in self._people)


class Lines:
    """Lines of JSON as they arrive in pieces: each is parsed when it is whole, and the pieces are let go."""

    def __init__(self, source: Source, right: Right, *, by: str = "") -> None:
        self.records = Records(source)
        self.right = right
        self.by = by
        """The name of whoever sends the lines."""
        self.count = 0
        self.facts: list[tuple[int, Fact]] = []
        self.gone: list[tuple[int, Place]] = []
        """Number of a line and the place of the record that the line takes back."""
        self.left_out: list[LineOut] = []
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the body. Empty lines count as lines and are passed over."""
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        for line in whole:
            self.count += 1
            if line.strip():
                self._take(line)

    def end(self) -> None:
        """Take the last line, which needs no line break. Call it when the body is over."""
        if self._rest:
            self.feed(b"\n")

    def _take(self, line: bytes) -> None:
        try:
            fact = self.records.parse_typed(_json(line))
            if isinstance(fact, Withdrawal):
                self.gone.append((self.count, (fact.kind, fact.id)))
                return
            if fact is not None:
                forbid(fact, self.right)
        except (SourceError, Forbidden) as error:
            self._leave_out("invalid", error.detail, status=error.status, field=error.extras.get("field"))
            return
        if fact is None:
            self._leave_out("unattributed", "nobody is known to have done it")
        else:
            self.facts.append((self.count, fact))

    def _leave_out(self, outcome: LineOutcome, detail: str, *, status: int = 200, field: object = None) -> None:
        named = str(field) if field else None
        self.left_out.append(
            LineOut(line=self.count, status=status, id=None, outcome=outcome, detail=detail, field=named)
        )


def _json(line: bytes) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise SourceError(f"this is not JSON: {error.msg}") from error


def write_lines(store: Store, lines: Lines) -> IngestOut:
    """Write what the lines hold as one batch; an outcome for each line that is not empty, in order."""
    done = list(lines.left_out)
    outcomes = write(store, [fact for _, fact in lines.facts], lines.right)
    last = {place_of(fact): number for number, fact in lines.facts}
    withdraw(store, [place for number, place in lines.gone if number > last.get(place, 0)], by=lines.by)
    for number, (_, fact_id) in lines.gone:  # the same outcome whether the record was there or not
        done.append(LineOut(line=number, status=200, id=fact_id, outcome="withdrawn", detail=None, field=None))
    for (number, fact), outcome in zip(lines.facts, outcomes, strict=True):
        status = {"added": 201, "refused": Conflict.status, "withdrawn": Conflict.status}.get(outcome, 200)
        detail = {"refused": ERASED, "withdrawn": WITHDRAWN}.get(outcome)
        done.append(LineOut(line=number, status=status, id=fact.id, outcome=outcome, detail=detail, field=None))
    counts = Counter(line.outcome for line in done)
    return IngestOut(
        added=counts["added"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        refused=counts["refused"],
        withdrawn=counts["withdrawn"],
        unattributed=counts["unattributed"],
        invalid=counts["invalid"],
        ignored=dict(sorted(lines.records.counts.unknown_fields.items())),
        lines=sorted(done, key=lambda line: line.line),
    )
