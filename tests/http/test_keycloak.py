"""Sign-in against a real Keycloak, walked in a real Chromium; groups, keys and exchange."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page
from scripts.keycloak.server import Server, running
from scripts.neo4j.server import free_port
from tests.conftest import find_browser
from tests.http.browser import chromium
from tests.http.conftest import bearer
from tests.http.signing import KNOWN

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.http import Options, create_app, server
from expertfinder.http.context import utc_now
from expertfinder.http.signin.provider import SignIn
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import Person

pytestmark = [pytest.mark.needs_keycloak, pytest.mark.needs_browser]

ADA, DANA = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
"""Subjects of realm.json. Nobody here knows Mallory's."""
SECRET = "/posts/acme:post-26"
"""A post that the legal group alone may read."""


@dataclass
class House:
    """The service, the Keycloak beside it, and clocks that tests move on."""

    address: str
    keycloak: Server
    finder: ExpertFinder
    ahead: float = 0.0
    """Seconds that the service's clocks are ahead of the world's."""

    def now(self) -> datetime:
        return utc_now() + timedelta(seconds=self.ahead)

    def clock(self) -> float:
        return time.monotonic() + self.ahead

    def admin(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Do something as Keycloak's administrator."""
        at = f"http://127.0.0.1:{self.keycloak.port}"
        asked = {"grant_type": "password", "client_id": "admin-cli", "username": "admin"}
        asked["password"] = self.keycloak.password
        token = httpx.post(f"{at}/realms/master/protocol/openid-connect/token", data=asked, timeout=30).json()
        headers = bearer(token["access_token"])
        answer = httpx.request(method, f"{at}/admin/realms/acme{path}", headers=headers, timeout=30, **more)
        assert answer.is_success, answer.text
        return answer

    def granted(self, **asked: str) -> dict[str, Any]:
        """What Keycloak gives the intranet."""
        login = httpx.BasicAuth("intranet", "the-intranet-has-its-own")
        address = f"{self.keycloak.issuer}/protocol/openid-connect/token"
        said: dict[str, Any] = httpx.post(address, data=asked, auth=login, timeout=30).json()
        return said

    def me(self, token: str) -> httpx.Response:
        """What the API says to a token."""
        return httpx.get(f"{self.address}/v1/me", headers=bearer(token), timeout=30)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("keycloak") / "home"
    home = Home(folder)
    store = home.open_store()
    subjects = {"acme:ada": ADA, "acme:dana": DANA}
    facts = [
        replace(one, accounts=(f"idp:{subjects[one.id]}",), groups=())
        if isinstance(one, Person) and one.id in subjects
        else one
        for one in KNOWN
    ]
    store.apply(facts)
    home.build_index(store, encode=encoder(DEFAULT), as_of=date(2026, 6, 1))
    store.close()
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    finder = ExpertFinder.open(folder)
    with running(address, free_port()) as keycloak:
        there = House(address, keycloak, finder)
        configured = SignIn(
            issuer=keycloak.issuer,
            public_url=address,
            client="expertfinder",
            secret="keep-this-to-yourself",
            groups="groups",
            source="acme",
            recheck_seconds=0,
        )
        app = create_app(finder, finder.store, Options(sign_in=configured, now=there.now, clock=there.clock))
        serving = server(app, host="127.0.0.1", port=port)
        thread = threading.Thread(target=serving.run, daemon=True)
        thread.start()
        while not serving.started:
            assert thread.is_alive()
            time.sleep(0.05)
        yield there
        serving.should_exit = True
        thread.join(20)
    finder.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find_browser()
    assert path is not None
    with chromium(path) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    yield opened
    context.close()


def walk_in(page: Page, house: House, name: str, path: str = "/") -> None:
    """Open a page of ours and sign in at Keycloak."""
    page.goto(f"{house.address}{path}")
    assert page.url.startswith(house.keycloak.issuer)
    page.fill("#username", name)
    page.fill("#password", "demo")
    page.click("#kc-login")
    page.wait_for_url(f"{house.address}/**")


def status(page: Page, house: House, path: str) -> int:
    """The status with which a page of ours answers this browser."""
    answer = page.goto(f"{house.address}{path}")
    assert answer is not None
    return answer.status


def test_somebody_walks_in_sees_what_is_theirs_and_signs_out_at_both_ends(page: Page, house: House) -> None:
    walk_in(page, house, "dana", SECRET)
    assert page.url == f"{house.address}{SECRET}"
    assert "quillfeather" in page.inner_text("main")  # her group in Keycloak reads it
    cookie = next(one for one in page.context.cookies() if one["name"] == "expertfinder")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    page.click("text=Sign out")
    page.wait_for_url(f"{house.address}/signed-out")
    page.goto(f"{house.address}/")
    assert page.url.startswith(house.keycloak.issuer)  # and asks for the password again
    assert page.is_visible("#password")


def test_whom_no_directory_knows_is_told_so(page: Page, house: House) -> None:
    walk_in(page, house, "mallory")
    assert "no directory here has a record" in page.inner_text("main")
    assert not any(one["name"] == "expertfinder" for one in page.context.cookies())


def test_a_group_that_is_taken_at_keycloak_is_gone_at_the_next_request(page: Page, house: House) -> None:
    walk_in(page, house, "dana", SECRET)
    assert status(page, house, SECRET) == 200
    legal = next(one["id"] for one in house.admin("GET", "/groups").json() if one["name"] == "legal")
    house.admin("DELETE", f"/users/{DANA}/groups/{legal}")
    assert status(page, house, SECRET) == 404
    house.admin("PUT", f"/users/{DANA}/groups/{legal}")
    assert status(page, house, SECRET) == 200


def test_a_session_that_keycloak_ends_or_whose_hours_are_over_is_no_session(page: Page, house: House) -> None:
    walk_in(page, house, "ada")
    assert status(page, house, "/communities") == 200
    house.admin("POST", f"/users/{ADA}/logout")
    page.goto(f"{house.address}/communities")
    assert page.url.startswith(house.keycloak.issuer)
    walk_in(page, house, "ada")
    house.admin("PUT", f"/users/{ADA}", json={**house.admin("GET", f"/users/{ADA}").json(), "enabled": False})
    page.goto(f"{house.address}/communities")
    assert page.url.startswith(house.keycloak.issuer)
    house.admin("PUT", f"/users/{ADA}", json={**house.admin("GET", f"/users/{ADA}").json(), "enabled": True})


def test_a_token_is_exchanged_expires_and_survives_a_change_of_keys(house: House) -> None:
    mine = house.granted(grant_type="password", username="dana", password="demo", scope="openid")
    assert house.me(mine["access_token"]).status_code == 401  # for somebody else
    exchanged = house.granted(
        grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token=mine["access_token"],
        subject_token_type="urn:ietf:params:oauth:token-type:access_token",
        scope="experts:read people:read",
    )
    answer = house.me(exchanged["access_token"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["person"]["id"] == "acme:dana"
    assert set(answer.json()["scopes"]) == {"experts:read", "people:read"}
    house.ahead += 331  # a token lives five minutes, and clocks may differ by half a minute
    assert house.me(exchanged["access_token"]).status_code == 401
    house.ahead = 0.0
    realm = house.admin("GET", "").json()["id"]
    new = {
        "name": "new key",
        "providerId": "rsa-generated",
        "providerType": "org.keycloak.keys.KeyProvider",
        "parentId": realm,
        "config": {"priority": ["500"], "keySize": ["2048"], "enabled": ["true"], "active": ["true"]},
    }
    house.admin("POST", "/components", json=new)
    asked = {"grant_type": "password", "username": "dana", "password": "demo"}
    after = house.granted(**asked, scope="experts:read people:read")["access_token"]
    house.ahead += 61  # keys are fetched once a minute at most
    assert house.me(after).status_code == 200
    assert house.me(exchanged["access_token"]).status_code == 200  # its key is still one of Keycloak's
    house.ahead = 0.0
