"""No sum depends on an order that somebody else's facts decide: to the last bit, with them and without them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tests.sizes import size
from tests.unit.office import FACTS, INGRESS, LEGAL, MERGER, QUESTION, act, opened, person, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.index import candidates
from expertfinder.index.access import View
from expertfinder.index.candidates import Question, act_order
from expertfinder.index.people.filtered import Whole
from expertfinder.index.posts.bm25 import Words
from expertfinder.index.posts.function_words import content_words
from expertfinder.model import SHARED, Fact, Query

LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)


@contextmanager
def both(folder: Path, facts: Sequence[Fact], secret: Sequence[Fact]) -> Iterator[tuple[ExpertFinder, ExpertFinder]]:
    """The organisation with the secret facts, and without."""
    finders = opened(folder / "with", (*facts, *secret)), opened(folder / "without", facts)
    yield finders
    for finder in finders:
        finder.close()


def asked(finder: ExpertFinder, text: str = QUESTION) -> list[object]:
    """An answer with all its numbers, as the shared tier is given it."""
    found = finder.find(Query(text=text, limit=100), SHARED)
    return [found.recommendations, found.confidence, found.abstained]


@pytest.mark.parametrize("seed", range(size("drawn")))
def test_acts_are_added_up_in_one_order_whatever_order_they_come_in(seed: int) -> None:
    draw = np.random.default_rng(seed)
    keys = [draw.integers(0, 3, 60) for _ in range(3)]
    amount = draw.choice([0.1, 0.3, 1.0, 0.7], 60), draw.choice([np.nan, 1.5, 20_000.25], 60)
    shuffled = draw.permutation(60)
    there = [column[shuffled] for column in (*keys, *amount)]
    one, other = (
        act_order(post, who, family, strength=strength, at=at)
        for post, who, family, strength, at in ((*keys, *amount), there)
    )
    for column, moved in zip((*keys, *amount), there, strict=True):
        assert column[one].tobytes() == moved[other].tobytes()


@pytest.mark.parametrize("filters", [Query(since=LONG_AGO), Query(tags=("ingress", "field work"))])
def test_a_filtered_profile_is_the_same_beside_words_that_only_others_read(
    office: ExpertFinder, filters: Query
) -> None:
    seen, snapshot = View.of(office.snapshot, SHARED), office.snapshot
    plain = content_words(f"{QUESTION} nodes cluster upgrade drain short")
    closed = [word for word in content_words(MERGER) if not _open(office, word)]
    assert len(closed) > 2
    for place in range(len(plain)):
        words = [*plain[:place], *closed, *plain[place:]]
        own, beside = (
            Whole.of(seen, Words.of(tokens, snapshot.term_rows, snapshot.statistics), filters).profile
            for tokens in (plain, words)
        )
        assert own.max() > 0
        assert own.tobytes() == beside.tobytes()


def _open(finder: ExpertFinder, word: str) -> bool:
    frequency = finder.snapshot.statistics.frequency
    return finder.snapshot.term_rows[word] < len(frequency) and frequency[finder.snapshot.term_rows[word]] > 0


def test_a_flood_by_somebody_who_is_hidden_pushes_out_nothing(tmp_path: Path) -> None:
    """What they wrote is there either way; that one person wrote all of it is known to nobody."""
    flood = [post(f"x{n:02}", "zoe", f"{INGRESS} Note {n}.", title=f"Note {n}", age=n) for n in range(70)]
    reviews = [act(who, "review", f"x{n:02}") for n in range(70) for who in (("ben", "cleo", "fay")[n % 3],)]
    with both(tmp_path, [*FACTS, *flood, *reviews], [person("zoe", hidden=True)]) as (one, other):
        assert asked(one) == asked(other)


def test_authorship_that_others_read_pushes_out_nothing(tmp_path: Path) -> None:
    written = [post(f"x{n:02}", f"w{n}", f"{INGRESS} Note {n}.", title=f"Note {n}", age=n) for n in range(70)]
    reviews = [act(("ben", "cleo")[n % 2], "review", f"x{n:02}") for n in range(70)]
    closed = [act("fay", "co_author", f"x{n:02}", audience=LEGAL) for n in range(70)]
    with both(tmp_path, [*FACTS, *written, *reviews], closed) as (one, other):
        assert asked(one) == asked(other)


def test_authorship_that_others_read_is_no_near_copy_of_what_all_read(tmp_path: Path) -> None:
    """The words are their own: what others wrote before in the same ones is no evidence of zoe, whoever reads what."""
    written = [post(f"y{n}", "yan", f"{INGRESS} Note {n}.", age=4 - n) for n in (1, 2)]
    facts = [*FACTS, person("yan"), person("zoe"), *written, act("zoe", "create", "y1")]
    closed = [act("zoe", "co_author", name, audience=LEGAL) for name in ("y1", "y2")]
    with both(tmp_path, facts, closed) as (one, other):
        assert asked(one) == asked(other)
        assert "o:zoe" in [each.subject for each in one.find(Query(text=QUESTION), SHARED).recommendations]


def test_posts_that_tie_at_the_cut_are_the_same_whatever_was_read_again(tmp_path: Path) -> None:
    """300 of the same meaning, of which 200 are looked at: an act that others read makes some of them fresh."""
    said = "Sourdough needs a warm kitchen overnight."
    names = [f"t{n:03}" for n in range(300)]
    written = [post(name, f"b{name}", said, age=40) for name in names]
    bakers = [person(f"b{name}") for name in names]
    with both(tmp_path, [*FACTS, *bakers, *written], []) as (one, other):
        one.store.apply([act("fay", "review", name, audience=LEGAL) for name in names[3:90:7]])
        one.refresh()
        assert len(one.snapshot.fresh)
        found = []
        for finder in (one, other):
            text = "baking bread at home"
            words = Words.of(content_words(text), finder.snapshot.term_rows, finder.snapshot.statistics)
            vector = finder.encoder.encode([text])[0]
            question = Question(View.of(finder.snapshot, SHARED), Query(text=text), words, vector)
            posts = question.candidates().posts.tolist()
            found.append([segment.ids[row] for segment, row in map(finder.snapshot.tiers.place, posts)])
        assert len([name for name in found[0] if name.startswith("o:t")]) >= 150
        assert found[0] == found[1]


def test_the_best_posts_of_each_author_are_the_same_however_many_are_looked_at_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "AT_FIRST", 1)
    written = [post(f"b{n}", f"baker{n % 3}", "Sourdough needs a warm kitchen.") for n in range(20)]
    finder = opened(tmp_path, [*FACTS, *(person(f"baker{n}") for n in range(3)), *written])
    words = Words.of(["sourdough"], finder.snapshot.term_rows, finder.snapshot.statistics)
    question = Question(finder.view(SHARED), Query(text="sourdough"), words, finder.encoder.encode(["sourdough"])[0])
    numbers, draw = np.arange(len(finder.snapshot.shared)), np.random.default_rng(5)
    fewer = 0
    for _ in range(200):
        scores = draw.integers(0, 4, len(numbers)).astype(np.float64)
        most, of_one = draw.integers(1, 7, 2).tolist()
        few = question._few_of_the_best(numbers, scores, of_one)
        whole = finder.snapshot.tiers.best(scores * few, numbers, most)
        assert np.array_equal(question._best_of_each(numbers, scores, most, of_one), whole)
        fewer += not np.array_equal(whole, finder.snapshot.tiers.best(scores, numbers, most))
    assert fewer, "in some draws an author wrote too many"


def test_who_did_only_what_others_read_keeps_every_bit_when_a_post_changes(tmp_path: Path) -> None:
    changed = post("a1", "ada", "The ingress is replaced.", age=10, title="Ingress, part 1")
    with both(tmp_path, FACTS, [act("cleo", "review", "a1", audience=LEGAL)]) as (one, other):
        for finder in (one, other):
            finder.store.apply([changed])
            finder.refresh()
        for name in ("centre", "centre_length", "activity"):
            mine, yours = (
                getattr(finder.snapshot.standing, name)[finder.snapshot.person_rows["o:cleo"]]
                for finder in (one, other)
            )
            assert np.asarray(mine).tobytes() == np.asarray(yours).tobytes(), name
        assert asked(one) == asked(other)
