"""Reads the raw files of a Neo4j home as somebody would who got hold of the disk: plain, packed, and as numbers.

Neo4j packs short strings into the words of a property: 24 bits of key, 4 of type (11), 5 of encoding, 6 of length, then
four to eight bits a letter, across the words that follow. So a plain search misses them, in the store and in the log.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
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
PIECE = 4_000_000
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
    looked_for = _LookedFor.of(patterns, packed)
    longest = max([len(pattern) for _, pattern in patterns] + [8 * (LONGEST + 8)])
    found: Counter[tuple[str, str]] = Counter()
    for file in files(home):
        name = str(file.relative_to(home))
        for content in _pieces(file, longest):
            found.update((name, text) for text in looked_for.in_bytes(content))
    return found


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


TWENTY = (1 << 20) - 1
BEGIN, HEAD, REST = 1, 2, 4


@dataclass(frozen=True)
class _LookedFor:
    """Texts and numbers as bytes (found by their first eight), and texts as packed words (by the first or second).

    Every place of a file is looked at by twenty bits, which rules out most; what is left is read as a word.
    """

    plain: dict[int, list[tuple[str, bytes]]]
    short: list[tuple[str, bytes]]
    packed: dict[int, list[tuple[str, list[int]]]]
    """By the first word without its key."""
    rests: dict[int, str]
    """Deleting zeroes the first word of a property, no more: what follows it may stand there alone."""
    table: np.ndarray
    """By twenty bits: which of the three they can belong to."""

    @staticmethod
    def of(patterns: list[tuple[str, bytes]], words: list[tuple[str, list[int]]]) -> _LookedFor:
        plain: dict[int, list[tuple[str, bytes]]] = {}
        for text, pattern in patterns:
            if len(pattern) >= 8:
                plain.setdefault(int.from_bytes(pattern[:8], "little"), []).append((text, pattern))
        packed: dict[int, list[tuple[str, list[int]]]] = {}
        for text, expected in words:
            packed.setdefault(expected[0] >> KEY_BITS, []).append((text, expected))
        rests = {expected[1]: text for text, expected in words if len(expected) > 2}
        table = np.zeros(TWENTY + 1, np.uint8)
        for kind, wanted in ((BEGIN, plain), (HEAD, packed), (REST, rests)):
            for word in wanted:
                table[word & TWENTY] |= kind
        return _LookedFor(plain, [each for each in patterns if len(each[1]) < 8], packed, rests, table)

    def in_bytes(self, content: bytes) -> Iterator[str]:
        """Each of them, at any place, packed ones whole or without their beginning and in either byte order."""
        for text, pattern in self.short:
            yield from [text] * content.count(pattern)
        octets = np.frombuffer(content + bytes(8), np.uint8)
        wide = octets.astype(np.uint32)
        for order, low in (("<u8", 0), (">u8", 5)):
            # Where the last three bytes of a word begin, and (three bytes up) those of the word without its key.
            head = 3 if order == "<u8" else 2
            first, last = (wide[:-2], wide[2:]) if order == "<u8" else (wide[2:], wide[:-2])
            marks = self.table[first | wide[1:-1] << 8 | (last & 15) << 16]
            if order == "<u8":
                for place, word in _words(octets, np.flatnonzero(marks & BEGIN), order, self.plain):
                    for text, pattern in self.plain[word]:
                        if content.startswith(pattern, place):
                            yield text
            for place, word in _words(octets, np.flatnonzero(marks & HEAD) - head, order, self.packed, KEY_BITS):
                for text, expected in self.packed[word]:
                    end = place + 8 * len(expected)
                    if np.frombuffer(content[place + 8 : end], order).tolist() == expected[1:]:
                        yield text
            for _, word in _words(octets, np.flatnonzero(marks & REST) - low, order, self.rests):
                yield f"(the end of) {self.rests[word]}"


def _words(
    octets: np.ndarray, places: np.ndarray, order: str, wanted: Collection[int], shift: int = 0
) -> Iterator[tuple[int, int]]:
    """Place and word (shifted) of those of the places at which a wanted word begins."""
    inside = places[(places >= 0) & (places + 8 <= len(octets))]
    eight = octets[inside[:, None] + np.arange(8)]
    words = np.ascontiguousarray(eight).view(order).ravel().astype(np.uint64) >> np.uint64(shift)
    there = np.flatnonzero(np.isin(words, np.array(sorted(wanted), np.uint64)))
    yield from zip(inside[there].tolist(), words[there].tolist(), strict=True)
