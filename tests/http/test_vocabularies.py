"""The organisation's own vocabulary over HTTP: put in place, listed, taken out, and in answers after the next index."""

from __future__ import annotations

from typing import Any

import pytest
from tests.http.client import Client
from tests.http.conftest import bearer
from tests.http.test_problems import assert_problem

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.http import create_app
from expertfinder.http.running.reindexing import Folding
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.snapshot import day_of
from expertfinder.model import SHARED, Query

TABLE = "id,label,label_de,alias\nk,Kubernetes,,k8s|container orchestration\nb,Beekeeping,Imkerei,apiculture\n"
TURTLE = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<urn:b> a skos:Concept ; skos:prefLabel "Beekeeping"@en , "Imkerei"@de ."""
CSV, TTL = "text/csv; charset=utf-8", "text/turtle"


class Operator:
    """Whoever runs the service, with a key."""

    def __init__(self, finder: ExpertFinder) -> None:
        self._client = Client(create_app(finder, finder.store))
        self.key = issue_key(finder.store, scopes=["operator"])[1]

    def ask(self, method: str, path: str, body: str = "", kind: str = CSV) -> Any:
        """The answer to a request."""
        headers = {**bearer(self.key), **({"Content-Type": kind} if body else {})}
        return self._client.request(method, f"/v1/vocabularies{path}", content=body.encode(), headers=headers)


@pytest.mark.parametrize(("body", "kind", "concepts"), [(TABLE, CSV, 2), (TURTLE, TTL, 1)])
def test_a_vocabulary_is_put_listed_put_again_and_taken_out(
    own_finder: ExpertFinder, body: str, kind: str, concepts: int
) -> None:
    operator = Operator(own_finder)
    first = operator.ask("PUT", "/skills?language=en", body, kind).json()
    assert (first["name"], first["concepts"], first["added"]) == ("skills", concepts, concepts)
    again = operator.ask("PUT", "/skills?language=en", body, kind).json()
    assert [again[name] for name in ("added", "changed", "withdrawn")] == [0, 0, 0]
    listed = operator.ask("GET", "").json()["vocabularies"]
    assert [(one["name"], one["language"], one["concepts"]) for one in listed] == [("skills", "en", concepts)]
    assert listed[0]["by"].startswith("key:")
    assert [operator.ask("DELETE", "/skills").status_code for _ in range(2)] == [204, 204]
    assert operator.ask("GET", "").json() == {"vocabularies": []}


@pytest.mark.parametrize(
    ("path", "body", "kind", "status", "says"),
    [
        ("/skills", "id,label\nb,\n", CSV, 422, "no label"),
        ("/skills", "number,word\n1,x\n", CSV, 422, "skills.csv"),
        ("/skills", "<urn:b> a skos:Concept .", TTL, 422, "skills.ttl"),
        ("/skills", TABLE, "application/json", 422, "text/csv"),
        ("/skills", "", CSV, 422, "text/csv"),
        ("/SKILLS", TABLE, CSV, 422, ""),
        ("/skills?language=German", TABLE, CSV, 422, ""),
        ("/skills?lang=de", TABLE, CSV, 422, ""),
    ],
)
def test_what_is_wrong_is_one_error_and_nothing_is_taken_over(
    own_finder: ExpertFinder, path: str, body: str, kind: str, status: int, says: str
) -> None:
    operator = Operator(own_finder)
    operator.ask("PUT", "/skills", TABLE)
    before = operator.ask("GET", "").json()
    answer = operator.ask("PUT", path, body, kind)
    assert answer.status_code == status, answer.text
    assert says in answer.json()["detail"] + answer.json().get("file", "")
    assert operator.ask("GET", "").json() == before


def test_a_file_that_is_too_large_is_refused(own_finder: ExpertFinder) -> None:
    operator = Operator(own_finder)
    assert_problem(operator.ask("PUT", "/skills", TABLE + "x" * 10_000_001), 413, "too-large")


def test_a_label_finds_whoever_wrote_another_one_after_the_next_index(
    own_finder: ExpertFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Query(text="container orchestration")
    assert not own_finder.find(asked, SHARED).recommendations
    begun: list[list[str]] = []
    monkeypatch.setattr(Folding, "_begin", lambda _, command: begun.append(command))
    operator = Operator(own_finder)
    operator.ask("PUT", "/skills", TABLE)
    folding = operator._client.app.state.door.renew.__self__
    folding.look()
    assert begun == [["index"]]
    day = day_of(own_finder.snapshot.manifest.as_of).date()
    own_finder.home.build_index(own_finder.store, encode=encoder(DEFAULT), as_of=day)
    own_finder.refresh()
    assert own_finder.find(asked, SHARED).recommendations[0].subject == "acme:ada"
