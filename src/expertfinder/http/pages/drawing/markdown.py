"""The text of a post as a page shows it: Markdown with paragraphs, lists, code and links, and nothing that runs.

What others wrote is rendered by `markdown-it-py` without raw HTML and goes through `nh3` after that: two libraries that
do nothing else, one behind the other.
"""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

FOLDED = 2_500
"""Characters after which the rest of a post is folded: about two screens of a laptop."""
MOST_READ = 60_000
"""Characters of a post that are shown: what is longer is read where it was written."""

_TAGS = {"p", "br", "em", "strong", "s", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "a"} | {
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td")
}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_SCHEMES = {"https", "http"}
_DEEPER = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}
"""Headings of a post stand below those of the page."""


class _Reader(MarkdownIt):
    """Reads Markdown. A link must name scheme and host: one without a host would lead to a page of this service."""

    def validateLink(self, url: str) -> bool:  # noqa: N802  # the library's name
        """Whether a link may stand."""
        return url.startswith(("https://", "http://"))


# No indented code: in the message of a commit an indented line is text. No images: they would load from elsewhere.
_READER = _Reader("commonmark", {"html": False, "breaks": True}).enable("table").disable(["code", "image"])


def rendered(text: str) -> tuple[Markup, Markup]:
    """A text as HTML: the part that is shown at once, and the part folded below it, which is empty for a short text."""
    tokens = _READER.parse(text[:MOST_READ])
    for token in tokens:
        token.tag = _DEEPER.get(token.tag, token.tag)
    at = _cut(tokens)
    return _clean(tokens[:at]), _clean(tokens[at:])


def _cut(tokens: list[Token]) -> int:
    """Where the first part ends: after the first whole block at which it is long enough, if much is left."""
    length = 0
    for place, token in enumerate(tokens, 1):
        length += len(token.content) if token.type in ("inline", "fence") else 0
        if token.level == 0 and token.nesting <= 0 and length >= FOLDED:
            return place
    return len(tokens)


def _clean(tokens: list[Token]) -> Markup:
    if not tokens:
        return Markup("")
    html = _READER.renderer.render(tokens, _READER.options, {})
    return Markup(
        nh3.clean(
            html,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            attribute_filter=lambda _tag, _name, value: value or None,  # an empty address is left out
            url_schemes=_SCHEMES,
            link_rel="noopener noreferrer nofollow",
        )
    )
