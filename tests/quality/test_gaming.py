"""G1 to G4, F1, R3: rings, self-praise, floods and one loud friend make no expert; names count nothing."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.leak.worlds import WORDS
from tests.quality.scene import FACTS, LAST, PEOPLE, QUERY, act, opened, person, post, scores
from tests.sizes import size

from expertfinder.ask.finder import MOST_PEOPLE, ExpertFinder
from expertfinder.errors import InvalidQuestion
from expertfinder.model import SHARED, Confidence, Fact, Query
from expertfinder.sources.native import NativeReader
from expertfinder.sources.reader import declared

RING = 10
COPIES = size("G3")
"""Near-copies in the flood."""
MOST_BY_FLOOD = 1.2
MOST_BY_ONE = 0.10


def _scored(*facts: Fact) -> dict[str, float]:
    with opened([*FACTS, *facts]) as finder:
        return scores(finder)


@pytest.fixture(scope="module")
def honest() -> dict[str, float]:
    """Everybody's score before anybody cheats."""
    return _scored()


@pytest.mark.parametrize("verb", ["like", "endorse", "accept", "thank", "answer", "review", "edit", "share", "curate"])
def test_what_one_does_to_ones_own_post_counts_exactly_nothing(honest: dict[str, float], verb: str) -> None:
    assert _scored(*(act(f"self{i}", f"p{i % 12}", verb, f"q{i}") for i in range(0, 40, 5))) == honest


def test_doing_a_thing_again_counts_exactly_nothing() -> None:
    once = [act("e", "p2", "endorse", "q1"), act("r", "p3", "review", "q1")]
    again = [
        *(act(f"e{i}", "p2", "endorse", "q1") for i in range(20)),
        *(act(f"r{i}", "p3", "review", "q1") for i in range(20)),
    ]
    assert _scored(*once, *again) == _scored(*once)


def test_likes_count_exactly_nothing(honest: dict[str, float]) -> None:
    likes = [act(f"like{i}-{j}", f"p{i}", "like", f"q{j}") for i in range(12) for j in range(0, 40, 3)]
    assert _scored(*likes) == honest


@pytest.fixture(scope="module")
def demo(small_demo_set: Path) -> tuple[list[Fact], list[Query]]:
    """The demo organisation: a hundred people, and its questions."""
    facts = list(NativeReader(small_demo_set, source=declared("demo", audience="organisation")).facts())
    lines = (small_demo_set / "queries.jsonl").read_text("utf-8").splitlines()
    return facts, [Query(text=json.loads(line)["text"]) for line in lines]


def _in_the_top(facts: list[Fact], queries: list[Query]) -> set[str]:
    """The questions for which somebody of the ring is among the first ten."""
    with opened(facts) as finder:
        return {
            query.text
            for query in queries
            if any(one.subject.startswith("a:ring") for one in finder.find(query, SHARED).recommendations)
        }


@pytest.mark.parametrize("verb", ["like", "endorse", "thank"])
def test_a_ring_of_friends_lifts_nobody_without_evidence(demo: tuple[list[Fact], list[Query]], verb: str) -> None:
    facts, queries = demo
    ring: list[Fact] = [person(f"ring{i}") for i in range(RING)]
    ring += [post(f"chat{i}", f"ring{i}", "good morning to all of you", kind="message") for i in range(RING)]
    praise = [act(f"ring{i}-{j}", f"ring{i}", verb, f"chat{j}") for i in range(RING) for j in range(RING) if i != j]
    lifted = _in_the_top([*facts, *ring, *praise], queries) - _in_the_top([*facts, *ring], queries)
    assert len(lifted) <= 0.01 * len(queries), lifted


def test_who_repeats_one_tip_for_two_years_is_never_first_nor_anybody_to_be_sure_of(
    demo_set: Path, demo_home: Path
) -> None:
    truth = json.loads((demo_set / "truth.json").read_text("utf-8"))
    flooders = {f"demo:{name}" for name in truth["flooders"]}
    lines = (demo_set / "queries.jsonl").read_text("utf-8").splitlines()
    named = 0
    with closing(ExpertFinder.open(demo_home)) as finder:
        for text in (json.loads(line)["text"] for line in lines):
            for place, one in enumerate(finder.find(Query(text=text), SHARED).recommendations):
                if one.subject in flooders:
                    named += 1
                    assert place > 0, text
                    assert one.confidence is not Confidence.HIGH, text
    assert named


def test_a_flood_of_near_copies_is_worth_little_more_than_one() -> None:
    text = "kubernetes proxy timeout and the drain of a node before its upgrade"
    flood = [post(f"copy{i:04d}", "p5", f"{text} part {i}") for i in range(COPIES)]
    one, many = _scored(flood[0])["a:p5"], _scored(*flood)["a:p5"]
    assert many <= MOST_BY_FLOOD * one, f"{many / one:.2f} times the score of one"


def test_one_endorser_weighs_little_in_anybodys_score() -> None:
    """One loud friend, on every post of somebody with honest evidence."""
    mine = [int(fact.id[3:]) for fact in FACTS if getattr(fact, "authors", ()) == ("a:p1",)]
    loud = [act(f"loud{i}", "p9", "thank", f"q{i}") for i in mine]
    others = [act(f"fair{i}-{j}", f"p{j}", "thank", f"q{i}") for i in mine for j in (2, 3, 4, 5, 6, 7)]
    without, with_one = _scored(*others)["a:p1"], _scored(*others, *loud)["a:p1"]
    assert with_one - without <= MOST_BY_ONE * without


def test_names_count_exactly_nothing(honest: dict[str, float]) -> None:
    renamed = [
        replace(one, name=f"{WORDS[i]} kubernetes", bio="kubernetes proxy timeout, she/her")
        for i, one in enumerate(PEOPLE)
    ]
    with opened([*(fact for fact in FACTS if fact not in PEOPLE), *renamed]) as finder:
        assert scores(finder) == honest


def test_how_long_somebody_has_been_there_counts_exactly_nothing(honest: dict[str, float]) -> None:
    """One year or fifteen, with the same evidence."""
    joined = [replace(one, joined_at=LAST - timedelta(days=365 * (1 + 14 * (i % 2)))) for i, one in enumerate(PEOPLE)]
    with opened([*(fact for fact in FACTS if fact not in PEOPLE), *joined]) as finder:
        assert scores(finder) == honest


@pytest.mark.parametrize("limit", [0, -1, MOST_PEOPLE + 1, 10_000])
def test_no_question_ranks_more_than_a_hundred_people(limit: int) -> None:
    assert MOST_PEOPLE == 100
    with opened(FACTS) as finder, pytest.raises(InvalidQuestion):
        finder.find(replace(QUERY, limit=limit), SHARED)


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_nobody_is_ranked_without_a_subject(text: str) -> None:
    with opened(FACTS) as finder, pytest.raises(InvalidQuestion):
        finder.find(Query(text=text), SHARED)


@pytest.mark.parametrize("text", ["???", "...", "the of and", "zzqx vvrw", "🙂"])
def test_a_question_that_says_nothing_names_nobody(text: str) -> None:
    """A word that nobody wrote must not fall back to a ranking of the staff by activity."""
    with opened(FACTS) as finder:
        try:
            found = finder.find(Query(text=text, limit=100), SHARED)
        except InvalidQuestion:
            return
        assert not found.recommendations
        assert found.abstained


TRICKS = {
    "one phrase again and again": lambda words: [post("trick0", "fresh", " ".join(words * 15))],
    "two posts": lambda words: [
        post(f"trick{i}", "fresh", f"we looked into {' and '.join(words)} once more, take {number} of it")
        for i, number in enumerate(("one", "two"))
    ],
    "approvals": lambda words: [act(f"trick{i}", "fresh", "approve", f"q{i}") for i in (1, 2, 3, 5, 6, 7, 9, 10)],
}
"""What an account does alone whom nobody knows: words of a question -> facts."""


@pytest.mark.parametrize("trick", TRICKS)
def test_an_answer_is_never_sure_of_a_fresh_account(trick: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where it stands far before everybody else."""
    monkeypatch.setattr("expertfinder.recommend.experts.confidence.HIGH", 1e-6)
    facts = [*FACTS, person("fresh"), *TRICKS[trick](["kubernetes", "proxy", "timeout"])]
    with opened(facts) as finder:
        found = finder.explain(QUERY, "a:fresh", SHARED)
        first = finder.find(QUERY, SHARED).recommendations[0]
    assert first.subject != "a:fresh" or found.confidence is not Confidence.HIGH
    if trick == "one phrase again and again":
        assert first.subject == "a:fresh", "the trick lifts it to the first place, or this tries nothing"
