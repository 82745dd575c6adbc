"""A set from any git repository that says who owns what: is the product worth anything on one's own code?

The questions are the titles of the sections of a MAINTAINERS file, or the words of the paths of a CODEOWNERS file; the
truth is who is named there (maintainers grade 2, reviewers grade 1). The evidence is the history without each commit
that touches the file. The product is compared with a peer: who made most commits on the owned paths, as users of git
find an owner by hand. Only the peer knows the paths.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from expertfinder.errors import SourceError
from expertfinder.evaluation.figures import Run
from expertfinder.evaluation.ranking import Evaluation, How, measured
from expertfinder.evaluation.sets import SOURCE, Judged, world
from expertfinder.index.posts.tokens import folded, runs
from expertfinder.model import ORGANISATION, Fact, Interaction, Person, Post, Query, Source
from expertfinder.sources.git import GitReader
from expertfinder.sources.paths import path_words
from expertfinder.sources.repository import Repository

PLACES = ("MAINTAINERS", "CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where such a file is looked for; the first that is there is read."""
MAINTAINER, REVIEWER = 2, 1
"""Grades of the truth."""
HALF_LIFE = 730.5
"""Days after which a commit counts half for the second peer: two years."""
ALL_TIME, RECENT = "most commits on the owned paths", "the same, half-life two years"
"""The peers."""

_TAGGED = re.compile(r"([A-Z]):\s*(.+?)\s*$")
_CONTACT = re.compile(r"([^<>]*)<([^<>\s]+@[^<>\s]+)>")
_UNDERLINE = re.compile(r"^\s*[-=~^]{3,}\s*$")


@dataclass(slots=True)
class Section:
    """An area of a repository, and who is named for it."""

    title: str
    patterns: list[str] = field(default_factory=list)
    """Regular expressions of the paths that it owns."""
    named: list[tuple[str, int]] = field(default_factory=list)
    """Each owner as the file has it, with the grade."""


def sections(text: str, *, codeowners: bool) -> list[Section]:
    """The areas of a MAINTAINERS or a CODEOWNERS file that have paths and owners; those of one title are one."""
    found: dict[str, Section] = {}
    for one in _rules(text) if codeowners else _blocks(text):
        everything = any(pattern in ("[^/]*", ".*") for pattern in one.patterns)
        if one.patterns and one.named and one.title and not everything:
            known = found.setdefault(one.title, Section(one.title))
            known.patterns += one.patterns
            known.named += one.named
    return list(found.values())


def _blocks(text: str) -> Iterator[Section]:
    """Sections as Linux has them: a line with the title, and lines with a letter and a colon."""
    section, before = Section(""), ""
    for line in [*text.splitlines(), ""]:
        tagged = _TAGGED.match(line)
        if tagged is None:
            if not line.strip():
                yield section
                section = Section("")
            elif not _UNDERLINE.match(line):
                before = " ".join(line.split())
            continue
        tag, value = tagged.groups()
        if not section.title:
            section = Section(before)
        if tag in "MR":
            section.named.append((value, MAINTAINER if tag == "M" else REVIEWER))
        elif tag == "F":
            section.patterns.append(_of_maintainers(value))


def _rules(text: str) -> Iterator[Section]:
    """Each rule of a CODEOWNERS file as a section, called by the words of its path."""
    for line in text.splitlines():
        rule = line.split("#", 1)[0].replace("\\ ", "\0").split()
        if len(rule) > 1 and not rule[0].startswith(("[", "^[")):
            path = rule[0].replace("\0", " ")
            title = " ".join(path_words((path.replace("*", " "),)))
            yield Section(title, [_of_codeowners(path)], [(owner, MAINTAINER) for owner in rule[1:]])


def _glob(pattern: str) -> str:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    said = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(said.get(part, re.escape(part)) for part in parts)


def _of_maintainers(pattern: str) -> str:
    """A path with a slash at its end is a folder with all below it; any other stands for itself, or for a folder."""
    plain = pattern.removeprefix("./").removeprefix("/")
    return _glob(plain) + ".*" if plain.endswith("/") else _glob(plain) + ("" if "*" in plain else "(?:/.*)?")


def _of_codeowners(pattern: str) -> str:
    """A pattern as .gitignore has it: with a slash before its end it begins at the top, without one anywhere."""
    anchored = "/" in pattern.rstrip("/")
    plain = _glob(pattern.strip("/"))
    below = "" if pattern.endswith("/*") else "(?:/.*)?"
    return ("" if anchored else "(?:.*/)?") + plain + below


@dataclass(frozen=True, slots=True)
class Owned:
    """A repository as a set."""

    file: str
    """The file that says who owns what."""
    judged: Judged
    facts: Sequence[Fact]
    sections: Mapping[str, Section]
    """By the name of the question."""
    left_out: int
    """Areas none of whose owners has a commit or an act in the history."""
    hidden: frozenset[str]
    """Commits that touch the file."""
    people: Mapping[str, str]
    """Address or full name -> the id of the person."""


def owned(path: Path, *, progress: Callable[[str, int, int | None], None] = lambda *_: None) -> Owned:
    """The set of a repository. Raises `SourceError` where it is none, or no file says who owns what."""
    repository = Repository(path)
    newest = repository.commit()
    there = repository.ask("ls-tree", "--full-tree", "--name-only", newest, "--", *PLACES).split("\n")
    file = next((place for place in PLACES if place in there), "")
    if not file:
        raise SourceError(f"no file here says who owns what: one of {', '.join(PLACES)}", file=str(path))
    areas = sections(repository.ask("show", f"{newest}:{file}"), codeowners=not file.endswith("MAINTAINERS"))
    touching = repository.ask("log", "--format=%H", "--full-history", newest, "--", *PLACES).split()
    hidden = frozenset(f"{SOURCE}:{commit}" for commit in touching)
    facts, people = _history(path, hidden, progress)
    handles = _handles(people)
    truth: dict[str, dict[str, int]] = {}
    kept: dict[str, Section] = {}
    for number, area in enumerate(areas):
        grades: dict[str, int] = {}
        for named, grade in area.named:
            for person in _meant(named, people, handles):
                grades[person] = max(grade, grades.get(person, 0))
        if grades:
            name = f"s{number:04}"
            truth[name], kept[name] = grades, area
    if not kept:
        raise SourceError(
            f"nobody whom {file} names has a commit here; teams (@org/team) cannot be looked up", file=str(path)
        )
    asked = [(name, Query(text=area.title)) for name, area in kept.items()]
    judged = Judged(path.resolve().name, asked, truth)
    return Owned(file, judged, facts, kept, len(areas) - len(kept), hidden, people)


def _history(
    path: Path, hidden: frozenset[str], progress: Callable[[str, int, int | None], None]
) -> tuple[list[Fact], dict[str, str]]:
    """The facts of the history without the commits `hidden`; addresses of one full name (two words and more) are one
    person. And address or full name -> person, both without the prefix of the source."""
    reader = GitReader(path, source=Source(id=SOURCE, audience=ORGANISATION))
    facts: list[Fact] = []
    first: dict[str, str] = {}
    same: dict[str, str] = {}
    for done, fact in enumerate(reader.facts()):
        if done % 1000 == 0:
            progress("reading the history", done, None)
        if isinstance(fact, Person):
            name = " ".join(sorted(runs(folded(fact.name))))
            same[fact.id] = first.setdefault(name, fact.id) if " " in name else fact.id
            if same[fact.id] != fact.id:
                continue
        elif isinstance(fact, Post):
            if fact.id in hidden:
                continue
            fact = replace(fact, authors=tuple(dict.fromkeys(same.get(author, author) for author in fact.authors)))
        elif isinstance(fact, Interaction):
            if fact.object in hidden:
                continue
            fact = replace(fact, actor=same.get(fact.actor, fact.actor))
        facts.append(fact)
    prefix = len(SOURCE) + 1
    people = {one[prefix:]: other[prefix:] for one, other in same.items()}
    names = {fact.id: fact.name for fact in facts if isinstance(fact, Person)}
    people |= {folded(name): id[prefix:] for id, name in names.items() if " " in name.strip()}
    return facts, people


def _handles(people: Mapping[str, str]) -> dict[str, str]:
    """Handle of a forge -> person, by private addresses and by what stands before an @; none that two people have."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    sure: dict[str, str] = {}
    for address, person in people.items():
        local, _, domain = address.partition("@")
        if domain.startswith("users.noreply."):
            sure[local.rsplit("+", 1)[-1]] = person
        elif domain:
            found[local].add(person)
        found["".join(runs(address)) if not domain else ""].add(person)
    return {handle: next(iter(of)) for handle, of in found.items() if handle and len(of) == 1} | sure


def _meant(named: str, people: Mapping[str, str], handles: Mapping[str, str]) -> Iterator[str]:
    """The person whom an entry names: by address, full name or handle; nobody for who is not in the history."""
    contact = _CONTACT.search(named)
    if contact is not None:
        name, address = contact.groups()
        known = people.get(address.lower()) or people.get(folded(" ".join(name.split())))
    elif named.startswith("@"):
        known = None if "/" in named else handles.get(named[1:].lower())
    else:
        known = people.get(named.lower())
    if known:
        yield known


def _peers(path: Path, found: Owned) -> dict[str, Run]:
    """Peer -> area -> people with their commits on the paths of the area, most first."""
    repository = Repository(path)
    areas = {name: re.compile("|".join(f"(?:{one})" for one in area.patterns)) for name, area in found.sections.items()}
    of_path: dict[str, list[str]] = {}
    counts: dict[str, dict[str, Counter[str]]] = {peer: defaultdict(Counter) for peer in (ALL_TIME, RECENT)}
    told = repository.ask(
        "-c", "core.quotePath=false", "log", "--no-merges", "--use-mailmap", "--name-only", "--no-renames",
        "--format=%x01%H%x02%aE%x02%at", repository.commit(),
    )  # fmt: skip
    newest = 0.0
    for block in told.split("\x01")[1:]:
        head, *paths = block.split("\n")
        commit, address, at = head.split("\x02")
        person = found.people.get(address.lower())
        if person is None or f"{SOURCE}:{commit}" in found.hidden:
            continue
        newest = max(newest, float(at))
        touched: set[str] = set()
        for one in filter(None, paths):
            if one not in of_path:
                of_path[one] = [name for name, pattern in areas.items() if pattern.fullmatch(one)]
            touched.update(of_path[one])
        faded = 0.5 ** (max(newest - float(at), 0.0) / 86_400 / HALF_LIFE)
        for name in touched:
            counts[ALL_TIME][name][person] += 1
            counts[RECENT][name][person] += faded
    return {
        peer: {name: sorted(of.items(), key=lambda pair: (-pair[1], pair[0])) for name, of in by_area.items()}
        for peer, by_area in counts.items()
    }


def evaluate_owners(
    path: Path, *, how: How, progress: Callable[[str, int, int | None], None] = lambda *_: None
) -> tuple[Evaluation, Owned]:
    """Ask a repository who owns each of its areas, and count commits on the owned paths beside it."""
    found = owned(path, progress=progress)
    progress("counting commits on the owned paths", 0, None)
    peers = _peers(path, found)
    progress("making the index", 0, None)
    with world(found.facts, encoder_name=how.encoder, network=False) as finder:
        evaluation = measured(
            finder, found.judged, how, progress=lambda done, all: progress("asking", done, all), peers=peers
        )
    return evaluation, found
