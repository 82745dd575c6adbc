"""What is loaded for what: packages that take long to load are loaded by those who use them. Modules, not times."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.office import QUESTION

from expertfinder.ask.finder import ExpertFinder

SOURCE = Path(__file__).parents[2] / "src"
ENGINES = frozenset({"numpy", "tantivy", "apsw", "scipy", "sklearn", "networkit", "networkx", "fastapi", "neo4j"})
"""Packages that are loaded to answer, to compute or to serve."""
COMMANDS = """
import sys
from expertfinder.cli import main
for words in map(str.split, sys.argv[1:]):
    sys.argv = ["expertfinder", *words]
    try: main()
    except SystemExit as end: assert not end.code, (words, end.code)
"""


def loaded(lines: str, *words: str) -> set[str]:
    """The packages that a new interpreter has loaded when it has run these lines with these arguments."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{lines}\nprint(*sys.modules, file=sys.stderr)", *words],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}


def test_the_words_of_the_model_load_no_engine() -> None:
    found = loaded("import expertfinder; expertfinder.Query, expertfinder.Viewer, expertfinder.SHARED")
    assert "expertfinder" in found
    assert not found & (ENGINES | {"pydantic", "typer", "rich", "orjson"})


def test_the_help_of_every_command_loads_no_engine() -> None:
    from typer.main import get_command

    from expertfinder.cli import app

    groups = {name: getattr(command, "commands", {}) for name, command in get_command(app).commands.items()}
    words = ["", *groups, *(f"{name} {inner}" for name, inside in groups.items() for inner in inside)]
    assert {"find", "evaluate", "ingest native", "key create"} <= set(words)
    found = loaded(COMMANDS, *(f"{each} --help" for each in words))
    assert "typer" in found
    assert not found & ENGINES


def test_products_of_matrices_take_one_thread_in_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    threads = (
        "from threadpoolctl import threadpool_info\nassert {each['num_threads'] for each in threadpool_info()} == {1}"
    )
    assert "scipy" in loaded(f"{COMMANDS}\nimport numpy, scipy.linalg\n{threads}", "--version")


def test_a_question_about_people_loads_neither_matrices_nor_algorithms_nor_the_service(office: ExpertFinder) -> None:
    asked = (f"find {QUESTION}", f"find --json {QUESTION}", f"explain o:ada {QUESTION}", "person o:ada", "topics")
    found = loaded(COMMANDS, *(f"{words} --home {office.home.folder}" for words in asked))
    assert {"numpy", "tantivy", "apsw"} <= found
    assert not found & {"scipy", "sklearn", "networkit", "networkx", "fastapi", "neo4j", "jinja2"}


def test_a_question_from_python_loads_nothing_of_the_doors(office: ExpertFinder) -> None:
    lines = (
        "import sys; from pathlib import Path; from expertfinder import SHARED, ExpertFinder, Query\n"
        "finder = ExpertFinder.open(Path(sys.argv[1]))\n"
        "assert finder.find(Query(text=sys.argv[2]), SHARED).recommendations\n"
        "assert not vars(finder.encoder).keys() & {'_vocabulary', '_other'}, 'a table of other languages'\n"
        "finder.close()"
    )
    found = loaded(lines, str(office.home.folder), QUESTION)
    assert "numpy" in found
    assert not found & {"scipy", "sklearn", "networkit", "networkx", "fastapi", "pydantic", "typer", "rich"}


def test_a_question_about_the_network_looks_for_no_communities(office: ExpertFinder) -> None:
    asked = ("communities", "network o:ada", "meet o:ada", "team ingress ledger", "risk")
    found = loaded(COMMANDS, *(f"{words} --home {office.home.folder}" for words in asked))
    assert "scipy" in found
    assert not found & {"sklearn", "networkit", "networkx", "fastapi", "neo4j"}
