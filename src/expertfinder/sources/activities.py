"""Lines of ActivityStreams 2.0 that take something back: of which kind it is, and what names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.errors import SourceError

Kind = Literal["person", "post", "interaction", "community"]

TAKEN_BACK: Final = ("Delete", "Undo", "Tombstone")
"""Types of a line by which something is taken back."""
_SORTS: Final[dict[str, Kind]] = {
    **dict.fromkeys(("person", "application", "service"), "person"),
    **dict.fromkeys(("community", "group", "organization"), "community"),
    **dict.fromkeys(
        ("post", "article", "audio", "document", "event", "image", "note", "page", "question", "video"), "post"
    ),
    "interaction": "interaction",
}
"""Types of objects, ours and those of ActivityStreams in lower case; any verb of the vocabulary is an interaction."""


class Target(NamedTuple):
    """What a line takes back."""

    kind: Kind
    record: Mapping[str, object]
    """With its `id`, or an interaction as it was told."""


def target_of(record: Mapping[str, object], kind: Kind | None = None) -> Target:
    """What a `Delete`, `Undo` or `Tombstone` takes back. Raises `SourceError` with `field`.

    `object` is an id, or an object with its `id` and with its type in `formerType` or `type`; a `Tombstone` is such an
    object itself. Without a type it is of `kind`; without that an `Undo` is of an interaction, all else of a post.
    """
    target = record if record.get("type") == "Tombstone" else record.get("object")
    if isinstance(target, str):
        target = {"id": target}
    if not isinstance(target, Mapping):
        raise SourceError("'object' is the id of what is taken back, or an object with an 'id'", field="object")
    return Target(_sort(target) or kind or ("interaction" if record.get("type") == "Undo" else "post"), target)


def _sort(target: Mapping[str, object]) -> Kind | None:
    """The kind of fact that an object says it is or was; `None` where it does not say."""
    said = target.get("formerType") or target.get("type") or []
    for word in said if isinstance(said, list) else [said]:
        lower = str(word).lower()
        if word in TAKEN_BACK:
            continue
        if lower in _SORTS:
            return _SORTS[lower]
        if vocabulary().verb(lower) is not None:
            return "interaction"
        raise SourceError(f"{lower[:80]!r} is no type of person, post, interaction or community", field="formerType")
    return None
