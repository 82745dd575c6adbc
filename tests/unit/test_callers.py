"""An index is built and asked wherever Python runs: also where a child could not import what its caller runs."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.guilds import LEDGER, PUMPS, SOURCE, guild, people
from tests.unit.office import opened

PATIENCE = 120
"""Seconds after which a caller is taken to hang. How long one takes is measured elsewhere, on a quiet machine."""
LOOP = """
def searched(graph):
    while True:
        pass
"""
CODE = """
    import fcntl
    from pathlib import Path

    import loop
    from expertfinder.ask.finder import ExpertFinder, Home
    from expertfinder.index.network import communities
    from expertfinder.index.encoders.encoder import encoder
    from expertfinder.model import SHARED, Query

    home, encode = Home(Path("home")), encoder("static-multilingual")
    store = home.open_store()
    right, seconds = communities.searched, communities.LEAST_SECONDS
    communities.searched, communities.LEAST_SECONDS = loop.searched, 1.0
    print("communities after an endless loop:", len(home.build_index(store, encode=encode).detected))
    with open("home/index/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        print("the lock is free")
    communities.searched, communities.LEAST_SECONDS = right, seconds
    print("communities:", len(home.build_index(store, encode=encode).detected))
    store.close()
    finder = ExpertFinder.open(home)
    ranking = finder.find(Query(text="how we care for the pumps"), SHARED)
    print("found:", *sorted(each.subject for each in ranking.recommendations[:6]))
    finder.close()
"""
TOLD = [
    "communities after an endless loop: 0",
    "the lock is free",
    "communities: 2",
    "found: " + " ".join(sorted(f"o:{name}" for name in PUMPS)),
]
THREAD = """
    from threading import Thread

    def work():
    {body}

    thread = Thread(target=work)
    thread.start()
    thread.join()
"""
KERNEL = """
    import sys
    from jupyter_client.manager import KernelManager

    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager = KernelManager(kernel_cmd=command, transport="ipc")
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready()
    answer = client.execute_interactive(sys.stdin.read())
    client.stop_channels()
    manager.shutdown_kernel()
    sys.exit(answer["content"]["status"] != "ok")
"""


def script(code: str) -> list[str]:
    """A file, with no `__main__` guard."""
    Path("script.py").write_text(code)
    return ["script.py"]


def thread(code: str) -> list[str]:
    body = textwrap.dedent(THREAD).format(body=textwrap.indent(code, "    "))
    return script(body)


def string(code: str) -> list[str]:
    return ["-c", code]


def typed(_: str) -> list[str]:
    """Read from standard input: `__main__` has no file."""
    return ["-"]


def kernel(_: str) -> list[str]:
    """A notebook's kernel, which is given the code as a cell."""
    return ["-c", textwrap.dedent(KERNEL)]


@pytest.mark.parametrize("way", [script, thread, string, typed, kernel])
def test_an_index_is_built_from_any_caller_and_an_endless_search_in_it_is_ended(
    way: Callable[[str], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    facts = (SOURCE, *people((*PUMPS, *LEDGER)), *guild("pumps", PUMPS), *guild("ledger", LEDGER))
    opened(tmp_path / "home", facts, index=False).close()
    Path("loop.py").write_text(LOOP)
    code = textwrap.dedent(CODE)
    ran = subprocess.run(
        [sys.executable, *way(code)],
        input=code,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env={**os.environ, "IPYTHONDIR": "ipython", "JUPYTER_DATA_DIR": "jupyter"},
    )
    assert ran.stdout.splitlines() == TOLD, ran.stderr
    assert ran.returncode == 0
