"""What a person says of themselves over HTTP: it counts from the next request on, and nobody else reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.http.client import Client
from tests.http.conftest import NOW, bearer, person, two_days_later
from tests.http.test_problems import assert_problem

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.http import Options, create_app
from expertfinder.model import ORGANISATION, Source
from expertfinder.recommend.experts.experts import NOBODY_NOW
from expertfinder.store import TopicWish, Visibility

READS = ("experts:read", "people:read")


def client_of(finder: ExpertFinder) -> Client:
    """A client of a new app over the finder."""
    return Client(create_app(finder, finder.store, Options(now=two_days_later)))


def key_of(finder: ExpertFinder, who: str | None, *scopes: str) -> dict[str, str]:
    """The headers of a new key."""
    return bearer(issue_key(finder.store, scopes=scopes or (*READS, "me:read", "me:write"), person=who)[1])


def found(client: Client, key: dict[str, str], text: str = "kubernetes ingress") -> list[str]:
    """Whom an answer names, the best first."""
    answer = client.get("/v1/experts", params={"q": text, "limit": 100}, headers=key).json()
    return [one["subject"]["id"] for one in answer["recommendations"]]


def test_who_wishes_to_be_seen_by_nobody_is_gone_at_the_next_request_and_comes_back(own_finder: ExpertFinder) -> None:
    client, ada, ben = client_of(own_finder), key_of(own_finder, "acme:ada"), key_of(own_finder, "acme:ben")
    before = client.get("/v1/experts?q=kubernetes+ingress", headers=ben).content
    assert "acme:ada" in found(client, ben)
    said = client.put("/v1/me/visibility", json={"seen_by": "nobody"}, headers=ada)
    assert (said.status_code, said.json()["seen_by"]) == (200, "nobody")
    assert "acme:ada" not in found(client, ben)
    assert client.get("/v1/people/acme:ada", headers=ben).status_code == 404
    assert client.get("/v1/people/acme:ada", headers=ada).status_code == 200
    own_finder.store.apply([person("ada", "Ada Lind", title="Cluster engineer", skills=("kubernetes",))])
    own_finder.refresh()
    assert "acme:ada" not in found(client, ben), "no import undoes it"
    own_finder.store.apply(
        [person("ada", "Ada Lind", title="Cluster engineer", skills=("kubernetes", "sailing"), languages=("en", "sv"))]
    )
    client.put("/v1/me/visibility", json={"seen_by": "everyone"}, headers=ada)
    assert client.get("/v1/experts?q=kubernetes+ingress", headers=ben).content == before


def test_who_is_seen_by_their_unit_is_found_by_it_alone(own_finder: ExpertFinder) -> None:
    client, ada = client_of(own_finder), key_of(own_finder, "acme:ada")
    client.put("/v1/me/visibility", json={"seen_by": "unit"}, headers=ada)
    finn, ben, nobody = (key_of(own_finder, who, *READS) for who in ("acme:finn", "acme:ben", None))
    assert "acme:ada" in found(client, finn)
    for other in (ben, nobody):
        assert "acme:ada" not in found(client, other)
        assert client.get("/v1/people/acme:ada/expertise", headers=other).status_code == 404
    assert client.get("/v1/me", headers=finn).json()["groups"] == [], "the unit is no group that a source gave"


@pytest.mark.parametrize(
    "said", [{"says": "not_me"}, {"says": "moved_on"}, {"listed": "never"}, {"listed": "community"}]
)
def test_who_is_not_named_for_a_topic_is_absent_wherever_it_stands_in_the_question(
    own_finder: ExpertFinder, said: dict[str, str]
) -> None:
    client, ada, ben = client_of(own_finder), key_of(own_finder, "acme:ada"), key_of(own_finder, "acme:ben")
    assert client.put("/v1/me/topics/Kubernetes", json=said, headers=ada).status_code == 200
    for text in ("kubernetes", "who knows the KUBERNETES ingress?", "ingress-kubernetes timeout"):
        assert "acme:ada" not in found(client, ben, text)
    assert client.get("/v1/people/acme:ada/explanation?q=kubernetes", headers=ben).status_code == 404
    labels = client.get("/v1/people/acme:ada/expertise", headers=ben).json()["expertise"]
    assert "kubernetes" not in [one["topic"]["label"] for one in labels]
    assert client.get("/v1/people/acme:ada", headers=ben).json()["skills"] == ["sailing"]
    risk = client.get("/v1/topics/topic:kubernetes/risk", headers=ben)
    assert "acme:ada" not in risk.text
    champions = client.get("/v1/champions?topic=kubernetes", headers=ben)
    assert "acme:ada" not in champions.text
    in_other_words = "acme:ada" in found(client, ben, "long connections through the ingress")
    assert in_other_words == (said == {"listed": "community"}), "what they did under it is no evidence any more"
    client.request("DELETE", "/v1/me/topics/topic:kubernetes", headers=ada)
    assert found(client, ben)[0] == "acme:ada"


def test_a_post_that_is_not_mine_is_no_evidence_of_me(own_finder: ExpertFinder) -> None:
    client, ben, dana = client_of(own_finder), key_of(own_finder, "acme:ben"), key_of(own_finder, "acme:dana")
    for number in (*range(13, 21), 35):
        assert client.put(f"/v1/me/evidence/acme:post-{number}", json={}, headers=ben).status_code == 200
    assert "acme:ben" not in found(client, dana, "invoices ledger currency")
    assert client.get("/v1/posts/acme:post-13", headers=dana).status_code == 200
    assert_problem(client.put("/v1/me/evidence/acme:post-26", json={}, headers=ben), 404, "not-found")
    assert len(client.get("/v1/me/wishes", headers=ben).json()["evidence"]) == 9
    for number in (*range(13, 21), 35):
        client.request("DELETE", f"/v1/me/evidence/acme:post-{number}", headers=ben)
    assert "acme:ben" in found(client, dana, "invoices ledger currency")


def test_while_somebody_pauses_the_next_is_named_and_nothing_else_moves(own_finder: ExpertFinder) -> None:
    client, ada, ben = client_of(own_finder), key_of(own_finder, "acme:ada"), key_of(own_finder, "acme:ben")
    before = client.get("/v1/experts?q=kubernetes", headers=ben).json()
    until = (two_days_later().date().replace(year=two_days_later().year + 1)).isoformat()
    said = client.put("/v1/me/availability", json={"paused_until": until}, headers=ada).json()
    assert (said["paused_until"], said["per_week"]) == (until, None)
    after = client.get("/v1/experts?q=kubernetes", headers=ben).json()
    assert after["recommendations"] == before["recommendations"][1:]
    for field in ("confidence", "abstained", "notes", "named"):
        assert after[field] == before[field]
    assert client.get("/v1/people/acme:ada", headers=ben).status_code == 200, "a pause hides nobody"
    for who in ("finn", "dana", "cleo", "hana"):
        own = key_of(own_finder, f"acme:{who}")
        client.put("/v1/me/availability", json={"paused_until": until}, headers=own)
    nobody = client.get("/v1/experts?q=kubernetes", headers=ben).json()
    assert (nobody["recommendations"], nobody["abstained"]) == ([], NOBODY_NOW)
    client.put("/v1/me/availability", json={"paused_until": NOW.date().isoformat()}, headers=ada)
    assert found(client, ben)[0] == "acme:ada", "a pause that is over is none"


def test_where_the_first_was_asked_as_often_as_they_wish_the_next_is_named_and_nothing_else_moves(
    own_finder: ExpertFinder,
) -> None:
    client, ada, ben = client_of(own_finder), key_of(own_finder, "acme:ada"), key_of(own_finder, "acme:ben")
    ask = {"text": "kubernetes", "to": "acme:ada", "agreed": True}
    before = client.get("/v1/experts?q=kubernetes", headers=ben).json()
    client.put("/v1/me/availability", json={"per_week": 2}, headers=ada)
    for who in ("ben", "finn"):
        assert found(client, ben)[0] == "acme:ada"
        answer = client.post("/v1/asks", json=ask, headers=key_of(own_finder, f"acme:{who}"))
        assert (answer.status_code, answer.json()["to"]) == (200, "acme:ada")
        assert client.post("/v1/asks", json=ask, headers=key_of(own_finder, f"acme:{who}")).status_code == 200
    after = client.get("/v1/experts?q=kubernetes", headers=ben).json()
    assert after["recommendations"] == before["recommendations"][1:]
    for field in ("confidence", "abstained", "notes", "named", "version"):
        assert after[field] == before[field]
    assert '"what":"ask"' in client.get("/v1/me/export", headers=ada).text
    own_finder.now = lambda: two_days_later() + timedelta(days=7)
    assert found(client, ben)[0] == "acme:ada", "a week later they may be asked again"
    assert_problem(client.post("/v1/asks", json={**ask, "agreed": False}, headers=ben), 422, "invalid-request")
    assert_problem(client.post("/v1/asks", json={**ask, "to": "acme:hana"}, headers=ben), 404, "not-found")
    assert_problem(client.post("/v1/asks", json=ask, headers=ada), 400, "invalid-question")
    assert_problem(client.post("/v1/asks", json=ask, headers=key_of(own_finder, None)), 403, "forbidden")


def test_nobody_else_reads_a_wish_and_the_audit_log_has_none(own_finder: ExpertFinder) -> None:
    client, ada, ben = client_of(own_finder), key_of(own_finder, "acme:ada"), key_of(own_finder, "acme:ben")
    client.put("/v1/me/topics/flabbergast", json={"says": "not_me"}, headers=ada)
    assert [one["topic"] for one in client.get("/v1/me/wishes", headers=ada).json()["topics"]] == ["flabbergast"]
    assert client.get("/v1/me/wishes", headers=ben).json()["topics"] == []
    assert own_finder.store.audit() == []
    assert_problem(client.get("/v1/me/wishes", headers=key_of(own_finder, None)), 403, "forbidden")
    assert_problem(client.get("/v1/me/wishes", headers=key_of(own_finder, "acme:ada", *READS)), 403, "forbidden")


def test_a_wish_counts_for_nobody_whose_address_somebody_else_typed(own_finder: ExpertFinder) -> None:
    theirs = {"accounts": ("email:ada@acme.example",), "skills": ("kubernetes", "sailing")}
    mine = person("x", "Somebody Else", accounts=("email:ada@acme.example",))
    typed = replace(mine, id="forum:x", source="forum")
    own_finder.store.apply(
        [
            Source(id="acme", audience=ORGANISATION, directory=True),
            Source(id="forum", audience=ORGANISATION),
            person("ada", "Ada Lind", title="Cluster engineer", **theirs),
            typed,
        ]
    )
    own_finder.refresh()
    client, ben = client_of(own_finder), key_of(own_finder, "acme:ben")
    client.put("/v1/me/visibility", json={"seen_by": "nobody"}, headers=key_of(own_finder, "forum:x"))
    assert client.get("/v1/people/forum:x", headers=ben).status_code == 404
    assert found(client, ben)[0] == "acme:ada"


def test_a_topic_needs_a_word_and_a_wish_survives_a_record_that_goes_and_comes_again(own_finder: ExpertFinder) -> None:
    client, ada, ben = client_of(own_finder), key_of(own_finder, "acme:ada"), key_of(own_finder, "acme:ben")
    assert client.put("/v1/me/topics/%20-%20", json={}, headers=ada).status_code == 422
    assert_problem(client.put("/v1/me/topics/%20%E2%80%93%20", json={}, headers=ada), 400, "invalid-question")
    for wrong in ({"per_week": False}, {"per_week": "3"}, {"paused_until": 0}, {"paused_until": "0"}):
        assert client.put("/v1/me/availability", json=wrong, headers=ada).status_code == 422, wrong
    client.put("/v1/me/visibility", json={"seen_by": "nobody"}, headers=ada)
    (kept,) = own_finder.store.get("person", ["acme:ada"])
    own_finder.store.delete("person", ["acme:ada"])
    own_finder.refresh()
    assert_problem(client.get("/v1/me/wishes", headers=ada), 403, "forbidden")
    own_finder.store.apply([kept])
    own_finder.refresh()
    assert client.get("/v1/me/wishes", headers=ada).json()["seen_by"] == "nobody"
    assert "acme:ada" not in found(client, ben)


def test_what_is_said_goes_with_the_person(own_finder: ExpertFinder) -> None:
    client, ada = client_of(own_finder), key_of(own_finder, "acme:ada")
    client.put("/v1/me/visibility", json={"seen_by": "nobody"}, headers=ada)
    client.put("/v1/me/topics/sailing", json={"says": "want_to_learn"}, headers=ada)
    own_finder.store.erase("acme:ada")
    assert own_finder.store.statements(Visibility) == []
    assert own_finder.store.statements(TopicWish) == []


def test_an_ask_has_links_to_write_to_them_with_the_question_in_it(own_finder: ExpertFinder) -> None:
    ada = person("ada", "Ada Lind", title="Cluster engineer", skills=("kubernetes",))
    own_finder.store.apply([replace(ada, accounts=("email:ada+work@acme.example",))])
    own_finder.refresh()
    chat = "https://chat.example/new?users={address}&message={text}"
    asked = {"text": "kubernetes & ingress?", "why": "You wrote it.", "agreed": True}
    ben, links = key_of(own_finder, "acme:ben"), []
    for options in (Options(now=two_days_later), Options(now=two_days_later, chat_link=chat)):
        client = Client(create_app(own_finder, own_finder.store, options))
        links.append(
            [
                client.post("/v1/asks", json={**asked, "to": f"acme:{one}"}, headers=ben).json()
                for one in ("ada", "finn")
            ]
        )
    assert [[one["chat"] for one in some] for some in links] == [
        [None, None],
        [
            "https://chat.example/new?users=ada%2Bwork%40acme.example&message=kubernetes%20%26%20ingress%3F%0A%0AYou%20wrote%20it.",
            None,
        ],
    ]
    assert links[0][0]["mail"].startswith(
        "mailto:ada%2Bwork%40acme.example?subject=kubernetes%20%26%20ingress%3F&body="
    )
