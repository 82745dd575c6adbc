"""The server for real: over a socket, with its clock."""

from __future__ import annotations

import asyncio
import socket
import time

import httpx
import pytest
from tests.http.browser import served, serving, started
from tests.http.conftest import NOW, bearer, make_keys

from expertfinder.ask.finder import ExpertFinder
from expertfinder.http import Options, create_app, server
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


ASKED = b"GET /v1/topics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
DROPS = b"GET /v1/topics HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + b"x" * 10_000


@pytest.mark.parametrize(
    ("first", "rest"),
    [(b"", b""), (b"", DROPS), (ASKED, DROPS), (ASKED + DROPS[:9], DROPS[9:])],
    ids=["silence", "drops", "drops after an answer", "drops behind a question"],
)
def test_a_connection_on_which_no_head_comes_whole_is_closed(finder: ExpertFinder, first: bytes, rest: bytes) -> None:
    app = create_app(finder, finder.store, Options(insecure_demo=True))
    with started(server(app, host="127.0.0.1", port=0, head_seconds=0.3)) as address:
        port = int(address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
            line.sendall(first)
            if first:
                assert line.recv(65536).startswith(b"HTTP/1.1 200")
            line.settimeout(0.05)
            began, sent = time.monotonic(), 0
            while _open(line, rest[sent : sent + 1]):
                sent += 1
                assert time.monotonic() - began < PATIENCE, "nobody closed it"
    assert sent > 3, "it was closed at once"


def _open(line: socket.socket, drop: bytes) -> bool:
    """Whether a connection is still open after another drop and a moment."""
    try:
        line.sendall(drop)
        while line.recv(65536):
            pass
    except TimeoutError:
        return True
    except OSError:
        return False
    return False


def test_a_head_that_comes_in_time_is_answered_however_long_its_answer_takes(finder: ExpertFinder) -> None:
    app = create_app(finder, finder.store, Options(insecure_demo=True))

    @app.get("/long")
    async def long() -> str:
        await asyncio.sleep(0.6)
        return "done"

    with started(server(app, host="127.0.0.1", port=0, head_seconds=0.3)) as address:
        assert httpx.get(f"{address}/long").text == '"done"'
