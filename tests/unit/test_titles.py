"""Titles that programs and habits give to changes are told by their form, in other languages too, and prose is none."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from expertfinder.configuration import titles

SUBJECTS = (
    "Sample spans in the exporter",
    "Round invoices half up",
    "Add a fallback to the geocoder",
    "Kalibrierung der Pumpe",
)
BACK = (
    'Revert "{0}"',
    "Revert '{0}'",
    "Revert “{0}”",
    "Revert: {0}",
    "revert(core): {0}",
    'Revert^2 "{0}"',
    'Reverts "{0}"',
    'core: Revert "{0}"',
    '[core] revert "{0}"',
    'Partially revert "{0}"',
    'Manual revert of "{0}"',
    "Revert r4711: {0}",
    "Revert 0123456789ab",
    "[Revert] {0}",
    "Revert of {0} (patchset #3 id:1 of https://x.example/1/)",
    'Back out "{0}"',
    "Backed out changeset 0123456789ab (bug 4) for failures",
    "Backed out 3 changesets (bug 4)",
    "Backout: {0}",
    'Roll back "{0}"',
    "Rollback: {0}",
    'Undo "{0}"',
    'Reland "{0}"',
    "[reland] {0}",
    'Re-apply "{0}"',
    'Unrevert "{0}"',
    'Recommit "{0}"',
    "Rückgängig gemacht: {0}",
    "Annule « {0} »",
    'Revertir "{0}"',
    'Ripristina "{0}"',
    '回滚 "{0}"',
    'Откат "{0}"',
    "「{0}」をリバート",
)
BELOW = (
    "This reverts commit {0}.",
    "This reverts merge request !41",
    "Reverts acme/exporter#41",
    "This reverts pull request #41.",
    "This backs out commit {0}.",
    "This reverts commit {0}, reversing\nchanges made to {0}.",
    "This change reverts {0}.",
    "Reverts: {0}",
    "Backs out changeset {0}",
    "This is a reland of {0}",
)
NOT_BACK = (
    "Revert button in the exporter",
    "Revert sampling to the old default",
    "Undo stack for spans",
    "Roll back spans when the exporter fails",
    "Rollback of a failed export",
    "Back out of a menu with escape",
    "Reland pilots after a storm",
    "Support revert in the exporter",
)
BROUGHT = (
    "[Backport 2.x] {0}",
    "[2.x backport] {0}",
    "Backport #41: {0}",
    "Backport PR #41: {0}",
    "Backport PR #41 on branch v2.x ({0})",
    "backport: {0}",
    "{0} (#41) [backport]",
    "{0} (backport #41)",
    "{0} (backport 2.x) (#57)",
    "Cherry-pick #41 to 2.x: {0}",
    "[cherry-pick] {0}",
    "🍒 {0}",
    "(backport) {0}",
)
FORMATTED = (
    "style: {tool}",
    "chore: run {tool}",
    "Apply {tool}",
    "{tool} fixes",
    "{tool} --fix .",
    "Reformat with {tool}",
    "Code cleanup by {tool}",
    "core: {tool}",
    "make fmt",
    "npm run format",
    "yarn lint --fix",
    "./gradlew spotlessApply",
    "[pre-commit.ci] auto fixes",
    "PEP8",
    "fix pep 8 issues",
    "tabs -> spaces",
    "Normalise EOL",
    "Untabify",
    "Sort imports",
    "Organise imports in billing",
    "Remove unused imports",
    "Happy new year",
    "Add SPDX license identifiers",
    "Remove trailing whitespace in billing",
    "Quelltext neu formatiert",
    "Formatage du code",
    "Formatear el código",
    "Formattazione del codice",
    "Formatação do código",
    "Форматирование кода",
    "Sformatowano kod",
    "代码格式化",
    "コード整形",
    "코드 포맷팅",
    "Code geformatteerd",
    "Beautify code",
)
NOT_FORMATTED = (
    "Fix formatting of invoice amounts",
    "Formatter for invoice dates",
    "Lint rule for rounding",
    "Sort imports of the bank by date",
    "Black list of customers",
    "Whitespace in customer names is kept",
    "Format of the export changed",
    "Remove unused invoices",
    "Prettier invoices for customers",
)
RAISED = (
    "Bump {0} from 4.17.20 to 4.17.21",
    "build(deps): bump {0} from 1.0 to 1.1",
    "Update dependency {0} to v2",
    "[maven-release-plugin] prepare release {0}-2.3",
    "chore(release): 2.3.1",
    "Release 2.3.1",
    "v2.3.1",
    "2.3.1",
    "Bump version: 2.3.0 → 2.3.1",
    "Prepare for next development iteration",
    "Version Packages",
)
NOT_RAISED = (
    "Bump the rounding limit to 5",
    "Release the lock of an invoice",
    "Version invoices so that changes are seen",
    "Update invoices from the bank",
    "Prepare invoices for release of payments",
)
TOOLS = (
    "black",
    "prettier",
    "rubocop",
    "csharpier",
    "dotnet format",
    "gofmt",
    "phpcbf",
    "the formatter",
    "StyleCI",
    "ruff check",
)


@pytest.mark.parametrize("seed", range(len(BACK)))
def test_a_change_that_is_taken_back_or_made_again_is_told_by_its_title(seed: int) -> None:
    title = BACK[seed].format(random.Random(seed).choice(SUBJECTS))
    assert titles.takes_back(title), title
    assert titles.is_of_another(title), title


@pytest.mark.parametrize("seed", range(len(BELOW)))
def test_a_change_that_is_taken_back_is_told_by_a_line_below(seed: int) -> None:
    said = BELOW[seed].format("0123456789abcdef")
    assert titles.takes_back(f"Off again\n\n{said}\n"), said
    assert not titles.takes_back(f"Off again\n\nWhoever {said[:1].lower()}{said[1:]}"), said


@pytest.mark.parametrize("title", NOT_BACK)
def test_a_title_about_undoing_is_ones_own(title: str) -> None:
    assert not titles.takes_back(title)
    assert not titles.is_of_another(title)


@pytest.mark.parametrize(
    ("told", "forms", "others"),
    [
        (
            titles.is_brought,
            BROUGHT,
            ("Backport script for invoices", "Cherry-pick button", "Support backport labels", "[v2 api] Round"),
        ),
        (titles.is_formatting, FORMATTED, (*NOT_FORMATTED, *SUBJECTS)),
        (titles.is_version, RAISED, (*NOT_RAISED, *SUBJECTS)),
    ],
    ids=("brought", "formatted", "raised"),
)
def test_what_was_brought_formatted_or_raised_is_told_by_its_title(
    told: Callable[[str], bool], forms: tuple[str, ...], others: tuple[str, ...]
) -> None:
    for seed, form in enumerate(forms):
        draw = random.Random(seed)
        name = (
            draw.choice(SUBJECTS) if told is titles.is_brought else draw.choice(("lodash", "billing-core", "@acme/geo"))
        )
        title = form.format(name, tool=draw.choice(TOOLS)) + draw.choice(
            ("", "." if "(" not in form and form[-1].isalpha() else "")
        )
        assert told(title), title
    for title in others:
        assert not told(title), title


@pytest.mark.parametrize(
    "said",
    [
        "(cherry picked from commit {0})",
        "cherry-pick of {0}",
        "Cherry-picked from {0}",
        "commit {0} upstream.",
        "[ Upstream commit {0} ]",
        "Original commit: {0}",
        "Backported from {0}",
        "(backported from commit {0})",
        "(grafted from {0})",
        "master commit: {0}",
        "(cherry picked from commit acme/x@{0})",
        "cherry picked from https://git.example/x/commit/{0}",
    ],
)
def test_the_commit_that_another_is_a_copy_of_is_read_from_its_line(said: str) -> None:
    name = f"{random.Random(said).getrandbits(160):040x}"
    assert titles.picked_from(f"Sample spans\n\n{said.format(name)}\n") == name
    assert titles.picked_from(f"See {said.format(name)}") == ""


@pytest.mark.parametrize("mark", ["* ", "- ", "", "    ", "8ba20bd ", "* 84ba8a20 "])
@pytest.mark.parametrize("said", ['Revert "mend {}"', 'Reapply "{}"', "Partially revert «{}»", 'Back out "{}"'])
def test_what_a_part_of_a_squashed_commit_took_back_is_not_the_whole(mark: str, said: str) -> None:
    draw = random.Random(mark + said)
    title, part = draw.sample(SUBJECTS, 2)
    line = "This reverts commit 0123456789abcdef."
    message = f"{title} (#12)\r\n\r\n* first\r\n\r\n{mark}{said.format(part)}\r\n\r\n{line}\r\n\r\n* last"
    assert not titles.takes_back(message)
    assert not titles.takes_back(message.replace("\r", ""))
    assert titles.takes_back(f"{title}\n\nIt breaks the pump.\n\n{line}")
    assert titles.takes_back(f"Pump: revert {title}\n\n{said.format(part)}\n\n{line}")


@pytest.mark.parametrize(
    "title", ["Move {}", "refactor: rename {}", "Re-move {}", "[core] Reorganise {}", "Extract {}"]
)
def test_a_title_of_a_move_is_one_and_a_removal_is_none(title: str) -> None:
    for subject in SUBJECTS:
        assert titles.is_move(title.format(subject))
        for other in ("Remove {}", "chore: removed {}", "Removing {}", "Movement of {}", "Extraction of {}"):
            assert not titles.is_move(other.format(subject))
