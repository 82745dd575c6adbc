"""What a store promises. Every home of the facts obeys this file under one contract suite (`tests/stores/`).

Promises
- `apply` is all or nothing: when it returns, the facts survive a `kill -9`; when it raises, nothing was written. When
  the process or the disk fails in the very moment of the commit, the batch may be there whole without having been
  acknowledged: to send it again is always safe.
- `apply` is idempotent: a fact equal to what is there changes nothing and takes no sequence number.
- Every change has a number, one larger than the one before; `changes` gives them in order, without gaps.
- A fact of a forgotten (tombstoned) id is refused and counted, never written.
- Readers see whole batches only. Who reads several kinds takes `sequence` first, reads, and then follows `changes`.
- An erased id is in no answer afterwards, and after `scrub` in no byte of the home. In `changes` (the earlier lines
  too) a token `erased:...` stands for it; `forgotten` tells whoever still holds ids which of them were erased.
- Every method may be called from any thread.

Errors: `StoreUnavailable` (busy, locked, read-only, away), `StoreOutOfSpace`, `FormatNotSupported` (made by newer
code), `StoreError` for anything else the home says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, Protocol, overload

from expertfinder.model import Community, Fact, Interaction, Person, Post, Source
from expertfinder.store.statements import Having, KeptStatement, S, Statement

Kind = Literal["person", "post", "interaction", "community", "source"]
Operation = Literal["put", "delete", "hide", "show", "erase"]
Outcome = Literal["added", "changed", "unchanged", "refused"]
"""What becomes of a fact that is written. `refused`: it is of somebody who was erased, and does not come back."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the append-only log. `kind` and `id` name the fact; `get` gives what it is now.

    `put`: it is new or was changed. `delete`: it is gone and may come again. `hide`, `show`: of a person. `erase`: it
    is gone for good; the id is a token, so ask `Store.forgotten`.
    """

    sequence: int
    operation: Operation
    kind: Kind
    id: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What `apply` did. `sequence` is the number of the last change in the store after the batch."""

    sequence: int
    outcomes: Mapping[Kind, Mapping[str, Outcome]] = field(default_factory=dict)
    """What became of each fact of the batch, by kind and id."""

    def count(self, outcome: Outcome) -> int:
        """How many facts of the batch had this outcome."""
        return sum(Counter(of_kind.values())[outcome] for of_kind in self.outcomes.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key as it is kept: never the secret, only its SHA-256."""

    id: str
    digest: str
    """Hexadecimal SHA-256 of the secret."""
    scopes: tuple[str, ...]
    person: str | None
    """Id of the person as whom the key reads; `None` for a key that reads the shared tier alone."""
    created_at: datetime
    expires_at: datetime
    revoked: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the audit log: who did what to whom, and why. Never the text of a query."""

    at: datetime
    actor: str
    event: str
    subject: str = ""
    detail: str = ""


class Chain(NamedTuple):
    """Whether the audit log is as it was written: see `chain.py`."""

    lines: int
    head: str
    """The link of the newest line; empty for a log without a sealed line. Whoever noted it elsewhere can tell later
    whether all up to this line is as it was."""
    broken: int | None
    """The number of the first line that is not as it was; `None` for a whole chain."""


DEMAND_KEPT = timedelta(weeks=52)
"""How long it is remembered that somebody asked about a topic."""


class Demand(NamedTuple):
    """How many different people asked about a topic in a week."""

    week: date
    """Its Monday."""
    topic: str
    askers: int


class Question(NamedTuple):
    """That somebody asked about a topic in a week, as it is kept."""

    week: str
    """Its Monday, ISO 8601."""
    topic: str
    asker: bytes
    """A hash with this store's salt: who asks twice counts once, and is not named."""


class Kept(NamedTuple):
    """A fact as it is kept: see `codec.py`."""

    id: str
    hash: bytes
    """Of the body."""
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """All that a store keeps beside the facts, for a move to another home."""

    salt: bytes
    """Of the tombstones."""
    tombstones: tuple[bytes, ...]
    """In order of their bytes."""
    hidden: tuple[str, ...]
    """People hidden by `hide`, ordered by id."""
    keys: tuple[Key, ...]
    statements: tuple[KeptStatement, ...]
    """In order of kind and key."""
    questions: tuple[Question, ...]
    """In order of week, topic and asker."""
    audit: tuple[tuple[str, ...], ...]
    """Lines as they are kept (`chain.Line`), the oldest first."""
    salts: tuple[tuple[str, bytes], ...]
    """Names in the audit log, each with the salt that it is sealed with, ordered by name."""


class Store(Protocol):
    """The facts of one organisation."""

    def apply(self, facts: Iterable[Fact]) -> Receipt:
        """Write a batch, all or nothing. Facts with the same kind and id: the last one counts."""
        ...

    def apply_parts(self, parts: Iterable[Sequence[Fact]], *, told: Callable[[Receipt], None]) -> None:
        """Write several batches one after the other, all of them or none: for facts that do not fit into memory.

        `told` is called with the receipt of each batch, before the whole is committed. No two parts may have a fact of
        the same kind and id. A home may hold all parts in memory (that of a Neo4j server does).
        """
        ...

    def delete(self, kind: Kind, ids: Iterable[str]) -> int:
        """Delete facts (they may come again). Returns how many were there.

        A deleted act is also logged as a `put` of the post that it was done to, if that post is there: the evidence of
        the post has changed.
        """
        ...

    def sequence(self) -> int:
        """The number of the last change; 0 for an empty store. Cheap: it is asked before every answer."""
        ...

    def changes(self, since: int, *, limit: int = 10_000) -> Sequence[Change]:
        """The changes with a number above `since`, in order, at most `limit`."""
        ...

    @overload
    def get(self, kind: Literal["person"], ids: Iterable[str]) -> list[Person]: ...
    @overload
    def get(self, kind: Literal["post"], ids: Iterable[str]) -> list[Post]: ...
    @overload
    def get(self, kind: Literal["interaction"], ids: Iterable[str]) -> list[Interaction]: ...
    @overload
    def get(self, kind: Literal["community"], ids: Iterable[str]) -> list[Community]: ...
    @overload
    def get(self, kind: Literal["source"], ids: Iterable[str]) -> list[Source]: ...
    def get(self, kind: Kind, ids: Iterable[str]) -> list:  # type: ignore[type-arg]
        """The facts with these ids that are there, in the order of the ids. People carry `hidden`."""
        ...

    @overload
    def all(self, kind: Literal["person"]) -> Iterator[Person]: ...
    @overload
    def all(self, kind: Literal["post"]) -> Iterator[Post]: ...
    @overload
    def all(self, kind: Literal["interaction"]) -> Iterator[Interaction]: ...
    @overload
    def all(self, kind: Literal["community"]) -> Iterator[Community]: ...
    @overload
    def all(self, kind: Literal["source"]) -> Iterator[Source]: ...
    def all(self, kind: Kind) -> Iterator:  # type: ignore[type-arg]
        """Every fact of a kind, ordered by id (byte order), as one consistent view. People carry `hidden`.

        The view is that of the moment at which the first one is asked for; later writes do not show in it.
        """
        ...

    def acts_on(self, objects: Iterable[str], *, kind: Literal["post", "person"] = "post") -> list[Interaction]:
        """The interactions whose object is one of these posts, or of these people, ordered by id."""
        ...

    def acts_by(self, actors: Iterable[str]) -> list[Interaction]:
        """The interactions of these actors, ordered by id."""
        ...

    def posts_by(self, authors: Iterable[str]) -> list[Post]:
        """The posts that have one of these among their authors, ordered by id. A home may read every post for it."""
        ...

    def count(self, kind: Kind) -> int:
        """How many facts of a kind there are."""
        ...

    def hide(self, person: str, *, hidden: bool = True) -> int:
        """Hide or show a person, whatever later imports of the record say. Returns the last change's number.

        Showing takes back an earlier hiding; it does not overrule a record that says `hidden` itself. A person who is
        not there yet may be hidden beforehand. Doing it twice changes nothing.
        """
        ...

    def hides(self) -> frozenset[str]:
        """The ids that `hide` hid and nobody showed again, whether or not a record has them."""
        ...

    def erase(self, person: str, *, keys: Iterable[str] = ()) -> int:
        """Forget a person: the record, its interactions (as actor or object) and sole-authored posts go for good.

        In posts with other authors the id is struck out, and so it is in communities, audiences, the audit log and as
        somebody's manager; keys bound to the person go. What comes later in an import is refused or struck out in the
        same way. The tombstone is a salted hash. Erasing twice changes nothing. Returns the number of the last change.

        `keys`: account keys (as `identity.key_of` writes them) that are this human's alone. A new record with one of
        these keys is refused, together with what it did. A record that is there and merely claims the key
        stays as it is.
        """
        ...

    def scrub(self) -> bool:
        """Leave no byte of what was erased. `False` when there was nothing to do; cheap then.

        To be called after erasing (once for several people) and when a service starts, for what a crash left undone. It
        may rewrite the whole home. Raises `StoreUnavailable` while somebody still reads an older state: call it again.
        """
        ...

    def forgotten(self, kind: Kind, ids: Iterable[str]) -> set[str]:
        """Those of the ids that were erased. A holder of ids asks this when an `erase` is among the changes."""
        ...

    def put_key(self, key: Key) -> None:
        """Keep or replace an API key. Raises `Conflict` for a key of a person who was erased."""
        ...

    def key(self, key_id: str) -> Key | None:
        """The key with this id."""
        ...

    def keys(self) -> list[Key]:
        """All keys, ordered by id."""
        ...

    def state(self, statement: Statement, *, touching: Iterable[str] = ()) -> int:
        """Keep a statement in place of an earlier one with the same kind and key. Returns the last change's number.

        Raises `Conflict` where a person or a post that the statement is about was erased; a later erasure deletes the
        statement. Where its kind moves answers (`MOVES`) and it says something new, a `put` is logged of each person it
        is about, and of each post in `touching`: the ids of the posts whose evidence it changes.
        """
        ...

    def retract(self, statement: Statement, *, touching: Iterable[str] = ()) -> int:
        """Take back the statement with this kind and key, whatever else it says. Returns the last change's number."""
        ...

    def statements(self, kind: type[S], *, since: date | None = None, having: Having | None = None) -> list[S]:
        """All statements of a kind, ordered by their keys (byte order). `since`: only those whose field `day` is that
        day or a later one, for a kind that has it. `having`: the name of a field and values; only
        those whose field, a text, is one of the values. Fields in `Statement.LOOKED_UP` have an index for this."""
        ...

    def note_question(self, topics: Iterable[str], person: str, *, week: date) -> None:
        """Count that somebody asked about topics in a week (its Monday), once for each topic and person.

        A hash is kept that tells askers apart and does not name them. Nothing is kept of people who were erased, and
        an erasure deletes what was kept. Weeks older than `DEMAND_KEPT` are deleted. The count is no fact: the sequence
        number stays.
        """
        ...

    def demand(self, *, fewest: int) -> list[Demand]:
        """Topics that at least `fewest` different people asked about in a week, ordered by week and topic."""
        ...

    def write_audit(self, *entries: AuditEntry) -> None:
        """Add lines to the audit log, all or none; durable when it returns. Each is sealed: see `chain.py`."""
        ...

    def audit(self, *, subject: str | None = None, events: Iterable[str] = (), limit: int = 1000) -> list[AuditEntry]:
        """The newest lines first, of one subject or of all, of some events or of all."""
        ...

    def check_audit(self) -> Chain:
        """Whether every line of the audit log is as it was written, apart from people erased since."""
        ...

    def kept(self, kind: Kind) -> Iterator[Kept]:
        """Every fact of a kind as it is kept, without what `hide` adds to people; order and moment as with `all`."""
        ...

    def beside(self) -> Beside:
        """What is kept beside the facts, all of one moment."""
        ...

    def inherit(self, beside: Beside, *, origin: str) -> None:
        """Take over what another home keeps beside its facts, its salt included. Raises `Conflict` unless empty.

        From here until `complete` this home is half a copy of `origin`: it can be opened only to go on copying.
        """
        ...

    def half_copied(self) -> str | None:
        """The name of the home that this is half a copy of; `None` for a whole home."""
        ...

    def complete(self) -> None:
        """Mark the copy as whole: the home may be used from now on."""
        ...

    def close(self) -> None:
        """Close the home: connections are given back."""
        ...
