"""The image and its composition are locked down. They are read here, not run: see `docs/limits.md`."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from scripts.neo4j import server

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def stages() -> list[list[str]]:
    """The instructions of the Dockerfile, one list a stage, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found: list[list[str]] = []
    for line in lines:
        if line.startswith("FROM "):
            found.append([])
        if found:  # an argument of the whole file stands before the first stage
            found[-1].append(line)
    return found


@pytest.fixture(scope="module")
def composition() -> dict[str, Any]:
    """`docker-compose.yml` as plain data."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


@pytest.fixture(scope="module")
def service(composition: dict[str, Any]) -> dict[str, Any]:
    """The one service that runs where no profile is asked for."""
    (only,) = (each for each in composition["services"].values() if "profiles" not in each)
    return dict(only)


@pytest.fixture(scope="module")
def graph(composition: dict[str, Any]) -> dict[str, Any]:
    """The service of the profile `neo4j`."""
    (only,) = (each for each in composition["services"].values() if each.get("profiles") == ["neo4j"])
    return dict(only)


def instruction(stage: list[str], name: str) -> list[str]:
    """The arguments of each instruction of this name, in order."""
    return [re.sub(r"\s+", " ", line.removeprefix(f"{name} ")) for line in stage if line.startswith(f"{name} ")]


def test_the_image_runs_as_somebody_who_is_not_root(stages: list[list[str]]) -> None:
    (user,) = instruction(stages[-1], "USER")
    assert int(user.split(":")[0]) > 0
    assert f"chown {user} /data" in " ".join(instruction(stages[-1], "RUN"))


def test_nothing_is_installed_into_the_image_without_a_pin(stages: list[list[str]]) -> None:
    installs = [line for stage in stages for line in instruction(stage, "RUN") if "pip install" in line]
    assert len(installs) == 3
    for line in installs:
        assert "--require-hashes" in line or "--no-deps /tmp/wheels/*.whl" in line


def test_the_image_is_built_from_named_files_only(stages: list[list[str]]) -> None:
    allowed = {
        line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    copied = [line for stage in stages for line in instruction(stage, "COPY") if not line.startswith("--from=")]
    for line in copied:
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source.split("/")[0] in allowed, f"{source} is copied, and .dockerignore keeps it out"


def test_the_image_and_the_composition_ask_the_same_address_whether_it_lives(
    stages: list[list[str]], service: dict[str, Any]
) -> None:
    (check,) = instruction(stages[-1], "HEALTHCHECK")
    assert json.loads(check[check.index("CMD ") + 4 :]) == service["healthcheck"]["test"][1:]
    path = re.search(r"127\.0\.0\.1:8000(/\w+)", check)
    assert path is not None
    assert f'"{path[1]}"' in (ROOT / "src/expertfinder/http/routes/health.py").read_text()


def test_the_service_is_reachable_from_this_machine_only(service: dict[str, Any]) -> None:
    assert service["ports"] == ["127.0.0.1:8000:8000"]
    assert "network_mode" not in service


def test_the_service_has_no_rights_it_does_not_need(service: dict[str, Any], stages: list[list[str]]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] == instruction(stages[-1], "USER")[0]


def test_the_record_lies_on_a_volume(composition: dict[str, Any], service: dict[str, Any]) -> None:
    name, target = service["volumes"][0].split(":")
    assert name in composition["volumes"]
    assert any(f"EXPERTFINDER_HOME={target}" in line for line in (ROOT / "Dockerfile").read_text().splitlines())
    assert all(":/" in volume and not volume.startswith((".", "/", "~")) for volume in service["volumes"])


def test_every_variable_of_the_image_is_a_setting(stages: list[list[str]]) -> None:
    from dataclasses import fields

    from expertfinder.configuration.settings import Settings

    named = re.findall(r"\bEXPERTFINDER_(\w+)=", " ".join(instruction(stages[-1], "ENV")))
    assert named
    assert {name.lower() for name in named} <= {each.name for each in fields(Settings)}


def test_the_graph_server_of_the_composition_is_the_one_that_the_tests_run(graph: dict[str, Any]) -> None:
    assert graph["image"] == f"neo4j:{server.pinned('lts')['neo4j.version']}-community"
    written = {
        name.removeprefix("NEO4J_").replace("_", ".").replace("..", "_"): str(value)
        for name, value in graph["environment"].items()
        if name not in ("NEO4J_AUTH", "NEO4J_PLUGINS")
    }
    memory = {"server.memory.heap.max_size", "server.memory.pagecache.size"}
    assert {key: value for key, value in written.items() if key not in memory} == {**server.SETTINGS, **server.ERASING}
    assert memory <= written.keys()


def test_the_graph_server_has_no_password_until_one_is_set(graph: dict[str, Any], service: dict[str, Any]) -> None:
    assert graph["environment"]["NEO4J_AUTH"] == "neo4j/${NEO4J_PASSWORD:-}"
    assert service["environment"]["EXPERTFINDER_NEO4J_PASSWORD"] == "${NEO4J_PASSWORD:-}"


def test_the_graph_server_is_reachable_from_this_machine_only_and_keeps_its_facts_on_a_volume(
    composition: dict[str, Any], graph: dict[str, Any]
) -> None:
    assert graph["ports"] == ["127.0.0.1:7687:7687"]
    for volume in graph["volumes"]:
        assert volume.split(":")[0] in composition["volumes"]
    assert graph["cap_drop"] == ["ALL"]
    assert graph["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.needs_neo4j
def test_the_health_check_of_the_graph_server_asks_a_real_one(
    graph: dict[str, Any], neo4j_server: server.Server
) -> None:
    def check(port: int) -> int:
        *command, script = graph["healthcheck"]["test"][1:]
        script = script.replace("$$", "$").replace("/7687", f"/{port}")
        return subprocess.run([*command, script], capture_output=True, timeout=20, check=False).returncode

    assert check(neo4j_server.port) == 0
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert check(nobody.getsockname()[1]) != 0
