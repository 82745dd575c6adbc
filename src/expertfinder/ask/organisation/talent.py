"""Talent questions: who covers what a job needs, what nobody covers, who could grow into it. Never who is better.

The ranking answers whom to ask; this answers a staff department, which is another purpose (decision 0023). So it is off
until the organisation says for which purposes it may be asked; what comes out has bands of coverage without a score or
an order inside a band; and every question is in the audit log with its purpose, where each person who was named, and
whoever watches over it, can read it. Who may be named is what `find` says: wishes, hides and pauses hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

import numpy as np

from expertfinder.ask.finder import LONGEST_QUESTION, MOST_PEOPLE, ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.configuration.languages import N_, gettext, phrase
from expertfinder.errors import Forbidden, InvalidQuestion
from expertfinder.model import Citation, Confidence, Query, Ranking, Recommendation, Viewer
from expertfinder.recommend.network.teams import ENOUGH, MOST_SKILLS
from expertfinder.store import AuditEntry

MOST_IN_SLATE = 20
"""People in one answer: a shortlist that somebody reads, and no list of the staff."""
SHOWN = 3
"""Posts that are cited for one person and one need, the strongest first: the person's page has all."""
GROWERS = 2
"""People who could grow into one need, as for a topic that one person holds (`recommend/network/risk.py`)."""
STEP = 5
"""How many people know something is told in steps of so many, and not at all of fewer: as the demand for a topic is."""
SLATE = "slate"
"""The event in the audit log."""
WATCHED = (SLATE, "assess")
"""Events that who watches over talent questions reads: of all others they need nothing."""
OFF = N_(
    "talent questions are off here; whoever runs the service names the purposes that they may serve in "
    "EXPERTFINDER_TALENT_PURPOSES"
)


class Band(StrEnum):
    """How much of what is needed somebody brings. The people of a band are in an order drawn by lot."""

    ALL = N_("covers all")
    SOME = N_("covers some")
    GROW = N_("could grow")


class Cover(StrEnum):
    """What a person's evidence says of one need."""

    COVERS = N_("covers")
    PARTLY = N_("partly")
    GROW = N_("could grow")
    GAP = N_("gap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that is needed: a skill in free words or a topic (`topic:label`), and who may be meant."""

    skill: str
    place: str = ""
    unit: str = ""
    language: str = ""
    availability: str = ""
    """Words that the person's own card has about it."""
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One person and one need."""

    cover: Cover
    evidence: tuple[Citation, ...] = ()
    last_used: datetime | None = None
    why: str = ""
    """Why somebody could grow into it; empty otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A person of a slate, by id, and a cell for each need in their order."""

    person: str
    band: Band
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedFound:
    """What there is of one need."""

    need: Need
    known_by: int
    """People of the whole organisation who know it, whatever the need's filters say: a multiple of `STEP`, rounded
    down, so that no two questions differ by one person; 0 for fewer."""
    covered: bool
    """Whether anybody covers it who passes the need's filters, or would but for a pause."""
    only: str
    """Who is the only one to cover it, where exactly one is and may be named; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slate:
    """The matrix of people and needs."""

    purpose: str
    needs: tuple[NeedFound, ...]
    people: tuple[Candidate, ...]
    team: tuple[str, ...]
    """Ids of a smallest team that together covers what can be covered, in the order of `people`."""
    version: str


@dataclass(frozen=True, slots=True)
class _Looked:
    """Who was found for one need."""

    covers: dict[str, Recommendation]
    """Who covers it, the best first, those among them who are not to be named now."""
    partly: dict[str, Recommendation]
    known_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedLine:
    """One line of the audit log."""

    at: datetime
    event: str
    actor: str
    subject: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The newest lines of the audit log about talent questions and assessments, and whether the log is whole."""

    lines: tuple[WatchedLine, ...]
    whole: bool
    head: str


def watched(finder: ExpertFinder, viewer: Viewer, *, limit: int) -> Watched:
    """What who watches over talent questions reads. Lines about people whom they may not find are left out."""
    lines = finder.store.audit(events=WATCHED, limit=limit)
    seen = {one.id for one in finder.people(viewer, ids=sorted({line.subject for line in lines}))}
    chain = finder.store.check_audit()
    return Watched(
        lines=tuple(
            WatchedLine(at=line.at, event=line.event, actor=line.actor, subject=line.subject, purpose=purpose_of(line))
            for line in lines
            if not line.subject or line.subject in seen
        ),
        whole=chain.broken is None,
        head=chain.head,
    )


def purpose_of(line: AuditEntry) -> str:
    """What a talent question was for; empty for any other line."""
    return line.detail if line.event == SLATE else ""


class Talent:
    """Talent questions over a network. `purposes`: what they may serve; without one nobody may ask."""

    def __init__(self, network: Networking, purposes: Sequence[str]) -> None:
        self._finder: ExpertFinder = network.finder
        self.purposes = tuple(purposes)
        self._network = network

    def slate(
        self, needs: Sequence[Need], viewer: Viewer, *, purpose: str, size: int = MOST_IN_SLATE, actor: str
    ) -> Slate:
        """Who covers some needs. It is written to the audit log before it is given: who asked, why, and whom it names.

        Raises `Forbidden` where talent questions are off, `InvalidQuestion` for a purpose that is not one of those
        named, no need, too many, or an empty one.
        """
        self._check(needs, purpose, size)
        found = self._found(needs, viewer, purpose, size)
        at = self._finder.now()
        lines = [AuditEntry(at=at, actor=actor, event=SLATE, subject=one, detail=purpose) for one in _named(found)]
        self._finder.note(AuditEntry(at=at, actor=actor, event=SLATE, detail=purpose), *lines)
        return found

    def _check(self, needs: Sequence[Need], purpose: str, size: int) -> None:
        if not self.purposes:
            raise Forbidden(gettext(OFF))
        if purpose not in self.purposes:
            raise InvalidQuestion(
                phrase("a talent question has one of these purposes: {known}", known="; ".join(self.purposes))
            )
        if not 1 <= len(needs) <= MOST_SKILLS:
            raise InvalidQuestion(
                phrase("a slate is asked for 1 to {skills} needs, and never without one", skills=MOST_SKILLS)
            )
        if any(not _text(need) or len(need.skill) > LONGEST_QUESTION for need in needs):
            raise InvalidQuestion(gettext("each need says in a few words what somebody should know"))
        if not 1 <= size <= MOST_IN_SLATE:
            raise InvalidQuestion(phrase("a slate has 1 to {slate} people", slate=MOST_IN_SLATE))

    def _found(self, needs: Sequence[Need], viewer: Viewer, purpose: str, size: int) -> Slate:
        away = self._finder.away()
        looked = [self._look(need, viewer) for need in needs]
        growing = [self._growers(need, one, viewer, away) for need, one in zip(needs, looked, strict=True)]
        team = self._team(needs, looked, viewer, away)
        chosen = _chosen([[*one.covers, *one.partly] for one in looked], away, size=size, first=team)
        chosen += [one for one in _in_turn([list(grow) for grow in growing]) if one not in chosen]
        salt = "\0".join(need.skill for need in needs)
        candidates = [_candidate(one, looked, growing) for one in chosen[:size]]
        people = sorted(candidates, key=lambda one: (list(Band).index(one.band), _lot(salt, one.person)))
        shown = {one.person for one in people}
        return Slate(
            purpose=purpose,
            needs=tuple(_need_found(need, one, shown) for need, one in zip(needs, looked, strict=True)),
            people=tuple(people),
            team=tuple(one.person for one in people if one.person in team),
            version=self._network.version(viewer),
        )

    def _look(self, need: Need, viewer: Viewer) -> _Looked:
        """Who is found for a need, and how many know it in the whole organisation."""
        anybody = _query(need).of_everybody
        everywhere = self._finder.find(anybody, viewer, passing_over=False)
        known_by = len(_covering(everywhere)) // STEP * STEP
        asked = _query(need)
        ranking = everywhere if asked == anybody else self._finder.find(asked, viewer, passing_over=False)
        some = ranking.recommendations
        covers = _covering(ranking)
        return _Looked(
            {one.subject: one for one in some if one.subject in covers},
            {one.subject: one for one in some if one.subject not in covers},
            known_by,
        )

    def _growers(self, need: Need, found: _Looked, viewer: Viewer, away: frozenset[str]) -> dict[str, str]:
        """Who writes about what is near to what those write who cover a need, and why: person -> a sentence."""
        known = {*found.covers, *found.partly}
        grow: dict[str, str] = {}
        for best in [one for one in found.covers if one not in away][:1]:
            near = self._network.similar(best, viewer, limit=MOST_PEOPLE)
            able = _eligible(self._finder, _query(need), viewer)
            ids = [one for one, _ in near if one in able and one not in known and one not in away]
            names = self._finder.people(viewer, ids=[best])
            for one in ids[:GROWERS]:
                grow[one] = phrase("writes about what is near to what {name} writes", name=names[0].name or best)
        return grow

    def _team(
        self, needs: Sequence[Need], looked: Sequence[_Looked], viewer: Viewer, away: frozenset[str]
    ) -> tuple[str, ...]:
        able = [[one for one in found.covers if one not in away] for found in looked]
        return self._network.team_of([need.skill for need in needs], able, viewer)


def purposes_in(text: str) -> tuple[str, ...]:
    """The purposes of the setting `talent_purposes`."""
    return tuple(dict.fromkeys(one.strip() for one in text.split(";") if one.strip()))


def _eligible(finder: ExpertFinder, query: Query, viewer: Viewer) -> frozenset[str]:
    """Ids of those who may be named for a question: its filters on people and all wishes hold."""
    seen = finder.willing(finder.whole.view(viewer), query).narrowed(query)
    return frozenset(seen.snapshot.people[row].id for row in np.flatnonzero(seen.here).tolist())


def _query(need: Need) -> Query:
    """The question that is put for a need."""
    topic = need.skill.strip().removeprefix("topic:") if need.skill.strip().startswith("topic:") else ""
    text, topics = ("", (topic,)) if topic else (need.skill, ())
    only = {name: getattr(need, name) for name in ("place", "unit", "language", "availability", "zone")}
    return Query(text=text, topics=topics, **only, limit=MOST_PEOPLE)


def _text(need: Need) -> str:
    return need.skill.strip().removeprefix("topic:").strip()


def _covering(ranking: Ranking) -> frozenset[str]:
    """Who covers what is asked: who comes near the first, where the answer is more than a try."""
    first = ranking.recommendations[0].score if ranking.recommendations else 0.0
    return frozenset(
        one.subject
        for one in ranking.recommendations
        if one.score >= ENOUGH * first and one.confidence is not Confidence.LOW
    )


def _in_turn(lists: Sequence[Sequence[str]]) -> list[str]:
    """The first of each list, then the second of each, and so on, each once."""
    longest = max(map(len, lists), default=0)
    return list(dict.fromkeys(one[place] for place in range(longest) for one in lists if place < len(one)))


def _chosen(lists: Sequence[Sequence[str]], away: frozenset[str], *, size: int, first: Sequence[str]) -> list[str]:
    """Who is in the slate: the team, then the best of each need in turn."""
    named = [[one for one in ids if one not in away] for ids in lists]
    return list(dict.fromkeys([*first, *_in_turn(named)]))[:size]


def _candidate(person: str, looked: Sequence[_Looked], growing: Sequence[dict[str, str]]) -> Candidate:
    cells = []
    for found, grow in zip(looked, growing, strict=True):
        one = found.covers.get(person) or found.partly.get(person)
        if one is not None:
            cover = Cover.COVERS if person in found.covers else Cover.PARTLY
            cells.append(Cell(cover=cover, evidence=_cited(one), last_used=one.last_seen))
        elif person in grow:
            cells.append(Cell(cover=Cover.GROW, why=grow[person]))
        else:
            cells.append(Cell(cover=Cover.GAP))
    covers = {cell.cover for cell in cells}
    knows = bool(covers & {Cover.COVERS, Cover.PARTLY})
    band = Band.ALL if covers == {Cover.COVERS} else Band.SOME if knows else Band.GROW
    return Candidate(person=person, band=band, cells=tuple(cells))


def _cited(one: Recommendation) -> tuple[Citation, ...]:
    """The posts that say most for somebody, each once."""
    said = sorted(
        (cited for reason in one.reasons for cited in reason.citations),
        key=lambda cited: (-round(cited.contribution, 9), cited.post),
    )
    return tuple({cited.post: cited for cited in reversed(said)}.values())[::-1][:SHOWN]


def _need_found(need: Need, found: _Looked, shown: set[str]) -> NeedFound:
    only = next(iter(found.covers)) if len(found.covers) == 1 else ""
    return NeedFound(need=need, known_by=found.known_by, covered=bool(found.covers), only=only if only in shown else "")


def _named(slate: Slate) -> list[str]:
    return sorted(one.person for one in slate.people)


def _lot(salt: str, person: str) -> bytes:
    """A place that says nothing of the person and is another for another question."""
    return blake2b(f"{salt}\0{person}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
