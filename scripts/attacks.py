"""How far accounts that nobody knows come by what they can do alone, on one set in the native format.

    python scripts/attacks.py SET [--topic TEXT ...] [--trick NAME ...] [--fresh]

For each topic and each trick one account is added that did nothing before. A trick is told, of all topics, how many of
its accounts stand among the first three, and how many answers are sure of one. The bars, of ten topics: one post of one
repeated phrase 1, two plausible posts 3, five approvals 1, verbatim copies of posts 0, and never sure.

`SET` is a folder in the native format or its name under EXPERTFINDER_SETS; without topics, ten that suit the set
`rust`. `--fresh`: what the accounts do waits beside the index, which is not made anew.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from expertfinder.ask.finder import ExpertFinder
from expertfinder.evaluation.sets import SOURCE, evidence, world
from expertfinder.model import ORGANISATION, SHARED, Confidence, Fact, Interaction, Person, Post, Query
from expertfinder.recommend.experts.basis import Basis

TOPICS = (
    "borrow checker",
    "incremental compilation",
    "cargo registry authentication",
    "const generics",
    "undefined behaviour of raw pointers",
    "lints for async code",
    "crate publishing rate limits",
    "procedural macros",
    "dependency resolver",
    "documentation generator",
)
TOP, LOOKED_AT, COPIED = 3, 200, 5


@dataclass(frozen=True, slots=True)
class Target:
    """One topic and what is to be gained on it."""

    number: int
    topic: str
    posts: Sequence[Post]
    """The best by their words and meaning."""
    today: datetime

    @property
    def account(self) -> str:
        """Id of the account."""
        return f"{SOURCE}:fresh{self.number}"

    def wrote(self, place: int, text: str, *, title: str = "") -> Post:
        """A post by the account."""
        return Post(
            id=f"{SOURCE}:new{self.number}-{place}", source=SOURCE, authors=(self.account,), kind="blog", title=title,
            text=text, created_at=self.today, audience=ORGANISATION,
        )  # fmt: skip

    def copies(self, change: Callable[[Post], Post]) -> list[Fact]:
        """Copies of the best posts by the account, today, changed."""
        return [
            change(replace(post, id=f"{SOURCE}:new{self.number}-{place}", authors=(self.account,)))
            for place, post in enumerate(self.posts[:COPIED])
        ]


def _phrase(target: Target) -> list[Fact]:
    return [target.wrote(0, f"{target.topic} " * 15)]


def _plausible(target: Target) -> list[Fact]:
    topic = target.topic
    return [
        target.wrote(
            0,
            f"After a long look at {topic} I found that most of the trouble comes from a few cases that nobody tests. "
            f"I wrote down how {topic} works here, what breaks it and how to repair it, with steps for newcomers.",
            title=f"How {topic} works",
        ),
        target.wrote(
            1,
            f"Three things that I wish somebody had told me about {topic}: begin with a simple case, measure before "
            f"you change anything, and read what {topic} says when it fails. The fix was smaller than we feared.",
            title=f"Lessons from {topic}",
        ),
    ]


def _approvals(target: Target) -> list[Fact]:
    return [
        Interaction(
            id=f"{SOURCE}:yes{target.number}-{place}", source=SOURCE, actor=target.account, verb="approve",
            object=post.id, created_at=target.today, audience=ORGANISATION,
        )
        for place, post in enumerate(target.posts[:COPIED])
    ]  # fmt: skip


def _changed(text: str) -> str:
    """A text with every tenth word left out."""
    words = re.split(r"(\s+)", text)
    return "".join(word for place, word in enumerate(words) if place % 20 != 10)


def _moved(**by: int) -> Callable[[Post], Post]:
    """A post of another time."""
    return lambda post: replace(post, created_at=post.created_at and post.created_at + timedelta(**by))


TRICKS: dict[str, Callable[[Target], list[Fact]]] = {
    "one phrase repeated": _phrase,
    "two plausible posts": _plausible,
    "five approvals": _approvals,
    "five copies": lambda one: one.copies(lambda post: replace(post, created_at=one.today)),
    "five copies of one day each": lambda one: one.copies(
        lambda post: replace(post, created_at=one.today - timedelta(days=3 * one.posts.index(_of(one, post))))
    ),
    "five copies without dates": lambda one: one.copies(lambda post: replace(post, created_at=None)),
    "five copies with the same dates": lambda one: one.copies(lambda post: post),
    "five copies a second later": lambda one: one.copies(_moved(seconds=1)),
    "five copies a day later": lambda one: one.copies(_moved(days=1)),
    "five copies a second before": lambda one: one.copies(_moved(seconds=-1)),
    "five copies a day before": lambda one: one.copies(_moved(days=-1)),
    "five copies a year before": lambda one: one.copies(_moved(days=-365)),
    "one copy a day before": lambda one: one.copies(_moved(days=-1))[:1],
    "five copies with a greeting": lambda one: one.copies(
        lambda post: replace(post, created_at=one.today, text=f"Hi all,\n\n{post.text}\n\nHope this helps!")
    ),
    "five copies less every tenth word": lambda one: one.copies(
        lambda post: replace(post, created_at=one.today, text=_changed(post.text))
    ),
    "five copies in capitals, in another order": lambda one: one.copies(
        lambda post: replace(post, created_at=one.today, text=" ".join(reversed(post.text.upper().split(". "))))
    ),
}


def _of(target: Target, copy: Post) -> Post:
    return next(post for post in target.posts if (post.title, post.text) == (copy.title, copy.text))


def best_posts(finder: ExpertFinder, topic: str) -> list[Post]:
    """The posts nearest to a topic, the best first."""
    seen, asked, encode = finder.asked(Query(text=topic), SHARED)
    found = Basis.of(seen, asked, encode).found
    order = sorted(range(len(found.posts)), key=lambda row: -found.bm25[row] * max(found.cosine[row], 0.0))
    names = [seen.snapshot.tiers.place(int(found.posts[row])) for row in order[:LOOKED_AT]]
    ids = [segment.ids[row] for segment, row in names]
    posts = {post.id: post for post in finder.store.get("post", ids)}
    return [posts[name] for name in ids if name in posts]


def tried(finder: ExpertFinder, targets: Sequence[Target], trick: str) -> str:
    """What became of a trick's accounts, in one line."""
    places, sure = [], 0
    for target in targets:
        found = finder.find(Query(text=target.topic, limit=100), SHARED).recommendations
        names = [one.subject for one in found]
        place = names.index(target.account) + 1 if target.account in names else 0
        places.append(place)
        if 0 < place <= TOP and found[place - 1].confidence is Confidence.HIGH:
            sure += 1
    top = sum(0 < place <= TOP for place in places)
    return f"{trick}: {top} of {len(targets)} among the first {TOP}, {sure} high; places {places}"


def main() -> None:
    """Try each trick on each topic."""
    parser = argparse.ArgumentParser(description="How far accounts that nobody knows come by what they do alone.")
    parser.add_argument("set", metavar="SET", help="a folder in the native format, or its name under EXPERTFINDER_SETS")
    parser.add_argument("--topic", action="append", default=[], help="instead of the ten that suit `rust`")
    parser.add_argument("--trick", action="append", default=[], choices=sorted(TRICKS), help="instead of all")
    parser.add_argument("--fresh", action="store_true", help="leave the index as it was before")
    options = parser.parse_args()
    bases = [Path(), *map(Path, filter(None, os.environ.get("EXPERTFINDER_SETS", "").split(os.pathsep)))]
    folder = next((base / options.set for base in bases if (base / options.set / "posts.jsonl").is_file()), None)
    if folder is None:
        raise SystemExit(f"no set {options.set!r}: give its folder, or set EXPERTFINDER_SETS")
    facts = evidence(folder)
    today = max(one.created_at for one in facts if isinstance(one, Post) and one.created_at) + timedelta(days=1)
    as_of = today.astimezone(UTC).date()
    topics = options.topic or TOPICS
    with world(facts, as_of=as_of, network=False) as finder:
        targets = [Target(i, topic, best_posts(finder, topic), today) for i, topic in enumerate(topics)]
        people = [Person(id=one.account, source=SOURCE, name=f"Fresh {one.number}") for one in targets]
        people = [replace(one, audience=ORGANISATION) for one in people]
        for trick in options.trick or TRICKS if options.fresh else ():
            done = [fact for target in targets for fact in TRICKS[trick](target)]
            finder.store.apply([*people, *done])
            finder.refresh()
            print(tried(finder, targets, f"waiting: {trick}"), flush=True)
            finder.store.delete("post", [fact.id for fact in done if isinstance(fact, Post)])
            finder.store.delete("interaction", [fact.id for fact in done if isinstance(fact, Interaction)])
    if not options.fresh:
        for trick in options.trick or TRICKS:
            done = [fact for target in targets for fact in TRICKS[trick](target)]
            with world([*facts, *people, *done], as_of=as_of, network=False) as finder:
                print(tried(finder, targets, trick), flush=True)


if __name__ == "__main__":
    main()
