"""The people as they are at a look, on the rows that a snapshot gave them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from expertfinder.identity import Rights
from expertfinder.index.people.wished import read_wishes
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Person
from expertfinder.policy import is_open_machine
from expertfinder.store import Store, who_is_who


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


def people_now(base: Snapshot, store: Store) -> Crowd:
    """The people as they are now.

    Two people of the snapshot whom a new key joins stay two until the next build: their evidence has two rows. What
    denies or hides one of them counts for both at once.
    """
    records, who = who_is_who(store)
    identity = who.identity
    wishes = read_wishes(store, identity, base.concepts)
    rows: dict[str, int] = {}
    row_of: dict[str, int] = {}
    keeper: dict[int, str] = {}
    apart: set[int] = set()
    for record in records:
        known = base.person_rows.get(record.id)
        if known is not None:
            whole = identity.get(base.people[known].id, identity[record.id])
            if identity[record.id] == keeper.setdefault(known, whole):
                rows[record.id] = known
                row_of.setdefault(whole, known)
            else:
                apart.add(known)
    people = list(base.people)
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
    apart |= {row for record, row in base.person_rows.items() if record in base.rights and record not in rows}
    for row in range(len(people)):
        if row in members:
            away = any(identity[record.id] in hidden for record in members[row])
            human = who.whole(members[row])
            called = people[row].id if people[row].id in rows else human.id
            wished = wishes.person(replace(human, id=identity[members[row][0].id], hidden=away))
            people[row] = base.concepts.person(replace(wished, id=called))
        else:
            people[row] = replace(people[row], hidden=True)
    apart |= {row for row, was in enumerate(base.people) if _standing(was) != _standing(people[row])}
    for name in base.person_rows.keys() - rows.keys():
        person = who.author(name)
        if person is not None and person in rows:
            rows[name] = rows[person]
    return Crowd(people, rows, who.rights, apart)


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
        if row is None or _seen_by(was) != _seen_by(now.people[row]):
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
