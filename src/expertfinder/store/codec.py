"""Turns a fact into what is kept of it, and back: an id, a hash of the content, and a JSON body without default values.

The body is a function of the fact alone (fields in the order of `model.py`, UTC times as `2024-05-01T12:00:00Z`), so
equal facts have equal hashes. Old bodies can be read without a migration when `model.py` gets a new field with a
default. Once a version is released the new field needs a migration all the same: older code must refuse a file that it
could not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from math import isfinite
from operator import attrgetter
from sys import intern
from typing import Any, Final, NamedTuple

import orjson

from expertfinder.errors import StoreError
from expertfinder.model import NOBODY, Audience, Community, Fact, Interaction, Person, Post, Scope, Source
from expertfinder.store.protocol import Kept, Kind

TYPES: Final[Mapping[Kind, type[Fact]]] = {
    "source": Source,
    "person": Person,
    "community": Community,
    "post": Post,
    "interaction": Interaction,
}
"""Every kind, in the order in which the facts of one batch are written."""
KINDS: Final[Mapping[type[Fact], Kind]] = {fact_type: kind for kind, fact_type in TYPES.items()}

_HASH_BYTES: Final = 16
"""Bytes of a BLAKE2b digest: two of 10^9 contents have the same one with a probability of 10^-21."""
_JSON: Final = orjson.OPT_UTC_Z
_TIMES: Final = frozenset({"created_at", "joined_at", "left_at"})
_REPEATED: Final = frozenset({"source", "actor", "verb", "object", "kind", "language"})
"""Fields whose values stand in many facts: each text is kept once in memory."""


class _Layout(NamedTuple):
    """What `encode` and `decode` have to know of one kind."""

    names: tuple[str, ...]
    values: Callable[[object], tuple[Any, ...]]
    defaults: tuple[object, ...]
    readers: Mapping[str, Callable[[Any], object]]
    """Field -> what makes its value of that of JSON, where it is another one."""


def _layout(fact_type: type[Fact]) -> _Layout:
    own = [field for field in fields(fact_type) if field.name != "id"]
    names = tuple(field.name for field in own)
    defaults = tuple(object() if field.default is MISSING else field.default for field in own)
    readers = {field.name: reader for field in own if (reader := _reader(field)) is not None}
    return _Layout(names, attrgetter(*names), defaults, readers)


def _reader(field: Field[Any]) -> Callable[[Any], object] | None:
    if str(field.type).startswith("tuple["):
        return tuple
    if field.name == "audience":
        return lambda body: _audience(body)
    if field.name in _TIMES:
        return datetime.fromisoformat
    return intern if field.name in _REPEATED else None


_LAYOUTS: Final = {fact_type: _layout(fact_type) for fact_type in KINDS}


def kind_of(fact: Fact) -> Kind:
    """The kind of a fact. Raises `StoreError` for anything that is none."""
    try:
        return KINDS[type(fact)]
    except KeyError:
        raise StoreError(f"a {type(fact).__name__} is not a fact that can be stored") from None


def encode(fact: Fact) -> Kept:
    """What is kept of a fact. Raises `StoreError` naming the fact when it holds what JSON and UTF-8 cannot carry."""
    layout = _LAYOUTS[type(fact)]
    body: dict[str, Any] = {}
    for name, value, default in zip(layout.names, layout.values(fact), layout.defaults, strict=True):
        if value != default:
            if name == "audience":
                value = _audience_body(value)
            elif name == "value":
                value = _number(fact, value)
            elif name in _TIMES:
                value = _time(fact, value)
            body[name] = value
    try:
        packed = orjson.dumps(body, option=_JSON)
        _check_id(fact.id)
    except (TypeError, ValueError) as error:
        raise StoreError(f"the {KINDS[type(fact)]} {fact.id!r} cannot be written: {error}") from error
    return kept(fact.id, packed)


def kept(fact_id: str, body: bytes) -> Kept:
    """A fact as it is kept, with the hash of its body."""
    return Kept(fact_id, blake2b(body, digest_size=_HASH_BYTES).digest(), body.decode())


def decode(kind: Kind, fact_id: str, body: str, *, hidden: bool = False) -> Fact:
    """The fact of a body. `hidden` hides a person whatever the body says. Raises `StoreError` for an unreadable one."""
    fact_type = TYPES[kind]
    readers = _LAYOUTS[fact_type].readers
    try:
        content: dict[str, Any] = orjson.loads(body)
        for name, value in content.items():
            if (reader := readers.get(name)) is not None:
                content[name] = reader(value)
        if hidden:
            content["hidden"] = True
        return fact_type(id=fact_id, **content)
    except (TypeError, ValueError, KeyError) as error:
        raise StoreError(f"the {kind} {fact_id!r} in the record cannot be read ({error}); restore a backup") from error


def quoted(text: str) -> str:
    """The text as it stands in a body, quotes included: what to look for when a body may name it."""
    return orjson.dumps(text).decode()


def can_be_id(text: str) -> bool:
    """Whether a fact can have this id. An id that no fact can have need not be looked for."""
    try:
        _check_id(text)
    except ValueError:
        return False
    return True


def askable(ids: Iterable[str]) -> list[str]:
    """Those of the ids that a fact can have, each once, in the order given."""
    return [fact_id for fact_id in dict.fromkeys(ids) if can_be_id(fact_id)]


def _check_id(text: str) -> None:
    text.encode()  # UnicodeEncodeError, a ValueError, for half a surrogate pair
    if not text or "\0" in text:
        raise ValueError("an id is a text that is not empty and has no NUL in it")


def _time(fact: Fact, at: datetime) -> datetime:
    if at.tzinfo is None:
        raise StoreError(f"the {KINDS[type(fact)]} {fact.id!r} has a time without a zone")
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def _number(fact: Fact, number: float) -> float:
    if not isfinite(number):
        raise StoreError(f"the {KINDS[type(fact)]} {fact.id!r} has a value that is not a number")
    return float(number)


@lru_cache(maxsize=4096)  # an organisation has few audiences beside its facts
def _audience_body(audience: Audience) -> dict[str, object]:
    lists = {"groups": audience.groups, "people": audience.people, "deny": audience.deny}
    return {"scope": audience.scope, **{name: value for name, value in lists.items() if value}}


_WHOLE: Final[dict[str, Audience]] = {"nobody": NOBODY, "organisation": Audience("organisation")}


def _audience(body: dict[str, Any]) -> Audience:
    if len(body) == 1 and (whole := _WHOLE.get(body["scope"])) is not None:
        return whole
    return _same(body["scope"], *(tuple(body.get(name, ())) for name in ("groups", "people", "deny")))


@lru_cache(maxsize=4096)
def _same(scope: Scope, groups: tuple[str, ...], people: tuple[str, ...], deny: tuple[str, ...]) -> Audience:
    """One `Audience` object for all facts with the same audience."""
    return Audience(scope, groups, people, deny)
