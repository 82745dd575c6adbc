"""Tokens at the API: access tokens of the provider, and short assertions that an intranet signs for a user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from expertfinder.ask.keys import SCOPES
from expertfinder.http.signin.provider import Provider
from expertfinder.http.signin.sessions import Identity
from expertfinder.http.signin.tokens import Expected, Once, claims_of, header_of, refused

ASSERTION: Final = "expertfinder-assertion+jwt"
"""The header `typ` of an assertion: explicit, so that no other token of an intranet passes for one (RFC 8725, 3.11)."""
ACTING_SCOPES: Final = ("experts:read", "people:read")
"""What a program may do for somebody: look, as they would."""
ASSERTION_SECONDS: Final = 300
"""An assertion lives for five minutes at most, from `iat` to `exp`."""
ID_TOKEN_CLAIMS: Final = frozenset({"nonce", "at_hash", "c_hash", "events"})
"""What an ID token or a sign-out message has and an access token has not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """What a token says, once its signature and times were found right.

    `actor`: the program that acts for the person, empty for none; `may_act`: whether the settings let that program act.
    """

    identity: Identity
    scopes: tuple[str, ...]
    actor: str = ""
    may_act: bool = True


def bearer_of(provider: Provider, once: Once, text: str, *, now: float) -> Bearer:
    """What a bearer token says. `now`: seconds since 1970.

    Raises `Unauthenticated`, with one sentence for every reason, and `StoreUnavailable` while the provider is away.
    """
    sign_in = provider.sign_in
    audience = sign_in.audience or sign_in.public_url
    kind = header_of(text).get("typ")
    if isinstance(kind, str) and kind.lower().removeprefix("application/") == ASSERTION:
        return _asserted(provider, once, text, audience, now)
    expected = Expected(issuer=sign_in.issuer, audience=audience, types=frozenset({"at+jwt", "jwt", ""}))
    claims = claims_of(text, provider.keys, expected, now=now)
    if not ID_TOKEN_CLAIMS.isdisjoint(claims) or claims.get("typ", "Bearer") != "Bearer":
        raise refused("no access token")
    identity = provider.identity(claims)
    if "act" not in claims:
        return Bearer(identity=identity, scopes=_scopes(claims))
    actor = _actor(claims["act"])
    scopes = tuple(scope for scope in _scopes(claims) if scope in ACTING_SCOPES)
    return Bearer(identity=identity, scopes=scopes, actor=actor, may_act=actor in sign_in.actors)


def _asserted(provider: Provider, once: Once, text: str, audience: str, now: float) -> Bearer:
    """An assertion (after RFC 7523): its key is named `<intranet>` or `<intranet>:<which>`, `iss` is that intranet."""
    if not provider.sign_in.assertion_keys:
        raise refused("assertions are not configured")
    issuer = str(header_of(text).get("kid", "")).partition(":")[0]
    expected = Expected(issuer=issuer, audience=audience, types=frozenset({ASSERTION}))
    claims = claims_of(text, provider.assertion_keys, expected, now=now)
    id, at, ends = claims.get("jti"), claims.get("iat"), claims["exp"]
    if not isinstance(id, str) or not 8 <= len(id) <= 200 or at is None:
        raise refused("an assertion needs jti and iat")
    if not 0 < ends - at <= ASSERTION_SECONDS:
        raise refused("an assertion lives five minutes at most")
    if not once.take(f"{issuer} {id}", until=ends + 60, now=now):
        raise refused("an assertion counts once")
    return Bearer(identity=Identity(subject=claims["sub"]), scopes=ACTING_SCOPES, actor=issuer)


def _actor(act: object) -> str:
    """The program that acts (RFC 8693, 4.1). Where the claim names none, an empty text, which no setting allows."""
    if not isinstance(act, dict):
        return ""
    named = act.get("client_id") or act.get("azp") or act.get("sub")
    return named if isinstance(named, str) else ""


def _scopes(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Scopes of ours in `scope` (RFC 9068) or `scp`; providers that take no colon write `experts.read`."""
    said = claims.get("scope", claims.get("scp", ""))
    words = said.split() if isinstance(said, str) else [one for one in said or () if isinstance(one, str)]
    named = [word if ":" in word else word.replace(".", ":", 1) for word in words]
    return tuple(dict.fromkeys(word for word in named if word in SCOPES or word.startswith("ingest:write:")))
