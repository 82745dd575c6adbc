"""What several of these tests share, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.office import opened

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ingest.demo import write_demo


@pytest.fixture(scope="session")
def demo_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a demo organisation of the least size."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, people=100, posts=700)
    return folder


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExpertFinder]:
    """A finder over the small office. To be asked only: whoever writes opens one of their own."""
    finder = opened(tmp_path_factory.mktemp("office"))
    yield finder
    finder.close()
