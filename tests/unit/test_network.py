"""Ties between people: counted as the vocabulary says, of the shared tier alone, by the logarithm of their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest
from tests.unit.office import LEGAL, NOON, act, person, post

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.index.network.graph import Acts, Network, build_network, combined, damped, ties, undirected
from expertfinder.index.network.interests import interests, nearest
from expertfinder.index.network.tier import SharedTier, read_shared
from expertfinder.model import ORGANISATION, Audience, Fact, Interaction
from expertfinder.store import open_store

PEOPLE = tuple(person(name) for name in ("ada", "ben", "cleo", "dana"))
TURNED = (
    *PEOPLE,
    post("a1", "ada", "The ingress drops connections."),
    post("a2", "ada", "The proxy timeout."),
    act("ben", "reply", "a1"),
    act("ben", "thank", "a2"),
    act("cleo", "review", "a1"),
)


def tier_of(folder: Path, facts: Iterable[Fact]) -> SharedTier:
    store = open_store(folder / "record.sqlite")
    store.apply(facts)
    try:
        return read_shared(store, vocabulary())
    finally:
        store.close()


def network_of(folder: Path, facts: Iterable[Fact]) -> Network:
    return build_network(tier_of(folder, facts), vocabulary())


def met(actor: str, verb: str, other: str, **more: object) -> Interaction:
    """Something that somebody did towards a person."""
    fields: dict[str, object] = {"audience": ORGANISATION, "created_at": NOON, **more}
    return Interaction(
        id=f"o:{actor}-{verb}-{other}", source="o", actor=f"o:{actor}", verb=verb, object=f"o:{other}",
        object_type="person", **fields,  # type: ignore[arg-type]
    )  # fmt: skip


def tie(network: Network, one: str, other: str) -> float:
    rows = network.tier.rows
    return float(network.turned_to[rows[f"o:{one}"], rows[f"o:{other}"]])


def content(network: Network) -> bytes:
    """Every byte that communities, champions and all else here are made of."""
    parts: Sequence[object] = (network.turned_to, network.mutual, network.part, network.graph)
    columns = [getattr(matrix, name).tobytes() for matrix in parts for name in ("indptr", "indices", "data")]
    tier, acts = network.tier, network.tier.deeds
    named = [[one.id for one in tier.people], [(one.id, one.community) for one in tier.posts], acts.verb]
    arrays = (network.vectors, tier.post_day, acts.actor, acts.target, acts.on_post, acts.day, acts.value)
    return b"|".join([*columns, repr(named).encode(), *(array.tobytes() for array in arrays)])


def test_who_replies_and_thanks_turns_to_the_author_and_the_author_turns_to_the_reviewer(tmp_path: Path) -> None:
    network = network_of(tmp_path, TURNED)
    assert tie(network, "ben", "ada") == pytest.approx(log(1 + 2))
    assert tie(network, "ada", "cleo") == pytest.approx(log(1 + 1))
    assert tie(network, "cleo", "ada") == tie(network, "ada", "ben") == 0
    assert network.turned_to.nnz == 2


def test_working_side_by_side_is_a_tie_both_ways_and_turns_nobody_to_anybody(tmp_path: Path) -> None:
    facts = (*PEOPLE, post("a1", "ada ben", "Together."), act("cleo", "edit", "a1"))
    network = network_of(tmp_path, facts)
    assert network.turned_to.nnz == 0
    between = network.mutual.toarray()
    assert between[0, 1] == between[1, 0] == pytest.approx(log(1 + 2))  # written together: two acts
    assert between[0, 2] == between[2, 1] == pytest.approx(log(1 + 1))
    assert not between[3].any()


def test_acts_on_people_count_with_the_strength_that_is_said(tmp_path: Path) -> None:
    network = network_of(tmp_path, (*PEOPLE, met("ada", "ask_advice", "ben", value=4.0), met("ben", "friend", "ben")))
    assert tie(network, "ada", "ben") == pytest.approx(log(1 + 4))
    assert network.turned_to.nnz == 1


def test_unknown_verbs_and_views_tie_nobody(tmp_path: Path) -> None:
    facts = (*PEOPLE, post("a1", "ada", "x"), act("ben", "view", "a1"), act("cleo", "juggle", "a1"))
    network = network_of(tmp_path, facts)
    assert network.mutual.nnz == 0
    assert network.part.sum() == 1


def test_ties_fade_by_half_in_a_half_life_and_undated_ones_do_not() -> None:
    acts = Acts(np.array([0, 0]), np.array([1, 2]), np.array([10.0, np.nan]), np.ones(2))
    faded = ties(acts, 3, as_of=30.0, half_life=20.0).toarray()
    assert faded[0, 1] == pytest.approx(log(1.5))
    assert faded[0, 2] == pytest.approx(log(2))
    assert (undirected(acts, 3).toarray() == undirected(acts, 3).toarray().T).all()


def test_a_tie_with_somebody_tied_to_all_says_less() -> None:
    star = undirected(Acts(np.array([0, 0, 0, 4]), np.array([1, 2, 3, 5]), np.full(4, np.nan), np.ones(4)), 6)
    quiet = damped(star)
    assert quiet[0, 1] < quiet[4, 5]
    assert damped(star, 0.0)[0, 1] == star[0, 1]


def test_interests_are_near_for_who_writes_the_same_words(tmp_path: Path) -> None:
    texts = {
        "ada": "ingress proxy timeout",
        "ben": "ingress proxy drain",
        "cleo": "ledger invoice",
        "dana": "ledger tax",
    }
    posts = [post(f"{name}{n}", name, text) for name, text in texts.items() for n in range(3)]
    filler = [post(f"z{n}", "", f"word{n}") for n in range(80)]
    network = network_of(tmp_path, (*PEOPLE, *posts, *filler))
    alike = network.vectors @ network.vectors.T
    assert alike[0, 1] > alike[0, 2] + 0.1
    assert alike[2, 3] > alike[1, 3] + 0.1
    assert (nearest(network.vectors, 1) != nearest(network.vectors, 1).T).nnz == 0


def test_without_words_the_graph_is_the_ties_alone(tmp_path: Path) -> None:
    network = network_of(tmp_path, (*PEOPLE, met("ada", "message", "ben")))
    assert network.graph.nnz == 2
    assert (network.graph != combined(damped(network.mutual), network.mutual * 0)).nnz == 0


@pytest.mark.parametrize("facts", [(), PEOPLE, PEOPLE[:1], (post("a1", "", "x"),)], ids=["none", "four", "one", "post"])
def test_an_organisation_with_nothing_has_an_empty_network(tmp_path: Path, facts: tuple[Fact, ...]) -> None:
    network = network_of(tmp_path, facts)
    assert network.graph.nnz == network.turned_to.nnz == 0
    assert network.graph.shape[0] == len(network.tier.people) == len(network.vectors)


def test_the_order_in_which_facts_came_moves_no_byte(tmp_path: Path) -> None:
    facts = (*TURNED, met("dana", "message", "ada"))
    (tmp_path / "other").mkdir()
    assert content(network_of(tmp_path, facts)) == content(network_of(tmp_path / "other", reversed(facts)))


DENIED = Audience("organisation", deny=("o:legal",))
SECRETS: tuple[tuple[str, tuple[Fact, ...]], ...] = (
    ("an act", (act("dana", "thank", "a1", audience=LEGAL),)),
    ("an act that somebody is denied", (act("dana", "thank", "a1", audience=DENIED),)),
    ("a post and the acts on it", (post("s1", "ben cleo", "merger", audience=LEGAL), act("dana", "reply", "s1"))),
    ("a hidden person", (person("gus", hidden=True), post("g1", "gus ada", "ours"), act("gus", "reply", "a1"))),
    ("a person for few", (person("ivo", audience=LEGAL), act("ivo", "reply", "a1"), met("ivo", "message", "ada"))),
    ("a tie with a person for few", (person("ivo", audience=LEGAL), met("ada", "message", "ivo"))),
)  # fmt: skip


@pytest.mark.parametrize(("what", "secret"), SECRETS, ids=[name for name, _ in SECRETS])
def test_nothing_restricted_moves_a_byte(tmp_path: Path, what: str, secret: tuple[Fact, ...]) -> None:
    told = [replace(fact, authors=("o:ada",)) if fact.id == "o:g1" else fact for fact in secret]  # type: ignore[call-arg]
    plain = [fact for fact in told if fact.id == "o:g1"]
    (tmp_path / "with").mkdir()
    assert content(network_of(tmp_path, (*TURNED, *plain))) == content(
        network_of(tmp_path / "with", (*TURNED, *secret))
    )


def test_were_they_shared_the_same_facts_would_move_it(tmp_path: Path) -> None:
    """The test above can fail."""
    (tmp_path / "with").mkdir()
    open_act = act("dana", "thank", "a1")
    assert content(network_of(tmp_path, TURNED)) != content(network_of(tmp_path / "with", (*TURNED, open_act)))


def test_no_words_at_all_is_no_interest() -> None:
    import scipy.sparse as sp

    assert interests(sp.csr_matrix((0, 1)), sp.csr_matrix((3, 0))).tolist() == [[0.0]] * 3


@pytest.mark.parametrize("seed", range(6))
def test_the_nearest_by_interest_are_the_first_of_a_whole_sort_and_ties_go_to_the_lower_index(seed: int) -> None:
    draw = np.random.default_rng(seed)
    people, most = int(draw.integers(1, 40)), int(draw.integers(1, 6))
    vectors = np.round(draw.normal(size=(people, 3)), int(draw.integers(0, 2)))
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    similar = np.round(vectors @ vectors.T, 9)
    np.fill_diagonal(similar, 0.0)
    expected = np.zeros_like(similar)
    for row, of_row in enumerate(similar):
        best = np.argsort(-of_row, kind="stable")[:most]
        expected[row, best] = np.maximum(of_row[best], 0.0)
    found = nearest(vectors, most, block=7).toarray()
    np.testing.assert_array_equal(found, np.maximum(expected, expected.T))
