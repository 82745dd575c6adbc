"""Somebody who is signed in, for tests of pages: a walk through a provider, or a session without one.

app = signed_app(finder)                       # an app with a sign-in, over a finder whose people have `idp:` keys
desk = Desk(app).signed_in_as("ada")           # a browser with her session
desk.get("/me"); desk.post("/me/topics", {"topic": "kubernetes", "state": "never"})   # sends the form's token
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from fastapi import FastAPI
from tests.http.client import Client
from tests.http.conftest import FACTS
from tests.http.provider import CLIENT, PUBLIC, SECRET

from expertfinder.ask.finder import ExpertFinder
from expertfinder.http import Options, create_app
from expertfinder.http.auth import COOKIE, cookie_name
from expertfinder.http.context import Door
from expertfinder.http.signin.provider import SignIn
from expertfinder.http.signin.sessions import Identity
from expertfinder.model import Fact, Person, Source

KNOWN: tuple[Fact, ...] = tuple(
    replace(fact, directory=True)
    if isinstance(fact, Source)
    else replace(fact, accounts=(f"idp:{fact.id.partition(':')[2]}", f"email:{fact.id.partition(':')[2]}@acme.example"))
    if isinstance(fact, Person)
    else fact
    for fact in FACTS
)
"""Acme of conftest.py, whose source is a directory that knows everybody's number at the sign-in: `idp:ada` is Ada."""
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


def sign_in(issuer: str = "https://provider.example", **more: Any) -> SignIn:
    """A sign-in as it may be configured; nobody answers at the usual issuer."""
    return SignIn(**{"issuer": issuer, "public_url": PUBLIC, "client": CLIENT, "secret": SECRET, **more})


def signed_app(finder: ExpertFinder, configured: SignIn | None = None, **more: Any) -> FastAPI:
    """An app with a sign-in over a finder; its people need `idp:` keys (`KNOWN`)."""
    return create_app(finder, finder.store, Options(sign_in=configured or sign_in(), **more))


class Desk:
    """A browser at an app: it keeps cookies, follows nothing by itself and sends forms as a browser does."""

    def __init__(self, app: FastAPI) -> None:
        self.client = Client(app, base_url=PUBLIC)
        self.door: Door = app.state.door
        self.cookies: dict[str, str] = {}

    def signed_in_as(self, name: str, *, groups: frozenset[str] = frozenset()) -> Desk:
        """Have a session of this subject, without asking the provider."""
        session = self.door.sessions.open(Identity(subject=name, groups=groups, provider_subject=name))
        self.cookies[cookie_name(COOKIE, secure=True)] = self.door.sessions.signed(session.name)
        return self

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        return self._sent("GET", path, headers={"Sec-Fetch-Dest": "document", **headers})

    def post(
        self, path: str, fields: Mapping[str, str | list[str]] | None = None, *, of: str = "/", **headers: str
    ) -> httpx.Response:
        """Send a form with the token of the page `of`."""
        found = _TOKEN.search(self.get(of).text)
        form = {**({"form_token": unescape(found[1])} if found else {}), **(fields or {})}
        return self.send(path, form, **headers)

    def send(self, path: str, form: Mapping[str, str | list[str]], **headers: str) -> httpx.Response:
        """Send a form as it is, from a page of ours unless the headers say otherwise."""
        usual = {"Origin": "null", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}
        usual |= {"Content-Type": "application/x-www-form-urlencoded"}
        sent = {name: value for name, value in {**usual, **headers}.items() if value}
        return self._sent("POST", path, content=urlencode(form, doseq=True), headers=sent)

    def walk(self, path: str = "/") -> httpx.Response:
        """Open a page and follow where one is sent, to the provider and back; the last answer."""
        answer = self.get(path)
        for _ in range(10):
            if not answer.is_redirect:
                return answer
            to = answer.headers["location"]
            parts = urlsplit(to)
            if parts.netloc and not to.startswith(PUBLIC):
                answer = httpx.get(to, trust_env=False)
            else:
                answer = self.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        raise AssertionError("sent round and round")

    def _sent(self, method: str, path: str, **more: Any) -> httpx.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        more["headers"] = {**more["headers"], **({"Cookie": cookie} if cookie else {})}
        answer = self.client.request(method, path, **more)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            if "max-age=0" in rest.lower() or not value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer
