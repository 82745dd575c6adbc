"""What an erasure takes: the records that are proven to be a human's, and the account keys that are nobody else's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from expertfinder.identity.accounts import ONE_HUMANS, is_personal, is_shared_by, key_of, kind_of, name_key
from expertfinder.identity.authority import Authority, Decision
from expertfinder.identity.joining import consistent, marks_of
from expertfinder.model import Person


@dataclass(frozen=True, slots=True)
class Belongings:
    """What is a human's."""

    records: tuple[str, ...]
    """Ids of the records that are proven to be theirs, whoever may read them; sorted."""
    keys: tuple[str, ...]
    """Account keys that are proven to be theirs alone; sorted."""
    doubtful: tuple[str, ...]
    """Ids, sorted, of records that somebody has to look at: they are joined with these or claim one of the keys."""


def belongings(
    records: Iterable[Person], authority: Authority, start: Iterable[str], *, decisions: Sequence[Decision] = ()
) -> Belongings:
    """What belongs to the human whose records `start` are, whatever audience a record has."""
    people = {person.id: person for person in records}
    parted = [each for each in decisions if each.verdict == "part"]
    sure: defaultdict[str, list[str]] = defaultdict(list)
    said: defaultdict[str, list[str]] = defaultdict(list)
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for person in people.values():
        for key in {key_of(account) for account in person.accounts if is_personal(account)}:
            proven = authority.proves(person.source, kind_of(key))
            (sure if proven else said)[key].append(person.id)
            if proven:
                keys[person.id].add(key)
    shared = {key for key, carriers in sure.items() if is_shared_by(key, _by_source(people, carriers))}
    mine = {record for record in start if record in people}
    todo = sorted(mine)
    while todo:
        for key in sorted(keys[todo.pop()] - shared):
            for record in sure[key]:
                alike = kind_of(key) in ONE_HUMANS or len(_names(people, [*mine, record])) <= 1
                marks = [marks_of(people[one], parted) for one in (*mine, record)]
                if record not in mine and alike and consistent(marks):
                    mine.add(record)
                    todo.append(record)
    theirs = {key for record in mine for key in keys[record]}
    alone = {key for key in theirs - shared if mine.issuperset(sure[key])}
    doubtful = {record for key in theirs - shared for record in (*sure[key], *said[key])} - mine
    return Belongings(tuple(sorted(mine)), tuple(sorted(alone)), tuple(sorted(doubtful)))


def _by_source(people: dict[str, Person], records: Iterable[str]) -> dict[str, set[frozenset[str]]]:
    found: defaultdict[str, set[frozenset[str]]] = defaultdict(set)
    for record in records:
        found[people[record].source].add(name_key(people[record].name))
    return found


def _names(people: dict[str, Person], records: Iterable[str]) -> set[frozenset[str]]:
    return {name for record in records if (name := name_key(people[record].name))}
