"""How sure: nobody is named where nothing speaks for it, more grounds never make less sure, the rest is a word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.office import EVERYTHING, LAWYER, QUESTION, opened, person

from expertfinder.ask.finder import ExpertFinder
from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import SHARED, Query, Viewer
from expertfinder.recommend.experts import confidence
from expertfinder.recommend.experts.confidence import NOTHING, Sureness, grounds
from expertfinder.recommend.experts.experts import score_experts
from expertfinder.recommend.experts.scored import Scored

NONSENSE = [
    "".join(Random(seed).choice("bcdfghjklmnpqrstvwxz") + Random(seed + 99).choice("aeiou") for _ in range(4))
    + f" zzq{seed} vlorp{seed} xyqqz"
    for seed in range(20)
]


@pytest.mark.parametrize("viewer", [SHARED, LAWYER, EVERYTHING], ids=["shared", "lawyer", "everything"])
@pytest.mark.parametrize("text", NONSENSE)
def test_words_that_nobody_ever_said_find_nobody(office: ExpertFinder, viewer: Viewer, text: str) -> None:
    ranking = office.find(Query(text=text), viewer)
    assert ranking.recommendations == ()
    assert ranking.abstained
    assert ranking.confidence is None


def test_what_only_a_restricted_post_speaks_of_is_answered_for_its_readers_alone(office: ExpertFinder) -> None:
    query = Query(text="merger contract: liability clause and escrow with the notary")
    assert office.find(query, Viewer("o:ada")).abstained
    assert office.find(query, EVERYTHING).recommendations[0].subject == "o:dana"


@pytest.mark.parametrize("facts", [[], [person("ann"), person("ben")]], ids=["nothing", "people without posts"])
def test_an_organisation_without_posts_abstains(tmp_path: Path, facts: list) -> None:  # type: ignore[type-arg]
    finder = opened(tmp_path / "home", facts)
    ranking = finder.find(Query(text=QUESTION), SHARED)
    assert (ranking.abstained, ranking.recommendations) == (NOTHING, ())
    finder.close()


def scored(finder: ExpertFinder, text: str) -> tuple[Scored, np.ndarray]:
    seen, query = View.of(finder.snapshot, SHARED), Query(text=text)
    found = score_experts(seen, query, encoder(DEFAULT))
    return found, seen.ranked(np.where(seen.eligible(query), found.totals, 0.0))


def test_below_the_floor_nobody_is_named_and_above_it_somebody(
    office: ExpertFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, order = scored(office, QUESTION)
    ground = grounds(found.basis)
    for floor in np.linspace(0, 1, 21):
        monkeypatch.setattr(confidence, "FLOOR", float(floor))
        sure = Sureness.of(found, order, whole=found, whole_order=order)
        assert (sure.abstained is not None) == (ground < floor)
        assert bool(office.find(Query(text=QUESTION), SHARED).recommendations) == (ground >= floor)


@given(st.floats(0, 1), st.floats(0, 1))
def test_nearer_posts_never_make_for_fewer_grounds(closer: float, farther: float) -> None:
    found, _ = scored(FINDER[0], QUESTION)
    low, high = sorted((closer, farther))

    def with_cosines(factor: float) -> float:
        posts = found.basis.found
        return grounds(replace(found.basis, found=replace(posts, cosine=posts.cosine * factor)))

    assert with_cosines(low) <= with_cosines(high) + 1e-12


FINDER: list[ExpertFinder] = []


@pytest.fixture(autouse=True, scope="module")
def _finder(office: ExpertFinder) -> None:
    FINDER[:] = [office]
