"""One shape at every door: the prompt prints what the service sends, and who may not be shown is left out."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

import pytest
from tests.answers.prompt import typed
from tests.http.client import Client
from tests.unit.guilds import asked
from tests.unit.office import QUESTION, person
from tests.unit.test_networking import CAST, CURRENCY

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.ask.shapes.answers import answer_out
from expertfinder.ask.shapes.champions import champions_out
from expertfinder.ask.shapes.communities import community_out
from expertfinder.ask.shapes.meet import meeting_out, network_out, path_out
from expertfinder.ask.shapes.people import post_out
from expertfinder.ask.shapes.shape import Shape
from expertfinder.ask.shapes.teams import risks_out, team_out
from expertfinder.http import Options, create_app
from expertfinder.model import SHARED, Person, Query, Viewer
from expertfinder.recommend.network.champion_set import Championship

TEXT = quote(QUESTION)


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExpertFinder]:
    """Two groups and a lawyer, indexed. To be asked only."""
    found = asked(tmp_path_factory.mktemp("doors"), (*CAST, person("dana", groups=("o:legal",))))
    yield found
    found.close()


@pytest.fixture(scope="module")
def client(finder: ExpertFinder) -> Client:
    options = Options(insecure_demo=True, count_demand=False)
    return Client(create_app(finder, finder.store, options), base_url="http://127.0.0.1")


@pytest.mark.parametrize(
    ("command", "path", "inside"),
    [
        (f"find {QUESTION} -n 3", f"/v1/experts?q={TEXT}&limit=3", ()),
        (f"find {QUESTION} -n 3 --as o:dana", f"/v1/experts?q={TEXT}&limit=3&as=o:dana", ()),
        (f"explain o:ada {QUESTION}", f"/v1/people/o:ada/explanation?q={TEXT}", ()),
        ("person o:ada", "/v1/people/o:ada", ("person",)),
        ("topics", "/v1/topics", ("topics",)),
        ("communities", "/v1/communities?limit=100", ("communities",)),
        (f"communities {QUESTION} -n 2", f"/v1/communities?q={TEXT}&limit=2", ()),
        ("communities --for o:flo -n 2", "/v1/communities?person=o:flo&limit=2", ()),
        ("community o:crew", "/v1/communities/o:crew", ()),
        ("champions -n 3", "/v1/champions?size=3", ("with_them",)),
        (
            "champions --community o:crew --one-per-unit",
            "/v1/champions?community=o:crew&one_per_unit=1",
            ("with_them",),
        ),
        ("network o:ada", "/v1/people/o:ada/network", ()),
        ("path o:ada o:bo", "/v1/people/o:ada/path?to=o:bo", ()),
        ("meet o:flo", "/v1/people/o:flo/people-to-meet", ()),
        (f"meet o:gus --topic '{QUESTION}'", f"/v1/people/o:gus/people-to-meet?topic={TEXT}", ()),
        ("risk ingress", "/v1/topics/topic:ingress/risk", ("risk",)),
        ("demand", "/v1/demand", ("topics",)),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_the_prompt_prints_what_the_service_sends(
    finder: ExpertFinder, client: Client, command: str, path: str, inside: Sequence[str]
) -> None:
    said = typed(shlex.split(command.replace("?", "\\?")), finder.home.folder)
    assert (said.code, said.err) == (0, "")
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert_same(said.out, answer.json(), inside)


def assert_same(printed: str, sent: Any, inside: Sequence[str]) -> None:
    """`inside`: where one door has it: a list without the rest, what only the prompt adds, or a name around it."""
    found = json.loads(printed)
    for name in inside:
        if isinstance(found, dict) and name in found and name not in sent:
            found = found[name] if isinstance(found[name], dict) else {k: v for k, v in found.items() if k != name}
        elif isinstance(sent, dict) and name in sent:
            sent = sent[name]
    assert found == sent


def test_a_team_is_the_same_at_both_doors(finder: ExpertFinder, client: Client) -> None:
    said = typed(["team", QUESTION, CURRENCY, "--redundancy", "2"], finder.home.folder)
    sent = client.post("/v1/teams:search", json={"skills": [QUESTION, CURRENCY], "redundancy": 2})
    assert_same(said.out, sent.json(), ())


SHOWN: dict[str, Callable[[Networking], Shape | list[Any]]] = {
    "ranking": lambda net: answer_out(net.finder, net.finder.find(Query(text=QUESTION), SHARED), SHARED, beside=[]),
    "post": lambda net: post_out(
        net.finder,
        net.finder.find(Query(text=QUESTION), SHARED).recommendations[0].reasons[0].citations[0].post,
        SHARED,
    ),
    "community": lambda net: community_out(net, "o:crew", SHARED),
    "champions": lambda net: champions_out(net, Championship(size=4), SHARED),
    "network": lambda net: network_out(net, "o:eva", SHARED),
    "path": lambda net: path_out(net, "o:eva", "o:flo", SHARED),
    "meeting": lambda net: meeting_out(net, "o:flo", SHARED, topic=QUESTION, limit=10),
    "team": lambda net: team_out(net, [QUESTION, CURRENCY], SHARED, redundancy=5),
    "risk": lambda net: risks_out(net, [net.risk("ingress", SHARED)], SHARED),
}
"""Answers that name people."""


@pytest.mark.parametrize("name", SHOWN)
def test_who_was_hidden_since_it_was_answered_is_in_no_part_of_the_answer(
    finder: ExpertFinder, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    usual = finder.people
    for gone in ("o:ada", "o:bo", "o:cleo", "o:gus"):

        def people(viewer: Viewer, *, ids: Sequence[str], gone: str = gone) -> list[Person]:
            return [one for one in usual(viewer, ids=ids) if one.id != gone]

        monkeypatch.setattr(finder, "people", people)
        answer = SHOWN[name](Networking(finder))
        printed = [each.model_dump_json() for each in (answer if isinstance(answer, list) else [answer])]
        assert printed
        assert f'"{gone}"' not in str(printed)


def test_a_shape_has_no_value_that_nobody_gave(finder: ExpertFinder) -> None:
    def kinds(of: type[Shape]) -> list[type[Shape]]:
        return [each for one in of.__subclasses__() for each in (one, *kinds(one))]

    assert len(kinds(Shape)) > 20
    optional = [
        f"{of.__name__}.{name}" for of in kinds(Shape) for name, it in of.model_fields.items() if not it.is_required()
    ]
    assert optional == [], "a shape with a default would be taken for one that names who is not shown"
