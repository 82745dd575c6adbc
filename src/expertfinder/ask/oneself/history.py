"""What people did and when, as far as a viewer may read it: the newest acts of one, months, how lively a group is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.index.access import View
from expertfinder.index.posts.segment import Segment, days
from expertfinder.index.snapshot import day_of
from expertfinder.model import Query, Viewer
from expertfinder.recommend.experts.parts import VERBS

MONTH = 365.25 / 12
"""Days of a month in a drawing of several years."""
ACTIVE = 90.0
"""Days before the day of the index within which somebody did something to be active: a quarter."""
NEW = 365.0
"""Days before the day of the index within which somebody joined to be a newcomer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """Something that a person did to a post, newest act on it."""

    post: str
    title: str
    kind: str
    act: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What one person did."""

    newest: tuple[Did, ...]
    """Each post once, the newest act first."""
    months: tuple[int, ...]
    """Acts in each of the last months, the oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How lively a group of people is."""

    active: int
    """People of it who did something within `ACTIVE` days."""
    last: datetime | None
    """The day of the newest act of any of them."""
    newcomers: tuple[str, ...]
    """Ids of those who joined within `NEW` days, the newest first."""


def past_of(finder: ExpertFinder, person: str, viewer: Viewer, *, limit: int, months: int) -> Past:
    """The newest acts of a person, and how many there were in each of the last months. `NotFound` as `person`."""
    seen = finder.whole.view(viewer)
    row = seen.snapshot.person_rows[finder.person(person, viewer).id]
    found: list[tuple[float, str, Segment, int, int]] = []
    at: list[np.ndarray] = []
    for segment, acts in seen.acts_of(np.array([row]), Query()):
        at.append(segment.act_at[acts])
        when = np.nan_to_num(segment.act_at[acts], nan=-np.inf)
        order = np.argsort(-when, kind="stable")[: limit * 4]
        posts = segment.posts_of(acts[order])
        for act, post, day in zip(acts[order].tolist(), posts.tolist(), when[order].tolist(), strict=True):
            found.append((day, segment.ids[post], segment, post, act))
    newest: dict[str, Did] = {}
    for day, post_id, segment, post, act in sorted(found, key=lambda one: (-one[0], one[1])):
        family = seen.snapshot.families[int(segment.act_family[act])]
        newest.setdefault(
            post_id,
            Did(
                post=post_id,
                title=segment.titles[post],
                kind=segment.kinds[post],
                act=VERBS.get(family, family),
                at=day_of(day) if np.isfinite(day) else None,
            ),
        )
    every = np.concatenate(at) if at else np.zeros(0)
    back = (seen.snapshot.manifest.as_of - every[~np.isnan(every)]) // MONTH
    counts = np.bincount(np.clip(back[back < months], 0, None).astype(np.int64), minlength=months)
    return Past(newest=tuple(newest.values())[:limit], months=tuple(counts[::-1].tolist()))


def life_of(finder: ExpertFinder, people: Sequence[str], viewer: Viewer) -> Life:
    """How lively a group of people is, as far as the viewer may find them and read what they did."""
    seen = finder.whole.view(viewer)
    rows = [seen.snapshot.person_rows[one] for one in people if one in seen.snapshot.person_rows]
    rows = [row for row in rows if seen.here[row]]
    newest = last_acts(seen, np.array(rows, np.int64))
    as_of = seen.snapshot.manifest.as_of
    dated = newest[~np.isnan(newest)]
    joined = [(days(person.joined_at), person.id) for person in (seen.snapshot.people[row] for row in rows)]
    new = sorted(
        ((day, one) for day, one in joined if as_of - NEW <= day <= as_of), key=lambda pair: (-pair[0], pair[1])
    )
    return Life(
        active=int((dated > as_of - ACTIVE).sum()),
        last=day_of(float(dated.max())) if len(dated) else None,
        newcomers=tuple(one for _, one in new),
    )


def last_acts(seen: View, rows: np.ndarray) -> np.ndarray:
    """float64: the day of the newest act of each person (rows) that the viewer may read; not a number for none."""
    last = np.full(len(seen.people), -np.inf)
    for segment, acts in seen.acts_of(rows, Query()):
        dated = acts[~np.isnan(segment.act_at[acts])]
        np.maximum.at(last, segment.act_person[dated], segment.act_at[dated])
    found = last[rows]
    return np.where(np.isfinite(found), found, np.nan)
