"""Shapes of a question about experts and of its answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from expertfinder.model import Citation, Confidence, Person, Query, Ranking, Reason, Recommendation

MOST_IN_URL = 2_000
"""Characters of a question in a URL, which proxies log and cap; longer ones go in a body."""
MOST_IN_BODY = 20_000
"""A page of text is about 3,000; beyond this a question is a document."""
MOST_EXPERTS = 100
"""An answer holds at most so many people; nobody reads a hundred, and reasons are made for each."""
Word = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[list[Word], Field(max_length=20)]
Limit = Annotated[int, Field(ge=1, le=MOST_EXPERTS, description="How many to give, at most.")]
Since = AwareDatetime | date


def _instant(since: datetime | date | None) -> datetime | None:
    """A day means its first moment in UTC."""
    if since is None:
        return None
    if isinstance(since, datetime):
        return since.astimezone(UTC)
    return datetime.combine(since, time(), UTC)


# --- questions -------------------------------------------------------------------------------------------------------


class _Asked(BaseModel):
    """The filters that both forms of a question share. An unknown name is refused: a misspelt one filters nothing."""

    model_config = ConfigDict(extra="forbid")

    topic: Words = Field(
        [],
        description="Topics to add to the question; several count together. They leave nobody out; `tag` does.",
        examples=[["wireless coverage"]],
    )
    tag: Words = Field(
        [],
        description="Only evidence in posts that carry one of these tags themselves, in any letter case. A tag that no "
        "post carries leaves nobody.",
        examples=[["wireless-coverage"]],
    )
    place: str = Field("", max_length=200, description="Only people at this place.", examples=["Karsholm"])
    unit: str = Field("", max_length=200, description="Only people of this part of the organisation.")
    language: str = Field("", max_length=35, description="Only people who speak it.", examples=["de"])
    kind: Words = Field([], description="Only evidence in posts of these kinds.", examples=[["answer"]])
    since: Since | None = Field(None, description="Only evidence from this day or moment on.", examples=["2024-01-01"])
    limit: Limit = 10

    def query(self, text: str, *, asker: str | None) -> Query:
        """The question that was asked. Who asks is never ranked."""
        return Query(
            text=text,
            topics=tuple(self.topic),
            tags=tuple(self.tag),
            place=self.place,
            unit=self.unit,
            language=self.language,
            kinds=tuple(self.kind),
            since=_instant(self.since),
            asker=asker,
            limit=self.limit,
        )


class ExpertsQuestion(_Asked):
    """A short question, in the URL."""

    q: str = Field(
        "",
        max_length=MOST_IN_URL,
        description="The question, in plain words.",
        examples=["who can help with wireless coverage in the warehouse"],
    )


class ExpertsSearch(_Asked):
    """A long question, in a body."""

    text: str = Field(
        "",
        max_length=MOST_IN_BODY,
        description="The question: a word or a page.",
        examples=["Scanners lose the wireless network between the racks of the warehouse"],
    )


# --- answers ---------------------------------------------------------------------------------------------------------


class SubjectOut(BaseModel):
    """Somebody who is shown."""

    id: str = Field(examples=["demo:m046"])
    name: str
    title: str
    org_unit: str
    location: str

    @classmethod
    def of(cls, person: Person) -> SubjectOut:
        """A person as shown in an answer."""
        return cls(
            id=person.id, name=person.name, title=person.title, org_unit=person.org_unit, location=person.location
        )


class CitationOut(BaseModel):
    """A post behind a reason. `link` is where this API has it, `url` where the source has it."""

    post: str
    link: str = Field(examples=["/v1/posts/demo:p00001"])
    url: str
    title: str
    kind: str
    act: str = Field(description="What the person did with it.", examples=["wrote"])
    at: datetime | None
    contribution: float = Field(description="What the post adds to this part of the score.")
    without: float = Field(description="The score of the recommendation without this post.")
    rank_without: int = Field(ge=1, description="Its rank then.")

    @classmethod
    def of(cls, citation: Citation) -> CitationOut:
        """A citation with its links."""
        return cls(
            post=citation.post,
            link=f"/v1/posts/{quote(citation.post, safe=':')}",
            url=citation.url,
            title=citation.title,
            kind=citation.kind,
            act=citation.act,
            at=citation.at,
            contribution=citation.contribution,
            without=citation.without,
            rank_without=citation.rank_without,
        )


class ReasonOut(BaseModel):
    """A named part of a score, in words, with what it rests on."""

    part: str = Field(examples=["words and meaning"])
    value: float
    text: str
    citations: list[CitationOut]

    @classmethod
    def of(cls, reason: Reason) -> ReasonOut:
        """A reason with its citations."""
        citations = [CitationOut.of(citation) for citation in reason.citations]
        return cls(part=reason.part, value=reason.value, text=reason.text, citations=citations)


class RecommendationOut(BaseModel):
    """One person, and why. `score` is the sum of the values of the reasons."""

    subject: SubjectOut
    role: str = Field(examples=["expert"])
    score: float
    confidence: Confidence
    reasons: list[ReasonOut]

    @classmethod
    def of(cls, recommendation: Recommendation, person: Person) -> RecommendationOut:
        """A recommendation with the person it names."""
        return cls(
            subject=SubjectOut.of(person),
            role=recommendation.role,
            score=recommendation.score,
            confidence=recommendation.confidence,
            reasons=[ReasonOut.of(reason) for reason in recommendation.reasons],
        )


class RankingOut(BaseModel):
    """The ordered answer, or why there is none in `abstained`."""

    named: list[SubjectOut] = Field(
        description="People whom the question names, where it is a name, a title or a unit; before all others."
    )
    recommendations: list[RecommendationOut]
    abstained: str | None = Field(description="Why nobody is named; then there are no recommendations.")
    confidence: Confidence | None = Field(description="How likely one of the first three is right.")
    notes: list[str]
    version: str = Field(description="Changes only with what this caller may read.")

    @classmethod
    def of(cls, ranking: Ranking, people: dict[str, Person]) -> RankingOut:
        """An answer with the people it names. Who was hidden since the question was answered is left out."""
        return cls(
            named=[SubjectOut.of(people[one]) for one in ranking.named if one in people],
            recommendations=[
                RecommendationOut.of(recommendation, people[recommendation.subject])
                for recommendation in ranking.recommendations
                if recommendation.subject in people
            ],
            abstained=ranking.abstained,
            confidence=ranking.confidence,
            notes=list(ranking.notes),
            version=ranking.version,
        )


class ExplanationOut(BaseModel):
    """One recommendation with all of its evidence."""

    recommendation: RecommendationOut
    version: str
