"""Shapes of a question about experts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from expertfinder.ask.finder import LONGEST_QUESTION, MOST_PEOPLE
from expertfinder.ask.shapes.fields import Fields
from expertfinder.model import Query

MOST_IN_URL = 2_000
"""Characters of a question in a URL, which proxies log and cap; longer ones go in a body."""
Word = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[list[Word], Field(max_length=20)]
Limit = Annotated[int, Field(ge=1, le=MOST_PEOPLE, description="How many to give, at most.")]
Since = AwareDatetime | date


def _instant(since: datetime | date | None) -> datetime | None:
    """A day means its first moment in UTC."""
    if since is None:
        return None
    if isinstance(since, datetime):
        return since.astimezone(UTC)
    return datetime.combine(since, time(), UTC)


class Evidence(BaseModel):
    """Filters of what counts as evidence. An unknown name is refused: a misspelt one filters nothing."""

    model_config = ConfigDict(extra="forbid")

    tag: Words = Field(
        [],
        description="Only evidence in posts that carry one of these tags themselves, in any letter case. A tag that no "
        "post carries leaves nobody.",
        examples=[["wireless-coverage"]],
    )
    since: Since | None = Field(None, description="Only evidence from this day or moment on.", examples=["2024-01-01"])

    def evidence(self) -> dict[str, Any]:
        """These filters as fields of a `Query`."""
        return {"tags": tuple(self.tag), "since": _instant(self.since)}


class People(Evidence):
    """These, and filters of whose evidence counts."""

    place: str = Field("", max_length=200, description="Only people at this place.", examples=["Karsholm"])
    unit: str = Field("", max_length=200, description="Only people of this part of the organisation.")
    language: str = Field("", max_length=35, description="Only people who speak it.", examples=["de"])
    availability: str = Field("", max_length=200, description="Only people whose cards say so of their availability.")
    zone: str = Field(
        "",
        max_length=100,
        description="Only people of this time zone: its name (`Europe/Berlin`), a part of it, or an offset that their "
        "clock shows on the day of the index.",
    )

    def evidence(self) -> dict[str, Any]:
        """These filters as fields of a `Query`."""
        of_people = self.model_dump(include={"place", "unit", "language", "availability", "zone"})
        return {**super().evidence(), **of_people}


class _Asked(People):
    """The filters that both forms of a question share."""

    topic: Words = Field(
        [],
        description="Topics to add to the question; several count together. They leave nobody out; `tag` does.",
        examples=[["wireless coverage"]],
    )
    kind: Words = Field([], description="Only evidence in posts of these kinds.", examples=[["answer"]])
    any: bool = Field(
        False,
        description="Of several topics (`pumps and tax`, or several `topic` without a question) one is enough. Without "
        "it who covers all of them comes first, unless the question says `or`.",
    )
    limit: Limit = 10
    fields: Fields = ""

    def query(self, text: str, *, asker: str | None) -> Query:
        """The question that was asked. Who asks is never ranked."""
        return Query(
            text=text,
            topics=tuple(self.topic),
            kinds=tuple(self.kind),
            any=self.any,
            **self.evidence(),
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
        max_length=LONGEST_QUESTION,
        description="The question: a word or a page.",
        examples=["Scanners lose the wireless network between the racks of the warehouse"],
    )
