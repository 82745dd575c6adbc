"""What every test may count on, and the list of what was left out.

A test that needs a program which not every machine has says so by a marker and is left out where the program is
missing, never silently: the run ends with the list and with what to install. With EXPERTFINDER_LEAVE_NOTHING_OUT=1
(`make check` sets it) whatever would be left out fails instead. Only the evaluation sets and the larger encoder
stay optional: they are not part of the repository. `--size` sets how many cases a promise is tried on (`sizes.py`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from tests import sizes

if TYPE_CHECKING:
    from scripts.neo4j.server import Options, Server

STRICT = "EXPERTFINDER_LEAVE_NOTHING_OUT"
_MARK = "left out: "


def find_browser() -> str | None:
    """The path of a Chromium: CHROMIUM_PATH where it is set, else the system's."""
    named = os.environ.get("CHROMIUM_PATH")
    if named:
        return named if Path(named).is_file() else None
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def find_java() -> str | None:
    """The path of a Java runtime."""
    return shutil.which("java")


def find_neo4j() -> str | None:
    """A Java for the server of scripts/neo4j, where Maven is too or the jars were fetched before."""
    fetched = Path(__file__).parents[1] / ".neo4j" / "lts" / "fetched.json"
    return find_java() if shutil.which("mvn") or fetched.is_file() else None


def find_sets() -> str | None:
    """The first folder of evaluation sets that EXPERTFINDER_SETS names and that exists."""
    named = os.environ.get("EXPERTFINDER_SETS", "").split(os.pathsep)
    return next((folder for folder in named if folder and Path(folder).is_dir()), None)


def find_encoder() -> str | None:
    """The first folder with a model in the ONNX form under EXPERTFINDER_MODELS, where the runtime is installed."""
    if find_spec("onnxruntime") is None or find_spec("tokenizers") is None:
        return None
    bases = [Path(base) for base in os.environ.get("EXPERTFINDER_MODELS", "").split(os.pathsep) if base]
    return next((str(model.parent) for base in bases for model in sorted(base.glob("*/*.onnx"))), None)


@dataclass(frozen=True, slots=True)
class Need:
    """What a marker asks of the machine: how to find it, and how to get it."""

    find: Callable[[], str | None]
    cure: str
    optional: bool = False


NEEDS = {
    "needs_browser": Need(find_browser, "a Chromium: apt-get install chromium, or name one in CHROMIUM_PATH"),
    "needs_java": Need(find_java, "a Java runtime: apt-get install default-jre-headless"),
    "needs_neo4j": Need(find_neo4j, "a Neo4j server: apt-get install default-jre-headless maven, then make neo4j"),
    "needs_encoder": Need(
        find_encoder,
        "an encoder in the ONNX form: name the folder that holds its own in EXPERTFINDER_MODELS",
        optional=True,
    ),
    "needs_sets": Need(find_sets, "evaluation sets: name their folder in EXPERTFINDER_SETS", optional=True),
}


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The Chromium to start; only for tests marked `needs_browser`."""
    found = find_browser()
    assert found, "mark the test with needs_browser"
    return found


@pytest.fixture(scope="session")
def encoder_folder() -> Path:
    """The folder of a model in the ONNX form; only for tests marked `needs_encoder`."""
    found = find_encoder()
    assert found, "mark the test with needs_encoder"
    return Path(found)


@pytest.fixture(scope="session")
def sets_folder() -> Path:
    """The folder of evaluation sets; only for tests marked `needs_sets`."""
    found = find_sets()
    assert found, "mark the test with needs_sets"
    return Path(found)


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server, one for each process that runs tests, started when first asked for: `needs_neo4j`.

    Its one database is shared, since community edition can create no other: ask for `neo4j_empty`.
    NEO4J_PROFILE=current takes the current version in place of the long-term one.
    """
    from scripts.neo4j.server import Options, running

    version = os.environ.get("NEO4J_PROFILE", "lts")
    with running(tmp_path_factory.mktemp("neo4j"), Options(version, short_lived=True)) as server:
        yield server


@pytest.fixture
def neo4j_empty(neo4j_server: Server) -> Server:
    """The shared server without a node or a projection; our constraints and indexes may be there: `needs_neo4j`."""
    neo4j_server.clear(keep_schema=True)
    return neo4j_server


@pytest.fixture
def neo4j_bare(neo4j_server: Server) -> Server:
    """The shared server without a node, a projection, a constraint or an index: `needs_neo4j`."""
    neo4j_server.clear()
    return neo4j_server


@pytest.fixture
def neo4j_mortal(neo4j_empty: Server) -> Iterator[Server]:
    """The shared server, emptied, for a test that may kill, freeze or stop it: `needs_neo4j`. Afterwards it runs."""
    yield neo4j_empty
    neo4j_empty.thaw()
    if not neo4j_empty.runs():
        neo4j_empty.start()


@pytest.fixture
def neo4j_own(tmp_path: Path) -> Iterator[Callable[[Options], Server]]:
    """Starts a server for one test alone, which may configure it: `needs_neo4j`. A start takes 9 CPU seconds."""
    from scripts.neo4j.server import running

    with ExitStack() as stack:
        yield lambda options: stack.enter_context(running(tmp_path / "neo4j", replace(options, short_lived=True)))


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one switch for how much is tried."""
    parser.addoption(
        "--size",
        choices=sizes.NAMES,
        default=sizes.NAMES[0],
        help="how many cases each promise is tried on (tests/sizes.py); `make check` says ci",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose the size before any test module is imported, in each process that runs tests."""
    sizes.choose(config.getoption("size"))
    # No example fails for being slow: tests are never timed. What else CI's own profile says stays as it is.
    settings.register_profile("expertfinder", settings(), deadline=None, max_examples=sizes.size("drawn"))
    settings.load_profile("expertfinder")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run, with the cure as the reason."""
    missing = {name: need for name, need in NEEDS.items() if not need.find()}
    for item in items:
        for name, need in missing.items():
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=f"{_MARK}needs {need.cure}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under EXPERTFINDER_LEAVE_NOTHING_OUT, turn any skip into a failure, but for the optional needs."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get(STRICT) == "1" and not _excused(item):
        report.outcome = "failed"
        report.longrepr = f"{STRICT} is set, and this test was {_reason(report)}"
    return report


def _excused(item: pytest.Item) -> bool:
    """Whether an optional need of the test is missing."""
    return any(item.get_closest_marker(name) for name, need in NEEDS.items() if need.optional and not need.find())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each test that was left out, grouped by what would have let it run."""
    groups: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        groups.setdefault(_reason(report), []).append(report.nodeid)
    if not groups:
        return
    terminalreporter.section("left out", sep="-")
    for reason, tests in sorted(groups.items()):
        terminalreporter.write_line(f"{len(tests)} {reason}")
        for test in sorted(tests):
            terminalreporter.write_line(f"    {test}")


def _reason(report: pytest.TestReport) -> str:
    """The reason of a skip, in the words of its marker."""
    longrepr = report.longrepr
    words = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    words = words.removeprefix("Skipped: ")
    return words if words.startswith(_MARK) else f"{_MARK}{words}"
