"""Commits that a person made and did not write: moves, formatting, somebody else's code, merges.

They are kept, as posts of the kind `mechanical`, which weighs little (`graph/vocabulary.toml`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from expertfinder.configuration.titles import is_brought, is_formatting, is_move, is_version

MANY_PATHS = 200
"""A commit that touches more paths than this is about none of them in particular."""
FEWEST_MOVED = 2
"""Files that a commit moves with a change in them, at least: who moves one and changes it works on that file."""
KEPT = 50_000
"""How many folders and names are remembered with what they say: a history touches the same ones again and again."""
IGNORED_REVISIONS = ".git-blame-ignore-revs"
"""Where a repository lists commits that nobody is to be asked about, for `git blame --ignore-revs-file`."""
IGNORED_ELSEWHERE = (
    ".git-ignore-revs",
    ".git-blame-ignore",
    ".git-blame-ignore-revs.txt",
    ".gitblame-ignore-revs",
    ".git-blame-ignore-rev",
    ".git-blame-ignorerevs",
    ".gitblameignore",
    ".blameignorerevs",
)
"""Other names of such a list that are in use."""

LISTED = f"commits that {IGNORED_REVISIONS} lists"
"""Why a commit of that list says little, in words of the report."""
ATTRIBUTES = ".gitattributes"
_OTHERS = ("linguist-vendored", "linguist-generated")
_YES = frozenset({"", "true", "1", "yes", "on"})
_PIECE = re.compile(r"/\*\*/|\*\*/|/\*\*|\*\*|\*|\?|\[([!^]?[\w. -]+)\]|[^*?/\[]+|/|\[")
"""A piece of a pattern of git."""
_RANGE = re.compile(r"(.)-(.)|.")
"""From which character to which one stands in brackets, or one alone; from z to a there is none, as git has it."""
NEVER = re.compile(r"(?!)")
"""Matches no path."""

_VENDORED = re.compile(
    r"(?:.*/)?(?:_?vendor(?:s|ed)?|3rd[-_]?party|third[-_]?party|node_modules|bower_components|jspm_packages|godeps|pods"
    r"|carthage|site-packages|externals?|extern|submodules|elm-stuff|dist|\.yarn|\.bundle|\.?venv|wwwroot/lib"
    r"|gradle/wrapper|\.mvn/wrapper|__snapshots__|(?:__)?generated(?:__)?|subprojects/packagecache"
    r"|packages/[^/]+\.\d+\.\d+[^/]*)/|(?:deps|dependencies)/"
)
"""Folders in which projects keep the code of others, as GitHub's Linguist lists them; in small letters."""
_MADE = re.compile(
    r"(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|bun\.lockb|go(?:\.work)?\.sum|package\.resolved"
    r"|packages\.lock\.json|gradlew(?:\.bat)?|mvnw(?:\.cmd)?|\.pnp\.c?js|configure|aclocal\.m4|config\.(?:guess|sub)"
    r"|ltmain\.sh|libtool\.m4|install-sh|makefile\.in|cpplint\.py|sqlite3\.[ch]|lex\.yy\.c|zz_generated\.[^/]+"
    r"|d3(?:\.v\d+)?\.js|jquery(?:[-.][\w.-]+)?\.js|bootstrap(?:[-.][\w.-]+)?\.(?:js|css))$"
    r"|.*(?:.\.lock|[-.]lock\.(?:json|ya?ml|hcl)|\.min\.(?:js|css)|\.(?:js|css)\.map|\.pot|\.snap|\.tab\.[ch]"
    r"|\.pb\.(?:go|cc|h|swift|dart|gw\.go|validate\.go)|_pb2(?:_grpc)?\.pyi?|_pb\.(?:js|ts|d\.ts|rb)"
    r"|[._-]generated\.[a-z]+|[._]gen\.(?:go|tsx?|jsx?|dart|rs)|\.(?:g|freezed)\.dart|\.g\.cs|\.designer\.(?:cs|vb))$"
)
"""Names of files that tools write; in small letters."""


class Change(NamedTuple):
    """What a commit did to one path."""

    path: str
    status: str
    """`A`, `D`, `M`, `T` as git says it; several letters for a merge."""
    before: tuple[str, ...]
    """Names of the contents before, one a parent."""
    after: str
    """Name of the content that stands there now."""


def is_vendored(path: str) -> bool:
    """Whether a path lies in a folder for the code of others, or is a file that a tool writes."""
    folder, slash, name = path.rpartition("/")
    return (bool(slash) and _is_vendored(folder)) or _is_made(name)


@lru_cache(maxsize=KEPT)
def _is_vendored(folder: str) -> bool:
    return _VENDORED.match(f"{folder.lower()}/") is not None


@lru_cache(maxsize=KEPT)
def _is_made(name: str) -> bool:
    return _MADE.match(name.lower()) is not None


def others_by(attributes: str) -> re.Pattern[str]:
    """The paths that a repository's `.gitattributes` calls others' code or generated (`linguist-vendored`,
    `linguist-generated`); `NEVER` where it calls none so. Of several lines for a path the last one counts."""
    said = dict.fromkeys(_OTHERS, "")
    for line in attributes.splitlines():
        pattern, *words = line.split()[:20] or [""]
        if pattern.startswith(("#", "!", '"', "[attr]")):
            continue
        for word in words:
            name, _, value = word.lstrip("-!").partition("=")
            if name not in said:
                continue
            paths = _as_regular(pattern)
            if word.startswith(("-", "!")) or value not in _YES:
                said[name] = f"(?!{paths})(?:{said[name]})" if said[name] else ""
            else:
                said[name] = f"{said[name]}|{paths}" if said[name] else paths
    every = [paths for paths in said.values() if paths]
    return re.compile("|".join(every)) if every else NEVER


def _one_of(inside: str) -> str:
    """The regular expression of one of several characters, of what stands in brackets; none is a slash."""

    def regular(found: re.Match[str]) -> str:
        if found[1] is None:
            return re.escape(found[0])
        return f"{re.escape(found[1])}-{re.escape(found[2])}" if found[1] <= found[2] else ""

    without = inside[0] in "!^"
    plain = _RANGE.sub(regular, inside[without:])
    if without:
        return f"[^/{plain}]"
    return f"[{plain}]" if plain else NEVER.pattern


def _as_regular(pattern: str) -> str:
    """The regular expression of a pattern of git: without a slash it is the name of a file in any folder."""
    anywhere = "" if "/" in pattern.rstrip("/") else "(?:.*/)?"
    parts = {"/**/": "/(?:.*/)?", "**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}

    def regular(found: re.Match[str]) -> str:
        if found[1]:
            return _one_of(found[1])
        return parts.get(found[0]) or re.escape(found[0])

    body = _PIECE.sub(regular, pattern.strip("/"))
    return rf"{anywhere}{body}(?:/.*)?\Z"


def why_mechanical(
    title: str, changes: Collection[Change], *, parents: int, picked: bool = False, foreign: bool = False
) -> str:
    """Why a commit says little of who made it, in words of the report; empty for one that was written.

    `picked`: whether it is a copy of another commit of the history. `foreign`: whether all its paths are others' code.
    """
    if parents > 1:
        return "merge commits"
    if picked or is_brought(title):
        return "commits that bring another one to a release"
    if not changes:
        return ""
    if foreign:
        return "commits of somebody else's code"
    if _only_moves(changes) or _moves(title, changes):
        return "commits that only move files"
    if len(changes) > MANY_PATHS:
        return f"commits that touch more than {MANY_PATHS} paths"
    if is_formatting(title):
        return "commits that only format"
    if is_version(title):
        return "commits that only raise a version"
    return ""


def _only_moves(changes: Collection[Change]) -> bool:
    """Whether every content after the commit was in some file before. A commit that only deletes moves nothing."""
    stands = [change.after for change in changes if change.status != "D"]
    return bool(stands) and {content for change in changes for content in change.before}.issuperset(stands)


def _moves(title: str, changes: Collection[Change]) -> bool:
    """Whether a commit says that it moves or renames, and every file that it adds is named like one that it deletes.

    Names of packages within such files follow the folder, so that their contents are not the same.
    """
    added = [change.path for change in changes if change.status == "A"]
    if len(added) < FEWEST_MOVED or not is_move(title):
        return False
    come = Counter(map(_name, added))
    return come <= Counter(_name(change.path) for change in changes if change.status == "D")


def _name(path: str) -> str:
    """The name of a file without folders and without its ending."""
    return path.rpartition("/")[2].partition(".")[0].lower()
