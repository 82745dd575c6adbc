"""A complete import: what the source no longer has is withdrawn. Refused wherever the files may not be all there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Final

from expertfinder.errors import Conflict, SourceError
from expertfinder.ingest.reading import Reading
from expertfinder.ingest.withdrawal import Place, place_of
from expertfinder.model import Fact
from expertfinder.sources import Reader
from expertfinder.sources.records import Said
from expertfinder.store import Kind, Store
from expertfinder.store.codec import encode

MOST_FACTS: Final = 20
"""One import may withdraw so many facts without a question. The number was requested, not measured."""
MOST_SHARE: Final = 0.2
"""One import may withdraw this share of what a source has in the record without a question. A larger share is as likely
a broken export as a day on which so many people left."""
KINDS: Final[tuple[Kind, ...]] = ("person", "community", "post", "interaction")


def missing(store: Store, reader: Reader, reading: Reading) -> list[Place]:
    """Facts (kind and id) of a source that the record has and a complete import has not, in the order of `there`.

    Raises `SourceError` where the import may not be complete: rows were left out, a file may be cut, or there is
    nothing of a kind that the record has of the source.
    """
    source = reader.source.id
    found = there(store, source)
    gone = [place for place in found if place not in reading]
    if not gone:
        return []
    if part := getattr(reader, "part", ""):
        raise SourceError(f"{part}: what is not in it may be there all the same; leave --complete out")
    if unreadable := reader.counts.unreadable:
        raise SourceError(f"{unreadable:,} rows could not be read: an import is complete only when all of them can")
    for kind, number in Counter(kind for kind, _ in found).items():
        if kind not in reading.kinds:
            words = f"the import has nothing of kind {kind}, and the record has {number:,} of {source!r}"
            raise SourceError(f"{words}: import all files of the source together, or leave --complete out")
    for path in getattr(reader, "files", ()):
        if not _ends(path):
            words = "the last line has no end, so the file may be cut"
            raise SourceError(f"{words}: end it with a line break if it is whole", file=str(path))
    return gone


def there(store: Store, source: str) -> list[Place]:
    """Kind and id of all that the record has of a source: people, communities, posts, then interactions."""
    every: Iterable[Said] = chain(
        store.all("person"), store.all("community"), store.all("post"), store.all("interaction")
    )
    return [place_of(fact) for fact in every if fact.source == source]


def _ends(path: Path) -> bool:
    """Whether a file ends in a line break."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(file.tell() - 2, 0))
        return any(mark in b"\r\n" for mark in file.read())


def check_few(gone: list[Place], there: int, *, source: str) -> None:
    """Raise `Conflict` where so much would be withdrawn that a person should look. `there`: facts of the source."""
    if len(gone) > MOST_FACTS or len(gone) > MOST_SHARE * there:
        raise Conflict(
            f"{len(gone):,} of the {there:,} facts of {source!r} would be withdrawn, because the import no longer has "
            "them; look with --dry-run, and say --yes if it is right",
            withdrawn=len(gone),
            of=there,
        )


def foreseen(store: Store, facts: Mapping[Place, Fact]) -> dict[Kind, Counter[str]]:
    """What would become of facts, by kind: how many are `added`, `changed`, `unchanged` or `refused`."""
    found: dict[Kind, Counter[str]] = {kind: Counter() for kind in KINDS}
    for kind, counts in found.items():
        mine = {fact_id: fact for (of_kind, fact_id), fact in facts.items() if of_kind == kind}
        if not mine:
            continue
        there = {row.id: row.hash for row in store.kept(kind) if row.id in mine}
        away = store.forgotten(kind, mine)
        for fact_id, fact in mine.items():
            if fact_id in away:
                counts["refused"] += 1
            elif fact_id not in there:
                counts["added"] += 1
            else:
                counts["unchanged" if there[fact_id] == encode(fact).hash else "changed"] += 1
    return found
