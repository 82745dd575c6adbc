"""Shapes of problems and of readiness."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class HealthOut(BaseModel):
    """The process lives."""

    status: Literal["ok"]


class ReadyOut(BaseModel):
    """The service answers, and from what."""

    status: Literal["ok"]
    last_look_seconds: int | None = Field(
        description="Whole seconds since new facts were last looked for without an error; null where nothing looks."
    )
    index: Literal["current", "verifying", "unusable"] = Field(
        description="`current`: the published index answers; `verifying`: the one before it answers until the files of "
        "the published one are verified; `unusable`: the one before it answers, since the published one is damaged, or "
        "made for another version or encoder: the log of the service says which."
    )


class Problem(BaseModel):
    """An error (RFC 9457). `type` points into problems.md; some types have members of their own."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["/problems.md#not-found"])
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    instance: str = Field(examples=["urn:uuid:6f2b0c1e-58a3-4c59-9a7b-0c3a6f0f2a11"])
