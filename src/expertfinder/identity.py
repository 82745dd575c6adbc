"""One human, several accounts: which records are the same person. Merged by keys, never by name alone.

A merge is a function of the records, not a fact of its own: the answer is the same in every order of import, and taking
a key back undoes it. Records merge only with records of the same audience, because a link that rests on a record that
a viewer may not read would show in what that viewer sees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from expertfinder.model import Person

# Mailboxes and hosts that many humans write from, or none: machines' defaults, and what converters and privacy settings
# put in the place of an address. Two records that share one of these are not one human.
_NOBODYS_MAILBOXES = frozenset(
    {"anonymous", "devnull", "invalid", "nobody", "none", "no-reply", "no_reply", "noreply", "null", "root", "unknown"}
)
_NOBODYS_HOSTS = frozenset({"(none)", "localhost", "localhost.localdomain", "none", "unknown"})


def is_personal(account: str) -> bool:
    """Whether a key can identify a human: not empty, and not a mailbox that many share or nobody has."""
    kind, _, name = account.strip().lower().partition(":")
    if kind != "email":
        return bool(kind and name.strip())
    mailbox, _, host = name.strip().partition("@")
    return bool(mailbox) and mailbox not in _NOBODYS_MAILBOXES and host not in _NOBODYS_HOSTS


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
            if not is_personal(key[1]):
                continue
            one, other = root(first_with.setdefault(key, person.id)), root(person.id)
            if one != other:
                parent[max(one, other)] = min(one, other)
    return {record: root(record) for record in parent}


def merged(records: Iterable[Person]) -> Person:
    """One person of the records of one human: the first field with a value in order of id, lists joined.

    Hidden if any is; gone only if all are, with the latest day.
    """
    ordered = sorted(records, key=lambda person: person.id)
    first = ordered[0]

    def text(name: str) -> str:
        return next((value for record in ordered if (value := getattr(record, name))), "")

    def joined(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for record in ordered for value in getattr(record, name)))

    left = [record.left_at for record in ordered]
    judged = [record.judged for record in ordered if record.judged is not None]
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
        judged=any(judged) if judged else None,
        audience=first.audience,
    )


def ambiguous_names(people: Iterable[Person]) -> dict[str, tuple[str, ...]]:
    """Names that several persons carry who have no key in common: name (lower case) -> ids of those persons, sorted.

    They are not merged; the person who runs the import can say more by giving both records the same account.
    """
    records = [person for person in people if person.name]
    person_of = identities(records)
    carriers: dict[str, set[str]] = defaultdict(set)
    for person in records:
        carriers[" ".join(person.name.casefold().split())].add(person_of[person.id])
    return {name: tuple(sorted(ids)) for name, ids in sorted(carriers.items()) if len(ids) > 1}
