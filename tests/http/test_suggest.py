"""Suggestions over HTTP: eight at most, not too often, counted apart, and nothing that tells who is hidden."""

from __future__ import annotations

import logging

import pytest
from tests.http.client import Client
from tests.http.conftest import Keys, bearer
from tests.http.test_problems import assert_problem

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import TooManyRequests
from expertfinder.http import Options, create_app
from expertfinder.http.middleware.allowance import AT_ONCE, VIEWERS_KEPT, Allowance, Buckets


def test_a_name_finds_the_person_and_what_is_typed_more(client: Client, keys: Keys) -> None:
    found = client.get("/v1/people?q=lind", headers=bearer(keys.shared)).json()
    assert [one["id"] for one in found["people"]] == ["acme:ada"]
    typed = client.get("/v1/suggest?q=kub", headers=bearer(keys.shared)).json()
    assert [(one["kind"], one["label"]) for one in typed["suggestions"]][:1] == [("topic", "kubernetes")]
    asked = client.get("/v1/experts?q=Ada%20Lind", headers=bearer(keys.shared)).json()
    assert [one["id"] for one in asked["named"]] == ["acme:ada"]


@pytest.mark.parametrize("path", ["/v1/suggest", "/v1/people"])
def test_there_is_nothing_to_page_through(client: Client, keys: Keys, path: str) -> None:
    for query in ("", "?q=a", "?q=ada&after=acme:ada", "?q=ada&limit=100", "?q=" + "a" * 201):
        assert client.get(f"{path}{query}", headers=bearer(keys.shared)).status_code == 422
    assert_problem(client.get(f"{path}?q=%20a%20", headers=bearer(keys.shared)), 400, "invalid-question")


@pytest.mark.parametrize("path", ["/v1/suggest", "/v1/people"])
def test_who_asks_too_often_is_told_when_to_come_again_whatever_was_found(
    finder: ExpertFinder, keys: Keys, path: str
) -> None:
    allowed = {}
    for text in ("ada", "hana", "ivo", "zzyzx"):
        client = Client(create_app(finder, finder.store, Options(clock=lambda: 0.0)))
        answers = [client.get(f"{path}?q={text}", headers=bearer(keys.dana)) for _ in range(AT_ONCE + 2)]
        allowed[text] = [answer.status_code for answer in answers]
        assert_problem(answers[-1], 429, "too-many-requests")
        assert int(answers[-1].headers["retry-after"]) >= 1
    assert allowed["ada"] == [200] * AT_ONCE + [429] * 2
    assert all(statuses == allowed["ada"] for statuses in allowed.values())


def test_a_bucket_fills_again_and_is_each_ones_own() -> None:
    now = [0.0]
    buckets = Buckets(lambda: now[0])
    allowance = Allowance(buckets)
    for _ in range(AT_ONCE):
        allowance.take("one")
    with pytest.raises(TooManyRequests):
        allowance.take("one")
    allowance.take("other")
    now[0] = 2.5
    allowance.take("one")
    allowance.take("one")
    with pytest.raises(TooManyRequests):
        allowance.take("one")
    for number in range(VIEWERS_KEPT):
        allowance.take(f"viewer {number}")
    assert len(buckets._left) == VIEWERS_KEPT


def test_the_log_counts_people_suggested_apart_from_people_shown_and_has_no_question(
    client: Client, keys: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="expertfinder.http.access"):
        client.get("/v1/suggest?q=linde", headers=bearer(keys.shared))
        client.get("/v1/people?q=lind", headers=bearer(keys.shared))
        client.get("/v1/experts?q=kubernetes&limit=1", headers=bearer(keys.shared))
    first, second, third = [record.getMessage() for record in caplog.records]
    assert "1 suggested" in second
    assert "1 shown" in third
    assert "shown" not in first + second
    assert "suggested" not in third
    assert not any("lind" in line or "kubernetes" in line for line in (first, second, third))
