"""Which records are joined: the surest keys first, so that a weaker one never undoes a surer one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Generic, TypeVar

from expertfinder.identity.accounts import ONE_HUMANS, SEVERAL, is_shared_by, keys_of, kind_of, name_key, within
from expertfinder.identity.authority import Authority, Decision, Join
from expertfinder.identity.merging import rank
from expertfinder.model import Person
from expertfinder.policy import is_shared

T = TypeVar("T", str, int)
_Marks = dict[tuple[str, ...], frozenset[str]]
"""What tells humans apart: (kind, source it counts in) -> keys. Records that both have
keys in one entry, and share none, are two humans."""


class Sets(Generic[T]):
    """Disjoint sets, of records or of numbers that stand for them; each begins alone where it is first named."""

    def __init__(self, names: Iterable[T] = ()) -> None:
        self.parent: dict[T, T] = {name: name for name in names}

    def root(self, name: T) -> T:
        """The one that stands for all of a set."""
        parent = self.parent
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    def unite(self, names: Iterable[T]) -> None:
        """Make one set of the sets of these names; the smallest of their roots stands for it."""
        roots = sorted({self.root(name) for name in names})
        for other in roots[1:]:
            self.parent[other] = roots[0]


class Joining:
    """The joins among the records of one audience, the surest first, so that a weaker key never undoes a surer one."""

    def __init__(self, people: Sequence[Person], authority: Authority, decisions: Sequence[Decision]) -> None:
        self.people = {person.id: person for person in people}
        self.shared = is_shared(people[0].audience)
        self.joins: list[Join] = []
        self._authority = authority
        self._sets = Sets(self.people)
        self._proven = Sets(self.people)
        self._names: dict[str, frozenset[str]] = {}
        self._marks: dict[str, _Marks] = {}
        self._members: dict[str, list[str]] = {}
        """Root of a set of several records -> all of them."""
        self._owner: dict[str, str | None] = {}
        """Key -> a record of the human whose it is; `None` for a key that is nobody's."""
        mine = [each for each in decisions if each.one in self.people and each.other in self.people]
        self._parted = [each for each in mine if each.verdict == "part"]
        for each in mine:
            if each.verdict == "join":
                self._accept("", (each.one, each.other), proven=True)
        self._join()
        self.identity = {record: record for record in self.people}
        for records in self._members.values():
            first = min(records, key=lambda record: rank(self.people[record], authority))
            self.identity |= dict.fromkeys(records, first)
        self.own = {record: self._proven.root(record) for record in self.people}

    def owners(self) -> dict[str, str]:
        """Key -> the human who alone has it."""
        return {key: self.identity[record] for key, record in self._owner.items() if record is not None}

    def _join(self) -> None:
        sure: defaultdict[str, list[str]] = defaultdict(list)
        said: defaultdict[str, list[str]] = defaultdict(list)
        inside: defaultdict[str, list[str]] = defaultdict(list)
        for person in self.people.values():
            own = keys_of(person.accounts)
            for key in own:
                (sure if self._authority.proves(person.source, kind_of(key)) else said)[key].append(person.id)
            for key in dict.fromkeys(other for one in own for other in within(one)):
                if key not in own:
                    inside[key].append(person.id)
        shared = sorted(pair for pair in sure.items() if len(pair[1]) > 1)
        for weight in range(len(ONE_HUMANS) + 1):
            self._together([pair for pair in shared if _weight(pair[0]) == weight], weight=weight)
        self._note_owners(sure)
        if self.shared:
            self._say(said, inside)

    def _say(self, said: Mapping[str, list[str]], inside: Mapping[str, list[str]]) -> None:
        """Join by keys that a record merely claims: with the one owner of the key, or among the records that claim it.

        A record that claims keys of two humans is joined with neither: otherwise one typed address would make the two
        one. `inside`: keys that are part of an address. They join records whose names agree, or nearly (`_alike`).
        """
        leads: defaultdict[str, dict[str, tuple[str, str, str]]] = defaultdict(dict)
        for key, record in _pairs(said, inside):
            owner = self._owner.get(key)
            if owner is not None and (record in said.get(key, ()) or self._alike(key, (record, owner))):
                one, other = self._sets.root(record), self._sets.root(owner)
                if one != other and not (record in said.get(key, ()) and self._is_nobodys(key, said[key])):
                    leads[one].setdefault(other, (key, record, owner))
        found = [next(iter(owners.values())) for owners in leads.values() if len(owners) == 1]
        self._together([(key, (owner, record)) for key, record, owner in sorted(found)], proven=False)
        held = {self._sets.root(record) for record in self._owner.values() if record is not None}
        rest = [(key, carriers) for key, carriers in sorted(said.items()) if key not in self._owner]
        self._together(rest, proven=False, held=held)
        named_alike: list[tuple[str, Sequence[str]]] = []
        for key, carriers in sorted(inside.items()):
            if key not in self._owner:
                named: defaultdict[frozenset[str], list[str]] = defaultdict(list)
                for record in (*said.get(key, ()), *carriers):
                    named[self._name(record)].append(record)
                if self._alike(key, (*said.get(key, ()), *carriers)):
                    named_alike.append((key, [*said.get(key, ()), *carriers]))
                    continue
                named_alike += [(key, records) for name, records in sorted(named.items(), key=_in_order) if name]
        self._together(named_alike, proven=False)
        self._note_owners({key: carriers for key, carriers in said.items() if key not in self._owner})

    def _note_owners(self, keys: Mapping[str, Sequence[str]]) -> None:
        for key, carriers in keys.items():
            one = len(carriers) == 1 or (
                len({self._sets.root(record) for record in carriers}) == 1 and not self._is_nobodys(key, carriers)
            )
            self._owner[key] = carriers[0] if one else None

    def _together(
        self,
        keys: Iterable[tuple[str, Sequence[str]]],
        *,
        proven: bool = True,
        weight: int = len(ONE_HUMANS),
        held: frozenset[str] | set[str] = frozenset(),
    ) -> None:
        """Join the records that carry each key, except those whom a mark of at most this weight tells apart. Two of the
        sets in `held`, which own keys already, are never joined.

        Where the keys together would make one human of several, none of these joins is made: nobody can say which of
        the keys is wrong.
        """
        wanted = [
            (key, carriers) for key, carriers in keys if len(carriers) > 1 and not self._is_nobodys(key, carriers)
        ]
        if not self.shared:
            wanted = [(key, carriers) for key, carriers in wanted if weight < len(ONE_HUMANS) or self._agree(carriers)]
        if not wanted:
            return
        named = {record for _, carriers in wanted for record in carriers}
        roots = {self._sets.root(record) for record in named}
        whole = {root: _all_of(map(self._mark, self._members.get(root, [root])), weight) for root in roots}
        trial = Sets(roots)
        good = []
        for key, carriers in wanted:
            some = sorted({self._sets.root(record) for record in carriers})
            if self._fit(some, whole, held):
                trial.unite(some)
                good.append((key, carriers))
        parts: defaultdict[str, list[str]] = defaultdict(list)
        for root in roots:
            parts[trial.root(root)].append(root)
        fitting = {top for top, some in parts.items() if self._fit(some, whole, held)}
        accepted = [pair for pair in good if trial.root(self._sets.root(pair[1][0])) in fitting]
        for key, carriers in accepted:
            self._accept(key, carriers, proven=proven)

    def _fit(self, roots: Sequence[str], marks: Mapping[str, _Marks], held: Iterable[str]) -> bool:
        return len(set(held).intersection(roots)) < 2 and consistent([marks[root] for root in roots])

    def _accept(self, key: str, carriers: Sequence[str], *, proven: bool) -> None:
        self._unite(carriers)
        sure = proven and (not key or kind_of(key) in ONE_HUMANS)
        if sure or (proven and self._agree(carriers)):
            self._proven.unite(carriers)
        elif proven:
            named: defaultdict[frozenset[str], list[str]] = defaultdict(list)
            for record in carriers:
                named[self._name(record)].append(record)
            for name, records in named.items():
                if name:
                    self._proven.unite(records)
        if not self._agree(carriers):
            self.joins.append(Join(key, tuple(sorted(carriers)), sure))

    def _agree(self, records: Sequence[str]) -> bool:
        """Whether all records that have a name have the same."""
        return len(self._differently(records)) <= 1

    def _alike(self, key: str, records: Iterable[str]) -> bool:
        """Whether the names of records whose addresses have a key inside are one human's. A mailbox that people tag is
        as well a team's, in which some have one surname: there one name has all words of the other."""
        if kind_of(key) == "email":
            return all(one <= other or other <= one for one, other in combinations(self._differently(records), 2))
        return self._akin(records)

    def _akin(self, records: Iterable[str]) -> bool:
        """Whether any two names of the records have a word in common. The login of the account does not count as a
        name: a forge writes it where somebody gave no name."""
        some = list(records)
        named = [record for record in some if not self._bears_its_login(self.people[record])]
        if not self._agree(some) and self._has_two_numbers(some):
            return False
        return all(not one.isdisjoint(other) for one, other in combinations(self._differently(named), 2))

    def _has_two_numbers(self, records: Iterable[str]) -> bool:
        """Whether the private addresses of the records have two numbers of one forge: a login is given away again."""
        numbers: defaultdict[str, set[str]] = defaultdict(set)
        for record in records:
            for key in (inside for one in keys_of(self.people[record].accounts) for inside in within(one)):
                if kind_of(key).endswith("-number"):
                    numbers[kind_of(key)].add(key)
        return any(len(some) > 1 for some in numbers.values())

    @staticmethod
    def _bears_its_login(person: Person) -> bool:
        own = (inside for key in keys_of(person.accounts) for inside in within(key))
        return person.name.casefold() in {inside.partition(":")[2] for inside in own}

    def _is_nobodys(self, key: str, records: Sequence[str]) -> bool:
        if len(records) < 2:
            return False
        names: defaultdict[str, set[frozenset[str]]] = defaultdict(set)
        for record in records:
            names[self.people[record].source].add(self._name(record))
        return is_shared_by(key, names)

    def _differently(self, records: Iterable[str]) -> set[frozenset[str]]:
        return {name for record in records if (name := self._name(record))}

    def _name(self, record: str) -> frozenset[str]:
        if record not in self._names:
            self._names[record] = name_key(self.people[record].name)
        return self._names[record]

    def _mark(self, record: str) -> _Marks:
        if record not in self._marks:
            self._marks[record] = marks_of(self.people[record], self._parted)
        return self._marks[record]

    def _unite(self, records: Sequence[str]) -> None:
        roots = {self._sets.root(record) for record in records}
        if len(roots) > 1:
            members = [record for root in roots for record in self._members.pop(root, [root])]
            self._sets.unite(records)
            self._members[self._sets.root(records[0])] = members


def _weight(key: str) -> int:
    """0 for the kind of key that tells humans apart best, then up."""
    kind = kind_of(key)
    return ONE_HUMANS.index(kind) if kind in ONE_HUMANS else len(ONE_HUMANS)


def marks_of(person: Person, parted: Sequence[Decision]) -> _Marks:
    """What tells a record apart from others. `parted`: decisions that two records are two humans."""
    marks: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for key in keys_of(person.accounts):
        kind = kind_of(key)
        if kind not in SEVERAL:
            marks[(kind,) if kind in ONE_HUMANS else (kind, person.source)].add(key)
    for each in parted:
        if person.id in (each.one, each.other):
            marks["parted", *sorted((each.one, each.other))].add(person.id)
    return {place: frozenset(keys) for place, keys in marks.items()}


def _all_of(some: Iterable[_Marks], weight: int) -> _Marks:
    """The marks of several records together, those of at most this weight."""
    found: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for marks in some:
        for place, keys in marks.items():
            if place[0] == "parted" or _weight(place[0] + ":") <= weight:
                found[place] |= keys
    return {place: frozenset(keys) for place, keys in found.items()}


def consistent(marks: Iterable[_Marks]) -> bool:
    """Whether nothing tells these apart: in each entry common keys connect all who have any, directly or by others."""
    found: defaultdict[tuple[str, ...], set[frozenset[str]]] = defaultdict(set)
    for each in marks:
        for place, keys in each.items():
            found[place].add(keys)
    for sets in found.values():
        rest = sorted(sets, key=sorted)
        reached = set(rest.pop())
        while rest:
            near = [keys for keys in rest if not reached.isdisjoint(keys)]
            if not near:
                return False
            reached.update(*near)
            rest = [keys for keys in rest if keys not in near]
    return True


def _pairs(*of: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    return sorted({(key, record) for keys in of for key, records in keys.items() for record in records})


def _in_order(pair: tuple[frozenset[str], list[str]]) -> list[str]:
    return sorted(pair[0])
