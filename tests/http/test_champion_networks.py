"""A kept set of champions: read by who keeps it and who is in it alone, told what became of the introductions."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from tests.http.client import Client
from tests.http.conftest import NOW
from tests.http.test_problems import assert_problem
from tests.http.test_questions import at_their_desks
from tests.http.test_wishes import client_of, key_of

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.http import Options, create_app
from expertfinder.store import Introduction
from expertfinder.store.statements import CHAMPIONS

SETS = "/v1/me/champion-networks"


def keep(client: Client, key: dict[str, str], *people: str, name: str = "Cluster champions") -> str:
    """The id of a set that was kept."""
    answer = client.post(SETS, json={"name": name, "people": [f"acme:{one}" for one in people]}, headers=key)
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["id"]
    return found


def sets(client: Client, key: dict[str, str]) -> dict[str, bool]:
    """Ids of the kept sets of somebody, and whether they keep them."""
    return {one["id"]: one["mine"] for one in client.get(SETS, headers=key).json()["sets"]}


def test_a_kept_set_is_a_community_of_those_in_it_and_of_nobody_else(own_finder: ExpertFinder) -> None:
    client, (ben, ada, cleo) = (
        client_of(own_finder),
        (key_of(own_finder, f"acme:{one}") for one in ("ben", "ada", "cleo")),
    )
    before = client.get("/v1/communities", headers=cleo).content
    made = keep(client, ben, "ada", "finn")
    assert made.startswith(f"{CHAMPIONS}:")
    assert (sets(client, ben), sets(client, ada), sets(client, cleo)) == ({made: True}, {made: False}, {})
    for key in (ben, ada):
        shown = client.get(f"/v1/communities/{made}", headers=key).json()
        assert [one["subject"]["id"] for one in shown["members"]] == ["acme:ada", "acme:finn"]
        put = client.post("/v1/questions", json={"text": "ingress", "agreed": True, "community": made}, headers=key)
        assert put.status_code == 200, "it is a community like any other for those in it"
    assert_problem(client.get(f"/v1/communities/{made}", headers=cleo), 404, "not-found")
    assert client.get("/v1/communities", headers=cleo).content == before
    assert client.get("/v1/insights", headers=cleo).json() == client.get("/v1/insights", headers=ben).json()


def test_who_had_no_tie_is_to_be_introduced_and_a_later_tie_is_told(own_finder: ExpertFinder) -> None:
    client, ben = client_of(own_finder), key_of(own_finder, "acme:ben")
    network, viewer = Networking(own_finder), own_finder.viewer("acme:ben")
    people = ["acme:ada", "acme:cleo", "acme:dana", "acme:finn"]
    tied = {(tie.person, tie.other) for tie in network.ties_among(people, viewer)}
    assert tied
    made = keep(client, ben, *(one.removeprefix("acme:") for one in people))
    (shown,) = client.get(SETS, headers=ben).json()["sets"]
    apart = {(one["one"]["id"], one["other"]["id"]) for one in shown["introductions"]}
    assert apart
    assert not apart & tied
    assert not any(one["met"] for one in shown["introductions"])
    one, other = sorted(tied)[0]
    own_finder.store.state(Introduction(community=made, one=one, other=other, at=NOW))  # of the time before they met
    (shown,) = client.get(SETS, headers=ben).json()["sets"]
    assert {(e["one"]["id"], e["other"]["id"]) for e in shown["introductions"] if e["met"]} == {(one, other)}


def test_who_is_in_it_leaves_and_who_keeps_it_ends_it(own_finder: ExpertFinder) -> None:
    client, (ben, ada, finn) = (
        client_of(own_finder),
        (key_of(own_finder, f"acme:{one}") for one in ("ben", "ada", "finn")),
    )
    made = keep(client, ben, "ada", "finn", "cleo")
    assert client.request("DELETE", f"{SETS}/{made}", headers=ada).status_code == 204
    assert sets(client, ada) == {}
    assert_problem(client.get(f"/v1/communities/{made}", headers=ada), 404, "not-found")
    assert "acme:ada" not in client.get(f"/v1/communities/{made}", headers=finn).text
    assert not any("acme:ada" in (one.one, one.other) for one in own_finder.store.statements(Introduction))
    own_finder.store.erase("acme:cleo")
    own_finder.refresh()
    assert [one["id"] for one in client.get(SETS, headers=ben).json()["sets"][0]["people"]] == ["acme:finn"]
    assert client.request("DELETE", f"{SETS}/{made}", headers=ben).status_code == 204
    assert (sets(client, ben), sets(client, finn)) == ({}, {})
    assert own_finder.store.statements(Introduction) == []
    assert_problem(client.request("DELETE", f"{SETS}/{made}", headers=ben), 404, "not-found")


@pytest.mark.parametrize(
    ("name", "people", "status"),
    [
        (" ", ["acme:ada", "acme:finn"], 400),
        ("One", ["acme:ada", "acme:ada"], 400),
        ("Unseen", ["acme:ada", "acme:hana"], 404),
        ("x" * 101, ["acme:ada", "acme:finn"], 422),
    ],
)
def test_odd_sets_are_refused(own_finder: ExpertFinder, name: str, people: list[str], status: int) -> None:
    client, ben = client_of(own_finder), key_of(own_finder, "acme:ben")
    assert client.post(SETS, json={"name": name, "people": people}, headers=ben).status_code == status
    assert sets(client, ben) == {}


def test_a_set_is_kept_and_ended_from_the_page_without_a_script(own_finder: ExpertFinder) -> None:
    ada, ben = at_their_desks(own_finder)
    assert "Keep this set" in ben.get("/champions?size=2").text
    fields = {"name": "Cluster champions", "chosen": ["acme:ada", "acme:finn"]}
    kept = ben.post("/champions/keep", fields, of="/champions?size=2")
    assert kept.status_code == 303, kept.text
    at = kept.headers["location"]
    for desk, words in ((ben, "End this network"), (ada, "Leave this network")):
        page = desk.get(at).text
        assert "Cluster champions" in page
        assert "Introductions" in page
        assert words in page
    made = at.removeprefix("/communities/")
    assert ada.post("/champions/leave", {"community": made}, of=at).status_code == 303
    assert ada.get(at).status_code == 404
    assert ben.post("/champions/leave", {"community": made}, of=at).status_code == 303
    assert ben.post("/champions/leave", {"community": made}, of="/champions").status_code == 404
    looking = create_app(own_finder, own_finder.store, Options(insecure_demo=True))
    demo = Client(looking, base_url="http://127.0.0.1")
    assert "Keep this set" not in demo.get(f"/champions?size=2&as={quote('acme:ben')}").text
    assert demo.post("/champions/keep", content="name=x").status_code == 401
