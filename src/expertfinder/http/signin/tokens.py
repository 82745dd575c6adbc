"""Signed tokens of the provider: which keys may sign, what must be in them, and what makes one refused.

The rules are those of RFC 8725 (best practice for JWT) and RFC 9068 (access tokens). The algorithm is on our list and
fits the key. The key is one of the provider's. Issuer and audience are exactly ours. The time is right. Nothing in the
header can name another key.
"""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

import httpx
import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from expertfinder.configuration.languages import gettext
from expertfinder.errors import StoreUnavailable, Unauthenticated

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""What a token may be signed with: all asymmetric, so no secret of ours can make one."""
_KEYS_OF: Final[Mapping[str, type[RSAKey | ECKey | OKPKey]]] = {
    "RS256": RSAKey,
    "PS256": RSAKey,
    "ES256": ECKey,
    "EdDSA": OKPKey,
}
LONGEST_TOKEN = 16_384
"""Characters; those of real providers have 1,000 to 4,000, and nothing longer is looked at."""
LEEWAY_SECONDS = 30
"""How far the provider's clock may be from ours."""
LEAST_PAUSE = 60.0
"""Seconds between two fetches of the keys for tokens that name an unknown one: whoever makes up names causes one fetch
a minute. Fetches by the clock have a pause of their own, so that a key which comes just after one is taken at once."""
KEYS_FRESH = 600.0
"""Seconds after which keys are fetched again though all are known: a key that the provider gave up ends by then."""
KEYS_LIVE = 3600.0
"""Seconds that keys are used while the provider does not answer. After that a token gets 503 and is never taken."""
NAMES_A_KEY: Final = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"})
"""Header fields that would choose the key of a token or how it is read. No token that we take needs one."""
NO: Final = "the token is not valid here: it is malformed, expired, of another issuer or for another audience"
"""The one sentence for every refusal: whoever tries out tokens learns nothing from it. The log has the reason."""

log = logging.getLogger("expertfinder.http.signin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a token of one use must say."""

    issuer: str
    audience: str
    types: frozenset[str]
    """Values of the header `typ`, in small letters and without `application/`; empty where it may be absent."""


def refused(why: str) -> Unauthenticated:
    """The error for a token that is not taken. `why`: the reason, which goes into the log alone."""
    log.info("token refused: %s", why)
    return Unauthenticated(NO)


class Keys:
    """The provider's public keys, fetched when they are needed. `clock`: seconds that only grow."""

    def __init__(self, fetch: Callable[[], Mapping[str, Any]], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, Any] = {}
        self._fetched = -KEYS_LIVE - LEAST_PAUSE
        self._tried = -LEAST_PAUSE
        self._sought = -LEAST_PAUSE
        self._lock = Lock()

    def get(self, kid: str) -> Any:
        """The key with this id. It may ask the provider, once a minute at most because keys are old, and once a minute
        because this one is unknown.

        Raises `StoreUnavailable` where the provider has not answered for longer than keys live, `Unauthenticated` for
        an unknown key.
        """
        with self._lock:
            now = self._clock()
            if now - self._fetched >= KEYS_FRESH and now - self._tried >= LEAST_PAUSE:
                self._tried = now
                self._refresh(now)
            elif kid not in self._keys and now - self._sought >= LEAST_PAUSE:
                self._sought = now
                self._refresh(now)
            if now - self._fetched >= KEYS_LIVE:
                raise StoreUnavailable(
                    gettext("the identity provider does not answer; try again in a minute"), retry_after=60
                )
            if kid not in self._keys:
                raise refused("unknown key")
            return self._keys[kid]

    def _refresh(self, now: float) -> None:
        try:
            fetched = self._fetch()
            entries = fetched["keys"]
            usable = [
                entry
                for entry in entries
                if entry.get("kid") and entry.get("use", "sig") == "sig" and entry.get("kty") in ("RSA", "EC", "OKP")
            ]
            keys = KeySet.import_key_set({"keys": [_public(entry) for entry in usable]}).keys
        except (httpx.HTTPError, JoseError, KeyError, TypeError, AttributeError, ValueError) as error:
            log.warning("the keys of the provider cannot be had: %s", type(error).__name__)
            return
        self._keys = {str(key.kid): key for key in keys}
        self._fetched = now


def _public(entry: Mapping[str, Any]) -> Any:
    """The public part of a key, whatever else a file holds."""
    return {
        name: value for name, value in entry.items() if name in ("kty", "kid", "use", "alg", "n", "e", "crv", "x", "y")
    }


def header_of(text: str) -> dict[str, Any]:
    """The header of a token, of which nothing is verified yet. Raises `Unauthenticated` where it cannot be read."""
    if len(text) > LONGEST_TOKEN or text.count(".") != 2 or not text.isascii():
        raise refused("no token of three parts")
    try:
        head = text.partition(".")[0]
        header = orjson.loads(base64.b64decode(head + "=" * (-len(head) % 4), altchars=b"-_", validate=True))
    except ValueError as error:
        raise refused("the header cannot be read") from error
    if not isinstance(header, dict):
        raise refused("the header is no object")
    return header


def claims_of(text: str, keys: Keys, expected: Expected, *, now: float) -> dict[str, Any]:
    """The claims of a token that is signed by one of these keys and says what is expected. `now`: seconds since 1970.

    Raises `Unauthenticated`, with the same words for every reason, and `StoreUnavailable` as `Keys.get`.
    """
    header = header_of(text)
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "")
    if algorithm not in ALGORITHMS:
        raise refused("algorithm")
    if not NAMES_A_KEY.isdisjoint(header):
        raise refused("the header names a key")
    if not isinstance(kid, str) or not kid or not isinstance(kind, str):
        raise refused("no key id")
    if kind.lower().removeprefix("application/") not in expected.types:
        raise refused("type")
    key = keys.get(kid)
    if not isinstance(key, _KEYS_OF[algorithm]) or key.get("alg", algorithm) != algorithm:
        raise refused("the key is not for this algorithm")
    try:
        payload = jws.deserialize_compact(text, key, algorithms=[algorithm]).payload
        claims = orjson.loads(payload)
    except (JoseError, ValueError, TypeError) as error:
        raise refused("signature") from error
    if not isinstance(claims, dict):
        raise refused("the claims are no object")
    _check(claims, expected, now)
    return claims


def _check(claims: Mapping[str, Any], expected: Expected, now: float) -> None:
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if claims.get("iss") != expected.issuer:
        raise refused("issuer")
    if not isinstance(audiences, list) or expected.audience not in audiences:
        raise refused("audience")
    if not _is_time(claims.get("exp")) or now >= claims["exp"] + LEEWAY_SECONDS:
        raise refused("expired")
    for name in ("nbf", "iat"):
        if name in claims and (not _is_time(claims[name]) or claims[name] > now + LEEWAY_SECONDS):
            raise refused(f"{name} in the future")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise refused("no subject")


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**53


@dataclass(slots=True)
class Once:
    """Ids of assertions that were used, until they expire: each is taken once. Safe to share between threads."""

    most: int = 100_000
    """So many ids are remembered, at most; then no new one is taken until some expire."""
    _used: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, id: str, *, until: float, now: float) -> bool:
        """Whether this id may be used now; then it is used until `until`. `until` and `now` are seconds since 1970."""
        with self._lock:
            if id in self._used:
                return False
            if len(self._used) >= self.most:
                self._used = {one: end for one, end in self._used.items() if end > now}
            if len(self._used) >= self.most:
                return False
            self._used[id] = until
            return True
