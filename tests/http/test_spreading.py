"""Who was asked often stands behind whoever is about as good, where the organisation wishes it; nothing else moves."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from tests.http.client import Client
from tests.http.conftest import INTERACTIONS, POSTS, person, two_days_later
from tests.http.test_wishes import key_of

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.http import Options, create_app


def with_a_twin(finder: ExpertFinder) -> None:
    """Gus knows what Ada knows, in the same words and another order."""
    draw = random.Random(7)
    notes = [
        replace(one, id=one.id.replace("post", "note"), authors=("acme:gus",), text=shuffled(draw, one.text))
        for one in POSTS
        if one.authors == ("acme:ada",)
    ]
    thanks = [
        replace(act, id=f"{act.id}-gus", object=act.object.replace("post", "note"), actor="acme:finn")
        for act in INTERACTIONS
    ]
    finder.store.apply([person("gus", "Gus Able", title="Cluster engineer", skills=("kubernetes",)), *notes, *thanks])
    Home(finder.home.folder).build_index(finder.store, encode=finder.encoder)
    finder.refresh()


def shuffled(draw: random.Random, text: str) -> str:
    return " ".join(draw.sample(text.split(), len(text.split())))


def answer(client: Client, key: dict[str, str]) -> Any:
    found = client.get("/v1/experts?q=kubernetes+ingress", headers=key)
    assert found.status_code == 200
    return found.json()


def ask(client: Client, key: dict[str, str], of: str) -> None:
    said = client.post("/v1/asks", json={"text": "kubernetes", "to": of, "agreed": True}, headers=key)
    assert said.status_code in (200, 201)


def test_who_was_asked_often_lets_the_next_stand_first_and_nothing_else_moves(own_finder: ExpertFinder) -> None:
    with_a_twin(own_finder)
    plain = Client(create_app(own_finder, own_finder.store, Options(now=two_days_later)))
    dana, ben = key_of(own_finder, "acme:dana"), key_of(own_finder, "acme:ben")
    before = answer(plain, dana)
    first, second = (one["subject"]["id"] for one in before["recommendations"][:2])
    assert {first, second} == {"acme:ada", "acme:gus"}, [one["score"] for one in before["recommendations"]]
    for key in (dana, ben):
        ask(plain, key, first)
    assert answer(plain, dana) == before, "where the organisation does not wish it, asks move nothing"
    client = Client(create_app(own_finder, own_finder.store, Options(now=two_days_later, asks_a_month=2)))
    after = answer(client, dana)
    assert [one["subject"]["id"] for one in after["recommendations"][:2]] == [second, first]
    by_id = {one["subject"]["id"]: one for one in before["recommendations"]}
    assert {one["subject"]["id"]: one for one in after["recommendations"]} == by_id, "each is the one that it was"
    assert {**after, "recommendations": 0} == {**before, "recommendations": 0}
    for key in (dana, ben):
        ask(client, key, second)
    assert answer(client, dana) == before, "when both were asked often, the best stands first again"
