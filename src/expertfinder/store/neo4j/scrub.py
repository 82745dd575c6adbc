"""Overwrites what a Neo4j server keeps of facts that are gone: in its stores' free space, its indexes, its log.

Deleting leaves the text in the store files until something else is written there, in index files, and in the
transaction log. Community edition has no command to clean up, not even one for a checkpoint. So this waits for the
server's own checkpoints, which it must have been told to make often, and writes and deletes blank nodes until what was
free is blank. A record of a store file keeps, behind the end of its value, what stood there before. So all texts that
were written since the first text was deleted are written once more into blank records, and their old records are
blanked, too. Short values are padded and cut again. Indexes are dropped and built anew. `docs/neo4j.md` has what was
measured, and what is left.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from typing import Any, Final

from expertfinder.errors import StoreError, StoreUnavailable
from expertfinder.store.codec import TYPES
from expertfinder.store.forgetting import ERASED
from expertfinder.store.neo4j.server import RETRY_AFTER, Server
from expertfinder.store.neo4j.shape import LABELS
from expertfinder.store.protocol import Kind

LONGEST_INTERVAL: Final = 60.0
"""Longest time between checkpoints that is accepted, in seconds: nobody would wait longer for an erasure."""
LARGEST_LOG: Final = 1_000_000
"""Largest log file, in bytes, that is accepted: out of a larger one the blanks do not push what was erased."""

INTEGERS: Final = 40
"""Properties of a blank node: ten records of four words each. A post or an act had at most six."""
RECORD: Final = 120
"""Letters in one record of the store of long strings. Texts of blanks are a multiple of it, so that none ends
in the middle of a record."""
LETTERS: Final = 60 * RECORD
"""Letters in a text of a blank node: as many records as a post of 7,000 letters takes (not measured)."""
LISTED: Final = 17 * RECORD - 9
"""Letters in the list of a blank node. With nine bytes before them they fill as many records as an embedding has."""
INLINE: Final = 20
"""A text of at most so many letters stands in the property itself, in every alphabet."""
LEAST: Final = 400
"""Blank nodes at least: 3 MB of text, so that the log turns over many times."""
CHUNK: Final = 400
"""Blank nodes in one transaction: 7 MB with the log's copies."""

PADDING: Final = {f"n{place}": 0 for place in range(24)}
"""Properties of one word that fill what is free in the records of a fact: eight records with room for three."""
BESIDE: Final = {
    "Audit": "number",
    "AuditSalt": "name",
    "Statement": "id",
    "Key": "id",
    "Hidden": "person",
    "Tombstone": "number",
    "Property": "name",
}
"""Labels of nodes without ties that are not in the log of changes, and the property by which each is found."""
BREATH: Final = 3.0
"""Seconds after which the server has freed the space that a transaction gave up (it looks every second)."""
LINES: Final = 10_000
"""Lines of the log of changes in one page."""

Progress = Callable[[str], None]
Line = tuple[int, str, str, str]
"""Number, operation, kind and id of a change."""


def scrub(server: Server, *, progress: Progress = lambda _: None) -> None:
    """Overwrite everything that the server keeps of facts that are gone.

    It takes half a minute where checkpoints are five seconds apart. To this come the time to write twice what was
    written since the first text was deleted, and the time to build the indexes. Others may read and write meanwhile;
    writers are slow while an index is missing.

    Raises `StoreError` where the server's settings would keep what is erased; its text names those settings. Raises
    `StoreUnavailable` while a transaction runs for longer than a wait: the server frees nothing that it may still read.
    """
    checkpoint = 2 * _interval(server) + 1.0

    def blank(count: int) -> None:
        _wait(server, BREATH)
        progress(f"writing {count} blanks")
        _fill(server, count)
        _clear(server)

    _clear(server)
    lines = _since_the_first_loss(server)
    progress(f"{len(lines)} changes since the first text went")
    blank(max(LEAST, len(lines), _of_the_index(server)))
    _wait(server, BREATH)
    progress("writing anew what was written since")
    lines = _since_the_first_loss(server)
    _rewrite(server, lines)
    blank(max(LEAST, 2 * len(lines)))
    progress("building the indexes anew")
    _reindex(server)
    blank(LEAST)
    progress(f"waiting {checkpoint:.0f} s for a checkpoint")
    _wait(server, checkpoint)
    if lines:
        server.schema(f"MERGE (n:Property {{name: 'scrubbed'}}) SET n.value = {lines[-1][0]}")


def _wait(server: Server, seconds: float) -> None:
    """Wait. Raises `StoreUnavailable` where a transaction has run for longer than these seconds."""
    time.sleep(seconds)
    [reading] = server.ask(
        "SHOW TRANSACTIONS YIELD elapsedTime WHERE elapsedTime.milliseconds > $limit RETURN count(*)",
        limit=round(seconds * 1000),
    )
    if reading:
        raise StoreUnavailable("somebody still reads what was erased: scrub again", retry_after=RETRY_AFTER)


def _of_the_index(server: Server) -> int:
    """How many blanks fill the space of a published index and of the one before it, which was deleted."""
    [size] = server.ask("OPTIONAL MATCH (n:Property {name: 'index bytes'}) RETURN coalesce(n.value, 0)")
    return math.ceil(2 * int(size) / LISTED)


def _since_the_first_loss(server: Server) -> list[Line]:
    """The changes since the last scrub, oldest first, from the first one on that took a text away."""
    [after] = server.ask("OPTIONAL MATCH (n:Property {name: 'scrubbed'}) RETURN coalesce(n.value, 0)")
    known: set[int] = set()
    lost: list[Line] = []
    while True:
        [page] = server.ask(
            "MATCH (n:Change) WHERE n.sequence > $after WITH n ORDER BY n.sequence LIMIT $limit"
            " RETURN collect([n.sequence, n.operation, n.kind, n.id])",
            after=after,
            limit=LINES,
        )
        if not page:
            return lost
        for sequence, operation, kind, fact in page:
            name = hash((kind, fact))
            if lost or operation in ("delete", "erase") or name in known:
                lost.append((sequence, operation, kind, fact))
            known.add(name)
        after = page[-1][0]


def _rewrite(server: Server, lines: list[Line]) -> None:
    """Write once more the facts that these changes name, the lines themselves, and what else is kept about people."""
    for kind in TYPES:
        ids = list({fact: None for _, operation, of, fact in lines if of == kind and operation == "put"})
        for start in range(0, len(ids), CHUNK):
            _again(server, kind, ids[start : start + CHUNK])
    # Tokens stand in earlier lines too.
    [tokens] = server.ask("MATCH (n:Change) WHERE n.id STARTS WITH $erased RETURN collect(n.sequence)", erased=ERASED)
    numbers = sorted({sequence for sequence, *_ in lines} | set(tokens))
    for start in range(0, len(numbers), LINES):
        _renew(server, "Change", "sequence", numbers[start : start + LINES])
    for label, name in BESIDE.items():
        [values] = server.ask(f"MATCH (n:{label}) RETURN collect(n.{name})")
        for start in range(0, len(values), LINES):
            _renew(server, label, name, values[start : start + LINES])
    for padding in (PADDING, dict.fromkeys(PADDING)):
        server.write(lambda t, padding=padding: t.do("MATCH (n:Unrecorded) SET n += $padding", padding=padding))  # type: ignore[misc]


def _renew(server: Server, label: str, name: str, values: list[Any]) -> None:
    """Replace nodes without ties by new ones with the same properties. Readers see the old ones or the new ones."""
    server.write(
        lambda t: t.do(
            f"UNWIND $values AS value MATCH (n:{label} {{{name}: value}})"
            f" WITH n, properties(n) AS kept DELETE n WITH kept CREATE (m:{label}) SET m = kept",
            values=values,
        ),
        rows=len(values),
    )


def _again(server: Server, kind: Kind, ids: list[str]) -> None:
    """Write the long properties of facts into other records, and pad the short ones; then restore all values.

    Long values are lengthened first, as setting a property to its own value does nothing. A body with a blank at its
    end reads as the same fact.
    """
    found = f"(n:{LABELS[kind]} {{id: row.id}})" if kind in LABELS else "()-[n:ACTED {id: row.id}]->()"
    tied = " FOREACH (tie IN COLLECT { MATCH (n)-[t:WROTE|SAME_AS]-() RETURN t } | SET tie += $padding)"
    [rows] = server.ask(
        f"UNWIND $rows AS row MATCH {found} WHERE n.hash IS NOT NULL RETURN collect(properties(n))",
        rows=[{"id": fact} for fact in ids],
    )
    old = [{"id": row["id"], "hash": row["hash"], "kept": _long(row)} for row in rows]
    new = [each | {"kept": {name: _longer(value) for name, value in each["kept"].items()}} for each in old]
    for version, padding in ((new, PADDING), (old, dict.fromkeys(PADDING))):
        statement = f"UNWIND $rows AS row MATCH {found} WHERE n.hash = row.hash SET n += row.kept SET n += $padding"
        statement += tied * (kind in ("person", "post"))
        server.write(
            lambda t, statement=statement, version=version, padding=padding: t.do(  # type: ignore[misc]
                statement, rows=version, padding=padding
            ),
            rows=len(ids) * 10,
        )


def _long(kept: dict[str, Any]) -> dict[str, Any]:
    """The properties that take records of their own. Not the id, by which the fact is found."""
    return {
        name: value
        for name, value in kept.items()
        if name != "id" and ((isinstance(value, str) and len(value) > INLINE) or (isinstance(value, list) and value))
    }


def _longer(value: Any) -> Any:
    return value + " " if isinstance(value, str) else [*value, value[-1]]


def _interval(server: Server) -> float:
    """Seconds between checkpoints. Raises `StoreError` where the settings are not those of an erasure."""
    names = {
        "retention": "db.tx_log.rotation.retention_policy",
        "size": "db.tx_log.rotation.size",
        "preallocate": "db.tx_log.preallocate",
        "interval": "db.checkpoint.interval.time",
    }

    columns = server.ask(
        "SHOW SETTINGS YIELD name, value WHERE name IN $names RETURN collect(name) AS names, collect(value) AS said",
        names=list(names.values()),
    )
    found = dict(zip(*columns, strict=True))
    said = {short: found.get(name, "") for short, name in names.items()}
    interval = _seconds(said["interval"])
    wrong = {
        "retention": said["retention"] != "keep_none",
        "size": _bytes(said["size"]) > LARGEST_LOG,
        "preallocate": said["preallocate"] != "false",
        "interval": interval > LONGEST_INTERVAL,
    }
    if any(wrong.values()):
        named = ", ".join(f"{names[short]}={said[short]}" for short, bad in wrong.items() if bad)
        raise StoreError(
            f"the server keeps what was erased in its transaction log ({named}): give it the settings of an erasure,"
            " see docs/neo4j.md, and scrub again"
        )
    return interval


def _seconds(duration: str) -> float:
    """Seconds of a duration as the server writes it: 5s, 1m30s, 500ms."""
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
    parts = re.findall(r"([\d.]+)(ms|[smhd])", duration)
    return sum(float(number) * units[unit] for number, unit in parts) if parts else float("inf")


def _bytes(size: str) -> float:
    """Bytes of a size as the server writes it: 128.00KiB, 256k."""
    found = re.fullmatch(r"([\d.]+)\s*([kmg]?)i?b?", size.lower())
    return float(found[1]) * 1024 ** " kmg".index(found[2] or " ") if found else float("inf")


def _fill(server: Server, count: int) -> None:
    blank: dict[str, Any] = {f"n{place}": place for place in range(INTEGERS)}
    blank |= {"text": "." * LETTERS, "list": ["." * LISTED]}
    for start in range(0, count, CHUNK):
        part = min(CHUNK, count - start)
        server.write(
            lambda t, part=part: t.do(  # type: ignore[misc]
                "UNWIND range(1, $part) AS place CREATE (n:Blank) SET n = $blank", part=part, blank=blank
            ),
            rows=part * 10,
        )


def _clear(server: Server) -> None:
    """Take the blanks away, those of a scrub that was broken off too."""
    left = 1
    while left:
        [left] = server.write(
            lambda t: t.ask("MATCH (n:Blank) WITH n LIMIT $chunk DETACH DELETE n RETURN count(*)", chunk=CHUNK),
            rows=CHUNK * 10,
        )


def _reindex(server: Server) -> None:
    """Drop every index and create it again: the files of the old one are gone with it."""

    constraints = server.ask(
        "SHOW CONSTRAINTS YIELD name, createStatement RETURN collect(name) AS names, collect(createStatement) AS made"
    )
    indexes = server.ask(
        "SHOW INDEXES YIELD name, createStatement, type, owningConstraint WHERE type <> 'LOOKUP'"
        " AND owningConstraint IS NULL RETURN collect(name) AS names, collect(createStatement) AS made"
    )
    for sort, (names, made) in (("CONSTRAINT", constraints), ("INDEX", indexes)):
        for name, statement in zip(names, made, strict=True):
            server.schema(f"DROP {sort} `{name}`")
            server.schema(statement)
    server.read(lambda t: t.do("CALL db.awaitIndexes(600)"), rows=120_000)
