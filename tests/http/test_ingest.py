"""Facts coming in: the same again changes nothing, and a bad line does not hold up the others."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
import pytest
from tests.http.client import Client
from tests.http.conftest import Keys, bearer, make_keys
from tests.http.test_problems import assert_problem

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.http import create_app

NDJSON = "application/x-ndjson"


@pytest.fixture
def own_keys(own_finder: ExpertFinder) -> Keys:
    """Keys of the app that this test may write to."""
    return make_keys(own_finder)


@pytest.fixture
def own(own_finder: ExpertFinder) -> Client:
    """A client of an app that this test may write to."""
    return Client(create_app(own_finder, own_finder.store))


def lines(*records: object) -> bytes:
    """A body of lines; bytes stand for themselves."""
    return b"".join((record if isinstance(record, bytes) else orjson.dumps(record)) + b"\n" for record in records)


def ingest(client: Client, keys: Keys, body: object, *, source: str = "acme") -> dict[str, object]:
    """Send lines; the answer."""
    headers = {**bearer(keys.ingest), "Content-Type": NDJSON}
    response = client.post(f"/v1/ingest/{source}", content=body, headers=headers)
    answer: dict[str, object] = response.json()
    assert response.status_code == (207 if answer["invalid"] or answer["refused"] else 200)
    return answer


def test_put_says_added_then_unchanged_then_changed(own: Client, own_finder: ExpertFinder, own_keys: Keys) -> None:
    def put(**record: object) -> tuple[int, object]:
        response = own.put("/v1/people/acme/fay", json=record, headers=bearer(own_keys.ingest))
        return response.status_code, response.json()

    written = {"id": "acme:fay", "ignored": []}
    assert put(name="Fay") == (201, {**written, "outcome": "added"})
    number = own_finder.store.sequence()
    assert put(name="Fay") == (200, {**written, "outcome": "unchanged"})
    assert own_finder.store.sequence() == number
    assert put(name="Fay Yu", shoe_size=38) == (200, {"id": "acme:fay", "outcome": "changed", "ignored": ["shoe_size"]})


def test_an_id_may_hold_slashes_and_what_not(own: Client, own_finder: ExpertFinder, own_keys: Keys) -> None:
    path = "/v1/posts/acme/repo%2Fpull%2F7%3Fx%20y"
    response = own.put(path, json={"authors": ["ada"], "text": "x"}, headers=bearer(own_keys.ingest))
    assert response.json()["id"] == "acme:repo/pull/7?x y"
    assert own_finder.store.get("post", ["acme:repo/pull/7?x y"])


@pytest.mark.parametrize("record", [{"id": "other"}, {"source": "other"}])
def test_the_path_says_which_record_it_is(own: Client, own_keys: Keys, record: dict[str, str]) -> None:
    response = own.put("/v1/people/acme/fay", json=record, headers=bearer(own_keys.ingest))
    assert_problem(response, 422, "invalid-request")


def test_an_interaction_of_nobody_is_refused(own: Client, own_keys: Keys) -> None:
    record = {"actor": "anonymous", "verb": "view", "object": "post-1"}
    response = own.put("/v1/interactions/acme/v1", json=record, headers=bearer(own_keys.ingest))
    assert_problem(response, 422, "source-error")
    assert response.json()["field"] == "actor"


def test_what_was_erased_does_not_come_back(own: Client, own_finder: ExpertFinder, own_keys: Keys) -> None:
    own_finder.store.erase("acme:ben")
    response = own.put("/v1/people/acme/ben", json={"name": "Ben"}, headers=bearer(own_keys.ingest))
    assert_problem(response, 409, "conflict")
    told = ingest(own, own_keys, lines({"type": "person", "id": "ben"}, {"type": "person", "id": "fay"}))
    assert (told["refused"], told["added"]) == (1, 1)


def test_each_line_has_its_outcome_and_good_lines_are_written(
    own: Client, own_finder: ExpertFinder, own_keys: Keys
) -> None:
    body = lines(
        {"type": "person", "id": "fay", "name": "Fay", "shoe_size": 38},
        b"{not json",
        {"type": "person", "name": "without an id"},
        {"type": "robot", "id": "r2"},
        [],
        b"",
        {"type": "interaction", "actor": "anonymous", "verb": "view", "object": "post-1"},
        {"type": "interaction", "actor": "fay", "verb": "like", "object": "post-1"},
        {"type": "person", "id": "x", "source": "other"},
        {"type": "community", "id": "sailors", "name": "Sailors", "members": ["fay"]},
        {"type": "person", "id": "bo", "left_at": "yesterday"},
    )
    told = ingest(own, own_keys, body)
    outcomes = [(line["line"], line["status"], line["outcome"], line["field"]) for line in told["lines"]]  # type: ignore[attr-defined]
    assert outcomes == [
        (1, 201, "added", None),
        (2, 422, "invalid", None),
        (3, 422, "invalid", "id"),
        (4, 422, "invalid", "type"),
        (5, 422, "invalid", None),
        (7, 200, "unattributed", None),
        (8, 201, "added", None),
        (9, 422, "invalid", "source"),
        (10, 201, "added", None),
        (11, 422, "invalid", "left_at"),
    ]
    assert told["ignored"] == {"person.shoe_size": 1}
    assert own_finder.store.get("person", ["acme:fay"])[0].name == "Fay"


def test_the_same_lines_again_change_nothing(own: Client, own_finder: ExpertFinder, own_keys: Keys) -> None:
    like = {"type": "interaction", "actor": "ada", "verb": "like", "object": "post-1"}
    body = lines({"type": "person", "id": "fay", "name": "Fay"}, like, like)
    assert ingest(own, own_keys, body)["added"] == 3
    number = own_finder.store.sequence()
    assert ingest(own, own_keys, body)["unchanged"] == 3
    assert own_finder.store.sequence() == number


def test_lines_may_arrive_in_any_pieces(own: Client, own_keys: Keys) -> None:
    body = lines(*({"type": "person", "id": f"n{n}", "name": "Zoë"} for n in range(50)))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 7):
            yield body[start : start + 7]

    assert ingest(own, own_keys, pieces())["added"] == 50
    assert ingest(own, own_keys, body.rstrip(b"\n"))["unchanged"] == 50


def test_a_body_of_another_type_is_refused(own: Client, own_keys: Keys) -> None:
    headers = {**bearer(own_keys.ingest), "Content-Type": "text/plain"}
    assert_problem(own.post("/v1/ingest/acme", content=b"{}", headers=headers), 422, "invalid-request")


def test_a_source_that_was_never_registered_keeps_its_posts_to_their_authors(
    own: Client, own_finder: ExpertFinder, own_keys: Keys
) -> None:
    told = ingest(own, own_keys, lines({"type": "post", "id": "1", "authors": ["me"], "text": "x"}), source="new")
    assert told["added"] == 1
    audience = own_finder.store.get("post", ["new:1"])[0].audience
    assert (audience.scope, audience.people) == ("private", ("new:me",))


@pytest.mark.parametrize("source", ["Acme", "%20", "a" * 65])
def test_a_source_has_a_plain_name(own: Client, own_keys: Keys, source: str) -> None:
    response = own.put(f"/v1/people/{source}/fay", json={}, headers=bearer(own_keys.ingest))
    assert response.status_code == 422
    assert own.put("/v1/people/a:b/fay", json={}, headers=bearer(own_keys.ingest)).status_code == 405


def test_importing_somebody_hidden_does_not_show_them(own: Client, own_finder: ExpertFinder, own_keys: Keys) -> None:
    own_finder.store.hide("acme:ben")
    same = {"title": "Accountant", "org_unit": "Finance", "location": "Lagos", "name": "Ben Okafor"}
    told = own.put("/v1/people/acme/ben", json=same, headers=bearer(own_keys.ingest)).json()
    assert told["outcome"] == "added"  # as of one who was never there
    own.put("/v1/people/acme/ben", json={"name": "Ben", "hidden": False}, headers=bearer(own_keys.ingest))
    assert own_finder.store.get("person", ["acme:ben"])[0].hidden


# --- what a key may write, and what an answer tells ------------------------------------------------------------------


@pytest.mark.parametrize("path", ["people/other/fay", "posts/other/1", "interactions/other/1", "ingest/other"])
def test_a_key_writes_the_sources_that_it_names_and_no_other(own: Client, own_keys: Keys, path: str) -> None:
    headers = {**bearer(own_keys.ingest), "Content-Type": NDJSON if path.startswith("ingest") else "application/json"}
    body = {"actor": "a", "verb": "like", "object": "b"} if "interactions" in path else {}
    method = "POST" if path.startswith("ingest") else "PUT"
    refused = own.request(method, f"/v1/{path}", content=orjson.dumps(body), headers=headers)
    assert_problem(refused, 403, "forbidden")
    assert "--source other" in refused.json()["detail"]
    allowed = own.request(
        method, f"/v1/{path}", content=orjson.dumps(body), headers={**headers, **bearer(own_keys.admin)}
    )
    assert allowed.status_code in (200, 201, 207)


def test_who_is_a_member_of_a_group_is_a_right_of_its_own(
    own: Client, own_finder: ExpertFinder, own_keys: Keys
) -> None:
    def groups() -> tuple[str, ...]:
        found: tuple[str, ...] = own_finder.store.get("person", ["acme:dana"])[0].groups
        return found

    before = groups()
    assert before
    record = {"name": "Dana", "groups": ["board"]}
    assert_problem(own.put("/v1/people/acme/dana", json=record, headers=bearer(own_keys.ingest)), 403, "forbidden")
    told = ingest(own, own_keys, lines({"type": "person", "id": "dana", **record}))
    assert [(line["status"], line["outcome"]) for line in told["lines"]] == [(403, "invalid")]  # type: ignore[attr-defined]
    assert groups() == before
    assert own.put("/v1/people/acme/dana", json={"name": "D."}, headers=bearer(own_keys.ingest)).status_code == 200
    assert groups() == before
    _, key = issue_key(own_finder.store, scopes=["ingest:write:acme", "groups:write"])
    assert own.put("/v1/people/acme/dana", json=record, headers=bearer(key)).status_code == 200
    assert groups() == ("acme:board",)


def test_a_right_guess_at_what_a_key_may_not_read_is_answered_like_a_wrong_one(
    own: Client, own_finder: ExpertFinder, own_keys: Keys
) -> None:
    """Whole records, and the parts of a record that nobody is shown."""
    records = [
        ("people/acme/ghost", {"name": "Ghost", "hidden": True}, {"name": "Guest", "hidden": True}),
        ("people/acme/ben2", {"name": "B", "email": "b@x.example"}, {"name": "B", "email": "c@x.example"}),
        ("posts/acme/s1", {"authors": ["ada"], "text": "secret", "audience": "private"}, {"text": "guess"}),
        ("posts/acme/s2", {"authors": ["ghost"], "text": "open"}, {"authors": ["nobody"], "text": "open"}),
        (
            "interactions/acme/i1",
            {"actor": "ghost", "verb": "like", "object": "s2"},
            {"actor": "ada", "verb": "like", "object": "s1"},
        ),
    ]
    for path, right, wrong in records:
        own.put(f"/v1/{path}", json=right, headers=bearer(own_keys.ingest))
        outcomes = []
        for guess in (right, wrong):
            answer = own.put(f"/v1/{path}", json=guess, headers=bearer(own_keys.ingest))
            outcomes.append((answer.status_code, answer.json()))
            own.put(f"/v1/{path}", json=right, headers=bearer(own_keys.ingest))
        assert outcomes[0] == outcomes[1], path


# --- taking back -----------------------------------------------------------------------------------------------------


def test_what_a_source_takes_back_is_gone_and_the_same_lines_do_not_bring_it_back(
    own: Client, own_finder: ExpertFinder, own_keys: Keys
) -> None:
    records = {
        "people/acme/fay": ("person", {"name": "Fay", "audience": "organisation"}),
        "posts/acme/f1": ("post", {"authors": ["fay"], "text": "xylophone", "audience": "organisation"}),
        "interactions/acme/f2": ("interaction", {"actor": "fay", "verb": "review", "object": "post-1"}),
        "communities/acme/f3": ("community", {"name": "Xylophones", "audience": "organisation"}),
    }
    typed = [{"type": kind, "id": path.rpartition("/")[2], **body} for path, (kind, body) in records.items()]
    ingest(own, own_keys, lines(*typed))
    for path in records:
        assert own.delete(f"/v1/{path}", headers=bearer(own_keys.ingest)).status_code == 204
    for kind, name in (("person", "fay"), ("post", "f1"), ("interaction", "f2"), ("community", "f3")):
        assert own_finder.store.get(kind, [f"acme:{name}"]) == []  # type: ignore[call-overload]
    told = ingest_any(own, own_keys, lines(*typed))
    # Of the interaction the key may read nothing, since its audience is its actor alone: it is told what it would be
    # told of one that never was.
    assert [(line["status"], line["outcome"]) for line in told["lines"]] == [  # type: ignore[attr-defined]
        (409, "withdrawn"),
        (409, "withdrawn"),
        (201, "added"),
        (409, "withdrawn"),
    ]
    assert own_finder.store.get("person", ["acme:fay"]) == []
    changed = [{**typed[0], "name": "Fay Yu"}, typed[1]]
    assert ingest_any(own, own_keys, lines(*changed))["added"] == 1, "what a source says anew comes in"
    put = own.put("/v1/posts/acme/f1", json=records["posts/acme/f1"][1], headers=bearer(own_keys.ingest))
    assert put.json()["outcome"] == "added", "and so does what is put by its id"
    assert ingest_any(own, own_keys, lines(typed[1]))["unchanged"] == 1


def ingest_any(client: Client, keys: Keys, body: object) -> dict[str, object]:
    """Send lines, whatever becomes of them; the answer."""
    headers = {**bearer(keys.ingest), "Content-Type": NDJSON}
    answer: dict[str, object] = client.post("/v1/ingest/acme", content=body, headers=headers).json()
    return answer


@pytest.mark.parametrize("path", ["people/acme/ben", "posts/acme/post-1", "interactions/acme/i", "communities/acme/c"])
def test_taking_back_is_answered_alike_whether_it_was_there_or_may_be_read_or_not(
    own: Client, own_finder: ExpertFinder, own_keys: Keys, path: str
) -> None:
    hidden = {"authors": ["ben"], "text": "secret", "audience": {"groups": ["legal"]}}
    own.put("/v1/posts/acme/secret", json=hidden, headers=bearer(own_keys.ingest))
    answers = [
        own.delete(f"/v1/{one}", headers=bearer(own_keys.ingest))
        for one in (path, path, f"{path}-never", "posts/acme/secret")
    ]
    assert {answer.status_code for answer in answers} == {204}
    assert {answer.content for answer in answers} == {b""}
    assert own_finder.store.get("post", ["acme:secret"]) == []


@pytest.mark.parametrize("kind", ["people", "posts", "interactions", "communities"])
def test_a_key_takes_back_of_the_sources_that_it_names_and_of_no_other(own: Client, own_keys: Keys, kind: str) -> None:
    assert_problem(own.delete(f"/v1/{kind}/other/1", headers=bearer(own_keys.ingest)), 403, "forbidden")
    assert own.delete(f"/v1/{kind}/other/1", headers=bearer(own_keys.admin)).status_code == 204
    assert_problem(own.delete(f"/v1/{kind}/detected/1", headers=bearer(own_keys.admin)), 403, "forbidden")


def test_lines_of_activity_streams_take_records_back(own: Client, own_finder: ExpertFinder, own_keys: Keys) -> None:
    like = {"type": "interaction", "actor": "ada", "verb": "like", "object": "post-1"}
    body = lines({"type": "person", "id": "fay"}, {"type": "post", "id": "f1", "text": "x"}, like, {**like, "id": "l2"})
    ingest(own, own_keys, body)
    before = own_finder.store.count("interaction")
    told = ingest(
        own,
        own_keys,
        lines(
            {"type": "Tombstone", "id": "fay", "formerType": "Person", "deleted": "2026-01-01"},
            {"type": "Delete", "actor": "ada", "object": "f1"},
            {"type": "Undo", "object": {"type": "Like", "actor": "ada", "object": "post-1"}},
            {"type": "Undo", "object": "l2"},
            {"type": "Delete", "object": {"type": "Tombstone", "id": "never"}},
        ),
    )
    assert (told["withdrawn"], own_finder.store.count("interaction")) == (5, before - 2)
    assert own_finder.store.get("person", ["acme:fay"]) == own_finder.store.get("post", ["acme:f1"]) == []
    wrong = ingest(own, own_keys, lines({"type": "Delete"}, {"type": "Delete", "object": {"type": "Robot", "id": "1"}}))
    assert [line["field"] for line in wrong["lines"]] == ["object", "formerType"]  # type: ignore[attr-defined]


def test_of_a_line_and_one_that_takes_it_back_the_later_counts(
    own: Client, own_finder: ExpertFinder, own_keys: Keys
) -> None:
    post, back = {"type": "post", "id": "f1", "text": "x"}, {"type": "Delete", "object": "f1"}
    ingest(own, own_keys, lines(back, post))
    assert own_finder.store.get("post", ["acme:f1"])
    ingest(own, own_keys, lines(post, back))
    assert not own_finder.store.get("post", ["acme:f1"])
