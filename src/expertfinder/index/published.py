"""A folder of published snapshots: which one is current, whether its files are as they were written, which are removed.

Checksums are taken when a snapshot is built, and verified before any of its files is used. They find damage, not
forgery: CRC-32 of `zlib`, with the size beside it. It misses no change within 32 bits in a row, and of all others one
in four thousand million. 64 MB of files in the page cache took 14 ms of CPU (BLAKE2: 53).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import orjson

from expertfinder.errors import FormatNotSupported

FORMAT = 16
"""Moves with every change of the folder's layout; another number is refused."""
CURRENT = "current"
"""The file that names the published snapshot; replaced atomically."""
MANIFEST = "manifest.json"
"""The file of a snapshot that says what it was made of, and has the checksums of all its other files."""
SEAL = "checksum"
"""The member of that file that has the CRC-32 of its other members."""
LOCKS = ".lock"
"""End of the names of files that the text engine makes whenever it opens its folder; nothing is in them."""
BLOCK = 1 << 18
"""Bytes that are read at once, little enough to stay in the processor's cache."""
AT_ONCE = 64_000_000
"""Bytes that are verified while the caller waits: they took 14 ms, and take 100 where reading and summing them makes
640 MB a second."""

Files = Mapping[str, Sequence[int]]
"""Name of a file, relative to the folder of its snapshot -> its size in bytes and its CRC-32."""


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
        key=_written,
        reverse=True,
    )
    kept = {current, *(path.name for path in published[:keep])}
    gone = [path for path in folder.iterdir() if path.is_dir() and path.name not in kept]
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return len(gone)


def _written(path: Path) -> int:
    """When a snapshot was built: its folder itself is written later, too (`waiting.py`)."""
    manifest = path / MANIFEST
    return (manifest if manifest.exists() else path).stat().st_mtime_ns


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
    found = _manifest(folder)
    return str(found["encoder"]) if found else None


def reading_of(folder: Path) -> dict[str, int]:
    """How the posts of the published snapshot were read, in words -> how many; empty where there is none."""
    return dict(_manifest(folder).get("read", {}))


def _manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the published snapshot; empty where there is none to be read."""
    try:
        name = current_name(folder)
        return unsealed(folder / name) if name else {}
    except (OSError, FormatNotSupported):
        return {}


# --- what a snapshot was written as -----------------------------------------------------------------------------------


def checksums(folder: Path) -> dict[str, tuple[int, int]]:
    """The size and the CRC-32 of every file in a folder and in those below it, by relative name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(LOCKS))
    return {path.relative_to(folder).as_posix(): _checksum(path) for path in files}


def _checksum(path: Path) -> tuple[int, int]:
    size = value = 0
    buffer = memoryview(bytearray(BLOCK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            size += count
            value = zlib.crc32(buffer[:count], value)
    return size, value


def verify(name: str, folder: Path, files: Files, *, without: Sequence[str] = ()) -> None:
    """Raise `FormatNotSupported`, which names the file, where one is missing or is not as it was written.

    `name`: of the snapshot, for the message. Files whose names begin with one of `without` are left out.
    """
    for file, written in files.items():
        if file.startswith(tuple(without)):
            continue
        try:
            found = _checksum(folder / file)
        except OSError as error:
            raise damaged(name, file, f"cannot be read ({error.strerror})") from error
        if found != tuple(written):
            raise damaged(name, file, "is not as it was written")


def damaged(name: str, file: str, what: str) -> FormatNotSupported:
    """The error about a file of a snapshot that is missing or holds something else."""
    return FormatNotSupported(
        f"the index {name} is damaged: its file {file} {what}; run `expertfinder index` to make it anew from the record"
    )


class Verification:
    """The files of one snapshot are verified: at once where they are few bytes, in a thread where they are many."""

    def __init__(self, name: str, folder: Path, files: Files) -> None:
        self.name = name
        self._error: FormatNotSupported | None = None
        self._thread = Thread(target=self._run, args=(folder, files), name="expertfinder-verify", daemon=True)
        self._thread.start()
        if sum(written[0] for written in files.values()) <= AT_ONCE:
            self._thread.join()

    def done(self) -> bool:
        """Whether all files are as they were written; false while it is not known. Raises what `verify` raises."""
        if self._thread.is_alive():
            return False
        if self._error is not None:
            raise self._error
        return True

    def _run(self, folder: Path, files: Files) -> None:
        try:
            verify(self.name, folder, files)
        except FormatNotSupported as error:
            self._error = error


def sealed(manifest: Mapping[str, Any]) -> bytes:
    """The members of a manifest as JSON, with their checksum among them."""
    rest = {name: value for name, value in manifest.items() if name != SEAL}
    return orjson.dumps({**rest, SEAL: _seal(rest)})


def unsealed(folder: Path) -> dict[str, Any]:
    """The members of the manifest in the folder of a snapshot, as they were sealed.

    `FormatNotSupported` where it is missing, damaged, or of another format: also of one that had no seal.
    """
    try:
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
        seal, number = manifest.pop(SEAL, None), manifest["format"]
    except (OSError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise damaged(folder.name, MANIFEST, f"cannot be read ({type(error).__name__})") from error
    if seal != _seal(manifest) and (seal is not None or number == FORMAT):
        raise damaged(folder.name, MANIFEST, "is not as it was written")
    if number != FORMAT:
        raise FormatNotSupported(
            f"the index has format {number}, this is {FORMAT}; run `expertfinder index` to make it anew"
        )
    return dict(manifest)


def _seal(manifest: Mapping[str, Any]) -> int:
    return zlib.crc32(orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS))
