"""Which statements of help people took away, and which of these are revoked: a number each, drawn at random."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.oneself.me import records_of
from expertfinder.ask.oneself.recognition import Recognition, recognition
from expertfinder.configuration.languages import gettext
from expertfinder.errors import InvalidQuestion
from expertfinder.model import Viewer
from expertfinder.store import Badge, Revoked, Store

PLACES = 131_072
"""Places of the list of revoked badges: the least that a status list has, so that a place tells of nobody (W3C)."""


def issue_badge(finder: ExpertFinder, viewer: Viewer) -> tuple[Recognition, int]:
    """What a new badge of the viewer says, and its place. Raises `Forbidden`, `InvalidQuestion` with nothing to say."""
    about = recognition(finder, viewer)
    if about.is_empty:
        raise InvalidQuestion(
            gettext("there is nothing to take away yet: nobody accepted, thanked for or praised help of yours")
        )
    assert viewer.person is not None
    store = finder.store
    used = {one.number for one in store.statements(Badge)} | {one.number for one in store.statements(Revoked)}
    number = secrets.randbelow(PLACES)
    while str(number) in used:
        number = secrets.randbelow(PLACES)
    store.state(Badge(person=viewer.person, number=str(number), at=finder.now()))
    return about, number


def revoke_badges(finder: ExpertFinder, viewer: Viewer) -> None:
    """Revoke all badges of the viewer. Raises `Forbidden`."""
    revoke_of(finder.store, records_of(finder, viewer), finder.now())


def revoke_of(store: Store, records: Iterable[str], at: datetime) -> None:
    """Revoke all badges of some records, and forget whose they were."""
    theirs = frozenset(records)
    for one in store.statements(Badge):
        if one.person in theirs:
            store.state(Revoked(number=one.number, at=at))
            store.retract(one)


def revoked(finder: ExpertFinder) -> frozenset[int]:
    """The places of all badges that are revoked."""
    return frozenset(int(one.number) for one in finder.store.statements(Revoked))
