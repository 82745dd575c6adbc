"""How fast the record is: durable batches, a bulk load and the reads, on made-up facts shaped like an organisation's.

    python scripts/benchmark_store.py [--events N] [--folder FOLDER] [--json]

CPU seconds can be compared where the machine is busy with other things; seconds by the clock cannot. `sync_ms` is what
one durable write of 4 kB costs in that folder: no store can acknowledge batches faster than that.
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
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from expertfinder.model import ORGANISATION, Fact, Interaction, Person, Post
from expertfinder.store import Store, open_store

BATCH = 100  # the size for which the design gives its figures
PEOPLE, POSTS, INTERACTIONS = 2_900, 25_600, 25_000  # about what the largest evaluation set has
WORDS_A_POST = 150
READS = 2_000
START = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Clock:
    """Seconds that a block took."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def clock() -> Iterator[Clock]:
    """Measure a block."""
    taken = Clock()
    wall, cpu = time.perf_counter(), time.process_time()
    yield taken
    taken.wall, taken.cpu = time.perf_counter() - wall, time.process_time() - cpu


def organisation(draw: random.Random) -> list[Fact]:
    """People, posts and acts with a long tail of authors; the words are numbers, for a record does not read them."""
    words = [f"word{number}" for number in range(5_000)]
    authors = [f"bench:person-{int(draw.paretovariate(1)) % PEOPLE}" for _ in range(POSTS)]
    people = [
        Person(id=f"bench:person-{n}", source="bench", name=f"Person {n}", audience=ORGANISATION) for n in range(PEOPLE)
    ]
    posts = [
        Post(
            id=f"bench:post-{number}",
            source="bench",
            authors=(author,),
            kind="message",
            title=" ".join(draw.choices(words, k=8)),
            text=" ".join(draw.choices(words, k=WORDS_A_POST)),
            created_at=START + timedelta(hours=number),
            tags=tuple(draw.choices(words[:200], k=2)),
            audience=ORGANISATION,
        )
        for number, author in enumerate(authors)
    ]
    return [*people, *posts, *acts(draw, "bulk", INTERACTIONS)]


def acts(draw: random.Random, name: str, number: int) -> list[Fact]:
    """Interactions with ids like those that ingest makes out of contents."""
    return [
        Interaction(
            id=f"bench:{name}-{draw.getrandbits(128):032x}",
            source="bench",
            actor=f"bench:person-{draw.randrange(PEOPLE)}",
            verb="reply",
            object=f"bench:post-{draw.randrange(POSTS)}",
            created_at=START + timedelta(minutes=n),
            audience=ORGANISATION,
        )
        for n in range(number)
    ]


def sync_milliseconds(folder: Path, writes: int = 100) -> float:
    """What one durable write of 4 kB costs, by the clock."""
    with (folder / "sync").open("wb", buffering=0) as file, clock() as taken:
        for _ in range(writes):
            file.write(bytes(4096))
            os.fsync(file.fileno())
    return taken.wall / writes * 1000


def measure(folder: Path, events: int) -> dict[str, float]:
    """All figures. `folder` is empty and is left with the record in it."""
    draw = random.Random(7)
    figures = {"sync_ms": sync_milliseconds(folder)}
    facts = organisation(draw)
    store = open_store(folder / "facts.db")
    with clock() as taken:
        store.apply(facts)
    figures |= {"bulk_facts": len(facts), "bulk_seconds": taken.wall, "bulk_cpu_seconds": taken.cpu}
    figures["bulk_facts_per_cpu_second"] = len(facts) / taken.cpu
    with clock() as taken:
        receipt = store.apply(facts)
    if receipt.count("unchanged") != len(facts):
        raise SystemExit("the same facts again must change nothing")
    figures |= {"again_seconds": taken.wall, "again_cpu_seconds": taken.cpu}

    stream = acts(draw, "stream", events)
    with clock() as taken:
        for start in range(0, len(stream), BATCH):
            store.apply(stream[start : start + BATCH])
    figures["durable_events_per_cpu_second"] = events / taken.cpu
    figures["durable_events_per_second"] = events / taken.wall
    figures |= reads(store)
    with clock() as taken:
        store.erase("bench:person-1")
    figures["erase_seconds"] = taken.wall
    store.close()
    figures["megabytes"] = (folder / "facts.db").stat().st_size / 1e6
    return figures


def reads(store: Store) -> dict[str, float]:
    """What it costs to ask."""
    with clock() as everything:
        read = sum(1 for kind in ("person", "post", "interaction") for _ in store.all(kind))  # type: ignore[call-overload]
    with clock() as sequence:
        for _ in range(READS):
            store.sequence()
    with clock() as single:
        for number in range(READS):
            store.get("post", [f"bench:post-{number}"])
    with clock() as log:
        store.changes(0)
    return {
        "all_facts_per_cpu_second": read / everything.cpu,
        "sequence_microseconds": sequence.cpu / READS * 1e6,
        "get_one_microseconds": single.cpu / READS * 1e6,
        "changes_10000_ms": log.cpu * 1e3,
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print one figure a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000, help=f"interactions written in batches of {BATCH}")
    parser.add_argument("--folder", type=Path, help="where to measure (default: a temporary folder)")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=chosen.folder, prefix="benchmark-store-") as folder:
        figures = measure(Path(folder), chosen.events)
    if chosen.json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}))
    else:
        for name, value in figures.items():
            print(f"{name:32} {value:14,.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
