"""The service folds what waits into a new snapshot, by itself, and nothing that is hidden brings that about."""

from __future__ import annotations

import logging
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import httpx
import psutil
import pytest
from tests.http.browser import served
from tests.http.conftest import LEGAL, NOW, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import NotFound
from expertfinder.http import Options
from expertfinder.http.running import reindexing
from expertfinder.http.running.reindexing import Folding
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.published import MANIFEST, sealed, unsealed
from expertfinder.index.snapshot import day_of
from expertfinder.model import ORGANISATION, Interaction, Post, Query, Viewer
from expertfinder.store import Change, Store

DAY = date(2026, 6, 1)
"""The day for which the organisation of these tests was indexed."""
PATIENCE = 60
"""Seconds after which a test gives up."""
QUICK = Options(insecure_demo=True, refresh_seconds=0.05, fold_posts=12)
ASKED = [Query(text=text) for text in ("xylophone tuning", "kubernetes networking", "merger contracts")]


def xylophones(number: int, first: int = 500, **more: object) -> list[Post]:
    """Posts of Ben about something new."""
    words = "Xylophone bars are tuned by filing their middle."
    return [post(n, "ben", f"Xylophone tuning, part {n}", words, **more) for n in range(first, first + number)]


def act(name: str, actor: str, **more: object) -> Interaction:
    """Somebody reviews the first post of Ada."""
    fields = {"object_type": "post", "created_at": NOW, "audience": ORGANISATION, **more}
    return Interaction(
        id=f"acme:{name}", source="acme", actor=f"acme:{actor}", verb="review", object="acme:post-1", **fields
    )  # type: ignore[arg-type]


def wait_for(what: Callable[[], bool]) -> None:
    """Return when it is so."""
    give_up = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < give_up, "it never came to be so"
        time.sleep(0.05)


def answers(finder: ExpertFinder) -> list[object]:
    """What the shared tier and a member of the legal group are answered."""
    return [finder.find(query, viewer) for query in ASKED for viewer in (Viewer(), finder.viewer("acme:dana"))]


def test_a_fold_is_due_when_enough_of_what_everybody_may_read_waits(own_finder: ExpertFinder) -> None:
    own_finder.store.apply(xylophones(2))
    own_finder.refresh()
    assert not own_finder.fold_due(DAY, posts=3)
    own_finder.store.apply([*xylophones(2), act("r1", "ben")])
    own_finder.refresh()
    assert not own_finder.fold_due(DAY, posts=4)
    assert own_finder.fold_due(DAY, posts=3)


def test_what_not_everybody_may_see_brings_no_fold_about(own_finder: ExpertFinder) -> None:
    own_finder.store.apply(
        [
            *xylophones(20, audience=LEGAL),
            act("of-a-group", "ben", audience=LEGAL),
            act("of-somebody-unseen", "ivo"),
            act("of-somebody-hidden", "hana"),
        ]
    )
    assert own_finder.refresh()
    assert own_finder.snapshot.fresh.segment.ids, "the fresh tier has them"
    assert not own_finder.fold_due(DAY, posts=1)


def test_each_day_is_folded_but_for_a_day_that_was_given(own_finder: ExpertFinder) -> None:
    assert not own_finder.fold_due(DAY + timedelta(days=400), posts=1)
    own_finder.home.build_index(own_finder.store, encode=encoder(DEFAULT))
    own_finder.refresh()
    today = day_of(own_finder.snapshot.manifest.as_of).date()
    assert not own_finder.fold_due(today, posts=1)
    assert own_finder.fold_due(today + timedelta(days=1), posts=1)


def test_the_service_folds_by_itself_and_answers_as_if_built_anew(own_finder: ExpertFinder, tmp_path: Path) -> None:
    began = own_finder.snapshot.manifest
    with served(own_finder, QUICK) as address:
        own_finder.store.apply([*xylophones(20), *xylophones(3, first=600, audience=LEGAL)])
        wait_for(lambda: own_finder.snapshot.sequence == own_finder.store.sequence())
        waiting = own_finder.version(Viewer())
        wait_for(lambda: own_finder.snapshot.manifest.name != began.name)
        assert httpx.get(f"{address}/readyz").json()["status"] == "ok"
        folded = own_finder.snapshot
    assert not folded.fresh.segment.ids
    assert folded.manifest.as_of == began.as_of, "the day was given, and stays"
    assert own_finder.version(Viewer()) == waiting, "a fold changes no fact, and so no version"

    shutil.copytree(own_finder.home.folder, tmp_path / "anew")
    shutil.rmtree(tmp_path / "anew" / "index")
    anew = ExpertFinder.open(tmp_path / "anew")
    anew.home.build_index(anew.store, encode=encoder(DEFAULT), as_of=DAY)
    anew.refresh()
    assert answers(own_finder) == answers(anew)
    assert any(ranking.recommendations for ranking in answers(anew))  # type: ignore[attr-defined]
    anew.close()


def test_a_fold_that_fails_is_told_to_the_operator_alone(
    own_finder: ExpertFinder, caplog: pytest.LogCaptureFixture
) -> None:
    lock = own_finder.home.index / "lock"
    lock.unlink()
    lock.mkdir()
    with served(own_finder, QUICK) as address, caplog.at_level(logging.ERROR, "expertfinder.http"):
        own_finder.store.apply(xylophones(20))
        wait_for(lambda: "the fold failed" in caplog.text)
        assert httpx.get(f"{address}/readyz").json()["status"] == "ok"
        assert httpx.get(f"{address}/v1/experts?q=xylophone+tuning").json()["recommendations"]


def test_a_fold_that_failed_is_not_tried_again_at_once(
    own_finder: ExpertFinder, caplog: pytest.LogCaptureFixture
) -> None:
    lock = own_finder.home.index / "lock"
    lock.unlink()
    lock.mkdir()
    own_finder.store.apply(xylophones(20))
    others = set(psutil.Process().children())
    folding = Folding(own_finder, 12)
    folding.look()
    assert len(set(psutil.Process().children()) - others) == 1, "it was tried once"

    def failed() -> bool:
        folding.look()
        return "the fold failed" in caplog.text

    wait_for(failed)
    folding.look()
    assert set(psutil.Process().children()) <= others


def test_what_somebody_published_that_cannot_be_used_here_is_not_folded_over(own_finder: ExpertFinder) -> None:
    index = own_finder.home.index
    own_finder.home.build_index(own_finder.store, encode=encoder(DEFAULT), as_of=DAY)
    made = index / (index / "current").read_text()
    (made / MANIFEST).write_bytes(sealed({**unsealed(made), "encoder": "another"}))
    own_finder.store.apply(xylophones(20))
    others = set(psutil.Process().children())
    folding = Folding(own_finder, 12)
    for _ in range(3):
        folding.look()
    assert own_finder.index_state == "unusable"
    assert own_finder.fold_due(DAY, posts=12)
    assert set(psutil.Process().children()) <= others


def test_a_new_snapshot_answers_only_with_what_came_after_it(own_finder: ExpertFinder) -> None:
    class Watched:
        """The store, and a look at the finder whenever it asks for changes."""

        def __init__(self, store: Store) -> None:
            self._store = store
            self.found = 0

        def __getattr__(self, name: str) -> object:
            return getattr(self._store, name)

        def changes(self, since: int, *, limit: int = 10_000) -> Sequence[Change]:
            try:
                own_finder.person("acme:ben", Viewer())
                self.found += 1
            except NotFound:
                pass
            return self._store.changes(since, limit=limit)

    own_finder.home.build_index(own_finder.store, encode=encoder(DEFAULT), as_of=DAY)  # it still knows Ben
    own_finder.store.hide("acme:ben")
    earlier = own_finder.home.index / "current"
    newer = earlier.read_text()
    own_finder.refresh()
    with pytest.raises(NotFound):
        own_finder.person("acme:ben", Viewer())
    again = own_finder.home.index / f"{newer}-again"
    shutil.copytree(own_finder.home.index / newer, again)
    (again / MANIFEST).write_bytes(sealed({**unsealed(again), "name": again.name}))
    earlier.write_text(again.name)
    own_finder.store = watched = Watched(own_finder.store)  # type: ignore[assignment]
    assert own_finder.refresh()
    assert own_finder.snapshot.manifest.name == again.name
    assert watched.found == 0  # type: ignore[attr-defined]


def test_a_fold_that_does_not_end_when_told_to_is_killed(
    own_finder: ExpertFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(file=sys.stderr, flush=True)"
    child = subprocess.Popen([sys.executable, "-c", f"{deaf}; time.sleep(600)"], stderr=subprocess.PIPE)
    assert child.stderr is not None
    child.stderr.readline()  # from here on it hears no signal
    monkeypatch.setattr(reindexing, "STOP_SECONDS", 0.2)
    folding = Folding(own_finder, None)
    folding._child = child
    folding.stop()
    assert child.returncode == -signal.SIGKILL
