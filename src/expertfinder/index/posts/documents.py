"""What of a post is read: its own words and, for a reply, the question that it answers.

A line that one author repeats under many posts is no word of theirs: a signature without a mark, a footer. Neither is
one that many authors of a source repeat under or above posts: the head of a template. What one author begins many posts
with is what they write about. What is counted for posts that everybody reads are such posts alone; for others those of
the same audience, too.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from expertfinder.index.posts.function_words import function_words
from expertfinder.index.posts.own_words import SIGNATURE_LINES, Own, own_words
from expertfinder.index.posts.tokens import LEAST_HUMPS, spellings, tokenise
from expertfinder.model import Post
from expertfinder.policy import is_shared

THREAD_DEPTH = 20
"""Replies to replies are followed upwards this far; a loop of parents ends there, too."""
THREADS = 1_000
"""Texts whose words are remembered: a build reads two thousand posts at a time, and a thread began with fewer."""
ANSWER = "answer"
"""The kind of posts of which some sources give the fact alone, without the text."""
ENOUGH = 12
"""Different content words from which on a reply counts in full: 12 of 6 to 16 did best on a forum with its comments
(MAP of three kinds of question .2451, .2139, .1777; with every reply in full .2446, .2126, .1706)."""

REPEATED, OF_THEIRS = 5, 0.2
"""Posts of one author that end with a line from which on it is repeated, and their share of the author's posts of
several lines: a line that came four times is told with each of them, and a signature that stands under a fifth of all
was changed now and then."""
AUTHORS, OF_SOURCE = 5, 0.05
"""Authors of one source whose posts do, and the share of its posts of several lines: a template is kept by a few
people in a month, and what one post in twenty begins with tells nobody apart."""
BY_PROGRAMS = frozenset({"commit", "mechanical"})
"""Kinds of posts whose last line a program wrote: the words of paths (`sources/git.py`), which are what a commit is
about, and the same for whoever looks after them."""
HEAD, FOOT = 8, SIGNATURE_LINES
"""Lines at the beginning and at the end that are looked at: the head of a form, and the longest signature."""


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


def split_up(text: str) -> tuple[list[str], list[str]]:
    """The words of a text, and what some of them may be written as besides."""
    return tokenise(text), _besides(text)


Split = Callable[[str], tuple[list[str], list[str]]]


def document(
    post: Post, root: Post | None, read: Callable[[Post], Own] = own_words, split: Split = split_up
) -> Document:
    """The document of a post: title twice, own text, tags, and for a reply the thread's title twice and its first text.

    The title counts double and tags are appended as measured on question sets (`docs/ranking.md`). `read`: gives what
    of a post is its author's; `split`: `split_up`, or what remembers it.
    """
    own, first = read(post), read(root) if root else None
    titles = [own.title, first.title if first else ""]
    texts = [_without(own.title, own.text), _without(first.title, first.text) if first else ""]
    tags = dict.fromkeys((*post.tags, *(root.tags if root else ())))
    written: list[str] = []
    besides: list[str] = []
    for text, times in (*((title, 2) for title in titles), *((text, 1) for text in (*texts, *tags))):
        words, others = split(text)
        written.extend(words * times)
        besides.extend(others * times)
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


def remembering(read: Callable[[Post], Own]) -> Callable[[Post, Post | None], Document]:
    """As `document` with this `read`, for posts of the same threads: what is many replies to one post is read once for
    all of them."""
    split, own = lru_cache(maxsize=THREADS)(split_up), dict[str, Own]()

    def read_once(post: Post) -> Own:
        if post.id not in own:
            own[post.id] = read(post)
        return own[post.id]

    return lambda post, root: document(post, root, read_once, split)


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


# --- what is repeated -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Repeated:
    """The lines that are repeated. A snapshot keeps those of its build; folds take them over."""

    lines: frozenset[int] = frozenset()
    """Digests, 64 bits, of a line with whose it is: an author or a source, among the posts of an audience."""

    def own(self, post: Post, own: Own | None = None) -> Own:
        """A post as its author wrote it, without lines that are repeated at its beginning and its end. Where nothing
        else is left it stays as it is: near-copies are told otherwise. `own`: as `own_words` has it."""
        own = own or own_words(post)
        if not self.lines or "\n" not in own.text or post.kind in BY_PROGRAMS:
            return own
        lines, whose = own.text.split("\n"), [_whose(post)]
        whose += [_whose(post, open=True)] if not is_shared(post.audience) else []
        anybody = [owner for authors, source in whose for owner in (*authors, source)]

        def left(order: Iterable[int], owners: Sequence[int]) -> int | None:
            """The first row of some that is not repeated, if one before it is; -1 where all are.

            One word alone may be the subject, as a tag that an export adds; with other repeated lines it goes.
            """
            found = False
            for row in order:
                said = _compared(lines[row])
                if said and not any(_digest(said) ^ owner in self.lines for owner in owners):
                    return row if found else None
                found = found or " " in said.strip(_MARKS)
            return -1

        last = left(reversed(range(len(lines))), anybody)
        first = left(range(len(lines)), [source for _, source in whose])
        if -1 in (last, first) or (last is None and first is None):
            return own
        return replace(own, text="\n".join(lines[first or 0 : None if last is None else last + 1]).strip(), parted=True)


NOTHING_REPEATED = Repeated()
_MARKS = "-*+#>=|. "
"""What stands before a line of a list, a title or a cell, and behind it."""


def repeated_in(read: Iterable[tuple[Post, Own]]) -> Repeated:
    """The lines that are repeated in posts, which are given as their authors wrote them."""
    digests, owners = array("q"), array("q")
    of_source, places, by = array("q"), array("q"), array("q")
    posts: dict[int, int] = {}
    for post, own in read:
        if post.kind in BY_PROGRAMS:
            continue
        lines = [_digest(line) for line in map(_compared, own.text.split("\n")) if line] if "\n" in own.text else []
        feet = set(lines[-FOOT:])
        edges = feet.union(lines[:HEAD])
        if len(edges) < 2:
            continue
        authors, source = _whose(post)
        for owner in (*authors, source):
            posts[owner] = posts.get(owner, 0) + 1
        for owner in authors:
            digests.extend(line ^ owner for line in feet)
            owners.extend([owner] * len(feet))
            of_source.extend(line ^ source for line in edges)
            places.extend([source] * len(edges))
            by.extend([owner] * len(edges))
    theirs = _often(digests, owners, posts, share=OF_THEIRS, least=REPEATED)
    several = np.unique(np.stack([_column(of_source), _column(places), _column(by)], axis=1), axis=0)
    most = _often(several[:, 0], several[:, 1], {}, share=0.0, least=AUTHORS)
    everywhere = np.isin(_column(of_source), np.array(sorted(most), np.int64))
    shared = _often(_column(of_source)[everywhere], _column(places)[everywhere], posts, share=OF_SOURCE, least=AUTHORS)
    return Repeated(frozenset(theirs | shared))


def _often(
    digests: Iterable[int], owners: Iterable[int], posts: Mapping[int, int], *, share: float, least: int
) -> set[int]:
    """The digests that stand at least so often, and in so large a share of the posts of whose they are."""
    found, at, counts = np.unique(_column(digests), return_index=True, return_counts=True)
    whose = _column(owners)[at]
    rows = zip(found.tolist(), whose.tolist(), counts.tolist(), strict=True)
    return {line for line, owner, count in rows if count >= least and count >= share * posts.get(owner, 0)}


def _column(values: Iterable[int]) -> np.ndarray:
    return np.asarray(values, np.int64)


def _compared(line: str) -> str:
    """A line however it is spaced and in whatever case; empty for one without a letter."""
    plain = " ".join(line.split()).lower()
    return plain if any(map(str.isalpha, plain)) else ""


def _whose(post: Post, *, open: bool = False) -> tuple[list[int], int]:
    """By whom a line of a post may be repeated: its authors and its source, as far as the post's audience reads, or as
    far as everybody does (`open`)."""
    reader = "" if open or is_shared(post.audience) else post.audience.key
    authors = [_digest(f"author\0{reader}\0{author}") for author in dict.fromkeys(post.authors)]
    return authors, _digest(f"source\0{reader}\0{post.source}")


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), "big", signed=True)
