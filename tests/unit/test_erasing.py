"""Erasing at the prompt: afterwards no file of the home knows the person."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.unit.office import FACTS, opened, person, post
from typer.testing import CliRunner

from expertfinder.cli.app import app
from expertfinder.errors import NotFound

PLANTED = ("o:zelda", "o:zelda-chat", "Zelda Quillfeather", "tinderglass", "zelda@office.example")
ZELDA = (
    person("zelda", name="Zelda Quillfeather", accounts=("email:zelda@office.example",)),
    person("zelda-chat", name="Zelda Quillfeather", accounts=("email:zelda@office.example",)),
    *(post(f"z{n}", "zelda", "The tinderglass valve of the ingress.", title=f"Tinderglass {n}") for n in range(4)),
    post("both", "zelda ada", "Written by two about the weathercock.", title="Together"),
)


def known(home: Path) -> set[str]:
    """Which of the planted words stand in any file of a home."""
    bodies = [path.read_bytes().lower() for path in home.rglob("*") if path.is_file()]
    return {word for word in PLANTED if any(word.lower().encode() in body for body in bodies)}


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_after_an_erasure_no_file_knows_the_person_and_the_others_stay(tmp_path: Path) -> None:
    opened(tmp_path, (*FACTS, *ZELDA)).close()
    assert known(tmp_path) == set(PLANTED), "what is not there before proves nothing"
    said = run("erase", "o:zelda-chat", "--yes", "--home", os.fspath(tmp_path))
    assert "forgotten: o:zelda, o:zelda-chat" in said
    assert known(tmp_path) == set()
    assert "o:both" in run("find", "the weathercock", "--home", os.fspath(tmp_path), "--json")
    assert "nothing was left" in run("scrub", "--home", os.fspath(tmp_path))


def test_nobody_is_erased_without_a_yes_or_by_a_misspelt_name(tmp_path: Path) -> None:
    opened(tmp_path, (*FACTS, *ZELDA)).close()
    refused = CliRunner().invoke(app, ["erase", "o:zelda", "--home", os.fspath(tmp_path)], input="n\n")
    assert refused.exit_code == 1
    with pytest.raises(NotFound, match="o:zleda"):
        CliRunner().invoke(app, ["erase", "o:zleda", "--yes", "--home", os.fspath(tmp_path)], catch_exceptions=False)
    assert known(tmp_path) == set(PLANTED)
