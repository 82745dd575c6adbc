"""Commits that a person made and did not write: moves, formatting, somebody else's code, merges.

They are kept, as posts of the kind `mechanical`, which weighs little (`graph/vocabulary.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

MANY_PATHS = 200
"""A commit that touches more paths than this is about none of them in particular."""
KEPT = 50_000
"""How many paths are remembered as vendored or not: a history touches the same ones again and again."""
IGNORED_REVISIONS = ".git-blame-ignore-revs"
"""Where a repository lists commits that nobody is to be asked about, for `git blame --ignore-revs-file`."""
IGNORED_ELSEWHERE = (".git-ignore-revs", ".git-blame-ignore", ".git-blame-ignore-revs.txt", ".gitblame-ignore-revs")
"""Other names of such a list that are in use."""

_VENDORED = re.compile(
    r"(?:^|/)(?:_?vendor(?:s|ed)?|3rd[-_]?party|third[-_]?party|node_modules|bower_components|jspm_packages|godeps|pods"
    r"|carthage|site-packages|externals?|extern|\.yarn|\.bundle|subprojects/packagecache)/"
    r"|(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|composer\.lock"
    r"|gemfile\.lock|cargo\.lock|poetry\.lock|pdm\.lock|uv\.lock|pipfile\.lock|go\.sum|flake\.lock|mix\.lock"
    r"|packages\.lock\.json|gradlew(?:\.bat)?)$|\.min\.(?:js|css)$|\.pb\.(?:go|cc|h)$|_pb2(?:_grpc)?\.pyi?$"
    r"|[._]generated\.[a-z]+$|\.(?:g|freezed)\.dart$|\.designer\.cs$",
    re.IGNORECASE,
)
"""Folders in which projects keep the code of others, as GitHub's Linguist lists them, and files that tools write."""

_FORMATTERS = (
    r"(?:black|prettier|clang-?\s?format|gofmt|gofumpt|goimports|rustfmt|cargo[ -]fmt|ruff(?: format)?|isort|autopep8"
    r"|yapf|eslint(?: --fix)?|standardjs|scalafmt|ktlint|ktfmt|google-java-format|spotless|astyle|uncrustify"
    r"|swiftformat|dart ?fmt|dart format|mix format|terraform fmt|php-cs-fixer|stylua|shfmt|perltidy|ormolu|fourmolu"
    r"|nixfmt|alejandra|zig fmt|biome|dprint|pyupgrade|djlint|taplo|pre-commit"
    r"|(?:a |the |our )?(?:auto)?-?formatters?)"
)
_ALL = (
    r"(?:\s+(?:all|the|our|whole|entire|complete|everything|code|codebase|code ?base|sources?|source code|files?|tree"
    r"|repo|repository|project|imports))+"
)
_INFLECTED = r"(?:s|ted|ting|ed|ing)?"
_MENDS = (
    r"(?:fix(?:es|ed)?|remove[sd]?|strip(?:ped)?|trim(?:med)?|clean(?:ed)?(?: up)?|delete[sd]?|normali[sz]e[sd]?"
    r"|convert(?:ed)?)"
)
_LAYOUT = (
    r"(?:trailing\s+)?(?:white-?\s?spaces?|line[- ]endings?|tabs to spaces|indentation|(?:code |coding )?style"
    r"|(?:code )?formatting|lint(?:er)?(?: errors| warnings| issues)?)"
)
_FORMATTING = re.compile(
    r"^(?:\[[^\]]+\]:?\s+|[\w./ -]{1,40}(?:\([^)]*\))?!?:\s+)?(?:"
    rf"(?:auto-?|re-?)?(?:format|indent|lint){_INFLECTED}\b.*\b(?:with|using|via|by|through)\s+{_FORMATTERS}\b.*"
    rf"|(?:re-?)?(?:run|ran|running|apply|applied|applying)\s+(?:the\s+)?{_FORMATTERS}"
    r"(?:\s+(?:on|over|to|in|for|across)\b.*)?"
    rf"|{_FORMATTERS}(?:\s+(?:on|over|in|for)\b.*|\s+(?:run|pass|formatting|all(?: the)? things|everything))?"
    rf"|(?:auto-?|re-?)(?:format|indent){_INFLECTED}"
    rf"(?:{_ALL}|\s+(?:\S+\s+)?\S*[./]\S*|\s+\S+ (?:code|files?|sources?))?"
    rf"|format{_INFLECTED}{_ALL}"
    rf"|{_MENDS}\s+(?:all\s+|the\s+|some\s+)?{_LAYOUT}"
    r"|(?:white-?\s?space|formatting|indentation|code style|style)(?:\s+(?:only|fixes|fix|changes?|cleanups?))*"
    r"|code[ -]?formatting\s+(?:in|of|for)\b.*|code-?formatierung\b.*|formatierung"
    r"|(?:cosmetic|style|stylistic|white-?\s?space|formatting) changes(?:\s+only)?"
    r"|lint(?:ed|ing)?\s+(?!.*\b(?:rules?|checks?|config\w*|for|against|errors?|warnings?|steps?|jobs?)\b)\S+(?:\s\S+){0,2}"
    r"|(?:convert\s+)?(?:crlf|dos|windows)(?:\s+line endings)?\s*(?:to|->|2)\s*(?:lf|unix)\b.*|dos2unix\b.*"
    r"|(?:update|bump|fix|change|add)(?:s|ed)?\s+(?:all\s+|the\s+)?(?:copyright|licen[cs]e)"
    r"\s+(?:years?|headers?|notices?|dates?)(?:\s+(?:in|of|for|to|everywhere)\b.*)?"
    r")\s*[.!]?(?:\s*\(#?\d+\))?$|^(?:formatting|format|formatierung|fmt|whitespace|lint)(?:\([^)]*\))?:\s",
    re.IGNORECASE,
)
"""Titles by which a commit says that a formatter ran, or that only the layout of the code changed."""
_GENERATED = re.compile(
    r"^(?:revert\s+[\"“']|reapply\s+[\"“'])|^this reverts (?:commit|merge request|changeset)\b", re.I | re.M
)

_PICKED = re.compile(
    r"^\s*(?:\(cherry[ -]picked from commit ([0-9a-f]{7,64})|\[?\s*upstream commit:? ([0-9a-f]{7,64})"
    r"|commit ([0-9a-f]{7,64}) upstream\b|backport(?:ed|s)?(?: of| from)?(?: commit)? ([0-9a-f]{7,64})\b)",
    re.IGNORECASE | re.MULTILINE,
)
"""Lines by which a commit names the other commit that it is a copy of."""
_BACKPORT = re.compile(r"^(?:\[[^\]]*\bbackport\b[^\]]*\]|backport(?:ed|s)?\s*(?:\([^)]*\))?:)\s", re.IGNORECASE)
"""Titles of a change that says it was brought to an older release from another commit."""


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


def takes_back(message: str) -> bool:
    """Whether a commit reverts or reapplies another one, whose title it then repeats."""
    return _GENERATED.search(message) is not None


def picked_from(message: str) -> str:
    """The beginning of the hash of the commit that a message says it is a copy of; empty where it says none."""
    found = _PICKED.search(message) if "commit" in message.lower() or "backport" in message.lower() else None
    return next(filter(None, found.groups())).lower() if found else ""


def why_mechanical(
    title: str, changes: Collection[Change], *, parents: int, listed: bool = False, picked: bool = False
) -> str:
    """Why a commit says little of who made it, in words of the report; empty for one that was written.

    `listed`: whether the repository says that nobody is to be asked about it. `picked`: whether it is a copy of another
    commit of the history.
    """
    if listed:
        return f"commits that {IGNORED_REVISIONS} lists"
    if parents > 1:
        return "merge commits"
    if picked or _BACKPORT.match(title):
        return "commits that bring another one to a release"
    if not changes:
        return ""
    if all(is_vendored(change.path) for change in changes):
        return "commits of somebody else's code"
    if _only_moves(changes):
        return "commits that only move files"
    if len(changes) > MANY_PATHS:
        return f"commits that touch more than {MANY_PATHS} paths"
    if _FORMATTING.match(title):
        return "commits that only format"
    return ""


def _only_moves(changes: Collection[Change]) -> bool:
    """Whether every content after the commit was in some file before. A commit that only deletes moves nothing."""
    stood = {content for change in changes for content in change.before}
    stands = [change for change in changes if change.status != "D"]
    return bool(stands) and all(change.after in stood for change in stands)
