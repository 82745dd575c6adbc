"""One shape for every error of the product, and a page that explains each."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from tests.http.client import Client
from tests.http.conftest import Keys, bearer, make_keys

import expertfinder
from expertfinder.ask.finder import ExpertFinder
from expertfinder.configuration.resources import api_folder
from expertfinder.errors import ExpertFinderError
from expertfinder.http import Options, create_app
from expertfinder.http.schemas.problems import Problem

URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEADING = re.compile(r"^## (\S+)\n\*\*(\d{3})\.\*\*", re.MULTILINE)


for module in pkgutil.walk_packages(expertfinder.__path__, "expertfinder."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)  # so that every class of error exists


def every_error(root: type[ExpertFinderError] = ExpertFinderError) -> Iterator[type[ExpertFinderError]]:
    """Every error class of the product."""
    yield root
    for child in root.__subclasses__():
        yield from every_error(child)


ERRORS = sorted(set(every_error()), key=lambda error: error.__name__)
DOCUMENTED = dict(_HEADING.findall((api_folder() / "problems.md").read_text(encoding="utf-8")))


def assert_problem(response: httpx.Response, status: int, type: str) -> None:
    """The one assertion that every error of the product passes."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    Problem.model_validate(body, strict=True)
    assert list(body)[:5] == ["type", "title", "status", "detail", "instance"]
    assert body["type"] == f"/problems.md#{type}"
    assert body["status"] == status
    assert URN.fullmatch(body["instance"])
    assert body["instance"].endswith(response.headers["x-request-id"])
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.fixture
def raising(own_finder: ExpertFinder) -> FastAPI:
    """An app with a path that raises each error."""
    app = create_app(own_finder, own_finder.store)
    by_name = {error.__name__: error for error in ERRORS}

    @app.get("/raise/{name}")
    async def raise_it(name: str) -> None:
        raise by_name[name]("what happened and what to do", limit=3)

    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError("a secret of the inside")

    return app


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_answers_its_own_status_in_the_one_shape(raising: FastAPI, error: type[ExpertFinderError]) -> None:
    assert_problem(Client(raising).get(f"/raise/{error.__name__}"), error.status, error.type)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_is_documented_with_its_status(error: type[ExpertFinderError]) -> None:
    assert DOCUMENTED.get(error.type) == str(error.status)


def test_nothing_is_documented_that_does_not_exist() -> None:
    # Another test module may define errors of its own; those of the product are the measure.
    assert set(DOCUMENTED) == {error.type for error in ERRORS if error.__module__.startswith("expertfinder.")}


def test_the_service_serves_the_page_that_types_point_into(client: Client) -> None:
    page = client.get("/problems.md")
    assert page.headers["content-type"].startswith("text/markdown")
    assert "## not-found" in page.text


def test_what_is_not_found_is_told_in_the_same_words_whatever_was_raised(raising: FastAPI) -> None:
    response = Client(raising).get("/raise/NotFound")
    assert_problem(response, 404, "not-found")
    assert "what happened" not in response.text
    assert "limit" not in response.json()


def test_a_fault_tells_nothing_of_the_inside(raising: FastAPI) -> None:
    response = Client(raising).get("/fault")
    assert_problem(response, 500, "internal")
    assert "secret" not in response.text
    assert response.headers["cache-control"] == "private, no-cache"


def test_unknown_paths_and_wrong_methods_are_problems(client: Client) -> None:
    assert_problem(client.get("/v1/nothing"), 404, "not-found")
    assert_problem(client.get("/v1/"), 404, "not-found")
    wrong = client.request("DELETE", "/v1/experts")
    assert_problem(wrong, 405, "method-not-allowed")
    assert wrong.headers["allow"] == "GET"


def test_what_cannot_be_validated_is_named_without_repeating_it(client: Client, keys: Keys) -> None:
    response = client.get("/v1/experts", params={"q": "x", "limit": "hunter2"}, headers=bearer(keys.shared))
    assert_problem(response, 422, "invalid-request")
    assert response.json()["errors"][0]["where"] == "query.limit"
    assert "hunter2" not in response.text


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"text": 7}', b"\xff", b'{"text": "x", "unknown": 1}'])
def test_a_body_that_is_not_of_the_shape_is_a_problem(client: Client, keys: Keys, body: bytes) -> None:
    headers = {**bearer(keys.shared), "Content-Type": "application/json"}
    assert_problem(client.post("/v1/experts:search", content=body, headers=headers), 422, "invalid-request")


def test_without_an_index_the_answer_is_to_come_back(tmp_path: Path) -> None:
    empty = ExpertFinder.open(tmp_path)
    client = Client(create_app(empty, empty.store, Options(insecure_demo=True)), base_url="http://127.0.0.1")
    for path in ("/v1/experts?q=x", "/readyz"):
        response = client.get(path)
        assert_problem(response, 503, "not-ready")
        assert response.headers["retry-after"] == "1"
    page = client.get("/topics", headers={"Accept": "text/html"})
    assert page.status_code == 503
    assert '<a href="">Try again</a>' in page.text, "every other page is as little there"
    assert "Back to the search" not in page.text
    assert client.get("/healthz").status_code == 200
    empty.close()


def test_a_body_over_the_limit_is_refused_with_and_without_its_length(own_finder: ExpertFinder) -> None:
    client = Client(create_app(own_finder, own_finder.store, Options(max_body_bytes=1000)))
    headers = {**bearer(make_keys(own_finder).ingest), "Content-Type": "application/x-ndjson"}

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b'{"type": "person", "id": "p1", "name": "' + b"x" * 60 + b'"}\n'

    before = own_finder.store.sequence()
    assert_problem(client.post("/v1/ingest/acme", content=b"x" * 1001, headers=headers), 413, "too-large")
    assert_problem(client.post("/v1/ingest/acme", content=pieces(), headers=headers), 413, "too-large")
    assert own_finder.store.sequence() == before
