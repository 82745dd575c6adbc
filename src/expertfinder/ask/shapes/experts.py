"""Shapes of rankings: people, and why each; of one person, all of the evidence, and how well the person knows it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from expertfinder.ask.quoting import explain_quoted
from expertfinder.ask.shapes.shape import Known, Shape, standing_for
from expertfinder.model import Confidence, Query, Viewer

if TYPE_CHECKING:
    from expertfinder.ask.finder import ExpertFinder

Subject = TypeVar("Subject", bound=Shape)


class SubjectOut(Shape):
    """Somebody who is shown."""

    id: str = Field(examples=["demo:m046"])
    name: str
    title: str
    org_unit: str
    location: str

    @model_validator(mode="before")
    @classmethod
    def _person(cls, value: Any, info: ValidationInfo) -> Any:
        return standing_for(value, info, "people")


class EvidenceOut(Shape):
    """A post that speaks for somebody. `link` is where the API has it, `url` where the source has it."""

    post: str
    link: Annotated[str, AfterValidator(lambda post: f"/v1/posts/{quote(post, safe=':')}")] = Field(
        validation_alias="post", examples=["/v1/posts/demo:p00001"]
    )
    url: str
    title: str
    kind: str
    act: str = Field(description="What the person did with it.", examples=["wrote"])
    at: datetime | None


class CitationOut(EvidenceOut):
    """A post behind a reason. `link` is where the API has it, `url` where the source has it."""

    where: str = Field(description="The short hash of a commit, or a path, where the id has one; else empty.")
    snippet: str = Field(description="What the post says around words of the question.")
    contribution: float = Field(description="What the post adds to this part of the score.")
    without: float = Field(description="The score of the recommendation without this post.")
    rank_without: int = Field(ge=1, description="Its rank then.")


class ReasonOut(Shape):
    """A named part of a score, in words, with what it rests on."""

    part: str = Field(examples=["words and meaning"])
    value: float
    text: str
    citations: list[CitationOut]


class Recommended(Shape, Generic[Subject]):
    """One subject, and why. `score` is the sum of the values of the reasons."""

    subject: Subject
    role: str = Field(examples=["expert"])
    score: float
    confidence: Confidence
    reasons: list[ReasonOut]


class CoveredOut(Shape):
    """One of several topics of a question."""

    topic: str = Field(description="As it stands in the question.", examples=["currency hedging"])
    confidence: Confidence | None = Field(description="How sure the person knows it; null where nothing speaks for it.")


class RecommendationOut(Recommended[SubjectOut]):
    """One person, and why. `score` is the sum of the values of the reasons."""

    last_seen: datetime | None = Field(description="Day of the newest of the person's posts near the question.")
    confidence: Confidence = Field(
        description="By the person's own evidence. `high`: several independent pieces, somebody else dealt with what "
        "they wrote, and words, meaning and profile all put them first; `medium`: two pieces; `low`: worth a try."
    )
    caveat: str = Field(description="What to know before asking, such as that all of it rests on one post; else empty.")
    topics: list[CoveredOut] = Field(description="Each topic of a question with several; empty for one of one topic.")


One = TypeVar("One", bound=Shape)


class Ranked(Shape, Generic[One]):
    """The ordered answer, or why there is none in `abstained`."""

    recommendations: list[One]
    abstained: str | None = Field(description="Why none is named; then there are no recommendations.")
    confidence: Confidence | None = Field(description="Of the answer: how likely one of the first three is right.")
    notes: list[str]
    version: str = Field(description="Changes only with what this caller may read.")


class RankingOut(Ranked[RecommendationOut]):
    """People, best first, or why nobody is named in `abstained`."""

    clear: int = Field(ge=0, description="How many of the people are more than a try: `high` or `medium`.")
    topics: list[str] = Field(
        description="What the question was read as, where it has several topics: who covers all of them comes first."
    )
    named: list[SubjectOut] = Field(
        description="People whom the question names, where it is a name, a title or a unit; before all others."
    )


class ExplanationOut(Shape):
    """One recommendation with all of its evidence."""

    recommendation: RecommendationOut
    notes: list[str] = Field(description="A sentence for each value of a filter that nothing here has.")
    version: str


class NearPostOut(Shape):
    """One of the person's posts that lie nearest to the text."""

    post: str
    title: str
    kind: str
    act: str
    at: datetime | None
    url: str
    contribution: float = Field(description="What it adds to the nearness.")
    without: float = Field(description="The score without this post.")


class AssessmentOut(Shape):
    """How well a person knows what a text is about. A hint, no judgement: the person sees that it was asked."""

    subject: SubjectOut = Field(validation_alias="person")
    score: float = Field(
        ge=0, le=1, description="Comparable between texts and people: .5 is nearer than nine in ten pairs of them here."
    )
    confidence: Confidence = Field(description="How much evidence there is.")
    nearness: float = Field(description="The sum of the values of the reasons; the score rises with it alone.")
    posts: int = Field(description="Posts of the person that the caller may read.")
    reasons: list[ReasonOut]
    nearest: list[NearPostOut]
    notes: list[str] = Field(description="A sentence for each value of a filter that nothing here has.")
    version: str


def explanation_out(finder: ExpertFinder, query: Query, person: str, viewer: Viewer) -> ExplanationOut:
    """Why this person. Raises `NotFound`."""
    named = finder.person(person, viewer)
    with finder.endorsing.once():
        found = explain_quoted(finder, query, person, viewer)
        answer = {"recommendation": found, "notes": finder.unknown(query, viewer), "version": finder.version(viewer)}
    return ExplanationOut.of(answer, Known({found.subject: named}))


def assessment_out(finder: ExpertFinder, query: Query, person: str, viewer: Viewer) -> AssessmentOut:
    """How well a person knows something. Raises `NotFound`."""
    named = finder.person(person, viewer)
    return AssessmentOut.of(finder.assess(query, named.id, viewer), Known({named.id: named}))
