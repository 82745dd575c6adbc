"""Charts: labels in two lines that stay apart, shares that are never drawn as nothing, numbers behind bars."""

from __future__ import annotations

import pytest

from expertfinder.http.pages import wording
from expertfinder.http.pages.drawing.charts import STACK_LABEL, STACK_LINE, STACK_RIGHT, STACK_ROW, stack


@pytest.mark.parametrize(
    "label",
    ["Finance", "Answered or handled something, before", "x" * 60, "ein sehr langes Thema mit vielen Wörtern", ""],
)
def test_a_label_has_at_most_two_lines_that_fit(label: str) -> None:
    drawn = stack([(label, (0.5,), "50 %"), ("next", (1.0,), "100 %")])
    words = drawn.rows[0].label
    assert 1 <= len(words) <= 2
    assert all(len(line) <= STACK_LABEL for line in words)
    assert drawn.rows[1].y == STACK_ROW + STACK_LINE * (len(words) - 1)
    assert " ".join(words) == label or words[-1].endswith("…") or "".join(words) == label


def test_labels_that_differ_at_their_end_stay_apart() -> None:
    drawn = stack([(f"Answered or handled something, {when}", (0.5,), "") for when in ("before", "after")])
    assert drawn.rows[0].label != drawn.rows[1].label


def test_a_full_bar_ends_before_its_number() -> None:
    (x, width) = stack([("all", (1.0,), "100 %")]).rows[0].parts[0]
    assert x + width == STACK_RIGHT


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "0 %"), (0.001, "< 1 %"), (0.0051, "1 %"), (0.354, "35 %"), (1.0, "100 %")]
)
def test_a_share_that_is_there_is_never_none(share: float, said: str) -> None:
    assert wording.percent(share) == said


def test_a_title_in_a_sentence_is_cut_at_a_word() -> None:
    title = "Vibration analysis: " + "tighten the check " * 10
    cut = wording.short(title)
    assert len(cut) <= wording.TITLE_IN_A_SENTENCE + 1
    assert title.startswith(cut.removesuffix("…"))
    assert title[len(cut) - 1] == " "
    assert wording.short("x" * 200).endswith("…")
    assert wording.short("short") == "short"
