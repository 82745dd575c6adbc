"""One human, several accounts: which records are the same person. Merged by keys, never by name alone.

A merge is a function of the records, not a fact of its own: the answer is the same in every order of import, and taking
a key back undoes it. Records merge only with records of the same audience, because a link that rests on a record that
a viewer may not read would show in what that viewer sees.
"""

from __future__ import annotations

from collections.abc import Iterable

from expertfinder.model import Person


def identities(people: Iterable[Person]) -> dict[str, str]:
    """Record id -> id of the person it is: the smallest record id among those joined by a common key (or itself)."""
    parent: dict[str, str] = {}
    first_with: dict[tuple[str, str], str] = {}

    def root(record: str) -> str:
        while parent[record] != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    for person in sorted(people, key=lambda person: person.id):
        parent[person.id] = person.id
        for account in person.accounts:
            key = (person.audience.key, account.strip().lower())
            if not key[1]:
                continue
            one, other = root(first_with.setdefault(key, person.id)), root(person.id)
            if one != other:
                parent[max(one, other)] = min(one, other)
    return {record: root(record) for record in parent}


def merged(records: Iterable[Person]) -> Person:
    """One person out of the records of one human: the first non-empty field in order of id, lists joined, hidden if any is."""
    ordered = sorted(records, key=lambda person: person.id)
    first = ordered[0]

    def text(name: str) -> str:
        return next((value for record in ordered if (value := getattr(record, name))), "")

    def joined(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for record in ordered for value in getattr(record, name)))

    left = [record.left_at for record in ordered]
    return Person(
        id=first.id,
        source=first.source,
        name=text("name"),
        title=text("title"),
        org_unit=text("org_unit"),
        location=text("location"),
        bio=text("bio"),
        skills=joined("skills"),
        languages=joined("languages"),
        manager=text("manager"),
        groups=joined("groups"),
        availability=text("availability"),
        accounts=joined("accounts"),
        left_at=max((at for at in left if at is not None), default=None) if all(left) else None,
        hidden=any(record.hidden for record in ordered),
        judged=any(record.judged for record in ordered) if any(record.judged is not None for record in ordered) else None,
        audience=first.audience,
    )
