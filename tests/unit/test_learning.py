"""Weights learned from judgements: what they learn, what they refuse, how they are published, read and served."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.office import LEGAL, NOON, QUESTION, act, opened, person, post
from typer.testing import CliRunner

from expertfinder.cli import app
from expertfinder.errors import FormatNotSupported, InvalidQuestion
from expertfinder.evaluation.learning import (
    FEWEST,
    PARTS,
    Example,
    fit,
    judgements_from,
    judgements_of,
    learn,
    publish,
    ranked,
)
from expertfinder.model import SHARED, Query
from expertfinder.recommend.experts.parts import WEIGHTS
from expertfinder.recommend.experts.weights import read_weights
from expertfinder.store import Feedback


def taught(part: str, questions: int, *, noise: bool = False) -> list[Example]:
    """Questions where who is right has most of one part; the others say nothing. `noise`: nor does that one."""
    draw = random.Random(7)
    found = []
    for number in range(questions):
        parts = np.array([[draw.random() for _ in PARTS] for _ in range(30)])
        right = np.zeros(30, bool)
        right[draw.randrange(30) if noise else int(np.argmax(parts[:, PARTS.index(part)]))] = True
        people = [f"o:p{place:02}" for place in range(30)]
        found.append(Example(f"q{number:03}", people, parts, right, {people[int(np.argmax(right))]: 1}))
    return found


def test_the_part_that_tells_who_is_right_gains_weight_and_no_weight_is_negative() -> None:
    weights = fit(taught("topics", 300))
    assert weights["topics"] > 1.3 * WEIGHTS["topics"]
    assert all(weight >= 0.0 for weight in weights.values())
    assert sum(weights.values()) == pytest.approx(sum(WEIGHTS.values()), abs=1e-4)


def test_few_judgements_hardly_move_the_weights() -> None:
    few, many = fit(taught("topics", 2)), fit(taught("topics", 300))
    moved = [sum(abs(weights[part] - WEIGHTS[part]) for part in PARTS) for weights in (few, many)]
    assert moved[0] < 0.25 * moved[1]
    assert fit([]) == WEIGHTS


def test_what_is_better_on_questions_left_out_may_be_published_and_noise_may_not(tmp_path: Path) -> None:
    good, noise = learn(taught("topics", 150)), learn(taught("topics", 150, noise=True))
    assert good.better
    assert good.gain.low > 0
    assert good.learned_map > good.shipped_map
    assert not noise.better
    finder = opened(tmp_path)
    try:
        with pytest.raises(InvalidQuestion, match="not better"):
            publish(finder, noise)
        assert not finder.home.weights.exists()
        publish(finder, good)
        assert read_weights(finder.home.weights) == good.weights
        assert json.loads(finder.home.weights.read_bytes())["questions"] == 150
    finally:
        finder.close()


def test_who_rises_and_who_falls_is_reported_and_adds_up() -> None:
    lesson = learn(taught("topics", 100))
    assert lesson.rises
    assert lesson.falls
    assert sum(by for _, by in lesson.rises) + sum(by for _, by in lesson.falls) == 0
    assert all(by > 0 for _, by in lesson.rises)
    assert 0 < lesson.answers_changed <= 1


def test_too_few_questions_are_refused() -> None:
    with pytest.raises(InvalidQuestion, match=str(FEWEST)):
        learn(taught("topics", FEWEST - 1))


def test_more_of_any_part_never_lowers_a_rank_whatever_was_learned() -> None:
    weights = fit(taught("topics", 100))
    one = taught("topics", 1)[0]
    before = [name for name, _ in ranked(one, weights)].index("o:p05")
    for part in range(len(PARTS)):
        more = one.parts.copy()
        more[5, part] += 1.0
        assert [name for name, _ in ranked(replace(one, parts=more), weights)].index("o:p05") <= before


# --- serving ---------------------------------------------------------------------------------------------------------


def written(path: Path, weights: dict[str, float]) -> None:
    """A file of weights as `tune` writes it."""
    path.write_text(json.dumps({"weights": weights}), "utf-8")


def test_published_weights_serve_from_the_next_refresh_and_gone_ones_do_not(tmp_path: Path) -> None:
    finder = opened(tmp_path)
    try:
        before = finder.find(Query(text=QUESTION), SHARED)
        written(finder.home.weights, {**WEIGHTS, "profile": 2 * WEIGHTS["profile"], "activity": 0.0})
        assert finder.refresh()
        after = finder.find(Query(text=QUESTION), SHARED)
        assert after.version != before.version
        for one, then in zip(after.recommendations, before.recommendations, strict=True):
            values = {reason.part: reason.value for reason in one.reasons}
            assert sum(values.values()) == pytest.approx(one.score)
            assert "activity" not in values
            was = next(old for old in before.recommendations if old.subject == one.subject)
            of_old = {reason.part: reason.value for reason in was.reasons}
            assert values["profile"] == pytest.approx(2 * of_old["profile"])
            assert then.score > 0
        explained = finder.explain(Query(text=QUESTION), after.recommendations[0].subject, SHARED)
        assert explained.score == after.recommendations[0].score
        finder.home.weights.unlink()
        assert finder.refresh()
        assert finder.find(Query(text=QUESTION), SHARED) == before
        assert not finder.refresh()
    finally:
        finder.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        '{"weights": {"profile": -1}}',
        '{"weights": {"profile": "much"}}',
        '{"weights": {"topics": NaN}}',
    ],
)
def test_a_file_that_holds_no_weights_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "weights.json").write_text(text, "utf-8")
    with pytest.raises(FormatNotSupported, match=r"weights\.json"):
        read_weights(tmp_path / "weights.json")


def test_a_part_that_the_file_does_not_know_has_the_shipped_weight(tmp_path: Path) -> None:
    written(tmp_path / "weights.json", {"profile": 2.0, "a part of old": 3.0})
    assert read_weights(tmp_path / "weights.json") == {**WEIGHTS, "profile": 2.0}


# --- what is in the record -------------------------------------------------------------------------------------------


def test_an_accepted_reply_is_a_judgement_of_its_author_and_its_thread_is_no_evidence() -> None:
    posts = [
        post("q", "fay", "Why does it drop?", title="Drops"),
        post("r1", "ben", "Raise the timeout.", parent="o:q"),
        post("r2", "ada", "Drain the nodes.", parent="o:q"),
    ]
    ((name, query, grades),) = judgements_of(posts, [act("fay", "accept", "r1")])
    assert (name, grades) == ("o:q", {"o:ben": 1})
    assert query.text == "Drops\nWhy does it drop?"
    assert query.asker == "o:fay"
    assert query.exclude_posts == {"o:q", "o:r1", "o:r2"}


def test_nothing_restricted_and_no_self_praise_teaches_anything() -> None:
    open_question, closed = post("q", "fay", "Why?"), post("q", "fay", "Why?", audience=LEGAL)
    reply, secret = post("r", "ben", "So.", parent="o:q"), post("r", "ben", "So.", parent="o:q", audience=LEGAL)
    assert judgements_of([open_question, reply], [act("fay", "accept", "r")])
    assert not judgements_of([closed, reply], [act("fay", "accept", "r")])
    assert not judgements_of([open_question, secret], [act("fay", "accept", "r")])
    assert not judgements_of([open_question, reply], [act("fay", "accept", "r", audience=LEGAL)])
    assert not judgements_of([open_question, reply], [act("ben", "accept", "r")])
    assert not judgements_of([open_question, reply], [act("fay", "like", "r")])


def test_feedback_is_counted_by_question_and_the_majority_decides() -> None:
    def said(person: str, subject: str, helpful: bool, text: str = "timeouts") -> Feedback:
        return Feedback(person=f"o:{person}", subject=f"o:{subject}", text=text, helpful=helpful, at=NOON)

    found = judgements_from(
        [
            said("ada", "ben", True),
            said("cleo", "ben", True),
            said("fay", "ben", False),
            said("fay", "cleo", False),
            said("fay", "ada", False, "nobody helped"),
        ]
    )
    assert [(query.text, grades) for _, query, grades in found] == [("timeouts", {"o:ben": 1, "o:cleo": 0})]


# --- at the prompt ---------------------------------------------------------------------------------------------------


def test_judge_keeps_answers_as_a_set_that_tune_reads(tmp_path: Path) -> None:
    home, kept = tmp_path / "home", tmp_path / "judged"
    opened(home).close()
    (tmp_path / "ask.txt").write_text("proxy timeout of the ingress\nrate of the ledger\nconnections drop\n", "utf-8")
    (tmp_path / "answers.txt").write_text("1 2\n\n-\n", "utf-8")
    call = ["judge", str(tmp_path / "ask.txt"), "--out", str(kept), "--home", str(home)]
    shown = CliRunner().invoke(app, [*call, "--answers", str(tmp_path / "answers.txt")])
    assert shown.exit_code == 0, shown.output
    queries = [json.loads(line)["id"] for line in (kept / "queries.jsonl").read_text("utf-8").splitlines()]
    assert queries == ["ask-1", "ask-3"]
    rows = [line.split("\t") for line in (kept / "qrels.tsv").read_text("utf-8").splitlines()]
    assert [row[3] for row in rows if row[0] == "ask-1"][:2] == ["1", "1"]
    assert {row[3] for row in rows if row[0] == "ask-3"} == {"0"}
    # What was judged is not asked again, and one question is too few to learn from.
    (tmp_path / "more.txt").write_text("1\n", "utf-8")
    again = CliRunner().invoke(app, [*call, "--answers", str(tmp_path / "more.txt")])
    assert "1 questions judged" in again.stdout
    tuned = CliRunner().invoke(app, ["tune", "--judgements", str(kept), "--home", str(home)])
    assert isinstance(tuned.exception, InvalidQuestion)
    assert "judged questions" in str(tuned.exception)


def test_an_answer_that_is_no_choice_is_refused(tmp_path: Path) -> None:
    opened(tmp_path / "home").close()
    (tmp_path / "ask.txt").write_text("proxy timeout of the ingress\n", "utf-8")
    (tmp_path / "answers.txt").write_text("99\n", "utf-8")
    call = ["judge", str(tmp_path / "ask.txt"), "--out", str(tmp_path / "kept"), "--home", str(tmp_path / "home")]
    refused = CliRunner().invoke(app, [*call, "--answers", str(tmp_path / "answers.txt")])
    assert isinstance(refused.exception, InvalidQuestion)
    assert not (tmp_path / "kept").exists()


def test_tune_on_a_set_reports_and_publishes_only_what_is_better(demo_files: Path, tmp_path: Path) -> None:
    opened(tmp_path, [person("ada"), post("a", "ada", "Something")]).close()
    shown = CliRunner().invoke(app, ["tune", str(demo_files), "--json"])
    assert shown.exit_code == 0, shown.output
    lesson = json.loads(shown.stdout)
    assert lesson["questions"] >= FEWEST
    assert set(lesson["weights"]) == set(WEIGHTS)
    result = CliRunner().invoke(app, ["tune", str(demo_files), "--publish", "--home", str(tmp_path)])
    assert (result.exit_code == 0) == (lesson["gain"]["low"] > 0) == (tmp_path / "weights.json").exists()
