"""Who answers for what: directories, proven kinds of key, decisions of people, and what a record gives its viewer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from expertfinder.model import Source


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about two records: they are one human (`join`), or they are not (`part`).

    One of the two may be the id of an author whom no record describes.
    """

    verdict: Literal["join", "part"]
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Join:
    """Differently named records that a key joins."""

    key: str
    """Empty where a person decided it."""
    records: tuple[str, ...]
    proven: bool


@dataclass(frozen=True, slots=True)
class Rights:
    """What the record that a viewer is gives the viewer."""

    own: str
    """The smallest id of the records that are proven to be the same human's: equal for all of them."""
    groups: tuple[str, ...]
    """Groups that the record is a member of, its unit among them (`policy.unit_group`); empty for a record of no
    directory where there are directories."""
    denied_as: tuple[str, ...]
    """Ids and groups of the joined records, without the record's own. Denying one of them denies the viewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Which sources answer for what. Where none says anything, every source answers for its own records."""

    directories: frozenset[str] = frozenset()
    kinds: Mapping[str, frozenset[str]]
    """Source -> the kinds of key it proves, for the sources that name any."""

    def proves(self, source: str, kind: str) -> bool:
        """Whether a source answers for keys of this kind."""
        if not self.directories and not self.kinds:
            return True
        if source in self.kinds:
            return kind in self.kinds[source]
        return source in self.directories

    def decides(self, source: str) -> bool:
        """Whether the records of a source say who is a member of what."""
        return not self.directories or source in self.directories


def authority_of(sources: Iterable[Source]) -> Authority:
    """The authority that sources were registered with."""
    known = list(sources)
    return Authority(
        directories=frozenset(source.id for source in known if source.directory),
        kinds={source.id: frozenset(source.proves) for source in known if source.proves},
    )


EVERY_SOURCE: Final = Authority(kinds={})
"""The authority where no source says that it is a directory or what it proves."""
