"""The facts in a Neo4j database: one node (or tie) a fact, read by analysts as it is, by us through the same protocol.

Neo4j isolates readers from half a transaction less than SQLite does: a long read sees what is committed meanwhile. So
whoever writes facts locks the counter of changes for the whole transaction, and whoever must see one moment (`all`,
`changes`) locks it too, for the moment in which it looks at what changed while it read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from secrets import token_hex
from typing import Any, Final, Literal, NamedTuple, TypeVar

from expertfinder.errors import Conflict, FormatNotSupported, StoreError, StoreUnavailable
from expertfinder.model import Fact, Interaction
from expertfinder.store.batches import Batch, Ready, distinct, suspects, to_write
from expertfinder.store.codec import TYPES, askable, can_be_id, decode, encode, kept, quoted
from expertfinder.store.forgetting import Graves, asker, redacted, token, tombstone, without
from expertfinder.store.migrations import half_copied, statements
from expertfinder.store.neo4j import scrub, shape
from expertfinder.store.neo4j.algorithms import Neo4jAlgorithms
from expertfinder.store.neo4j.large_imports import (
    FORGET_ABANDONED,
    FORGET_ALL,
    GIVE_UP,
    IMPORTED,
    LARGE,
    decide,
    go_on,
    is_large,
    lay_down,
    parts_of,
)
from expertfinder.store.neo4j.rows import (
    key_of,
    key_row,
    keys_of,
    line_row,
    lines_of,
    question_row,
    questions_of,
    statements_in,
)
from expertfinder.store.neo4j.server import RETRY_AFTER, Address, Server, Transaction, Work
from expertfinder.store.neo4j.transactions import (
    CHUNK_ROWS,
    PAGE_ROWS,
    SEQUENCE,
    Found,
    changes_between,
    count_up,
    drop_rows,
    found_rows,
    get_rows,
    hashes_of,
    last_sequence,
    log_changes,
    page_rows,
    put_rows,
)
from expertfinder.store.protocol import (
    DEMAND_KEPT,
    AuditEntry,
    Beside,
    Change,
    Demand,
    Kept,
    Key,
    Kind,
    Question,
    Receipt,
)
from expertfinder.store.statements import S, Statement, kept_of, node_of, statements_of

T = TypeVar("T")

MANY: Final = 10_000
"""So many changes while `all` read are looked at without the lock first."""
KEY_SECONDS: Final = 3600.0
"""How long a key that was checked is still good while the server is away: nobody can revoke it meanwhile either."""


SALT: Final = "MATCH (n:Property {name: 'salt'}) RETURN n.value"
KEYS: Final = "MATCH (n:Key) RETURN collect(properties(n))"
DEMAND: Final = (
    "MATCH (n:Demand) WITH n.week AS week, n.topic AS topic, count(*) AS askers WHERE askers >= $fewest"
    " RETURN collect([week, topic, askers])"
)
QUESTIONS: Final = "MATCH (n:Demand) RETURN collect([n.week, n.topic, n.asker])"
STATEMENTS: Final = "MATCH (n:Statement) WHERE $kind IS NULL OR n.kind = $kind RETURN collect(properties(n))"
_BURY: Final = (
    "UNWIND range(0, size($hashes) - 1) AS place CREATE (:Tombstone {number: $after + place + 1, hash: $hashes[place]})"
)
_LINES: Final = "RETURN collect([n.at, n.actor, n.event, n.subject, n.detail])"
AUDIT: Final = f"MATCH (n:Audit) WITH n ORDER BY n.number {_LINES}"


class Lock(NamedTuple):
    """What the lock of a counter gives: its value, the newest tombstone's number, whether an import is half written."""

    value: int
    graves: int
    unfinished: bool = False


class Unfinished(Exception):
    """Somebody's large import is decided and not all written: it has to be finished first."""


class Neo4jStore:
    """A `Store` in a Neo4j database. `protocol.py` says what the methods promise."""

    overwrite = staticmethod(scrub.scrub)

    def __init__(self, where: Address, *, read_only: bool = False, copying: bool = False) -> None:
        """Open the database; unless `read_only`, bring it to today's format.

        Raises `FormatNotSupported` for a record of newer code, `StoreUnavailable` when the server cannot be reached
        just now, and `StoreError` for a login that is refused, for a database that holds something else and for half a
        copy (unless `copying`).
        """
        self._server = Server(where)
        self._read_only = read_only
        self._settled = 0
        self._keys: dict[str, tuple[float, Key]] = {}
        self._meeting = threading.Lock()
        try:
            self._prepare()
            salt: str = self._server.ask(SALT)[0]
            if not copying and (origin := self.half_copied()):
                raise half_copied(where.url, origin)
        except BaseException:
            self._server.close()
            raise
        self._graves = Graves(bytes.fromhex(salt))

    def _prepare(self) -> None:
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
        if self._read_only:
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
        batch = distinct(facts)
        self._may_write()
        newest, ready = self._graves.newest, self._ready(batch)  # what needs no lock is done before the lock
        total = sum(map(len, batch.values()))

        async def work(transaction: Transaction) -> Receipt:
            held = await self._lock(transaction, "change")
            now = ready
            if self._graves.newest != newest:
                there = await hashes_of(transaction, "person", suspects(batch, self._graves))
                now = to_write(batch, self._graves, there=there)
            if now.buried:
                await self._bury(transaction, "person", now.buried)
            after = held.value
            added = changed = 0
            for kind, of_kind in now.rows.items():
                new, other = await put_rows(transaction, kind, of_kind, after)
                after += new + other
                added, changed = added + new, changed + other
            if after != held.value:
                await count_up(transaction, "change", after)
            unchanged = total - now.refused - added - changed
            return Receipt(after, added=added, changed=changed, unchanged=unchanged, refused=now.refused)

        large = is_large(ready.rows)
        receipt = self._apply_in_parts(batch, newest, ready) if large else self._write(work, rows=total)
        self._settle(receipt.sequence)
        return receipt

    def _ready(self, batch: Batch) -> Ready:
        again = suspects(batch, self._graves)
        return to_write(batch, self._graves, there=[one.id for one in self.get("person", again)] if again else ())

    def _apply_in_parts(self, batch: Batch, newest: int, ready: Ready) -> Receipt:
        """Write a batch that is too large for one transaction: all of it or nothing (see `neo4j_staging.py`).

        `newest`: the number of the last tombstone that was known when it was made ready.
        """
        rows, refused = ready.rows, ready.refused
        if ready.buried:
            self._write(lambda t: self._bury(t, "person", ready.buried))
            self._server.read(self._refresh)
            return self.apply(fact for of_kind in batch.values() for fact in of_kind.values())
        name = token_hex(16)
        self._server.write(lambda t: t.do(FORGET_ABANDONED))
        number = 0
        for number, part in enumerate(parts_of(rows), 1):
            self._server.write(lambda t: lay_down(t, name, number, part), rows=len(part.ids))  # noqa: B023 (runs now)

        async def work(transaction: Transaction) -> bool:
            held = await self._lock(transaction, "change")
            if self._graves.newest != newest:  # somebody was erased meanwhile: what was laid down may name them
                await transaction.do(GIVE_UP, batch=name)
                return False
            await decide(transaction, name, number, held.value)
            return True

        if not self._write(work):
            return self.apply(fact for of_kind in batch.values() for fact in of_kind.values())
        try:
            self._finish()
            after, added, changed = self._server.write(lambda t: t.ask(IMPORTED, batch=name))
        except StoreUnavailable as error:
            words = f"{self._server.where.url} went away in a large import: it is not acknowledged, send it again"
            raise StoreUnavailable(words, retry_after=RETRY_AFTER) from error
        unchanged = sum(map(len, batch.values())) - refused - added - changed
        return Receipt(after, added=added, changed=changed, unchanged=unchanged, refused=refused)

    def delete(self, kind: Kind, ids: Iterable[str]) -> int:
        """Take facts back (they may come again). How many were there."""
        asked = askable(ids)
        _known(kind)
        self._may_write()

        async def work(transaction: Transaction) -> int:
            held = await self._lock(transaction, "change")
            there = sorted(await hashes_of(transaction, kind, asked))
            await drop_rows(transaction, kind, there)
            after = await log_changes(transaction, ("delete", kind), there, held.value)
            await count_up(transaction, "change", after)
            return len(there)

        return self._write(work, rows=len(asked))

    def hide(self, person: str, *, hidden: bool = True) -> int:
        """Hide or show a person; outlasts every later import of the record. The sequence number after it."""
        self._may_write()

        async def work(transaction: Transaction) -> int:
            held = await self._lock(transaction, "change")
            if not can_be_id(person) or self._graves.holds("person", person):
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

        return self._write(work)

    def hides(self) -> frozenset[str]:
        """The ids that `hide` hid."""
        return frozenset(self._server.ask("MATCH (n:Hidden) RETURN collect(n.person)")[0])

    def erase(self, person: str, *, keys: Iterable[str] = ()) -> int:
        """Forget a person; call `scrub` afterwards. The sequence number after it."""
        accounts = list(keys)
        self._may_write()

        async def work(transaction: Transaction) -> int:
            held = await self._lock(transaction, "change")
            await self._lock(transaction, "audit")
            buried = await self._bury(transaction, "account", accounts)
            if not can_be_id(person) or self._graves.holds("person", person):
                return held.value
            after, graves = held.value, buried
            for kind in TYPES:
                after, graves = await self._erase_from(transaction, kind, person, Lock(after, graves))
            await transaction.do("MATCH (n:Person {id: $person}) DETACH DELETE n", person=person)
            await transaction.do(FORGET_ALL)
            for statement in (
                "MATCH (n:Hidden {person: $person}) DELETE n",
                "MATCH (n:Key) WHERE n.person = $person DELETE n",
                "MATCH (n:Statement) WHERE $person IN n.about DELETE n",
                "MATCH (n:Demand) WHERE n.asker = $asker DELETE n",
                "MATCH (n:Statement) WHERE n.by = $person SET n.by = $token",
            ):
                names = {"asker": asker(self._graves.salt, person).hex()}
                names["token"] = token(tombstone(self._graves.salt, "person", person))
                await transaction.do(statement, person=person, **names)
            await self._redact_audit(transaction, person)
            await count_up(transaction, "change", after)
            await count_up(transaction, "tombstone", graves)
            await transaction.do("MERGE (n:Property {name: 'scrub'}) SET n.value = $after", after=after)
            return after

        return self._write(work, rows=ERASE_ROWS)

    async def _bury(self, transaction: Transaction, kind: Kind | Literal["account"], names: Iterable[str]) -> int:
        """Tombstones for ids or account keys that may not come back. The number of the newest tombstone."""
        after = (await self._lock(transaction, "change")).graves
        fresh = [tombstone(self._graves.salt, kind, name) for name in names if not self._graves.holds(kind, name)]
        hashes = [grave.hex() for grave in dict.fromkeys(fresh)]
        await transaction.do(_BURY, after=after, hashes=hashes)
        await count_up(transaction, "tombstone", after + len(hashes))
        return after + len(hashes)

    async def _erase_from(self, transaction: Transaction, kind: Kind, person: str, held: Lock) -> tuple[int, int]:
        """Strike one person out of the facts of one kind, and out of what the log says of those that go."""
        removed = {person} if kind == "person" else set[str]()
        rest: list[tuple[Kept, Fact]] = []
        naming = await transaction.ask(shape.NAMING[kind], quoted=quoted(person))
        for fact_id, body in sorted(zip(naming[0], naming[1], strict=True)):
            fact = decode(kind, fact_id, body)
            left = without(fact, lambda named: named == person)
            if left is None:
                removed.add(fact_id)
            elif left is not fact:
                rest.append((encode(left), left))
        new, changed = await put_rows(transaction, kind, rest, held.value)
        ids = sorted(removed)
        there = sorted(await hashes_of(transaction, kind, ids))
        await drop_rows(transaction, kind, there)
        graves = {fact_id: tombstone(self._graves.salt, kind, fact_id) for fact_id in ids}
        await transaction.do(
            "MATCH (n:Change) WHERE n.kind = $kind AND n.id IN $ids SET n.id = $tokens[n.id]",
            kind=kind,
            ids=ids,
            tokens={fact_id: token(grave) for fact_id, grave in graves.items()},
        )
        tokens = [token(graves[fact_id]) for fact_id in ids]
        after = await log_changes(transaction, ("erase", kind), tokens, held.value + new + changed)
        fresh = [grave for fact_id, grave in graves.items() if not self._graves.holds(kind, fact_id)]
        await transaction.do(_BURY, after=held.graves, hashes=[grave.hex() for grave in fresh])
        return after, held.graves + len(fresh)

    async def _redact_audit(self, transaction: Transaction, person: str) -> None:
        stand_in = token(tombstone(self._graves.salt, "person", person))
        lines = await transaction.ask(
            "MATCH (n:Audit) WHERE n.actor = $person OR n.subject = $person OR n.detail CONTAINS $person"
            " RETURN collect([n.number, n.actor, n.subject, n.detail])",
            person=person,
        )
        rows = [
            {
                "number": number,
                "actor": stand_in if actor == person else actor,
                "subject": stand_in if subject == person else subject,
                "detail": redacted(detail, person, stand_in),
            }
            for number, actor, subject, detail in lines[0]
        ]
        await transaction.do(
            "UNWIND $rows AS row MATCH (n:Audit {number: row.number})"
            " SET n.actor = row.actor, n.subject = row.subject, n.detail = row.detail",
            rows=rows,
        )

    def scrub(self) -> bool:
        """Overwrite what the server keeps of what was erased: half a minute or more, see `docs/neo4j.md`.

        Raises `StoreError` where the server's settings would keep it all the same; it stays to be done then.
        """
        found = self._server.ask("MATCH (n:Property {name: 'scrub'}) RETURN n.value")
        if not found:
            return False
        self._may_write()
        self.overwrite(self._server)
        self._server.write(
            # Another process may have erased meanwhile: then its number stands here, and its turn comes.
            lambda t: t.do("MATCH (n:Property {name: 'scrub'}) WHERE n.value = $due DELETE n", due=found[0])
        )
        return True

    # --- reading facts ---------------------------------------------------------------------------------------------

    def sequence(self) -> int:
        """The number of the last change; 0 for an empty store."""
        return int(self._server.ask(SEQUENCE)[0])

    def changes(self, since: int, *, limit: int = 10_000) -> Sequence[Change]:
        """The changes with a number above `since`, in order, at most `limit`."""
        until = since + max(limit, 0)

        async def work(transaction: Transaction) -> list[Change]:
            self._settle((await self._lock(transaction, "change", finished=False)).value)
            return await changes_between(transaction, since, min(until, self._settled))

        if until <= self._settled:
            return self._server.read(lambda t: changes_between(t, since, until), rows=limit)
        return self._server.look(work, rows=min(limit, PAGE_ROWS))

    def get(self, kind: Kind, ids: Iterable[str]) -> list[Any]:
        """The facts with these ids that are there, in the order of the ids."""
        _known(kind)
        asked = list(ids)
        wanted = askable(asked)

        async def undisturbed(transaction: Transaction) -> list[Found] | None:
            before = await last_sequence(transaction)
            found = await get_rows(transaction, kind, wanted)
            return found if await last_sequence(transaction) == before else None

        async def alone(transaction: Transaction) -> list[Found]:
            await self._lock(transaction, "change", finished=False)
            return await get_rows(transaction, kind, wanted)

        if not wanted:
            return []
        if len(wanted) == 1:
            rows = found_rows(self._server.ask(shape.GET[kind], ids=wanted))
        else:
            # Whole batches only: once more with the lock where somebody wrote while it was read.
            free = self._server.read(undisturbed, rows=len(wanted))
            rows = self._server.look(alone, rows=len(wanted)) if free is None else free
        found = {row.id: row.fact(kind) for row in rows}
        return [found[fact_id] for fact_id in asked if fact_id in found]

    def all(self, kind: Kind) -> Iterator[Any]:
        """Every fact of a kind, ordered by id, as the store is when the first one is asked for. All are in memory."""
        found = self._everything(kind)
        for fact_id in sorted(found):
            yield found.pop(fact_id).fact(kind)

    def _everything(self, kind: Kind) -> dict[str, Found]:
        """Every fact of a kind as it was at one moment of this call."""
        _known(kind)

        async def begin(transaction: Transaction) -> tuple[int, list[Found]]:
            held = await self._lock(transaction, "change")
            return held.value, await page_rows(transaction, kind, "")

        since, page = self._look(begin)
        found = {row.id: row for row in page}
        while len(page) == PAGE_ROWS:
            page = found_rows(self._server.ask(shape.PAGE[kind], after=page[-1].id, limit=PAGE_ROWS))
            found.update((row.id, row) for row in page)
        if len(found) >= PAGE_ROWS:
            self._catch_up(kind, found, since)
        return found

    def _catch_up(self, kind: Kind, found: dict[str, Found], since: int) -> None:
        """Read again what changed since; the last of it with the lock, so that nothing changes meanwhile."""
        while (now := self.sequence()) - since > MANY:
            span = (since, now)
            self._server.read(lambda t: self._mend(t, kind, found, span), rows=now)  # noqa: B023 (runs now)
            since = now

        async def end(transaction: Transaction) -> None:
            held = await self._lock(transaction, "change")
            await self._mend(transaction, kind, found, (since, held.value))

        self._look(end)

    async def _mend(self, transaction: Transaction, kind: Kind, found: dict[str, Found], span: tuple[int, int]) -> None:
        log = [change for change in await changes_between(transaction, *span) if change.kind == kind]
        if any(change.operation == "erase" for change in log):
            await self._refresh(transaction)
            for fact_id in [fact_id for fact_id in found if self._graves.holds(kind, fact_id)]:
                del found[fact_id]
        ids = list(dict.fromkeys(change.id for change in log))
        for fact_id in ids:
            found.pop(fact_id, None)
        found.update({row.id: row for row in await get_rows(transaction, kind, ids)})

    def acts_on(self, posts: Iterable[str]) -> list[Interaction]:
        """The interactions whose object is one of these posts, ordered by id."""
        asked = askable(posts)
        ids, bodies = self._server.ask(shape.ACTS_ON, ids=asked)
        acts: list[Any] = [decode("interaction", *row) for row in sorted(zip(ids, bodies, strict=True))]
        return acts

    def count(self, kind: Kind) -> int:
        """How many facts of a kind there are."""
        _known(kind)
        return int(self._server.ask(shape.COUNT[kind])[0])

    def forgotten(self, kind: Kind, ids: Iterable[str]) -> set[str]:
        """Those of the ids that were erased. Asked by who holds ids when an `erase` is among the changes."""
        self._server.read(self._refresh)
        return {fact_id for fact_id in ids if self._graves.holds(kind, fact_id)}

    # --- keys, feedback and audit ------------------------------------------------------------------------------------

    def put_key(self, key: Key) -> None:
        """Keep or replace an API key. Raises `Conflict` for a key of a person who was erased."""
        row = key_row(key)
        self._may_write()

        async def work(transaction: Transaction) -> None:
            await self._lock(transaction, "audit")
            if key.person is not None and self._graves.holds("person", key.person):
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

    def state(self, statement: Statement) -> int:
        """Keep a statement. Raises `Conflict` where somebody whom it is about was erased."""
        row = kept_of(statement)
        node = node_of(row)

        async def work(transaction: Transaction) -> bool:
            if any(self._graves.holds("person", named) for named in row.about):
                raise Conflict("somebody whom this would be about was erased")
            there = statements_in(
                await transaction.ask("MATCH (n:Statement {id: $id}) RETURN properties(n)", id=node["id"])
            )
            if there != [row]:
                await transaction.do("MERGE (n:Statement {id: $node.id}) SET n = $node", node=node)
            return there != [row]

        return self._say(statement, work)

    def retract(self, statement: Statement) -> int:
        """Take back the statement with this kind and key."""
        node = node_of(kept_of(statement))

        async def work(transaction: Transaction) -> bool:
            gone = await transaction.ask(
                "OPTIONAL MATCH (n:Statement {id: $id}) DELETE n RETURN count(n)", id=node["id"]
            )
            return bool(gone[0])

        return self._say(statement, work)

    def _say(self, statement: Statement, work: Work[bool]) -> int:
        """Write a statement; what moves answers is a change of the people it is about. The sequence number after it."""
        self._may_write()

        async def whole(transaction: Transaction) -> int:
            held = await self._lock(transaction, "change" if statement.MOVES else "audit")
            moved = await work(transaction)
            if not statement.MOVES:
                return int((await transaction.ask(SEQUENCE))[0])
            about = list(kept_of(statement).about) if moved else []
            after = await log_changes(transaction, ("put", "person"), about, held.value)
            await count_up(transaction, "change", after)
            return after

        return self._write(whole) if statement.MOVES else self._server.write(whole)

    def statements(self, kind: type[S]) -> list[S]:
        """All statements of a kind, ordered by their keys."""
        return statements_of(kind, statements_in(*self._server.ask(STATEMENTS, kind=kind.KIND)))

    def note_question(self, topics: Iterable[str], person: str, *, week: date) -> None:
        """Count that somebody asked about topics in a week, once for each topic and person."""
        asked, monday = sorted(set(topics)), week.isoformat()
        self._may_write()

        async def work(transaction: Transaction) -> None:
            await self._lock(transaction, "audit")
            if self._graves.holds("person", person):
                return
            rows = [question_row(Question(monday, topic, asker(self._graves.salt, person))) for topic in asked]
            await transaction.do("UNWIND $rows AS row MERGE (n:Demand {id: row.id}) SET n = row", rows=rows)
            oldest = (week - DEMAND_KEPT).isoformat()
            await transaction.do("MATCH (n:Demand) WHERE n.week < $oldest DELETE n", oldest=oldest)

        self._server.write(work)

    def demand(self, *, fewest: int) -> list[Demand]:
        """Topics that at least `fewest` different people asked about in a week, ordered by week and topic."""
        [rows] = self._server.ask(DEMAND, fewest=fewest)
        return sorted(Demand(date.fromisoformat(week), topic, askers) for week, topic, askers in rows)

    def write_audit(self, entry: AuditEntry) -> None:
        """Add a line to the audit log; durable when it returns. An erased person stands in it as the token."""
        row = line_row(entry, 0)
        self._may_write()

        async def work(transaction: Transaction) -> None:
            held = await self._lock(transaction, "audit")
            named = {"actor": self._graves.name(entry.actor), "subject": self._graves.name(entry.subject)}
            numbered = {**row, **named, "number": held.value + 1}
            await transaction.do("CREATE (n:Audit) SET n = $row", row=numbered)
            await count_up(transaction, "audit", held.value + 1)

        self._server.write(work)

    def audit(self, *, subject: str | None = None, limit: int = 1000) -> list[AuditEntry]:
        """The newest lines first, of one subject (an erased one too, for who knows the id) or of all."""

        async def work(transaction: Transaction) -> list[Any]:
            await self._refresh(transaction)
            where = "" if subject is None else "{subject: $about}"
            [lines] = await transaction.ask(
                f"MATCH (n:Audit {where}) WITH n ORDER BY n.number DESC LIMIT $limit {_LINES}",
                about=None if subject is None else self._graves.name(subject),
                limit=max(limit, 0),
            )
            return list(lines)

        return lines_of(self._server.read(work))

    # --- a move to another home --------------------------------------------------------------------------------------

    def kept(self, kind: Kind) -> Iterator[Kept]:
        """Every fact of a kind as it is kept, without what `hide` adds to people."""
        found = self._everything(kind)
        for fact_id in sorted(found):
            yield kept(fact_id, found.pop(fact_id).body.encode())

    def beside(self) -> Beside:
        """What is kept beside the facts, all of one moment."""

        async def work(transaction: Transaction) -> Beside:
            await self._lock(transaction, "change")
            await self._lock(transaction, "audit")
            [salt] = await transaction.ask(SALT)
            [graves] = await transaction.ask("MATCH (n:Tombstone) RETURN collect(n.hash)")
            [hidden] = await transaction.ask("MATCH (n:Hidden) RETURN collect(n.person)")
            return Beside(
                salt=bytes.fromhex(salt),
                tombstones=tuple(sorted(map(bytes.fromhex, graves))),
                hidden=tuple(sorted(hidden)),
                keys=tuple(keys_of(*await transaction.ask(KEYS))),
                statements=tuple(statements_in(*await transaction.ask(STATEMENTS, kind=None))),
                questions=tuple(questions_of(*await transaction.ask(QUESTIONS))),
                audit=tuple(lines_of(*await transaction.ask(AUDIT))),
            )

        return self._look(work, rows=PAGE_ROWS)

    def inherit(self, beside: Beside, *, origin: str) -> None:
        """Take over what another home keeps beside its facts. Raises `Conflict` unless this one is empty."""
        self._may_write()
        graves = [{"number": n, "hash": grave.hex()} for n, grave in enumerate(beside.tombstones, 1)]
        lines = [line_row(entry, number) for number, entry in enumerate(beside.audit, 1)]
        nodes: dict[str, list[dict[str, Any]]] = {
            "Tombstone": graves,
            "Hidden": [{"person": person} for person in beside.hidden],
            "Key": list(map(key_row, beside.keys)),
            "Statement": list(map(node_of, beside.statements)),
            "Demand": list(map(question_row, beside.questions)),
            "Audit": lines,
        }

        async def work(transaction: Transaction) -> None:
            await self._lock(transaction, "change")
            await self._lock(transaction, "audit")
            [there] = await transaction.ask("RETURN EXISTS { MATCH (n) WHERE NOT n:Counter AND NOT n:Property }")
            if there:
                raise Conflict(f"the record at {self._server.where.url} is not empty")
            await transaction.do("MATCH (n:Property {name: 'salt'}) SET n.value = $salt", salt=beside.salt.hex())
            for label, rows in nodes.items():
                for start in range(0, len(rows), CHUNK_ROWS):
                    part = rows[start : start + CHUNK_ROWS]
                    await transaction.do(f"UNWIND $rows AS row CREATE (n:{label}) SET n = row", rows=part)
            await count_up(transaction, "tombstone", len(graves))
            await count_up(transaction, "audit", len(lines))
            await transaction.do("CREATE (:Property {name: 'copying', value: $origin})", origin=origin)

        self._write(work, rows=sum(map(len, nodes.values())))

    def half_copied(self) -> str | None:
        """Of what this is half a copy; `None` for a whole home."""
        found = self._server.ask("MATCH (n:Property {name: 'copying'}) RETURN n.value")
        return found[0] if found else None

    def complete(self) -> None:
        """The copy is whole: the home may be used."""
        self._may_write()
        self._server.write(lambda t: t.do("MATCH (n:Property {name: 'copying'}) DELETE n"))

    def close(self) -> None:
        """Give everything back."""
        self._server.close()

    # --- the network as a whole --------------------------------------------------------------------------------------

    def algorithms(self, *, seconds: float) -> Neo4jAlgorithms:
        """The server's own graph algorithms: see `analysis.py`. Raises `StoreError` where it has none."""
        self._may_write()
        return Neo4jAlgorithms(self._server, seconds=seconds)

    # --- locks -------------------------------------------------------------------------------------------------------

    def _write(self, work: Work[T], *, rows: int = 1) -> T:
        """Write facts, once what was half written is whole."""
        return self._finished(lambda: self._server.write(work, rows=rows))

    def _look(self, work: Work[T], *, rows: int = 1) -> T:
        """Read with the lock, once what was half written is whole."""
        return self._finished(lambda: self._server.look(work, rows=rows))

    def _finished(self, action: Callable[[], T]) -> T:
        while True:
            try:
                return action()
            except Unfinished:
                self._may_write()
                self._finish()

    def _finish(self) -> None:
        """Write what is left of the import that was decided. Several may do so at once: each takes the next parts."""

        async def work(transaction: Transaction) -> bool:
            await self._lock(transaction, "change", finished=False)
            return await go_on(transaction)

        while self._server.write(work, rows=LARGE):
            pass

    def _may_write(self) -> None:
        if self._read_only:
            raise StoreUnavailable(
                f"the record at {self._server.where.url} was opened readonly", retry_after=RETRY_AFTER
            )

    async def _lock(self, transaction: Transaction, name: str, *, finished: bool = True) -> Lock:
        """Be the only one with this counter until the transaction ends, and know every tombstone there is.

        `finished`: raise `Unfinished` rather than have the counter of changes while an import is half written.
        """
        held = Lock(*await transaction.lock(shape.LOCK, name=name))
        if finished and held.unfinished and name == "change":
            raise Unfinished
        if held.graves > self._graves.newest:
            await self._refresh(transaction)
        return held

    async def _refresh(self, transaction: Transaction) -> None:
        """Read the tombstones that are new."""
        if not self._graves.newest:  # an empty record may have inherited another salt since it was opened
            self._graves.salt = bytes.fromhex((await transaction.ask(SALT))[0])
        numbers, hashes = await transaction.ask(
            "MATCH (n:Tombstone) WHERE n.number > $newest RETURN collect(n.number), collect(n.hash)",
            newest=self._graves.newest,
        )
        for number, grave in sorted(zip(numbers, hashes, strict=True)):
            self._graves.add(number, bytes.fromhex(grave))

    def _settle(self, sequence: int) -> None:
        with self._meeting:
            self._settled = max(self._settled, sequence)


ERASE_ROWS: Final = 20_000
"""An erasure reads every body, so it has the time of a large write."""


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
