"""Shapes of asks, and of questions that are put to people or to a community."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.ask.finder import LONGEST_QUESTION
from expertfinder.ask.oneself.asks import LONGEST_WHY
from expertfinder.ask.oneself.questions import MOST_ROUTED, Asked, Before, Which
from expertfinder.ask.shapes.communities import CommunityOut
from expertfinder.ask.shapes.experts import CitationOut, SubjectOut
from expertfinder.ask.shapes.shape import Known, known_communities, known_people
from expertfinder.http.context import Door
from expertfinder.model import Viewer
from expertfinder.store.statements.questions import Afterwards, Saved, Went

LONGEST_ASKED = 2_000
"""Characters of a question in an address: servers and proxies take lines of 8 kB at least, and these may be escaped."""
Id = Annotated[str, Field(min_length=1, max_length=2_100)]


class AskIn(BaseModel):
    """Somebody is asked, and the asker agrees that it is kept."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"text": "wireless coverage in the warehouse", "to": "demo:m046", "agreed": True}]
        },
    )

    text: str = Field(min_length=1, max_length=LONGEST_QUESTION, description="The question.")
    to: str = Field(min_length=1, max_length=2_100, description="Who is asked: `source:id`.")
    why: str = Field("", max_length=LONGEST_WHY, description="Why this person.")
    agreed: Literal[True] = Field(description="That the ask may be kept, with the question, for the two to see.")


class AskOut(BaseModel):
    """What was kept, and a link to write to them."""

    to: str
    day: str
    mail: str | None = Field(description="Opens a mail with the question in it; null without an address.")
    chat: str | None = Field(description="Opens a chat, where the organisation has said how (EXPERTFINDER_CHAT_LINK).")


class QuestionIn(BaseModel):
    """A question to be put."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "wireless coverage in the warehouse", "agreed": True}]},
    )

    text: str = Field(min_length=1, max_length=LONGEST_QUESTION, description="The question.")
    to: list[Id] = Field(
        [], max_length=MOST_ROUTED, description="Whom it is put to; empty: a community, or who is found."
    )
    community: str = Field("", max_length=2_100, description="The community that it is put to; empty: people.")
    anonymous: bool = Field(False, strict=True, description="Whether nobody else is told who asks.")
    agreed: Literal[True] = Field(description="That the question is kept, for those to see to whom it is put.")


class AnsweredIn(BaseModel):
    """What answered a question."""

    model_config = ConfigDict(extra="forbid")

    post: str = Field(
        "", max_length=2_100, description="Id of the post with the answer; empty: none.", examples=["demo:p00001"]
    )
    saved: Saved = Field("", description="How much time it saved; for the asker to say.")
    afterwards: Afterwards = Field("", description="What the asker could do with it; for them to say.")


class BeforeQuestion(BaseModel):
    """The question that is not put yet."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(max_length=LONGEST_ASKED, description="The question.", examples=["wireless coverage"])


class QuestionsQuestion(BaseModel):
    """Which questions."""

    model_config = ConfigDict(extra="forbid")

    which: Which = Field("open", description="Put by the caller, having reached them, or without an answer yet.")
    community: str = Field("", max_length=2_100, description="Only those put to this community.")


class RoutedOut(BaseModel):
    """Somebody whom a question reached."""

    subject: SubjectOut
    went: Went


class QuestionOut(BaseModel):
    """A question as the caller sees it."""

    id: str
    text: str
    day: str
    community: CommunityOut | None = Field(description="That it was put to, where the caller may read it.")
    anonymous: bool
    mine: bool
    asker: SubjectOut | None = Field(description="Null where it is anonymous, or where the caller may not find them.")
    answered: bool
    answer: str = Field(description="Id of the post with the answer, where there is one for the caller; else empty.")
    saved: Saved = Field(description="What the asker said it saved; told to them alone.")
    afterwards: Afterwards
    went: Went | None = Field(description="What became of it at the caller; null where it did not reach them.")
    claimed_by: list[SubjectOut]
    routed: list[RoutedOut] = Field(description="Whom it reached; told to the asker alone.")


class QuestionsOut(BaseModel):
    """Questions, the newest first."""

    questions: list[QuestionOut]


class BeforeOut(BaseModel):
    """What may answer a question already."""

    posts: list[CitationOut]
    questions: list[QuestionOut]


def question_out(here: Door, asked: Asked, viewer: Viewer) -> QuestionOut:
    """A question in its shape."""
    return questions_out(here, [asked], viewer).questions[0]


def questions_out(here: Door, asked: Sequence[Asked], viewer: Viewer) -> QuestionsOut:
    """Questions in their shape."""
    ids = [id for one in asked for id in (one.asker, *one.claimed, *(subject for subject, _ in one.routed)) if id]
    communities = known_communities(here.network, viewer, [one.community for one in asked if one.community])
    known = Known(known_people(here.finder, viewer, ids), communities)

    def people(ids: Sequence[str]) -> list[SubjectOut]:
        return [SubjectOut.of(known.people[id]) for id in ids if id in known.people]

    return QuestionsOut(
        questions=[
            QuestionOut(
                id=one.question,
                text=one.text,
                day=one.day,
                community=CommunityOut.of(one.community, known) if one.community in communities else None,
                anonymous=one.anonymous,
                mine=one.mine,
                asker=next(iter(people([one.asker])), None),
                answered=one.answered,
                answer=one.answer,
                saved=one.worth.saved,
                afterwards=one.worth.afterwards,
                went=one.went,
                claimed_by=people(one.claimed),
                routed=[
                    RoutedOut(subject=SubjectOut.of(known.people[id]), went=went)
                    for id, went in one.routed
                    if id in known.people
                ],
            )
            for one in asked
        ]
    )


def before_out(here: Door, before: Before, viewer: Viewer) -> BeforeOut:
    """What may answer a question already, in its shape."""
    return BeforeOut(
        posts=[CitationOut.of(one) for one in before.posts],
        questions=questions_out(here, before.questions, viewer).questions,
    )
