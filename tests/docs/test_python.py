"""The page for Python says what is so: its names are the public ones, and its example runs as one script."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import expertfinder
from expertfinder import errors

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
PATIENCE = 300


@pytest.fixture(scope="module")
def acme(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a home `acme` lies, as `expertfinder demo --home acme` makes it."""
    folder = tmp_path_factory.mktemp("python")
    shutil.copytree(demo_home, folder / "acme")
    return folder


def test_the_example_runs_as_a_script_and_names_who_knows_it(acme: Path) -> None:
    script = acme / "example.py"
    script.write_text("".join(re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)))
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=acme,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(re.findall(r"^\d\.\d{3}  .+, (high|medium|low) confidence$", done.stdout, flags=re.MULTILINE)) == 3
    assert len(list((acme / "acme" / "index").glob("*/manifest.json"))) == 1


def test_the_page_names_each_public_name_and_no_other() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)) == set(expertfinder.__all__)


def test_each_public_name_is_there_and_is_listed() -> None:
    assert all(getattr(expertfinder, name) is not None for name in expertfinder.__all__)
    assert set(expertfinder.__all__) <= set(dir(expertfinder))
    assert expertfinder.Viewer() == expertfinder.SHARED
    with pytest.raises(AttributeError, match="no attribute 'Finder'"):
        _ = expertfinder.Finder  # type: ignore[attr-defined]


def test_each_error_on_the_page_is_an_error() -> None:
    named = set(re.findall(r"`([A-Z]\w+)`:", PAGE.split("## Errors")[1]))
    assert named
    assert all(issubclass(getattr(errors, name), errors.ExpertFinderError) for name in named)
