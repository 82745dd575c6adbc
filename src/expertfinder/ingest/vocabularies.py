"""The organisation's own vocabulary in the record: imported, replaced, taken out, and decisions about single topics.

A vocabulary is kept whole under its name: after a newer file the record is as if only that one had ever been imported.
Decisions about single topics stand beside it and outlast every import. Answers follow with the next index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime

from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.store.protocol import AuditEntry, Store
from expertfinder.store.statements.concepts import HALF_LIVES, Concept, ConceptScheme, TopicDecision, pack

NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"
"""Pattern of the name of a vocabulary."""
LANGUAGE = r"^[a-z]{2,3}$"
"""Pattern of a language: a code of ISO 639."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did to one vocabulary, in concepts."""

    concepts: int
    labels: int
    """Preferred and other ones, in all languages."""
    added: int
    changed: int
    withdrawn: int
    moved: bool
    """Whether anything differs from before: the concepts, or the language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class From:
    """Where a vocabulary comes from."""

    name: str
    file: str
    language: str
    by: str


def put_vocabulary(store: Store, concepts: Sequence[Concept], source: From) -> Imported:
    """Keep these concepts as the vocabulary of a name, in place of those it had.

    Raises `InvalidQuestion` for a name or a language that is not written as `NAME` and `LANGUAGE` say.
    """
    if not re.match(NAME, source.name):
        raise InvalidQuestion(
            f"{source.name[:70]!r} is no name of a vocabulary: small letters, digits, dots and dashes"
        )
    if not re.match(LANGUAGE, source.language):
        raise InvalidQuestion(f"{source.language[:40]!r} is no code of a language, such as en")
    before = next((one for one in store.statements(ConceptScheme) if one.name == source.name), None)
    had = {one.id: one for one in before.concepts} if before is not None else {}
    now = {one.id: one for one in concepts}
    done = Imported(
        concepts=len(now),
        labels=sum(len(one.labels) + len(one.aliases) for one in now.values()),
        added=len(now.keys() - had.keys()),
        changed=sum(had[each] != now[each] for each in now.keys() & had.keys()),
        withdrawn=len(had.keys() - now.keys()),
        moved=before is None or had != now or before.language != source.language,
    )
    if done.moved:
        told = f"{done.added} added, {done.changed} changed, {done.withdrawn} withdrawn"
        store.state(
            ConceptScheme(
                name=source.name,
                file=source.file,
                language=source.language,
                by=source.by,
                packed=pack(concepts),
                at=datetime.now(UTC),
            )
        )
        _note(store, source.by, source.name, told)
    return done


def remove_vocabulary(store: Store, name: str, *, by: str) -> int:
    """Take a vocabulary out. Returns how many concepts it had. Raises `NotFound` where there is none of this name."""
    found = next((one for one in store.statements(ConceptScheme) if one.name == name), None)
    if found is None:
        raise NotFound(f"there is no vocabulary called {name!r}")
    store.retract(found)
    _note(store, by, name, "removed")
    return len(found.packed)


def decide(store: Store, decision: TopicDecision) -> TopicDecision:
    """Add to what was decided about a topic; what the new decision leaves open stays as it was.

    Returns the decision as it is kept. Raises `InvalidQuestion` for a topic without a word, and for an unknown class of
    half-life.
    """
    if not decision.topic:
        raise InvalidQuestion("a topic has a word")
    if decision.half_life not in {"", *HALF_LIVES}:
        raise InvalidQuestion(f"{decision.half_life[:40]!r} is none of the classes {', '.join(HALF_LIVES)}")
    before = next((one for one in store.statements(TopicDecision) if one.topic == decision.topic), None)
    if before is not None:
        kept = {one.name: getattr(decision, one.name) or getattr(before, one.name) for one in fields(decision)}
        decision = replace(decision, **kept)
    store.state(decision)
    _note(store, decision.by, decision.label, "topic decided")
    return decision


def undecide(store: Store, topic: str, *, by: str) -> None:
    """Forget what was decided about a topic (its words). Raises `NotFound` where nothing was."""
    found = next((one for one in store.statements(TopicDecision) if one.topic == topic), None)
    if found is None:
        raise NotFound(f"nothing was decided about {topic!r}")
    store.retract(found)
    _note(store, by, found.label, "topic undecided")


def _note(store: Store, by: str, name: str, detail: str) -> None:
    store.write_audit(AuditEntry(at=datetime.now(UTC), actor=by, event="vocabulary", detail=f"{name}: {detail}"))
