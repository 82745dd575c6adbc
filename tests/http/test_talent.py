"""Talent questions: a matrix in bands, off until purposes are named, and told to everybody whom they name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.http.client import Client
from tests.http.conftest import bearer, two_days_later
from tests.http.signing import Desk, sign_in, signed_app
from tests.http.test_problems import assert_problem

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.ask.keys import issue_key
from expertfinder.http import Options, create_app
from expertfinder.model import Person
from expertfinder.store import Ask

PURPOSES = ("staffing a project", "succession")
NEEDS = [{"skill": "kubernetes ingress"}, {"skill": "invoices and the ledger"}, {"skill": "beekeeping on roofs"}]


def client_of(finder: ExpertFinder, purposes: tuple[str, ...] = PURPOSES) -> Client:
    """A client of a new app over the finder."""
    return Client(create_app(finder, finder.store, Options(now=two_days_later, talent_purposes=purposes)))


def key_of(finder: ExpertFinder, who: str | None, *scopes: str) -> dict[str, str]:
    """The headers of a new key."""
    return bearer(issue_key(finder.store, scopes=scopes, person=who)[1])


def asked(client: Client, key: dict[str, str], **more: object) -> Any:
    """The answer to a talent question."""
    body = {"purpose": PURPOSES[0], "needs": NEEDS, **more}
    response = client.post("/v1/slates", json=body, headers=key)
    assert response.status_code == 200, response.text
    return response.json()


def names(answer: Any) -> list[str]:
    return [one["subject"]["id"] for one in answer["people"]]


def cited(answer: Any) -> set[str]:
    return {post["post"] for one in answer["people"] for cell in one["cells"] for post in cell["evidence"]}


def every_key(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from every_key(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from every_key(inner)


def test_nobody_may_ask_until_a_purpose_is_named_and_then_with_one_of_them(own_finder: ExpertFinder) -> None:
    key = key_of(own_finder, "acme:dana", "talent:ask")
    body = {"purpose": "curiosity", "needs": NEEDS}
    off = client_of(own_finder, ()).post("/v1/slates", json=body, headers=key)
    assert_problem(off, 403, "forbidden")
    assert "EXPERTFINDER_TALENT_PURPOSES" in off.json()["detail"]
    refused = client_of(own_finder).post("/v1/slates", json=body, headers=key)
    assert_problem(refused, 400, "invalid-question")
    assert "staffing a project; succession" in refused.json()["detail"]
    for needs in ([], [{"skill": "  "}], [{"skill": "topic:"}], [{"skill": "a"}] * 11):
        response = client_of(own_finder).post("/v1/slates", json={"purpose": PURPOSES[0], "needs": needs}, headers=key)
        assert response.status_code in (400, 422)
    assert own_finder.store.audit() == []


def test_a_slate_says_who_covers_what_and_what_nobody_does_and_has_no_score(own_finder: ExpertFinder) -> None:
    client, key = client_of(own_finder), key_of(own_finder, "acme:dana", "talent:ask")
    answer = asked(client, key)
    rows = {one["subject"]["id"]: one for one in answer["people"]}
    assert {"acme:ada", "acme:ben"} <= rows.keys()
    assert not {"acme:hana", "acme:ivo"} & rows.keys()
    assert [cell["cover"] for cell in rows["acme:ada"]["cells"]] == ["covers", "gap", "gap"]
    assert rows["acme:ada"]["cells"][0]["evidence"][0]["post"].startswith("acme:post-")
    assert rows["acme:ada"]["cells"][0]["last_used"]
    assert rows["acme:ben"]["cells"][1]["cover"] == "partly", "eight copies of one text are one piece of evidence"
    assert [(one["covered"], one["only"]) for one in answer["needs"]] == [(True, "acme:ada"), (False, ""), (False, "")]
    assert answer["team"] == ["acme:ada"]
    assert not {"score", "contribution", "confidence", "value", "load", "rank_without", "place"} & {
        name for one in answer["people"] for name in every_key(one["cells"])
    }
    assert [one["known_by"] for one in answer["needs"]] == [0, 0, 0], "fewer than five are not counted"
    bands = [one["band"] for one in answer["people"]]
    assert bands == sorted(bands, key=["covers all", "covers some", "could grow"].index)
    one = asked(client, key, needs=NEEDS[:1])
    assert [row["band"] for row in one["people"] if row["subject"]["id"] == "acme:ada"] == ["covers all"]


def test_filters_of_a_need_narrow_and_what_nobody_knows_is_said(own_finder: ExpertFinder) -> None:
    client, key = client_of(own_finder), key_of(own_finder, "acme:dana", "talent:ask")
    for filters, there in (
        ({"language": "sv"}, True),
        ({"place": "Lagos"}, False),
        ({"unit": "Platform"}, True),
        ({"availability": "half time"}, False),
    ):
        answer = asked(client, key, needs=[{"skill": "kubernetes ingress", **filters}])
        assert ("acme:ada" in names(answer)) == there
        assert answer["needs"][0]["covered"] == there
    assert len(names(asked(client, key, size=1))) == 1
    assert names(asked(client, key, needs=[{"skill": "topic:kubernetes"}]))[0]


def test_whom_a_slate_names_sees_who_asked_and_why_and_so_does_who_watches(own_finder: ExpertFinder) -> None:
    client, key = client_of(own_finder), key_of(own_finder, "acme:dana", "talent:ask")
    council = key_of(own_finder, None, "audit:read")
    answer = asked(client, key)
    mine = client.get("/v1/me/audit", headers=key_of(own_finder, "acme:ada", "people:read")).json()["lines"]
    assert [(one["event"], one["actor"], one["purpose"]) for one in mine] == [("slate", "acme:dana", PURPOSES[0])]
    read = client.get("/v1/audit", headers=council).json()
    assert {line["subject"] for line in read["lines"]} == {"", *names(answer)}
    assert {line["purpose"] for line in read["lines"]} == {PURPOSES[0]}
    assert read["whole"] is True
    assert len(read["head"]) == 64
    assert "ledger" not in repr(own_finder.store.audit()), "what was needed is nobody else's"
    assert_problem(client.get("/v1/audit", headers=key), 403, "forbidden")
    assert_problem(client.post("/v1/slates", json={}, headers=council), 403, "forbidden")


@pytest.mark.parametrize("wish", ["hide", "topic", "unit", "pause", "asked"])
def test_wishes_hold_in_slates_and_a_pause_moves_no_count_and_no_sentence(own_finder: ExpertFinder, wish: str) -> None:
    client, key = client_of(own_finder), key_of(own_finder, "acme:ben", "talent:ask")
    ada = key_of(own_finder, "acme:ada", "me:write")
    before = asked(client, key)
    path, body = {
        "hide": ("visibility", {"seen_by": "nobody"}),
        "unit": ("visibility", {"seen_by": "unit"}),
        "topic": ("topics/kubernetes", {"says": "keep", "listed": "never"}),
        "pause": ("availability", {"paused_until": "2099-01-01"}),
        "asked": ("availability", {"per_week": 1}),
    }[wish]
    assert client.put(f"/v1/me/{path}", json=body, headers=ada).status_code == 200
    if wish == "asked":
        now = own_finder.now()
        own_finder.store.state(
            Ask(person="acme:ben", subject="acme:ada", day=now.date().isoformat(), text="x", why="", at=now)
        )
    after = asked(client, key)
    assert "acme:ada" in names(before)
    assert "acme:ada" not in names(after)
    assert "acme:ada" not in repr(after)
    if wish in ("pause", "asked"):
        assert [one["covered"] for one in after["needs"]] == [one["covered"] for one in before["needs"]]
        assert [one["known_by"] for one in after["needs"]] == [one["known_by"] for one in before["needs"]]


def test_name_grade_and_place_move_no_band_and_no_order(own_finder: ExpertFinder) -> None:
    """Nor does what a card says of pronouns or age: the evidence is the same, and so is the slate."""
    client, key = client_of(own_finder), key_of(own_finder, "acme:dana", "talent:ask")

    def told(answer: Any) -> list[object]:
        """All but why somebody could grow into a need, which names whom they are near to."""
        rows = [
            (one["subject"]["id"], one["band"], [{**cell, "why": bool(cell["why"])} for cell in one["cells"]])
            for one in answer["people"]
        ]
        return [*rows, answer["team"]]

    before = told(asked(client, key))
    for changes in (
        {"name": "Zbigniew Älter", "title": "Senior vice president", "location": "Ulm"},
        {"name": "Aaliyah B.", "title": "Trainee, grade 1, aged 58 (she/her)", "location": ""},
        {"name": "", "title": "", "location": "Karsholm", "languages": ("de",), "availability": "half time"},
    ):
        people: list[Person] = list(own_finder.store.all("person"))
        own_finder.store.apply([replace(one, **changes) for one in people])  # type: ignore[arg-type]
        own_finder.refresh()
        assert told(asked(client, key)) == before
        Home(own_finder.home.folder).build_index(own_finder.store, encode=own_finder.encoder)
        own_finder.refresh()
        assert told(asked(client, key)) == before


def test_what_one_may_not_read_covers_nothing(own_finder: ExpertFinder) -> None:
    client = client_of(own_finder)
    needs = [{"skill": "merger contract liability escrow of the source"}]
    inside = asked(client, key_of(own_finder, "acme:dana", "talent:ask"), needs=needs)
    outside = asked(client, key_of(own_finder, None, "talent:ask"), needs=needs)
    restricted = {f"acme:post-{n}" for n in range(26, 34)}
    assert restricted & cited(inside)
    assert not restricted & cited(outside)


def test_an_erasure_leaves_nothing_of_who_was_named_and_the_log_whole(own_finder: ExpertFinder) -> None:
    client, key = client_of(own_finder), key_of(own_finder, "acme:dana", "talent:ask")
    asked(client, key)
    council = key_of(own_finder, None, "audit:read")
    ada = key_of(own_finder, "acme:ada", "me:write")
    head = client.get("/v1/audit", headers=council).json()["head"]
    assert any(b"acme:ada" in file.read_bytes() for file in own_finder.home.folder.glob("record.sqlite*"))
    assert client.delete("/v1/me?confirm=acme:ada", headers=ada).status_code == 204
    own_finder.store.scrub()
    assert not [file for file in own_finder.home.folder.glob("record.sqlite*") if b"acme:ada" in file.read_bytes()]
    read = client.get("/v1/audit", headers=council).json()
    assert read["whole"] is True
    assert read["head"] != head, "the erasure is a line of its own"
    assert "acme:ada" not in repr(read)


def test_the_page_is_for_who_has_the_scope_and_its_form_is_one_of_ours(known_finder: ExpertFinder) -> None:
    roles = {"acme:legal": ("talent:ask",)}
    desk = Desk(signed_app(known_finder, sign_in(roles=roles), talent_purposes=PURPOSES))
    assert desk.signed_in_as("ada").get("/talent").status_code == 403
    assert "/talent" not in desk.get("/").text
    assert desk.signed_in_as("dana").get("/talent").status_code == 200
    assert desk.get("/talent/audit").status_code == 403
    fields = {"purpose": PURPOSES[1], "needs": "kubernetes ingress"}
    assert desk.send("/talent", fields).status_code == 403, "a form without our token"
    shown = desk.post("/talent", fields, of="/talent").text
    assert "Ada Lind" in shown
    assert "is the only one who covers" in shown
    assert "one of these purposes" in desk.post("/talent", {**fields, "purpose": "x"}, of="/talent").text
    assert PURPOSES[1] in desk.signed_in_as("ada").get("/me").text
    council = Desk(signed_app(known_finder, sign_in(roles={"acme:legal": ("audit:read",)})))
    page = council.signed_in_as("dana").get("/talent/audit").text
    assert "Every line is as it was written" in page
    assert "Dana Ruiz" in page
    assert PURPOSES[1] in page
