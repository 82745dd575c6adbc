"""The rules of the ranking, each alone: how long acts last, how many posts count, what a short question wants."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.office import act, opened, person, post

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.index.access import View
from expertfinder.index.candidates import MOST_OF_ONE, Question
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.people.activity import half_lives
from expertfinder.index.posts.bm25 import Words
from expertfinder.index.recipe import SHIPPED
from expertfinder.model import SHARED, Fact, Query
from expertfinder.recommend.experts.experts import few_in_full, score_experts

ENCODE = encoder(DEFAULT)
IN_FULL = SHIPPED.in_full
FILLING = "wombat roots fence night rain burrow meadow gravel lantern harbour"


def parts(folder: Path, facts: list[Fact], text: str, *names: str) -> dict[str, dict[str, float]]:
    """Part -> person -> value, for a question to a finder over these facts."""
    finder = opened(folder, facts)
    try:
        scored = score_experts(View.of(finder.snapshot, SHARED), Query(text=text), ENCODE)
        rows = finder.snapshot.person_rows
        return {
            entry.part: {name: float(entry.value[rows[f"o:{name}"]]) for name in names}
            for entry in scored.ledger.entries
        }
    finally:
        finder.close()


# --- half-lives ------------------------------------------------------------------------------------------------------


def test_each_family_has_the_half_life_of_its_class_in_the_vocabulary() -> None:
    words = vocabulary()
    families = ["authored", "accepted", "endorsed", "reviewed", "unheard of"]
    slow = words.half_lives["slow"]
    assert slow > 1.0
    assert half_lives(families).tolist() == [1.0, slow, slow, 1.0, 1.0]


def test_thanks_fade_more_slowly_than_the_post_they_are_for(tmp_path: Path) -> None:
    old, new = post("old", "zoe", FILLING, age=900), post("new", "yan", "ledger", age=0)
    thanks = act("yan", "thank", "old", age=900)
    finder = opened(tmp_path, [person("zoe"), person("yan"), person("xia"), old, new, thanks])
    snapshot = finder.snapshot
    span = snapshot.manifest.span
    row = snapshot.person_rows["o:zoe"]
    age = 900.0 + (snapshot.manifest.as_of - float(snapshot.shared.segment.created.max()))
    shared = snapshot.shared.segment
    families = [snapshot.families[family] for family in shared.act_family[shared.act_person == row]]
    strengths = shared.act_strength[shared.act_person == row].tolist()
    assert sorted(families) == ["accepted", "authored"]
    usual = {"authored": 0.25 * span, "accepted": 0.5 * span}
    expected = sum(s * 0.5 ** (age / usual[family]) for family, s in zip(families, strengths, strict=True))
    assert snapshot.standing.activity[row] == pytest.approx(expected, rel=1e-6)


# --- how many posts count --------------------------------------------------------------------------------------------

amounts = st.lists(st.tuples(st.integers(0, 2), st.floats(0.0, 1.0)), min_size=1, max_size=80)


def total(acts: list[tuple[int, float]]) -> np.ndarray:
    """What three people have of these amounts."""
    person, amount = np.array([who for who, _ in acts]), np.array([value for _, value in acts])
    return np.bincount(person, amount * few_in_full(person, amount, most=IN_FULL), minlength=3)


@given(amounts, st.integers(0, 2), st.floats(0.0, 1.0))
def test_one_more_post_never_takes_from_anybody(acts: list[tuple[int, float]], who: int, value: float) -> None:
    assert (total([*acts, (who, value)]) >= total(acts) - 1e-12).all()


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0.0, 1.0)), min_size=60, max_size=60))
def test_the_first_fifteen_count_in_full_and_each_further_one_less(acts: list[tuple[int, float]]) -> None:
    for who in range(3):
        mine = sorted((value for person, value in acts if person == who), reverse=True)
        expected = sum(value * min(1.0, IN_FULL / rank) for rank, value in enumerate(mine, 1))
        assert total(acts)[who] == pytest.approx(expected)


def test_nothing_is_shared_out_where_there_is_nothing() -> None:
    assert len(few_in_full(np.empty(0, np.int64), np.empty(0), most=IN_FULL)) == 0


@pytest.mark.parametrize("seed", range(5))
def test_of_equal_acts_of_a_person_the_first_keeps_most(seed: int) -> None:
    draw = np.random.default_rng(seed)
    person, amount = draw.integers(0, 4, 90), draw.integers(1, 5, 90) / 7.0
    seen, share = [0, 0, 0, 0], np.ones(90)
    for act_of in sorted(range(90), key=lambda number: (-amount[number], number)):
        seen[person[act_of]] += 1
        share[act_of] = min(1.0, 3.0 / seen[person[act_of]])
    assert few_in_full(person, amount, most=3.0).tolist() == share.tolist()


# --- short questions -------------------------------------------------------------------------------------------------


def test_on_a_short_question_a_profile_counts_in_full_where_one_post_has_both_words(tmp_path: Path) -> None:
    crowd = [person(f"p{i}") for i in range(8)]
    noise = [post(f"n{i}", f"p{i % 8}", f"{FILLING} subject{i}") for i in range(24)]
    apart = [post("a", "zoe", f"quokka {FILLING}"), post("b", "zoe", f"timeout {FILLING}")]
    other = "violin sonata autumn carpet mirror copper lemon train orchard whistle"
    together = [post("c", "yan", f"quokka timeout {FILLING}"), post("d", "yan", other)]
    facts = [person("zoe"), person("yan"), *crowd, *noise, *apart, *together]
    short = parts(tmp_path / "short", facts, "quokka timeout", "zoe", "yan")["profile"]
    many = " ".join(f"absent{i}" for i in range(400))
    long = parts(tmp_path / "long", facts, f"quokka timeout {many}", "zoe", "yan")["profile"]
    # The same words in the same posts: what differs is how many of them stand in one.
    assert short["zoe"] / short["yan"] < 0.9 * long["zoe"] / long["yan"]


# --- floods ----------------------------------------------------------------------------------------------------------


def test_a_flood_by_one_does_not_push_out_what_others_wrote(tmp_path: Path) -> None:
    """Each differs enough from the others to be no near-copy, and has both words more often than honest posts have."""
    flood = [
        post(f"f{i:04}", "zoe", f"quokka timeout quokka timeout word{i} term{i} part{i} item{i}", age=i % 700)
        for i in range(1500)
    ]
    honest = [post(f"h{i}", f"p{i % 8}", f"quokka timeout {FILLING} subject{i} thing{i}") for i in range(24)]
    finder = opened(tmp_path, [person("zoe"), *(person(f"p{i}") for i in range(8)), *flood, *honest])
    snapshot = finder.snapshot
    words = Words.of(["quokka", "timeout"], snapshot.term_rows, snapshot.statistics)
    vector = ENCODE.encode(["quokka timeout"])[0]
    found = Question(View.of(snapshot, SHARED), Query(text="quokka timeout"), words, vector).candidates()
    ids = [snapshot.shared.segment.ids[row] for row in found.posts.tolist()]
    assert sum(name.startswith("o:h") for name in ids) == len(honest)
    assert sum(name.startswith("o:f") for name in ids) <= 2 * MOST_OF_ONE
