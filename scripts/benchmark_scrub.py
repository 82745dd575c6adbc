"""What is left of the erased in a Neo4j server's raw files, before and after a scrub, and what the scrub costs.

    python scripts/benchmark_scrub.py [--posts N] [--bulk] [--version current] [--heap 2g] [--json]

A server with the settings of an erasure is filled: people, posts with text and a vector, ten acts a post; among them
people whose ids, names, titles, phrases and vectors stand nowhere else. They are erased, others write on, and the store
scrubs. Every file of the home is read before, between, after, and after a stop and a start: plain, packed, and as
numbers. 1 where anything is left.

`--bulk` fills it with the server's ordinary settings, which is faster, starts it again with those of an erasure, and
does not read between. `--posts 100000` is the size S of the other figures: 10,000 people, a million acts.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from scripts.benchmark_neo4j import acts, batches, posts
from scripts.neo4j.server import ERASING, VERSIONS, Options, Server, ends_with, running, say
from tests.neo4j.raw import residue

from expertfinder.model import ORGANISATION, Fact, Interaction, Person, Post
from expertfinder.store import Store, open_store

POSTS = 2_000
ACTS_A_POST = 10
BATCH = 1_000
DIMENSIONS = 256
WRITTEN_SINCE = 200
"""Posts that others write between the erasures and the scrub, into what became free."""


class Victims:
    """People whose words stand nowhere else."""

    def __init__(self, draw: random.Random, number: int) -> None:
        self.ids = [f"bench:{_word(draw, 9)}" for _ in range(number)]
        self.names = [f"{_word(draw, 6)} {_word(draw, 13)}".title() for _ in self.ids]
        self.titles = [_word(draw, 28) for _ in self.ids]
        self.phrases = [f"{_word(draw, 7)} {_word(draw, 8)}" for _ in self.ids]
        self.numbers = [draw.uniform(4_000, 5_000) for _ in self.ids]
        """What each one's vectors are made of."""
        self.draw = draw

    def facts(self) -> Iterator[Fact]:
        """Five posts each, and an act."""
        for who, name, title, phrase in zip(self.ids, self.names, self.titles, self.phrases, strict=True):
            bio = f"{phrase}. " * 20
            yield Person(id=who, source="bench", name=name, title=title, bio=bio, audience=ORGANISATION)
            for n in range(5):
                text = f"{phrase} " * self.draw.randint(5, 60)
                yield Post(
                    id=f"{who}.{n}", source="bench", authors=(who,), title=title, text=text, audience=ORGANISATION
                )
            yield Interaction(
                id=f"{who}.act", source="bench", actor=who, verb="like", object="bench:x-7", audience=ORGANISATION
            )

    @property
    def planted(self) -> list[str]:
        """What must be in no file."""
        return [*self.ids, *self.names, *self.titles, *self.phrases]


def _word(draw: random.Random, letters: int) -> str:
    return "".join(draw.choice("bcdfghjklmnpqrstvwz") for _ in range(letters))


def fill(store: Store, server: Server, victims: Victims, number: int) -> dict[str, float]:
    """Write everything: rows a second."""
    draw = random.Random(3)
    people: list[Fact] = [
        Person(id=f"bench:{n}", source="bench", name=f"Person {n}", audience=ORGANISATION) for n in range(10_000)
    ]
    for batch in batches(people, BATCH):
        store.apply(batch)
    figures = {}
    half = number // 2
    written = posts(draw, "x", number)
    for name, rows in (("posts", written[:half]), ("", [*victims.facts()]), ("", written[half:])):
        began = time.perf_counter()
        for batch in batches(rows, BATCH):
            store.apply(batch)
        if name:
            figures[f"{name}_a_second"] = len(rows) / (time.perf_counter() - began)
    began = time.perf_counter()
    for batch in batches(acts(draw, "x", number * ACTS_A_POST, written), BATCH):
        store.apply(batch)
    figures["interactions_a_second"] = number * ACTS_A_POST / (time.perf_counter() - began)
    say("writing vectors")
    server.query("CREATE FULLTEXT INDEX words FOR (n:Post) ON EACH [n.title, n.text]")
    vectors = np.random.default_rng(3).normal(size=(1_000, DIMENSIONS)).astype(np.float32)
    ids = [post.id for post in written]
    for start in range(0, len(ids), BATCH):
        rows = [
            {"id": name, "vector": vectors[n % 1_000].tolist()} for n, name in enumerate(ids[start : start + BATCH])
        ]
        server.query("UNWIND $rows AS row MATCH (n:Post {id: row.id}) SET n.embedding = row.vector", rows=rows)
    own = [{"who": f"{who}.", "vector": [x] * DIMENSIONS} for who, x in zip(victims.ids, victims.numbers, strict=True)]
    server.query(
        "UNWIND $rows AS row MATCH (n:Post) WHERE n.id STARTS WITH row.who SET n.embedding = row.vector", rows=own
    )
    server.query(
        "CREATE VECTOR INDEX nearness FOR (n:Post) ON n.embedding"
        " OPTIONS {indexConfig: {`vector.dimensions`: 256, `vector.similarity_function`: 'euclidean'}}"
    )
    server.query("CALL db.awaitIndexes(1200)")
    return figures


def found(server: Server, victims: Victims) -> tuple[int, dict[str, int]]:
    """How many of the planted things stand anywhere, and file -> how often any of them stands in it."""
    say("reading every file")
    files: dict[str, int] = {}
    what: set[str] = set()
    for (file, text), often in residue(server.home, victims.planted, victims.numbers).items():
        files[file] = files.get(file, 0) + often
        what.add(text.removeprefix("(the end of) "))
    return len(what), files


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All figures."""
    figures: dict[str, Any] = {}
    memory = {"heap": options.heap, "page_cache": options.page_cache}
    with running(folder, Options(options.version, **memory, settings={} if options.bulk else ERASING)) as server:
        store = open_store(server.url)
        victims = Victims(random.Random(11), options.people)
        figures |= fill(store, server, victims, options.posts)
        figures["megabytes"] = _megabytes(server)
        if options.bulk:
            server.stop()
            server.options = Options(options.version, **memory, settings=ERASING)
            server.start()
            ends_with(server, os.getpid())
        figures["planted"] = len(victims.planted) + len(victims.numbers)
        figures["found_before"], figures["files_before"] = found(server, victims)
        say("erasing")
        began = time.perf_counter()
        for who in victims.ids:
            store.erase(who)
        figures["erase_seconds_each"] = (time.perf_counter() - began) / len(victims.ids)
        store.apply(posts(random.Random(5), "since", WRITTEN_SINCE))
        kept = {kind: store.count(kind) for kind in ("person", "post", "interaction")}
        if not options.bulk:
            figures["found_between"], _ = found(server, victims)
        say("scrubbing")
        began = time.perf_counter()
        store.scrub()
        figures["scrub_seconds"] = time.perf_counter() - began
        figures["found_after"], figures["files_after"] = found(server, victims)
        figures["kept"] = kept == {kind: store.count(kind) for kind in ("person", "post", "interaction")}
        store.close()
        server.stop()
        server.start()
        ends_with(server, os.getpid())
        figures["found_started"], figures["files_started"] = found(server, victims)
        figures["megabytes_after"] = _megabytes(server)
    return figures


def _megabytes(server: Server) -> float:
    return sum(file.stat().st_size for file in server.database.rglob("*") if file.is_file()) / 1e6


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print one figure a line; 1 where anything is left."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=POSTS)
    parser.add_argument("--people", type=int, default=20, help="how many are erased")
    parser.add_argument("--bulk", action="store_true", help="fill it with the server's ordinary settings")
    parser.add_argument("--version", choices=VERSIONS, default="lts")
    parser.add_argument("--heap", default="1g")
    parser.add_argument("--page-cache", default="512m")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="benchmark-scrub-") as folder:
        figures = measure(Path(folder), options)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<24} {value if isinstance(value, dict | bool | int) else round(value, 2)!s:>12}")
    left = any(figures[name] for name in ("found_after", "found_started"))
    return 0 if figures["found_before"] == figures["planted"] and not left and figures["kept"] else 1


if __name__ == "__main__":
    sys.exit(main())
