"""What does not end is ended, with everything that it started, and the caller is told in plain words (C10)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from expertfinder.errors import DeadlinePassed
from expertfinder.index.network.deadline import within
from expertfinder.index.network.leiden import searched

PATIENCE = 30
"""Seconds after which a test gives up waiting for a process to be gone."""


def forever(answer: int) -> int:
    while answer:
        answer = answer % 7 + 1
    return answer


def double(number: int, *, plus: int = 0) -> int:
    sys.stdout.write("something that a library says\n")
    os.write(1, b"and something that it says below Python\n")
    return 2 * number + plus


def broken() -> None:
    raise ValueError("there is no such resolution")


def vanished() -> None:
    os._exit(3)


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def with_children(told: str) -> None:
    """Start a process that starts another, tell who they are, and never end."""
    script = "import subprocess, sys; print(subprocess.Popen(['sleep', '600']).pid, flush=True); sys.stdin.read()"
    first = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert first.stdout is not None
    second = first.stdout.readline().decode().strip()
    Path(told).write_text(f"{os.getpid()} {first.pid} {second} done")
    time.sleep(600)


def packages(_: object) -> set[str]:
    """What is loaded in the child after its function and its arguments have been read."""
    return {name.partition(".")[0] for name in sys.modules}


def wait_for(happened: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


def gone(number: int) -> bool:
    return not psutil.pid_exists(number) or psutil.Process(number).status() == psutil.STATUS_ZOMBIE


def test_an_answer_in_time_comes_back_whatever_is_printed_meanwhile() -> None:
    assert within(60.0, double, 20, plus=2) == 42


def test_an_endless_loop_is_killed_at_the_limit_and_named() -> None:
    before = children()
    with pytest.raises(DeadlinePassed, match=r"forever did not end within 2 seconds and was stopped") as caught:
        within(2.0, forever, 1)
    assert caught.value.extras == {"seconds": 2.0}
    assert children() == before


def test_the_start_of_the_child_is_part_of_the_time() -> None:
    before = children()
    with pytest.raises(DeadlinePassed, match="double did not end"):
        within(0.0, double, 20)
    assert children() == before


def test_what_the_child_started_is_killed_with_it(tmp_path: Path) -> None:
    told = tmp_path / "told"
    with pytest.raises(DeadlinePassed, match="was stopped"):
        within(20.0, with_children, str(told))
    *numbers, done = told.read_text().split()
    assert (len(numbers), done) == (3, "done")
    wait_for(lambda: all(gone(int(number)) for number in numbers))


def test_a_child_ends_with_a_caller_that_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = (
        "import sys; from expertfinder.index.network.deadline import within; "
        "from tests.unit.test_deadline import with_children; within(600.0, with_children, sys.argv[1])"
    )
    root = Path(__file__).parents[2]
    caller = subprocess.Popen([sys.executable, "-c", script, str(told)], cwd=root)
    wait_for(lambda: told.exists() and told.read_text().endswith("done"))
    *numbers, _ = told.read_text().split()
    assert not any(gone(int(number)) for number in numbers)
    caller.kill()
    caller.wait()
    wait_for(lambda: all(gone(int(number)) for number in numbers))


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (broken, "broken failed: ValueError: there is no such resolution"),
        (vanished, r"vanished ended without an answer \(exit code 3\)"),
        (killed, r"killed ended without an answer \(exit code -9\); was there enough memory"),
    ],
)
def test_what_went_wrong_in_the_child_is_told(work: Callable[[], None], told: str) -> None:
    with pytest.raises(DeadlinePassed, match=told):
        within(60.0, work)


def test_a_child_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(DeadlinePassed, match=r"double could not be started: .*No such file"):
        within(60.0, double, 20)


def test_no_pipe_is_left_open_whatever_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_files() -> int:
        return psutil.Process().num_fds()

    within(60.0, double, 1)
    before = open_files()
    within(60.0, double, 1)
    for work in (broken, vanished):
        with pytest.raises(DeadlinePassed):
            within(60.0, work)
    with pytest.raises(DeadlinePassed):
        within(0.0, double, 1)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(DeadlinePassed):
        within(60.0, double, 1)
    assert open_files() == before


def test_a_function_of_the_callers_own_script_is_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(double, "__module__", "__main__")
    with pytest.raises(ValueError, match="double is defined in __main__"):
        within(60.0, double, 20)


def test_the_search_for_communities_starts_with_nothing_that_it_does_not_need() -> None:
    """Its start is part of every fold."""
    loaded = within(60.0, packages, searched)
    assert {"networkit", "numpy", "scipy"} <= loaded
    assert not loaded & {"sklearn", "networkx", "pandas", "matplotlib", "tantivy", "apsw", "pydantic", "orjson"}
