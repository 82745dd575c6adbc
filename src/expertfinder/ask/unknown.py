"""What a filter names and nothing here has: said plainly, with the nearest names that there are.

Only names that the viewer may read are offered: places, units, languages, times and zones of people whom they may find
and ask, tags and kinds of posts, communities. A name that stands elsewhere alone is unknown to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from expertfinder.configuration.languages import N_, listed, phrase
from expertfinder.index.access import View, folded_tag
from expertfinder.index.arrays import gather
from expertfinder.index.posts.segment import Segment
from expertfinder.model import Query, Ranking

OFFERED = 3
"""Names that are offered in place of an unknown one, at most: more are a list, not a hint."""
ALIKE = 70.0
"""Likeness of two names, of 100 (`WRatio` of rapidfuzz, letter case aside), from which one is offered for the other.
One wrong letter in five gives 80, a part of a longer name 90; not measured."""


def unknown(seen: View, query: Query) -> tuple[str, ...]:
    """A sentence for each value of the question's filters that fits nobody and nothing that the viewer may find."""
    found: list[str] = []

    def say(none: str, asked: str, known: Iterable[str]) -> None:
        found.append(f"{phrase(none, asked=asked)} {offer(asked, known)}".rstrip())

    people = [seen.snapshot.people[row] for row in np.flatnonzero(seen.here).tolist()] if query.of_some else []
    if query.place and not seen.narrowed(Query(place=query.place)).here.any():
        say(N_("There is nobody at a place called “{asked}”."), query.place, (person.location for person in people))
    if query.unit and not seen.narrowed(Query(unit=query.unit)).here.any():
        say(N_("There is nobody of a unit called “{asked}”."), query.unit, (person.org_unit for person in people))
    if query.language and not seen.narrowed(Query(language=query.language)).here.any():
        spoken = (language for person in people for language in person.languages)
        say(N_("There is nobody who speaks a language called “{asked}”."), query.language, spoken)
    if query.availability and not seen.narrowed(Query(availability=query.availability)).here.any():
        said = (person.availability for person in people)
        say(N_("There is nobody whose availability is called “{asked}”."), query.availability, said)
    if query.zone and not seen.narrowed(Query(zone=query.zone)).here.any():
        say(N_("There is nobody in a time zone called “{asked}”."), query.zone, (person.time_zone for person in people))
    if query.tags:
        tags = {seen.snapshot.tags[row] for segment, rows in seen.readable for row in _tags(segment, rows)}
        folded = {folded_tag(tag) for tag in tags}
        for tag in query.tags:
            if folded_tag(tag) not in folded:
                say(N_("There is no post with a tag called “{asked}”."), tag, tags)
    if query.kinds:
        kinds = {segment.kinds[row] for segment, rows in seen.readable for row in rows.tolist()}
        for kind in query.kinds:
            if kind not in kinds:
                say(N_("There is no post of a kind called “{asked}”."), kind, kinds)
    return tuple(found)


def with_unknown(seen: View, query: Query, ranking: Ranking) -> Ranking:
    """An answer that says what its filters name and nothing has: why it names nobody, or beside those it names."""
    missing = unknown(seen, query)
    if missing and ranking.abstained is not None:
        return replace(ranking, abstained=" ".join(missing))
    return replace(ranking, notes=(*missing, *ranking.notes)) if missing else ranking


def offer(asked: str, known: Iterable[str]) -> str:
    """A sentence with the known names that are nearest to one that is not known; empty where none is near."""
    near = [f"“{name}”" for name in nearest(asked, known)]
    if len(near) < 2:
        return phrase("The nearest is {name}.", name=near[0]) if near else ""
    return phrase("The nearest are {names}.", names=listed(near))


def nearest(asked: str, known: Iterable[str]) -> list[str]:
    """The known names that are most like one, the most alike first, equals in order; empty where none is alike."""
    # A question whose filters fit loads nothing for this.
    from rapidfuzz import fuzz, process, utils  # noqa: PLC0415

    def plain(name: str) -> str:  # of an id what its source gave: the source is the same for many
        return utils.default_process(name.split(":", 1)[-1])

    names = sorted({name for name in known if name.strip()})
    found = process.extract(asked, names, scorer=fuzz.WRatio, processor=plain, limit=OFFERED, score_cutoff=ALIKE)
    return [name for name, _, _ in found]


def _tags(segment: Segment, rows: np.ndarray) -> list[int]:
    positions, _ = gather(segment.tag_indptr, rows)
    found: list[int] = np.unique(segment.tags[positions]).tolist()
    return found
