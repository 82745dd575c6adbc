"""The facts in a Neo4j database, one node (or tie) a fact. Analysts read the graph as it is, our code by the protocol.

Neo4j isolates readers less than SQLite does: a long read sees what is committed meanwhile. So a writer of facts locks
the counter of changes for the whole transaction. A reader who must see one moment (`all`, `changes`) locks it, too, but
only while it looks at what changed during its read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final, Literal

from expertfinder.errors import Conflict, FormatNotSupported, StoreError, StoreUnavailable
from expertfinder.model import Fact, Interaction, Post
from expertfinder.store.chain import checked, line_of
from expertfinder.store.codec import TYPES, askable, can_be_id, decode, kept, kind_of
from expertfinder.store.forgetting import asker
from expertfinder.store.migrations import half_copied, statements
from expertfinder.store.neo4j import scrub, shape
from expertfinder.store.neo4j.algorithms import Neo4jAlgorithms
from expertfinder.store.neo4j.audit import add_lines, read_lines, read_salts
from expertfinder.store.neo4j.beside import (
    DEMAND,
    KEYS,
    inherit,
    key_of,
    key_row,
    keys_of,
    question_row,
    read_beside,
    statements_asked,
    statements_in,
)
from expertfinder.store.neo4j.erasing import erase
from expertfinder.store.neo4j.locks import SALT, Locks
from expertfinder.store.neo4j.reading import changes, everything, some
from expertfinder.store.neo4j.server import Address, Server, Transaction, Work
from expertfinder.store.neo4j.transactions import (
    PAGE_ROWS,
    SEQUENCE,
    count_up,
    drop_rows,
    get_rows,
    hashes_of,
    log_changes,
)
from expertfinder.store.neo4j.writing import apply
from expertfinder.store.protocol import (
    DEMAND_KEPT,
    AuditEntry,
    Beside,
    Chain,
    Change,
    Demand,
    Kept,
    Key,
    Kind,
    Outcome,
    Question,
    Receipt,
)
from expertfinder.store.statements import Having, S, Statement, about_of, kept_of, node_of, people_of, statements_of

KEY_SECONDS: Final = 3600.0
"""Seconds for which a key that was read stays good while the server is away: nobody can revoke it meanwhile either."""


class Neo4jStore:
    """A `Store` in a Neo4j database. `protocol.py` says what the methods promise."""

    overwrite = staticmethod(scrub.scrub)

    def __init__(self, where: Address, *, read_only: bool = False, copying: bool = False) -> None:
        """Open the database; unless `read_only`, bring it to today's format.

        Raises `FormatNotSupported` for a record of newer code, and `StoreUnavailable` when the server cannot be reached
        just now. Raises `StoreError` for a login that is refused, for a database that holds something else, and for
        half a copy (unless `copying`).
        """
        self._server = Server(where)
        self._keys: dict[str, tuple[float, Key]] = {}
        try:
            self._prepare(read_only=read_only)
            salt: str = self._server.ask(SALT)[0]
            if not copying and (origin := self.half_copied()):
                raise half_copied(where.url, origin)
        except BaseException:
            self._server.close()
            raise
        self._locks = Locks(self._server, salt, read_only=read_only)

    def _prepare(self, *, read_only: bool) -> None:
        """Bring the database to today's format, or refuse it."""
        steps = statements()
        found = self._server.read(_format)
        if found > len(steps):
            raise FormatNotSupported(
                f"the record has format {found} and this version reads up to {len(steps)}:"
                " install the newer expertfinder that wrote it",
                found=found,
                supported=len(steps),
            )
        if found < 0:
            raise StoreError(f"the database at {self._server.where.url} holds something else: name another one")
        if read_only:
            if found == 0:
                raise StoreError(f"the record at {self._server.where.url} is empty: import something first")
            return
        for number in range(found + 1, len(steps) + 1):
            for statement in steps[number - 1]:
                self._server.schema(statement)
            self._server.schema(f"MERGE (n:Property {{name: 'format'}}) SET n.value = {number}")

    # --- writing facts ---------------------------------------------------------------------------------------------

    def apply(self, facts: Iterable[Fact]) -> Receipt:
        """Write a batch, all or nothing. Facts with the same kind and id: the last one counts, and is counted once."""
        return apply(self._locks, facts)

    def apply_parts(self, parts: Iterable[Sequence[Fact]], *, told: Callable[[Receipt], None]) -> None:
        """Write several batches as one, which is held in memory: a server that breaks off has none of them."""
        each = [list(part) for part in parts]
        whole = self.apply(fact for part in each for fact in part)
        for part in each:
            outcomes: dict[Kind, dict[str, Outcome]] = {}
            for fact in part:
                kind = kind_of(fact)
                outcomes.setdefault(kind, {})[fact.id] = whole.outcomes[kind][fact.id]
            told(Receipt(whole.sequence, outcomes))

    def delete(self, kind: Kind, ids: Iterable[str]) -> int:
        """Delete facts (they may come again). Returns how many were there."""
        asked = askable(ids)
        _known(kind)

        async def work(transaction: Transaction) -> int:
            held = await self._locks.lock(transaction, "change")
            there = sorted(await hashes_of(transaction, kind, asked))
            posts = sorted((await transaction.ask(shape.ACTED_ON, ids=there))[0]) if kind == "interaction" else []
            await drop_rows(transaction, kind, there)
            after = await log_changes(transaction, ("delete", kind), there, held.value)
            after = await log_changes(transaction, ("put", "post"), posts, after)
            await count_up(transaction, "change", after)
            return len(there)

        return self._locks.write(work, rows=len(asked))

    def hide(self, person: str, *, hidden: bool = True) -> int:
        """Hide or show a person, whatever later imports of the record say. Returns the last change's number."""

        async def work(transaction: Transaction) -> int:
            held = await self._locks.lock(transaction, "change")
            if not can_be_id(person) or self._locks.graves.holds("person", person):
                return held.value
            [there] = await transaction.ask("RETURN EXISTS { MATCH (:Hidden {person: $person}) }", person=person)
            if there == hidden:
                return held.value
            if hidden:
                await transaction.do("CREATE (:Hidden {person: $person})", person=person)
            else:
                await transaction.do("MATCH (n:Hidden {person: $person}) DELETE n", person=person)
            for fact in await get_rows(transaction, "person", [person]):
                said = hidden or decode("person", fact.id, fact.body).hidden  # type: ignore[union-attr]
                await transaction.do("MATCH (n:Person {id: $id}) SET n.hidden = $said", id=person, said=said)
            after = await log_changes(transaction, ("hide" if hidden else "show", "person"), [person], held.value)
            await count_up(transaction, "change", after)
            return after

        return self._locks.write(work)

    def hides(self) -> frozenset[str]:
        """The ids that `hide` hid."""
        return frozenset(self._server.ask("MATCH (n:Hidden) RETURN collect(n.person)")[0])

    def erase(self, person: str, *, keys: Iterable[str] = ()) -> int:
        """Forget a person; call `scrub` afterwards. Returns the number of the last change."""
        return erase(self._locks, person, list(keys))

    def scrub(self) -> bool:
        """Overwrite what the server keeps of what was erased: half a minute or more, see `docs/neo4j.md`.

        Raises `StoreError` where the server's settings would keep it all the same; the scrub then stays due.
        """
        found = self._server.ask("MATCH (n:Property {name: 'scrub'}) RETURN n.value")
        if not found:
            return False
        self._locks.may_write()
        self.overwrite(self._server)
        self._server.write(
            # Another process may have erased meanwhile: then its number stands here, and another scrub is due.
            lambda t: t.do("MATCH (n:Property {name: 'scrub'}) WHERE n.value = $due DELETE n", due=found[0])
        )
        return True

    # --- reading facts ---------------------------------------------------------------------------------------------

    def sequence(self) -> int:
        """The number of the last change; 0 for an empty store."""
        return int(self._server.ask(SEQUENCE)[0])

    def changes(self, since: int, *, limit: int = 10_000) -> Sequence[Change]:
        """The changes with a number above `since`, in order, at most `limit`."""
        return changes(self._locks, since, limit)

    def get(self, kind: Kind, ids: Iterable[str]) -> list[Any]:
        """The facts with these ids that are there, in the order of the ids."""
        _known(kind)
        asked = list(ids)
        found = {row.id: row.fact(kind) for row in some(self._locks, kind, askable(asked))}
        return [found[fact_id] for fact_id in asked if fact_id in found]

    def all(self, kind: Kind) -> Iterator[Any]:
        """Every fact of a kind, ordered by id, as the store is when the first one is asked for. All are in memory."""
        _known(kind)
        found = everything(self._locks, kind)
        for fact_id in sorted(found):
            yield found.pop(fact_id).fact(kind)

    def acts_on(self, objects: Iterable[str], *, kind: Literal["post", "person"] = "post") -> list[Interaction]:
        """The interactions whose object is one of these posts, or of these people, ordered by id."""
        return self._naming("interaction", shape.ACTS_ON[kind], objects)

    def acts_by(self, actors: Iterable[str]) -> list[Interaction]:
        """The interactions of these actors, ordered by id."""
        return self._naming("interaction", shape.ACTS_BY, actors)

    def posts_by(self, authors: Iterable[str]) -> list[Post]:
        """The posts of these authors, ordered by id."""
        return self._naming("post", shape.POSTS_BY, authors)

    def _naming(self, kind: Kind, statement: str, names: Iterable[str]) -> list[Any]:
        ids, bodies = self._server.ask(statement, ids=askable(names))
        return [decode(kind, *row) for row in sorted(set(zip(ids, bodies, strict=True)))]

    def count(self, kind: Kind) -> int:
        """How many facts of a kind there are."""
        _known(kind)
        return int(self._server.ask(shape.COUNT[kind])[0])

    def forgotten(self, kind: Kind, ids: Iterable[str]) -> set[str]:
        """Those of the ids that were erased. A holder of ids asks this when an `erase` is among the changes."""
        self._server.read(self._locks.refresh)
        return {fact_id for fact_id in ids if self._locks.graves.holds(kind, fact_id)}

    # --- keys, feedback and audit ------------------------------------------------------------------------------------

    def put_key(self, key: Key) -> None:
        """Keep or replace an API key. Raises `Conflict` for a key of a person who was erased."""
        row = key_row(key)
        self._locks.may_write()

        async def work(transaction: Transaction) -> None:
            await self._locks.lock(transaction, "audit")
            if key.person is not None and self._locks.graves.holds("person", key.person):
                raise Conflict("the person whose key this would be was erased")
            await transaction.do("MERGE (n:Key {id: $row.id}) SET n = $row", row=row)

        self._server.write(work)
        self._keys.pop(key.id, None)

    def key(self, key_id: str) -> Key | None:
        """The key with this id. While the server is away: as it was seen last, for at most an hour."""
        if not can_be_id(key_id):
            return None
        try:
            found = self._server.ask("MATCH (n:Key {id: $id}) RETURN properties(n)", id=key_id)
        except StoreUnavailable:
            seen, known = self._keys.get(key_id, (0.0, None))
            if known is None or time.monotonic() - seen > KEY_SECONDS:
                raise
            return known
        if not found:
            self._keys.pop(key_id, None)
            return None
        key = key_of(found[0])
        self._keys[key_id] = (time.monotonic(), key)
        return key

    def keys(self) -> list[Key]:
        """All keys, ordered by id."""
        return keys_of(*self._server.ask(KEYS))

    def state(self, statement: Statement, *, touching: Iterable[str] = ()) -> int:
        """Keep a statement. Raises `Conflict` where somebody whom it is about was erased."""
        row = kept_of(statement)
        node = node_of(row)

        async def work(transaction: Transaction) -> bool:
            if any(self._locks.graves.holds(kind, named) for kind, named in about_of(statement)):
                raise Conflict("who or what this would be about was erased")
            there = statements_in(
                await transaction.ask("MATCH (n:Statement {id: $id}) RETURN properties(n)", id=node["id"])
            )
            if there != [row]:
                await transaction.do("MERGE (n:Statement {id: $node.id}) SET n = $node", node=node)
            return there != [row]

        return self._say(statement, work, touching)

    def retract(self, statement: Statement, *, touching: Iterable[str] = ()) -> int:
        """Take back the statement with this kind and key."""
        node = node_of(kept_of(statement))

        async def work(transaction: Transaction) -> bool:
            gone = await transaction.ask(
                "OPTIONAL MATCH (n:Statement {id: $id}) DELETE n RETURN count(n)", id=node["id"]
            )
            return bool(gone[0])

        return self._say(statement, work, touching)

    def _say(self, statement: Statement, work: Work[bool], touching: Iterable[str]) -> int:
        """Write a statement by `work`. If its kind moves answers, log a change of each person and post it touches."""
        self._locks.may_write()
        posts = sorted(set(touching))

        async def whole(transaction: Transaction) -> int:
            held = await self._locks.lock(transaction, "change" if statement.MOVES else "audit")
            moved = await work(transaction)
            if not statement.MOVES:
                return int((await transaction.ask(SEQUENCE))[0])
            about = list(people_of(statement)) if moved else []
            after = await log_changes(transaction, ("put", "person"), about, held.value)
            after = await log_changes(transaction, ("put", "post"), posts if moved else [], after)
            await count_up(transaction, "change", after)
            return after

        return self._locks.write(whole) if statement.MOVES else self._server.write(whole)

    def statements(self, kind: type[S], *, since: date | None = None, having: Having | None = None) -> list[S]:
        """All statements of a kind, ordered by their keys; `since`: of that `day` and later; `having`: by a field."""
        question, values = statements_asked(kind.KIND, since, having)
        return statements_of(kind, statements_in(*self._server.ask(question, **values)))

    def note_question(self, topics: Iterable[str], person: str, *, week: date) -> None:
        """Count that somebody asked about topics in a week, once for each topic and person."""
        asked, monday = sorted(set(topics)), week.isoformat()
        self._locks.may_write()

        async def work(transaction: Transaction) -> None:
            await self._locks.lock(transaction, "audit")
            if self._locks.graves.holds("person", person):
                return
            rows = [question_row(Question(monday, topic, asker(self._locks.graves.salt, person))) for topic in asked]
            await transaction.do("UNWIND $rows AS row MERGE (n:Demand {id: row.id}) SET n = row", rows=rows)
            oldest = (week - DEMAND_KEPT).isoformat()
            await transaction.do("MATCH (n:Demand) WHERE n.week < $oldest DELETE n", oldest=oldest)

        self._server.write(work)

    def demand(self, *, fewest: int) -> list[Demand]:
        """Topics that at least `fewest` different people asked about in a week, ordered by week and topic."""
        [rows] = self._server.ask(DEMAND, fewest=fewest)
        return sorted(Demand(date.fromisoformat(week), topic, askers) for week, topic, askers in rows)

    def write_audit(self, *entries: AuditEntry) -> None:
        """Add lines to the audit log; durable when it returns. An erased person stands in them as the token."""
        lines = list(map(line_of, entries))
        self._locks.may_write()

        async def work(transaction: Transaction) -> None:
            held = await self._locks.lock(transaction, "audit")
            name = self._locks.graves.name
            named = [line._replace(actor=name(line.actor), subject=name(line.subject)) for line in lines]
            await add_lines(transaction, named, held.value)

        self._server.write(work)

    def audit(self, *, subject: str | None = None, events: Iterable[str] = (), limit: int = 1000) -> list[AuditEntry]:
        """The newest lines first, of one subject (an erased one too, for who knows the id) or of all."""

        async def work(transaction: Transaction) -> list[AuditEntry]:
            await self._locks.refresh(transaction)
            lines = await read_lines(
                transaction,
                "WHERE ($about IS NULL OR n.subject = $about) AND ($events = [] OR n.event IN $events)"
                " WITH n ORDER BY n.number DESC LIMIT $limit",
                about=None if subject is None else self._locks.graves.name(subject),
                events=sorted(events),
                limit=max(limit, 0),
            )
            return [line.entry for _, line in reversed(lines)]

        return self._server.read(work)

    def check_audit(self) -> Chain:
        """Whether every line of the audit log is as it was written, apart from people erased since."""

        async def work(transaction: Transaction) -> Chain:
            await self._locks.lock(transaction, "audit")
            await self._locks.refresh(transaction)
            lines, salts = await read_lines(transaction), await read_salts(transaction)
            return checked(lines, salts, self._locks.graves.is_token)

        return self._locks.look(work, rows=PAGE_ROWS)

    # --- a move to another home --------------------------------------------------------------------------------------

    def kept(self, kind: Kind) -> Iterator[Kept]:
        """Every fact of a kind as it is kept, without what `hide` adds to people."""
        _known(kind)
        found = everything(self._locks, kind)
        for fact_id in sorted(found):
            yield kept(fact_id, found.pop(fact_id).body.encode())

    def beside(self) -> Beside:
        """What is kept beside the facts, all of one moment."""
        return read_beside(self._locks)

    def inherit(self, beside: Beside, *, origin: str) -> None:
        """Take over what another home keeps beside its facts. Raises `Conflict` unless this one is empty."""
        inherit(self._locks, beside, origin)

    def half_copied(self) -> str | None:
        """The name of the home that this is half a copy of; `None` for a whole home."""
        found = self._server.ask("MATCH (n:Property {name: 'copying'}) RETURN n.value")
        return found[0] if found else None

    def complete(self) -> None:
        """Mark the copy as whole: the home may be used from now on."""
        self._locks.may_write()
        self._server.write(lambda t: t.do("MATCH (n:Property {name: 'copying'}) DELETE n"))

    def close(self) -> None:
        """Close the connections to the server."""
        self._server.close()

    # --- the network as a whole --------------------------------------------------------------------------------------

    def algorithms(self, *, seconds: float) -> Neo4jAlgorithms:
        """The server's own graph algorithms: see `store/algorithms.py`. Raises `StoreError` where it has none."""
        self._locks.may_write()
        return Neo4jAlgorithms(self._server, seconds=seconds)


def _known(kind: Kind) -> None:
    if kind not in TYPES:
        raise StoreError(f"there is no kind of fact called {kind!r}")


async def _format(transaction: Transaction) -> int:
    """The format of the database, 0 for an empty one, -1 where somebody else's nodes are."""
    [found, foreign] = await transaction.ask(
        "OPTIONAL MATCH (n:Property {name: 'format'})"
        " RETURN n.value, EXISTS { MATCH (other) WHERE NOT other:Property AND NOT other:Counter }"
    )
    return int(found) if found is not None else -1 if foreign else 0
