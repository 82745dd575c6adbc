"""Nominations: a colleague endorsed for a topic, or named as champion, sponsor or curator of a community.

Nobody but the two sees one before the nominated person agrees; either takes it back at any time. It moves no score and
no order: who agrees with whom is no evidence. It is shown to who may find both people and may read the community.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b
from typing import Literal, get_args

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.ask.oneself.me import records_of, topic_words
from expertfinder.errors import Conflict, InvalidQuestion, NotFound, TooManyRequests
from expertfinder.index.posts.concepts import words_of
from expertfinder.model import Query, Viewer
from expertfinder.store import Nomination
from expertfinder.store.statements.endorsing import Role, Stands

A_DAY = 5
"""So many nominations may one person make in a day: more are a campaign, not a colleague's word (not measured)."""
LONGEST_WHY = 500
"""Why somebody is nominated has at most so many characters: a sentence or two."""
DAY = 86_400
"""Seconds of a day, after which somebody may nominate again in any case."""

Answer = Literal["agree", "decline", "withdraw"]
"""The nominated person agrees or declines (later, too); who nominated takes it back."""
BECOMES: dict[Answer, Stands] = {"agree": "agreed", "decline": "declined", "withdraw": "withdrawn"}
"""Answer -> what becomes of the nomination."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A nomination to be made. `of`: a topic for an expert, else the id of a declared community."""

    subject: str
    role: Role
    of: str
    why: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """What one person sees of nominations, each list with the newest first."""

    of_me: tuple[Nomination, ...]
    """That are asked of them or that they agreed to."""
    by_me: tuple[Nomination, ...]


def id_of(one: Nomination) -> str:
    """By which a nomination is answered."""
    return blake2b("\0".join((one.person, one.subject, one.role, one.of)).encode(), digest_size=12).hexdigest()


def nominate(finder: ExpertFinder, network: Networking, viewer: Viewer, wanted: Wanted) -> Nomination:
    """Nominate a colleague whom the viewer may find; they are asked.

    Raises `Forbidden` for who is no person, `NotFound`, `InvalidQuestion`, `Conflict` where they said no before, and
    `TooManyRequests` for who has made `A_DAY` today.
    """
    mine = records_of(finder, viewer)
    if wanted.role not in get_args(Role):
        raise InvalidQuestion(f"a nomination is for one of {', '.join(get_args(Role))}")
    if not wanted.why.strip() or len(wanted.why) > LONGEST_WHY:
        raise InvalidQuestion(f"say why in up to {LONGEST_WHY} characters: your colleague reads it, and so do others")
    subject, me = finder.person(wanted.subject, viewer), finder.person(viewer.person or "", viewer)
    if subject.id == me.id or subject.id in mine:
        raise InvalidQuestion("nobody nominates themselves")
    if not subject.is_human:
        raise InvalidQuestion("this account is a program's or several people's: it agrees to nothing")
    of, label = _of(network, viewer, wanted)
    now = finder.now()
    today = now.date()
    if wanted.until is not None and wanted.until <= today:
        raise InvalidQuestion("the day until which it holds is to come")
    made = Nomination(
        person=viewer.person or "",
        subject=subject.id,
        role=wanted.role,
        of=of,
        label=label,
        why=wanted.why.strip(),
        until=wanted.until.isoformat() if wanted.until else "",
        day=today.isoformat(),
        stands="asked",
        at=now,
    )
    every = finder.store.statements(Nomination)
    before = next((one for one in every if id_of(one) == id_of(made)), None)
    if before is not None and before.stands != "withdrawn":
        raise Conflict("your colleague was asked this before" + (", and said no" * (before.stands == "declined")))
    if sum(one.day == made.day and one.person in mine for one in every) >= A_DAY:
        raise TooManyRequests(f"{A_DAY} nominations a day: go on tomorrow", retry_after=DAY)
    finder.store.state(made)
    return made


def _of(network: Networking, viewer: Viewer, wanted: Wanted) -> tuple[str, str]:
    """What a nomination is for, as it is kept, and as it was written."""
    if wanted.role == "expert":
        label = " ".join(wanted.of.strip().removeprefix("topic:").split())
        return topic_words(label), label
    found = network.communities_named(viewer, ids=[wanted.of])
    if not found:
        raise NotFound("there is no such community for you")
    if found[0][0].kind == "detected":
        raise InvalidQuestion("this community was found in the ties and changes with them: name a declared one")
    return found[0][0].id, ""


def nominated(
    finder: ExpertFinder, network: Networking, viewer: Viewer, *, person: str = "", of: str = ""
) -> list[Nomination]:
    """What people agreed to and what holds today, as a viewer may see it: of one person, or of one community or topic.

    Ordered by role, what it is for, and people.
    """
    today = finder.now().date().isoformat()
    every = [one for one in finder.store.statements(Nomination) if one.stands == "agreed"]
    topic = words_of(of.removeprefix("topic:")) if of else ""
    some = [
        one
        for one in _seen(finder, network, viewer, every)
        if not (one.until and one.until <= today)
        and (not person or one.subject == person)
        and (not of or one.of == (topic if one.role == "expert" else of))
    ]
    return sorted(some, key=lambda one: (one.role, one.of, one.subject, one.person))


def own_nominations(finder: ExpertFinder, network: Networking, viewer: Viewer) -> Own:
    """What the viewer is nominated for, unless they said no, and whom they nominated. Raises `Forbidden`."""
    mine = frozenset(records_of(finder, viewer))
    every = finder.store.statements(Nomination)
    theirs = [one for one in every if not mine.isdisjoint((one.person, one.subject))]
    seen = sorted(_seen(finder, network, viewer, theirs, own=True), key=lambda one: (-one.at.timestamp(), id_of(one)))
    return Own(
        tuple(one for one in seen if one.subject in mine and one.stands in ("asked", "agreed")),
        tuple(one for one in seen if one.person in mine and one.stands != "withdrawn"),
    )


def answer(finder: ExpertFinder, network: Networking, viewer: Viewer, nomination: str, said: Answer) -> Nomination:
    """Agree to a nomination, decline it, or take back one's own. `NotFound` where the viewer has no such one."""
    if said not in BECOMES:
        raise InvalidQuestion(f"the answer to a nomination is one of {', '.join(BECOMES)}")
    own = own_nominations(finder, network, viewer)
    some = own.by_me if said == "withdraw" else own.of_me
    found = next((one for one in some if id_of(one) == nomination), None)
    if found is None:
        raise NotFound("there is no such nomination for you")
    kept = replace(found, stands=BECOMES[said], at=finder.now())
    finder.store.state(kept)
    return kept


def _seen(
    finder: ExpertFinder, network: Networking, viewer: Viewer, every: Iterable[Nomination], *, own: bool = False
) -> list[Nomination]:
    """Those of whose two people the viewer may find both, and whose community they may read.

    Who wishes not to be named for a topic is not, but to the two (`own`).
    """
    some, seen = list(every), finder.view(viewer)
    rows = seen.snapshot.person_rows
    of = list(dict.fromkeys(one.of for one in some if one.role != "expert"))
    readable = {community.id for community, _ in network.communities_named(viewer, ids=of)} if of else set()
    willing: dict[str, np.ndarray] = {}  # one look for each topic, however many are nominated for it
    found = []
    for one in some:
        subject, person = rows.get(one.subject), rows.get(one.person)
        if subject is None or person is None or not (seen.people[subject] and seen.people[person]):
            continue
        if one.role != "expert":
            shown = one.of in readable
        else:
            if not own and one.label not in willing:
                willing[one.label] = finder.willing(seen, Query(text=one.label)).people
            shown = own or bool(willing[one.label][subject])
        if shown:
            found.append(one)
    return found
