"""Loads `graph/vocabulary.toml`: which act is evidence of what, how strong, how long. Edited without coding."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from expertfinder.configuration.resources import graph_folder
from expertfinder.errors import SourceError


@dataclass(frozen=True, slots=True)
class Verb:
    """One act. `family` names the kind of evidence, `weight` its strength beside authorship at 1.0."""

    name: str
    family: str
    weight: float
    credits: Literal["actor", "author", "none"]
    """Whose evidence it is: the actor's (who reviewed knows), the author's (who was accepted knows), or nobody's."""
    half_life: str
    """The name of a class in `Vocabulary.half_lives`."""
    tie: Literal["turned-to", "worked-with", "none"]
    """What it says between two people: one turned to the other, both worked together, or nothing."""
    turns: Literal["actor", "author"]
    """Who turned to the other: who replies turns to the author, and the author of a change to whoever reviews it."""
    activity: str
    """The name in ActivityStreams 2.0, where it has one."""
    reason: str

    @property
    def weighs(self) -> bool:
        """Whether it is evidence or a tie: not for what was only read, liked or followed."""
        return self.weight > 0 or self.tie != "none"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All verbs, and the classes of half-life as multiples of the organisation's own (a quarter of its time span)."""

    verbs: dict[str, Verb]
    half_lives: dict[str, float]
    kinds: dict[str, float]
    """Kind of post -> what having written one weighs as evidence; kinds that are not listed weigh 1."""
    acts: dict[str, float]
    """Kind of post -> what an act on one is multiplied by; 1 for kinds that are not listed."""

    def authorship(self, kind: str) -> float:
        """The weight of having written a post of this kind."""
        return self.kinds.get(kind, 1.0)

    def lasting(self, family: str) -> float:
        """How many usual half-lives evidence of a family has: the most that one of its verbs has, 1 where none does."""
        found = (self.half_lives[verb.half_life] for verb in self.verbs.values() if verb.family == family)
        return max(found, default=1.0)

    def verb(self, name: str) -> Verb | None:
        """The verb with this name or ActivityStreams name, whatever its case; `None` for an unknown one."""
        return self.verbs.get(name) or self.verbs.get(name.lower())


def load(path: Path) -> Vocabulary:
    """Read a vocabulary. Raises `SourceError` naming the verb and the field that is wrong."""
    with path.open("rb") as file:
        table = tomllib.load(file)
    half_lives = {name: float(entry["multiple"]) for name, entry in table["half_life"].items()}
    verbs: dict[str, Verb] = {}
    for name, entry in table["verbs"].items():
        if entry.get("half_life", "usual") not in half_lives:
            raise SourceError(
                f"the verb {name!r} has a half-life class that is not declared", file=str(path), field="half_life"
            )
        if not 0 <= float(entry["weight"]) <= 1:
            raise SourceError(f"the verb {name!r} needs a weight between 0 and 1", file=str(path), field="weight")
        verb = Verb(
            name=name,
            family=entry["family"],
            weight=float(entry["weight"]),
            credits=entry["credits"],
            half_life=entry.get("half_life", "usual"),
            tie=entry.get("tie", "none"),
            turns=entry.get("turns", "actor"),
            activity=entry.get("activity", ""),
            reason=entry["reason"],
        )
        verbs[name] = verb
        for alias in (verb.activity.lower(), *entry.get("aliases", [])):
            if alias:
                verbs.setdefault(alias, verb)
    kinds = {name: float(entry["weight"]) for name, entry in table.get("kinds", {}).items()}
    acts = {name: float(entry.get("acts", 1.0)) for name, entry in table.get("kinds", {}).items()}
    return Vocabulary(verbs, half_lives, kinds, acts)


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that is shipped."""
    return load(graph_folder() / "vocabulary.toml")
