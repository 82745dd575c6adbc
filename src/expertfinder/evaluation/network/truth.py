"""A set as a network: its evidence without its truth, and beside it the truth that nothing is made of."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from expertfinder.ask.home import Home
from expertfinder.errors import SourceError
from expertfinder.index.network.tier import Ints, SharedTier, read_shared
from expertfinder.model import ORGANISATION, Fact, Person, Source
from expertfinder.sources.native import NativeReader
from expertfinder.vocabulary import vocabulary

SOURCE = "set"


@dataclass(frozen=True, slots=True)
class Declared:
    """A declared community of the truth; people are rows of the tier, those whom the set does not know are left out."""

    id: str
    about: str
    """Name and description."""
    members: tuple[int, ...]
    leads: tuple[int, ...]


def evidence(folder: Path) -> SharedTier:
    """The evidence of a set: people without what was written about them later, posts, interactions."""
    source = Source(id=SOURCE, audience=ORGANISATION)

    def facts() -> Iterator[Fact]:
        yield source
        for fact in NativeReader(folder, source=source, kinds=("person", "post", "interaction")).facts():
            yield replace(fact, bio="", location="") if isinstance(fact, Person) else fact

    with tempfile.TemporaryDirectory(prefix="expertfinder-evaluate-") as temporary:
        store = Home(Path(temporary)).open_store()
        try:
            store.apply(facts())
            return read_shared(store, vocabulary())
        finally:
            store.close()


def records(path: Path) -> list[dict]:  # type: ignore[type-arg]
    """The objects of a file of JSON lines. Raises `SourceError` for a file or line that cannot be read."""
    found = []
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise SourceError(f"this file of the set cannot be read: {error.strerror}", file=str(path)) from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise SourceError("this line is no JSON object", file=str(path), line=number) from error
            if not isinstance(record, dict):
                raise SourceError("this line is no JSON object", file=str(path), line=number)
            found.append(record)
    return found


def declared(folder: Path, tier: SharedTier) -> list[Declared]:
    """The declared communities in the order of the file. Raises `SourceError` where there are none."""
    path = folder / "communities.jsonl"
    found = [
        Declared(
            id=str(record.get("id", "")),
            about=f"{record.get('name') or ''} {record.get('description') or ''}".strip(),
            members=rows_of(record.get("members"), tier),
            leads=rows_of(record.get("leads"), tier),
        )
        for record in records(path)
    ]
    if not found:
        raise SourceError("no community is declared", file=str(path))
    return found


def rows_of(names: object, tier: SharedTier) -> tuple[int, ...]:
    """The rows of people whom the set names, each once, ascending."""
    listed = names if isinstance(names, list) else []
    return tuple(sorted({tier.rows[f"{SOURCE}:{name}"] for name in listed if f"{SOURCE}:{name}" in tier.rows}))


def name_of(tier: SharedTier, row: int) -> str:
    """The set's own id of a person."""
    return tier.people[row].id.split(":", 1)[1]


def with_evidence(tier: SharedTier) -> NDArray[np.bool_]:
    """Who wrote, did or was the object of anything, [people]."""
    found = np.zeros(len(tier.people), bool)
    found[tier.authorship.indices] = True
    found[tier.deeds.actor] = True
    found[tier.deeds.target[~tier.deeds.on_post]] = True
    return found


def who_acted(tier: SharedTier) -> NDArray[np.bool_]:
    """Who wrote a post or did something to one, [people]."""
    found = np.zeros(len(tier.people), bool)
    found[tier.authorship.indices] = True
    found[tier.deeds.actor[tier.deeds.on_post]] = True
    return found


def groups_of(label: Ints) -> list[frozenset[int]]:
    """The groups of a partition, by label."""
    return [frozenset(np.flatnonzero(label == group).tolist()) for group in range(int(label.max(initial=-1)) + 1)]
