"""People to meet and ways to somebody, with networkx as the oracle; teams, against the exact optimum."""

from __future__ import annotations

from itertools import pairwise
from math import log

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp

from expertfinder.recommend.network.meet import Meeting, similar, to_meet, trusted_path
from expertfinder.recommend.network.teams import Need, covering, exact


def matrix(graph: nx.Graph) -> sp.csr_matrix:
    return sp.csr_matrix(nx.to_scipy_sparse_array(graph, nodelist=sorted(graph), dtype=np.float64))


def known(graph: nx.Graph, load: np.ndarray | None = None) -> Meeting:
    people = len(graph)
    none = np.zeros(people)
    return Meeting(matrix(graph), np.zeros((people, 1)), none, none if load is None else load)


def test_who_shares_contacts_is_met_first_by_the_measure_of_adamic_and_adar() -> None:
    graph = nx.gnm_random_graph(20, 50, seed=2)
    expected = {(0, other): score for _, other, score in nx.adamic_adar_index(graph, [(0, v) for v in range(1, 20)])}
    for meeting in to_meet(known(graph), 0, eligible=np.ones(20, bool), most=20):
        assert meeting.contacts == pytest.approx(np.log1p(expected[0, meeting.person]))
        assert set(meeting.through) <= set(nx.common_neighbors(graph, 0, meeting.person))
        assert not graph.has_edge(0, meeting.person)


def test_the_overloaded_and_the_unwilling_are_not_proposed() -> None:
    graph = nx.Graph([(0, 1), (1, 2), (1, 3), (1, 4)])
    load = np.array([0.0, 0, 1.0, 0.5, 0])
    found = to_meet(known(graph, load), 0, eligible=np.ones(5, bool))
    assert [one.person for one in found] == [4, 3]
    assert found[0].score == pytest.approx(2 * found[1].score)
    assert found[0].contacts == pytest.approx(log(1 + 1 / log(4)))
    assert to_meet(known(graph, load), 0, eligible=np.zeros(5, bool)) == []


def test_interests_introduce_who_knows_nobody() -> None:
    meeting = Meeting(sp.csr_matrix((3, 3)), np.array([[1.0, 0], [0.8, 0.6], [0, 1.0]]), np.zeros(3), np.zeros(3))
    assert [one.person for one in to_meet(meeting, 0, eligible=np.ones(3, bool))] == [1]
    assert similar(meeting.vectors, 1, eligible=[True] * 3) == [(0, pytest.approx(0.8)), (2, pytest.approx(0.6))]


@pytest.mark.parametrize("seed", range(30))
def test_a_way_is_as_short_as_networkx_finds_it_and_at_most_four_steps(seed: int) -> None:
    graph = nx.gnm_random_graph(30, 40, seed=seed)
    lengths = nx.single_source_shortest_path_length(graph, 0)
    for goal in range(1, 30):
        way = trusted_path(matrix(graph), 0, goal, may_pass=np.ones(30, bool))
        if lengths.get(goal, 9) > 4:
            assert way == ()
        else:
            assert len(way) == lengths[goal] + 1
            assert all(graph.has_edge(one, other) for one, other in pairwise(way))


def test_nobody_is_asked_through_who_does_not_wish_it_and_stronger_ties_go_first() -> None:
    ties = sp.csr_matrix(np.array([[0, 1.0, 2, 0], [1, 0, 0, 1], [2, 0, 0, 2], [0, 1, 2, 0]]))
    assert trusted_path(ties, 0, 3, may_pass=np.ones(4, bool)) == (0, 2, 3)
    assert trusted_path(ties, 0, 3, may_pass=np.array([False, True, False, False])) == (0, 1, 3)
    assert trusted_path(ties, 0, 3, may_pass=np.zeros(4, bool)) == ()
    assert trusted_path(ties, 2, 2, may_pass=np.zeros(4, bool)) == (2,)


def need_of(seed: int) -> Need:
    rng = np.random.default_rng(seed)
    people, skills = int(rng.integers(5, 11)), int(rng.integers(2, 6))
    apart = rng.random((people, people))
    apart = (apart + apart.T) / 2
    np.fill_diagonal(apart, 0)
    has = rng.random((people, skills)) < rng.uniform(0.15, 0.5)
    return Need(has, apart, rng.random(people), int(rng.integers(1, 3)))


def test_teams_cost_at_most_a_twentieth_more_than_the_best_on_two_hundred_cases() -> None:
    ratios = []
    for seed in range(200):
        need = need_of(seed)
        found, best = covering(need), exact(need)
        wanted = np.minimum(need.has.sum(axis=0), need.redundancy)
        assert (np.array(found.covered_by) >= wanted).all()
        assert found.uncovered == best.uncovered
        ratios.append(found.cost / best.cost if best.cost else 1.0)
    assert np.mean(ratios) <= 1.05
    assert min(ratios) >= 1 - 1e-9


def test_a_skill_that_nobody_has_is_named_and_the_rest_is_covered() -> None:
    need = Need(np.array([[True, False], [False, False]]), np.zeros((2, 2)), np.zeros(2))
    team = covering(need)
    assert team.people == (0,)
    assert team.uncovered == (1,)
    assert covering(Need(np.zeros((2, 1), bool), np.zeros((2, 2)), np.zeros(2))).people == ()
