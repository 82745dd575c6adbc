"""A test that cannot run here is named at the end of the run, and fails where nothing may be left out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITE = """
import pytest

@pytest.mark.needs_browser
def test_page(): pass

@pytest.mark.needs_java
def test_server(): pass

@pytest.mark.needs_sets
def test_figures(): pass

def test_plain(): pass
"""


@pytest.fixture
def bare_machine(tmp_path: Path) -> Path:
    """A suite of four tests beside a copy of our conftest, to be run where neither browser nor Java is."""
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tmp_path / "test_suite.py").write_text(SUITE)
    marks = "".join(f"    {name}: for the test\n" for name in ("needs_browser", "needs_java", "needs_sets"))
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nmarkers =\n{marks}")
    return tmp_path


def run(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the suite in a process that finds no program on its PATH; at the size of CI nothing of ours is loaded."""
    kept = {"PATH": str(folder / "nothing"), "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--size", "ci", *options],
        cwd=folder,
        env=kept | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "side by side"])
def test_what_was_left_out_is_named_with_its_cure(bare_machine: Path, options: tuple[str, ...]) -> None:
    answer = run(bare_machine, *options)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "1 passed, 3 skipped" in answer.stdout
    assert "- left out -" in answer.stdout
    assert "1 left out: needs a Chromium: apt-get install chromium" in answer.stdout
    assert "    test_suite.py::test_page" in answer.stdout
    assert "1 left out: needs a Java runtime" in answer.stdout
    assert "    test_suite.py::test_figures" in answer.stdout


def test_where_nothing_may_be_left_out_a_missing_program_fails_the_run(bare_machine: Path) -> None:
    answer = run(bare_machine, EXPERTFINDER_LEAVE_NOTHING_OUT="1")
    assert answer.returncode == 1
    assert "1 passed, 1 skipped, 2 errors" in answer.stdout
    assert "EXPERTFINDER_LEAVE_NOTHING_OUT is set, and this test was left out: needs a Chromium" in answer.stdout


def test_a_plain_skip_is_named_too_and_fails_where_nothing_may_be_left_out(bare_machine: Path) -> None:
    (bare_machine / "test_suite.py").write_text("import pytest\n\ndef test_shy(): pytest.skip('not today')\n")
    assert "1 left out: not today" in run(bare_machine).stdout
    strict = run(bare_machine, EXPERTFINDER_LEAVE_NOTHING_OUT="1")
    assert strict.returncode == 1
    assert "this test was left out: not today" in strict.stdout


def test_a_present_program_is_used(bare_machine: Path) -> None:
    browser = bare_machine / "chromium"
    browser.write_text("")
    assert "2 passed, 2 skipped" in run(bare_machine, CHROMIUM_PATH=str(browser)).stdout
