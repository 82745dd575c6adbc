"""A source of another package is one file: it is found by its entry point, and nothing of ours is changed for it."""

from __future__ import annotations

import sys
from pathlib import Path

import orjson
import pytest
from tests.unit.test_cli import Run, run

from expertfinder.errors import SourceError
from expertfinder.sources.formats import format_named, formats

__all__ = ["run"]

TOY = """
from expertfinder.sources import Format, Records


class Reader:
    def __init__(self, path, source, options):
        self.path, self.source, self.total = path, source, None
        self._queue = options.get("queue", "all")
        self._records = Records(source)

    @property
    def counts(self):
        return self._records.counts

    def facts(self):
        self._records = Records(self.source)
        for line in self.path.read_text().splitlines():
            number, author, text = line.split("|")
            yield self._records.parse("person", {"id": author, "name": author.title(), "email": f"{author}@x.example"})
            post = {"id": number, "authors": [author], "text": text, "community": self._queue}
            yield self._records.parse("post", post)


FORMAT = Format(
    name="toy", summary="Tickets, a line each", open=Reader, options={"queue": "The queue they are of."},
    keys=("email",), proves=("email",), place="queue",
)
NOTHING = object()
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with the toy as an installed package."""
    site = tmp_path / "site"
    install(site, "toy", "toy_source:FORMAT")
    (site / "toy_source.py").write_text(TOY)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "toy_source", raising=False)
    return site


def install(site: Path, name: str, target: str, package: str = "toy") -> None:
    about = site / f"{package}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[expertfinder.sources]\n{name} = {target}\n")


def test_a_source_of_another_package_is_imported_like_any_other(run: Run, installed: Path, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("1|ann|The north pump leaks in winter\n2|bob|A gasket for it\n")
    home = str(tmp_path / "home")
    words = ("ingest", "toy", str(tmp_path / "t.txt"), "--source", "desk", "--audience", "organisation")
    done = run(*words, "--queue", "pumps", "--no-index", "--home", home, "--json")
    assert done.code == 0, done.err
    report = orjson.loads(done.out)
    assert (report["kinds"]["post"]["added"], report["kinds"]["person"]["added"]) == (2, 2)
    assert "The queue they are of." in run("ingest", "toy", "--help").out
    refused = run("ingest", "from", *words[1:], "--option", "colour=red", "--home", home)
    assert refused.code
    assert "toy has no option 'colour': queue" in " ".join(refused.err.split())
    refused = run(*words, "--skip-unreadable", "3", "--home", home)
    assert "toy cannot leave out what cannot be read" in refused.err


def test_an_unknown_source_is_told_those_that_there_are(run: Run, installed: Path, tmp_path: Path) -> None:
    refused = run("ingest", "toi", str(tmp_path))
    assert refused.code
    assert "there is no source 'toi' (is 'toy' meant?)" in refused.err
    assert all(f" {name}" in refused.err for name in ("native", "csv", "git", "toy"))
    assert "toy" in run("ingest", "--help").out


READER = """
from expertfinder.sources import ExportReader, Format
from expertfinder.sources.exports import json_lines, said


class Reader(ExportReader):
    def read(self, tree):
        for spot, ticket in json_lines(tree, tree.wanted("t.jsonl", what="an export of Toy")):
            yield from self.facts_of(spot, self._ticket, ticket)

    def _ticket(self, ticket):
        yield "person", {"id": said(ticket, "who")}
        yield "post", {"id": said(ticket, "no"), "authors": [said(ticket, "who")], "text": said(ticket, "text")}
        for who in () if "brief" in self.options else ("bob", "cy"):
            yield "interaction", {"id": f"{said(ticket, 'no')}-{who}", "actor": who, "verb": "like", "object": "1"}


FORMAT = Format(name="toy", summary="Tickets", open=Reader, options={"brief": "Without acts."}, flags=("brief",))
"""


def test_a_reader_of_exports_leaves_out_whole_records_and_names_the_line(
    run: Run, installed: Path, tmp_path: Path
) -> None:
    (installed / "toy_source.py").write_text(READER)
    (tmp_path / "t.jsonl").write_text('{"no":1,"who":"ann","text":"Pumps"}\n{"no":2,"who":[],"text":"x"}\n{"no":3}\n')
    words = ("ingest", "toy", str(tmp_path / "t.jsonl"), "--home", str(tmp_path / "home"), "--no-index", "--json")
    refused = run(*words)
    assert "'who' must be text" in refused.err
    assert "t.jsonl" in refused.err
    assert "line 2" in refused.err
    assert "--skip-unreadable" in refused.err
    done = run(*words, "--skip-unreadable", "2", "--source", "toy", "--brief")
    assert done.code == 0, done.err
    report = orjson.loads(done.out)
    assert report["kinds"]["post"]["read"] == report["kinds"]["person"]["read"] == 1
    assert report["kinds"]["interaction"]["read"] == 0
    assert len(report["unreadable"]) == 2


def test_a_source_says_what_it_is(run: Run, installed: Path) -> None:
    toy = formats()["toy"]
    assert (toy.name, toy.keys, toy.proves, toy.place, toy.audiences) == ("toy", ("email",), ("email",), "queue", False)
    (listed,) = [each for each in orjson.loads(run("ingest", "formats", "--json").out) if each["name"] == "toy"]
    assert listed["options"] == {"queue": "The queue they are of."}
    assert "toy: Tickets, a line each" in run("ingest", "formats").out


def test_what_cannot_be_used_is_told_by_its_name(installed: Path) -> None:
    with pytest.raises(SourceError, match=r"there is no source 'nonsense' .*toy"):
        format_named("nonsense")
    install(installed, "broken", "toy_source:ABSENT", "broken")
    with pytest.raises(SourceError, match="'broken' cannot be loaded"):
        formats()
    entry = installed / "broken-1.0.dist-info" / "entry_points.txt"
    entry.write_text("[expertfinder.sources]\nbroken = toy_source:NOTHING\n")
    with pytest.raises(SourceError, match=r"'broken' is no expertfinder\.sources\.Format"):
        formats()
    entry.write_text("[expertfinder.sources]\ntoy = toy_source:FORMAT\n")
    with pytest.raises(SourceError, match="two packages bring a source 'toy'"):
        formats()
