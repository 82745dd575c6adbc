"""The truth of a set beside the organisation that is made of its evidence; it knows nothing of the truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from expertfinder.errors import SourceError
from expertfinder.evaluation.sets import SOURCE, json_lines
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Viewer

EVERYTHING = Viewer(everything=True)
"""Who asks: the organisation is a temporary one without anybody's secrets."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A declared community of the truth. People are ids; whom the organisation does not know is left out."""

    id: str
    """As the organisation names it."""
    about: str
    """Name and description."""
    members: tuple[str, ...]
    leads: tuple[str, ...]


def records(path: Path) -> list[dict]:  # type: ignore[type-arg]
    """The objects of a file of JSON lines. Raises `SourceError` for a file or line that cannot be read."""
    return [record for _, record in json_lines(path)]


def declared(folder: Path, snapshot: Snapshot) -> list[Declared]:
    """The declared communities in the order of the file. Raises `SourceError` where there are none."""
    path = folder / "communities.jsonl"
    found = [
        Declared(
            id=f"{SOURCE}:{record.get('id', '')}",
            about=f"{record.get('name') or ''}\n{record.get('description') or ''}".strip(),
            members=known(record.get("members"), snapshot),
            leads=known(record.get("leads"), snapshot),
        )
        for record in records(path)
    ]
    if not found:
        raise SourceError("no community is declared", file=str(path))
    return found


def known(names: object, snapshot: Snapshot) -> tuple[str, ...]:
    """The ids of the people whom a set names, each once, by id; unknown names are left out."""
    rows = snapshot.person_rows
    listed = [f"{SOURCE}:{name}" for name in names] if isinstance(names, list) else []
    return tuple(sorted({snapshot.people[rows[name]].id for name in listed if name in rows}))


def plain(name: str) -> str:
    """The set's own id of a person or a community."""
    return name.split(":", 1)[1]


def who_acted(snapshot: Snapshot) -> NDArray[np.bool_]:
    """Who wrote a post or did something to one, [people]."""
    found = np.zeros(len(snapshot.people), bool)
    found[snapshot.ties.act_person] = True
    return found


def with_evidence(snapshot: Snapshot) -> NDArray[np.bool_]:
    """Who wrote, did something to a post, or has a tie with anybody, [people]."""
    return np.asarray(who_acted(snapshot) | (np.diff(snapshot.ties.mutual.indptr) > 0))
