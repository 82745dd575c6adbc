"""Figures of communities and champions: worked by hand, the truth is never evidence, planted binders are found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from typer.testing import CliRunner

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.ask.network import Networking
from expertfinder.cli.app import app
from expertfinder.cli.evaluating.network import TASKS, Besides, evaluate_network
from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.errors import DeadlinePassed, SourceError
from expertfinder.evaluation.network import ablation
from expertfinder.evaluation.network.ablation import compared
from expertfinder.evaluation.network.agreement import Agreement, agreeing, best_match, omega
from expertfinder.evaluation.network.champions import (
    ChampionFigures,
    as_it_was,
    evaluate_authority,
    evaluate_champions,
    evaluate_next_lead,
    precision_figures,
)
from expertfinder.evaluation.network.communities import as_shown, evaluate_communities, write_assignments
from expertfinder.evaluation.network.membership import evaluate_membership, folds, without
from expertfinder.evaluation.network.parted import Parted, of_communities
from expertfinder.evaluation.network.reach import bound, evaluate_reach
from expertfinder.evaluation.network.truth import EVERYTHING
from expertfinder.evaluation.sets import evidence, world
from expertfinder.index.encoders.encoder import encoder
from expertfinder.index.network import communities as finding
from expertfinder.index.network.communities import looked_for
from expertfinder.index.network.deadline import within
from expertfinder.index.network.graph import build_network
from expertfinder.index.network.tier import read_shared
from expertfinder.ingest import ingest
from expertfinder.model import ORGANISATION, Community, Interaction, Person, Post, Ranking, Source
from expertfinder.recommend.network.champion_set import Championship
from expertfinder.recommend.network.coverage import Wanted, neighbourhoods
from expertfinder.sources.native import NativeReader


def write(folder: Path, name: str, rows: Sequence[Mapping[str, object]]) -> None:
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(autouse=True)
def _searched_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a child, as everywhere in these tests (`tests/conftest.py`)."""
    monkeypatch.setattr(ablation, "within", finding.within)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Two groups of six who write to each other; p0 and p6 are turned to by all, and lead."""
    people = [f"p{n}" for n in range(12)]
    write(tmp_path, "people.jsonl", [{"id": name, "name": name, "bio": "leads dept"} for name in people])
    write(tmp_path, "posts.jsonl", [])
    acts = [
        {"actor": f"p{a}", "verb": verb, "object": f"p{b}", "object_type": "person"}
        for start in (0, 6)
        for a in range(start, start + 6)
        for b in range(start, start + 6)
        for verb in (["co_work", "message"] if b == start else ["message"] if (a + b) % 2 else [])
        if a != b
    ]
    write(tmp_path, "interactions.jsonl", acts)
    write(
        tmp_path,
        "communities.jsonl",
        [
            {"id": "one", "name": "One", "members": people[:6], "leads": ["p0"]},
            {"id": "two", "name": "Two", "members": people[6:], "leads": ["p6"]},
        ],
    )
    write(tmp_path, "advice_gold.jsonl", [{"actor": a, "verb": "ask_advice", "object": "p0"} for a in people[1:]])
    return tmp_path


@pytest.mark.parametrize("seed", range(10))
def test_for_partitions_omega_is_the_adjusted_rand_index(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 4, 30), rng.integers(0, 4, 30)
    groups = [[set(np.flatnonzero(label == group).tolist()) for group in range(4)] for label in (one, other)]
    assert omega(*groups, range(30)) == pytest.approx(adjusted_rand_score(one, other))


def test_omega_asks_how_often_a_pair_is_together() -> None:
    twice = [{0, 1}, {0, 1}, {2, 3}]
    assert omega(twice, twice, range(4)) == 1.0
    # Of six pairs five agree; by chance 4 * 4 (never) + 1 * 2 (once) + 1 * 0 (twice) of 36 would.
    assert omega(twice, [{0, 1}, {2, 3}], range(4)) == pytest.approx((5 / 6 - 18 / 36) / (1 - 18 / 36))


def test_the_best_match_of_each_group_is_taken() -> None:
    assert best_match([{0, 1, 2}, {3}], [{0, 1}, {2, 3}]) == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert best_match([], [{1}]) == best_match([{1}], []) == 0.0


def test_only_the_people_that_are_asked_about_count() -> None:
    found = agreeing([{0, 1, 8}, {2, 3}], [{0, 1}, {2, 3, 9}], label=[0, 0, 1, 1], people=range(4))
    assert (found.ami, found.ari, found.omega, found.f1) == (1.0, 1.0, 1.0, 1.0)
    assert (found.alone, found.found, found.declared) == (4, 2, 2)


def test_precision_is_worked_by_hand() -> None:
    found = precision_figures([([5, 6, 7, 8], {6, 8})])
    means = {name: figure.mean for name, figure in found.items()}
    assert means == {"AP": (1 / 2 + 2 / 4) / 2, "R-precision": 0.5, "MRR": 0.5}


def test_planted_groups_are_found_and_written_down(small: Path, tmp_path: Path) -> None:
    found = evaluate_communities(small)
    assert (found.people, found.default.ami, found.default.f1) == (12, 1.0, 1.0)
    assert found.shuffled.ami < 0.5
    write_assignments(found, tmp_path / "assignments.tsv")
    lines = [line.split("\t") for line in (tmp_path / "assignments.tsv").read_text().splitlines()]
    of = dict(lines)
    assert len({of[f"p{n}"] for n in range(6)}) == len({of[f"p{n}"] for n in range(6, 12)}) == 1
    assert of["p0"] != of["p6"]


@pytest.fixture
def crossing(tmp_path: Path) -> Path:
    """Twelve people who write to their half, and write about what every second one does."""
    people = [f"p{n:02}" for n in range(12)]
    write(tmp_path, "people.jsonl", [{"id": name, "name": name} for name in people])
    words = (
        ("rye", "sourdough", "oven", "crust", "dough", "flour"),
        ("axle", "bearing", "shaft", "grease", "torque", "flange"),
    )
    # Each word in three posts: a word in more than a tenth of all tells nobody apart.
    posts = [
        {"id": name, "authors": [name], "text": " ".join(words[n % 2][(n // 2 + k) % 6] for k in range(3))}
        for n, name in enumerate(people)
    ]
    write(tmp_path, "posts.jsonl", posts)
    acts = [
        {"actor": people[a], "verb": "message", "object": people[b], "object_type": "person"}
        for a in range(12)
        for b in range(12)
        if a != b and a // 6 == b // 6
    ]
    write(tmp_path, "interactions.jsonl", acts)
    halves = [{"id": "one", "members": people[:6]}, {"id": "two", "members": people[6:]}]
    write(tmp_path, "communities.jsonl", halves)
    return tmp_path


def test_without_interests_ties_make_the_communities_and_without_ties_interests_do(crossing: Path) -> None:
    without = evaluate_communities(crossing, ablation=20).without
    assert without["interests"].agreement.ami == 1.0
    assert without["ties"].agreement.ami < 0.1
    for left in without.values():
        for change in left.less.values():
            assert change.low <= change.mean <= change.high


def test_what_a_set_has_none_of_cannot_be_left_out_of_it(small: Path) -> None:
    assert evaluate_communities(small).without == {}
    without = evaluate_communities(small, ablation=20).without
    assert not {"interests", "ties", "fading of interests"} & set(without), "there is but one of them, and no dates"
    assert {"logarithm of ties", "damping of hubs", "choice of resolution", "overlaps"} <= set(without)
    assert without["choice of resolution"].resolution == 1.0


def test_half_the_people_are_drawn_together_for_with_and_without() -> None:
    def agree(found: Parted, people: Sequence[int]) -> Agreement:
        alike = sum(int(found.own[person]) for person in people) / len(people)
        return Agreement(alike, 0.0, 1.0, alike, 0.0, alone=1, found=1, declared=1)

    half, more = Parted([], np.arange(8) % 2, 1.0), Parted([], np.arange(8) % 2 + 1, 2.0)
    found = compared(half, {"it": more}, range(8), agree)["it"]
    # One more for everybody, whichever half is drawn: unpaired halves would scatter.
    assert (found.less["ami"].mean, found.less["ami"].low, found.less["ami"].high) == pytest.approx((1.0, 1.0, 1.0))
    assert found.less["omega"].mean == 0.0
    drawn = compared(half, {"it": Parted([], np.zeros(8, np.int64), 1.0)}, range(8), agree)["it"].less["ami"]
    assert drawn.low < drawn.mean == -0.5 < drawn.high


def test_the_whole_that_ingredients_are_left_out_of_is_what_users_see(crossing: Path) -> None:
    with world(evidence(crossing)) as finder:
        network = build_network(read_shared(finder.store, vocabulary()), vocabulary())
        again = of_communities(looked_for(network)[0], np.arange(12), 12)
        seen = as_shown(finder)
    assert sorted(map(sorted, again.groups)) == sorted(map(sorted, seen.groups))
    assert len(seen.groups) > 1
    own = [
        {row for row in range(12) if parted.own[row] == parted.own[of]} for parted in (again, seen) for of in range(12)
    ]
    assert own[:12] == own[12:]


def test_ones_own_community_is_the_one_with_most_of_ones_ties_and_who_is_in_none_is_alone() -> None:
    share = np.array([[0.6, 0.4], [0.3, 0.7], [0.5, 0.5], [0.0, 0.0]])
    found = Parted.of_shares([frozenset({0, 1, 2}), frozenset({0, 1, 2})], share, resolution=1.0)
    assert found.own.tolist() == [0, 1, 0, 5]
    assert [found.of(row) for row in range(4)] == [[0, 1], [0, 1], [0, 1], [5]]
    assert found.apart().groups == [frozenset({0, 2}), frozenset({1})]


def test_communities_that_take_too_long_are_given_up_in_plain_words(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "within", within)  # in a child, as in the product
    monkeypatch.setattr(finding, "PATIENCE", 0.01)
    with pytest.raises(DeadlinePassed, match=r"did not end in time and was stopped"):
        evaluate_communities(small)


def test_who_is_turned_to_is_the_champion(small: Path) -> None:
    found = evaluate_champions(small)
    assert found.communities["members"] == 0  # nobody wrote a post: the default convention has nobody to ask about
    assert {name: figure.mean for name, figure in found.figures["all"].items()} == {
        "AP": 1.0, "R-precision": 1.0, "MRR": 1.0,
    }  # fmt: skip
    assert [ranked[0][0] for ranked in found.run.values()] == ["p0", "p6"]
    assert evaluate_authority(small).auc["the first tenth"] >= 0.9


def test_the_truth_moves_no_ranking(small: Path) -> None:
    before = evaluate_champions(small).run
    assigned = evaluate_communities(small).assignments
    truth = (small / "communities.jsonl").read_text()
    (small / "communities.jsonl").write_text(truth.replace('"leads": ["p0"]', '"leads": ["p3"]'))
    after = evaluate_champions(small)
    assert after.run == before
    assert after.figures["all"]["AP"].mean < 1.0
    (small / "communities.jsonl").write_text(json.dumps({"id": "x", "members": ["p1", "p7"], "leads": []}) + "\n")
    assert evaluate_communities(small).assignments == assigned


def test_no_set_reaches_more_than_the_bound_says_and_the_bound_is_near() -> None:
    rng = np.random.default_rng(5)
    for _ in range(30):
        people = int(rng.integers(6, 11))
        half = sp.random(people, people, 0.3, random_state=rng)
        mutual = sp.csr_matrix(half + half.T)
        wanted = Wanted(2, rng.random(people) < 0.8, rng.integers(0, 2, people), (0, 1))
        reach = neighbourhoods(mutual)
        able = np.flatnonzero(wanted.eligible).tolist()
        units = {int(wanted.unit[person]) for person in able} if wanted.unit is not None else set()
        sets = [pair for pair in combinations(able, 2) if {int(wanted.unit[p]) for p in pair} >= units]  # type: ignore[index]
        best = max((len({int(o) for p in pair for o in reach[p]}) for pair in sets), default=0)
        assert best <= bound(mutual, wanted) <= 1.5 * max(best, 1), "an upper bound, and not an idle one"


def test_a_set_of_ten_reaches_all_of_twelve(small: Path) -> None:
    found = evaluate_reach(small)
    assert found.greedy == 12
    assert all(figure.mean <= 1.0 for figure in found.to_greedy.values())


def test_a_hidden_membership_is_found_by_ones_contacts_and_not_by_what_was_written_there(small: Path) -> None:
    found = evaluate_membership(small)
    assert found.cases == {"everybody": 12, "others": 0}
    assert found.ours["everybody"]["MRR"].mean == 1.0
    # The two are as large: without a hidden member one is smaller, so popularity puts the other first (8 of 12). Two
    # organisations lack one of each: then they are as large again, and the first by its id is right once of twice.
    assert found.popularity["everybody"]["MRR"].mean == pytest.approx((8 / 2 + 2 * 1.5) / 12)
    # Cut from all whom they know, p1 has only what was written in the place, which is left out.
    lines = (small / "interactions.jsonl").read_text().splitlines()
    (small / "interactions.jsonl").write_text("".join(f"{line}\n" for line in lines if '"p1"' not in line))
    write(small, "posts.jsonl", [{"id": "x", "authors": ["p1", "p2"], "text": "words", "community": "one"}])
    assert evaluate_membership(small).ours["everybody"]["MRR"].mean == pytest.approx(11 / 12)


def test_who_leads_next_is_told_by_earlier_evidence_only(small: Path) -> None:
    posts = [
        {"id": f"r{n}", "authors": [who], "text": "release", "community": "one", "created_at": f"2024-0{1 + n}-01"}
        for n, who in enumerate(("p2", "p3", "p5", "p2", "p2", "p4", "p4", "p4"))
    ]
    write(small, "posts.jsonl", posts)
    decisions = [
        {"community": "one", "as_of": "2024-05-20", "leads": ["p2"], "incumbent": [], "change": False},
        {"community": "one", "as_of": "2024-05-20", "leads": ["p4"], "incumbent": ["p2"], "change": True},
        {"community": "one", "as_of": "2030-01-01", "leads": ["p4"], "change": True},
    ]
    write(small, "leads_timeline.jsonl", decisions)
    found = evaluate_next_lead(small)
    assert (found.decisions, found.changes) == (2, 1)
    assert found.figures["alone"]["P@1"].mean == 0.5
    assert found.figures["first"]["P@1 on changes"].mean == 0.0


def test_nothing_that_comes_after_the_day_moves_who_would_have_been_ranked(small: Path) -> None:
    def ranked() -> Ranking:
        day = date(2024, 4, 15)
        with world(as_it_was(evidence(small, communities=True), day, ["one"]), as_of=day) as finder:
            found = Networking(finder).candidates(Championship(community="set:one"), EVERYTHING)
            return replace(found, version="")

    texts = "release notes", "release plan", "a plan", "the notes of the board"
    posts = [
        {"id": f"r{n}", "authors": [f"p{n % 3}"], "text": text, "community": "one", "created_at": f"2024-0{1 + n}-01"}
        for n, text in enumerate(texts)
    ]
    early = [{"actor": "p3", "verb": "review", "object": "r0", "object_type": "post", "created_at": "2024-01-05"}]
    late = {"community": "one", "created_at": "2024-04-15"}
    write(small, "posts.jsonl", posts)
    write(small, "interactions.jsonl", early)
    before = ranked()
    assert {one.subject for one in before.recommendations} == {"set:p0", "set:p1", "set:p2", "set:p3"}
    more = [*({"id": f"z{n}", "authors": ["p4"], "text": "a release", **late} for n in range(9))]
    more += [{"id": "u", "authors": ["p5"], "text": "a release", "community": "one"}]  # undated
    write(small, "posts.jsonl", [*posts, *more])
    later = [
        {"actor": "p2", "verb": verb, "object": "r0", "object_type": "post", "created_at": "2024-04-15"}
        for verb in ("edit", "review", "thank")
    ]
    write(small, "interactions.jsonl", [*early, *later])
    assert ranked() == before
    write(small, "interactions.jsonl", [*early, *({**act, "created_at": "2024-04-14"} for act in later)])
    assert ranked() != before


def test_what_is_hidden_of_a_person_is_hidden_and_nothing_else_is() -> None:
    facts = [
        Person(id="set:a", source="set"),
        Post(id="set:x", source="set", authors=("set:a", "set:b"), community="set:one"),
        Post(id="set:y", source="set", authors=("set:a",)),
        Interaction(id="set:1", source="set", actor="set:a", verb="review", object="set:x"),
        Interaction(id="set:2", source="set", actor="set:b", verb="review", object="set:x"),
        Interaction(id="set:3", source="set", actor="set:a", verb="review", object="set:y"),
        Interaction(id="set:4", source="set", actor="set:a", verb="message", object="set:b", object_type="person"),
        Community(id="set:one", source="set", members=("set:a", "set:b")),
        Community(id="set:two", source="set", members=("set:a",)),
    ]
    found = {fact.id: fact for fact in without(facts, {"set:a": "set:one"})}
    assert set(found) == {fact.id for fact in facts} - {"set:1"}
    assert found["set:x"] == replace(facts[1], authors=("set:b",))
    assert found["set:one"] == replace(facts[7], members=("set:b",))
    assert [found[name] for name in ("set:y", "set:2", "set:3", "set:4", "set:two")] == [
        facts[n] for n in (2, 4, 5, 6, 8)
    ]


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("uvwxyz")), unique=True, max_size=40))
def test_every_membership_is_hidden_once_and_never_two_of_one_person_at_a_time(cases: list[tuple[str, str]]) -> None:
    parts = folds(cases)
    assert sorted(case for part in parts for case in part.items()) == sorted(cases)
    assert all(parts)


@pytest.mark.parametrize("task", sorted(TASKS))
def test_a_set_without_the_truth_of_a_task_is_refused_by_file(task: str, small: Path) -> None:
    for name in ("communities.jsonl", "advice_gold.jsonl"):
        (small / name).unlink()
    with pytest.raises(SourceError, match="jsonl: this file of the set cannot be read"):
        evaluate_network(task, small, Besides(), as_json=False)


@pytest.fixture(scope="module")
def measured(demo_set: Path) -> ChampionFigures:
    """Its champions, beside the declared leads."""
    return evaluate_champions(demo_set)


def test_planted_binders_are_among_the_five_champions_of_their_community(
    demo_set: Path, measured: ChampionFigures
) -> None:
    planted = json.loads((demo_set / "truth.json").read_text())["binders"]["communities"]
    found = {name: {person for person, _ in measured.run[name][:5]} for name in planted}
    hits = sum(len(found[name].intersection(binders)) for name, binders in planted.items())
    assert hits >= 0.8 * sum(map(len, planted.values()))


def test_the_champions_that_are_measured_are_those_that_users_get(
    demo_set: Path, measured: ChampionFigures, tmp_path: Path
) -> None:
    """In every community of the demo, imported with leads and biographies as any organisation is."""
    source = Source(id="demo", audience=ORGANISATION)
    home, encode = Home(tmp_path), encoder("static-minilm")
    store = home.open_store()
    ingest(store, NativeReader(demo_set, source=source))
    times = [fact.created_at for kind in ("post", "interaction") for fact in store.all(kind) if fact.created_at]
    home.build_index(store, encode=encode, as_of=(max(times) + timedelta(days=1)).date())
    finder = ExpertFinder(home, store, encode=encode)
    finder.refresh()
    network = Networking(finder)
    declared = [each for each in store.all("community") if each.kind == "declared"]
    assert {each.id for each in declared} == {f"demo:{name}" for name in measured.run}
    hits = []
    for each in declared:
        run = dict(measured.run[each.id.removeprefix("demo:")])
        ranked = network.candidates(Championship(community=each.id, inactive=True), EVERYTHING).recommendations
        assert [one.subject.removeprefix("demo:") for one in ranked] == list(run), each.id
        assert [one.score for one in ranked] == pytest.approx(list(run.values()))
        chosen = network.champions(Championship(community=each.id), EVERYTHING).ranking.recommendations
        assert {one.subject.removeprefix("demo:"): one.score for one in chosen}.items() <= dict(
            zip(run, (one.score for one in ranked), strict=True)
        ).items()
        hits.append(bool({one.subject for one in chosen} & set(each.leads)))
    assert measured.communities["members"] == len(declared)
    assert measured.sets["a lead is in it"].mean == pytest.approx(np.mean(hits))
    finder.close()


def test_every_task_is_run_at_the_prompt_with_figures_a_run_and_assignments(small: Path, tmp_path: Path) -> None:
    run, assignments = tmp_path / "run.txt", tmp_path / "assignments.tsv"
    command = ["evaluate", str(small), "--task"]
    champions = CliRunner().invoke(app, [*command, "champions", "--run", str(run), "--json"])
    assert champions.exit_code == 0, champions.output
    assert json.loads(champions.stdout)["figures"]["all"]["AP"]["mean"] == 1.0
    assert run.read_text().splitlines()[0].split("\t")[:4] == ["one", "Q0", "p0", "1"]
    told = CliRunner().invoke(app, [*command, "communities", "--assignments", str(assignments), "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["default"]["ami"] == 1.0
    assert len(assignments.read_text().splitlines()) == 12
    each_off = CliRunner().invoke(app, [*command, "communities", "--ablation"])
    assert each_off.exit_code == 0, each_off.output
    assert "damping of hubs" in each_off.stdout
    for task in ("communities", "champions", "authority", "reach", "membership"):
        plain = CliRunner().invoke(app, [*command, task])
        assert plain.exit_code == 0, plain.output
    refused = CliRunner().invoke(app, [*command, "astrology"])
    assert "the task is experts, assess, communities" in str(refused.exception)
