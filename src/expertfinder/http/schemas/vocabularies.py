"""Shapes of the organisation's own vocabularies."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from expertfinder.ingest.vocabularies import LANGUAGE, Imported
from expertfinder.store.statements.concepts import ConceptScheme


class VocabularyQuestion(BaseModel):
    """How a file is read."""

    model_config = ConfigDict(extra="forbid")

    language: str = Field("en", pattern=LANGUAGE, description="In which its labels are shown.", examples=["en"])


class VocabularyOut(BaseModel):
    """A vocabulary as it was put in place last."""

    name: str
    language: str
    concepts: int = Field(ge=0)
    by: str = Field(description="Id of a person, a key (`key:...`), or `prompt`.")
    at: datetime


class VocabulariesOut(BaseModel):
    """All of them, by name."""

    vocabularies: list[VocabularyOut]


class VocabularyPutOut(BaseModel):
    """What became of a vocabulary, in concepts; 0 added, changed and withdrawn where it was there already."""

    name: str
    concepts: int = Field(ge=0)
    labels: int = Field(ge=0, description="Preferred and other ones, in all languages.")
    added: int = Field(ge=0)
    changed: int = Field(ge=0)
    withdrawn: int = Field(ge=0)


def vocabularies_out(found: list[ConceptScheme]) -> VocabulariesOut:
    """The list of vocabularies, in its shape."""
    return VocabulariesOut(
        vocabularies=[
            VocabularyOut(name=one.name, language=one.language, concepts=len(one.packed), by=one.by, at=one.at)
            for one in found
        ]
    )


def put_out(name: str, done: Imported) -> VocabularyPutOut:
    """What the import of a vocabulary did, in its shape."""
    numbers = {each: getattr(done, each) for each in ("concepts", "labels", "added", "changed", "withdrawn")}
    return VocabularyPutOut(name=name, **numbers)
