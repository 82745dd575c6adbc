"""Communities: found where they are planted, the same in every process, few where little is there."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics import adjusted_mutual_info_score

import expertfinder
from expertfinder.index.network.agreement import agreement
from expertfinder.index.network.deadline import within
from expertfinder.index.network.interests import placed
from expertfinder.index.network.leiden import (
    Stability,
    best_partition,
    chosen,
    detect,
    hierarchy,
    memberships,
    modularity,
    partition,
    relabelled,
    stability,
)
from expertfinder.index.network.succession import contrast, succession
from expertfinder.recommend.network.communities import Belonging, fitting


def matrix(graph: nx.Graph) -> sp.csr_matrix:
    return sp.csr_matrix(nx.to_scipy_sparse_array(graph, nodelist=sorted(graph), weight="weight", dtype=np.float64))


def cliques(count: int = 4, size: int = 6) -> sp.csr_matrix:
    """So many cliques, each joined to the next by one tie."""
    return matrix(nx.connected_caveman_graph(count, size))


@pytest.mark.parametrize("seed", range(40))
def test_agreement_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = int(rng.integers(1, 60))
    one, other = rng.integers(0, rng.integers(1, 9), people), rng.integers(0, rng.integers(1, 9), people)
    assert agreement(one, other) == pytest.approx(adjusted_mutual_info_score(one, other), abs=1e-9)


def test_nobody_agrees_with_nobody() -> None:
    assert agreement(np.zeros(0, np.int64), np.zeros(0, np.int64)) == 1.0


def test_modularity_is_that_of_networkx() -> None:
    graph = nx.karate_club_graph()
    label = np.array([0 if graph.nodes[node]["club"] == "Mr. Hi" else 1 for node in sorted(graph)])
    sides = [set(np.flatnonzero(label == side).tolist()) for side in (0, 1)]
    for resolution in (0.5, 1.0, 2.0):
        expected = nx.community.modularity(graph, sides, resolution=resolution)
        assert modularity(matrix(graph), label, resolution) == pytest.approx(expected)


def test_labels_go_from_the_largest_down_and_by_smallest_member() -> None:
    assert relabelled(np.array([7, 3, 3, 9, 9, 3])).tolist() == [2, 0, 0, 1, 1, 0]
    assert relabelled(np.array([5, 2])).tolist() == [0, 1]


def test_planted_cliques_are_found_each_whole() -> None:
    found = detect(cliques(6, 8))
    groups = {frozenset(np.flatnonzero(found.label == label).tolist()) for label in range(6)}
    assert groups == {frozenset(range(8 * n, 8 * n + 8)) for n in range(6)}


def test_the_middle_of_the_plateau_of_the_most_stable_resolutions_is_taken() -> None:
    rows = [
        Stability(1.0, 0.70, 5, 10),
        Stability(2.0, 0.905, 8, 6),
        Stability(4.0, 0.92, 9, 5),
        Stability(8.0, 0.99, 40, 1),
    ]
    assert chosen(rows) == pytest.approx((2.0 * 4.0) ** 0.5)  # 8 is out: its groups are too small
    assert chosen(rows[:1]) == 1.0
    assert chosen(()) == 1.0


def test_who_stands_between_two_communities_belongs_to_both() -> None:
    graph = nx.Graph(nx.disjoint_union_all([nx.complete_graph(6) for _ in range(5)]))
    graph.add_weighted_edges_from((30, node, 1.0) for node in (0, 1, 2, 6, 7))
    label = np.array([node // 6 for node in range(30)] + [0])
    strength = memberships(matrix(graph), label).toarray()
    assert strength[30].tolist() == pytest.approx([3 / 5, 2 / 5, 0, 0, 0])
    assert strength[20].tolist() == pytest.approx([0, 0, 0, 1, 0])
    assert (strength.sum(axis=1) <= 1 + 1e-9).all()


def test_levels_go_from_coarse_to_fine() -> None:
    levels = hierarchy(cliques(), (4.0, 1.0))
    assert list(levels) == [1.0, 4.0]
    assert all(len(label) == 24 for label in levels.values())


@pytest.mark.parametrize("people", [0, 1, 2, 5])
def test_without_ties_everybody_is_alone(people: int) -> None:
    found = detect(sp.csr_matrix((people, people)))
    assert sorted(found.label.tolist()) == list(range(people))
    assert found.strength.shape == (people, people)
    assert found.resolution == 1.0


def test_two_people_with_one_tie_are_one_community() -> None:
    assert detect(sp.csr_matrix(np.array([[0.0, 1.0], [1.0, 0.0]]))).label.tolist() == [0, 0]


def told() -> str:
    """A digest of what is found in a network without clear groups."""
    found = detect(matrix(nx.gnm_random_graph(120, 500, seed=5)))
    return hashlib.sha256(found.label.tobytes() + found.strength.toarray().tobytes()).hexdigest()


def test_every_process_finds_the_same_whatever_its_hash_seed() -> None:
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(Path(expertfinder.__file__).parents[1]), str(root)])
    said = {told(), within(300, told)}
    for seed in ("0", "1", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
        command = [sys.executable, "-c", "from tests.unit.test_communities import told; print(told())"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        said.add(done.stdout.strip())
    assert len(said) == 1


def test_the_best_of_several_seeds_is_kept() -> None:
    graph = matrix(nx.gnm_random_graph(60, 200, seed=3))
    each = [modularity(graph, partition(graph, 1.5, seed), 1.5) for seed in range(1, 6)]
    assert min(each) < max(each)
    assert modularity(graph, best_partition(graph, 1.5, tries=5), 1.5) == pytest.approx(max(each), abs=1e-12)


def test_what_binds_is_what_others_do_not_have() -> None:
    topics = sp.csr_matrix(np.array([[5.0, 5, 0], [5, 5, 0], [5, 0, 5], [5, 0, 5]]))
    found = contrast(topics, np.array([0, 1]))
    assert found[0][0] == 1
    assert 2 not in [topic for topic, _ in found]


def test_communities_keep_their_identity_split_merge_begin_and_end() -> None:
    def group(*members: int) -> frozenset[str]:
        return frozenset(f"p{member}" for member in members)

    old = [group(*range(10)), group(*range(10, 20)), group(20, 21, 22), group(30, 31, 32), group(40, 41)]
    new = [group(*range(6)), group(6, 7, 8, 9), group(*range(10, 20), 99), group(20, 21, 22, 30, 31, 32), group(50, 51)]
    found = succession(old, new)
    assert (0, 0) in found.kept
    assert (1, 2) in found.kept
    assert found.split == ((0, (0, 1)),)
    assert found.merged == (((2, 3), 3),)
    assert found.ended == (3, 4)
    assert found.born == (1, 4)


def test_a_community_of_ones_fellows_and_interests_fits_best_and_ones_own_is_left_out() -> None:
    member = sp.csr_matrix(
        np.array([[1.0, 0, 0], [1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1], [0, 0, 1], [0, 0, 1]])
    )
    vectors = np.array([[1.0, 0]] * 3 + [[0.0, 1]] * 5)
    mutual = sp.csr_matrix((8, 8))
    found = fitting(Belonging(member, vectors, mutual), 0, np.zeros(3))
    assert [fit.community for fit in found] == [1, 2]
    assert found[0].fellows == pytest.approx(2 / (np.sqrt(3 * 2) + 5))
    assert found[0].interests == pytest.approx(1.0)
    assert found[0].score == pytest.approx(2 / (np.sqrt(6) + 5) + 1 + 0.1 * np.log1p(2))


def test_people_of_one_place_come_nearer_and_a_place_of_everybody_says_nothing() -> None:
    vectors = np.eye(6)[:, :4]  # the last two wrote nothing
    parts = sp.csr_matrix(np.eye(6))
    own = placed(vectors, parts, np.array([0, 0, 1, 1, 1, -1]))
    near = own @ own.T
    assert near[0, 1] > near[2, 3] > 0.05  # the fewer are there, the more it says
    assert near[0, 2] == pytest.approx(0)
    assert near[2, 4] > near[2, 3]  # by the place alone
    assert not own[5].any()
    everywhere = placed(vectors, parts, np.zeros(6, np.int64))
    assert everywhere[:4] @ everywhere[:4].T == pytest.approx(np.eye(4))
    assert np.array_equal(placed(vectors, parts, np.full(6, -1)), vectors)
    assert np.linalg.norm(own[:5], axis=1) == pytest.approx(np.ones(5))
    assert placed(np.zeros((0, 1)), sp.csr_matrix((0, 6)), np.zeros(6, np.int64)).shape == (0, 1)  # nobody may be found


def test_how_stable_a_partition_is_may_be_judged_over_some_people_alone() -> None:
    graph = cliques(6, 8)
    among = np.zeros(48, bool)
    among[:16] = True
    (row,) = stability(graph, among, (1.0,))
    assert row.groups == pytest.approx(2, abs=0.5)
    assert row.mean_size == pytest.approx(8, abs=2)
