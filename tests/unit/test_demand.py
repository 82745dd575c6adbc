"""What is asked for: counted once an asker and week, shown from five askers on, beside who carries it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.unit.office import FACTS, LEDGER, opened, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.ask.organisation.demand import FEWEST_ASKERS, Demand
from expertfinder.model import Query, Viewer

WEDNESDAY = date(2026, 11, 25)
ASKED = Query(text="Who knows why the INGRESS drops calls?")
BOOKS = Query(text="anything", topics=("ledger",))


@pytest.fixture
def finder(tmp_path: Path) -> Iterator[ExpertFinder]:
    own = opened(tmp_path, (*FACTS, post("x1", "fay", LEDGER, age=900, tags=("ledger",))))
    yield own
    own.close()


@pytest.fixture
def demand(finder: ExpertFinder) -> Demand:
    return Demand(finder, Networking(finder))


def ask(demand: Demand, query: Query, people: int, *, today: date = WEDNESDAY) -> None:
    for number in range(people):
        demand.note(query, Viewer(f"o:asker{number}"), today)


def test_a_question_counts_for_the_topics_that_stand_in_it(demand: Demand) -> None:
    assert demand.note(ASKED, Viewer("o:ada"), WEDNESDAY) == ("ingress",)
    assert demand.note(BOOKS, Viewer("o:ada"), WEDNESDAY) == ("ledger",)
    assert demand.note(Query(text="sailing to the moon"), Viewer("o:ada"), WEDNESDAY) == ()


def test_what_fewer_than_five_ask_is_shown_to_nobody(demand: Demand) -> None:
    ask(demand, ASKED, FEWEST_ASKERS - 1)
    for _ in range(5):
        demand.note(ASKED, Viewer("o:asker0"), WEDNESDAY)  # the same one, time and again
    assert demand.gaps(Viewer(), WEDNESDAY) == []
    demand.note(ASKED, Viewer("o:somebody-else"), WEDNESDAY)
    assert {gap.topic for gap in demand.gaps(Viewer(), WEDNESDAY)} == {"ingress"}


def test_askers_of_two_weeks_are_not_added_up(demand: Demand) -> None:
    ask(demand, BOOKS, 4)
    ask(demand, BOOKS, 4, today=WEDNESDAY + timedelta(weeks=1))
    assert demand.gaps(Viewer(), WEDNESDAY + timedelta(weeks=1)) == []


def test_what_few_carry_and_many_ask_for_comes_first(demand: Demand) -> None:
    ask(demand, ASKED, 5)
    ask(demand, BOOKS, 9)
    first = demand.gaps(Viewer(), WEDNESDAY)[0]
    assert (first.topic, first.askers, first.people, first.week) == ("ledger", 9, 2, date(2026, 11, 23))
    assert 1.0 < first.spread < 1.5, "nearly all of it is Cleo's"
    assert demand.gaps(Viewer(), WEDNESDAY + timedelta(weeks=20)) == [], "what was asked long ago may be answered"


def test_nobody_in_particular_and_an_audited_exception_do_not_count(demand: Demand, finder: ExpertFinder) -> None:
    for nobody in (Viewer(), Viewer("o:ada", everything=True)):
        assert demand.note(ASKED, nobody, WEDNESDAY) == ()
    assert finder.store.demand(fewest=1) == []


def test_asking_moves_no_answer_and_no_version(demand: Demand, finder: ExpertFinder) -> None:
    before = (finder.find(ASKED, Viewer()), finder.store.sequence())
    ask(demand, ASKED, 6)
    finder.refresh()
    assert (finder.find(ASKED, Viewer()), finder.store.sequence()) == before


def test_words_of_questions_that_find_nobody_are_told_from_five_askers_on_where_no_topic_has_them(
    demand: Demand,
) -> None:
    sailing = Query(text="Who can teach us celestial navigation?")
    for number in range(FEWEST_ASKERS):
        assert demand.gaps(Viewer(), WEDNESDAY) == []
        demand.note(sailing, Viewer(f"o:asker{number}"), WEDNESDAY)  # somebody was found
        demand.note(sailing, Viewer(f"o:asker{number}"), WEDNESDAY, met=False)
        demand.note(ASKED, Viewer("o:asker0"), WEDNESDAY, met=False)  # it has a topic: that is counted, not its words
    told = {gap.topic: (gap.askers, gap.people, gap.known) for gap in demand.gaps(Viewer(), WEDNESDAY)}
    assert told["celestial"] == told["navigation"] == (FEWEST_ASKERS, 0, False)
    assert not told.keys() & {"ingress", "drops", "who"}
