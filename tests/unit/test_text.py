"""BM25: our exact scorer against the textbook, against another library, and behind the engine that fetches for it."""

from __future__ import annotations

import math
from pathlib import Path

import bm25s
import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.office import post

from expertfinder.index.encoders.encoder import encoder
from expertfinder.index.posts.bm25 import K1, Asked, B, Engine, Statistics, Words, build_engine, score, statistics_of
from expertfinder.index.posts.documents import document
from expertfinder.index.posts.segment import Entry, Ids, Segment, TermRows, build_segment
from expertfinder.index.posts.tiers import ByWord
from expertfinder.index.posts.tokens import tokenise
from expertfinder.model import ORGANISATION

WORDS = ["proxy", "ledger", "timeout", "merger", "node"]
corpora = st.lists(st.lists(st.sampled_from(WORDS), max_size=12), min_size=1, max_size=12)
questions = st.lists(st.sampled_from([*WORDS, "unheard"]), min_size=1, max_size=6)


def segment_of(texts: list[str]) -> tuple[Segment, dict[str, int]]:
    """A segment with a post for each text, and its table of words."""
    posts = [post(f"{number:05d}", "x", text) for number, text in enumerate(texts)]
    ids = Ids(terms=TermRows(), tags={}, people={}, audiences={ORGANISATION.key: 0}, families={}, secret=b"x" * 32)
    entries = [Entry(entry, document(entry, None), "", []) for entry in posts]
    return build_segment(entries, ids=ids, encode=encoder("static-minilm")), ids.terms


def textbook(corpus: list[list[str]], question: list[str]) -> list[float]:
    """BM25 with Lucene's idf, word by word as it is written in the papers."""
    mean = max(sum(map(len, corpus)) / len(corpus), 1.0)
    scores = []
    for words in corpus:
        total = 0.0
        for word in question:
            n = sum(word in other for other in corpus)
            idf = math.log(1 + (len(corpus) - n + 0.5) / (n + 0.5))
            tf = words.count(word)
            total += idf * tf / (tf + K1 * (1 - B + B * len(words) / mean))
        scores.append(total)
    return scores


@settings(max_examples=150, deadline=None)
@given(corpora, questions)
def test_the_scorer_is_bm25_as_the_textbook_has_it(corpus: list[list[str]], question: list[str]) -> None:
    segment, terms = segment_of([" ".join(words) for words in corpus])
    statistics = statistics_of(segment, len(terms))
    found = score(segment, np.arange(len(segment)), Words.of(question, terms, statistics), statistics)
    assert found == pytest.approx(textbook(corpus, question), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), min_size=2, max_size=12), questions)
def test_the_scorer_agrees_with_another_library(corpus: list[list[str]], question: list[str]) -> None:
    segment, terms = segment_of([" ".join(words) for words in corpus])
    statistics = statistics_of(segment, len(terms))
    found = score(segment, np.arange(len(segment)), Words.of(question, terms, statistics), statistics)
    # That library counts a word of the question once, and knows no word that no document has.
    known = [word for word in question if word in terms]
    other = bm25s.BM25(method="lucene", k1=K1, b=B, dtype="float64")
    other.index(corpus, show_progress=False)
    theirs = sum((other.get_scores([word]) for word in known), np.zeros(len(corpus)))
    assert found == pytest.approx(theirs, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(corpora, questions, st.data())
def test_a_score_depends_on_the_post_not_on_what_is_scored_beside_it(
    corpus: list[list[str]], question: list[str], data: st.DataObject
) -> None:
    segment, terms = segment_of([" ".join(words) for words in corpus])
    statistics = statistics_of(segment, len(terms))
    words = Words.of(question, terms, statistics)
    whole = score(segment, np.arange(len(segment)), words, statistics)
    some = np.array(data.draw(st.lists(st.integers(0, len(corpus) - 1), max_size=6)), np.int64)
    assert np.array_equal(score(segment, some, words, statistics), whole[some])
    assert (whole <= words.ideal + 1e-12).all()


def test_an_empty_corpus_has_statistics_and_scores_nothing() -> None:
    segment, terms = segment_of([])
    statistics = statistics_of(segment, 0)
    words = Words.of(["proxy"], terms, statistics)
    assert len(score(segment, np.arange(0), words, statistics)) == 0
    assert words.ideal > 0


forms = st.lists(st.tuples(st.sampled_from([*WORDS, "unheard"]), st.sampled_from([0.5, 1.0])), min_size=1, max_size=3)


@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), min_size=1, max_size=12),
    st.lists(st.tuples(st.sampled_from("abc"), forms), min_size=1, max_size=4),
    st.data(),
)
@settings(deadline=None)
def test_a_tier_that_is_kept_by_its_words_scores_to_the_bit_as_one_that_is_not(
    corpus: list[str], question: list[tuple[str, list[tuple[str, float]]]], data: st.DataObject
) -> None:
    segment, terms = segment_of(corpus)
    statistics = statistics_of(segment, len(terms))
    words = Words.of([Asked(word, tuple(dict(some).items())) for word, some in question], terms, statistics)
    chosen = data.draw(st.lists(st.sampled_from(range(len(corpus))), unique=True).map(sorted))
    rows, by_word = np.array(chosen, np.int64), ByWord.of(segment, len(terms))
    plain = score(segment, rows, words, statistics)
    assert np.array_equal(score(segment, rows, words, statistics, by_word=by_word), plain)
    having = by_word.having(np.unique(words.rows))[0]
    assert set(np.flatnonzero(plain > 0).tolist()) <= {chosen.index(row) for row in having.tolist() if row in chosen}


# --- the engine ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo_texts(demo_files: Path) -> list[str]:
    lines = (demo_files / "posts.jsonl").read_bytes().splitlines()
    return [" ".join((entry.get("title", ""), entry.get("text", ""))) for entry in map(orjson.loads, lines)]


def test_fetching_and_scoring_finds_the_same_two_hundred_as_scoring_everything(
    demo_files: Path, demo_texts: list[str], tmp_path: Path
) -> None:
    segment, terms = segment_of(demo_texts)
    statistics = statistics_of(segment, len(terms))
    rows = build_engine(segment, list(terms), tmp_path / "engine")
    engine = Engine(tmp_path / "engine", list(terms), rows)
    asked = [orjson.loads(line)["text"] for line in (demo_files / "queries.jsonl").read_bytes().splitlines()][:50]
    assert len(asked) == 50
    for question in asked:
        words = Words.of(tokenise(question), terms, statistics)
        everything = score(segment, np.arange(len(segment)), words, statistics)
        edge = np.sort(everything)[-200]
        rows = engine.fetch(words, statistics, 400)
        of_fetched = score(segment, rows, words, statistics)
        assert set(rows[of_fetched > edge].tolist()) == set(np.flatnonzero(everything > edge).tolist()), question


@pytest.fixture
def tied(tmp_path: Path) -> tuple[Engine, dict[str, int], Statistics]:
    """Five posts with the word twice, forty equal posts with it once, and others without it."""
    segment, terms = segment_of(["proxy proxy"] * 5 + ["proxy node"] * 40 + ["ledger node"] * 60)
    rows = build_engine(segment, list(terms), tmp_path / "engine")
    return Engine(tmp_path / "engine", list(terms), rows), terms, statistics_of(segment, len(terms))


@pytest.mark.parametrize(
    ("limit", "rows"),
    [(5, 5), (12, 45), (20, 45), (45, 45), (100, 45), (8, 5)],
    ids=["cut before the ties", "ties followed", "ties followed", "cut after", "more than there are", "ties given up"],
)
def test_a_group_of_ties_at_the_cut_is_whole_or_out(
    tied: tuple[Engine, dict[str, int], Statistics], limit: int, rows: int
) -> None:
    engine, terms, statistics = tied
    found = engine.fetch(Words.of(["proxy"], terms, statistics), statistics, limit)
    assert sorted(found.tolist()) == list(range(rows))


def test_a_question_without_a_known_word_fetches_nothing(tied: tuple[Engine, dict[str, int], Statistics]) -> None:
    engine, terms, statistics = tied
    assert len(engine.fetch(Words.of(["unheard"], terms, statistics), statistics, 10)) == 0
    assert len(engine.fetch(Words.of([], terms, statistics), statistics, 10)) == 0
