"""Endorsed content over HTTP and on the pages: states, regulated topics, nominations that the person agreed to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.http.client import Client
from tests.http.conftest import NOW, bearer, two_days_later
from tests.http.signing import KNOWN, Desk, sign_in, signed_app
from tests.http.test_problems import assert_problem

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.ask.oneself.nominations import id_of
from expertfinder.http import Options, create_app
from expertfinder.store import Nomination, PostState, Regulated

GUILD = "acme:guild:cluster"
NOTE = "/v1/posts/acme:post-{}/states"


class Caller:
    """Somebody with a key for most things."""

    def __init__(self, finder: ExpertFinder, who: str | None, *more: str) -> None:
        self.client = Client(create_app(finder, finder.store, Options(now=two_days_later)))
        finder.now = lambda: NOW
        scopes = ["people:read", "experts:read", "experts:assess", *more, *(["me:read", "me:write"] if who else [])]
        self.headers = bearer(issue_key(finder.store, scopes=scopes, person=f"acme:{who}" if who else None)[1])

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """The answer to a request of theirs."""
        return self.client.request(method, path, headers=self.headers, **more)

    def found(self, text: str = "kubernetes ingress") -> dict[str, Any]:
        """What is answered to a question."""
        answer: dict[str, Any] = self.ask("GET", "/v1/experts", params={"q": text}).json()
        return answer

    def names(self, text: str = "kubernetes ingress") -> list[str]:
        """Whom the answer names."""
        return [one["subject"]["id"] for one in self.found(text)["recommendations"]]

    def nominate(self, to: str, role: str, of: str, why: str = "Taught us all.") -> Any:
        """A nomination."""
        return self.ask("POST", "/v1/nominations", json={"to": f"acme:{to}", "role": role, "of": of, "why": why})


def test_on_a_regulated_topic_only_endorsed_posts_count_and_the_answer_says_so(own_finder: ExpertFinder) -> None:
    board, ben = Caller(own_finder, "dana", "content:endorse", "operator"), Caller(own_finder, "ben")
    before = ben.found()
    assert before["recommendations"][0]["subject"]["id"] == "acme:ada"
    elsewhere = ben.found("invoices ledger")
    assert board.ask("PUT", "/v1/regulated-topics/kubernetes", json={}).status_code == 200
    nothing = ben.found()
    assert not nothing["recommendations"]
    assert "regulated" in nothing["abstained"]
    assert nothing["version"] != before["version"]
    other = ben.found("invoices ledger")
    assert {**other, "version": ""} == {**elsewhere, "version": ""}, "other topics are as they were"
    for number in (36, 37):
        said = board.ask("POST", NOTE.format(number), json={"state": "endorsed", "until": "2026-07-01"})
        assert (said.status_code, said.json()["stands"]) == (200, "endorsed"), said.text
    assert ben.names("kubernetes nodes drain") == ["acme:finn"], "twelve posts of Ada's that nobody endorsed are none"
    cited = ben.found("kubernetes nodes drain")["recommendations"][0]["reasons"]
    assert {one["post"] for reason in cited for one in reason["citations"]} <= {"acme:post-36", "acme:post-37"}
    own_finder.now = lambda: NOW + timedelta(days=30)  # the first of July
    assert ben.names("kubernetes nodes drain") == [], "an endorsement that has expired is none"
    assert ben.ask("GET", NOTE.format(36)).json()["stands"] == "expired"
    assert [board.ask("DELETE", "/v1/regulated-topics/Kubernetes").status_code for _ in range(2)] == [204, 204]
    assert board.ask("GET", "/v1/regulated-topics").json() == {"topics": []}
    assert {**ben.found(), "version": ""} == {**before, "version": ""}


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("GET", "/v1/experts", {"params": {"q": "kubernetes ingress"}}),
        ("GET", "/v1/experts", {"params": {"q": "kubernetes ingress and invoices ledger"}}),
        ("GET", "/v1/people/acme:finn/explanation", {"params": {"q": "kubernetes nodes"}}),
        ("POST", "/v1/people/acme:ada/expertise:assess", {"json": {"text": "kubernetes ingress"}}),
        ("GET", "/v1/communities", {"params": {"q": "kubernetes"}}),
        ("GET", "/v1/champions", {"params": {"topic": "kubernetes"}}),
        ("POST", "/v1/teams:search", {"json": {"skills": ["kubernetes", "invoices"]}}),
    ],
)
def test_what_is_endorsed_is_read_once_a_question(
    own_finder: ExpertFinder, monkeypatch: pytest.MonkeyPatch, method: str, path: str, asked: dict[str, Any]
) -> None:
    board, ben = Caller(own_finder, "dana", "content:endorse", "operator"), Caller(own_finder, "ben")
    board.ask("PUT", "/v1/regulated-topics/kubernetes", json={})
    board.ask("POST", NOTE.format(36), json={"state": "endorsed"})
    ben.ask(method, path, **asked)
    read: list[str] = []
    statements = own_finder.store.statements

    def counted(kind: Any, **more: Any) -> Any:
        read.append(kind.KIND)
        return statements(kind, **more)

    monkeypatch.setattr(own_finder.store, "statements", counted)
    assert ben.ask(method, path, **asked).status_code == 200
    assert {kind: read.count(kind) for kind in (PostState.KIND, Regulated.KIND)} == {
        PostState.KIND: 1,
        Regulated.KIND: 1,
    }


def test_an_endorsement_moves_no_answer_on_a_topic_that_is_not_regulated(own_finder: ExpertFinder) -> None:
    board, ben = Caller(own_finder, "dana", "content:endorse"), Caller(own_finder, "ben")
    before = ben.ask("GET", "/v1/experts", params={"q": "kubernetes ingress"}).content
    board.ask("POST", NOTE.format(36), json={"state": "endorsed"})
    assert ben.ask("GET", "/v1/experts", params={"q": "kubernetes ingress"}).content == before


def test_a_regulated_topic_is_known_in_the_plural(own_finder: ExpertFinder) -> None:
    board, ben = Caller(own_finder, "dana", "content:endorse", "operator"), Caller(own_finder, "ben")
    assert ben.names("kubernetes ingress")
    board.ask("PUT", "/v1/regulated-topics/ingresses", json={"why": "Only what the board has checked."})
    assert ben.names("kubernetes ingress") == []


def test_the_assessment_and_the_communities_of_a_regulated_topic_count_endorsed_posts_alone(
    own_finder: ExpertFinder,
) -> None:
    board, ben = Caller(own_finder, "dana", "content:endorse", "operator"), Caller(own_finder, "ben")
    asked = {"method": "POST", "path": "/v1/people/acme:ada/expertise:assess", "json": {"text": "kubernetes ingress"}}
    before = ben.ask(**asked).json()
    board.ask("PUT", "/v1/regulated-topics/kubernetes", json={"why": "Only what the board has checked."})
    after = ben.ask(**asked).json()
    assert before["posts"] > 0 == after["posts"]
    assert "regulated" in after["notes"][0]
    communities = ben.ask("GET", "/v1/communities", params={"q": "kubernetes"}).json()
    assert communities["abstained"] or not communities["communities"], communities


def test_states_are_kept_with_who_and_when_and_the_latest_holds(own_finder: ExpertFinder) -> None:
    board, ben, ada = (
        Caller(own_finder, "dana", "content:endorse"),
        Caller(own_finder, "ben"),
        Caller(own_finder, "ada", "content:endorse"),
    )
    assert_problem(ben.ask("POST", NOTE.format(1), json={"state": "endorsed"}), 403, "forbidden")
    assert ada.ask("POST", NOTE.format(1), json={"state": "endorsed"}).status_code == 403, "nobody endorses their own"
    assert ada.ask("POST", NOTE.format(1), json={"state": "draft"}).status_code == 200
    for hour, state in enumerate(("reviewed", "endorsed", "withdrawn"), 1):
        own_finder.now = lambda hour=hour: NOW + timedelta(hours=hour)
        said = board.ask("POST", NOTE.format(1), json={"state": state, "why": f"{state} by the board"})
    assert [(one["state"], one["by"]) for one in said.json()["states"]] == [
        *((state, "acme:dana") for state in ("withdrawn", "endorsed", "reviewed")),
        ("draft", "acme:ada"),
    ]
    assert said.json()["stands"] == "withdrawn"
    assert said.json()["states"][0]["at"].startswith("2026-06-01")
    for wrong in (
        {"state": "holy"},
        {"state": "endorsed", "until": "2020-01-01"},
        {"state": "draft", "until": None, "x": 1},
    ):
        assert board.ask("POST", NOTE.format(1), json=wrong).status_code in (400, 422)
    assert board.ask("POST", NOTE.format(999), json={"state": "endorsed"}).status_code == 404


def test_a_state_of_a_restricted_post_or_by_somebody_hidden_is_nothing_to_others(own_finder: ExpertFinder) -> None:
    board, cleo, ben = (
        Caller(own_finder, "ben", "operator"),
        Caller(own_finder, "ivo", "content:endorse"),
        Caller(own_finder, "ben"),
    )
    board.ask("PUT", "/v1/regulated-topics/merger", json={})
    board.ask("PUT", "/v1/regulated-topics/kubernetes", json={})
    before = [ben.found(text) for text in ("kubernetes nodes drain", "merger contract")]
    own_finder.store.state(state_of("acme:post-27", by=""))
    own_finder.store.state(state_of("acme:post-36", by="acme:ivo"))  # only the legal group may find Ivo
    own_finder.store.state(state_of("acme:post-37", by="acme:hana"))
    assert [ben.found(text) for text in ("kubernetes nodes drain", "merger contract")] == before
    assert ben.ask("GET", NOTE.format(36)).json() == {"stands": "", "states": []}
    assert ben.ask("GET", NOTE.format(27)).status_code == 404
    assert own_finder.endorsing.endorsed(own_finder.view(own_finder.viewer("acme:dana")), NOW.date()) == {
        "acme:post-27",
        "acme:post-36",
    }
    assert cleo.found("kubernetes nodes drain")["recommendations"], "who may find Ivo goes by his word"


def state_of(post: str, *, by: str) -> PostState:
    """That a post is endorsed."""
    return PostState(post=post, entry=f"{post} {by}", state="endorsed", until="", by=by, why="", at=NOW)


# --- nominations -----------------------------------------------------------------------------------------------------


def test_nobody_sees_a_nomination_before_the_person_agrees_and_it_goes_when_they_say_no(
    own_finder: ExpertFinder,
) -> None:
    ben, ada, dana = (Caller(own_finder, who) for who in ("ben", "ada", "dana"))
    listed = {"method": "GET", "path": "/v1/nominations", "params": {"of": GUILD}}
    nothing = dana.ask(**listed).content
    made = ben.nominate("ada", "champion", GUILD)
    assert made.status_code == 200, made.text
    assert dana.ask(**listed).content == nothing
    (mine,) = ada.ask("GET", "/v1/me/nominations").json()["of_me"]
    assert (mine["by"], mine["why"], mine["stands"]) == ("acme:ben", "Taught us all.", "asked")
    here = f"/v1/me/nominations/{mine['id']}"
    assert dana.ask("PUT", here, json={"answer": "agree"}).status_code == 404, "nobody else answers it"
    assert ben.ask("PUT", here, json={"answer": "agree"}).status_code == 404
    assert ada.ask("PUT", here, json={"answer": "agree"}).json()["stands"] == "agreed"
    (shown,) = dana.ask(**listed).json()["nominations"]
    assert (shown["person"], shown["by"], shown["role"]) == ("acme:ada", "acme:ben", "champion")
    assert ada.ask("PUT", here, json={"answer": "decline"}).json()["stands"] == "declined"
    assert dana.ask(**listed).content == nothing
    again = ben.nominate("ada", "champion", GUILD)
    assert again.status_code == 409
    assert "said no" in again.json()["detail"]


def test_a_colleague_is_endorsed_for_a_topic_and_it_moves_no_score(own_finder: ExpertFinder) -> None:
    ben, finn, dana = (Caller(own_finder, who) for who in ("ben", "finn", "dana"))
    before = dana.ask("GET", "/v1/experts", params={"q": "kubernetes"}).content
    made = ben.nominate("finn", "expert", "Kubernetes").json()
    finn.ask("PUT", f"/v1/me/nominations/{made['id']}", json={"answer": "agree"})
    (shown,) = dana.ask("GET", "/v1/nominations", params={"of": "kubernetes"}).json()["nominations"]
    assert (shown["of"], shown["person"]) == ("Kubernetes", "acme:finn")
    assert dana.ask("GET", "/v1/nominations", params={"person": "acme:finn"}).json()["nominations"] == [shown]
    assert dana.ask("GET", "/v1/experts", params={"q": "kubernetes"}).content == before
    finn.ask("PUT", "/v1/me/topics/kubernetes", json={"says": "keep", "listed": "never"})
    assert dana.ask("GET", "/v1/nominations", params={"person": "acme:finn"}).json()["nominations"] == []
    ben.ask("PUT", f"/v1/me/nominations/{made['id']}", json={"answer": "withdraw"})
    assert finn.ask("GET", "/v1/me/nominations").json()["of_me"] == []


def test_there_are_five_a_day_and_none_of_oneself_of_nobody_or_of_a_hidden_one(own_finder: ExpertFinder) -> None:
    ben = Caller(own_finder, "ben")
    assert ben.nominate("ben", "expert", "ledgers").status_code == 400
    assert ben.nominate("hana", "expert", "ledgers").status_code == 404
    assert ben.nominate("ada", "champion", "acme:deal-room").status_code == 404
    assert ben.nominate("ada", "expert", "", why="x").status_code in (400, 422)
    assert ben.nominate("ada", "expert", "ledgers", why=" ").status_code == 400
    assert [ben.nominate("ada", "expert", f"topic {word}").status_code for word in "abcde"] == [200] * 5
    limited = ben.nominate("ada", "expert", "one more")
    assert limited.status_code == 429
    assert int(limited.headers["retry-after"]) > 0
    own_finder.now = lambda: NOW + timedelta(days=3)
    assert ben.nominate("ada", "expert", "one more").status_code == 200


def test_who_is_restricted_hidden_or_gone_is_in_no_nomination(own_finder: ExpertFinder) -> None:
    ben, ada = Caller(own_finder, "ben"), Caller(own_finder, "ada")
    made = ben.nominate("ada", "sponsor", GUILD).json()
    ada.ask("PUT", f"/v1/me/nominations/{made['id']}", json={"answer": "agree"})
    asked = {"method": "GET", "path": "/v1/nominations", "params": {"of": GUILD}}
    dana = Caller(own_finder, "dana")
    assert dana.ask(**asked).json()["nominations"]
    ben.ask("PUT", "/v1/me/visibility", json={"seen_by": "nobody"})
    assert dana.ask(**asked).json()["nominations"] == [], "who nominated is hidden now"
    assert ada.ask("GET", "/v1/me/nominations").json()["of_me"] == []
    own_finder.store.erase("acme:ada")
    assert own_finder.store.statements(Nomination) == []


def test_what_is_nominated_is_among_what_is_kept_about_both(own_finder: ExpertFinder) -> None:
    ben, ada = Caller(own_finder, "ben"), Caller(own_finder, "ada")
    ben.nominate("ada", "curator", GUILD)
    for caller in (ben, ada):
        assert '"what":"nomination"' in caller.ask("GET", "/v1/me/export").text


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def desks(own_finder: ExpertFinder) -> dict[str, Desk]:
    """Ada and Ben; Dana may endorse and operate, by a group."""
    own_finder.store.apply(KNOWN)
    own_finder.refresh()
    roles = {"acme:board": ("content:endorse", "operator")}
    app = signed_app(own_finder, sign_in(groups="groups", source="acme", roles=roles))
    board = frozenset({"acme:board"})
    return {"ada": Desk(app).signed_in_as("ada"), "ben": Desk(app).signed_in_as("ben", groups=board)}


def test_the_forms_of_the_pages_endorse_nominate_and_answer(desks: dict[str, Desk], own_finder: ExpertFinder) -> None:
    ada, ben = desks["ada"], desks["ben"]
    given = ben.post("/posts/state", {"post": "acme:post-1", "state": "endorsed", "until": ""}, of="/posts/acme:post-1")
    assert given.status_code == 303, given.text
    assert "Endorsed" in ada.get("/posts/acme:post-1").text
    assert "Ben Okafor" in ada.get("/posts/acme:post-1").text
    refused = ada.post("/posts/state", {"post": "acme:post-13", "state": "endorsed"}, of="/posts/acme:post-13")
    assert refused.status_code == 403
    assert ben.post("/operator/regulated", {"topic": "kubernetes", "why": "x"}, of="/operator").status_code == 303
    assert "kubernetes" in ben.get("/operator").text
    assert "regulated topic" in ada.get("/answer?q=kubernetes").text
    assert "regulated topic" in ada.get("/topics/kubernetes").text
    wish = {"to": "acme:ada", "role": "expert", "of": "kubernetes", "why": "Knows it <b>all</b>."}
    assert ben.post("/me/nominations", wish, of="/people/acme:ada").status_code == 303
    assert "Knows it" not in ben.get("/people/acme:ada").text
    mine = ada.get("/me").text
    assert "Knows it &lt;b&gt;all" in mine
    (made,) = own_finder.store.statements(Nomination)
    agreed = ada.post("/me/nominations", {"nomination": id_of(made), "answer": "agree"}, of="/me")
    assert agreed.status_code == 303
    assert "Knows it &lt;b&gt;all" in ben.get("/people/acme:ada").text
    role = {"to": "acme:ada", "role": "champion", "of": GUILD, "why": "Carries it."}
    assert ben.post("/me/nominations", role, of=f"/communities/{GUILD}").status_code == 303
    other = next(one for one in own_finder.store.statements(Nomination) if one.role == "champion")
    ada.post("/me/nominations", {"nomination": id_of(other), "answer": "agree"}, of="/me")
    assert "Carries it." in ben.get(f"/communities/{GUILD}").text
    assert ben.post("/operator/regulated", {"topic": "kubernetes", "act": "free"}, of="/operator").status_code == 303
    assert "regulated topic" not in ada.get("/answer?q=kubernetes").text
