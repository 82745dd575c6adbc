"""A service over a home for as long as a block runs, and what all its processes hold: what several scripts need."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from scripts.demo import HOST, free_port, wait_until_ready


@contextmanager
def serving(home: Path, *, workers: int = 1) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve a home in the demonstration mode on a free port, in processes of their own, until the block ends: its
    address, and the process that was started. Raises `SystemExit` where it is not ready in time."""
    address = f"http://{HOST}:{free_port()}"
    command = [sys.executable, "-m", "expertfinder", "serve", "--insecure-demo", "--home", str(home)]
    command += ["--port", address.rpartition(":")[2], "--workers", str(workers)]
    with subprocess.Popen(command) as service:
        try:
            wait_until_ready(address, service)
            yield address, service
        finally:
            service.terminate()


def family(process: int) -> list[psutil.Process]:
    """A process and all it started."""
    return [psutil.Process(process), *psutil.Process(process).children(recursive=True)]


def held(process: int) -> float:
    """Megabytes that a process and all it started hold; pages they share are counted once (PSS)."""
    total = 0.0
    for one in family(process):
        with suppress(psutil.NoSuchProcess):  # a fold that has just ended
            total += one.memory_full_info().pss / 1e6
    return total
