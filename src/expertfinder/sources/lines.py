"""Lines of a file, one at a time, with the limits that keep a hostile or broken file from filling the memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from expertfinder.errors import SourceError

LINE_LIMIT = 10_000_000
"""Bytes. The longest real post seen is under 1 MB; ten times that is a mistake, and one line is read at once."""

_BOM = b"\xef\xbb\xbf"


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each line with its number from 1, its end included, a byte order mark at the start of the file left out.

    Raises `SourceError` for what is not a readable ordinary file (a pipe would wait for ever) and for a line over
    `LINE_LIMIT`, of which no more than the limit is read.
    """
    if not path.is_file():
        raise SourceError("there is no such file", file=str(path))
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LINE_LIMIT + 1):
                number += 1
                if len(line) > LINE_LIMIT:
                    raise SourceError(f"a line is longer than {LINE_LIMIT:,} bytes", file=str(path), line=number)
                yield number, line.removeprefix(_BOM) if number == 1 else line
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", file=str(path)) from error


def count_lines(path: Path) -> int:
    """How many lines a file has, for a progress bar; 0 where it cannot be read."""
    if not path.is_file():
        return 0
    try:
        with path.open("rb") as file:
            blocks = iter(lambda: file.read(1 << 20), b"")
            return sum(block.count(b"\n") for block in blocks)
    except OSError:
        return 0
