"""A whole-graph algorithm in a process of its own, ended at a deadline: none of them promises that it ends.

The process is forked from a server that was started anew and has done nothing but import the algorithms
(`forkserver`), so that it shares no thread, no lock and no seed with its caller, and is there in some milliseconds; the
first one of a caller waits a second for the server.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import ParamSpec, TypeVar

from expertfinder.errors import DeadlinePassed, ExpertFinderError

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
PATIENCE = 900.0
"""Seconds: communities of a million people at one resolution took 95 on two busy cores (`docs/network.md`)."""


def within(seconds: float, work: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs) -> Answer:
    """What `work(*args, **kwargs)` gives, if it gives it in time. `work` is a function at the top of a module.

    Raises `DeadlinePassed` when the time is over (the process is killed first), and when the process ended without an
    answer (it was killed, or ran out of memory, or `work` raised: then its error is named).
    """
    process_of = multiprocessing.get_context("forkserver")
    process_of.set_forkserver_preload(["expertfinder.index.communities"])
    ours, theirs = process_of.Pipe(duplex=False)
    child = process_of.Process(target=_answer, args=(theirs, work, args, kwargs), daemon=True)
    name = getattr(work, "__name__", "the work")
    try:
        child.start()
        theirs.close()
        if not ours.poll(seconds):
            raise DeadlinePassed(f"{name} did not end within {seconds:g} seconds and was stopped", seconds=seconds)
        answered, found = ours.recv()
    except EOFError:
        raise DeadlinePassed(f"{name} ended without an answer; was there enough memory?", seconds=seconds) from None
    finally:
        if child.pid is not None:
            child.kill()
            child.join()
            child.close()
        ours.close()
    if not answered:
        raise DeadlinePassed(f"{name} failed: {found}", seconds=seconds)
    return found  # type: ignore[no-any-return]


def _answer(pipe: Connection, work: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]) -> None:
    """In the child."""
    try:
        answer: tuple[bool, object] = (True, work(*args, **kwargs))
    except (ExpertFinderError, ArithmeticError, LookupError, MemoryError, RuntimeError, TypeError, ValueError) as error:
        answer = (False, f"{type(error).__name__}: {error}")
    pipe.send(answer)
    pipe.close()
