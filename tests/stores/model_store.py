"""A store in plain dictionaries: what the protocol says, in the fewest words, to hold every real home against.

It shares no code with the homes: what is struck out at an erasure is written here a second time, on purpose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from expertfinder.errors import Conflict
from expertfinder.model import Audience, Community, Fact, Interaction, Person, Post, Source
from expertfinder.store import AuditEntry, Chain, Change, Demand, Key, Kind, Operation, Outcome, Receipt, Statement
from expertfinder.store.protocol import DEMAND_KEPT
from expertfinder.store.statements import Having, S

KINDS: dict[Kind, type[Fact]] = {
    "source": Source,
    "person": Person,
    "community": Community,
    "post": Post,
    "interaction": Interaction,
}


def struck(fact: Fact, gone: set[str]) -> Fact | None:
    """The fact without these people; `None` when nothing may be left of it."""

    def kept(people: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(person for person in people if person not in gone)

    audience = Audience(fact.audience.scope, fact.audience.groups, kept(fact.audience.people), kept(fact.audience.deny))
    if isinstance(fact, Person):
        manager = "" if fact.manager in gone else fact.manager
        return None if fact.id in gone else replace(fact, manager=manager, audience=audience)
    if isinstance(fact, Post):
        only_theirs = bool(fact.authors) and not kept(fact.authors)
        return None if only_theirs else replace(fact, authors=kept(fact.authors), audience=audience)
    if isinstance(fact, Interaction):
        theirs = fact.actor in gone or (fact.object_type == "person" and fact.object in gone)
        return None if theirs else replace(fact, audience=audience)
    if isinstance(fact, Community):
        return replace(fact, members=kept(fact.members), leads=kept(fact.leads), audience=audience)
    return replace(fact, audience=audience)


def named_in(fact: Fact) -> set[str]:
    """Every id of a person that a fact may name."""
    lists = ("authors", "members", "leads")
    single = (getattr(fact, name, "") for name in ("id", "actor", "object", "manager"))
    return {*single, *fact.audience.people, *fact.audience.deny, *(n for of in lists for n in getattr(fact, of, ()))}


class ModelStore:
    """A `Store` that forgets everything when the program ends."""

    def __init__(self) -> None:
        self.facts: dict[Kind, dict[str, Fact]] = {kind: {} for kind in KINDS}
        self.erased: dict[Kind, dict[str, str]] = {kind: {} for kind in KINDS}
        self.log: list[Change] = []
        self.hidden: set[str] = set()
        self.api_keys: dict[str, Key] = {}
        self.lines: list[AuditEntry] = []
        self.questions: set[tuple[date, str, str]] = set()
        self.said: dict[tuple[str, ...], Statement] = {}
        self.keys_erased: set[str] = set()
        self.to_scrub = False

    def _note(self, operation: Operation, kind: Kind, fact_id: str) -> None:
        self.log.append(Change(len(self.log) + 1, operation, kind, fact_id))

    def apply(self, facts: Iterable[Fact]) -> Receipt:
        batch = list(facts)
        away = set(self.erased["person"])
        people = {one.id: one for one in batch if isinstance(one, Person)}
        suspects = {one.id for one in people.values() if self.keys_erased & {key.lower() for key in one.accounts}}
        for one in sorted(suspects - set(self.facts["person"]) - away):
            self.erased["person"][one] = f"erased:person-{len(self.erased['person'])}"
            away.add(one)
        batch = [self._bare(one) if isinstance(one, Person) else one for one in batch]
        named = {name for one in batch for name in named_in(one)}
        away |= {name for name in named if f"email:{name.partition(':')[2].lower()}" in self.keys_erased}
        outcomes: dict[Kind, dict[str, Outcome]] = {kind: {} for kind in KINDS}
        for kind, fact_type in KINDS.items():
            last = {fact.id: fact for fact in batch if isinstance(fact, fact_type)}
            for fact_id in sorted(last):
                left = None if fact_id in self.erased[kind] else struck(last[fact_id], away)
                there = self.facts[kind].get(fact_id)
                if left is None:
                    outcomes[kind][fact_id] = "refused"
                elif left == there:
                    outcomes[kind][fact_id] = "unchanged"
                else:
                    outcomes[kind][fact_id] = "added" if there is None else "changed"
                    self.facts[kind][fact_id] = left
                    self._note("put", kind, fact_id)
        return Receipt(len(self.log), outcomes)

    def _bare(self, person: Person) -> Person:
        kept = tuple(key for key in person.accounts if key.strip().lower() not in self.keys_erased)
        return replace(person, accounts=kept)

    def apply_parts(self, parts: Iterable[Sequence[Fact]], *, told: Callable[[Receipt], None]) -> None:
        each = [list(part) for part in parts]
        for part in each:
            told(self.apply(part))

    def delete(self, kind: Kind, ids: Iterable[str]) -> int:
        there = sorted(set(ids) & set(self.facts[kind]))
        gone = [self.facts[kind].pop(fact_id) for fact_id in there]
        for fact_id in there:
            self._note("delete", kind, fact_id)
        posts = {one.object for one in gone if isinstance(one, Interaction) and one.object_type == "post"}
        for post in sorted(posts & self.facts["post"].keys()):
            self._note("put", "post", post)
        return len(there)

    def sequence(self) -> int:
        return len(self.log)

    def changes(self, since: int, *, limit: int = 10_000) -> Sequence[Change]:
        return [change for change in self.log if change.sequence > since][:limit]

    def _as_seen(self, fact: Fact) -> Fact:
        hidden = isinstance(fact, Person) and fact.id in self.hidden
        return replace(fact, hidden=True) if hidden else fact  # type: ignore[call-arg]

    def get(self, kind: Kind, ids: Iterable[str]) -> list[Any]:
        return [self._as_seen(self.facts[kind][fact_id]) for fact_id in ids if fact_id in self.facts[kind]]

    def all(self, kind: Kind) -> Iterator[Any]:
        yield from [self._as_seen(fact) for _, fact in sorted(self.facts[kind].items())]

    def acts_on(self, objects: Iterable[str], *, kind: Literal["post", "person"] = "post") -> list[Interaction]:
        asked = set(objects)
        acts = [fact for fact in self.all("interaction") if fact.object in asked and fact.object_type == kind]
        return sorted(acts, key=lambda act: act.id.encode())

    def acts_by(self, actors: Iterable[str]) -> list[Interaction]:
        asked = set(actors)
        return [fact for fact in self.all("interaction") if fact.actor in asked]

    def posts_by(self, authors: Iterable[str]) -> list[Post]:
        asked = set(authors)
        return [fact for fact in self.all("post") if asked.intersection(fact.authors)]

    def count(self, kind: Kind) -> int:
        return len(self.facts[kind])

    def hides(self) -> frozenset[str]:
        return frozenset(self.hidden)

    def hide(self, person: str, *, hidden: bool = True) -> int:
        if person not in self.erased["person"] and hidden != (person in self.hidden):
            self.hidden ^= {person}
            self._note("hide" if hidden else "show", "person", person)
        return len(self.log)

    def erase(self, person: str, *, keys: Iterable[str] = ()) -> int:
        self.keys_erased |= set(keys)
        if person in self.erased["person"]:
            return len(self.log)
        for kind, facts in self.facts.items():
            left = {fact_id: struck(fact, {person}) for fact_id, fact in sorted(facts.items())}
            for fact_id, fact in left.items():
                if fact is not None and fact != facts[fact_id]:
                    facts[fact_id] = fact
                    self._note("put", kind, fact_id)
            gone = {fact_id for fact_id, fact in left.items() if fact is None} | (
                {person} if kind == "person" else set()
            )
            for fact_id in sorted(gone):
                facts.pop(fact_id, None)
                self.erased[kind][fact_id] = f"erased:{kind}-{len(self.erased[kind])}"
            tokens = self.erased[kind]
            self.log = [
                replace(line, id=tokens[line.id]) if line.kind == kind and line.id in gone else line
                for line in self.log
            ]
            for fact_id in sorted(gone):
                self._note("erase", kind, tokens[fact_id])
        self.to_scrub = True
        self.hidden.discard(person)
        self.api_keys = {name: key for name, key in self.api_keys.items() if key.person != person}
        gone = {person, *self.erased["post"]}
        self.said = {
            place: replace(one, by=self._name(person)) if getattr(one, "by", None) == person else one  # type: ignore[call-arg]
            for place, one in self.said.items()
            if gone.isdisjoint(getattr(one, name) for name in (*one.ABOUT, *one.POSTS))
        }
        self.lines = [self._redacted(line, person) for line in self.lines]
        return len(self.log)

    def _redacted(self, line: AuditEntry, person: str) -> AuditEntry:
        detail = re.sub(rf"(?<![\w.:@-]){re.escape(person)}(?![\w@-])", self._name(person), line.detail)
        return replace(line, actor=self._name(line.actor), subject=self._name(line.subject), detail=detail)

    def _name(self, person: str) -> str:
        return self.erased["person"].get(person, person)

    def scrub(self) -> bool:
        due, self.to_scrub = self.to_scrub, False
        return due

    def forgotten(self, kind: Kind, ids: Iterable[str]) -> set[str]:
        return set(ids) & set(self.erased[kind])

    def put_key(self, key: Key) -> None:
        if key.person in self.erased["person"]:
            raise Conflict("the person whose key this would be was erased")
        self.api_keys[key.id] = key

    def key(self, key_id: str) -> Key | None:
        return self.api_keys.get(key_id)

    def keys(self) -> list[Key]:
        return [key for _, key in sorted(self.api_keys.items())]

    def state(self, statement: Statement, *, touching: Iterable[str] = ()) -> int:
        about = [getattr(statement, name) for name in statement.ABOUT]
        posts = {getattr(statement, name) for name in statement.POSTS}
        if set(about) & self.erased["person"].keys() or posts & self.erased["post"].keys():
            raise Conflict("one of them was erased")
        key = (statement.KIND, *(getattr(statement, name) for name in statement.KEY))
        if statement.MOVES and self.said.get(key) != statement:
            for person in dict.fromkeys(about):
                self._note("put", "person", person)
            for post in sorted(set(touching)):
                self._note("put", "post", post)
        self.said[key] = statement
        return len(self.log)

    def retract(self, statement: Statement, *, touching: Iterable[str] = ()) -> int:
        key = (statement.KIND, *(getattr(statement, name) for name in statement.KEY))
        if self.said.pop(key, None) is not None and statement.MOVES:
            for person in dict.fromkeys(getattr(statement, name) for name in statement.ABOUT):
                self._note("put", "person", person)
            for post in sorted(set(touching)):
                self._note("put", "post", post)
        return len(self.log)

    def statements(self, kind: type[S], *, since: date | None = None, having: Having | None = None) -> list[S]:
        first = since.isoformat() if since else ""
        return [
            one
            for _, one in sorted(self.said.items())
            if isinstance(one, kind) and getattr(one, "day", "") >= first
            if having is None or getattr(one, having[0]) in having[1]
        ]

    def note_question(self, topics: Iterable[str], person: str, *, week: date) -> None:
        if person not in self.erased["person"]:
            self.questions |= {(week, topic, person) for topic in topics}
            self.questions = {asked for asked in self.questions if asked[0] >= week - DEMAND_KEPT}

    def demand(self, *, fewest: int) -> list[Demand]:
        often = Counter((week, topic) for week, topic, person in self.questions if person not in self.erased["person"])
        return [Demand(*asked, askers) for asked, askers in sorted(often.items()) if askers >= fewest]

    def write_audit(self, *entries: AuditEntry) -> None:
        for entry in entries:
            self.lines.append(replace(entry, actor=self._name(entry.actor), subject=self._name(entry.subject)))

    def audit(self, *, subject: str | None = None, events: Iterable[str] = (), limit: int = 1000) -> list[AuditEntry]:
        about, wanted = None if subject is None else self._name(subject), {*events}
        some = [line for line in reversed(self.lines) if not wanted or line.event in wanted]
        return [line for line in some if about is None or line.subject == about][:limit]

    def check_audit(self) -> Chain:
        return Chain(len(self.lines), "", None)

    def close(self) -> None:
        pass
