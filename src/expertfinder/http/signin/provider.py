"""The identity provider: where it is, what it says of itself, and the two questions that are put to it."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from expertfinder.configuration.languages import gettext
from expertfinder.errors import StoreUnavailable
from expertfinder.http.signin.sessions import Identity
from expertfinder.http.signin.tokens import Expected, Keys, claims_of, refused

SECONDS: Final = 5.0
"""How long the provider may take to answer; people wait for it."""
PROVIDER_LIVES: Final = 3600.0
"""Seconds after which the provider's description is fetched again."""
SIGN_IN_SCOPES: Final = "openid email profile"
"""What is asked for at the sign-in."""

log = logging.getLogger("expertfinder.http.signin")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What is configured of the sign-in; each field is a setting `EXPERTFINDER_SIGNIN_...` (docs/signin.md)."""

    issuer: str
    public_url: str
    """Where people reach this service, without a slash at the end: `https://experts.example`."""
    client: str = ""
    """Our client id at the provider; empty: the API takes tokens, and people do not sign in."""
    secret: str = field(default="", repr=False)
    audience: str = ""
    """The audience (`aud`) that tokens for the API must have; empty: `public_url`."""
    subject: str = "sub"
    """The claim by which records know a person (`idp:<value>`)."""
    groups: str = ""
    """The claim with groups; empty: the record of facts alone says who is a member of what."""
    source: str = "signin"
    """The prefix of groups from claims, as ids of a source have one."""
    by_email: bool = False
    """Whether an address that the provider has verified stands for a person whom no subject names."""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Id of a group -> scopes that its members have in the pages besides reading."""
    actors: frozenset[str] = frozenset()
    """Clients of the provider that may act for people (`act` in a token)."""
    assertion_keys: str = ""
    """A file with public keys (JWKS) of intranets that sign assertions; empty: there are none."""
    session_seconds: float = 8 * 3600.0
    recheck_seconds: float = 300.0
    """Seconds after which the provider is asked again whether an account is still open, and what its groups are."""
    extra_scopes: str = ""
    """Scopes asked for besides `openid email profile`: `offline_access` where no refresh token comes without it."""

    @property
    def origin(self) -> str:
        """Scheme and host of our own pages, as a browser names them in `Origin`."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_secure(self) -> bool:
        """Whether people come by https, so that cookies are kept from anything else."""
        return self.public_url.startswith("https://")


class Provider:
    """The provider of one `SignIn`. It is asked when it is needed, not at the start. Safe to share between threads."""

    def __init__(self, sign_in: SignIn, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.sign_in = sign_in
        self._clock = clock
        self._http = httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False)
        self._described: dict[str, Any] = {}
        self._at = -PROVIDER_LIVES
        self._lock = Lock()
        self.keys = Keys(self._fetch_keys, clock)
        self.assertion_keys = Keys(lambda: json.loads(Path(sign_in.assertion_keys).read_text("utf-8")), clock)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def described(self) -> Mapping[str, Any]:
        """What the provider says of itself (OpenID Connect discovery). Raises `StoreUnavailable`."""
        with self._lock:
            if self._clock() - self._at >= PROVIDER_LIVES:
                try:
                    found = self._get(f"{self.sign_in.issuer.rstrip('/')}/.well-known/openid-configuration")
                    if found.get("issuer") != self.sign_in.issuer:
                        raise ValueError("the issuer is another one")
                    self._described, self._at = found, self._clock()
                except (httpx.HTTPError, ValueError) as error:
                    away = _away(error)
                    if not self._described:
                        raise away from error
            return self._described

    def beginning(self, *, state: str, nonce: str, verifier: str) -> str:
        """The address at which somebody signs in (code flow with PKCE, S256). Raises `StoreUnavailable`."""
        return str(
            prepare_grant_uri(
                self.described()["authorization_endpoint"],
                client_id=self.sign_in.client,
                response_type="code",
                redirect_uri=self._redirect_uri,
                scope=f"{SIGN_IN_SCOPES} {self.sign_in.extra_scopes}".strip(),
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        )

    def ended(self, *, code: str, nonce: str, verifier: str, now: float) -> tuple[Identity, str, str]:
        """Who signed in, the ID token, and the refresh token (empty where there is none). `now`: seconds since 1970.

        Raises `Unauthenticated` for a code or an ID token that is not valid, `StoreUnavailable`.
        """
        asked = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        got = self._granted({**asked, "redirect_uri": self._redirect_uri})
        claims = self._id_claims(got, now)
        if claims.get("nonce") != nonce:
            raise refused("nonce")
        return self.identity(claims), str(got["id_token"]), str(got.get("refresh_token") or "")

    def again(self, identity: Identity, refresh_token: str, *, now: float) -> tuple[Identity, str]:
        """What the provider says now of somebody who signed in, and the next refresh token. `now`: seconds since 1970.

        Raises `Unauthenticated` where the account is closed or its session over, `StoreUnavailable` where the provider
        does not answer.
        """
        got = self._granted({"grant_type": "refresh_token", "refresh_token": refresh_token})
        fresh = self.identity(self._id_claims(got, now)) if got.get("id_token") else identity
        if fresh.provider_subject != identity.provider_subject:
            raise refused("another subject")
        return fresh, str(got.get("refresh_token") or refresh_token)

    def leaving(self, id_token: str) -> str | None:
        """The address at which the provider ends its own session, too; `None` for none. Raises `StoreUnavailable`."""
        address = self.described().get("end_session_endpoint")
        if not address:
            return None
        asked = {
            "client_id": self.sign_in.client,
            "post_logout_redirect_uri": f"{self.sign_in.public_url}/signed-out",
            **({"id_token_hint": id_token} if id_token else {}),
        }
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def logged_out(self, text: str, *, now: float) -> tuple[str, str]:
        """Subject and session that a sign-out message of the provider ends; the session is empty where it names none.

        `now`: seconds since 1970. Raises `Unauthenticated`, and `StoreUnavailable` without the provider's keys.
        """
        expected = Expected(
            issuer=self.sign_in.issuer, audience=self.sign_in.client, types=frozenset({"logout+jwt", "jwt", ""})
        )
        claims = claims_of(text, self.keys, expected, now=now)
        events = claims.get("events")
        if "nonce" in claims or not isinstance(events, dict) or LOGOUT_EVENT not in events:
            raise refused("no sign-out message")
        return str(claims.get("sub", "")), str(claims.get("sid", ""))

    def identity(self, claims: Mapping[str, Any]) -> Identity:
        """What claims say of somebody. Raises `Unauthenticated` where the claim of the subject is missing."""
        sign_in = self.sign_in
        subject = claims.get(sign_in.subject)
        if not _is_plain(subject):
            raise refused(f"no claim {sign_in.subject}")
        verified = claims.get("email_verified") is True and _is_plain(claims.get("email"))
        return Identity(
            subject=str(subject),
            email=str(claims["email"]) if sign_in.by_email and verified else "",
            groups=self.groups(claims),
            provider_subject=str(claims.get("sub", "")),
            provider_session=str(claims.get("sid", "")),
        )

    def groups(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """The groups in the claims, as ids of `SignIn.source`.

        Where they are too many for a token, the claims have no list: then the set is empty, and SCIM has the groups.
        """
        named = claims.get(self.sign_in.groups) if self.sign_in.groups else None
        if not isinstance(named, list):
            return frozenset()
        return frozenset(
            f"{self.sign_in.source}:{one.removeprefix('/')}" for one in named if isinstance(one, str) and one
        )

    def _id_claims(self, got: Mapping[str, Any], now: float) -> dict[str, Any]:
        expected = Expected(issuer=self.sign_in.issuer, audience=self.sign_in.client, types=frozenset({"jwt", ""}))
        claims = claims_of(str(got.get("id_token") or ""), self.keys, expected, now=now)
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self.sign_in.client:
            raise refused("for another client")
        return claims

    @property
    def _redirect_uri(self) -> str:
        return f"{self.sign_in.public_url}/signin/callback"

    def _granted(self, asked: dict[str, str]) -> dict[str, Any]:
        """What the token endpoint gives. Raises `Unauthenticated` where it says no, `StoreUnavailable`."""
        sign_in = self.sign_in
        address = str(self.described()["token_endpoint"])
        try:
            if sign_in.secret:  # RFC 6749, 2.3.1: both are form-encoded before they are joined
                login = httpx.BasicAuth(quote_plus(sign_in.client), quote_plus(sign_in.secret))
                answer = self._http.post(address, data=asked, auth=login)
            else:
                answer = self._http.post(address, data={**asked, "client_id": sign_in.client})
            said = answer.json() if answer.status_code < 500 else None
        except (httpx.HTTPError, ValueError) as error:
            raise _away(error) from error
        if not isinstance(said, dict) or answer.status_code >= 500 or answer.is_redirect:
            raise _away(ValueError(f"status {answer.status_code}"))
        if answer.status_code != 200 or said.get("error"):
            raise refused(f"the provider says {said.get('error')}")
        return said

    def _fetch_keys(self) -> Mapping[str, Any]:
        try:
            return self._get(str(self.described()["jwks_uri"]))
        except StoreUnavailable as error:
            raise ValueError("no description") from error

    def _get(self, address: str) -> dict[str, Any]:
        found = self._http.get(address).raise_for_status().json()
        if not isinstance(found, dict):
            raise ValueError("no object")
        return found


LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
"""The event in a sign-out message (OpenID Connect Back-Channel Logout 1.0, section 2.4)."""


def _is_plain(value: object) -> bool:
    """Whether a claim names somebody: 1 to 255 printable ASCII characters (OpenID Connect says ASCII of `sub`).

    A space at either end, which a comparison may drop, is not allowed.
    """
    return (
        isinstance(value, str)
        and 0 < len(value) <= 255
        and value.isascii()
        and value.isprintable()
        and value == value.strip()
    )


def _away(error: Exception) -> StoreUnavailable:
    log.warning("the provider cannot be asked: %s: %s", type(error).__name__, error)
    return StoreUnavailable(gettext("the identity provider does not answer; try again in a minute"), retry_after=60)
