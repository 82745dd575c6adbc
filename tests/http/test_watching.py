"""Whatever goes wrong in a look for new facts, the watcher logs it and looks again; readiness says how old it is."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from tests.http.browser import served
from tests.http.client import Client
from tests.http.conftest import NOW

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import StoreUnavailable
from expertfinder.http import Options, create_app
from expertfinder.http.running.watching import LONGEST_PAUSE, STALE_SECONDS, Watcher, pause_after
from expertfinder.index.build import build
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.published import publish
from expertfinder.index.snapshot import Making
from expertfinder.model import ORGANISATION, Post

PATIENCE = 30
"""Seconds after which a test gives up waiting."""
ERRORS: tuple[Callable[[], Exception], ...] = (
    lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "planted"),
    lambda: RuntimeError("planted"),
    lambda: KeyError("planted"),
    lambda: TypeError("planted"),
    lambda: MemoryError("planted"),
    lambda: AssertionError("planted"),
    lambda: PermissionError("planted"),
    lambda: StoreUnavailable("planted"),
)
"""Those that a look may be expected to raise, and those that nobody expects."""


def wait_for(happened: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.02)


def later(number: int) -> Post:
    return Post(
        id=f"acme:later-{number}",
        source="acme",
        authors=("acme:ben",),
        text="Later.",
        created_at=NOW,
        audience=ORGANISATION,
    )


async def at_once(look: Callable[[], None]) -> None:
    look()


@pytest.mark.parametrize("seed", range(20))
def test_the_watcher_goes_on_after_every_error_and_knows_its_last_good_look(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    draw = random.Random(seed)
    planted = [draw.choice([None, *ERRORS]) for _ in range(12)]
    moment, good, ages = 0.0, 0.0, []

    def look() -> None:
        nonlocal moment, good
        ages.append((watcher.age(), moment - good))
        if len(ages) > len(planted):
            raise asyncio.CancelledError
        moment += draw.randrange(1, 50)
        error = planted[len(ages) - 1]
        if error is not None:
            raise error()
        good = moment

    watcher = Watcher(look, pause=1e-9, clock=lambda: moment)
    assert watcher.age() is None
    with pytest.raises(asyncio.CancelledError), caplog.at_level(logging.WARNING, "expertfinder.http"):
        asyncio.run(watcher.run(at_once))
    assert len(ages) == len(planted) + 1
    assert all(told == true for told, true in ages)
    assert caplog.text.count("cannot look for new facts") == sum(error is not None for error in planted)


def test_the_pause_doubles_with_each_failure_up_to_the_longest() -> None:
    pauses = [pause_after(failures, 0.25) for failures in range(1000)]
    assert pauses[:6] == [0.25, 0.5, 1, 2, 4, 8]
    assert set(pauses[6:]) == {LONGEST_PAUSE}
    assert {pause_after(failures, 3600.0) for failures in range(5)} == {3600.0}, "never sooner than without a failure"


def test_a_pointer_of_bytes_that_are_no_text_is_told_and_what_comes_after_it_is_found(
    own_finder: ExpertFinder, caplog: pytest.LogCaptureFixture
) -> None:
    pointer = own_finder.home.index / "current"
    name = pointer.read_bytes()
    options = Options(insecure_demo=True, refresh_seconds=0.02)
    with served(own_finder, options) as address, caplog.at_level(logging.WARNING, "expertfinder.http"):
        for number in range(3):
            caplog.clear()
            pointer.write_bytes(b"\xff\xfe\x80" + name)
            wait_for(lambda: "index/current is damaged" in caplog.text)
            pointer.write_bytes(name)
            own_finder.store.apply([later(number)])
            found = f"{address}/v1/posts/acme:later-{number}"
            wait_for(lambda found=found: httpx.get(found).status_code == 200)  # type: ignore[misc]
        good = {"status": "ok", "last_look_seconds": 0, "index": "current"}
        wait_for(lambda: httpx.get(f"{address}/readyz").json() == good)  # a look takes its time on a busy machine


def test_readiness_tells_the_age_of_the_last_good_look_and_ends_with_it(own_finder: ExpertFinder) -> None:
    class Broken:
        """The store, broken for as long as it is told to be."""

        def __init__(self) -> None:
            self.store = own_finder.store
            self.broken = True
            self.asked = 0

        def __getattr__(self, name: str) -> object:
            return getattr(self.store, name)

        def sequence(self) -> int:
            self.asked += 1
            if self.broken:
                raise RuntimeError("planted")
            return self.store.sequence()

    moment = 1000.0
    options = Options(insecure_demo=True, refresh_seconds=0.02, clock=lambda: moment)
    own_finder.store = broken = Broken()  # type: ignore[assignment]
    with served(own_finder, options) as address:

        def readiness() -> httpx.Response:
            return httpx.get(f"{address}/readyz")

        wait_for(lambda: broken.asked > 0)
        moment += 7.9
        assert readiness().json() == {"status": "ok", "last_look_seconds": 7, "index": "current"}
        moment = 1000.0 + STALE_SECONDS + 0.01
        assert readiness().status_code == 200
        moment += 1
        answer = readiness()
        assert answer.status_code == 503
        assert answer.json()["type"] == "/problems.md#stale"
        assert answer.json()["seconds"] == 61
        assert "planted" not in answer.text, "what is in the way is for the log"
        assert httpx.get(f"{address}/healthz").json() == {"status": "ok"}
        assert httpx.get(f"{address}/v1/experts?q=kubernetes+ingress").status_code == 200, "it answers on"
        broken.broken = False
        wait_for(lambda: readiness().status_code == 200)
        assert readiness().json() == {"status": "ok", "last_look_seconds": 0, "index": "current"}
    own_finder.store = broken.store


def test_where_nothing_looks_readiness_claims_no_age(own_finder: ExpertFinder) -> None:
    app = create_app(own_finder, own_finder.store, Options(clock=lambda: 1e9))
    assert Client(app).get("/readyz").json() == {"status": "ok", "last_look_seconds": None, "index": "current"}


def test_readiness_tells_that_an_index_is_damaged_and_the_one_before_it_answers(
    own_finder: ExpertFinder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    options = Options(insecure_demo=True, refresh_seconds=0.02)
    encode, folder = encoder(DEFAULT), own_finder.home.index
    with served(own_finder, options) as address:

        def state() -> str:
            answer = httpx.get(f"{address}/readyz")
            assert answer.status_code == 200
            return str(answer.json()["index"])

        def asked() -> list[object]:
            return list(httpx.get(f"{address}/v1/experts?q=kubernetes+ingress").json()["recommendations"])

        before = asked()
        assert before
        assert state() == "current"
        made = build(own_finder.store, tmp_path / "made", Making(encode, own_finder.home.secret(), NOW.date()))
        vectors = made / "shared" / "vectors.npy"
        content = bytearray(vectors.read_bytes())
        content[-5] ^= 1
        vectors.write_bytes(content)
        made.rename(folder / made.name)
        publish(folder, made.name)
        wait_for(lambda: state() == "unusable")
        assert "shared/vectors.npy" in caplog.text
        assert asked() == before
        own_finder.store.apply([later(0)])
        wait_for(lambda: httpx.get(f"{address}/v1/posts/acme:later-0").status_code == 200)
        own_finder.home.build_index(own_finder.store, encode=encode, as_of=NOW.date())
        wait_for(lambda: state() == "current")
