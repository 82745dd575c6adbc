"""Champions: who is turned to, worked by hand; sets that reach, under every constraint."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp

from expertfinder.recommend.network.champions import activity, asked_by, individuals, standing, topical
from expertfinder.recommend.network.coverage import Chosen, Wanted, cover, links_to_make, neighbourhoods, without


def random_ties(seed: int, people: int = 14) -> sp.csr_matrix:
    rng = np.random.default_rng(seed)
    found = np.triu((rng.random((people, people)) < 0.2).astype(float), 1)
    return sp.csr_matrix(found + found.T)


def test_standing_is_the_authority_of_networkx_on_the_scale_of_the_ties() -> None:
    graph = nx.gnp_random_graph(12, 0.3, seed=4, directed=True)
    ties = sp.csr_matrix(nx.to_scipy_sparse_array(graph, nodelist=range(12), dtype=np.float64))
    authority = nx.hits(graph, max_iter=1000, tol=1e-12)[1]
    expected = [authority[node] * graph.number_of_edges() / 11 for node in range(12)]
    assert standing(ties, np.arange(12)).tolist() == pytest.approx(expected, abs=1e-6)


def test_only_ties_inside_the_community_count() -> None:
    ties = sp.csr_matrix(np.array([[0, 1.0, 0], [0, 0, 0], [0, 9.0, 0]]))
    assert standing(ties, np.array([0, 1])).tolist() == [0.0, 1.0]
    assert standing(ties, np.array([0, 2])).tolist() == [0.0, 0.0]
    assert standing(ties, np.array([1])).tolist() == [0.0]


def test_posts_about_the_description_count_by_rank_and_fade() -> None:
    scores, part = np.array([2.0, 5.0, 0.0]), sp.csr_matrix(np.array([[1.0, 0, 1], [0, 1, 0], [1, 1, 0]]))
    found = topical(scores, part, np.array([1.0, 0.5, 1.0]), np.array([0, 1, 2]))
    assert found.tolist() == pytest.approx(np.log1p([0.5, 0.5, 1.0]).tolist())


def test_who_acts_everywhere_is_less_of_one_community() -> None:
    who, day = np.array([0, 0, 1, 1]), np.array([99.0, 99.0, 99.0, 99.0])
    found = activity(who, day, np.array([True, True, True, False]), people=3, as_of=99.0)
    assert found.tolist() == pytest.approx([np.log1p(1.0), np.log1p(0.5), 0.0])
    later = activity(who, day, np.array([True, True, True, False]), people=3, as_of=99.0 + 60.0)
    assert later.tolist() == pytest.approx([np.log1p(0.5), np.log1p(0.25), 0.0])


def test_a_score_is_the_sum_of_its_parts_and_equal_ones_go_by_row() -> None:
    one, other, same = np.array([0.0, 1, 0]), np.array([1.0, 0, 1]), np.array([0.5, 0.5, 0.5])
    parts = {"turned to": one, "asked by": one, "topic": other, "active": same}
    found = individuals(np.array([4, 7, 9]), parts)
    assert [each.person for each in found] == [7, 4, 9]
    assert [each.score for each in found] == pytest.approx([2.5, 1.25, 1.25])
    first = found[0]
    assert first.parts == {"turned to": 1.0, "asked by": 1.0, "topic": 0.0, "active": 0.5}
    assert first.score == sum(first.parts.values())


def test_to_be_asked_by_many_counts_people_and_not_acts() -> None:
    ties = sp.csr_matrix(np.array([[0, 9.0, 1, 0], [0, 0, 1, 0], [0, 9.0, 0, 0], [5.0, 0, 0, 0]]))
    assert asked_by(ties, np.array([0, 1, 2])).tolist() == [0.0, 1.0, 1.0]
    assert asked_by(ties, np.array([0, 1, 2, 3])).tolist() == pytest.approx([1 / 3, 2 / 3, 2 / 3, 0])
    assert asked_by(ties, np.array([2])).tolist() == [0.0]


def reached(reach: list[np.ndarray], people: tuple[int, ...]) -> int:
    return len({int(other) for person in people for other in reach[person]})


@pytest.mark.parametrize("seed", range(25))
def test_a_set_reaches_nearly_as_many_as_the_best_and_never_less_than_the_best_known(seed: int) -> None:
    ties = random_ties(seed)
    reach = neighbourhoods(ties)
    found = cover(reach, Wanted(3, np.ones(14, bool)))
    best = max(reached(reach, chosen) for chosen in combinations(range(14), 3))
    degree = tuple(np.lexsort((np.arange(14), -np.diff(ties.indptr)))[:3].tolist())
    assert found.reached == reached(reach, found.people) == sum(found.gains)
    assert found.reached >= 0.9 * best
    assert found.reached >= reached(reach, degree)
    assert found.reached + len(found.unreached) == 14


@pytest.mark.parametrize("seed", range(25))
def test_consent_units_and_champions_who_stay_are_respected(seed: int) -> None:
    rng = np.random.default_rng(seed)
    eligible, unit = rng.random(14) < 0.7, rng.integers(0, 3, 14)
    stays = int(np.flatnonzero(eligible)[0])
    wanted = Wanted(4, eligible, unit, (0, 1, 2), already=(stays,))
    found = cover(neighbourhoods(random_ties(seed)), wanted)
    assert found.people[0] == stays
    assert all(eligible[list(found.people)])
    assert len(set(found.people)) == len(found.people) <= 4
    there = {int(u) for u in unit[eligible]}
    assert {int(unit[person]) for person in found.people} >= there
    assert set(found.without) == {0, 1, 2} - there


def test_a_nomination_decides_between_equals_and_only_there() -> None:
    star = sp.csr_matrix(nx.to_scipy_sparse_array(nx.star_graph(4), dtype=np.float64))
    pairs = sp.csr_matrix(np.kron(np.eye(3), np.array([[0.0, 1], [1, 0]])))
    bonus = np.array([0.0, 0, 0, 0, 0, 0.9])
    assert cover(neighbourhoods(star), Wanted(1, np.ones(5, bool), bonus=bonus[1:])).people == (0,)
    assert cover(neighbourhoods(pairs), Wanted(1, np.ones(6, bool), bonus=bonus)).people == (5,)


def test_nobody_eligible_is_an_empty_set() -> None:
    assert cover([], Wanted(3, np.zeros(0, bool))) == Chosen()
    assert cover(neighbourhoods(random_ties(1)), Wanted(3, np.zeros(14, bool))).people == ()


def test_without_one_of_them_those_only_they_reached_are_named() -> None:
    path = sp.csr_matrix(nx.to_scipy_sparse_array(nx.path_graph(5), dtype=np.float64))
    reach = neighbourhoods(path)
    assert without(reach, (1, 3), 3) == (3, 4)
    assert without(reach, (1, 3), 2) == ()


def test_champions_with_the_least_in_common_are_to_meet_first() -> None:
    graph = nx.Graph([(0, 1), (1, 2), (3, 4), (0, 4)])
    ties = sp.csr_matrix(nx.to_scipy_sparse_array(graph, nodelist=range(5), dtype=np.float64))
    assert links_to_make(ties, (0, 2, 3)) == [(2, 3), (0, 2), (0, 3)]
