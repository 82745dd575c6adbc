"""Topics that the organisation itself names: tags, and phrases that stand in titles. Made of the shared tier alone.

A phrase of one to three words is a topic when several people put it in titles and it is more at home there than in
running text: words that are only ever said in passing are no topics.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from expertfinder.index.arrays import distinct, gather, ragged
from expertfinder.index.posts.concepts import NO_CONCEPTS, Concepts, in_singular, words_of
from expertfinder.index.posts.function_words import function_words
from expertfinder.index.posts.lexicon import spoken
from expertfinder.index.posts.segment import Segment
from expertfinder.index.posts.tokens import as_runs, tokenise
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
        "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "been", "before",
        "but", "by", "can", "could", "did", "do", "does", "for", "from", "get", "had", "has", "have", "how",
        "i", "if", "in", "into", "is", "it", "its", "just", "like", "make", "me", "more", "my", "new", "no",
        "not", "now", "of", "off", "on", "one", "only", "or", "our", "out", "over", "re", "should", "so",
        "some", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "to", "up",
        "us", "use", "used", "using", "via", "was", "we", "were", "what", "when", "where", "which", "who",
        "why", "will", "with", "without", "would", "you", "your", "add", "added", "fix", "fixed", "fixes",
        "update", "updated", "remove", "removed", "merge", "bump", "rollup", "sync",
    ]
)  # fmt: skip
"""Function words, and the verbs that begin the titles of changes."""
MANNERS = frozenset(
    [
        "allow", "avoid", "better", "broken", "bug", "bugs", "change", "changed", "changes", "cleanup", "correct",
        "create", "crash", "doc", "docs", "drop", "enable", "disable", "error", "errors", "example", "examples",
        "expose", "feature", "features", "first", "good", "guide", "handle", "help", "idea", "implement", "improve",
        "improved", "improvement", "improvements", "introduce", "introduction", "issue", "issues", "making", "minor",
        "missing", "move", "need", "nit", "note", "notes", "part", "patch", "prevent", "problem", "problems", "proper",
        "question", "questions", "refactor", "release", "rename", "replace", "revert", "review", "rewrite", "set",
        "simplify", "small", "split", "start", "support", "test", "tests", "thing", "things", "time", "tip", "tips",
        "todo", "try", "type", "typo", "typos", "unused", "version", "wip", "work", "working", "wrong",
        "instead", "non", "false", "self", "chore", "feat", "rs", "md", "toml", "txt", "yml", "yaml",
    ]
)  # fmt: skip
"""Words that say what was done to a thing, or how, and not which, and endings of files: alone they name no topic."""
OPENING, OFTEN = 0.6, 5
"""The share of its places in titles that a word has at their beginning, and in how many places it must stand, from
which on it says what was done. Read off the titles of the open sets."""
_CONTRACTED = re.compile(r"\b\w+n['’]t\b|['’](?:s|ve|re|ll|d|m)\b", re.IGNORECASE)
"""What tokens make fragments of: don't, it's."""
_AREA = re.compile(r"(?:\[[^\]]{1,40}\]|[\w./, -]{1,40}:)\s")
"""What a title names before it says what was done there: "docs: ", "[parser] "."""
_SLUG = re.compile(r"(?<=[^\W_])[-_](?=[^\W_])")
"""What stands between the words of a slug."""
_BETWEEN = re.compile(r"[\s_-]+|\.")
"""What stands between the words of a phrase."""
WRITTEN = 2
"""Titles that write a phrase, from which on its tag is shown as they write it: one may be a slip."""


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
    everybody = int(acts[1].max(initial=0)) + 1
    pairs = distinct(topics.post_topics[positions].astype(np.int64) * everybody + acts[1][act])
    people = np.bincount(pairs // everybody, minlength=len(topics.labels))
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


def said_in(query: Query, concepts: Concepts) -> set[str]:
    """The words of everything in a question that a topic may be: its topics, tags, each phrase of its text, and the
    concepts that it names, as they are shown; also in the singular."""
    words = tokenise(query.text)
    said = {words_of(each) for each in (*query.topics, *query.tags)} | {" ".join(one) for one in _phrases(words)}
    said |= {words_of(concept.label) for _, _, concept in concepts.within(words)}
    return said | {in_singular(one) for one in said}


def _phrases(words: list[str]) -> Iterator[tuple[str, ...]]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST, len(words)) + 1):
            phrase = tuple(words[start:end])
            edges_fit = phrase[0] not in STOP and phrase[-1] not in STOP
            if edges_fit and all(len(word) > 1 for word in phrase) and not all(word.isdigit() for word in phrase):
                yield phrase


def build_topics(
    segment: Segment, *, terms: list[str], tags: list[str], acts: np.ndarray, concepts: Concepts = NO_CONCEPTS
) -> Topics:
    """The topics of the shared tier. `acts` (boolean, a row an act) says which evidence is shared."""
    shared = np.flatnonzero(acts)
    people, of_post = segment.act_person[shared], np.searchsorted(shared, segment.act_indptr)
    in_text = np.bincount(segment.terms, minlength=len(terms))
    row_of = {term: i for i, term in enumerate(terms)}
    titled = max(sum(bool(title) for title in segment.titles), 1)

    found: dict[str, set[int]] = {}
    tagged: set[str] = set()
    spelled: defaultdict[str, Counter[str]] = defaultdict(Counter)
    by_tag: defaultdict[str, set[int]] = defaultdict(set)
    tag_of_entry = np.repeat(np.arange(len(segment)), np.diff(segment.tag_indptr))
    keys_of_tags = [in_singular(words_of(tag)) for tag in tags]
    for post, tag in zip(tag_of_entry.tolist(), segment.tags.tolist(), strict=True):
        if key := keys_of_tags[tag]:
            by_tag[key].add(post)
            spelled[key][tags[tag]] += 1

    def enough(posts: set[int] | list[int], fewest: int = LEAST_PEOPLE) -> bool:
        if len(posts) < LEAST_POSTS:
            return False
        chosen, _ = gather(of_post, np.fromiter(posts, np.int64, len(posts)))
        return len(distinct(people[chosen])) >= fewest

    for key, posts in by_tag.items():
        if enough(posts, LEAST_TAGGING):
            found[key] = posts
            tagged.add(key)
    few_tags = len(tagged) < TAGS_ENOUGH
    titles = _Titles(segment, concepts, tagged, of_tags_alone=not few_tags)
    for key, places in titles.posts.items():
        concept = concepts.of(key) if concepts else None
        if key in found:
            if few_tags or concept is not None:
                found[key] |= set(places)
            continue
        said_much = len(places) > MOST_SHARE * titled or titles.is_manner(key)
        if (concept is None and (not few_tags or said_much)) or not enough(places):
            continue
        # The rarest word decides: "borrow checker" is a subject although "checker" alone may not be.
        rarest = min((int(in_text[row_of[word]]) for word in titles.words[key] if word in row_of), default=0)
        if concept is not None or len(places) >= TITLE_FOCUS * rarest:
            found[key] = set(places)
    # A phrase that never stands without a longer one is only a part of it.
    for key in sorted(found, key=lambda key: (-len(key.split()), key)):
        if key not in found:
            continue
        words = key.split()
        for size in range(1, len(words)):
            for start in range(len(words) - size + 1):
                part = in_singular(" ".join(words[start : start + size]))
                named = part in tagged or (concepts and concepts.of(part) is not None)
                if part in found and not named and len(found[part]) <= 1.2 * len(found[key]):
                    del found[part]
    best = sorted(found, key=lambda key: (key not in tagged, -len(found[key]), key))[:MOST_TOPICS]
    labels = {}
    for key in best:
        concept = concepts.of(key) if concepts else None
        labels[key] = concept.label if concept is not None else titles.label(key, spelled[key] if key in tagged else {})
    keys = sorted(best, key=lambda key: (labels[key], key))
    rows: list[list[int]] = [[] for _ in range(len(segment))]
    for topic, key in enumerate(keys):
        for post in found[key]:
            rows[post].append(topic)
    indptr, post_topics = ragged(rows, np.int32)
    return Topics(
        labels=[labels[key] for key in keys],
        is_tag=np.array([key in tagged for key in keys], bool),
        post_indptr=indptr,
        post_topics=post_topics,
        posts=np.array([len(found[key]) for key in keys], np.int32),
    )


def _as_written(title: str, forms: Sequence[str]) -> str:
    """A phrase as it stands in a title, with the hyphens and points between its words and no other sign."""
    if len(forms) == 1:
        return forms[0]
    if any(not form[0].isalnum() for form in forms):  # it may begin with what stands between words
        found = re.search(f"(?:{_BETWEEN.pattern})".join(map(re.escape, forms)), title)
        return " ".join(found.group().split()) if found is not None else " ".join(forms)
    # By hand, since a pattern for each phrase took most of what a build takes.
    start = title.find(forms[0])
    while start >= 0:
        end = start + len(forms[0])
        for form in forms[1:]:
            between = _BETWEEN.match(title, end)
            if between is None or not title.startswith(form, between.end()):
                break
            end = between.end() + len(form)
        else:
            return " ".join(title[start:end].split())
        start = title.find(forms[0], start + 1)
    return " ".join(forms)


def _whole_words(title: str) -> str:
    """A title without contractions (don't, it's)."""
    return _CONTRACTED.sub(" ", title) if "'" in title or "’" in title else title


class _Titles:
    """The phrases of titles that may be topics, by their words in the singular: which posts have each, and how it is
    written there.

    Most phrases stand in one title alone. They are counted first, by hashes, so that nothing else is kept of them.
    """

    def __init__(self, segment: Segment, concepts: Concepts, tagged: Set[str], *, of_tags_alone: bool) -> None:
        """`tagged`: phrases that are topics anyway; where `of_tags_alone`, only those and the names of concepts are."""
        lists = function_words().languages
        spoken_here = (lists[name].function for name in spoken(segment.languages) if name in lists)
        self._stop = STOP.union(*spoken_here)
        self._concepts, self._any = concepts, bool(concepts)
        self.posts: dict[str, list[int]] = {}
        self.words: dict[str, tuple[str, ...]] = {}
        self._inside: defaultdict[tuple[str, str], int] = defaultdict(int)
        """A phrase and how it is written behind the first word of a title -> how often."""
        self._first: defaultdict[tuple[str, str], int] = defaultdict(int)
        """The same at the beginning, with a small letter where it goes on in small letters."""
        self._alone: Counter[str] = Counter()
        self._opening: Counter[str] = Counter()
        """How often a word stands in titles, and how often first in one, or first behind the name of an area."""
        self._tagged, self._of_tags_alone = tagged, of_tags_alone
        self._beginnings = frozenset(phrase.partition(" ")[0] for phrase in tagged)
        self._singular = cache(in_singular)
        titles = [(post, title) for post, title in enumerate(segment.titles) if title and not title.startswith("Re: ")]
        self._often: frozenset[int] = frozenset()
        if self._any or not of_tags_alone:
            met = array("q")
            for _, title in titles:
                met.extend({hash(key) for _, _, key in self._keyed(_whole_words(title))[1]})
            hashes, counts = np.unique(np.array(met, np.int64), return_counts=True)
            self._often = frozenset(hashes[counts >= LEAST_POSTS].tolist())
        for post, title in titles:
            self._read(post, _whole_words(title))

    def _keyed(self, title: str) -> tuple[list[str], list[tuple[int, int, str]]]:
        """The words of a title, and where its phrases begin and end, each with its words in the singular."""
        words = tokenise(title)
        singular = [self._singular(word) for word in words]
        found: list[tuple[int, int, str]] = []
        if self._of_tags_alone and not self._any and self._beginnings.isdisjoint((*words, *singular)):
            return words, found
        for start, end in self._phrases(words):
            key = " ".join((*words[start : end - 1], singular[end - 1]))
            if self._any:
                concept = self._concepts.of(key)
                if concept is not None and concept.hidden:
                    continue
                key = in_singular(words_of(concept.label)) if concept is not None else key
            found.append((start, end, key))
        return words, found

    def _may_be_topic(self, key: str) -> bool:
        if key in self._tagged:
            return True
        named = not self._of_tags_alone or (self._any and self._concepts.of(key) is not None)
        return named and hash(key) in self._often

    def _read(self, post: int, title: str) -> None:
        words, every = self._keyed(title)
        chosen = [phrase for phrase in every if self._may_be_topic(phrase[2])]
        if not chosen:
            return
        area = _AREA.match(title)
        opening = len(tokenise(area.group())) if area is not None else 0
        forms = as_runs(title)
        if len(words) != len(forms):  # a script that is read as pairs
            forms = words
        follows = " ".join(forms[1:]).islower()
        taken: set[str] = set()
        for start, end, key in chosen:
            form = _as_written(title, forms[start:end])
            if start == 0:
                sentence = follows or (end > 1 and form[1:].islower())
                form = form[0].lower() + form[1:] if form[1:2].islower() and sentence else form
            (self._inside if start else self._first)[key, form] += 1
            if end - start == 1:
                self._alone[key] += 1
                self._opening[key] += start == opening
            if key not in taken:
                taken.add(key)
                self.posts.setdefault(key, []).append(post)
                self.words.setdefault(key, tuple(words[start:end]))

    def _phrases(self, words: list[str]) -> Iterator[tuple[int, int]]:
        edge = [word not in self._stop for word in words]
        for start, word in enumerate(words):
            if not edge[start] or word.isdigit():
                continue
            for end in range(start + 1, min(start + LONGEST, len(words)) + 1):
                if len(words[end - 1]) <= 1:
                    break
                if edge[end - 1] and not (end == start + 1 and word in MANNERS):
                    yield start, end
        if self._any:
            yield from ((start, end) for start, end, _ in self._concepts.within(words) if end - start > LONGEST)

    @cached_property
    def _forms(self) -> defaultdict[str, dict[str, int]]:
        """How each phrase is written, and how often: behind the first word of a title, or else at the beginning."""
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for (key, form), count in self._inside.items():
            found[key][form] = count
        inside = frozenset(found)
        for (key, form), count in self._first.items():
            if key not in inside:
                found[key][form] = count
        return found

    def is_manner(self, key: str) -> bool:
        """Whether a word mostly begins titles, as what was done does: "clarify the guide", "docs: clarify it"."""
        return self._alone[key] >= OFTEN and self._opening[key] >= OPENING * self._alone[key]

    def label(self, key: str, spelled: Mapping[str, int]) -> str:
        """How a topic is shown: as titles write it most; a tag that few write, as it is spelled most, in words."""
        forms = self._forms[key]
        if spelled and sum(forms.values()) < WRITTEN:
            slug = min(spelled, key=lambda form: (-spelled[form], form))
            return _SLUG.sub(" ", slug) if slug.islower() else slug
        return min(forms, key=lambda form: (-forms[form], form))
