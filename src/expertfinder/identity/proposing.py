"""Records that may be one human, for a person to look at: nothing is joined by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from expertfinder.identity.accounts import FORGES, MOST_NAMES, is_personal, key_of, kind_of, name_key, within
from expertfinder.identity.authority import Decision
from expertfinder.identity.joining import consistent, marks_of
from expertfinder.model import Person
from expertfinder.policy import is_open

FULL_NAME = 2
"""Words of a full name at least: a given name alone names nobody in particular."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two records that may be one human's."""

    one: str
    other: str
    why: str


def proposals(
    records: Iterable[Person], identity: Mapping[str, str], decisions: Sequence[Decision] = ()
) -> list[Proposal]:
    """Pairs of humans with the same rare full name in one source, or the same account of a forge; ordered by id.

    Both records may be read by everybody, nothing tells the two apart, and nobody has decided about them.
    """
    open_to_all = (one for one in records if is_open(one) and one.is_human)
    people = sorted(open_to_all, key=lambda one: one.id)
    decided = {frozenset((each.one, each.other)) for each in decisions}
    parted = [each for each in decisions if each.verdict == "part"]
    found: dict[tuple[str, str], Proposal] = {}
    for why, group in (*_alike(people), *_of_one_account(people)):
        first: dict[str, Person] = {}
        for person in group:
            first.setdefault(identity[person.id], person)
        if 1 < len(first) <= MOST_NAMES:
            one, *others = first.values()
            for other in others:
                apart = not consistent([marks_of(one, parted), marks_of(other, parted)])
                if not apart and frozenset((one.id, other.id)) not in decided:
                    found.setdefault((one.id, other.id), Proposal(one.id, other.id, why))
    return [found[pair] for pair in sorted(found)]


def mailmap(found: Iterable[Proposal], records: Iterable[Person]) -> str:
    """Proposals between addresses as lines of a `.mailmap`, to be looked at and put into the repository."""
    people = {person.id: person for person in records}
    lines = []
    for proposal in found:
        one, other = people[proposal.one], people[proposal.other]
        kept, dropped = _address(one), _address(other)
        if kept and dropped:
            lines.append(f"{one.name or other.name} <{kept}> {other.name} <{dropped}>".replace("  ", " "))
    return "".join(f"{line}\n" for line in lines)


def _alike(people: Iterable[Person]) -> Iterator[tuple[str, list[Person]]]:
    named: defaultdict[tuple[str, frozenset[str]], list[Person]] = defaultdict(list)
    for person in people:
        words = name_key(person.name)
        if len(words) >= FULL_NAME:
            named[person.source, words].append(person)
    return (("the same full name in one source", group) for group in named.values())


def _of_one_account(people: Iterable[Person]) -> Iterator[tuple[str, list[Person]]]:
    accounts: defaultdict[str, list[Person]] = defaultdict(list)
    for person in people:
        own = {key_of(account) for account in person.accounts if is_personal(account)}
        for key in own | {inside for one in own for inside in within(one)}:
            if kind_of(key) in FORGES or ("." in kind_of(key) and key not in own):
                accounts[key].append(person)
    return (("the same account of a forge under two names", group) for group in accounts.values())


def _address(person: Person) -> str:
    keys = (key_of(account) for account in person.accounts)
    return next((key.partition(":")[2] for key in keys if kind_of(key) == "email"), "")
