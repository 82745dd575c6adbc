"""A repository as a set: what MAINTAINERS and CODEOWNERS files say, and what the history says without them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from tests.unit.test_cli import Run, run

from expertfinder.errors import SourceError
from expertfinder.evaluation.owners import ALL_TIME, RECENT, owned, sections

__all__ = ["run"]

MAINTAINERS = """
General rules of this file, which name no section.
M: in a sentence it is no owner

Boiler control
--------------
M:	Ada Quill <ada@works.example>
R:	Bo Reed <bo@works.example>
S:	Maintained
F:	boiler/
F:	docs/boiler*.txt

Pump drivers
M: Cleo Marsh <cleo@works.example> [@cleo]
F: drivers/pump.c
F: drivers/pumps/*

Orphaned thing
S: Orphan
F: orphan/

THE REST
M: Ada Quill <ada@works.example>
F: *
"""
CODEOWNERS = """
# comment
*            @ada
/boiler/     @ada bo@works.example
drivers/pump* @cleo-m # the pumps
/docs/       @works/writers
"""


@pytest.mark.parametrize(
    ("text", "codeowners", "title", "path", "owns"),
    [
        (MAINTAINERS, False, "Boiler control", "boiler/heat/valve.c", True),
        (MAINTAINERS, False, "Boiler control", "docs/boiler-one.txt", True),
        (MAINTAINERS, False, "Boiler control", "docs/deep/boiler.txt", False),
        (MAINTAINERS, False, "Boiler control", "boilers/a.c", False),
        (MAINTAINERS, False, "Pump drivers", "drivers/pumps/a.c", True),
        (MAINTAINERS, False, "Pump drivers", "drivers/pumps/old/a.c", False),
        (CODEOWNERS, True, "boiler", "boiler/a/b.c", True),
        (CODEOWNERS, True, "boiler", "old/boiler/a.c", False),
        (CODEOWNERS, True, "drivers pump", "drivers/pump.c", True),
        (CODEOWNERS, True, "drivers pump", "drivers/pumps/a.c", True),
    ],
)
def test_a_file_of_owners_says_which_paths_are_whose(
    text: str, codeowners: bool, title: str, path: str, owns: bool
) -> None:
    area = next(one for one in sections(text, codeowners=codeowners) if one.title == title)
    assert any(re.fullmatch(pattern, path) for pattern in area.patterns) is owns


def test_what_owns_everything_or_nobody_owns_is_no_area() -> None:
    assert [one.title for one in sections(MAINTAINERS, codeowners=False)] == ["Boiler control", "Pump drivers"]
    assert [one.title for one in sections(CODEOWNERS, codeowners=True)] == ["boiler", "drivers pump", "docs"]


def commit(folder: Path, who: str, message: str, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_c", ".c")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "add", "-A")
    git(
        folder,
        "-c",
        f"user.name={who.split(' <')[0]}",
        "-c",
        f"user.email={who.split('<')[1][:-1]}",
        "commit",
        "-qm",
        message,
    )


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("works")
    git(folder, "init", "-q")
    ada, home = "Ada Quill <ada@works.example>", "Ada Quill <ada@home.example>"
    for number in range(4):
        commit(
            folder,
            ada if number % 2 else home,
            f"boiler: keep the pressure steady {number}",
            boiler__heat_c=f"{number}",
        )
        commit(
            folder,
            "Cleo Marsh <12+cleo-m@users.noreply.github.com>",
            f"pump: prime it again {number}",
            drivers__pump_c=f"{number}",
        )
    commit(folder, "Bo Reed <bo@works.example>", "boiler: one more valve", boiler__valve_c="1")
    commit(folder, "Dan Frost <dan@works.example>", "Say who owns what: boiler, pump", MAINTAINERS=MAINTAINERS)
    return folder


def test_the_evidence_of_a_repository_lacks_the_commits_that_say_who_owns_what(repository: Path) -> None:
    found = owned(repository)
    assert not any("who owns" in getattr(fact, "title", "") for fact in found.facts)
    assert found.file == "MAINTAINERS"
    assert {found.sections[name].title: of for name, of in found.judged.truth.items()} == {
        "Boiler control": {"ada@works.example": 2, "bo@works.example": 1}
        if "ada@works.example" in found.judged.truth["s0000"]
        else {"ada@home.example": 2, "bo@works.example": 1},
        "Pump drivers": {"12+cleo-m@users.noreply.github.com": 2},
    }


def test_a_repository_is_asked_beside_those_who_count_commits(run: Run, repository: Path) -> None:
    done = run("evaluate", "owners", repository, "--json")
    found = json.loads(done.out)
    assert (found["areas"], found["left_out"], found["queries"]) == (2, 0, 2)
    assert found["figures"][ALL_TIME]["MRR"]["mean"] == 1.0
    assert found["figures"][RECENT]["MRR"]["mean"] == 1.0
    assert found["figures"]["expertfinder"]["MRR"]["mean"] == 1.0
    assert "counting commits on the very paths (1.000)" in run("evaluate", "owners", repository).out


def test_handles_of_a_forge_are_known_by_private_addresses(repository: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    subprocess.run(["git", "clone", "-q", str(repository), str(copy)], check=True, capture_output=True)
    git(copy, "rm", "-q", "MAINTAINERS")
    commit(copy, "Dan Frost <dan@works.example>", "Owners", CODEOWNERS=CODEOWNERS)
    found = owned(copy)
    pumps = next(name for name, area in found.sections.items() if area.title == "drivers pump")
    assert set(found.judged.truth[pumps]) == {"12+cleo-m@users.noreply.github.com"}
    assert found.left_out == 1


def test_a_repository_without_such_a_file_is_told_what_is_looked_for(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    commit(tmp_path, "Ada Quill <ada@works.example>", "first", a_c="1")
    with pytest.raises(SourceError, match="MAINTAINERS, CODEOWNERS"):
        owned(tmp_path)
    with pytest.raises(SourceError, match="no such folder"):
        owned(tmp_path / "nothing")
