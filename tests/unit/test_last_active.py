"""When somebody was last active is the newest day that this viewer may read; champions did something within a year."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.guilds import SOURCE, community, people
from tests.unit.office import LAWYER, LEGAL, NOON, act, opened, post
from typer.testing import CliRunner

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.cli import app
from expertfinder.index.people.every import NEWEST
from expertfinder.index.snapshot import day_of
from expertfinder.model import SHARED, Fact, Viewer
from expertfinder.recommend.network.champion_set import NOBODY_OF_LATE, Championship

NAMES = ("ada", "bo", "cleo", "dan")
FACTS: tuple[Fact, ...] = (
    SOURCE,
    *people(NAMES),
    community("club", "ada bo cleo dan"),
    *(post(f"p-{name}", name, "How the furnace is relined.", age=500, community="o:club") for name in NAMES[:3]),
    post("p-dan", "dan", "How the furnace is relined.", age=20, community="o:club"),
    *(act(name, "thank", "p-ada", age=490) for name in ("bo", "cleo")),
    act("ada", "thank", "p-bo", age=480),
    act("bo", "edit", "p-ada", age=450, audience=LEGAL),
)
"""All were active long ago, and Dan alone within the year before the newest act."""


@pytest.fixture
def finder(tmp_path: Path) -> Iterator[ExpertFinder]:
    with closing(opened(tmp_path / "home", FACTS)) as made:
        yield made


def age(finder: ExpertFinder, person: str, viewer: Viewer = SHARED) -> float:
    """Days before noon of the day of the index; not a number where nothing is known."""
    seen = finder.view(viewer)
    newest = seen.snapshot.last_acts.newest(seen.snapshot.person_rows[f"o:{person}"], seen.audiences)
    return math.nan if math.isnan(newest) else (NOON - day_of(newest)).total_seconds() / 86_400


def test_the_newest_act_is_the_newest_that_the_viewer_may_read(finder: ExpertFinder) -> None:
    assert age(finder, "ada") == 480
    assert age(finder, "bo") == 490, "what Bo edited is for the legal group"
    assert age(finder, "bo", LAWYER) == 450


def test_what_comes_and_goes_moves_the_day_at_once(finder: ExpertFinder) -> None:
    finder.store.apply([post("new", "bo", "Another furnace.", age=3)])
    finder.refresh()
    assert age(finder, "bo") == 3
    finder.store.delete("post", ["o:new"])
    finder.refresh()
    assert age(finder, "bo") == 490


def test_where_all_that_was_kept_is_taken_back_nothing_is_said(tmp_path: Path) -> None:
    many = [post(f"q{n}", "ada", "The furnace.", age=10 + n) for n in range(NEWEST + 3)]
    with closing(opened(tmp_path, (SOURCE, *people(NAMES), *many))) as finder:
        assert age(finder, "ada") == 10
        finder.store.delete("post", [one.id for one in many[:NEWEST]])
        finder.refresh()
        assert math.isnan(age(finder, "ada")), "the index does not know it before the next build"


def test_champions_did_something_within_the_last_year_of_the_data_unless_asked_otherwise(finder: ExpertFinder) -> None:
    net = Networking(finder)
    found = net.champions(Championship(community="o:club"), SHARED)
    assert [one.subject for one in found.ranking.recommendations] == ["o:dan"]
    every = net.champions(Championship(community="o:club", inactive=True), SHARED)
    assert every.ranking.recommendations[0].subject == "o:ada"
    assert {one.subject for one in every.ranking.recommendations} == {"o:ada", "o:bo", "o:cleo", "o:dan"}


def test_a_champion_who_stays_may_have_done_nothing_for_years(finder: ExpertFinder) -> None:
    found = Networking(finder).champions(Championship(community="o:club", already=("o:cleo",)), SHARED)
    stays = found.ranking.recommendations[0]
    assert stays.subject == "o:cleo"
    assert stays.reasons[-1].text == "Is a champion already, and stays."


def test_where_all_left_it_long_ago_the_answer_says_so(tmp_path: Path) -> None:
    facts = [*FACTS, community("gone", "ada bo cleo")]
    with closing(opened(tmp_path, facts)) as finder:
        found = Networking(finder).champions(Championship(community="o:gone"), SHARED)
        assert found.ranking.abstained == NOBODY_OF_LATE(day="12 May 2026")


def test_the_prompt_asks_for_the_inactive_too(tmp_path: Path) -> None:
    opened(tmp_path, FACTS).close()

    def named(*more: str) -> set[str]:
        ran = CliRunner().invoke(app, ["champions", "--community", "o:club", "--home", str(tmp_path), "--json", *more])
        assert ran.exit_code == 0, ran.output
        return {one["subject"]["id"] for one in json.loads(ran.stdout)["recommendations"]}

    assert named() == {"o:dan"}
    assert named("--inactive") == {"o:ada", "o:bo", "o:cleo", "o:dan"}
