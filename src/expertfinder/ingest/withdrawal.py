"""Facts that their source took back: they go, and the same record again does not bring them back.

An untouched file that is imported once more has the record as it was withdrawn, and that stays withdrawn. A record that
says something else than before is the source's new word and comes in; so does one that is put by its id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar, NamedTuple

from expertfinder.model import NOBODY, Fact, Person
from expertfinder.store import Kind, Statement, Store
from expertfinder.store.codec import encode, kind_of

Place = tuple[Kind, str]
"""Kind and id of a fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Statement):
    """That a fact was taken back, and what it said then."""

    KIND: ClassVar[str] = "withdrawn"
    KEY: ClassVar[tuple[str, ...]] = ("of", "fact")
    ABOUT: ClassVar[tuple[str, ...]] = ("person",)
    of: str
    """The kind of fact."""
    fact: str
    """Its id."""
    content: str
    """Hexadecimal hash of what it said, whoever could read it."""
    person: str = ""
    """The id again where the fact is a record of a person, so that this statement is erased with the person."""
    by: str = ""
    """Who took it back."""


class Sifted(NamedTuple):
    """Facts of an import, parted into those that come in and those that stay withdrawn."""

    facts: list[Fact]
    away: list[Fact]
    """Facts that stay withdrawn, because they say what they said when they were taken back."""
    anew: list[Withdrawn]
    """Withdrawals of facts that now say something else: to be forgotten once the facts are written."""


def place_of(fact: Fact) -> Place:
    """Kind and id of a fact."""
    return kind_of(fact), fact.id


def content_of(fact: Fact) -> str:
    """Hexadecimal hash of what a fact says. Its audience, and whether a person is hidden, do not change the hash."""
    said = replace(fact, audience=NOBODY)
    return encode(replace(said, hidden=False) if isinstance(said, Person) else said).hash.hex()


def withdraw(store: Store, places: Iterable[Place], *, by: str, remember: bool = True) -> dict[Kind, int]:
    """Take facts back; the same again changes nothing. Returns how many facts of each kind the record had.

    `remember`: the same record stays away from later imports. Otherwise the next import that has it brings it back.
    """
    ids: defaultdict[Kind, list[str]] = defaultdict(list)
    for kind, fact_id in dict.fromkeys(places):
        ids[kind].append(fact_id)
    gone: dict[Kind, int] = {}
    for kind, some in ids.items():
        for fact in (
            store.get(kind, some) if remember else ()
        ):  # remembered before it is deleted: after a crash in between it can be withdrawn again
            store.state(_withdrawn(fact, kind, by))
        gone[kind] = store.delete(kind, some)
    return gone


def _withdrawn(fact: Fact, kind: Kind, by: str) -> Withdrawn:
    person = fact.id if isinstance(fact, Person) else ""
    return Withdrawn(of=kind, fact=fact.id, content=content_of(fact), person=person, by=by, at=datetime.now(UTC))


def withdrawn_in(store: Store) -> dict[Place, Withdrawn]:
    """What was taken back, by kind and id."""
    return {(one.of, one.fact): one for one in store.statements(Withdrawn)}  # type: ignore[misc]


def sift(known: Mapping[Place, Withdrawn], facts: Sequence[Fact]) -> Sifted:
    """Part facts into those that come in and those that stay withdrawn (`known`: see `withdrawn_in`)."""
    found = Sifted([], [], [])
    for fact in facts:
        one = known.get(place_of(fact)) if known else None
        if one is not None and one.content == content_of(fact):
            found.away.append(fact)
        else:
            found.facts.append(fact)
            if one is not None:
                found.anew.append(one)
    return found


def forget(store: Store, facts: Iterable[Fact]) -> None:
    """Let facts that are put by their id come in, whatever was withdrawn of them."""
    known = {(one.of, one.fact): one for one in store.statements(Withdrawn)}
    for fact in facts:
        if known and (one := known.get(place_of(fact))) is not None:
            store.retract(one)
