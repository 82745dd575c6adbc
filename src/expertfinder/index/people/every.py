"""All that everybody did to posts, in columns: what the next fold goes on from.

What a snapshot answers from is cut out of it: the newest acts of each person (`last_acts.py`), and a few who dealt with
what each wrote (`turned_to.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from expertfinder.index.people.last_acts import OLDER, LastActs
from expertfinder.index.people.turned_to import TurnedTo
from expertfinder.model import Person

NEWEST = 4
"""The newest posts that are kept for each person and audience: so many can be taken back before the day is unknown."""
FEW = 4
"""People whose acts are kept for each person and audience: so many can take theirs back before nobody is known to be
left (those whom not everybody may find are counted apart, so that they push out nobody)."""


@dataclass(frozen=True, slots=True)
class EveryAct:
    """A row for what somebody did to a post; `post` numbers the posts of both tiers, the shared ones first. Rows of
    people and audiences are the snapshot's."""

    person: np.ndarray
    """int32 [acts]: who wrote or did something; each once for an audience and a post, at the newest day."""
    audience: np.ndarray
    """int32 [acts]."""
    post: np.ndarray
    """int32 [acts]."""
    day: np.ndarray
    """float64 [acts], days since 1970."""
    author: np.ndarray
    """int32 [dealt]: who wrote what somebody dealt with."""
    actor: np.ndarray
    """int32 [dealt]."""
    for_whom: np.ndarray
    """int32 [dealt], an audience."""
    dealt_in: np.ndarray
    """int32 [dealt], a post: that which the act was done to, or the reply."""


def every_act(last: LastActs, turned: TurnedTo, number: Mapping[str, int]) -> EveryAct:
    """The same of what was read. `number`: id of a post -> its number."""
    return EveryAct(
        last.person,
        last.audience,
        np.array([number[post] for post in last.posts], np.int32),
        last.day,
        turned.person,
        turned.actor,
        turned.audience,
        np.array([number[post] for post in turned.posts], np.int32),
    )


def moved(every: EveryAct, *, people: np.ndarray, posts: np.ndarray) -> EveryAct:
    """On other rows of people and posts (int64, old row -> new row), without the acts of, with and on who and what is
    no more (-1)."""
    stays = (posts[every.post] >= 0) & (people[every.person] >= 0)
    dealt = (posts[every.dealt_in] >= 0) & (people[every.author] >= 0) & (people[every.actor] >= 0)
    return EveryAct(
        people[every.person[stays]].astype(np.int32),
        every.audience[stays],
        posts[every.post[stays]].astype(np.int32),
        every.day[stays],
        people[every.author[dealt]].astype(np.int32),
        people[every.actor[dealt]].astype(np.int32),
        every.for_whom[dealt],
        posts[every.dealt_in[dealt]].astype(np.int32),
    )


def for_whom(every: EveryAct, audiences: np.ndarray) -> EveryAct:
    """On other rows of audiences: int64, old row -> new row."""
    audience, whom = (audiences[column].astype(np.int32) for column in (every.audience, every.for_whom))
    return replace(every, audience=audience, for_whom=whom)


def together(*several: EveryAct) -> EveryAct:
    """Those of all."""
    names = EveryAct.__dataclass_fields__
    return EveryAct(*(np.concatenate([getattr(one, name) for one in several]) for name in names))


def _ranks(names: Sequence[str]) -> np.ndarray:
    """int64: the place of each in the order of all, equal for equal ones."""
    place = {name: rank for rank, name in enumerate(sorted(set(names)))}
    return np.array([place[name] for name in names], np.int64)


def _within(*keys: np.ndarray) -> np.ndarray:
    """int64: how many entries in a row before each have the same keys, of entries that are sorted by them."""
    if not len(keys[0]):
        return np.zeros(0, np.int64)
    new = np.zeros(len(keys[0]), bool)
    new[0] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    starts = np.flatnonzero(new)
    return np.arange(len(new)) - np.repeat(starts, np.diff(np.append(starts, len(new))))


def newest(every: EveryAct, posts: Sequence[str]) -> LastActs:
    """The newest acts by person and audience, `NEWEST` of each, and whether there are older ones. `posts`: ids."""
    rank = _ranks(posts)[every.post]
    order = np.lexsort((rank, -every.day, every.audience, every.person))
    person, audience, day, post = (column[order] for column in (every.person, every.audience, every.day, every.post))
    place = _within(person, audience)
    kept = np.flatnonzero(place <= NEWEST)
    older = place[kept] == NEWEST
    named = [OLDER if old else posts[at] for at, old in zip(post[kept].tolist(), older.tolist(), strict=True)]
    return LastActs(person[kept], audience[kept], day[kept], named)


def few(every: EveryAct, posts: Sequence[str], people: Sequence[Person]) -> TurnedTo:
    """Some who dealt with what each person wrote: `FEW` for an audience of the act and one of those who may find the
    actor, by their ids, each with the first post."""
    hidden = np.array([person.hidden for person in people], bool)
    finders, names = _ranks([person.audience.key for person in people]), _ranks([person.id for person in people])
    actor = every.actor
    columns = (every.author, every.for_whom, hidden[actor], finders[actor], names[actor], _ranks(posts)[every.dealt_in])
    order = np.lexsort(columns[::-1])
    order = order[_within(*(column[order] for column in columns[:5])) == 0]
    order = order[_within(*(column[order] for column in columns[:4])) < FEW]
    return TurnedTo(
        every.author[order],
        actor[order],
        every.for_whom[order],
        [posts[at] for at in every.dealt_in[order].tolist()],
    )
