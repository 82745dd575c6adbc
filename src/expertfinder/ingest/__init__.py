"""Source -> store: everything is read and checked first, then written as one batch; running it again changes nothing.

A bad record means that nothing is written. Who is who is not decided here: records are kept as their source gives them
and `identity.py` joins them when they are used, so no import has to be undone because two humans were taken for one.
What the lines take back is withdrawn after the rest is written. Where that breaks off, the same import completes it.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain

from expertfinder.errors import Conflict
from expertfinder.identity import Join
from expertfinder.ingest.completion import check_few, foreseen, missing, there
from expertfinder.ingest.joined import met
from expertfinder.ingest.reading import Reading, read_all
from expertfinder.ingest.retention import expired, expired_in, horizons, kept_days, remember
from expertfinder.ingest.withdrawal import Place, Withdrawn, place_of, sift, withdraw, withdrawn_in
from expertfinder.model import Audience, Community, Fact, Interaction, Person, Post, Source
from expertfinder.policy import audience_of, narrower
from expertfinder.sources import Counts, Reader
from expertfinder.sources.floods import Floods
from expertfinder.store import Imported, Kind, Receipt, Store

Said = Person | Post | Interaction | Community
"""A fact that a source gives."""

EARLY_TOLD = 5
"""How many people who left before they wrote anything the report names; it says how many there are in all."""
_TOLD: tuple[Kind, ...] = ("person", "post", "interaction", "community")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the facts of one kind. `read` counts different ids and is the sum of the other four."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    """Facts of people who were erased: they do not come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """The options of an import."""

    change_audience: bool = False
    """Lets a source change the default audience that it was registered with. Facts in this import take the new one.
    Earlier facts with the old default may then be read only by people who are in both."""
    directory: bool | None = None
    """Whether the source is registered as a directory from now on; `None` leaves it as it was registered."""
    keep_days: int | None = None
    """For how many days the source keeps posts and interactions, remembered from then on; 0: for ever."""
    complete: bool = False
    """What the source no longer has is withdrawn."""
    many: bool = False
    """Lets `complete` withdraw even so much that a person should look first (`completion.check_few`)."""
    dry_run: bool = False
    """Nothing is written; the report says what would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an import did, for the person who ran it."""

    source: Source
    kinds: Mapping[str, Tally]
    """By kind (`person`, `post`, `interaction`, `community`)."""
    counts: Counts
    """What was accepted without being understood, or left out."""
    withdrawn: Mapping[Kind, int]
    """How many facts of each kind the lines took back, of those that were there."""
    missing: Mapping[Kind, int]
    """How many facts of each kind a complete import no longer has: they were withdrawn."""
    expired: Mapping[Kind, int]
    """How many facts of each kind are older than their source keeps them: left out, and withdrawn where they were
    there."""
    keep_days: int
    """For how many days the source keeps posts and interactions; 0: for ever."""
    dry_run: bool
    """Nothing was written."""
    kept_away: int
    """How many facts were taken back earlier and come again unchanged: they stay withdrawn, and are in no tally."""
    repeated: int
    """How many lines have a kind and an id that came before in the same import: the last line counts."""
    unknown_people: int
    """How many different authors and actors neither a record nor an account key names. Their facts are kept; nobody is
    credited until a record comes or somebody says who they are."""
    ambiguous_names: int
    """Names that several persons carry, who have no key in common: they stay several persons."""
    joins: tuple[Join, ...]
    """Records of this source that are joined with differently named ones."""
    sequence: int
    """The number of the last change in the store."""
    seconds: float


def ingest(
    store: Store,
    reader: Reader,
    *,
    progress: Callable[[int, int | None], None] | None = None,
    how: How = How(),
) -> Report:
    """Import all that a reader gives, as one batch.

    `progress` is told how many facts were read, and of about how many. Where the reader names no kinds of keys that it
    proves, what was registered stays.

    Raises `SourceError` (file, line, field) for what cannot be read or may not be `complete`. Raises `Conflict` for a
    source that is registered with another default audience, and where a complete import would withdraw much. Raises the
    errors of the store. In every case nothing was written.
    """
    began = time.monotonic()
    source = reader.source
    registered = next(iter(store.get("source", [source.id])), None)
    if registered is not None and registered.audience != source.audience and not how.change_audience:
        raise Conflict(
            f"the source {source.id!r} is registered with the default audience {_said(registered.audience)!r}, not "
            f"{_said(source.audience)!r}: import it with that one, or say that the audience is to change",
            source=source.id,
        )
    if registered is not None:
        source = replace(source, directory=registered.directory, proves=source.proves or registered.proves)
    source = source if how.directory is None else replace(source, directory=how.directory)
    reading = read_all(reader, progress)
    try:
        return _written(store, reader, reading, _Wished(source, registered, how, began))
    finally:
        reading.close()


@dataclass(frozen=True, slots=True)
class _Wished:
    """What an import is to do."""

    source: Source
    registered: Source | None
    how: How
    began: float


@dataclass(slots=True)
class _Course:
    """What was found while the facts of an import went by, part by part."""

    kinds: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Kind -> outcome -> how many."""
    away: int = 0
    anew: list[Withdrawn] = field(default_factory=list)
    old: set[Place] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    people: bool = False
    """Whether there was a record of a person."""
    first: dict[str, datetime] = field(default_factory=dict)
    """Author -> when the first post was written."""
    left: dict[str, datetime] = field(default_factory=dict)

    def meet(self, facts: Iterable[Fact]) -> None:
        """Remember who is named in facts, and whose records they are."""
        for fact in facts:
            if isinstance(fact, Post):
                self.named.update(fact.authors)
                if fact.created_at is not None:
                    for author in fact.authors:
                        self.first[author] = min(fact.created_at, self.first.get(author, fact.created_at))
            elif isinstance(fact, Interaction):
                self.named.add(fact.actor)
            elif isinstance(fact, Person):
                self.people = True
                if fact.left_at is not None:
                    self.left[fact.id] = fact.left_at

    def remarks(self) -> list[str]:
        """What looks wrong in the import as a whole, in sentences: people who left before they wrote anything."""
        early = sorted(who for who, at in self.left.items() if who in self.first and at < self.first[who])
        if not early:
            return []
        told = ", ".join(f"{who} on {self.left[who].date()}" for who in early[:EARLY_TOLD])
        more = ", ..." if len(early) > EARLY_TOLD else ""
        return [
            f"{len(early):,} people left before any post of theirs, and are not named: {told}{more}; if the day means "
            "that they are still there, leave `left_at` empty"
        ]

    def ran(self, source: str, *, withdrawn: int, at: datetime) -> Imported:
        """The statement about this import that the record keeps."""
        told = sum(self.kinds.values(), Counter[str]())
        added, changed = told["added"], told["changed"]
        return Imported(source=source, read=told.total(), added=added, changed=changed, withdrawn=withdrawn, at=at)

    def count(self, outcomes: Mapping[Kind, Mapping[str, str]]) -> None:
        """Count what became of the facts of a part."""
        for kind, of_kind in outcomes.items():
            self.kinds[kind].update(of_kind.values())


def _written(store: Store, reader: Reader, reading: Reading, wished: _Wished) -> Report:
    source, how, course = wished.source, wished.how, _Course()
    counts = reader.counts
    floods = Floods()
    missed = missing(store, reader, reading) if how.complete else []
    if missed and not (how.many or how.dry_run):
        check_few(missed, len(there(store, source.id)), source=source.id)
    until = horizons(store, datetime.now(UTC), also=None if how.keep_days is None else {source.id: how.keep_days})
    kept = expired_in(store, until)
    course.old.update(kept)
    known = withdrawn_in(store)

    def parts() -> Iterator[list[Fact]]:
        for part in reading.parts():
            floods.meet(part)
            sifted = sift(known, part)
            course.away += len(sifted.away)
            course.anew += sifted.anew
            course.old.update(expired(part, until))
            left = [fact for fact in sifted.facts if place_of(fact) not in course.old]
            course.meet(left)
            yield left

    if how.dry_run:
        for part in parts():
            for kind, told in foreseen(store, {place_of(fact): fact for fact in part}).items():
                course.kinds[kind].update(told)
        withdrawn = Counter(kind for kind, fact_id in reading.gone if store.get(kind, [fact_id]))
        sequence = store.sequence()
    else:
        tightened = _tightened(store, wished.registered, source, reading) if wished.registered is not None else []
        own: list[Fact] = [source, *tightened]
        store.apply_parts(chain([own], parts()), told=_after_the_first(lambda receipt: course.count(receipt.outcomes)))
        for one in course.anew:
            store.retract(one)
        withdrawn = Counter(withdraw(store, reading.gone, by=f"import of {source.id}"))
        withdraw(store, missed, by=f"import of {source.id}", remember=False)
        if how.keep_days is not None:
            remember(store, source.id, how.keep_days)
        withdraw(store, kept, by="retention", remember=False)
        gone = withdrawn.total() + len(missed) + len(kept)
        store.state(course.ran(source.id, withdrawn=gone, at=datetime.now(UTC)))
        sequence = store.sequence()
    who = met(store, course.named, (lambda record: ("person", record) in reading) if course.people else None)
    counts.remarks += [*floods.looking_like_machines(), *course.remarks()]
    return Report(
        source=source,
        kinds={str(kind): Tally(read=told.total(), **told) for kind, told in _in_order(course.kinds)},
        counts=counts,
        withdrawn=+withdrawn,
        missing=Counter(kind for kind, _ in missed),
        expired=Counter(kind for kind, _ in course.old),
        keep_days=how.keep_days if how.keep_days is not None else kept_days(store, source.id),
        dry_run=how.dry_run,
        kept_away=course.away,
        repeated=reading.repeated,
        unknown_people=who.unknown,
        ambiguous_names=who.ambiguous,
        joins=who.joins,
        sequence=sequence,
        seconds=time.monotonic() - wished.began,
    )


def _after_the_first(told: Callable[[Receipt], None]) -> Callable[[Receipt], None]:
    """A function that passes on the receipt of each part but the first (the source itself and the tightened facts)."""
    met: list[bool] = []

    def tell(receipt: Receipt) -> None:
        if met:
            told(receipt)
        met.append(True)

    return tell


def _in_order(kinds: Mapping[str, Counter[str]]) -> Iterator[tuple[str, Counter[str]]]:
    """Every kind of fact, in the order of `_TOLD`, with how many of its facts had which outcome."""
    return ((kind, kinds.get(kind, Counter())) for kind in _TOLD)


def _tightened(store: Store, registered: Source, source: Source, reading: Reading) -> list[Fact]:
    """Earlier facts with the old default audience, changed so that only people in the old and the new one read them."""
    if registered.audience == source.audience:
        return []
    kept: list[Fact] = []
    # A person hidden by `hide` is written back with `hidden` in the record; the next import of the record corrects it.
    earlier: Iterable[Said] = chain(
        store.all("person"), store.all("post"), store.all("interaction"), store.all("community")
    )
    for fact in earlier:
        if fact.source == source.id and place_of(fact) not in reading:
            owners = _owners(fact)
            old = audience_of(None, source=source.id, authors=owners, default=registered.audience)
            new = audience_of(None, source=source.id, authors=owners, default=source.audience)
            if fact.audience == old:
                kept.append(replace(fact, audience=narrower(old, new)))
    return kept


def _owners(fact: Said) -> tuple[str, ...]:
    """Ids of the people to whom a fact belongs: they may read it where it is private."""
    match fact:
        case Person():
            return (fact.id,)
        case Post():
            return fact.authors
        case Interaction():
            return (fact.actor,)
        case Community():
            return tuple(dict.fromkeys((*fact.members, *fact.leads)))


def _said(audience: Audience) -> str:
    """An audience in the words of the prompt."""
    return ", ".join(audience.groups) if audience.scope == "groups" else audience.scope
