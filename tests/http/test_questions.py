"""Questions put to people and to communities: whom they reach, what becomes of them, and who is told what."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.http.client import Client
from tests.http.conftest import CANARY, two_days_later
from tests.http.signing import KNOWN, Desk, signed_app
from tests.http.test_my_page import has_no_barrier
from tests.http.test_problems import assert_problem
from tests.http.test_wishes import client_of, key_of

from expertfinder.ask.finder import ExpertFinder
from expertfinder.http import Options, create_app
from expertfinder.store import Ask, PutQuestion, Routed

TEXT = "how do I drain the nodes of a kubernetes ingress"
Json = dict[str, Any]
Headers = dict[str, str]


@pytest.fixture
def asking(own_finder: ExpertFinder) -> tuple[Client, dict[str, Headers]]:
    """A client, and keys of everybody."""
    return client_of(own_finder), {
        who: key_of(own_finder, f"acme:{who}") for who in ("ada", "ben", "cleo", "dana", "finn")
    }


def put(client: Client, key: Headers, **more: object) -> Json:
    """A question that was put."""
    answer = client.post("/v1/questions", json={"text": TEXT, "agreed": True, **more}, headers=key)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def listed(client: Client, key: Headers, which: str, **more: str) -> list[Json]:
    """The questions of a list."""
    answer = client.get("/v1/questions", params={"which": which, **more}, headers=key)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["questions"]
    return found


def ids(people: list[Json]) -> list[str]:
    """The ids of people."""
    return [one["id"] for one in people]


def test_a_question_reaches_those_who_are_found_and_one_of_them_takes_it_on(
    asking: tuple[Client, dict[str, Headers]],
) -> None:
    client, key = asking
    made = put(client, key["ben"])
    assert made["mine"]
    reached = {one["subject"]["id"]: one["went"] for one in made["routed"]}
    assert reached["acme:ada"] == "asked"
    assert "acme:ben" not in reached
    (inbox,) = listed(client, key["ada"], "reached")
    assert (inbox["id"], inbox["went"], inbox["asker"]["id"], inbox["routed"]) == (made["id"], "asked", "acme:ben", [])
    claimed = client.post(f"/v1/questions/{made['id']}/claim", headers=key["ada"]).json()
    assert ids(claimed["claimed_by"]) == ["acme:ada"]
    assert ids(listed(client, key["ben"], "mine")[0]["claimed_by"]) == ["acme:ada"]
    if "acme:finn" in reached:
        assert_problem(client.post(f"/v1/questions/{made['id']}/claim", headers=key["finn"]), 409, "conflict")
    done = client.post(f"/v1/questions/{made['id']}/answer", json={"post": "acme:post-1"}, headers=key["ada"]).json()
    assert (done["answered"], done["answer"]) == (True, "acme:post-1")
    assert listed(client, key["ben"], "open") == []
    assert_problem(client.post(f"/v1/questions/{made['id']}/claim", headers=key["ada"]), 409, "conflict")
    worth = {"saved": "hours", "afterwards": "decided"}
    at = f"/v1/questions/{made['id']}/answer"
    assert_problem(client.post(at, json=worth, headers=key["ada"]), 403, "forbidden")
    said = client.post(at, json=worth, headers=key["ben"]).json()
    assert (said["answer"], said["saved"], said["afterwards"]) == ("acme:post-1", "hours", "decided")
    told = client.get(f"/v1/questions/{made['id']}", headers=key["ada"]).json()
    assert (told["saved"], told["afterwards"]) == ("", ""), "what it was worth is told to who asked alone"
    before = client.get("/v1/questions/before", params={"q": TEXT}, headers=key["ben"]).json()
    assert ids(before["questions"]) == [made["id"]]
    assert before["posts"][0]["post"].startswith("acme:post-")
    assert client.get("/v1/questions/before", params={"q": TEXT}, headers=key["cleo"]).json()["questions"] == []


def test_who_declines_leaves_it_to_the_next_and_is_not_asked_again(asking: tuple[Client, dict[str, Headers]]) -> None:
    client, key = asking
    made = put(client, key["ben"], to=["acme:finn"])
    left = client.post(f"/v1/questions/{made['id']}/decline", headers=key["finn"])
    assert (left.status_code, left.json()) == (200, {"questions": []})
    routed = {one["subject"]["id"]: one["went"] for one in listed(client, key["ben"], "mine")[0]["routed"]}
    assert routed == {"acme:finn": "declined", "acme:ada": "asked"}
    assert listed(client, key["finn"], "reached") == []
    assert_problem(client.get(f"/v1/questions/{made['id']}", headers=key["finn"]), 404, "not-found")
    assert listed(client, key["ada"], "reached")[0]["id"] == made["id"]


def test_nobody_but_the_asker_is_told_who_put_an_anonymous_question(
    asking: tuple[Client, dict[str, Headers]], own_finder: ExpertFinder
) -> None:
    client, key = asking
    for more in ({}, {"community": "acme:guild:cluster"}):
        made = put(client, key["ben"], anonymous=True, **more)
        assert made["asker"]["id"] == "acme:ben"
        if not more:
            client.post(f"/v1/questions/{made['id']}/claim", headers=key["ada"])
        for who in ("ada", "dana", "finn"):
            for path in ("/v1/questions?which=open", "/v1/questions?which=reached", "/v1/me/export", "/v1/me/held"):
                told = client.get(path, headers=key[who]).text
                lines = [line for line in told.splitlines() if "ben" in line and made["id"] in line]
                assert lines == [], (who, path)
            for one in (*listed(client, key[who], "open"), *listed(client, key[who], "reached")):
                assert one["asker"] is None
    assert '"text":"how do I drain' in client.get("/v1/me/export", headers=key["ada"]).text, "the question is theirs"


def test_a_question_to_a_community_is_seen_by_its_readers_alone(asking: tuple[Client, dict[str, Headers]]) -> None:
    client, key = asking
    assert_problem(
        client.post("/v1/questions", json={"text": TEXT, "community": "acme:deal", "agreed": True}, headers=key["ben"]),
        404,
        "not-found",
    )
    made = put(client, key["cleo"], text=f"who knows the {CANARY} clause", community="acme:deal")
    assert made["routed"] == []
    assert ids(listed(client, key["dana"], "open", community="acme:deal")) == [made["id"]]
    for who in ("ada", "ben", "finn"):
        for which in ("mine", "reached", "open"):
            assert listed(client, key[who], which) == []
        for path in (made["id"], f"{made['id']}/claim", f"{made['id']}/decline"):
            call = client.get if path == made["id"] else client.post
            assert_problem(call(f"/v1/questions/{path}", headers=key[who]), 404, "not-found")
        assert CANARY not in client.get("/v1/questions/before?q=clause", headers=key[who]).text
    assert client.post(f"/v1/questions/{made['id']}/claim", headers=key["dana"]).status_code == 200


def test_an_answer_that_one_may_not_read_is_not_named(asking: tuple[Client, dict[str, Headers]]) -> None:
    client, key = asking
    made = put(client, key["dana"], community="acme:guild:cluster")
    body = {"post": "acme:post-26"}
    assert client.post(f"/v1/questions/{made['id']}/answer", json=body, headers=key["dana"]).status_code == 200
    assert client.get(f"/v1/questions/{made['id']}", headers=key["cleo"]).json()["answer"] == "acme:post-26"
    seen = client.get(f"/v1/questions/{made['id']}", headers=key["ben"]).json()
    assert (seen["answered"], seen["answer"]) == (True, "")
    assert_problem(client.post(f"/v1/questions/{made['id']}/answer", json={}, headers=key["ben"]), 403, "forbidden")


def test_whom_a_question_reached_was_asked_and_is_passed_over_as_they_wish(
    asking: tuple[Client, dict[str, Headers]],
) -> None:
    client, key = asking
    client.put("/v1/me/availability", json={"per_week": 1}, headers=key["ada"])
    put(client, key["ben"], to=["acme:ada"])
    found = client.get("/v1/experts?q=kubernetes", headers=key["dana"]).json()
    assert "acme:ada" not in [one["subject"]["id"] for one in found["recommendations"]]
    second = put(client, key["dana"])
    assert "acme:ada" not in [one["subject"]["id"] for one in second["routed"]]


def test_a_question_that_is_taken_back_leaves_nothing(
    asking: tuple[Client, dict[str, Headers]], own_finder: ExpertFinder
) -> None:
    client, key = asking
    made = put(client, key["ben"])
    assert_problem(client.request("DELETE", f"/v1/questions/{made['id']}", headers=key["ada"]), 403, "forbidden")
    assert client.request("DELETE", f"/v1/questions/{made['id']}", headers=key["ben"]).status_code == 204
    assert own_finder.store.statements(PutQuestion) == []
    assert own_finder.store.statements(Routed) == []
    assert_problem(client.get(f"/v1/questions/{made['id']}", headers=key["ben"]), 404, "not-found")


def test_who_is_erased_takes_their_questions_along(
    asking: tuple[Client, dict[str, Headers]], own_finder: ExpertFinder
) -> None:
    client, key = asking
    put(client, key["ben"], to=["acme:ada", "acme:finn"])
    put(client, key["finn"], to=["acme:ada"])
    own_finder.store.erase("acme:finn")
    assert {(one.person, one.subject) for one in own_finder.store.statements(Routed)} == {("acme:ben", "acme:ada")}
    assert [one.person for one in own_finder.store.statements(PutQuestion)] == ["acme:ben"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": " "}, 400),
        ({"text": TEXT, "to": ["acme:ben"]}, 400),
        ({"text": TEXT, "to": ["acme:hana"]}, 404),
        ({"text": TEXT, "to": ["acme:ada"], "community": "acme:guild:cluster"}, 400),
        ({"text": TEXT, "agreed": False}, 422),
    ],
)
def test_odd_questions_are_refused(asking: tuple[Client, dict[str, Headers]], body: Json, status: int) -> None:
    client, key = asking
    answer = client.post("/v1/questions", json={"agreed": True, **body}, headers=key["ben"])
    assert answer.status_code == status, answer.text
    assert listed(client, key["ben"], "mine") == []


def test_a_key_of_nobody_puts_no_question_and_the_demo_is_for_looking(own_finder: ExpertFinder) -> None:
    client = client_of(own_finder)
    assert_problem(
        client.post("/v1/questions", json={"text": TEXT, "agreed": True}, headers=key_of(own_finder, None)),
        403,
        "forbidden",
    )
    demo = Client(
        create_app(own_finder, own_finder.store, Options(now=two_days_later, insecure_demo=True)),
        base_url="http://127.0.0.1",
    )
    assert demo.get("/v1/questions").status_code == 401
    assert demo.get("/v1/questions/before?q=kubernetes").status_code == 200


# --- the page --------------------------------------------------------------------------------------------------------


def at_their_desks(finder: ExpertFinder) -> tuple[Desk, Desk]:
    """Ada and Ben, each at a desk."""
    finder.store.apply(KNOWN)
    finder.refresh()
    app = signed_app(finder)
    return Desk(app).signed_in_as("ada"), Desk(app).signed_in_as("ben")


def test_a_question_is_put_taken_on_and_answered_from_the_page_without_a_script(own_finder: ExpertFinder) -> None:
    ada, ben = at_their_desks(own_finder)

    def send(desk: Desk, path: str, **fields: str) -> None:
        answer = desk.post(path, fields, of="/questions")
        assert (answer.status_code, answer.headers["location"]) == (303, "/questions"), answer.text

    page = ben.get(f"/questions?q={TEXT.replace(' ', '+')}&to=acme:ada").text
    assert "Answered before?" in page
    assert "Kubernetes ingress, part" in page
    send(ben, "/questions", text=TEXT, to="acme:ada", anonymous="1")
    assert "from you, anonymously" in ben.get("/questions").text
    (made,) = own_finder.store.statements(PutQuestion)
    inbox = ada.get("/me").text
    assert TEXT in inbox
    assert "Ben Okafor" not in inbox
    send(ada, "/questions/claim", question=made.question)
    assert "has taken it on" in ben.get("/questions").text
    send(ada, "/questions/answer", question=made.question, post="acme:post-2")
    assert "answered by" in ben.get("/questions").text
    send(ben, "/questions/answer", question=made.question, saved="minutes", afterwards="learned")
    (said,) = own_finder.store.statements(PutQuestion)
    assert (said.saved, said.afterwards, said.answer) == ("minutes", "learned", "acme:post-2")
    send(ben, "/questions/withdraw", question=made.question)
    assert own_finder.store.statements(PutQuestion) == []
    send(ben, "/questions/ask", text=TEXT, to="acme:ada")
    assert [one.subject for one in own_finder.store.statements(Ask)] == ["acme:ada"]
    send(ben, "/questions", text=TEXT, community="acme:guild:cluster")
    assert TEXT in ada.get("/communities/acme:guild:cluster").text
    for path, fields in (
        ("/questions", {"text": ""}),
        ("/questions/nothing", {}),
        ("/questions/claim", {"question": "x"}),
    ):
        assert ben.post(path, fields, of="/questions").status_code in (400, 404)


def test_the_demo_shows_questions_and_takes_none(own_finder: ExpertFinder) -> None:
    client = Client(create_app(own_finder, own_finder.store, Options(insecure_demo=True)), base_url="http://127.0.0.1")
    page = client.get(f"/questions?q={TEXT.replace(' ', '+')}&as=acme:ben").text
    assert "Answered before?" in page
    assert 'method="post"' not in page
    for asked in ("", "&q=x"):  # before a word is written, the page says whom it is for, as far as one may know
        hidden = client.get(f"/questions?to=acme:hana&community=acme:deal&as=acme:ben{asked}")
        assert hidden.status_code == 200
        assert "<p>For " not in hidden.text
        page = client.get(f"/questions?to=acme:ada&community=acme:guild:cluster{asked}").text
        for_whom = re.findall(r'<p>For <a dir="auto" href="([^"]+)">', page)
        assert for_whom == ["/people/acme:ada", "/communities/acme:guild:cluster"]
    assert client.post("/questions", content="text=x").status_code == 401


@pytest.mark.needs_browser
def test_the_page_of_questions_has_no_barrier_in_any_width_and_scheme(
    own_finder: ExpertFinder, browser_path: str
) -> None:
    ada, ben = at_their_desks(own_finder)
    ben.post("/questions", {"text": TEXT, "to": "acme:ada"}, of="/questions")
    ben.post("/questions", {"text": TEXT, "community": "acme:guild:cluster"}, of="/questions")
    ada.post("/questions", {"text": "who books invoices"}, of="/questions")
    html = re.sub(r"<(link|script)[^>]*>(</script>)?", "", ada.get(f"/questions?q={TEXT.replace(' ', '+')}").text)
    has_no_barrier(html, browser_path)
