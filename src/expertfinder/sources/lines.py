"""Lines of a file, one at a time, with the limits that keep a hostile or broken file from filling the memory."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from expertfinder.errors import SourceError
from expertfinder.sources.encodings import NAMES, WINDOWS, decoded, guessed

LINE_LIMIT = 10_000_000
"""Most bytes of a line, which is read at once. The longest real post seen is below 1 MB; ten times it is a mistake."""

_BOM = b"\xef\xbb\xbf"


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each line with its number from 1, its end included, a byte order mark at the start of the file left out.

    Raises `SourceError` for what is not a readable ordinary file, because a pipe would wait for ever. Raises it also
    for a line over `LINE_LIMIT`, of which no more than the limit is read.
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


UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""The two byte order marks of UTF-16: a spreadsheet's "Unicode text" begins with one."""
_AS_WESTERN = "expertfinder-western"


def _as_western(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8, one by one: windows-1252, and where that has no character, Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    characters = (byte.to_bytes().decode(WINDOWS, "ignore") or chr(byte) for byte in wrong)
    return "".join(characters), error.end


codecs.register_error(_AS_WESTERN, _as_western)


def as_text(raw: bytes) -> str:
    """Bytes as UTF-8; where they are none, in the encoding that makes words of them (`encodings.guessed`). Of a text
    that is mostly UTF-8 the other bytes are read as windows-1252. No byte is lost."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        name = guessed(raw)
        return raw.decode("utf-8", _AS_WESTERN) if name == WINDOWS else decoded(raw, name)


def text_lines(path: Path, encoding: str, *, told: Callable[[str], None]) -> Iterator[tuple[int, str]]:
    """Each line of a text with its number from 1, its end included.

    UTF-16 is recognised by its mark or by its zero bytes, and CR as the end of lines where the first 64 kB have no LF.
    With an empty `encoding` a line is UTF-8; where one is no UTF-8, it is read in the encoding that the beginning of
    the file makes likely (`encodings.guessed`). `told` is called with what was found, in words. Raises `SourceError` as
    `lines_of` does, and for a line that is not written in the encoding.
    """
    other = ""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(1 << 16)
        if wide := _wide(head):
            told(f"files read as {wide.upper()}, by their mark" if wide[-1].isdigit() else f"files read as {wide}")
            yield from _translated(path, wide)
            return
        if b"\r" in head and b"\n" not in head:
            told("files whose lines end in CR alone")
            yield from _translated(path, encoding or ("utf-8-sig" if _is_utf8(head) else guessed(head)))
            return
        other = "" if _is_utf8(head) else guessed(head)
    for number, line in lines_of(path):
        try:
            yield number, line.decode(encoding or "utf-8")
        except UnicodeDecodeError:
            if encoding:
                detail = f"this is not {encoding}; the mapping can name another 'encoding'"
                raise SourceError(detail, file=str(path), line=number) from None
            other = other or guessed(line)
            told(f"lines read as {NAMES[other]}, because they are not UTF-8")
            yield number, line.decode("utf-8", _AS_WESTERN) if other == WINDOWS else decoded(line, other)


def _wide(head: bytes) -> str:
    """The encoding of a file with two or four bytes a character, by its mark, or because every second byte is zero.
    Empty for any other file."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith(UTF_16):
        return "utf-16"
    even, odd = head[0:200:2], head[1:200:2]
    if len(odd) > 1 and even.count(0) != odd.count(0):
        for ends, zero, other in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
            if zero.count(0) > 0.9 * len(zero) and not other.count(0):
                return ends
    return ""


def _is_utf8(head: bytes) -> bool:
    """Whether the beginning of a file is UTF-8; a character that is cut at its end does not count."""
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4
    return True


def _translated(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    number = 0
    with path.open(encoding=encoding, newline=None) as file:
        try:
            while line := file.readline(LINE_LIMIT + 1):
                number += 1
                if len(line) > LINE_LIMIT:
                    raise SourceError(f"a line is longer than {LINE_LIMIT:,} characters", file=str(path), line=number)
                yield number, line
        except UnicodeError:
            raise SourceError(f"this is not {encoding}", file=str(path), line=number + 1) from None


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
