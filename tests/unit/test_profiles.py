"""Profiles equal what a few lines of dictionaries say, and a post's shares of a profile's score add up."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.office import post

from expertfinder.index.encoders.encoder import encoder
from expertfinder.index.people.profiles import build_profiles
from expertfinder.index.posts.bm25 import K1 as POST_K1
from expertfinder.index.posts.bm25 import B as POST_B
from expertfinder.index.posts.bm25 import Words, statistics_of
from expertfinder.index.posts.documents import Document
from expertfinder.index.posts.segment import Entry, Ids, Segment, TermRows, build_segment
from expertfinder.index.recipe import SHIPPED
from expertfinder.model import ORGANISATION, Evidence

WORDS = ["proxy", "ledger", "timeout", "merger", "node"]
PEOPLE = 4
K1, B = SHIPPED.profile_k1, SHIPPED.profile_b
corpora = st.lists(
    st.tuples(st.lists(st.sampled_from(WORDS), max_size=8), st.lists(st.integers(0, PEOPLE - 1), max_size=3)),
    min_size=1,
    max_size=8,
)
Corpus = list[tuple[list[str], list[int]]]


def segment_of(corpus: Corpus) -> tuple[Segment, dict[str, int], np.ndarray]:
    """Posts with these words and acts, and a weight for each act."""
    people = {f"o:{number}": number for number in range(PEOPLE)}
    ids = Ids(TermRows(), {}, people, {ORGANISATION.key: 0}, {"authored": 0}, b"k")
    entries = []
    for number, (words, who) in enumerate(corpus):
        entry = post(f"{number:03d}", "x", " ".join(words))
        acts = [Evidence(f"o:{person}", entry.id, "authored", 1.0, None, ORGANISATION) for person in who]
        entries.append(Entry(entry, Document("", words, entry.text), "", acts))
    segment = build_segment(entries, ids=ids, encode=encoder("static-minilm"))
    weight = np.array([0.0 if place % 5 == 4 else 1 / (1 + place) for place in range(len(segment.act_person))])
    return segment, ids.terms, weight


def naive(corpus: Corpus, weight: np.ndarray, question: list[str]) -> list[float]:
    """The score of every profile, by the definition."""
    mean_post = max(sum(len(words) for words, _ in corpus) / len(corpus), 1.0)
    profile: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    rest = iter(weight.tolist())
    for words, who in corpus:
        norm = POST_K1 * (1 - POST_B + POST_B * len(words) / mean_post)
        for person in who:
            strength = next(rest)
            for word in set(words) if strength else ():
                profile[person][word] += strength * words.count(word) / (words.count(word) + norm)
    lengths = {person: sum(counts.values()) for person, counts in profile.items()}
    lengths = {person: length for person, length in lengths.items() if length > 0}
    mean = sum(lengths.values()) / len(lengths) if lengths else 1.0
    scores = [0.0] * PEOPLE
    for person, length in lengths.items():
        for word in set(question):
            n = sum(word in counts for counts in profile.values())
            idf = math.log(1 + (len(lengths) - n + 0.5) / (n + 0.5))
            count = profile[person].get(word, 0.0)
            scores[person] += math.sqrt(question.count(word)) * idf * count / (count + K1 * (1 - B + B * length / mean))
    return scores


@settings(max_examples=100, deadline=None)
@given(corpora, st.lists(st.sampled_from([*WORDS, "unheard"]), min_size=1, max_size=5))
def test_profiles_are_what_a_few_dictionaries_say(corpus: Corpus, question: list[str]) -> None:
    segment, terms, weight = segment_of(corpus)
    profiles = build_profiles(segment, people=PEOPLE, terms=len(terms), weight=weight)
    words = Words.of(question, terms, statistics_of(segment, len(terms)))
    # Counts are kept in 32 bits.
    assert profiles.score(words, SHIPPED) == pytest.approx(naive(corpus, weight, question), rel=1e-5, abs=1e-7)


@settings(max_examples=50, deadline=None)
@given(corpora, st.lists(st.sampled_from(WORDS), min_size=1, max_size=5))
def test_what_each_word_adds_times_its_count_is_the_score(corpus: Corpus, question: list[str]) -> None:
    segment, terms, weight = segment_of(corpus)
    profiles = build_profiles(segment, people=PEOPLE, terms=len(terms), weight=weight)
    words = Words.of(question, terms, statistics_of(segment, len(terms)))
    chosen = [2, 0]
    rows, per_word = profiles.per_word(words, chosen, SHIPPED)
    whole = profiles.score(words, SHIPPED)
    for place, person in enumerate(chosen):
        counts = []
        for row in rows.tolist():
            users = profiles.people[profiles.indptr[row] : profiles.indptr[row + 1]].tolist()
            found = profiles.indptr[row] + users.index(person) if person in users else None
            counts.append(float(profiles.counts[found]) if found is not None else 0.0)
        assert float(np.dot(per_word[place], counts)) == pytest.approx(float(whole[person]), rel=1e-6, abs=1e-9)


def test_nobody_has_a_profile_where_nothing_counts() -> None:
    segment, terms, weight = segment_of([(["proxy"], [0, 1])])
    profiles = build_profiles(segment, people=PEOPLE, terms=len(terms), weight=weight * 0)
    assert profiles.authors == 0
    assert not profiles.score(Words.of(["proxy"], terms, statistics_of(segment, len(terms))), SHIPPED).any()
