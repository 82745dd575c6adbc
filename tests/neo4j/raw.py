"""Reads the raw files of a Neo4j home as somebody would who got hold of the disk: plain, packed, and as numbers.

Neo4j packs short strings into the words of a property: 24 bits of key, 4 of type (11), 5 of encoding, 6 of length, then
four to eight bits a letter, across the words that follow. So a plain search misses them, in the store and in the log.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
ALPHABETS: dict[int, tuple[int, str]] = {
    1: (4, "0123456789 .-+,'"),
    2: (4, "0123456789 -:/+,"),
    3: (5, f" {_UPPER}_.-:/"),
    4: (5, f" {_LOWER}_.-:/"),
    5: (5, f",{_LOWER}_.-+@"),
    6: (6, f" {_LOWER}     0123456789_.-:/+,'@|;*?&%#()$<>="),
    7: (6, f" {_UPPER}01234_{_LOWER}56789"),
    8: (6, f" {_UPPER}_.-:/;{_LOWER}+,'@|"),
    11: (4, "0123456789abcdef"),
    12: (4, "0123456789ABCDEF"),
}
"""Number of the encoding -> bits a letter, and the letters in the order of their codes."""
SHORT_STRING = 11
KEY_BITS, HEAD_BITS = 24, 39
LONGEST = 80
"""Nothing longer is packed."""
PIECE = 32_000_000
"""Bytes of a file that are looked at together."""


def words_of(text: str) -> Iterator[list[int]]:
    """The 64-bit words of a packed string without its key, one list for each encoding that can hold it."""
    codes = [(number, bits, [letters.find(c) for c in text]) for number, (bits, letters) in ALPHABETS.items()]
    codes.append((10, 8, list(text.encode("latin-1", "replace"))))
    codes.append((0, 8, list(text.encode())))
    for number, bits, values in codes:
        if min(values, default=-1) < 0 or len(values) > 63:
            continue
        packed = SHORT_STRING << KEY_BITS | number << 28 | len(values) << 33
        for place, value in enumerate(values):
            packed |= value << (HEAD_BITS + place * bits)
        length = HEAD_BITS + len(values) * bits
        yield [packed >> start & (2**64 - 1) for start in range(0, length, 64)]


def files(home: Path) -> list[Path]:
    """Every file of a home that the server writes: stores, indexes, transaction logs, log files."""
    return sorted(path for folder in ("data", "logs") for path in (home / folder).rglob("*") if path.is_file())


def residue(home: Path, texts: Iterable[str], numbers: Sequence[float] = ()) -> Counter[tuple[str, str]]:
    """(file, what) -> how often it stands there, for texts (plain or packed) and numbers (two in a row, any width)."""
    wanted = list(texts)
    patterns = [(text, pattern) for text in wanted for pattern in _plain(text)]
    for number in numbers:
        patterns += [(str(number), struct.pack(form, number, number)) for form in ("<ff", ">ff", "<dd", ">dd")]
    packed = [(text, words) for text in wanted if len(text) <= LONGEST for words in words_of(text)]
    # Deleting zeroes the first word of a property, no more: what follows it may stand there alone.
    rests = {words[1]: text for text, words in packed if len(words) > 2}
    found: Counter[tuple[str, str]] = Counter()
    longest = max([len(pattern) for _, pattern in patterns] + [8 * (LONGEST + 8)])
    for file in files(home):
        name = str(file.relative_to(home))
        for content in _pieces(file, longest):
            for text, pattern in patterns:
                found[name, text] += content.count(pattern)
            for text in _unpacked(content, packed, rests):
                found[name, text] += 1
    return +found


def _pieces(file: Path, overlap: int) -> Iterator[bytes]:
    """A file in pieces, each with the end of the one before: what stands there may be counted twice, never missed."""
    before = b""
    try:
        with file.open("rb") as stream:
            while piece := stream.read(PIECE):
                yield before + piece
                before = piece[-overlap:]
    except FileNotFoundError:
        return  # the server dropped it meanwhile


def _plain(text: str) -> set[bytes]:
    return {text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")}


def _unpacked(content: bytes, packed: list[tuple[str, list[int]]], rests: dict[int, str]) -> Iterator[str]:
    """The packed texts in these bytes, whole or without their beginning, at any place, in either byte order."""
    octets = np.frombuffer(content, np.uint8)
    firsts = np.array(sorted({words[0] >> KEY_BITS for _, words in packed}), np.uint64)
    seconds = np.array(sorted(rests), np.uint64)
    first, second = _sieve(firsts), _sieve(seconds)
    for form in ("<u8", ">u8"):
        for shift in range(8):
            count = max((len(octets) - shift) // 8, 0)
            words = octets[shift : shift + count * 8].view(form).astype(np.uint64)
            for place in _places(words >> np.uint64(KEY_BITS), firsts, first):
                for text, expected in packed:
                    there = words[place : place + len(expected)].tolist()
                    if there[0] >> KEY_BITS == expected[0] >> KEY_BITS and there[1:] == expected[1:]:
                        yield text
            for place in _places(words, seconds, second):
                yield f"(the end of) {rests[int(words[place])]}"


SIEVE = np.uint64((1 << 20) - 1)


def _sieve(wanted: np.ndarray) -> np.ndarray:
    """Whether a word can be one of these, by its last twenty bits."""
    table = np.zeros(int(SIEVE) + 1, bool)
    table[(wanted & SIEVE).astype(np.int64)] = True
    return table


def _places(words: np.ndarray, wanted: np.ndarray, sieve: np.ndarray) -> list[int]:
    """Where one of the wanted words stands. Most are ruled out by their last bits, which is quick."""
    maybe = np.flatnonzero(sieve[(words & SIEVE).astype(np.int64)])
    found: list[int] = maybe[np.isin(words[maybe], wanted)].tolist()
    return found
