"""Who is erased is in no raw file of a server that held the index, too: no word, no name, no vector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from scripts.neo4j.server import ERASING, Server
from tests.neo4j.raw import residue
from tests.neo4j.served import served
from tests.unit.office import FACTS, TODAY, person, post
from typer.testing import CliRunner

from expertfinder.cli import app
from expertfinder.model import SHARED, Query

pytestmark = pytest.mark.needs_neo4j
NAME, PHRASE, OTHER = "Quirin Zschornegk", "vlotzbreg", "murnkapfel wesderbronk"


def test_after_erase_at_the_prompt_no_file_of_the_server_has_word_or_name(
    neo4j_own: Callable[[Mapping[str, str]], Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = neo4j_own(ERASING)
    victim = person("qz", name=NAME)
    words = [post(f"z{n}", "qz", f"{PHRASE} {OTHER} on lifts " * 9, title=f"{PHRASE} {n}") for n in range(5)]
    with served(server, [*FACTS, victim, *words], tmp_path / "home", as_of=TODAY) as finder:
        assert finder.find(Query(text=f"{PHRASE} {OTHER} lifts"), SHARED).recommendations[0].subject == "o:qz"
        server.stop()
        assert {what for _, what in residue(server.home, [NAME, PHRASE, OTHER])} >= {NAME, PHRASE, OTHER}
        server.start()
        monkeypatch.setenv("EXPERTFINDER_RECORD", finder.home.facts)
        monkeypatch.setenv("EXPERTFINDER_ENGINE", "neo4j")
        done = CliRunner().invoke(app, ["erase", "o:qz", "--yes", "--home", str(tmp_path / "home")])
        assert done.exit_code == 0, done.output
        finder.refresh()
        assert "o:qz" not in [one.subject for one in finder.find(Query(text="lifts"), SHARED).recommendations]
    server.stop()
    assert residue(server.home, [NAME, PHRASE, OTHER]) == {}
