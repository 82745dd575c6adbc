"""What every source offers to the import: its facts, one at a time, and what was left out or not understood."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from expertfinder.errors import SourceError
from expertfinder.model import ORGANISATION, Audience, Fact, Source

# Lower case, so that two sources cannot differ in case alone; no colon, because ids are `source:id`. 64 is the length
# of a DNS label rounded up, and keeps ids readable.
_SOURCE_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

_NAMES_LIMIT = 200
"""Different unknown names that are told apart. The rest is counted together: hostile input cannot fill memory."""
_NAME_LENGTH = 80
"""Characters of an unknown name that a report shows: it fits into one line of a terminal."""
OTHERS = "(others)"


class Occurrences:
    """Numbers equal interactions within one import, so that those without an id have the same identity in each run."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def identity(self, content: bytes) -> str:
        """SHA-256 (hexadecimal) of the content and of how often it came before."""
        digest = hashlib.sha256(content)
        key = digest.digest()
        digest.update(b"#%d" % self._seen[key])
        self._seen[key] += 1
        return digest.hexdigest()


@dataclass(slots=True)
class Counts:
    """What one reading accepted without understanding it, or left out. Starts anew with each call of `facts()`."""

    unknown_fields: Counter[str] = field(default_factory=Counter)
    """`kind.field` -> how many records have it."""
    unknown_verbs: Counter[str] = field(default_factory=Counter)
    unattributed: int = 0
    """Interactions whose actor is missing or anonymous: not kept, because they are nobody's evidence."""
    without_author: int = 0
    """Posts that nobody is known to have written: kept, for the thread they belong to."""
    private_by_default: int = 0
    """Posts only their authors may read, because neither they nor their source say more."""
    unknown_audiences: int = 0
    """Records whose `audience` is not understood: nobody may read them."""
    skipped: Counter[str] = field(default_factory=Counter)
    """What was left out on purpose, by reason in words."""

    unreadable: int = 0
    """Records that cannot be read and were left out, because whoever runs the import allows so many."""
    unread: list[str] = field(default_factory=list)
    """Why the first 200 of these cannot be read: file, line, field and what is wrong."""
    refused: bool = False
    """Whether one record more could not be read than may be left out."""
    notes: Counter[str] = field(default_factory=Counter)
    """How something was read that is not written as usual, in words -> how often."""
    remarks: list[str] = field(default_factory=list)
    """What the person who runs the import should know about the source as a whole, in sentences."""
    nobodies: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """(Who, `machine` or `shared`, why) -> how often: accounts that are no people."""

    def nobody(self, who: str, kind: str, why: str) -> None:
        """Count an account that is no person."""
        entry = (who[:_NAME_LENGTH], kind, why)
        known = entry in self.nobodies or len(self.nobodies) < _NAMES_LIMIT
        self.nobodies[entry if known else (OTHERS, kind, "")] += 1

    def leave_out(self, error: SourceError, *, most: int) -> None:
        """Leave out a record that cannot be read. Raises `error` where that makes more than `most`."""
        if self.unreadable >= most:
            self.refused = True
            before = f"; {most:,} before it were left out" if most else ""
            raise SourceError(f"{error.detail}{before}", **error.extras) from None
        self.unreadable += 1
        if len(self.unread) < _NAMES_LIMIT:
            self.unread.append(str(error))

    def unknown(self, counter: Counter[str], name: str) -> None:
        """Count one occurrence of an unknown name."""
        name = name[:_NAME_LENGTH]
        counter[name if name in counter or len(counter) < _NAMES_LIMIT else OTHERS] += 1


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A line by which a source takes one of its facts back."""

    kind: Literal["person", "post", "interaction", "community"]
    id: str
    """`source:id`."""


class Reader(Protocol):
    """One export, file or repository that can be read, as often as one likes.

    `facts()` may be called several times and gives the same facts each time; it raises `SourceError` naming file, line
    and field of what cannot be read. `counts` speaks of the last (or running) call. A reader of files of lines may have
    `files`, their paths: a complete import looks whether the last line of each has an end.
    """

    @property
    def source(self) -> Source:
        """The source these facts belong to; its audience is the default of facts that name none."""
        ...

    @property
    def counts(self) -> Counts:
        """What was not understood or left out."""
        ...

    @property
    def total(self) -> int | None:
        """About how many facts there are, for a progress bar; `None` if that is not cheap to know."""
        ...

    def facts(self) -> Iterator[Fact | Withdrawal]:
        """Every fact, people first where the source has them apart. Of two with one id the last one counts."""
        ...


OURS = "detected"
"""The source of the communities that we detect ourselves (`index/network/communities.py`)."""


def declared(source: str, *, audience: str | Iterable[str] | None = None, description: str = "") -> Source:
    """A source with its default audience: `organisation`, `private`, or the native ids of the groups that may read it.

    `None` means `private`: without a declared audience a post is its authors' only (decision 0027). Raises
    `SourceError` for an id that is not one lower-case word or is ours, and for an audience that means nothing.
    """
    if source == OURS:
        raise SourceError(f"{OURS!r} is the source of the communities we find: name it otherwise", field="source")
    if not _SOURCE_ID.fullmatch(source):
        raise SourceError(
            f"{source[:80]!r} cannot name a source: 1 to 64 of a-z 0-9 . _ - and no mark first",
            field="source",
        )
    if audience is None or audience == "private":
        return Source(id=source, audience=Audience("private"), description=description)
    if audience == "organisation":
        return Source(id=source, audience=ORGANISATION, description=description)
    groups = () if isinstance(audience, str) else tuple(f"{source}:{group}" for group in audience if group)
    if not groups:
        raise SourceError("an audience is 'organisation', 'private' or a list of groups", field="audience")
    return Source(id=source, audience=Audience("groups", groups=groups), description=description)
