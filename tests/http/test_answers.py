"""What the API answers: experts with reasons, people, posts, topics; through whose eyes."""

from __future__ import annotations

import math

import pytest
from tests.http.client import Client
from tests.http.conftest import CANARY, Keys, bearer


def test_who_knows_kubernetes_is_ada_with_reasons_that_add_up(client: Client, keys: Keys) -> None:
    answer = client.get("/v1/experts", params={"q": "kubernetes ingress timeout"}, headers=bearer(keys.shared)).json()
    first = answer["recommendations"][0]
    assert first["subject"] == {
        "id": "acme:ada",
        "name": "Ada Lind",
        "title": "Cluster engineer",
        "org_unit": "Platform",
        "location": "Lisbon",
    }
    assert math.isclose(first["score"], math.fsum(reason["value"] for reason in first["reasons"]), rel_tol=1e-9)
    assert first["confidence"] in ("high", "medium", "low")
    cited = [citation for reason in first["reasons"] for citation in reason["citations"]]
    assert cited
    for citation in cited:
        assert client.get(citation["link"], headers=bearer(keys.shared)).json()["id"] == citation["post"]


def test_the_question_in_a_body_gets_the_same_answer(client: Client, keys: Keys) -> None:
    in_url = client.get("/v1/experts", params={"q": "kubernetes", "limit": 3}, headers=bearer(keys.shared))
    in_body = client.post("/v1/experts:search", json={"text": "kubernetes", "limit": 3}, headers=bearer(keys.shared))
    assert in_url.json() == in_body.json()


def test_who_asks_is_not_recommended_to_themselves(client: Client, keys: Keys) -> None:
    answer = client.get("/v1/experts", params={"q": "kubernetes ingress"}, headers=bearer(keys.ada)).json()
    assert "acme:ada" not in [one["subject"]["id"] for one in answer["recommendations"]]


def test_where_nobody_can_be_named_the_answer_says_so(client: Client, keys: Keys) -> None:
    answer = client.get(
        "/v1/experts", params={"q": "kubernetes", "place": "Nowhere"}, headers=bearer(keys.shared)
    ).json()
    assert answer["recommendations"] == []
    assert answer["abstained"]


def test_an_empty_question_is_a_400_that_says_what_is_missing(client: Client, keys: Keys) -> None:
    response = client.get("/v1/experts", headers=bearer(keys.shared))
    assert response.status_code == 400
    assert response.json()["type"].endswith("#invalid-question")


def test_a_misspelt_filter_is_refused(client: Client, keys: Keys) -> None:
    response = client.get("/v1/experts", params={"q": "kubernetes", "plaec": "Lisbon"}, headers=bearer(keys.shared))
    assert response.status_code == 422
    assert response.json()["errors"][0]["where"] == "query.plaec"


def test_filters_narrow_the_answer(client: Client, keys: Keys) -> None:
    asked = {"q": "kubernetes ingress", "place": "Lagos"}
    answer = client.get("/v1/experts", params=asked, headers=bearer(keys.shared)).json()
    assert "acme:ada" not in [one["subject"]["id"] for one in answer["recommendations"]]


@pytest.mark.parametrize("since", ["2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"])
def test_a_day_is_its_first_moment_in_utc(client: Client, keys: Keys, since: str) -> None:
    answers = [
        client.get("/v1/experts", params={"q": "kubernetes", "since": day}, headers=bearer(keys.shared)).json()
        for day in ("2026-01-01", since)
    ]
    assert answers[0] == answers[1]


def test_a_member_of_the_group_sees_what_the_shared_tier_does_not(client: Client, keys: Keys) -> None:
    member = client.get("/v1/experts", params={"q": f"{CANARY} merger"}, headers=bearer(keys.dana))
    outsider = client.get("/v1/experts", params={"q": f"{CANARY} merger"}, headers=bearer(keys.shared))
    assert member.json()["recommendations"][0]["subject"]["id"] == "acme:cleo"
    assert CANARY not in outsider.text


def test_an_explanation_has_the_same_score_as_the_answer(client: Client, keys: Keys) -> None:
    asked = {"q": "kubernetes ingress"}
    answer = client.get("/v1/experts", params=asked, headers=bearer(keys.shared)).json()["recommendations"][0]
    why = client.get("/v1/people/acme:ada/explanation", params=asked, headers=bearer(keys.shared)).json()
    assert why["recommendation"]["score"] == answer["score"]
    fewer = [len(reason["citations"]) for reason in answer["reasons"]]
    assert [len(reason["citations"]) for reason in why["recommendation"]["reasons"]] >= fewer


def test_a_person_never_carries_accounts_groups_or_audience(client: Client, keys: Keys) -> None:
    fields = client.get("/v1/people/acme:cleo", headers=bearer(keys.dana)).json().keys()
    assert not {"accounts", "groups", "audience", "hidden", "judged", "manager"} & fields


def test_expertise_keeps_declared_and_observed_apart(client: Client, keys: Keys) -> None:
    profile = client.get("/v1/people/acme:ada/expertise", headers=bearer(keys.shared)).json()
    by_label = {one["topic"]["label"]: one for one in profile["expertise"]}
    assert profile["subject"]["name"] == "Ada Lind"
    assert by_label["kubernetes"]["observed"] == 1
    assert by_label["kubernetes"]["declared"]
    assert by_label["sailing"] == by_label["sailing"] | {"declared": True, "observed": 0, "posts": 0}


def test_topics_are_those_of_the_shared_tier(client: Client, keys: Keys) -> None:
    shared = client.get("/v1/topics", params={"limit": 100}, headers=bearer(keys.shared)).json()["topics"]
    member = client.get("/v1/topics", params={"limit": 100}, headers=bearer(keys.dana)).json()["topics"]
    assert shared == member
    assert "kubernetes" in [topic["label"] for topic in shared]
    assert CANARY not in str(shared)


def test_a_post_names_only_the_people_and_the_parent_that_the_caller_may_see(client: Client, keys: Keys) -> None:
    by_hana = client.get("/v1/posts/acme:post-34", headers=bearer(keys.shared)).json()
    assert by_hana["authors"] == []
    reply = "/v1/posts/acme:post-35"
    assert client.get(reply, headers=bearer(keys.shared)).json()["parent"] == ""
    assert client.get(reply, headers=bearer(keys.dana)).json()["parent"] == "acme:post-26"


def test_me_says_whose_eyes_a_key_has_and_nothing_of_the_secret(client: Client, keys: Keys) -> None:
    mine = client.get("/v1/me", headers=bearer(keys.dana))
    assert mine.json()["person"]["id"] == "acme:dana"
    assert mine.json()["groups"] == ["acme:legal"]
    assert keys.dana.rpartition("_")[2] not in mine.text
    assert client.get("/v1/me", headers=bearer(keys.shared)).json()["person"] is None


INVISIBLE = ["acme:hana", "acme:ivo"]


@pytest.mark.parametrize(
    "template", ["/v1/people/{}", "/v1/people/{}/expertise", "/v1/people/{}/explanation?q=kubernetes"]
)
@pytest.mark.parametrize("person", INVISIBLE)
def test_invisible_and_absent_people_are_one_answer(client: Client, keys: Keys, template: str, person: str) -> None:
    assert _told(client, template.format(person), keys) == _told(client, template.format("acme:none"), keys)


def test_restricted_and_absent_posts_are_one_answer(client: Client, keys: Keys) -> None:
    assert _told(client, "/v1/posts/acme:post-26", keys) == _told(client, "/v1/posts/acme:post-99", keys)
    assert client.get("/v1/posts/acme:post-26", headers=bearer(keys.dana)).status_code == 200


def _told(client: Client, path: str, keys: Keys) -> tuple[int, str, dict[str, str]]:
    """What a caller can tell: status, body and headers, without the id of the request."""
    response = client.get(path, headers=bearer(keys.shared))
    id = response.headers.pop("x-request-id")
    return response.status_code, response.text.replace(id, "ID"), dict(response.headers)


def test_health_and_readiness_are_open(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok", "last_look_seconds": None, "index": "current"}, (
        "nothing looks in this app"
    )
