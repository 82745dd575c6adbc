"""Makes text of other people safe to keep: one form of Unicode, nothing invisible that reorders or hides."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# In one line: what reorders (bidirectional marks, overrides and isolates) or is not seen (zero width, soft hyphen,
# tag characters) goes. The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
# Control characters that are not white space; the ones that are become a space in a line.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
# In a text of several lines the tab and the line feed stay.
_CONTROL_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CONTROL_OR_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Finds where many combining marks may follow each other: a quick test that saves nearly all text the slow one of
# `_piled`. NFC makes at most three marks of one, so fewer than ten in a row cannot become thirty.
_PERHAPS_PILED = re.compile("[\u0300-\U0001ffff]{10}")


def one_line(text: str) -> str:
    """A name or a title: NFC, without control, bidirectional and invisible characters, white space as single spaces."""
    if not (text.isascii() and text.isprintable()):
        text = _INVISIBLE.sub("", _CONTROL.sub("", text))
    return normal(" ".join(text.split()))


def many_lines(text: str) -> str:
    """A body: NFC, line feeds only, without control characters; its writing direction is left to its author."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():  # nearly every text
        return text
    return normal(_CONTROL_IN_TEXT.sub("", text))


def is_plain(text: str) -> bool:
    """Whether cleaning would take nothing out of this line. An id must be plain, or two ids could become one."""
    return (text.isascii() and text.isprintable()) or not any(
        pattern.search(text) for pattern in (_INVISIBLE, _CONTROL_OR_LINE, _piled())
    )


def normal(text: str) -> str:
    """The text in NFC, with at most thirty marks on one letter."""
    if text.isascii():
        return text
    if _PERHAPS_PILED.search(text) is None:
        return unicodedata.normalize("NFC", text)
    piled = _piled()
    # Twice, because NFC takes some marks apart into several.
    return piled.sub(r"\1", unicodedata.normalize("NFC", piled.sub(r"\1", text)))


@cache
def _piled() -> re.Pattern[str]:
    """More marks in a row than any language has.

    The time that bringing text into NFC takes grows with the square of a run of marks: 64,000 of them took 3.6 seconds
    here, a line full of them an hour. Thirty is the limit of the Stream-Safe Text Format (UAX 15, section 13).
    """
    # No character outside these planes is a mark: the first is U+0300, and above U+1FFFF none is assigned as one.
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))
    return re.compile(f"([{marks}]{{30}})[{marks}]+")


def is_unicode(text: str) -> bool:
    """Whether the text can be written down at all: half a surrogate pair (JSON can spell one) cannot."""
    if text.isascii():
        return True
    try:
        text.encode()  # which is ten times as quick as a search
    except UnicodeEncodeError:
        return False
    return True
