"""Commits that a person made and did not write: moves, formatting, somebody else's code, merges.

They are kept, as posts of the kind `mechanical`, which weighs little (`graph/vocabulary.toml`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from expertfinder.configuration.titles import BROUGHT, FORMATTING, MOVES, PICKED, RAISES

MANY_PATHS = 200
"""A commit that touches more paths than this is about none of them in particular."""
KEPT = 50_000
"""How many paths are remembered as vendored or not: a history touches the same ones again and again."""
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
_CALLED_OTHERS = frozenset(
    f"linguist-{word}{value}" for word in ("vendored", "generated") for value in ("", "=true", "=1", "=yes", "=on")
)
NEVER = re.compile(r"(?!)")
"""Matches no path."""

_VENDORED = re.compile(
    r"(?:^|/)(?:_?vendor(?:s|ed)?|3rd[-_]?party|third[-_]?party|node_modules|bower_components|jspm_packages|godeps|pods"
    r"|carthage|site-packages|externals?|extern|submodules|elm-stuff|dist|\.yarn|\.bundle|\.?venv|wwwroot/lib|gradle/wrapper"
    r"|\.mvn/wrapper|__snapshots__|(?:__)?generated(?:__)?|subprojects/packagecache|packages/[^/]+\.\d+\.\d+[^/]*)/"
    r"|^(?:deps|dependencies)/"
    r"|(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|bun\.lockb|go(?:\.work)?\.sum|package\.resolved"
    r"|packages\.lock\.json|gradlew(?:\.bat)?|mvnw(?:\.cmd)?|\.pnp\.c?js|configure|aclocal\.m4|config\.(?:guess|sub)"
    r"|ltmain\.sh|libtool\.m4|install-sh|makefile\.in|cpplint\.py|sqlite3\.[ch]|lex\.yy\.c|zz_generated\.[^/]+"
    r"|d3(?:\.v\d+)?\.js|jquery(?:[-.][\w.-]+)?\.js|bootstrap(?:[-.][\w.-]+)?\.(?:js|css))$"
    r"|[^/]\.lock$|[-.]lock\.(?:json|ya?ml|hcl)$|\.min\.(?:js|css)$|\.(?:js|css)\.map$|\.pot$|\.snap$|\.tab\.[ch]$"
    r"|\.pb\.(?:go|cc|h|swift|dart|gw\.go|validate\.go)$|_pb2(?:_grpc)?\.pyi?$|_pb\.(?:js|ts|d\.ts|rb)$"
    r"|[._-]generated\.[a-z]+$|[._]gen\.(?:go|tsx?|jsx?|dart|rs)$|\.(?:g|freezed)\.dart$|\.g\.cs$|\.designer\.(?:cs|vb)$",
    re.IGNORECASE,
)
"""Folders in which projects keep the code of others, as GitHub's Linguist lists them, and files that tools write."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit did to one path."""

    path: str
    status: str
    """`A`, `D`, `M`, `T` as git says it; several letters for a merge."""
    before: tuple[str, ...]
    """Names of the contents before, one a parent."""
    after: str
    """Name of the content that stands there now."""


@lru_cache(maxsize=KEPT)
def is_vendored(path: str) -> bool:
    """Whether a path lies in a folder for the code of others, or is a file that a tool writes."""
    return _VENDORED.search(path) is not None


def others_by(attributes: str) -> re.Pattern[str]:
    """The paths that a repository's `.gitattributes` calls others' code or generated (`linguist-vendored`,
    `linguist-generated`); `NEVER` where it calls none so."""
    said = []
    for line in attributes.splitlines():
        pattern, *words = line.split()[:20] or [""]
        if not pattern.startswith(("#", "!", '"', "[attr]")) and not _CALLED_OTHERS.isdisjoint(words):
            said.append(_as_regular(pattern))
    return re.compile("|".join(said)) if said else NEVER


def _as_regular(pattern: str) -> str:
    """The regular expression of a pattern of git: without a slash it is the name of a file in any folder."""
    anywhere = "" if "/" in pattern.rstrip("/") else "(?:.*/)?"
    plain = pattern.strip("/")
    parts = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = re.sub(r"\*\*/|/\*\*|\*\*|\*|\?|[^*?/]+|/", lambda found: parts.get(found[0]) or re.escape(found[0]), plain)
    return rf"{anywhere}{body}(?:/.*)?\Z"


def picked_from(message: str) -> str:
    """The beginning of the hash of the commit that a message says it is a copy of; empty where it says none."""
    lower = message.lower()
    found = (
        PICKED.search(message) if "commit" in lower or "port" in lower or "pick" in lower or "graft" in lower else None
    )
    return next(filter(None, found.groups())).lower() if found else ""


def why_mechanical(
    title: str, changes: Collection[Change], *, parents: int, picked: bool = False, foreign: bool = False
) -> str:
    """Why a commit says little of who made it, in words of the report; empty for one that was written.

    `picked`: whether it is a copy of another commit of the history. `foreign`: whether all its paths are others' code.
    """
    if parents > 1:
        return "merge commits"
    if picked or BROUGHT.search(title):
        return "commits that bring another one to a release"
    if not changes:
        return ""
    if foreign:
        return "commits of somebody else's code"
    if _only_moves(changes) or _moves(title, changes):
        return "commits that only move files"
    if len(changes) > MANY_PATHS:
        return f"commits that touch more than {MANY_PATHS} paths"
    if FORMATTING.match(title):
        return "commits that only format"
    if RAISES.match(title):
        return "commits that only raise a version"
    return ""


def _only_moves(changes: Collection[Change]) -> bool:
    """Whether every content after the commit was in some file before. A commit that only deletes moves nothing."""
    stood = {content for change in changes for content in change.before}
    stands = [change for change in changes if change.status != "D"]
    return bool(stands) and all(change.after in stood for change in stands)


def _moves(title: str, changes: Collection[Change]) -> bool:
    """Whether a commit says that it moves or renames, and every file that it adds is named like one that it deletes.

    Names of packages within such files follow the folder, so that their contents are not the same. Who moves one file
    and changes it works on that file.
    """
    gone = Counter(_name(change.path) for change in changes if change.status == "D")
    come = Counter(_name(change.path) for change in changes if change.status == "A")
    return come.total() > 1 and come <= gone and MOVES.match(title) is not None


def _name(path: str) -> str:
    """The name of a file without folders and without its ending."""
    return path.rpartition("/")[2].partition(".")[0].lower()
