"""A demo organisation whose truth is planted: who knows what, who binds which group, who left, who is new.

`write_demo` writes it in the native exchange format. Everything in it is invented. The words lie in `material/*.toml`;
the truth is decided first (`truth`), then told (`posts`, `acts`), then asked about (`asking`). Standard library only.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from random import Random
from typing import Any

from expertfinder.ingest.demo import asking, records
from expertfinder.ingest.demo.acts import Act, write_acts
from expertfinder.ingest.demo.cast import make_cast
from expertfinder.ingest.demo.posts import write_posts
from expertfinder.ingest.demo.scene import Draft, Scene
from expertfinder.ingest.demo.truth import asleep, plant
from expertfinder.ingest.demo.words import load_words

__all__ = ["DemoSummary", "write_demo"]

AS_OF = date(2026, 10, 31)
"""The default last day: fixed, so that the same arguments give the same bytes on any day."""
YEARS = 4
"""The demo tells of four years: long enough for knowledge to grow old and for people to come and leave."""
FEWEST_PEOPLE, FEWEST_POSTS = 100, 400
"""The least that can be asked for: fewer people are too few for the planted parts, fewer posts leave topics without
evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSummary:
    """What was written. `kinds` is kind of post -> count; `tries` are three things to try, in plain words."""

    folder: Path
    people: int
    posts: int
    kinds: Mapping[str, int]
    interactions: int
    communities: int
    topics: int
    queries: int
    unanswerable: int
    restricted_groups: tuple[str, ...]
    restricted_posts: int
    tries: tuple[str, ...]


def write_demo(
    folder: Path, *, seed: int = 7, people: int = 300, posts: int = 3000, as_of: date | None = None
) -> DemoSummary:
    """Write the demo organisation into `folder` (made if need be; files of the same names are replaced).

    people.jsonl, posts.jsonl, interactions.jsonl, communities.jsonl, queries.jsonl, queries_unanswerable.jsonl,
    qrels.tsv and truth.json. Times are UTC and span the four years that end with the day `as_of`. The same arguments
    give the same bytes. Raises `ValueError` below 100 people, above 10,000, or below 400 posts.
    """
    if not FEWEST_PEOPLE <= people <= 10_000:
        raise ValueError(f"people must be between {FEWEST_PEOPLE} and 10000, not {people}")
    if posts < FEWEST_POSTS:
        raise ValueError(f"posts must be at least {FEWEST_POSTS}, not {posts}")
    last = as_of or AS_OF
    end = datetime.combine(last, time(20), tzinfo=UTC)
    start = end.replace(year=end.year - YEARS, day=min(end.day, 28))
    words = load_words()
    # Each part has a random generator of its own, so that a change in one part leaves the others as they were.
    cast = make_cast(words, Random(f"{seed}:cast"), people=people, start=start, end=end)
    plan = plant(words, cast, Random(f"{seed}:truth"), start=start, end=end)
    scene = Scene(words=words, cast=cast, plan=plan, start=start, end=end, rng=Random(f"{seed}:story"))
    drafts = write_posts(scene, posts)
    done = write_acts(scene, drafts)
    asked = asking.ask(scene)
    quiet = asleep(words, _newest(scene, drafts, done), Random(f"{seed}:asleep"), end=end)
    scene = replace(scene, plan=replace(plan, communities=plan.communities | {quiet.id: quiet}))
    ids = {draft.number: f"p{place:05d}" for place, draft in enumerate(drafts, start=1)}

    folder.mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "people.jsonl", records.people(scene))
    _write_lines(folder / "posts.jsonl", records.posts(drafts, ids))
    _write_lines(folder / "interactions.jsonl", records.acts(done, ids))
    _write_lines(folder / "communities.jsonl", records.communities(scene))
    _write_lines(folder / "queries.jsonl", records.queries(asked))
    _write_lines(folder / "queries_unanswerable.jsonl", records.unanswerable(scene))
    _write(folder / "qrels.tsv", records.qrels(scene, asked))
    _write(folder / "truth.json", json.dumps(records.truth(scene, asked), ensure_ascii=False, indent=1) + "\n")
    return DemoSummary(
        folder=folder,
        people=len(cast),
        posts=len(drafts),
        kinds=dict(sorted(Counter(draft.kind for draft in drafts).items())),
        interactions=len(done),
        communities=len(scene.plan.communities),
        topics=len(words.subjects),
        queries=len(asked),
        unanswerable=len(words.unanswerable),
        restricted_groups=tuple(plan.groups),
        restricted_posts=sum(1 for draft in drafts if draft.group),
        tries=asking.suggest(scene, asked, drafts),
    )


def _newest(scene: Scene, drafts: Sequence[Draft], done: Sequence[Act]) -> dict[str, datetime]:
    """Id of each person who is still here and did something -> when last. A view or a like does not count."""
    acts = [(act.actor, act.at) for act in done if act.verb not in ("view", "like")]
    acts += [(author, draft.at) for draft in drafts for author in (draft.author, *draft.co_authors)]
    newest: dict[str, datetime] = {}
    for person, at in acts:
        newest[person] = max(newest.get(person, at), at)
    return {person: at for person, at in newest.items() if scene.member(person).left_at is None}


def _write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    _write(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
