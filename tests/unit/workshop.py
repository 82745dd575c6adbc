"""A drawn organisation of three places, units and languages, to try filters on; and what is left of it under one.

What a filter leaves out counts nowhere, so the answer equals that of `without`: who does not pass is hidden, what did
not pass was never done, and a post of which nothing is left is excluded. Sums of the whole shared tier stay what they
are: the statistics of words, as no post goes, and in how many profiles a word is and how long one is (`_Profiles`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import ClassVar

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.people.profiles import Profiles
from expertfinder.index.posts.bm25 import Words
from expertfinder.index.recipe import Recipe
from expertfinder.index.snapshot import open_snapshot
from expertfinder.model import (
    ORGANISATION,
    Audience,
    Community,
    Fact,
    Interaction,
    Person,
    Post,
    Query,
    Ranking,
    Recommendation,
    Source,
    Viewer,
)

TODAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SINCE = NOON - timedelta(days=200)
"""About half of what was done is newer."""
PLACES = ("Lisbon", "Lagos", "Oslo")
UNITS = ("Platform", "Finance", "Field")
LANGUAGES = ("pt", "yo", "no")
TIMES = ("Most mornings", "Fridays", "")
ZONES = ("Europe/Lisbon", "Africa/Lagos", "Europe/Oslo", "")
"""In June the clocks of Lagos show the same as those of Lisbon, and those of Oslo an hour more."""
KINDS = ("answer", "document", "message")
SUBJECTS = {
    name: words.split()
    for name, words in {
        "ingress": "kubernetes ingress controller proxy timeout connection node upgrade certificate cluster",
        "ledger": "invoice ledger currency booking month rate closing balance receipt audit",
        "welding": "weld seam crack fatigue torch gas plate steel grinder helmet",
    }.items()
}
QUESTIONS = {name: " ".join(words[:6]) for name, words in SUBJECTS.items()}
_FILLER = (
    "garden river window lamp coffee morning paper stone bridge summer ticket corner yellow basket piano "
    "market bicycle harbour letter orange kettle autumn ladder mirror pocket candle carpet meadow button thunder"
)
FILLER = _FILLER.split()
GROUP = Audience("groups", groups=("w:inner",))
INSIDER = Viewer("w:q0", frozenset({"w:inner"}))
THANKS = "accept"
PEOPLE_COUNT, POSTS_COUNT, ACTS_COUNT = 24, 150, 150


def facts(seed: object = 0) -> list[Fact]:
    """The organisation. Some posts are for a group alone, some people have no place, unit or language.

    Who thanks passes every filter on people: thanks are evidence of who is thanked, whoever gives them.
    """
    draw = Random(f"workshop {seed}")

    def some(values: tuple[str, ...]) -> str:
        return draw.choice((*values, *values, ""))

    people = [
        Person(
            id=f"w:p{n:02}", source="w", name=f"P{n:02}", audience=ORGANISATION, location=some(PLACES),
            org_unit=some(UNITS), languages=tuple(filter(None, ("en", some(LANGUAGES)))),
            availability=TIMES[n % 3], time_zone=ZONES[n // 2 % 4],
        )
        for n in range(PEOPLE_COUNT)
    ]  # fmt: skip
    everywhere = [
        Person(
            id=f"w:q{n}", source="w", name=f"Q{n}", audience=ORGANISATION, location=" ".join(PLACES),
            org_unit=" ".join(UNITS), languages=LANGUAGES, availability=" ".join(TIMES),
            time_zone=ZONES[0], groups=("w:inner",) if n == 0 else (),
        )
        for n in range(3)
    ]  # fmt: skip
    knows = {person.id: draw.sample(sorted(SUBJECTS), 2) for person in people}
    posts, acts = [], []
    for n in range(POSTS_COUNT):
        authors = draw.sample(people, draw.choice((1, 1, 1, 2)))
        subject = draw.choice(knows[authors[0].id])
        words = [*draw.sample(SUBJECTS[subject], 7), *draw.sample(FILLER, 9)]
        draw.shuffle(words)
        posts.append(
            Post(
                id=f"w:d{n:03}", source="w", authors=tuple(person.id for person in authors), title=words[0].title(),
                text=" ".join(words), kind=draw.choice(KINDS), tags=(subject, draw.choice(("Field work", "late"))),
                created_at=NOON - timedelta(days=draw.randrange(1, 400)),
                audience=GROUP if draw.random() < 0.15 else ORGANISATION,
            )
        )  # fmt: skip
    for n in range(ACTS_COUNT):
        verb = draw.choice((THANKS, "review", "edit", "answer"))
        post, person = draw.choice(posts), draw.choice(everywhere if verb == THANKS else people)
        thanked = verb == THANKS and any(act.verb == THANKS and act.object == post.id for act in acts)
        if thanked or person.id in post.authors:
            continue  # thanks by several are one piece of evidence; acts on one's own post are none
        assert post.created_at is not None
        at = post.created_at + timedelta(days=draw.randrange(0, 300))
        acts.append(
            Interaction(
                id=f"w:a{n:03}", source="w", actor=person.id, verb=verb, object=post.id, created_at=min(at, NOON),
                audience=ORGANISATION if draw.random() < 0.9 else GROUP,
            )
        )  # fmt: skip
    communities = [
        Community(
            id=f"w:{name}", source="w", name=f"{name.title()} circle", description=" ".join(words[:5]),
            members=tuple(person.id for person in people if name in knows[person.id]), audience=ORGANISATION,
        )
        for name, words in SUBJECTS.items()
    ]  # fmt: skip
    return [Source(id="w", audience=ORGANISATION), *people, *everywhere, *posts, *acts, *communities]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """What passes a filter."""

    person: Callable[[Person], bool] = lambda _: True
    post: Callable[[Post], bool] = lambda _: True
    at: Callable[[datetime], bool] = lambda _: True
    """When something was done."""


class _Profiles(Profiles):
    """Profiles that are weighed as others are, which are of the whole tier."""

    tier: ClassVar[Profiles]

    def weighed(self, words: Words) -> tuple[np.ndarray, np.ndarray]:
        return self.tier.weighed(words)

    def norm(self, lengths: np.ndarray, recipe: Recipe) -> np.ndarray:
        return self.tier.norm(lengths, recipe)


class Without(ExpertFinder):
    """A finder that takes some posts for no evidence, whatever it is asked. `tier`: profiles that tell the scale."""

    excluded: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    """Posts that nobody did anything with that all may see: they are not in the network."""
    tier: Profiles

    def view(self, viewer: Viewer) -> View:
        seen = super().view(viewer)
        own = seen.snapshot.profiles
        kind = type("Profiles", (_Profiles,), {"tier": self.tier})
        profiles = kind(**{each.name: getattr(own, each.name) for each in fields(Profiles)})
        withdrawn = seen.snapshot.withdrawn | seen.snapshot.shared.has(set(self.gone))
        return replace(seen, snapshot=replace(seen.snapshot, profiles=profiles, withdrawn=withdrawn))

    def find(self, query: Query, viewer: Viewer) -> Ranking:
        return super().find(replace(query, exclude_posts=self.excluded), viewer)

    def explain(self, query: Query, person: str, viewer: Viewer) -> Recommendation:
        return super().explain(replace(query, exclude_posts=self.excluded), person, viewer)


def written(folder: Path, seed: object = 0, *, more: Iterable[Fact] = ()) -> Path:
    """The home of the organisation in `folder`, indexed, with `more` facts."""
    home = Home(folder)
    store = home.open_store()
    store.apply([*facts(seed), *more])
    home.build_index(store, encode=encoder(DEFAULT), as_of=TODAY)
    store.close()
    return folder


def opened(folder: Path) -> ExpertFinder:
    """A finder over a written home."""
    return ExpertFinder.open(folder)


def without(folder: Path, copy: Path, passing: Passing) -> Without:
    """A finder over a copy of a written home, from which what does not pass was taken after it was indexed."""
    shutil.copytree(folder, copy)
    home = Home(copy)
    store = home.open_store()
    people = {person.id: person for person in store.all("person")}
    stays = {name for name, person in people.items() if passing.person(person)}
    posts = {post.id: post for post in store.all("post")}
    acts = list(store.all("interaction"))
    newest: dict[tuple[str, str], datetime] = {}  # thanks of one audience for one post are one piece of evidence
    for act in acts:
        assert act.created_at is not None
        of = (act.object, act.audience.key if act.verb == THANKS else act.id)
        newest[of] = max(newest.get(of, act.created_at), act.created_at)
    gone = []
    for act in acts:
        of = (act.object, act.audience.key if act.verb == THANKS else act.id)
        if act.actor not in stays or not passing.at(newest[of]):
            gone.append(act)
    kept_acts = {
        act.object for act in acts if act not in gone and (act.verb != THANKS or stays & {*posts[act.object].authors})
    }
    excluded, gone_posts, changed = set(), set(), []
    touched = {act.object for act in acts if act not in gone and act.audience == ORGANISATION}
    for post in posts.values():
        assert post.created_at is not None
        wrote = passing.at(post.created_at)
        if not passing.post(post) or not (post.id in kept_acts or (wrote and stays & set(post.authors))):
            excluded.add(post.id)
        if not passing.post(post) or not (post.id in touched or (wrote and stays & set(post.authors))):
            gone_posts.add(post.id)
        if not wrote:
            # Of somebody unknown: what names no author is in no statistic, and a filter leaves those as they are.
            changed.append(replace(post, authors=("w:nobody",)))
    store.delete("interaction", [act.id for act in gone])
    store.apply([*changed, *(replace(people[name], hidden=True) for name in sorted(people.keys() - stays))])
    tier = open_snapshot(home.index, encode=encoder(DEFAULT)).profiles
    home.build_index(store, encode=encoder(DEFAULT), as_of=TODAY)
    finder = Without(home, store, encode=encoder(DEFAULT))
    finder.excluded, finder.gone, finder.tier = frozenset(excluded), frozenset(gone_posts), tier
    finder.refresh()
    return finder


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A documented filter: a value that narrows, one that nothing has, what is near to that, and what passes."""

    value: str
    unknown: str
    nearest: str | None
    passing: Passing


OF_EXPERTS = {
    "place": Filter(
        value="lisbon", unknown="Lisbn", nearest="Lisbon",
        passing=Passing(person=lambda one: PLACES[0] in one.location),
    ),
    "unit": Filter(
        value="finance", unknown="Finanz", nearest="Finance",
        passing=Passing(person=lambda one: UNITS[1] in one.org_unit),
    ),
    "language": Filter(
        value="no", unknown="nob", nearest=None, passing=Passing(person=lambda one: LANGUAGES[2] in one.languages)
    ),
    "availability": Filter(
        value="MORNINGS", unknown="mornigs", nearest="Most mornings",
        passing=Passing(person=lambda one: "mornings" in one.availability),
    ),
    "zone": Filter(
        value="+01:00", unknown="Europe/Lisbn", nearest="Europe/Lisbon",
        passing=Passing(person=lambda one: one.time_zone in ZONES[:2]),
    ),
    "kind": Filter(
        value="document", unknown="documnt", nearest="document", passing=Passing(post=lambda one: one.kind == KINDS[1])
    ),
    "tag": Filter(
        value="FIELD WORK", unknown="feld work", nearest="Field work",
        passing=Passing(post=lambda one: "Field work" in one.tags),
    ),
    "since": Filter(
        value=SINCE.strftime("%Y-%m-%dT%H:%M:%SZ"), unknown="2031-01-01", nearest=None,
        passing=Passing(at=lambda at: at >= SINCE),
    ),
}  # fmt: skip
"""The filters of a question about people, by the name of the parameter, which is that of the option at the prompt."""
