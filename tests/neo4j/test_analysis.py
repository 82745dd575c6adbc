"""The network as a whole, by the algorithms of a real server: what they find, what is kept, and what is left behind."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scripts.neo4j.compare import compare
from scripts.neo4j.server import Server
from typer.testing import CliRunner

from expertfinder.ask.organisation.analysis import Report, analyse
from expertfinder.cli.app import app
from expertfinder.errors import DeadlinePassed, InvalidQuestion, StoreError
from expertfinder.ingest import ingest
from expertfinder.model import ORGANISATION, Audience, Interaction, Person, Post, Source
from expertfinder.sources.native import NativeReader
from expertfinder.store import Store, open_store
from expertfinder.store.algorithms import Analysis, Column, Grounds, Links, algorithms
from expertfinder.store.copying import content

pytestmark = pytest.mark.needs_neo4j

BOARD = Audience("groups", groups=("demo:board",))


def address(server: Server) -> str:
    return server.url


@pytest.fixture
def store(neo4j_empty: Server) -> Iterator[Store]:
    opened = open_store(address(neo4j_empty))
    yield opened
    opened.close()


def team(name: str, count: int) -> list[Person | Post | Interaction]:
    """People who all turn to the first of them, and to the one before themselves."""
    people = [f"demo:{name}{n}" for n in range(count)]
    facts: list[Person | Post | Interaction] = [Person(id=one, source="demo", audience=ORGANISATION) for one in people]
    for one in people:
        facts.append(Post(id=f"{one}.post", source="demo", authors=(one,), text=name, audience=ORGANISATION))
    for place, one in enumerate(people[1:]):
        facts.extend(thanks(one, other, audience=ORGANISATION) for other in sorted({people[0], people[place]}))
    return facts


def thanks(one: str, other: str, *, audience: Audience) -> Interaction:
    name, on = f"{one}-{other}", f"{other}.post"
    return Interaction(id=name, source="demo", actor=one, verb="thank", object=on, audience=audience)


TEAMS = [*team("rivers", 6), *team("bridges", 5), thanks("demo:rivers3", "demo:bridges0", audience=ORGANISATION)]


def found(server: Server, algorithm: str, value: str) -> dict[str, float]:
    """Id -> what the current run found, as an analyst reads it; of Leiden at resolution 1."""
    rows = server.query(
        "MATCH (p:Person)-[f:FOUND]->(a:Analysis {algorithm: $algorithm, current: true})"
        " WHERE a.algorithm <> 'leiden' OR a.parameters = '{\"resolution\": 1.0}'"
        f" RETURN p.id AS id, f.{value} AS value",
        algorithm=algorithm,
    )
    return {row["id"]: row["value"] for row in rows}


def projections(server: Server) -> list[str]:
    return [row["name"] for row in server.query("CALL gds.graph.list() YIELD graphName RETURN graphName AS name")]


# --- what is found ---------------------------------------------------------------------------------------------------


def test_groups_who_is_turned_to_who_lies_between_and_who_could_carry_a_group(
    store: Store, neo4j_empty: Server
) -> None:
    store.apply(TEAMS)
    report = analyse(store)
    groups = found(neo4j_empty, "leiden", "group")
    assert len({groups[f"demo:rivers{n}"] for n in range(6)}) == 1
    assert len({groups[f"demo:bridges{n}"] for n in range(5)}) == 1
    assert groups["demo:rivers0"] != groups["demo:bridges0"]
    assert found(neo4j_empty, "degree", "score")["demo:rivers0"] == 5
    assert found(neo4j_empty, "degree", "score")["demo:bridges0"] == 5, "four of the team and one of the other"
    rank = found(neo4j_empty, "pageRank", "score")
    assert set(sorted(rank, key=rank.__getitem__)[-2:]) == {"demo:rivers0", "demo:bridges0"}
    between = found(neo4j_empty, "betweenness", "score")
    assert max(between, key=between.__getitem__) in ("demo:rivers3", "demo:bridges0")
    assert found(neo4j_empty, "champions", "place")["demo:rivers0"] == 1
    elsewhere = neo4j_empty.query(
        "MATCH (p:Person)-[champion:FOUND]->(:Analysis {algorithm: 'champions'})"
        " MATCH (p)-[member:FOUND]->(a:Analysis {algorithm: 'leiden'}) WHERE a.parameters CONTAINS '2.8'"
        " AND member.group <> champion.group RETURN p.id"
    )
    assert elsewhere == [], "the number of the group is that of the level it is chosen from"
    assert report.results == sum(row["n"] for row in neo4j_empty.query("MATCH ()-[f:FOUND]->() RETURN count(f) AS n"))
    assert projections(neo4j_empty) == []


def test_what_not_everybody_may_read_moves_nothing_and_whom_nobody_may_find_is_in_nothing(
    store: Store, neo4j_empty: Server
) -> None:
    store.apply(TEAMS)
    before = without_names(analyse(store)), everything(neo4j_empty)
    hidden = Person(id="demo:cem", source="demo", audience=ORGANISATION, hidden=True)
    secret = [thanks(f"demo:rivers{n}", f"demo:bridges{m}", audience=BOARD) for n in range(6) for m in range(5)]
    known = {fact.id for fact in TEAMS}
    store.apply([hidden, Person(id="demo:eve", source="demo", audience=BOARD)])
    store.apply([fact for fact in secret if fact.id not in known])
    store.apply([thanks("demo:cem", "demo:rivers0", audience=ORGANISATION)])
    store.apply([thanks("demo:eve", "demo:rivers0", audience=ORGANISATION)])
    assert (without_names(analyse(store)), everything(neo4j_empty)) == before
    store.apply([replace(thanks("demo:rivers3", "demo:bridges2", audience=ORGANISATION), id="open")])
    assert (without_names(analyse(store)), everything(neo4j_empty)) != before, "what all may read counts"


def without_names(report: Report) -> Report:
    return replace(report, run="", seconds={})


def everything(server: Server) -> list[dict[str, object]]:
    """All that the current run found."""
    return server.query(
        "MATCH (p:Person)-[f:FOUND]->(a:Analysis {current: true}) RETURN p.id AS id, a.algorithm AS algorithm,"
        " a.parameters AS parameters, properties(f) AS found ORDER BY algorithm, parameters, id"
    )


def test_the_demo_organisation_is_seen_by_the_server_as_by_us(neo4j_empty: Server, demo_set: Path) -> None:
    store = open_store(address(neo4j_empty))
    ingest(store, NativeReader(demo_set, source=Source(id="demo", audience=ORGANISATION)))
    report, first = analyse(store), everything(neo4j_empty)
    assert without_names(analyse(store)) == without_names(report), "it repeats"
    assert everything(neo4j_empty) == first
    beside = compare(store)
    assert all(order.correlation > 0.999 and order.overlap == 1.0 for order in beside.orders)
    assert {order.name for order in beside.orders} == {"asked by", "page rank", "betweenness"}
    # Two Leidens that move people in another order agree about as far as one of them with two seeds.
    assert (
        np.mean([level.agreement for level in beside.levels]) > np.mean([level.seeds for level in beside.levels]) - 0.15
    )
    for level in beside.levels:
        assert level.groups == pytest.approx(level.ours, abs=5)
        assert level.modularity == pytest.approx(level.our_modularity, abs=0.015)
    assert beside.champions > 0.75
    store.close()


def test_an_organisation_without_a_tie_has_groups_of_nobody(store: Store, neo4j_empty: Server) -> None:
    store.apply([Person(id="demo:ann", source="demo", audience=ORGANISATION)])
    report = analyse(store)
    assert (report.people, report.ties, report.results) == (0, 0, 0)
    assert neo4j_empty.query("MATCH (a:Analysis {current: true}) RETURN count(a) AS n") == [{"n": 11}]


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_results_are_no_facts_to_the_store(store: Store, neo4j_empty: Server) -> None:
    store.apply(TEAMS)
    before = (store.sequence(), list(store.changes(0)), content(store), list(store.all("person")))
    analyse(store)
    assert (store.sequence(), list(store.changes(0)), content(store), list(store.all("person"))) == before
    assert store.apply(TEAMS).count("unchanged") == len(TEAMS)
    again = open_store(address(neo4j_empty))  # a database with results in it is still ours
    assert again.count("person") == 11
    again.close()


def test_who_is_erased_or_taken_back_loses_what_was_found_and_an_edit_keeps_it(
    store: Store, neo4j_empty: Server
) -> None:
    store.apply(TEAMS)
    analyse(store)
    store.apply([Person(id="demo:rivers2", source="demo", name="Rima", audience=ORGANISATION)])
    store.erase("demo:rivers0")
    store.delete("person", ["demo:bridges0"])
    left = set(found(neo4j_empty, "leiden", "group"))
    assert left == {*(f"demo:rivers{n}" for n in range(1, 6)), *(f"demo:bridges{n}" for n in range(1, 5))}
    store.delete("interaction", [fact.id for fact in TEAMS if isinstance(fact, Interaction)])
    store.delete("post", [fact.id for fact in TEAMS if isinstance(fact, Post)])
    assert neo4j_empty.query("MATCH (p:Unrecorded) RETURN p.id AS id") == [], "no result keeps a node alive"


def test_nothing_is_written_about_who_was_erased_hidden_or_taken_back_while_it_ran(
    store: Store, neo4j_empty: Server
) -> None:
    store.apply(TEAMS)
    store.erase("demo:rivers0")
    store.hide("demo:rivers1")
    store.delete("person", ["demo:rivers2"])
    named: dict[str, dict[Column, int | float]] = {f"demo:rivers{n}": {"group": 0} for n in range(4)}
    server = algorithms(store, seconds=60)
    one = Analysis(algorithm="leiden", parameters={"resolution": 1.0}, found=named)
    server.keep([one], Grounds(sequence=1, people=4), runs=1)
    assert list(found(neo4j_empty, "leiden", "group")) == ["demo:rivers3"]


def test_the_newest_runs_are_kept_and_the_last_one_is_the_current_one(store: Store, neo4j_empty: Server) -> None:
    store.apply(TEAMS)
    runs = [analyse(store, runs=2).run for _ in range(3)]
    rows = neo4j_empty.query(
        "MATCH (a:Analysis) RETURN a.run AS run, a.current AS current, count(*) AS n, min(a.at) AS at,"
        " collect(DISTINCT a.tier) AS tiers, collect(DISTINCT a.sequence) AS sequences,"
        " min(a.at) <= datetime() AS dated ORDER BY at"
    )
    assert [(row["run"], row["current"], row["n"]) for row in rows] == [(runs[1], False, 11), (runs[2], True, 11)]
    assert all(row["tiers"] == ["shared"] and row["sequences"] == [len(TEAMS)] and row["dated"] for row in rows)


# --- what is left behind ---------------------------------------------------------------------------------------------


def test_a_projection_is_dropped_when_its_work_fails(store: Store, neo4j_empty: Server) -> None:
    server = algorithms(store, seconds=60)

    def work() -> None:
        with server.projected(RING) as ring:
            assert len(projections(neo4j_empty)) == 1
            ring.leiden("much", 1)  # type: ignore[arg-type]

    with pytest.raises(StoreError, match="`gamma` must be"):
        work()
    assert projections(neo4j_empty) == []


RING = Links(range(99), [*range(1, 99), 0], [1.0] * 99, directed=False)


def test_work_that_does_not_end_in_time_is_stopped_in_the_server_too_and_nothing_is_kept(
    store: Store, neo4j_empty: Server
) -> None:
    rng = np.random.default_rng(3)
    many = Links(*rng.integers(0, 9_000, (2, 60_000)).tolist(), [1.0] * 60_000, directed=False)
    server = algorithms(store, seconds=6.0)
    began = time.monotonic()

    def work() -> None:
        with server.projected(many) as graph:
            while True:
                graph.betweenness(9_000)

    with pytest.raises(DeadlinePassed, match="did not end within 6 seconds"):
        work()
    assert time.monotonic() - began < 30
    assert projections(neo4j_empty) == []
    for _ in range(100):
        [row] = neo4j_empty.query(
            "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery STARTS WITH 'CALL gds.betweenness.stream'"
            " RETURN count(*) AS n"
        )
        if not row["n"]:
            break
        time.sleep(0.2)
    else:
        pytest.fail("the server still works on what nobody waits for")


def test_what_a_process_that_died_left_is_dropped_by_the_next_one(store: Store, neo4j_empty: Server) -> None:
    in_use = f"expertfinder-analysis-{int(time.time()) + 900}-running"
    for name in ("expertfinder-analysis-1700000000-dead", in_use, "somebody-elses"):
        neo4j_empty.query(f"RETURN gds.graph.project('{name}', 1, 2) AS made")
    algorithms(store, seconds=60)
    assert sorted(projections(neo4j_empty)) == [in_use, "somebody-elses"]
    for name in (in_use, "somebody-elses"):
        neo4j_empty.query(f"CALL gds.graph.drop('{name}') YIELD graphName RETURN graphName")


def test_a_run_that_breaks_off_leaves_the_one_before_as_the_current_one(
    store: Store, neo4j_empty: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.apply(TEAMS)
    first = analyse(store).run
    monkeypatch.setattr("expertfinder.store.neo4j.algorithms.PUBLISH", "THIS IS NO CYPHER")
    with pytest.raises(StoreError):
        analyse(store)
    assert neo4j_empty.query("MATCH (a:Analysis) RETURN DISTINCT a.run AS run, a.current AS current") == [
        {"run": first, "current": True}
    ]


# --- at the prompt ---------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_found(
    store: Store, neo4j_empty: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.apply(TEAMS)
    monkeypatch.setenv("EXPERTFINDER_RECORD", address(neo4j_empty))
    run = CliRunner().invoke(app, ["analyse", "--home", str(tmp_path)])
    assert run.exit_code == 0, run.output
    assert "11 people with" in run.stdout
    assert "is in the graph" in run.stdout
    run = CliRunner().invoke(app, ["analyse", "--home", str(tmp_path), "--json"])
    told = json.loads(run.stdout)
    assert list(told["groups"]) == ["1", "1.4", "2", "2.8", "4", "5.6", "8"]
    assert told["people"] == 11
    assert [(line.event, line.detail) for line in store.audit()][:1] == [("analyse", told["run"])]


def test_a_record_in_a_file_has_no_algorithms(tmp_path: Path) -> None:
    store = open_store(tmp_path / "record.sqlite")
    with pytest.raises(InvalidQuestion, match="in a file, which has no algorithms"):
        analyse(store)
    store.close()


def test_a_server_without_the_algorithms_says_which_plugin_it_needs(
    neo4j_own: Callable[[Mapping[str, str]], Server],
) -> None:
    store = open_store(address(neo4j_own({})))
    with pytest.raises(StoreError, match="no graph algorithms: give it the plugin graph-data-science"):
        analyse(store)
    store.close()
