"""The page on the network has the constants of the code and the tasks of the prompt."""

from __future__ import annotations

import re
from pathlib import Path

from expertfinder.cli.evaluating.network import TASKS
from expertfinder.index.network import communities, graph, interests, leiden
from expertfinder.recommend.network import champions

PAGE = (Path(__file__).parents[2] / "docs" / "network.md").read_text(encoding="utf-8")


def test_the_constants_of_the_page_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `([A-Z_]+(?:\[[a-z ]+\])?)` \| ([\d.]+) \|", PAGE, flags=re.MULTILINE)
    homes = (champions, leiden, interests, graph, communities)
    there = {name: value for home in homes for name, value in vars(home).items()}
    there |= {f"WEIGHTS[{part}]": weight for part, weight in champions.WEIGHTS.items()}
    assert len(rows) >= 10
    assert {name: float(value) for name, value in rows} == {name: there.get(name) for name, _ in rows}


def test_every_task_of_the_page_is_one_of_the_prompt_and_the_reverse() -> None:
    assert set(re.findall(r"--task ([a-z-]+)", PAGE)) == set(TASKS)
