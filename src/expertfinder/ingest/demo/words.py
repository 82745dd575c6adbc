"""The word material of the demo organisation: read once from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

FIELDS = (
    "engineering", "making", "safety", "supply", "data", "software", "security", "networks", "finance", "people",
    "legal", "customers", "restricted",
)  # fmt: skip
"""One file of topics each; the order is the order of the topics."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """One side of a topic: clauses for what goes wrong and why, infinitives for what to do about it."""

    name: str
    problems: tuple[str, ...]
    advice: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A named topic with the units at home in it; `group` is set where only a restricted group talks about it."""

    id: str
    name: str
    synonyms: tuple[str, ...]
    units: tuple[str, ...]
    community: str
    group: str
    commits: bool
    ask: str
    ask_about: int
    """Which aspect `ask` is about."""
    aspects: tuple[Aspect, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that is said and everybody's name. `company` is company.toml as it stands."""

    company: dict[str, Any]
    subjects: tuple[Subject, ...]
    sentences: dict[str, dict[str, list[str]]]
    unanswerable: tuple[str, ...]


@cache
def load_words() -> Words:
    """Read the material that ships inside the package."""
    subjects = [
        _subject(topic, field) for name in FIELDS for field in [_read(f"topics_{name}")] for topic in field["topic"]
    ]
    return Words(_read("company"), tuple(subjects), _read("sentences"), tuple(_read("unanswerable")["queries"]))


def _read(name: str) -> dict[str, Any]:
    text = resources.files("expertfinder.ingest.demo").joinpath("material", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _subject(topic: dict[str, Any], field: dict[str, Any]) -> Subject:
    aspects = tuple(
        Aspect(each["name"], tuple(each["problem"]), tuple(each["advice"]), each["why"]) for each in topic["aspect"]
    )
    return Subject(
        id=topic["id"],
        name=topic["name"],
        synonyms=tuple(topic["synonyms"]),
        units=tuple(topic.get("units", field["units"])),
        community=field["community"],
        group=topic.get("group", ""),
        commits=field["commits"],
        ask=topic["ask"],
        ask_about=[aspect.name for aspect in aspects].index(topic["ask_about"]),
        aspects=aspects,
    )
