"""A real Keycloak on this machine, to try the sign-in and to test it, from Maven's packages, without a container.

    server.py start [--public-url http://127.0.0.1:8000] [--port 8180]
    server.py fetch

`start` fetches it once (about 200 MB), imports realm.json with the address of our service in it, and says how to start
expertfinder beside it; it goes on until it is interrupted. It listens on 127.0.0.1 only and keeps nothing. Needs Java
17 or newer, and Maven the first time.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))
from scripts.servers import NotThere, answered, ends_with, pinned  # noqa: E402 - the folder above is known from here on

VERSION = pinned(HERE / "pom.xml", "keycloak")
CACHE = Path(os.environ.get("KEYCLOAK_FOLDER") or ROOT / ".keycloak")
REALM = "acme"
HEAP = "-Xms64m -Xmx512m"
START_SECONDS = 480.0
"""A start takes half a minute on two idle cores and was seen to take three minutes on busy ones."""


def say(text: str) -> None:
    """Progress, on stderr."""
    print(f"keycloak: {text}", file=sys.stderr, flush=True)


def fetch() -> Path:
    """The folder of the server, fetched where it is not there yet. Raises `NotThere`. Safe side by side."""
    folder = CACHE / f"keycloak-{VERSION}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "bin" / "kc.sh").is_file():
            return folder
        maven = shutil.which("mvn")
        if maven is None:
            raise NotThere("Maven is needed to fetch the server once: apt-get install maven")
        say(f"fetching {VERSION} with Maven, about 200 MB, once")
        command = [maven, "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:unpack-dependencies"]
        notes = CACHE / "maven"
        shutil.rmtree(notes, ignore_errors=True)  # else a server that was removed counts as unpacked
        command += ["-DincludeTypes=zip", f"-DoutputDirectory={CACHE}", f"-Dfetched={notes}"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode or not (folder / "bin" / "kc.sh").is_file():
            raise NotThere(f"Maven could not fetch the server:\n{answer.stdout[-2000:]}{answer.stderr[-2000:]}")
    return folder


@dataclass
class Server:
    """One server, with the realm `acme`. `port`: of 127.0.0.1."""

    public_url: str
    port: int
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    """Of the administrator `admin`."""
    _child: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        """The issuer of the realm."""
        return f"http://127.0.0.1:{self.port}/realms/{REALM}"

    def start(self) -> None:
        """Start it and wait until the realm answers. Raises `NotThere`."""
        folder = fetch()
        if shutil.which("java") is None:
            raise NotThere("Java 17 or newer is needed: apt-get install default-jre-headless")
        realm = (HERE / "realm.json").read_text("utf-8").replace("PUBLIC_URL", self.public_url)
        (folder / "data" / "import").mkdir(parents=True, exist_ok=True)
        (folder / "data" / "import" / "acme.json").write_text(realm, "utf-8")
        command = [str(folder / "bin" / "kc.sh"), "start-dev", "--import-realm", "--db=dev-mem", "--cache=local"]
        command += ["--http-host=127.0.0.1", f"--http-port={self.port}"]
        own = {
            "JAVA_OPTS_KC_HEAP": HEAP,
            # Compiled quickly and not well: a start takes 22 CPU seconds in place of 37, measured on busy cores.
            "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1",
            "KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
            "KC_BOOTSTRAP_ADMIN_PASSWORD": self.password,
        }
        log = CACHE / f"server-{self.port}.log"
        with log.open("wb") as out:
            self._child = subprocess.Popen(
                command,
                env=os.environ | own,
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        ends_with(self._child.pid, os.getpid())
        took = answered(self._child, self.issuer, log=log, patience=START_SECONDS)
        say(f"answers after {took:.0f} s")

    def stop(self) -> None:
        """End it and what it started."""
        if self._child is not None and self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGTERM)
            try:
                self._child.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self._child.pid, signal.SIGKILL)
                self._child.wait()
        self._child = None


@contextlib.contextmanager
def running(public_url: str, port: int) -> Iterator[Server]:
    """A server that ends with the block."""
    server = Server(public_url, port)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def main() -> int:
    """Do what the arguments say; 1 where the server could not be had."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["start", "fetch"])
    parser.add_argument("--public-url", default="http://127.0.0.1:8000")
    parser.add_argument("--port", type=int, default=8180)
    given = parser.parse_args()
    try:
        if given.what == "fetch":
            print(fetch())
            return 0
        with running(given.public_url, given.port) as server:
            client = json.loads((HERE / "realm.json").read_text("utf-8"))["clients"][0]
            print(f"EXPERTFINDER_PUBLIC_URL={server.public_url}")
            print(f"EXPERTFINDER_SIGNIN_ISSUER={server.issuer}")
            print(f"EXPERTFINDER_SIGNIN_CLIENT={client['clientId']}")
            print(f"EXPERTFINDER_SIGNIN_SECRET={client['secret']}", flush=True)
            say(f"people: ada, dana, mallory, password demo; administrator: admin, password {server.password}")
            say("it goes on until you interrupt it")
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
        return 0
    except NotThere as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
