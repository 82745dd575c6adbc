"""How fast facts go into a Neo4j database, beside the same Cypher sent by the bare driver in the same run.

    python scripts/benchmark_neo4j.py [--posts N] [--interactions N] [--rounds N] [--batch N] [--url URL] [--json]

Each round writes a share of the posts, then of the interactions: once through the store, once with the driver alone,
which sends the statement that writes (its change nodes too) and the counter of changes, all parameters made beforehand.
What the store does besides is in its time alone: to encode, to look what is there already, to keep its deadlines. The
rounds take turns, so that a machine that is busy with other things is so for both. `--url` names a database that is
empty; without it a server is started for the run. Then the reads, an erasure, and what a fact costs on disk.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from neo4j import Driver, GraphDatabase

from expertfinder.model import ORGANISATION, Audience, Fact, Interaction, Person, Post
from expertfinder.store import Kind, Store, open_store
from expertfinder.store.codec import encode
from expertfinder.store.neo4j import shape
from expertfinder.store.neo4j.server import address

PEOPLE = 10_000
WORDS_A_POST = 60
START = datetime(2020, 1, 1, tzinfo=UTC)
WORDS = [f"word{number}" for number in range(5_000)]


def people() -> list[Fact]:
    """Everybody, so that authors and actors are there."""
    return [Person(id=f"bench:{n}", source="bench", name=f"Person {n}", audience=ORGANISATION) for n in range(PEOPLE)]


def posts(draw: random.Random, name: str, number: int) -> list[Fact]:
    """Posts with a long tail of authors; a fifth restricted, a third replies."""
    secret = Audience("groups", groups=("bench:board",))
    return [
        Post(
            id=f"bench:{name}-{n}",
            source="bench",
            authors=(f"bench:{int(draw.paretovariate(1)) % PEOPLE}",),
            kind="message",
            title=" ".join(draw.choices(WORDS, k=6)),
            text=" ".join(draw.choices(WORDS, k=WORDS_A_POST)),
            created_at=START + timedelta(minutes=n),
            parent=f"bench:{name}-{draw.randrange(n)}" if n and n % 3 == 0 else "",
            tags=(draw.choice(WORDS),),
            audience=secret if n % 5 == 0 else ORGANISATION,
        )
        for n in range(number)
    ]


def acts(draw: random.Random, name: str, number: int, on: Sequence[Fact]) -> list[Fact]:
    """Interactions with ids like those that ingest makes out of contents."""
    return [
        Interaction(
            id=f"bench:{draw.getrandbits(128):032x}-{name}",
            source="bench",
            actor=f"bench:{draw.randrange(PEOPLE)}",
            verb="like",
            object=on[draw.randrange(len(on))].id,
            created_at=START + timedelta(minutes=n),
            audience=ORGANISATION,
        )
        for n in range(number)
    ]


def batches(facts: Sequence[Fact], size: int) -> Iterator[Sequence[Fact]]:
    """The facts in pieces."""
    for start in range(0, len(facts), size):
        yield facts[start : start + size]


def through_the_store(store: Store, facts: Sequence[Fact], size: int) -> float:
    """Seconds for writing them."""
    began = time.perf_counter()
    for batch in batches(facts, size):
        store.apply(batch)
    return time.perf_counter() - began


def with_the_bare_driver(driver: Driver, facts: Sequence[Fact], size: int) -> float:
    """Seconds for the same statements with everything made beforehand."""
    after = int(driver.execute_query("MATCH (n:Counter {name: 'change'}) RETURN n.value AS value").records[0]["value"])
    ready = []
    for batch in batches(sorted(facts, key=lambda fact: fact.id), size):
        kind: Kind = "post" if isinstance(batch[0], Post) else "interaction"
        rows = [shape.parameters(kind, encode(fact), fact, after + n) for n, fact in enumerate(batch, 1)]
        after += len(batch)
        ready.append((shape.PUT["post" if kind == "post" else "interaction on post"], rows, after))
    began = time.perf_counter()
    with driver.session() as session:
        for statement, rows, last in ready:
            with session.begin_transaction() as transaction:
                transaction.run(shape.LOCK, name="change").consume()
                transaction.run(statement, rows=rows).consume()
                transaction.run(shape.COUNT_UP, name="change", value=last).consume()
                transaction.commit()
    return time.perf_counter() - began


def measure(url: str, options: argparse.Namespace) -> dict[str, float]:
    """All figures."""
    draw = random.Random(7)
    where = address(url)
    figures: dict[str, float] = {}
    store = open_store(url)
    if store.sequence():
        raise SystemExit("the database is not empty")
    for batch in batches(people(), options.batch):
        store.apply(batch)
    with GraphDatabase.driver(where.url, auth=(where.user, where.password)) as driver:
        warm = posts(draw, "warm", 2 * options.batch)  # plans are made, and Java has seen the code
        through_the_store(store, warm, options.batch)
        with_the_bare_driver(driver, posts(draw, "warmer", 2 * options.batch), options.batch)
        through_the_store(store, acts(draw, "warm", 2 * options.batch, warm), options.batch)
        with_the_bare_driver(driver, acts(draw, "warmer", 2 * options.batch, warm), options.batch)
        seconds = dict.fromkeys(("posts", "posts_bare", "interactions", "interactions_bare"), 0.0)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            mine = posts(draw, f"mine{number}", options.posts // options.rounds)
            bare = posts(draw, f"bare{number}", options.posts // options.rounds)
            seconds["posts"] += through_the_store(store, mine, options.batch)
            seconds["posts_bare"] += with_the_bare_driver(driver, bare, options.batch)
            share = options.interactions // options.rounds
            seconds["interactions"] += through_the_store(store, acts(draw, "mine", share, mine), options.batch)
            seconds["interactions_bare"] += with_the_bare_driver(driver, acts(draw, "bare", share, mine), options.batch)
    for name in ("posts", "interactions"):
        number = getattr(options, name) // options.rounds * options.rounds
        figures[f"{name}_a_second"] = number / seconds[name]
        figures[f"{name}_a_second_bare"] = number / seconds[f"{name}_bare"]
        figures[f"{name}_ratio"] = seconds[name] / seconds[f"{name}_bare"]
    figures |= reads(store)
    store.close()
    return figures


def reads(store: Store) -> dict[str, float]:
    """What it costs to ask, in milliseconds, and to read everything and to erase, in seconds."""
    figures = {}
    small = {
        "sequence": store.sequence,
        "get_one": lambda: store.get("post", ["bench:mine0-7"]),
        "changes_100": lambda: store.changes(500, limit=100),
        "key": lambda: store.key("none"),
    }
    for name, ask in small.items():
        began = time.perf_counter()
        for _ in range(200):
            ask()
        figures[f"{name}_ms"] = (time.perf_counter() - began) / 200 * 1000
    for kind in ("post", "interaction"):
        began = time.perf_counter()
        number = sum(1 for _ in store.all(kind))  # type: ignore[call-overload]
        figures[f"all_{kind}s_a_second"] = number / (time.perf_counter() - began)
    figures["facts"] = sum(store.count(kind) for kind in ("person", "post", "interaction"))
    began = time.perf_counter()
    store.erase("bench:77")  # who wrote a handful of posts, as most people
    figures["erase_seconds"] = time.perf_counter() - began
    return figures


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print one figure a line; 1 where the store is more than half slower than the bare driver."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--interactions", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--heap", default="1g", help="of the server that is started")
    parser.add_argument("--url", help="a database that is empty (default: one of a server started for this)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        url, size = options.url, None
        if url is None:
            sys.path.insert(0, str(Path(__file__).parents[1]))
            from scripts.neo4j.server import Options, running  # noqa: PLC0415  (only where one is started)

            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-neo4j-")))
            server = stack.enter_context(running(folder, Options(heap=options.heap)))
            url = server.url
            size = folder / "data"
        figures = measure(url, options)
        if size is not None:
            figures["megabytes"] = sum(file.stat().st_size for file in size.rglob("*") if file.is_file()) / 1e6
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<28} {value:>12,.2f}")
    return 0 if max(figures["posts_ratio"], figures["interactions_ratio"]) <= 1.5 else 1


if __name__ == "__main__":
    sys.exit(main())
