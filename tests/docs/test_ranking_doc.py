"""The page on ranking has the parts and the weights of the code."""

from __future__ import annotations

import re
from pathlib import Path

from expertfinder.recommend.experts.parts import WEIGHTS

PAGE = (Path(__file__).parents[2] / "docs" / "ranking.md").read_text(encoding="utf-8")


def test_the_weights_of_the_page_are_those_of_the_code() -> None:
    table = PAGE.split("| part | raw value")[1].split("\n\n")[0]
    rows = re.findall(r"^\| ([a-z ]+) \|.*\| ([\d.]+) \|$", table, flags=re.MULTILINE)
    assert {name: float(weight) for name, weight in rows} == WEIGHTS
