"""Every command of the tutorial runs, in its order, and what the tutorial says of the answers is so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from scripts.neo4j.server import free_port

from expertfinder.recommend.experts.parts import WEIGHTS

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
SETUP = "make setup\n. .venv/bin/activate\n"
"""The one block that is not run: it makes the environment in which the tests already are."""
PATIENCE = 600
TOO_LITTLE = "There is not enough evidence here"


def blocks() -> list[str]:
    """The commands, a text for each block, in the order of the page."""
    return re.findall(r"^```sh\n(.*?)^```$", TUTORIAL, flags=re.MULTILINE | re.DOTALL)


def commands(folder: Path) -> dict[str, str]:
    """The environment of somebody who has activated `.venv`: `expertfinder` and `python` are those of this test."""
    (folder / "bin").mkdir()
    for name, module in (("expertfinder", "-m expertfinder"), ("python", "")):
        command = folder / "bin" / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EXPERTFINDER_")}
    return {
        **kept,
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONWARNINGS": "",
        "COLUMNS": "120",
    }


def repository(folder: Path) -> None:
    """A repository to stand in: a few commits of somebody invented."""
    git = ["git", "-C", str(folder), "-c", "user.name=Gus Example", "-c", "user.email=gus@bakery.example"]
    subprocess.run([*git, "init", "-q"], check=True)
    for number in range(6):
        (folder / f"migration{number}.sql").write_text(f"-- {number}\n")
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-q", "-m", f"Migrations of the store, step {number}"], check=True)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each block printed when all were run, one after the other, in one shell."""
    folder = tmp_path_factory.mktemp("tutorial")
    environment = commands(folder)
    work = folder / "checkout"
    work.mkdir()
    repository(work)
    (work / ".gitignore").write_text("/.out/\n")
    port = str(free_port())
    # The service may not outlive the shell, whichever command fails.
    script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\nmkdir -p .out\n"
    for block in blocks()[1:]:
        script += block.replace("8000", port) + "echo @@\n"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=work,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return ["", *done.stdout.split("@@\n")[:-1]]


def outputs(said: list[str], word: str) -> str:
    """What the one block that has this word in it printed."""
    found = [text for block, text in zip(blocks(), said, strict=True) if word in block]
    assert len(found) == 1, word
    return found[0]


def test_only_the_setting_up_is_not_run() -> None:
    assert blocks()[0] == SETUP


def test_every_part_of_a_score_is_explained() -> None:
    table = TUTORIAL.split("| part |")[1].split("\n\n")[0]
    assert re.findall(r"^\| ([a-z ]+?) \|", table, flags=re.MULTILINE) == list(WEIGHTS)


def test_the_demo_answers_and_abstains_as_the_tutorial_says(said: list[str]) -> None:
    asked = outputs(said, 'find "someone to talk to about shaft misalignment"')
    assert asked.startswith("confidence: ")
    assert {"demo:m071", "demo:m286"} <= set(re.findall(r"demo:m\d+", asked))
    assert outputs(said, "falcon").startswith(TOO_LITTLE)


def test_an_explanation_has_the_parts_and_the_score(said: list[str]) -> None:
    shown = outputs(said, "explain demo:m071")
    assert "without it: score" in shown
    assert re.search(r"^profile\b", shown, flags=re.MULTILINE)
    assert re.search(r"^score\b", shown, flags=re.MULTILINE)
    assert "last seen" in shown


def test_a_group_and_a_stranger_get_different_answers_at_the_prompt_and_over_http(said: list[str]) -> None:
    inside, outside = outputs(said, "--as demo:m248").split(TOO_LITTLE)
    assert "1. " in inside
    assert "1. " not in outside
    names, nothing = outputs(said, ".out/ask.py").splitlines()
    assert names.startswith("['")
    assert nothing.startswith(TOO_LITTLE)
    assert names.split("'")[1] in inside


def test_communities_champions_and_ways_are_as_the_tutorial_says(said: list[str]) -> None:
    shown = outputs(said, "communities shaft misalignment")
    assert re.match(r"1\. .+  \d+ people, (declared|detected)", shown)
    assert "led by: " in shown
    assert re.search(r"^3 champions reach \d+ of 40 people$", shown, flags=re.MULTILINE)
    assert {"demo:m008", "demo:m085"} <= set(re.findall(r"demo:m\d+", shown.split("champions reach")[1]))
    ways = outputs(said, "path demo:m071 demo:m248")
    assert "ask for an introduction" in ways
    assert "where to go:" in ways
    assert re.search(r"^from .*demo:m071$\n(^through .*$\n)+^to .*demo:m248$", ways, flags=re.MULTILINE)
    assert ways.count("\n1 for ") == 3
    rests = outputs(said, "risk contract-liability")
    assert "at risk" in rests
    assert rests.count("could grow: ") == 2
    assert "ties are in .out/network.graphml" in rests


def test_the_bakery_answers_as_the_tutorial_says(said: list[str]) -> None:
    rye, loan_for_bob = outputs(said, "rye bread gets dense").split(TOO_LITTLE)
    rye, loan_for_ann = rye.rsplit("confidence: ", 1)
    assert "1. Ann Example" in rye
    assert "1. Cyd Example" in loan_for_ann
    assert "Example" not in loan_for_bob
    again = [text for block, text in zip(blocks(), said, strict=True) if "ingest native" in block][1]
    assert "7 unchanged" in again


def test_a_repository_names_who_worked_on_it(said: list[str]) -> None:
    assert "Gus Example" in outputs(said, "ingest git")
