"""Groups of people with ties among them and words of their own: what communities are found in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path

from tests.unit.office import NOON, act, opened, person, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.model import ORGANISATION, Community, Fact, Interaction, Source
from expertfinder.store import Store

PUMPS = ("ada", "bo", "cleo", "dan", "eva", "flo")
LEDGER = ("gus", "hal", "ines", "jon", "kai", "lea")
SOURCE = Source(id="o", audience=ORGANISATION)


def people(names: Iterable[str], unit: str = "") -> tuple[Fact, ...]:
    """A record each, whom everybody may find."""
    return tuple(person(name, org_unit=unit) for name in names)


def guild(tag: str, names: Sequence[str], *, words: str = "") -> tuple[Fact, ...]:
    """Everybody writes one post under the tag, and thanks everybody else for theirs."""
    text = words or f"How we care for the {tag}."
    posts = tuple(post(f"{tag}-{name}", name, text, title=f"The {tag} of {name}", tags=(tag,)) for name in names)
    return (*posts, *(act(one, "thank", f"{tag}-{other}") for one, other in permutations(names, 2)))


def between(actor: str, verb: str, other: str, **more: object) -> Interaction:
    """Something that somebody did towards a person."""
    made = act(actor, verb, other, **more)
    return replace(made, object_type="person", created_at=more.get("created_at", NOON))  # type: ignore[arg-type]


def community(short: str, members: str, **more: object) -> Community:
    """A declared community that everybody may read, unless `more` says otherwise. `members`: names, by blanks."""
    fields: dict[str, object] = {"name": short.title(), "audience": ORGANISATION, **more}
    named = tuple(f"o:{name}" for name in members.split())
    return Community(id=f"o:{short}", source="o", members=named, **fields)  # type: ignore[arg-type]


TWO: tuple[Fact, ...] = (
    SOURCE,
    *people(PUMPS, "Works"),
    *people(LEDGER, "Finance"),
    *guild("pumps", PUMPS),
    *guild("ledger", LEDGER),
)
"""Two groups of six."""


def asked(folder: Path, facts: Iterable[Fact] = TWO) -> ExpertFinder:
    """A finder over a new home with these facts, indexed."""
    return opened(folder, facts)


def detected(store: Store) -> dict[str, Community]:
    """The communities of the record that were found, by id, also those that are no more."""
    return {each.id: each for each in store.all("community") if each.source == "detected"}


def names_of(found: Community) -> set[str]:
    """The people of a community, without the source."""
    return {member.partition(":")[2] for member in found.members}
