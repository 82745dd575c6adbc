"""Whoever opens the folder of documents is led to each of them."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_every_document_is_in_the_list_of_documents_and_every_decision_in_order() -> None:
    linked = re.findall(r"\]\(([\w/.-]+\.md)\)", (DOCS / "README.md").read_text(encoding="utf-8"))
    pages = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert pages <= set(linked)
    decisions = sorted(f"decisions/{path.name}" for path in (DOCS / "decisions").glob("*.md"))
    assert [link for link in linked if link.startswith("decisions/")] == decisions
