"""Every documented filter of every route narrows, can empty the answer, and what it leaves out counts nowhere.

The table is complete by construction: a parameter or a member of a body that stands neither among the filters nor among
what is no filter fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.http.client import Client
from tests.http.conftest import bearer
from tests.unit.workshop import OF_EXPERTS, QUESTIONS, UNITS, Passing, facts, opened, without, written

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.http import Options, create_app
from expertfinder.model import Community, Person

Json = dict[str, Any]
TEXT = QUESTIONS["ingress"]
PEOPLE = [fact.id for fact in facts("routes") if isinstance(fact, Person)]
MEMBERS = {fact.id: set(fact.members) for fact in facts("routes") if isinstance(fact, Community)}
EVIDENCE = ("tag", "kind", "since")
PEOPLES = ("tag", "since", "place", "unit", "language", "availability", "zone")
UNWILLING = PEOPLE[:6]
WRITES = {
    *("ingest_lines", "give_feedback", "note_my_ask", "give_post_state", "make_nomination"),
    *("put_question", "claim_question", "decline_question", "answer_question", "subscribe"),
    *("unsubscribe", "keep_champions", "take_badge"),
}
"""Operations that write, beside every PUT and DELETE: what they are given is what is written."""
NO_FILTERS = {
    "any": "how several topics of the question count; leaves nobody out",
    "id": "whom or what is asked for",
    "q": "the question",
    "key": "which one is asked for",
    "question": "which one is asked for",
    "which": "which list is asked for",
    "text": "the question",
    "topic": "part of the question, and leaves nobody out",
    "skills": "the question",
    "needs": "the question",
    "purpose": "what it is asked for, kept in the log",
    "limit": "how much of the answer is shown",
    "fields": "how much of the answer is shown",
    "format": "the form of the answer",
    "after": "where the page begins",
    "to": "the other end of the path",
    "person": "whom communities are for",
    "size": "how many champions, at most",
    "redundancy": "how many people for each skill",
    "one_per_unit": "what a set has to have",
    "inactive": "what a set has to have",
    "already": "who stays in the set",
    "nominated": "whom the set prefers",
}
"""Parameters that are no filters wherever they stand, and what they are."""


def find(client: Client, given: Json) -> Json:
    return ok(client.get("/v1/experts", params={"q": TEXT, "limit": 50, **given}))


def search(client: Client, given: Json) -> Json:
    body = {name: [value] if name in ("tag", "kind") else value for name, value in given.items()}
    return ok(client.post("/v1/experts:search", json={"text": TEXT, "limit": 50, **body}))


def explain(client: Client, given: Json) -> Json:
    """Of everybody who may be found."""
    asked = [client.get(f"/v1/people/{person}/explanation", params={"q": TEXT, **given}) for person in PEOPLE[:12]]
    found = [ok(one)["recommendation"] for one in asked if one.status_code == 200]
    return {"recommendations": [one for one in found if one["reasons"]]}


def champions(client: Client, given: Json) -> Json:
    return ok(client.get("/v1/champions", params=given))


def choose(client: Client, given: Json) -> Json:
    return ok(client.post("/v1/champions", json=given))


def topics(client: Client, given: Json) -> Json:
    return ok(client.get("/v1/topics", params={"limit": 50, **given}))


def assess(client: Client, given: Json) -> Json:
    """Of the first people who may be found, those for whom something speaks."""
    body = {"text": TEXT, **{name: [value] if name in ("tag", "kind") else value for name, value in given.items()}}
    key = bearer(issue_key(client.app.state.door.finder.store, scopes=("experts:assess",))[1])
    asked = [client.post(f"/v1/people/{one}/expertise:assess", json=body, headers=key) for one in PEOPLE[:12]]
    found = [one.json() for one in asked if one.status_code == 200]
    named = " ".join({note for one in found for note in one["notes"]})
    return {"recommendations": [one for one in found if one["posts"]], "abstained": named}


def fitting(client: Client, given: Json) -> Json:
    return communities(client, {"q": TEXT, **given})


def communities(client: Client, given: Json) -> Json:
    return ok(client.get("/v1/communities", params={"limit": 50, **given}))


def ok(response: Any) -> Json:
    assert response.status_code in (200, 404), response.text
    body: Json = response.json()
    return (
        body
        if response.status_code == 200
        else {"recommendations": [], "abstained": str([f"“{name}”" for name in body["nearest"]])}
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One filter of one operation."""

    ask: Callable[[Client, Json], Json]
    given: Json
    none: Json | None
    """The same filter, so that it leaves nothing; `None` where each of the few values it may have leaves something."""
    passing: Passing | None = None
    """What passes, where the answer is that of a world without the rest; else each entry of the list is what it was."""
    there: Json | None = None
    """What is asked of that world, if not nothing."""
    nearest: str | None = None
    """What is offered in place of what `none` names."""


def _experts(ask: Callable[[Client, Json], Json]) -> dict[str, Row]:
    return {
        name: Row(ask, {name: one.value}, {name: one.unknown}, one.passing, nearest=one.nearest)
        for name, one in OF_EXPERTS.items()
    }


def _some(ask: Callable[[Client, Json], Json], names: tuple[str, ...]) -> dict[str, Row]:
    """Filters of what a world without the rest would answer otherwise: there communities and scales are others."""
    return {name: replace(row, passing=None) for name, row in _experts(ask).items() if name in names}


def _champions(ask: Callable[[Client, Json], Json]) -> dict[str, Row]:
    unit, circle = UNITS[0], "w:ledger"
    return {
        "units": Row(
            ask, {"units": [unit]}, {"units": ["Platfrm"]}, Passing(person=lambda one: one.org_unit == unit),
            there={}, nearest=unit,
        ),
        "community": Row(
            ask, {"community": circle}, {"community": "w:ledgr"}, Passing(person=lambda one: one.id in MEMBERS[circle]),
            there={"community": circle}, nearest=circle,
        ),
    }  # fmt: skip


FILTERS: dict[str, dict[str, Row]] = {
    "find_experts": _experts(find),
    "search_experts": _experts(search),
    "explain_expert": _experts(explain),
    "find_champions": _champions(champions),
    "choose_champions": {
        **_champions(choose),
        "unwilling": Row(choose, {"unwilling": UNWILLING, "size": 8}, {"unwilling": PEOPLE}),
    },
    "list_topics": {"prefix": Row(topics, {"prefix": "wel"}, {"prefix": "xyzzy"})},
    "list_communities": {"kind": Row(communities, {"kind": "declared"}, None), **_some(fitting, PEOPLES)},
    "assess_expertise": _some(assess, EVIDENCE),
}
ROWS = [(operation, name) for operation, rows in FILTERS.items() for name in rows]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("routes") / "home", "routes")


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[Client]:
    finder = opened(home)
    yield client_of(finder)
    finder.close()


def client_of(finder: ExpertFinder) -> Client:
    return Client(create_app(finder, finder.store, Options(insecure_demo=True)), base_url="http://127.0.0.1")


@pytest.fixture(scope="module")
def elsewhere(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, Passing], Client]]:
    """The client of a world without what does not pass; one for each name of a filter."""
    made: dict[str, ExpertFinder] = {}

    def make(name: str, passing: Passing) -> Client:
        if name not in made:
            made[name] = without(home, tmp_path_factory.mktemp("without") / "home", passing)
        return client_of(made[name])

    yield make
    for finder in made.values():
        finder.close()


def test_the_table_names_every_parameter_of_every_operation(client: Client) -> None:
    document = client.get("/v1/openapi.json").json()
    named = set()
    for operations in document["paths"].values():
        for method, operation in operations.items():
            if method in ("put", "delete") or operation["operationId"] in WRITES:
                continue
            names = [one["name"] for one in operation.get("parameters", ())]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                shape = document["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[1]]
                names += shape["properties"]
            named |= {(operation["operationId"], name) for name in names}
    # Tried where there is something: `test_questions.py`, `test_endorsing.py`.
    named -= {("list_questions", "community"), ("list_nominations", "person"), ("list_nominations", "of")}
    assert {(operation, name) for operation, name in named if name not in NO_FILTERS} == set(ROWS)


def entries(answer: Json) -> list[Json]:
    """What an answer lists."""
    return next(answer[name] for name in ("recommendations", "topics", "communities") if answer.get(name))


@pytest.mark.parametrize(("operation", "name"), ROWS)
def test_a_filter_narrows_and_can_empty_the_answer(client: Client, operation: str, name: str) -> None:
    row = FILTERS[operation][name]
    everything, some = row.ask(client, {}), row.ask(client, row.given)
    assert entries(everything)
    assert entries(some)
    assert entries(some) != entries(everything)
    if row.none is None:
        return
    nothing = row.ask(client, row.none)
    assert not any(nothing.get(kind) for kind in ("recommendations", "topics", "communities"))
    if row.nearest is not None and "abstained" in nothing:
        assert f"“{row.nearest}”" in nothing["abstained"]


@pytest.mark.parametrize(("operation", "name"), [one for one in ROWS if FILTERS[one[0]][one[1]].passing is not None])
def test_what_a_filter_leaves_out_counts_nowhere(
    client: Client, elsewhere: Callable[[str, Passing], Client], operation: str, name: str
) -> None:
    row = FILTERS[operation][name]
    assert row.passing is not None
    found, there = row.ask(client, row.given), row.ask(elsewhere(name, row.passing), row.there or {})
    same(_plain(found), _plain(there))


@pytest.mark.parametrize("name", [name for name, one in OF_EXPERTS.items() if one.nearest])
def test_the_page_says_what_is_not_there_and_offers_the_nearest(client: Client, name: str) -> None:
    one = OF_EXPERTS[name]
    page = client.get("/", params={"q": TEXT, name: one.unknown})
    assert page.status_code == 200
    assert f"called “{one.unknown}”" in page.text
    assert f"“{one.nearest}”" in page.text


@pytest.mark.parametrize(("operation", "name"), [("list_topics", "prefix"), ("list_communities", "kind")])
def test_a_filter_of_a_list_leaves_its_entries_as_they_are(client: Client, operation: str, name: str) -> None:
    row = FILTERS[operation][name]
    some, everything = entries(row.ask(client, row.given)), entries(row.ask(client, {}))
    assert some == [one for one in everything if one in some]


def test_the_kinds_of_communities_are_parts_of_the_whole_list(client: Client) -> None:
    of_kind = {kind: communities(client, {"kind": kind})["communities"] for kind in ("declared", "detected")}
    for kind, listed in of_kind.items():
        assert {one["kind"] for one in listed} == {kind}
    assert sum(map(len, of_kind.values())) == len(communities(client, {})["communities"])


def test_who_does_not_wish_to_is_no_champion_and_still_to_be_reached(client: Client) -> None:
    row = FILTERS["choose_champions"]["unwilling"]
    some, everything = row.ask(client, row.given), row.ask(client, {"size": 8})
    assert {one["subject"]["id"] for one in everything["recommendations"]} & set(UNWILLING)
    assert not {one["subject"]["id"] for one in some["recommendations"]} & set(UNWILLING)
    assert some["people"] == everything["people"]


MOVED = ("version", "confidence", "clear", "rank_without", "reached_share")
"""Not the same elsewhere: versions, what is sure (`tests/unit/test_filters.py`), ranks of equals."""


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if name not in MOVED}
    if isinstance(value, list):
        plain = [_plain(one) for one in value]
        posts = all(isinstance(one, dict) and "post" in one for one in plain)
        return sorted(plain, key=lambda one: str(one["post"])) if posts else plain
    return value


def same(one: Any, other: Any) -> None:
    """Equal, with numbers as far as sums of 32 bits are."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            same(one[name], other[name])
    elif isinstance(one, list):
        assert len(one) == len(other)
        for mine, theirs in zip(one, other, strict=True):
            same(mine, theirs)
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-4, abs=1e-7)
    else:
        assert one == other
