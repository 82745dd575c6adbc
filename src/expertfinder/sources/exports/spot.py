"""Where in an export something stands."""

from __future__ import annotations

from typing import NamedTuple


class Spot(NamedTuple):
    """A place that an error names."""

    file: str
    line: int | None = None
    """From 1."""
    record: int | None = None
    """Number of an item in a list, from 1."""

    @property
    def extras(self) -> dict[str, str | int]:
        """The known fields of the spot, as an error carries them."""
        found = {"file": self.file, "line": self.line, "record": self.record}
        return {name: value for name, value in found.items() if value is not None}

    def next_line(self) -> Spot:
        """The spot of the next line."""
        return self._replace(line=(self.line or 0) + 1)
