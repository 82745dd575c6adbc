"""Who is who after an import, for its report: told in parts, without all people in memory.

Records are joined by keys that they share (`identity`), so a record can only be joined with records that a chain of
keys or of decisions connects to it. Memory holds the id of each person, and eight bytes for each key. The records that
share a key are read again, some at a time.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from expertfinder.identity import Decision, Humans, Join, keys_within, named_keys, spelt
from expertfinder.identity.joining import Sets
from expertfinder.model import Person
from expertfinder.store import Deciding, Store

AT_ONCE: Final = 20_000
"""Records that are compared at once: some 40 MB, as much as a part of an import. Connected records are never split."""

_Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Who is who among the imported records, in figures."""

    joins: tuple[Join, ...] = ()
    """Joins of differently named records of which the import has one, in order."""
    ambiguous: int = 0
    """Names that several humans carry."""
    unknown: int = 0
    """Different authors and actors whom no record and no key names."""


def met(store: Store, named: Collection[str], imported: Callable[[str], bool] | None) -> Met:
    """What the report of an import says of people.

    `named`: ids of authors and actors. `imported`: whether the import had the record with an id; `None`: it had none.
    """
    if imported is None and not named:
        return Met()
    deciding = Deciding.of(store)
    shared = _Shared(deciding.decisions)
    unknown = set(named)
    for person in store.all("person"):
        shared.add(person)
        unknown.discard(person.id)
    asked, also = shared.asked(unknown)
    unknown -= asked
    human = np.arange(len(shared.ids))
    joins: list[Join] = []
    for numbers in _batches(shared.together(), also):
        number_of = {shared.ids[number]: number for number in numbers}
        who = deciding.humans(store.get("person", number_of))
        asked -= {name for name in asked if who.author(name) is not None}
        _note(human, number_of, who)
        joins += [join for join in who.joins if imported is not None and any(map(imported, join.records))]
    return Met(
        joins=tuple(sorted(joins, key=lambda join: (join.key, join.records))),
        ambiguous=0 if imported is None else _ambiguous(np.frombuffer(shared.names, np.int64), human),
        unknown=len(unknown | asked),
    )


class _Shared:
    """Which records are connected by keys and decisions. Records are added one after the other."""

    def __init__(self, decisions: Iterable[Decision]) -> None:
        self.ids: list[str] = []
        self.names = array("q")
        """A number for the name of each record; 0 for none."""
        self._keys = array("q")
        self._carriers = array("q")
        self._decided: defaultdict[str, list[int]] = defaultdict(list)
        for number, decision in enumerate(decisions):
            for record in (decision.one, decision.other):
                self._decided[record].append(hash(("decision", number)))

    def add(self, person: Person) -> None:
        """Take in one record."""
        number = len(self.ids)
        self.ids.append(person.id)
        self.names.append(hash(spelt(person.name)) if person.name else 0)
        for key in (*map(hash, keys_within(person.accounts)), *self._decided.get(person.id, ())):
            self._keys.append(key)
            self._carriers.append(number)

    def asked(self, names: Iterable[str]) -> tuple[set[str], list[int]]:
        """The names that may belong to a record, by key or decision, and the numbers of the records to look at."""
        keys, carriers = np.frombuffer(self._keys, np.int64), np.frombuffer(self._carriers, np.int64)
        known = np.unique(keys)
        said = [(name, key) for name in names for key in map(hash, named_keys(name))]
        wanted = np.array([key for _, key in said], np.int64)
        there = np.isin(wanted, known)
        asked = {name for (name, _), one in zip(said, there.tolist(), strict=True) if one}
        decided = [number for number, record in enumerate(self.ids) if self._decided and record in self._decided]
        return asked.union(set(names) & self._decided.keys()), [
            *np.unique(carriers[np.isin(keys, wanted[there])]).tolist(),
            *decided,
        ]

    def together(self) -> Mapping[int, int]:
        """Number of each record that shares a key -> a number that is equal for connected records."""
        keys, carriers = np.frombuffer(self._keys, np.int64), np.frombuffer(self._carriers, np.int64)
        order = np.argsort(keys, kind="stable")
        same = np.flatnonzero(keys[order[1:]] == keys[order[:-1]])
        ones, others = carriers[order[same]].tolist(), carriers[order[same + 1]].tolist()
        sets: Sets[int] = Sets()
        for one, other in zip(ones, others, strict=True):
            if one != other:
                sets.unite((one, other))
        return {number: sets.root(number) for number in sets.parent}


def _batches(together: Mapping[int, int], also: Iterable[int]) -> Iterator[list[int]]:
    """Batches of records to compare: connected records are in one batch, a record of `also` in any."""
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for number, group in together.items():
        groups[group].append(number)
    for number in also:
        if number not in together:
            groups[number] = [number]
    batch: list[int] = []
    for numbers in groups.values():
        batch += numbers
        if len(batch) >= AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _note(human: _Numbers, number_of: Mapping[str, int], who: Humans) -> None:
    """Write into `human`, for each record, the number of the record that stands for its human."""
    for record, of in who.identity.items():
        human[number_of[record]] = number_of[of]


def _ambiguous(names: _Numbers, human: _Numbers) -> int:
    """How many names several humans carry. Both arrays have one entry a record; name 0 is no name."""
    order = np.lexsort((human, names))
    names, human = names[order], human[order]
    new = np.append(True, (names[1:] != names[:-1]) | (human[1:] != human[:-1]))[: len(names)]
    of_one, humans = np.unique(names[new], return_counts=True)
    return int(np.sum((humans > 1) & (of_one != 0)))
