"""Bytes that are no UTF-8 and do not say what they are: the encoding in which their words look like words.

Programs wrote in the encoding of their country before UTF-8, and some of Windows still do. A word is taken for one
where all its signs are letters of one script, capitals only at its beginning or throughout; letters that Latin has not
without marks stand among plain ones. What no encoding makes words of is read as windows-1252, which has a character for
nearly every byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

WINDOWS: Final = "cp1252"
"""What programs of Western Europe wrote before UTF-8; Latin-1 is a part of it but for control characters."""
NAMES: Final = {
    "cp1252": "windows-1252", "cp1250": "windows-1250", "iso8859-2": "ISO-8859-2", "cp850": "cp850",
    "mac_roman": "Mac Roman",
    "cp1251": "windows-1251", "koi8-r": "KOI8-R", "cp866": "cp866", "cp1253": "windows-1253", "cp932": "Shift JIS",
    "euc_jp": "EUC-JP", "gb2312": "GB 2312", "big5": "Big5", "cp949": "EUC-KR",
}  # fmt: skip
"""Python's names of the encodings that are recognised -> what people call them."""
LOOKED_AT: Final = 20_000
"""Bytes by which the encoding is told, at most: of a few hundred on more words change nothing."""

_LATIN: Final = ("cp1252", "cp1250", "iso8859-2", "cp850", "mac_roman")
"""Encodings of Latin letters, the likeliest first: of two that make words of as much the first is taken."""
_OTHER: Final = {
    "cp1251": "оеаинтсрвлкмдпуяыьбг",
    "koi8-r": "оеаинтсрвлкмдпуяыьбг",
    "cp866": "оеаинтсрвлкмдпуяыьбг",
    "cp1253": "αοιετσνηρπκμλυςόίάέή",
}
"""Encodings of other alphabets, with their most frequent letters (the first half of each, by usual counts of prose)."""
_MOSTLY: Final = 0.6
"""From this share on of bytes above 127 in words that have one, the words are of no Latin script: German, French,
Polish and Czech stay below .4, Russian and Greek have 1."""
_AROUND: Final = "“”„‘’‚«»‹›–—…•·§°€¿¡"
"""Signs beside words that usual texts have."""
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_MARKED = re.compile(rb"[\x80-\xff]")
_LETTERS = re.compile(r"[^\W\d_]+")
_RARE: Final = frozenset("ƒªºµ")
"""Letters that stand in no word."""
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")


def guessed(raw: bytes) -> str:
    """Python's name of the encoding that bytes are most likely written in. They have at least one byte above 127."""
    if 2 * len(_MARKED.findall(raw[:LOOKED_AT].decode("utf-8", "ignore").encode())) > len(
        _MARKED.findall(raw[:LOOKED_AT])
    ):
        return WINDOWS  # it is UTF-8 but for some bytes
    words = [word for word in _WORD.findall(raw[:LOOKED_AT]) if _MARKED.search(word)]
    letters = sum(map(len, words))
    marked = sum(len(_MARKED.findall(word)) for word in words)
    if letters and marked > _MOSTLY * letters and marked > 2:
        head = raw[:LOOKED_AT]
        return _of_pairs(head) or _of_alphabet(head) or WINDOWS
    return max(_LATIN, key=lambda name: (_shaped(words, name), -_LATIN.index(name)))


def decoded(raw: bytes, encoding: str) -> str:
    """Bytes in an encoding; those that it does not have as windows-1252, and where that has none, as Latin-1."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return "".join(byte.to_bytes().decode(WINDOWS, "ignore") or chr(byte) for byte in raw)


def mended(text: str) -> str:
    """A text as it was before a program read its UTF-8 as windows-1252 and wrote it again; any other as it is."""
    if text.isascii():
        return text
    for encoding in ("latin-1", WINDOWS):
        try:
            return text.encode(encoding).decode()
        except UnicodeError:
            continue
    return text


def _shaped(words: Iterable[bytes], encoding: str) -> int:
    """How many of these words look like words of a Latin script, the signs around them aside."""
    said = (word.decode(encoding, "replace").strip(_AROUND) for word in words)
    return sum(not word or _is_shaped(word) for word in said)


def _is_shaped(word: str) -> bool:
    plain = word[:1] + word[1:].lower()
    return word.isalpha() and _RARE.isdisjoint(word) and word in (plain, word.upper())


def _of_alphabet(raw: bytes) -> str:
    """The encoding of another alphabet whose frequent letters the text has; empty where it has them of none."""
    best, most = "", 0.5
    for name, frequent in _OTHER.items():
        text = raw.decode(name, "replace")
        other = sum(not one.isascii() for one in text)
        said = [word for word in _LETTERS.findall(text) if not word.isascii()]
        shaped = sum(map(_is_shaped, said)) / max(len(said), 1)
        likely = shaped * sum(letter in frequent for letter in text) / max(other, 1)
        if likely > most:
            best, most = name, likely
    return best


def _of_pairs(raw: bytes) -> str:
    """The encoding of a script with two bytes a character, told by the rows that usual text of it is in."""
    for name, is_usual in _PAIRS:
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            cut = raw[:-1] if len(raw) == LOOKED_AT else b""
            try:
                text = cut.decode(name) if cut else ""
            except UnicodeDecodeError:
                continue
        wide = [one for one in text if not one.isascii()]
        if wide and is_usual(text, wide):
            return name
    return ""


def _in_rows(encoding: str, first: int, last: int) -> Callable[[str, list[str]], bool]:
    """Whether all characters are of some rows of their table, or signs of its first three rows."""

    def is_usual(text: str, wide: list[str]) -> bool:
        rows = [one.encode(encoding)[0] for one in wide]
        return all(first <= row <= last or 0xA1 <= row <= 0xA3 for row in rows)

    return is_usual


_PAIRS: Final[tuple[tuple[str, Callable[[str, list[str]], bool]], ...]] = (
    (
        "cp932",
        lambda text, wide: _KANA.search(text) is not None and not any("\uff61" <= one <= "\uff9f" for one in wide),
    ),
    ("euc_jp", lambda text, wide: _KANA.search(text) is not None),
    (
        "cp949",
        lambda text, wide: (
            all("가" <= one <= "힣" or one in "「」·…" for one in wide) and (" " in text or len(wide) > 5)
        ),
    ),
    ("gb2312", _in_rows("gb2312", 0xB0, 0xD7)),
    ("big5", _in_rows("big5", 0xA4, 0xC6)),
    ("cp932", lambda text, wide: all("\u3000" <= one <= "\u30ff" or "\u4e00" <= one <= "\u9fff" for one in wide)),
)
"""Encodings with two bytes a character, in the order in which they are asked, and what usual text in one has: Japanese
has kana; Korean has syllables with blanks between words; the first half of the Chinese tables has the usual signs."""
