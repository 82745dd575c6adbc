"""Counts what a reader of the code must hold: names on the way of a question, entries a folder, lines, and start-up.

    python scripts/house.py [--names] [--json]

Names on the way are the distinct classes and module functions of `expertfinder` that a trace meets while
`ExpertFinder.find` answers one question of the demo organisation: the first thing that the demo invites to try, asked
for the first time by a member of its restricted groups, from an index in files that was opened before. A method counts
as its class; an inner function, a lambda or a comprehension as the function around it; modules that are imported on
the way do not count. `--names` lists them in the order in which they are met. An entry of a folder is a file or a
folder that git keeps (`sources/`, one file a format, is left out of the fullest); lines are those of Python files,
blank ones included.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from expertfinder.ask.finder import ExpertFinder
from expertfinder.model import Query

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "expertfinder"
SOURCES = "src/expertfinder/sources"
"""The folder that may hold many entries: it has one file for each format."""
RUNS = 3
"""Starts of the command line; the cheapest is told, as others may run beside it."""
LONGEST = 5
"""Files in the list of the longest."""


@dataclass(frozen=True, slots=True)
class House:
    """What was counted."""

    classes: list[str]
    """Of ours, met while one question is answered, as `module.Name`, in the order met."""
    functions: list[str]
    entries: dict[str, int]
    """Folder of src/expertfinder -> files and folders in it."""
    lines: dict[str, int]
    """Python file of src/ -> its lines."""
    help_seconds: float
    """CPU seconds of `expertfinder --help`."""


def main() -> int:
    """Count, and print it."""
    parser = argparse.ArgumentParser(description="Count what a reader of the code must hold.")
    parser.add_argument("--names", action="store_true", help="list the names on the way of a question")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="expertfinder-house-") as folder:
        classes, functions = names_on_the_way(Path(folder))
    house = House(classes, functions, entries(), lines(), help_seconds())
    if options.json:
        print(json.dumps(asdict(house), indent=1))
    else:
        show(house, names=options.names)
    return 0


def show(house: House, *, names: bool) -> None:
    """Print the figures, one a line."""
    total = len(house.classes) + len(house.functions)
    print(f"names on the way of a question: {total} ({len(house.classes)} classes, {len(house.functions)} functions)")
    listed = [len(group) for group in on_the_way()]
    print(f"names listed in docs/design.md: {listed[0]}, and {sum(listed[1:])} where a server holds the index")
    for kind, met in (("class", house.classes), ("function", house.functions)) if names else ():
        for name in met:
            print(f"  {kind:8} {name}")
    fullest = sorted(house.entries.items(), key=lambda item: (-item[1], item[0]))
    print("entries a folder: " + ", ".join(f"{folder} {count}" for folder, count in fullest))
    longest = sorted(house.lines.items(), key=lambda item: (-item[1], item[0]))[:LONGEST]
    print("longest files: " + ", ".join(f"{path} {count}" for path, count in longest))
    print(f"lines of src/: {sum(house.lines.values()):,} in {len(house.lines)} files")
    print(f"expertfinder --help: {house.help_seconds:.2f} CPU seconds")


# --- names on the way of a question ----------------------------------------------------------------------------------


def names_on_the_way(folder: Path) -> tuple[list[str], list[str]]:
    """Classes and module functions of ours, in the order in which `find` meets them in the demo organisation."""
    command = [sys.executable, "-m", PACKAGE, "demo", "--home", str(folder), "--json"]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    finder = ExpertFinder.open(folder)
    viewer = finder.viewer(finder.viewers(limit=1)[0].id)
    met = Met()
    try:
        with met.watching():
            answer = finder.find(Query(text=told["tries"][0].split('"')[1]), viewer)
        assert answer.recommendations, "the question of the demo has an answer"
    finally:
        finder.close()
    return [name for name, kind in met.kind.items() if kind == "class"], [
        name for name, kind in met.kind.items() if kind == "function"
    ]


def on_the_way() -> list[list[str]]:
    """The names that docs/design.md lists on the way of a question: always, then where a server holds the index."""
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    words = design.split("## Names on the way of a question\n")[1].split("\n## ")[0]
    groups = [re.findall(r"`([A-Z_]\w+)`", paragraph) for paragraph in words.split("\n\n")]
    return [group for group in groups if group]


class Met:
    """The names of ours whose code was run, in the order met."""

    def __init__(self) -> None:
        self.kind: dict[str, str] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note whatever this thread calls meanwhile."""
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, argument: object) -> None:
        module = str(frame.f_globals.get("__name__", ""))
        if event != "call" or module.split(".", 1)[0] != PACKAGE:
            return
        code = frame.f_code
        if code.co_filename == "<string>":  # what a dataclass writes for itself; its first argument says whose it is
            made = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
            if made is not None and type(made).__module__.split(".", 1)[0] == PACKAGE:
                self.kind.setdefault(f"{type(made).__module__}.{type(made).__qualname__}", "class")
            return
        first = code.co_qualname.split(".", 1)[0]
        known = frame.f_globals.get(first)
        if isinstance(known, type):
            self.kind.setdefault(f"{module}.{first}", "class")
        elif not first.startswith("<"):
            self.kind.setdefault(f"{module}.{first}", "function")


# --- entries, lines, start-up ----------------------------------------------------------------------------------------


def kept() -> list[Path]:
    """The files of src/ that git keeps, relative to the root of the repository."""
    listed = subprocess.run(["git", "ls-files", "-z", "src"], cwd=ROOT, check=True, capture_output=True, text=True)
    return sorted(Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def entries() -> dict[str, int]:
    """Folder of src/expertfinder that holds Python files -> files and folders in it; without `sources/`."""
    inside: defaultdict[str, set[str]] = defaultdict(set)
    for path in kept():
        for folder in path.parents:
            inside[folder.as_posix()].add(path.relative_to(folder).parts[0])
    modules = {path.parent.as_posix() for path in kept() if path.suffix == ".py"}
    return {folder: len(inside[folder]) for folder in sorted(modules) if folder != SOURCES}


def lines() -> dict[str, int]:
    """Python file of src/ -> its lines."""
    return {path.as_posix(): (ROOT / path).read_bytes().count(b"\n") for path in kept() if path.suffix == ".py"}


def help_seconds() -> float:
    """CPU seconds of `expertfinder --help`: the cheapest of `RUNS` starts."""
    return min(cpu_seconds("--help") for _ in range(RUNS))


def cpu_seconds(*arguments: str, environment: Mapping[str, str] | None = None) -> float:
    """User and system time of one run of the command line, on one thread."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", PACKAGE, *arguments],
        check=True,
        capture_output=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **(environment or {})},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    raise SystemExit(main())
