"""A folder of published snapshots: which one is current, how one becomes it, and which are removed."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from expertfinder.errors import FormatNotSupported

CURRENT = "current"
"""The file that names the published snapshot; replaced atomically."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One builder at a time in a folder, over all processes; the lock goes with the process that holds it."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(folder: Path, name: str) -> None:
    """Make a snapshot the current one: readers see the old name or the new one, never half of either."""
    pointer = folder / f".{CURRENT}-next"  # one name, so that what a killed build left is written over
    pointer.write_text(name, encoding="utf-8")
    synced(pointer)
    os.replace(pointer, folder / CURRENT)
    synced(folder)


def prune(folder: Path, *, keep: int) -> int:
    """Remove all but the newest `keep` snapshots and whatever a killed build left. How many folders went."""
    with alone(folder):
        return _prune(folder, keep)


def _prune(folder: Path, keep: int) -> int:
    current = current_name(folder)
    published = sorted(
        (path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("building-")),
        key=lambda path: path.stat().st_mtime_ns,
        reverse=True,
    )
    kept = {current, *(path.name for path in published[:keep])}
    gone = [path for path in folder.iterdir() if path.is_dir() and path.name not in kept]
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return len(gone)


def current_name(folder: Path) -> str | None:
    """The name of the published snapshot, or `None` when there is none yet. `FormatNotSupported` where the file that
    has the name cannot be read."""
    try:
        return (folder / CURRENT).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise FormatNotSupported(
            f"{folder / CURRENT} is damaged: it holds no name of an index; "
            "run `expertfinder index` to make one anew from the record"
        ) from error


def encoder_of(folder: Path) -> str | None:
    """The name of the encoder that the published snapshot was made with, or `None` when there is none to be read."""
    try:
        name = current_name(folder)
        return str(orjson.loads((folder / name / "manifest.json").read_bytes())["encoder"]) if name else None
    except (OSError, ValueError, KeyError, TypeError, FormatNotSupported):
        return None
