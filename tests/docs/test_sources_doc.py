"""Every first command of `docs/sources.md` runs as it stands there, on the example of its source under that name."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
import tarfile
from pathlib import Path

import pytest
from tests.sources.examples import example, ours

from expertfinder.cli import main

TEXT = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"^(?: {4}|.*?`)(expertfinder ingest [a-z-]+ [^`\n.][^`\n]*[^`\n.])`?;?", TEXT, re.M)))
TABLES = "csv"
"""Has no example of its own: `tests/unit/test_csv.py` reads a table by each ready mapping."""


def named(command: str) -> tuple[str, str]:
    """The source and the path of a command."""
    words = shlex.split(command)
    return words[2], words[3]


def test_every_source_has_a_first_command() -> None:
    told = {named(command)[0] for command in COMMANDS} | {"maildir"}  # whose command is that of `mbox`, cut
    assert told == {*ours(), TABLES}


@pytest.mark.parametrize("command", [one for one in COMMANDS if named(one)[0] != TABLES])
def test_a_first_command_imports_the_example_that_has_its_name(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, path = named(command)
    put(example(name), tmp_path / path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXPERTFINDER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "argv", [*shlex.split(command), "--json"])
    with pytest.raises(SystemExit) as end:
        main()
    told = capsys.readouterr()
    assert not end.value.code, told.err
    assert '"added"' in told.out


def put(source: Path, place: Path) -> None:
    """The example as a folder, as an archive or as a file, whichever the name of the place is of."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.name.endswith(".zip"):
        shutil.make_archive(str(place.with_suffix("")), "zip", source)
    elif place.name.endswith(".tar.gz"):
        with tarfile.open(place, "w:gz") as archive:
            archive.add(source, ".")
    elif source.is_dir():
        shutil.copytree(source, place)
    elif place.suffix:
        shutil.copy(source, place)
    else:
        place.mkdir()
        shutil.copy(source, place / source.name)
