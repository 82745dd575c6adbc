"""A set from a file to Neo4j and back: are the three homes equal, do they give the same answers, how long does it take?

    python scripts/benchmark_copy.py SET [--json]

SET is a folder, or a name under a folder of EXPERTFINDER_SETS. Equal means every byte of every fact in order, and what
is kept beside them; the answers are those to all questions of the set, from an index built of each home. 1 where
anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from scripts.neo4j.server import Options, running, say

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.evaluation.sets import loaded, read_queries
from expertfinder.index.encoders.encoder import encoder
from expertfinder.index.snapshot import day_of
from expertfinder.model import Query, Ranking, Viewer
from expertfinder.store import Store, open_store
from expertfinder.store.copying import copy_store

ENCODER = "static-multilingual"


def answers(finder: ExpertFinder, questions: list[tuple[str, Query]]) -> list[Ranking]:
    """The shared tier's answer to each question, all but the version, which every home has its own of."""
    found = [finder.find(query, Viewer()) for _, query in questions]
    return [Ranking(query=one.query, recommendations=one.recommendations, abstained=one.abstained) for one in found]


def of_home(folder: Path, store: Store, day: float, questions: list[tuple[str, Query]]) -> list[Ranking]:
    """The answers of an index built of these facts."""
    home = Home(folder)
    home.build_index(store, encode=encoder(ENCODER), as_of=day_of(day).date())
    finder = ExpertFinder(home, store, encode=encoder(ENCODER))
    finder.refresh()
    return answers(finder, questions)


def measure(folder: Path) -> dict[str, Any]:
    """All figures."""
    questions = read_queries(folder / "queries.jsonl")
    figures: dict[str, Any] = {"questions": len(questions)}
    with tempfile.TemporaryDirectory(prefix="benchmark-copy-") as temporary, loaded(folder) as finder:
        place = Path(temporary)
        with running(place / "neo4j", Options(heap="1g")) as server:
            address = server.url
            there, back = open_store(address, copying=True), open_store(place / "back.sqlite", copying=True)
            began = time.perf_counter()
            one = copy_store(finder.store, there, origin="the set")
            figures["there_seconds"] = time.perf_counter() - began
            began = time.perf_counter()
            other = copy_store(there, back, origin="the server")
            figures["back_seconds"] = time.perf_counter() - began
            figures["facts"] = sum(one.facts.values())
            figures["equal"] = one == other
            # The index writes what it detects into each record, so the comparison of homes comes before it.
            day = finder.snapshot.manifest.as_of
            say("asking")
            first = of_home(place / "first", finder.store, day, questions)
            figures["different_there"] = differ(first, of_home(place / "there", there, day, questions))
            figures["different_back"] = differ(first, of_home(place / "back", back, day, questions))
            there.close()
            back.close()
    return figures


def differ(one: list[Ranking], other: list[Ranking]) -> int:
    """How many answers differ."""
    return sum(a != b for a, b in zip(one, other, strict=True))


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print one figure a line; 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    bases = os.environ.get("EXPERTFINDER_SETS", "").split(os.pathsep)
    folders = [Path(options.set), *(Path(base) / options.set for base in bases if base)]
    folder = next((each for each in folders if (each / "queries.jsonl").is_file()), None)
    if folder is None:
        parser.error(f"there is no set {options.set}: name its folder, or the folder of the sets in EXPERTFINDER_SETS")
    figures = measure(folder)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<18} {round(value, 2)!s:>10}")
    return 0 if figures["equal"] and not figures["different_there"] + figures["different_back"] else 1


if __name__ == "__main__":
    sys.exit(main())
