"""Organisations whose records share what tells humans apart: mailboxes, typed addresses, wrong numbers, other names;
some of them are machines' or shared accounts.

Three sources: `hr`, which may be a directory, `wiki`, and `forum`, where people say of themselves what they like. What
a viewer may read is worked out here from the record that the viewer is and from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Literal

from expertfinder.model import ORGANISATION, Audience, Fact, Person, Post, Source, Viewer
from expertfinder.policy import may_read
from expertfinder.store import Verdict

DAY = datetime(2026, 2, 1, tzinfo=UTC)
DIRECTORIES = ((), ("hr",), ("hr", "wiki"))
GROUPS = {"hr": ("hr:board", "hr:staff"), "wiki": ("wiki:mods",), "forum": ("forum:club", "forum:crew")}
WORDS = ("kiln", "glaze", "bellows", "anvil", "loom", "tannin", "reed", "quarry")


@dataclass(frozen=True, slots=True)
class People:
    """A drawn organisation."""

    name: str
    directories: tuple[str, ...]
    records: tuple[Person, ...]
    posts: tuple[Post, ...]
    wishes: tuple[str, ...]
    """Records whose human does not wish to be found."""
    verdicts: tuple[Verdict, ...]
    """What people decided about pairs of records."""

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All of it, sources first."""
        sources = (Source(id=one, audience=ORGANISATION, directory=one in self.directories) for one in GROUPS)
        return (*sources, *self.records, *self.posts)

    def alone(self, record: Person) -> Viewer:
        """The viewer that a record is, were it the only one."""
        trusted = not self.directories or record.source in self.directories
        return Viewer(record.id, frozenset(record.groups if trusted else ()))

    def may_read(self, record: Person, post: Post, joined: Iterable[Person]) -> bool:
        """Whether a record may read a post, when `joined` (itself among them) are taken for one human.

        What the record may read alone, but for what any of the others is denied.
        """
        denied = {name for one in joined for name in (one.id, *one.groups)}
        return may_read(post.audience, self.alone(record)) and denied.isdisjoint(post.audience.deny)


def people_world(seed: int) -> People:
    """The organisation of a seed."""
    rng = Random(f"people:{seed}")
    humans = rng.randint(3, 6)
    records: list[Person] = []
    for human in range(humans):
        records += [_record(rng, source, human, humans) for source in GROUPS if rng.random() < 0.7]
    posts = [_post(rng, number, records) for number in range(rng.randint(6, 12))] if records else []
    directories = rng.choice(DIRECTORIES)
    wishes = tuple(record.id for record in records if rng.random() < 0.06)
    verdicts = [_verdict(rng, records) for _ in range(rng.randint(0, 2)) if len(records) > 1]
    return People(f"people_world({seed})", directories, tuple(records), tuple(posts), wishes, tuple(verdicts))


def _verdict(rng: Random, records: list[Person]) -> Verdict:
    one, other = sorted(record.id for record in rng.sample(records, 2))
    verdict: Literal["join", "part"] = rng.choice(("join", "part"))
    return Verdict(verdict=verdict, one=one, other=other, by="prompt", at=DAY)


def _record(rng: Random, source: str, human: int, humans: int) -> Person:
    accounts = []
    own = source != "forum"
    if source == "hr" or rng.random() < 0.15:
        wrong = rng.random() < (0.05 if source == "hr" else 0.6)
        accounts.append(f"employee:{1 + (rng.randrange(humans) if wrong else human)}")
    if rng.random() < 0.8:
        mailbox = f"h{human if own and rng.random() < 0.85 else rng.randrange(humans)}"
        accounts.append(f"email:{'desk' if rng.random() < 0.2 else mailbox}@firm.example")
    if rng.random() < 0.2:
        accounts.append(f"github:h{human if own else rng.randrange(humans)}")
    called = human if own and rng.random() < 0.9 else rng.randrange(humans)
    return Person(
        id=f"{source}:h{human}",
        source=source,
        name=f"Human Number{called}",
        title=rng.choice(WORDS),
        accounts=tuple(accounts),
        groups=tuple(group for group in GROUPS[source] if rng.random() < 0.4),
        hidden=rng.random() < 0.08,
        kind=rng.choices(("person", "machine", "shared"), weights=(9, 1, 1))[0],
        audience=ORGANISATION if rng.random() < 0.85 else _audience(rng, [f"{source}:h{human}"], source),
    )


def _audience(rng: Random, people: list[str], source: str) -> Audience:
    dice = rng.random()
    if dice < 0.3:
        return Audience("groups", groups=(rng.choice(GROUPS[source]),))
    if dice < 0.6:
        return Audience("private", people=(rng.choice(people),))
    denied = rng.choice([*people, *(group for groups in GROUPS.values() for group in groups)])
    if dice < 0.8:
        return Audience("organisation", deny=(denied,))
    return Audience("groups", groups=GROUPS[source], deny=(denied,))


def _post(rng: Random, number: int, records: list[Person]) -> Post:
    author = rng.choice(records)
    return Post(
        id=f"{author.source}:p{number}",
        source=author.source,
        authors=(author.id,),
        kind="document",
        title=" ".join(rng.sample(WORDS, 2)),
        text=" ".join(rng.choices(WORDS, k=8)),
        created_at=DAY,
        audience=ORGANISATION if rng.random() < 0.15 else _audience(rng, [one.id for one in records], author.source),
    )
