"""The documents say what is so: commands exist, links lead somewhere, decisions are complete, no machine is named."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from typer import BadParameter
from typer.main import get_command

from expertfinder.cli import app

ROOT = Path(__file__).parents[2]

REGISTRIES = ("pypi", "pythonhosted", "npmjs", "crates", "maven", "docker", "quay", "ghcr", "golang", "debian", "conda")
"""Where packages come from is the machine's own setting: a host in a tracked file would override or betray it."""
PLACEHOLDERS = ("tickets",)
"""The name of a format in the example of somebody who writes one."""
HEADINGS = ("Context", "Decision", "Consequences", "Alternatives", "Kept by")


def tracked(*, whole: bool = False) -> list[Path]:
    """The text files that git keeps, or would keep: every file that is not ignored. `whole`: the others, too."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.split("\0")
    paths = [ROOT / name for name in listed if name and (ROOT / name).is_file()]
    assert paths
    return [path for path in paths if whole or path.suffix not in {".npz", ".png", ".gz"}]


def targets() -> dict[str, str]:
    """Each target of the Makefile with its own one-line explanation, empty where there is none."""
    text = (ROOT / "Makefile").read_text()
    return dict(re.findall(r"^([a-z][\w-]*):(?:.*?## (.*)|.*)$", text, flags=re.MULTILINE))


def documents() -> list[Path]:
    """Every Markdown file of the repository."""
    return [path for path in tracked() if path.suffix == ".md"]


def findings(pattern: str) -> list[str]:
    """Where a pattern stands in a text file of the repository, this file left aside."""
    found = []
    for path in tracked():
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    return found


def test_every_make_command_in_a_document_exists() -> None:
    known = targets()
    for path in documents():
        text = path.read_text()
        code = "\n".join([*re.findall(r"`([^`\n]+)`", text), *re.findall(r"```\w*\n(.*?)```", text, flags=re.DOTALL)])
        for name in re.findall(r"^make ([a-z0-9]+)", code, flags=re.MULTILINE):
            assert name in known, f"{path.relative_to(ROOT)} says `make {name}`"


def test_every_command_of_ours_in_a_document_exists_with_its_options() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {command}: {why}"
        for path in documents()
        if path.name != "CHANGELOG.md"
        for command in _commands_in(path.read_text(encoding="utf-8"))
        for why in _wrong_with(command.split())
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("find QUESTION --as wiki:ada", []),
        ("ingest native hr/ --source hr", []),
        ("ingest NAME --help", []),
        ("ingest people.jsonl --source hr", ["there is no people.jsonl"]),
        ("find QUESTION --nobody", ["there is no --nobody"]),
        ("look", ["there is no look"]),
    ],
)
def test_a_command_that_does_not_exist_is_found(command: str, why: list[str]) -> None:
    assert _wrong_with(command.split()) == why


def _commands_in(text: str) -> list[str]:
    """The commands of ours in code, without the program's name."""
    text = re.sub(r"\\\n\s*", " ", text)
    fenced = "\n".join(re.findall(r"^ *```\w*\n(.*?)^ *```", text, flags=re.DOTALL | re.MULTILINE))
    indented = "\n".join(re.findall(r"^ {4}(.*)$", text, flags=re.MULTILINE))
    lines = re.findall(r"^\s*(?:\.venv/bin/)?expertfinder (\S.*)$", f"{fenced}\n{indented}", flags=re.MULTILINE)
    return [*re.findall(r"`expertfinder ([^`\n]+)`", text), *lines]


def _wrong_with(words: Sequence[str]) -> list[str]:
    """What of a command does not exist: a word where a command of ours stands, options. Capitals stand for anything."""
    command: Any = get_command(app)
    at = command.context_class(command)
    words = list(words)
    while hasattr(command, "get_command") and words and not words[0].startswith("-"):
        name = words.pop(0)
        if name in PLACEHOLDERS or name.isupper():
            return []
        with suppress(BadParameter):
            if (found := command.get_command(at, name)) is not None:
                command, at = found, found.context_class(found, parent=at)
                continue
        return [f"there is no {name}"]
    known = {"--help", *(option for one in command.params for option in (*one.opts, *one.secondary_opts))}
    given = [word.split("=")[0].rstrip(",.;:)|") for word in takewhile(lambda word: word != "#", words)]
    return [f"there is no {word}" for word in given if re.match(r"--\w", word) and word not in known]


def test_every_make_target_is_explained_in_the_makefile_and_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for name, words in targets().items():
        assert words, f"make {name} has no ## line"
        assert f"| `make {name}` |" in readme


def test_there_are_at_most_ten_make_targets_and_their_list() -> None:
    assert 0 < len(targets().keys() - {"help"}) <= 10


def test_the_first_screen_of_the_readme_says_how_to_try_it_and_how_to_test_it() -> None:
    first_screen = "\n".join((ROOT / "README.md").read_text().splitlines()[:25])
    assert re.search(r"^make demo\b", first_screen, flags=re.MULTILINE)
    assert re.search(r"^make test\b", first_screen, flags=re.MULTILINE)


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if re.match(r"[a-z]+:|#", target):
            continue
        assert (document.parent / target.split("#")[0]).exists(), f"{document.relative_to(ROOT)} links to {target}"


def test_no_file_names_the_host_of_a_registry() -> None:
    hosts = "|".join(REGISTRIES)
    assert not findings(rf"(?i)\b(?:[\w-]+\.)*[\w-]*(?:{hosts})[\w-]*\.(?:org|com|io|net|dev)\b")
    assert not findings(r"--(?:extra-)?index-url[ =]|--trusted-host[ =]|--find-links[ =]")


def test_no_file_names_a_path_of_one_machine() -> None:
    assert not findings(r"(?<![\w.~<>:-])/(?:work|root|farm|home/\w+|Users/\w+)/")


def test_the_decisions_are_numbered_without_a_gap_and_each_is_complete() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text()
        assert re.match(rf"# {int(page.name[:4])}\. \S.*\n\nStatus: (accepted|replaced by \d+)\n", text), page.name
        assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == list(HEADINGS), page.name
        decision = text.split("## Decision\n")[1].split("\n## ")[0]
        assert decision.lstrip().startswith("**"), f"{page.name} has no line that can be quoted"
