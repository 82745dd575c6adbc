"""Counters, the log as JSON, and how often one caller may ask."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from fastapi import FastAPI
from tests.http.client import Client
from tests.http.conftest import CANARY, Keys, bearer
from tests.http.signing import Desk, signed_app

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.http import Options, create_app
from expertfinder.http.middleware.metrics import JsonLines


def counted(app: FastAPI, finder: ExpertFinder) -> str:
    """The counters, as a scraper gets them."""
    key = issue_key(finder.store, scopes=["metrics:read"])[1]
    answer = Client(app).get("/metrics", headers=bearer(key))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


def test_requests_are_counted_by_template_and_nothing_of_anybody_is_in_a_label(
    finder: ExpertFinder, keys: Keys
) -> None:
    app = create_app(finder, finder.store)
    client = Client(app)
    client.get("/v1/people/acme:ada", headers=bearer(keys.dana))
    client.get(f"/v1/experts?q={CANARY}+merger", headers=bearer(keys.dana))
    client.get("/v1/people/acme:nobody-there", headers=bearer(keys.dana))
    client.get(f"/{CANARY}")
    client.get("/v1/me")
    client.request("BREW", "/v1/me")
    text = counted(app, finder)
    assert 'expertfinder_requests_total{method="GET",route="/v1/experts",status="200"} 1.0' in text
    assert 'expertfinder_refused_total{status="401"}' in text
    assert 'method="other"' in text
    assert "expertfinder_sessions 0.0" in text
    for word in (CANARY, "acme", "ada", "dana", "nobody", "merger", "BREW"):
        assert word not in text


@pytest.mark.parametrize("caller", ["nothing", "shared", "dana", "ingest", "assessor", "admin"])
def test_counters_need_their_scope(client: Client, keys: Keys, caller: str) -> None:
    headers = {} if caller == "nothing" else bearer(getattr(keys, caller))
    status = {"nothing": 401, "admin": 200}.get(caller, 403)
    assert client.get("/metrics", headers=headers).status_code == status


def test_a_line_of_the_log_is_json_without_question_or_person(
    client: Client, keys: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="expertfinder"):
        answer = client.get("/v1/experts?q=my+divorce", headers=bearer(keys.dana))
    record = next(one for one in caplog.records if one.name.endswith("access"))
    line: dict[str, Any] = json.loads(JsonLines().format(record))
    assert line["request"] == answer.headers["x-request-id"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/experts", 200)
    assert set(line) == {"at", "level", "logger", "request", "method", "route", "status", "milliseconds", "people"}
    assert "divorce" not in str(line)
    assert "dana" not in str(line)


def test_a_caller_who_asks_too_often_waits_and_others_do_not(finder: ExpertFinder, keys: Keys) -> None:
    now = [1000.0]
    client = Client(create_app(finder, finder.store, Options(requests_a_minute=10, clock=lambda: now[0])))
    mine, others = bearer(keys.dana), bearer(keys.ada)
    for _ in range(5):
        assert client.get("/v1/me", headers=mine).status_code == 200
    for path in ("/v1/me", "/v1/people/acme:ada", "/v1/people/acme:nobody-there"):
        refused = client.get(path, headers=mine)
        assert refused.status_code == 429
        assert refused.json()["type"].endswith("#too-many-requests")
        assert refused.headers["retry-after"] == "7"
    assert client.get("/v1/me", headers=others).status_code == 200
    now[0] += 7
    assert client.get("/v1/me", headers=mine).status_code == 200


def test_pages_and_keys_of_one_person_are_counted_together(known_finder: ExpertFinder) -> None:
    app = signed_app(known_finder, requests_a_minute=4, clock=lambda: 1000.0)
    desk = Desk(app).signed_in_as("dana")
    key = issue_key(known_finder.store, scopes=["people:read"], person="acme:dana")[1]
    assert desk.get("/communities").status_code == 200
    assert Client(app).get("/v1/me", headers=bearer(key)).status_code == 200
    assert desk.get("/communities").status_code == 429


def test_a_body_that_does_not_come_is_not_waited_for(finder: ExpertFinder, keys: Keys) -> None:
    app = create_app(finder, finder.store, Options(body_seconds=0.05))
    sent: list[dict[str, Any]] = []

    async def ask() -> None:
        headers = [(b"authorization", f"Bearer {keys.ingest}".encode()), (b"content-type", b"application/x-ndjson")]
        scope = {"type": "http", "method": "POST", "path": "/v1/ingest/acme", "headers": headers, "query_string": b""}

        async def never() -> dict[str, Any]:
            await asyncio.sleep(60)
            return {}

        async def send(message: Any) -> None:
            sent.append(message)

        await app({**scope, "scheme": "http", "http_version": "1.1", "raw_path": b"", "root_path": ""}, never, send)

    asyncio.run(ask())
    assert sent[0]["status"] == 408
