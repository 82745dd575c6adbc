"""An organisation twice: its index in the folder, and in a real Neo4j server; both with the same facts and secret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import Fact
from expertfinder.store import Store
from expertfinder.store.neo4j import server as bolt

if TYPE_CHECKING:
    from scripts.neo4j.server import Server

SECRET = b"one secret for both, so that versions can be compared".ljust(64)[:32]


@contextmanager
def served(server: Server, facts: Iterable[Fact], folder: Path, *, as_of: date) -> Iterator[ExpertFinder]:
    """A finder whose facts and index a server holds; what it held before goes."""
    with pytest.MonkeyPatch.context() as patch:
        # Whether a server answers in time is tested elsewhere; here a busy machine is to change no answer.
        patch.setattr(bolt, "SIGN_OF_LIFE", 60.0)
        patch.setattr(bolt, "LONGEST", 120.0)
        with _served(server, facts, folder, as_of=as_of) as finder:
            yield finder


@contextmanager
def _served(server: Server, facts: Iterable[Fact], folder: Path, *, as_of: date) -> Iterator[ExpertFinder]:
    home = Home(folder, server.url, "neo4j")
    with server.session() as session:  # the schema may stay: to make it anew takes longer than everything else
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS").consume()
    store = home.open_store()
    with server.session() as session:
        session.run("CREATE (:Index {name: 'secret', value: $value})", value=SECRET).consume()
    with _holding(home, store, facts, as_of) as finder:
        yield finder


@contextmanager
def embedded(facts: Iterable[Fact], folder: Path, *, as_of: date) -> Iterator[ExpertFinder]:
    """The same with files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "secret").write_bytes(SECRET)
    home = Home(folder)
    store = home.open_store()
    with _holding(home, store, facts, as_of) as finder:
        yield finder


@contextmanager
def _holding(home: Home, store: Store, facts: Iterable[Fact], as_of: date) -> Iterator[ExpertFinder]:
    store.apply(facts)
    finder = ExpertFinder(home, store, encode=encoder(DEFAULT))
    rebuild(finder, as_of)
    try:
        yield finder
    finally:
        finder.close()


def rebuild(finder: ExpertFinder, as_of: date) -> None:
    """Fold everything into a new index, and answer from it."""
    finder.home.build_index(finder.store, encode=encoder(DEFAULT), as_of=as_of)
    finder.refresh()
