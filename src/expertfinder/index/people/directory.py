"""What a snapshot's people are called and what they declare, made when it is first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from expertfinder.index.people.declared import Declared
from expertfinder.index.people.names import Called, Names
from expertfinder.index.posts.segment import open_people
from expertfinder.model import Person


class Directory:
    """The people of a snapshot by their own words. Safe to share between threads: made twice it is the same."""

    def __init__(self, people: Sequence[Person], languages: Sequence[str]) -> None:
        self._people = people
        self._languages = languages
        self._others: dict[bytes, Names] = {}

    @cached_property
    def declared(self) -> Declared:
        """What people declare."""
        return Declared(self._people, self._languages)

    @cached_property
    def _everybodys(self) -> Names:
        return Names((row, self._people[row]) for row in np.flatnonzero(self._open).tolist())

    @cached_property
    def _open(self) -> np.ndarray:
        return open_people(self._people)

    def named(self, text: str, may_find: np.ndarray) -> list[Called]:
        """Whom a text names among those of `may_find` (bool [people]), in no order.

        Names of people whom not everybody may find are kept for those alone who may: nothing that is compared with the
        text, and no time that it takes, tells of anybody else.
        """
        found = [one for one in self._everybodys.named(text) if may_find[one.row]]
        rows = np.flatnonzero(may_find & ~self._open)
        if len(rows):
            found += self._of(rows).named(text)
        return found

    def _of(self, rows: np.ndarray) -> Names:
        key = rows.tobytes()
        if key not in self._others:
            if len(self._others) >= KEPT:
                self._others.clear()
            self._others[key] = Names((row, self._people[row]) for row in rows.tolist())
        return self._others[key]


KEPT = 32
"""Sets of people whom not everybody may find, of which the names are kept: each has its viewers."""
