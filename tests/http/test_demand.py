"""Questions over HTTP are counted by topic: from five askers on it is shown, and never who asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.http.client import Client
from tests.http.conftest import bearer
from tests.unit.office import opened

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.http import Options, create_app

NOW = datetime(2026, 6, 3, tzinfo=UTC)
ASKERS = ("o:ada", "o:ben", "o:cleo", "o:dana", "o:fay")


@pytest.fixture
def finder(tmp_path: Path) -> Iterator[ExpertFinder]:
    own = opened(tmp_path)
    yield own
    own.close()


def ask(finder: ExpertFinder, client: Client, askers: tuple[str, ...]) -> list[dict[str, object]]:
    """Everybody asks the same; what is then said about demand."""
    for person in askers:
        secret = issue_key(finder.store, person=person, scopes=("experts:read",))[1]
        answer = client.get("/v1/experts?q=Who+knows+the+ingress", headers=bearer(secret))
        assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = client.get("/v1/demand", headers=bearer(secret)).json()["topics"]
    return found


def test_five_askers_make_a_topic_visible_and_four_do_not(finder: ExpertFinder) -> None:
    client = Client(create_app(finder, finder.store, Options(now=lambda: NOW)))
    assert ask(finder, client, ASKERS[:4]) == []
    (gap,) = ask(finder, client, ASKERS)
    assert (gap["topic"], gap["askers"], gap["week"]) == ("topic:ingress", 5, "2026-06-01")
    assert not any(person in str(gap) for person in ASKERS)


def test_what_was_counted_under_another_form_of_a_topic_is_told_under_its_name(finder: ExpertFinder) -> None:
    client = Client(create_app(finder, finder.store, Options(now=lambda: NOW)))
    for person in ASKERS:
        finder.store.note_question(["Ingresses"], person, week=date(2026, 6, 1))
    assert [gap["topic"] for gap in ask(finder, client, ASKERS[:1])] == ["topic:ingress"]


def test_counting_can_be_switched_off(finder: ExpertFinder) -> None:
    client = Client(create_app(finder, finder.store, Options(now=lambda: NOW, count_demand=False)))
    assert ask(finder, client, ASKERS) == []
    assert finder.store.demand(fewest=1) == []
