"""A whole-graph algorithm in a process of its own, ended at a deadline: none of them promises that it ends.

This is the one way in which the product runs work of its own in a child. The child is a new interpreter
(`python -m expertfinder.index.network.deadline`), so it shares no thread, lock or seed with its caller, and it never
imports the caller's script: a script without a `__main__` guard, a notebook, `python -c` and a thread can all call it.

Arguments and answer are pickled and go through pipes. Both ends run this code, and no third process can write to the
pipes, so nothing is unpickled that this package has not pickled. The function is pickled by its name.
"""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any, ParamSpec, TypeVar

from expertfinder.errors import DeadlinePassed

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
PATIENCE = 900.0
"""Seconds: communities of a million people at one resolution took 95 on two busy cores (`docs/network.md`)."""
TOLD = 500
"""Characters of the last line that a failed child wrote which its caller repeats; a longer line is cut."""
UNUSED = ("sklearn", "networkx")
"""Packages that networkit imports where they are installed; without them a child starts in 0.4 CPU seconds instead of
0.9, and the parts of networkit that use them (link prediction, conversion) are not ours."""


def within(seconds: float, work: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs) -> Answer:
    """What `work(*args, **kwargs)` gives, if it gives it in time. `work` is a function at the top of a module.

    The time counts from the call: it includes the start of the child. Whatever ends the wait, the child is killed
    together with the processes that it started, unless it has ended by itself. Raises `DeadlinePassed` when the time
    is over, and when the process ended without an answer (it was killed, ran out of memory, or `work` raised: then the
    error is named); `ValueError` for a function of `__main__`, which no other process can import.
    """
    name = getattr(work, "__name__", "the work")
    if work.__module__ == "__main__":
        raise ValueError(f"{name} is defined in __main__, which a child cannot import; move it into a module")
    given = pickle.dumps((work, args, kwargs), pickle.HIGHEST_PROTOCOL)
    watched, held = os.pipe()
    try:
        child = _started(watched)
    except OSError as error:
        os.close(held)
        raise DeadlinePassed(f"{name} could not be started: {error}", seconds=seconds) from error
    finally:
        os.close(watched)
    try:
        answer, said = child.communicate(given, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise DeadlinePassed(
            f"{name} did not end within {seconds:g} seconds and was stopped", seconds=seconds
        ) from None
    finally:
        if child.returncode is None:  # not waited for, so its number cannot have become that of another process
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        os.close(held)
        for pipe in (child.stdin, child.stdout, child.stderr):
            if pipe is not None:
                pipe.close()
    if child.returncode == 0 and answer:
        return pickle.loads(answer)  # type: ignore[no-any-return]
    lines = said.decode(errors="replace").strip().splitlines()
    if lines and child.returncode > 0:
        raise DeadlinePassed(f"{name} failed: {lines[-1][:TOLD]}", seconds=seconds)
    raise DeadlinePassed(
        f"{name} ended without an answer (exit code {child.returncode}); was there enough memory?", seconds=seconds
    )


def _started(watched: int) -> subprocess.Popen[bytes]:
    """A child that waits for its work: it leads a process group of its own and imports what its caller could import."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "expertfinder.index.network.deadline", str(watched)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
        pass_fds=(watched,),
        start_new_session=True,
    )


def _end_with_the_caller(watched: int) -> None:
    """Kill this process group when the pipe closes, which nobody but the caller holds: it ends also when killed."""
    os.read(watched, 1)
    os.killpg(0, signal.SIGKILL)


def _main() -> None:
    """In the child: do the work, write the answer. An error ends it with a traceback, whose last line is told."""
    Thread(target=_end_with_the_caller, args=(int(sys.argv[1]),), daemon=True).start()
    with os.fdopen(os.dup(1), "wb") as pipe:
        os.dup2(2, 1)  # what a library prints is no part of the answer
        for name in UNUSED:
            sys.modules[name] = None  # type: ignore[assignment]
        importlib.import_module("networkit")
        for name in UNUSED:
            del sys.modules[name]
        work: Callable[..., Any]
        work, args, kwargs = pickle.load(sys.stdin.buffer)
        pickle.dump(work(*args, **kwargs), pipe, pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    _main()
