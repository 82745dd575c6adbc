"""The server that scripts/neo4j starts is a real one, empty when asked for so, and gone when it should be."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scripts.neo4j.server import Server, pinned

pytestmark = pytest.mark.needs_neo4j
ROOT = Path(__file__).parents[2]


def version_of(server: Server) -> str:
    (row,) = server.query(
        "CALL dbms.components() YIELD name, versions WHERE name = 'Neo4j Kernel' RETURN versions[0] AS v"
    )
    return str(row["v"])


def test_it_is_the_pinned_version_with_the_pinned_algorithms(neo4j_server: Server) -> None:
    named = pinned(neo4j_server.options.version)
    assert version_of(neo4j_server) == named["neo4j.version"]
    assert neo4j_server.query("RETURN gds.version() AS v") == [{"v": named["gds.version"]}]


def test_empty_means_no_node_no_constraint_no_index_no_projection(neo4j_bare: Server) -> None:
    fresh = neo4j_bare.query("SHOW INDEXES YIELD type RETURN collect(type) AS types")
    neo4j_bare.query("CREATE CONSTRAINT one FOR (p:Person) REQUIRE p.id IS UNIQUE")
    neo4j_bare.query("CREATE FULLTEXT INDEX words FOR (p:Post) ON EACH [p.text]")
    neo4j_bare.query("CREATE (:Person {id: 'demo:ann'})-[:WROTE]->(:Post {text: 'ice'})")
    neo4j_bare.query("CALL gds.graph.project('all', '*', '*') YIELD nodeCount RETURN nodeCount")
    neo4j_bare.clear()
    assert neo4j_bare.query("MATCH (n) RETURN count(n) AS n") == [{"n": 0}]
    assert neo4j_bare.query("SHOW CONSTRAINTS YIELD name") == []
    assert neo4j_bare.query("SHOW INDEXES YIELD type RETURN collect(type) AS types") == fresh
    assert neo4j_bare.query("CALL gds.graph.list() YIELD graphName RETURN graphName") == []


def test_nobody_else_on_the_machine_can_read_its_password(neo4j_server: Server) -> None:
    assert (neo4j_server.home / "server.json").stat().st_mode & 0o077 == 0
    assert neo4j_server.pid is not None
    assert neo4j_server.password not in Path(f"/proc/{neo4j_server.pid}/cmdline").read_text()


def test_killed_and_started_again_it_has_the_same_address_password_and_facts(
    neo4j_mortal: Server,
) -> None:
    server = neo4j_mortal
    before = server.state()
    server.query("CREATE (:Person {id: 'demo:ann'})")
    server.kill()
    assert not server.runs()
    server.start()
    assert server.state() | {"pid": 0} == before | {"pid": 0}
    assert server.query("MATCH (p:Person) RETURN p.id AS id") == [{"id": "demo:ann"}]


def test_a_killed_test_run_leaves_no_server_behind(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from scripts.neo4j.server import Options, running\n"
        f"with running(Path({str(tmp_path / 'home')!r}), Options(short_lived=True)) as server:\n"
        "    print(server.pid, flush=True); time.sleep(300)"
    )
    run = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    with run.stdout:
        pid = int(run.stdout.readline())
        run.kill()
        run.wait()
    for _ in range(300):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.1)
    os.kill(pid, 9)
    pytest.fail("the server outlived the run that started it by 30 s")


def test_what_a_bare_machine_lacks_is_said_with_its_cure(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "scripts/neo4j/server.py", "start", "--home", str(tmp_path / "home")],
        cwd=ROOT,
        env={"PATH": str(tmp_path), "NEO4J_FOLDER": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert "Java 17 or newer is needed: apt-get install" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_folder_that_holds_something_else_is_never_made_a_home(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    answer = subprocess.run(
        [sys.executable, "scripts/neo4j/server.py", "start", "--home", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert "is not empty" in answer.stderr
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
