"""Triples: read, measured, and refused where they are wrong; the command that measures them, and the one that asks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.office import FACTS, opened
from typer.testing import CliRunner

from expertfinder.cli import app
from expertfinder.errors import SourceError
from expertfinder.evaluation.assessment import Triple, evaluate_assess, losses, read_triples

HEAD = "kind\tanchor\tpositive\tnegative\tscore_pos\tscore_neg\n"


def written(folder: Path, triples: str) -> Path:
    """A set of three people who each know one thing."""
    texts = {
        "ada": "The ingress controller needs a proxy timeout",
        "ben": "The ledger books invoices",
        "cleo": "A contract names its parties",
    }
    people = [{"id": who} for who in texts]
    posts = [
        {"id": f"{who}{n}", "authors": [who], "text": f"{text}, part {n}", "created_at": f"2024-01-{n + 10}"}
        for who, text in texts.items()
        for n in range(6)
    ]
    queries = [{"id": f"q-{who}", "text": text} for who, text in texts.items()]
    for name, rows in (("people", people), ("posts", posts), ("interactions", []), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (folder / "triples.tsv").write_text(HEAD + triples, "utf-8")
    return folder


RIGHT = "pc\tq-ada\tada\tben\t5\t1\npc\tq-ben\tben\tcleo\t4\t1\nrc\tada\tq-ada\tq-ben\t3\t1\n"


def test_the_loss_weighs_each_miss_by_its_gap_and_ties_by_half() -> None:
    triples = [
        Triple("pc", ("q", "a"), ("q", "b"), 3.0),
        Triple("pc", ("q", "a"), ("q", "c"), 1.0),
        Triple("rc", ("q", "b"), ("r", "b"), 4.0),
        Triple("rc", ("q", "c"), ("r", "c"), 0.0),
    ]
    score = {("q", "a"): 0.5, ("q", "b"): 0.7, ("q", "c"): 0.1, ("r", "b"): 0.7, ("r", "c"): 0.9}
    found = losses(triples, score)
    assert found.loss == pytest.approx((3.0 + 0.5 * 4.0) / 8.0)
    assert found.accuracy == pytest.approx((0 + 1 + 0.5) / 3)


def test_a_set_that_is_easy_is_answered_right_and_one_turned_round_is_all_wrong(tmp_path: Path) -> None:
    found = evaluate_assess(written(tmp_path, RIGHT))
    assert found.methods["expertfinder"]["all"].loss == 0.0
    assert set(found.methods) == {"expertfinder", "sum", "mean", "activity"}
    assert found.methods["activity"]["all"].loss == 0.5
    turned = "pc\tq-ada\tben\tada\t5\t1\nrc\tada\tq-ben\tq-ada\t3\t1\n"
    assert evaluate_assess(written(tmp_path, turned)).methods["expertfinder"]["all"].loss == 1.0


def test_the_order_of_the_scores_counts_and_not_that_of_the_columns(tmp_path: Path) -> None:
    (triple,) = read_triples(written(tmp_path, "pc\tq-ada\tben\tada\t1\t5\n") / "triples.tsv")
    assert triple == Triple("pc", ("q-ada", "ada"), ("q-ada", "ben"), 4.0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "column"),
        ("kind\tanchor\n", "positive"),
        (HEAD, "no triple"),
        (HEAD + "pc\ta\tb\tc\t1\n", "6 columns"),
        (HEAD + "xx\ta\tb\tc\t1\t0\n", "pc or rc"),
        (HEAD + "pc\ta\tb\tc\tone\t0\n", "number"),
        (HEAD + "pc\ta\tb\tc\tnan\t0\n", "finite"),
    ],
)
def test_what_is_no_file_of_triples_is_refused_by_name(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "triples.tsv").write_text(text, "utf-8")
    with pytest.raises(SourceError, match=says):
        read_triples(tmp_path / "triples.tsv")
    with pytest.raises(SourceError, match="cannot be read"):
        read_triples(tmp_path / "none.tsv")


@pytest.mark.parametrize(
    ("line", "says"), [("pc\tq-x\tada\tben\t1\t0\n", "q-x"), ("pc\tq-ada\tzoe\tben\t1\t0\n", "zoe")]
)
def test_a_triple_about_what_is_not_there_is_refused(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        evaluate_assess(written(tmp_path, line))


def test_the_command_prints_the_same_figures_for_people_and_for_programs(tmp_path: Path) -> None:
    folder = str(written(tmp_path, RIGHT))
    shown = CliRunner().invoke(app, ["evaluate", folder, "--task", "assess"])
    assert shown.exit_code == 0, shown.output
    assert "expertfinder" in shown.stdout
    packed = json.loads(CliRunner().invoke(app, ["evaluate", folder, "--task", "assess", "--json"]).stdout)
    assert packed["triples"] == 3
    assert packed["methods"]["expertfinder"]["all"] == {"loss": 0.0, "accuracy": 1.0}


def test_the_command_assess_says_what_the_finder_says_and_notes_it(tmp_path: Path) -> None:
    opened(tmp_path, FACTS).close()
    ask = ["assess", "o:ada", "proxy", "timeout", "of the ingress", "--home", str(tmp_path)]
    found = json.loads(CliRunner().invoke(app, [*ask, "--json"]).stdout)
    assert found["subject"]["id"] == "o:ada"
    assert 0 < found["score"] < 1
    shown = CliRunner().invoke(app, [*ask, "--as", "o:ben"])
    assert f"score {found['score']:.2f} of 1" in shown.stdout
    finder = opened(tmp_path, (), index=False)
    try:
        assert [(line.actor, line.event, line.subject) for line in finder.store.audit()] == [
            ("o:ben", "assess", "o:ada"),
            ("prompt", "assess", "o:ada"),
        ]
    finally:
        finder.close()
