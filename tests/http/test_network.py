"""Communities, champions, whom to meet, teams and risk over HTTP: what is answered, and to whom."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tests.http.client import Client
from tests.http.conftest import CANARY, Keys, bearer
from tests.http.test_problems import assert_problem

GUILD, DEAL = "acme:guild:cluster", "acme:deal"
INVISIBLE = ("acme:hana", "acme:ivo")


def got(client: Client, path: str, key: str) -> dict[str, Any]:
    """The answer to a question that can be answered."""
    response = client.get(path, headers=bearer(key))
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def ids(people: list[dict[str, Any]]) -> list[str]:
    """The ids of people as shown."""
    return [one.get("subject", one)["id"] for one in people]


def chosen(client: Client, keys: Keys, **asked: object) -> dict[str, Any]:
    """The champions that everybody may see."""
    response = client.post("/v1/champions", json=asked, headers=bearer(keys.shared))
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


# --- communities -----------------------------------------------------------------------------------------------------


def test_the_list_of_communities_is_what_the_caller_may_read(client: Client, keys: Keys) -> None:
    everybodys, danas = (got(client, "/v1/communities", key) for key in (keys.shared, keys.dana))
    assert [one["id"] for one in everybodys["communities"] if one["kind"] == "declared"] == [GUILD]
    assert {GUILD, DEAL} <= {one["id"] for one in danas["communities"]}
    assert CANARY not in str(everybodys)
    assert everybodys["version"] != danas["version"]


def test_the_list_comes_in_pages_that_together_are_the_list(client: Client, keys: Keys) -> None:
    whole = [one["id"] for one in got(client, "/v1/communities", keys.dana)["communities"]]
    assert len(whole) > 1
    seen, after = [], ""
    for _ in whole:
        page = got(client, f"/v1/communities?limit=1{after}", keys.dana)
        seen += [one["id"] for one in page["communities"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == whole


def test_a_question_is_answered_with_communities_and_reasons_that_add_up(client: Client, keys: Keys) -> None:
    answer = got(client, "/v1/communities?q=kubernetes+ingress", keys.shared)
    first = answer["recommendations"][0]
    assert first["subject"]["id"] == GUILD
    assert first["role"] == "community"
    assert math.isclose(first["score"], math.fsum(reason["value"] for reason in first["reasons"]))
    assert answer["communities"] == []


def test_a_person_is_recommended_communities_that_they_are_not_in(client: Client, keys: Keys) -> None:
    bens = got(client, "/v1/communities?person=acme:ben", keys.dana)
    assert DEAL not in ids(bens["recommendations"])
    assert GUILD in ids(bens["recommendations"])


@pytest.mark.parametrize(
    "asked", ["q=kubernetes&person=acme:ada", "q=kubernetes&kind=declared", "person=acme:ada&after=x:y"]
)
def test_parameters_that_contradict_one_another_are_refused(client: Client, keys: Keys, asked: str) -> None:
    assert_problem(client.get(f"/v1/communities?{asked}", headers=bearer(keys.shared)), 400, "invalid-question")


def test_a_community_shows_those_of_its_people_whom_the_caller_may_find(client: Client, keys: Keys) -> None:
    everybodys, danas = (got(client, f"/v1/communities/{GUILD}", key) for key in (keys.shared, keys.dana))
    assert ids(everybodys["members"]) == ["acme:ada", "acme:dana", "acme:finn"]
    assert ids(danas["members"]) == ["acme:ada", "acme:dana", "acme:finn", "acme:ivo"]
    assert ids(everybodys["leads"]) == ids(danas["leads"]) == ["acme:ada"]
    assert [one["leads"] for one in everybodys["members"]] == [True, False, False]
    assert (everybodys["community"]["size"], danas["community"]["size"]) == (3, 4)
    assert "kubernetes" in [one["label"] for one in everybodys["topics"]]
    # The one above it is for the legal group alone.
    assert (everybodys["community"]["parent"], danas["community"]["parent"]) == ("", DEAL)
    assert DEAL in [one["community"]["id"] for one in danas["overlaps"]]
    assert DEAL not in str(everybodys)


def test_the_people_of_a_community_come_in_pages(client: Client, keys: Keys) -> None:
    first = got(client, f"/v1/communities/{GUILD}?limit=2", keys.shared)
    assert ids(first["members"]) == ["acme:ada", "acme:dana"]
    second = got(client, f"/v1/communities/{GUILD}?limit=2&after={first['next']}", keys.shared)
    assert (ids(second["members"]), second["next"]) == (["acme:finn"], None)
    assert ids(second["leads"]) == ["acme:ada"]


def test_a_list_goes_on_only_after_what_it_gave_this_caller(client: Client, keys: Keys) -> None:
    """Promise H6: a cursor that was changed, is somebody else's or another list's is refused, whatever is there."""
    of_all = got(client, "/v1/communities?limit=1", keys.dana)["next"]
    members = got(client, f"/v1/communities/{GUILD}?limit=2", keys.dana)["next"]
    assert GUILD not in of_all, "ids are not told by it"

    def answered(path: str, cursor: str, key: str) -> int:
        return client.get(f"{path}&after={cursor}", headers=bearer(key)).status_code

    list_of_all, one = "/v1/communities?limit=1", f"/v1/communities/{GUILD}?limit=2"
    assert answered(list_of_all, of_all, keys.dana) == answered(one, members, keys.dana) == 200
    changed = [of_all[:n] + ("A" if of_all[n] != "A" else "B") + of_all[n + 1 :] for n in range(len(of_all))]
    others = [(list_of_all, cursor, keys.dana) for cursor in (*changed, of_all[:-1], f"{of_all}A", DEAL, "acme:none")]
    others += [(list_of_all, of_all, keys.shared), (one, members, keys.shared)]
    others += [(f"{list_of_all}&kind=declared", of_all, keys.dana), (list_of_all, members, keys.dana)]
    others += [(one, of_all, keys.dana), (f"/v1/communities/{DEAL}?limit=2", members, keys.dana)]
    for path, cursor, key in others:
        assert_problem(client.get(f"{path}&after={cursor}", headers=bearer(key)), 400, "invalid-question")


def test_an_id_with_colons_may_be_percent_encoded(client: Client, keys: Keys) -> None:
    assert got(client, "/v1/communities/acme%3Aguild%3Acluster", keys.shared)["community"]["id"] == GUILD


# --- champions -------------------------------------------------------------------------------------------------------


def test_champions_of_a_community_have_reasons_reach_and_a_place_in_the_set(client: Client, keys: Keys) -> None:
    answer = got(client, f"/v1/champions?community={GUILD}&size=2", keys.shared)
    first = answer["recommendations"][0]
    assert (first["subject"]["id"], first["role"]) == ("acme:ada", "champion")
    assert math.isclose(first["score"], math.fsum(reason["value"] for reason in first["reasons"]))
    assert first["adds"] == 2
    assert answer["people"] == answer["reached"] + len(answer["unreached"])
    assert sum(one["adds"] for one in answer["recommendations"]) == answer["reached"]


def test_the_same_in_a_body(client: Client, keys: Keys) -> None:
    asked = {"topic": "kubernetes", "size": 2, "one_per_unit": True}
    in_url = got(client, "/v1/champions?topic=kubernetes&size=2&one_per_unit=true", keys.shared)
    assert chosen(client, keys, **asked) == in_url


def test_who_does_not_wish_to_is_no_champion_and_who_is_one_stays(client: Client, keys: Keys) -> None:
    without = chosen(client, keys, community=GUILD, unwilling=["acme:ada"])
    assert "acme:ada" not in ids(without["recommendations"])
    kept = chosen(client, keys, community=GUILD, size=1, already=["acme:finn"])
    assert ids(kept["recommendations"]) == ["acme:finn"]
    assert ids(kept["unreached"]) == ["acme:ada", "acme:dana"]


def test_who_is_unwilling_does_not_stand_in_a_url(client: Client, keys: Keys) -> None:
    response = client.get("/v1/champions?topic=kubernetes&unwilling=acme:ada", headers=bearer(keys.shared))
    assert_problem(response, 422, "invalid-request")


def test_a_path_says_all_the_methods_that_it_takes(client: Client) -> None:
    response = client.put("/v1/champions")
    assert_problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "GET, POST"


def test_every_unit_has_one_on_request(client: Client, keys: Keys) -> None:
    answer = got(client, "/v1/champions?size=3&one_per_unit=true", keys.shared)
    assert {one["subject"]["org_unit"] for one in answer["recommendations"]} == {"Platform", "Finance", "Legal"}


@pytest.mark.parametrize("asked", [f"community={GUILD}&topic=kubernetes", "topic=kubernetes&units=Legal"])
def test_champions_are_for_one_thing_at_a_time(client: Client, keys: Keys, asked: str) -> None:
    assert_problem(client.get(f"/v1/champions?{asked}", headers=bearer(keys.shared)), 400, "invalid-question")


def test_no_champions_of_what_is_not_there(client: Client, keys: Keys) -> None:
    for asked in (f"community={DEAL}", "community=acme:none", "units=Nowhere"):
        assert_problem(client.get(f"/v1/champions?{asked}", headers=bearer(keys.shared)), 404, "not-found")


# --- whom to meet ----------------------------------------------------------------------------------------------------


def test_a_neighbourhood_has_ties_communities_and_who_is_alike(client: Client, keys: Keys) -> None:
    answer = got(client, "/v1/people/acme:ada/network", keys.shared)
    (dana,) = answer["people"]
    assert (dana["subject"]["id"], dana["turns_to"], dana["turned_to_by"]) == ("acme:dana", False, True)
    assert answer["ties"] == [{"person": "acme:ada", "other": "acme:dana", "strength": dana["strength"]}]
    assert answer["contacts"] == 1
    assert GUILD in [one["id"] for one in answer["communities"]]
    assert "acme:ada" not in ids(answer["similar"])


def test_a_path_leads_over_people_and_may_be_none(client: Client, keys: Keys) -> None:
    assert ids(got(client, "/v1/people/acme:ada/path?to=acme:dana", keys.shared)["people"]) == ["acme:ada", "acme:dana"]
    assert got(client, "/v1/people/acme:ada/path?to=acme:ben", keys.shared)["people"] == []


def test_people_to_meet_are_new_to_one_and_a_topic_adds_mentors(client: Client, keys: Keys) -> None:
    answer = got(client, "/v1/people/acme:finn/people-to-meet", keys.shared)
    assert answer["mentors"] is None
    first = answer["people"]["recommendations"][0]
    assert (first["subject"]["id"], first["role"]) == ("acme:ada", "person to meet")
    assert "You are both in Cluster guild." in " ".join(reason["text"] for reason in first["reasons"])
    assert "acme:finn" not in ids(answer["people"]["recommendations"])
    danas = got(client, "/v1/people/acme:dana/people-to-meet?limit=20", keys.shared)["people"]
    assert "acme:ada" not in ids(danas["recommendations"]), "they know each other"
    with_topic = got(client, "/v1/people/acme:dana/people-to-meet?topic=kubernetes", keys.shared)
    assert ids(with_topic["mentors"]["recommendations"])[0] == "acme:ada"
    assert len(with_topic["communities"]) <= 2


# --- teams, risk -----------------------------------------------------------------------------------------------------


def test_a_team_covers_what_can_be_covered(client: Client, keys: Keys) -> None:
    asked = {"skills": ["kubernetes ingress", "invoices and the ledger"]}
    answer = client.post("/v1/teams:search", json=asked, headers=bearer(keys.shared)).json()
    assert ids(answer["members"]) == ["acme:ada", "acme:ben"]
    assert [one["people"] for one in answer["skills"]] == [1, 1]
    twice = client.post("/v1/teams:search", json={**asked, "redundancy": 5}, headers=bearer(keys.shared)).json()
    assert twice["uncovered"] == asked["skills"]


@pytest.mark.parametrize(("skills", "status"), [([], 422), (["x"] * 11, 422), ([" "], 400)])
def test_a_team_needs_skills(client: Client, keys: Keys, skills: list[str], status: int) -> None:
    assert client.post("/v1/teams:search", json={"skills": skills}, headers=bearer(keys.shared)).status_code == status


def test_a_topic_that_leans_on_one_person_is_at_risk(client: Client, keys: Keys) -> None:
    risk = got(client, "/v1/topics/topic:kubernetes/risk", keys.shared)["risk"]
    assert risk["at_risk"] == (risk["holders"][0]["share"] >= 0.5)
    assert sum(one["share"] for one in risk["holders"]) == pytest.approx(1)
    assert risk["label"] in [one["label"] for one in got(client, "/v1/risks", keys.shared)["risks"]]
    assert_problem(client.get("/v1/topics/topic:none/risk", headers=bearer(keys.shared)), 404, "not-found")


# --- through whose eyes ----------------------------------------------------------------------------------------------

READS = (
    "/v1/communities",
    "/v1/communities?q=kubernetes",
    "/v1/communities?person=acme:ben",
    f"/v1/communities/{GUILD}",
    f"/v1/champions?community={GUILD}",
    "/v1/champions?topic=kubernetes&size=50",
    "/v1/champions?size=50&one_per_unit=true",
    *(f"/v1/people/acme:{name}/network" for name in ("ada", "ben", "cleo", "dana", "finn")),
    *(f"/v1/people/acme:{name}/people-to-meet?topic=kubernetes&limit=20" for name in ("ben", "dana", "finn")),
    "/v1/topics/topic:kubernetes/risk",
    "/v1/risks",
)


@pytest.mark.parametrize("path", READS)
def test_nobody_who_may_not_be_found_is_in_any_answer(client: Client, keys: Keys, path: str) -> None:
    text = client.get(path, headers=bearer(keys.shared)).text
    assert not [one for one in (*INVISIBLE, "Hana", "Ivo", CANARY, DEAL) if one in text]
    assert "Hana" not in client.get(path, headers=bearer(keys.dana)).text


@pytest.mark.parametrize(
    "template",
    [
        "/v1/people/{}/network",
        "/v1/people/{}/people-to-meet",
        "/v1/people/{}/people-to-meet?topic=kubernetes",
        "/v1/people/{}/path?to=acme:ada",
        "/v1/people/acme:ada/path?to={}",
        "/v1/communities?person={}",
    ],
)
@pytest.mark.parametrize("person", INVISIBLE)
def test_invisible_and_absent_people_are_one_answer(client: Client, keys: Keys, template: str, person: str) -> None:
    assert told(client, template.format(person), keys) == told(client, template.format("acme:none"), keys)
    assert told(client, template.format(person), keys)[0] == 404


@pytest.mark.parametrize("named", ["already", "nominated"])
@pytest.mark.parametrize("person", [*INVISIBLE, "acme:none"])
def test_nobody_who_may_not_be_found_is_made_a_champion(client: Client, keys: Keys, named: str, person: str) -> None:
    asked = {"community": GUILD, named: [person]}
    assert_problem(client.post("/v1/champions", json=asked, headers=bearer(keys.shared)), 404, "not-found")


@pytest.mark.parametrize("template", ["/v1/communities/{}", "/v1/champions?community={}"])
def test_restricted_and_absent_communities_are_one_answer(client: Client, keys: Keys, template: str) -> None:
    assert told(client, template.format(DEAL), keys) == told(client, template.format("acme:none"), keys)
    assert client.get(template.format(DEAL), headers=bearer(keys.dana)).status_code == 200


def told(client: Client, path: str, keys: Keys) -> tuple[int, str, dict[str, str]]:
    """What a caller can tell: status, body and headers, without the id of the request."""
    response = client.get(path, headers=bearer(keys.shared))
    id = response.headers.pop("x-request-id")
    return response.status_code, response.text.replace(id, "ID"), dict(response.headers)
