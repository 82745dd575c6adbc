"""The homes of the facts that the one contract suite is run against. A new home is a class and a line in `HOMES`."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tests.stores.model_store import ModelStore

from expertfinder.store import Store, open_store


class Home(Protocol):
    """A place of its own for facts, empty at first."""

    def open(self) -> Store:
        """Open it; again after `close`, the facts must still be there."""
        ...


class ModelHome:
    """The model: what everything else is compared with."""

    def __init__(self, folder: Path) -> None:
        self.store = ModelStore()

    def open(self) -> Store:
        return self.store


class SQLiteHome:
    """One file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "facts.db"

    def open(self) -> Store:
        return open_store(self.path)


HOMES: dict[str, type[ModelHome] | type[SQLiteHome]] = {
    "model": ModelHome,
    "sqlite": SQLiteHome,
}
REAL = sorted(HOMES.keys() - {"model"})
"""What is held against the model."""
