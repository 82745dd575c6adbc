"""Measures how well people are found by what they are called, on the sets whose people have names or handles.

    python scripts/names.py [SET ...] [--seed N] [--json]

Sets are folders under EXPERTFINDER_SETS, or paths; by default `rust` and `pyvideo`. For each person the name (and the
handle, where the set has one) is typed as it is written, with one seeded slip of the pen in each word of five letters
and more, by its last word alone, and a handle by its first half. It is found when the first suggestion is that person,
or one who shares what was typed: whose name or handle is the same, has the same word, or begins so.

Every question of the set is asked, too: none of them is a name, so none may be answered as one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.suggest import suggest
from expertfinder.evaluation.sets import SOURCE, loaded, read_queries
from expertfinder.index.posts.tokens import folded
from expertfinder.model import SHARED

SETS = ("rust", "pyvideo")
EDITED = 5
"""Letters of a word from which on it is mistyped: the first number of the issue's bar."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody of a set."""

    id: str
    name: str
    handle: str

    @property
    def words(self) -> list[str]:
        """Of the name, folded."""
        return _WORD.findall(folded(self.name))


def people(folder: Path) -> list[Known]:
    """Everybody of a set."""
    lines = (folder / "people.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines if line.strip()]
    return [Known(f"{SOURCE}:{one['id']}", one.get("name", ""), one.get("handle", "")) for one in records]


def slipped(text: str, rng: random.Random) -> str:
    """A text with one slip of the pen in each of its words of `EDITED` letters and more: a letter too few, too many,
    another one, or two that changed places."""

    def slip(word: str) -> str:
        if len(word) < EDITED:
            return word
        while True:
            at, kind = rng.randrange(len(word)), rng.randrange(4)
            letter = rng.choice(LETTERS)
            made = (
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
            )[kind]
            if made != word:
                return made

    return _WORD.sub(lambda match: slip(match[0]), text)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of typing: what of a person is typed, and whether somebody else shares it."""

    name: str
    typed: Callable[[Known], str]
    shared: Callable[[Known, Known], bool]


def _same_name(one: Known, other: Known) -> bool:
    return sorted(one.words) == sorted(other.words)


def _same_surname(one: Known, other: Known) -> bool:
    return one.words[-1] in other.words or folded(other.handle) == one.words[-1]


def _same_handle(one: Known, other: Known) -> bool:
    return folded(one.handle) == folded(other.handle)


def _same_half(one: Known, other: Known) -> bool:
    half = folded(_half(one))
    return folded(other.handle).startswith(half) or "".join(other.words).startswith(half) or half in other.words


def _half(one: Known) -> str:
    return one.handle[: max(2, (len(one.handle) + 1) // 2)]


def ways(rng: random.Random) -> list[tuple[Way, Callable[[Known], bool]]]:
    """Every way, and of whom it can be typed."""
    return [
        (Way("name", lambda one: one.name, _same_name), lambda one: bool(one.name)),
        (Way("name, a slip in each word", lambda one: slipped(one.name, rng), _same_name), _mistyped),
        (
            Way("surname", lambda one: one.words[-1], _same_surname),
            lambda one: len(one.words) == 2 and len(one.words[-1]) > 1,
        ),
        (Way("handle", lambda one: one.handle, _same_handle), lambda one: len(one.handle) > 1),
        (
            Way("handle, a slip", lambda one: slipped(one.handle, rng), _same_handle),
            lambda one: any(len(word) >= EDITED for word in _WORD.findall(one.handle)),
        ),
        (Way("half a handle", _half, _same_half), lambda one: len(one.handle) > 3),
    ]


def _mistyped(one: Known) -> bool:
    return any(len(word) >= EDITED for word in _WORD.findall(one.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How often somebody was suggested first."""

    set: str
    way: str
    asked: int
    first: int
    milliseconds: float
    """Of the median suggestion, in this process."""
    missed: tuple[str, ...]


def measured(finder: ExpertFinder, folder: Path, seed: int) -> Iterable[Figure]:
    """Every way of typing over everybody of a set."""
    everybody = people(folder)
    by_id = {one.id: one for one in everybody}
    for way, can in ways(random.Random(seed)):
        some = [one for one in everybody if can(one)]
        if not some:
            continue
        missed, times = [], []
        for one in some:
            typed = way.typed(one)
            began = time.process_time()
            found = suggest(finder, typed, SHARED).found if len(_WORD.findall(typed)) else ()
            times.append(time.process_time() - began)
            first = found[0] if found else None
            if first is None or first.kind != "person" or not (first.id == one.id or way.shared(one, by_id[first.id])):
                missed.append(f"{typed!r} -> {first.label if first else 'nobody'} instead of {one.name} ({one.handle})")
        middle = sorted(times)[len(times) // 2] * 1000
        yield Figure(
            set=folder.name,
            way=way.name,
            asked=len(some),
            first=len(some) - len(missed),
            milliseconds=round(middle, 2),
            missed=tuple(missed[:30]),
        )


def taken_for_names(finder: ExpertFinder, folder: Path) -> tuple[int, list[str]]:
    """How many questions a set has, and those that are answered as somebody's name, or suggest a person first."""
    found, queries = [], read_queries(folder / "queries.jsonl")
    for name, query in queries:
        shown = suggest(finder, query.text, SHARED).found
        if finder.find(query, SHARED).named or (shown and shown[0].kind == "person"):
            found.append(name)
    return len(queries), found


def main() -> int:
    """Measure the named sets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=SETS, help="folders, or names under EXPERTFINDER_SETS")
    parser.add_argument("--seed", type=int, default=1, help="of the slips of the pen")
    parser.add_argument("--missed", action="store_true", help="say which were not found")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    figures: list[Figure] = []
    questions: dict[str, object] = {}
    for name in asked.sets:
        folder = Path(name) if Path(name).is_dir() else Path(os.environ.get("EXPERTFINDER_SETS", ".")) / name
        with loaded(folder) as finder:
            figures += measured(finder, folder, asked.seed)
            number, taken = taken_for_names(finder, folder)
        questions[folder.name] = {"questions": number, "taken for names": taken}
    if asked.json:
        print(json.dumps({"figures": [vars_of(one) for one in figures], "questions": questions}, indent=1))
        return 0
    table = Table("set", "typed", "people", "first", "share", "CPU ms p50", box=None)
    for one in figures:
        share = f"{one.first / one.asked:.3f}"
        table.add_row(one.set, one.way, f"{one.asked}", f"{one.first}", share, f"{one.milliseconds}")
    out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    out.print(table)
    for name, about in questions.items():
        out.print(f"{name}: {about}")
    if asked.missed:
        for one in figures:
            for line in one.missed:
                out.print(f"{one.set}, {one.way}: {line}", markup=False)
    return 0


def vars_of(one: Figure) -> dict[str, object]:
    """A figure as a record."""
    return {name: getattr(one, name) for name in ("set", "way", "asked", "first", "milliseconds")}


if __name__ == "__main__":
    sys.exit(main())
