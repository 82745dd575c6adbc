"""The native exchange format: a folder of JSON Lines files, or one file whose lines say what they are.

A folder has any of `people.jsonl`, `communities.jsonl`, `posts.jsonl` and `interactions.jsonl`, at least one. A single
file has a `"type"` in each line. The fields stand in `api/*.schema.json`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import orjson

from expertfinder.errors import SourceError
from expertfinder.model import Community, Interaction, Person, Post, Source
from expertfinder.sources.lines import count_lines, lines_of
from expertfinder.sources.reader import Counts, Withdrawal
from expertfinder.sources.records import KINDS, RecordKind, Records

FILES: dict[RecordKind, str] = {
    "person": "people.jsonl",
    "community": "communities.jsonl",
    "post": "posts.jsonl",
    "interaction": "interactions.jsonl",
}
"""The files in the order in which they are read: people and communities before the facts that name them."""

NativeFact = Person | Post | Interaction | Community | Withdrawal


class NativeReader:
    """Reads a folder of the four files, or a single file of typed lines (`Reader`)."""

    def __init__(self, path: Path, *, source: Source, kinds: Collection[RecordKind] = KINDS, skip: int = 0) -> None:
        """`kinds` leaves out whole files of a folder (an evaluation reads no communities: they are its truth); `skip`:
        how many lines that cannot be read may be left out."""
        self._skip = skip
        self.path = path
        self.source = source
        self._kinds = frozenset(kinds)
        self._counts = Counts()
        self._total: int | None = None

    @property
    def counts(self) -> Counts:
        """The counts of the last or running call of `facts`."""
        return self._counts

    @property
    def total(self) -> int:
        """The number of lines of all files."""
        if self._total is None:
            self._total = sum(count_lines(path) for _, path in self._files())
        return self._total

    @property
    def files(self) -> tuple[Path, ...]:
        """The paths that are read: the one file, or the files of the folder that exist."""
        return tuple(path for _, path in self._files())

    def facts(self) -> Iterator[NativeFact]:
        """Every fact. Raises `SourceError` naming file, line (from 1) and field."""
        files = self._files()
        records = Records(self.source)
        self._counts = records.counts
        for kind, path in files:
            yield from facts_of(path, kind, records, skip=self._skip)

    def _files(self) -> list[tuple[RecordKind | None, Path]]:
        if not self.path.is_dir():
            return [(None, self.path)]
        found = [(kind, self.path / name) for kind, name in FILES.items() if (self.path / name).exists()]
        if not found:
            raise SourceError(f"none of {', '.join(FILES.values())} is in this folder", file=str(self.path))
        return [(kind, path) for kind, path in found if kind in self._kinds]


def facts_of(path: Path, kind: RecordKind | None, records: Records, *, skip: int = 0) -> Iterator[NativeFact]:
    """The facts of one file of one kind; of typed lines if `kind` is `None`. Empty lines mean nothing.

    `skip`: how many lines of an import that cannot be read may be left out.
    """
    for number, line in lines_of(path):
        if line.isspace():
            continue
        try:
            fact = fact_of(line, kind, records)
        except SourceError as error:
            placed = SourceError(error.detail, file=str(path), line=number, **error.extras)
            records.counts.leave_out(placed, most=skip)
            continue
        if fact is not None:
            yield fact


def fact_of(line: bytes, kind: RecordKind | None, records: Records) -> NativeFact | None:
    """The fact of one line, `None` if it is unattributed. Raises `SourceError` with `field`, without file and line."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        # The message names what and where; the text it was found in stays out of it.
        raise SourceError(f"this is not JSON: {error.msg} (column {error.colno})") from None
    return records.parse_typed(record) if kind is None else records.parse(kind, record)
