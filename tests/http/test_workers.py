"""Several workers on one home: one answer, one memory of callers, and no end but together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from tests.http.conftest import bearer, make_keys
from typer.testing import CliRunner

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.cli import app
from expertfinder.http.running.memory import Beside
from expertfinder.http.signin.sessions import Identity

PATIENCE = 180
"""Seconds after which a test gives up."""
RECORD = {"authors": ["ben"], "kind": "answer", "title": "Xylophone tuning", "text": "Xylophone bars are filed."}


def wait_for(what: Callable[[], bool]) -> None:
    """Return when it is so."""
    give_up = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < give_up, "it never came to be so"
        time.sleep(0.05)


@contextmanager
def service(home: Path) -> Iterator[tuple[psutil.Process, str]]:
    """Two workers on a home: the process that started them, and their address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "expertfinder", "serve", "--home", str(home), "--port", str(port)]
    environment = {**os.environ, "EXPERTFINDER_REFRESH_SECONDS": "0.05", "EXPERTFINDER_FOLD_POSTS": "100000"}
    with subprocess.Popen([*command, "--workers", "2"], env=environment) as parent:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(lambda: parent.poll() is not None or answers(f"{address}/healthz"))
            assert parent.poll() is None, "it did not start"
            yield psutil.Process(parent.pid), address
        finally:
            parent.terminate()
            parent.wait(PATIENCE)


def answers(address: str) -> bool:
    """Whether somebody answers there."""
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False


def workers_of(parent: psutil.Process) -> list[psutil.Process]:
    """The workers: those of its children that listen."""
    return sorted((one for one in parent.children() if listens(one)), key=lambda one: one.pid)


def listens(process: psutil.Process) -> bool:
    """Whether a process has the socket and the threads of a worker: the one that remembers has no index mapped."""
    try:
        return any("vectors" in one.path or "/index/" in one.path for one in process.memory_maps())
    except psutil.Error:
        return False


@contextmanager
def alone(process: psutil.Process, among: list[psutil.Process]) -> Iterator[None]:
    """Only one of the workers is there to answer."""
    others = [one for one in among if one != process]
    for one in others:
        one.suspend()
    try:
        yield
    finally:
        for one in others:
            one.resume()


def test_two_workers_answer_as_one_and_end_together(own_finder: ExpertFinder) -> None:
    keys = make_keys(own_finder)
    _, counting = issue_key(own_finder.store, scopes=("metrics:read",))
    acknowledged: list[str] = []
    with service(own_finder.home.folder) as (parent, address):
        question = f"{address}/v1/experts?q=kubernetes+networking"
        wait_for(lambda: len(workers_of(parent)) == 2)
        both = workers_of(parent)

        def ask() -> httpx.Response:
            return httpx.get(question, headers=bearer(keys.shared), timeout=PATIENCE)

        told = []
        for one in both:
            with alone(one, both):
                told.append(ask().json())
        assert told[0] == told[1]
        assert told[0]["recommendations"]

        def counted() -> bool:
            told = httpx.get(f"{address}/metrics", headers=bearer(counting), timeout=PATIENCE).text
            return 'method="GET",route="/v1/experts",status="200"} 2.0' in told

        wait_for(counted)  # each worker answered one, and counts it after it has answered

        with alone(both[0], both):
            put = httpx.put(
                f"{address}/v1/posts/acme/fresh", json=RECORD, headers=bearer(keys.ingest), timeout=PATIENCE
            )
            assert put.status_code == 201
        with alone(both[1], both):
            wait_for(
                lambda: (
                    "acme:fresh"
                    in httpx.get(
                        f"{address}/v1/experts?q=xylophone+tuning", headers=bearer(keys.shared), timeout=PATIENCE
                    ).text
                )
            )

        both[0].kill()
        wait_for(lambda: len(set(workers_of(parent)) - {both[0]}) == 2)
        both = workers_of(parent)
        for one in both:
            with alone(one, both):
                assert ask().status_code == 200

        def write() -> None:
            while True:
                place = f"acme/more-{len(acknowledged)}"
                try:
                    done = httpx.put(f"{address}/v1/posts/{place}", json=RECORD, headers=bearer(keys.ingest))
                except httpx.TransportError:
                    return
                if done.status_code == 201:
                    acknowledged.append(place.replace("/", ":"))

        writer = threading.Thread(target=write)
        writer.start()
        wait_for(lambda: len(acknowledged) > 3)
        everybody = parent.children()
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(PATIENCE) == 0
        writer.join(PATIENCE)
    assert not [one for one in everybody if one.is_running()]
    assert {one.id for one in own_finder.store.get("post", acknowledged)} == set(acknowledged)


def remembered_together() -> None:
    """Two workers of one memory, asked in turns. The memory is forked: this runs in a process without threads."""
    beside = Beside(None)
    try:
        one, other = beside.joined(), beside.joined()
        session = one.sessions.open(Identity(subject="ann"))
        cookie = one.sessions.signed(session.name)
        known = other.sessions.of(cookie)
        assert known is not None
        assert known.identity == session.identity
        assert one.sessions.may_ask(session, seconds=60)
        assert not other.sessions.may_ask(session, seconds=60), "a refresh token is used once"
        other.sessions.end(session)
        assert one.sessions.of(cookie) is None
        assert one.once.take("assertion", until=10.0, now=1.0)
        assert not other.once.take("assertion", until=10.0, now=1.0)
        left = [memory.suggesting.take("ann", at_once=2, each_second=0.0) for memory in (one, other, one)]
        assert left == [2.0, 1.0, 0.0]
    finally:
        beside.close()
    assert not beside.alive()


def test_who_signs_in_or_asks_with_one_worker_did_so_with_all() -> None:
    script = "from tests.http.test_workers import remembered_together; remembered_together()"
    subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], timeout=PATIENCE, check=True)


def test_a_home_in_a_server_has_no_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPERTFINDER_RECORD", "neo4j://127.0.0.1:1")
    done = CliRunner().invoke(app, ["serve", "--home", str(tmp_path), "--workers", "2"])
    assert done.exit_code != 0
    assert "share files" in str(done.output) + str(done.exception)
