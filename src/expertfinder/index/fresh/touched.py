"""What the changes since a snapshot speak of: what the fresh tier has to read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from expertfinder.store import Change, Store

if TYPE_CHECKING:
    from expertfinder.index.fresh.changes import Look

CHANGES_AT_ONCE = 10_000
"""Changes are read from the store in lots of so many, which bounds the memory of one look."""


@dataclass(slots=True)
class Touched:
    """What the changes since a snapshot speak of. Grows with each look; starts anew with each snapshot."""

    posts: set[str] = field(default_factory=set)
    people: bool = False
    records: set[str] = field(default_factory=set)
    """Those of people, of which `people` tells that there are some."""
    sources: bool = False
    """Whether one is registered otherwise: then it is no longer the records alone that tell who is who."""
    erased: bool = False
    communities: bool = False
    since: Touched | None = None
    """The same since the look before; where that is not kept apart, every look reads everything that was touched."""
    look: Look | None = None
    """What that look found."""
    read: int = 0
    """Posts that were read since what waits was written down (`waiting.py`)."""


def note(touched: Touched, changes: Sequence[Change], store: Store) -> None:
    """Add what these changes touch."""
    if touched.since is not None:
        note(touched.since, changes, store)
    acts: list[str] = []
    for change in changes:
        if change.operation == "erase":
            touched.erased = True
            touched.people = True
        elif change.kind in ("person", "source"):
            touched.people = True
            touched.sources = touched.sources or change.kind == "source"
            touched.records.update((change.id,) if change.kind == "person" else ())
        elif change.kind == "community":
            touched.communities = True
        elif change.kind == "post":
            touched.posts.add(change.id)
        elif change.kind == "interaction" and change.operation == "put":
            acts.append(change.id)
        # An act that was taken back is a change of its post, too.
    touched.posts.update(act.object for act in store.get("interaction", acts) if act.object_type == "post")
