"""What pages of other origins may have: answers for origins on the list, the one script, and compact answers."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.http.client import Client
from tests.http.conftest import Keys, bearer
from tests.http.test_problems import assert_problem

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.shapes.experts import RankingOut
from expertfinder.ask.shapes.fields import chosen
from expertfinder.errors import InvalidQuestion
from expertfinder.http import Options, create_app
from expertfinder.http.middleware.embedding import WIDGET_PATH

HOST = "https://intranet.example"
SCRIPT = Path(__file__).parents[2] / "api" / "widget" / "expert-finder.js"
MOST_BYTES = 15_000
"""Of the compressed script."""


@pytest.fixture(scope="module")
def open_to(finder: ExpertFinder) -> Client:
    """A client of an app that lets pages of one origin ask."""
    return Client(create_app(finder, finder.store, Options(cors_origins=(HOST,))))


def preflight(
    client: Client, path: str, origin: str, method: str = "GET", header: str = "authorization"
) -> httpx.Response:
    """What a browser asks before it sends a request with a token."""
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": header}
    return client.request("OPTIONS", path, headers=asked)


def test_a_page_of_an_origin_on_the_list_may_ask_and_never_with_cookies(open_to: Client, keys: Keys) -> None:
    asked = preflight(open_to, "/v1/experts?q=kubernetes", HOST)
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == HOST
    assert asked.headers["access-control-max-age"] == "7200"
    assert "access-control-allow-credentials" not in asked.headers
    told = open_to.get("/v1/experts?q=kubernetes", headers={**bearer(keys.dana), "Origin": HOST})
    assert told.headers["access-control-allow-origin"] == HOST
    assert set(re.split(r",\s*", told.headers["vary"])) >= {"Accept-Encoding", "Authorization", "Origin"}
    assert "access-control-allow-credentials" not in told.headers
    refused = open_to.get("/v1/experts?q=kubernetes", headers={"Origin": HOST})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, HOST)


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "http://intranet.example", "https://intranet.example:8443", "null", "", "*"),
        *("https://intranet.example.evil.example", "https://INTRANET.example", "https://a.intranet.example"),
    ],
)
def test_no_other_origin_may_ask(open_to: Client, keys: Keys, origin: str) -> None:
    asked = preflight(open_to, "/v1/experts?q=kubernetes", origin)
    assert asked.status_code in (400, 405)
    told = open_to.get("/v1/experts?q=kubernetes", headers={**bearer(keys.dana), "Origin": origin})
    for answer in (asked, told):
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(("path", "method"), [("/v1/people/acme/new", "PUT"), ("/v1/people/acme/new", "DELETE")])
def test_no_page_may_write_records(open_to: Client, path: str, method: str) -> None:
    assert preflight(open_to, path, HOST, method).status_code == 400


def test_nothing_but_the_api_is_open_to_other_origins_and_without_a_list_nothing_is(
    open_to: Client, client: Client, keys: Keys
) -> None:
    for path in ("/", "/problems.md", "/healthz"):
        assert "access-control-allow-origin" not in open_to.get(path, headers={"Origin": HOST}).headers
    assert preflight(client, "/v1/experts?q=kubernetes", HOST).status_code == 405
    told = client.get("/v1/experts?q=kubernetes", headers={**bearer(keys.dana), "Origin": HOST})
    assert "access-control-allow-origin" not in told.headers


def test_the_script_is_for_pages_of_every_origin_small_and_not_sent_twice(client: Client) -> None:
    told = client.get(WIDGET_PATH, headers={"Accept-Encoding": "gzip"})
    assert told.content == SCRIPT.read_bytes()
    assert int(told.headers["content-length"]) <= MOST_BYTES
    assert told.headers["content-encoding"] == "gzip"
    assert told.headers["cross-origin-resource-policy"] == "cross-origin"
    assert told.headers["access-control-allow-origin"] == "*"
    assert told.headers["cache-control"] == "public, max-age=3600"
    assert told.headers["vary"] == "Accept-Encoding"
    assert told.headers["x-content-type-options"] == "nosniff"
    assert told.headers["content-type"].startswith("text/javascript")
    for known in (told.headers["etag"], f'"other", {told.headers["etag"]}'):
        again = client.get(WIDGET_PATH, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
    for plain in ("identity", "br"):
        answer = client.get(WIDGET_PATH, headers={"Accept-Encoding": plain})
        assert "content-encoding" not in answer.headers
        assert answer.content == SCRIPT.read_bytes()


def test_the_script_parses_nothing_stores_nothing_and_names_no_other_host() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    banned = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|Storage\b|indexedDB|\.cookie|"
        r"import\(|DOMParser|srcdoc|\.style\b"
    )
    assert re.findall(banned, text) == []
    assert re.findall(r"https?://[a-z]", text) == []


def pruned(answer: object, wanted: list[str]) -> object:
    """What is left of an answer of whose fields some are wanted."""
    if isinstance(answer, list):
        return [pruned(one, wanted) for one in answer]
    if not isinstance(answer, dict):
        return answer
    found = {}
    for name, of in answer.items():
        within = [one.partition(".")[2] for one in wanted if one.split(".")[0] == name]
        if within:
            found[name] = pruned(of, [one for one in within if one]) if any(within) else of
    return found


ASKED = {
    "/v1/experts?q=kubernetes": "abstained,recommendations.subject.name,recommendations.reasons.citations.title",
    "/v1/people/acme:ada/explanation?q=kubernetes": "recommendation.score,version",
    "/v1/communities?q=kubernetes": "recommendations.subject,communities.name",
    "/v1/champions?topic=kubernetes": "reached,links.one.name,recommendations.adds",
    "/v1/people/acme:finn/people-to-meet": "people.recommendations.subject.id,mentors,communities.score",
    "/v1/me/people-to-meet": "subject.name",
    "/v1/people/acme:ada": "name, skills",
    "/v1/people?q=ada": "people.title",
    "/v1/suggest?q=ada": "suggestions.label",
}


@pytest.mark.parametrize("path", ASKED)
def test_a_compact_answer_is_the_whole_one_without_the_rest(client: Client, keys: Keys, path: str) -> None:
    whole = client.get(path, headers=bearer(keys.dana))
    mark = "&" if "?" in path else "?"
    told = client.get(f"{path}{mark}fields={ASKED[path]}", headers=bearer(keys.dana))
    assert told.json() == pruned(whole.json(), [one.strip() for one in ASKED[path].split(",")])
    assert len(told.content) < len(whole.content)
    unknown = client.get(f"{path}{mark}fields=secret", headers=bearer(keys.dana))
    assert_problem(unknown, 400, "invalid-question")


def test_a_compact_answer_of_a_long_question_is_the_same(client: Client, keys: Keys) -> None:
    asked = {"text": "kubernetes", "fields": "recommendations.subject.id"}
    told = client.post("/v1/experts:search", json=asked, headers=bearer(keys.dana)).json()
    assert told["recommendations"][0] == {"subject": {"id": "acme:ada"}}


@given(st.lists(st.sampled_from(["abstained", "recommendations", "subject", "reasons", "name", "", "x"]), max_size=6))
def test_what_is_wanted_is_taken_or_refused_in_words(parts: list[str]) -> None:
    for fields in (".".join(parts), ",".join(parts)):
        try:
            found = chosen(RankingOut, fields)
        except InvalidQuestion as error:
            assert "field" in error.detail or "nothing within" in error.detail
        else:
            assert (found is None) == (not fields.strip(","))
