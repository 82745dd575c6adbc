"""What of a post is read: its own words and, for a reply, the question that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from expertfinder.index.posts.function_words import function_words
from expertfinder.index.posts.own_words import Own, own_words
from expertfinder.index.posts.tokens import LEAST_HUMPS, spellings, tokenise
from expertfinder.model import Post
from expertfinder.policy import is_shared

THREAD_DEPTH = 20
"""Replies to replies are followed upwards this far; a loop of parents ends there, too."""
ANSWER = "answer"
"""The kind of posts of which some sources give the fact alone, without the text."""
ENOUGH = 12
"""Different content words from which on a reply counts in full: 12 of 6 to 16 did best on a forum with its comments
(MAP of three kinds of question .2451, .2139, .1777; with every reply in full .2446, .2126, .1706)."""


@dataclass(frozen=True, slots=True)
class Document:
    """The words of a post as engines and encoders see them."""

    title: str
    """For display: the post's own title, or `Re: ` and the thread's."""
    words: list[str]
    prose: str
    """For an encoder: title and text once, in the order of reading."""
    besides: int = 0
    """So many words at the end are what others may be written as besides: they are found, and make no post longer."""
    share: float = 1.0
    """What the post counts as evidence of its authors: less where most of its words are another's."""
    praised: float = 1.0
    """What thanks and endorsements of the post count: they are for what its author added, however it stands."""
    wording: int = 0
    """As `Own.wording`."""
    parted: bool = False
    """As `Own.parted`."""

    @property
    def length(self) -> int:
        """Words as they are written."""
        return len(self.words) - self.besides


def thread_root(post: Post, posts: Mapping[str, Post]) -> Post | None:
    """The first post of the thread that a post is in, or `None` when it is the first itself.

    Only posts that everybody who may read `post` may read as well are followed: a restricted question lends no word
    to an answer that is open to all.
    """
    current = post
    for _ in range(THREAD_DEPTH):
        parent = posts.get(current.parent)
        if parent is None or not (is_shared(parent.audience) or parent.audience.key == post.audience.key):
            break
        current = parent
    return None if current is post else current


def document(post: Post, root: Post | None) -> Document:
    """The document of a post: title twice, own text, tags, and for a reply the thread's title twice and its first text.

    The title counts double and tags are appended as measured on question sets (`docs/ranking.md`).
    """
    own, first = own_words(post), own_words(root) if root else None
    titles = [own.title, first.title if first else ""]
    texts = [_without(own.title, own.text), _without(first.title, first.text) if first else ""]
    tags = dict.fromkeys((*post.tags, *(root.tags if root else ())))
    written: list[str] = []
    besides: list[str] = []
    for text, times in (*((title, 2) for title in titles), *((text, 1) for text in (*texts, *tags))):
        written.extend(tokenise(text) * times)
        besides.extend(_besides(text) * times)
    shown = post.title or (f"Re: {root.title}" if root and root.title else "")
    parts = (titles[0] or titles[1], texts[0], titles[1] if titles[0] else "", texts[1], " ".join(tags))
    prose = "\n".join(part for part in parts if part)
    added = _added(post, own)
    share = added if root is not None or own.borrowed else 1.0
    return Document(
        shown,
        written + besides,
        prose,
        besides=len(besides),
        share=share,
        praised=added,
        wording=own.wording,
        parted=own.parted,
    )


def _added(post: Post, own: Own) -> float:
    """How much the author of a post added, from 0 to 1, which is enough.

    An answer of which the source gives neither title nor text is taken for a whole one.
    """
    if post.kind == ANSWER and not post.title and not post.text:
        return 1.0
    return min(1.0, own.content / ENOUGH)


def _besides(text: str) -> list[str]:
    """What words of a text may be written as besides, and names in capitals that else are function words."""
    found = sorted(function_words().named(text))
    for spelling in spellings(text):
        if not spelling.split or len(spelling.forms) >= LEAST_HUMPS:
            found.extend(spelling.forms)
    return found


def _without(title: str, text: str) -> str:
    """A text without the repetition of its title that it may begin with: exports of changes often do so, and a title
    counted three times outweighs what the text says (measured: +.05 to +.08 MAP on one organisation's changes)."""
    if title and text.lstrip().startswith(title):
        return text.lstrip()[len(title) :]
    return text
