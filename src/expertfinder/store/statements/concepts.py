"""The organisation's own vocabulary, beside the facts: concepts with labels in several languages (SKOS), as an
administrator gave them, and what an administrator decided about single topics. No import of facts undoes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final

import orjson

from expertfinder.store.statements import Statement

HALF_LIVES: Final[Mapping[str, float]] = {"lasting": 4.0, "usual": 1.0, "passing": 0.5}
"""Half-life of evidence under a topic of each class, in usual half-lives. `lasting`: what is learned once; `passing`:
what changes each year. The numbers are set, not measured: no set of ours says which topics last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """One concept. A label is `text@language`, with nothing behind the `@` where no language is given."""

    id: str
    """Its address or number, as its vocabulary gives it."""
    labels: tuple[str, ...] = ()
    """Preferred labels, one a language (skos:prefLabel)."""
    aliases: tuple[str, ...] = ()
    """Other labels (skos:altLabel, skos:hiddenLabel)."""
    broader: tuple[str, ...] = ()
    """Ids of concepts that are wider (skos:broader)."""
    hidden: bool = False
    """Whether its labels are shown nowhere."""
    half_life: str = ""
    """A class of `HALF_LIVES`; empty for the usual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptScheme(Statement):
    """A vocabulary as it was imported last. It is kept whole, so that what a newer file withdraws leaves with it."""

    KIND: ClassVar[str] = "concept-scheme"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    ABOUT: ClassVar[tuple[str, ...]] = ()
    name: str
    file: str
    """The name of the file that it was read from."""
    language: str
    """Code of the language of the labels that are shown. A concept without such a label is shown in English, else in
    the first of its languages by code."""
    by: str
    """Who imported it: the id of a person or of a key, or `prompt`."""
    packed: tuple[str, ...]
    """Its concepts as JSON, ordered by id."""

    @property
    def concepts(self) -> list[Concept]:
        """Its concepts, ordered by id."""
        return [_unpacked(one) for one in self.packed]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicDecision(Statement):
    """What an administrator decided about one topic, whether or not a vocabulary has it."""

    KIND: ClassVar[str] = "topic-decision"
    KEY: ClassVar[tuple[str, ...]] = ("topic",)
    ABOUT: ClassVar[tuple[str, ...]] = ()
    topic: str
    """The words of the topic, folded and joined by blanks."""
    label: str
    """As it was written."""
    hidden: bool = False
    name: str = ""
    """How it is called instead; empty where it keeps its name."""
    into: str = ""
    """The topic that it is one with; empty for none."""
    half_life: str = ""
    """A class of `HALF_LIVES`; empty where it was not decided."""
    by: str


def pack(concepts: Iterable[Concept]) -> tuple[str, ...]:
    """Concepts as a statement has them."""
    ordered = sorted(concepts, key=lambda one: one.id)
    return tuple(orjson.dumps(asdict(one), option=orjson.OPT_SORT_KEYS).decode() for one in ordered)


def _unpacked(text: str) -> Concept:
    body: dict[str, Any] = orjson.loads(text)
    body = {name: tuple(value) if isinstance(value, list) else value for name, value in body.items()}
    return Concept(**body)


def text_of(label: str) -> str:
    """The text of a label."""
    return label.rpartition("@")[0]


def language_of(label: str) -> str:
    """The language of a label, a code; empty where none is given."""
    return label.rpartition("@")[2]
