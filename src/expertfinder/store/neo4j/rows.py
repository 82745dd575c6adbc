"""What is kept beside the facts, as properties of a node in Neo4j, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from expertfinder.errors import StoreError
from expertfinder.store.protocol import AuditEntry, Key, Question
from expertfinder.store.statements import KeptStatement, row_of


def key_row(key: Key) -> dict[str, Any]:
    """The properties of a key."""
    times = {"created_at": _utc(key.created_at), "expires_at": _utc(key.expires_at)}
    row = {"id": key.id, "digest": key.digest, "scopes": list(key.scopes), "person": key.person, **times}
    return row | {"revoked": key.revoked, "note": key.note}


def key_of(row: dict[str, Any]) -> Key:
    """The key that has these properties."""
    return Key(
        id=row["id"],
        digest=row["digest"],
        scopes=tuple(row["scopes"]),
        person=row.get("person"),
        created_at=_native(row["created_at"]),
        expires_at=_native(row["expires_at"]),
        revoked=row["revoked"],
        note=row["note"],
    )


def keys_of(rows: list[dict[str, Any]]) -> list[Key]:
    """Keys, ordered by id."""
    return sorted(map(key_of, rows), key=lambda key: key.id)


def statements_in(rows: list[dict[str, Any]]) -> list[KeptStatement]:
    """Statements in order of kind and key; a row is the properties of a node."""
    return sorted(row_of({**row, "at": _native(row["at"])}) for row in rows)


def question_row(question: Question) -> dict[str, Any]:
    """The properties of a question that was counted."""
    row = {"week": question.week, "topic": question.topic, "asker": question.asker.hex()}
    return row | {"id": blake2b("\0".join(row.values()).encode(), digest_size=16).hexdigest()}


def questions_of(rows: list[Any]) -> list[Question]:
    """Questions in order; a row has week, topic and asker."""
    return sorted(Question(week, topic, bytes.fromhex(who)) for week, topic, who in rows)


def line_row(entry: AuditEntry, number: int) -> dict[str, Any]:
    """The properties of a line of the audit log. Raises `StoreError` for a time without a zone."""
    named = {"actor": entry.actor, "event": entry.event, "subject": entry.subject, "detail": entry.detail}
    return {"number": number, "at": _utc(entry.at), **named}


def lines_of(rows: list[Any]) -> list[AuditEntry]:
    """Lines of the audit log; a row has when, who, what, to whom, and the detail."""
    return [
        AuditEntry(at=_native(at), actor=actor, event=event, subject=of, detail=detail)
        for at, actor, event, of, detail in rows
    ]


def _native(at: Any) -> datetime:
    """A time of the driver's as ours."""
    native: datetime = at.to_native()
    return native.astimezone(UTC)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise StoreError("a time without a zone cannot be stored")
    return at.astimezone(UTC)
