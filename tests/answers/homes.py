"""The two organisations that are asked: the product's own demo, and an invented port with every kind of permission."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.answers.port import AS_OF, FACTS, came_later
from tests.answers.prompt import typed

from expertfinder import ExpertFinder, Home, encoder

SECRET = bytes(range(32))
"""What a home makes at random for itself: given here, so that the versions in answers stay."""


def write_homes(folder: Path) -> None:
    """Write and index `demo` and `port` in an empty folder; the port gets facts that no index has taken in yet."""
    for name in ("demo", "port"):
        (folder / name).mkdir()
        (folder / name / "secret").write_bytes(SECRET)
    said = typed(["demo"], folder / "demo")
    assert said.code == 0, said.err

    home = Home(folder / "port")
    store = home.open_store()
    try:
        store.apply(FACTS)
        home.build_index(store, encode=encoder("static-multilingual"), as_of=AS_OF)
        came_later(store)
    finally:
        store.close()


@contextmanager
def opened(folder: Path) -> Iterator[ExpertFinder]:
    """The finder of a home, with what came since its index."""
    finder = ExpertFinder.open(folder)
    try:
        yield finder
    finally:
        finder.close()
