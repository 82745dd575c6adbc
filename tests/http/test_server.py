"""The server for real: over a socket, with its clock."""

from __future__ import annotations

import time

import httpx
from tests.http.browser import served, serving
from tests.http.conftest import NOW, bearer, make_keys

from expertfinder.ask.finder import ExpertFinder
from expertfinder.http import Options, create_app
from expertfinder.model import ORGANISATION, Post

PATIENCE = 30
"""Seconds after which a test gives up; that it takes one at most is measured elsewhere, on a quiet machine."""


def test_what_was_acknowledged_is_found_in_the_very_next_answer(own_finder: ExpertFinder) -> None:
    keys = make_keys(own_finder)
    record = {
        "authors": ["ben"],
        "kind": "answer",
        "title": "Xylophone tuning",
        "text": "Xylophone bars are tuned by filing.",
    }
    without_clock = Options(refresh_seconds=3600)
    with serving(create_app(own_finder, own_finder.store, without_clock)) as address:
        put = httpx.put(f"{address}/v1/posts/acme/fresh", json=record, headers=bearer(keys.ingest))
        assert put.status_code == 201
        asked = httpx.get(f"{address}/v1/experts?q=xylophone+tuning", headers=bearer(keys.shared)).json()
    cited = {one["post"] for who in asked["recommendations"] for why in who["reasons"] for one in why["citations"]}
    assert "acme:fresh" in cited


def test_what_another_process_wrote_is_picked_up_by_the_clock(own_finder: ExpertFinder) -> None:
    with served(own_finder, Options(insecure_demo=True, refresh_seconds=0.05)) as address:
        assert httpx.get(f"{address}/v1/posts/acme:later").status_code == 404
        before = httpx.get(f"{address}/v1/me").json()["version"]
        later = Post(
            id="acme:later", source="acme", authors=("acme:ben",), text="Later.", created_at=NOW, audience=ORGANISATION
        )
        own_finder.store.apply([later])
        give_up = time.monotonic() + PATIENCE
        while httpx.get(f"{address}/v1/me").json()["version"] == before:
            assert time.monotonic() < give_up, "the clock never looked"
            time.sleep(0.02)


def test_the_server_adds_nothing_of_its_own(own_finder: ExpertFinder) -> None:
    with served(own_finder, Options(insecure_demo=True)) as address:
        response = httpx.get(f"{address}/v1/topics")
        assert "server" not in response.headers
        assert response.headers["vary"] == "Accept-Encoding, Authorization, Cookie"
        stranger = httpx.get(f"{address}/v1/topics", headers={"Host": "evil.example"})
        assert stranger.status_code == 421
