"""What every test may count on, and the list of what was left out.

A test that needs a program which not every machine has says so by a marker and is left out where the program is
missing, never silently: the run ends with the list and with what to install. With EXPERTFINDER_LEAVE_NOTHING_OUT=1
(`make check` sets it) whatever would be left out fails instead. Only the evaluation sets and the larger encoder
stay optional: they are not part of the repository. `--size` sets how many cases a promise is tried on (`sizes.py`).
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import settings
from tests import sizes

if TYPE_CHECKING:
    from scripts.neo4j.server import Server

Once = Callable[[str, Callable[[Path], object]], Path]
STRICT = "EXPERTFINDER_LEAVE_NOTHING_OUT"
_MARK = "left out: "

COSTLY: Final = (
    "leak/test_noninterference",
    "crash/test_kill",
    "leak/test_learned_weights",
    "sources/test_broken",
    "leak/test_labels",
    "http/test_keycloak",
    "http/test_browser",
    "docs/test_tutorial",
    "http/test_schemathesis",
    "unit/test_network_figures",
    "quality/test_abstention",
    "answers/test_answers",
    "http/test_folding",
    "http/test_hostile_pages",
    "quality/test_sentences",
)
"""The modules that take longest at the size of CI without a server, the longest first (`pytest --durations`)."""


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


def find_keycloak() -> str | None:
    """A Java for the server of scripts/keycloak, where Maven is too or it was fetched before."""
    fetched = Path(os.environ.get("KEYCLOAK_FOLDER") or Path(__file__).parents[1] / ".keycloak")
    return find_java() if shutil.which("mvn") or any(fetched.glob("keycloak-*/bin/kc.sh")) else None


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
    "needs_keycloak": Need(
        find_keycloak, "a Keycloak: apt-get install default-jre-headless maven, then scripts/keycloak/server.py start"
    ),
    "needs_encoder": Need(
        find_encoder,
        "an encoder in the ONNX form: name the folder that holds its own in EXPERTFINDER_MODELS",
        optional=True,
    ),
    "needs_sets": Need(find_sets, "evaluation sets: name their folder in EXPERTFINDER_SETS", optional=True),
}


@pytest.fixture(scope="session", autouse=True)
def _communities_are_looked_for_here() -> Iterator[None]:
    """In the process of the tests an index is built without a child: its start takes a second of the processor, twenty
    times what the work of a small index does, and hundreds of indexes are built.

    The work and its answer are the same (`tests/unit/test_communities.py`); the child itself is tested in
    `tests/unit/test_deadline.py`, and it is there in whatever tests start as a command.
    """
    from expertfinder.index.network import communities

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(communities, "within", lambda seconds, work, *given, **more: work(*given, **more))
        yield


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
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """`once(name, make)` is a folder that `make` filled, made by whichever process of this run needs it first.

    Nobody may write into it afterwards.
    """
    base = tmp_path_factory.getbasetemp()
    whole_run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, make: Callable[[Path], object]) -> Path:
        with (whole_run / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            folder = whole_run / name
            if not folder.exists():
                half = whole_run / f"{name}-{os.getpid()}"
                half.mkdir()
                make(half)
                half.rename(folder)
        return folder

    return made


@pytest.fixture(scope="session")
def demo_set(once: Once) -> Path:
    """The files of the demo organisation as `expertfinder demo` writes it; read only."""
    from expertfinder.ingest.demo import write_demo

    return once("demo", write_demo)


@pytest.fixture(scope="session")
def small_demo_set(once: Once) -> Path:
    """The files of a demo organisation of a hundred people; read only."""
    from expertfinder.ingest.demo import write_demo

    return once("small-demo", lambda folder: write_demo(folder, people=100, posts=600))


@pytest.fixture(scope="session")
def demo_home(once: Once, demo_set: Path) -> Path:
    """The home of the demo organisation, indexed; whoever writes makes a copy."""
    from expertfinder import Home, encoder
    from expertfinder.index.encoders.encoder import DEFAULT
    from expertfinder.ingest import ingest
    from expertfinder.ingest.demo import AS_OF
    from expertfinder.sources.native import NativeReader
    from expertfinder.sources.reader import declared

    def make(folder: Path) -> None:
        home = Home(folder)
        store = home.open_store()
        ingest(store, NativeReader(demo_set, source=declared("demo", audience="organisation")))
        home.build_index(store, encode=encoder(DEFAULT), as_of=AS_OF)
        store.close()

    return once("demo-home", make)


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


@pytest.fixture(scope="module")
def neo4j_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Mapping[str, str]], Server]]:
    """Starts a server with these lines of configuration, without the graph algorithms: `needs_neo4j`.

    The tests of a module share those that they start alike, since a start takes 7 CPU seconds.
    """
    from scripts.neo4j.server import Options, running

    folder = tmp_path_factory.mktemp("own")
    (folder / "none").mkdir()
    started: dict[frozenset[tuple[str, str]], Server] = {}
    with ExitStack() as stack:

        def own(settings: Mapping[str, str]) -> Server:
            key = frozenset(settings.items())
            if key not in started:
                lines = {"server.directories.plugins": str(folder / "none"), **settings}
                options = Options(settings=lines, short_lived=True)
                started[key] = stack.enter_context(running(folder / str(len(started)), options))
            return started[key]

        yield own


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
    """Order the tests for several processes, and skip what this machine cannot run, with the cure as the reason."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    items[:] = in_stretches(items, processes)
    missing = {name: need for name, need in NEEDS.items() if not need.find()}
    for item in items:
        for name, need in missing.items():
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=f"{_MARK}needs {need.cure}"))


def in_stretches(items: Sequence[pytest.Item], processes: int) -> list[pytest.Item]:
    """Tests that ask a Neo4j server at the beginning, the costly modules at the beginning of every other stretch.

    Side by side with `worksteal` each process begins with its own stretch of the list, as long as the others', and
    takes from the end of another's when it is done. So one process has all that ask the server, which starts once, and
    what is left for the end is short: no process waits for the last test of another.
    """
    served = [item for item in items if item.get_closest_marker("needs_neo4j") is not None]
    others = [item for item in items if item.get_closest_marker("needs_neo4j") is None]
    if processes < 2:
        return [*served, *others]
    modules: dict[str, list[pytest.Item]] = {f"tests/{name}.py": [] for name in COSTLY}
    short: list[pytest.Item] = []
    for item in others:
        modules.get(item.nodeid.partition("::")[0], short).append(item)
    costly = list(modules.values())
    stretches = [served, *(list(chain(*costly[place :: processes - 1])) for place in range(processes - 1))]
    left, rest = len(items), iter(short)
    for place, stretch in enumerate(stretches):
        stretch += islice(rest, max(left // (processes - place) - len(stretch), 0))
        left -= len(stretch)
    return [*chain(*stretches), *rest]


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
