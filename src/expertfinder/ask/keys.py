"""API keys: made, checked, revoked. The secret is shown once; the store keeps its SHA-256 only.

A key reads `ef_<id>_<secret>`. The secret has 256 bits of randomness, so a plain fast hash is enough: there is nothing
to guess. Each key belongs to a person, through whose eyes it reads, or to the shared tier alone.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from expertfinder.errors import InvalidQuestion, NotFound, Unauthenticated
from expertfinder.store.protocol import Key, Store

SCOPES = (
    "experts:read",
    "experts:assess",
    "people:read",
    "talent:ask",
    "audit:read",
    "content:endorse",
    "me:read",
    "me:write",
    "ingest:write",
    "groups:write",
    "scim:write",
    "admin",
    "operator",
    "metrics:read",
)
"""What a key may be for. `admin` holds all the others, for every source; `groups:write` lets what is written with
`ingest:write` say who is a member of which group."""
OF_A_SOURCE = "ingest:write"
"""The scope that counts for sources alone that the key names: it is kept as `ingest:write:SOURCE`, one for each."""

PREFIX = "ef"
MOST_DAYS = 366
"""The longest lifetime of a key: nobody remembers older ones."""
MOST_CHARACTERS = 200
"""Anything longer than this is no key of ours (they have 80) and is not looked at."""
_SOURCE_SCOPE = re.compile(rf"{OF_A_SOURCE}:[a-z0-9][a-z0-9._-]{{0,63}}")
NO_DIGEST = "0" * 64
"""Compared with when the id is unknown, so that an unknown id takes the same steps as a wrong secret."""


def issue_key(
    store: Store, *, scopes: Iterable[str], person: str | None = None, days: int = 90, note: str = ""
) -> tuple[Key, str]:
    """Make a key and keep its digest. Returns the key as kept, and the text to hand over: it cannot be had again.

    Raises `InvalidQuestion` for an unknown scope, none at all, or a lifetime outside 1 to `MOST_DAYS` days.
    """
    wanted = tuple(dict.fromkeys(scopes))
    if OF_A_SOURCE in wanted:
        raise InvalidQuestion(
            f"a key that writes names its sources: {OF_A_SOURCE}:SOURCE, at the prompt --source SOURCE"
        )
    unknown = [scope for scope in wanted if scope not in SCOPES and not _SOURCE_SCOPE.fullmatch(scope)]
    if unknown or not wanted:
        got = ", ".join(unknown) or "none"
        raise InvalidQuestion(f"a key needs one or more of the scopes {', '.join(SCOPES)}; got {got}")
    if not 1 <= days <= MOST_DAYS:
        raise InvalidQuestion(f"a key lives between 1 and {MOST_DAYS} days; got {days}")
    secret = secrets.token_hex(32)
    now = datetime.now(UTC).replace(microsecond=0)
    key = Key(
        id=secrets.token_hex(6),
        digest=_digest(secret),
        scopes=wanted,
        person=person,
        created_at=now,
        expires_at=now + timedelta(days=days),
        note=note,
    )
    store.put_key(key)
    return key, f"{PREFIX}_{key.id}_{secret}"


def check_key(store: Store, text: str, *, now: datetime | None = None) -> Key:
    """The key that a caller presents. Raises `Unauthenticated`: the same words for unknown, wrong, revoked, expired."""
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    well_formed = prefix == PREFIX and bool(key_id and secret) and len(text) <= MOST_CHARACTERS and text.isascii()
    key = store.key(key_id) if well_formed else None
    right = hmac.compare_digest(_digest(secret if well_formed else ""), key.digest if key else NO_DIGEST)
    if key is None or not right or key.revoked or key.expires_at <= (now or datetime.now(UTC)):
        raise Unauthenticated("the key is unknown, revoked or expired; `expertfinder key create` makes a new one")
    return key


def revoke_key(store: Store, key_id: str) -> Key:
    """Take a key back; the next request with it is refused. Raises `NotFound`."""
    key = store.key(key_id)
    if key is None:
        raise NotFound("there is no key with this id; `expertfinder key list` shows them")
    revoked = replace(key, revoked=True)
    store.put_key(revoked)
    return revoked


def allows(scopes: Iterable[str], scope: str) -> bool:
    """Whether these scopes allow what needs `scope`; for a scope of sources: for any of them (see `may_write`)."""
    held = {OF_A_SOURCE if _SOURCE_SCOPE.fullmatch(one) else one for one in scopes}
    return scope in held or "admin" in held


def may_write(scopes: Iterable[str], source: str) -> bool:
    """Whether these scopes allow to write facts of this source."""
    return not {f"{OF_A_SOURCE}:{source}", "admin"}.isdisjoint(scopes)


def scopes_of(scopes: Iterable[str], sources: Iterable[str]) -> list[str]:
    """Scopes as a key holds them, of scopes and of the sources that those of writing are for."""
    of = list(sources)
    return [
        kept
        for scope in scopes
        for kept in ([f"{scope}:{one}" for one in of] if scope == OF_A_SOURCE and of else [scope])
    ]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
