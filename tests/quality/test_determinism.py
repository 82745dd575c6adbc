"""Q1: the same record gives the same bytes, whatever the hash seed, the process and the order in which it came."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.sizes import size

import expertfinder

HASH_SEEDS = tuple(range(size("Q1")))
"""Each is a home of its own, filled in another order."""
ASKER = Path(__file__).with_name("asker.py")


def ask(demo: Path, home: Path, seed: int) -> str:
    """What a process of its own says."""
    path = str(Path(expertfinder.__file__).parents[1])
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": path}
    command = [sys.executable, str(ASKER), str(demo), str(home), str(seed)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def test_two_hundred_questions_have_the_same_answers_in_every_process(small_demo_set: Path, tmp_path: Path) -> None:
    said = {ask(small_demo_set, tmp_path / f"home-{seed}", seed) for seed in HASH_SEEDS}
    # A second process with another hash seed over a home that is there already.
    said.add(ask(small_demo_set, tmp_path / "home-0", 77))
    assert len(said) == 1, said
    count, _, digest = said.pop().partition(" ")
    assert int(count) == 200
    assert len(digest) == 64
