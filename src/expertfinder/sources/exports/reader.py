"""A reader of an export: a source writes how one raw record becomes native records, all else is done here.

    class PosterReader(ExportReader):
        def read(self, tree):
            for spot, user in json_items(tree, tree.wanted("users.json", what="an export of Poster")):
                yield from self.facts_of(spot, self._user, user)

        def _user(self, user):
            yield "person", {"id": said(user, "id"), "name": said(user, "name"), "email": said(user, "mail")}

    FORMAT = Format(name="poster", summary="Posts of Poster", open=PosterReader, keys=("email",))

The records are those of the native format (`records.py`). An export is read as a stream, as often as one likes, and
gives the same facts each time; what a reader must know before it can give the first (who is in which group) it reads in
a first pass over small files. Ids are the source's own, so that a second import changes nothing; acts (likes and the
like) get an `id` made of who, what and which, so that a part of a history may be imported again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from expertfinder.errors import SourceError
from expertfinder.model import Source
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.fields import told as told_of
from expertfinder.sources.exports.spot import Spot
from expertfinder.sources.exports.tree import Tree
from expertfinder.sources.reader import OTHERS, Counts, Withdrawal
from expertfinder.sources.records import RecordKind, Records, Said

Made = Iterable[tuple[RecordKind, Mapping[str, object]]]
"""What one raw record becomes: native records with their kinds. A withdrawal is `{"type": "Delete", "object": id}`."""
_T = TypeVar("_T")
_REASONS = 200
"""How many reasons for leaving something out are counted apart. Some quote the export, which may say anything."""


class ExportReader(ABC):
    """Reads an export (`Reader`): a folder, an archive or a file."""

    def __init__(self, path: Path, source: Source, options: Mapping[str, str]) -> None:
        """`options`: those that the format names, as they were typed; a flag that was given is there and empty."""
        self.path = path
        self.source = source
        self.options = options
        self.skip = 0
        """How many records that cannot be read may be left out."""
        self._records = Records(source)
        self._tree: Tree | None = None
        self._given = 0

    @property
    def counts(self) -> Counts:
        """The counts of the last or running call of `facts`."""
        return self._records.counts

    @property
    def total(self) -> int | None:
        """About how many facts there are, by the share of bytes read so far; `None` before the first fact."""
        tree = self._tree
        if tree is None or not tree.taken or not self._given:
            return None
        return max(self._given, round(self._given * max(tree.size, tree.taken) / tree.taken))

    def facts(self) -> Iterator[Said | Withdrawal]:
        """Every fact. Raises `SourceError` naming the file, the line or the number of the record, and the field."""
        self._records = Records(self.source)
        self._given = 0
        self.begin()
        with Tree(self.path) as tree:
            self._tree = tree
            for fact in self.read(tree):
                self._given += 1
                yield fact
            tree.taken = tree.size  # what no reader opens is done with, too
            for what, number in tree.left.items():
                self.counts.skipped[what] += number

    def begin(self) -> None:
        """Forget what an earlier call of `facts` learned. Raises `SourceError` for an option with a wrong value."""
        return

    @abstractmethod
    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Every fact, by the source. People first, then communities, posts and acts, where that order costs nothing."""

    def facts_of(self, spot: Spot, made: Callable[[Raw], Made], raw: object) -> Iterator[Said | Withdrawal]:
        """The facts of one raw record, all or none.

        What is wrong with it is an error that names the spot, or is left out where whoever runs the import allows it.
        """
        facts = self.tried(spot, lambda: [self._parsed(kind, record) for kind, record in made(told_of(raw))])
        yield from (fact for fact in facts or () if fact is not None)

    def tried(self, spot: Spot, read: Callable[[], _T]) -> _T | None:
        """What `read` returns; its `SourceError` gets the spot. `None` for a record that is left out."""
        try:
            return read()
        except SourceError as error:
            self.counts.leave_out(SourceError(error.detail, **{**spot.extras, **error.extras}), most=self.skip)
            return None

    def _parsed(self, kind: RecordKind, record: Mapping[str, object]) -> Said | Withdrawal | None:
        return self._records.parse(kind, record)

    def left_out(self, why: str, number: int = 1) -> None:
        """Count what is left out on purpose, with the reason in words: the report names it."""
        if number:
            counter = self.counts.skipped
            counter[why if why in counter or len(counter) < _REASONS else OTHERS] += number

    def tell_of_guests(self, number: int, program: str) -> None:
        """Remark in the report that guests of a program may open less there than they could here."""
        if number:
            self.counts.remarks.append(
                f"{number:,} of its people are guests, who may open little in {program}: give them no key here, "
                "because what is open to the organisation is open to everybody who has one"
            )
