"""Shapes of records that come in, and of what became of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from expertfinder.http.schemas.paths import ID
from expertfinder.store.protocol import Outcome

ACCOUNT = r"^[A-Za-z0-9_.-]+:[!-~]+$"
ADDRESS = r"^(https?://[!-~]+)?$"

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
    time_zone: Line = Field(None, description="As in the IANA database, or an offset.", examples=["Europe/Berlin"])
    accounts: Annotated[list[Annotated[str, Field(pattern=ACCOUNT, max_length=500)]] | None, Field(max_length=100)] = (
        Field(None, description="Keys of the same human in other sources.", examples=[["email:ada@example.org"]])
    )
    kind: Line = Field(
        None,
        description="`person`, `machine` or `shared`: the last two are never named and earn no credit.",
        examples=["person"],
    )
    joined_at: Moment = None
    left_at: Moment = None
    turned_to_by: Annotated[int | None, Field(ge=0, le=10_000_000_000)] = Field(
        None, description="How many people at least said in a survey that they turn to this one.", examples=[10]
    )
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


LineOutcome = Literal[Outcome, "withdrawn", "unattributed", "invalid"]


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
    outcome: LineOutcome = Field(
        description="`unattributed`: nobody is known to have done it, so it is not kept. `withdrawn`: the line takes a "
        "record back (200), or is one that was taken back, as it was (409)."
    )
    detail: str | None
    field: str | None


class IngestOut(BaseModel):
    """What a batch did, in numbers and line by line."""

    added: int
    changed: int
    unchanged: int
    refused: int
    withdrawn: int
    unattributed: int
    invalid: int
    ignored: dict[str, int] = Field(
        description="Fields that are not known (`kind.field`), and how many records have them."
    )
    lines: list[LineOut]
