"""Questions that are put to those who know, or to a community: answered before, put, claimed, declined, answered.

Who put an anonymous question is told to nobody but themselves. A question is seen by who put it, by whom it reached as
long as they have not declined, and by who may read the community that it was put to.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from expertfinder.ask.finder import LONGEST_QUESTION, ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.ask.oneself.me import records_of
from expertfinder.ask.quoting import find_quoted, read_first
from expertfinder.configuration.languages import gettext, phrase
from expertfinder.errors import Conflict, Forbidden, InvalidQuestion, NotFound
from expertfinder.index.posts.concepts import words_of
from expertfinder.index.posts.function_words import content_words
from expertfinder.model import Citation, Query, Viewer
from expertfinder.store import PutQuestion, Routed
from expertfinder.store.statements.questions import Afterwards, Saved, Went

ROUTED_AT_ONCE = 3
"""So many people are asked at first: more feel that somebody else will answer (not measured)."""
MOST_ROUTED = 10
"""A question reaches at most so many people by itself, one more for each who declines: as many as an answer names."""
MOST_OPEN = 50
"""So many unanswered questions may one person have put; more are a list of work, not questions to colleagues."""
MOST_LISTED = 100
"""Questions in one list, the newest first, as many as an answer has people at most."""
ALIKE = 0.6
"""Share of the content words of a question that an earlier one must have to be shown before it is put (not
measured)."""

Which = Literal["mine", "reached", "open"]
"""Questions that one put, that reached oneself, and unanswered ones that one may see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A question to be put: to people by id, to a community, or with neither to those who are found for it."""

    text: str
    to: tuple[str, ...] = ()
    community: str = ""
    anonymous: bool = False


class Worth(NamedTuple):
    """What an answer was worth, as who asked says."""

    saved: Saved = ""
    afterwards: Afterwards = ""


UNSAID = Worth()
"""Nothing was said of what an answer was worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as one viewer sees it. People are ids of those whom the viewer may find."""

    question: str
    text: str
    day: str
    at: datetime
    """When it last changed: was put, taken on or answered."""
    community: str
    """Id of the community that it was put to, where the viewer may read it; else empty."""
    anonymous: bool
    mine: bool
    asker: str
    """Empty where it is anonymous, and where the viewer may not find who asks."""
    answered: bool
    answer: str
    """Id of the post with the answer, where the viewer may read it; else empty."""
    worth: Worth
    """What the answer was worth; told to who put it alone."""
    went: Went | None
    """What became of it at the viewer; `None` where it did not reach them."""
    claimed: tuple[str, ...]
    routed: tuple[tuple[str, Went], ...]
    """Whom it reached and what became of it there; told to who put it alone."""

    def about(self, topic: str) -> bool:
        """Whether it has the words of a topic (`words_of`) in their order."""
        return f" {topic} " in f" {words_of(self.text)} "


@dataclass(frozen=True, slots=True)
class Before:
    """What is there already for a question."""

    posts: tuple[Citation, ...]
    questions: tuple[Asked, ...]
    """Answered ones that say nearly the same."""


class _Kept(NamedTuple):
    """What the record keeps of questions, read once."""

    put: list[PutQuestion]
    routed: Mapping[str, list[Routed]]
    """Id of a question -> whom it reached."""


class Questions:
    """The questions of one finder. Safe to share between threads."""

    def __init__(self, finder: ExpertFinder, network: Networking) -> None:
        self._finder = finder
        self._network = network

    def before(self, text: str, viewer: Viewer) -> Before:
        """What may answer a question before it is put: posts, and answered questions. Raises `InvalidQuestion`."""
        found = find_quoted(self._finder, Query(text=text, asker=viewer.person), viewer)
        words = set(content_words(text))
        alike = [
            one
            for one in (self.seen(viewer) if words else [])
            if one.answered and len(words & set(content_words(one.text))) >= ALIKE * len(words)
        ]
        return Before(tuple(read_first(found.recommendations)), tuple(alike[:ROUTED_AT_ONCE]))

    def put(self, wanted: Wanted, viewer: Viewer) -> Asked:
        """Put a question. Raises `Forbidden` for who is no person, `InvalidQuestion`, `NotFound`, `Conflict`."""
        records = records_of(self._finder, viewer)
        text = wanted.text.strip()
        if not text or len(text) > LONGEST_QUESTION:
            raise InvalidQuestion(phrase("a question has 1 to {question} characters", question=LONGEST_QUESTION))
        if wanted.community and wanted.to:
            raise InvalidQuestion(gettext("a question is put to people or to a community, not to both"))
        if len(wanted.to) > MOST_ROUTED:
            raise InvalidQuestion(phrase("a question is put to at most {routed} people", routed=MOST_ROUTED))
        unanswered = [one for one in self._finder.store.statements(PutQuestion) if one.person in records]
        if sum(not one.answered for one in unanswered) >= MOST_OPEN:
            raise InvalidQuestion(
                phrase("{open} of your questions have no answer yet: take one back first", open=MOST_OPEN)
            )
        if wanted.community:
            self.check_community(wanted.community, viewer)
        me = self._finder.person(viewer.person or "", viewer).id
        to = list(dict.fromkeys(self._finder.person(one, viewer).id for one in wanted.to))
        if me in to:
            raise InvalidQuestion(gettext("nobody asks themselves"))
        put = PutQuestion(
            question=secrets.token_urlsafe(9),
            person=viewer.person or "",
            text=text,
            community=wanted.community,
            anonymous=wanted.anonymous,
            asked_at=self._finder.now().isoformat(),
            answered=False,
            answer="",
            at=self._finder.now(),
        )
        if not wanted.community and not to:
            to = self._next(put, viewer, reached={me})[:ROUTED_AT_ONCE]
        self._finder.store.state(put)
        for subject in to:
            self._reach(put, subject, "asked")
        return self.one(put.question, viewer)

    def check_community(self, community: str, viewer: Viewer) -> None:
        """Raise `NotFound` where the viewer has no such community."""
        if not self._network.communities_named(viewer, ids=[community]):
            raise NotFound("there is no such community for you")

    def listed(self, which: Which, viewer: Viewer, *, community: str = "") -> list[Asked]:
        """Questions that the viewer may see, the newest first. `community`: only those put to it. `Forbidden`."""
        records_of(self._finder, viewer)
        found = [one for one in self.seen(viewer) if community in ("", one.community) and _belongs(one, which)]
        return found[:MOST_LISTED]

    def one(self, question: str, viewer: Viewer) -> Asked:
        """One question. `NotFound` where the viewer has no such one, `Forbidden` for who is no person."""
        return self._one(question, viewer)[0]

    def _one(self, question: str, viewer: Viewer) -> tuple[Asked, PutQuestion, list[Routed]]:
        """As `one`, with the question as it is kept and whom it reached."""
        records_of(self._finder, viewer)
        kept = self._kept(question)
        found = self._seen(kept, viewer)
        if not found:
            raise NotFound("there is no such question for you")
        return found[0], kept.put[0], kept.routed[question]

    def claim(self, question: str, viewer: Viewer) -> Asked:
        """Take a question on. `NotFound`, `Conflict` where somebody else has, `InvalidQuestion` for one's own."""
        put, mine, routed = self._held(question, viewer)
        if any(one.went == "claimed" and one.subject not in mine for one in routed):
            raise Conflict(gettext("somebody else has taken this question on"))
        self._reach(put, self._me(viewer), "claimed")
        return self.one(question, viewer)

    def decline(self, question: str, viewer: Viewer) -> None:
        """Leave a question to others: the next who is found for it is asked. Raises as `claim`; nobody is told why."""
        put, mine, routed = self._held(question, viewer)
        if all(one.subject not in mine for one in routed):
            raise NotFound("this question was put to a community: leave it to who takes it on")
        self._reach(put, self._me(viewer), "declined")
        if put.community or len(routed) >= MOST_ROUTED:
            return
        reached = {one.subject for one in routed}
        try:
            asker = self._finder.viewer(put.person)
            reached.add(self._finder.person(put.person, asker).id)
            following = self._next(put, asker, reached=reached)
        except NotFound:  # who asked is gone; the question stays with those whom it reached
            return
        for subject in following[:1]:
            self._reach(put, subject, "asked")

    def answer(self, question: str, post: str, viewer: Viewer, *, worth: Worth = UNSAID) -> Asked:
        """Say that a question is answered, by a post or (empty) in another way: who put it, or who has claimed it.

        What it was worth is for who put it to say, then or later.

        Raises `NotFound` for a question or a post that the viewer has not, `Forbidden` for anybody else.
        """
        seen, put, _ = self._one(question, viewer)
        if not seen.mine and seen.went != "claimed":
            raise Forbidden(gettext("who put a question, or who has taken it on, says that it is answered"))
        if not seen.mine and any(worth):
            raise Forbidden(gettext("who put a question says what the answer was worth"))
        if post:
            self._finder.post(post, viewer)
        worth = Worth(worth.saved or put.saved, worth.afterwards or put.afterwards)
        self._finder.store.state(
            replace(put, answered=True, answer=post or put.answer, at=self._finder.now(), **worth._asdict())
        )
        return self.one(question, viewer)

    def withdraw(self, question: str, viewer: Viewer) -> None:
        """Take a question of one's own back, and with it that anybody was asked. `NotFound`, `Forbidden`."""
        seen, put, routed = self._one(question, viewer)
        if not seen.mine:
            raise Forbidden(gettext("a question is taken back by who put it"))
        for one in routed:
            self._finder.store.retract(one)
        self._finder.store.retract(put)

    # --- what is kept ------------------------------------------------------------------------------------------------

    def seen(self, viewer: Viewer) -> list[Asked]:
        """All questions that a viewer may see, the newest first, equal ones by id.

        One's own, those put to a community that one may read, and those put to people that reached one. Who may no
        longer read a community has none of its questions, not even one that they took on.
        """
        return self._seen(self._kept(), viewer)

    def _seen(self, kept: _Kept, viewer: Viewer) -> list[Asked]:
        """As `seen`, of the questions that were read."""
        mine = records_of(self._finder, viewer) if viewer.person is not None else ()
        every, routed = kept
        communities = dict.fromkeys(one.community for one in every if one.community)
        named = self._network.communities_named(viewer, ids=list(communities)) if communities else []
        readable = {community.id for community, _ in named}
        return [
            self._shown(one, routed[one.question], (mine, viewer), readable)
            for one in sorted(every, key=lambda one: (one.asked_at, one.question), reverse=True)
            if one.person in mine
            or one.community in readable
            or (
                not one.community
                and any(each.subject in mine and each.went != "declined" for each in routed[one.question])
            )
        ]

    def _shown(
        self, put: PutQuestion, routed: Sequence[Routed], to: tuple[Collection[str], Viewer], readable: Collection[str]
    ) -> Asked:
        records, viewer = to
        mine = put.person in records
        people = {each.id for each in self._finder.people(viewer, ids=[put.person, *(one.subject for one in routed)])}
        asker = [one.id for one in self._finder.people(viewer, ids=[put.person])] if not put.anonymous or mine else []
        answer = put.answer if put.answer and self._may_read(put.answer, viewer) else ""
        return Asked(
            question=put.question,
            text=put.text,
            day=put.asked_at[:10],
            at=max([put.at, *(one.at for one in routed if one.went == "claimed" and one.subject in people)]),
            community=put.community if put.community in readable else "",
            anonymous=put.anonymous,
            mine=mine,
            asker=asker[0] if asker else "",
            answered=put.answered,
            answer=answer,
            worth=Worth(put.saved, put.afterwards) if mine else UNSAID,
            went=next((one.went for one in routed if one.subject in records), None),
            claimed=tuple(one.subject for one in routed if one.went == "claimed" and one.subject in people),
            routed=tuple((one.subject, one.went) for one in routed if mine and one.subject in people),
        )

    def _may_read(self, post: str, viewer: Viewer) -> bool:
        try:
            self._finder.post(post, viewer)
        except NotFound:
            return False
        return True

    def _kept(self, question: str | None = None) -> _Kept:
        """What is kept of one question, or of all."""
        put = [one for one in self._finder.store.statements(PutQuestion) if question in (None, one.question)]
        routed: dict[str, list[Routed]] = {one.question: [] for one in put}
        for one in self._finder.store.statements(Routed) if put else ():
            if one.question in routed:
                routed[one.question].append(one)
        return _Kept(put, routed)

    def _held(self, question: str, viewer: Viewer) -> tuple[PutQuestion, Collection[str], list[Routed]]:
        """An open question of somebody else, the viewer's records, and whom it reached."""
        mine = records_of(self._finder, viewer)
        seen, put, routed = self._one(question, viewer)
        if seen.mine:
            raise InvalidQuestion(gettext("this is your own question"))
        if seen.answered:
            raise Conflict(gettext("this question is answered"))
        return put, mine, routed

    def _me(self, viewer: Viewer) -> str:
        """The record of the viewer by which others find them, where it is proven to be theirs."""
        me = self._finder.person(viewer.person or "", viewer).id
        return me if me in records_of(self._finder, viewer) else viewer.person or ""

    def _reach(self, put: PutQuestion, subject: str, went: Went) -> None:
        now = self._finder.now()
        day = now.date().isoformat()
        routed = Routed(question=put.question, person=put.person, subject=subject, day=day, went=went, at=now)
        self._finder.store.state(routed)

    def _next(self, put: PutQuestion, viewer: Viewer, *, reached: Iterable[str]) -> list[str]:
        """Ids of those who are found for a question and whom it has not reached, best first."""
        found = self._finder.find(Query(text=put.text, asker=viewer.person, limit=MOST_ROUTED), viewer)
        known = frozenset(reached)
        return [one.subject for one in found.recommendations if one.subject not in known]


def _belongs(one: Asked, which: Which) -> bool:
    """Whether a question stands in a list."""
    if which == "open":
        return not one.answered
    return one.mine if which == "mine" else one.went is not None and not one.mine
