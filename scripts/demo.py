"""The demo: writes an organisation whose truth is planted, serves it on this machine, and says what to try.

    python scripts/demo.py [--port N] [--home FOLDER] [--check]

Runs the product's own command line and nothing else, so that what the demo shows is what a user would get. With
`--check` it asks one planted question over HTTP, compares the answer with the planted truth, and exits.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
SOURCE = "demo"
"""The name under which the product imports the demo organisation: the first half of its ids."""
FIRST = 3
"""How far down the planted person may stand for the check to pass."""
READY_SECONDS = 60
"""How long the service may take to answer; it takes about two seconds on two cores."""
MARK = ".written-by-make-demo"
"""The file that says a folder may be emptied."""


def main() -> int:
    """Write, serve, and either check and stop, or stay until Ctrl-C. The exit code is 0 where all went well."""
    parser = argparse.ArgumentParser(description="Write the demo organisation and serve it on this machine only.")
    parser.add_argument("--port", type=int, default=0, help="the port to serve on; without it 8000, or a free one")
    parser.add_argument("--home", type=Path, default=ROOT / ".demo", help="the folder to write; emptied first")
    parser.add_argument("--check", action="store_true", help="ask one question over HTTP, check the answer, and exit")
    options = parser.parse_args()

    product = Path(sys.executable).with_name("expertfinder")
    clear(options.home)
    written = subprocess.run(
        [product, "demo", "--home", options.home, "--json"], check=False, stdout=subprocess.PIPE, text=True
    )
    if written.returncode:
        return written.returncode
    summary = json.loads(written.stdout)
    print(f"{summary['people']} people, {summary['posts']:,} posts and {summary['interactions']:,} acts were written.")

    address = f"http://{HOST}:{options.port or free_port()}"
    port = str(urllib.parse.urlsplit(address).port)
    serving = [product, "serve", "--home", options.home, "--insecure-demo", "--port", port]
    with subprocess.Popen(serving) as service:
        try:
            wait_until_ready(address, service)
            if options.check:
                return check(address, summary)
            print(invitation(address, summary), flush=True)
            return service.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            service.terminate()


def invitation(address: str, summary: dict[str, Any]) -> str:
    """What to open, and the three things to try, each with the pages to look at it."""
    lines = ["", f"Open {address}/ in a browser. Ctrl-C stops it.", "", "Three things to try:"]
    for number, words in enumerate(summary["tries"], 1):
        lines += ["", f"{number}. {words}"]
        for viewer in viewers(words) or [""]:
            eyes = {"as": f"{SOURCE}:{viewer}"} if viewer else {}
            lines.append(f"   {address}/?{urllib.parse.urlencode({'q': question(words), **eyes})}")
    return "\n".join(lines)


def question(words: str) -> str:
    """The question within a thing to try, which reads `Ask: "QUESTION" ...`."""
    return words.split('"')[1]


def viewers(words: str) -> list[str]:
    """The people through whose eyes to look, where a thing to try names them: `as ID (Name, ...) and as ID (...)`."""
    return re.findall(r"\bas (\w+) \(", words.rsplit('"', 1)[1])


def check(address: str, summary: dict[str, Any]) -> int:
    """Ask the first thing to try. 0 where a person of the planted truth is among the first three, else 1."""
    asked = question(summary["tries"][0])
    right = planted(Path(summary["folder"]), asked)
    with urllib.request.urlopen(f"{address}/v1/experts?{urllib.parse.urlencode({'q': asked})}", timeout=30) as answer:
        ranking = json.load(answer)["recommendations"]
    named = [recommendation["subject"]["id"] for recommendation in ranking]
    first = right & set(named[:FIRST])
    print(f"asked: {asked}")
    for place, recommendation in enumerate(ranking[:FIRST], 1):
        mark = "planted" if recommendation["subject"]["id"] in right else ""
        print(f"  {place}. {recommendation['subject']['name']}  {recommendation['score']:.3f}  {mark}")
    print("the demo works" if first else f"the demo does not work: none of {sorted(right)} is among {named[:FIRST]}")
    return 0 if first else 1


def planted(folder: Path, asked: str) -> set[str]:
    """The ids of those who know most about this, as the demo judges. Raises `SystemExit` where nobody does."""
    queries = [json.loads(line) for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    wanted = {query["id"] for query in queries if query["text"] == asked}
    judged = [line.split() for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()]
    grades = {f"{SOURCE}:{person}": int(grade) for query, _, person, grade in judged if query in wanted}
    if not grades:
        raise SystemExit(f"nobody is planted for the question: {asked}")
    return {person for person, grade in grades.items() if grade == max(grades.values())}


def clear(home: Path) -> None:
    """Remove what an earlier demo wrote. Raises `SystemExit` for a folder that no demo wrote."""
    if home.exists() and any(home.iterdir()):
        if not (home / MARK).exists():
            raise SystemExit(f"{home} is not empty and was not written by the demo; name another with --home")
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / MARK).touch()


def free_port() -> int:
    """8000, or where that is taken a port that the system says is free."""
    for port in (8000, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("no port is free")


def wait_until_ready(address: str, service: subprocess.Popen[bytes]) -> None:
    """Return when the service says it is ready. Raises `SystemExit` where it ends, or takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if service.poll() is not None:
            raise SystemExit(f"the service ended with exit code {service.returncode}")
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit(f"the service was not ready within {READY_SECONDS} s")


if __name__ == "__main__":
    raise SystemExit(main())
