"""What a cited post says, so that a reason can be checked: the words around those of the question, as the post is now.

The texts are in the record and not in the index. What the viewer may not read any more by the time it is fetched is not
quoted, and where the record is away a citation stands without its words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import StoreError
from expertfinder.index.access import View
from expertfinder.index.posts.function_words import content_words
from expertfinder.index.posts.tokens import folded
from expertfinder.model import Citation, Post, Query, Ranking, Recommendation, Viewer
from expertfinder.policy import may_read

AROUND, BEFORE = 160, 50
"""Characters of a snippet, and how many of them stand before the first word of the question in it."""
LOOKED_THROUGH = 2_000
"""Characters of a post that are looked through for words of the question: a page."""
OPENING = 80
"""Characters of the first words of a post without a title of its own."""
MOST_FORMS = 12
"""Words that are looked for, the first of a question: one that has more says in them what it is about."""
FIRST_READ = 3
"""Posts to read first: more are a search of their own."""
BEGINNING = 300
"""Characters of a question whose words are looked for, in all their forms."""

_GENERATED = re.compile(
    r"(?:merge (?:pull request|branch|remote-tracking|tag|commit)\b|(?:auto|rollup) merge of\b|revert \")",
    re.IGNORECASE,
)
"""How titles begin that a program made."""
_HASH = re.compile(r"[0-9a-f]{40}")


def find_quoted(finder: ExpertFinder, query: Query, viewer: Viewer) -> Ranking:
    """`ExpertFinder.find`, with citations that say what the posts say."""
    found = finder.find(query, viewer)
    return replace(found, recommendations=_quoted(finder, query, found.recommendations, viewer))


def explain_quoted(finder: ExpertFinder, query: Query, person: str, viewer: Viewer) -> Recommendation:
    """`ExpertFinder.explain`, with citations that say what the posts say."""
    return _quoted(finder, query, [finder.explain(query, person, viewer)], viewer)[0]


def _quoted(
    finder: ExpertFinder, query: Query, found: Sequence[Recommendation], viewer: Viewer
) -> tuple[Recommendation, ...]:
    wanted = dict.fromkeys(one.post for each in found for reason in each.reasons for one in reason.citations)
    try:
        posts = {post.id: post for post in finder.store.get("post", wanted) if may_read(post.audience, viewer)}
    except StoreError:
        return tuple(found)
    asked = _pattern(finder.view(viewer), query.whole_text[:BEGINNING])
    said = {name: _said(post, asked) for name, post in posts.items()}

    def with_words(one: Citation) -> Citation:
        snippet, opening = said.get(one.post, ("", ""))
        poor = (
            not one.title or _GENERATED.match(one.title) or (len(one.title.split()) < 3 and not asked.search(one.title))
        )
        return Citation(
            post=one.post,
            title=(opening if poor else "") or one.title,
            kind=one.kind,
            act=one.act,
            at=one.at,
            url=one.url,
            contribution=one.contribution,
            without=one.without,
            rank_without=one.rank_without,
            snippet=snippet,
            where=where(one.post),
        )

    return tuple(
        replace(
            each,
            reasons=tuple(
                replace(reason, citations=tuple(map(with_words, reason.citations))) for reason in each.reasons
            ),
        )
        for each in found
    )


def read_first(shown: Sequence[Recommendation]) -> list[Citation]:
    """The posts that add most to all of an answer: who is shown a weak one may find the answer in them."""
    total: defaultdict[str, float] = defaultdict(float)
    cited: dict[str, Citation] = {}
    for citation in (one for each in shown for reason in each.reasons for one in reason.citations):
        total[citation.post] += citation.contribution
        cited.setdefault(citation.post, citation)
    found: dict[str, Citation] = {}
    for citation in sorted(cited.values(), key=lambda citation: (-total[citation.post], citation.post)):
        found.setdefault(same_title(citation), citation)
    return list(found.values())[:FIRST_READ]


def same_title(citation: Citation) -> str:
    """What two citations have in common that read the same: the title, folded; the post where there is none."""
    return " ".join(citation.title.lower().split()) or citation.post


def where(post: str) -> str:
    """What a post is known by in its source, as far as its id says so: the short hash of a commit, a path."""
    name = post.partition(":")[2]
    if _HASH.fullmatch(name):
        return name[:10]
    return name if "/" in name or "." in name else ""


def _pattern(view: View, text: str) -> re.Pattern[str]:
    """What matches a word of a question, or the beginning of a longer one."""
    words = dict.fromkeys(content_words(text))
    words |= dict.fromkeys(form for one in view.read(text).words for form, _ in one.forms)
    chosen = [re.escape(word) for word in list(words)[:MOST_FORMS] if len(word) > 1 or not word.isascii()]
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(chosen) or '(?!)'})", re.IGNORECASE)


def _said(post: Post, asked: re.Pattern[str]) -> tuple[str, str]:
    """The words around the first of the question's words in a post, and its first words; without what it quotes."""
    lines = _own_lines(post.title, post.text[:LOOKED_THROUGH])
    text = " ".join(" ".join(lines).split())
    found = asked.search(text) or (None if text.isascii() else asked.search(folded(text)))
    at = found.start() if found is not None else 0
    return _cut(text, max(at - BEFORE, 0), AROUND), _cut(text, 0, OPENING)


def _own_lines(title: str, text: str) -> Iterable[str]:
    if title and text.lstrip().startswith(title):
        text = text.lstrip()[len(title) :]
    return [line for line in text.split("\n") if not line.lstrip().startswith(">")]


def _cut(text: str, start: int, length: int) -> str:
    """A piece of a text that begins and ends with whole words."""
    if start:
        start = text.find(" ", start) + 1 or start
    end = start + length
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + length // 2)
    piece = text[start:end].strip()
    return f"{'… ' if start else ''}{piece}{' …' if end < len(text) else ''}" if piece else ""
