"""Charts: labels in three lines that stay apart, shares that are never drawn as nothing, numbers behind bars."""

from __future__ import annotations

import pytest

from expertfinder.configuration.languages import LANGUAGES, gettext, speaking
from expertfinder.http.pages import wording
from expertfinder.http.pages.drawing.charts import STACK_LABEL, STACK_LINE, STACK_LINES, STACK_RIGHT, STACK_ROW, stack

BEGAN, ANSWERED = "Began something", "Answered or handled something"
"""Beginnings of the labels of a pilot; with their ends the longest that we write ourselves."""


@pytest.mark.parametrize(
    "label",
    ["Finance", "Answered or handled something, before", "x" * 60, "ein sehr langes Thema mit vielen Wörtern", ""],
)
def test_a_label_has_at_most_three_lines_that_fit(label: str) -> None:
    drawn = stack([(label, (0.5,), "50 %"), ("next", (1.0,), "100 %")])
    words = drawn.rows[0].label
    assert 1 <= len(words) <= STACK_LINES
    assert all(len(line) <= STACK_LABEL for line in words)
    assert drawn.rows[1].y == STACK_ROW + STACK_LINE * (len(words) - 1)
    assert " ".join(words) == label or words[-1].endswith("…") or "".join(words) == label


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_of_our_own_stand_whole_in_every_language(language: str) -> None:
    with speaking(language):
        labels = [gettext(f"{did}, {when}") for did in (BEGAN, ANSWERED) for when in ("before", "after")]
        assert (labels[0] == f"{BEGAN}, before") == (language == "en")
    drawn = stack([(label, (0.5,), "") for label in labels])
    assert [" ".join(row.label) for row in drawn.rows] == labels


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
