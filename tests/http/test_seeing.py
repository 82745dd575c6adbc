"""H6, L6: how many people one caller sees in a day, and tags of answers that are each one caller's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.http.client import Client
from tests.http.conftest import bearer, two_days_later
from tests.http.signing import KNOWN, Desk, signed_app
from tests.http.test_problems import assert_problem

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.errors import TooManyRequests
from expertfinder.http import Options, create_app
from expertfinder.http.middleware.seeing import SUGGESTED_TIMES, Seeing, Seen

EVERYBODY = ("ada", "ben", "dana", "finn")


def client_of(finder: ExpertFinder, most: int) -> Client:
    """A service in which one caller sees so many people a day."""
    return Client(create_app(finder, finder.store, Options(now=two_days_later, people_a_day=most)))


def key_of(finder: ExpertFinder, who: str | None) -> dict[str, str]:
    """A new key of somebody, or of nobody in particular."""
    return bearer(issue_key(finder.store, scopes=["experts:read", "people:read"], person=who)[1])


def test_who_saw_as_many_people_as_a_day_has_sees_those_again_and_nobody_new(own_finder: ExpertFinder) -> None:
    client, dana = client_of(own_finder, 2), key_of(own_finder, "acme:dana")
    for who in ("acme:ada", "acme:ben", "acme:ada", "acme:dana"):
        assert client.get(f"/v1/people/{who}", headers=dana).status_code == 200, who
    refused = client.get("/v1/people/acme:finn", headers=dana)
    assert_problem(refused, 429, "too-many-requests")
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
    assert client.get("/v1/people/acme:nobody", headers=dana).status_code == 404, "who is not there takes nothing"
    assert client.get("/v1/people/acme:ada", headers=dana).status_code == 200
    for path in ("/v1/communities/acme:guild:cluster", "/v1/champions?topic=kubernetes"):
        assert client.get(path, headers=dana).status_code in (200, 429)
    other = key_of(own_finder, "acme:dana")
    assert client.get("/v1/people/acme:finn", headers=other).status_code == 429, "a second key is the same person"
    assert client.get("/v1/people/acme:finn", headers=key_of(own_finder, "acme:ben")).status_code == 200


def test_who_is_suggested_is_counted_apart(own_finder: ExpertFinder) -> None:
    client, dana = client_of(own_finder, 1), key_of(own_finder, "acme:dana")
    for text in ("ada", "ben", "finn"):
        assert client.get(f"/v1/suggest?q={text}", headers=dana).status_code == 200
        assert client.get(f"/v1/people?q={text}", headers=dana).status_code == 200
    assert client.get("/v1/people/acme:ada", headers=dana).status_code == 200
    assert client.get("/v1/people/acme:ben", headers=dana).status_code == 429


def test_a_day_ends_at_midnight_and_suggestions_have_a_number_of_their_own() -> None:
    now = [datetime(2026, 6, 1, 23, 0, tzinfo=UTC)]
    seeing = Seeing(3, lambda: now[0], Seen())
    seeing.take("me", ["a", "b", "c"])
    with pytest.raises(TooManyRequests) as refused:
        seeing.take("me", ["c", "d"])
    assert refused.value.extras["retry_after"] == 3601
    seeing.take("me", ["a", "c"])
    seeing.take("you", ["d"])
    for number in range(3 * SUGGESTED_TIMES):
        seeing.take("me", [f"s{number}"], suggested=True)
    with pytest.raises(TooManyRequests):
        seeing.take("me", ["one more"], suggested=True)
    now[0] += timedelta(hours=1)
    seeing.take("me", ["d", "e", "f"])


def test_a_page_that_shows_too_many_says_when_to_come_again(own_finder: ExpertFinder) -> None:
    own_finder.store.apply(KNOWN)
    own_finder.refresh()
    desk = Desk(signed_app(own_finder, people_a_day=1)).signed_in_as("dana")
    assert desk.get("/people/acme:ada").status_code in (200, 429)
    refused = desk.get("/people/acme:ben", Accept="text/html")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


# --- tags ------------------------------------------------------------------------------------------------------------


def test_who_has_the_answer_gets_none_and_no_tag_is_anothers(own_finder: ExpertFinder) -> None:
    client = Client(create_app(own_finder, own_finder.store, Options(now=two_days_later)))
    callers = [key_of(own_finder, f"acme:{who}") for who in EVERYBODY] + [key_of(own_finder, None)]
    paths = ("/v1/topics", "/v1/experts?q=kubernetes", "/v1/people/acme:ada", "/v1/me")
    for path in paths:
        tags = [client.get(path, headers=key).headers["etag"] for key in callers]
        assert len(set(tags)) == len(callers), "two see the same and still have tags of their own"
        for place, key in enumerate(callers):
            for other, tag in enumerate(tags):
                answer = client.get(path, headers={**key, "If-None-Match": f'"x", {tag}'})
                assert answer.status_code == (304 if place == other else 200)
                assert bool(answer.content) == (place != other)
                assert answer.headers["vary"] == "Accept-Encoding, Authorization, Cookie"
                assert answer.headers["cache-control"] == "private, no-cache"
    own_finder.store.hide("acme:ada")
    own_finder.refresh()
    now = client.get("/v1/me", headers={**callers[1], "If-None-Match": tags[1]})
    assert now.status_code == 200, "what changed is sent"


def test_the_mask_of_a_form_is_no_part_of_a_tag(own_finder: ExpertFinder) -> None:
    own_finder.store.apply(KNOWN)
    own_finder.refresh()
    desk = Desk(signed_app(own_finder)).signed_in_as("ada")
    one, two = desk.get("/me"), desk.get("/me")
    assert one.text != two.text, "each page has its token in another mask"
    assert one.headers["etag"] == two.headers["etag"]
    known = {"If-None-Match": one.headers["etag"]}
    again = desk.get("/me", **known)
    assert (again.status_code, again.content) == (304, b"")
    assert "script-src 'self'" in again.headers["content-security-policy"], "a browser keeps the policy of a page"
    assert Desk(signed_app(own_finder)).signed_in_as("ben").get("/me", **known).status_code == 200
    assert "etag" not in desk.get("/me/export.ndjson").headers
