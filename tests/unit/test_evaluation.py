"""Figures that are known by hand, truth that is never evidence, and files that say what is wrong with them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from expertfinder.errors import SourceError
from expertfinder.evaluation import (
    MEASURES,
    OURS,
    How,
    evaluate,
    figure,
    loaded,
    measure,
    paired,
    read_qrels,
    read_queries,
    write_run,
)
from expertfinder.evaluation.baselines import METHODS
from expertfinder.evaluation.ranking import kinds
from expertfinder.model import SHARED, Query

INGRESS = "The kubernetes ingress controller drops long connections; raise the proxy timeout."
LEDGER = "Invoices in another currency are booked in the ledger at the rate of the day."


def lines(*records: dict[str, object]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


PEOPLE = [
    {"id": "ann", "bio": "zanzibar", "location": "quokkaville"},
    {"id": "ben"},
    {"id": "cy"},
    {"id": "dee"},
]
POSTS = [
    {
        "id": f"{author[0]}{n}",
        "authors": [author],
        "title": title,
        "text": f"{text} {author}",
        "created_at": f"2024-0{month}-01",
    }
    for author, title, text, month, count in (
        ("ann", "Ingress", INGRESS, 3, 5),
        ("ben", "Ingress", INGRESS, 2, 1),
        ("cy", "Ledger", LEDGER, 3, 5),
        ("dee", "Ledger", LEDGER, 2, 1),
    )
    for n in range(count)
]
"""Of the ingress Ann wrote most, then Ben; of the ledger Cy, then Dee; each in own words, for a copy is no evidence."""
QUERIES = [
    {"id": "q1", "text": "kubernetes ingress controller"},
    {"id": "q2", "text": "invoices in another currency in the ledger", "asker": "cy"},
]
QRELS = "q1\t0\tann\t1\nq1\t0\tcy\t0\nq2\t0\tdee\t1\nq2\t0\tcy\t1\n"

Set = Callable[..., Path]


@pytest.fixture
def a_set(tmp_path: Path) -> Set:
    """Writes a set of four people; what is given replaces a file."""

    def write(**files: str) -> Path:
        folder = tmp_path / "four"
        folder.mkdir(exist_ok=True)
        content = {
            "people.jsonl": lines(*PEOPLE),
            "posts.jsonl": lines(*POSTS),
            "interactions.jsonl": "",
            "queries.jsonl": lines(*QUERIES),
            "qrels.tsv": QRELS,
            **{name.replace("_jsonl", ".jsonl").replace("_tsv", ".tsv"): text for name, text in files.items()},
        }
        for name, text in content.items():
            (folder / name).write_text(text)
        return folder

    return write


# --- the measures ----------------------------------------------------------------------------------------------------


def test_the_measures_are_those_that_one_works_out_by_hand() -> None:
    run = {"q": [("x", 9.0), ("good", 5.0), ("y", 5.0), ("fine", 1.0)], "empty": []}
    truth = {"q": {"good": 2, "fine": 1, "lost": 1, "x": 0}, "empty": {"good": 1}}
    values = measure(run, truth, ["q", "empty"])
    ideal = 2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert {label: of["q"] for label, of in values.items()} == pytest.approx({
        "MAP": (1 / 2 + 2 / 4) / 3,
        "MRR": 1 / 2,
        "nDCG@10": (2 / math.log2(3) + 1 / math.log2(5)) / ideal,
        "P@5": 2 / 5,
        "R@100": 2 / 3,
    })  # fmt: skip
    assert {of["empty"] for of in values.values()} == {0.0}


def test_equal_scores_are_measured_in_the_order_in_which_they_were_ranked() -> None:
    for order, rank in ((["good", "bad"], 1), (["bad", "good"], 2)):
        values = measure({"q": [(who, 1.0) for who in order]}, {"q": {"good": 1}}, ["q"])
        assert values["MRR"]["q"] == 1 / rank


def test_means_and_intervals_are_the_same_every_time_and_hold_the_mean() -> None:
    values = [math.sin(number) ** 2 for number in range(60)]
    one = figure(values)
    assert one == figure(values)
    assert one.mean == pytest.approx(sum(values) / 60)
    assert 0.0 < one.low < one.mean < one.high < 1.0
    alike = figure([0.5] * 4)
    assert (alike.mean, alike.low, alike.high) == (0.5, 0.5, 0.5)


def test_a_paired_difference_is_taken_query_by_query() -> None:
    ours = {"q1": 0.5, "q2": 0.25, "q3": 1.0}
    gap = paired(ours, {"q3": 0.75, "q1": 0.25, "q2": 0.0})
    assert (gap.mean, gap.low, gap.high) == (0.25, 0.25, 0.25)
    assert paired(ours, ours).mean == 0.0


# --- a set of four people --------------------------------------------------------------------------------------------


def test_the_figures_of_four_people_are_those_known_by_hand(a_set: Set) -> None:
    found = evaluate(a_set())
    assert (found.queries, found.judged) == (2, 4)
    assert set(found.figures) == {OURS, *METHODS}
    # q1: Ann first, of one who is relevant. q2: Dee first, of two; the other asked, and is never ranked.
    assert found.per_query[OURS] == {"q1": 1.0, "q2": 0.5}
    assert {label: round(found.figures[OURS][label].mean, 6) for label in MEASURES} == {
        "MAP": 0.75,
        "MRR": 1.0,
        "nDCG@10": round((1 + 1 / (1 + 1 / math.log2(3))) / 2, 6),
        "P@5": 0.2,
        "R@100": 0.75,
    }
    assert [who for who, _ in found.run["q1"]][:2] == ["ann", "ben"]
    assert found.run["q2"][0][0] == "dee"


def test_the_same_set_gives_the_same_figures(a_set: Set) -> None:
    folder = a_set()
    one, other = evaluate(folder), evaluate(folder)
    assert (one.figures, one.run, one.abstained) == (other.figures, other.run, other.abstained)


def test_the_asker_is_ranked_by_no_method(a_set: Set) -> None:
    asked = lines({"id": "q1", "text": "kubernetes ingress controller", "asker": "ann"})
    found = evaluate(a_set(queries_jsonl=asked, qrels_tsv="q1 0 ann 1\n"))
    assert {method: of["q1"] for method, of in found.per_query.items()} == dict.fromkeys((OURS, *METHODS), 0.0)


def test_a_post_that_a_query_excludes_is_no_evidence_for_it(a_set: Set) -> None:
    everything = [post["id"] for post in POSTS if post["authors"] == ["ann"]]
    asked = {"id": "q1", "text": "kubernetes ingress controller"}
    words = ("BM25 voting", "dense voting")
    found = evaluate(a_set(queries_jsonl=lines({**asked, "exclude_posts": everything}), qrels_tsv="q1 0 ben 1\n"))
    assert all(found.per_query[method]["q1"] == 1.0 for method in words)
    found = evaluate(a_set(queries_jsonl=lines(asked), qrels_tsv="q1 0 ben 1\n"))
    assert all(found.per_query[method]["q1"] == 0.5 for method in words)


def test_only_the_judged_are_ranked_where_a_set_marks_them(a_set: Set) -> None:
    marked = [{**entry, "judged": entry["id"] in ("ben", "dee")} for entry in PEOPLE]
    found = evaluate(a_set(people_jsonl=lines(*marked), qrels_tsv="q1 0 ben 1\nq2 0 dee 1\n"))
    assert found.judged == 2
    assert {who for ranked in found.run.values() for who, _ in ranked} <= {"ben", "dee"}
    assert found.figures[OURS]["MAP"].mean == 1.0


def test_rankings_end_at_the_depth(a_set: Set) -> None:
    found = evaluate(a_set(qrels_tsv="q1 0 ben 1\n"), how=How(depth=1))
    assert [len(ranked) for ranked in found.run.values()] == [1]
    assert found.figures[OURS]["R@100"].mean == 0.0


def test_queries_without_a_relevant_person_are_not_asked(a_set: Set) -> None:
    assert evaluate(a_set(qrels_tsv="q1 0 ann 1\nq2 0 dee 0\n")).queries == 1
    with pytest.raises(SourceError, match=r"qrels\.tsv.*relevant"):
        evaluate(a_set(qrels_tsv="q1 0 ann 0\n"))


# --- truth is never evidence -----------------------------------------------------------------------------------------


def test_what_was_written_about_people_later_is_not_loaded(a_set: Set) -> None:
    with loaded(a_set()) as finder:
        ann = finder.person("set:ann", SHARED)
        assert (ann.bio, ann.location) == ("", "")
        assert b"zanzibar" not in b"".join(
            path.read_bytes() for path in finder.home.folder.rglob("*") if path.is_file()
        )


def test_no_file_of_truth_moves_a_ranking(a_set: Set) -> None:
    before = evaluate(a_set()).run
    about = {"id": "k", "name": "kubernetes ingress controller", "text": INGRESS, "description": INGRESS}
    told = lines({**about, "members": ["dee"], "leads": ["dee"], "authors": ["dee"]})
    folder = a_set()
    for name in ("communities", "leads_timeline", "advice_gold", "reports_gold", "queries_topics"):
        (folder / f"{name}.jsonl").write_text(told)
    (folder / "qrels.leads.tsv").write_text("q1 0 dee 1\n")
    assert evaluate(folder).run == before
    with loaded(folder) as finder:
        assert finder.store.count("community") == 0


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_run_is_written_as_trec_has_it(a_set: Set, tmp_path: Path) -> None:
    found = evaluate(a_set())
    write_run(found.run, tmp_path / "run.txt")
    rows = [line.split("\t") for line in (tmp_path / "run.txt").read_text().splitlines()]
    assert {len(row) for row in rows} == {6}
    assert {(row[1], row[5]) for row in rows} == {("Q0", OURS)}
    for query, ranked in found.run.items():
        mine = [row for row in rows if row[0] == query]
        assert [row[2] for row in mine] == [who for who, _ in ranked]
        assert [int(row[3]) for row in mine] == list(range(1, len(ranked) + 1))
        assert [float(row[4]) for row in mine] == sorted((float(row[4]) for row in mine), reverse=True)


@pytest.mark.parametrize(
    ("content", "line", "field"),
    [
        ('{"id": "q1", "text": "x"}\n{"id": \n', 2, None),
        ('{"id": "q1", "text": "x"}\n\n[1]\n', 3, None),
        ('{"id": "q1"}\n', 1, "text"),
        ('{"text": "x"}\n', 1, "id"),
        ('{"id": 7, "text": "x"}\n', 1, "id"),
        ('{"id": "q1", "text": "x", "tags": "one"}\n', 1, "tags"),
        ('{"id": "q1", "text": "x", "exclude_posts": [1]}\n', 1, "exclude_posts"),
    ],
)
def test_a_bad_query_is_named_by_file_line_and_field(a_set: Set, content: str, line: int, field: str | None) -> None:
    path = a_set(queries_jsonl=content) / "queries.jsonl"
    with pytest.raises(SourceError) as caught:
        read_queries(path)
    assert caught.value.extras.get("file") == str(path)
    assert (caught.value.extras["line"], caught.value.extras.get("field")) == (line, field)


@pytest.mark.parametrize("content", ["q1 0 ann\n", "q1 0 ann yes\n", "q1 0 ann 1 2\n", "q1 0 ann \u00b2\n"])
def test_a_bad_judgement_is_named_by_file_and_line(a_set: Set, content: str) -> None:
    path = a_set(qrels_tsv="q1 0 ann 1\n" + content) / "qrels.tsv"
    with pytest.raises(SourceError) as caught:
        read_qrels(path)
    assert (caught.value.extras["file"], caught.value.extras["line"]) == (str(path), 2)


@pytest.mark.parametrize("name", ["queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named(a_set: Set, name: str) -> None:
    folder = a_set()
    (folder / name).unlink()
    with pytest.raises(SourceError) as caught:
        evaluate(folder)
    assert caught.value.extras["file"] == str(folder / name)


def test_fields_that_are_null_are_absent(a_set: Set) -> None:
    path = a_set(queries_jsonl='{"id": "q", "text": "x", "tags": null, "exclude_posts": null, "asker": null}\n')
    assert read_queries(path / "queries.jsonl") == [("q", Query(text="x"))]


def test_an_id_with_a_blank_is_one_column_of_a_run_and_of_the_truth(tmp_path: Path) -> None:
    write_run({"q 1": [("ann\u00a0aalto b", 2.0)]}, tmp_path / "run")
    (line,) = (tmp_path / "run").read_text(encoding="utf-8").splitlines()
    assert line.split() == ["q%201", "Q0", "ann%C2%A0aalto%20b", "1", "2.000000", "expertfinder"]
    (tmp_path / "qrels.tsv").write_text("q 1\t0\tann aalto b\t1\nq2 0 ben 2\n", encoding="utf-8")
    assert read_qrels(tmp_path / "qrels.tsv") == {"q 1": {"ann aalto b": 1}, "q2": {"ben": 2}}


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["goal-a", "team-b", "goal-c"], {"goal": ["goal-a", "goal-c"], "team": ["team-b"]}),
        (["s0000", "s0001", "s0003"], {}),
        (["area", "mod-main"], {}),
        (["q-1", "q-2"], {}),
        ([f"kind{number}-1" for number in range(13)], {}),
    ],
    ids=["two kinds", "numbers alone", "one without a prefix", "one kind", "too many"],
)
def test_queries_have_kinds_where_their_ids_name_some(names: list[str], told: dict[str, list[str]]) -> None:
    assert kinds(names) == told
