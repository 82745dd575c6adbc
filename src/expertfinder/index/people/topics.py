"""Topics that the organisation itself names: tags, and phrases that stand in titles. Made of the shared tier alone.

A phrase of one to three words is a topic when several people put it in titles and it is more at home there than in
running text: words that are only ever said in passing are no topics.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from expertfinder.index.arrays import gather, ragged
from expertfinder.index.posts.segment import Segment
from expertfinder.index.posts.tokens import tokenise
from expertfinder.model import Query

LEAST_POSTS = 3
"""Posts that name a topic before it is one; below it, a topic would name a person."""
LEAST_PEOPLE = 2
"""A phrase of titles becomes a topic where at least so many people are in its posts: one person's turn of phrase is
none."""
LEAST_TAGGING = 1
"""A tag becomes a topic where anybody who may be found is in its posts: whoever tags a post names its subject."""
MOST_SHARE = 0.2
"""A phrase in more of the titles than this tells nothing apart."""
TITLE_FOCUS = 0.2
"""Share of the posts with a word that have it in the title, from which on it is a subject rather than a manner."""
TAGS_ENOUGH = 20
"""Tags in use from which on an organisation is taken to name its topics itself; phrases are then left out."""
MOST_TOPICS = 5000
"""So many topics are kept, those of most posts first; a page lists no more."""
LONGEST = 3
"""A phrase that becomes a topic has at most so many words."""
STOP = frozenset(
    [
        "a",
        "about",
        "after",
        "all",
        "also",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "before",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "get",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "like",
        "make",
        "me",
        "more",
        "my",
        "new",
        "no",
        "not",
        "now",
        "of",
        "off",
        "on",
        "one",
        "only",
        "or",
        "our",
        "out",
        "over",
        "re",
        "should",
        "so",
        "some",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "up",
        "us",
        "use",
        "used",
        "using",
        "via",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "without",
        "would",
        "you",
        "your",
        "add",
        "added",
        "fix",
        "fixed",
        "fixes",
        "update",
        "updated",
        "remove",
        "removed",
        "merge",
        "bump",
        "rollup",
        "sync",
    ]
)
"""Function words, and the verbs that begin the titles of changes."""


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics, sorted by label, and the shared posts of each."""

    labels: list[str]
    """As most often written."""
    is_tag: np.ndarray
    """bool: a tag of the organisation, not only a phrase."""
    post_indptr: np.ndarray
    """int64 [shared posts + 1]."""
    post_topics: np.ndarray
    """int32, rows of topics, ascending within a post."""
    posts: np.ndarray
    """int32 [topics], how many shared posts each has."""

    def beginning(self, prefix: str) -> list[int]:
        """Rows of the topics that begin with `prefix`, or have a word that does, those of most posts first."""
        wanted = prefix.strip().lower()
        rows = [row for row, label in enumerate(self.labels) if not wanted or f" {wanted}" in f" {label.lower()}"]
        return sorted(rows, key=lambda row: (-int(self.posts[row]), self.labels[row]))


def supported(topics: Topics, there: np.ndarray, acts: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """bool [topics]: whether enough posts that are there are under it still, and enough people have a part in them.

    `there`: bool [shared posts]. `acts`: int64, the post and the person of each act on them that all may read, by
    people whom all may find.
    """
    positions, _ = gather(topics.post_indptr, np.flatnonzero(there))
    posts = np.bincount(topics.post_topics[positions], minlength=len(topics.labels))
    positions, act = gather(topics.post_indptr, acts[0])
    pairs = np.unique(np.stack([topics.post_topics[positions].astype(np.int64), acts[1][act]]), axis=1)
    people = np.bincount(pairs[0], minlength=len(topics.labels))
    return np.asarray((posts >= LEAST_POSTS) & (people >= np.where(topics.is_tag, LEAST_TAGGING, LEAST_PEOPLE)))


def narrowed(topics: Topics, there: np.ndarray, kept: np.ndarray) -> Topics:
    """The topics `kept` (bool), with the posts that are there (bool [shared posts])."""
    new = np.cumsum(kept) - 1
    post = np.repeat(np.arange(len(there)), np.diff(topics.post_indptr))
    entries = there[post] & kept[topics.post_topics]
    post_topics = new[topics.post_topics[entries]].astype(np.int32)
    return Topics(
        labels=[label for label, stays in zip(topics.labels, kept.tolist(), strict=True) if stays],
        is_tag=topics.is_tag[kept],
        post_indptr=np.concatenate([[0], np.cumsum(np.bincount(post[entries], minlength=len(there)))]).astype(np.int64),
        post_topics=post_topics,
        posts=np.bincount(post_topics, minlength=int(kept.sum())).astype(np.int32),
    )


def said_in(query: Query) -> set[str]:
    """The words of everything in a question that a topic may be: its topics, tags, and each phrase of its text."""
    return {" ".join(tokenise(each)) for each in (*query.topics, *query.tags)} | {
        " ".join(phrase) for phrase in _phrases(tokenise(query.text))
    }


def _phrases(words: list[str]) -> Iterator[tuple[str, ...]]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST, len(words)) + 1):
            phrase = tuple(words[start:end])
            edges_fit = phrase[0] not in STOP and phrase[-1] not in STOP
            if edges_fit and all(len(word) > 1 for word in phrase) and not all(word.isdigit() for word in phrase):
                yield phrase


def _in_titles(titles: Sequence[str]) -> dict[tuple[str, ...], list[int]]:
    """Phrase -> the posts that have it in their titles, but for titles of threads that replies repeat."""
    found: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for post, title in enumerate(titles):
        if not title.startswith("Re: "):
            for phrase in dict.fromkeys(_phrases(tokenise(title))):
                found[phrase].append(post)
    return found


def build_topics(segment: Segment, *, terms: list[str], tags: list[str], acts: np.ndarray) -> Topics:
    """The topics of the shared tier. `acts` (boolean, a row an act) says which evidence is shared."""
    shared = np.flatnonzero(acts)
    people = segment.act_person[shared].tolist()
    who = [set(people[start:end]) for start, end in pairwise(np.searchsorted(shared, segment.act_indptr).tolist())]
    in_text = np.bincount(segment.terms, minlength=len(terms))
    row_of = {term: i for i, term in enumerate(terms)}
    titled = max(sum(bool(title) for title in segment.titles), 1)

    found: dict[str, set[int]] = {}
    tagged: set[str] = set()
    writing: defaultdict[str, Counter[str]] = defaultdict(Counter)
    by_tag: defaultdict[str, set[int]] = defaultdict(set)
    tag_of_entry = np.repeat(np.arange(len(segment)), np.diff(segment.tag_indptr))
    for post, tag in zip(tag_of_entry.tolist(), segment.tags.tolist(), strict=True):
        key = " ".join(tokenise(tags[tag]))
        if key:
            by_tag[key].add(post)
            writing[key][tags[tag]] += 1

    def enough(posts: set[int] | list[int], people: int = LEAST_PEOPLE) -> bool:
        return len(posts) >= LEAST_POSTS and len(set().union(*(who[post] for post in posts))) >= people

    for key, posts in by_tag.items():
        if enough(posts, LEAST_TAGGING):
            found[key] = posts
            tagged.add(key)
    for phrase, places in _in_titles(segment.titles).items() if len(tagged) < TAGS_ENOUGH else ():
        key = " ".join(phrase)
        if key in found:
            found[key] |= set(places)
            continue
        if len(places) > MOST_SHARE * titled or not enough(places):
            continue
        # The rarest word decides: "borrow checker" is a subject although "checker" alone may not be.
        rarest = min(int(in_text[row_of[word]]) for word in phrase if word in row_of)
        if len(places) >= TITLE_FOCUS * rarest:
            found[key] = set(places)
    # A phrase that never stands without a longer one is only a part of it.
    for key in sorted(found, key=lambda key: (-len(key.split()), key)):
        if key not in found:
            continue
        words = key.split()
        for size in range(1, len(words)):
            for start in range(len(words) - size + 1):
                part = " ".join(words[start : start + size])
                if part in found and part not in tagged and len(found[part]) <= 1.2 * len(found[key]):
                    del found[part]
    best = sorted(found, key=lambda key: (key not in tagged, -len(found[key]), key))[:MOST_TOPICS]
    keys = sorted(best)
    rows: list[list[int]] = [[] for _ in range(len(segment))]
    for topic, key in enumerate(keys):
        for post in found[key]:
            rows[post].append(topic)
    indptr, post_topics = ragged(rows, np.int32)
    labels = [max(sorted(writing[key]), key=lambda name: writing[key][name]) if key in tagged else key for key in keys]
    return Topics(
        labels=labels,
        is_tag=np.array([key in tagged for key in keys], bool),
        post_indptr=indptr,
        post_topics=post_topics,
        posts=np.array([len(found[key]) for key in keys], np.int32),
    )
