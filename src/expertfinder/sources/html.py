"""HTML as the text that a reader of the page would see, by the parser of the standard library."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    re.findall(
        r"\S+",
        """
        address article blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav
        ol p pre section table td th tr ul
        """,
    )
)
"""Elements that stand on lines of their own."""
_UNSEEN = frozenset(("head", "noscript", "script", "style", "template", "title"))
"""Elements whose content nobody sees."""
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
_LINES = re.compile(r" *\n[ \n]*")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data.replace("\n", " "))


def text_of(html: str) -> str:
    """The words of a piece of HTML, a line a block; a text without any tag comes back with its entities read."""
    parser = _Text()
    parser.feed(html if _TAG.search(html) else html.replace("\n", "<br>"))
    parser.close()
    return _LINES.sub("\n", _SPACES.sub(" ", "".join(parser.parts))).strip()
