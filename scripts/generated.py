"""A made-up organisation of any size, the same for the same size: what the benchmarks of speed measure on.

Words follow Zipf's law, and those of a post stand around one subject; authors and actors follow a law of powers,
so that a few people do most; a group of 1 % and one of 25 % of all posts are restricted.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from expertfinder.model import ORGANISATION, Audience, Fact, Interaction, Person, Post, Source
from expertfinder.store import Store

VOCABULARY = 50_000
WORDS_A_POST = 79
SPACES = {"one": 0.01, "half": 0.25}
"""Groups, and the share of all posts that only they may read: who is in both reads a quarter more than others do."""
START = datetime(2022, 1, 1, tzinfo=UTC)
DAYS = 1_000
AS_OF = (START + timedelta(days=DAYS)).date()
"""The day after the last fact."""
ACTS = 10
"""Acts a post has, and posts a person, in each of the sizes."""
BATCH = 10_000
"""Facts that are applied at once."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each there are."""

    people: int
    posts: int
    interactions: int


SIZES = {
    "XS": Size(1_000, 10_000, 100_000),
    "S": Size(10_000, 100_000, 1_000_000),
    "M": Size(100_000, 1_000_000, 10_000_000),
}
"""The sizes of the plan by name; XS is a tenth of S, for CI."""


def size_named(word: str) -> str:
    """A size by name, or by its number of posts. Raises `ValueError` for anything else."""
    if word not in SIZES and int(word) < ACTS:
        raise ValueError(word)
    return word


def size_of(word: str) -> Size:
    """What a word of `size_named` means: a tenth as many people as posts, and ten acts a post."""
    return SIZES[word] if word in SIZES else Size(int(word) // 10, int(word), int(word) * ACTS)


def organisation(size: Size) -> Iterator[Fact]:
    """People, posts in words by Zipf's law around a subject each, and acts, a few people doing most of them."""
    draw = random.Random(7)
    yield Source(id="s", audience=ORGANISATION)
    members = [("s:one",), ("s:half",), ("s:one", "s:half")]
    for number in range(size.people):
        groups = members[number % 50] if number % 50 < len(members) else ()
        yield Person(id=f"s:p{number}", source="s", name=f"Person {number}", groups=groups, audience=ORGANISATION)
    yield from _posts(size, range(size.posts), draw)
    for number in range(size.interactions):
        yield Interaction(
            id=f"s:a{number:08d}",
            source="s",
            actor=_somebody(draw, size.people),
            verb=draw.choice(("review", "answer", "edit", "like", "thank")),
            object=f"s:d{draw.randrange(size.posts):07d}",
            created_at=START + timedelta(days=draw.uniform(0, DAYS)),
            audience=ORGANISATION,
        )


def more_posts(size: Size, count: int) -> list[Post]:
    """As many posts that come after all of an organisation."""
    return list(_posts(size, range(size.posts, size.posts + count), random.Random(8)))


def questions(store: Store, size: Size, count: int) -> list[str]:
    """Texts of five words that stand in one post each."""
    draw = random.Random(11)
    posts = store.get("post", [f"s:d{draw.randrange(size.posts):07d}" for _ in range(count)])
    return [" ".join(draw.sample(post.text.split(), 5)) for post in posts]


def load(store: Store, facts: Iterable[Fact], *, batch: int = BATCH) -> None:
    """Apply facts, some at a time."""
    waiting: list[Fact] = []
    for fact in facts:
        waiting.append(fact)
        if len(waiting) == batch:
            store.apply(waiting)
            waiting = []
    store.apply(waiting)


def _posts(size: Size, numbers: Sequence[int], draw: random.Random) -> Iterator[Post]:
    lots = np.random.default_rng(7 + numbers[0])
    weight = 1.0 / np.arange(1, VOCABULARY + 1)
    ends = np.cumsum(weight / weight.sum())
    for number in numbers:
        ranks = np.searchsorted(ends, lots.random(WORDS_A_POST))
        subject = int(draw.paretovariate(0.6)) % 900
        words = [f"w{(int(rank) if place % 3 else subject * 50 + int(rank) % 50)}" for place, rank in enumerate(ranks)]
        chance = draw.random()
        space = "one" if chance < SPACES["one"] else "half" if chance < sum(SPACES.values()) else ""
        yield Post(
            id=f"s:d{number:07d}",
            source="s",
            authors=(_somebody(draw, size.people),),
            title=" ".join(words[:6]),
            text=" ".join(words[6:]),
            created_at=START + timedelta(days=draw.uniform(0, DAYS)),
            tags=(f"subject {subject}",),
            audience=Audience("groups", groups=(f"s:{space}",)) if space else ORGANISATION,
        )


def _somebody(draw: random.Random, people: int) -> str:
    return f"s:p{int(draw.paretovariate(0.5)) % people}"
