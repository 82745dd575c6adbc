"""The people as they are at a look, on the rows that a snapshot gave them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from expertfinder.identity import Humans, Rights, keys_within
from expertfinder.index.people.wished import read_wishes
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Person
from expertfinder.policy import is_open_machine
from expertfinder.store import Deciding, Store

ENOUGH, SHARE = 1_000, 0.1
"""Records that are looked at again, and their share of all, at most: with more of them the whole is read as quickly."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people at this look."""

    people: list[Person]
    """On the rows that they had; new ones after them; who is gone is hidden on their row."""
    rows: dict[str, int]
    """Id of a record, or of an author whom no record describes -> row."""
    rights: dict[str, Rights]
    apart: set[int]
    """Rows of people who are no longer one, as when a record's audience was tightened: what the record says must not
    stay in the person for all, and whose each act was is to be read again. And of those now known as machines."""
    known: Known | None = field(default=None, repr=False, compare=False)
    """For `people_since`; without it all are read."""


def people_now(base: Snapshot, store: Store) -> Crowd:
    """The people as they are now.

    Two people of the snapshot whom a new key joins stay two until the next build: their evidence has two rows. What
    denies or hides one of them counts for both at once.
    """
    records, deciding = list(store.all("person")), Deciding.of(store)
    known = Known({record.id: record for record in records}, deciding, deciding.humans(records), {}, {})
    read = _Read(base, store, known)
    return read.crowd(list(base.people), {}, records, frozenset(base.person_rows.values()), set())


def people_since(base: Snapshot, store: Store, before: Crowd, changed: Collection[str]) -> Crowd:
    """The same, of the people as they were at a look `before` and of the records that changed since: only those are
    read, and the ones that a key, a decision or a row of the snapshot ties to them. Where these are many, all are."""
    was, deciding = before.known, Deciding.of(store)
    if was is None or (deciding.sources, deciding.decisions) != (was.deciding.sources, was.deciding.decisions):
        return people_now(base, store)
    # What somebody wishes is a change of their record; this is for what is said before there is one.
    touched = {*changed, *(deciding.hides ^ was.deciding.hides), *(deciding.wishing ^ was.deciding.wishing)}
    came = {record.id: record for record in store.get("person", sorted(touched))}
    records = {name: record for name, record in was.records.items() if name not in touched} | came
    # Who has a row after those of the snapshot gets one again, in the order of ids.
    late = {name for name, row in before.rows.items() if row >= len(base.people) and name in records}
    around = was.around(base, touched | (late & base.person_rows.keys()), came)
    if len(around) > max(ENOUGH, SHARE * len(records)):
        return people_now(base, store)
    keys = {
        key for name in around for of in (was.records, came) if name in of for key in keys_within(of[name].accounts)
    }
    part = deciding.humans([records[name] for name in sorted(around & records.keys())])
    who = was.who.changed(part, without=around, keys=keys)
    known = replace(was, records=records, deciding=deciding, who=who, carriers=was.carried(touched, came))
    rows = {base.person_rows[name] for name in around if name in base.person_rows}
    stay = {name: row for name, row in before.rows.items() if name in records and row < len(base.people)}
    for name in around:
        stay.pop(name, None)
    return _Read(base, store, known).crowd(
        before.people[: len(base.people)],
        stay,
        [records[name] for name in sorted((around | late) & records.keys())],
        frozenset(rows),
        {row for row in before.apart if row not in rows},
    )


@dataclass(frozen=True, slots=True)
class Known:
    """Who is who at a look, for the next one to go on from."""

    records: dict[str, Person]
    deciding: Deciding
    who: Humans
    carriers: dict[str, tuple[str, ...]]
    """Account key -> the records that have it; made when it is first asked for."""
    together: dict[int, list[str]]
    """Row of the snapshot -> its records, of those that several have; made with `carriers`."""

    def around(self, base: Snapshot, touched: Collection[str], came: Mapping[str, Person]) -> set[str]:
        """The records that may be other people once some are others: what hangs together with them by keys, by
        decisions, and by the row that they had in the snapshot."""
        self._count(base)
        decided: defaultdict[str, list[str]] = defaultdict(list)
        for each in self.deciding.decisions:
            decided[each.one].append(each.other)
            decided[each.other].append(each.one)
        new: defaultdict[str, list[str]] = defaultdict(list)
        for name, record in came.items():
            for key in keys_within(record.accounts):
                new[key].append(name)
        found, met, rest = set(touched), set[str](), list(touched)
        while rest:
            name = rest.pop()
            near = [*decided[name], *self.together.get(base.person_rows.get(name, -1), ())]
            for of in (self.records, came):
                for key in keys_within(of[name].accounts) - met if name in of else ():
                    met.add(key)
                    near += [*self.carriers.get(key, ()), *new[key]]
            fresh = set(near) - found
            found |= fresh
            rest += fresh
        return found

    def carried(self, touched: Collection[str], came: Mapping[str, Person]) -> dict[str, tuple[str, ...]]:
        """`carriers`, with some records as they are now."""
        carriers = dict(self.carriers)
        for name in touched:
            for key in keys_within(self.records[name].accounts) if name in self.records else ():
                carriers[key] = tuple(one for one in carriers[key] if one != name)
        for name, record in came.items():
            for key in keys_within(record.accounts):
                carriers[key] = (*carriers.get(key, ()), name)
        return carriers

    def _count(self, base: Snapshot) -> None:
        if not self.carriers:
            rows = Counter(base.person_rows[name] for name in base.rights if name in base.person_rows)
            for name in base.rights:
                if (row := base.person_rows.get(name, -1)) >= 0 and rows[row] > 1:
                    self.together.setdefault(row, []).append(name)
            for name, record in self.records.items():
                for key in keys_within(record.accounts):
                    self.carriers[key] = (*self.carriers.get(key, ()), name)


@dataclass(frozen=True, slots=True)
class _Read:
    """What a crowd is made of."""

    base: Snapshot
    store: Store
    known: Known

    def crowd(
        self,
        people: list[Person],
        rows: dict[str, int],
        records: Sequence[Person],
        again: frozenset[int],
        apart: set[int],
    ) -> Crowd:
        """Give rows to `records`, which have none yet, in the order of their ids, and tell anew what the people on the
        rows `again` of the snapshot, and all after them, are. `people`, `rows` and `apart` hold for all others."""
        base, who, identity = self.base, self.known.who, self.known.who.identity
        wishes = read_wishes(self.store, identity, base.concepts)
        row_of: dict[str, int] = {}
        keeper: dict[int, str] = {}
        people = [base.people[row] if row in again else person for row, person in enumerate(people)]
        for record in records:
            known = base.person_rows.get(record.id)
            if known is not None:
                whole = identity.get(base.people[known].id, identity[record.id])
                if identity[record.id] == keeper.setdefault(known, whole):
                    rows[record.id] = known
                    row_of.setdefault(whole, known)
                else:
                    apart.add(known)
        for record in records:
            if record.id not in rows:
                whole = identity[record.id]
                if whole not in row_of:
                    row_of[whole] = len(people)
                    people.append(record)
                rows[record.id] = row_of[whole]
        members: defaultdict[int, list[Person]] = defaultdict(list)
        for record in records:
            members[rows[record.id]].append(record)
        hidden = {identity[record.id] for record in records if record.hidden}
        # Whose record was taken back: what names that record is no longer theirs, and they are not called by it.
        gone = base.person_rows.keys() - rows.keys()
        apart |= {row for name in gone if name in base.rights and (row := base.person_rows[name]) in again}
        for row in (*sorted(again), *range(len(base.people), len(people))):
            if row in members:
                away = any(identity[record.id] in hidden for record in members[row])
                human = who.whole(members[row])
                called = people[row].id if people[row].id in rows else human.id
                wished = wishes.person(replace(human, id=identity[members[row][0].id], hidden=away))
                people[row] = base.concepts.person(replace(wished, id=called))
            else:
                people[row] = replace(people[row], hidden=True)
        apart |= {row for row in again if _standing(base.people[row]) != _standing(people[row])}
        for name in gone:
            person = who.author(name)
            if person is not None and person in rows:
                rows[name] = rows[person]
        return Crowd(people, rows, who.rights, apart, self.known)


def rows_in(now: Crowd, before: Crowd) -> np.ndarray | None:
    """int64: for each person of before the row among those of now; `None` where somebody who was known is not, is
    somebody else, may be found by others or became a machine: then evidence is another one."""
    if now is before:
        return np.arange(len(before.people))
    row_of = {person.id: row for row, person in enumerate(now.people)}
    if now.apart != before.apart or len(row_of) != len(now.people) or before.rows.keys() - now.rows.keys():
        return None
    if any(now.people[now.rows[name]].id != before.people[row].id for name, row in before.rows.items()):
        return None
    rows = []
    for was in before.people:
        row = row_of.get(was.id)
        if row is None or (now.people[row] is not was and _seen_by(was) != _seen_by(now.people[row])):
            return None
        rows.append(row)
    return np.array(rows, np.int64)


def _seen_by(person: Person) -> tuple[bool, str, tuple[bool, bool]]:
    return person.hidden, person.audience.key, _standing(person)


def _standing(person: Person) -> tuple[bool, bool]:
    return person.is_human, is_open_machine(person)


def praised_by_changed(base: Snapshot, crowd: Crowd, store: Store) -> set[str]:
    """Ids of the posts that people did something to who may be found by others than before, or not any more, or who are
    no longer one.

    How many praised a post rests on who of them may be found, and on whose the record is that an act names.
    """
    now = crowd.apart | {
        row
        for row, (was, one) in enumerate(zip(base.people, crowd.people, strict=False))
        if (was.hidden, was.audience.key) != (one.hidden, one.audience.key)
    }
    actors = sorted(name for name, row in base.person_rows.items() if row in now)
    return {act.object for act in store.acts_by(actors) if act.object_type == "post"} if actors else set()
