"""What an evaluation keeps, when it says that a ranking has become worse, and that its short cuts change no figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from expertfinder.ask.finder import MOST_PEOPLE, ExpertFinder
from expertfinder.cli.app import app
from expertfinder.errors import FormatNotSupported, SourceError
from expertfinder.evaluation import (
    OURS,
    Evaluation,
    How,
    Results,
    compare,
    evaluate,
    exposure,
    judged,
    loaded,
    paired,
    results,
    written,
)
from expertfinder.evaluation.baselines import METHODS, VOTES, Baselines
from expertfinder.evaluation.exposure import gini
from expertfinder.evaluation.ranking import Places, _without, kinds
from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import Query, Viewer
from expertfinder.recommend.experts.experts import find_experts, score_experts

EVERYTHING = Viewer(everything=True)
ENCODE = encoder("static-minilm")


@pytest.fixture(scope="module")
def found(demo_files: Path) -> Evaluation:
    """The demo organisation of the least size, measured with every part left out once."""
    return evaluate(demo_files, how=How(ablation=True))


@pytest.fixture(scope="module")
def finder(demo_files: Path) -> Iterator[ExpertFinder]:
    """The same set, loaded as the evaluation loads it."""
    with loaded(demo_files) as finder:
        yield finder


# --- short cuts ------------------------------------------------------------------------------------------------------


def test_abstention_and_confidence_are_those_of_the_answers_that_people_get(
    found: Evaluation, finder: ExpertFinder, demo_files: Path
) -> None:
    asked = judged(demo_files)
    seen = View.of(finder.snapshot, EVERYTHING)
    abstained = 0
    right: dict[str, list[bool]] = {}
    for name, query in asked.asked:
        answer = find_experts(seen, replace(query, limit=3), encode=ENCODE)
        if answer.abstained is not None or answer.confidence is None:
            abstained += 1
            continue
        relevant = {f"set:{person}" for person, grade in asked.truth[name].items() if grade > 0}
        first = {entry.subject for entry in answer.recommendations}
        right.setdefault(answer.confidence.value, []).append(bool(first & relevant))
    assert found.abstained == abstained / len(asked.asked)
    assert found.confidence == {word: (len(hits), pytest.approx(np.mean(hits))) for word, hits in right.items()}


def test_the_ranking_that_is_measured_is_the_one_that_people_get(
    found: Evaluation, finder: ExpertFinder, demo_files: Path
) -> None:
    compared = 0
    for name, query in judged(demo_files).asked:
        answer = finder.find(replace(query, limit=MOST_PEOPLE), EVERYTHING)
        if answer.abstained is None:
            shown = [(one.subject.removeprefix("set:"), one.score) for one in answer.recommendations]
            # An answer ends where the evidence near the question does; what is measured goes on to its depth.
            named = {one for one, _ in shown}
            assert shown == [one for one in found.run[name] if one[0] in named], name
            assert shown[0] == found.run[name][0], name
            compared += 1
    assert compared > 20


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scores=st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0, 2.5]), min_size=40, max_size=40), depth=st.integers(1, 60))
def test_a_ranking_is_a_full_sort_that_is_cut(finder: ExpertFinder, scores: list[float], depth: int) -> None:
    places = Places(View.of(finder.snapshot, EVERYTHING), depth)
    totals = np.zeros(len(places.ids))
    totals[:40] = scores
    mask = np.arange(len(totals)) % 7 != 3
    whole = sorted(
        ((places.ids[row], float(totals[row])) for row in range(len(totals)) if mask[row] and totals[row] > 0),
        key=lambda entry: (-entry[1], entry[0]),
    )
    assert places.ranked(totals, mask) == whole[:depth]


def test_the_nearest_posts_vote_as_if_all_were_sorted(finder: ExpertFinder) -> None:
    shared = finder.snapshot.shared.segment
    assert len(shared) > VOTES
    query = Query(text="who knows about the deployment pipeline?", exclude_posts=frozenset(shared.ids[::5]))
    vector = ENCODE.encode([query.text])[0]
    cosine = np.asarray(shared.vectors @ vector, np.float64)
    cosine[::5] = 0.0
    expected = np.zeros(len(finder.snapshot.people))
    for row in np.argsort(-cosine, kind="stable")[:VOTES].tolist():
        for act in range(int(shared.act_indptr[row]), int(shared.act_indptr[row + 1])):
            if shared.act_strength[act] > 0:
                expected[shared.act_person[act]] += max(cosine[row], 0.0) ** 2
    scores = Baselines(View.of(finder.snapshot, EVERYTHING)).scores(query, vector=vector, seed="1")
    assert list(scores) == list(METHODS)
    assert scores["dense voting"] == pytest.approx(expected)
    assert scores["most active"].sum() == np.delete(np.diff(shared.act_indptr), np.s_[::5]).sum()


# --- each part left out ----------------------------------------------------------------------------------------------


def test_leaving_a_part_out_leaves_the_sum_of_the_others(finder: ExpertFinder) -> None:
    scored = score_experts(View.of(finder.snapshot, EVERYTHING), Query(text="deployment pipeline"), ENCODE)
    without = _without(scored)
    assert set(without) == {entry.part for entry in scored.ledger.entries}
    for part, rest in without.items():
        own = sum(entry.value for entry in scored.ledger.entries if entry.part == part)
        assert rest + own == pytest.approx(scored.totals)


def test_every_part_is_measured_left_out_on_every_query(found: Evaluation) -> None:
    assert len(found.without) >= 4
    for values in found.without.values():
        assert values.keys() == found.per_query[OURS].keys()
    assert any(values != found.per_query[OURS] for values in found.without.values())


# --- exposure --------------------------------------------------------------------------------------------------------


def test_where_one_person_stands_first_everywhere_few_hold_much() -> None:
    run = {f"q{n}": [("ada", 3.0), (f"p{n}", 2.0), (f"r{n}", 1.0)] for n in range(10)}
    spread = exposure(run, 100)
    # Five people are the top 5 %: ada with 10 of 30 places, and four of those with one.
    assert spread.held_by_few == pytest.approx(14 / 30)
    assert spread.covered == pytest.approx(21 / 100)


def test_inequality_is_nothing_among_equals_and_all_for_one() -> None:
    assert gini(np.full(8, 3.0)) == pytest.approx(0.0)
    assert gini(np.array([0, 0, 0, 5])) == pytest.approx(3 / 4)
    assert gini(np.array([1, 3])) == pytest.approx(1 / 4)
    assert gini(np.zeros(3)) == 0.0


def test_queries_are_grouped_by_what_their_ids_begin_with() -> None:
    assert kinds(["goal-1", "team-1", "goal-2"]) == {"goal": ["goal-1", "goal-2"], "team": ["team-1"]}
    assert kinds(["q1-a", "q1-b"]) == {}
    assert kinds([f"{n}-a" for n in range(13)]) == {}


# --- results that are kept -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(found: Evaluation) -> Results:
    """What is kept of it."""
    return results(found)


def shifted(kept: Results, by: float) -> Results:
    """Results whose every average precision is another by so much."""
    ours = {**kept.values[OURS], "MAP": {name: value + by for name, value in kept.values[OURS]["MAP"].items()}}
    return replace(kept, values={**kept.values, OURS: ours})


def test_results_that_are_read_back_are_those_that_were_written(kept: Results, tmp_path: Path) -> None:
    kept.write(tmp_path / "results.json")
    again = written(tmp_path / "results.json", name=kept.set, digest=kept.digest)
    for method, table in kept.values.items():
        for label, values in table.items():
            assert again.values[method][label] == pytest.approx(values, abs=1e-5)
    assert replace(again, values={}) == replace(kept, values={})
    assert {"name": DEFAULT, "max_tokens": 256}.items() <= again.encoder.items()


def test_one_of_several_sets_is_found_by_its_questions(kept: Results, tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    kept.write(path)
    one = orjson.loads(path.read_bytes())
    path.write_bytes(orjson.dumps({"sets": {"other": {**one, "set": "other", "digest": "0"}, kept.set: one}}))
    assert written(path, name=kept.set, digest=kept.digest).set == kept.set
    with pytest.raises(SourceError, match=r"of demo.*, other, and not of legal.*another set"):
        written(path, name="legal", digest="1")


def test_results_of_other_judgements_of_the_same_set_are_refused(
    kept: Results, demo_files: Path, tmp_path: Path
) -> None:
    kept.write(tmp_path / "results.json")
    qrels = (demo_files / "qrels.tsv").read_text().splitlines()
    (tmp_path / "qrels.tsv").write_text("\n".join(qrels[1:]))
    others = judged(demo_files, qrels=tmp_path / "qrels.tsv")
    with pytest.raises(SourceError, match="judgements are others now"):
        written(tmp_path / "results.json", name=others.name, digest=others.digest)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"sets": 3}', '{"format": 1}'])
def test_what_is_no_file_of_results_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(content)
    with pytest.raises((SourceError, FormatNotSupported)):
        written(tmp_path / "results.json", name="demo", digest="0")


def test_a_ranking_is_worse_when_a_loss_of_a_hundredth_cannot_be_ruled_out(kept: Results) -> None:
    assert not compare(kept, kept).worse
    assert not compare(kept, shifted(kept, 0.009)).worse
    assert compare(kept, shifted(kept, 0.011)).worse
    assert not compare(kept, shifted(kept, -0.5)).worse


def test_where_a_few_queries_lose_much_the_interval_is_wide(kept: Results) -> None:
    names = list(kept.values[OURS]["MAP"])
    then = {name: 1.0 if place % 10 == 0 else 0.0 for place, name in enumerate(names)}
    gap = paired(dict.fromkeys(names, 0.0), then)
    assert gap.mean == pytest.approx(-np.mean(list(then.values())))
    assert gap.low < gap.mean - 0.02
    assert gap.high > gap.mean + 0.02


def test_at_the_prompt_the_exit_code_says_whether_it_became_worse(
    kept: Results, demo_files: Path, tmp_path: Path
) -> None:
    shifted(kept, 0.2).write(tmp_path / "better.json")
    kept.write(tmp_path / "same.json")
    command = ["evaluate", str(demo_files)]
    fell = CliRunner().invoke(app, [*command, "--against", str(tmp_path / "better.json")])
    assert fell.exit_code == 1
    assert "worse: the lower bound of MAP is -0.2000" in fell.output
    held = CliRunner().invoke(
        app,
        [
            *command,
            "--against",
            str(tmp_path / "same.json"),
            "--save",
            str(tmp_path / "now.json"),
            "--ablation",
            "--json",
        ],
    )
    assert held.exit_code == 0, held.output
    answer = orjson.loads(held.stdout)
    assert answer["against"]["worse"] is False
    assert answer["against"]["differences"]["MAP"]["mean"] == pytest.approx(0.0, abs=1e-5)
    assert answer["without"]
    assert set(answer["exposure"]) == {"held_by_few", "gini", "covered"}
    assert (tmp_path / "now.json").read_bytes() == (tmp_path / "same.json").read_bytes()
