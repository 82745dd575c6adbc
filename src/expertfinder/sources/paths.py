"""What the paths of a commit say: topics, a place, and words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from expertfinder.sources.cleaning import one_line
from expertfinder.sources.mechanical import MANY_PATHS

_TAGS_LIMIT = 8
"""Folders that become tags of one commit: one over the whole tree is about none in particular (not measured)."""
_WORDS_LIMIT = 100
"""Words of paths that one commit has: more would outweigh its message (not measured)."""

# Names that nearly every repository has, and that say how it is laid out rather than what it is about.
_LAYOUT = frozenset(
    re.findall(
        r"\S+",
        """
        app apps asset assets bin build changelog changes com common conf config configure contributing
        core crate crates data default dist doc docs documentation example examples ext extra fixture fixtures github
        gitignore helper helpers impl inc include index init internal java lib library libs licence license
        lock main make makefile misc mod module modules new news node_modules old org out package
        packages pkg pkgs project public readme release requirements res resource resources script scripts setup share
        shared site snap snapshots source sources spec specs src static stub stubs template templates test testdata
        testing tests third_party thirdparty tmp todo tool tools type types util utils vendor version versions
        workflows www
        """,
    )
)
PARTS_KEPT = 1 << 14
"""Folders and files whose words are kept: a commit mostly touches what the one before it touched."""
_TEST = frozenset({"spec", "specs", "test", "tests"})  # the topic of a test is what it tests
_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def path_topics(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The folders and file names of these paths that mean something, the most frequent first, at most eight."""
    counts = _counted(chain.from_iterable(map(_topics_in, paths[:MANY_PATHS])))
    return tuple(sorted(counts, key=lambda name: (-counts[name], name))[:_TAGS_LIMIT])


def _counted(names: Iterable[str]) -> dict[str, int]:
    """How often each name comes; for the few of a commit this takes a fifth of the time of a `Counter`."""
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


@lru_cache(maxsize=PARTS_KEPT)
def _topics_in(path: str) -> frozenset[str]:
    *folders, file = path.split("/")
    stem = file.partition(".")[0] if not file.startswith(".") else ""
    return frozenset(name for part in (*folders, stem) if (name := _topic(part)))


@lru_cache(maxsize=PARTS_KEPT)
def _topic(part: str) -> str:
    if part.startswith("."):
        return ""
    words = [word for word in _words(part) if not word.isdigit() and word not in _TEST]
    if all(word in _LAYOUT for word in words) or part.lower() in _LAYOUT:
        return ""
    name = "-".join(words)
    # Longer ones are hashes and sentences; 40 is longer than the longest name of a module seen.
    return name if 2 <= len(name) <= 40 else ""


def path_place(paths: tuple[str, ...]) -> str:
    """The folder in which most of these paths lie, cut after its first part that means something; empty for none."""
    counts = _counted(filter(None, map(_place_of, paths[:MANY_PATHS])))
    return min(counts, key=lambda place: (-counts[place], place), default="")


@lru_cache(maxsize=PARTS_KEPT)
def _place_of(path: str) -> str:
    folders = path.split("/")[:-1]
    deep = next((number for number, folder in enumerate(folders, 1) if _topic(folder)), 0)
    return "/".join(map(one_line, folders[:deep]))


def path_words(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The different words in these paths, in order, a hundred at most: a search for a part of the tree finds them."""
    words = dict.fromkeys(chain.from_iterable(map(_said_in, paths[:MANY_PATHS])))
    return tuple(words)[:_WORDS_LIMIT]


@lru_cache(maxsize=PARTS_KEPT)
def _words(part: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(_HUMP.sub(" ", one_line(part))))


@lru_cache(maxsize=PARTS_KEPT)
def _said_in(path: str) -> tuple[str, ...]:
    """The words of a path that are no numbers and no single letters."""
    words = (word for part in path.split("/") for word in _words(part))
    return tuple(word for word in words if len(word) > 1 and not word.isdigit())
