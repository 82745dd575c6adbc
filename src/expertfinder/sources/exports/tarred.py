"""A tar archive, packed with gzip or not, read where it lies: any of its files, as often as one likes.

gzip has no index: to reach a byte, all bytes before it must be unpacked. So the first pass keeps at most `_MARKS`
states of the unpacking, and a later read starts at the last state before its place.
"""

from __future__ import annotations

import os
import tarfile
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

from expertfinder.errors import SourceError
from expertfinder.sources.lines import LINE_LIMIT

_GZIP: Final = b"\x1f\x8b"
_BLOCK: Final = 1 << 15
"""Packed bytes that are unpacked at once: the method makes at most 1,032 times as many of them, 34 MB."""
_MARKS: Final = 256
"""States of the unpacking that are kept, of some 45 kB each: 12 MB, and the way to any byte is at most a 256th."""
_APART: Final = 1 << 20
"""Packed bytes between two kept states, at least: so many are unpacked in a few hundredths of a second."""
_WITH_HEADER: Final = 31
"""The argument `wbits` of `zlib` for gzip with the largest window: 16 + 15."""


class _Seekable(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def seek(self, place: int, /) -> int: ...
    def tell(self) -> int: ...


class Tarred:
    """The entries of a tar archive, and their contents. Raises what `tarfile`, `zlib` and the disk raise."""

    def __init__(self, path: Path, most: int) -> None:
        """`most`: bytes that it may unpack to; `SourceError` beyond them."""
        self._file = path.open("rb")
        packed = self._file.read(2) == _GZIP
        self._file.seek(0)
        content: _Seekable = _Unpacked(self._file, most, str(path)) if packed else cast(_Seekable, self._file)
        self._content = _Guarded(content)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def entries(self) -> Iterator[tarfile.TarInfo]:
        """The entries of the archive, in order. Every byte of the archive is unpacked once on the way.

        Raises `ValueError` where an entry leads back to an earlier place, besides the errors of the class.
        """
        with tarfile.open(fileobj=cast(BinaryIO, self._content), mode="r:") as archive:
            before = -1
            while (entry := archive.next()) is not None:
                if entry.offset <= before or entry.size < 0:
                    raise ValueError("an entry leads back")
                before = entry.offset
                archive.members = []  # type: ignore[attr-defined]  # tarfile would keep all entries
                yield entry
        while self._content.read(LINE_LIMIT):  # to the end: an archive that is cut raises here
            continue

    def open(self, entry: tarfile.TarInfo) -> BinaryIO:
        """The content of a file."""
        return BufferedReader(_Part(self._content, entry.offset_data, entry.size), 1 << 16)


def is_tarred(path: Path) -> bool:
    """Whether a file is a tar archive, packed with gzip or named as one: by its first entry."""
    try:
        with path.open("rb") as file:
            first = file.read(1 << 16)
        if first.startswith(_GZIP):
            first = zlib.decompressobj(_WITH_HEADER).decompress(first, tarfile.BLOCKSIZE)
        elif path.suffix.lower() != ".tar":
            return False
        tarfile.TarInfo.frombuf(first[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except (tarfile.TarError, zlib.error, ValueError):
        return False
    return True


class _Guarded:
    """Content for `tarfile`, which reads small heads. Raises `ValueError` for what no sound head says."""

    def __init__(self, content: _Seekable) -> None:
        self._content = content

    def read(self, size: int, /) -> bytes:
        if not 0 <= size <= LINE_LIMIT:
            raise ValueError(f"a head of {size:,} bytes")
        return self._content.read(size)

    def seek(self, place: int, /) -> int:
        if place < 0:
            raise ValueError("an entry leads back")
        return self._content.seek(place)

    def tell(self) -> int:
        return self._content.tell()


class _Unpacked:
    """The content of a gzip file, with `seek` to any place."""

    def __init__(self, file: BinaryIO, most: int, name: str) -> None:
        self._file, self._most, self._name = file, most, name
        self._apart = max(_APART, os.fstat(file.fileno()).st_size // _MARKS)
        self._state = zlib.decompressobj(_WITH_HEADER)
        self._within = False  # whether the state is in the middle of a part that has to end
        self._marks = [(0, 0, False, self._state.copy())]  # place, place in the file, and the state there
        self._held = b""
        self._begins = 0  # the place of what is held
        self._at = 0

    def tell(self) -> int:
        return self._at

    def seek(self, place: int, /) -> int:
        at = bisect_right(self._marks, place, key=lambda mark: mark[0]) - 1
        begins, packed, within, state = self._marks[at]
        if place < self._begins or begins > self._begins + len(self._held):
            self._file.seek(packed)
            self._state, self._within, self._held, self._begins = state.copy(), within, b"", begins
        self._at = place
        return place

    def read(self, size: int, /) -> bytes:
        found: list[bytes] = []
        while size > 0:
            if self._at >= self._begins + len(self._held):
                if not self._more():
                    break
                continue
            part = self._held[self._at - self._begins :][:size]
            found.append(part)
            self._at += len(part)
            size -= len(part)
        return b"".join(found)

    def _more(self) -> bool:
        """Unpack the next block. `False` at the end; raises `EOFError` where the file is cut."""
        packed = self._file.tell()
        if packed - self._marks[-1][1] >= self._apart:
            self._marks.append((self._begins + len(self._held), packed, self._within, self._state.copy()))
        raw = self._file.read(_BLOCK)
        self._begins += len(self._held)
        self._held = b""
        if not raw:
            if self._within:
                raise EOFError("it is cut")
            return False
        found: list[bytes] = []
        while raw := raw if self._within else raw.lstrip(b"\0"):  # an archive may be filled up with zeros
            found.append(self._state.decompress(raw))
            self._within = not self._state.eof
            raw = self._state.unused_data
            if self._state.eof:  # another part may follow
                self._state = zlib.decompressobj(_WITH_HEADER)
        self._held = b"".join(found)
        if self._begins + len(self._held) > self._most:
            words = f"it unpacks to more than {self._most:,} bytes: no export of its size packs so well"
            raise SourceError(words, file=self._name)
        return True


class _Part(RawIOBase):
    """The bytes of one entry."""

    def __init__(self, content: _Guarded, begins: int, size: int) -> None:
        super().__init__()
        self._content, self._at, self._end = content, begins, begins + size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        into = memoryview(cast(bytearray, buffer))
        self._content.seek(self._at)
        block = self._content.read(min(len(into), self._end - self._at, LINE_LIMIT))
        into[: len(block)] = block
        self._at += len(block)
        return len(block)
