"""Shapes of a slate, and of the audit log as who watches over it reads it. No score is in either."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import Field

from expertfinder.ask.organisation.talent import STEP, Band, Cover, Slate
from expertfinder.ask.shapes.experts import EvidenceOut, SubjectOut
from expertfinder.ask.shapes.shape import Known, Shape, known_people

if TYPE_CHECKING:
    from expertfinder.ask.finder import ExpertFinder
    from expertfinder.ask.organisation.talent import Watched
    from expertfinder.model import Viewer


class NeedOut(Shape):
    """A need as it was asked for."""

    skill: str
    place: str
    unit: str
    language: str
    availability: str
    zone: str


class CellOut(Shape):
    """What the evidence of one person says of one need."""

    cover: Cover
    evidence: list[EvidenceOut]
    last_used: datetime | None = Field(description="Day of the newest of the person's posts near the need.")
    why: str = Field(description="Why somebody could grow into it; empty otherwise.")


class CandidateOut(Shape):
    """A person, with a cell for each need in their order."""

    subject: SubjectOut = Field(validation_alias="person")
    band: Band
    cells: list[CellOut]


class NeedFoundOut(Shape):
    """What there is of one need."""

    need: NeedOut
    known_by: int = Field(
        ge=0,
        multiple_of=STEP,
        description="At least so many people of the whole organisation know it, whatever the filters; 0: fewer than 5.",
    )
    covered: bool
    only: str = Field(description="Id of the only one who covers it, where exactly one does and may be named.")


class SlateOut(Shape):
    """A matrix of people and needs. Inside a band people stand in an order drawn by lot: it says nothing of them."""

    purpose: str
    needs: list[NeedFoundOut]
    people: list[CandidateOut]
    team: list[str] = Field(description="Ids of a smallest team that covers together what can be covered.")
    version: str


class WatchedOut(Shape):
    """One line of the audit log."""

    at: datetime
    event: str = Field(examples=["slate"])
    actor: str = Field(description="The person who asked, else the key, or `prompt`.")
    subject: str = Field(description="Who was named or assessed; empty for the question itself.")
    purpose: str


class AuditOut(Shape):
    """The newest lines of the audit log about talent questions and assessments, and whether the log is whole."""

    lines: list[WatchedOut]
    whole: bool = Field(description="Whether every line is as it was written, but for who was erased since.")
    head: str = Field(description="What the newest line is sealed with. Note it elsewhere, to compare later.")


def slate_out(finder: ExpertFinder, found: Slate, viewer: Viewer) -> SlateOut:
    """A slate with the people it names."""
    return SlateOut.of(found, Known(known_people(finder, viewer, (one.person for one in found.people))))


def audit_out(found: Watched) -> AuditOut:
    """The log as who watches over it reads it."""
    return AuditOut.of(found)
