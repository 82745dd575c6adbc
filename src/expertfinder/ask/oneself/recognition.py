"""What a person may say of help that worked, for themselves and to take away; and what did not, for themselves alone.

It is made of what everybody may read and counts different people, once each: nobody counts whom the person thanked
back, no machine, nobody whom not everybody may find. So rings, praise of oneself and floods are worth nothing, and a
statement that leaves the organisation tells of nothing that is restricted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.found import own_posts
from expertfinder.ask.oneself.held import names_of
from expertfinder.ask.oneself.helped import KEPT, unhelpful
from expertfinder.ask.oneself.me import records_of
from expertfinder.index.posts.concepts import words_of
from expertfinder.index.posts.segment import days
from expertfinder.model import Interaction, Post, Viewer
from expertfinder.policy import is_open, is_shared
from expertfinder.store import Ask, Feedback

WORKED = {"accept": "accepted", "thank": "thanked"}
"""Verb -> how somebody said that what a person wrote helped them; likes and views say nothing of that."""
TOPICS = 10
"""At most so many topics of accepted and thanked posts are named, those of most posts first."""
EVERY = 1_000_000
"""More posts than anybody wrote."""


@dataclass(frozen=True, slots=True)
class Lowers:
    """Somebody who had asked was not helped; their name is not told."""

    question: str
    on: date
    """The day on which they said so."""
    until: date
    """The day from which on it counts for nothing."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """Help that worked."""

    accepted: int
    """Posts that whoever asked accepted."""
    accepted_by: int
    """Different people who did."""
    thanked: int
    """Posts that somebody thanked for."""
    thanked_by: int
    helpful: int
    """Different people who had turned to the person, by the record, and say that it helped."""
    topics: tuple[str, ...]
    """Tags of these posts, those of most posts first."""
    first: datetime | None
    last: datetime | None
    lowers: tuple[Lowers, ...]
    """What makes the person count less; never part of what they take away."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.accepted or self.thanked or self.helpful)


def recognition(finder: ExpertFinder, viewer: Viewer) -> Recognition:
    """What may be said of the viewer. Raises `Forbidden` for who is no person."""
    mine, snapshot = names_of(finder, viewer), finder.whole.snapshot
    rows = snapshot.person_rows
    thanked_back = _thanked_by(finder, mine, rows)

    def counts(name: str) -> bool:
        """Whether the word of this record or account counts."""
        row = rows.get(name)
        if row is None or row in thanked_back or name in mine:
            return False
        return is_open(snapshot.people[row]) and snapshot.people[row].is_human

    wrote = {one.post for one in own_posts(finder, viewer, limit=EVERY)}
    posts = {post.id: post for post in finder.store.get("post", sorted(wrote)) if is_shared(post.audience)}
    acts = [
        act
        for act in finder.store.acts_on(sorted(posts))
        if act.verb in WORKED and is_shared(act.audience) and counts(act.actor)
    ]
    by: defaultdict[str, set[int]] = defaultdict(set)
    done: defaultdict[str, set[str]] = defaultdict(set)
    for act in acts:
        by[WORKED[act.verb]].add(rows[act.actor])
        done[WORKED[act.verb]].add(act.object)
    tags = Counter(tag for post in sorted(done["accepted"] | done["thanked"]) for tag in posts[post].tags)
    when = sorted(at for act in acts if (at := act.created_at or posts[act.object].created_at))
    return Recognition(
        accepted=len(done["accepted"]),
        accepted_by=len(by["accepted"]),
        thanked=len(done["thanked"]),
        thanked_by=len(by["thanked"]),
        helpful=len({rows[name] for name in _helped(finder, viewer) if counts(name)}),
        topics=tuple(tag for tag, _ in sorted(tags.items(), key=lambda pair: (-pair[1], pair[0]))[:TOPICS]),
        first=when[0] if when else None,
        last=when[-1] if when else None,
        lowers=_lowers(finder, viewer),
    )


def _thanked_by(finder: ExpertFinder, mine: frozenset[str], rows: dict[str, int]) -> set[int]:
    """Rows of those whom the person thanked, or whose posts they accepted, where everybody may read it."""
    did: list[Interaction] = [
        act for act in finder.store.acts_by(sorted(mine)) if act.verb in WORKED and is_shared(act.audience)
    ]
    posts: list[Post] = finder.store.get("post", sorted({act.object for act in did}))
    return {rows[author] for post in posts if is_shared(post.audience) for author in post.authors if author in rows}


def _helped(finder: ExpertFinder, viewer: Viewer) -> list[str]:
    """Who says that the person helped with what they had turned to them for, by the record."""
    records = {*records_of(finder, viewer)}
    asked = {(ask.person, words_of(ask.text)) for ask in finder.store.statements(Ask) if ask.subject in records}
    return [
        one.person
        for one in finder.store.statements(Feedback)
        if one.helpful and one.subject in records and (one.person, words_of(one.text)) in asked
    ]


def _lowers(finder: ExpertFinder, viewer: Viewer) -> tuple[Lowers, ...]:
    """What counts against the person now, the newest first."""
    snapshot, records = finder.whole.snapshot, {*records_of(finder, viewer)}
    kept = timedelta(days=KEPT)
    found = {
        Lowers(one.said.text, one.said.at.date(), (one.said.at + kept).date())
        for one in unhelpful(finder.store, snapshot)
        if one.said.subject in records and snapshot.manifest.as_of - days(one.said.at) < KEPT
    }
    return tuple(sorted(found, key=lambda one: (-one.on.toordinal(), one.question)))
