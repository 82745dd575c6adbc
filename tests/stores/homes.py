"""The homes of the facts that the one contract suite is run against. A new home is a class and a line in `HOMES`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

import pytest
from tests.stores.model_store import ModelStore

from expertfinder.store import Store, open_store

if TYPE_CHECKING:
    from scripts.neo4j.server import Server


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


class Neo4jHome:
    """The one database of a real server, emptied: a new home takes the place of the one before."""

    server: ClassVar[Server]

    def __init__(self, folder: Path) -> None:
        self.server.query("MATCH (n) DETACH DELETE n")
        self.url = self.server.url

    def open(self) -> Store:
        store = open_store(self.url)
        # The bytes take half a minute and a server told to forget: tests/neo4j/test_erasure.py has both.
        store.overwrite = lambda server: None
        return store


HOMES: dict[str, type[ModelHome] | type[SQLiteHome] | type[Neo4jHome]] = {
    "model": ModelHome,
    "sqlite": SQLiteHome,
    "neo4j": Neo4jHome,
}
REAL = [
    pytest.param(name, marks=[pytest.mark.needs_neo4j] * (name == "neo4j")) for name in sorted(HOMES) if name != "model"
]
"""What is held against the model."""
ALL = [pytest.param("model"), *REAL]


def new_home(name: str, folder: Path, request: pytest.FixtureRequest) -> Home:
    """An empty home; the server that it needs is started for it."""
    if name == "neo4j":
        Neo4jHome.server = request.getfixturevalue("neo4j_server")
    return HOMES[name](folder)
