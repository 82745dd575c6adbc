"""What a person is told of themselves over HTTP: all that is kept, how others find them; and how they leave."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.http.client import Client
from tests.http.conftest import CANARY, FACTS, person
from tests.http.test_problems import assert_problem
from tests.http.test_wishes import client_of, found, key_of

from expertfinder.ask.finder import ExpertFinder
from expertfinder.http import Options, create_app
from expertfinder.http.running.reindexing import Folding
from expertfinder.model import ORGANISATION, Community, Interaction, Post, Source
from expertfinder.store import AuditEntry


def exported(client: Client, key: dict[str, str]) -> list[dict[str, object]]:
    """The lines of an export."""
    return [json.loads(line) for line in client.get("/v1/me/export", headers=key).text.splitlines()]


@pytest.mark.parametrize("name", ["ada", "ben", "cleo", "dana", "finn", "hana", "ivo"])
def test_the_export_has_every_fact_that_is_ones_own_and_what_others_did_to_it(
    own_finder: ExpertFinder, name: str
) -> None:
    me = f"acme:{name}"
    client, key = client_of(own_finder), key_of(own_finder, me)
    told = exported(client, key)
    ids = {(line["what"], line["id"]) for line in told if "id" in line}
    wrote = {fact.id for fact in FACTS if isinstance(fact, Post) and me in fact.authors}
    assert {("record", me)} <= ids
    assert {one for what, one in ids if what == "post"} == wrote
    acts = [fact for fact in FACTS if isinstance(fact, Interaction)]
    assert {one for what, one in ids if what == "act"} == {act.id for act in acts if act.actor == me}
    assert {one for what, one in ids if what == "act of another"} == {act.id for act in acts if act.object in wrote}
    groups = [fact for fact in FACTS if isinstance(fact, Community) and me in (*fact.members, *fact.leads)]
    readable = {group.id for group in groups if group.id != "acme:deal" or name in ("cleo", "dana")}
    assert {one for what, one in ids if what == "membership" and str(one).startswith("acme:")} == readable
    page = client.get("/v1/me/export?format=html", headers=key)
    assert page.headers["content-type"].startswith("text/html")
    for post in wrote:
        assert post in page.text
    if name not in ("cleo", "dana"):
        assert CANARY not in page.text + client.get("/v1/me/export", headers=key).text


def test_what_was_said_of_oneself_and_by_oneself_is_exported_and_who_said_something_of_one_is_not(
    own_finder: ExpertFinder,
) -> None:
    client, ada, ben = client_of(own_finder), key_of(own_finder, "acme:ada"), key_of(own_finder, "acme:ben")
    client.put("/v1/me/topics/sailing", json={"says": "can_mentor"}, headers=ada)
    client.post("/v1/feedback", json={"text": "a secret plan", "subject": "acme:ada", "helpful": False}, headers=ben)
    own_finder.store.write_audit(AuditEntry(at=own_finder.now(), actor="acme:ben", event="assess", subject="acme:ada"))
    told = exported(client, ada)
    kinds = {line["what"] for line in told}
    assert {"record", "post", "topic", "key", "feedback of another", "look", "act of another"} <= kinds
    mine = json.dumps([line for line in told if line["what"] not in ("look", "act of another")])
    assert "acme:ben" not in mine
    assert "a secret plan" not in mine
    assert "a secret plan" in json.dumps(exported(client, ben))
    kept = client.get("/v1/me/held", headers=ada).json()
    assert [one["id"] for one in kept["records"]] == ["acme:ada"]
    assert kept["sources"][0]["counts"]["post"] == 12
    assert kept["beside"]["topic"] >= 1


def test_how_one_is_found_is_what_everybody_sees(own_finder: ExpertFinder) -> None:
    client, ada, nobody = client_of(own_finder), key_of(own_finder, "acme:ada"), key_of(own_finder, None)
    told = client.get("/v1/me/profile", headers=ada).json()
    assert told["seen"] is True
    assert [one["question"] for one in told["ranks"]] == ["kubernetes"]
    assert told["ranks"][0]["place"] == 1 + found(client, nobody, "kubernetes").index("acme:ada")
    assert told["ranks"][0]["reasons"]
    assert client.get("/v1/me/profile?q=invoices", headers=ada).json()["ranks"][0]["place"] is None
    client.put("/v1/me/topics/beekeeping", json={}, headers=ada)
    assert client.get("/v1/me/profile", headers=ada).json()["pending"] == ["beekeeping"]
    assert found(client, nobody, "beekeeping") == [], "an addition waits for evidence"
    client.put("/v1/me/visibility", json={"seen_by": "nobody"}, headers=ada)
    told = client.get("/v1/me/profile", headers=ada).json()
    assert (told["seen"], told["topics"], told["ranks"]) == (False, [], [])


def test_ordinary_questions_are_told_from_five_askers_on_and_never_who(own_finder: ExpertFinder) -> None:
    client, ada = client_of(own_finder), key_of(own_finder, "acme:ada")
    week = own_finder.now().date()
    week -= timedelta(days=week.weekday())
    for asker in range(4):
        own_finder.store.note_question(["kubernetes", "billing"], f"acme:{asker}", week=week)
    assert client.get("/v1/me/audit", headers=ada).json()["asked"] == []
    own_finder.store.note_question(["kubernetes", "billing"], "acme:4", week=week)
    told = client.get("/v1/me/audit", headers=ada).json()["asked"]
    assert told == [{"week": week.isoformat(), "topic": "kubernetes", "askers": 5}]


def test_who_leaves_is_gone_at_the_next_request_and_the_files_follow(own_finder: ExpertFinder) -> None:
    app = create_app(own_finder, own_finder.store, Options())
    client, ada, ben = Client(app), key_of(own_finder, "acme:ada"), key_of(own_finder, "acme:ben")
    client.put("/v1/me/topics/sailing", json={"says": "can_mentor"}, headers=ada)
    assert_problem(client.request("DELETE", "/v1/me?confirm=yes", headers=ada), 400, "invalid-question")
    assert client.request("DELETE", "/v1/me?confirm=acme:ada", headers=ada).status_code == 204
    assert "acme:ada" not in found(client, ben)
    assert_problem(client.get("/v1/me/held", headers=ada), 401, "unauthenticated")
    folding = Folding(own_finder, None)
    folding.forget()
    folding.look()
    assert folding._child is not None, "nobody folds here, and yet what was erased is rewritten"
    assert folding._child.wait(timeout=120) == 0
    folding.look()
    for file in own_finder.home.folder.rglob("*"):
        if file.is_file():
            assert b"acme:ada" not in file.read_bytes(), file
            assert b"Ada Lind" not in file.read_bytes(), file


def test_what_belongs_to_a_record_that_is_merely_joined_is_not_exported(own_finder: ExpertFinder) -> None:
    key = ("email:ada@acme.example",)
    typed = replace(person("x", "Somebody Else", accounts=key), id="forum:x", source="forum")
    hr = Source(id="acme", audience=ORGANISATION, directory=True)
    own_finder.store.apply(
        [hr, Source(id="forum", audience=ORGANISATION), person("ada", "Ada Lind", accounts=key), typed]
    )
    own_finder.refresh()
    assert own_finder.person("forum:x", own_finder.viewer("acme:ada")).id == "acme:ada", "they are joined"
    told = exported(client_of(own_finder), key_of(own_finder, "acme:ada"))
    assert [line["id"] for line in told if line["what"] == "record"] == ["acme:ada"]
