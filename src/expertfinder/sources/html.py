"""HTML as the text that a reader of the page would see: a line a block, quotations as lines that begin with `>`."""

from __future__ import annotations

import html as entities
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_BLOCKS = frozenset(
    re.findall(
        r"\S+",
        """
        address article blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav
        ol p pre section table td th tr ul aside
        """,
    )
)
"""Elements that stand on lines of their own."""
_UNSEEN = frozenset(("head", "noscript", "script", "style", "template", "title", "svg"))
"""Elements whose content nobody sees."""
_QUOTING = frozenset(("quote", "onebox"))
"""Classes of asides in forums with what somebody else wrote: a quotation, the beginning of a page that is linked."""
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
_LINES = re.compile(r" *\n[ \n]*")


def text_of(html: str, *, marked: bool = True) -> str:
    """The words of a piece of HTML, a line a block; a text without any tag comes back with its entities read.

    What stands in a quotation becomes lines `> ...`, as in mail, so that it is nobody's own word; without `marked` it
    stays among the other words. Code keeps its lines.
    """
    if not _TAG.search(html):
        return _LINES.sub("\n", _SPACES.sub(" ", entities.unescape(html))).strip()
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415  (a question loads none)

    body = LexborHTMLParser(html).body
    return "\n".join(_lines(body, marked=marked)) if body is not None else ""


def _lines(body: LexborNode, *, marked: bool) -> list[str]:
    lines: list[str] = []
    line: list[str] = []
    quoted = code = 0

    def end_line() -> None:
        words = " ".join("".join(line).split())
        line.clear()
        if words:
            lines.append(f"> {words}" if quoted and marked else words)

    # A node that is to be read, or, as a text, the name of an element that ends; a stack, because pages nest deep.
    rest: list[LexborNode | str] = [body]
    while rest:
        node = rest.pop()
        if isinstance(node, str):
            end_line()
            quoted -= node == "quotation"
            code -= node == "pre"
            continue
        name = node.tag or ""
        if name == "-text":
            first, *more = (
                (node.text_content or "").split("\n") if code else [(node.text_content or "").replace("\n", " ")]
            )
            line.append(first)
            for part in more:
                end_line()
                line.append(part)
            continue
        if name in _UNSEEN or name.startswith("-"):
            continue
        if name in _BLOCKS:
            end_line()
            quotes = name == "blockquote" or (name == "aside" and not _QUOTING.isdisjoint(_classes(node)))
            quoted += quotes
            code += name == "pre"
            rest.append("quotation" if quotes else name)
        children = list(node.iter(include_text=True))
        rest.extend(reversed(children))
    end_line()
    return lines


def _classes(node: LexborNode) -> list[str]:
    return (node.attributes.get("class") or "").split()
