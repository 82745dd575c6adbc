"""Makes one person of the joined records of a human."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from expertfinder.identity.accounts import ONE_HUMANS, key_of, kind_of
from expertfinder.identity.authority import EVERY_SOURCE, Authority, Rights
from expertfinder.model import Person


def rank(person: Person, authority: Authority) -> tuple[bool, bool, str]:
    """Sort key of who speaks first for a human: a directory's record, one with a key of `ONE_HUMANS`, then by id."""
    numbered = any(kind_of(key_of(account)) in ONE_HUMANS for account in person.accounts)
    return person.source not in authority.directories, not numbered, person.id


def merged(
    records: Iterable[Person],
    *,
    human: str = "",
    authority: Authority = EVERY_SOURCE,
    rights: Mapping[str, Rights] | None = None,
) -> Person:
    """One person of the records of one human. `rights`: of each record; without it all are proven.

    The first record is that with the id `human`, else the first by `rank`; then come the records that are proven to be
    the same human's. Each field has the first value that is not empty, so that silence cancels nothing. Name and
    accounts come from directories alone where one has a record. Skills and languages are evidence, and come from all
    records. The person has left if a source with authority says so in all of its records, and is hidden if any
    record is. What a viewer may read is not said here but in `Rights`.
    """
    ordered = sorted(records, key=lambda person: (person.id != human, *rank(person, authority)))
    first = ordered[0]
    same = [record for record in ordered if rights is None or rights[record.id].own == rights[first.id].own]
    deciding = [record for record in same if record.source in authority.directories] or same

    def text(name: str, of: Sequence[Person] = same) -> str:
        return next((value for record in of if (value := getattr(record, name))), "")

    def joined(name: str, of: Sequence[Person] = ordered) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for record in of for value in getattr(record, name)))

    judged = [record.judged for record in ordered if record.judged is not None]
    return Person(
        id=first.id,
        source=first.source,
        name=text("name", deciding) or text("name", ordered),
        title=text("title"),
        org_unit=text("org_unit"),
        location=text("location"),
        bio=text("bio"),
        skills=joined("skills"),
        languages=joined("languages"),
        manager=text("manager"),
        groups=joined("groups", deciding),
        availability=text("availability"),
        time_zone=text("time_zone"),
        accounts=joined("accounts", deciding),
        joined_at=next((record.joined_at for record in (*deciding, *same) if record.joined_at), None),
        left_at=_left(deciding),
        turned_to_by=max(record.turned_to_by for record in ordered),
        hidden=any(record.hidden for record in ordered),
        judged=any(judged) if judged else None,
        kind=first.kind,
        audience=first.audience,
    )


def _left(records: Sequence[Person]) -> datetime | None:
    """When the human left: the latest day of a source that says so in each of its records. Silence cancels nothing."""
    by_source: defaultdict[str, list[datetime | None]] = defaultdict(list)
    for record in records:
        by_source[record.source].append(record.left_at)
    days = [max(at for at in left if at is not None) for left in by_source.values() if all(left)]
    return max(days, default=None)


def spelt(name: str) -> str:
    """A name as names are compared: in small letters, one blank between words."""
    return " ".join(name.casefold().split())


def ambiguous_names(people: Iterable[Person], identity: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Names that several humans carry: name (lower case) -> ids of those humans, sorted; `identity` as in `Humans`.

    A name joins nobody. Whoever runs the import can join two records by giving both the same account.
    """
    carriers: dict[str, set[str]] = defaultdict(set)
    for person in people:
        if person.name:
            carriers[spelt(person.name)].add(identity[person.id])
    return {name: tuple(sorted(ids)) for name, ids in sorted(carriers.items()) if len(ids) > 1}
