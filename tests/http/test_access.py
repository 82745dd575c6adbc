"""Every operation for every caller. What the table does not name fails, so no new route is open by oversight."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from tests.http.client import Client
from tests.http.conftest import Keys, bearer, make_keys, two_days_later
from tests.http.test_problems import assert_problem

import expertfinder.http
from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import SCOPES
from expertfinder.errors import Forbidden
from expertfinder.http import Options, create_app
from expertfinder.http.auth import OPEN
from expertfinder.http.badges import Signing, new_key

NDJSON = {"Content-Type": "application/x-ndjson"}
CALLS: dict[str, tuple[str, str, dict[str, object]]] = {
    "find_experts": ("GET", "/v1/experts?q=kubernetes", {}),
    "search_experts": ("POST", "/v1/experts:search", {"json": {"text": "kubernetes"}}),
    "read_expertise": ("GET", "/v1/people/acme:ada/expertise", {}),
    "explain_expert": ("GET", "/v1/people/acme:ada/explanation?q=kubernetes", {}),
    "read_person": ("GET", "/v1/people/acme:ada", {}),
    "assess_expertise": ("POST", "/v1/people/acme:ada/expertise:assess", {"json": {"text": "kubernetes"}}),
    "give_feedback": (
        "POST",
        "/v1/feedback",
        {"json": {"text": "kubernetes", "subject": "acme:ada", "helpful": True}},
    ),
    "note_my_ask": ("POST", "/v1/asks", {"json": {"text": "kubernetes", "to": "acme:ada", "agreed": True}}),
    "answered_before": ("GET", "/v1/questions/before?q=kubernetes", {}),
    "put_question": ("POST", "/v1/questions", {"json": {"text": "kubernetes", "agreed": True}}),
    "list_questions": ("GET", "/v1/questions?which=mine", {}),
    "read_question": ("GET", "/v1/questions/none", {}),
    "claim_question": ("POST", "/v1/questions/none/claim", {}),
    "decline_question": ("POST", "/v1/questions/none/decline", {}),
    "answer_question": ("POST", "/v1/questions/none/answer", {"json": {}}),
    "withdraw_question": ("DELETE", "/v1/questions/none", {}),
    "subscribe": ("POST", "/v1/me/subscriptions", {"json": {"follows": "topic", "subject": "kubernetes"}}),
    "list_my_subscriptions": ("GET", "/v1/me/subscriptions", {}),
    "stop_subscription": ("DELETE", "/v1/me/subscriptions/none", {}),
    "keep_champions": (
        "POST",
        "/v1/me/champion-networks",
        {"json": {"name": "Cluster", "people": ["acme:ada", "acme:finn"]}},
    ),
    "list_my_champion_networks": ("GET", "/v1/me/champion-networks", {}),
    "leave_champions": ("DELETE", "/v1/me/champion-networks/champions:none", {}),
    "read_feed": ("GET", "/v1/feeds/none", {}),
    "unsubscribe": ("POST", "/v1/unsubscribe/none/none", {}),
    "list_communities": ("GET", "/v1/communities", {}),
    "read_community": ("GET", "/v1/communities/acme:guild:cluster", {}),
    "find_champions": ("GET", "/v1/champions?topic=kubernetes", {}),
    "choose_champions": ("POST", "/v1/champions", {"json": {"units": ["Platform"]}}),
    "read_network": ("GET", "/v1/people/acme:ada/network", {}),
    "find_path": ("GET", "/v1/people/acme:ada/path?to=acme:dana", {}),
    "find_people_to_meet": ("GET", "/v1/people/acme:finn/people-to-meet", {}),
    "search_teams": ("POST", "/v1/teams:search", {"json": {"skills": ["kubernetes"]}}),
    "make_slate": ("POST", "/v1/slates", {"json": {"purpose": "staffing", "needs": [{"skill": "kubernetes"}]}}),
    "read_audit": ("GET", "/v1/audit", {}),
    "read_risk": ("GET", "/v1/topics/topic:kubernetes/risk", {}),
    "list_risks": ("GET", "/v1/risks", {}),
    "list_insights": ("GET", "/v1/insights", {}),
    "list_demand": ("GET", "/v1/demand", {}),
    "read_my_audit": ("GET", "/v1/me/audit", {}),
    "read_my_wishes": ("GET", "/v1/me/wishes", {}),
    "read_my_data": ("GET", "/v1/me/held", {}),
    "read_my_profile": ("GET", "/v1/me/profile?q=kubernetes", {}),
    "read_my_role": ("GET", "/v1/me/role", {}),
    "read_my_recognition": ("GET", "/v1/me/recognition", {}),
    "take_badge": ("POST", "/v1/me/recognition/badge", {}),
    "revoke_my_badges": ("DELETE", "/v1/me/recognition/badge", {}),
    "read_badge_keys": ("GET", "/badges/keys", {}),
    "read_badge_status": ("GET", "/badges/status", {}),
    "export_my_data": ("GET", "/v1/me/export?format=html", {}),
    "put_my_visibility": ("PUT", "/v1/me/visibility", {"json": {"seen_by": "everyone"}}),
    "put_my_availability": ("PUT", "/v1/me/availability", {"json": {"per_week": 3}}),
    "put_my_topic": ("PUT", "/v1/me/topics/sailing", {"json": {"says": "moved_on"}}),
    "delete_my_topic": ("DELETE", "/v1/me/topics/sailing", {}),
    "put_my_evidence": ("PUT", "/v1/me/evidence/acme:post-1", {"json": {"why": "exclude"}}),
    "delete_my_evidence": ("DELETE", "/v1/me/evidence/acme:post-1", {}),
    "find_people_for_me": ("GET", "/v1/me/people-to-meet", {}),
    "erase_me": ("DELETE", "/v1/me?confirm=no", {}),
    "read_post": ("GET", "/v1/posts/acme:post-1", {}),
    "read_states": ("GET", "/v1/posts/acme:post-1/states", {}),
    "give_post_state": ("POST", "/v1/posts/acme:post-1/states", {"json": {"state": "reviewed"}}),
    "list_regulated_topics": ("GET", "/v1/regulated-topics", {}),
    "put_regulated_topic": ("PUT", "/v1/regulated-topics/sailing", {"json": {}}),
    "delete_regulated_topic": ("DELETE", "/v1/regulated-topics/sailing", {}),
    "list_vocabularies": ("GET", "/v1/vocabularies", {}),
    "put_vocabulary": (
        "PUT",
        "/v1/vocabularies/skills",
        {"content": b"label\nSailing\n", "headers": {"Content-Type": "text/csv"}},
    ),
    "delete_vocabulary": ("DELETE", "/v1/vocabularies/skills", {}),
    "list_nominations": ("GET", "/v1/nominations?person=acme:ada", {}),
    "make_nomination": (
        "POST",
        "/v1/nominations",
        {"json": {"to": "acme:ada", "role": "expert", "of": "sailing", "why": "Won the regatta."}},
    ),
    "list_my_nominations": ("GET", "/v1/me/nominations", {}),
    "answer_nomination": ("PUT", f"/v1/me/nominations/{'0' * 24}", {"json": {"answer": "agree"}}),
    "list_topics": ("GET", "/v1/topics", {}),
    "suggest": ("GET", "/v1/suggest?q=ada", {}),
    "find_people": ("GET", "/v1/people?q=ada", {}),
    "read_me": ("GET", "/v1/me", {}),
    "put_person": ("PUT", "/v1/people/acme/new", {"json": {"name": "New"}}),
    "put_post": ("PUT", "/v1/posts/acme/new", {"json": {"authors": ["ada"], "text": "New"}}),
    "put_interaction": (
        "PUT",
        "/v1/interactions/acme/new",
        {"json": {"actor": "ada", "verb": "like", "object": "post-1"}},
    ),
    "delete_person": ("DELETE", "/v1/people/acme/new", {}),
    "delete_post": ("DELETE", "/v1/posts/acme/new", {}),
    "delete_interaction": ("DELETE", "/v1/interactions/acme/new", {}),
    "delete_community": ("DELETE", "/v1/communities/acme/new", {}),
    "ingest_lines": ("POST", "/v1/ingest/acme", {"content": b'{"type": "person", "id": "new"}\n', "headers": NDJSON}),
    "health": ("GET", "/healthz", {}),
    "readiness": ("GET", "/readyz", {}),
}
SCOPED = {
    "assess_expertise": "assessor",
    "make_slate": "talent",
    "read_audit": "council",
    "give_post_state": "endorser",
    "put_regulated_topic": "operator",
    "delete_regulated_topic": "operator",
    "list_vocabularies": "operator",
    "put_vocabulary": "operator",
    "delete_vocabulary": "operator",
}
"""What no key of the usual two scopes may do, nor the demonstration mode; and whose key may."""
PERSONAL = {"give_feedback", "note_my_ask", "find_people_for_me"}
"""What only a key of a person may do."""
OWN = {name for name, (_, path, _) in CALLS.items() if path.startswith(("/v1/me", "/v1/questions"))} - {
    *("read_me", "read_my_audit", "find_people_for_me", "answered_before"),
} | {"make_nomination"}
"""What a person says of themselves and sees of it: with scopes of their own, and with a key of a person alone."""
OF_A_KEY_IN_THE_ADDRESS = {"read_feed", "unsubscribe"}
"""What a key in the address opens, to whoever has it; the calls above have none that is good."""
OF_A_SIGNER = {"read_badge_keys", "read_badge_status"}
"""What there is where badges are signed."""
NOT_THERE = (
    *("/v1/questions/none", "/v1/me/subscriptions/none", "/v1/me/nominations/0"),
    "/v1/me/champion-networks/champions:none",
)
"""Addresses of what nobody has."""
WRITES = {
    *("put_person", "put_post", "put_interaction", "ingest_lines"),
    *("delete_person", "delete_post", "delete_interaction", "delete_community"),
}
NAMES = (
    "nothing",
    "garbage",
    "basic",
    "expired",
    "revoked",
    "hidden",
    "shared",
    "dana",
    "ingest",
    "assessor",
    "talent",
    "council",
    "endorser",
    "operator",
    "own",
    "admin",
)


def expected(operation: str, caller: str) -> set[int]:
    """The cell of the table: the statuses that are right."""
    good = {200, 201, 204}
    if operation in OF_A_KEY_IN_THE_ADDRESS:
        return {404}  # the key is in the address, and this one opens nothing for anybody
    if operation in OPEN:
        return good
    if caller in ("nothing", "garbage", "basic", "expired", "revoked"):
        return {401}
    if operation in PERSONAL:
        return good if caller in ("dana", "hidden") else {403}  # who is hidden is so from others
    if operation == "erase_me" and caller == "own":
        return {400}  # it was not confirmed
    if operation == "take_badge" and caller == "own":
        return {201, 400}  # with nothing to say there is none
    if caller == "own" and CALLS[operation][1].startswith(NOT_THERE):
        return {404}
    if caller == "own" and operation == "make_nomination":
        return {200, 409}  # once; after that it was asked before
    if operation in OWN:
        return good if caller == "own" else {403}
    if caller == "own":
        return {403}
    if caller == "admin":
        return good
    if operation in SCOPED:
        return good if caller == SCOPED[operation] else {403}
    if operation in WRITES:
        return good if caller == "ingest" else {403}
    if caller in SCOPED.values():
        return {403}
    return {403} if caller == "ingest" else good


@pytest.mark.parametrize("caller", NAMES)
@pytest.mark.parametrize("operation", CALLS)
def test_each_operation_answers_each_caller_as_the_table_says(
    written_app: tuple[FastAPI, Keys], operation: str, caller: str
) -> None:
    app, keys = written_app
    method, path, more = CALLS[operation]
    presented = (
        {
            "nothing": {},
            "garbage": {"Authorization": "Bearer ef_garbage_0123"},
            "basic": {"Authorization": "Basic YWRhOnNlY3JldA=="},
        }.get(caller)
        if caller in ("nothing", "garbage", "basic")
        else bearer(getattr(keys, caller))
    )
    headers = {**more.get("headers", {}), **(presented or {})}  # type: ignore[dict-item]
    response = Client(app).request(method, path, **{**more, "headers": headers})
    assert response.status_code in expected(operation, caller)
    if response.status_code == 401:
        assert_problem(response, 401, "unauthenticated")
        assert response.headers["www-authenticate"].startswith("Bearer")
    if response.status_code == 403:
        assert_problem(response, 403, "forbidden")


@pytest.fixture(scope="module")
def written_app(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, Keys]]:
    """An app that these tests write to (always the same), and its keys."""
    folder = tmp_path_factory.mktemp("access") / "home"
    shutil.copytree(written, folder)
    finder = ExpertFinder.open(folder)
    new_key(folder / "badges.json")
    signing = Signing(folder / "badges.json", "https://experts.example")
    yield (
        create_app(finder, finder.store, Options(now=two_days_later, talent_purposes=("staffing",), signing=signing)),
        make_keys(finder),
    )
    finder.close()


def every_route(routes: Iterable[object]) -> Iterator[object]:
    """All routes, those of included routers among them (newer versions of the framework keep those apart)."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from every_route(included.routes)


def operations(app: FastAPI) -> dict[str, dict[str, object]]:
    """Operations of the served contract by their id."""
    paths: dict[str, dict[str, dict[str, object]]] = app.openapi()["paths"]
    return {str(operation["operationId"]): operation for path in paths.values() for operation in path.values()}


def test_the_table_names_every_operation_and_no_other(app: FastAPI) -> None:
    assert set(operations(app)) == set(CALLS)


def test_every_operation_declares_a_scope_or_is_open_by_name(app: FastAPI) -> None:
    for name, operation in operations(app).items():
        scopes = [scope for one in operation.get("security", []) for scope in one["api_key"]]  # type: ignore[attr-defined]
        assert bool(scopes) != (name in OPEN), name
        assert set(scopes) <= set(SCOPES)


def test_nothing_outside_of_the_contract_answers_without_the_demonstration_mode(app: FastAPI) -> None:
    found = every_route(app.routes)
    hidden = {getattr(route, "path", "") for route in found if not getattr(route, "include_in_schema", False)}
    assert hidden == {"/v1/openapi.json", "/problems.md", "/metrics", "/widget/expert-finder.js", "/"}
    for path in ("/people/acme:ada", "/posts/acme:post-1", "/answer?q=kubernetes", "/static/style.css"):
        assert Client(app).get(path).status_code == 404
    assert "needs a key" in Client(app).get("/").text


def test_no_door_reads_the_store_past_the_policy() -> None:
    """The store gives facts without asking who reads; in this door only keys and the writing hold it."""
    folder = Path(str(expertfinder.http.__file__)).parent
    holders = set()
    for file in folder.rglob("*.py"):
        name = file.relative_to(folder).as_posix()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                if node.attr == "store":
                    holders.add(name)
                if ast.unparse(node.value).split(".")[-1] == "store":
                    assert name == "writing.py", f"{name}:{node.lineno} asks the store itself"
    assert holders == {"auth.py", "routes/ingest.py"}


# --- the demonstration mode ------------------------------------------------------------------------------------------


def test_the_demonstration_mode_reads_without_a_key_and_writes_with_one_only(demo_client: Client, keys: Keys) -> None:
    for name, (method, path, more) in CALLS.items():
        if name in OF_A_KEY_IN_THE_ADDRESS | OF_A_SIGNER:
            assert_problem(demo_client.request(method, path, **more), 404, "not-found")
        elif name not in WRITES | SCOPED.keys() | PERSONAL | OWN:
            assert demo_client.request(method, path, **more).status_code == 200, name
        else:
            assert_problem(demo_client.request(method, path, **more), 401, "unauthenticated")


def test_a_bad_key_is_bad_in_the_demonstration_mode_too(demo_client: Client) -> None:
    assert_problem(demo_client.get("/v1/me", headers=bearer("ef_garbage_0123")), 401, "unauthenticated")
    assert_problem(demo_client.get("/v1/me", headers={"Authorization": "Basic YWRh"}), 401, "unauthenticated")


def test_as_chooses_the_eyes_in_the_demonstration_mode_only(client: Client, demo_client: Client, keys: Keys) -> None:
    assert demo_client.get("/v1/me?as=acme:dana").json()["person"]["id"] == "acme:dana"
    assert_problem(demo_client.get("/v1/me?as=acme:nobody"), 404, "not-found")
    assert_problem(client.get("/v1/me?as=acme:dana", headers=bearer(keys.shared)), 422, "invalid-request")
    assert_problem(client.get("/v1/me?as=acme:dana"), 401, "unauthenticated")


@pytest.mark.parametrize("header", ["X-On-Behalf-Of", "X-Forwarded-User", "X-User", "Cookie"])
def test_no_bare_header_changes_the_eyes(client: Client, demo_client: Client, keys: Keys, header: str) -> None:
    for asked, headers in ((client, bearer(keys.shared)), (demo_client, {})):
        assert asked.get("/v1/me", headers={**headers, header: "as=acme:dana"}).json()["person"] is None


@pytest.mark.parametrize(
    ("host", "answers"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:8000", True),
        ("localhost:8000", True),
        ("LOCALHOST", True),
        ("[::1]:8000", True),
        ("evil.example", False),
        ("evil.example:8000", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example:80", False),
        ("192.168.0.7", False),
        ("", False),
        ("127.0.0.1:x", False),
    ],
)
def test_the_demonstration_mode_answers_to_its_own_names_only(demo_client: Client, host: str, answers: bool) -> None:
    for path in ("/", "/v1/topics", "/nothing"):
        response = demo_client.get(path, headers={"Host": host})
        if answers:
            assert response.status_code != 421
        else:
            assert_problem(response, 421, "wrong-host")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "localhost", ""])
def test_the_demonstration_mode_binds_this_machine_only(finder: ExpertFinder, host: str) -> None:
    app = create_app(finder, finder.store, Options(insecure_demo=True))
    with pytest.raises(Forbidden, match=r"127\.0\.0\.1"):
        expertfinder.http.server(app, host=host, port=0)
    assert expertfinder.http.server(app, host="127.0.0.1", port=0).config.host == "127.0.0.1"
