"""`expertfinder withdraw`: single facts are taken back at the prompt."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from expertfinder.cli import app
from expertfinder.errors import NotFound


def run(*words: object) -> str:
    """What a command prints. What it raises is raised here."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_posts_are_taken_back_at_the_prompt_and_answers_are_without_them(tmp_path: Path) -> None:
    folder, home = tmp_path / "in", ("--home", os.fspath(tmp_path / "home"))
    folder.mkdir()
    (folder / "people.jsonl").write_text('{"id": "ann", "name": "Ann Aalto"}\n')
    posts = [{"id": f"p{n}", "authors": ["ann"], "text": f"Gaskets of the north pump, part {n}"} for n in range(3)]
    (folder / "posts.jsonl").write_text("".join(json.dumps(post) + "\n" for post in posts))
    run("ingest", "native", folder, "--source", "shop", "--audience", "organisation", *home)
    assert "Ann Aalto" in run("find", "gaskets of the north pump", *home)
    told = run("withdraw", "posts", "shop:p0", "shop:p1", "shop:p2", "shop:p9", *home)
    assert "withdrawn: 3 of 4 posts" in told
    assert "Ann Aalto" not in run("find", "gaskets of the north pump", *home)
    with pytest.raises(NotFound, match="none of these"):
        run("withdraw", "posts", "shop:p0", "--no-index", *home)
    again = json.loads(
        run("ingest", "native", folder, "--source", "shop", "--audience", "organisation", "--json", *home)
    )
    assert again["kept_away"] == 3
