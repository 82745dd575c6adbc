"""A new part of the score is one object in one file: a patch adds one to a copy of the code, and it has all that parts
have."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATCH = Path(__file__).parent / "patches" / "part.patch"
PART = "freshness"

ASKED = """
import json, sys
from pathlib import Path
from expertfinder import ExpertFinder, Query, SHARED
from expertfinder.ingest.demo import write_demo
from expertfinder.evaluation import evaluate
from expertfinder.evaluation.learning import PARTS
from expertfinder.evaluation.ranking import How
from expertfinder.evaluation.sets import loaded

folder = Path(sys.argv[1])
write_demo(folder, people=100, posts=700)
with loaded(folder) as finder:
    texts = [json.loads(line)["text"] for line in (folder / "queries.jsonl").read_text().splitlines()]
    answers = [finder.find(Query(text=text), SHARED) for text in texts]
people = [one for answer in answers for one in answer.recommendations]
sums = [abs(one.score - sum(reason.value for reason in one.reasons)) for one in people]
reasons = [reason for one in people for reason in one.reasons if reason.part == "freshness" and reason.text]
print(json.dumps({
    "learned": list(PARTS),
    "people": len(people),
    "furthest": max(sums),
    "texts": sorted({reason.text for reason in reasons}),
    "without": [[one.score, cited.without] for one in people for reason in one.reasons
                for cited in reason.citations if reason.part == "freshness"],
    "ablation": sorted(evaluate(folder, how=How(ablation=True)).without),
}))
"""


def test_the_patch_touches_one_file() -> None:
    assert re.findall(r"^\+\+\+ b/(.*)$", PATCH.read_text(), re.MULTILINE) == [
        "src/expertfinder/recommend/experts/parts.py"
    ]


def test_a_part_that_is_one_object_has_weight_reasons_leave_one_out_and_a_line_of_ablation(tmp_path: Path) -> None:
    for name in ("src", "graph", "api"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["git", "apply", str(PATCH)], cwd=tmp_path, check=True)
    run = subprocess.run(
        [sys.executable, "-c", ASKED, str(tmp_path / "demo")],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout.splitlines()[-1])
    assert PART in told["learned"], "its weight can be learned"
    assert told["people"] > 50
    assert told["furthest"] < 1e-9, "the score is the sum of its reasons"
    assert told["texts"]
    assert all(text.endswith("near the question.") for text in told["texts"])
    assert told["without"]
    assert all(without < score for score, without in told["without"])
    assert PART in told["ablation"]
