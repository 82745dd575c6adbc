"""A real OpenSearch on this machine, to be measured beside, from Maven's packages, without a container.

    server.py start [--port 9273] [--heap 1g]
    server.py fetch

`start` fetches it once (about 60 MB) and says where it answers; it goes on until it is interrupted. It listens on
127.0.0.1 only and keeps nothing. Needs Java 17, and Maven the first time. It refuses to run as root, so root starts it
as nobody.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))
from scripts.servers import NotThere, answered, ends_with, pinned  # noqa: E402 - the folder above is known from here on

VERSION = pinned(HERE / "pom.xml", "opensearch")
CACHE = Path(os.environ.get("OPENSEARCH_FOLDER") or ROOT / ".opensearch")
NOBODY = 65534
"""The number of the account without rights, on Debian and its like."""
START_SECONDS = 180.0
"""A start takes ten seconds on two idle cores."""

LIB = "lib"
MODULES = {
    "transport": (
        "org.opensearch.transport.Netty4Plugin",
        'permission java.net.SocketPermission "*", "accept,connect,resolve";',
    ),
    "painless": (
        "org.opensearch.painless.PainlessPlugin",
        'permission java.lang.RuntimePermission "createClassLoader";\n'
        '  permission java.lang.RuntimePermission "getClassLoader";\n'
        '  permission org.opensearch.script.ClassPermission "<<STANDARD>>";\n'
        '  permission org.opensearch.script.ClassPermission "org.opensearch.painless.*";',
    ),
}
"""Profile of pom.xml -> the class of the module, and what the server lets it do.

Maven has the jars of modules without the two files that the server's own archive puts beside them.
"""


def say(text: str) -> None:
    """Progress, on stderr."""
    print(f"opensearch: {text}", file=sys.stderr, flush=True)


def fetch() -> Path:
    """The folder of the server, fetched where it is not there yet. Raises `NotThere`. Safe side by side."""
    folder = CACHE / f"opensearch-{VERSION}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            return folder
        maven = shutil.which("mvn")
        if maven is None:
            raise NotThere("Maven is needed to fetch the server once: apt-get install maven")
        say(f"fetching {VERSION} with Maven, about 60 MB, once")
        with tempfile.TemporaryDirectory(dir=CACHE) as name:
            whole = Path(name) / "server"
            for profile in (LIB, *MODULES):
                target = whole / (LIB if profile == LIB else f"modules/{profile}")
                _copy(maven, profile, target)
                if profile != LIB:
                    _complete(profile, target, {jar.name for jar in (whole / LIB).iterdir()})
            whole.rename(folder)
    return folder


def _copy(maven: str, profile: str, target: Path) -> None:
    command = [maven, "-q", "-B", "-f", str(HERE / "pom.xml"), "-P", profile, "dependency:copy-dependencies"]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={target}", f"-Dfetched={CACHE / 'maven'}"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise NotThere(f"Maven could not fetch the server:\n{answer.stdout[-2000:]}{answer.stderr[-2000:]}")


def _complete(profile: str, module: Path, shared: set[str]) -> None:
    """Make a folder of jars a module: without what the server has itself, and with what describes it."""
    for jar in module.iterdir():
        if jar.name in shared:
            jar.unlink()
    name, allowed = MODULES[profile]
    described = {
        "name": profile,
        "description": profile,
        "version": VERSION,
        "opensearch.version": VERSION,
        "java.version": "11",
        "classname": name,
    }
    lines = "".join(f"{key}={value}\n" for key, value in described.items())
    (module / "plugin-descriptor.properties").write_text(lines, "utf-8")
    (module / "plugin-security.policy").write_text(f"grant {{\n  {allowed}\n}};\n", "utf-8")


@dataclass
class Server:
    """One empty server. `port`: of 127.0.0.1; `heap`: as Java writes it."""

    port: int
    heap: str
    _home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="expertfinder-opensearch-")))
    _child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> int:
        """Its process, while it runs."""
        assert self._child is not None, "it was started"
        return self._child.pid

    def start(self) -> None:
        """Start it and wait until it answers. Raises `NotThere`."""
        folder = fetch()
        java = shutil.which("java")
        if java is None:
            raise NotThere("Java 17 is needed: apt-get install default-jre-headless")
        shutil.copytree(folder, self._home, dirs_exist_ok=True)
        config = self._home / "config"
        config.mkdir()
        settings = f"discovery.type: single-node\nnetwork.host: 127.0.0.1\nhttp.port: {self.port}\n"
        settings += f"transport.port: {self.port + 100}\n"
        (config / "opensearch.yml").write_text(settings, "utf-8")
        logging = "rootLogger.level = warn\nrootLogger.appenderRef.console.ref = console\n"
        logging += "appender.console.type = Console\nappender.console.name = console\n"
        (config / "log4j2.properties").write_text(logging, "utf-8")
        (self._home / "temporary").mkdir()
        root = os.geteuid() == 0
        if root:
            for path in (self._home, *self._home.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        command = [java, f"-Xms{self.heap}", f"-Xmx{self.heap}", "-Djava.security.manager=allow"]
        command += [f"-Djava.io.tmpdir={self._home / 'temporary'}", f"-Dopensearch.path.home={self._home}"]
        command += [f"-Dopensearch.path.conf={config}", "-Dopensearch.distribution.type=tar"]
        command += ["-cp", f"{self._home / LIB}/*", "org.opensearch.bootstrap.OpenSearch"]
        as_nobody: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if root else {}
        log = CACHE / f"server-{self.port}.log"
        with log.open("wb") as out:
            self._child = subprocess.Popen(
                command,
                cwd=self._home,
                env={"PATH": os.environ["PATH"]},
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                **as_nobody,
            )
        ends_with(self._child.pid, os.getpid(), "KILL")
        took = answered(self._child, self.url, log=log, patience=START_SECONDS)
        say(f"answers after {took:.0f} s")

    def stop(self) -> None:
        """End it and remove what it wrote."""
        if self._child is not None and self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGKILL)  # it keeps nothing, and says goodbye for half a minute
            self._child.wait()
        self._child = None
        shutil.rmtree(self._home, ignore_errors=True)


@contextlib.contextmanager
def running(port: int = 9273, heap: str = "1g") -> Iterator[Server]:
    """A server that ends with the block."""
    server = Server(port, heap)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def main() -> int:
    """Do what the arguments say; 1 where the server could not be had."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["start", "fetch"])
    parser.add_argument("--port", type=int, default=9273)
    parser.add_argument("--heap", default="1g", help="of Java (default: 1g)")
    given = parser.parse_args()
    try:
        if given.what == "fetch":
            print(fetch())
            return 0
        with running(given.port, given.heap) as server:
            print(server.url, flush=True)
            say("it goes on until you interrupt it")
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
        return 0
    except NotThere as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
