"""Tokens at the API: what is taken, and forty ways to be refused over one real key pair."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from tests.http.client import Client
from tests.http.conftest import CANARY, bearer
from tests.http.provider import CLIENT, PUBLIC, TinyProvider, tiny_provider
from tests.http.signing import sign_in, signed_app

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.errors import StoreUnavailable, Unauthenticated
from expertfinder.http.context import Door
from expertfinder.http.signin.bearer import bearer_of
from expertfinder.http.signin.provider import Provider, SignIn
from expertfinder.http.signin.tokens import KEYS_LIVE, LEAST_PAUSE, Keys, Once

INTRANET = RSAKey.generate_key(2048, {"kid": "intranet:2026", "use": "sig"}, private=True)
EC = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
"""A key of a stranger, who gives it the name of the provider's."""


@pytest.fixture(scope="module")
def provider() -> Iterator[TinyProvider]:
    with tiny_provider(sub="dana") as running:
        yield running


@pytest.fixture(scope="module")
def app(known_home: Path, provider: TinyProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """An app that all these tests share: none of them writes what another one reads."""
    folder = tmp_path_factory.mktemp("tokens")
    keys = folder / "intranets.json"
    keys.write_text(json.dumps({"keys": [INTRANET.as_dict(private=False, kid="intranet:2026")]}))
    shutil.copytree(known_home, folder / "home")
    finder = ExpertFinder.open(folder / "home")
    yield signed_app(finder, sign_in(provider.issuer, actors=frozenset({"chat"}), assertion_keys=str(keys)))
    finder.close()


def assertion(**more: Any) -> str:
    """What an intranet signs for Dana."""
    header = {"alg": "RS256", "typ": "expertfinder-assertion+jwt", "kid": "intranet:2026", **more.pop("header", {})}
    now = int(time.time())
    said = {"iss": "intranet", "sub": "dana", "aud": PUBLIC, "iat": now, "exp": now + 60, "jti": secrets.token_hex(8)}
    claims = {name: value for name, value in {**said, **more}.items() if value is not None}
    return jwt.encode(header, claims, INTRANET)


def who(app: FastAPI, token: str) -> tuple[int, str | None]:
    """The status of the answer, and whose eyes it has."""
    answer = Client(app).get("/v1/me", headers=bearer(token))
    return answer.status_code, (answer.json().get("person") or {}).get("id")


# --- what is taken ---------------------------------------------------------------------------------------------------


def test_an_access_token_has_the_eyes_of_its_subject(app: FastAPI, provider: TinyProvider) -> None:
    assert who(app, provider.token(sub="dana")) == (200, "acme:dana")
    assert who(app, provider.token(sub="dana", header={"typ": "JWT"})) == (200, "acme:dana")
    assert who(app, provider.token(sub="dana", aud=["account", PUBLIC])) == (200, "acme:dana")
    assert who(app, provider.token(sub="dana", scope=None, scp=["people.read"])) == (200, "acme:dana")
    secret = Client(app).get(f"/v1/experts?q={CANARY}+merger", headers=bearer(provider.token(sub="dana")))
    assert secret.json()["recommendations"][0]["subject"]["id"] == "acme:cleo"
    open_only = Client(app).get(f"/v1/experts?q={CANARY}+merger", headers=bearer(provider.token(sub="ada")))
    assert "acme:cleo" not in open_only.text


def test_a_token_opens_what_its_scopes_name_and_no_more(app: FastAPI, provider: TinyProvider) -> None:
    client = Client(app)
    assert client.get("/v1/me", headers=bearer(provider.token(sub="dana", scope="experts:read"))).status_code == 403
    line = {"content": b'{"type": "person", "id": "new"}\n'}
    for scope, status in (("people:read", 403), ("ingest:write:wiki", 403), ("ingest:write:acme", 200)):
        headers = {**bearer(provider.token(sub="dana", scope=scope)), "Content-Type": "application/x-ndjson"}
        assert client.post("/v1/ingest/acme", headers=headers, **line).status_code == status, scope


def test_who_is_unknown_to_the_directory_is_nobody(app: FastAPI, provider: TinyProvider) -> None:
    for subject in ("stranger", "acme:dana", "Dana Ruiz", "dana@acme.example", " dana", "dana\n", "d\u00e4na", "*"):
        assert who(app, provider.token(sub=subject))[0] in (401, 403)


def test_a_person_acts_through_a_program_that_the_settings_name(app: FastAPI, provider: TinyProvider) -> None:
    door: Door = app.state.door
    acting = provider.token(sub="dana", act={"sub": "chat"}, scope="people:read experts:read admin ingest:write:acme")
    assert who(app, acting) == (200, "acme:dana")
    assert "admin" not in Client(app).get("/v1/me", headers=bearer(acting)).json()["scopes"]
    others: list[object] = [{"sub": "portal"}, {"client_id": "portal", "sub": "chat"}, {}, "chat", False, ["chat"]]
    for act in [*others, {"sub": ["chat"]}]:
        assert who(app, provider.token(sub="dana", act=act))[0] == 403, act
    lines = door.store.audit(subject="acme:dana")
    assert {"portal"} <= {line.actor for line in lines}
    assert {line.event for line in lines} == {"refused to act for", "acted for"}
    assert [line.actor for line in lines if line.event == "acted for"] == ["chat"], "once a day, whatever it asks"


def test_an_assertion_of_an_intranet_counts_once_and_may_only_look(app: FastAPI) -> None:
    token = assertion()
    assert who(app, token) == (200, "acme:dana")
    assert who(app, token)[0] == 401
    client = Client(app)
    told = client.get("/v1/me", headers=bearer(assertion(scope="admin"))).json()
    assert told["scopes"] == ["experts:read", "people:read"]
    path = "/v1/people/acme:ada/expertise:assess"
    assert client.post(path, json={"text": "x"}, headers=bearer(assertion())).status_code == 403


@pytest.mark.parametrize(
    "more",
    [
        {"exp": int(time.time()) + 3600},
        {"iat": None},
        {"jti": None},
        {"jti": "short"},
        {"jti": 7},
        {"aud": "https://elsewhere.example"},
        {"iss": "another"},
        {"sub": None},
        {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 3660},
        {"header": {"typ": "JWT"}},
        {"header": {"kid": "other:2026"}},
        {"header": {"kid": "one"}},
    ],
)
def test_an_assertion_that_says_less_than_it_must_is_refused(app: FastAPI, more: dict[str, Any]) -> None:
    assert who(app, assertion(**more))[0] == 401


# --- forty attacks ---------------------------------------------------------------------------------------------------


def _raw(header: object, claims: object, sign: Callable[[bytes], bytes]) -> str:
    """A token of any header and any claims, signed in any way."""

    def part(value: object) -> str:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return base64.urlsafe_b64encode(body).decode().rstrip("=")

    text = f"{part(header)}.{part(claims)}"
    return f"{text}.{base64.urlsafe_b64encode(sign(text.encode())).decode().rstrip('=')}"


def _claims(provider: TinyProvider, **more: Any) -> dict[str, Any]:
    now = int(time.time())
    said = {"iss": provider.issuer, "aud": PUBLIC, "sub": "dana", "iat": now, "exp": now + 300, "scope": "people:read"}
    return {**said, **more}


def _hs256(provider: TinyProvider, secret: bytes) -> str:
    header = {"alg": "HS256", "typ": "at+jwt", "kid": "one"}
    return _raw(header, _claims(provider), lambda text: hmac.digest(secret, text, "sha256"))


def _embedded(provider: TinyProvider, **header: Any) -> str:
    """Signed with a key that the header itself names."""
    return jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": "one", **header}, _claims(provider), OTHER)


def _unsigned(provider: TinyProvider, **header: Any) -> str:
    return _raw({"alg": "RS256", **header}, _claims(provider), lambda _: b"\0" * 64)


def _ps256(provider: TinyProvider) -> str:
    """The right key, for another algorithm than the provider says."""
    header = {"alg": "PS256", "typ": "JWT", "kid": "one"}
    return jwt.encode(header, _claims(provider), provider.key, algorithms=["PS256"])


_ASSERTION = {"typ": "expertfinder-assertion+jwt"}


def _changed(token: str, place: int) -> str:
    parts = token.split(".")
    part = parts[place]
    middle = len(part) // 2
    parts[place] = part[:middle] + ("A" if part[middle] != "A" else "B") + part[middle + 1 :]
    return ".".join(parts)


_NOW = int(time.time())
ATTACKS: dict[str, Callable[[TinyProvider], str]] = {
    "no signature, alg none": lambda p: _raw({"alg": "none", "kid": "one"}, _claims(p), lambda _: b""),
    "alg None": lambda p: _raw({"alg": "None", "kid": "one", "typ": "JWT"}, _claims(p), lambda _: b""),
    "alg nOnE": lambda p: _raw({"alg": "nOnE", "kid": "one", "typ": "JWT"}, _claims(p), lambda _: b""),
    "no alg": lambda p: _raw({"kid": "one", "typ": "JWT"}, _claims(p), lambda _: b""),
    "alg a list": lambda p: _raw({"alg": ["RS256"], "kid": "one"}, _claims(p), lambda _: b"x"),
    "HS256 with the public key as PEM": lambda p: _hs256(p, p.key.as_pem(private=False)),
    "HS256 with the public key as DER": lambda p: _hs256(p, p.key.as_der(private=False)),
    "HS256 with the public key as JWK": lambda p: _hs256(p, json.dumps(p.jwks()["keys"][0]).encode()),
    "HS256 with the modulus": lambda p: _hs256(p, p.jwks()["keys"][0]["n"].encode()),
    "HS256 with nothing": lambda p: _hs256(p, b"\0"),
    "HS256 with our client secret": lambda p: _hs256(p, b"the-secret-of-the-client"),
    "another key of the same name": lambda p: _embedded(p),
    "another key, without a name": lambda p: jwt.encode({"alg": "RS256", "typ": "JWT"}, _claims(p), OTHER),
    "an unknown key": lambda p: _embedded(p, kid="unknown"),
    "a path as the key's name": lambda p: _embedded(p, kid="../../../../dev/null"),
    "a query as the key's name": lambda p: _embedded(p, kid="one' UNION SELECT 'x"),
    "the name of an intranet's key": lambda p: _embedded(p, kid="intranet:2026"),
    "a number as the key's name": lambda p: _raw({"alg": "RS256", "kid": 1}, _claims(p), lambda _: b"x"),
    "its own key in jwk": lambda p: _embedded(p, jwk=OTHER.as_dict(private=False)),
    "its own key at jku": lambda p: _embedded(p, jku="https://evil.example/keys"),
    "its own certificate at x5u": lambda p: _embedded(p, x5u="https://evil.example/cert"),
    "its own certificate in x5c": lambda p: _embedded(p, x5c=["MIIB"]),
    "jku beside the right key": lambda p: p.token(sub="dana", header={"jku": "https://evil.example/keys"}),
    "a critical extension": lambda p: _unsigned(p, kid="one", crit=["exp"], exp=1),
    "b64 false": lambda p: _unsigned(p, kid="one", b64=False, crit=["b64"]),
    "ES256 with a key for RSA": lambda p: _unsigned(p, alg="ES256", kid="one", typ="JWT"),
    "PS256 with a key for RS256": lambda p: _ps256(p),
    "a curve of a stranger": lambda p: jwt.encode({"alg": "ES256", "typ": "JWT", "kid": "one"}, _claims(p), EC),
    "another issuer": lambda p: p.token(sub="dana", iss="https://evil.example"),
    "the issuer with a slash": lambda p: p.token(sub="dana", iss=f"{p.issuer}/"),
    "no issuer": lambda p: p.token(sub="dana", iss=None),
    "another audience": lambda p: p.token(sub="dana", aud="https://other.example"),
    "an audience that begins like ours": lambda p: p.token(sub="dana", aud=f"{PUBLIC}.evil.example"),
    "no audience": lambda p: p.token(sub="dana", aud=None),
    "an empty list of audiences": lambda p: p.token(sub="dana", aud=[]),
    "expired": lambda p: p.token(sub="dana", exp=_NOW - 60),
    "no end": lambda p: p.token(sub="dana", exp=None),
    "an end that is text": lambda p: p.token(sub="dana", exp="9999999999"),
    "an end that is true": lambda p: p.token(sub="dana", exp=True),
    "an endless end": lambda p: p.token(sub="dana", exp=2**80),
    "not before tomorrow": lambda p: p.token(sub="dana", nbf=_NOW + 86_400),
    "made tomorrow": lambda p: p.token(sub="dana", iat=_NOW + 86_400),
    "no subject": lambda p: p.token(),
    "an empty subject": lambda p: p.token(sub=""),
    "a subject that is a list": lambda p: p.token(sub=["dana"]),
    "an endless subject": lambda p: p.token(sub="d" * 5000),
    "an ID token": lambda p: p.id_token("n"),
    "an ID token for the API": lambda p: p.id_token("n", aud=PUBLIC, sub="dana"),
    "a refresh token": lambda p: p.token(sub="dana", typ="Refresh"),
    "a sign-out message": lambda p: p.token(sub="dana", header={"typ": "logout+jwt"}),
    "an assertion by the provider": lambda p: p.token(sub="dana", jti="0123456789", header=_ASSERTION),
    "a changed header": lambda p: _changed(p.token(sub="dana"), 0),
    "changed claims": lambda p: _changed(p.token(sub="dana"), 1),
    "a changed signature": lambda p: _changed(p.token(sub="dana"), 2),
    "no signature": lambda p: p.token(sub="dana").rpartition(".")[0] + ".",
    "two parts": lambda p: p.token(sub="dana").rpartition(".")[0],
    "an encrypted token": lambda p: f"{p.token(sub='dana')}.x.y",
    "claims that are a list": lambda p: _raw({"alg": "RS256", "kid": "one", "typ": "JWT"}, ["dana"], lambda _: b"x"),
    "a header that is a list": lambda p: _raw(["RS256"], _claims(p), lambda _: b"x"),
    "a deep header": lambda p: _raw(b"[" * 5000, _claims(p), lambda _: b"x"),
    "far too long": lambda p: p.token(sub="dana", filling="x" * 20_000),
    "ten megabytes": lambda p: "e" * 10_000_000 + ".e.e",
    "nothing but dots": lambda p: "..",
    "with a tail": lambda p: p.token(sub="dana") + "=",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_token_that_is_not_right_in_everything_is_refused(app: FastAPI, provider: TinyProvider, attack: str) -> None:
    answer = Client(app).get("/v1/me", headers=bearer(ATTACKS[attack](provider)))
    assert answer.status_code == 401
    assert answer.json()["detail"] == REFUSED
    assert answer.headers["www-authenticate"].startswith("Bearer")


REFUSED = "the token is not valid here: it is malformed, expired, of another issuer or for another audience"


def test_the_attacks_are_at_least_forty_and_a_right_token_passes(app: FastAPI, provider: TinyProvider) -> None:
    assert len(ATTACKS) >= 40
    assert who(app, provider.token(sub="dana"))[0] == 200


@settings(deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_as_a_token_is_refused_and_breaks_nothing(text: str) -> None:
    ours = Provider(SignIn(issuer="https://p.example", public_url=PUBLIC, client=CLIENT))
    with pytest.raises(Unauthenticated):
        bearer_of(ours, Once(), text, now=time.time())


# --- keys ------------------------------------------------------------------------------------------------------------


class Clock:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        self.seconds = 10_000.0

    def __call__(self) -> float:
        return self.seconds


def test_unknown_keys_make_one_fetch_a_minute_at_most_whatever_tokens_name(provider: TinyProvider) -> None:
    clock = Clock()
    keys = Keys(provider.jwks, clock)
    before = provider.fetched_keys
    assert keys.get(provider.key.kid or "") is not None
    for name in range(200):
        with pytest.raises(Unauthenticated):
            keys.get(f"made-up-{name}")
    assert provider.fetched_keys == before + 2, "one because there were none, one for two hundred names"
    clock.seconds += LEAST_PAUSE
    for name in range(200):
        with pytest.raises(Unauthenticated):
            keys.get(f"made-up-{name}")
    assert provider.fetched_keys == before + 3


def test_a_new_key_is_taken_and_one_that_was_given_up_is_not(known_finder: ExpertFinder) -> None:
    clock = Clock()
    with tiny_provider(sub="dana") as provider:
        app = signed_app(known_finder, sign_in(provider.issuer), clock=clock)
        old = provider.token(sub="dana")
        assert who(app, old)[0] == 200
        for pause in (
            0.0,
            LEAST_PAUSE,
            3.0,
        ):  # a moment after the keys were fetched, a minute after, and too soon again
            clock.seconds += pause
            provider.rotate()
            new = provider.token(sub="dana")
            assert who(app, new)[0] == (401 if pause == 3.0 else 200), pause
            assert who(app, old)[0] == 401
        clock.seconds += LEAST_PAUSE
        assert who(app, new)[0] == 200


def test_while_the_provider_does_not_answer_known_keys_work_for_an_hour_and_nothing_opens_after(
    known_finder: ExpertFinder,
) -> None:
    clock = Clock()
    with tiny_provider(sub="dana") as provider:
        app = signed_app(known_finder, sign_in(provider.issuer), clock=clock)
        assert who(app, provider.token(sub="dana"))[0] == 200
        provider.answers = False
        clock.seconds += KEYS_LIVE - 1
        assert who(app, provider.token(sub="dana"))[0] == 200
        clock.seconds += LEAST_PAUSE
        answer = Client(app).get("/v1/me", headers=bearer(provider.token(sub="dana")))
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) >= 1
        provider.answers = True
        clock.seconds += LEAST_PAUSE
        assert who(app, provider.token(sub="dana"))[0] == 200


def test_a_private_or_symmetric_key_in_the_set_makes_no_token_valid(provider: TinyProvider) -> None:
    secret = OctKey.generate_key(256, {"kid": "shared"})
    keys = Keys(lambda: {"keys": [secret.as_dict(), {"kty": "RSA", "kid": "no-numbers"}]}, Clock())
    with pytest.raises((Unauthenticated, StoreUnavailable)):
        keys.get("shared")


def test_keys_of_ours_still_work_beside_tokens(app: FastAPI) -> None:
    text = issue_key(app.state.door.store, scopes=["people:read"], person="acme:ada")[1]
    assert who(app, text) == (200, "acme:ada")
    assert who(app, text[:-1])[0] == 401
