"""What does not end is ended, and the caller is told in plain words (C10)."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from expertfinder.errors import DeadlinePassed
from expertfinder.index.deadline import within


def forever(answer: int) -> int:
    while answer:
        answer = answer % 7 + 1
    return answer


def double(number: int, *, plus: int = 0) -> int:
    return 2 * number + plus


def broken() -> None:
    raise ValueError("there is no such resolution")


def vanished() -> None:
    os._exit(3)


def test_an_answer_in_time_comes_back() -> None:
    assert within(60.0, double, 20, plus=2) == 42


def test_an_endless_loop_is_killed_at_the_limit_and_named() -> None:
    with pytest.raises(DeadlinePassed, match=r"forever did not end within 2 seconds and was stopped") as caught:
        within(2.0, forever, 1)
    assert caught.value.extras == {"seconds": 2.0}
    assert not multiprocessing.active_children()


def test_an_error_of_the_work_is_told() -> None:
    with pytest.raises(DeadlinePassed, match="broken failed: ValueError: there is no such resolution"):
        within(60.0, broken)


def test_a_process_that_vanishes_is_told() -> None:
    with pytest.raises(DeadlinePassed, match="vanished ended without an answer"):
        within(60.0, vanished)
