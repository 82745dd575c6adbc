"""On an organisation with a planted truth the index in a server names whom the index in a folder names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scripts.benchmark_engine import both

if TYPE_CHECKING:
    from scripts.neo4j.server import Server

pytestmark = pytest.mark.needs_neo4j


def test_the_first_ten_are_the_same_and_as_good(neo4j_empty: Server, demo_set: Path) -> None:
    found = both(demo_set, neo4j_empty.url, None)
    assert found["questions"] > 20
    assert found["MAP in the folder"] > 0.3, "questions that nobody can answer would prove nothing"
    _, low, high = found["difference"]
    assert low <= 0 <= high or low > 0
    assert found["first ten shared"] >= 0.9
