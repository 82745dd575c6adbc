"""What the documents say about how much is tried is what is tried."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests import sizes

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")


def test_the_page_has_the_figures_of_each_size_and_no_others() -> None:
    table = PAGE.split("| promise | tried on | every day | CI | soak |\n|---|---|---|---|---|\n")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    told = {name: sizes.Sizes(what, *(int(cell.replace(",", "")) for cell in figures)) for name, what, *figures in rows}
    assert told == sizes.TABLE


def test_no_size_is_smaller_than_the_one_before_it() -> None:
    assert [name for name, each in sizes.TABLE.items() if not 0 < each.everyday <= each.ci <= each.soak] == []


def test_every_figure_sets_something() -> None:
    used = {
        name
        for file in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r'\bsize\("([^"]+)"\)', file.read_text(encoding="utf-8"))
    }
    assert used == sizes.TABLE.keys()


def test_a_size_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="weekly"):
        sizes.choose("weekly")
