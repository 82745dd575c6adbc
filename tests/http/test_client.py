"""A service asked from Python: the same answers as in the process, errors of our own, cards, tables and graphs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.http.browser import serving
from tests.http.conftest import Keys, two_days_later
from tests.http.hostile import PAYLOADS

from expertfinder import Client, Query
from expertfinder.ask.answer import meeting
from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.ask.network import Networking
from expertfinder.ask.quoting import find_quoted
from expertfinder.ask.shapes.answers import answer_out
from expertfinder.ask.shapes.champions import champions_out
from expertfinder.ask.shapes.communities import ranked_communities_out
from expertfinder.ask.shapes.experts import assessment_out, explanation_out
from expertfinder.ask.shapes.meet import meeting_out, network_out
from expertfinder.ask.shapes.people import PersonOut, profile_out
from expertfinder.client import Answer
from expertfinder.errors import (
    ExpertFinderError,
    Forbidden,
    FormatNotSupported,
    InvalidQuestion,
    NotFound,
    StoreUnavailable,
    TooManyRequests,
    Unauthenticated,
)
from expertfinder.http import Options, create_app
from expertfinder.recommend.network.champion_set import Championship

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


@pytest.fixture(scope="module")
def address(finder: ExpertFinder) -> Iterator[str]:
    """The service over acme."""
    with serving(create_app(finder, finder.store, Options(now=two_days_later, clock=lambda: 0.0))) as at:
        yield at


@pytest.fixture
def service(address: str, keys: Keys) -> Iterator[Client]:
    """A client with Dana's key."""
    with Client(address, keys.dana) as opened:
        yield opened


def test_each_answer_is_that_of_the_process(service: Client, finder: ExpertFinder) -> None:
    dana, network = finder.viewer("acme:dana"), Networking(finder)
    query = Query(text="kubernetes", topics=("ingress",), unit="Platform", limit=4)
    asked = Query(text="kubernetes", topics=("ingress",), unit="Platform", limit=4, asker="acme:dana")
    ranking = find_quoted(finder, asked, dana)
    beside = meeting(lambda: network, asked, ranking, dana)
    plain = Query(text="kubernetes", asker="acme:dana", limit=20)
    same = {
        "find": (service.find(query), answer_out(finder, ranking, dana, beside=beside)),
        "explain": (service.explain("kubernetes", "acme:finn"), explanation_out(finder, plain, "acme:finn", dana)),
        "person": (service.person("acme:ada"), PersonOut.of(finder.person("acme:ada", dana))),
        "expertise": (service.expertise("acme:ada"), profile_out(finder, "acme:ada", dana, limit=20)),
        "network": (service.network("acme:ada"), network_out(network, "acme:ada", dana)),
        "communities": (
            service.communities("kubernetes"),
            ranked_communities_out(network, network.communities(dana, query=plain), dana),
        ),
        "champions": (
            service.champions(community="acme:guild:cluster", size=2),
            champions_out(network, Championship(community="acme:guild:cluster", size=2), dana),
        ),
        "meet": (
            service.people_to_meet("acme:finn", topic="kubernetes"),
            meeting_out(network, "acme:finn", dana, topic="kubernetes", limit=3),
        ),
    }
    for name, (told, shape) in same.items():
        assert told == Answer.of(shape), name
        assert told._repr_html_().startswith("<div>")


def test_the_rest_of_the_questions_are_answered(service: Client, address: str, finder: ExpertFinder) -> None:
    assert service.me()["person"]["id"] == "acme:dana"
    assert repr(service.people("okafor")) == "Answer(Ben Okafor)"
    assert service.community("acme:guild:cluster")["community"]["name"] == "Cluster guild"
    assert service.people_to_meet()["subject"]["id"] == "acme:dana"
    assert service.say("kubernetes", "acme:ada", helpful=True) == {"subject": "acme:ada", "helpful": True}
    key = issue_key(finder.store, scopes=("experts:assess",), person="acme:dana")[1]
    with Client(address, key) as assessor:
        told = assessor.assess("kubernetes", "acme:ada")
    shape = assessment_out(finder, Query(text="kubernetes"), "acme:ada", finder.viewer("acme:dana"))
    assert told == Answer.of(shape)


def test_what_goes_wrong_is_raised_as_in_the_process(service: Client, address: str, keys: Keys) -> None:
    for person in ("acme:hana", "acme:nobody"):
        with pytest.raises(NotFound, match="not for you to read"):
            service.person(person)
    with pytest.raises(InvalidQuestion):
        service.find("")
    with pytest.raises(Forbidden) as refused:
        service.assess("kubernetes", "acme:ada")
    assert refused.value.extras["scope"] == "experts:assess"
    with Client(address, "ef_garbage_0123") as stranger, pytest.raises(Unauthenticated):
        stranger.me()
    with pytest.raises(TooManyRequests) as often:
        _ = [service.people("ada") for _ in range(50)]
    assert often.value.extras["retry_after"] == 2
    with pytest.raises(ExpertFinderError, match="limit"):
        service.find("kubernetes", limit=1000)
    with Client("http://127.0.0.1:9", keys.dana) as nowhere, pytest.raises(StoreUnavailable, match="cannot be reached"):
        nowhere.me()


@pytest.mark.parametrize("url", ["http://finder.example", "ftp://127.0.0.1.example", "finder.example", ""])
def test_a_key_is_sent_in_the_clear_to_this_machine_only(url: str) -> None:
    with pytest.raises(InvalidQuestion, match="no https address"):
        Client(url, "key")


def test_a_question_of_an_evaluation_is_refused_and_not_cut_short(service: Client) -> None:
    with pytest.raises(InvalidQuestion, match="for evaluations"):
        service.find(Query(text="kubernetes", exclude_posts=frozenset({"acme:post-1"})))


def test_a_table_has_a_row_for_each_and_a_graph_the_posts_or_the_ties(service: Client) -> None:
    found = service.find("kubernetes")
    table = found.to_pandas()
    assert list(table["id"]) == [one["subject"]["id"] for one in found["recommendations"]]
    parts = [reason["part"] for reason in found["recommendations"][0]["reasons"]]
    assert table.loc[0, parts].sum() == pytest.approx(found["recommendations"][0]["score"])
    graph = found.to_networkx()
    assert graph.nodes["acme:ada"] == {"kind": "person", "name": "Ada Lind"}
    assert sum(of["kind"] == "post" for _, of in graph.nodes(data=True)) > 0
    around = service.network("acme:ada")
    ties = {frozenset((tie["person"], tie["other"])) for tie in around["ties"]}
    assert {frozenset(edge) for edge in around.to_networkx().edges} == ties


def test_a_table_without_pandas_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(FormatNotSupported, match=r"pip install 'expertfinder\[pandas\]'"):
        Answer({"recommendations": []}).to_pandas()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_words_of_others_are_escaped_in_a_card(payload: str) -> None:
    cited = {"post": "x:1", "title": payload, "url": payload, "at": payload}
    reason = {"part": "words", "value": 1.0, "text": payload, "citations": [cited]}
    subject = dict.fromkeys(("id", "name", "title", "org_unit", "location"), payload)
    one = {"subject": subject, "reasons": [reason], "caveat": payload, "confidence": payload}
    html = Answer({"recommendations": [one], "abstained": payload, "notes": [payload]})._repr_html_()
    for mark in ("<script", "<img", "<svg", "<iframe", "<base", "<meta", "<style", "<math", 'href="javascript'):
        assert mark not in html


def test_the_notebook_runs(demo_home: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_home, tmp_path / "acme")
    finder = ExpertFinder.open(tmp_path / "acme")
    cells = [cell for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] for cell in cells)
    script = (
        "import asyncio, json, sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "for cell in json.load(sys.stdin):\n"
        "    shell.run_cell(cell, store_history=True).raise_error()\n"
    )
    with serving(create_app(finder, finder.store)) as at:
        done = subprocess.run(
            [sys.executable, "-c", script],
            input=json.dumps([cell["source"] for cell in cells]),
            cwd=tmp_path,
            env={
                **os.environ,
                "URL": at,
                "KEY": issue_key(finder.store, scopes=("experts:read", "people:read"))[1],
                "IPYTHONDIR": str(tmp_path / "ipython"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
    finder.close()
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    assert "Answer(" in done.stdout
