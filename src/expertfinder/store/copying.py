"""Copies an organisation from one home of the facts to another, either way, and proves that both hold the same.

The log of changes begins anew in the new home. All else is copied: facts, who is hidden, tombstones with their salt (so
that erased people stay erased), keys, statements and the audit log. Results of algorithms (`algorithms.py`) are not
copied: they can be computed anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from hashlib import blake2b
from itertools import islice
from typing import Final

from expertfinder.errors import Conflict, StoreError, StoreUnavailable
from expertfinder.model import Fact
from expertfinder.store.codec import TYPES, decode
from expertfinder.store.protocol import Kept, Kind, Store

AT_ONCE: Final = 5_000
"""Facts in one batch: between the sizes at which either home is fastest, and no large transaction for a server."""

WAITS: Final = (1.0, 5.0, 15.0)
"""Seconds before each new attempt to send a batch to a home that is away: a busy server may be away for some."""

Progress = Callable[[str, int, int], None]
"""Called with the step (`copying`, `comparing`), the number of facts done in it, and the number of all facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What is in both homes after a move."""

    facts: dict[Kind, int]
    beside: dict[str, int]
    """How many of what is kept beside the facts: hidden, tombstones, keys, statements, questions, audit."""
    digest: str
    """BLAKE2b of everything, in order of kind and id, hexadecimal. Homes with the same content have the same digest."""


def copy_store(source: Store, target: Store, *, origin: str, progress: Progress | None = None) -> Copied:
    """Copy everything of `source` (named `origin`) into the empty `target`, and compare what is then in both.

    Where an earlier copy of the same source broke off, this goes on with it. Until the copy is whole, the target can be
    opened for copying only. Raises `Conflict` when the target is not empty or the source was written to since. Raises
    `StoreError` when the two differ in the end: the content of the target is then of no use.
    """
    before = source.sequence()
    beside = source.beside()
    if target.half_copied() is None:
        target.inherit(beside, origin=origin)
    elif target.beside() != beside:
        raise Conflict("the source was written to since that copy broke off: empty the target, and copy again")
    total = sum(source.count(kind) for kind in TYPES)
    done = 0
    for kind in TYPES:
        facts = (decode(kind, row.id, row.body) for row in source.kept(kind))
        while batch := list(islice(facts, AT_ONCE)):
            _write(target, kind, batch)
            done += len(batch)
            if progress is not None:
                progress("copying", done, total)
    here, there = content(source, progress=progress), content(target, progress=progress)
    if source.sequence() != before or source.beside() != beside:
        raise Conflict("somebody wrote while it was copied: empty the target, stop who writes, and copy again")
    if here != there:
        raise StoreError(f"the two homes differ after copying ({here.digest} and {there.digest}): empty the target")
    target.complete()
    return there


def _write(target: Store, kind: Kind, batch: list[Fact]) -> None:
    for seconds in WAITS:
        try:
            receipt = target.apply(batch)
            break
        except StoreUnavailable:  # it may be there all the same: to send it again is safe
            time.sleep(seconds)
    else:
        receipt = target.apply(batch)
    took = receipt.count("added") + receipt.count("unchanged")  # unchanged: what was there unacknowledged
    if took != len(batch):
        raise StoreError(f"of {len(batch)} facts of kind {kind} the target took {took}: is somebody writing?")


def content(store: Store, *, progress: Progress | None = None) -> Copied:
    """Everything that a home holds, counted and digested as it is read from it."""
    whole = blake2b(digest_size=32)
    counts: dict[Kind, int] = {}
    total = sum(store.count(kind) for kind in TYPES)
    for kind in TYPES:
        counts[kind] = 0
        for row in _told(store.kept(kind), sum(counts.values()), total, progress):
            whole.update(f"{kind}\0{row.id}\0{row.hash.hex()}\0{row.body}\n".encode())
            counts[kind] += 1
    beside = store.beside()
    whole.update(repr(beside).encode())
    sizes = {field.name: len(getattr(beside, field.name)) for field in fields(beside) if field.name != "salt"}
    return Copied(facts=counts, beside=sizes, digest=whole.hexdigest())


def _told(rows: Iterator[Kept], done: int, total: int, progress: Progress | None) -> Iterator[Kept]:
    """The same rows; `progress` is told how many were read."""
    for number, row in enumerate(rows, done + 1):
        yield row
        if progress is not None and (number % AT_ONCE == 0 or number == total):
            progress("comparing", number, total)
