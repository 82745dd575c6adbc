"""The contract: the file is what the app serves, the examples run, and the guide names what there is."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fastapi import FastAPI
from tests.http.client import Client
from tests.http.conftest import make_keys

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import SCOPES
from expertfinder.http import Options, create_app

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "api" / "examples").glob("*.http"))


def script() -> ModuleType:
    """`scripts/contract.py` as a module."""
    spec = importlib.util.spec_from_file_location("contract_script", ROOT / "scripts" / "contract.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_is_what_the_app_serves(capsys: pytest.CaptureFixture[str]) -> None:
    assert script().main(["--check"]) == 0, capsys.readouterr().out


def test_a_difference_is_found_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "openapi.json"
    other.write_text(
        (ROOT / "api" / "openapi.json").read_text("utf-8").replace("find_experts", "lose_experts"), "utf-8"
    )
    assert script().main(["--check", "--file", str(other)]) == 1
    assert "lose_experts" in capsys.readouterr().out
    assert script().main(["--check", "--file", str(tmp_path / "none.json")]) == 1


def operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) of the served contract."""
    paths = app.openapi()["paths"]
    return [(path, method, operation) for path, methods in paths.items() for method, operation in methods.items()]


def test_every_operation_says_what_it_does_and_declares_its_errors(app: FastAPI) -> None:
    names = []
    for path, method, operation in operations(app):
        names.append(operation["operationId"])
        assert operation["description"], path
        responses = operation["responses"]
        assert {"422", "500"} <= set(responses), path
        assert ("401" in responses) == ("security" in operation)
        assert ("413" in responses) == ("requestBody" in operation), (path, method)
        for status, response in responses.items():
            if status == "204":
                taken_back = method == "delete" or operation["operationId"] == "unsubscribe"  # RFC 8058 wants POST
                assert taken_back, "what is taken back is answered without a word"
                assert "content" not in response
                continue
            if (operation["operationId"], status) == ("export_my_data", "200"):
                assert set(response["content"]) == {"application/x-ndjson", "text/html"}, "these are files"
                continue
            if (operation["operationId"], status) == ("read_feed", "200"):
                assert set(response["content"]) == {"application/atom+xml"}
                continue
            if (operation["operationId"], status) in (("take_badge", "201"), ("read_badge_status", "200")):
                assert set(response["content"]) == {"application/vc+jwt"}
                continue
            (media,) = response["content"].items()
            assert media[0] == ("application/json" if int(status) < 400 else "application/problem+json")
            assert "$ref" in media[1]["schema"]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z_]+", name) for name in names)


def test_what_goes_out_has_every_field_always(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    for name, schema in schemas.items():
        assert all(re.fullmatch(r"[a-z_]+", field) for field in schema.get("properties", {})), name
        if name.endswith("Out"):
            assert set(schema["required"]) == set(schema["properties"]), name
            assert all("default" not in field for field in schema["properties"].values()), name


def test_the_guide_names_every_scope_and_every_kind_of_address() -> None:
    guide = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert all(f"`{scope}`" in guide for scope in SCOPES)
    for address in ("/v1/experts", "/v1/experts:search", "/explanation", "/v1/ingest/", "/healthz", "/readyz"):
        assert address in guide


# --- the examples ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Example:
    """One request of an `.http` file and the status that it promises."""

    title: str
    status: int
    method: str
    path: str
    headers: dict[str, str]
    body: str


def examples(file: Path) -> list[Example]:
    """The requests of a file, in order."""
    found = []
    for block in re.split(r"^### ", file.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        head, _, body = block.partition("\n\n")
        title, expect, request, *headers = head.splitlines()
        method, address = request.split(" ", 1)
        found.append(
            Example(
                title,
                int(expect.removeprefix("# expect ")),
                method,
                address.removeprefix("{{url}}"),
                dict(header.split(": ", 1) for header in headers),
                body.strip(),
            )
        )
    return found


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_examples_run_and_answer_as_they_say(own_finder: ExpertFinder, file: Path) -> None:
    client = Client(create_app(own_finder, own_finder.store, Options(talent_purposes=("staffing",))))
    keys = make_keys(own_finder)
    for example in examples(file):
        headers = {
            name: value.replace("{{reader}}", keys.shared)
            .replace("{{writer}}", keys.ingest)
            .replace("{{assessor}}", keys.assessor)
            .replace("{{talent}}", keys.talent)
            .replace("{{endorser}}", keys.endorser)
            .replace("{{operator}}", keys.operator)
            .replace("{{council}}", keys.council)
            .replace("{{dana}}", keys.dana)
            .replace("{{own}}", keys.own)
            for name, value in example.headers.items()
        }
        response = client.request(example.method, example.path, content=example.body or None, headers=headers)
        assert response.status_code == example.status, f"{example.title}: {response.text}"


def test_every_operation_with_a_key_has_an_example(app: FastAPI) -> None:
    asked = [
        (example.method.lower(), example.path.partition("?")[0]) for file in EXAMPLES for example in examples(file)
    ]
    for path, method, operation in operations(app):
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
        if "security" in operation:
            assert any(how == method and pattern.fullmatch(where) for how, where in asked), (method, path)
