"""What whole-graph work in a Neo4j server costs, and how far it agrees with ours, at the size S.

    python scripts/benchmark_analysis.py [--people N] [--interactions N] [--version current] [--heap 3g] [--json]

An organisation of teams is made up: two thirds of all acts stay in the team, posts are about the team's own words.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from scripts.benchmark_neo4j import batches
from scripts.neo4j.compare import compare
from scripts.neo4j.server import VERSIONS, Options, running, say

from expertfinder.ask.organisation.analysis import analyse
from expertfinder.model import ORGANISATION, Fact, Interaction, Person, Post
from expertfinder.store import open_store

TEAM = 40
"""People in a team."""
POSTS_A_PERSON = 10
AT_HOME = 0.67
"""Share of acts that stay in the team."""
START = datetime(2024, 1, 1, tzinfo=UTC)
WORDS = [f"word{number}" for number in range(5_000)]


def organisation(people: int, interactions: int) -> list[Fact]:
    """People, their posts, and thanks for them. Who is turned to has a long tail in every team."""
    draw = random.Random(7)
    facts: list[Fact] = [Person(id=f"bench:{n}", source="bench", audience=ORGANISATION) for n in range(people)]
    for n in range(people):
        own = random.Random(n // TEAM).choices(WORDS, k=30)
        for number in range(POSTS_A_PERSON):
            text = " ".join(draw.choices(own, k=15) + draw.choices(WORDS, k=15))
            at = START + timedelta(minutes=draw.randrange(1_000_000))
            facts.append(
                Post(
                    id=f"bench:{n}.{number}",
                    source="bench",
                    authors=(f"bench:{n}",),
                    text=text,
                    created_at=at,
                    audience=ORGANISATION,
                )
            )
    for n in range(interactions):
        actor = draw.randrange(people)
        if draw.random() < AT_HOME:
            start = actor // TEAM * TEAM
            other = min(start + int(draw.paretovariate(1)) - 1, start + TEAM - 1, people - 1)
        else:
            other = draw.randrange(people)
        facts.append(
            Interaction(
                id=f"bench:{n:09}",
                source="bench",
                actor=f"bench:{actor}",
                verb="thank",
                object=f"bench:{other}.{draw.randrange(POSTS_A_PERSON)}",
                created_at=START + timedelta(minutes=draw.randrange(1_000_000)),
                audience=ORGANISATION,
            )
        )
    return facts


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--version", choices=VERSIONS, default="lts")
    parser.add_argument("--heap", default="3g")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="benchmark-analysis-") as folder,
        running(Path(folder), Options(options.version, options.heap)) as server,
    ):
        store = open_store(server.url)
        say("writing the organisation")
        for batch in batches(organisation(options.people, options.interactions), 5_000):
            store.apply(batch)
        report = analyse(store, seconds=3_600, progress=lambda what, *_: say(what))
        beside = compare(store, seconds=3_600)
        store.close()
    told = {**asdict(report), **asdict(beside)}
    if options.json:
        print(json.dumps(told))
        return 0
    for name, value in told.items():
        for line in value if isinstance(value, tuple) else [value]:
            print(f"{name:<16} {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
