"""Several worker processes that answer on one socket: forked from a process that has the index, and kept alive.

The process that forks them answers nothing. It starts a new worker for one that ended, passes on the signal to stop,
and waits until all workers have stopped. They share the memory of the index as long as none of them writes to it.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

AGAIN_SECONDS = 1.0
"""Least seconds between two starts of the same worker, so that one that cannot start does not keep a core busy."""
PATIENCE_SECONDS = 20.0
"""Seconds after which a worker that was told to stop is killed: five for its answers, ten for a fold, and five more."""
_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGCHLD})

log = logging.getLogger("expertfinder.http")


def run_workers(number: int, work: Callable[[int], None], *, alive: Callable[[], bool] = lambda: True) -> int:
    """Run `work(0)` to `work(number - 1)`, each in a process of its own, until SIGTERM or SIGINT.

    A worker that ends is started again. `alive`: whether what the workers share is there; without it all are stopped.
    Returns the exit code: 1 in that case, else 0.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    alive_end, held_end = os.pipe()  # closed by the system when this process is gone, however it went
    began: dict[int, float] = {}
    at_work: dict[int, int] = {}
    gc.collect()
    gc.freeze()  # the collector would write to every object, so each worker would copy its page
    code = 0
    try:
        while True:
            now = time.monotonic()
            for place in range(number):
                if place not in at_work and now - began.get(place, -AGAIN_SECONDS) >= AGAIN_SECONDS:
                    began[place] = now
                    at_work[place] = _forked(partial(work, place), (alive_end, held_end))
            told = signal.sigtimedwait(_SIGNALS, AGAIN_SECONDS)
            if told is not None and told.si_signo != signal.SIGCHLD:
                break
            for place in [place for place, process in at_work.items() if _has_ended(process)]:
                log.error("worker %d ended and is started again", place)
                del at_work[place]
            if not alive():
                log.error("what the workers share is gone: the service ends")
                code = 1
                break
    finally:
        _stop(list(at_work.values()))
        os.close(alive_end)
        os.close(held_end)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return code


def _forked(work: Callable[[], None], pipe: tuple[int, int]) -> int:
    """Fork a process that does some work and ends. Returns its process id."""
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        os.close(pipe[1])
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        threading.Thread(target=_end_with, args=(pipe[0],), daemon=True).start()
        work()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        log.exception("a worker failed")
    finally:
        sys.stderr.flush()
        os._exit(code)


def _end_with(pipe: int) -> None:
    """Stop this process, as when it is told to, once the process that forked it is gone."""
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _has_ended(process: int) -> bool:
    return os.waitpid(process, os.WNOHANG)[0] != 0


def _stop(processes: list[int]) -> None:
    """Tell all to stop, and wait until they have."""
    for process in processes:
        os.kill(process, signal.SIGTERM)
    give_up = time.monotonic() + PATIENCE_SECONDS
    left = set(processes)
    while left:
        left -= {process for process in left if _has_ended(process)}
        if left and time.monotonic() >= give_up:
            for process in left:
                os.kill(process, signal.SIGKILL)
        time.sleep(0.02)
