"""From records to facts in the store, with an outcome for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import orjson

from expertfinder.errors import Conflict, SourceError
from expertfinder.http.schemas import IngestOut, LineOut, LineOutcome, Outcome
from expertfinder.model import Audience, Community, Fact, Interaction, Person, Post, Source
from expertfinder.sources.records import Records
from expertfinder.store.protocol import Kind, Store

NDJSON = "application/x-ndjson"

_KINDS: dict[type[Fact], Kind] = {
    Person: "person",
    Post: "post",
    Interaction: "interaction",
    Community: "community",
    Source: "source",
}
ERASED = "this id was erased, and what was erased does not come back"


def registered(store: Store, source: str) -> Source:
    """The source with this id. One that was never registered keeps its records to their authors (decision 0027)."""
    return next(iter(store.get("source", [source])), Source(id=source, audience=Audience("private")))


def write(store: Store, facts: Sequence[Fact]) -> list[Outcome]:
    """Write facts as one batch and say what became of each, in order. Of two with one id the last one counts."""
    if not facts:
        return []
    before = _there(store, facts)
    receipt = store.apply(facts)
    after = _there(store, facts) if receipt.refused else {}
    outcomes: list[Outcome] = []
    for fact in facts:
        key = (_KINDS[type(fact)], fact.id)
        if receipt.refused and key not in after:
            outcomes.append("refused")
        elif key not in before:
            outcomes.append("added")
        else:
            outcomes.append("unchanged" if before[key] == _as_recorded(fact) else "changed")
    return outcomes


def _there(store: Store, facts: Sequence[Fact]) -> dict[tuple[Kind, str], Fact]:
    found: dict[tuple[Kind, str], Fact] = {}
    for type_, kind in _KINDS.items():
        ids = [fact.id for fact in facts if type(fact) is type_]
        if ids:
            found |= {(kind, fact.id): _as_recorded(fact) for fact in store.get(kind, ids)}
    return found


def _as_recorded(fact: Fact) -> Fact:
    """A fact without what the store keeps beside the record: whether a person is hidden outlasts every import."""
    return replace(fact, hidden=False) if isinstance(fact, Person) else fact


class Lines:
    """Lines of JSON as they arrive in pieces: each is parsed when it is whole, and the pieces are let go."""

    def __init__(self, source: Source) -> None:
        self.records = Records(source)
        self.count = 0
        self.facts: list[tuple[int, Fact]] = []
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
        """The body is over; a last line needs no line break."""
        if self._rest:
            self.feed(b"\n")

    def _take(self, line: bytes) -> None:
        try:
            fact = self.records.parse_typed(_json(line))
        except SourceError as error:
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
    outcomes = write(store, [fact for _, fact in lines.facts])
    for (number, fact), outcome in zip(lines.facts, outcomes, strict=True):
        status = {"added": 201, "refused": Conflict.status}.get(outcome, 200)
        detail = ERASED if outcome == "refused" else None
        done.append(LineOut(line=number, status=status, id=fact.id, outcome=outcome, detail=detail, field=None))
    counts = Counter(line.outcome for line in done)
    return IngestOut(
        added=counts["added"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        refused=counts["refused"],
        unattributed=counts["unattributed"],
        invalid=counts["invalid"],
        ignored=dict(sorted(lines.records.counts.unknown_fields.items())),
        lines=sorted(done, key=lambda line: line.line),
    )
