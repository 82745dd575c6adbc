"""F11, G5: what did not help lowers visibly, within bounds that no crowd can move, and never without a recorded ask."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.quality.scene import opened, person

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.oneself.helped import HALF_LIFE, KEPT, MOST_BY_ONE
from expertfinder.index.snapshot import day_of
from expertfinder.model import SHARED, Audience, Person, Query, Recommendation
from expertfinder.sources.native import NativeReader
from expertfinder.sources.reader import declared
from expertfinder.store import Ask, Feedback

CROWD = [f"a:crowd{i}" for i in range(10)]
"""Ten accounts that agree."""
QUESTIONS = 12
"""So many questions of the demo."""


@pytest.fixture(scope="module")
def finder(small_demo_set: Path) -> Iterator[ExpertFinder]:
    """The demo organisation of a hundred people, with ten who collude, one whom nobody may find, and one machine."""
    facts = list(NativeReader(small_demo_set, source=declared("demo", audience="organisation")).facts())
    crowd: list[Person] = [person(one.removeprefix("a:")) for one in CROWD]
    crowd += [person("quiet", audience=Audience("private")), person("robot", kind="service")]
    with opened([*facts, *crowd]) as found:
        yield found


@pytest.fixture(scope="module")
def questions(small_demo_set: Path, finder: ExpertFinder) -> list[str]:
    """Questions that have a topic in them and that at least five are named for."""
    lines = (small_demo_set / "queries.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    return [text for text in texts if len(named(finder, text)) >= 5][:QUESTIONS]


def named(finder: ExpertFinder, text: str) -> list[Recommendation]:
    """Everybody who is named, best first."""
    return list(finder.find(Query(text=text, limit=100), SHARED).recommendations)


@contextmanager
def stated(
    finder: ExpertFinder, *said: tuple[str, str, str], at: datetime | None = None, ask: bool = True
) -> Iterator[None]:
    """While some say (asker, subject, question) that they were not helped; afterwards it is taken back."""
    when = at or day_of(finder.snapshot.manifest.as_of)
    kept: list[Ask | Feedback] = []
    for number, (asker, subject, text) in enumerate(said):
        day = (when - timedelta(days=number)).date().isoformat()  # one ask a day is kept
        if ask:
            kept.append(Ask(person=asker, subject=subject, day=day, text=text, why="", at=when))
        kept.append(Feedback(person=asker, subject=subject, text=text, helpful=False, at=when))
    for one in kept:
        finder.store.state(one)
    finder.refresh()
    try:
        yield
    finally:
        for one in kept:
            finder.store.retract(one)
        finder.refresh()


def places(found: list[Recommendation]) -> dict[str, int]:
    """Who stands where."""
    return {one.subject: place for place, one in enumerate(found)}


def test_ten_who_collude_move_nobody_by_more_than_one_place(finder: ExpertFinder, questions: list[str]) -> None:
    before = {text: named(finder, text) for text in questions}
    targets = [(before[text][place].subject, text) for text in questions for place in (0, 1, 3)]
    lowered = moved = 0
    with stated(finder, *((one, subject, text) for one in CROWD for subject, text in targets)):
        for text, first in before.items():
            after = named(finder, text)
            assert {one.subject for one in after} == {one.subject for one in first}
            scores = {one.subject: one.score for one in after}
            lowered += sum(scores[one.subject] < one.score for one in first)
            now = places(after)
            steps = [abs(now[one.subject] - place) for place, one in enumerate(first)]
            moved += sum(steps)
            assert max(steps) <= 1, text
    assert lowered >= len(questions), "what did not help lowers, or this tries nothing"
    assert moved, "somebody loses a place, or this tries nothing"


def test_it_is_said_to_everybody_and_moves_no_word_of_confidence(finder: ExpertFinder, questions: list[str]) -> None:
    text = questions[0]
    before, version = finder.find(Query(text=text, limit=100), SHARED), finder.version(SHARED)
    subject = before.recommendations[0].subject
    with stated(finder, *((one, subject, text) for one in CROWD)):
        after = finder.find(Query(text=text, limit=100), SHARED)
        assert finder.version(SHARED) != version
    assert after.confidence == before.confidence
    assert {one.subject: one.confidence for one in after.recommendations} == {
        one.subject: one.confidence for one in before.recommendations
    }
    told = {one.subject: one.caveat for one in after.recommendations if "Counts less since" in one.caveat}
    assert set(told) == {subject}
    assert finder.version(SHARED) == version
    for one in after.recommendations:
        assert sum(reason.value for reason in one.reasons) == pytest.approx(one.score)


def test_one_asker_takes_a_tenth_at_most_however_often_they_say_it(finder: ExpertFinder, questions: list[str]) -> None:
    text = questions[0]
    last = named(finder, text)[-1]
    often = [(CROWD[0], last.subject, f"{text} {more}") for more in ("", "again", "and again", "still")]
    with stated(finder, *often):
        now = places(found := named(finder, text))[last.subject]
        assert (1 - MOST_BY_ONE) * last.score <= found[now].score < last.score


@pytest.mark.parametrize("asked", ["nothing", "something else", "somebody hidden", "a machine", "somebody unknown"])
def test_it_counts_from_an_asker_whom_everybody_may_find_and_who_asked_this(
    finder: ExpertFinder, questions: list[str], asked: str
) -> None:
    text = questions[0]
    before = named(finder, text)
    asker = {"somebody hidden": "a:quiet", "a machine": "a:robot", "somebody unknown": "a:none"}.get(asked, CROWD[0])
    subject, as_of = before[0].subject, day_of(finder.snapshot.manifest.as_of)
    other = Ask(person=CROWD[0], subject=subject, day="2020-01-01", text="sailing", why="", at=as_of)
    if asked == "something else":
        finder.store.state(other)
    with stated(finder, (asker, subject, text), ask=asked not in ("nothing", "something else")):
        assert named(finder, text) == before
    finder.store.retract(other)


def test_it_fades_and_is_gone_after_a_year(finder: ExpertFinder, questions: list[str]) -> None:
    text, as_of = questions[0], day_of(finder.snapshot.manifest.as_of)
    last = named(finder, text)[-1]
    left = []
    for days in (0.0, HALF_LIFE, KEPT - 1, KEPT):
        with stated(finder, (CROWD[0], last.subject, text), at=as_of - timedelta(days=days)):
            found = named(finder, text)
            left.append(found[places(found)[last.subject]].score)
    assert left[0] < left[1] < left[2] < left[3] == last.score
    assert last.score - left[1] == pytest.approx((last.score - left[0]) / 2)


def test_nobody_falls_below_what_one_post_is_worth(finder: ExpertFinder, questions: list[str]) -> None:
    bound = 0
    for text in questions:
        last = named(finder, text)[-1].subject
        before = finder.explain(Query(text=text), last, SHARED)
        worth: dict[str, float] = {}
        for reason in before.reasons:
            for one in reason.citations:
                worth[one.post] = worth.get(one.post, 0.0) + one.contribution
        with stated(finder, *((one, last, text) for one in CROWD)):
            after = finder.explain(Query(text=text), last, SHARED).score
        assert after >= max(worth.values()) - 1e-9
        bound += after == pytest.approx(max(worth.values()))
    assert bound, "the bound holds somebody up, or this tries nothing"
