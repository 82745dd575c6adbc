"""A published index in a Neo4j database, beside the facts: posts in columns under the server's text and vector indexes.

Everything of one index has a label of its slot, A or B. A new index goes into the slot that nobody reads; its text and
vector indexes are made when all posts are there, so that their statistics are those of these posts. Then one
transaction moves the published name: a reader sees the old index or the new one. Shared and restricted posts have
labels, and so indexes, of their own. `graph/README.md` describes the nodes for people who meet them in a browser.

This file carries bytes and lists; `index/server/packing.py` knows what they mean.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from secrets import token_bytes, token_hex
from typing import Any, Final

from expertfinder.errors import StoreError, StoreUnavailable
from expertfinder.store.index_server import COLUMNS, Hits, Publication, Rows, TierName
from expertfinder.store.neo4j.server import RETRY_AFTER, Address, Server, Transaction

LABEL: Final[Mapping[TierName, str]] = {"shared": "IndexedPost", "restricted": "IndexedRestrictedPost"}
SLOTS: Final = ("A", "B")
UNIQUE: Final = "CREATE CONSTRAINT index_name IF NOT EXISTS FOR (n:Index) REQUIRE n.name IS UNIQUE"
CHUNK: Final = 1_000
"""Posts in one transaction (the server's best size for posts with vectors, `docs/neo4j.md`)."""
SMALL: Final = 10_000
"""Words or people in one transaction."""
DELETED: Final = 2_000
"""Nodes that go in one transaction."""
PIECE: Final = 100_000
"""Bytes of a file in one node."""
PIECES: Final = 40
"""Pieces in one transaction."""
HELD: Final = 60.0
"""Seconds after which a builder writes again that it is at work."""
LEASE: Final = 600_000
"""Milliseconds after which a builder that said nothing is taken for dead."""
POPULATING: Final = 1800.0
"""Seconds that the server's indexes may take; at 100,000 posts half a minute was measured."""
MOST_CLAUSES: Final = 900
"""Words and audiences in one question: the text engine takes 1,024 clauses."""

_SPECIAL = re.compile(r'([+\-!(){}\[\]^"~*?:\\/&|<>=])')


class Neo4jIndex:
    """An `IndexServer` in a Neo4j database. `store/index_server.py` says what the methods promise."""

    def __init__(self, where: Address) -> None:
        self._server = Server(where)
        self._builder = token_hex(8)
        self._bytes = 0
        self._held_until = 0.0

    def close(self) -> None:
        """Give the connections back."""
        self._server.close()

    # --- publishing --------------------------------------------------------------------------------------------------

    def published(self) -> Publication | None:
        """What is published now; `None` where nothing is."""
        found = self._server.ask("MATCH (n:Index {name: 'published'}) RETURN n.slot, n.snapshot")
        return Publication(*found) if found else None

    def secret(self) -> bytes:
        """32 bytes, made once."""
        found = self._server.ask("MATCH (n:Index {name: 'secret'}) RETURN n.value")
        if not found:
            self._server.schema(UNIQUE)
            made = "MERGE (n:Index {name: 'secret'}) ON CREATE SET n.value = $made RETURN n.value"
            found = self._server.write(lambda t: t.ask(made, made=token_bytes(32)))
        return bytes(found[0])

    def begin(self) -> str:
        """Empty the slot that nobody reads, and return it. Raises `StoreUnavailable` while somebody else publishes."""
        self._server.schema(UNIQUE)
        self._hold()
        now = self.published()
        slot = SLOTS[1] if now is not None and now.slot == SLOTS[0] else SLOTS[0]
        self._empty(slot)
        self._bytes = 0
        return slot

    def _hold(self) -> None:
        """Write, every `HELD` seconds, that this builder works. Raises `StoreUnavailable` while another one works."""
        if time.monotonic() < self._held_until:
            return

        async def work(transaction: Transaction) -> bool:
            [mine] = await transaction.ask(
                "MERGE (n:Index {name: 'builder'}) SET n.locked = true WITH n"
                " WITH n, n.who IS NULL OR n.who = $who OR n.at < timestamp() - $lease AS mine"
                " SET n.who = CASE WHEN mine THEN $who ELSE n.who END,"
                " n.at = CASE WHEN mine THEN timestamp() ELSE n.at END RETURN mine",
                who=self._builder,
                lease=LEASE,
            )
            return bool(mine)

        self._held_until = time.monotonic() + HELD
        if not self._server.write(work):
            self._held_until = 0.0
            raise StoreUnavailable("somebody else is publishing an index just now: try again", retry_after=RETRY_AFTER)

    def _empty(self, slot: str) -> None:
        forget = "MATCH (n:Index {name: 'slot ' + $slot}) DELETE n"
        self._server.write(lambda t: t.do(forget, slot=slot))
        for name in _engines(slot):  # their statistics would still count what was deleted
            self._server.schema(f"DROP INDEX {name} IF EXISTS")
        for label in (*LABEL.values(), "IndexedWord", "IndexedPerson", "IndexedFile"):
            left = 1
            while left:
                statement = f"MATCH (n:{label}{slot}) WITH n LIMIT $most DETACH DELETE n RETURN count(*)"
                [left] = self._server.write(
                    lambda t, statement=statement: t.ask(statement, most=DELETED),  # type: ignore[misc]
                    rows=DELETED,
                )

    def write_posts(self, slot: str, tier: TierName, posts: Sequence[Mapping[str, Any]]) -> None:
        """Add posts: `COLUMNS`, and `id`, `parent`, `wording`, `words`, `audience`, `embedding` (a list, or none)."""
        self._hold()
        self._create(f"{LABEL[tier]}{slot}", posts, CHUNK)

    def write_words(self, slot: str, words: Sequence[Mapping[str, Any]]) -> None:
        """Add words: `word`, `row`, `people`, `counts`."""
        self._hold()
        self._create(f"IndexedWord{slot}", words, SMALL)

    def write_people(self, slot: str, people: Sequence[Mapping[str, Any]]) -> None:
        """Add people: `row`, and the rows of the posts that they wrote or acted on, by tier: `shared`, `restricted`."""
        self._hold()
        self._create(f"IndexedPerson{slot}", people, SMALL)

    def write_files(self, slot: str, files: Iterable[tuple[str, bytes]]) -> None:
        """Add files by name, in pieces."""
        pieces: list[dict[str, Any]] = []
        for name, body in files:
            for part, start in enumerate(range(0, max(len(body), 1), PIECE)):
                pieces.append({"name": name, "part": part, "bytes": body[start : start + PIECE]})
                if sum(len(piece["bytes"]) for piece in pieces) >= PIECES * PIECE:
                    self._hold()
                    self._create(f"IndexedFile{slot}", pieces, len(pieces))
                    pieces = []
        self._create(f"IndexedFile{slot}", pieces, max(len(pieces), 1))

    def _create(self, label: str, rows: Sequence[Mapping[str, Any]], size: int) -> None:
        statement = f"UNWIND $rows AS row CREATE (n:{label}) SET n = row"
        for start in range(0, len(rows), size):
            part = list(rows[start : start + size])
            self._bytes += sum(_size(value) for row in part for value in row.values())
            self._server.write(lambda t, part=part: t.do(statement, rows=part), rows=len(part))  # type: ignore[misc]

    def finish(self, publication: Publication, *, dimension: int, progress: Callable[[int, int], None]) -> None:
        """Make the server's indexes over a slot, wait for them, and publish it."""
        slot = publication.slot
        for statement in _index_statements(slot, dimension):
            self._server.schema(statement)
        self._wait_for_indexes(slot, progress)

        async def work(transaction: Transaction) -> None:
            named = {"slot": slot, "snapshot": publication.snapshot}
            await transaction.do("CREATE (:Index {name: 'slot ' + $slot, snapshot: $snapshot})", **named)
            move = "MERGE (n:Index {name: 'published'}) SET n.slot = $slot, n.snapshot = $snapshot"
            await transaction.do(move, **named)
            await transaction.do("MATCH (n:Index {name: 'builder'}) REMOVE n.who, n.at")
            # What an erasure has to overwrite when this index goes (`scrub.py`).
            weigh = (
                "MERGE (n:Property {name: 'index bytes'})"
                " SET n.value = CASE WHEN n.value > $size THEN n.value ELSE $size END"
            )
            await transaction.do(weigh, size=self._bytes)

        self._server.write(work)
        self._held_until = 0.0

    def _wait_for_indexes(self, slot: str, progress: Callable[[int, int], None]) -> None:
        end = time.monotonic() + POPULATING
        states: list[str] = []
        while set(states) != {"ONLINE"}:
            if time.monotonic() > end:
                raise StoreUnavailable("the server's indexes are not ready: publish again", retry_after=RETRY_AFTER)
            time.sleep(0.1)
            try:
                self._hold()
                [states, percents] = self._server.ask(
                    "SHOW INDEXES YIELD name, state, populationPercent WHERE name IN $names"
                    " RETURN collect(state), collect(populationPercent)",
                    names=_index_names(slot),
                )
            except StoreUnavailable:
                continue  # the server is busy: ask again
            if "FAILED" in states:
                raise StoreError(f"{self._server.where.url} could not make an index; its log says why")
            progress(round(sum(percents)), 100 * len(states))

    def retire(self) -> None:
        """Delete the index that is not published any more. A reader who still asks it gets `None`, and looks again."""
        now = self.published()
        self._hold()
        for slot in SLOTS:
            if now is None or slot != now.slot:
                self._empty(slot)
        self._server.write(lambda t: t.do("MATCH (n:Index {name: 'builder'}) REMOVE n.who, n.at"))
        self._held_until = 0.0

    def overwrite(self) -> None:
        """Have the next scrub overwrite the space of what was retired."""
        self._server.write(lambda t: t.do("MERGE (n:Property {name: 'scrub'}) ON CREATE SET n.value = -1"))

    # --- asking ------------------------------------------------------------------------------------------------------

    def hits(
        self, of: Publication, *, words: Mapping[str, float], limit: int, vector: list[float], nearest: int
    ) -> Hits | None:
        """Shared posts for a question, each once: the best `limit` by words, the nearest by the vector.

        `words`: word -> how often the question has it. An empty mapping finds nothing by words, and a vector of zeros
        nothing by the vector.
        """
        parts = [_BY_WORDS] * bool(words) + [_BY_VECTOR] * bool(nearest and any(vector))
        union = " UNION ALL ".join(parts)
        body = f"CALL () {{ {union} }} WITH node, max(score) AS score"
        found = self._gathered(
            of,
            body if parts else f"MATCH (node:{LABEL['shared']}{of.slot}) WITH node, -1.0 AS score LIMIT 0",
            ("score", *_columns("node")),
            text=_words_index("shared", of.slot),
            lucene=" ".join(f"words:{_escaped(word)}^{boost:g}" for word, boost in words.items()),
            limit=limit,
            vectors=_vector_index(of.slot),
            nearest=nearest,
            vector=vector,
        )
        return None if found is None else Hits(found[0], found[1:])

    def restricted(
        self, of: Publication, *, words: Mapping[str, float], audiences: Sequence[int], limit: int
    ) -> Rows | None:
        """Restricted posts of these audiences with some of the words: at most `limit`, largest sum of `words` first.

        The server adds up the values in `words`, and nothing that it knows of posts of other audiences. So each word
        is asked for as a range, which has a constant score.
        """
        best: list[tuple[float, list[Any]]] = []
        clauses = " ".join(f"words:[{_escaped(w)} TO {_escaped(w)}]^{worth:.6f}" for w, worth in words.items())
        for start in range(0, len(audiences), MOST_CLAUSES):
            readers = " ".join(f"reader:[a{row} TO a{row}]^0" for row in audiences[start : start + MOST_CLAUSES])
            found = self._gathered(
                of,
                "CALL db.index.fulltext.queryNodes($text, $lucene, {limit: $limit}) YIELD node, score",
                ("score", *_columns("node")),
                text=_words_index("restricted", of.slot),
                lucene=f"+({readers}) +({clauses})",
                limit=limit + 1,
            )
            if found is None:
                return None
            best += zip(found[0], map(list, zip(*found[1:], strict=True)), strict=True)
        best.sort(key=lambda hit: (-hit[0], hit[1][0]))
        if len(best) > limit:  # the server orders equal scores in its own way: drop the whole tie
            best = [hit for hit in best if hit[0] > best[limit][0]] or best[:limit]
        return [list(column) for column in zip(*(row for _, row in best), strict=True)] or [[] for _ in COLUMNS]

    def posts(self, of: Publication, tier: TierName, by: str, values: Sequence[Any]) -> Rows | None:
        """The posts of a tier whose property (`row`, `id`, `parent`, `wording`, `audience`) is among `values`."""
        body = f"UNWIND $values AS value MATCH (n:{LABEL[tier]}{of.slot} {{{by}: value}})"
        return self._gathered(of, body, _columns("n"), values=list(values))

    def ids(self, of: Publication, tier: TierName) -> list[str] | None:
        """The ids of all posts of a tier."""
        found = self._gathered(of, f"MATCH (n:{LABEL[tier]}{of.slot})", ("n.id",))
        return None if found is None else found[0]

    def words(self, of: Publication, by: str, values: Sequence[Any]) -> Rows | None:
        """Words, looked up by text (`by` is `word`) or by row (`row`): columns of words, rows, people, counts."""
        body = f"UNWIND $values AS value MATCH (n:IndexedWord{of.slot} {{{by}: value}})"
        return self._gathered(of, body, ("n.word", "n.row", "n.people", "n.counts"), values=list(values))

    def word_rows(self, of: Publication, words: Sequence[str]) -> dict[str, int] | None:
        """The rows of those of the words that the index has."""
        body = f"UNWIND $words AS word MATCH (n:IndexedWord{of.slot} {{word: word}})"
        found = self._gathered(of, body, ("n.word", "n.row"), words=list(words))
        return None if found is None else dict(zip(*found, strict=True))

    def people(self, of: Publication, rows: Sequence[int]) -> Rows | None:
        """For people by their rows two columns: the rows of their shared posts, and of their restricted posts."""
        body = f"UNWIND $rows AS row MATCH (n:IndexedPerson{of.slot} {{row: row}})"
        return self._gathered(of, body, ("n.shared", "n.restricted"), rows=list(rows))

    def files(self, of: Publication, *, without: Sequence[str] = ()) -> dict[str, bytes] | None:
        """The files whose names begin with none of `without`, by name."""
        found = self._gathered(of, f"MATCH (n:IndexedFile{of.slot})", ("n.name", "n.part"))
        wanted = sorted(zip(*found, strict=True)) if found is not None else []
        wanted = [one for one in wanted if not one[0].startswith(tuple(without))]
        body = f"UNWIND $wanted AS one MATCH (n:IndexedFile{of.slot} {{name: one[0], part: one[1]}})"
        pieces: dict[tuple[str, int], bytes] = {}
        for start in range(0, len(wanted), PIECES):
            some = [list(one) for one in wanted[start : start + PIECES]]
            found = found and self._gathered(of, body, ("n.name", "n.part", "n.bytes"), wanted=some)
            pieces |= {(name, part): piece for name, part, piece in zip(*(found or [[], [], []]), strict=True)}
        if found is None:
            return None
        files: dict[str, list[bytes]] = {}
        for name, part in wanted:
            files.setdefault(name, []).append(pieces[name, part])
        return {name: b"".join(parts) for name, parts in files.items()}

    def _gathered(
        self, of: Publication, body: str, columns: Sequence[str], **parameters: Any
    ) -> list[list[Any]] | None:
        """The columns of what a statement finds, as lists; `None` where the slot no longer holds that index."""
        names = [f"column{place}" for place in range(len(columns))]
        gathered = ", ".join(f"collect({column}) AS {name}" for column, name in zip(columns, names, strict=True))
        still, *found = self._server.ask(
            f"CALL () {{ {body} RETURN {gathered} }} RETURN {_STILL}, {', '.join(names)}",
            slot=of.slot,
            snapshot=of.snapshot,
            **parameters,
        )
        return found if still else None


_STILL: Final = "EXISTS { (:Index {name: 'slot ' + $slot, snapshot: $snapshot}) }"
_BY_WORDS: Final = (
    "CALL db.index.fulltext.queryNodes($text, $lucene, {limit: $limit}) YIELD node, score RETURN node, score"
)
_BY_VECTOR: Final = "CALL db.index.vector.queryNodes($vectors, $nearest, $vector) YIELD node RETURN node, -1.0 AS score"


def _size(value: Any) -> int:
    """Bytes that a property takes, about: numbers take eight."""
    return len(value) * (8 if isinstance(value, list) else 1) if isinstance(value, str | bytes | list) else 8


def _columns(name: str) -> tuple[str, ...]:
    return tuple(f"{name}.{column}" for column in COLUMNS)


def _escaped(word: str) -> str:
    """A word of ours as the text engine's language takes it."""
    return _SPECIAL.sub(r"\\\1", word)


def _words_index(tier: TierName, slot: str) -> str:
    return f"indexed_{tier}_words_{slot.lower()}"


def _vector_index(slot: str) -> str:
    return f"indexed_vectors_{slot.lower()}"


_LOOKED_UP: Final = {
    "IndexedPost": ("row", "id", "parent", "wording"),
    "IndexedRestrictedPost": ("row", "id", "parent", "wording", "audience"),
    "IndexedWord": ("word", "row"),
    "IndexedPerson": ("row",),
    "IndexedFile": ("name", "part"),
}
"""Label -> properties by which its nodes are looked up."""


def _look_ups(slot: str) -> dict[str, tuple[str, str]]:
    return {
        f"{label}_{name}_{slot}".lower(): (f"{label}{slot}", name)
        for label, names in _LOOKED_UP.items()
        for name in names
    }


def _engines(slot: str) -> list[str]:
    return [_words_index("shared", slot), _words_index("restricted", slot), _vector_index(slot)]


def _index_names(slot: str) -> list[str]:
    return [*_look_ups(slot), *_engines(slot)]


def _index_statements(slot: str, dimension: int) -> list[str]:
    plain = "CREATE INDEX {} IF NOT EXISTS FOR (n:{}) ON (n.{})"
    made = [plain.format(name, *where) for name, where in _look_ups(slot).items()]
    analyser = "OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace', `fulltext.eventually_consistent`: false}}"
    for tier, fields in (("shared", "n.words"), ("restricted", "n.words, n.reader")):
        label = LABEL[tier]  # type: ignore[index]
        name = _words_index(tier, slot)  # type: ignore[arg-type]
        made.append(f"CREATE FULLTEXT INDEX {name} IF NOT EXISTS FOR (n:{label}{slot}) ON EACH [{fields}] {analyser}")
    made.append(
        f"CREATE VECTOR INDEX {_vector_index(slot)} IF NOT EXISTS FOR (n:{LABEL['shared']}{slot}) ON (n.embedding)"
        f" OPTIONS {{indexConfig: {{`vector.dimensions`: {dimension}, `vector.similarity_function`: 'cosine'}}}}"
    )
    return made
