"""Which records are one human, and what a human is then. Evidence is joined; rights never are.

Records are joined by account keys, never by name alone. A join is a function of the records, the sources and the
decisions of people (`Decision`): it is the same in every order of import, and undone when a key is taken back. What a
viewer may read follows from the record that the viewer is (`Rights`), whatever it is joined with; what a viewer is
*denied* follows every join (`policy.may_read`).

A join is *proven* where both sources answer for the key (`Source.directory`, `Source.proves`) and several humans
hardly share the key: it is of a kind that one human has, or the names agree. Any other join is of evidence alone.

Records are joined only with records of the same audience. Joins that are not proven are made only where everybody may
read both records: otherwise viewers would see the effect of a record that they may not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from expertfinder.identity.accounts import (
    earlier,
    is_personal,
    key_of,
    keys_of,
    keys_within,
    kind_named,
    kind_of,
    named_keys,
)
from expertfinder.identity.authority import Authority, Decision, Join, Rights, authority_of
from expertfinder.identity.belonging import Belongings, belongings
from expertfinder.identity.joining import Joining
from expertfinder.identity.merging import ambiguous_names, merged, spelt
from expertfinder.identity.proposing import Proposal, mailmap, proposals
from expertfinder.model import ORGANISATION, Person, Source
from expertfinder.policy import is_open_machine, is_shared, unit_group

__all__ = [
    "Authority",
    "Belongings",
    "Decision",
    "Humans",
    "Join",
    "Proposal",
    "Rights",
    "ambiguous_names",
    "authority_of",
    "belongings",
    "earlier",
    "humans",
    "is_personal",
    "key_of",
    "keys_within",
    "kind_named",
    "kind_of",
    "mailmap",
    "merged",
    "named_keys",
    "proposals",
    "spelt",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Humans:
    """Who is who."""

    identity: dict[str, str]
    """Id of a record -> id of the human: that of one of its records, a directory's first, then the smallest."""
    rights: dict[str, Rights]
    """By the id of every record."""
    joins: tuple[Join, ...]
    """The joins of differently named records, in order."""
    authority: Authority
    decisions: tuple[Decision, ...]
    """Of people, about these records."""
    _owners: Mapping[str, str]
    _named: Mapping[str, str]

    def author(self, name: str) -> str | None:
        """The human whom a post or an act names: by a record, or by an account key where no record has that id.

        An id such as `wiki:ann@firm.example` or `chat:github:ann` names a key. Only records that all may read are
        looked at. `None` for a name that leads to nobody.
        """
        if name in self.identity:
            return self.identity[name]
        if name in self._named:
            return self.identity.get(self._named[name])
        return next((self._owners[key] for key in named_keys(name) if key in self._owners), None)

    def belongings(self, records: Iterable[Person], person: str) -> Belongings:
        """What an erasure of the human of a record takes, and which other records somebody has to look at."""
        own = self.rights[person].own
        start = [record for record, right in self.rights.items() if right.own == own]
        found = belongings(records, self.authority, start, decisions=self.decisions)
        human = self.identity[person]
        joined = {record for record, of in self.identity.items() if of == human} - set(found.records)
        return replace(found, doubtful=tuple(sorted(joined.union(found.doubtful))))

    def changed(self, part: Humans, *, without: AbstractSet[str], keys: AbstractSet[str]) -> Humans:
        """The same after some records changed. `part`: who is who among these records now.

        `without`: ids of these records, also of those that are gone; no key and no decision may tie one to any other.
        `keys`: all account keys that these records have or had.
        """
        identity = {record: human for record, human in self.identity.items() if record not in without} | part.identity
        joins = [join for join in self.joins if without.isdisjoint(join.records)] if self.joins else []
        joins = sorted((*joins, *part.joins), key=_by_key)
        return replace(
            self,
            identity=identity,
            rights={record: right for record, right in self.rights.items() if record not in without} | part.rights,
            joins=tuple(joins),
            _owners={key: human for key, human in self._owners.items() if key not in keys} | dict(part._owners),
            _named=_aliases(self.decisions, identity),
        )

    def people(self, records: Iterable[Person]) -> list[Person]:
        """One person for each human, of these records."""
        together: defaultdict[str, list[Person]] = defaultdict(list)
        for record in records:
            together[self.identity[record.id]].append(record)
        return [self.whole(group) for group in together.values()]

    def whole(self, records: Iterable[Person]) -> Person:
        """One person of the records of one human (see `merged`)."""
        some = list(records)
        return merged(some, human=self.identity[some[0].id], authority=self.authority, rights=self.rights)


def humans(
    records: Iterable[Person],
    sources: Iterable[Source] = (),
    *,
    decisions: Iterable[Decision] = (),
    hides: Collection[str] = frozenset(),
    alone: Collection[str] = frozenset(),
) -> Humans:
    """Who is who among all the records there are. `hides`: records whose human wishes not to be found.

    Records of `alone` are joined with nobody.

    A record that hides itself, and is of no directory, is joined with nobody: it hides that record alone. The record of
    a machine or of a shared account is joined with nobody either. A key that a directory gives to such an account
    identifies no human: a record with such keys alone is taken for that account, any other record loses the key.
    """
    people = sorted(records, key=lambda person: person.id)
    authority = authority_of(sources)
    decided = tuple(decisions)
    accounts = _of_accounts(people, authority)
    identity: dict[str, str] = {}
    by_audience: defaultdict[str, list[Person]] = defaultdict(list)
    for person in people:
        hides_itself = person.hidden and person.id not in hides and person.source not in authority.directories
        apart = hides_itself or not person.is_human or person.id in alone
        if accounts and not apart and is_shared(person.audience):
            keys = keys_of(person.accounts)
            if keys and accounts.keys() >= set(keys):
                identity[person.id] = accounts[keys[0]]
                continue
            if not accounts.keys().isdisjoint(keys):
                person = replace(person, accounts=tuple(key for key in keys if key not in accounts))
        by_audience[person.id if apart else person.audience.key].append(person)
    own = {record: record for record in identity}
    joins: list[Join] = []
    owners: dict[str, str] = {}
    for audience, group in by_audience.items():
        found = Joining(group, authority, decided)
        identity |= found.identity
        own |= found.own
        joins += found.joins
        if audience == ORGANISATION.key:
            owners = found.owners()
    for person in people:
        if is_open_machine(person):
            for key in keys_of(person.accounts):
                owners.setdefault(key, person.id)
    named = _aliases(decided, identity)
    rights = _rights(people, identity, own, authority)
    joins.sort(key=_by_key)
    return Humans(
        identity=identity,
        rights=rights,
        joins=tuple(joins),
        authority=authority,
        decisions=decided,
        _owners=owners,
        _named=named,
    )


def _by_key(join: Join) -> tuple[str, tuple[str, ...]]:
    return join.key, join.records


def _aliases(decisions: Iterable[Decision], identity: Mapping[str, str]) -> dict[str, str]:
    """Name that no record has -> the record that is the same human, as a person decided."""
    return {
        alias: record
        for decision in decisions
        if decision.verdict == "join"
        for alias, record in ((decision.one, decision.other), (decision.other, decision.one))
        if alias not in identity and record in identity
    }


def _of_accounts(people: Iterable[Person], authority: Authority) -> dict[str, str]:
    """Account key -> the machine or shared account that a directory gives it to."""
    return {
        key: person.id
        for person in people
        if person.source in authority.directories and is_open_machine(person)
        for key in keys_of(person.accounts)
    }


def _rights(
    people: Sequence[Person], identity: Mapping[str, str], own: Mapping[str, str], authority: Authority
) -> dict[str, Rights]:
    decides = {source: authority.decides(source) for source in {person.source for person in people}}
    several = {human for record, human in identity.items() if record != human}
    names: defaultdict[str, set[str]] = defaultdict(set)
    for person in people:
        if identity[person.id] in several:
            names[identity[person.id]].update((person.id, *person.groups))
    rights: dict[str, Rights] = {}
    for person in people:
        groups = person.groups if decides[person.source] else ()
        others = names[identity[person.id]] if identity[person.id] in several else set(person.groups)
        denied_as = tuple(sorted(others - {person.id, *groups})) if others else ()
        if decides[person.source] and (unit := unit_group(person.org_unit)):
            groups = (*groups, unit)
        rights[person.id] = Rights(own[person.id], groups, denied_as)
    return rights
