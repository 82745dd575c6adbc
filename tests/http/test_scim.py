"""The directory that an identity provider keeps up to date: scim2-tester's checks, and who is gone when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server
from tests.http.browser import serving
from tests.http.client import Client
from tests.http.conftest import bearer
from tests.http.signing import Desk, sign_in, signed_app

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.ask.subjects import ClosedAccount

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Idp:
    """An identity provider that pushes."""

    def __init__(self, app: FastAPI) -> None:
        self.client = Client(app)
        self.key = issue_key(app.state.door.store, scopes=["scim:write"])[1]

    def __call__(self, method: str, path: str, body: Any = None) -> httpx2.Response | Any:
        more = {"json": body} if body is not None else {}
        return self.client.request(method, f"/scim/v2{path}", headers=bearer(self.key), **more)

    def user(self, name: str, **more: Any) -> str:
        """Push a person; their number."""
        body = {"schemas": [USER, ENTERPRISE], "userName": name, "externalId": f"sub-{name}", "active": True}
        body |= {"displayName": name.title(), "emails": [{"value": f"{name}@acme.example", "primary": True}], **more}
        answer = self("POST", "/Users", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def change(self, path: str, *operations: dict[str, Any]) -> None:
        answer = self("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})
        assert answer.status_code == 200, answer.text


@pytest.fixture
def app(known_finder: ExpertFinder) -> FastAPI:
    return signed_app(known_finder, sign_in(), scim_source="entra")


@pytest.fixture
def idp(app: FastAPI) -> Idp:
    return Idp(app)


def test_the_testers_checks_are_green_against_the_running_service(app: FastAPI) -> None:
    key = issue_key(app.state.door.store, scopes=["scim:write"])[1]
    with serving(app) as address, httpx2.Client(base_url=f"{address}/scim/v2", headers=bearer(key), timeout=60) as http:
        client = SyncSCIMClient(http)
        client.discover()
        results = check_server(client)
    assert len(results) > 40
    bad = [one for one in results if one.status in (Status.ERROR, Status.CRITICAL)]
    assert not bad, [(one.title, one.reason) for one in bad]


@pytest.fixture
def dana(idp: Idp) -> Iterator[str]:
    return idp.user("dana2", title="Paralegal", **{ENTERPRISE: {"department": "Legal", "employeeNumber": "7"}})


def test_a_person_who_is_pushed_signs_in_at_once_with_unit_and_manager(app: FastAPI, idp: Idp) -> None:
    boss = idp.user("boss")
    number = idp.user("nina", **{ENTERPRISE: {"department": "Legal", "manager": {"value": boss}}})
    record = app.state.door.store.get("person", [f"entra:{number}"])[0]
    assert (record.name, record.org_unit, record.manager) == ("Nina", "Legal", f"entra:{boss}")
    assert set(record.accounts) == {"idp:sub-nina", "email:nina@acme.example"}
    assert Desk(app).signed_in_as("sub-nina").get("/").status_code == 200
    assert idp("GET", f"/Users/{number}").json()[ENTERPRISE]["manager"]["value"] == boss
    assert app.state.door.store.get("source", ["entra"])[0].directory


@pytest.mark.parametrize("how", ["active", "active as text", "delete"])
def test_a_deprovisioned_person_is_gone_at_the_next_request_and_so_are_session_and_key(
    app: FastAPI, idp: Idp, how: str
) -> None:
    number = idp.user("nina")
    person = f"entra:{number}"
    desk, other = Desk(app).signed_in_as("sub-nina"), Desk(app).signed_in_as("ada")
    key = issue_key(app.state.door.store, scopes=["people:read"], person=person)[1]
    client = Client(app)
    assert desk.get("/").status_code == 200
    assert client.get("/v1/me", headers=bearer(key)).status_code == 200
    assert other.get(f"/people/{person}").status_code == 200
    if how == "delete":
        assert idp("DELETE", f"/Users/{number}").status_code == 204
        assert idp("GET", f"/Users/{number}").status_code == 404
    else:
        value: object = False if how == "active" else "False"
        idp.change(f"/Users/{number}", {"op": "Replace", "path": "active", "value": value})
        assert idp("GET", f"/Users/{number}").json()["active"] is False
    assert desk.get("/").status_code == 303
    assert client.get("/v1/me", headers=bearer(key)).status_code == 403
    assert other.get(f"/people/{person}").status_code == 404
    assert "Nina" not in other.get("/?q=nina").text
    if how != "delete":
        idp.change(f"/Users/{number}", {"op": "replace", "path": "active", "value": True})
        assert desk.get("/").status_code == 303  # the session ended
        assert Desk(app).signed_in_as("sub-nina").get("/").status_code == 200
    else:
        assert idp.user("nina") == number  # the same human again
        assert Desk(app).signed_in_as("sub-nina").get("/").status_code == 200


def test_other_records_of_a_deprovisioned_human_are_gone_too(app: FastAPI, idp: Idp) -> None:
    number = idp.user("ada9", externalId="ada", displayName="Ada Lind", emails=[{"value": "ada@acme.example"}])
    other = Desk(app).signed_in_as("dana")
    assert other.get("/people/acme:ada").status_code == 200
    idp.change(f"/Users/{number}", {"op": "replace", "path": "active", "value": False})
    assert other.get("/people/acme:ada").status_code == 404
    assert "Ada Lind" not in other.get("/?q=kubernetes+ingress").text
    assert Desk(app).signed_in_as("ada").get("/").status_code == 303


def test_a_group_that_is_taken_is_gone_at_the_next_request(app: FastAPI, idp: Idp) -> None:
    number = idp.user("nina")
    made = idp("POST", "/Groups", {"schemas": [GROUP], "displayName": "Legal", "members": [{"value": number}]})
    assert made.status_code == 201
    group = made.json()["id"]
    subjects = app.state.door.subjects
    assert subjects.viewer(("idp:sub-nina",)).groups == {f"entra:{group}"}
    assert idp("GET", f"/Users/{number}").json()["groups"][0]["value"] == group
    idp.change(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{number}"]'})
    assert subjects.viewer(("idp:sub-nina",)).groups == frozenset()
    idp.change(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": number}]})
    assert subjects.viewer(("idp:sub-nina",)).groups == {f"entra:{group}"}
    assert idp("DELETE", f"/Groups/{group}").status_code == 204
    assert subjects.viewer(("idp:sub-nina",)).groups == frozenset()


def test_a_wish_to_be_hidden_outlasts_whatever_is_pushed(app: FastAPI, idp: Idp) -> None:
    number = idp.user("nina")
    person, store = f"entra:{number}", app.state.door.store
    store.hide(person)
    app.state.door.finder.refresh()
    made = idp("POST", "/Groups", {"schemas": [GROUP], "displayName": "Legal", "members": [{"value": number}]})
    idp.change(f"/Users/{number}", {"op": "replace", "path": "title", "value": "Counsel"})
    assert made.status_code == 201
    assert Desk(app).signed_in_as("ada").get(f"/people/{person}").status_code == 404
    assert Desk(app).signed_in_as("sub-nina").get("/").status_code == 200
    store.hide(person, hidden=False)
    app.state.door.finder.refresh()
    assert Desk(app).signed_in_as("ada").get(f"/people/{person}").status_code == 200
    assert not store.statements(ClosedAccount)


def test_lists_are_filtered_sorted_and_paged(idp: Idp) -> None:
    for name in ("nina", "omar", "pia"):
        idp.user(name)
    one = idp("GET", '/Users?filter=userName eq "OMAR"').json()
    assert [user["userName"] for user in one["Resources"]] == ["omar"]
    page = idp("GET", "/Users?sortBy=userName&startIndex=2&count=1").json()
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (3, 2, 1)
    assert page["Resources"][0]["userName"] == "omar"
    assert idp("GET", '/Users?filter=externalId eq "nobody"').json()["totalResults"] == 0
    wrong = idp("GET", "/Users?filter=userName gibberish")
    assert wrong.status_code == 400
    assert wrong.json()["scimType"] == "invalidFilter"


@pytest.mark.parametrize(
    "asked",
    [
        'userName eq "OMAR"',
        'username eq "\u212aai"',
        'userName eq "kai"',
        'userName eq "ÉLISE"',
        'userName eq "e\u0301lise"',
        'externalId eq "sub-omar"',
        'externalId eq "SUB-omar"',
        'userName eq "omar" and active eq true',
        'active eq true and externalId eq "sub-nina"',
        'userName eq "gone"',
        'userName eq "nobody"',
        'userName eq "omar" or userName eq "nina"',
        'not (userName eq "omar")',
        'userName sw "o"',
    ],
)
def test_who_is_looked_up_by_a_key_is_who_the_filter_names_among_all(
    monkeypatch: pytest.MonkeyPatch, idp: Idp, asked: str
) -> None:
    for name in ("nina", "omar", "\u212aai", "élise"):
        idp.user(name)
    idp("DELETE", f"/Users/{idp.user('gone')}")
    group = {"schemas": [GROUP], "displayName": "Legal", "members": []}
    for user in idp("GET", "/Users").json()["Resources"][:2]:
        group["members"] = [{"value": user["id"]}]
        idp("POST", "/Groups", group)
    quick = idp.client.get("/scim/v2/Users", params={"filter": asked}, headers=bearer(idp.key)).json()
    monkeypatch.setattr("expertfinder.http.scim.routes._looked_up", lambda *_: None)
    assert idp.client.get("/scim/v2/Users", params={"filter": asked}, headers=bearer(idp.key)).json() == quick
    assert quick["totalResults"] == (
        0 if "gone" in asked or "nobody" in asked or "SUB" in asked else quick["totalResults"]
    )


def test_one_person_is_looked_up_and_changed_without_reading_all_of_them(
    monkeypatch: pytest.MonkeyPatch, idp: Idp
) -> None:
    number = idp.user("nina")

    def read(*_: object) -> None:
        raise AssertionError("all accounts were read")

    monkeypatch.setattr("expertfinder.ask.provisioning.Provisioning._all", read)
    for asked in ('userName eq "NINA"', 'externalId eq "sub-nina"'):
        assert idp("GET", f"/Users?filter={asked}").json()["Resources"][0]["id"] == number
    idp.change(f"/Users/{number}", {"op": "replace", "path": "title", "value": "Counsel"})
    assert idp("GET", f"/Users/{number}").json()["title"] == "Counsel"
    idp.user("omar")
    assert idp("POST", "/Users", {"schemas": [USER], "userName": "Nina"}).status_code == 409
    assert idp("DELETE", f"/Users/{number}").status_code == 204
    assert idp("GET", "/Users").status_code == 500, "the list of all reads all"


@pytest.mark.parametrize(
    ("body", "status"),
    [(None, 400), ([], 400), ({"schemas": [USER]}, 400), ({"schemas": [USER], "userName": 7}, 400), ("x", 400)],
)
def test_what_cannot_be_read_is_told_in_the_shape_of_the_standard(idp: Idp, body: Any, status: int) -> None:
    answer = idp("POST", "/Users", body)
    assert answer.status_code == status
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]


def test_two_people_do_not_share_a_user_name_and_nothing_else_is_kept(app: FastAPI, idp: Idp) -> None:
    body = {
        "phoneNumbers": [{"value": "+1 555 0100"}],
        "password": "geheim",
        "x509Certificates": [{"value": "TUlJQg=="}],
    }
    number = idp.user("nina", **body)
    assert idp("POST", "/Users", {"schemas": [USER], "userName": "NINA"}).status_code == 409
    kept = str(app.state.door.store.beside().statements) + str(app.state.door.store.get("person", [f"entra:{number}"]))
    for word in ("555", "geheim", "TUlJQg"):
        assert word not in kept


@pytest.mark.parametrize("path", ["/Users", "/Groups", "/Users/x", "/Schemas", "/ServiceProviderConfig", "/nothing"])
def test_only_the_scope_opens_it(app: FastAPI, path: str) -> None:
    client = Client(app)
    reads = issue_key(
        app.state.door.store, scopes=["experts:read", "people:read", "ingest:write:entra", "groups:write"]
    )
    assert client.get(f"/scim/v2{path}").status_code == 401
    assert client.get(f"/scim/v2{path}", headers=bearer(reads[1])).status_code == 403
    assert Desk(app).signed_in_as("ada").get(f"/scim/v2{path}").status_code == 401
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.request(method, f"/scim/v2{path}", json={}).status_code in (401, 405)


def test_without_its_setting_there_is_no_such_door(known_finder: ExpertFinder) -> None:
    key = issue_key(known_finder.store, scopes=["admin"])[1]
    assert Client(signed_app(known_finder)).get("/scim/v2/Users", headers=bearer(key)).status_code == 404


def test_of_an_erased_person_nothing_stays_and_nothing_is_taken_again(app: FastAPI, idp: Idp) -> None:
    number = idp.user("nina")
    store = app.state.door.store
    store.erase(f"entra:{number}", keys=("idp:sub-nina", "email:nina@acme.example"))
    app.state.door.finder.refresh()
    assert "nina" not in str(store.beside().statements)
    assert idp("GET", f"/Users/{number}").status_code == 404
    body = {"schemas": [USER], "userName": "nina", "externalId": "sub-nina", "active": True}
    again = idp("POST", "/Users", body)
    assert again.status_code == 409
    assert "nina" not in str(store.beside().statements)
    assert not [one for one in store.all("person") if "idp:sub-nina" in one.accounts]
