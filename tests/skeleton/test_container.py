"""The image and its composition are locked down. They are read here, not run: see `docs/limits.md`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

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
        found[-1].append(line)
    return found


@pytest.fixture(scope="module")
def composition() -> dict[str, Any]:
    """`docker-compose.yml` as plain data."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


@pytest.fixture(scope="module")
def service(composition: dict[str, Any]) -> dict[str, Any]:
    """The one service."""
    (only,) = composition["services"].values()
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
    from expertfinder.settings import Settings

    named = re.findall(r"\bEXPERTFINDER_(\w+)=", " ".join(instruction(stages[-1], "ENV")))
    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields)
