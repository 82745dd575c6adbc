"""What is said to those who decide whether this may be used is tied to a test, claim by claim."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.docs.test_references import TEST, lost_tests

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("dpia.md", "works-council.md", "asvs.md", "model-card.md")
ELSEWHERE = ("for whoever runs it", "for the agreement", "not used")
"""What stands where no test of ours can hold a claim."""


@pytest.mark.parametrize("page", PAGES)
def test_every_claim_names_a_test_that_exists_or_whose_it_is_to_hold(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("|---")]
    claims = [line.rstrip("|").rpartition("|")[2].strip() for line in rows]
    held = [claim for claim in claims if claim != "held by"]
    assert len(held) >= 8
    assert [claim for claim in held if not TEST.search(claim) and not claim.startswith(ELSEWHERE)] == []
    assert lost_tests(text) == []
