"""All that a reader gives, read once and checked, before anything is written: in memory, or in parts on the disk.

An import is all or nothing, so everything is read before the first fact is written. What is large waits in a temporary
file without a name, a part after the other, and of each line only eight bytes stay in memory.
"""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Callable, Iterator
from dataclasses import fields
from operator import attrgetter
from tempfile import TemporaryFile
from typing import IO, Any, Final

import numpy as np

from expertfinder.ingest.withdrawal import Place, place_of
from expertfinder.model import Audience, Community, Fact, Interaction, Person, Post
from expertfinder.sources import Reader, Withdrawal
from expertfinder.store import Kind

PART: Final = 20_000
"""Facts of one part: some 40 MB, and as much again while they are written. Smaller parts make an import no slower."""
PART_CHARACTERS: Final = 10_000_000
"""A part also ends when its posts have so many characters of text, because long texts take memory, too."""
_STEP: Final = 1000
"""How often progress is told, in facts: a few dozen times a second at the speed measured (30,000 facts a second)."""


class Reading:
    """What an import read. Of two lines with one kind and id the last one counts, be it a fact or a withdrawal."""

    def __init__(self) -> None:
        self._marks = array("q")
        self._parts = self._characters = 0
        self._last: list[Fact | Withdrawal] = []
        self._file: IO[bytes] | None = None
        self._counts = np.empty(0, bool)
        self._known = np.empty(0, np.int64)
        self.gone: list[Place] = []
        """Kind and id of each fact that the import takes back."""
        self.kinds: set[Kind] = set()
        """The kinds of which the import has anything, or takes anything back."""
        self.repeated = 0
        """How many lines have a kind and an id that an earlier line had."""

    def __contains__(self, place: Place) -> bool:
        """Whether the import says something of a place, or takes it back."""
        mark = hash(place)
        at = int(np.searchsorted(self._known, mark))
        return at < len(self._known) and int(self._known[at]) == mark

    def parts(self) -> Iterator[list[Fact]]:
        """The facts that count, in the order in which they came. May be called again."""
        start = 0
        for part in self._kept():
            counts = self._counts[start : start + len(part)]
            start += len(part)
            yield [fact for fact, last in zip(part, counts, strict=True) if last and not isinstance(fact, Withdrawal)]

    def facts(self) -> Iterator[Fact]:
        """All facts that count."""
        for part in self.parts():
            yield from part

    def close(self) -> None:
        """Close the temporary file, which frees its space on the disk."""
        if self._file is not None:
            self._file.close()

    def _kept(self) -> Iterator[list[Fact | Withdrawal]]:
        if self._file is not None:
            self._file.seek(0)
            for _ in range(self._parts):
                yield pickle.load(self._file)
        yield self._last

    def add(self, fact: Fact | Withdrawal, place: Place) -> None:
        """Add one line: a fact or a withdrawal, and its place."""
        if len(self._last) >= PART or self._characters >= PART_CHARACTERS:
            if self._file is None:
                self._file = TemporaryFile()  # noqa: SIM115 - `close` gives it back
            _dump(self._last, self._file)
            self._parts += 1
            self._last, self._characters = [], 0
        self._last.append(fact)
        self._characters += len(fact.text) if isinstance(fact, Post) else 0
        self._marks.append(hash(place))
        self.kinds.add(place[0])

    def end(self, taken_back: list[tuple[int, Place]]) -> None:
        """Find which lines count, once all are added. `taken_back`: number (from 0) and place of each withdrawal."""
        marks = np.frombuffer(self._marks, np.int64) if self._marks else np.empty(0, np.int64)
        order = np.argsort(marks, kind="stable")
        ordered = marks[order]
        last = np.append(ordered[1:] != ordered[:-1], True)[: len(ordered)]
        self._counts = np.zeros(len(marks), bool)
        self._counts[order[last]] = True
        self._known = ordered[last]
        self.repeated = len(marks) - len(self._known)
        self.gone = [place for number, place in taken_back if self._counts[number]]


def _dump(part: list[Fact | Withdrawal], file: IO[bytes]) -> None:
    """Write a part. Facts are written as the values that make them: what `dataclasses` does for frozen ones takes
    three times as long."""
    pickler = pickle.Pickler(file, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _MADE_OF
    pickler.dump(part)


_KINDS: Final = (Person, Post, Interaction, Community, Audience)
_FIELDS: Final[dict[type, tuple[str, ...]]] = {kind: tuple(field.name for field in fields(kind)) for kind in _KINDS}


def _made_of(kind: type) -> Callable[[Any], tuple[Callable[..., Any], tuple[Any, ...]]]:
    values = attrgetter(*_FIELDS[kind])
    return lambda fact: (_again, (kind, values(fact)))


def _again(kind: type, values: tuple[Any, ...]) -> object:
    """Make a fact from the values of its fields."""
    return kind(**dict(zip(_FIELDS[kind], values, strict=True)))


_MADE_OF: Final[dict[type, Callable[[Any], Any]]] = {kind: _made_of(kind) for kind in _KINDS}


def read_all(reader: Reader, progress: Callable[[int, int | None], None] | None) -> Reading:
    """Read everything that a reader gives. Raises `SourceError` for what cannot be read, before anything is written.

    `progress` is told how many facts were read, and of about how many (`None`: not known).
    """
    reading, taken_back, number = Reading(), [], 0
    try:
        for number, fact in enumerate(reader.facts(), start=1):
            if isinstance(fact, Withdrawal):
                place: Place = (fact.kind, fact.id)
                taken_back.append((number - 1, place))
            else:
                place = place_of(fact)
            reading.add(fact, place)
            if progress is not None and number % _STEP == 0:
                progress(number, reader.total)
    except BaseException:
        reading.close()
        raise
    if progress is not None:
        progress(number, number)
    reading.end(taken_back)
    return reading
