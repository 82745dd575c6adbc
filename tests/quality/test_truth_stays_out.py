"""What an evaluation is to find out is not among what it is told."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from pathlib import Path

from expertfinder.evaluation import OURS, evaluate, loaded
from expertfinder.ingest.demo import write_demo


def planted(folder: Path) -> None:
    """Write the questions that each person answers as their biography and place, and as a community of the right."""
    lines = (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    texts = {query["id"]: query["text"] for query in map(json.loads, lines)}
    answers: defaultdict[str, list[str]] = defaultdict(list)
    communities: defaultdict[str, list[str]] = defaultdict(list)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, _, person, _ = line.split()
        answers[person].append(texts[query])
        communities[query].append(person)
    people = [json.loads(line) for line in (folder / "people.jsonl").read_text(encoding="utf-8").splitlines()]
    assert any(answers[person["id"]] for person in people)
    for person in people:
        person["bio"] = person["location"] = " ".join(answers[person["id"]])
    told = [
        {"id": f"truth-{query}", "name": texts[query], "description": texts[query], "members": who, "leads": who}
        for query, who in sorted(communities.items())
    ]
    for name, records in (("people.jsonl", people), ("communities.jsonl", told)):
        (folder / name).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def test_answers_in_biographies_places_and_communities_move_no_figure(tmp_path: Path) -> None:
    honest, telling = tmp_path / "honest" / "set", tmp_path / "telling" / "set"
    write_demo(honest, people=100, posts=400)
    shutil.copytree(honest, telling)
    planted(telling)
    with loaded(telling) as finder:
        assert {(person.bio, person.location) for person in finder.store.all("person")} == {("", "")}
        assert not finder.store.count("community")
    without, beside = evaluate(honest), evaluate(telling)
    assert without.per_query[OURS]
    assert beside.per_query == without.per_query
