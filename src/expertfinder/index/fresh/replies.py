"""Which posts reply to which: a reply holds the words of its question, and changes with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from expertfinder.index.posts.documents import THREAD_DEPTH
from expertfinder.index.posts.segment import Segment
from expertfinder.index.snapshot import Snapshot


def replies_of(base: Snapshot) -> dict[str, list[str]]:
    """Post of the build -> the posts that answer it."""
    replies: defaultdict[str, list[str]] = defaultdict(list)
    for part in (base.shared.segment, base.restricted.segment):
        for post, parent in zip(part.ids, part.parents, strict=True):
            if parent:
                replies[parent].append(post)
    return replies


def with_replies(replies: Mapping[str, Sequence[str]], waiting: Segment | None, names: set[str]) -> set[str]:
    """These ids and those of all posts of the build (`replies`: post -> its replies) and of `waiting` that reply to
    them, or to such a reply.

    A reply holds the words of its question, so it follows what becomes of it and of every post between the two.
    """
    touched, rest = set(names), set(names)
    for _ in range(THREAD_DEPTH):
        found = {reply for post in rest for reply in replies.get(post, ())}
        if waiting is not None:
            pairs = zip(waiting.ids, waiting.parents, strict=True)
            found |= {post for post, parent in pairs if parent in rest}
        rest = found - touched
        if not rest:
            break
        touched |= rest
    return touched
