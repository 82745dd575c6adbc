"""What is promised of Neo4j, and of a service, at full size: hours, not minutes. CI has the same at small sizes.

    python scripts/soak.py [NAME ...] [--list]

Each piece of work is a command of its own, one after the other, each with servers of its own; with names, only those.
The figures of each are printed as it prints them, and at the end what failed. The copy of an evaluation set is left
out where none is named, and said so.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PYTEST: Final = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=5", "--size=ci")
FULL: Final = ("--size=soak",)
"""In place of the size of CI (`tests/sizes.py`)."""
MACHINE: Final = "tests/stores/test_machine.py"
CRASH: Final = "tests/crash/test_neo4j.py"
ENGINE: Final = "tests/leak/test_engine.py"
S: Final = ("--posts", "100000")
"""The size S: 10,000 people, 100,000 posts, a million interactions."""


@dataclass(frozen=True, slots=True)
class Work:
    """One command, what it shows, and its environment."""

    shows: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def benchmark(name: str, *words: str) -> tuple[str, ...]:
    """The command of a script beside this one."""
    return (sys.executable, f"scripts/{name}.py", *words)


def all_work(folder: str) -> dict[str, Work]:
    """Name -> work, in the order in which it is done: the short ones first. `folder`: of a set to copy, or its name."""
    current = {"NEO4J_PROFILE": "current"}
    big = ("--heap", "3g", "--page-cache", "1g")
    return {
        "kills": Work("20 kills in the middle of writing", (*PYTEST, *FULL, CRASH, "-k", "killed_while")),
        "cuts": Work("100 cuts of the wire (C6)", (*PYTEST, *FULL, CRASH, "-k", "cut_anywhere")),
        "contract": Work("200 lives of 50 steps (C5)", (*PYTEST, *FULL, MACHINE, "-k", "neo4j")),
        "contract-current": Work("15 lives of 30 steps (C5), current", (*PYTEST, MACHINE, "-k", "neo4j"), current),
        "analysis-current": Work("whole-graph work, current", (*PYTEST, "tests/neo4j/test_analysis.py"), current),
        "scrub": Work("an erasure at 2,000 posts", benchmark("benchmark_scrub")),
        "scrub-current": Work("the same, current", benchmark("benchmark_scrub", "--version", "current")),
        "growth": Work("an hour of requests, and how its memory grows", benchmark("growth")),
        "load": Work(
            "load at S beside the bare driver",
            benchmark("benchmark_neo4j", *S, "--interactions", "1000000", "--heap", "3g"),
        ),
        "engine-leaks": Work("50 worlds with the index in the server (L1, L2, L7)", (*PYTEST, *FULL, ENGINE)),
        "engine-current": Work("the index in the server, current", (*PYTEST, "tests/neo4j/test_engine.py"), current),
        "engine": Work("questions to an index in the server at S", benchmark("benchmark_engine", "latency")),
        "analysis": Work("whole-graph work at S", benchmark("benchmark_analysis", "--heap", "3g")),
        "copy": Work("a set from a file to a server and back", benchmark("benchmark_copy", folder) if folder else ()),
        "scrub-s": Work("an erasure at S", benchmark("benchmark_scrub", *S, *big, "--bulk", "--people", "5")),
        "scrub-s-current": Work(
            "the same, current",
            benchmark("benchmark_scrub", *S, *big, "--bulk", "--people", "5", "--version", "current"),
        ),
    }


def main(arguments: list[str] | None = None) -> int:
    """Do the work; 1 where any of it failed."""
    work = all_work("")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(work))
    parser.add_argument("--list", action="store_true", help="say what there is, and do nothing")
    parser.add_argument("--set", default="", help="of EXPERTFINDER_SETS, or a folder: what `copy` copies")
    chosen = parser.parse_args(arguments)
    work = all_work(chosen.set)
    if unknown := set(chosen.names) - work.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(work)}")
    if chosen.list:
        for name, each in work.items():
            print(f"{name:<18} {each.shows}")
        return 0
    failed = [name for name in chosen.names or work if not done(name, work[name])]
    print(f"failed: {', '.join(failed)}" if failed else "nothing failed")
    return 1 if failed else 0


def done(name: str, work: Work) -> bool:
    """Do one piece of work, and say what became of it."""
    if not work.command:
        print(f"--- {name}: left out, no set was named (--set)", flush=True)
        return True
    print(f"--- {name}: {work.shows}", flush=True)
    began = time.monotonic()
    environment = os.environ | work.environment | {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    code = subprocess.run(work.command, cwd=ROOT, env=environment, check=False).returncode
    end = "done" if code == 0 else f"failed ({code})"
    print(f"--- {name}: {end} after {time.monotonic() - began:.0f} s", flush=True)
    return code == 0


if __name__ == "__main__":
    sys.exit(main())
