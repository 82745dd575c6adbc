"""A real OpenID Connect provider in the test process, as small as it can be: own keys, one person at its desk.

It listens on 127.0.0.1 and knows discovery, keys, the code flow with PKCE, refreshing and signing out. What it says is
in its fields, so a test changes them as an administrator would.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "expertfinder", "the-secret-of-the-client"
PUBLIC = "https://experts.example"


@cache
def _key(name: str) -> RSAKey:
    """A key pair; the same for the same name, as making one takes a third of a second."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"}, private=True)


@dataclass
class TinyProvider:
    """What the provider knows, and the tokens it makes."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: _key("one"))
    claims: dict[str, Any] = field(default_factory=dict)
    """Of the person at the desk: `sub` and what else is known."""
    is_open: bool = True
    """Whether the account is; a closed one cannot refresh."""
    nonce: str | None = None
    """What an ID token says in place of the nonce that was asked for."""
    answers: bool = True
    fetched_keys: int = 0
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)

    def token(self, *, header: dict[str, Any] | None = None, key: RSAKey | None = None, **claims: Any) -> str:
        """A token signed with the provider's key: an access token for the API, unless the claims say otherwise."""
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": PUBLIC, "iat": now, "exp": now + 300, "scope": "experts:read people:read"}
        said = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        signing = key or self.key
        return jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": signing.kid, **(header or {})}, said, signing)

    def id_token(self, nonce: str = "", **more: Any) -> str:
        """An ID token for the person at the desk."""
        said = {"aud": CLIENT, **self.claims, "nonce": nonce or None, "scope": None, "sid": "session-1", **more}
        return self.token(header={"typ": "JWT"}, **said)

    def jwks(self) -> dict[str, Any]:
        """The public keys."""
        self.fetched_keys += 1
        return {"keys": [self.key.as_dict(private=False, kid=self.key.kid, use="sig", alg="RS256")]}

    def rotate(self) -> None:
        """Sign with a new key; the old one is given up."""
        name = secrets.token_hex(4)
        self.key = _key(name)

    def authorize(self, asked: dict[str, str]) -> str:
        """Let the person at the desk in: the address to go back to, with a code."""
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The token endpoint."""
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization != f"Basic {expected}":
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "refresh_token":
            if not self.is_open or form["refresh_token"] not in self.refresh_tokens:
                return 400, {"error": "invalid_grant"}
            return 200, self._granted("")
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or not self.is_open:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, self._granted(self.nonce if self.nonce is not None else asked.get("nonce", ""))

    def _granted(self, nonce: str) -> dict[str, Any]:
        token = secrets.token_urlsafe(16)
        self.refresh_tokens.add(token)
        return {
            "token_type": "Bearer",
            "expires_in": 300,
            "access_token": self.token(**self.claims),
            "id_token": self.id_token(nonce),
            "refresh_token": token,
        }


@contextmanager
def tiny_provider(**claims: Any) -> Iterator[TinyProvider]:
    """A provider that answers on 127.0.0.1 until the block ends."""
    provider = TinyProvider(claims=claims)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
            if not provider.answers:
                self._send(503, {})
            elif path == "/.well-known/openid-configuration":
                at = provider.issuer
                self._send(
                    200,
                    {
                        "issuer": at,
                        "authorization_endpoint": f"{at}/authorize",
                        "token_endpoint": f"{at}/token",
                        "jwks_uri": f"{at}/keys",
                        "end_session_endpoint": f"{at}/logout",
                    },
                )
            elif path == "/keys":
                self._send(200, provider.jwks())
            elif path == "/authorize":
                self._send(302, {}, location=provider.authorize(query))
            elif path == "/logout":
                self._send(302, {}, location=query["post_logout_redirect_uri"])
            else:
                self._send(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            status, said = provider.exchange(form, self.headers.get("Authorization", ""))
            self._send(status if provider.answers else 503, said)

        def _send(self, status: int, said: dict[str, Any], *, location: str = "") -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the tests have their own words."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
