"""The shapes of the API. What comes in is checked here; what goes out has every field, always (no defaults).

An outgoing shape lists its fields: what a record has besides (accounts, groups, audience, whether hidden) never leaves.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from expertfinder.http.paths import ID
from expertfinder.model import (
    Citation,
    Confidence,
    Expertise,
    Person,
    Post,
    Query,
    Ranking,
    Reason,
    Recommendation,
    Topic,
)

MOST_IN_URL = 2_000
"""Characters of a question in a URL, which proxies log and cap; longer ones go in a body."""
MOST_IN_BODY = 20_000
"""A page of text is about 3,000; beyond this a question is a document."""
MOST_EXPERTS = 100

ACCOUNT = r"^[A-Za-z0-9_.-]+:[!-~]+$"
ADDRESS = r"^(https?://[!-~]+)?$"

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


class TopicsQuestion(BaseModel):
    """Which topics."""

    model_config = ConfigDict(extra="forbid")

    prefix: str = Field("", max_length=200, description="How the label begins, in any case.", examples=["wire"])
    limit: Limit = 20


class ExpertiseQuestion(BaseModel):
    """How many topics of a person."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 20


class NoQuestion(BaseModel):
    """No parameter at all: an unknown one is refused."""

    model_config = ConfigDict(extra="forbid")


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

    recommendations: list[RecommendationOut]
    abstained: str | None = Field(description="Why nobody is named; then there are no recommendations.")
    confidence: Confidence | None = Field(description="How likely one of the first three is right.")
    notes: list[str]
    version: str = Field(description="Changes only with what this caller may read.")

    @classmethod
    def of(cls, ranking: Ranking, people: dict[str, Person]) -> RankingOut:
        """An answer with the people it names. Who was hidden since the question was answered is left out."""
        return cls(
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


class PersonOut(BaseModel):
    """A person, as far as the caller may know."""

    id: str
    source: str
    name: str
    title: str
    org_unit: str
    location: str
    bio: str
    skills: list[str] = Field(description="As declared; what is observed stands in the expertise.")
    languages: list[str]
    availability: str
    left_at: datetime | None

    @classmethod
    def of(cls, person: Person) -> PersonOut:
        """A person without accounts, groups or audience."""
        return cls(
            id=person.id,
            source=person.source,
            name=person.name,
            title=person.title,
            org_unit=person.org_unit,
            location=person.location,
            bio=person.bio,
            skills=list(person.skills),
            languages=list(person.languages),
            availability=person.availability,
            left_at=person.left_at,
        )


class TopicOut(BaseModel):
    """A topic. `posts` counts what the whole organisation may read."""

    id: str
    label: str = Field(examples=["wireless-coverage"])
    alt_labels: list[str]
    broader: str
    posts: int = Field(ge=0)

    @classmethod
    def of(cls, topic: Topic) -> TopicOut:
        """A topic as shown."""
        return cls(
            id=topic.id, label=topic.label, alt_labels=list(topic.alt_labels), broader=topic.broader, posts=topic.posts
        )


class TopicsOut(BaseModel):
    """Topics, most used first."""

    topics: list[TopicOut]
    version: str


class ExpertiseOut(BaseModel):
    """What a person knows of one topic: declared and observed apart."""

    topic: TopicOut
    declared: bool
    observed: float = Field(ge=0, le=1, description="Relative to the strongest observed topic of the same person.")
    posts: int = Field(ge=0)
    trend: Literal["rising", "steady", "fading", "none"]
    last_seen: datetime | None

    @classmethod
    def of(cls, expertise: Expertise) -> ExpertiseOut:
        """One topic of a profile."""
        return cls(
            topic=TopicOut.of(expertise.topic),
            declared=expertise.declared,
            observed=expertise.observed,
            posts=expertise.posts,
            trend=expertise.trend,
            last_seen=expertise.last_seen,
        )


class ProfileOut(BaseModel):
    """What a person knows, as far as the caller may read."""

    subject: SubjectOut
    expertise: list[ExpertiseOut]
    version: str


class PostOut(BaseModel):
    """A post that the caller may read. Of its authors and its parent, those that the caller may see."""

    id: str
    source: str
    authors: list[SubjectOut]
    kind: str
    title: str
    text: str
    created_at: datetime | None
    parent: str
    tags: list[str]
    language: str
    url: str

    @classmethod
    def of(cls, post: Post, authors: list[Person]) -> PostOut:
        """A post without community or audience, which would name groups."""
        return cls(
            id=post.id,
            source=post.source,
            authors=[SubjectOut.of(author) for author in authors],
            kind=post.kind,
            title=post.title,
            text=post.text,
            created_at=post.created_at,
            parent=post.parent,
            tags=list(post.tags),
            language=post.language,
            url=post.url,
        )


class MeOut(BaseModel):
    """Who the caller is to this service: the person whose eyes the key has, or the shared tier (`person` is null)."""

    person: SubjectOut | None
    groups: list[str]
    scopes: list[str]
    key: str | None = Field(description="The id of the key, never the secret.")
    expires_at: datetime | None
    version: str


# --- writing ---------------------------------------------------------------------------------------------------------


Text = Annotated[str | None, Field(max_length=100_000)]
Line = Annotated[str | None, Field(max_length=2_000)]
Id = Annotated[str | None, Field(max_length=2_000, pattern=ID)]
Ids = Annotated[list[Annotated[str, Field(max_length=2_000, pattern=ID)]] | None, Field(max_length=10_000)]
Labels = Annotated[list[Annotated[str, Field(max_length=200)]] | None, Field(max_length=1_000)]
Moment = AwareDatetime | date | None


class _Record(BaseModel):
    """What every record may say; id and source are those of the path. Unknown fields are taken and weigh nothing."""

    model_config = ConfigDict(extra="allow")

    audience: str | dict[str, Any] | None = Field(
        None,
        description="`organisation`, `private`, or an object with `groups`, `people` and `deny`. "
        "Absent: as the source was registered. Anything else means nobody.",
        examples=["organisation", {"groups": ["legal"]}],
    )


class PersonIn(_Record):
    """A person's record in the native format."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Ada Lind", "title": "Engineer", "audience": "organisation"}]}
    )

    name: Line = None
    title: Line = None
    org_unit: Line = None
    location: Line = None
    bio: Text = None
    skills: Labels = None
    languages: Labels = None
    manager: Id = None
    groups: Ids = None
    availability: Line = None
    accounts: Annotated[list[Annotated[str, Field(pattern=ACCOUNT, max_length=500)]] | None, Field(max_length=100)] = (
        Field(None, description="Keys of the same human in other sources.", examples=[["email:ada@example.org"]])
    )
    left_at: Moment = None
    hidden: bool | None = None


class PostIn(_Record):
    """A post's record in the native format."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"authors": ["p1"], "kind": "answer", "title": "Ingress", "text": "Raise the timeout."}]
        }
    )

    authors: Ids = Field(None, description="Ids of people of the same source.")
    kind: Line = None
    title: Line = None
    text: Text = None
    created_at: Moment = None
    parent: Id = None
    tags: Labels = None
    community: Id = None
    language: Line = None
    url: Annotated[str | None, Field(max_length=4_000, pattern=ADDRESS)] = None


class InteractionIn(_Record):
    """An interaction's record in the native format."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"actor": "p1", "verb": "accept", "object": "post-7"}]})

    actor: str = Field(max_length=2_000, pattern=ID, description="Id of a person of the same source.")
    verb: str = Field(max_length=100, pattern=ID)
    object: str = Field(max_length=2_000, pattern=ID, description="Id of a post or a person of the same source.")
    object_type: Literal["post", "person"] = "post"
    created_at: Moment = None
    value: Annotated[float, Field(allow_inf_nan=False)] | None = None


Outcome = Literal["added", "changed", "unchanged", "refused"]
LineOutcome = Literal["added", "changed", "unchanged", "refused", "unattributed", "invalid"]


class WrittenOut(BaseModel):
    """What a write did. The same record again is `unchanged`."""

    id: str
    outcome: Outcome
    ignored: list[str] = Field(description="Fields that are not known; they weigh nothing.")


class LineOut(BaseModel):
    """What became of one line. `status` is what the line would have got on its own; `detail` says what is wrong."""

    line: int = Field(ge=1)
    status: int
    id: str | None
    outcome: LineOutcome = Field(description="`unattributed`: nobody is known to have done it, so it is not kept.")
    detail: str | None
    field: str | None


class IngestOut(BaseModel):
    """What a batch did, in numbers and line by line."""

    added: int
    changed: int
    unchanged: int
    refused: int
    unattributed: int
    invalid: int
    ignored: dict[str, int] = Field(
        description="Fields that are not known (`kind.field`), and how many records have them."
    )
    lines: list[LineOut]


class HealthOut(BaseModel):
    """The process lives."""

    status: Literal["ok"]


class ReadyOut(BaseModel):
    """The service answers, and from what."""

    status: Literal["ok"]
    last_look_seconds: int | None = Field(
        description="Whole seconds since new facts were last looked for without an error; null where nothing looks."
    )


class ProblemItem(BaseModel):
    """One place that is wrong."""

    where: str
    what: str


class Problem(BaseModel):
    """An error (RFC 9457). `type` points into problems.md; some types have members of their own."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["/problems.md#not-found"])
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    instance: str = Field(examples=["urn:uuid:6f2b0c1e-58a3-4c59-9a7b-0c3a6f0f2a11"])
