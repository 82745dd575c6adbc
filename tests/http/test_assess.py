"""How well does this person know this, over HTTP: who may ask, what is answered, and who is told."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from tests.http.client import Client
from tests.http.conftest import CANARY, bearer, two_days_later
from tests.http.test_problems import assert_problem

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.http import Options, create_app

ADDRESS = "/v1/people/acme:{}/expertise:assess"


@pytest.fixture
def door(own_finder: ExpertFinder) -> FastAPI:
    """An app over a home that the test may write into."""
    return create_app(own_finder, own_finder.store, Options(now=two_days_later))


def key(finder: ExpertFinder, person: str | None, *scopes: str) -> dict[str, str]:
    """The header of a new key."""
    chosen = scopes or ("experts:assess", "people:read")
    return bearer(issue_key(finder.store, scopes=chosen, person=person)[1])


def test_the_answer_has_a_score_the_parts_and_the_nearest_posts(door: FastAPI, own_finder: ExpertFinder) -> None:
    body = {"text": "which proxy timeout does the kubernetes ingress need"}
    asking = key(own_finder, "acme:finn")
    ada, ben = (Client(door).post(ADDRESS.format(who), json=body, headers=asking).json() for who in ("ada", "ben"))
    assert 0 <= ben["score"] < ada["score"] <= 1
    assert sum(reason["value"] for reason in ada["reasons"]) == pytest.approx(ada["nearness"])
    assert ada["nearest"][0]["without"] <= ada["score"]
    assert ada["subject"]["id"] == "acme:ada"
    assert ada["version"] == own_finder.version(own_finder.viewer("acme:finn"))


def test_the_person_sees_who_asked_and_the_text_is_nowhere(door: FastAPI, own_finder: ExpertFinder) -> None:
    text = "an unmistakable flabbergasting question"
    Client(door).post(ADDRESS.format("ada"), json={"text": text}, headers=key(own_finder, "acme:finn"))
    Client(door).post(ADDRESS.format("ada"), json={"text": text}, headers=key(own_finder, None))
    seen = Client(door).get("/v1/me/audit", headers=key(own_finder, "acme:ada")).json()["lines"]
    assert [(line["event"], line["actor"]) for line in seen] == [("assess", None), ("assess", "acme:finn")]
    assert "flabbergasting" not in repr(own_finder.store.audit())
    assert own_finder.store.audit()[1].subject == "acme:ada"


def test_nobody_sees_what_is_logged_about_others(door: FastAPI, own_finder: ExpertFinder) -> None:
    Client(door).post(ADDRESS.format("ada"), json={"text": "kubernetes"}, headers=key(own_finder, "acme:finn"))
    for person in ("acme:ben", "acme:finn", None):
        assert Client(door).get("/v1/me/audit", headers=key(own_finder, person)).json() == {"lines": [], "asked": []}


def test_who_asked_is_not_named_to_whom_may_not_find_them(door: FastAPI, own_finder: ExpertFinder) -> None:
    Client(door).post(ADDRESS.format("ada"), json={"text": "kubernetes"}, headers=key(own_finder, "acme:ivo"))
    for person, named in (("acme:ada", None),):
        (line,) = Client(door).get("/v1/me/audit", headers=key(own_finder, person)).json()["lines"]
        assert line["actor"] is named


@pytest.mark.parametrize("who", ["hana", "ivo", "nobody"])
def test_who_may_not_be_found_is_not_found_and_nothing_is_logged(
    door: FastAPI, own_finder: ExpertFinder, who: str
) -> None:
    answer = Client(door).post(ADDRESS.format(who), json={"text": "kubernetes"}, headers=key(own_finder, "acme:finn"))
    assert_problem(answer, 404, "not-found")
    assert own_finder.store.audit() == []


def test_an_empty_text_and_an_unknown_field_are_refused(door: FastAPI, own_finder: ExpertFinder) -> None:
    asking = key(own_finder, "acme:finn")
    empty = Client(door).post(ADDRESS.format("ada"), json={"text": " "}, headers=asking)
    assert_problem(empty, 400, "invalid-question")
    more = Client(door).post(ADDRESS.format("ada"), json={"text": "kubernetes", "limit": 3}, headers=asking)
    assert_problem(more, 422, "invalid-request")


def test_restricted_posts_speak_to_insiders_only(door: FastAPI, own_finder: ExpertFinder) -> None:
    body = {"text": f"{CANARY} merger liability escrow"}
    inside, outside = (
        Client(door).post(ADDRESS.format("cleo"), json=body, headers=key(own_finder, who)).json()
        for who in ("acme:dana", "acme:finn")
    )
    assert inside["score"] > outside["score"]
    assert inside["posts"] > outside["posts"]
    assert CANARY not in repr(outside)
