"""Run by itself: makes a home of the demo organisation in a shuffled order, or opens one, and asks it everything.

    python asker.py DEMO HOME SEED

Prints one digest over the bytes of all answers. What it prints may depend on the demo alone.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path

import orjson

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import Post, Query
from expertfinder.sources.native import NativeReader
from expertfinder.sources.reader import declared

AS_OF = date(2026, 10, 31)
QUERIES = 200
EYES = 3


def fill(home: Home, demo: Path, seed: int) -> None:
    """Write the demo in an order of its own, in several batches, and build."""
    facts = list(NativeReader(demo, source=declared("demo", audience="organisation")).facts())
    rng = random.Random(seed)
    rng.shuffle(facts)
    store = home.open_store()
    cut = rng.randrange(len(facts))
    store.apply(facts[:cut])
    store.apply(facts[cut:])
    home.build_index(store, encode=encoder(DEFAULT), as_of=AS_OF)
    store.close()


def queries(demo: Path, finder: ExpertFinder) -> list[Query]:
    """The demo's own questions, then titles of posts."""
    asked = [Query(text=json.loads(line)["text"]) for line in (demo / "queries.jsonl").read_text("utf-8").splitlines()]
    titles = [post.title for post in finder.store.all("post") if isinstance(post, Post) and post.title]
    return [*asked, *(Query(text=title, limit=20) for title in titles)][:QUERIES]


def digest(finder: ExpertFinder, asked: list[Query]) -> str:
    """One digest over every answer, as the shared tier and as a few people."""
    whole = hashlib.sha256()
    for person in [None, *(person.id for person in finder.viewers(limit=EYES))]:
        viewer = finder.viewer(person)
        for query in asked if person is None else asked[:20]:
            ranking = finder.find(query, viewer)
            whole.update(orjson.dumps([asdict(one) for one in ranking.recommendations]))
            whole.update(orjson.dumps([ranking.abstained, ranking.version]))
        whole.update(orjson.dumps([asdict(topic) for topic in finder.topics(viewer, limit=100)]))
    return whole.hexdigest()


if __name__ == "__main__":
    demo, folder, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    home = Home(folder)
    if not home.has_record:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "secret").write_bytes(b"0" * 32)
        fill(home, demo, seed)
    opened = ExpertFinder.open(folder)
    asked = queries(demo, opened)
    sys.stdout.write(f"{len(asked)} {digest(opened, asked)}\n")
    opened.close()
