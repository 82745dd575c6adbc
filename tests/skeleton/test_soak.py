"""make soak runs what exists, one piece after the other, and says what failed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from scripts import soak

ROOT = Path(__file__).parents[2]


def test_every_piece_names_files_that_exist() -> None:
    for work in soak.all_work("folder").values():
        files = [word for word in work.command[1:] if word.endswith(".py")]
        assert files
        assert [file for file in files if not (ROOT / file).is_file()] == []


def test_a_piece_that_fails_is_named_and_the_others_are_done(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pieces = {
        "broken": soak.Work("fails", (sys.executable, "-c", "raise SystemExit(3)")),
        "whole": soak.Work("works", (sys.executable, "-c", "import os; print(os.environ['SIZE'])"), {"SIZE": "full"}),
        "nothing": soak.Work("needs a set", ()),
    }
    monkeypatch.setattr(soak, "all_work", lambda folder: pieces)
    assert soak.main([]) == 1
    said = capfd.readouterr().out
    assert said.rstrip().endswith("failed: broken")
    assert "\nfull\n" in said
    assert "nothing: left out, no set was named" in said
    assert soak.main(["whole"]) == 0


def test_a_piece_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        soak.main(["everything"])
    assert "there is no everything; there are kills, cuts" in capsys.readouterr().err
