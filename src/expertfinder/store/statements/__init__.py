"""What people say about people, beside the facts: feedback, decisions about records, wishes. No import undoes it.

A new kind of statement is one frozen dataclass, wherever it belongs: both homes keep, copy and erase it as it is. Its
fields are texts, truth values, numbers and tuples of texts; `id`, `kind`, `key` and `about` are taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, ClassVar, Final, Literal, NamedTuple, TypeVar

import orjson

from expertfinder.errors import StoreError
from expertfinder.identity import Decision

_CANONICAL: Final = orjson.OPT_SORT_KEYS
CHAMPIONS: Final = "champions"
"""The source of the communities that are made of kept sets of champions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something that somebody said, and when. Of two with the same kind and key the later one is kept."""

    KIND: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]
    """Names of the fields, all of them texts, that tell two statements of this kind apart."""
    ABOUT: ClassVar[tuple[str, ...]]
    """Names of the fields with ids of people: the statement goes when one of them is erased, and none is kept after."""
    POSTS: ClassVar[tuple[str, ...]] = ()
    """Names of the fields with ids of posts: the statement goes when one of them is erased."""
    MOVES: ClassVar[bool] = False
    """Whether answers depend on such statements: then each is logged as a change of the people that it is about."""
    LOOKED_UP: ClassVar[tuple[str, ...]] = ()
    """Names of the fields that both homes have an index of."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback(Statement):
    """Whether somebody helped with a question, as whoever asked says. It has the question's text, to learn from.

    That somebody did not help counts only where it was recorded that this person was asked: `ask/oneself/helped.py`.
    """

    KIND: ClassVar[str] = "feedback"
    KEY: ClassVar[tuple[str, ...]] = ("person", "subject", "text")
    ABOUT: ClassVar[tuple[str, ...]] = ("person", "subject")
    MOVES: ClassVar[bool] = True
    person: str
    """Who says so."""
    subject: str
    """About whom."""
    text: str
    helpful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Statement):
    """That two records are one human, or are not, as a person decided. `one` is the smaller id."""

    KIND: ClassVar[str] = "verdict"
    KEY: ClassVar[tuple[str, ...]] = ("one", "other")
    ABOUT: ClassVar[tuple[str, ...]] = ("one", "other")
    MOVES: ClassVar[bool] = True
    verdict: Literal["join", "part"]
    one: str
    other: str
    by: str
    """Who decided: the id of a person, or `prompt`."""

    @property
    def decision(self) -> Decision:
        """What it says of the two."""
        return Decision(self.verdict, self.one, self.other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction(Statement):
    """That two champions of a kept set were to meet: they had no tie, and the fewest common contacts."""

    KIND: ClassVar[str] = "introduction"
    KEY: ClassVar[tuple[str, ...]] = ("community", "one", "other")
    ABOUT: ClassVar[tuple[str, ...]] = ("one", "other")
    community: str
    one: str
    """The smaller id of the two."""
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported(Statement):
    """How a source was imported last, for whoever runs the service."""

    KIND: ClassVar[str] = "import"
    KEY: ClassVar[tuple[str, ...]] = ("source",)
    ABOUT: ClassVar[tuple[str, ...]] = ()
    source: str
    read: int
    """Number of facts read."""
    added: int
    changed: int
    withdrawn: int
    """Taken back by the source, missing in a whole export, or kept no longer."""


class KeptStatement(NamedTuple):
    """A statement as it is kept."""

    kind: str
    key: tuple[str, ...]
    about: tuple[str, ...]
    """Ids of people and posts: the statement goes when one of them is erased."""
    body: str
    """All fields as JSON, in order of their names; times in UTC."""


S = TypeVar("S", bound=Statement)
Having = tuple[str, Collection[str]]
"""The name of a field, and the values of which it must have one."""


def kept_of(statement: Statement) -> KeptStatement:
    """A statement as it is kept. Raises `StoreError` for a time without a zone and for what JSON cannot carry."""
    body = {field.name: getattr(statement, field.name) for field in fields(statement)}
    if statement.at.tzinfo is None:
        raise StoreError("a time without a zone cannot be stored")
    body["at"] = statement.at.astimezone(UTC).isoformat()
    try:
        packed = orjson.dumps(body, option=_CANONICAL).decode()
    except (TypeError, ValueError) as error:
        raise StoreError(f"a statement of the kind {statement.KIND!r} cannot be written: {error}") from error
    key = tuple(str(getattr(statement, name)) for name in statement.KEY)
    about = dict.fromkeys(named for _, named in about_of(statement))
    return KeptStatement(statement.KIND, key, tuple(about), packed)


def about_of(statement: Statement) -> list[tuple[Literal["person", "post"], str]]:
    """The people and posts that a statement is about: kind and id."""
    people: list[tuple[Literal["person", "post"], str]] = [("person", getattr(statement, n)) for n in statement.ABOUT]
    return people + [("post", getattr(statement, name)) for name in statement.POSTS]


def people_of(statement: Statement) -> tuple[str, ...]:
    """Ids of the people whom a statement is about, each once."""
    return tuple(dict.fromkeys(getattr(statement, name) for name in statement.ABOUT))


def statements_of(kind: type[S], rows: Iterable[KeptStatement]) -> list[S]:
    """Statements of one kind, ordered by their keys (byte order)."""
    return [_decoded(kind, row) for row in sorted(rows)]


def _decoded(kind: type[S], row: KeptStatement) -> S:
    body: dict[str, Any] = orjson.loads(row.body)
    known = {field.name for field in fields(kind)}
    body = {name: tuple(value) if isinstance(value, list) else value for name, value in body.items() if name in known}
    return kind(**{**body, "at": datetime.fromisoformat(body["at"])})


def without_author(row: KeptStatement, person: str, stand_in: str) -> KeptStatement:
    """The statement with somebody who made it (`by`) replaced, where it is not about them."""
    body = orjson.loads(row.body)
    if body.get("by") != person:
        return row
    return row._replace(body=orjson.dumps({**body, "by": stand_in}, option=_CANONICAL).decode())


def node_of(row: KeptStatement) -> dict[str, Any]:
    """The properties of a statement as a node of a graph: its fields, readable, and what it is found by."""
    body = orjson.loads(row.body)
    # A key may be too long for an index, so the node is found by a hash.
    one = blake2b("\0".join(row.key).encode(), digest_size=16).hexdigest()
    named = {"id": f"{row.kind} {one}", "kind": row.kind, "key": list(row.key), "about": list(row.about)}
    return {**body, "at": datetime.fromisoformat(body["at"]), **named}


def row_of(node: dict[str, Any]) -> KeptStatement:
    """The statement of a node's properties; `at` must be a `datetime` with a zone."""
    body = {name: value for name, value in node.items() if name not in ("id", "kind", "key", "about")}
    body["at"] = body["at"].astimezone(UTC).isoformat()
    packed = orjson.dumps(body, option=_CANONICAL).decode()
    return KeptStatement(node["kind"], tuple(node["key"]), tuple(node["about"]), packed)
