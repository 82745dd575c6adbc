"""The network at the prompt: what the commands say, as text and as JSON, and the files that are written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from tests.unit.guilds import LEDGER as CLERKS
from tests.unit.guilds import PUMPS, asked, guild, people
from tests.unit.office import LAWYER, LEGAL, QUESTION, act, person
from tests.unit.test_cli import Run, run
from tests.unit.test_networking import CAST, CURRENCY, FALCON, STAR

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.ask.network import Networking
from expertfinder.cli import export
from expertfinder.model import Viewer

__all__ = ["run"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two groups, a lawyer, and communities; indexed. To be asked only."""
    folder = tmp_path_factory.mktemp("network-home")
    asked(folder, (*CAST, person("dana", groups=("o:legal",)), person("hex", hidden=True, name="Hex"))).close()
    return folder


@pytest.fixture(scope="module")
def star(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The club of one hub, indexed."""
    folder = tmp_path_factory.mktemp("star-home")
    asked(folder, STAR).close()
    return folder


def told(run: Run, *words: object) -> Any:
    """The JSON of a command that must succeed, with nothing beside it."""
    said = run(*words, "--json")
    assert (said.code, said.err) == (0, ""), said.err
    return said.json


@pytest.mark.parametrize(
    ("command", "shows"),
    [
        (("communities",), "Crew"),
        (("communities", QUESTION), "1. "),
        (("communities", FALCON), "Its name or description speaks of"),
        (("communities", "--for", "o:flo"), "Some contacts are in it already."),
        (("community", "o:crew"), "bound by: ingress"),
        (("community", "o:crew"), "Those who look after the ingress"),
        (("champions", "-n", "2"), "adds "),
        (("champions", "--community", "o:crew", "-n", "1"), "1 champion reaches 5 of 5 people"),
        (("champions", "--topic", QUESTION), "Wrote or worked on what is closest to"),
        (("champions", "--unit", "Works", "-n", "2"), "of 6 people"),
        (("network", "o:ada"), "contacts, 5"),
        (("path", "o:ada", "o:bo"), "to Bo"),
        (("path", "o:ada", "o:gus"), "nobody leads there"),
        (("meet", "o:flo"), "where to go:"),
        (("risk", "ledger"), "6 posts, 6 people"),
        (("meet", "o:gus", "--topic", QUESTION), "Knows this, by what they wrote and did."),
        (("path", "o:ada", "o:ada"), "the way to oneself is none"),
        (("team", QUESTION, CURRENCY, FALCON), f"nobody for {FALCON}: there is not enough evidence"),
        (("team", QUESTION, "--redundancy", "5"), f"5 for {QUESTION}"),
        (("risk",), "no topic rests on one person"),
        (("risk", "ingress"), "6 posts, 6 people"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else None,
)
def test_a_command_says_it_in_words_and_in_json(run: Run, home: Path, command: tuple[str, ...], shows: str) -> None:
    said = run(*command, "--home", home)
    assert (said.code, said.err) == (0, "")
    assert shows in said.out, said.out
    assert "Hex" not in said.out
    assert told(run, *command, "--home", home) is not None


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("communities", "x", "--for", "o:ada"), "give one of them"),
        (("communities", "--for", "o:nobody"), "no such person"),
        (("communities", "x", "-n", "0"), "1 to 100"),
        (("community", "o:nothing"), "no such community"),
        (("community", "o:deal"), "no such community"),
        (("champions", "--community", "o:deal"), "no such community"),
        (("champions", "--community", "o:crew", "--topic", "x"), "ask for one of them"),
        (("champions", "--unit", "Nowhere"), "nobody of this unit"),
        (("champions", "-n", "0"), "1 to 50"),
        (("champions", "--without", "o:nobody"), "no such person"),
        (("champions", "--already", "o:hex"), "no such person"),
        (("network", "o:hex"), "no such person"),
        (("path", "o:ada", "o:hex"), "no such person"),
        (("meet", "o:nobody"), "no such person"),
        (("team", ""), "empty"),
        (("team", *"abcdefghijk"), "1 to 10"),
        (("team", "x", "--redundancy", "9"), "1 to 5"),
        (("risk", "nothing"), "no such topic"),
        (("risk", "-n", "0"), "at least one"),
        (("export", "graph", "net.txt"), "--format"),
        (("export", "graph", "{folder}/nowhere/net.jsonl"), "cannot be written"),
        (("export", "graph", "{folder}", "--format", "jsonl"), "is there already"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else None,
)
def test_an_error_is_one_line(run: Run, home: Path, tmp_path: Path, command: tuple[str, ...], says: str) -> None:
    said = run(*(word.format(folder=tmp_path) for word in command), "--home", home)
    assert (said.code, said.out) == (1, "")
    assert len(said.err.splitlines()) == 1, said.err
    assert says in said.err


def test_a_member_sees_the_restricted_community_and_looking_at_everything_is_written_down(
    run: Run, tmp_path: Path
) -> None:
    asked(tmp_path, (*CAST, person("dana", groups=("o:legal",)))).close()
    assert "o:deal" not in run("communities", "--home", tmp_path).out
    assert "o:deal" in run("communities", "--home", tmp_path, "--as", "o:dana").out
    assert told(run, "community", "o:deal", "--home", tmp_path, "--everything")["community"]["size"] == 2
    store = Home(tmp_path).open_store()
    assert [(line.event, line.subject) for line in store.audit()] == [("community everything", "o:deal")]
    store.close()


def test_a_set_of_champions_says_what_each_adds_who_is_unreached_and_what_if(run: Run, star: Path) -> None:
    found = told(run, "champions", "--community", "o:club", "-n", 2, "--home", star)
    assert [entry["subject"]["id"] for entry in found["recommendations"]] == ["o:hub", "o:mid"]
    assert [entry["adds"] for entry in found["recommendations"]] == [5, 3]
    assert (found["reached"], found["people"]) == (8, 10)
    assert [one["id"] for one in found["unreached"]] == ["o:far1", "o:far2"]
    assert [(link["one"]["id"], link["other"]["id"]) for link in found["links"]] == [("o:hub", "o:mid")]
    assert found["with_them"] is None
    less = told(run, "champions", "--community", "o:club", "-n", 2, "--without", "o:hub", "--home", star)
    assert less["with_them"] == {name: value for name, value in found.items() if name != "with_them"}
    assert less["reached"] < 8
    said = run("champions", "--community", "o:club", "-n", 2, "--without", "o:hub", "--home", star).out
    assert f"with them it would reach 8, without {less['reached']}; " in said
    assert " came in" in said
    plain = run("champions", "--community", "o:club", "-n", 2, "--home", star).out
    assert "2 champions reach 8 of 10 people" in plain
    assert "reached by none: 2 people (Far1, Far2)" in plain
    assert "should meet: Hub and Mid" in plain
    units = run("champions", "--community", "o:club", "-n", 2, "--one-per-unit", "--home", star).out
    assert "units without a champion: West" in units


def test_the_index_says_in_a_line_what_became_of_communities(run: Run, tmp_path: Path) -> None:
    finder = asked(tmp_path / "home", CAST)
    assert "communities: 2 found, as before" in run("index", "--home", tmp_path / "home").out
    third = ("moe", "ned", "ola", "pia")
    finder.store.apply((*people(third), *guild("nets", third)))
    assert "communities: 3 found (1 new)" in run("index", "--home", tmp_path / "home").out
    finder.store.delete("interaction", [f"o:{one}-thank-nets-{two}" for one in third for two in third if one != two])
    assert "communities: 2 found (1 ended)" in run("index", "--home", tmp_path / "home").out
    finder.close()
    rows = [{"id": name, "name": name} for name in PUMPS]
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "people.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = ("ingest", "native", tmp_path / "records", "--home", tmp_path / "new")
    assert "communities: none found, there are too few ties" in run(*command).out
    assert told(run, *command)["communities"]["found"] == 0
    assert told(run, *command, "--no-index")["communities"] is None


# --- files -----------------------------------------------------------------------------------------------------------


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_the_graph_is_written_a_line_a_node_and_a_line_a_tie(run: Run, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "net.jsonl"
    said = run("export", "graph", file, "--home", home)
    assert (said.code, said.err) == (0, "")
    rows = lines(file)
    nodes = {row["id"]: row for row in rows if "id" in row}
    ties = [row for row in rows if "source" in row]
    assert f"{len(nodes)} nodes and {len(ties)} ties" in said.out
    assert nodes["o:ada"] == {"id": "o:ada", "kind": "person", "name": "Ada", "unit": "Works"}
    assert nodes["o:crew"]["kind"] == "declared"
    assert {row["kind"] for row in nodes.values()} == {"person", "declared", "detected"}
    assert not {"o:deal", "o:hex"} & set(nodes)
    kinds = {kind: [tie for tie in ties if tie["kind"] == kind] for kind in ("tie", "turned to", "member")}
    assert len(kinds["tie"]) == 2 * 15
    assert len(kinds["turned to"]) == 2 * 30
    assert {tie["target"] for tie in kinds["member"] if tie["source"] == "o:gus"} >= {"o:books"}
    assert all(tie["weight"] > 0 for tie in ties)


@pytest.mark.parametrize(("kind", "read"), [("graphml", nx.read_graphml), ("gexf", nx.read_gexf)])
def test_networkx_reads_back_what_was_written(run: Run, home: Path, tmp_path: Path, kind: str, read: Any) -> None:
    told(run, "export", "graph", tmp_path / "net.jsonl", "--home", home)
    found = told(run, "export", "graph", tmp_path / f"net.{kind}", "--home", home)
    graph = read(tmp_path / f"net.{kind}")
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (found["nodes"], found["ties"])
    assert graph.nodes["o:ada"]["label"] == "Ada" or graph.nodes["o:ada"].get("name") == "Ada"
    assert graph.nodes["o:ada"]["unit"] == "Works"
    rows = [row for row in lines(tmp_path / "net.jsonl") if "source" in row]
    wanted = sorted((row["source"], row["target"], row["kind"], row["weight"]) for row in rows)
    assert sorted((a, b, d["kind"], pytest.approx(d["weight"])) for a, b, d in graph.edges(data=True)) == wanted


def test_a_file_that_is_there_is_not_written_over_unless_that_is_said(run: Run, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "net.graphml"
    file.write_text("mine")
    refused = run("export", "graph", file, "--home", home)
    assert (refused.code, file.read_text()) == (1, "mine")
    assert "--force" in refused.err
    assert run("export", "graph", file, "--force", "--home", home).code == 0
    assert file.read_text().startswith("<?xml")
    assert [path.name for path in tmp_path.iterdir()] == ["net.graphml"]


def test_a_graph_too_large_to_be_held_is_written_as_lines_alone(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_IN_MEMORY", 20)
    refused = run("export", "graph", tmp_path / "net.gexf", "--home", home)
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)
    assert "--format jsonl" in refused.err
    assert not list(tmp_path.iterdir())
    assert run("export", "graph", tmp_path / "net.jsonl", "--home", home).code == 0


def test_a_member_exports_what_a_member_sees_and_odd_names_make_no_broken_file(run: Run, tmp_path: Path) -> None:
    odd = person("odd", name="A\x00\x0b<b>&\ud7ff\uffff")
    asked(tmp_path / "home", (*CAST, person("dana", groups=("o:legal",)), odd)).close()
    file = tmp_path / "net.graphml"
    assert run("export", "graph", file, "--as", "o:dana", "--home", tmp_path / "home").code == 0
    graph = nx.read_graphml(file)
    assert "o:deal" in graph
    assert graph.nodes["o:odd"]["label"] == "A<b>&\ud7ff"


def test_what_is_exported_for_all_is_the_same_with_and_without_what_is_restricted(run: Run, tmp_path: Path) -> None:
    secret = (person("ivo", audience=LEGAL), *(act("ivo", "thank", f"ledger-{name}") for name in CLERKS))
    for name, facts in (("one", CAST), ("other", (*CAST, *secret))):
        finder: ExpertFinder = asked(tmp_path / name, facts)
        assert ("o:ivo" in [node.id for node in Networking(finder).graph(LAWYER).each_node()]) is (name == "other")
        assert "o:ivo" not in [node.id for node in Networking(finder).graph(Viewer()).each_node()]
        finder.close()
        assert run("export", "graph", tmp_path / f"{name}.graphml", "--home", tmp_path / name).code == 0
        assert run("export", "graph", tmp_path / f"{name}.jsonl", "--home", tmp_path / name).code == 0
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "other.jsonl").read_bytes()
    assert (tmp_path / "one.graphml").read_bytes() == (tmp_path / "other.graphml").read_bytes()
