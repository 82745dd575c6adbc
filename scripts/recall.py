"""What rough vectors leave out: of the posts nearest to questions those that are found by them, and the same answers.

    python scripts/recall.py HOME [QUESTIONS]

`HOME`: with an index, of any size; rough vectors are made here where it has none. `QUESTIONS`: a file of lines of JSON
with a `text` each, as sets have; without it the labels of topics are asked. Prints a line for several numbers of
numbers and of times as many.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.configuration.settings import settings
from expertfinder.index.access import View
from expertfinder.index.candidates import MORE, NEAREST
from expertfinder.index.posts import tiers
from expertfinder.model import Query, Viewer
from expertfinder.recommend.experts.experts import find_experts

ASKED = 200
"""Questions at most."""
NUMBERS, TIMES = (64, 96, 128), (4, 8, 16)


def main() -> int:
    """Measure and print. The exit code is 0."""
    parser = argparse.ArgumentParser(
        description="Which posts near questions rough vectors find, and which answers move."
    )
    parser.add_argument("home", type=Path)
    parser.add_argument("questions", type=Path, nargs="?")
    options = parser.parse_args()
    finder = ExpertFinder.open(options.home, encoder_name=settings().encoder)
    if options.questions is None:
        texts = [topic.label for topic in finder.topics(Viewer(), limit=ASKED)]
    else:
        texts = [json.loads(line)["text"] for line in options.questions.read_text(encoding="utf-8").splitlines()][
            :ASKED
        ]
    exactly = replace(finder.snapshot, rough=None)
    vectors, alive = exactly.shared.segment.vectors, exactly.shared.alive
    asked = finder.encoder.encode(texts)
    nearest = [set(np.argsort(-(vectors @ one), kind="stable")[:NEAREST].tolist()) for one in asked]
    answers = [_answer(finder, replace(finder.view(Viewer()), snapshot=exactly), text) for text in texts]
    tiers.MANY = 0
    print("numbers  times  found: mean  worst  the same first ten")
    for numbers in NUMBERS:
        tiers.NUMBERS = numbers
        rough = tiers.Rough.of(vectors)
        view = replace(finder.view(Viewer()), snapshot=replace(exactly, rough=rough))
        for times in TIMES:
            tiers.WIDER = times
            if rough is None:
                raise SystemExit("the vectors of this encoder are too short")
            near = [set(rough.near(one, alive, NEAREST + MORE).tolist()) for one in asked]
            found = [len(one & other) / len(one) for one, other in zip(nearest, near, strict=True)]
            same = np.mean([_answer(finder, view, text) == was for text, was in zip(texts, answers, strict=True)])
            print(f"{numbers:7}  {times:5}  {np.mean(found):11.4f}  {min(found):5.3f}  {same:18.3f}", flush=True)
    return 0


def _answer(finder: ExpertFinder, view: View, text: str) -> list[str]:
    ranking = find_experts(view, Query(text=text), encode=finder.encoder)
    return [one.subject for one in ranking.recommendations]


if __name__ == "__main__":
    raise SystemExit(main())
