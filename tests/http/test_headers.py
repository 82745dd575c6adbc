"""What every answer carries, so that no cache and no browser gives it to another."""

from __future__ import annotations

import logging

import pytest
from tests.http.client import Client
from tests.http.conftest import CANARY, Keys, bearer

ALWAYS = {
    "cache-control": "private, no-cache",
    "vary": "Accept-Encoding, Authorization, Cookie",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
PATHS = [
    "/v1/experts?q=kubernetes",
    "/v1/people/acme:ada",
    "/v1/nothing",
    "/v1/experts",
    "/healthz",
    "/problems.md",
    "/",
]


TAGGED = {False: PATHS[:2], True: [*PATHS[:2], "/"]}
"""What is somebody's answer, by whether it is the demonstration mode, which has pages."""


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_them(client: Client, demo_client: Client, keys: Keys, path: str) -> None:
    for asked in (client, demo_client):
        headers = asked.get(path, headers=bearer(keys.shared)).headers
        page = headers["content-type"].startswith("text/html")
        varies = ALWAYS["vary"] + (", Accept-Language" if page else "")
        assert {name: headers.get(name) for name in ALWAYS} == ALWAYS | {"vary": varies}
        assert "access-control-allow-origin" not in headers
        assert "set-cookie" not in headers
        assert ("etag" in headers) == (path in TAGGED.get(asked is demo_client, ()))


def test_an_answer_runs_nothing_and_a_page_runs_its_own_script_only(client: Client, demo_client: Client) -> None:
    assert client.get("/v1/me").headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    page = demo_client.get("/").headers["content-security-policy"]
    assert "script-src 'self';" in page
    assert "unsafe" not in page
    assert "http" not in page


def test_two_viewers_on_one_address_never_share_an_answer(client: Client, keys: Keys) -> None:
    path = f"/v1/experts?q={CANARY}+merger"
    told = {key: client.get(path, headers=bearer(key)).text for key in (keys.dana, keys.shared)}
    for key in (keys.shared, keys.dana, keys.dana, keys.shared):
        response = client.get(path, headers={**bearer(key), "If-None-Match": "*"})
        assert response.status_code == 200
        assert response.text == told[key]


def test_each_request_has_an_id_that_its_caller_cannot_choose(client: Client) -> None:
    ids = [client.get("/healthz", headers={"X-Request-Id": "mine"}).headers["x-request-id"] for _ in range(3)]
    assert len(set(ids)) == 3
    assert "mine" not in ids


def test_the_log_has_neither_the_question_nor_the_key(
    client: Client, keys: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="expertfinder"):
        response = client.get("/v1/experts?q=my+divorce", headers=bearer(keys.shared))
    line = next(record.message for record in caplog.records if record.name.endswith("access"))
    assert response.headers["x-request-id"] in line
    assert "/v1/experts 200" in line
    assert "divorce" not in caplog.text
    assert keys.shared not in caplog.text
